"""A Jacobian from its parts: a band of three diagonals, a few full columns and rows, and a border below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

Band = tuple[np.ndarray, np.ndarray, np.ndarray]  # diagonal (n,), upper and lower diagonal (n - 1,)


@dataclass(frozen=True)
class Bordered:
    """The parts of a matrix (n + b, n + b).

    band: of the first n rows. columns (n, c): full columns of these rows, at the positions `at` (c,).
    rows: (row, (n + b,)) to add to them. border (b, n + b): the rows below.
    """

    band: Band
    columns: np.ndarray
    at: np.ndarray
    rows: Sequence[tuple[int, np.ndarray]]
    border: np.ndarray

    def dense(self) -> np.ndarray:
        """The matrix as an array."""
        n = len(self.band[0])
        whole = n + len(self.border)
        jacobian = np.zeros((whole, whole))
        flat = jacobian.reshape(-1)
        flat[: n * whole : whole + 1] = self.band[0]
        flat[1 : (n - 1) * whole : whole + 1] = self.band[1]
        flat[whole : n * whole : whole + 1] = self.band[2]
        jacobian[:n, self.at] = self.columns
        for row, values in self.rows:
            jacobian[row] += values
        jacobian[n:] = self.border
        return jacobian

    def sparse(self) -> csc_matrix:
        """The matrix as a sparse matrix in columns."""
        from scipy.sparse import coo_matrix, diags

        n = len(self.band[0])
        whole = n + len(self.border)
        middle = diags(self.band, [0, 1, -1], shape=(n, n), format="coo")
        at_rows, at_columns, values = [middle.row], [middle.col], [middle.data]
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
