"""Tables of remelting over the state of magma ocean and pile: smooth surfaces for the equations that march."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy

from ..closures.iron_magnesium import richest
from ..dae.surface import Surface
from .buffering_case import BufferingCase
from .distillation import pile_iron
from .remelting import RATES, Grid, remelt

LAST = 0.999  # largest solid fraction at which a run may end: the tables reach a little further
SOLIDS, SHARES = 96, 40  # grid of the tables
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
        return 0.0 if beyond else self.surface(orders, min(max(f, f_low), f_high), min(max(share, w_low), w_high))


def tables(case: BufferingCase, first: float, finer: int = 1, grid: Grid = Grid()) -> tuple[Held, Held, Held]:
    """RATES of remelting, each as a share of the pile [1/s], over solid fraction, from a little below `first`, and share of the
    ocean: what a thin pile returns is proportional to it."""
    solids, edge = SOLIDS * finer, max(0.9, 1 - 0.5 * (1 - first))
    f = np.concatenate([np.linspace(SHRUNK * first, edge, 3 * solids // 4, endpoint=False), 1 - np.geomspace(1 - edge, 0.5 * (1 - LAST), solids // 4)])
    w = np.linspace(0.0, 1.0, SHARES * finer)
    F, W = (v.reshape(-1) for v in np.meshgrid(f, w, indexing="ij"))
    X_bulk = case.values["bulk_iron"]
    X = 1 / (1 + np.exp(-coordinates()(F, W, X_bulk)))
    X_pile = np.maximum(pile_iron(F, X, X_bulk), 1e-9)
    found = remelt(F, X, X_pile, case.values, case.readings, grid)
    return tuple(Held(Surface(f, w, (getattr(found, name) / F).reshape(f.size, w.size), monotone=True)) for name in RATES)
