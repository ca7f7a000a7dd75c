"""The start of a Model at one or many sets of parameters: a generated kernel and clamped Newton, in numpy chunks.

The unknowns that are left after `reduce` are solved for; every point is independent. Points that converge leave the
batch at once; those that do not converge are tried again one at a time with shorter steps, and are then reported as
not converged: never as a number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from .generate import identifier, leaves
from .kernel import kernel_source
from .model import Model
from .reduce import reduce

CHUNK = 32768  # points solved together: more share numpy's overhead, fewer stay in the cache
TOLERANCE = 1e-7  # of the last Newton step, in logarithmic units: after it the error is about its square
ITERATIONS = 60
ACCURACY = 1e-12  # largest residual of a converged point; what is met is near 1e-15
CROWDED = 0.5  # share of unfinished points below which the finished ones are taken out


@dataclass(frozen=True)
class Points:
    """Solved points: values (outputs, n), NaN where not converged; converged, residual, iterations (n,)."""

    values: np.ndarray
    converged: np.ndarray
    residual: np.ndarray
    iterations: np.ndarray


class Batch:
    """The compiled start of a Model for arrays of its parameters. Each form is generated on first use."""

    def __init__(self, model: Model, vary: Sequence[str]):
        """vary: parameters that are arrays; the others are constants of the generated code."""
        self.model = model
        self.vary = tuple(vary)
        self.reduction = reduce(model)
        self.size = len(self.reduction.unknowns)
        self._guess = [u.guess for u in self.reduction.unknowns]
        self._clamp = [math.inf if u.step is None else u.step for u in self.reduction.unknowns]

        self._limits = [None if u.kink is None and u.high is None else _Limit(u) for u in self.reduction.unknowns]
        self._free = [math.inf if limit else c for c, limit in zip(self._clamp, self._limits)]

    @cached_property
    def source(self) -> dict[str, str]:
        """The generated text of both forms, "numpy" and "math"."""
        return {kind: kernel_source(self.reduction, self.vary, kind) for kind in ("numpy", "math")}

    @cached_property
    def _many(self):
        return _load(kernel_source(self.reduction, self.vary, "numpy"), self.model, "numpy", np)

    @cached_property
    def _one(self):
        return _load(kernel_source(self.reduction, self.vary, "math"), self.model, "math", math)

    def solve(self, parameters: Mapping[str, np.ndarray], threads: int = 1, chunk: int = CHUNK) -> Points:
        """Solve at n points. parameters: name -> (n,) array or number, for every name of `vary`."""
        columns = np.broadcast_arrays(*(np.asarray(parameters[name], dtype=float) for name in self.vary))
        n = columns[0].size
        values = np.empty((len(self.model.outputs), n))
        points = Points(values, np.zeros(n, dtype=bool), np.full(n, np.nan), np.zeros(n, dtype=int))
        columns = [np.ascontiguousarray(c).reshape(n) for c in columns]
        if threads > 1:  # equal shares for the threads
            chunk = max(min(chunk * 2, -(-n // threads)), 1)
        pieces = [slice(i, min(i + chunk, n)) for i in range(0, n, chunk)]
        work = partial(self._chunk, columns, points)
        if threads > 1 and len(pieces) > 1:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(work, pieces))
        else:
            for piece in pieces:
                work(piece)
        return points

    def _chunk(self, columns, points, piece):
        """Newton on one chunk; unconverged points go to the scalar form."""
        p = [c[piece] for c in columns]
        n = len(p[0])
        with np.errstate(all="ignore"):
            hoisted = self._many["hoist"](p)
            hoisted = [h if isinstance(h, np.ndarray) else np.full(n, h) for h in hoisted]
            active, u = np.arange(n), [np.full(n, g) for g in self._guess]
            final = [np.empty(n) for _ in u]
            residual, iterations = np.zeros(n), np.zeros(n, dtype=int)
            h = hoisted
            for iteration in range(1, ITERATIONS + 1):
                F, J = self._many["newton"](u, h)
                steps = _eliminate(J, F, self.size)
                largest = _scaled(steps, self._clamp)
                factor = np.minimum(1.0, 1.0 / np.maximum(largest, 1e-300))
                u = [a + s * factor if one is None else one.moved(a, s * factor) for a, s, one in zip(u, steps, self._limits)]
                size = _largest(steps)
                finished = size < TOLERANCE
                done = np.flatnonzero(finished)
                if not len(done):
                    continue
                where = active[done]
                for target, a in zip(final, u):
                    target[where] = a[done]
                iterations[where] = iteration
                rest = np.flatnonzero(~finished & np.isfinite(size))
                if not len(rest):
                    break
                if len(rest) < CROWDED * len(active):  # to copy the rest costs more than to iterate a few in vain
                    active = active[rest]
                    u, h = [a[rest] for a in u], [a[rest] for a in h]
            solved = iterations > 0
            residual = np.abs(np.broadcast_arrays(*self._many["residual"](final, hoisted), residual)[:-1]).max(axis=0)
            solved &= residual < ACCURACY
            residual[~solved] = np.nan
            for row, value in enumerate(self._many["outputs"](final, hoisted)):
                points.values[row, piece] = value
        points.converged[piece], points.residual[piece], points.iterations[piece] = solved, residual, iterations
        points.values[:, piece][:, ~solved] = np.nan
        for k in np.flatnonzero(~solved):
            self._rescue(points, piece.start + k, [float(c[k]) for c in p])

    def _rescue(self, points, index, p):
        found = self.solve_one(p)
        if found is not None:
            points.values[:, index], points.residual[index], points.iterations[index] = found
            points.converged[index] = True

    def solve_each(self, rows, n: int) -> Points:
        """Solve n points one at a time; rows yields the parameters of each, in the order of `vary`."""
        points = Points(np.full((len(self.model.outputs), n), np.nan), np.zeros(n, dtype=bool), np.full(n, np.nan), np.zeros(n, dtype=int))
        for index, p in enumerate(rows):
            self._rescue(points, index, p)
        return points

    def solve_one(self, p: Sequence[float]):
        """(outputs, residual, iterations) at one point, or None where Newton does not converge with any clamp."""
        try:
            hoisted = self._one["hoist"](p)
        except (ArithmeticError, ValueError):
            return None
        for shrink in (1.0, 0.3, 0.1, 0.03):
            for clamps in (self._clamp, self._free) if any(self._limits) else (self._clamp,):
                found = self._newton_one(hoisted, shrink, clamps)
                if found is not None:
                    return found
        return None

    def _newton_one(self, hoisted, shrink, clamps):
        """Newton at one point with steps shortened by `shrink`; clamps: of the damping factor that unknowns share
        (infinite for one that is limited by itself)."""
        u, clamp = list(self._guess), [c * shrink for c in clamps]
        newton = self._one["newton"]
        try:
            for iteration in range(1, round(ITERATIONS / shrink) + 1):
                F, J = newton(u, hoisted)
                steps = _solve_one(J, F, self.size)
                factor = min(1.0, 1.0 / max(max(abs(s) / c for s, c in zip(steps, clamp)), 1e-300))
                u = [
                    a + factor * s if one is None else one.moved_one(a, s if math.isinf(c) else factor * s, shrink)
                    for a, s, c, one in zip(u, steps, clamp, self._limits)
                ]
                size = max(map(abs, steps))
                if size < TOLERANCE:
                    residual = max(map(abs, self._one["residual"](u, hoisted)))
                    return (self._one["outputs"](u, hoisted), residual, iteration) if residual < ACCURACY else None
        except (ArithmeticError, ValueError):
            pass
        return None


class _Limit:
    """The steps of an unknown with a kink or an upper bound, limited by itself."""

    def __init__(self, unknown):
        self.step = math.inf if unknown.step is None else unknown.step
        self.kink = math.nan if unknown.kink is None else unknown.kink
        self.high = math.inf if unknown.high is None else unknown.high

    def moved(self, before, step):
        """The new values: steps clipped, held at the kink where they would cross it, and below the bound."""
        after = np.minimum(before + np.clip(step, -self.step, self.step), self.high)
        return np.where((before - self.kink) * (after - self.kink) < 0, self.kink, after)

    def moved_one(self, before, step, shrink):
        """The same for one number, with its steps shortened."""
        most = self.step * shrink
        after = min(before + max(-most, min(step, most)), self.high)
        return self.kink if (before - self.kink) * (after - self.kink) < 0 else after


def _largest(rows):
    """Largest magnitude at each point."""
    largest = np.abs(rows[0])
    for row in rows[1:]:
        np.maximum(largest, np.abs(row), out=largest)
    return largest


def _scaled(steps, clamps):
    """Largest step over its clamp at each point, of the unknowns that have one."""
    largest = np.zeros_like(steps[0])
    for s, c in zip(steps, clamps):
        if math.isfinite(c):
            np.maximum(largest, np.abs(s) / c, out=largest)
    return largest


def _eliminate(J, F, k):
    """Solve J s = -F for arrays: Cramer up to two unknowns, else elimination without pivoting (rows are logarithms of
    element sums, whose Jacobian is close to a symmetric positive one)."""
    if k == 1:
        return [-F[0] / J[0]]
    if k == 2:
        a, b, c, d = J
        determinant = a * d - b * c
        return [(b * F[1] - d * F[0]) / determinant, (c * F[0] - a * F[1]) / determinant]
    A = [[J[i * k + j] for j in range(k)] for i in range(k)]
    r = [-f for f in F]
    for i in range(k):
        inverse = 1.0 / A[i][i]
        for j in range(i + 1, k):
            if isinstance(A[j][i], (int, float)) and A[j][i] == 0:
                continue
            m = A[j][i] * inverse
            for l in range(i + 1, k):
                if not (isinstance(A[i][l], (int, float)) and A[i][l] == 0):
                    A[j][l] = A[j][l] - m * A[i][l]
            r[j] = r[j] - m * r[i]
    for i in reversed(range(k)):
        for l in range(i + 1, k):
            r[i] = r[i] - A[i][l] * r[l]
        r[i] = r[i] / A[i][i]
    return r


def _solve_one(J, F, k):
    if k <= 2:
        return _eliminate(J, F, k)
    return np.linalg.solve(np.array(J).reshape(k, k), -np.array(F)).tolist()


def _load(text, model, kind, arithmetic):
    namespace = {"__name__": f"mocoupled.generated.{kind}", arithmetic.__name__: arithmetic}
    for name, leaf in leaves(model).items():
        namespace[identifier(name)] = partial(leaf.external.function, leaf.orders)
    exec(compile(text, f"<generated {kind} kernel>", "exec"), namespace)  # our own generated text, as in system.py
    return namespace
