"""Tables of remelting over the temperature of the pile as well, for a pile that pays for its melts.

The third coordinate is the warmth T_pile/T_top - 1, with both potential temperatures at the top of the pile.
The closures are those of remelting.py at the temperature of the base at which its mean with the top is that
of the pile.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..closures.distillation import pile_iron
from ..dae.leaves.hermite_cubics import HERMITE
from ..dae.leaves.smooth_surface import Surface
from ..errors import InputError
from ..schema.buffering_case import BufferingCase
from ..schema.buffering_keys import LAW
from .local_exchange import Values
from .remelting import Grid, Remelting, remelt
from .remelting_equations import compiled
from .remelting_tables import Clamped, axes, coordinates, spot_of

# solid fractions and shares of the tables
GRID = 64, 24
# knots of the warmth, closer where it is small: what melts grows as its power 5/3
WARMTHS, POWER = 32, 3
INTERIOR = "mean"
# solid fraction, iron of ocean and pile (n,)
State = tuple[np.ndarray, np.ndarray, np.ndarray]
# of a warmth
Rates = Callable[[float], tuple[np.ndarray, np.ndarray]]


def check_interior(case: BufferingCase) -> None:
    """InputError for a case whose interior has no temperature but that of the top, or with a law of K_D."""
    if LAW in case.readings:
        raise InputError(
            f"exchange_coefficient = {case.exchange!r}",
            "with energy = 'conserved' the pile has one exchange coefficient.",
            "allowed: a number",
            "choose energy = 'prescribed' for a law of pressure",
        )
    reading = case.readings["interior"]
    if reading != INTERIOR:
        raise InputError(
            f"interior = {reading!r}",
            "with energy = 'conserved' the interior of the pile has a temperature of its balance.",
            f"allowed: interior = {INTERIOR!r}",
            "choose energy = 'prescribed' for this reading",
        )


def warm_values(case: BufferingCase, state: State, warmth: np.ndarray) -> Values:
    """The values of the case with the temperature below the pile at which its interior has a warmth (n,)."""
    top, base = ends(case, state)
    hottest = case.values["core_temperature"]
    return {**case.values, "core_temperature": hottest * top * (1 + 2 * warmth) / base}


def remelt_warm(case: BufferingCase, state: State, warmth: np.ndarray, grid: Grid | None = None) -> Remelting:
    """Remelting of piles of a warmth (n,)."""
    return remelt(*state, warm_values(case, state, warmth), case.readings, grid)


def prescribed_warmth(case: BufferingCase, state: State) -> np.ndarray:
    """Warmth (n,) of the pile half-way between its top and the core of the case."""
    top, base = ends(case, state)
    return 0.5 * (base / top - 1)


def ends(case: BufferingCase, state: State) -> tuple[np.ndarray, np.ndarray]:
    """Potential temperatures [K] of top and base (n,) on the core of the case."""
    code = compiled(case.readings)
    with np.errstate(all="ignore"):
        values = dict(zip(code.names, code.state(*state, *(case.values[n] for n in code.parameters))))
    return values["top"], values["base"]


class WarmTables:
    """Melt and its iron, relative to the mass of the pile [1/s], over two coordinates and the warmth.

    axes: solid fraction and the second coordinate. rates: of a warmth, at every point of both axes, as shares
    of the mantle (points,). A knot of the warmth is computed when a run first comes near it.
    """

    def __init__(self, axes: tuple[np.ndarray, np.ndarray], knots: np.ndarray, rates: Rates):
        self._f, self._w = axes
        self._computed = rates
        self.knots: list[float] = knots.tolist()
        self._rates: dict[int, tuple[np.ndarray, ...]] = {}
        self._surfaces: dict[tuple[int, int], tuple[Clamped, Clamped]] = {}

    def leaves(self) -> tuple[Warm, Warm]:
        """Melt and its iron as functions (orders, solid fraction, second coordinate, warmth)."""
        return Warm(self, 0), Warm(self, 1)

    def rates(self, k: int) -> tuple[np.ndarray, ...]:
        """Melt and its iron at a knot; both are 0 at the first, where nothing convects."""
        if k == 0:
            return (np.zeros((self._f.size, self._w.size)),) * 2
        if k not in self._rates:
            f = self._f[:, None]
            self._rates[k] = tuple(v.reshape(f.size, -1) / f for v in self._computed(self.knots[k]))
        return self._rates[k]

    def surfaces(self, column: int, k: int) -> tuple[Clamped, Clamped]:
        """One of RATES at a knot, and its slope in the warmth, by which nothing overshoots."""
        if (column, k) not in self._surfaces:
            low, high = max(k - 1, 0), min(k + 1, len(self.knots) - 1)
            near = np.array([self.rates(j)[column] for j in range(low, high + 1)])
            slope = gentle_slope(np.diff(self.knots[low : high + 1]), np.diff(near, axis=0))
            grid = self._f, self._w
            made = (Clamped(Surface(*grid, v, monotone=True)) for v in (self.rates(k)[column], slope))
            self._surfaces[column, k] = next(made), next(made)
        return self._surfaces[column, k]


def gentle_slope(steps: np.ndarray, rises: np.ndarray) -> np.ndarray:
    """Slope at a knot from the steps (1 or 2,) beside it and the rises (1 or 2, ...) of the values over them.

    Fritsch & Butland 1984: the weighted harmonic mean of both slopes, 0 between slopes of different sign; the
    slope itself where there is one. What is interpolated with it does not overshoot.
    """
    slopes = rises / steps.reshape(-1, *[1] * (rises.ndim - 1))
    if len(steps) == 1:
        return slopes[0]
    before, after = slopes
    first, second = 2 * steps[1] + steps[0], steps[1] + 2 * steps[0]
    both = before * after
    weighted = first * after + second * before
    return np.divide((first + second) * both, weighted, out=np.zeros_like(both), where=both > 0)


@dataclass(frozen=True)
class Warm:
    """One of RATES [1/s] over solid fraction, share of the ocean and warmth: cubics between knots of warmth.

    Beyond the ends it keeps its values.
    """

    tables: WarmTables
    column: int

    def __call__(self, orders: tuple[int, int, int], f: float, share: float, warmth: float) -> float:
        knots = self.tables.knots
        at = min(max(warmth, knots[0]), knots[-1])
        if orders[2] and at != warmth:
            return 0.0
        k = min(bisect_right(knots, at), len(knots) - 1) - 1
        step = knots[k + 1] - knots[k]
        total, inner = 0.0, orders[:2]
        spot = spot_of(self.tables.surfaces(self.column, k)[0].surface, f, share)  # of all four surfaces
        for end, (of_value, of_slope) in enumerate(HERMITE[orders[2]]((at - knots[k]) / step)):
            value, slope = self.tables.surfaces(self.column, k + end)
            total += of_value * value.at(inner, spot) + of_slope * step * slope.at(inner, spot)
        return total / step ** orders[2]


def knots_of_warmth(warmest: float, finer: int = 1) -> np.ndarray:
    """Knots from 0 to the last one."""
    return warmest * np.linspace(0.0, 1.0, WARMTHS * finer) ** POWER


@lru_cache(maxsize=4)
def _made(
    values: tuple[tuple[str, float], ...],
    readings: tuple[tuple[str, str], ...],
    first: float,
    warmest: float,
    finer: int,
) -> WarmTables:
    case = BufferingCase("pile", "a warm pile", dict(values), dict(readings))
    f, w = axes(first, finer, GRID)
    F, W = (v.reshape(-1) for v in np.meshgrid(f, w, indexing="ij"))
    X_bulk = case.values["bulk_iron"]
    X = 1 / (1 + np.exp(-coordinates()(F, W, X_bulk)))
    state = F, X, np.maximum(pile_iron(F, X, X_bulk), 1e-9)

    def rates(warmth: float) -> tuple[np.ndarray, np.ndarray]:
        melts = remelt_warm(case, state, np.full(F.size, warmth))
        return melts.rate, melts.iron_rate

    return WarmTables((f, w), knots_of_warmth(warmest, finer), rates)


def tables_of_warm_pile(
    case: BufferingCase, first: float, warmest: float, finer: int = 1
) -> tuple[Warm, Warm]:
    """Melt and its iron [1/s] over solid fraction, from a little below `first`, share and warmth.

    warmest: the last knot of the warmth. The tables are kept for the next timescale of the same case.
    """
    pairs = tuple(sorted(case.values.items())), tuple(sorted(case.readings.items()))
    return _made(*pairs, first, warmest, finer).leaves()
