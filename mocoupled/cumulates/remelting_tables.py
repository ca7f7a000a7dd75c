"""Tables of remelting over the state of ocean and pile: smooth surfaces for integration in time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy

from ..closures.distillation import pile_iron
from ..closures.iron_magnesium import richest
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
