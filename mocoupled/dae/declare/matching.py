"""A perfect matching of rows and unknowns: the check that equations determine their unknowns by structure."""

from __future__ import annotations

from collections.abc import Sequence


def place(row: int, rows: Sequence[Sequence[int]], owner: dict[int, int], tried: set[int]) -> bool:
    """Give `row` a column, moving other rows to other columns where needed (augmenting paths).

    rows: for each row the columns that it may have, in the order in which they are tried.
    owner: column -> row; changed in place where the result is True, else left as it is.
    tried: columns that this search has visited, filled in place.
    """
    for column in rows[row]:
        if column not in tried:
            tried.add(column)
            if column not in owner or place(owner[column], rows, owner, tried):
                owner[column] = row
                return True
    return False
