"""d(dy/dt)/dy of a model with a field: a band for the cells, bordered by scalars and accumulated sources.

The leading scalars obey (see field_rates.py)

    A_d d(dd/dt) = -(G_d dd + G_z dz + G_q dq + A_z d(dz/dt)) - alpha (A_d dd + A_z Z dS - dq),

where A_d has A_z Z_l in it, and d(dz/dt) is without Z_l d(dl/dt).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..generate.field_text import Stencil
from .bordered import Band, Bordered
from .cell_mass import CellMass
from .clamped_newton import solved
from .field_layout import Layout
from .field_links import FieldLinks
from .field_rates import FOLLOW_RATE, Rates
from .system import System, Values

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

# unknowns of the cells up to which a dense Jacobian and its factorization are faster than sparse ones
DENSE = 150


@dataclass(frozen=True)
class _Slopes:
    """Derivatives at one state, by cells or by levels for links, else by leaders, links and q (columns).

    Z, Z_l: of the links; W, W_l: of their rates at fixed rates of cells and levels.
    followers: of the scalars that follow; G, G_s, G_i: of A v - sources, of the sources, of the inflows.
    """

    Z: np.ndarray
    Z_l: np.ndarray
    W: np.ndarray
    W_l: np.ndarray
    followers: np.ndarray
    G: np.ndarray
    G_s: np.ndarray
    G_i: np.ndarray


@dataclass(frozen=True)
class _CellRows:
    """The rows of the cells: a band, columns of the levels (rows, levels), rows with an inflow at an end."""

    band: Band
    by_level: np.ndarray
    ends: list[tuple[int, np.ndarray]]


class FieldJacobian:
    """The Jacobian of one model, from its scalar part and the generated functions of its field."""

    def __init__(self, scalar: System, stencil: Stencil, layout: Layout, links: FieldLinks) -> None:
        self._scalar, self._stencil, self._layout, self._links = scalar, stencil, layout, links
        where = layout.scalars
        self._cells, self._size = layout.size, layout.size + where.count
        self._at = layout.size + where.levels  # columns of the levels
        self._lead = layout.size + where.leaders  # columns of the leaders
        leaders, links_end = len(where.leaders), len(where.leaders) + layout.links.count
        self._of_leaders, self._of_links = slice(0, leaders), slice(leaders, links_end)
        self._of_q = slice(links_end, None)

    def jacobian(
        self, rates: Rates, S: np.ndarray, q: np.ndarray, p: Values, time: float, alpha: float
    ) -> np.ndarray | csc_matrix:
        """d(dy/dt)/dy from the rates at a state; dense (len(y), len(y)), or sparse for many cells."""
        levels = [rates.x.item(k) for k in self._layout.scalars.levels]
        many, here = self._layout.components, self._layout.rows(S)
        bends, d_sources, bent, *level_bends = self._stencil.cells_curved(*here, *levels)
        slopes_at_faces = self._by_function(self._stencil.faces_linear(*self._links.at_faces(here), *levels))
        fluxes, at_faces = slopes_at_faces[:many], slopes_at_faces[many:]
        Z, Z_l = self._links.slopes(rates.edge_slopes, rates.total_slopes, at_faces, rates.level_slopes)
        rate_levels = rates.scalars[self._layout.scalars.levels]
        W, W_l = self._links.bends(rates.edge_cells, rates.cells, bent, rate_levels, level_bends)
        followers = self._follower_slopes(rates.A, len(q))
        G, G_s, G_i = (
            self._folded(part, followers, len(q))
            for part in self._scalar.curvature(rates.x, rates.scalars, p, time, rates.z, rates.z_rate)
        )
        slopes = _Slopes(Z, Z_l, W, W_l, followers, G, G_s, G_i)
        band = self._band(rates, bends, d_sources, fluxes)
        by_level = [flux[2 * many :] for flux in fluxes]
        rows = _CellRows(band, self._level_columns(by_level, rates.C), self._end_rows(rates, slopes, len(q)))
        border = self._border(rates, slopes, rows, q, p, time, alpha)
        matrix = Bordered(rows.band, rows.by_level, self._at, rows.ends, border)
        return matrix.dense() if self._cells <= DENSE else matrix.sparse()

    # -- parts -------------------------------------------------------------------------------------------

    def _band(
        self,
        rates: Rates,
        bends: Sequence[np.ndarray],
        d_sources: Sequence[np.ndarray],
        fluxes: Sequence[Sequence[np.ndarray]],
    ) -> Band:
        """The blocks of the cells, from the derivatives of storages, sources and fluxes (row by row)."""
        many, cells = self._layout.components, self._layout.cells
        here = self._layout.rows(rates.cells)
        main = np.empty((many, many, cells))  # component of the row, of the column, cell
        upper, lower = np.empty((2, many, many, cells - 1))
        for a, flux in enumerate(fluxes):
            for b in range(many):
                block, above, below = main[a, b], flux[b], flux[many + b]
                block[:] = d_sources[many * a + b]
                for k, rate in enumerate(here):
                    block -= bends[many * (many * a + k) + b] * rate
                block[:-1] += above
                block[1:] -= below
                upper[a, b] = below
                np.negative(above, out=lower[a, b])
        C = rates.C
        for b in range(many):
            main[:, b] = C.solve(main[:, b])
            upper[:, b] = C.solve(upper[:, b], slice(None, -1))
            lower[:, b] = C.solve(lower[:, b], slice(1, None))
        return main, upper, lower

    def _by_function(self, slopes: list[np.ndarray]) -> list[list[np.ndarray]]:
        """Derivatives at the faces, by function: each by above, by below and by the levels."""
        width = 2 * self._layout.components + len(self._at)
        return [slopes[k : k + width] for k in range(0, len(slopes), width)]

    def _follower_slopes(self, A: np.ndarray, nq: int) -> np.ndarray:
        """Derivatives of the followers by leaders, links and q: df = -A_f^-1 (A_d dd + A_z dz - dq)."""
        where = self._layout.scalars
        rows = where.follower_rows
        by_leaders, by_links = A[rows[:, None], where.leaders], A[rows, where.count :]
        right = np.concatenate([-by_leaders, -by_links, np.zeros((len(rows), nq))], axis=1)
        for row, entry in where.following_sources:
            right[row, right.shape[1] - nq + entry] = 1.0
        return solved(A[rows[:, None], where.followers], right)

    def _folded(self, part: np.ndarray, followers: np.ndarray, nq: int) -> np.ndarray:
        """Derivatives by unknowns and links as those by leaders, links and q.

        The share of the followers is added to both.
        """
        where = self._layout.scalars
        rest = [part[:, where.leaders], part[:, where.count :], np.zeros((len(part), nq))]
        return np.concatenate(rest, axis=1) + part[:, where.followers] @ followers

    def _level_columns(self, by_level: list[list[np.ndarray]], C: CellMass) -> np.ndarray:
        """What the cells see of the levels, through the fluxes. by_level: of each flux."""
        columns = np.zeros((self._cells, len(self._at)))
        for j, slopes in enumerate(zip(*by_level)):
            column = np.zeros((self._layout.components, self._layout.cells))
            for row, slope in zip(column, slopes):
                row[1:] -= slope
                row[:-1] += slope
            columns[:, j] = C.solve(column).T.ravel()
        return columns

    def _end_rows(self, rates: Rates, slopes: _Slopes, nq: int) -> list[tuple[int, np.ndarray]]:
        """What the inflows at the ends see, as rows of the cells that they enter."""
        rows = []
        for k, component, cell in self._layout.inflows.at_ends:
            first = self._layout.components * cell
            for place, row in enumerate(rates.C.of_end(cell, component, slopes.G_i[k]), first):
                whole = np.zeros(self._size + nq)
                whole[: self._cells] = row[self._of_links] @ slopes.Z
                whole[self._lead], whole[self._size :] = row[self._of_leaders], row[self._of_q]
                whole[self._at] += row[self._of_links] @ slopes.Z_l
                rows.append((place, whole))
        return rows

    def _by_state(self, part: np.ndarray, slopes: _Slopes) -> np.ndarray:
        """Derivatives by leaders, links and q as derivatives by y (rows, len(y)).

        What the links see of the levels is left out.
        """
        n, m = self._cells, self._size
        by_q = part[:, self._of_q]
        whole = np.zeros((len(part), m + by_q.shape[1]))
        whole[:, :n] = part[:, self._of_links] @ slopes.Z
        whole[:, self._lead], whole[:, m:] = part[:, self._of_leaders], by_q
        return whole

    def _link_rates(self, slopes: _Slopes, rows: _CellRows, width: int) -> np.ndarray:
        """d(dz/dt)/dy (links, len(y)): Z times the cells' Jacobian, by the blocks of the band."""
        Z, (diagonal, upper, lower) = slopes.Z, rows.band
        turned = np.zeros((len(Z), width))
        inner = turned[:, : self._cells]
        many = self._layout.components
        for a in range(many):
            Z_a = Z[:, a::many]
            for b in range(many):
                inner_b = inner[:, b::many]
                inner_b += Z_a * diagonal[a, b]
                inner_b[:, 1:] += Z_a[:, :-1] * upper[a, b]
                inner_b[:, :-1] += Z_a[:, 1:] * lower[a, b]
        inner += slopes.W
        turned[:, self._at] = Z @ rows.by_level + slopes.W_l
        for row, whole in rows.ends:
            turned += Z[:, row, None] * whole
        return turned

    def _border(
        self,
        rates: Rates,
        slopes: _Slopes,
        rows: _CellRows,
        q: np.ndarray,
        p: Values,
        time: float,
        alpha: float,
    ) -> np.ndarray:
        """The rows of the scalars and of the accumulated sources."""
        where, scalar = self._layout.scalars, self._scalar
        nx, nq = where.count, len(q)
        turned = self._link_rates(slopes, rows, self._size + nq)
        border = np.zeros((nx + nq, self._size + nq))
        border[where.leaders] = solved(rates.A_d, self._leaders_right(rates, slopes, turned, alpha))
        border[where.leaders, self._lead] -= alpha
        following, mine = FOLLOW_RATE * slopes.followers, where.followers
        border[mine] = self._by_state(following, slopes)
        border[mine, self._cells + mine] -= FOLLOW_RATE
        sourced = slopes.G_s[self._layout.sourced]
        if not scalar.carrying:
            border[nx:] = self._by_state(sourced, slopes)
        else:
            _, G_c, C_v = scalar.carried(rates.x, rates.scalars, p, time, rates.z, rates.z_rate)
            sourced = np.concatenate([sourced, self._folded(G_c, slopes.followers, nq)])
            border[nx:] = self._by_state(sourced, slopes)
            link_rates = turned + slopes.Z_l @ border[where.levels]
            border[nx + len(self._layout.sourced) :] += C_v[:, nx:] @ link_rates
        if len(self._at):
            border[mine[:, None], self._at] += following[:, self._of_links] @ slopes.Z_l
            border[nx:, self._at] += sourced[:, self._of_links] @ slopes.Z_l
        return border

    def _leaders_right(self, rates: Rates, slopes: _Slopes, turned: np.ndarray, alpha: float) -> np.ndarray:
        """A_d d(dd/dt) + alpha A_d dd (leaders, len(y)): the right-hand side of the equation at the top."""
        where = self._layout.scalars
        n, m = self._cells, self._size
        A_z = rates.A[where.leader_rows, where.count :]
        G = slopes.G[where.leader_rows]
        right = -(A_z @ turned)
        right[:, :n] -= (G[:, self._of_links] + alpha * A_z) @ slopes.Z
        right[:, self._lead] -= G[:, self._of_leaders]
        right[:, self._at] -= G[:, self._of_links] @ slopes.Z_l
        right[:, m:] -= G[:, self._of_q]
        for row, entry in where.leading_sources:
            right[row, m + entry] += alpha
        return right
