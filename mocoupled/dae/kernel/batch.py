"""The start of a Model at one or many sets of parameters: a generated kernel and clamped Newton, in numpy chunks.

The unknowns that are left after `reduce` are solved for; every point is independent. Points that converge leave the
batch at once; those that do not converge are tried again one at a time with shorter steps and from other starts, and are
then reported as not converged: never as a number.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from ..declare.model import Model
from .elimination import reduce
from .kernel_text import Kernel, kernel

CHUNK = 32768  # points solved together: fewer stay in the cache, more let threads run beside each other
SHARE = 16384  # points that are worth a thread: with fewer, two wait for each other more than they help
TOLERANCE = 1e-7  # of the last Newton step, in logarithmic units: after it the error is about its square
ITERATIONS = 60
SHIFTS = (
    -30.0,
    30.0,
    -60.0,
    60.0,
)  # of one unknown's guess: other starts, where there is no way from the guess
ACCURACY = 1e-12  # largest residual of a converged point; what is met is near 1e-15
CROWDED = 0.7  # share of unfinished points below which the finished ones are taken out


@dataclass(frozen=True)
class Points:
    """Solved points: values (outputs, n), NaN where not converged; converged, residual, iterations (n,)."""

    values: np.ndarray
    converged: np.ndarray
    residual: np.ndarray
    iterations: np.ndarray


class Batch:
    """The compiled start of a Model for arrays of its parameters. Each form is generated on first use."""

    def __init__(self, model: Model, vary: Sequence[str], patient: bool = True):
        """vary: parameters that are arrays; the others are constants of the generated code. patient: whether a point that
        does not converge is tried again, with shorter steps and from other starts."""
        self.patient = patient
        self.model = model
        self.vary = tuple(vary)
        self.reduction = reduce(model)
        self.size = len(self.reduction.unknowns)
        self._guess = [u.guess for u in self.reduction.unknowns]
        self._clamp = [math.inf if u.step is None else u.step for u in self.reduction.unknowns]

        self._limits = [
            None if u.kink is None and u.high is None else _Limit(u) for u in self.reduction.unknowns
        ]
        self._free = [math.inf if limit else c for c, limit in zip(self._clamp, self._limits)]
        self._smallest_clamp = min(self._clamp, default=math.inf)

    @cached_property
    def source(self) -> dict[str, str]:
        """The generated text of both forms, "numpy" and "math"."""
        return {"numpy": self._many.kernel.text, "math": self._one.kernel.text}

    @cached_property
    def _many(self) -> _Functions:
        return _load(kernel(self.reduction, self.vary, "numpy"))

    @cached_property
    def _one(self) -> _Functions:
        return _load(kernel(self.reduction, self.vary, "math"))

    def solve(self, parameters: Mapping[str, np.ndarray], threads: int = 1, chunk: int = CHUNK) -> Points:
        """Solve at n points. parameters: name -> (n,) array or number, for every name of `vary`."""
        columns = np.broadcast_arrays(*(np.asarray(parameters[name], dtype=float) for name in self.vary))
        n = columns[0].size
        values = np.empty((len(self.model.outputs), n))
        points = Points(values, np.zeros(n, dtype=bool), np.full(n, np.nan), np.zeros(n, dtype=int))
        columns = [np.ascontiguousarray(c).reshape(n) for c in columns]
        threads = max(min(threads, n // SHARE), 1)
        edges = [n * k // threads for k in range(threads + 1)]
        work = partial(self._share, columns, points, chunk)
        self._many  # generated once, before the threads ask for it
        if threads > 1:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(work, edges[:-1], edges[1:]))
        else:
            work(0, n)
        return points

    def _share(self, columns, points, chunk, begin, end):
        """The points from begin to end, chunk by chunk in the same memory; unconverged ones go to the scalar form."""
        count = max(-(-(end - begin) // chunk), 1)
        edges = [begin + (end - begin) * k // count for k in range(count + 1)]
        rows = _Rows(self._many.kernel, self.size, max(b - a for a, b in zip(edges, edges[1:])))
        with np.errstate(all="ignore"):
            for a, b in zip(edges, edges[1:]):
                self._chunk(columns, points, slice(a, b), rows)
        for k in begin + np.flatnonzero(~points.converged[begin:end]) if self.patient else ():
            self._rescue(points, k, [float(c[k]) for c in columns])

    def _chunk(self, columns, points, piece, rows):
        """Newton on one chunk."""
        made, n = self._many, piece.stop - piece.start
        hoisted, final, w, u = (
            [row[:n] for row in block] for block in (rows.hoisted, rows.final, rows.work, rows.unknowns)
        )
        made.hoist([c[piece] for c in columns], hoisted, w)
        for row, guess in zip(u, self._guess):
            row.fill(guess)
        h, active = hoisted, None
        iterations = points.iterations[piece]
        for iteration in range(1, ITERATIONS + 1) if self.size else ():
            *steps, size = made.step(u, h, w)
            self._advance(u, steps, size)
            finished = size < TOLERANCE
            count = np.count_nonzero(finished)
            if not count:
                continue
            if active is None and count == len(size):
                final = u
                iterations[:] = iteration
                break
            done = np.flatnonzero(finished)
            where = done if active is None else active[done]
            for target, a in zip(final, u):
                target[where] = a[done]
            iterations[where] = iteration
            rest = np.flatnonzero(~finished & np.isfinite(size))
            if not len(rest):
                break
            if len(rest) < CROWDED * len(size):  # to copy the rest costs more than to iterate a few in vain
                active = rest if active is None else active[rest]
                u, w = [a.take(rest) for a in u], [a[: len(rest)] for a in w]
                h = [a.take(rest) if k in made.moving else None for k, a in enumerate(h)]
        solved = (iterations > 0) | (self.size == 0)
        w = [row[:n] for row in rows.work]
        residual = np.zeros(n)
        for row in made.finish(final, hoisted, w, [row[piece] for row in points.values]):
            np.maximum(residual, np.abs(row), out=residual)
        solved &= residual < ACCURACY
        if not self.size:  # nothing was solved for that could tell an overflow
            solved &= np.isfinite(points.values[:, piece]).all(axis=0)
        points.converged[piece], points.residual[piece] = solved, residual
        if not solved.all():
            points.values[:, piece][:, ~solved] = np.nan
            points.residual[piece][~solved] = np.nan

    def _advance(self, u, steps, size):
        """u - steps, in place: all of a point's steps are shortened by one factor to keep each below its clamp."""
        if not size.max() <= self._smallest_clamp:  # also where there is a NaN
            largest = np.zeros_like(size)
            for s, c in zip(steps, self._clamp):
                if math.isfinite(c):
                    np.maximum(largest, np.abs(s) / c, out=largest)
            factor = 1.0 / np.maximum(largest, 1.0)
            for s in steps:
                np.multiply(s, factor, s)
        for row, s, one in zip(u, steps, self._limits):
            if one is None:
                np.subtract(row, s, row)
            else:
                one.move(row, s)

    def _rescue(self, points, index, p):
        found = self.solve_one(p)
        if found is not None:
            points.values[:, index], points.residual[index], points.iterations[index] = found
            points.converged[index] = True

    def solve_each(self, rows, n: int) -> Points:
        """Solve n points one at a time; rows yields the parameters of each, in the order of `vary`."""
        points = Points(
            np.full((len(self.model.outputs), n), np.nan),
            np.zeros(n, dtype=bool),
            np.full(n, np.nan),
            np.zeros(n, dtype=int),
        )
        for index, p in enumerate(rows):
            self._rescue(points, index, p)
        return points

    def solve_one(self, p: Sequence[float]):
        """(outputs, residual, iterations) at one point, or None where Newton converges with no clamp and from no start."""
        try:
            hoisted = self._one.hoist(p)
        except (ArithmeticError, ValueError):
            return None
        for shift in (0.0, *SHIFTS) if self.patient else (0.0,):
            for k in range(self.size if shift else 1):
                start = [g + shift * (j == k) for j, g in enumerate(self._guess)]
                for shrink in (1.0, 0.3, 0.1, 0.03) if self.patient and not shift else (1.0,):
                    for clamps in (self._clamp, self._free) if any(self._limits) else (self._clamp,):
                        found = self._newton_one(hoisted, start, shrink, clamps)
                        if found is not None:
                            return found
        return None

    def outputs_at(self, p: Sequence[float], unknowns: Mapping[str, float]) -> list[float] | None:
        """The outputs at given unknowns (by name; those that the reduction leaves are read), None where they overflow."""
        try:
            return self._one.finish(
                [unknowns[u.symbol.name] for u in self.reduction.unknowns], self._one.hoist(p)
            )[1]
        except (ArithmeticError, ValueError):
            return None

    def polished(self, p: Sequence[float], unknowns: Mapping[str, float], iterations: int = 0):
        """(outputs, residual, iterations) at given unknowns where their residual is small enough, else after a Newton from
        there; None where neither gives one."""
        start = [unknowns[u.symbol.name] for u in self.reduction.unknowns]
        try:
            hoisted = self._one.hoist(p)
            residuals, outputs = self._one.finish(start, hoisted)
        except (ArithmeticError, ValueError):
            return None
        residual = max(map(abs, residuals), default=0.0)
        if residual < ACCURACY:
            return outputs, residual, iterations
        return next(
            (
                solved
                for shrink in (1.0, 0.1)
                if (solved := self._newton_one(hoisted, start, shrink, self._clamp)) is not None
            ),
            None,
        )

    def _newton_one(self, hoisted, start, shrink, clamps):
        """Newton at one point with steps shortened by `shrink`; clamps: of the damping factor that unknowns share
        (infinite for one that is limited by itself)."""
        u, clamp = start, [c * shrink for c in clamps]
        newton = self._one.step
        try:
            if not u:
                outputs = self._one.finish(u, hoisted)[1]
                return (outputs, 0.0, 0) if all(map(math.isfinite, outputs)) else None
            for iteration in range(1, round(ITERATIONS / shrink) + 1):
                steps = _solve_one(*newton(u, hoisted), self.size)
                factor = min(1.0, 1.0 / max(max(abs(s) / c for s, c in zip(steps, clamp)), 1e-300))
                u = [
                    a - factor * s
                    if one is None
                    else one.moved_one(a, -s if math.isinf(c) else -factor * s, shrink)
                    for a, s, c, one in zip(u, steps, clamp, self._limits)
                ]
                size = max(map(abs, steps))
                if size < TOLERANCE:
                    residuals, outputs = self._one.finish(u, hoisted)
                    residual = max(map(abs, residuals))
                    if residual < ACCURACY:
                        return outputs, residual, iteration
        except (ArithmeticError, ValueError):
            pass
        return None


class _Limit:
    """The steps of an unknown with a kink or an upper bound, limited by itself."""

    def __init__(self, unknown):
        self.step = math.inf if unknown.step is None else unknown.step
        self.kink = math.nan if unknown.kink is None else unknown.kink
        self.high = math.inf if unknown.high is None else unknown.high

    def move(self, values, step):
        """values - step in place: steps clipped, held at the kink where they would cross it, and below the bound."""
        np.clip(step, -self.step, self.step, out=step)
        before = values - self.kink
        np.subtract(values, step, values)
        np.minimum(values, self.high, out=values)
        np.multiply(before, values - self.kink, before)
        values[before < 0] = self.kink

    def moved_one(self, before, step, shrink):
        """The same for one number, with its steps shortened."""
        most = self.step * shrink
        after = min(before + max(-most, min(step, most)), self.high)
        return self.kink if (before - self.kink) * (after - self.kink) < 0 else after


class _Rows:
    """Memory of one thread, used for one chunk after the other: rows of n numbers."""

    def __init__(self, kernel: Kernel, unknowns: int, n: int):
        self.hoisted, self.work = np.empty((kernel.hoisted, n)), np.empty((kernel.registers, n))
        self.unknowns, self.final = np.empty((unknowns, n)), np.empty((unknowns, n))


def _solve_one(r, J, k):
    """s of J s = r at one point."""
    if k == 1:
        return [r[0] / J[0]]
    if k == 2:
        a, b, c, d = J
        determinant = a * d - b * c
        return [(d * r[0] - b * r[1]) / determinant, (a * r[1] - c * r[0]) / determinant]
    J = np.array(J).reshape(k, k)
    scale = np.abs(J).max(
        axis=1
    )  # rows are element sums of very different sizes, which pivoting must not see
    return np.linalg.solve(J / scale[:, None], np.array(r) / scale).tolist()


@dataclass(frozen=True)
class _Functions:
    """A compiled kernel; step is `newton` in the form for plain floats."""

    kernel: Kernel
    hoist: Callable
    step: Callable
    finish: Callable
    moving: frozenset[int]


def _load(made: Kernel) -> _Functions:
    namespace = {"numpy": np, "math": math, "truediv": operator.truediv, "guarded": _guarded}
    for name, leaf in made.functions.items():
        namespace[name] = partial(leaf.external.function, leaf.orders)
    exec(
        compile(made.text, "<generated kernel>", "exec"), namespace
    )  # our own generated text, as in system.py
    step = namespace.get("step") or namespace["newton"]
    return _Functions(made, namespace["hoist"], step, namespace["finish"], frozenset(made.moving))


def _guarded(function, *arguments):
    """function(*arguments), NaN where it has no value: for what a choice may leave unused."""
    try:
        return function(*arguments)
    except (ArithmeticError, ValueError):
        return math.nan
