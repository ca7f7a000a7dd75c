"""A Jacobian from its parts: a band of three block diagonals, a few full columns and rows, a border below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

# blocks on, above and below the diagonal: (m, m, cells), (m, m, cells - 1) twice; row, column, cell
Band = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Bordered:
    """The parts of a matrix (n + b, n + b).

    band: of the first n rows, m to a cell.
    columns (n, c): full columns of these rows, at the positions `at` (c,).
    rows: (row, (n + b,)) to add to them. border (b, n + b): the rows below.
    """

    band: Band
    columns: np.ndarray
    at: np.ndarray
    rows: Sequence[tuple[int, np.ndarray]]
    border: np.ndarray

    @property
    def inner(self) -> int:
        """The rows of the band."""
        many, _, cells = self.band[0].shape
        return many * cells

    def _diagonals(self) -> Iterator[tuple[int, int, int, np.ndarray]]:
        """First row, first column, step and entries of every diagonal of the band."""
        main, upper, lower = self.band
        many = len(main)
        for blocks, down, right in ((main, 0, 0), (upper, 0, many), (lower, many, 0)):
            for a in range(many):
                for b in range(many):
                    yield down + a, right + b, many, blocks[a, b]

    def dense(self) -> np.ndarray:
        """The matrix as an array."""
        n = self.inner
        whole = n + len(self.border)
        jacobian = np.zeros((whole, whole))
        flat = jacobian.reshape(-1)
        for row, column, step, entries in self._diagonals():
            first, stride = row * whole + column, step * (whole + 1)
            flat[first : first + stride * (len(entries) - 1) + 1 : stride] = entries
        jacobian[:n, self.at] = self.columns
        for row, values in self.rows:
            jacobian[row] += values
        jacobian[n:] = self.border
        return jacobian

    def sparse(self) -> csc_matrix:
        """The matrix as a sparse matrix in columns."""
        from scipy.sparse import coo_matrix

        n = self.inner
        whole = n + len(self.border)
        at_rows, at_columns, values = [], [], []
        for row, column, step, diagonal in self._diagonals():
            there = np.flatnonzero(diagonal)
            at_rows.append(row + step * there)
            at_columns.append(column + step * there)
            values.append(diagonal[there])
        for place, column in zip(self.at, self.columns.T):
            at_rows.append(np.arange(n))
            at_columns.append(np.full(n, place))
            values.append(column)
        for row, added in self.rows:
            there = np.flatnonzero(added)
            at_rows.append(np.full(len(there), row))
            at_columns.append(there)
            values.append(added[there])
        r, c = np.nonzero(self.border)
        at_rows.append(r + n)
        at_columns.append(c)
        values.append(self.border[r, c])
        entries = (np.concatenate(values), (np.concatenate(at_rows), np.concatenate(at_columns)))
        return coo_matrix(entries, shape=(whole, whole)).tocsc()
