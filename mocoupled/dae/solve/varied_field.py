"""Derivatives of a FieldSystem along directions of its parameters; the same face as Varied.

Directions act through the scalar equations, through what enters the cells, through the start of the field,
and through numbers in fluxes and links (Field.numbers). With the letters of field_rates.py, at a fixed y,

    f_p = A_f^-1 (totals_p - H_p),    C (dS/dt)_p = L_p + i_p + i_f f_p,
    A_d (dd/dt)_p = -(P_p + P_f f_p) - A_z (Z (dS/dt)_p + (Z v)_p) - alpha (H_p - totals_p),

where P = A v - sources + dH/dtime, and where H_p, P_p and i_p have the change z_p of the links at a fixed S.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..declare.direction import Direction
from ..generate.field_text import slopes_of_outputs
from .cell_mass import CellMass
from .clamped_newton import solved
from .field_rates import FOLLOW_RATE
from .field_system import FieldSystem
from .varied import Pull, Shown, VariedFunctions, accumulated
from .varied_numbers import number_slopes


@dataclass(frozen=True)
class _Seen:
    """Links z at a state, and their slopes: by cells Z (links, cells) and by levels Z_l (links, levels).

    C: slopes of the storages. z_p (links, directions), L_p (components, cells, directions): at fixed cells
    and levels; L_p None for 0.
    """

    z: np.ndarray
    Z: np.ndarray
    Z_l: np.ndarray
    C: CellMass
    z_p: np.ndarray
    L_p: np.ndarray | None


class VariedField:
    """The derivatives of a FieldSystem along directions; its parameters are those of the system.

    x (size,): cells and scalars; y, totals_p, S as of Varied.
    """

    def __init__(self, system: FieldSystem, directions: Sequence[Direction]) -> None:
        """ModelError for a direction that varies what is no parameter of the model."""
        self._system, scalar = system, system._scalar
        self._functions = VariedFunctions(system.model, scalar.source, scalar.parameters, directions)
        self._stencil, self._layout, self._links = system._stencil, system._layout, system._links
        self._where, self._balances = self._layout.scalars, len(system.model.balances)
        self._outputs = slopes_of_outputs(system.model, system.field)
        self._numbers = number_slopes(system.model, system.field, directions, self._layout, self._links)
        self._along = len(directions)
        faces = {link.symbol for link in system.model.links if link.kind == "face"}
        seen = any(faces & output.expression.free_symbols for output in system.model.outputs)
        self._shown_of = "slopes" if seen else "nothing"  # what outputs read of face links
        self._start = np.zeros((system.inner, len(directions)))
        many, values = self._layout.components, dict(zip(_names(system), system.parameters))
        for a, component in enumerate(system.field.components):
            for name, slopes in component.start_slopes.items():
                for k, direction in enumerate(directions):
                    scale = values[name] if direction.relative else 1.0
                    self._start[a::many, k] += direction.weights.get(name, 0.0) * scale * slopes

    # ---- states

    def _divided(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[float]]:
        return self._system._divided(x)

    @np.errstate(all="ignore")  # of the branches that are not taken
    def _seen(self, S: np.ndarray, levels: list[float], faces_of: str = "slopes") -> _Seen:
        """faces_of: what is needed of face links, "slopes" too, "values" alone, or "nothing": else 0."""
        here, many = self._layout.rows(S), self._layout.components
        edge, edge_slopes = self._stencil.edges(self._links.edge_cells(S, levels))
        _, mass, _, total, total_slopes, *by_level = self._stencil.cells(*here, *levels)
        at_faces = (*self._links.at_faces(here), *levels)
        faces = []
        if faces_of == "slopes":
            slopes, width = self._stencil.faces_linear(*at_faces), 2 * many + len(levels)
            faces = [slopes[k : k + width] for k in range(many * width, len(slopes), width)]
        levelled = np.zeros((self._layout.links.count, 0))
        if levels:
            levelled = self._links.level_slopes(edge_slopes, *by_level)
        Z, Z_l = self._links.slopes(edge_slopes, total_slopes, faces, levelled)
        values = () if faces_of == "nothing" else self._stencil.faces(*at_faces)[1]
        z = self._system._rates.link_values(edge, total, values)
        z_p, L_p = np.zeros((len(z), self._along)), None
        if self._numbers is not None:
            z_p, L_p = self._numbers.links(S, levels, faces_of != "nothing")
        return _Seen(np.array(z), Z, Z_l, CellMass(mass), z_p, L_p)

    def _by_scalars(self, part: np.ndarray, seen: _Seen) -> np.ndarray:
        """Derivatives by scalars and links as those by scalars (rows, scalars), where the cells are fixed."""
        n = self._where.count
        by_scalars = part[:, :n].copy()
        by_scalars[:, self._where.levels] += part[:, n:] @ seen.Z_l
        return by_scalars

    def _varied(self, x_p: np.ndarray, seen: _Seen) -> np.ndarray:
        """Changes of scalars and links along the directions, of those of cells and scalars."""
        both = self._both(x_p, seen)
        both[self._where.count :] += seen.z_p
        return both

    def _both(self, x_p: np.ndarray, seen: _Seen) -> np.ndarray:
        """Changes of scalars and links by those of cells and scalars."""
        inner = self._system.inner
        scalars_p = x_p[inner:]
        return np.vstack([scalars_p, seen.Z @ x_p[:inner] + seen.Z_l @ scalars_p[self._where.levels]])

    def start(self, x: np.ndarray, time: float) -> tuple[np.ndarray, np.ndarray]:
        """S of the start x, with zeros for the accumulated sources, and the derivatives of the totals."""
        S, scalars, levels = self._divided(x)
        seen = self._seen(S, levels, "nothing")
        at = np.concatenate([scalars, seen.z])
        F_x, F_p = self._functions.begin(at, time)
        right = -F_p - F_x[:, self._where.count :] @ (seen.Z @ self._start + seen.z_p)
        x_p = np.vstack([self._start, solved(self._by_scalars(F_x, seen), right)])
        here = self._functions.settled(at, time)
        totals_p = (here.A @ self._varied(x_p, seen) + here.H_p)[: self._balances]
        return np.vstack([x_p, np.zeros((len(self._system.sourced), x_p.shape[1]))]), totals_p

    def settled(self, x: np.ndarray, totals_p: np.ndarray, S: np.ndarray, time: float) -> np.ndarray:
        """The derivative (size, directions) of the projected state x, whose cells are those of S."""
        cells, scalars, levels = self._divided(x)
        seen = self._seen(cells, levels, "nothing")  # no storage and no residual has face links
        at = self._functions.settled(np.concatenate([scalars, seen.z]), time)
        cells_p = S[: len(cells)]
        right = -at.H_p - at.A[:, self._where.count :] @ (seen.Z @ cells_p + seen.z_p)
        right[: self._balances] += accumulated(self._system._scalar, totals_p, S[len(x) :])
        return np.vstack([cells_p, solved(self._by_scalars(at.A, seen), right)])

    # ---- march

    def forcing(
        self, time: float, y: np.ndarray, rate: np.ndarray, totals_p: np.ndarray, alpha: float
    ) -> np.ndarray:
        """d(dy/dt)/dp (len(y), directions) at a fixed y, whose rate is known."""
        where, system = self._where, self._system
        S, guess, levels = self._divided(y[: system.size])
        x = guess + rate[system.inner : system.size] / FOLLOW_RATE * self._follows
        seen = self._seen(S, levels, "values")
        scalars_rate = rate[system.inner : system.size]
        z_rate = seen.Z @ rate[: system.inner] + seen.Z_l @ scalars_rate[where.levels]
        at, v = np.concatenate([x, seen.z]), np.concatenate([scalars_rate, z_rate])
        pull = self._functions.pull(at, v, time)
        turned = np.zeros(seen.z_p.shape)  # (Z v)_p
        if self._numbers is not None:
            turned = self._numbers.link_rates(S, rate[: system.inner], levels, scalars_rate[where.levels])
            pull = self._with_links(pull, seen, x, scalars_rate, z_rate, time)
        totals_rows = np.zeros((where.count, totals_p.shape[1]))
        totals_rows[: self._balances] = totals_p
        lacking = totals_rows - pull.H_p
        mine, rows = where.followers, where.follower_rows
        f_p = solved(pull.A[rows[:, None], mine], lacking[rows])
        P, s, i = (self._folded(part, f_p) for part in (pull.P, pull.s, pull.i))
        cells_p = self._cells(seen.C, i, seen.L_p)
        scalars_p = np.zeros((where.count, totals_p.shape[1]))
        scalars_p[mine] = FOLLOW_RATE * f_p
        scalars_p[where.leaders] = self._leaders(pull, seen, P, seen.Z @ cells_p + turned, lacking, alpha)
        q_p = s[self._layout.sourced]
        if system.carrying:
            links_p = seen.Z @ cells_p + seen.Z_l @ scalars_p[where.levels] + turned
            _, C_z, C_v = system._scalar.carried(
                x, scalars_rate, system.parameters, time, seen.z.tolist(), z_rate.tolist()
            )
            c_p = self._folded(self._functions.carried(at, v, time), f_p)
            c_p = c_p + C_z[:, where.count :] @ seen.z_p
            q_p = np.vstack([q_p, c_p + C_v[:, where.count :] @ links_p])
        return np.vstack([cells_p, scalars_p, q_p])

    def _with_links(
        self,
        pull: Pull,
        seen: _Seen,
        x: np.ndarray,
        rate: np.ndarray,
        z_rate: np.ndarray,
        time: float,
    ) -> Pull:
        """The derivatives with what z_p does to them. rate, z_rate: of the scalars and of the links."""
        scalar, n = self._system._scalar, self._where.count
        followers = self._functions.follows
        parts = scalar.curvature(x, rate, self._system.parameters, time, seen.z.tolist(), z_rate.tolist())
        added = []
        for part, by_link in zip((pull.P, pull.s, pull.i), parts):
            whole = part.copy()
            whole[:, followers:] += by_link[:, n:] @ seen.z_p
            added.append(whole)
        return Pull(pull.A, pull.H_p + pull.A[:, n:] @ seen.z_p, *added)

    @property
    def _follows(self) -> np.ndarray:
        """1 for the scalars that follow, 0 for the others."""
        follows = np.zeros(self._where.count)
        follows[self._where.followers] = 1.0
        return follows

    @staticmethod
    def _folded(part: np.ndarray, f_p: np.ndarray) -> np.ndarray:
        """Derivatives by followers and along the directions as those along the directions."""
        folded: np.ndarray = part[:, len(f_p) :] + part[:, : len(f_p)] @ f_p
        return folded

    def _cells(self, C: CellMass, i_p: np.ndarray, within: np.ndarray | None) -> np.ndarray:
        """(dS/dt)_p of the cells, from the changes of the inflows. within: L_p, None for 0."""
        inflows, columns = self._layout.inflows, []
        for k, changes in enumerate(i_p.T):
            balances = np.zeros((self._layout.components, self._layout.cells))
            if within is not None:
                balances += within[:, :, k]
            for place, share, change in zip(inflows.entered, inflows.shares, changes):
                balances[place] += share * change
            columns.append(C.solve(balances).T.ravel())
        return np.array(columns).T.reshape(self._system.inner, i_p.shape[1])

    def _leaders(
        self,
        pull: Pull,
        seen: _Seen,
        P: np.ndarray,
        links_p: np.ndarray,
        lacking: np.ndarray,
        alpha: float,
    ) -> np.ndarray:
        """(dd/dt)_p of the leading scalars. links_p: change of the links' rates at fixed rates of levels."""
        where = self._where
        rows = where.leader_rows
        A_z = pull.A[rows, where.count :]
        A_d = pull.A[rows[:, None], where.leaders]
        A_d[:, where.level_columns] += A_z @ seen.Z_l
        return solved(A_d, alpha * lacking[rows] - P[rows] - A_z @ links_p)

    # ---- what is stored

    def shown(self, x: np.ndarray, x_p: np.ndarray, time: float) -> Shown:
        """The model's outputs at a state, whose derivative is x_p."""
        S, scalars, levels = self._divided(x)
        seen = self._seen(S, levels, self._shown_of)
        return self._functions.shown(np.concatenate([scalars, seen.z]), self._varied(x_p, seen), time)

    def moving(self, shown: Shown, x: np.ndarray, rate: np.ndarray, time: float) -> np.ndarray:
        """d(outputs)/dtime (outputs,) at a projected state x. rate (len(y),): dy/dt."""
        S, scalars, levels = self._divided(x)
        seen = self._seen(S, levels, self._shown_of)
        at = self._functions.settled(np.concatenate([scalars, seen.z]), time)
        cells_rate = rate[: len(S)]
        right = -at.H_t - at.A[:, self._where.count :] @ (seen.Z @ cells_rate)
        right[: self._balances] += self._system.accumulated(np.zeros(self._balances), rate[len(x) :])
        x_rate = np.concatenate([cells_rate, solved(self._by_scalars(at.A, seen), right)])
        links = np.concatenate([self._both(x_rate[:, None], seen)[:, 0], [1.0]])
        moving: np.ndarray = shown.gradients @ links
        return moving

    @np.errstate(all="ignore")  # of the branches that are not taken
    def profiles(self, x: np.ndarray, x_p: np.ndarray) -> list[np.ndarray]:
        """Changes (cells, directions) of what Field.stored lists, of every cell."""
        S, scalars, levels = self._divided(x)
        here = self._layout.rows(S)
        by = self._outputs(*here, *levels)
        moves = [x_p[a : self._system.inner : len(here)] for a in range(len(here))]
        moves += [x_p[self._system.inner + k][None, :] for k in self._where.levels]
        width = len(moves)
        shape = (self._layout.cells, self._along)
        explicit = np.zeros((len(by) // width, *shape))
        if self._numbers is not None:
            explicit = self._numbers.profiles(S, levels)
        return [
            sum((slope[:, None] * move for slope, move in zip(by[k * width : (k + 1) * width], moves)), whole)
            for k, whole in enumerate(explicit)
        ]


def _names(system: FieldSystem) -> list[str]:
    return [parameter.name for parameter in system.model.parameters]
