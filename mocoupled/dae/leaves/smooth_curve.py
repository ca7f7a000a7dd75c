"""A smooth curve through points, fast on single numbers, for use as an External."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.interpolate import CubicSpline, PPoly


class Curve:
    """Cubic spline y(x) through points with increasing x, twice continuously differentiable.

    Outside the points it returns NaN.
    plateaus: runs of equal values at either end are kept exactly flat.
    The curve meets a plateau with zero slope and does not cross it.
    A quantity that ends at 0 is therefore never negative.
    The second derivative jumps where the plateau begins.
    Call it as curve((order,), x) with order 0 to 3: the calling convention of `External`.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, plateaus: bool = False) -> None:
        """x (n,), increasing; y (n,)."""
        from scipy.interpolate import CubicSpline  # on use: it takes 0.4 s to import

        spline = _with_plateaus(np.asarray(x), np.asarray(y)) if plateaus else CubicSpline(x, y)
        self._knots: list[float] = spline.x.tolist()
        self._coefficients: list[list[float]] = spline.c.T.tolist()
        self.low, self.high = self._knots[0], self._knots[-1]

    def __call__(self, orders: tuple[int], x: float) -> float:
        if not self.low <= x <= self.high:
            return math.nan
        i = min(bisect_right(self._knots, x), len(self._knots) - 1) - 1
        a, b, c, d = self._coefficients[i]
        h = x - self._knots[i]
        order = orders[0]
        if order == 0:
            return ((a * h + b) * h + c) * h + d
        if order == 1:
            return (3 * a * h + 2 * b) * h + c
        if order == 2:
            return 6 * a * h + 2 * b
        return 6 * a if order == 3 else 0.0


def _with_plateaus(x: np.ndarray, y: np.ndarray) -> CubicSpline | PPoly:
    """The spline between the plateaus, joined to them by one monotone cubic on either side."""
    from scipy.interpolate import CubicSpline, PPoly

    changes = np.flatnonzero(np.diff(y))
    if len(changes) < 4:
        return CubicSpline(x, y)
    first, last = changes[0] + 1, changes[-1]  # the outermost points off the plateaus
    begin = first if first > 1 else 0
    end = last if last < len(x) - 2 else len(x) - 1
    inner = slice(begin, end + 1)
    between = CubicSpline(x[inner], y[inner])
    knots, pieces = [between.x], [between.c]
    if first > 1:
        start, joint = _landing(between, x[first], y[first], x[first - 1], y[0])
        knots.insert(0, np.array([x[0], start]))
        pieces[:0] = [_flat(y[0]), joint]
    if last < len(x) - 2:
        start, joint = _landing(between, x[last], y[last], x[last + 1], y[-1])
        knots += [np.array([start]), x[-1:]]
        pieces += [joint, _flat(y[-1])]
    return PPoly(np.hstack(pieces), np.concatenate(knots))


def _landing(
    curve: CubicSpline, x: float, y: float, plateau_x: float, plateau_y: float
) -> tuple[float, np.ndarray]:
    """Where the plateau begins, and the cubic from there to the point (x, y).

    The cubic meets the point with the curve's slope and leaves the plateau with zero slope.
    It is a parabola if that lands within plateau_x, else a cubic from plateau_x.
    Either is monotone, since the slope at (x, y) is at most 3 times the mean slope.
    """
    slope, rise = float(curve(x, 1)), y - plateau_y
    reach = min(2 * abs(rise) / max(abs(slope), 1e-300), abs(x - plateau_x)) * np.sign(x - plateau_x)
    edge = x - reach
    # Hermite, from the edge
    b = 3 * rise / reach**2 - slope / reach
    a = slope / reach**2 - 2 * rise / reach**3
    if reach > 0:
        return edge, np.array([[a], [b], [0.0], [plateau_y]])
    h = -reach  # the same cubic, with the point (x, y) as its origin
    return edge, np.array([[a], [b - 3 * a * h], [3 * a * h**2 - 2 * b * h], [y]])


def _flat(value: float) -> np.ndarray:
    return np.array([[0.0], [0.0], [0.0], [value]])
