"""Tables of remelting over the temperature of the pile as well, for a pile that pays for its melts.

The third coordinate is the warmth T_pile/T_top - 1, with both potential temperatures at the top of the pile.
The closures are those of remelting.py at the temperature of the base at which its mean with the top is that
of the pile.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..closures.distillation import pile_iron
from ..dae.leaves.hermite_cubics import HERMITE
from ..dae.leaves.smooth_surface import Surface
from ..errors import InputError
from ..schema.buffering_case import BufferingCase
from .remelting import RATES, Grid, Remelting, Values, remelt
from .remelting_equations import compiled
from .remelting_tables import Clamped, axes, coordinates

# knots of the warmth, closer where it is small: what melts grows as its power 5/3
WARMTHS = 14
INTERIOR = "mean"


def check_interior(case: BufferingCase) -> None:
    """InputError for a case whose interior has no temperature but that of the top."""
    reading = case.readings["interior"]
    if reading != INTERIOR:
        raise InputError(
            f"interior = {reading!r}",
            "with energy = 'conserved' the interior of the pile has a temperature of its balance.",
            f"allowed: interior = {INTERIOR!r}",
            "choose energy = 'prescribed' for this reading",
        )


def warm_values(case: BufferingCase, state: tuple[np.ndarray, ...], warmth: np.ndarray) -> Values:
    """The values of the case with the temperature below the pile at which its interior has a warmth (n,).

    state: solid fraction, iron of ocean and pile (n,).
    """
    top, base = ends(case, state)
    hottest = case.values["core_temperature"]
    return {**case.values, "core_temperature": hottest * top * (1 + 2 * warmth) / base}


def remelt_warm(
    case: BufferingCase, state: tuple[np.ndarray, ...], warmth: np.ndarray, grid: Grid | None = None
) -> Remelting:
    """Remelting of piles of a warmth (n,)."""
    return remelt(*state, warm_values(case, state, warmth), case.readings, grid)


def prescribed_warmth(case: BufferingCase, state: tuple[np.ndarray, ...]) -> np.ndarray:
    """Warmth (n,) of the pile half-way between its top and the core of the case."""
    top, base = ends(case, state)
    return 0.5 * (base / top - 1)


def ends(case: BufferingCase, state: tuple[np.ndarray, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Potential temperatures [K] of top and base (n,) on the core of the case."""
    code = compiled(tuple(sorted(case.readings.items())))
    with np.errstate(all="ignore"):
        values = dict(zip(code.names, code.state(*state, *(case.values[n] for n in code.parameters))))
    return values["top"], values["base"]


class WarmTables:
    """RATES of remelting, relative to the mass of the pile [1/s], over solid fraction, share and warmth."""

    def __init__(self, case: BufferingCase, first: float, warmest: float, finer: int):
        f, w = axes(first, finer)
        F, W = (v.reshape(-1) for v in np.meshgrid(f, w, indexing="ij"))
        X_bulk = case.values["bulk_iron"]
        X = 1 / (1 + np.exp(-coordinates()(F, W, X_bulk)))
        state = F, X, np.maximum(pile_iron(F, X, X_bulk), 1e-9)
        self.knots = warmest * np.linspace(0.0, 1.0, WARMTHS * finer) ** 2
        levels = [remelt_warm(case, state, np.full(F.size, k)) for k in self.knots[1:]]
        self._f, self._w = f, w
        self.values = []
        for name in RATES:
            rates = [np.zeros((f.size, w.size))]  # nothing convects
            rates += [getattr(level, name).reshape(f.size, w.size) / f[:, None] for level in levels]
            self.values.append(np.array(rates))

    def leaf(self, column: int) -> Warm:
        """One of RATES as a function (orders, solid fraction, share, warmth)."""
        from scipy.interpolate import PchipInterpolator  # on use: it takes 0.4 s to import

        values = self.values[column]
        slopes = PchipInterpolator(self.knots, values, axis=0)(self.knots, 1)
        surfaces = [
            tuple(Clamped(Surface(self._f, self._w, v, monotone=True)) for v in pair)
            for pair in zip(values, slopes)
        ]
        return Warm(tuple(self.knots.tolist()), tuple(surfaces))


@dataclass(frozen=True)
class Warm:
    """One of RATES [1/s] over solid fraction, share of the ocean and warmth: cubics between knots of warmth.

    surfaces: value and slope in the warmth at each knot. Beyond the ends it keeps its values.
    """

    knots: tuple[float, ...]
    surfaces: tuple[tuple[Clamped, ...], ...]

    def __call__(self, orders: tuple[int, int, int], f: float, share: float, warmth: float) -> float:
        knots, at = self.knots, min(max(warmth, self.knots[0]), self.knots[-1])
        if orders[2] and at != warmth:
            return 0.0
        k = min(bisect_right(knots, at), len(knots) - 1) - 1
        step = knots[k + 1] - knots[k]
        total = 0.0
        for end, (of_value, of_slope) in enumerate(HERMITE[orders[2]]((at - knots[k]) / step)):
            value, slope = self.surfaces[k + end]
            total += of_value * value(orders[:2], f, share) + of_slope * step * slope(orders[:2], f, share)
        return total / step ** orders[2]


@lru_cache(maxsize=4)
def _made(
    values: tuple[tuple[str, float], ...],
    readings: tuple[tuple[str, str], ...],
    first: float,
    warmest: float,
    finer: int,
) -> WarmTables:
    return WarmTables(
        BufferingCase("pile", "a warm pile", dict(values), dict(readings)), first, warmest, finer
    )


def warm_tables(case: BufferingCase, first: float, warmest: float, finer: int = 1) -> tuple[Warm, Warm]:
    """Melt and its iron [1/s] over solid fraction, from a little below `first`, share and warmth.

    warmest: the last knot of the warmth. The tables are kept for the next timescale of the same case.
    """
    pairs = tuple(sorted(case.values.items())), tuple(sorted(case.readings.items()))
    made = _made(*pairs, first, warmest, finer)
    return made.leaf(0), made.leaf(1)
