"""Tables of remelting over the state of ocean and pile: smooth surfaces for integration in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy

from ..closures.distillation import pile_iron
from ..closures.iron_magnesium import richest
from ..dae.leaves.hermite_cubics import HERMITE
from ..dae.leaves.smooth_surface import Surface
from ..schema.buffering_case import BufferingCase
from .remelting import RATES, Grid, Remelting, remelt

# largest solid fraction at which a run may end: the tables reach a little further
LAST = 0.999
# grid of the tables
SOLIDS, SHARES = 96, 40
# knots of the temperature of the core
TEMPERATURES = 13
# of the first solid fraction: where the tables begin, and a run whose pile shrinks ends
SHRUNK = 0.9


@lru_cache(maxsize=1)
def coordinates() -> Callable[..., np.ndarray]:
    """The logit of the ocean as a function of solid fraction, share and bulk iron."""
    f, w, X_bulk = sympy.symbols("f w X_bulk", real=True)
    bulk = sympy.log(X_bulk / (1 - X_bulk))
    return sympy.lambdify([f, w, X_bulk], bulk + w * (richest(f, X_bulk) - bulk), modules="numpy")


@dataclass(frozen=True)
class Clamped:
    """A surface that keeps its value beyond its edges.

    A step of the integrator may go there, and so does an ocean that is all iron.
    """

    surface: Surface

    def __call__(self, orders: tuple[int, int], f: float, share: float) -> float:
        (f_low, w_low), (f_high, w_high) = self.surface.low, self.surface.high
        beyond = (orders[0] and not f_low <= f <= f_high) or (orders[1] and not w_low <= share <= w_high)
        if beyond:
            return 0.0
        return self.surface(orders, min(max(f, f_low), f_high), min(max(share, w_low), w_high))


def tables(
    case: BufferingCase, first: float, finer: int = 1, grid: Grid | None = None
) -> tuple[Clamped, ...]:
    """RATES of remelting over solid fraction, from a little below `first`, and share of the ocean.

    Each rate is relative to the mass of the pile [1/s]: a thin pile returns melt in proportion to its mass.
    finer: how many times the grid of the tables.
    """
    f, w = axes(first, finer)
    states = _states(case, f, w, grid)
    return tuple(Clamped(Surface(f, w, rates, monotone=True)) for rates in _rates(states, f, w))


def axes(
    first: float, finer: int = 1, grid: tuple[int, int] = (SOLIDS, SHARES)
) -> tuple[np.ndarray, np.ndarray]:
    """Solid fractions and shares of the tables. grid: how many of each, times `finer`."""
    solids, edge = grid[0] * finer, max(0.9, 1 - 0.5 * (1 - first))
    f = np.concatenate(
        [
            np.linspace(SHRUNK * first, edge, 3 * solids // 4, endpoint=False),
            1 - np.geomspace(1 - edge, 0.5 * (1 - LAST), solids // 4),
        ]
    )
    return f, np.linspace(0.0, 1.0, grid[1] * finer)


def _states(case: BufferingCase, f: np.ndarray, w: np.ndarray, grid: Grid | None = None) -> Remelting:
    """Remelting at every point of the two axes, flat."""
    F, W = (v.reshape(-1) for v in np.meshgrid(f, w, indexing="ij"))
    X_bulk = case.values["bulk_iron"]
    X = 1 / (1 + np.exp(-coordinates()(F, W, X_bulk)))
    X_pile = np.maximum(pile_iron(F, X, X_bulk), 1e-9)
    return remelt(F, X, X_pile, case.values, case.readings, grid)


def _rates(states: Remelting, f: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, ...]:
    """RATES as tables of solid fraction and share."""
    return tuple(getattr(states, name).reshape(f.size, w.size) / f[:, None] for name in RATES)


class CoreTables:
    """The same tables over the temperature of the core as well, for a pile that lies on the core of a run.

    Knots of temperature are between the highest, the core temperature of the case, and the lowest at which
    anything convects. A knot is computed when a run first comes near it. Between knots the rates are
    monotone cubics in the temperature. Beyond the ends they keep their values: above the highest the base of
    the mantle is no pile yet.
    """

    def __init__(self, case: BufferingCase, first: float):
        self.case, (self._f, self._w) = case, axes(first)
        self._tables: dict[int, tuple[np.ndarray, ...]] = {}
        self._surfaces: dict[tuple[int, int], tuple[Clamped, Clamped]] = {}
        hottest = case.values["core_temperature"]
        states = _states(case, self._f, self._w)
        coldest = hottest * float(np.min(states.top_temperature / states.base_temperature))
        self.moves = coldest < hottest  # whether the pile convects at any temperature of its core
        self.knots = np.linspace(coldest, hottest, TEMPERATURES) if self.moves else np.array([hottest])
        self._tables[TEMPERATURES - 1] = _rates(states, self._f, self._w)

    def leaves(self) -> tuple[OnCore, OnCore, OnCore]:
        """RATES of remelting as functions (orders, solid fraction, share, core temperature)."""
        return OnCore(self, 0), OnCore(self, 1), OnCore(self, 2)

    def rates(self, k: int) -> tuple[np.ndarray, ...]:
        """The values of RATES at a knot; none of them is above 0 at the first, where nothing convects."""
        if k not in self._tables and k:
            colder = self.case.replace({"core_temperature": float(self.knots[k])})
            self._tables[k] = _rates(_states(colder, self._f, self._w), self._f, self._w)
        elif k not in self._tables:
            self._tables[k] = tuple(0 * v for v in self.rates(TEMPERATURES - 1))
        return self._tables[k]

    def surfaces(self, column: int, k: int) -> tuple[Clamped, Clamped]:
        """One of RATES at a knot, and its slope in temperature.

        The slope is that of Fritsch & Butland, so that nothing overshoots.
        """
        if (column, k) not in self._surfaces:
            near = [self.rates(j)[column] for j in range(max(k - 1, 0), min(k + 1, TEMPERATURES - 1) + 1)]
            steps = np.diff(near, axis=0) / (self.knots[1] - self.knots[0])
            slope = steps[0]
            if len(steps) > 1:
                both = steps[0] * steps[-1]
                slope = np.divide(2 * both, steps[0] + steps[1], out=np.zeros_like(both), where=both > 0)
            value = Surface(self._f, self._w, self.rates(k)[column], monotone=True)
            rise = Surface(self._f, self._w, slope, monotone=True)
            self._surfaces[column, k] = Clamped(value), Clamped(rise)
        return self._surfaces[column, k]


@dataclass(frozen=True)
class OnCore:
    """One of RATES [1/s] over solid fraction, share of the ocean and core temperature [K]."""

    tables: CoreTables
    column: int

    def __call__(self, orders: tuple[int, int, int], f: float, share: float, T: float) -> float:
        knots = self.tables.knots
        if not self.tables.moves or (orders[2] and not knots[0] < T < knots[-1]):
            return 0.0
        step = float(knots[1] - knots[0])
        place = (min(max(T, knots[0]), knots[-1]) - knots[0]) / step
        k = min(int(place), TEMPERATURES - 2)
        total = 0.0
        for end, (of_value, of_slope) in enumerate(HERMITE[orders[2]](place - k)):
            value, slope = self.tables.surfaces(self.column, k + end)
            if of_value:
                total += of_value * value(orders[:2], f, share)
            if of_slope:
                total += of_slope * step * slope(orders[:2], f, share)
        return total / step ** orders[2]
