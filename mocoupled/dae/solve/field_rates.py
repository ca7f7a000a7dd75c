"""dy/dt of a model with a field, and the parts of it that its Jacobian needs again.

With C the slopes of a cell's storages (a matrix over its components), L their fluxes and sources,
i the inflows, d the leading scalars, f those that follow, z(S) the links and Z their gradient,

    C dS/dt = L(S) + i(d, f, z),
    A_d dd/dt + A_z Z dS/dt = [sources; 0] - dH/dtime - alpha (H - [totals + q; 0]).

Levels are scalars l among d that the field itself sees: L(S, l) and z(S, l).
The gradient Z_l of the links by the levels adds A_z Z_l to the columns of A_d.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..generate.field_text import Stencil
from .cell_mass import CellMass
from .clamped_newton import solved
from .field_layout import Layout
from .field_links import FieldLinks
from .system import Linear, RowsAt, System, Values

EXACT = 1e-9  # a Newton step of the followers, in logarithms, that is too small to be taken
FOLLOWED = 1e-6  # last Newton step of the followers, in logarithms: after it the error is about its square
FOLLOWING_STEPS = 40
FOLLOW_RATE = 1.0  # 1/s, at which the stored followers approach those that the rates use


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates at one state, and what they were computed from.

    cells (cells * components,): dS/dt; scalars: dx/dt; accumulated: dq/dt.
    x: the scalars, with followers solved for.
    edge_cells, edge_slopes: argument and gradients of the edge links.
    C: slopes of the storages, cell by cell.
    total_slopes: derivatives of the total links, cell by cell; z, z_rate: links and their rates.
    A (rows, unknowns + links): dH/dx; A_d: the leaders' part, with A_z Z_l in it.
    level_slopes: Z_l (links, levels).
    """

    cells: np.ndarray
    scalars: np.ndarray
    accumulated: np.ndarray
    x: np.ndarray
    edge_cells: list[float]
    edge_slopes: Sequence[float]
    C: CellMass
    total_slopes: Sequence[np.ndarray]
    z: list[float]
    z_rate: list[float]
    A: np.ndarray
    A_d: np.ndarray
    level_slopes: np.ndarray


class FieldRates:
    """The rates of one model, from its scalar part and the generated functions of its field."""

    def __init__(self, scalar: System, stencil: Stencil, layout: Layout, links: FieldLinks) -> None:
        self._scalar, self._stencil, self._layout, self._links = scalar, stencil, layout, links
        self._follower_limits = scalar.limits.of(layout.scalars.followers)

    def levels_of(self, scalars: np.ndarray) -> list[float]:
        """The values of the levels."""
        return [scalars.item(k) for k in self._layout.scalars.levels]

    def rates(
        self,
        S: np.ndarray,
        guess: np.ndarray,
        q: np.ndarray,
        p: Values,
        time: float,
        totals: np.ndarray,
        alpha: float,
    ) -> Rates:
        """The rates at the field S and the accumulated sources q.

        guess: the scalars, with followers to be solved.

        ArithmeticError, ValueError or LinAlgError outside the model's domain.
        """
        layout, where = self._layout, self._layout.scalars
        levels = self.levels_of(guess)
        edge_cells = self._links.edge_cells(S, levels)
        edge, edge_slopes = self._stencil.edges(edge_cells)
        here = layout.rows(S)
        _, slopes, sources, total, total_slopes, *by_level = self._stencil.cells(*here, *levels)
        fluxes, at_faces = self._stencil.faces(*self._links.at_faces(here), *levels)
        C = CellMass(slopes)
        z = self.link_values(edge, total, at_faces)
        x, at = self.follow(guess, z, q, p, time, totals)
        rates_here = self._cell_rates(fluxes, sources, at.inflows, C)
        S_rate = rates_here.T.ravel()
        z_rate = self._link_rates(edge_slopes, total_slopes, S_rate, rates_here)
        rows, lead = where.leader_rows, where.leaders
        A_z = at.A[rows, len(x) :]
        right = self._scalar.right(at, totals, q, alpha)[rows] - A_z @ z_rate
        x_rate = FOLLOW_RATE * (x - guess)
        A_d = at.A[rows[:, None], lead]
        level_slopes = np.zeros((len(z), 0))
        if levels:
            level_slopes = self._links.level_slopes(edge_slopes, *by_level)
            A_d[:, where.level_columns] += A_z @ level_slopes
        x_rate[lead] = solved(A_d, right)
        if levels:
            z_rate = (z_rate + level_slopes @ x_rate[where.levels]).tolist()
        q_rate = at.sources[layout.sourced]
        if self._scalar.carrying:
            carried = self._scalar.carried(x, x_rate, p, time, z, z_rate)[0]
            q_rate = np.concatenate([q_rate, carried])
        return Rates(
            S_rate,
            x_rate,
            q_rate,
            x,
            edge_cells,
            edge_slopes,
            C,
            total_slopes,
            z,
            z_rate,
            at.A,
            A_d,
            level_slopes,
        )

    def link_values(
        self, edge: Sequence[float], total: Sequence[np.ndarray], at_faces: Sequence[np.ndarray]
    ) -> list[float]:
        """All links, from the values of those of each kind."""
        links = self._layout.links
        z = [0.0] * links.count
        for k, value in zip(links.edge, edge):
            z[k] = value
        for k, m in zip(links.total, total):
            z[k] = float(np.add.reduce(m))
        for k, quantity, face in zip(links.face, at_faces, links.faces):
            z[k] = quantity.item(face)
        return z

    def _cell_rates(
        self,
        fluxes: Sequence[np.ndarray],
        sources: Sequence[np.ndarray],
        inflows: Sequence[float],
        C: CellMass,
    ) -> np.ndarray:
        """dS/dt (components, cells): C^-1 of fluxes, sources and inflows."""
        balances = np.empty((self._layout.components, self._layout.cells))
        for L, flux, source in zip(balances, fluxes, sources):
            L[0] = 0.0
            np.negative(flux, out=L[1:])
            L[:-1] += flux
            L += source
        for place, share, inflow in zip(self._layout.inflows.entered, self._layout.inflows.shares, inflows):
            balances[place] += share * inflow
        return C.solve(balances)

    def _link_rates(
        self,
        edge_slopes: Sequence[float],
        total_slopes: Sequence[np.ndarray],
        S_rate: np.ndarray,
        rates_here: np.ndarray,
    ) -> list[float]:
        """Z dS/dt, with 0 for face links. rates_here: S_rate by component."""
        links = self._layout.links
        moving = self._links.edge_cells(S_rate, ())
        z_rate = [0.0] * links.count
        for j, k in enumerate(links.edge):
            slopes = edge_slopes[links.width * j : links.width * j + links.edges]
            z_rate[k] = sum(slope * rate for slope, rate in zip(slopes, moving))
        many = self._layout.components
        for j, k in enumerate(links.total):
            z_rate[k] = self._links.along(total_slopes[many * j : many * (j + 1)], rates_here)
        return z_rate

    def follow(
        self, guess: np.ndarray, z: Values, q: np.ndarray, p: Values, time: float, totals: np.ndarray
    ) -> tuple[np.ndarray, Linear]:
        """The scalars with the followers solved from their rows, and `linear` there.

        ArithmeticError where that does not converge.
        """
        x, at = self._followed(guess, z, q, p, time, totals)
        return x, self._scalar.linear(x, p, time, z) if at is None else at

    def follow_at_rest(
        self, guess: np.ndarray, z: Values, q: np.ndarray, p: Values, time: float, totals: np.ndarray
    ) -> tuple[np.ndarray, RowsAt]:
        """The scalars as of `follow`, and the rows there: no source is computed that is costly."""
        x, at = self._followed(guess, z, q, p, time, totals)
        return x, self._scalar.rows(x, p, time, z) if at is None else (at.H, at.A)

    def _followed(
        self, guess: np.ndarray, z: Values, q: np.ndarray, p: Values, time: float, totals: np.ndarray
    ) -> tuple[np.ndarray, Linear | None]:
        """The scalars as of `follow`, and `linear` there, None where it was not computed."""
        linear, costly = self._scalar.linear, self._scalar.costly
        where = self._layout.scalars
        if not len(where.followers):
            return guess, None
        x, mine, rows = guess.copy(), where.followers, where.follower_rows
        target = np.zeros(where.count)
        target[: len(totals)] = self._scalar.accumulated(totals, q)
        for _ in range(FOLLOWING_STEPS):
            at = None if costly else linear(x, p, time, z)
            H, A = self._scalar.rows(x, p, time, z) if at is None else (at.H, at.A)
            step = solved(A[rows[:, None], mine], (target - H)[rows])
            size = np.abs(step)
            if not np.isfinite(size).all():
                break
            if size.max() < EXACT:
                return x, at
            if size.max() < FOLLOWED:
                x[mine] += step
                return x, None
            limits = self._follower_limits
            x[mine] = limits.moved(x[mine], limits.shortened(step))
        raise ArithmeticError("the scalars that follow did not converge")
