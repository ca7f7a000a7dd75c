"""A compiled Model with a field: the same face as a System, for cells and scalars in one implicit system.

The integrator's vector is y = [S; x; q]: the field's cells, the scalar unknowns and the accumulated sources. Scalars
that follow (`Unknown.follows`) are solved from their own rows of H at every call, so that they are exact: f of the cells,
the other scalars d and q; what y holds of them is a first guess only, drawn to f at once (FOLLOW_RATE). With C the slope of a
cell's storage, L its fluxes and source, i the inflows, z(S) the links and Z their gradient,

    C dS/dt = L(S) + i(d, f, z),  A_d dd/dt + A_z Z dS/dt = [sources; 0] - dH/dtime - alpha (H - [totals + q; 0]).

Levels are scalars l among d that the field itself sees: L(S, l) and z(S, l), whose gradient Z_l by them adds A_z Z_l to the
columns of A_d. The Jacobian of both lines is generated with them, and is sparse where that pays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import sympy

from ...errors import ConvergenceError, ModelError
from ..declare.model import Model
from ..generate.field_text import stencil
from .bordered import dense, sparse
from .system import ARITHMETIC, Solution, System, newton, solved

UNHEEDED = 1e12  # scale of what follows from the rest: the step size does not heed it
EXACT = 1e-9  # the same, small enough not to be taken
FOLLOWED = 1e-6  # last Newton step, in logarithms, of the unknowns that follow: after it the error is about its square
FOLLOWING_STEPS = 40
FOLLOW_RATE = 1.0  # 1/s
LEVEL_STEPS, LEVELLED = (
    60,
    1e-13,
)  # of the start: repetitions, and the last change of the levels, over their scales
EDGES = 3  # the cells that an edge link sees: first, second, last
DENSE = 150  # cells up to which a dense Jacobian and its factorization are faster than sparse ones


class FieldSystem:
    """The generated functions of a Model with a field on numpy vectors. Immutable."""

    def __init__(self, model: Model):
        self.model = model.check()
        self.field = model.field
        self._scalar = System(model, scalars_of_field=True)
        self._stencil = stencil(model)
        self.source = self._scalar.source + self._stencil.source
        self.cells = self.field.cells
        self.names = tuple(u.name for u in model.unknowns)
        self.size = self.cells + len(self.names)
        self.links = tuple(link.name for link in model.links)
        self.sourced, self.carrying = self._scalar.sourced, self._scalar.carrying
        self.parameters = tuple(p.value for p in model.parameters)
        self.scales = np.concatenate(
            [np.full(self.cells, self.field.scale), [u.scale for u in model.unknowns]]
        )
        heeded = np.concatenate([np.ones(self.cells, dtype=bool), [not u.follows for u in model.unknowns]])
        self.step_scales = np.where(heeded, self.scales, UNHEEDED)
        self._kinds = {
            kind: [k for k, link in enumerate(model.links) if link.kind == kind]
            for kind in ("edge", "total", "face")
        }
        self._faces = [link.face % (self.cells - 1) for link in model.links if link.kind == "face"]
        self._inflow_cells = [
            {"first": 0, "last": self.cells - 1, "all": slice(None)}[inflow.at] for inflow in model.inflows
        ]
        self._inflow_shares = [
            1.0 if inflow.share is None else np.asarray(inflow.share) for inflow in model.inflows
        ]
        self._edge_inflows = [k for k, inflow in enumerate(model.inflows) if inflow.at != "all"]
        self._sourced = list(self.sourced[: len(self.sourced) - len(self.carrying)])
        self._levels = np.array([self.names.index(level.name) for level in self.field.levels], dtype=int)
        self._width = EDGES + len(self._levels)
        self._bounds = self._scalar.limits
        self._divide()
        self._check_links()
        self._check_inflows()

    def _divide(self):
        """Which scalars follow, the rows that determine them, and the others; ModelError where that cannot be told."""
        model = self.model
        flags = [u.follows for u in model.unknowns]
        self._followers = np.flatnonzero(flags)
        self._leaders = np.flatnonzero(np.logical_not(flags))
        self._level_columns = np.searchsorted(self._leaders, self._levels)  # of the levels, among the leaders
        names = {u.symbol for u in model.unknowns if u.follows}
        held = [sympy.sympify(b.storage) for b in model.balances] + [
            sympy.sympify(c.residual) for c in model.constraints
        ]
        mine = [bool(e.free_symbols & names) for e in held]
        self._follower_rows = np.flatnonzero(mine)
        self._leader_rows = np.flatnonzero(np.logical_not(mine))
        if len(self._follower_rows) != len(self._followers):
            raise ModelError(
                f"model {model.name}: {len(self._follower_rows)} rows for {len(self._followers)} unknowns that follow"
            )
        self._leading_sources, self._following_sources = (
            [
                (int(np.flatnonzero(rows == row)[0]), column)
                for column, row in enumerate(self.sourced)
                if row in rows
            ]
            for rows in (self._leader_rows, self._follower_rows)
        )
        if not set(self.carrying) <= set(self._follower_rows):
            raise ModelError(
                f"model {model.name}: something is carried into the balance of an unknown that does not follow from the field"
            )

    def _check_links(self):
        """The rate of a face quantity is not generated: such a link may be in a source, not in a storage or residual."""
        model = self.model
        held = set().union(
            *(sympy.sympify(b.storage).free_symbols for b in model.balances),
            *(c.residual.free_symbols for c in model.constraints),
        )
        if not set(self._levels) <= set(self._leaders):
            raise ModelError(f"model {model.name}: a level of the field follows from it")
        odd = [link.name for link in model.links if link.kind == "face" and link.symbol in held]
        if odd:
            raise ModelError(
                f"model {model.name}: the face quantity {', '.join(odd)} is stored; only sources may use one"
            )

    def _check_inflows(self):
        """What enters all the cells must not depend on the state: its Jacobian is not generated."""
        model = self.model
        state = {u.symbol for u in model.unknowns} | {link.symbol for link in model.links}
        for inflow in model.inflows:
            if inflow.at == "all" and (
                inflow.expression.free_symbols & state or np.shape(inflow.share) != (self.cells,)
            ):
                raise ModelError(
                    f"model {model.name}: what enters all the cells needs a share for each, and may depend on time alone"
                )

    # -- parameters, links and start -----------------------------------------------------------------------------

    def with_parameters(self, changes: Mapping[str, float]) -> tuple[float, ...]:
        """The parameter vector with some values replaced by name."""
        return self._scalar.with_parameters(changes)

    @np.errstate(all="ignore")  # of the branches that are not taken
    def link_values(self, x: np.ndarray) -> np.ndarray:
        """What the scalars see of the field at a state, in the order of the model's links."""
        S, levels = x[: self.cells], self._levels_of(x[self.cells :])
        z = self._stored(S, levels)
        for k, face, q in zip(
            self._kinds["face"], self._faces, self._stencil.faces(S[:-1], S[1:], *levels)[1]
        ):
            z[k] = q[face]
        return z

    def _stored(self, S, levels):
        """The links with 0 for the quantities at faces, which no storage and no residual has."""
        z = np.zeros(len(self.links))
        if self._kinds["edge"]:
            z[self._kinds["edge"]] = self._stencil.edges(self._edges(S, levels))[0]
        z[self._kinds["total"]] = [np.add.reduce(m) for m in self._stencil.cells(S, *levels)[3]]
        return z

    def _levels_of(self, scalars):
        """The values of the levels."""
        return [scalars.item(k) for k in self._levels]

    def state_value(self, name: str):
        """A function of the state: the value of the link or scalar unknown of this name."""
        if name in self.names:
            k = self.cells + self.names.index(name)
            return lambda x: x[k]
        link = next(link for link in self.model.links if link.name == name)
        k = [other.name for other in self.model.links if other.kind == link.kind].index(name)
        n = self.cells
        if link.kind == "edge":
            return lambda x: self._stencil.edges(self._edges(x[:n], self._levels_of(x[n:])))[0][k]
        if link.kind == "total":
            return lambda x: float(np.sum(self._stencil.cells(x[:n], *self._levels_of(x[n:]))[3][k]))
        return lambda x: float(self.link_values(x)[self.links.index(name)])

    def start(
        self, parameters: Sequence[float] | None = None, guess: np.ndarray | None = None, time=0.0
    ) -> Solution:
        """The field as declared, and the scalars that satisfy the starts and constraints with it (see System.start).

        With levels the links are those at the scalars found, by repetition; ConvergenceError if that does not come to rest.
        """
        S = np.array(self.field.start if guess is None else guess[: self.cells], dtype=float)
        given = None if guess is None else guess[self.cells :]
        x = self._scalar.guess() if given is None else np.asarray(given, dtype=float)
        with np.errstate(all="ignore"):
            for _ in range(LEVEL_STEPS):
                before = self._levels_of(x)
                found = self._scalar.start(parameters, given, time, self._stored(S, before))
                x = given = found.x
                if (
                    not before
                    or (
                        np.abs(np.array(self._levels_of(x)) - before)
                        < LEVELLED * self.scales[self.cells + self._levels]
                    ).all()
                ):
                    return Solution(np.concatenate([S, x]), found.iterations, found.residual)
        raise ConvergenceError(
            f"model {self.model.name}: no start at which the field and {', '.join(level.name for level in self.field.levels)} agree"
        )

    def project(
        self, x: np.ndarray, totals: np.ndarray, parameters: Sequence[float] | None = None, time=0.0
    ) -> np.ndarray:
        """The state near x with the same field whose scaled storages equal `totals` and whose residuals vanish."""
        p = self.parameters if parameters is None else parameters
        S, scalars = x[: self.cells], x[self.cells :]
        if not len(self._levels):
            return np.concatenate([S, self._scalar.project(scalars, totals, p, time, self._stored(S, ()))])
        target = np.concatenate([totals, np.zeros(len(self.names) - len(totals))])

        def rows(x):
            z, Z_l = self._stored_curved(S, self._levels_of(x))
            H, A, *_ = self._scalar.linear(x, p, time, z)
            J = A[:, : len(x)].copy()
            J[:, self._levels] += A[:, len(x) :] @ Z_l
            return H - target, J

        with np.errstate(all="ignore"):
            found = newton(rows, scalars, 1.0, 20, self._bounds)
        if found is None:
            raise ConvergenceError(
                f"model {self.model.name}: the state at t = {time:.6g} s could not be projected"
            )
        return np.concatenate([S, found.x])

    def _stored_curved(self, S, levels):
        """The links as of `_stored`, and their slopes by the levels (links, levels)."""
        z = np.zeros(len(self.links))
        edge, slopes = self._stencil.edges(self._edges(S, levels))
        _, _, _, total, _, by_level = self._stencil.cells(S, *levels)
        if self._kinds["edge"]:
            z[self._kinds["edge"]] = edge
        z[self._kinds["total"]] = [np.add.reduce(m) for m in total]
        return z, self._level_slopes(slopes, by_level)

    def _level_slopes(self, edge, total):
        """Z_l: the slopes of edge and total links by the levels (links, levels)."""
        Z_l, many = np.zeros((len(self.links), len(self._levels))), len(self._levels)
        for j, k in enumerate(self._kinds["edge"]):
            Z_l[k] = edge[self._width * j + EDGES : self._width * (j + 1)]
        for j, k in enumerate(self._kinds["total"]):
            Z_l[k] = [np.add.reduce(slope) for slope in total[many * j : many * (j + 1)]]
        return Z_l

    def settle(self, x, totals, q, parameters=None, time=0.0):
        """The projected state near x, and the drift of each balance and the largest one of a constraint that the rates saw."""
        p = self.parameters if parameters is None else parameters
        S = x[: self.cells]
        z = self._stored(S, self._levels_of(x[self.cells :]))
        try:
            scalars, _ = self._follow(x[self.cells :], z, q, p, time, totals)
        except (
            *ARITHMETIC,
            np.linalg.LinAlgError,
        ):  # the projection, which is damped otherwise, has the last word
            scalars = x[self.cells :]
        if len(self._levels):
            balances, constraints = self._scalar.drift(scalars, totals, q, p, time, z)
            return (
                self.project(np.concatenate([S, scalars]), self.accumulated(totals, q), p, time),
                balances,
                constraints.max(initial=0.0),
            )
        scalars, balances, constraints = self._scalar.settle(scalars, totals, q, p, time, z)
        return np.concatenate([S, scalars]), balances, constraints

    # -- march ---------------------------------------------------------------------------------------------------

    def totals(self, x: np.ndarray, parameters: Sequence[float] | None = None, time=0.0) -> np.ndarray:
        """Scaled storages of the balances at x."""
        p = self.parameters if parameters is None else parameters
        return self._scalar.totals(
            x[self.cells :], p, time, self._stored(x[: self.cells], self._levels_of(x[self.cells :]))
        )

    def accumulated(self, totals: np.ndarray, q: np.ndarray) -> np.ndarray:
        """totals + q, with q given for the sourced balances only."""
        return self._scalar.accumulated(totals, q)

    def rate(self, time, y, totals, alpha, parameters=None) -> np.ndarray:
        """dy/dt; NaN outside the model's domain, which makes the integrator shorten its step."""
        p = self.parameters if parameters is None else parameters
        n, m = self.cells, self.size
        S = y[:n]
        found = np.empty(len(y))
        if not (np.minimum.reduce(S) >= self.field.low and np.maximum.reduce(S) <= self.field.high):
            found.fill(np.nan)
            return found
        try:
            with np.errstate(all="ignore"):  # of the branches that are not taken
                found[:n], found[n:m], found[m:], _ = self._rates(S, y[n:m], y[m:], p, time, totals, alpha)
        except (*ARITHMETIC, np.linalg.LinAlgError):
            found.fill(np.nan)
        return found

    def _rates(self, S, x, q, p, time, totals, alpha):
        """dS/dt, dx/dt, dq/dt, and the parts that the Jacobian needs again."""
        levels = self._levels_of(x)
        e = self._edges(S, levels)
        edge, slopes = self._stencil.edges(e)
        _, (C,), (source,), total, total_slopes, *by_level = self._stencil.cells(S, *levels)
        (flux,), seen = self._stencil.faces(S[:-1], S[1:], *levels)
        z = [0.0] * len(self.links)
        for k, value in zip(self._kinds["edge"], edge):
            z[k] = value
        for k, m in zip(self._kinds["total"], total):
            z[k] = float(np.add.reduce(m))
        for k, q_face, face in zip(self._kinds["face"], seen, self._faces):
            z[k] = q_face.item(face)
        guess, (x, (H, A, s, H_t, inflows)) = x, self._follow(x, z, q, p, time, totals)
        L = np.empty(self.cells)
        L[0] = 0.0
        np.negative(flux, out=L[1:])
        L[:-1] += flux
        L += source
        for cells, share, inflow in zip(self._inflow_cells, self._inflow_shares, inflows):
            L[cells] += share * inflow
        L /= C
        moving, width = self._edges(L, ()), self._width
        rate_z = [0.0] * len(z)
        for j, k in enumerate(self._kinds["edge"]):
            rate_z[k] = sum(
                slope * rate for slope, rate in zip(slopes[width * j : width * j + EDGES], moving)
            )
        for k, slope in zip(self._kinds["total"], total_slopes):
            rate_z[k] = float(np.dot(slope, L))
        rows, lead = self._leader_rows, self._leaders
        right = self._scalar.right(H, s, H_t, totals, q, alpha)[rows] - A[rows, len(x) :] @ rate_z
        rate_x = FOLLOW_RATE * (x - guess)
        A_d, Z_l = A[rows[:, None], lead], None
        if levels:
            Z_l = self._level_slopes(slopes, *by_level)
            A_d[:, self._level_columns] += A[rows, len(x) :] @ Z_l
        rate_x[lead] = solved(A_d, right)
        if levels:
            rate_z = (rate_z + Z_l @ rate_x[self._levels]).tolist()
        q_rate = s[self._sourced]
        if self.carrying:
            q_rate = np.concatenate([q_rate, self._scalar.carried(x, rate_x, p, time, z, rate_z)[0]])
        return L, rate_x, q_rate, (e, C, slopes, total_slopes, x, z, rate_z, A, A_d, Z_l)

    def _follow(self, x, z, q, p, time, totals):
        """The scalars with those that follow solved from their rows, starting at x, and what `linear` gives there."""
        linear = self._scalar.linear
        if not len(self._followers):
            return x, linear(x, p, time, z)
        x, mine, rows = x.copy(), self._followers, self._follower_rows
        target = np.zeros(len(self.names))
        target[: len(totals)] = self._scalar.accumulated(totals, q)
        steps, kinks, highs = self._bounds.steps[mine], self._bounds.kinks[mine], self._bounds.highs[mine]
        for _ in range(FOLLOWING_STEPS):
            found = linear(x, p, time, z)
            step = solved(found[1][rows[:, None], mine], (target - found[0])[rows])
            size = np.abs(step)
            if not np.isfinite(size).all():
                break
            if size.max() < EXACT:
                return x, found
            if size.max() < FOLLOWED:
                x[mine] += step
                return x, linear(x, p, time, z)
            old = x[mine]
            moved = np.minimum(old + step * min(1.0, float(np.min(steps / np.maximum(size, 1e-300)))), highs)
            x[mine] = np.where((old - kinks) * (moved - kinks) < 0, kinks, moved)
        raise ArithmeticError("the scalars that follow did not converge")

    def _edges(self, S, levels):
        return [S.item(0), S.item(1), S.item(-1), *levels]

    @np.errstate(all="ignore")  # as in `rate`
    def rate_jacobian(self, time, y, totals, alpha, parameters=None):
        """d(dy/dt)/dy, analytic; dense (len(y), len(y)), or sparse where there are many cells."""
        p = self.parameters if parameters is None else parameters
        n, m = self.cells, self.size
        S, x, q = y[:n], y[n:m], y[m:]
        nx, nq = m - n, len(q)
        rate_S, rate_x, _, (e, C, slopes, total_slopes, x, z, rate_z, A, A_d, Z_l) = self._rates(
            S, x, q, p, time, totals, alpha
        )
        levels = self._levels_of(x)
        G, G_s, G_i = self._scalar.curvature(
            x, rate_x, p, time, z, rate_z
        )  # no leader's row has the rate of a follower
        (bend,), (d_source,), bent, *level_bent = self._stencil.cells_curved(S, *levels)
        (above, below, *by_level), *seen = self._by_function(
            self._stencil.faces_linear(S[:-1], S[1:], *levels)
        )
        rate_l, at = rate_x[self._levels], n + self._levels  # at: columns of the levels
        (Z, Z_l), (W, W_l) = (
            self._link_slopes(slopes, total_slopes, seen, Z_l),
            self._link_bends(e, rate_S, bent, rate_l, level_bent),
        )
        lead, rows = self._leaders, self._leader_rows
        followers = self._follower_slopes(A, nq)
        G, G_s, G_i = (
            self._folded(part, followers, nq) for part in (G, G_s, G_i)
        )  # columns: leaders, links, q
        nd, nz = len(lead), len(z)
        d, l, k = slice(0, nd), slice(nd, nd + nz), slice(nd + nz, None)

        # the cells: a band, what they see of the levels, and in the rows with an inflow what that sees
        main = d_source - bend * rate_S
        main[:-1] += above
        main[1:] -= below
        inside = main / C, below / C[:-1], -above / C[1:]  # diagonal, upper, lower
        levelled = np.zeros((n, len(levels)))
        for j, slope in enumerate(by_level):
            levelled[1:, j] -= slope
            levelled[:-1, j] += slope
            levelled[:, j] /= C
        edge_rows = []
        for cell, row in [
            (self._inflow_cells[k], G_i[k] / C[self._inflow_cells[k]]) for k in self._edge_inflows
        ]:
            whole = np.zeros(len(y))
            whole[:n], whole[n + lead], whole[m:] = row[l] @ Z, row[d], row[k]
            whole[at] += row[l] @ Z_l
            edge_rows.append((cell, whole))

        # the leading scalars: A_d d(dd/dt) = -(G_d dd + G_z dz + G_q dq + A_z d(dz/dt)) - alpha (A_d dd + A_z Z dS - dq), where
        # A_d has A_z Z_l in it, and d(dz/dt) is without Z_l d(dl/dt)
        A_z = A[rows, nx:]
        turned = np.zeros((nz, len(y)))  # d(dz/dt): Z times the cells' Jacobian, by the diagonals of the band
        inner = turned[:, :n]
        np.multiply(Z, inside[0], out=inner)
        inner[:, 1:] += Z[:, :-1] * inside[1]
        inner[:, :-1] += Z[:, 1:] * inside[2]
        inner += W
        turned[:, at] = Z @ levelled + W_l
        for cell, whole in edge_rows:
            turned += Z[:, cell, None] * whole
        right = -(A_z @ turned)
        G = G[rows]
        right[:, :n] -= (G[:, l] + alpha * A_z) @ Z
        right[:, n + lead] -= G[:, d]
        right[:, at] -= G[:, l] @ Z_l
        right[:, m:] -= G[:, k]
        for row, column in self._leading_sources:
            right[row, m + column] += alpha
        border = np.zeros((nx + nq, len(y)))
        border[lead] = solved(A_d, right)
        border[lead, n + lead] -= alpha
        mine = self._followers
        F = FOLLOW_RATE * followers
        border[mine, :n], border[mine[:, None], n + lead], border[mine, m:] = F[:, l] @ Z, F[:, d], F[:, k]
        border[mine, n + mine] -= FOLLOW_RATE
        sourced = G_s[self._sourced]
        if self.carrying:
            _, G_c, C_v = self._scalar.carried(x, rate_x, p, time, z, rate_z)
            sourced = np.concatenate([sourced, self._folded(G_c, followers, nq)])
        border[nx:, :n], border[nx:, n + lead], border[nx:, m:] = (
            sourced[:, l] @ Z,
            sourced[:, d],
            sourced[:, k],
        )
        if self.carrying:
            border[nx + len(self._sourced) :] += C_v[:, nx:] @ (turned + Z_l @ border[self._levels])
        if levels:
            border[mine[:, None], at] += F[:, l] @ Z_l
            border[nx:, at] += sourced[:, l] @ Z_l
        return (dense if n <= DENSE else sparse)(inside, levelled, at, edge_rows, border)

    def _by_function(self, slopes):
        """Derivatives at the faces, by function: each by above, by below and by the levels."""
        width = 2 + len(self._levels)
        return [slopes[k : k + width] for k in range(0, len(slopes), width)]

    def _follower_slopes(self, A, nq):
        """Derivatives of the followers by leaders, links and q: df = -A_f^-1 (A_d dd + A_z dz - dq)."""
        nx, lead, mine, rows = len(self.names), self._leaders, self._followers, self._follower_rows
        given = np.concatenate([-A[rows[:, None], lead], -A[rows, nx:], np.zeros((len(rows), nq))], axis=1)
        for row, column in self._following_sources:
            given[row, given.shape[1] - nq + column] = 1.0
        return solved(A[rows[:, None], mine], given)

    def _folded(self, part, slopes, nq):
        """Derivatives (rows, unknowns + links) -> (rows, leaders + links + q), the followers' share passed on."""
        rest = np.concatenate(
            [part[:, self._leaders], part[:, len(self.names) :], np.zeros((len(part), nq))], axis=1
        )
        return rest + part[:, self._followers] @ slopes

    def _link_slopes(self, edge, total, seen, Z_l):
        """Z: the gradients of the links (links, cells), and those by the levels (links, levels), now of face links too."""
        Z = np.zeros((len(self.links), self.cells))
        for j, k in enumerate(self._kinds["edge"]):
            Z[k, 0], Z[k, 1], Z[k, -1] = edge[self._width * j : self._width * j + EDGES]
        for k, slope in zip(self._kinds["total"], total):
            Z[k] = slope
        Z_l = np.zeros((len(self.links), 0)) if Z_l is None else Z_l
        for (above, below, *by_level), k, face in zip(seen, self._kinds["face"], self._faces):
            Z[k, face], Z[k, face + 1] = above[face], below[face]
            Z_l[k] = [slope[face] for slope in by_level]
        return Z, Z_l

    def _link_bends(self, e, rate_S, total, rate_l, level_bent):
        """W: the gradients of the links' rates Z . dS/dt + Z_l . dl/dt at given rates, by cells and by levels; those of face
        links are not needed."""
        many = len(rate_l)
        W, W_l = np.zeros((len(self.links), self.cells)), np.zeros((len(self.links), many))
        edge = self._stencil.edges_curved(e, self._edges(rate_S, rate_l.tolist()))
        for j, k in enumerate(self._kinds["edge"]):
            W[k, 0], W[k, 1], W[k, -1], *W_l[k] = edge[self._width * j : self._width * (j + 1)]
        for k, bend in zip(self._kinds["total"], total):
            W[k] = bend * rate_S
        for j, k in enumerate(self._kinds["total"] if many else ()):
            mixed, own = (
                level_bent[0][many * j : many * (j + 1)],
                level_bent[1][many**2 * j : many**2 * (j + 1)],
            )
            W[k] += sum(slope * rate for slope, rate in zip(mixed, rate_l))
            own = np.reshape([np.add.reduce(bend) for bend in own], (many, many))
            W_l[k] = [float(np.dot(slope, rate_S)) for slope in mixed] + own @ rate_l
        return W, W_l

    def drift(self, x, totals, q, parameters=None, time=0.0) -> tuple[np.ndarray, np.ndarray]:
        """|storage - total - int source| of the balances (scaled) and |residual| of the constraints."""
        p = self.parameters if parameters is None else parameters
        return self._scalar.drift(
            x[self.cells :],
            totals,
            q,
            p,
            time,
            self._stored(x[: self.cells], self._levels_of(x[self.cells :])),
        )

    def outputs(self, x, parameters=None, time=0.0) -> tuple[list[float], list[float]]:
        """Values of the model's outputs and of the watched arguments, in the order of their declaration."""
        p = self.parameters if parameters is None else parameters
        return self._scalar.outputs(x[self.cells :], p, time, self.link_values(x))

    def report(self, x, totals, q, time=0.0):
        """(outputs, watched), drift: of `outputs` and `drift` at a state, looked up once."""
        z = self.link_values(x)
        scalars = x[self.cells :]
        return self._scalar.outputs(scalars, self.parameters, time, z), self._scalar.drift(
            scalars, totals, q, self.parameters, time, z
        )

    def field_outputs(self, x) -> list[np.ndarray]:
        """The field's outputs (each (cells,)) at a state."""
        return [
            np.zeros(self.cells) + value
            for value in self._stencil.outputs(x[: self.cells], *self._levels_of(x[self.cells :]))
        ]


def compiled(model: Model) -> System | FieldSystem:
    """The generated functions of a Model, with or without a field."""
    return System(model) if model.field is None else FieldSystem(model)
