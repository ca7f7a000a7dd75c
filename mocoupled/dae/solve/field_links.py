"""Values and slopes of the links between a field and the scalars, from the generated functions of the field.

S (cells,) is the field; levels are the scalars that it sees, as floats in the order of Field.levels.
An array over links is in the order of the model's links.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..generate.field_text import Stencil
from .field_layout import EDGES, Layout

Arrays = Sequence[np.ndarray]
Slopes = tuple[np.ndarray, np.ndarray]  # by cells (links, cells), by levels (links, levels)


class FieldLinks:
    """The links of one model."""

    def __init__(self, stencil: Stencil, layout: Layout) -> None:
        self._stencil, self._layout, self._links = stencil, layout, layout.links
        self._levels = len(layout.scalars.levels)

    def edge_cells(self, S: np.ndarray, levels: Sequence[float]) -> list[float]:
        """What the functions of the edge links read: first, second and last cell, then the levels."""
        return [S.item(0), S.item(1), S.item(-1), *levels]

    def values(self, S: np.ndarray, levels: Sequence[float]) -> np.ndarray:
        """All links (links,)."""
        z = self.stored(S, levels)
        quantities = self._stencil.faces(S[:-1], S[1:], *levels)[1]
        for k, face, quantity in zip(self._links.face, self._links.faces, quantities):
            z[k] = quantity[face]
        return z

    def stored(self, S: np.ndarray, levels: Sequence[float]) -> np.ndarray:
        """The links with 0 for the quantities at faces, which no storage and no residual has."""
        z = np.zeros(self._links.count)
        if self._links.edge:
            z[self._links.edge] = self._stencil.edges(self.edge_cells(S, levels))[0]
        z[self._links.total] = [np.add.reduce(m) for m in self._stencil.cells(S, *levels)[3]]
        return z

    def stored_with_slopes(self, S: np.ndarray, levels: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
        """The links as of `stored`, and their slopes by the levels (links, levels)."""
        z = np.zeros(self._links.count)
        edge, slopes = self._stencil.edges(self.edge_cells(S, levels))
        _, _, _, total, _, by_level = self._stencil.cells(S, *levels)
        if self._links.edge:
            z[self._links.edge] = edge
        z[self._links.total] = [np.add.reduce(m) for m in total]
        return z, self.level_slopes(slopes, by_level)

    def value_of(self, kind: str, k: int) -> Callable[[np.ndarray, Sequence[float]], float]:
        """A function of S and levels: the value of link number k of the model, of kind "edge" or "total"."""
        if kind == "edge":
            place = self._links.edge.index(k)
            return lambda S, levels: self._stencil.edges(self.edge_cells(S, levels))[0][place]
        place = self._links.total.index(k)
        return lambda S, levels: float(np.sum(self._stencil.cells(S, *levels)[3][place]))

    # -- slopes ------------------------------------------------------------------------------------------

    def level_slopes(self, edge: Sequence[float], total: Arrays) -> np.ndarray:
        """Slopes of edge and total links by the levels (links, levels).

        edge: gradients of the edge links in one list. total: derivatives of the total links, cell by cell.
        """
        by_level, many, width = np.zeros((self._links.count, self._levels)), self._levels, self._links.width
        for j, k in enumerate(self._links.edge):
            by_level[k] = edge[width * j + EDGES : width * (j + 1)]
        for j, k in enumerate(self._links.total):
            by_level[k] = [np.add.reduce(slope) for slope in total[many * j : many * (j + 1)]]
        return by_level

    def slopes(
        self, edge: Sequence[float], total: Arrays, face: Sequence[Arrays], by_level: np.ndarray
    ) -> Slopes:
        """The slopes of all links by the cells, and those by the levels.

        face: for each face link its derivatives by above, by below and by the levels.
        by_level: those of edge and total links by the levels.
        """
        by_level = by_level.copy()
        by_cell, width = np.zeros((self._links.count, self._layout.cells)), self._links.width
        for j, k in enumerate(self._links.edge):
            by_cell[k, 0], by_cell[k, 1], by_cell[k, -1] = edge[width * j : width * j + EDGES]
        for k, slope in zip(self._links.total, total):
            by_cell[k] = slope
        for (above, below, *levels), k, place in zip(face, self._links.face, self._links.faces):
            by_cell[k, place], by_cell[k, place + 1] = above[place], below[place]
            by_level[k] = [slope[place] for slope in levels]
        return by_cell, by_level

    def bends(
        self,
        edge_cells: Sequence[float],
        rate_S: np.ndarray,
        total: Arrays,
        rate_levels: np.ndarray,
        level_bends: Sequence[Arrays],
    ) -> Slopes:
        """Slopes of the links' rates at fixed rates of cells and levels; those of face links are not needed.

        total: second derivatives of the total links by the cells.
        level_bends: with levels, the derivatives of the totals' derivatives by levels: by cells, by levels.
        """
        many, width = self._levels, self._links.width
        by_cell = np.zeros((self._links.count, self._layout.cells))
        by_level = np.zeros((self._links.count, many))
        rates = self.edge_cells(rate_S, rate_levels.tolist())
        edge = self._stencil.edges_curved(edge_cells, rates)
        for j, k in enumerate(self._links.edge):
            first, second, last, *levels = edge[width * j : width * (j + 1)]
            by_cell[k, 0], by_cell[k, 1], by_cell[k, -1], by_level[k] = first, second, last, levels
        for k, bend in zip(self._links.total, total):
            by_cell[k] = bend * rate_S
        for j, k in enumerate(self._links.total if many else ()):
            mixed = level_bends[0][many * j : many * (j + 1)]
            squares = level_bends[1][many**2 * j : many**2 * (j + 1)]
            by_cell[k] += sum(slope * rate for slope, rate in zip(mixed, rate_levels))
            bends = np.reshape([np.add.reduce(bend) for bend in squares], (many, many))
            by_level[k] = [float(np.dot(slope, rate_S)) for slope in mixed] + bends @ rate_levels
        return by_cell, by_level
