"""Derivatives of a field's functions along directions of the numbers in them, at a fixed state.

With z the links, L the rates of the storages and v the rates of cells and levels: z_p, (Z v)_p and L_p.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..declare.direction import Direction
from ..declare.field import Field
from ..declare.model import Model
from ..generate.field_text import slopes_by_numbers
from .field_layout import Layout
from .field_links import FieldLinks


@dataclass(frozen=True)
class NumberSlopes:
    """The derivatives of one field. weights (numbers, directions): of each number along each direction."""

    weights: np.ndarray
    layout: Layout
    reads: FieldLinks
    functions: Mapping[str, Callable]

    @np.errstate(all="ignore")  # of the branches that are not taken
    def links(
        self, S: np.ndarray, levels: Sequence[float], with_faces: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """z_p (links, directions), and L_p (components, cells, directions). S: cells.

        with_faces: whether those of face links and L_p are needed; else 0 and None.
        """
        places, here = self.layout.links, self.layout.rows(S)
        z_p = np.zeros((places.count, self.weights.shape[1]))
        sums = self._rows(self.functions["cells"](*here, *levels)[0], self.layout.cells).sum(axis=2)
        z_p[places.total] = sums @ self.weights
        if not with_faces:
            return z_p, None
        fluxes, of_faces = self.functions["faces"](*self.reads.at_faces(here), *levels)
        slopes = self._rows(of_faces, self.layout.cells - 1)
        for k, slope, face in zip(places.face, slopes, places.faces):
            z_p[k] = slope[:, face] @ self.weights
        along = self._rows(fluxes, self.layout.cells - 1).transpose(0, 2, 1) @ self.weights
        balances = np.zeros((len(along), self.layout.cells, self.weights.shape[1]))
        balances[:, :-1] += along
        balances[:, 1:] -= along
        return z_p, balances

    @np.errstate(all="ignore")  # of the branches that are not taken
    def link_rates(
        self, S: np.ndarray, rate: np.ndarray, levels: Sequence[float], level_rates: np.ndarray
    ) -> np.ndarray:
        """(Z v)_p (links, directions) of the links of sums; others have no rate, or no number.

        rate: of the cells. level_rates: of the levels.
        """
        places, rates = self.layout.links, self.layout.rows(rate)
        turned = np.zeros((places.count, self.weights.shape[1]))
        _, by_cell, by_level = self.functions["cells"](*self.layout.rows(S), *levels)
        many, numbers = self.layout.components, len(self.weights)
        cells = self._rows(by_cell, self.layout.cells).reshape(-1, many, numbers, self.layout.cells)
        along = np.einsum("kapi,ai->kp", cells, np.array(rates))
        if len(level_rates):
            of_levels = self._rows(by_level, self.layout.cells).sum(axis=2)
            along = along + np.einsum(
                "klp,l->kp", of_levels.reshape(-1, len(level_rates), numbers), level_rates
            )
        turned[places.total] = along @ self.weights
        return turned

    @np.errstate(all="ignore")  # of the branches that are not taken
    def profiles(self, S: np.ndarray, levels: Sequence[float]) -> np.ndarray:
        """Of what is stored of every cell (stored, cells, directions)."""
        slopes = self.functions["outputs"](*self.layout.rows(S), *levels)
        stored: np.ndarray = self._rows(slopes, self.layout.cells).transpose(0, 2, 1) @ self.weights
        return stored

    def _rows(self, slopes: Sequence[np.ndarray], length: int) -> np.ndarray:
        """Derivatives (rows, numbers, length); one that is the same at all places is a number."""
        numbers = len(self.weights)
        whole = [np.broadcast_to(slope, length) for slope in slopes]
        return np.array(whole, dtype=float).reshape(-1, numbers, length)


def number_slopes(
    model: Model,
    field: Field,
    directions: Sequence[Direction],
    layout: Layout,
    reads: FieldLinks,
) -> NumberSlopes | None:
    """The derivatives along directions; None where these vary no number of the field."""
    names = [name for name in field.numbers if any(name in along.weights for along in directions)]
    if not names:
        return None
    weights = np.zeros((len(names), len(directions)))
    for row, name in zip(weights, names):
        for k, along in enumerate(directions):
            row[k] = along.weights.get(name, 0.0) * (field.numbers[name] if along.relative else 1.0)
    return NumberSlopes(weights, layout, reads, slopes_by_numbers(model, field, names))
