"""Tables of remelting over the state of ocean and pile: smooth surfaces for integration in time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import sympy

from ..closures.distillation import pile_iron
from ..closures.iron_magnesium import richest
from ..dae.leaves.hermite_cubics import HERMITE
from ..dae.leaves.smooth_surface import Place, Surface
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
# of a point: whether it is beyond the edges in either coordinate, and the nearest place of the grid
Spot = tuple[bool, bool, Place | None]


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
        return self.at(orders, spot_of(self.surface, f, share))

    def at(self, orders: tuple[int, int], spot: Spot) -> float:
        """As a call, at a spot of this grid: surfaces on the same grid may share it."""
        beyond_f, beyond_share, place = spot
        if (orders[0] and beyond_f) or (orders[1] and beyond_share):
            return 0.0
        return math.nan if place is None else self.surface.at(orders, place)


def spot_of(surface: Surface, f: float, share: float) -> Spot:
    """Where a clamped surface reads at a solid fraction and a share of the ocean."""
    (f_low, w_low), (f_high, w_high) = surface.low, surface.high
    place = surface.place(min(max(f, f_low), f_high), min(max(share, w_low), w_high))
    return not f_low <= f <= f_high, not w_low <= share <= w_high, place


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
        self._last: Reading | None = None
        hottest = case.values["core_temperature"]
        states = _states(case, self._f, self._w)
        coldest = hottest * float(np.min(states.top_temperature / states.base_temperature))
        self.moves = coldest < hottest  # whether the pile convects at any temperature of its core
        self.knots = np.linspace(coldest, hottest, TEMPERATURES) if self.moves else np.array([hottest])
        self._tables[TEMPERATURES - 1] = _rates(states, self._f, self._w)
        self._levels: list[float] = self.knots.tolist()
        self.step = self._levels[1] - self._levels[0] if self.moves else 0.0

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

    def inside(self, T: float) -> bool:
        """Whether a temperature of the core is between the outermost knots."""
        return self._levels[0] < T < self._levels[-1]

    def reading(self, f: float, share: float, T: float) -> Reading:
        """What is read at a state: the equations ask for all rates and slopes there, most of them twice."""
        last, state = self._last, (f, share, T)
        if last is None or last.state != state:
            low, high = self._levels[0], self._levels[-1]
            at = (min(max(T, low), high) - low) / self.step
            k = min(int(at), TEMPERATURES - 2)
            surface = self.surfaces(0, k)[0].surface
            # replaced as a whole: another thread may read other states
            self._last = last = Reading(state, k, at - k, spot_of(surface, f, share))
        return last


@dataclass(frozen=True, slots=True)
class Reading:
    """A state of the tables: solid fraction, share of the ocean, core temperature.

    knot: below the temperature; part: of the way to the next; spot: on the surfaces of both.
    read: the numbers that were read there, by column and orders.
    """

    state: tuple[float, float, float]
    knot: int
    part: float
    spot: Spot
    read: dict[tuple[int, tuple[int, int, int]], float] = field(default_factory=dict)


@dataclass(frozen=True)
class OnCore:
    """One of RATES [1/s] over solid fraction, share of the ocean and core temperature [K]."""

    tables: CoreTables
    column: int

    def __call__(self, orders: tuple[int, int, int], f: float, share: float, T: float) -> float:
        tables = self.tables
        if not tables.moves or (orders[2] and not tables.inside(T)):
            return 0.0
        at, key = tables.reading(f, share, T), (self.column, orders)
        value = at.read.get(key)
        if value is None:
            value = at.read[key] = self._computed(orders, at)
        return value

    def _computed(self, orders: tuple[int, int, int], at: Reading) -> float:
        total, step = 0.0, self.tables.step
        for end, (of_value, of_slope) in enumerate(HERMITE[orders[2]](at.part)):
            value, slope = self.tables.surfaces(self.column, at.knot + end)
            if of_value:
                total += of_value * value.at(orders[:2], at.spot)
            if of_slope:
                total += of_slope * step * slope.at(orders[:2], at.spot)
        return np.float64(total / step ** orders[2])
