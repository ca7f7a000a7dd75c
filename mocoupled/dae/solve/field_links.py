"""Values and slopes of the links between a field and the scalars, from the generated functions of the field.

S (cells * components,) is the field, with the components of a cell side by side.
Levels are the scalars that it sees, as floats in the order of Field.levels.
An array over links is in the order of the model's links.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from ..generate.field_text import Stencil
from .field_layout import Layout

Arrays = Sequence[np.ndarray]
Slopes = tuple[np.ndarray, np.ndarray]  # by the field (links, cells * components), by levels (links, levels)


class FieldLinks:
    """The links of one model."""

    def __init__(self, stencil: Stencil, layout: Layout) -> None:
        self._stencil, self._layout, self._links = stencil, layout, layout.links
        self._levels, self._components = len(layout.scalars.levels), layout.components

    def edge_cells(self, S: np.ndarray, levels: Sequence[float]) -> list[float]:
        """What the functions of the edge links read: first, second and last cell, then the levels."""
        many = self._components
        return [*S[: 2 * many].tolist(), *S[-many:].tolist(), *levels]

    def at_faces(self, rows: np.ndarray) -> list[np.ndarray]:
        """What the functions of the faces read: all components above, then below. rows: by component."""
        return [*(row[:-1] for row in rows), *(row[1:] for row in rows)]

    def values(self, S: np.ndarray, levels: Sequence[float]) -> np.ndarray:
        """All links (links,)."""
        z = self.stored(S, levels)
        quantities = self._stencil.faces(*self.at_faces(self._layout.rows(S)), *levels)[1]
        for k, face, quantity in zip(self._links.face, self._links.faces, quantities):
            z[k] = quantity[face]
        return z

    def stored(self, S: np.ndarray, levels: Sequence[float]) -> np.ndarray:
        """The links with 0 for the quantities at faces, which no storage and no residual has."""
        z = np.zeros(self._links.count)
        if self._links.edge:
            z[self._links.edge] = self._stencil.edges(self.edge_cells(S, levels))[0]
        z[self._links.total] = [
            np.add.reduce(m) for m in self._stencil.cells(*self._layout.rows(S), *levels)[3]
        ]
        return z

    def stored_with_slopes(self, S: np.ndarray, levels: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
        """The links as of `stored`, and their slopes by the levels (links, levels)."""
        z = np.zeros(self._links.count)
        edge, slopes = self._stencil.edges(self.edge_cells(S, levels))
        _, _, _, total, _, by_level = self._stencil.cells(*self._layout.rows(S), *levels)
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
        cells, rows = self._stencil.cells, self._layout.rows
        return lambda S, levels: float(np.sum(cells(*rows(S), *levels)[3][place]))

    # -- slopes ------------------------------------------------------------------------------------------

    def level_slopes(self, edge: Sequence[float], total: Arrays) -> np.ndarray:
        """Slopes of edge and total links by the levels (links, levels).

        edge: gradients of the edge links in one list. total: derivatives of the total links, cell by cell.
        """
        by_level, many, width = np.zeros((self._links.count, self._levels)), self._levels, self._links.width
        for j, k in enumerate(self._links.edge):
            by_level[k] = edge[width * j + self._links.edges : width * (j + 1)]
        for j, k in enumerate(self._links.total):
            by_level[k] = [np.add.reduce(slope) for slope in total[many * j : many * (j + 1)]]
        return by_level

    def slopes(
        self, edge: Sequence[float], total: Arrays, face: Sequence[Arrays], by_level: np.ndarray
    ) -> Slopes:
        """The slopes of all links by the cells, and those by the levels.

        total: for each total link its derivatives by the components, cell by cell.
        face: for each face link its derivatives by above, by below and by the levels.
        by_level: those of edge and total links by the levels.
        """
        by_level = by_level.copy()
        by_cell, width = np.zeros((self._links.count, self._layout.size)), self._links.width
        many = self._components
        for j, k in enumerate(self._links.edge):
            self._spread(by_cell[k], edge[width * j : width * j + self._links.edges])
        for j, k in enumerate(self._links.total):
            for a in range(many):
                by_cell[k, a::many] = total[many * j + a]
        for slopes, k, place in zip(face, self._links.face, self._links.faces):
            at_face = [slope[place] for slope in slopes]
            by_cell[k, many * place : many * (place + 2)] = at_face[: 2 * many]
            by_level[k] = at_face[2 * many :]
        return by_cell, by_level

    def _spread(self, row: np.ndarray, values: Sequence[float]) -> None:
        """Put the derivatives of an edge link by the unknowns of three cells into a row, in place."""
        many = self._components
        row[: 2 * many], row[-many:] = values[: 2 * many], values[2 * many :]

    def bends(
        self,
        edge_cells: Sequence[float],
        rate_S: np.ndarray,
        total: Arrays,
        rate_levels: np.ndarray,
        level_bends: Sequence[Arrays],
    ) -> Slopes:
        """Slopes of the links' rates at fixed rates of cells and levels; those of face links are not needed.

        total: second derivatives of the total links by the components of a cell.
        level_bends: with levels, the derivatives of the totals' derivatives by levels: by cells, by levels.
        """
        many, width, components = self._levels, self._links.width, self._components
        rates_by_component = self._layout.rows(rate_S)
        by_cell = np.zeros((self._links.count, self._layout.size))
        by_level = np.zeros((self._links.count, many))
        rates = self.edge_cells(rate_S, rate_levels.tolist())
        edge = self._stencil.edges_curved(edge_cells, rates)
        for j, k in enumerate(self._links.edge):
            bends = edge[width * j : width * (j + 1)]
            self._spread(by_cell[k], bends[: self._links.edges])
            by_level[k] = bends[self._links.edges :]
        for j, k in enumerate(self._links.total):
            squares = total[components**2 * j : components**2 * (j + 1)]
            for a, rate in enumerate(rates_by_component):
                for b in range(components):
                    by_cell[k, b::components] += squares[components * a + b] * rate
        for j, k in enumerate(self._links.total if many else ()):
            mixed = level_bends[0][many * components * j : many * components * (j + 1)]
            squares = level_bends[1][many**2 * j : many**2 * (j + 1)]
            for b in range(components):
                slopes = mixed[b::components]
                by_cell[k, b::components] += sum(slope * rate for slope, rate in zip(slopes, rate_levels))
            curved = np.reshape([np.add.reduce(bend) for bend in squares], (many, many))
            moved = [
                self.along(mixed[components * i : components * (i + 1)], rates_by_component)
                for i in range(many)
            ]
            by_level[k] = moved + curved @ rate_levels
        return by_cell, by_level

    @staticmethod
    def along(slopes: Arrays, rates: np.ndarray) -> float:
        """The sum over cells and components of slope times rate; both by component."""
        products = [float(np.dot(slope, rate)) for slope, rate in zip(slopes, rates)]
        return products[0] if len(products) == 1 else math.fsum(products)
