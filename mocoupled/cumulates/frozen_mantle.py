"""A mantle frozen to its last melt: composition in depth, densities, and an overturn that sorts by density.

Arrays are over cells from the core upwards. What the mantle is made of at some pressure is one mineral MSiO3,
see `structure_at`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..closures.cumulate_density import IRON_MASS, MAGNESIUM_MASS
from ..closures.distillation import distilled, melted
from ..closures.exchange_coefficient import Exchange, exchange_at
from ..closures.iron_magnesium import exchange
from ..interior.cumulate_energies import STRUCTURES as MINERALS
from ..interior.cumulate_energies import volumes

# Structure of MSiO3 by the pressure [Pa] from which on it is taken.
# Pyroxene melts congruently up to 16.5 GPa (Presnall & Gasparik 1990, J. Geophys. Res. 95, 15771).
# From there to the 660-km discontinuity akimotoite stands for majorite, of which no iron end-member is known
# (Manjon-Cabeza Cordoba & Ballmer, arXiv 2605.04840, appendix on mineral systems).
STRUCTURES = ((0.0, "pyroxene"), (16.5e9, "akimotoite"), (23e9, "bridgmanite"))
_MINERALS = np.array([MINERALS.index(name) for _, name in STRUCTURES])
# melt fraction from which on a cell belongs to the magma ocean
FRONT = 0.4
# of the mass of the mantle: the last melt freezes as one parcel, since the last cells would decide otherwise
LAST_MELT = 0.03
# of an adiabat, in each structure
STEPS = 4
# K, K/Pa: solid rock is no hotter; above, shallow pyroxene would be torn apart
HOTTEST, HOTTEST_SLOPE = 2050.0, 40e-9


@dataclass(frozen=True)
class Profile:
    """A mantle from the core upwards, arrays (n,).

    mass [kg], pressure [Pa], temperature [K]; iron: Fe/(Fe + Mg), molar, of all that is in a cell;
    melt_fraction: of the cell. core_radius [m], core_temperature [K].
    """

    mass: np.ndarray
    pressure: np.ndarray
    temperature: np.ndarray
    iron: np.ndarray
    melt_fraction: np.ndarray
    core_radius: float
    core_temperature: float

    @property
    def molten(self) -> float:
        """Melt of the magma ocean, as a share of the mass of the mantle."""
        ocean = self.melt_fraction >= FRONT
        return float(np.sum((self.mass * self.melt_fraction)[ocean]) / self.mass.sum())


def structure_at(pressure: float) -> str:
    """The structure that MSiO3 is taken to have at a pressure [Pa]."""
    return [name for least, name in STRUCTURES if pressure >= least][-1]


def phase_volumes(X: np.ndarray, P: np.ndarray, T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Volume [m3/mol of MSiO3] and its change with temperature [m3/mol/K], with the structure at each P.

    Rock hotter than HOTTEST + HOTTEST_SLOPE P, which would be molten, has the volume at that temperature.
    """
    X, P, T = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (X, P, T)))
    T = np.minimum(T, HOTTEST + HOTTEST_SLOPE * P)
    place = np.searchsorted([least for least, _ in STRUCTURES[1:]], P, side="right")
    return volumes(_MINERALS[place], X, P, T)


def molar_mass(X: np.ndarray) -> np.ndarray:
    """Mass [kg/mol] of (Mg, Fe)SiO3."""
    return MAGNESIUM_MASS * (1 - X) + IRON_MASS * X


def density(X: np.ndarray, P: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Density [kg/m3] at pressures [Pa] and temperatures [K], with the structure at each pressure."""
    return molar_mass(np.asarray(X, dtype=float)) / phase_volumes(X, P, T)[0]


def carried(
    X: np.ndarray, P: np.ndarray, T: np.ndarray, target: np.ndarray, heat_capacity: float
) -> np.ndarray:
    """Temperature [K] of parcels that move without loss of heat from pressures P to `target` [Pa].

    heat_capacity [J/kg/K]. The heat of transitions between structures is left out.
    """
    arrays = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (X, P, T, target)))
    X, P, T, target = (v.ravel() for v in arrays)
    T, capacity, down = T.copy(), molar_mass(X) * heat_capacity, target > P
    edges = [least for least, _ in STRUCTURES] + [np.inf]
    for k in range(len(STRUCTURES)):
        # downwards the structures follow each other in their order, upwards the other way round
        place = np.where(down, k, len(STRUCTURES) - 1 - k)
        low, high = np.take(edges, place), np.take(edges, place + 1) - 1.0
        start, end = np.clip(P, low, high), np.clip(target, low, high)
        here = np.flatnonzero(end != start)
        if here.size:
            T[here] = _climbed(X[here], T[here], start[here], end[here], capacity[here])
    return T.reshape(arrays[0].shape)


def _climbed(
    X: np.ndarray, T: np.ndarray, start: np.ndarray, end: np.ndarray, capacity: np.ndarray
) -> np.ndarray:
    """Temperature [K] at the end of a way within one structure. capacity [J/mol/K]. The midpoint rule."""
    step = (end - start) / STEPS

    def slope(pressure: np.ndarray, temperature: np.ndarray) -> np.ndarray:
        """dT/dP at constant entropy [K/Pa]."""
        return temperature * phase_volumes(X, pressure, temperature)[1] / capacity

    for n in range(STEPS):
        at = start + n * step
        middle = T + 0.5 * step * slope(at, T)
        T = T + step * slope(at + 0.5 * step, middle)
    return T


def completed(profile: Profile, law: Exchange) -> np.ndarray:
    """Fe/(Fe + Mg) (n,) of the cells when the last melt has frozen; law: K_D, a number or a law's name.

    Below the magma ocean a cell keeps its iron. The melt of the ocean freezes fractionally from below,
    without remelting, and its last LAST_MELT (of the mantle) as one parcel. Iron is conserved to rounding.
    """
    phi, mass = profile.melt_fraction, profile.mass
    K = exchange_at(law, profile.pressure)
    ocean = phi >= FRONT
    if not ocean.any():
        return profile.iron.copy()
    melt_iron = melted(np.maximum(phi, 1e-12), profile.iron, K, True)
    melt = np.where(ocean, mass * phi, 0.0)
    left = 1 - np.concatenate([[0.0], np.cumsum(melt)]) / melt.sum()
    left[-1] = 0.0
    X = float(np.sum(melt * melt_iron) / melt.sum())
    last = min(1.0, LAST_MELT * mass.sum() / melt.sum())
    # iron of the melt that is left above each cell, of that of all of it
    iron = np.empty(left.size)
    iron[0] = X
    at, stopped = 1.0, False
    for k in np.arange(phi.size):
        after = max(left[k + 1], last)
        if after < at and not stopped:
            X = float(distilled(after / at, X, K[k]))
            at = after
        stopped = stopped or left[k + 1] <= last
        iron[k + 1] = left[k + 1] * X if stopped else at * X
    grown = -np.diff(iron) * melt.sum()  # iron that freezes in each cell, times mass
    solid = (1 - phi) * exchange(melt_iron, K) * mass
    return np.where(ocean, (solid + grown) / mass, profile.iron)


@dataclass(frozen=True)
class Overturned:
    """A mantle before and after its overturn, arrays (n,) from the core upwards.

    before: Fe/(Fe + Mg) of the frozen mantle; density_before [kg/m3] in place, radius_before (n + 1,) [m].
    order: number of the cell from which each parcel comes.
    mass [kg], pressure [Pa], temperature [K], iron, density [kg/m3]: of the parcels after the overturn.
    radius (n + 1,) [m]: of their faces, as their masses and densities stack on the core.
    """

    before: np.ndarray
    density_before: np.ndarray
    radius_before: np.ndarray
    order: np.ndarray
    mass: np.ndarray
    pressure: np.ndarray
    temperature: np.ndarray
    iron: np.ndarray
    density: np.ndarray
    radius: np.ndarray


def overturned(profile: Profile, iron: np.ndarray, heat_capacity: float) -> Overturned:
    """The mantle sorted by density at one pressure, that in the middle of its mass, the densest at the core.

    iron (n,): Fe/(Fe + Mg) of the frozen cells. Parcels keep their entropy.
    """
    P, T, mass = profile.pressure, profile.temperature, profile.mass
    middle = np.cumsum(mass) - 0.5 * mass
    reference = np.full(P.shape, np.interp(0.5 * mass.sum(), middle, P))
    at_reference = density(iron, reference, carried(iron, P, T, reference, heat_capacity))
    order = np.argsort(-at_reference, kind="stable")
    moved = mass[order]
    pressure = np.interp(np.cumsum(moved) - 0.5 * moved, middle, P)
    temperature = carried(iron[order], P[order], T[order], pressure, heat_capacity)
    after, frozen = density(iron[order], pressure, temperature), density(iron, P, T)
    return Overturned(
        before=iron,
        density_before=frozen,
        radius_before=stacked(mass / frozen, profile.core_radius),
        order=order,
        mass=moved,
        pressure=pressure,
        temperature=temperature,
        iron=iron[order],
        density=after,
        radius=stacked(moved / after, profile.core_radius),
    )


def stacked(volume: np.ndarray, core_radius: float) -> np.ndarray:
    """Radii (n + 1,) [m] of the faces of shells of volumes (n,) [m3] on a core."""
    volumes_below = np.concatenate([[0.0], np.cumsum(volume)])
    return np.cbrt(core_radius**3 + volumes_below * 3 / (4 * np.pi))
