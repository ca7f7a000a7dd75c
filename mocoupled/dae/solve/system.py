"""A compiled Model: start, rate and its Jacobian, projection, drift, outputs.

The integrator's vector is y = [x; q]: the unknowns and the accumulated sources.
q has an entry for each balance with a source: int source dt in units of the balance's scale.
With a field, each balance with `carried` has a further entry.
With H the scaled storages and residuals, A = dH/dx and `alpha` the stabilisation rate,
A dx/dt = [sources; 0] - dH/dtime - alpha (H - [totals + q; 0]).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
import sympy

from ...errors import ConvergenceError, ModelError
from ..declare.model import TIME, Model
from ..declare.step_limits import limits
from ..generate.python_module import ARITHMETIC, run
from ..generate.source_text import leaves, source
from ..leaves.external import numeric
from .clamped_newton import Solution, newton, solved

Values = Sequence[float] | np.ndarray
Parameters = Sequence[float] | None  # None: those of the model
Settled = tuple[
    np.ndarray, np.ndarray, float
]  # projected state; drift of balances; largest one of constraints
CLAMPS = (1.0, 0.3, 0.1)  # of the start: the shorter ones for the rare point at which Newton cycles


class Linear(NamedTuple):
    """H, A (size, size + links), sources, dH/dtime, and the inflows into the field."""

    H: np.ndarray
    A: np.ndarray
    sources: np.ndarray
    H_t: np.ndarray
    inflows: list[float]


class System:
    """The generated functions of a Model on numpy vectors. Immutable.

    Parameters are passed to each call; without them, they are those of the model.

    z: values of the model's links, for the scalar part of a model with a field; otherwise empty.
    x (size,), y (size + sourced,), totals (balances,), q (sourced,); time [s], alpha [1/s].
    """

    def __init__(self, model: Model, scalars_of_field: bool = False) -> None:
        """scalars_of_field: whether this is the scalar part of a FieldSystem.

        ModelError without it for a model with a field.
        """
        if model.field is not None and not scalars_of_field:
            raise ModelError(f"model {model.name} has a field: it needs a FieldSystem")
        self.model = model.check()
        self.source = source(model)
        self.names = tuple(u.name for u in model.unknowns)
        self.size = len(self.names)
        self.carrying = tuple(k for k, b in enumerate(model.balances) if b.carried != 0)
        self._apart = np.array([k for k, b in enumerate(model.balances) if b.source != 0], dtype=np.intp)
        self.sourced = (*self._apart.tolist(), *self.carrying)
        if self.carrying and not scalars_of_field:
            raise ModelError(f"model {model.name}: something is carried with links, but there is no field")
        self._functions = run(self.source, "model", leaves(model))
        self.costly = "rows" in self._functions  # whether sources take longer than all other equations
        self.limits = limits(model.unknowns)
        self.scales = self.limits.scales
        self.step_scales = self.scales  # by which the integrator measures its errors
        self.parameters = tuple(p.value for p in model.parameters)

    # -- parameters and start ----------------------------------------------------------------------------

    def with_parameters(self, changes: Mapping[str, float]) -> tuple[float, ...]:
        """The parameter vector with some values replaced by name; KeyError for an unknown name."""
        known = {p.name for p in self.model.parameters}
        unknown = sorted(set(changes) - known)
        if unknown:
            raise KeyError(f"model {self.model.name} has no parameter {', '.join(unknown)}")
        return tuple(changes.get(p.name, p.value) for p in self.model.parameters)

    def at(self, changes: Mapping[str, float]) -> System:
        """The same functions with other values of parameters by name; KeyError for an unknown name."""
        values = self.with_parameters(changes)
        other = copy(self)
        other.parameters = values
        parameters = tuple(replace(p, value=value) for p, value in zip(self.model.parameters, values))
        other.model = replace(self.model, parameters=parameters)
        return other

    def guess(self) -> np.ndarray:
        """Where a cold start begins."""
        return np.array([u.guess for u in self.model.unknowns], dtype=float)

    def start(
        self,
        parameters: Parameters = None,
        guess: np.ndarray | None = None,
        time: float = 0.0,
        z: Values = (),
    ) -> Solution:
        """Solve the starts and constraints by clamped Newton; ConvergenceError when no state satisfies them.

        Newton has converged when its last step is below 1e-11 in the unknowns' scales.
        """
        p = self.parameters if parameters is None else parameters
        x = self.guess() if guess is None else np.array(guess, dtype=float)
        rows = partial(self._start, p=p, time=time, z=z)
        for clamp in CLAMPS:
            solution = newton(rows, x, clamp, round(100 / clamp), self.limits)
            if solution is not None:
                return solution
        raise ConvergenceError(
            f"model {self.model.name}: the start did not converge "
            f"(largest residual at the guess: {self._worst(rows, x)})"
        )

    def project(
        self,
        x: np.ndarray,
        totals: np.ndarray,
        parameters: Parameters = None,
        time: float = 0.0,
        z: Values = (),
        at: Linear | None = None,
    ) -> np.ndarray:
        """The state near x whose scaled storages equal `totals` and whose residuals vanish, to rounding.

        at: `linear` at x, where it is known. ConvergenceError where Newton does not converge.
        """
        p = self.parameters if parameters is None else parameters
        target = np.concatenate([totals, np.zeros(self.size - len(totals))])

        def rows(new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            """Residuals and their Jacobian."""
            H, A = (at.H, at.A) if at is not None and new is x else self.rows(new, p, time, z)
            return H - target, A[:, : self.size]

        return projected(newton(rows, x, 1.0, 20, self.limits), self.model.name, time).x

    def settle(
        self,
        x: np.ndarray,
        totals: np.ndarray,
        q: np.ndarray,
        parameters: Parameters = None,
        time: float = 0.0,
        z: Values = (),
        at: Linear | None = None,
    ) -> Settled:
        """The projected state near x, and the drift at x: of each balance, the largest of a constraint.

        at: `linear` at x, where it is known.
        """
        balances, constraints = self.drift(x, totals, q, parameters, time, z)
        state = self.project(x, self.accumulated(totals, q), parameters, time, z, at)
        return state, balances, constraints.max(initial=0.0)

    def _worst(self, function: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], x: np.ndarray) -> str:
        """Name and size of the largest residual."""
        rows = [s.name for s in self.model.starts] + [c.name for c in self.model.constraints]
        F = np.abs(function(x)[0])
        k = int(np.argmax(np.where(np.isfinite(F), F, np.inf)))
        return f"'{rows[k]}' {F[k]:.3g}"

    def state_value(self, name: str) -> Callable[[np.ndarray], float]:
        """A function of the state: the value of the unknown or of the output without label of this name."""
        if name in self.names:
            unknown = self.names.index(name)
            return lambda x: x[unknown]
        output = [output.name for output in self.model.outputs].index(name)
        expression = sympy.sympify(self.model.outputs[output].expression)
        if self.costly and TIME not in expression.free_symbols:
            # apart from the others, among which is a costly one
            symbols = [*(u.symbol for u in self.model.unknowns), *(q.symbol for q in self.model.parameters)]
            value = numeric(symbols, expression)
            return lambda x: float(value(*x.tolist(), *self.parameters))
        return lambda x: self.outputs(x)[0][output]

    # -- march -------------------------------------------------------------------------------------------

    def totals(
        self, x: np.ndarray, parameters: Parameters = None, time: float = 0.0, z: Values = ()
    ) -> np.ndarray:
        """Scaled storages of the balances at x."""
        p = self.parameters if parameters is None else parameters
        return self._storage(x, p, time, z)[: len(self.model.balances)]

    def accumulated(self, totals: np.ndarray, q: np.ndarray) -> np.ndarray:
        """totals + q (balances,), where q has entries for the sourced balances only."""
        total = totals.copy()
        apart = len(self._apart)
        total[self._apart] += q[:apart]
        if self.carrying:
            total[list(self.carrying)] += q[apart:]
        return total

    def rate(
        self, time: float, y: np.ndarray, totals: np.ndarray, alpha: float, parameters: Parameters = None
    ) -> np.ndarray:
        """dy/dt; NaN outside the model's domain, which makes the integrator shorten its step."""
        p = self.parameters if parameters is None else parameters
        x, q = y[: self.size], y[self.size :]
        try:
            at = self.linear(x, p, time)
            x_rate = solved(at.A, self.right(at, totals, q, alpha))
            return np.concatenate([x_rate, at.sources[list(self.sourced)]])
        except ARITHMETIC:
            return np.full(len(y), np.nan)

    def rate_jacobian(
        self, time: float, y: np.ndarray, totals: np.ndarray, alpha: float, parameters: Parameters = None
    ) -> np.ndarray:
        """d(dy/dt)/dy, analytic: -A^-1 G - alpha I for the unknowns, alpha A^-1 for accumulated sources."""
        return self.rate_with_jacobian(time, y, totals, alpha, parameters)[1]

    def rate_with_jacobian(
        self, time: float, y: np.ndarray, totals: np.ndarray, alpha: float, parameters: Parameters = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """dy/dt as of `rate`, and d(dy/dt)/dy, which needs it."""
        p = self.parameters if parameters is None else parameters
        n, m = self.size, len(self.sourced)
        x, q = y[:n], y[n:]
        at = self.linear(x, p, time)
        v = solved(at.A, self.right(at, totals, q, alpha))
        G, S, _ = self.curvature(x, v, p, time)
        selection = np.zeros((n, m))
        selection[list(self.sourced), range(m)] = alpha
        blocks = solved(at.A, np.hstack([-G, selection]))
        jacobian = np.zeros((n + m, n + m))
        jacobian[:n] = blocks
        jacobian[:n, :n] -= alpha * np.eye(n)
        jacobian[n:, :n] = S[list(self.sourced)]
        return np.concatenate([v, at.sources[list(self.sourced)]]), jacobian

    def drift(
        self,
        x: np.ndarray,
        totals: np.ndarray,
        q: np.ndarray,
        parameters: Parameters = None,
        time: float = 0.0,
        z: Values = (),
    ) -> tuple[np.ndarray, np.ndarray]:
        """|storage - total - int source| of the balances (scaled) and |residual| of the constraints."""
        p = self.parameters if parameters is None else parameters
        H = self._storage(x, p, time, z)
        m = len(self.model.balances)
        return np.abs(H[:m] - self.accumulated(totals, q)), np.abs(H[m:])

    def report(
        self, x: np.ndarray, totals: np.ndarray, q: np.ndarray, time: float = 0.0
    ) -> tuple[tuple[list[float], list[float]], tuple[np.ndarray, np.ndarray]]:
        """(outputs, watched), drift: of `outputs` and `drift` at a state."""
        return self.outputs(x, time=time), self.drift(x, totals, q, time=time)

    def outputs(
        self, x: np.ndarray, parameters: Parameters = None, time: float = 0.0, z: Values = ()
    ) -> tuple[list[float], list[float]]:
        """Values of the model's outputs and of the watched arguments, in the order of their declaration."""
        p = self.parameters if parameters is None else parameters
        return self._functions["outputs"]([*np.asarray(x).tolist(), *z], p, (time,))

    # -- the generated functions on numpy vectors ----------------------------------------------------------

    def _start(self, x: np.ndarray, p: Values, time: float, z: Values) -> tuple[np.ndarray, np.ndarray]:
        F, J = self._functions["start"]([*x.tolist(), *z], p, (time,))
        return np.array(F), np.array(J).reshape(self.size, self.size)

    def _storage(self, x: np.ndarray, p: Values, time: float, z: Values) -> np.ndarray:
        """H: scaled storages of the balances, then residuals of the constraints."""
        return np.array(self._functions["storage"]([*x.tolist(), *z], p, (time,)))

    def linear(self, x: np.ndarray, p: Values, time: float, z: Values = ()) -> Linear:
        """H, A and what else the rate needs."""
        H, A, s, H_t, inflows = self._functions["linear"]([*x.tolist(), *z], p, (time,))
        return Linear(np.array(H), np.array(A).reshape(self.size, -1), np.array(s), np.array(H_t), inflows)

    def rows(self, x: np.ndarray, p: Values, time: float, z: Values = ()) -> tuple[np.ndarray, np.ndarray]:
        """H and A, as `linear` has them, without the sources where a leaf in them is costly."""
        function = self._functions["rows" if self.costly else "linear"]
        H, A, *_ = function([*x.tolist(), *z], p, (time,))
        return np.array(H), np.array(A).reshape(self.size, -1)

    def curvature(
        self, x: np.ndarray, v: np.ndarray, p: Values, time: float, z: Values = (), rate_z: Values = ()
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """G = d(A v - sources + dH/dtime), S = d(sources), I = d(inflows), by unknowns and then links."""
        width = self.size + len(z)
        *_, G, S, inflows = self._functions["curvature"](
            [*x.tolist(), *z], [*v.tolist(), *rate_z], p, (time,)
        )
        return (
            np.array(G).reshape(-1, width),
            np.array(S).reshape(-1, width),
            np.array(inflows).reshape(-1, width),
        )

    def carried(
        self, x: np.ndarray, v: np.ndarray, p: Values, time: float, z: Values, rate_z: Values
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What is carried with the rates (carrying,), and its derivatives (carrying, unknowns + links).

        The derivatives are those by unknowns and links, and those by their rates.
        """
        width = self.size + len(z)
        if not self.carrying:
            return np.empty(0), np.empty((0, width)), np.empty((0, width))
        c, C, C_v = self._functions["carried"]([*x.tolist(), *z], [*v.tolist(), *rate_z], p, (time,))
        return np.array(c), np.array(C).reshape(-1, width), np.array(C_v).reshape(-1, width)

    def right(self, at: Linear, totals: np.ndarray, q: np.ndarray, alpha: float) -> np.ndarray:
        """[sources; 0] - dH/dtime - alpha (H - [totals + q; 0])."""
        m = len(at.sources)
        right = -alpha * at.H - at.H_t
        right[:m] += at.sources + alpha * self.accumulated(totals, q)
        return right


def projected(solution: Solution | None, model: str, time: float) -> Solution:
    """The solution of a projection; ConvergenceError where there is none."""
    if solution is None:
        raise ConvergenceError(f"model {model}: the state at t = {time:.6g} s could not be projected")
    return solution
