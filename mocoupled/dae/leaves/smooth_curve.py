"""A smooth curve through points, fast on single numbers, for use as an External."""

from __future__ import annotations

import math
from bisect import bisect_right

import numpy as np


class Curve:
    """Cubic spline y(x) through points with increasing x, twice continuously differentiable; NaN outside them.

    plateaus: runs of equal values at either end are kept exactly flat, and the curve meets them with zero slope and
    without crossing them: a quantity that ends at 0 is never negative (its second derivative jumps there). Call it as
    curve((order,), x) with order 0 to 3: the calling convention of `External`.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, plateaus: bool = False):
        from scipy.interpolate import CubicSpline  # on use: it takes 0.4 s to import

        spline = _with_plateaus(np.asarray(x), np.asarray(y)) if plateaus else CubicSpline(x, y)
        self._knots = spline.x.tolist()
        self._coefficients = spline.c.T.tolist()
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


def _with_plateaus(x, y):
    from scipy.interpolate import CubicSpline, PPoly

    changes = np.flatnonzero(np.diff(y))
    if len(changes) < 4:
        return CubicSpline(x, y)
    first, last = changes[0] + 1, changes[-1]  # the outermost points off the plateaus
    inner = slice(first if first > 1 else 0, (last if last < len(x) - 2 else len(x) - 1) + 1)
    between = CubicSpline(x[inner], y[inner])
    knots, pieces = [between.x], [between.c]
    if first > 1:
        start, joint = _landing(between, x[first], y[first], x[first - 1], y[0])
        knots.insert(0, [x[0], start])
        pieces[:0] = [_flat(y[0]), joint]
    if last < len(x) - 2:
        start, joint = _landing(between, x[last], y[last], x[last + 1], y[-1])
        knots += [[start], x[-1:]]
        pieces += [joint, _flat(y[-1])]
    return PPoly(np.hstack(pieces), np.concatenate(knots))


def _landing(curve, x, y, plateau_x, plateau_y):
    """Where the plateau begins, and the cubic from there to the point (x, y), which it meets with the curve's slope.

    The piece leaves the plateau with zero slope: a parabola if that lands within plateau_x, else a cubic from there.
    Either is monotone, since the slope at (x, y) is at most 3 times the mean one.
    """
    slope, rise = float(curve(x, 1)), y - plateau_y
    reach = min(2 * abs(rise) / max(abs(slope), 1e-300), abs(x - plateau_x)) * np.sign(x - plateau_x)
    edge = x - reach
    b, a = (
        3 * rise / reach**2 - slope / reach,
        slope / reach**2 - 2 * rise / reach**3,
    )  # Hermite, from the edge
    if reach > 0:
        return edge, np.array([[a], [b], [0.0], [plateau_y]])
    h = -reach  # the same cubic, told from the point (x, y) on
    return edge, np.array([[a], [b - 3 * a * h], [3 * a * h**2 - 2 * b * h], [y]])


def _flat(value):
    return np.array([[0.0], [0.0], [0.0], [value]])
