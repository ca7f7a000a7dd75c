"""A compiled Model: start, rate and its Jacobian, projection, drift, outputs.

The integrator's vector is y = [x; q]: the unknowns and, for each balance with a source, its accumulated source
q = int source dt in units of the balance's scale (and, with a field, what is carried: another entry each). With H the scaled storages and residuals, A = dH/dx and
`alpha` the stabilisation rate, A dx/dt = [sources; 0] - dH/dtime - alpha (H - [totals + q; 0]).
"""

from __future__ import annotations

import linecache
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from scipy.linalg.lapack import dgesv

from ...errors import ConvergenceError, ModelError
from ..declare.model import Model
from ..generate.source_text import identifier, leaves, source

ARITHMETIC = (ArithmeticError, ValueError)  # what plain math raises outside a function's domain


@dataclass(frozen=True)
class Solution:
    """A converged start: unknowns x, Newton iterations used and the largest residual left."""

    x: np.ndarray
    iterations: int
    residual: float


@dataclass(frozen=True)
class Limits:
    """What a Newton step may do to each unknown, as arrays: see Unknown."""

    steps: np.ndarray
    kinks: np.ndarray
    highs: np.ndarray
    scales: np.ndarray


def limits(unknowns) -> Limits:
    """The limits of the unknowns, in their order."""
    given = [(u.step, u.kink, u.high, u.scale) for u in unknowns]
    columns = [
        [none if value is None else value for value in column]
        for column, none in zip(zip(*given), (np.inf, np.nan, np.inf, 1.0))
    ]
    return Limits(*(np.array(c, dtype=float) for c in columns)) if given else Limits(*np.empty((4, 0)))


class System:
    """The generated functions of a Model on numpy vectors. Immutable; parameters are passed to each call or default.

    z: values of the model's links, for the scalar part of a model with a field; without a field there are none.
    """

    def __init__(self, model: Model, scalars_of_field: bool = False):
        if model.field is not None and not scalars_of_field:
            raise ModelError(f"model {model.name} has a field: it needs a FieldSystem")
        self.model = model.check()
        self.source = source(model)
        self.names = tuple(u.name for u in model.unknowns)
        self.size = len(self.names)
        self.carrying = tuple(k for k, b in enumerate(model.balances) if b.carried != 0)
        self.sourced = tuple(k for k, b in enumerate(model.balances) if b.source != 0) + self.carrying
        if self.carrying and not scalars_of_field:
            raise ModelError(f"model {model.name}: something is carried with links, but there is no field")
        self._functions = _compile(self.source, model)
        self.limits = limits(model.unknowns)
        self.scales = self.step_scales = (
            self.limits.scales
        )  # the second: what the integrator measures its errors by
        self.parameters = tuple(p.value for p in model.parameters)

    # -- parameters and start ------------------------------------------------------------------------------------

    def with_parameters(self, changes: Mapping[str, float]) -> tuple[float, ...]:
        """The parameter vector with some values replaced by name."""
        known = {p.name for p in self.model.parameters}
        unknown = sorted(set(changes) - known)
        if unknown:
            raise KeyError(f"model {self.model.name} has no parameter {', '.join(unknown)}")
        return tuple(changes.get(p.name, p.value) for p in self.model.parameters)

    def guess(self) -> np.ndarray:
        """Where a cold start begins."""
        return np.array([u.guess for u in self.model.unknowns], dtype=float)

    def start(
        self, parameters: Sequence[float] | None = None, guess: np.ndarray | None = None, time=0.0, z=()
    ) -> Solution:
        """Solve the starts and constraints by clamped Newton; ConvergenceError when no state satisfies them.

        Converged means a last step below 1e-11 in the unknowns' scales; then one more step polishes.
        """
        p = self.parameters if parameters is None else parameters
        x = self.guess() if guess is None else np.array(guess, dtype=float)
        rows = partial(self._start, p=p, time=time, z=z)
        for clamp in (1.0, 0.3, 0.1):  # a shorter clamp is the fallback for the rare point that cycles
            found = newton(rows, x, clamp, round(100 / clamp), self.limits)
            if found is not None:
                return found
        raise ConvergenceError(
            f"model {self.model.name}: the start did not converge (largest residual at the guess: {self._worst(rows, x)})"
        )

    def project(
        self, x: np.ndarray, totals: np.ndarray, parameters: Sequence[float] | None = None, time=0.0, z=()
    ) -> np.ndarray:
        """The state near x whose scaled storages equal `totals` and whose residuals vanish, to rounding."""
        p = self.parameters if parameters is None else parameters
        target = np.concatenate([totals, np.zeros(self.size - len(totals))])

        def rows(x):
            H, A, *_ = self.linear(x, p, time, z)
            return H - target, A[:, : self.size]

        found = newton(rows, x, 1.0, 20, self.limits)
        if found is None:
            raise ConvergenceError(
                f"model {self.model.name}: the state at t = {time:.6g} s could not be projected"
            )
        return found.x

    def settle(self, x, totals, q, parameters=None, time=0.0, z=()):
        """The projected state near x, and what x itself had: the drift of each balance, the largest one of a constraint."""
        balances, constraints = self.drift(x, totals, q, parameters, time, z)
        state = self.project(x, self.accumulated(totals, q), parameters, time, z)
        return state, balances, constraints.max(initial=0.0)

    def _worst(self, function, x):
        rows = [s.name for s in self.model.starts] + [c.name for c in self.model.constraints]
        F = np.abs(function(x)[0])
        k = int(np.argmax(np.where(np.isfinite(F), F, np.inf)))
        return f"'{rows[k]}' {F[k]:.3g}"

    def state_value(self, name: str):
        """A function of the state: the value of the unknown or of the output without label of this name."""
        if name in self.names:
            k = self.names.index(name)
            return lambda x: x[k]
        k = [output.name for output in self.model.outputs].index(name)
        return lambda x: self.outputs(x)[0][k]

    # -- march ---------------------------------------------------------------------------------------------------

    def totals(self, x: np.ndarray, parameters: Sequence[float] | None = None, time=0.0, z=()) -> np.ndarray:
        """Scaled storages of the balances at x."""
        p = self.parameters if parameters is None else parameters
        return np.array(self._functions["storage"]([*x.tolist(), *z], p, (time,)))[: len(self.model.balances)]

    def accumulated(self, totals: np.ndarray, q: np.ndarray) -> np.ndarray:
        """totals + q, with q given for the sourced balances only."""
        total = totals.copy()
        apart = len(self.sourced) - len(self.carrying)
        total[list(self.sourced[:apart])] += q[:apart]
        if self.carrying:
            total[list(self.carrying)] += q[apart:]
        return total

    def rate(self, time, y, totals, alpha, parameters=None) -> np.ndarray:
        """dy/dt; NaN outside the model's domain, which makes the integrator shorten its step."""
        p = self.parameters if parameters is None else parameters
        x, q = y[: self.size], y[self.size :]
        try:
            H, A, s, H_t, _ = self.linear(x, p, time)
            return np.concatenate([solved(A, self.right(H, s, H_t, totals, q, alpha)), s[list(self.sourced)]])
        except (*ARITHMETIC, np.linalg.LinAlgError):
            return np.full(len(y), np.nan)

    def rate_jacobian(self, time, y, totals, alpha, parameters=None) -> np.ndarray:
        """d(dy/dt)/dy, analytic: -A^-1 G - alpha I for the unknowns, alpha A^-1 for the accumulated sources."""
        p = self.parameters if parameters is None else parameters
        n, m = self.size, len(self.sourced)
        x, q = y[:n], y[n:]
        H, A, s, H_t, _ = self.linear(x, p, time)
        v = solved(A, self.right(H, s, H_t, totals, q, alpha))
        G, S, _ = self.curvature(x, v, p, time)
        selection = np.zeros((n, m))
        selection[list(self.sourced), range(m)] = alpha
        blocks = solved(A, np.hstack([-G, selection]))
        jacobian = np.zeros((n + m, n + m))
        jacobian[:n] = blocks
        jacobian[:n, :n] -= alpha * np.eye(n)
        jacobian[n:, :n] = S[list(self.sourced)]
        return jacobian

    def drift(self, x, totals, q, parameters=None, time=0.0, z=()) -> tuple[np.ndarray, np.ndarray]:
        """|storage - total - int source| of the balances (scaled) and |residual| of the constraints."""
        p = self.parameters if parameters is None else parameters
        H = np.array(self._functions["storage"]([*x.tolist(), *z], p, (time,)))
        m = len(self.model.balances)
        return np.abs(H[:m] - self.accumulated(totals, q)), np.abs(H[m:])

    def report(self, x, totals, q, time=0.0):
        """(outputs, watched), drift: of `outputs` and `drift` at a state."""
        return self.outputs(x, time=time), self.drift(x, totals, q, time=time)

    def outputs(self, x, parameters=None, time=0.0, z=()) -> tuple[list[float], list[float]]:
        """Values of the model's outputs and of the watched arguments, in the order of their declaration."""
        p = self.parameters if parameters is None else parameters
        return self._functions["outputs"]([*np.asarray(x).tolist(), *z], p, (time,))

    # -- the generated functions on numpy vectors ------------------------------------------------------------------

    def _start(self, x, p, time, z):
        F, J = self._functions["start"]([*x.tolist(), *z], p, (time,))
        return np.array(F), np.array(J).reshape(self.size, self.size)

    def linear(self, x, p, time, z=()):
        """H, A (size, size + links), sources, dH/dtime, and the inflows into the field as a list."""
        H, A, s, H_t, inflows = self._functions["linear"]([*x.tolist(), *z], p, (time,))
        return np.array(H), np.array(A).reshape(self.size, -1), np.array(s), np.array(H_t), inflows

    def curvature(self, x, v, p, time, z=(), rate_z=()):
        """G = d(A v - sources + dH/dtime), S = d(sources), I = d(inflows), each by the unknowns and then the links."""
        width = self.size + len(z)
        *_, G, S, inflows = self._functions["curvature"](
            [*x.tolist(), *z], [*v.tolist(), *rate_z], p, (time,)
        )
        return tuple(np.array(part).reshape(-1, width) for part in (G, S, inflows))

    def carried(self, x, v, p, time, z, rate_z):
        """What is carried with the rates, and its derivatives by the unknowns and links and by their rates; none: empty."""
        width = self.size + len(z)
        if not self.carrying:
            return np.empty(0), np.empty((0, width)), np.empty((0, width))
        c, C, C_v = self._functions["carried"]([*x.tolist(), *z], [*v.tolist(), *rate_z], p, (time,))
        return np.array(c), np.array(C).reshape(-1, width), np.array(C_v).reshape(-1, width)

    def right(self, H, s, H_t, totals, q, alpha):
        """[sources; 0] - dH/dtime - alpha (H - [totals + q; 0])."""
        m = len(s)
        right = -alpha * H - H_t
        right[:m] += s + alpha * self.accumulated(totals, q)
        return right


def solved(A, b):
    """x of A x = b, b (n,) or (n, m): LAPACK without the checks of numpy.linalg.solve, which cost more than small systems do.

    LinAlgError for a singular A; what is not finite gives what is not finite.
    """
    if not len(A):
        return np.zeros_like(b)
    _, _, x, info = dgesv(A, b)
    if info:
        raise np.linalg.LinAlgError("singular matrix")
    return x


def newton(function, x, clamp, limit, bounds: Limits) -> Solution | None:
    """Clamped Newton on function(x) -> residuals, Jacobian; None when it does not converge within `limit` steps."""
    for iteration in range(1, limit + 1):
        try:
            F, J = function(x)
            step = solved(J, -F)
        except (*ARITHMETIC, np.linalg.LinAlgError):
            return None
        if not np.all(np.isfinite(step)):
            return None
        allowed = clamp * bounds.steps
        factor = min(1.0, float(np.min(allowed / np.maximum(np.abs(step), 1e-300), initial=np.inf)))
        moved = np.minimum(x + step * factor, bounds.highs)
        x = np.where((x - bounds.kinks) * (moved - bounds.kinks) < 0, bounds.kinks, moved)
        if np.max(np.abs(step) / (bounds.scales * (1 + np.abs(x) / bounds.scales)), initial=0.0) < 1e-11:
            residual = float(np.max(np.abs(function(x)[0]), initial=0.0))
            return Solution(x, iteration, residual) if residual < 1e-8 else None
    return None


def _compile(text: str, model: Model) -> dict:
    """Run the generated module, with the external leaves bound to their functions."""
    namespace: dict = {"__name__": "mocoupled.generated"}
    for name, leaf in leaves(model).items():
        namespace[identifier(name)] = partial(leaf.external.function, leaf.orders)
    code, filename = _bytecode(text)
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    exec(
        code, namespace
    )  # our own generated text: built from declared expressions in this process, never from a file
    namespace["math"] = math
    return namespace


@lru_cache(maxsize=64)
def _bytecode(text: str):
    filename = f"<generated model {abs(hash(text)):x}>"
    return compile(text, filename, "exec"), filename
