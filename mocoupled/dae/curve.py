"""A smooth curve through points, fast on single numbers, for use as an External."""

from __future__ import annotations

import math
from bisect import bisect_right

import numpy as np
from scipy.interpolate import CubicSpline, PchipInterpolator


class Curve:
    """Piecewise cubic y(x) through points with increasing x; NaN outside them.

    Twice continuously differentiable (spline), or `monotone`: once, without overshoot, so that what is never negative
    in the points is never negative between them. Call it as curve((order,), x) with order 0 to 3: the calling
    convention of `External`.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, monotone: bool = False):
        spline = PchipInterpolator(x, y) if monotone else CubicSpline(x, y)
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
