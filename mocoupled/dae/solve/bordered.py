"""A Jacobian from its parts: a band of three diagonals, a few full columns and rows, and a border below."""

from __future__ import annotations

import numpy as np


def dense(band, columns, at, rows, border) -> np.ndarray:
    """(n + b, n + b). band: diagonal, upper and lower diagonal of the first n rows; columns (n, c), at the columns `at` (c,)
    of these rows; rows: [(row, (n + b,))] to add to them; border (b, n + b): the rows below."""
    n, whole = len(band[0]), len(band[0]) + border.shape[0]
    jacobian = np.zeros((whole, whole))
    flat = jacobian.reshape(-1)
    flat[: n * whole : whole + 1] = band[0]
    flat[1 : (n - 1) * whole : whole + 1] = band[1]
    flat[whole : n * whole : whole + 1] = band[2]
    jacobian[:n, at] = columns
    for row, values in rows:
        jacobian[row] += values
    jacobian[n:] = border
    return jacobian


def sparse(band, columns, at, rows, border):
    """The same as a sparse matrix in columns."""
    from scipy.sparse import coo_matrix, diags

    n, whole = len(band[0]), len(band[0]) + border.shape[0]
    middle = diags(band, [0, 1, -1], shape=(n, n), format="coo")
    at_rows, at_columns, values = [middle.row], [middle.col], [middle.data]
    for place, column in zip(at, columns.T):
        at_rows.append(np.arange(n))
        at_columns.append(np.full(n, place))
        values.append(column)
    for row, told in rows:
        there = np.flatnonzero(told)
        at_rows.append(np.full(len(there), row))
        at_columns.append(there)
        values.append(told[there])
    r, c = np.nonzero(border)
    at_rows.append(r + n)
    at_columns.append(c)
    values.append(border[r, c])
    return coo_matrix(
        (np.concatenate(values), (np.concatenate(at_rows), np.concatenate(at_columns))), shape=(whole, whole)
    ).tocsc()
