"""Tables of remelting over the state of magma ocean and pile: smooth surfaces for the equations that march."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy

from ..closures.distillation import pile_iron
from ..closures.iron_magnesium import richest
from ..dae.leaves.smooth_surface import Surface
from ..schema.buffering_case import BufferingCase
from .remelting import RATES, Grid, remelt

LAST = 0.999  # largest solid fraction at which a run may end: the tables reach a little further
SOLIDS, SHARES = 96, 40  # grid of the tables
TEMPERATURES = 13  # knots of the core's temperature
SHRUNK = 0.9  # of the first solid fraction: where the tables begin, and a pile that shrinks is given up


@lru_cache(maxsize=1)
def coordinates():
    """Logit of the ocean at a solid fraction and share."""
    f, w, X_bulk = sympy.symbols("f w X_bulk", real=True)
    bulk = sympy.log(X_bulk / (1 - X_bulk))
    return sympy.lambdify([f, w, X_bulk], bulk + w * (richest(f, X_bulk) - bulk), modules="numpy")


@dataclass(frozen=True)
class Held:
    """A surface that keeps its value beyond its edges, where a step of the integrator may look and an ocean is all iron."""

    surface: Surface

    def __call__(self, orders: tuple[int, int], f: float, share: float) -> float:
        (f_low, w_low), (f_high, w_high) = self.surface.low, self.surface.high
        beyond = (orders[0] and not f_low <= f <= f_high) or (orders[1] and not w_low <= share <= w_high)
        return (
            0.0
            if beyond
            else self.surface(orders, min(max(f, f_low), f_high), min(max(share, w_low), w_high))
        )


def tables(case: BufferingCase, first: float, finer: int = 1, grid: Grid = Grid()) -> tuple[Held, Held, Held]:
    """RATES of remelting, each as a share of the pile [1/s], over solid fraction, from a little below `first`, and share of the
    ocean: what a thin pile returns is proportional to it."""
    f, w = _axes(first, finer)
    states = _states(case, f, w, grid)
    return tuple(Held(Surface(f, w, rates, monotone=True)) for rates in _rates(states, f, w))


def _axes(first, finer=1):
    solids, edge = SOLIDS * finer, max(0.9, 1 - 0.5 * (1 - first))
    f = np.concatenate(
        [
            np.linspace(SHRUNK * first, edge, 3 * solids // 4, endpoint=False),
            1 - np.geomspace(1 - edge, 0.5 * (1 - LAST), solids // 4),
        ]
    )
    return f, np.linspace(0.0, 1.0, SHARES * finer)


def _states(case, f, w, grid=Grid()):
    """Remelting at every point of the two axes, flat."""
    F, W = (v.reshape(-1) for v in np.meshgrid(f, w, indexing="ij"))
    X_bulk = case.values["bulk_iron"]
    X = 1 / (1 + np.exp(-coordinates()(F, W, X_bulk)))
    X_pile = np.maximum(pile_iron(F, X, X_bulk), 1e-9)
    return remelt(F, X, X_pile, case.values, case.readings, grid)


def _rates(states, f, w) -> tuple[np.ndarray, ...]:
    return tuple(getattr(states, name).reshape(f.size, w.size) / f[:, None] for name in RATES)


class CoreTables:
    """The same tables over the temperature of the core as well, for a pile that lies on the core of a run.

    Knots of temperature lie between the highest, the core temperature of the case, and the lowest at which anything
    convects; a knot is computed when a run first comes near it. Between knots the rates are monotone cubics in the
    temperature; beyond the ends they keep their values: above the highest the base of the mantle is no pile yet.
    """

    def __init__(self, case: BufferingCase, first: float):
        self.case, (self._f, self._w) = case, _axes(first)
        self._tables: dict[int, tuple[np.ndarray, ...]] = {}
        self._made: dict[tuple[int, int], tuple[Surface, Surface]] = {}
        hottest = case.values["core_temperature"]
        states = _states(case, self._f, self._w)
        coldest = hottest * float(np.min(states.top_temperature / states.base_temperature))
        self.moves = coldest < hottest  # whether the pile convects at any temperature of its core
        self.knots = np.linspace(coldest, hottest, TEMPERATURES) if self.moves else np.array([hottest])
        self._tables[TEMPERATURES - 1] = _rates(states, self._f, self._w)

    def leaves(self) -> tuple[OnCore, OnCore, OnCore]:
        """RATES of remelting as functions (orders, solid fraction, share, core temperature)."""
        return tuple(OnCore(self, column) for column in range(len(RATES)))

    def rates(self, k: int) -> tuple[np.ndarray, ...]:
        """Of RATES, the values at a knot."""
        if k not in self._tables:
            colder = self.case.replace({"core_temperature": float(self.knots[k])})
            self._tables[k] = (
                _rates(_states(colder, self._f, self._w), self._f, self._w)
                if k
                else tuple(0 * v for v in self.rates(TEMPERATURES - 1))
            )
        return self._tables[k]

    def surfaces(self, column: int, k: int) -> tuple[Held, Held]:
        """One of RATES at a knot, and its slope in temperature: of Fritsch & Butland, so that nothing overshoots."""
        if (column, k) not in self._made:
            near = [self.rates(j)[column] for j in range(max(k - 1, 0), min(k + 1, TEMPERATURES - 1) + 1)]
            steps = np.diff(near, axis=0) / (self.knots[1] - self.knots[0])
            both = steps[0] * steps[-1]
            slope = (
                steps[0]
                if len(steps) == 1
                else np.divide(2 * both, steps[0] + steps[1], out=np.zeros_like(both), where=both > 0)
            )
            self._made[column, k] = tuple(
                Held(Surface(self._f, self._w, v, monotone=True)) for v in (self.rates(k)[column], slope)
            )
        return self._made[column, k]


@dataclass(frozen=True)
class OnCore:
    """One of RATES over solid fraction, share of the ocean and core temperature [K]."""

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


# order -> s -> factors of value and slope at both ends of an interval of length 1 in that derivative
HERMITE = (
    lambda s: (((1 + 2 * s) * (1 - s) ** 2, s * (1 - s) ** 2), (s * s * (3 - 2 * s), s * s * (s - 1))),
    lambda s: ((6 * s * (s - 1), (1 - s) * (1 - 3 * s)), (6 * s * (1 - s), s * (3 * s - 2))),
    lambda s: ((12 * s - 6, 6 * s - 4), (6 - 12 * s, 6 * s - 2)),
    lambda s: ((12.0, 6.0), (-12.0, 6.0)),
)
