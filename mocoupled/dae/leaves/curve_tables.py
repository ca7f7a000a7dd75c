"""Tables of smooth curves, one set per cell or face: Externals of a field, read for all rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .external import External, Number


class Table:
    """Cubic pieces y(row, column, x) on one even grid of x, continuously differentiable.

    Built from values and slopes at the grid points (Hermite).
    Call it as table(x, order), x (rows,).
    It returns a list of arrays (columns, rows): the derivatives of order 0 to `order`.
    Outside the grid the outermost cubic is continued; the caller keeps x inside.
    """

    def __init__(self, low: float, spacing: float, values: np.ndarray, slopes: np.ndarray) -> None:
        """values, slopes (rows, columns, points): y and dy/dx at x = low + spacing * (0, 1, …)."""
        rows, columns, points = values.shape
        self.low, self.spacing, self.high = low, spacing, low + spacing * (points - 1)
        left, right, rise = values[..., :-1], values[..., 1:], spacing * slopes
        step = right - left
        square = 3 * step - 2 * rise[..., :-1] - rise[..., 1:]
        cube = rise[..., :-1] + rise[..., 1:] - 2 * step
        pieces = np.stack([left, rise[..., :-1], square, cube])  # (4, rows, columns, intervals)
        self._pieces = np.ascontiguousarray(pieces.transpose(1, 3, 0, 2)).reshape(-1, 4 * columns)
        self._shape = (4, columns, rows)
        self._first = np.arange(rows) * (points - 1)
        self._inverse, self._low = 1.0 / spacing, low / spacing

    def __call__(self, x: np.ndarray, order: int = 0) -> list[np.ndarray]:
        t = x * self._inverse
        t -= self._low
        interval = t.astype(np.intp)
        t -= interval
        interval += self._first
        # the copy is contiguous along the rows
        pieces = self._pieces.take(interval, axis=0, mode="clip").T.copy().reshape(self._shape)
        a, b, c, d = pieces
        value = d * t
        value += c
        value *= t
        value += b
        value *= t
        value += a
        derivatives = [value]
        if order >= 1:
            d *= 3.0
            slope = d * t
            slope += 2.0 * c
            slope *= t
            slope += b
            slope *= self._inverse
            derivatives.append(slope)
        if order >= 2:
            derivatives.append((2.0 * d * t + 2.0 * c) * self._inverse**2)
        return derivatives


class LevelTable:
    """A Table in a number that all rows share (a level of a field).

    One piece is read for all rows and columns.
    Call it as table(x, order), x a float; it returns NaN outside the grid.
    """

    def __init__(self, low: float, spacing: float, values: np.ndarray, slopes: np.ndarray) -> None:
        """values, slopes (points, columns, rows): y and dy/dx at x = low + spacing * (0, 1, …)."""
        left, rise = values[:-1], spacing * slopes
        step = values[1:] - left
        square = 3 * step - 2 * rise[:-1] - rise[1:]
        cube = rise[:-1] + rise[1:] - 2 * step
        self._pieces = np.stack([left, rise[:-1], square, cube], axis=1)
        self.low, self.spacing, self.high = low, spacing, low + spacing * (len(values) - 1)
        self._outside = np.full(values.shape[1:], np.nan)

    def __call__(self, x: float, order: int = 0) -> list[np.ndarray]:
        if not self.low <= x <= self.high:
            return [self._outside] * (order + 1)
        t = (x - self.low) / self.spacing
        k = min(int(t), len(self._pieces) - 1)
        t -= k
        a, b, c, d = self._pieces[k]
        derivatives = [a + t * (b + t * (c + t * d))]
        if order >= 1:
            derivatives.append((b + t * (2.0 * c + (3.0 * t) * d)) / self.spacing)
        if order >= 2:
            derivatives.append((2.0 * c + (6.0 * t) * d) / self.spacing**2)
        return derivatives


@dataclass(frozen=True)
class Column:
    """One column of a table, as the function of an External of one argument.

    x is an array (rows,) for a Table, and a number for a LevelTable.
    """

    table: Table | LevelTable
    number: int

    def __call__(self, orders: tuple[int], x: Number) -> np.ndarray:
        if isinstance(self.table, LevelTable):
            derivatives = self.table(float(x), orders[0])
        else:
            derivatives = self.table(np.asarray(x), orders[0])
        return derivatives[orders[0]][self.number]


def externals(name: str, table: Table | LevelTable, columns: Sequence[str]) -> dict[str, External]:
    """Column name -> External of one argument, for the columns of a table in their order."""
    return {column: External(f"{name}_{column}", Column(table, k), 1) for k, column in enumerate(columns)}
