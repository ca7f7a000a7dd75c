"""A compiled Model with a field: the same face as a System, for cells and scalars in one implicit system.

The integrator's vector is y = [S; x; q]: the field's cells, the scalar unknowns and the accumulated sources. With C the
slope of a cell's storage, L its fluxes and source, i the inflows, z(S) the links and Z their gradient,

    C dS/dt = L(S) + i(x, z),    A_x dx/dt + A_z Z dS/dt = [sources; 0] - dH/dtime - alpha (H - [totals + q; 0]).

The Jacobian of both lines is generated with them, and is sparse where that pays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import sympy

from ..errors import ModelError
from .model import Model
from .stencil import stencil
from .system import ARITHMETIC, Solution, System

FOLLOWING = 1000.0  # scale of what follows from the field: integrated along for a good guess, and projected when stored
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
        self.sourced = tuple(k for k, b in enumerate(model.balances) if b.source != 0)
        self.parameters = tuple(p.value for p in model.parameters)
        scales = [FOLLOWING if u.follows else u.scale for u in model.unknowns]
        self.scales = np.concatenate([np.full(self.cells, self.field.scale), scales])
        self._kinds = {kind: [k for k, link in enumerate(model.links) if link.kind == kind] for kind in ("edge", "total", "face")}
        self._faces = [link.face % (self.cells - 1) for link in model.links if link.kind == "face"]
        self._inflow_cells = [0 if inflow.at == "first" else self.cells - 1 for inflow in model.inflows]
        self._sourced = list(self.sourced)
        self._check_links()

    def _check_links(self):
        """The rate of a face quantity is not generated: such a link may be in a source, not in a storage or residual."""
        model = self.model
        held = set().union(*(sympy.sympify(b.storage).free_symbols for b in model.balances), *(c.residual.free_symbols for c in model.constraints))
        odd = [link.name for link in model.links if link.kind == "face" and link.symbol in held]
        if odd:
            raise ModelError(f"model {model.name}: the face quantity {', '.join(odd)} is stored; only sources may use one")

    # -- parameters, links and start -----------------------------------------------------------------------------

    def with_parameters(self, changes: Mapping[str, float]) -> tuple[float, ...]:
        """The parameter vector with some values replaced by name."""
        return self._scalar.with_parameters(changes)

    def link_values(self, S: np.ndarray) -> np.ndarray:
        """What the scalars see of the field, in the order of the model's links."""
        z = self._stored(S)
        for k, face, q in zip(self._kinds["face"], self._faces, self._stencil.faces(S[:-1], S[1:])[1]):
            z[k] = q[face]
        return z

    def _stored(self, S):
        """The links with 0 for the quantities at faces, which no storage and no residual has."""
        z = np.zeros(len(self.links))
        if self._kinds["edge"]:
            z[self._kinds["edge"]] = self._stencil.edges(self._edges(S))[0]
        z[self._kinds["total"]] = [np.add.reduce(m) for m in self._stencil.cells(S)[3]]
        return z

    def state_value(self, name: str):
        """A function of the state: the value of the link or scalar unknown of this name."""
        if name in self.names:
            k = self.cells + self.names.index(name)
            return lambda x: x[k]
        link = next(link for link in self.model.links if link.name == name)
        k = [other.name for other in self.model.links if other.kind == link.kind].index(name)
        if link.kind == "edge":
            return lambda x: self._stencil.edges([x.item(0), x.item(1), x.item(self.cells - 1)])[0][k]
        if link.kind == "total":
            return lambda x: float(np.sum(self._stencil.cells(x[: self.cells])[3][k]))
        return lambda x: float(self.link_values(x[: self.cells])[self.links.index(name)])

    def start(self, parameters: Sequence[float] | None = None, guess: np.ndarray | None = None, time=0.0) -> Solution:
        """The field as declared, and the scalars that satisfy the starts and constraints with it (see System.start)."""
        S = np.array(self.field.start if guess is None else guess[: self.cells], dtype=float)
        z = self.link_values(S)
        found = self._scalar.start(parameters, None if guess is None else guess[self.cells :], time, z)
        return Solution(np.concatenate([S, found.x]), found.iterations, found.residual)

    def project(self, x: np.ndarray, totals: np.ndarray, parameters: Sequence[float] | None = None, time=0.0) -> np.ndarray:
        """The state near x with the same field whose scaled storages equal `totals` and whose residuals vanish."""
        p = self.parameters if parameters is None else parameters
        S, scalars = x[: self.cells], x[self.cells :]
        return np.concatenate([S, self._scalar.project(scalars, totals, p, time, self._stored(S))])

    def settle(self, x, totals, q, parameters=None, time=0.0):
        """The projected state near x, and what x itself had: the drift of each balance, the largest one of a constraint."""
        S = x[: self.cells]
        scalars, balances, constraints = self._scalar.settle(x[self.cells :], totals, q, parameters, time, self._stored(S))
        return np.concatenate([S, scalars]), balances, constraints

    # -- march ---------------------------------------------------------------------------------------------------

    def totals(self, x: np.ndarray, parameters: Sequence[float] | None = None, time=0.0) -> np.ndarray:
        """Scaled storages of the balances at x."""
        p = self.parameters if parameters is None else parameters
        return self._scalar.totals(x[self.cells :], p, time, self._stored(x[: self.cells]))

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
        e = self._edges(S)
        edge, slopes = self._stencil.edges(e)
        _, (C,), (source,), total, total_slopes = self._stencil.cells(S)
        (flux,), seen = self._stencil.faces(S[:-1], S[1:])
        z = [0.0] * len(self.links)
        for k, value in zip(self._kinds["edge"], edge):
            z[k] = value
        for k, m in zip(self._kinds["total"], total):
            z[k] = float(np.add.reduce(m))
        for k, q_face, face in zip(self._kinds["face"], seen, self._faces):
            z[k] = q_face.item(face)
        H, A, s, H_t, inflows = self._scalar.linear(x, p, time, z)
        L = np.empty(self.cells)
        L[0] = 0.0
        np.negative(flux, out=L[1:])
        L[:-1] += flux
        L += source
        for cell, inflow in zip(self._inflow_cells, inflows):
            L[cell] += inflow
        L /= C
        moving = self._edges(L)
        rate_z = [0.0] * len(z)
        for j, k in enumerate(self._kinds["edge"]):
            rate_z[k] = sum(slope * rate for slope, rate in zip(slopes[EDGES * j : EDGES * (j + 1)], moving))
        for k, slope in zip(self._kinds["total"], total_slopes):
            rate_z[k] = float(np.dot(slope, L))
        nx = len(x)
        right = self._scalar.right(H, s, H_t, totals, q, alpha)
        right -= A[:, nx:] @ rate_z
        rate_x = np.linalg.solve(A[:, :nx], right)
        return L, rate_x, s[self._sourced], (e, C, slopes, total_slopes, z, rate_z, A)

    def _edges(self, S):
        return [S.item(0), S.item(1), S.item(-1)]

    @np.errstate(all="ignore")
    def rate_jacobian(self, time, y, totals, alpha, parameters=None):
        """d(dy/dt)/dy, analytic; dense (len(y), len(y)), or sparse where there are many cells."""
        p = self.parameters if parameters is None else parameters
        n, m = self.cells, self.size
        S, x, q = y[:n], y[n:m], y[m:]
        nx, nq = m - n, len(q)
        rate_S, rate_x, _, (e, C, slopes, total_slopes, z, rate_z, A) = self._rates(S, x, q, p, time, totals, alpha)
        G, G_s, G_i = self._scalar.curvature(x, rate_x, p, time, z, rate_z)
        (bend,), (d_source,), bent = self._stencil.cells_curved(S)
        above, below, *seen = self._stencil.faces_linear(S[:-1], S[1:])
        Z, W = self._link_slopes(slopes, total_slopes, seen), self._link_bends(e, rate_S, bent)

        # the cells: a band, and in the rows with an inflow what that sees
        main = d_source - bend * rate_S
        main[:-1] += above
        main[1:] -= below
        inside = main / C, below / C[:-1], -above / C[1:]  # diagonal, upper, lower
        edge_rows = [(cell, (row[nx:] @ Z) / C[cell], row[:nx] / C[cell]) for cell, row in zip(self._inflow_cells, G_i)]

        # the scalars: A_x d(dx/dt) = -(G_x dx + G_z dz + A_z d(dz/dt)) - alpha (A_x dx + A_z dz - dq)
        A_x, A_z = A[:, :nx], A[:, nx:]
        turned = Z * inside[0]  # Z times the cells' Jacobian, by the diagonals of the band
        turned[:, 1:] += Z[:, :-1] * inside[1]
        turned[:, :-1] += Z[:, 1:] * inside[2]
        turned += W
        border = np.zeros((nx + nq, n + nx + nq))
        by_x = np.zeros((len(z), nx))
        for cell, row_S, row_x in edge_rows:
            turned += Z[:, cell, None] * row_S
            by_x += Z[:, cell, None] * row_x
        right = border[:nx]
        right[:, :n] = -((G[:, nx:] + alpha * A_z) @ Z + A_z @ turned)
        right[:, n : n + nx] = -(G[:, :nx] + A_z @ by_x)
        right[self._sourced, range(n + nx, n + nx + nq)] = alpha
        border[:nx] = np.linalg.solve(A_x, right)
        border[range(nx), range(n, n + nx)] -= alpha
        border[nx:, :n] = G_s[self._sourced, nx:] @ Z
        border[nx:, n : n + nx] = G_s[self._sourced, :nx]
        return self._dense(inside, edge_rows, border) if n <= DENSE else self._sparse(inside, edge_rows, border)

    def _link_slopes(self, edge, total, seen):
        """Z: the gradients of the links (links, cells)."""
        Z = np.zeros((len(self.links), self.cells))
        for j, k in enumerate(self._kinds["edge"]):
            Z[k, 0], Z[k, 1], Z[k, -1] = edge[EDGES * j : EDGES * (j + 1)]
        for k, slope in zip(self._kinds["total"], total):
            Z[k] = slope
        for j, (k, face) in enumerate(zip(self._kinds["face"], self._faces)):
            Z[k, face], Z[k, face + 1] = seen[2 * j][face], seen[2 * j + 1][face]
        return Z

    def _link_bends(self, e, rate_S, total):
        """W: the gradients of the links' rates Z . rate, at given rates; those of face links are not needed."""
        W = np.zeros((len(self.links), self.cells))
        edge = self._stencil.edges_curved(e, self._edges(rate_S))
        for j, k in enumerate(self._kinds["edge"]):
            W[k, 0], W[k, 1], W[k, -1] = edge[EDGES * j : EDGES * (j + 1)]
        for k, bend in zip(self._kinds["total"], total):
            W[k] = bend * rate_S
        return W

    def _dense(self, inside, edge_rows, border):
        n, whole = self.cells, self.cells + border.shape[0]
        jacobian = np.zeros((whole, whole))
        flat = jacobian.reshape(-1)
        flat[: n * whole : whole + 1] = inside[0]
        flat[1 : (n - 1) * whole : whole + 1] = inside[1]
        flat[whole : n * whole : whole + 1] = inside[2]
        for cell, row_S, row_x in edge_rows:
            jacobian[cell, :n] += row_S
            jacobian[cell, n : n + len(row_x)] += row_x
        jacobian[n:] = border
        return jacobian

    def _sparse(self, inside, edge_rows, border):
        from scipy import sparse

        n, whole = self.cells, self.cells + border.shape[0]
        band = sparse.diags(inside, [0, 1, -1], shape=(n, n), format="coo")
        rows, cols, values = [band.row], [band.col], [band.data]
        for cell, row_S, row_x in edge_rows:
            for first, row in ((0, row_S), (n, row_x)):
                at = np.flatnonzero(row)
                rows.append(np.full(len(at), cell))
                cols.append(at + first)
                values.append(row[at])
        r, c = np.nonzero(border)
        rows.append(r + n)
        cols.append(c)
        values.append(border[r, c])
        return sparse.coo_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(cols))), shape=(whole, whole)).tocsc()

    def drift(self, x, totals, q, parameters=None, time=0.0) -> tuple[np.ndarray, np.ndarray]:
        """|storage - total - int source| of the balances (scaled) and |residual| of the constraints."""
        p = self.parameters if parameters is None else parameters
        return self._scalar.drift(x[self.cells :], totals, q, p, time, self._stored(x[: self.cells]))

    def outputs(self, x, parameters=None, time=0.0) -> tuple[list[float], list[float]]:
        """Values of the model's outputs and of the watched arguments, in the order of their declaration."""
        p = self.parameters if parameters is None else parameters
        return self._scalar.outputs(x[self.cells :], p, time, self.link_values(x[: self.cells]))

    def field_outputs(self, x) -> list[np.ndarray]:
        """The field's outputs (each (cells,)) at a state."""
        return [np.zeros(self.cells) + value for value in self._stencil.outputs(x[: self.cells])]



def compiled(model: Model) -> System | FieldSystem:
    """The generated functions of a Model, with or without a field."""
    return System(model) if model.field is None else FieldSystem(model)
