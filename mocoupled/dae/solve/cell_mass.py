"""The mass matrices of the cells: the slopes of the storages by the components of the same cell, solved."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class CellMass:
    """C (components, components) of every cell; one component is divided by, several need an inverse."""

    def __init__(self, slopes: Sequence[np.ndarray]) -> None:
        """slopes: d(storage a)/d(component b) of all cells, (cells,) each, a by a.

        LinAlgError where a matrix is singular.
        """
        self._only = slopes[0]
        self._inverse: np.ndarray | None = None
        if len(slopes) > 1:
            many = round(len(slopes) ** 0.5)
            by_cell = np.stack(slopes, axis=1).reshape(-1, many, many)
            self._inverse = np.ascontiguousarray(np.linalg.inv(by_cell).transpose(1, 2, 0))

    def solve(self, balances: np.ndarray, cells: slice = slice(None)) -> np.ndarray:
        """C^-1 of (components, cells) for those cells."""
        if self._inverse is None:
            return np.asarray(balances / self._only[cells])
        return np.add.reduce(self._inverse[:, :, cells] * balances, axis=1)

    def of_end(self, cell: int, component: int, row: np.ndarray) -> list[np.ndarray]:
        """The rows of a cell's components for a row of the balance of one component."""
        if self._inverse is None:
            return [row / self._only[cell]]
        return [weight * row for weight in self._inverse[:, component, cell]]
