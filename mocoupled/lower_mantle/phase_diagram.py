"""Phase diagram MgO-FeO-SiO2 of the lower mantle at one pressure: saturation, liquidus, cotectics, K_D and densities."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from ..constants import GAS_CONSTANT
from ..errors import ConvergenceError, InputError
from . import end_members
from .end_members import FE_BRIDGMANITE, OXIDE_MASSES
from .mixing import ANCHOR, PHASES, PRESSURE_RANGE, SPECIES, anchor_energy, check_mixing, programs

FERROPERICLASE, BRIDGMANITE, STISHOVITE = range(len(PHASES))
STEP = 50.0  # K, between the temperatures of the table
TRACE = 1.0e-12  # mole fraction that stands for none, where its logarithm is needed
TOLERANCE = 1.0e-9  # K, of the liquidus
SATURATED = 1.0e-9  # of a saturation index: 3e-5 J/mol
OXIDES_PER_FORMULA = (1, 2, 1)  # of PHASES


@dataclass(frozen=True, eq=False)
class PhaseDiagram:
    """The ternary at one pressure; made by `phase_diagram`.

    pressure [Pa]; mixing: name of the reading of the liquid's mixing law; anchor [J/mol]: W of MgO and SiO2 of "anchored",
    else 0; temperatures [K] of the table; gibbs, volume: cubics in T (power, interval, species), highest power first.
    """

    pressure: float
    mixing: str
    anchor: float
    temperatures: np.ndarray = field(repr=False)
    gibbs: np.ndarray = field(repr=False)
    volume: np.ndarray = field(repr=False)

    def _cubic(self, table, T):
        """(value, slope in T) of the species, last axis, at T of any shape; NaN outside the table."""
        low, high = self.temperatures[0], self.temperatures[-1]
        inside = (T >= low) & (T <= high)
        T = np.where(inside, T, low)
        k = np.minimum(((T - low) / STEP).astype(int), len(self.temperatures) - 2)
        t = (T - self.temperatures[k])[..., None]
        a, b, c, d = (table[power][k] for power in range(4))
        value, slope = ((a * t + b) * t + c) * t + d, (3 * a * t + 2 * b) * t + c
        gap = np.where(inside, 0.0, np.nan)[..., None]
        return value + gap, slope + gap

    def _arguments(self, x, T):
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

    def saturation(self, x, T):
        """(indices of PHASES, Fe/(Fe + Mg) of ferropericlase and bridgmanite), last axes 3 and 2.

        x: mole fractions of (FeO, MgO, SiO2) along the last axis; T [K] of the leading shape. An index is 0 where the solid
        is in equilibrium with the melt, above 0 where it would grow.
        """
        x, T = self._shaped(x, T)
        with np.errstate(all="ignore"):
            found = np.stack(np.broadcast_arrays(*programs(self.mixing)[0](*self._arguments(x, T))), axis=-1)
        return found[..., :3], found[..., 3:]

    def with_slopes(self, x, T):
        """Plain numbers for one melt: (5 values as of `saturation`, 5 x 4 slopes along x_FeO, x_MgO, x_SiO2 and T)."""
        low, table = self.temperatures[0], self.gibbs
        if not low <= T <= self.temperatures[-1]:
            raise ConvergenceError(
                f"{T:g} K is outside the table of the end-members, {low:g} to {self.temperatures[-1]:g} K."
            )
        k = min(int((T - low) / STEP), len(self.temperatures) - 2)
        t = T - self.temperatures[k]
        a, b, c, d = table[0, k], table[1, k], table[2, k], table[3, k]
        G, S = ((a * t + b) * t + c) * t + d, -((3 * a * t + 2 * b) * t + c)
        x = [max(float(v), TRACE) for v in x]
        found = np.array(
            programs(self.mixing, "math")[1](
                *x, float(T), self.pressure, self.anchor, *G.tolist(), *S.tolist()
            )
        )
        return found[:5], found[5:].reshape(5, 4)

    def stable(self, x, T):
        """Whether the liquid x at T [K] is stable against unmixing (its free energy is convex there), array of bool."""
        x, T = self._shaped(x, T)
        with np.errstate(all="ignore"):  # T is NaN where there is no liquidus
            FF, SS, FS, _ = programs(self.mixing)[2](*self._arguments(x, T))
            return (FF > 0) & (FF * SS > FS**2)

    def _shaped(self, x, T):
        x, T = np.asarray(x, dtype=float), np.asarray(T, dtype=float)
        shape = np.broadcast_shapes(x.shape[:-1], T.shape)
        return np.broadcast_to(x, (*shape, 3)), np.broadcast_to(T, shape)

    def liquidus(self, x):
        """(T [K], phase, converged) of melts x (last axis FeO, MgO, SiO2); phase: an index of PHASES.

        The highest temperature at which a solid is in equilibrium with the melt. Not converged (T is NaN, phase -1) where
        there is none within the table, or where the melt would unmix above the liquidus.
        """
        x = np.asarray(x, dtype=float)
        points = x.reshape(-1, 3)
        coarse = self.temperatures[::2][::-1]
        above = np.stack(
            [self.saturation(points, np.full(len(points), T))[0].max(axis=-1) for T in coarse]
        )  # falling T
        crossed = (above[:-1] <= 0) & (above[1:] > 0)
        found = crossed.any(axis=0)
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
            done = ~found | (np.abs(new - T) < TOLERANCE) | (excess == 0)
            T = np.where(excess == 0, T, new)
            if done.all():
                break
        converged = found & done & self.stable(points, T)
        shape = x.shape[:-1]
        return (
            np.where(converged, T, np.nan).reshape(shape),
            np.where(converged, phase, -1).reshape(shape),
            converged.reshape(shape),
        )

    def cotectic(self, first: int, second: int, iron):
        """(x, T [K], y, converged) where the phases `first` and `second` crystallise together from a melt of Fe/(Fe + Mg) `iron`.

        x: (..., 3); y: (..., 2), Fe/(Fe + Mg) of ferropericlase and bridgmanite. Not converged (NaN) where there is no such melt
        or a third solid is stable.
        """
        iron = np.asarray(iron, dtype=float)
        r = iron.reshape(-1)

        def melt(silica):
            return np.stack([r * (1 - silica), (1 - r) * (1 - silica), silica], axis=-1)

        grid = np.linspace(0.02, 0.98, 49)
        points = melt(np.broadcast_to(grid[:, None], (len(grid), len(r))))
        hot, _, _ = self.liquidus(points)
        index, _ = self.saturation(points, hot)
        ahead = (
            index[..., second] - index[..., first]
        )  # how much more saturated the liquidus melt is in `second`
        crossed = (ahead[:-1] <= 0) & (ahead[1:] > 0)
        found = crossed.any(axis=0)
        k = crossed.argmax(axis=0)
        (f_low, f_high), (T_low, T_high) = (
            [np.take_along_axis(v, j[None], axis=0)[0] for j in (k, k + 1)] for v in (ahead, hot)
        )
        share = np.where(found, -f_low / np.where(found, f_high - f_low, 1.0), 0.5)
        silica, T = grid[k] + share * (grid[1] - grid[0]), T_low + share * (T_high - T_low)
        low, high = grid[k], grid[k + 1]
        for _ in range(30):  # Newton in both saturation indices, within the bracket
            with np.errstate(all="ignore"):
                rows = programs(self.mixing)[1](*self._arguments(melt(silica), T))
                values = [rows[first], rows[second]]
                # along silica: FeO and MgO are replaced in their proportion
                slopes = [
                    (rows[5 + 4 * m + 2] - r * rows[5 + 4 * m] - (1 - r) * rows[6 + 4 * m], rows[8 + 4 * m])
                    for m in (first, second)
                ]
                determinant = slopes[0][0] * slopes[1][1] - slopes[1][0] * slopes[0][1]
                to_silica = (values[1] * slopes[0][1] - values[0] * slopes[1][1]) / determinant
                to_T = (values[0] * slopes[1][0] - values[1] * slopes[0][0]) / determinant
            silica, T = np.clip(silica + to_silica, low, high), T + np.clip(to_T, -300.0, 300.0)
            if not (found & ~(np.abs(to_silica) + np.abs(to_T) / 1000 < 1e-13)).any():
                break
        x = melt(silica)
        index, y = self.saturation(x, T)
        other = 3 - first - second
        converged = (
            found
            & (np.abs(index[:, [first, second]]) < SATURATED).all(axis=1)
            & (index[:, other] < SATURATED)
            & self.stable(x, T)
        )
        x, y = (np.where(converged[:, None], v, np.nan) for v in (x, y))
        shape = iron.shape
        return (
            x.reshape(*shape, 3),
            np.where(converged, T, np.nan).reshape(shape),
            y.reshape(*shape, 2),
            converged.reshape(shape),
        )

    def exchange(self, T):
        """K_D [-] of iron and magnesium between bridgmanite and ferropericlase at T [K]: (Fe/Mg) of one over (Fe/Mg) of the other."""
        G, _ = self._cubic(self.gibbs, np.asarray(T, dtype=float))
        wustite, periclase, iron, magnesium = (G[..., k] for k in range(3, 7))
        return np.exp(
            -((iron - magnesium) - (wustite - periclase)) / (GAS_CONSTANT * np.asarray(T, dtype=float))
        )

    def melt_volume(self, x, T):
        """Molar volume [m3 per mole of oxides] of melts x (last axis) at T [K]."""
        x, T = self._shaped(x, T)
        pure, _ = self._cubic(self.volume, T)
        return np.sum(x * pure[..., :3], axis=-1) + programs(self.mixing)[2](*self._arguments(x, T))[3]

    def melt_density(self, x, T):
        """Density [kg/m3] of melts x (last axis) at T [K]."""
        return np.asarray(x, dtype=float) @ np.array(OXIDE_MASSES) / self.melt_volume(x, T)

    def solid_volume(self, phase: int, T, y=0.0):
        """Molar volume [m3 per mole of oxides] of a solid of Fe/(Fe + Mg) y at T [K]; phase: an index of PHASES."""
        pure, _ = self._cubic(self.volume, np.asarray(T, dtype=float))
        if phase == STISHOVITE:
            return pure[..., 7]
        first = 3 + 2 * phase
        return (y * pure[..., first] + (1 - y) * pure[..., first + 1]) / OXIDES_PER_FORMULA[phase]

    def solid_density(self, phase: int, T, y=0.0):
        """Density [kg/m3] of a solid of Fe/(Fe + Mg) y at T [K]; phase: an index of PHASES."""
        return solid_oxides(phase, y) @ np.array(OXIDE_MASSES) / self.solid_volume(phase, T, y)


def solid_oxides(phase: int, y):
    """Mole fractions of (FeO, MgO, SiO2), last axis, of a solid of Fe/(Fe + Mg) y; phase: an index of PHASES."""
    y = np.asarray(y, dtype=float)
    one, none = np.ones_like(y), np.zeros_like(y)
    if phase == STISHOVITE:
        return np.stack([none, none, one], axis=-1)
    silica = 0.5 * one if phase == BRIDGMANITE else none
    return np.stack([y * (1 - silica), (1 - y) * (1 - silica), silica], axis=-1)


def check_pressure(pressure: float) -> float:
    """The pressure [Pa] as a number; InputError, with the reason, outside 25-136 GPa."""
    low, high = PRESSURE_RANGE
    if not low <= pressure <= high:  # also NaN
        why = (
            "below, bridgmanite is metastable: majorite and ringwoodite, which the model does not have, are stable"
            if pressure < low
            else "the mantle ends there"
        )
        raise InputError(
            f"pressure = {pressure / 1e9:g} GPa", f"outside the melting model of the lower mantle ({why})." if pressure == pressure else "this is not a number.",
            f"allowed: {low / 1e9:g} to {high / 1e9:g} GPa",
        )  # fmt: skip
    return float(pressure)


@lru_cache(maxsize=32)
def phase_diagram(
    pressure: float,
    mixing: str = "full",
    anchor_temperature: float | None = None,
    exchange_factor: float = 1.0,
) -> PhaseDiagram:
    """The ternary at `pressure` [Pa], 25-136 GPa.

    mixing: reading of the liquid's mixing law, see `fms_mixing.readings`. anchor_temperature [K]: for "anchored", the melting
    temperature of MgSiO3 at this pressure (default: the illustrative curve `fms_mixing.ANCHOR`). exchange_factor: an empirical factor on
    K_D of Fe and Mg, bridgmanite over ferropericlase, for what the system lacks (2 for the Al2O3 and ferric iron of pyrolite:
    Nabiei et al. 2021 have 0.6, the model 0.3 at 3100 K); it stabilises FeSiO3 in bridgmanite. InputError for any other input.
    """
    from scipy.interpolate import CubicHermiteSpline, CubicSpline, PchipInterpolator

    pressure, mixing = check_pressure(pressure), check_mixing(mixing)
    if anchor_temperature is not None and mixing != "anchored":
        raise InputError(
            f"anchor_temperature = {anchor_temperature:g} K",
            f"the reading {mixing!r} takes none.",
            "allowed: with mixing 'anchored'",
        )
    if anchor_temperature is not None and not 2000.0 <= anchor_temperature <= 6500.0:
        raise InputError(
            f"anchor_temperature = {anchor_temperature:g} K",
            "no melting temperature of MgSiO3 in the lower mantle.",
            "allowed: 2000 to 6500 K",
        )
    if not 0.1 <= exchange_factor <= 10:
        raise InputError(
            f"exchange_factor = {exchange_factor!r}", "no factor on K_D of Fe and Mg.", "allowed: 0.1 to 10"
        )
    T = np.arange(end_members.TEMPERATURE_RANGE[0], end_members.TEMPERATURE_RANGE[1] + 1.0, STEP)
    states = [end_members.state(one.name, pressure, T) for one in SPECIES]
    G, V, S = (
        np.stack([getattr(s, name) for s in states], axis=-1)
        for name in ("gibbs_energy", "volume", "entropy")
    )
    richer = GAS_CONSTANT * np.log(exchange_factor) * np.array([one is FE_BRIDGMANITE for one in SPECIES])
    G, S = G - richer * T[:, None], S + richer
    there = np.isfinite(G).all(axis=-1)
    last = len(T) if there.all() else int(np.argmin(there))  # hotter, a solid is beyond its spinodal
    T, G, V, S = T[:last], G[:last], V[:last], S[:last]
    anchor = 0.0
    if mixing == "anchored":
        melts = (
            float(PchipInterpolator(*np.transpose(ANCHOR))(pressure / 1e9))
            if anchor_temperature is None
            else float(anchor_temperature)
        )
        anchor = anchor_energy(
            melts,
            [float(end_members.state(SPECIES[k].name, pressure, melts).gibbs_energy) for k in (6, 1, 2)],
        )
    return PhaseDiagram(pressure, mixing, anchor, T, CubicHermiteSpline(T, G, -S).c, CubicSpline(T, V).c)
