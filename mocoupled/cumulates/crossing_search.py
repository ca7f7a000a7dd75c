"""Crossings: where melts of the convecting cumulates and crystals of the magma ocean balance.

On the way of fractional crystallisation the ocean grows richer in iron while melts of the pile are added to
it.
Where melts poorer in iron take over, its composition is buffered: the crossing.
With a timescale the melts must also balance the crystals of the growth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..closures import iron_magnesium as fe_mg
from ..closures.distillation import pile_iron
from .local_exchange import Values, exchange_of, without_remelting
from .remelting import MOLTEN, Grid, Remelting, remelt

# of the scan: first solid fraction, up to where its steps are even, last melt fraction
LEAST, EVEN, MOST = 0.02, 0.90, 1e-4
# of the balance, relative to the rates in it
ROUNDING = 1e-11
# points scanned together
CHUNK = 32
# points inside a bracket, and how often it is divided
REFINED, ROUNDS = 6, 3
# Why a case has a crossing or none: word -> explanation.
REASONS = {
    "buffered": "crystals and melts balance",
    "no convection": "the pile is nowhere colder at its top than at its base",
    "no melt": "the pile convects, but nothing of it melts",
    "buffered by wholly molten upwellings": (
        "crystals and melts balance, but all that comes up melts, and there is hardly a pile"
    ),
    "wholly molten": "all that comes up melts, from the onset of convection on",
    "melts stay richer": "the melts are richer in iron than what they would balance, to the end",
    "melts are poorer": "the melts are poorer in iron than the crystals from their onset",
}


@dataclass(frozen=True)
class Path:
    """States (..., n) along the way of fractional crystallisation.

    balance [1/s]: of iron, above 0 while the ocean would still grow richer.
    """

    solid_fraction: np.ndarray
    ocean_iron: np.ndarray
    pile_iron: np.ndarray
    crystal_iron: np.ndarray
    remelting: Remelting
    balance: np.ndarray

    @property
    def melt_iron(self) -> np.ndarray:
        """Fe/(Fe + Mg) of the melts; NaN where there are none."""
        with np.errstate(all="ignore"):
            return np.where(self.remelting.rate > 0, self.remelting.iron_rate / self.remelting.rate, np.nan)


def path(
    solid_fraction: np.ndarray,
    values: Values,
    readings: Mapping[str, str],
    growth: float | np.ndarray = 0.0,
    grid: Grid | None = None,
) -> Path:
    """States at solid fractions (n,) of the way without remelting; values (SI): numbers or arrays (n,).

    growth [1/s]: rate at which the solid fraction grows, 1/timescale; 0: static. With the reading growth =
    gross it is the rate of crystallisation, of which remelting takes its part.
    """
    f = solid_fraction
    X_bulk, X = values["bulk_iron"], without_remelting(f, values, readings)
    X_pile = np.clip(pile_iron(f, X, X_bulk), 0.0, 1.0)
    X_crystals = fe_mg.exchange(X, exchange_of(f, values, readings))
    melts = remelt(f, X, X_pile, values, readings, grid or Grid())
    crystals = growth + (melts.rate if readings["growth"] == "net" else 0.0)
    net = crystals - melts.rate
    balance = melts.iron_rate - crystals * X_crystals + net * X
    return Path(f, X, X_pile, X_crystals, melts, balance)


def scan() -> np.ndarray:
    """Solid fractions of the search: even steps, then even steps of the logarithm of the melt fraction."""
    return np.concatenate(
        [np.linspace(LEAST, EVEN, 40, endpoint=False), 1 - np.geomspace(1 - EVEN, MOST, 20)]
    )


@dataclass(frozen=True)
class Crossings:
    """All crossings (m,) of some cases.

    points: index of the case; solid_fraction; buffers: whether the ocean stops growing richer there.
    """

    points: np.ndarray
    solid_fraction: np.ndarray
    buffers: np.ndarray


@dataclass(frozen=True)
class _Brackets:
    """Solid fractions (m,) below and above each crossing of the cases `points`; buffers: see Crossings."""

    points: np.ndarray
    low: np.ndarray
    high: np.ndarray
    buffers: np.ndarray


def crossings(
    values: Values, readings: Mapping[str, str], growth: np.ndarray, grid: Grid | None = None
) -> tuple[Crossings, list[str]]:
    """All crossings of cases (n,), and the word of REASONS for each case.

    values: numbers or arrays (n,); growth (n,) [1/s].
    Crossings are in the order of points and solid fractions.
    """
    n = growth.size
    if not n:
        return Crossings(np.empty(0, dtype=int), np.empty(0), np.empty(0, dtype=bool)), []
    parts, reasons = [], []
    for first in range(0, n, CHUNK):
        brackets, words = _brackets(np.arange(first, min(first + CHUNK, n)), values, readings, growth, grid)
        parts.append(brackets)
        reasons += words
    names = ("points", "low", "high", "buffers")
    brackets = _Brackets(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
    roots = _refine(brackets, values, readings, growth, grid)
    return Crossings(brackets.points, roots, brackets.buffers), reasons


def _brackets(
    some: np.ndarray, values: Values, readings: Mapping[str, str], growth: np.ndarray, grid: Grid | None
) -> tuple[_Brackets, list[str]]:
    """Brackets of the crossings of some cases (k,), by number, and the word of REASONS for each."""
    f = scan()
    growths = np.repeat(growth[some], f.size)
    chosen = take(values, np.repeat(some, f.size))
    way = path(np.tile(f, some.size), chosen, readings, growths, grid)
    shape = (some.size, f.size)
    rates = way.remelting.rate.reshape(shape)
    ambient = way.remelting.ambient_melt_fraction.reshape(shape)
    sign = _signs(way.balance.reshape(shape), (way.remelting.rate + growths).reshape(shape))
    rows, k = np.nonzero(sign[:, :-1] * sign[:, 1:] < 0)
    buffers = sign[rows, k] > 0
    buffered = set(rows[buffers].tolist())
    words = []
    for row in range(some.size):
        words.append("buffered" if row in buffered else _reason(sign[row], rates[row], ambient[row]))
    return _Brackets(some[rows], f[k], f[k + 1], buffers), words


def _signs(balance: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Signs along the ways (m, n).

    Where melts and crystals are the same but for rounding, it is that of the state before.
    """
    sign = np.where(np.abs(balance) > ROUNDING * rates, np.sign(balance), 0).astype(int)
    last_clear = np.maximum.accumulate(np.where(sign != 0, np.arange(sign.shape[1]), 0), axis=1)
    return np.take_along_axis(sign, last_clear, axis=1)


def _reason(sign: np.ndarray, rate: np.ndarray, ambient: np.ndarray) -> str:
    """Why a way has no crossing.

    sign: of the balance; rate: of remelting; ambient: melt fraction of the ambient pile; each of its states
    (n,).
    """
    if np.isnan(ambient).all():
        return "no convection"
    if not (rate > 0).any():
        return "no melt"
    onset = np.argmax(rate > 0)
    if sign[onset] > 0:
        return "melts stay richer"
    return "wholly molten" if ambient[onset] > MOLTEN else "melts are poorer"


def _refine(
    brackets: _Brackets, values: Values, readings: Mapping[str, str], growth: np.ndarray, grid: Grid | None
) -> np.ndarray:
    """Solid fractions at which the balance is zero: brackets are cut into parts, then by the secant."""
    points, low, high, buffers = brackets.points, brackets.low, brackets.high, brackets.buffers
    if not points.size:
        return low
    share = np.linspace(0.0, 1.0, REFINED + 2)
    many, rows = np.repeat(points, share.size), np.arange(points.size)
    for _ in range(ROUNDS):
        f = low[:, None] + (high - low)[:, None] * share
        way = path(f.reshape(-1), take(values, many), readings, growth[many], grid)
        balance = way.balance.reshape(f.shape)
        ahead = np.where(buffers[:, None], balance, -balance) > 0
        k = np.clip(np.argmin(ahead, axis=1), 1, share.size - 1) - 1  # the first that is behind
        low, high, a, b = f[rows, k], f[rows, k + 1], balance[rows, k], balance[rows, k + 1]
    with np.errstate(all="ignore"):
        root = low + (high - low) * a / (a - b)
    return np.where(np.isfinite(root), np.clip(root, low, high), 0.5 * (low + high))


def take(values: Values, index: np.ndarray) -> dict[str, float | np.ndarray]:
    """The values of some points, by number; single numbers stay."""
    return {name: v[index] if isinstance(v, np.ndarray) and v.ndim else v for name, v in values.items()}
