"""A smooth surface through values on a grid, fast on single numbers and on arrays, for use as an External."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import overload

import numpy as np

from .external import Number

DEGREE = 4  # coefficients of a cubic
Place = tuple[int, int, float, float]  # of a point: its cell, and how far it is from the first knots of that


class Surface:
    """Bicubic spline z(x, y) on a grid with increasing x and y, twice continuously differentiable in each.

    Tensor product of two cubic splines with free ends ("not a knot"); NaN outside the grid.
    Call it as surface((i, j), x, y) for the partial derivative of order i in x and j in y.
    This is the calling convention of `External`.
    Orders go to 3 in either; the third is constant between two knots.
    With monotone = True the slopes are those of Fritsch & Butland.
    Lines of the grid then do not overshoot where the values bend sharply, but only the first derivative is
    continuous.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, z: np.ndarray, monotone: bool = False) -> None:
        """x (n,), y (m,), z (n, m); at least four knots in each."""
        from scipy.interpolate import CubicHermiteSpline, CubicSpline  # on use: it takes 0.4 s to import

        if monotone:
            z_x, z_y = _gentle_slopes(x, z, 0), _gentle_slopes(y, z, 1)
            values = CubicHermiteSpline(y, z, z_y, axis=1).c
            slopes = CubicHermiteSpline(y, z_x, _gentle_slopes(x, z_y, 0), axis=1).c
            both = CubicHermiteSpline(x, values, slopes, axis=2).c
        else:
            along_y = CubicSpline(y, z, axis=1)  # coefficients (4, m - 1, n)
            both = CubicSpline(x, along_y.c, axis=2).c
        # both: (4 in x, n - 1, 4 in y, m - 1)
        self._x, self._y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        self._knots: tuple[list[float], list[float]] = (self._x.tolist(), self._y.tolist())
        cells = both.transpose(1, 3, 0, 2).reshape(len(x) - 1, len(y) - 1, DEGREE**2)
        self._cells: list[list[list[float]]] = cells.tolist()
        # one coefficient a row
        self._arrays = np.ascontiguousarray(both.transpose(0, 2, 1, 3)).reshape(DEGREE**2, -1)
        self.low = (self._knots[0][0], self._knots[1][0])
        self.high = (self._knots[0][-1], self._knots[1][-1])

    @overload
    def __call__(self, orders: tuple[int, int], x: float, y: float) -> float: ...

    @overload
    def __call__(self, orders: tuple[int, int], x: Number, y: Number) -> Number: ...

    def __call__(self, orders: tuple[int, int], x: Number, y: Number) -> Number:
        if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
            return self._array(orders, x, y)
        place = self.place(x, y)
        return math.nan if place is None else self.at(orders, place)

    def place(self, x: float, y: float) -> Place | None:
        """Where a point is in the grid; None outside."""
        xs, ys = self._knots
        if not (xs[0] <= x <= xs[-1] and ys[0] <= y <= ys[-1]):
            return None
        i = min(bisect_right(xs, x), len(xs) - 1) - 1
        j = min(bisect_right(ys, y), len(ys) - 1) - 1
        return i, j, x - xs[i], y - ys[j]

    def at(self, orders: tuple[int, int], place: Place) -> float:
        """As a call, at a place of this grid: surfaces on the same grid may share it."""
        i, j, dx, dy = place
        a3, a2, a1, a0 = POWERS[orders[0]](dx)
        b3, b2, b1, b0 = POWERS[orders[1]](dy)
        c = self._cells[i][j]
        return (
            a3 * (c[0] * b3 + c[1] * b2 + c[2] * b1 + c[3] * b0)
            + a2 * (c[4] * b3 + c[5] * b2 + c[6] * b1 + c[7] * b0)
            + a1 * (c[8] * b3 + c[9] * b2 + c[10] * b1 + c[11] * b0)
            + a0 * (c[12] * b3 + c[13] * b2 + c[14] * b1 + c[15] * b0)
        )

    def _array(self, orders: tuple[int, int], at_x: Number, at_y: Number) -> np.ndarray:
        x, y = np.asarray(at_x, dtype=float), np.asarray(at_y, dtype=float)
        i = np.clip(np.searchsorted(self._x, x, side="right") - 1, 0, len(self._x) - 2)
        j = np.clip(np.searchsorted(self._y, y, side="right") - 1, 0, len(self._y) - 2)
        cell = i * (len(self._y) - 1) + j
        a = POWERS[orders[0]](x - self._x[i])
        b = POWERS[orders[1]](y - self._y[j])
        total: Number = 0.0
        for k in range(DEGREE - orders[0]):  # the higher orders lack the lower powers
            row: Number = 0.0
            for n in range(DEGREE - orders[1]):
                row = row + self._arrays[DEGREE * k + n].take(cell) * b[n]
            total = total + a[k] * row
        inside = (x >= self._x[0]) & (x <= self._x[-1]) & (y >= self._y[0]) & (y <= self._y[-1])
        return np.where(inside, total, np.nan)


def _gentle_slopes(knots: np.ndarray, values: np.ndarray, axis: int) -> np.ndarray:
    """Slopes at the knots by which the interpolation along `axis` is monotone between them."""
    from scipy.interpolate import PchipInterpolator

    return PchipInterpolator(knots, values, axis=axis)(knots, 1)


# order -> h -> factors of the coefficients of h**3, h**2, h and 1 in that derivative
POWERS = (
    lambda h: (h * h * h, h * h, h, 1.0),
    lambda h: (3.0 * h * h, 2.0 * h, 1.0, 0.0),
    lambda h: (6.0 * h, 2.0, 0.0, 0.0),
    lambda h: (6.0, 0.0, 0.0, 0.0),
)
