"""Phase diagram MgO-FeO-SiO2 of the lower mantle at one pressure.

Saturation, liquidus, cotectics, K_D and densities.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from ..constants import GAS_CONSTANT
from ..errors import ConvergenceError, InputError
from .end_members import FE_BRIDGMANITE, OXIDE_MASSES, TEMPERATURE_RANGE, state
from .mixing import ANCHOR, PHASES, PRESSURE_RANGE, SPECIES, anchor_energy, check_mixing, programs

FERROPERICLASE, BRIDGMANITE, STISHOVITE = range(len(PHASES))
Values = ArrayLike
STEP = 50.0  # K, between the temperatures of the table
TRACE = 1.0e-12  # mole fraction that stands for none, where its logarithm is needed
TOLERANCE = 1.0e-9  # K, of the liquidus
SATURATED = 1.0e-9  # of a saturation index: 3e-5 J/mol
OXIDES_PER_FORMULA = (1, 2, 1)  # of PHASES


@dataclass(frozen=True, eq=False)
class PhaseDiagram:
    """The ternary at one pressure; made by `phase_diagram`.

    pressure [Pa]; mixing: name of the reading of the liquid's mixing law; anchor [J/mol]:
    W of MgO and SiO2 of "anchored", else 0; temperatures [K] of the table; gibbs, volume:
    cubics in T (power, interval, species), highest power first.
    """

    pressure: float
    mixing: str
    anchor: float
    temperatures: np.ndarray = field(repr=False)
    gibbs: np.ndarray = field(repr=False)
    volume: np.ndarray = field(repr=False)

    def _cubic(self, table: np.ndarray, T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(value, slope in T) of the species, last axis, at T of any shape; NaN outside the table."""
        low, high = self.temperatures[0], self.temperatures[-1]
        inside = (low <= T) & (high >= T)
        T = np.where(inside, T, low)
        k = np.minimum(((T - low) / STEP).astype(int), len(self.temperatures) - 2)
        t = (T - self.temperatures[k])[..., None]
        a, b, c, d = (table[power][k] for power in range(4))
        value, slope = ((a * t + b) * t + c) * t + d, (3 * a * t + 2 * b) * t + c
        gap = np.where(inside, 0.0, np.nan)[..., None]
        return value + gap, slope + gap

    def _arguments(self, x: np.ndarray, T: np.ndarray) -> tuple[np.ndarray | float, ...]:
        G, minus_S = self._cubic(self.gibbs, T)
        x = np.maximum(x, TRACE)
        return (
            *np.moveaxis(x, -1, 0),
            T,
            self.pressure,
            self.anchor,
            *np.moveaxis(G, -1, 0),
            *np.moveaxis(-minus_S, -1, 0),
        )

    def saturation(self, x: Values, T: Values) -> tuple[np.ndarray, np.ndarray]:
        """(indices of PHASES, Fe/(Fe + Mg) of ferropericlase and bridgmanite), last axes 3 and 2.

        x: mole fractions of (FeO, MgO, SiO2) along the last axis; T [K] of the leading shape.
        An index is 0 where the solid is in equilibrium with the melt, above 0 where it would grow.
        """
        x, T = self._shaped(x, T)
        with np.errstate(all="ignore"):
            rows = np.broadcast_arrays(*programs(self.mixing)[0](*self._arguments(x, T)))
        values = np.stack(rows, axis=-1)
        return values[..., :3], values[..., 3:]

    def with_slopes(self, x: Values, T: float) -> tuple[np.ndarray, np.ndarray]:
        """Values (5,) as in `saturation` and slopes (5, 4) along x_FeO, x_MgO, x_SiO2 and T, for one melt."""
        low, table = self.temperatures[0], self.gibbs
        if not low <= T <= self.temperatures[-1]:
            raise ConvergenceError(
                f"{T:g} K is outside the table of the end-members, {low:g} to {self.temperatures[-1]:g} K."
            )
        k = min(int((T - low) / STEP), len(self.temperatures) - 2)
        t = T - self.temperatures[k]
        a, b, c, d = table[0, k], table[1, k], table[2, k], table[3, k]
        G, S = ((a * t + b) * t + c) * t + d, -((3 * a * t + 2 * b) * t + c)
        fractions = [max(float(v), TRACE) for v in np.asarray(x)]
        point = (*fractions, float(T), self.pressure, self.anchor, *G.tolist(), *S.tolist())
        values = np.array(programs(self.mixing, "math")[1](*point))
        return values[:5], values[5:].reshape(5, 4)

    def stable(self, x: Values, T: Values) -> np.ndarray:
        """Whether the liquid x at T [K] is stable against unmixing (array of bool).

        Its free energy is convex there.
        """
        x, T = self._shaped(x, T)
        with np.errstate(all="ignore"):  # T is NaN where there is no liquidus
            FF, SS, FS, _ = programs(self.mixing)[2](*self._arguments(x, T))
            return (FF > 0) & (FF * SS > FS**2)

    def _shaped(self, x: Values, T: Values) -> tuple[np.ndarray, np.ndarray]:
        x, T = np.asarray(x, dtype=float), np.asarray(T, dtype=float)
        shape = np.broadcast_shapes(x.shape[:-1], T.shape)
        return np.broadcast_to(x, (*shape, 3)), np.broadcast_to(T, shape)

    def liquidus(self, x: Values) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(T [K], phase, converged) of melts x (last axis FeO, MgO, SiO2); phase: an index of PHASES.

        The highest temperature at which a solid is in equilibrium with the melt.
        Not converged (T is NaN, phase -1) where there is none within the table, or where the melt would
        unmix above the liquidus.
        """
        x = np.asarray(x, dtype=float)
        points = x.reshape(-1, 3)
        coarse = self.temperatures[::2][::-1]
        above = np.stack(
            [self.saturation(points, np.full(len(points), T))[0].max(axis=-1) for T in coarse]
        )  # falling T
        crossed = (above[:-1] <= 0) & (above[1:] > 0)
        exists = crossed.any(axis=0)
        k = crossed.argmax(axis=0)
        high, low = coarse[k], coarse[np.minimum(k + 1, len(coarse) - 1)]
        T = 0.5 * (low + high)
        for _ in range(60):  # Newton within a bracket
            with np.errstate(all="ignore"):
                rows = programs(self.mixing)[1](*self._arguments(points, T))
            index = np.stack(rows[:3])
            phase = index.argmax(axis=0)
            excess = np.take_along_axis(index, phase[None], axis=0)[0]
            slope = np.take_along_axis(np.stack(rows[8:17:4]), phase[None], axis=0)[0]
            low, high = np.where(excess > 0, T, low), np.where(excess > 0, high, T)
            with np.errstate(all="ignore"):
                new = T - excess / slope
            new = np.where((new >= low) & (new <= high), new, 0.5 * (low + high))
            done = ~exists | (np.abs(new - T) < TOLERANCE) | (excess == 0)
            T = np.where(excess == 0, T, new)
            if done.all():
                break
        converged = exists & done & self.stable(points, T)
        shape = x.shape[:-1]
        return (
            np.where(converged, T, np.nan).reshape(shape),
            np.where(converged, phase, -1).reshape(shape),
            converged.reshape(shape),
        )

    def cotectic(
        self, first: int, second: int, iron: Values
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """(x, T [K], y, converged) where the phases `first` and `second` crystallise together.

        iron: Fe/(Fe + Mg) of the melt.

        x: (..., 3); y: (..., 2), Fe/(Fe + Mg) of ferropericlase and bridgmanite.
        Not converged (NaN) where there is no such melt or a third solid is stable.
        """
        fractions = np.asarray(iron, dtype=float)
        r = fractions.reshape(-1)
        exists, silica, T, (low, high) = self._cotectic_bracket(first, second, r)
        for _ in range(30):  # Newton in both saturation indices, within the bracket
            to_silica, to_T = self._cotectic_step(first, second, r, (silica, T))
            silica, T = np.clip(silica + to_silica, low, high), T + np.clip(to_T, -300.0, 300.0)
            if not (exists & ~(np.abs(to_silica) + np.abs(to_T) / 1000 < 1e-13)).any():
                break
        x = _melt(r, silica)
        index, y = self.saturation(x, T)
        other = 3 - first - second
        converged = (
            exists
            & (np.abs(index[:, [first, second]]) < SATURATED).all(axis=1)
            & (index[:, other] < SATURATED)
            & self.stable(x, T)
        )
        x, y = (np.where(converged[:, None], v, np.nan) for v in (x, y))
        shape = fractions.shape
        return (
            x.reshape(*shape, 3),
            np.where(converged, T, np.nan).reshape(shape),
            y.reshape(*shape, 2),
            converged.reshape(shape),
        )

    def _cotectic_bracket(
        self, first: int, second: int, r: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """Whether a cotectic exists, its SiO2 and T [K] by interpolation, and bounds of SiO2.

        r (n,): Fe/(Fe + Mg) of the melt.
        """
        grid = np.linspace(0.02, 0.98, 49)
        points = _melt(r, np.broadcast_to(grid[:, None], (len(grid), len(r))))
        hot, _, _ = self.liquidus(points)
        index, _ = self.saturation(points, hot)
        # how much more saturated the liquidus melt is in `second`
        ahead = index[..., second] - index[..., first]
        crossed = (ahead[:-1] <= 0) & (ahead[1:] > 0)
        exists = crossed.any(axis=0)
        k = crossed.argmax(axis=0)
        (f_low, f_high), (T_low, T_high) = (
            [np.take_along_axis(v, j[None], axis=0)[0] for j in (k, k + 1)] for v in (ahead, hot)
        )
        share = np.where(exists, -f_low / np.where(exists, f_high - f_low, 1.0), 0.5)
        silica, T = grid[k] + share * (grid[1] - grid[0]), T_low + share * (T_high - T_low)
        return exists, silica, T, (grid[k], grid[k + 1])

    def _cotectic_step(
        self, first: int, second: int, r: np.ndarray, point: tuple[np.ndarray, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Newton's steps of SiO2 and T [K] towards the saturation in both solids; point: SiO2 and T (n,)."""
        silica, T = point
        with np.errstate(all="ignore"):
            rows = programs(self.mixing)[1](*self._arguments(_melt(r, silica), T))
            values = [rows[first], rows[second]]
            # along silica: FeO and MgO are replaced in their proportion
            slopes = [
                (rows[5 + 4 * m + 2] - r * rows[5 + 4 * m] - (1 - r) * rows[6 + 4 * m], rows[8 + 4 * m])
                for m in (first, second)
            ]
            determinant = slopes[0][0] * slopes[1][1] - slopes[1][0] * slopes[0][1]
            to_silica = (values[1] * slopes[0][1] - values[0] * slopes[1][1]) / determinant
            to_T = (values[0] * slopes[1][0] - values[1] * slopes[0][0]) / determinant
        return to_silica, to_T

    def exchange(self, T: Values) -> np.ndarray:
        """K_D [-] of iron and magnesium at T [K]: (Fe/Mg) of bridgmanite over (Fe/Mg) of ferropericlase."""
        G, _ = self._cubic(self.gibbs, np.asarray(T, dtype=float))
        wustite, periclase, iron, magnesium = (G[..., k] for k in range(3, 7))
        return np.exp(
            -((iron - magnesium) - (wustite - periclase)) / (GAS_CONSTANT * np.asarray(T, dtype=float))
        )

    def melt_volume(self, x: Values, T: Values) -> np.ndarray:
        """Molar volume [m3 per mole of oxides] of melts x (last axis) at T [K]."""
        x, T = self._shaped(x, T)
        pure, _ = self._cubic(self.volume, T)
        return np.sum(x * pure[..., :3], axis=-1) + programs(self.mixing)[2](*self._arguments(x, T))[3]

    def melt_density(self, x: Values, T: Values) -> np.ndarray:
        """Density [kg/m3] of melts x (last axis) at T [K]."""
        return np.asarray(x, dtype=float) @ np.array(OXIDE_MASSES) / self.melt_volume(x, T)

    def solid_volume(self, phase: int, T: Values, y: float | np.ndarray = 0.0) -> np.ndarray:
        """Molar volume [m3 per mole of oxides] of a solid of Fe/(Fe + Mg) y at T [K]; phase.

        An index of PHASES.
        """
        pure, _ = self._cubic(self.volume, np.asarray(T, dtype=float))
        if phase == STISHOVITE:
            return pure[..., 7]
        first = 3 + 2 * phase
        return (y * pure[..., first] + (1 - y) * pure[..., first + 1]) / OXIDES_PER_FORMULA[phase]

    def solid_density(self, phase: int, T: Values, y: float | np.ndarray = 0.0) -> np.ndarray:
        """Density [kg/m3] of a solid of Fe/(Fe + Mg) y at T [K]; phase: an index of PHASES."""
        return solid_oxides(phase, y) @ np.array(OXIDE_MASSES) / self.solid_volume(phase, T, y)


def _melt(r: np.ndarray, silica: np.ndarray) -> np.ndarray:
    """Mole fractions (..., 3) of melts with Fe/(Fe + Mg) r and a mole fraction of SiO2."""
    return np.stack([r * (1 - silica), (1 - r) * (1 - silica), silica], axis=-1)


def solid_oxides(phase: int, y: Values) -> np.ndarray:
    """Mole fractions of (FeO, MgO, SiO2), last axis, of a solid of Fe/(Fe + Mg) y; phase.

    An index of PHASES.
    """
    y = np.asarray(y, dtype=float)
    unity, zero = np.ones_like(y), np.zeros_like(y)
    if phase == STISHOVITE:
        return np.stack([zero, zero, unity], axis=-1)
    silica = 0.5 * unity if phase == BRIDGMANITE else zero
    return np.stack([y * (1 - silica), (1 - y) * (1 - silica), silica], axis=-1)


def check_pressure(pressure: float) -> float:
    """The pressure [Pa] as a number; InputError, with the reason, outside 25-136 GPa."""
    low, high = PRESSURE_RANGE
    if low <= pressure <= high:
        return float(pressure)
    if pressure < low:
        why = (
            "below, bridgmanite is metastable: "
            "majorite and ringwoodite, which the model does not have, are stable"
        )
    else:
        why = "the mantle ends there"
    problem = f"outside the melting model of the lower mantle ({why})."
    if pressure != pressure:
        problem = "this is not a number."
    allowed = f"allowed: {low / 1e9:g} to {high / 1e9:g} GPa"
    raise InputError(f"pressure = {pressure / 1e9:g} GPa", problem, allowed)


def _check_anchor(temperature: float | None, mixing: str) -> None:
    """InputError for a melting temperature [K] of MgSiO3 that the reading does not take, or no mantle has."""
    if temperature is None:
        return
    where = f"anchor_temperature = {temperature:g} K"
    if mixing != "anchored":
        raise InputError(where, f"the reading {mixing!r} takes none.", "allowed: with mixing 'anchored'")
    if not 2000.0 <= temperature <= 6500.0:
        problem = "no melting temperature of MgSiO3 in the lower mantle."
        raise InputError(where, problem, "allowed: 2000 to 6500 K")


def _anchor(pressure: float, temperature: float | None) -> float:
    """The anchor [J/mol] at a pressure [Pa]; temperature [K].

    Where MgSiO3 melts, None for the curve ANCHOR.
    """
    from scipy.interpolate import PchipInterpolator

    if temperature is None:
        melts = float(PchipInterpolator(*np.transpose(ANCHOR))(pressure / 1e9))
    else:
        melts = float(temperature)
    names = [SPECIES[k].name for k in (6, 1, 2)]
    return anchor_energy(melts, [float(state(name, pressure, melts).gibbs_energy) for name in names])


@lru_cache(maxsize=32)
def phase_diagram(
    pressure: float,
    mixing: str = "full",
    anchor_temperature: float | None = None,
    exchange_factor: float = 1.0,
) -> PhaseDiagram:
    """The ternary at `pressure` [Pa], 25-136 GPa.

    mixing: reading of the liquid's mixing law, see `mixing.readings`.
    anchor_temperature [K]: for "anchored", the melting temperature of MgSiO3 at this pressure
    (default: the illustrative curve `mixing.ANCHOR`).
    exchange_factor: an empirical factor on K_D of Fe and Mg, bridgmanite over ferropericlase, for what the
    system lacks (2 for the Al2O3 and ferric iron of pyrolite:
    Nabiei et al. 2021 have 0.6, the model 0.3 at 3100 K).
    It stabilises FeSiO3 in bridgmanite. Raises InputError for any other input.
    """
    from scipy.interpolate import CubicHermiteSpline, CubicSpline

    pressure, mixing = check_pressure(pressure), check_mixing(mixing)
    _check_anchor(anchor_temperature, mixing)
    if not 0.1 <= exchange_factor <= 10:
        where = f"exchange_factor = {exchange_factor!r}"
        raise InputError(where, "this is not a factor on K_D of Fe and Mg.", "allowed: 0.1 to 10")
    T = np.arange(TEMPERATURE_RANGE[0], TEMPERATURE_RANGE[1] + 1.0, STEP)
    states = [state(species.name, pressure, T) for species in SPECIES]
    G = np.stack([s.gibbs_energy for s in states], axis=-1)
    V = np.stack([s.volume for s in states], axis=-1)
    S = np.stack([s.entropy for s in states], axis=-1)
    is_iron = np.array([species is FE_BRIDGMANITE for species in SPECIES])
    richer = GAS_CONSTANT * np.log(exchange_factor) * is_iron
    G, S = G - richer * T[:, None], S + richer
    there = np.isfinite(G).all(axis=-1)
    last = len(T) if there.all() else int(np.argmin(there))  # hotter, a solid is beyond its spinodal
    T, G, V, S = T[:last], G[:last], V[:last], S[:last]
    anchor = _anchor(pressure, anchor_temperature) if mixing == "anchored" else 0.0
    return PhaseDiagram(pressure, mixing, anchor, T, CubicHermiteSpline(T, G, -S).c, CubicSpline(T, V).c)
