"""A compiled Model with a field: the same face as a System, for cells and scalars in one implicit system.

The integrator's vector is y = [S; x; q]: the field's cells, the scalar unknowns and the accumulated sources. With C the
slope of a cell's storage, L its fluxes and source, i the inflows, z(S) the links and Z their gradient,

    C dS/dt = L(S) + i(x, z),    A_x dx/dt + A_z Z dS/dt = [sources; 0] - dH/dtime - alpha (H - [totals + q; 0]).

The Jacobian of both lines is generated with them, and is sparse where that pays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..errors import ModelError
from .model import Model
from .stencil import stencil
from .system import ARITHMETIC, Solution, System

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
        self.scales = np.concatenate([np.full(self.cells, self.field.scale), self._scalar.scales])
        self._kinds = {kind: [k for k, link in enumerate(model.links) if link.kind == kind] for kind in ("edge", "total", "face")}
        self._faces = [link.face % (self.cells - 1) for link in model.links if link.kind == "face"]
        self._inflow_cells = [0 if inflow.at == "first" else self.cells - 1 for inflow in model.inflows]
        self._edge_cells = [0, 1, self.cells - 1]
        self._stored = self._stored_links()

    def _stored_links(self) -> list[int]:
        """The links that occur in a storage or a residual: their rates enter those of the scalars."""
        model = self.model
        held = set().union(*(getattr(b.storage, "free_symbols", set()) for b in model.balances), *(c.residual.free_symbols for c in model.constraints))
        found = [k for k, link in enumerate(model.links) if link.symbol in held]
        odd = [self.links[k] for k in found if model.links[k].kind == "face"]
        if odd:
            raise ModelError(f"model {model.name}: the face quantity {', '.join(odd)} is stored; only sources may use one")
        return found

    # -- parameters, links and start -----------------------------------------------------------------------------

    def with_parameters(self, changes: Mapping[str, float]) -> tuple[float, ...]:
        """The parameter vector with some values replaced by name."""
        return self._scalar.with_parameters(changes)

    def link_values(self, S: np.ndarray) -> np.ndarray:
        """What the scalars see of the field, in the order of the model's links."""
        z = np.empty(len(self.links))
        if self._kinds["edge"]:
            z[self._kinds["edge"]] = self._stencil.edges(S[self._edge_cells].tolist())[0]
        *_, totals, _ = self._stencil.cells(S)
        for k, m in zip(self._kinds["total"], totals):
            z[k] = np.sum(m)
        if self._kinds["face"]:
            _, seen = self._stencil.faces(S[:-1], S[1:])
            for k, face, q in zip(self._kinds["face"], self._faces, seen):
                z[k] = q[face]
        return z

    def state_value(self, name: str):
        """A function of the state: the value of the link or scalar unknown of this name."""
        if name in self.names:
            k = self.cells + self.names.index(name)
            return lambda x: x[k]
        link = next(link for link in self.model.links if link.name == name)
        k = [other.name for other in self.model.links if other.kind == link.kind].index(name)
        if link.kind == "edge":
            return lambda x: self._stencil.edges(x[self._edge_cells].tolist())[0][k]
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
        return np.concatenate([S, self._scalar.project(scalars, totals, p, time, self.link_values(S))])

    # -- march ---------------------------------------------------------------------------------------------------

    def totals(self, x: np.ndarray, parameters: Sequence[float] | None = None, time=0.0) -> np.ndarray:
        """Scaled storages of the balances at x."""
        p = self.parameters if parameters is None else parameters
        return self._scalar.totals(x[self.cells :], p, time, self.link_values(x[: self.cells]))

    def accumulated(self, totals: np.ndarray, q: np.ndarray) -> np.ndarray:
        """totals + q, with q given for the sourced balances only."""
        return self._scalar.accumulated(totals, q)

    def rate(self, time, y, totals, alpha, parameters=None) -> np.ndarray:
        """dy/dt; NaN outside the model's domain, which makes the integrator shorten its step."""
        p = self.parameters if parameters is None else parameters
        n, m = self.cells, self.size
        S = y[:n]
        if not (S.min() >= self.field.low and S.max() <= self.field.high):
            return np.full(len(y), np.nan)
        try:
            return np.concatenate(self._rates(S, y[n:m], y[m:], p, time, totals, alpha)[:3])
        except (*ARITHMETIC, np.linalg.LinAlgError):
            return np.full(len(y), np.nan)

    def _rates(self, S, x, q, p, time, totals, alpha):
        """dS/dt, dx/dt, dq/dt, and the parts that the Jacobian needs again."""
        e = S[self._edge_cells].tolist()
        edge, slopes = self._stencil.edges(e)
        storage, C, source, total, total_slopes = self._stencil.cells(S)
        (flux,), seen = self._stencil.faces(S[:-1], S[1:])
        C = C[0]
        z = np.empty(len(self.links))
        for kind, values in (("edge", edge), ("total", [np.sum(m) for m in total]), ("face", [k[f] for k, f in zip(seen, self._faces)])):
            for k, value in zip(self._kinds[kind], values):
                z[k] = value
        H, A, s, H_t, inflows = self._scalar.linear(x, p, time, z)
        L = np.zeros(self.cells) + source[0]
        L[:-1] += flux
        L[1:] -= flux
        for cell, inflow in zip(self._inflow_cells, inflows):
            L[cell] += inflow
        rate_S = L / C
        rate_z = np.zeros(len(z))
        width = len(self._edge_cells)
        moving = rate_S[self._edge_cells]
        for k, link in enumerate(self._kinds["edge"]):
            rate_z[link] = np.dot(slopes[width * k : width * (k + 1)], moving)
        for link, slope in zip(self._kinds["total"], total_slopes):
            rate_z[link] = np.sum(slope * rate_S)
        nx = len(x)
        right = self._scalar.right(H, s, H_t, totals, q, alpha)
        right -= A[:, nx:][:, self._stored] @ rate_z[self._stored]
        rate_x = np.linalg.solve(A[:, :nx], right)
        return rate_S, rate_x, s[list(self.sourced)], (e, C, total_slopes, slopes, z, rate_z, A)

    def rate_jacobian(self, time, y, totals, alpha, parameters=None):
        """d(dy/dt)/dy, analytic; dense (len(y), len(y)), or sparse where there are many cells."""
        p = self.parameters if parameters is None else parameters
        n, m = self.cells, self.size
        S, x, q = y[:n], y[n:m], y[m:]
        nx, nq = m - n, len(q)
        rate_S, rate_x, _, (e, C, total_slopes, slopes, z, rate_z, A) = self._rates(S, x, q, p, time, totals, alpha)
        G, G_s, G_i = self._scalar.curvature(x, rate_x, p, time, z, rate_z)
        (bend,), (d_source,), bent = self._stencil.cells_curved(S)
        (above, below), seen = self._stencil.faces_linear(S[:-1], S[1:])
        curved = self._stencil.edges_curved(e, rate_S[self._edge_cells].tolist())

        Z, W = np.zeros((len(z), n)), np.zeros((len(z), n))
        width = len(self._edge_cells)
        for k, link in enumerate(self._kinds["edge"]):
            for j, cell in enumerate(self._edge_cells):
                Z[link, cell] += slopes[width * k + j]
                W[link, cell] += curved[width * k + j]
        for link, slope, more in zip(self._kinds["total"], total_slopes, bent):
            Z[link], W[link] = slope, more * rate_S
        for k, (link, face) in enumerate(zip(self._kinds["face"], self._faces)):
            Z[link, face], Z[link, face + 1] = seen[2 * k][face], seen[2 * k + 1][face]

        # the cells: a band, and what the inflows see
        main = np.zeros(n) + d_source - bend * rate_S
        main[:-1] += above
        main[1:] -= below
        inside = [main / C, below / C[:-1], -above / C[1:]]  # diagonal, upper, lower
        edge_rows = {}  # cell -> (d rate/d S as a row, d rate/d x)
        for k, cell in enumerate(self._inflow_cells):
            row = edge_rows.setdefault(cell, (np.zeros(n), np.zeros(nx)))
            row[0][:] += (G_i[k, nx:] @ Z) / C[cell]
            row[1][:] += G_i[k, :nx] / C[cell]

        # the scalars: A_x d(dx/dt) = -(G_x dx + G_z dz + A_z d(dz/dt)) - alpha (A_x dx + A_z dz - dq)
        held = self._stored
        A_x, A_z = A[:, :nx], A[:, nx:]
        Zh = Z[held]
        moved = Zh * inside[0]  # Z J_SS, by columns of the band
        moved[:, 1:] += Zh[:, :-1] * inside[1]
        moved[:, :-1] += Zh[:, 1:] * inside[2]
        by_x = np.zeros((len(held), nx))
        for cell, (row_S, row_x) in edge_rows.items():
            moved += np.outer(Zh[:, cell], row_S)
            by_x += np.outer(Zh[:, cell], row_x)
        selection = np.zeros((nx, nq))
        selection[list(self.sourced), range(nq)] = alpha
        columns = [
            -((G[:, nx:] + alpha * A_z) @ Z + A_z[:, held] @ (moved + W[held])),
            -(G[:, :nx] + A_z[:, held] @ by_x),
            selection,
        ]
        border = np.linalg.solve(A_x, np.hstack(columns))
        border[:, n : n + nx] -= alpha * np.eye(nx)
        rows_q = G_s[list(self.sourced)]
        border = np.vstack([border, np.hstack([rows_q[:, nx:] @ Z, rows_q[:, :nx], np.zeros((nq, nq))])])
        return self._dense(inside, edge_rows, border) if n <= DENSE else self._sparse(inside, edge_rows, border)

    def _dense(self, inside, edge_rows, border):
        n, whole = self.cells, self.cells + border.shape[0]
        jacobian = np.zeros((whole, whole))
        flat = jacobian.reshape(-1)
        flat[: n * whole : whole + 1] = inside[0]
        flat[1 : (n - 1) * whole : whole + 1] = inside[1]
        flat[whole : n * whole : whole + 1] = inside[2]
        for cell, (row_S, row_x) in edge_rows.items():
            jacobian[cell, :n] += row_S
            jacobian[cell, n : n + len(row_x)] += row_x
        jacobian[n:] = border
        return jacobian

    def _sparse(self, inside, edge_rows, border):
        from scipy import sparse

        n, whole = self.cells, self.cells + border.shape[0]
        band = sparse.diags(inside, [0, 1, -1], shape=(n, n), format="coo")
        rows, cols, values = [band.row], [band.col], [band.data]
        for cell, (row_S, row_x) in edge_rows.items():
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
        return self._scalar.drift(x[self.cells :], totals, q, p, time, self.link_values(x[: self.cells]))

    def outputs(self, x, parameters=None, time=0.0) -> tuple[list[float], list[float]]:
        """Values of the model's outputs and of the watched arguments, in the order of their declaration."""
        p = self.parameters if parameters is None else parameters
        return self._scalar.outputs(x[self.cells :], p, time, self.link_values(x[: self.cells]))

    def field_outputs(self, x) -> list[np.ndarray]:
        """The field's outputs (each (cells,)) at a state."""
        return [np.zeros(self.cells) + value for value in self._stencil.outputs(x[: self.cells])]

