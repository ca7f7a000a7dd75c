"""The start of a Model at one or many sets of parameters: a generated kernel and clamped Newton.

The unknowns that are left after `reduce` are solved for; every point is independent.
Points that converge leave the batch at once.
Those that do not converge are tried again one at a time, with shorter steps and from other starts.
A point that still fails is reported as not converged, never as a number.

Why a compiler exists here beside sympy's: speed.
A Newton step at 32 768 points takes 1.0 ms by the generated kernel for the case earth (2 unknowns).
It takes 18 ms by sympy's lambdify, with common subexpressions taken out, and numpy's linear solver.
With 21 gases of 6 elements it is 8.7 ms against 70 ms.
These are processor times of one core, measured by validation/benchmarks/batch_compiler.py.
The kernel computes once per point what depends on parameters only.
It writes into memory that is used again, and eliminates in the text itself.

What both compilers need stands in one place.
../generate/python_module.py has names, frames of functions, choices, leaves, and the running of a text.
../declare/matching.py matches rows and unknowns; ../declare/step_limits.py has the limits of a step.
Only their differentiation differs. ../generate applies sympy's rules to the steps of a program.
gradients.py works on a tape and keeps what is proportional to an exponential as a multiple of it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np

from ..declare.model import Model
from ..generate.python_module import ARITHMETIC, run
from .elimination import reduce
from .kernel_text import Kernel, kernel
from .one_point import (
    ACCURACY,
    ITERATIONS,
    TOLERANCE,
    FloatFunctions,
    OnePoint,
    Point,
    clamps,
    unknown_limits,
)

CHUNK = 32768  # points solved together: fewer stay in the cache, more let threads run beside each other
SHARE = 16384  # points that justify a thread: with fewer, two wait for each other more than they help
CROWDED = 0.7  # share of unfinished points below which the finished ones are taken out


@dataclass(frozen=True)
class Points:
    """Solved points: values (outputs, n), NaN where not converged; converged, residual, iterations (n,)."""

    values: np.ndarray
    converged: np.ndarray
    residual: np.ndarray
    iterations: np.ndarray

    def put(self, index: int, point: Point | None) -> None:
        """Store a solved point at its index; None changes nothing."""
        if point is not None:
            self.values[:, index], self.residual[index], self.iterations[index] = point
            self.converged[index] = True


@dataclass(frozen=True)
class Begin:
    """Where Newton begins at many points, and how far it steps.

    starts: unknown -> its value at each point (n,); the others begin at their guess.
    shrink: factor on the largest steps; the number of iterations is divided by it.
    """

    starts: Mapping[str, np.ndarray] = field(default_factory=dict)
    shrink: float = 1.0


class Batch:
    """The compiled start of a Model for arrays of its parameters. Each form is generated on first use."""

    def __init__(
        self,
        model: Model,
        vary: Sequence[str],
        patient: bool = True,
        keep: Sequence[str] = (),
        pivoted: bool = False,
    ) -> None:
        """vary: parameters that are arrays; the others are constants of the generated code.

        patient: whether a point that does not converge is tried again (see OnePoint).
        keep: unknowns that are not eliminated.
        pivoted: whether the linear system of many points is solved with pivoting, which is slower: for rows
        that are not balances alone.
        """
        self.patient = patient
        self.model = model
        self.vary = tuple(vary)
        self.pivoted = pivoted
        self.reduction = reduce(model, keep)
        self.size = len(self.reduction.unknowns)
        self._clamp = clamps(self.reduction)
        self._limits = unknown_limits(self.reduction)
        self._smallest_clamp = min(self._clamp, default=math.inf)

    @cached_property
    def source(self) -> dict[str, str]:
        """The generated text of both forms, "numpy" and "math"."""
        return {"numpy": self._many.kernel.text, "math": self._float_kernel.text}

    @cached_property
    def _many(self) -> ArrayFunctions:
        return array_functions(kernel(self.reduction, self.vary, "numpy", self.pivoted), self.size)

    @cached_property
    def _float_kernel(self) -> Kernel:
        return kernel(self.reduction, self.vary, "math")

    @cached_property
    def _single(self) -> OnePoint:
        return OnePoint(self.reduction, float_functions(self._float_kernel), self.patient)

    # -- many points -------------------------------------------------------------------------------------

    def solve(
        self,
        parameters: Mapping[str, np.ndarray],
        threads: int = 1,
        chunk: int = CHUNK,
        begin: Begin | None = None,
    ) -> Points:
        """Solve at n points. parameters: name -> (n,) array or number, for every name of `vary`.

        begin: where Newton begins and how far it steps; None: from the guesses, with the steps of the model.
        """
        begin = begin or Begin()
        broadcast = np.broadcast_arrays(*(np.asarray(parameters[name], dtype=float) for name in self.vary))
        n = broadcast[0].size
        points = self._unsolved(n)
        columns = [np.ascontiguousarray(c).reshape(n) for c in broadcast]
        threads = max(min(threads, n // SHARE), 1)
        edges = [n * k // threads for k in range(threads + 1)]
        work = partial(self._share, columns, points, chunk, begin)
        self._many  # noqa: B018  (generated once, before the threads need it)
        if threads > 1:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(work, edges[:-1], edges[1:]))
        else:
            work(0, n)
        return points

    def _unsolved(self, n: int) -> Points:
        """Memory for n points, none of them converged."""
        values = np.full((len(self.model.outputs), n), np.nan)
        return Points(values, np.zeros(n, dtype=bool), np.full(n, np.nan), np.zeros(n, dtype=int))

    def _share(
        self,
        columns: Sequence[np.ndarray],
        points: Points,
        chunk: int,
        begin: Begin,
        first: int,
        end: int,
    ) -> None:
        """The points from first to end, chunk by chunk in the same memory; unconverged ones one at a time."""
        count = max(-(-(end - first) // chunk), 1)
        edges = [first + (end - first) * k // count for k in range(count + 1)]
        rows = _Rows(self._many.kernel, self.size, max(b - a for a, b in zip(edges, edges[1:])))
        with np.errstate(all="ignore"):
            for a, b in zip(edges, edges[1:]):
                self._chunk(columns, points, slice(a, b), rows, begin)
        if self.patient:
            for k in first + np.flatnonzero(~points.converged[first:end]):
                points.put(int(k), self.solve_one([float(c[k]) for c in columns]))

    def _chunk(
        self, columns: Sequence[np.ndarray], points: Points, piece: slice, memory: _Rows, begin: Begin
    ) -> None:
        """Newton on one chunk."""
        rows = memory.first(piece.stop - piece.start)
        self._many.hoist([c[piece] for c in columns], rows.hoisted, rows.work)
        for row, unknown in zip(rows.unknowns, self.reduction.unknowns):
            row[...] = begin.starts[unknown.name][piece] if unknown.name in begin.starts else unknown.guess
        solved, final = self._iterate(rows, points.iterations[piece], begin.shrink)
        residual = np.zeros(piece.stop - piece.start)
        values = points.values[:, piece]
        for row in self._many.finish(final, rows.hoisted, rows.work, list(values)):
            np.maximum(residual, np.abs(row), out=residual)
        solved &= residual < ACCURACY
        if not self.size:  # nothing was solved for that could show an overflow
            solved &= np.isfinite(values).all(axis=0)
        points.converged[piece], points.residual[piece] = solved, residual
        if not solved.all():
            values[:, ~solved] = np.nan
            points.residual[piece][~solved] = np.nan

    def _iterate(
        self, rows: _ChunkRows, iterations: np.ndarray, shrink: float
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Which points of a chunk Newton has solved, and their unknowns; fills `iterations`."""
        final, w, u, h = rows.final, rows.work, rows.unknowns, rows.hoisted
        active: np.ndarray | None = None  # positions of the points that are still iterated; None: all
        for iteration in range(1, round(ITERATIONS / shrink) + 1) if self.size else ():
            *steps, size = self._many.step(u, h, w)
            self._advance(u, steps, size, shrink)
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
                h = [a.take(rest) if k in self._many.moving else a for k, a in enumerate(h)]
        return (iterations > 0) | (self.size == 0), final

    def _advance(
        self, u: Sequence[np.ndarray], steps: Sequence[np.ndarray], size: np.ndarray, shrink: float
    ) -> None:
        """u - steps, in place: one factor a point shortens all its steps so that each is below its clamp."""
        if not size.max() <= shrink * self._smallest_clamp:  # also where there is a NaN
            largest = np.zeros_like(size)
            for s, c in zip(steps, self._clamp):
                if math.isfinite(c):
                    np.maximum(largest, np.abs(s) / (shrink * c), out=largest)
            factor = 1.0 / np.maximum(largest, 1.0)
            for s in steps:
                np.multiply(s, factor, s)
        for row, s, limit in zip(u, steps, self._limits):
            if limit is None:
                np.subtract(row, s, row)
            else:
                limit.subtract(row, s)

    # -- one point at a time -----------------------------------------------------------------------------

    def solve_each(self, rows: Iterable[Sequence[float]], n: int) -> Points:
        """Solve n points one at a time; rows yields the parameters of each, in the order of `vary`."""
        points = self._unsolved(n)
        for index, p in enumerate(rows):
            points.put(index, self.solve_one(p))
        return points

    def solve_one(self, p: Sequence[float]) -> Point | None:
        """The point at the parameters p, or None where Newton converges with no clamp and from no start."""
        return self._single.solve(p)

    def outputs_at(self, p: Sequence[float], unknowns: Mapping[str, float]) -> list[float] | None:
        """The outputs at prescribed unknowns: see OnePoint.outputs_at."""
        return self._single.outputs_at(p, unknowns)

    def polished(
        self, p: Sequence[float], unknowns: Mapping[str, float], iterations: int = 0
    ) -> Point | None:
        """The point at or near prescribed unknowns: see OnePoint.polished."""
        return self._single.polished(p, unknowns, iterations)


@dataclass(frozen=True)
class _ChunkRows:
    """Memory of one chunk: lists of rows (n,)."""

    hoisted: list[np.ndarray]
    work: list[np.ndarray]
    unknowns: list[np.ndarray]
    final: list[np.ndarray]


class _Rows:
    """Memory of one thread, used for one chunk after the other: rows of n numbers."""

    def __init__(self, kernel: Kernel, unknowns: int, n: int) -> None:
        self.hoisted, self.work = np.empty((kernel.hoisted, n)), np.empty((kernel.registers, n))
        self.unknowns, self.final = np.empty((unknowns, n)), np.empty((unknowns, n))

    def first(self, n: int) -> _ChunkRows:
        """The first n numbers of every row."""
        blocks = (self.hoisted, self.work, self.unknowns, self.final)
        return _ChunkRows(*([row[:n] for row in block] for block in blocks))


@dataclass(frozen=True)
class ArrayFunctions:
    """The generated functions on arrays (see kernel_text.kernel), and which hoisted rows `step` uses."""

    kernel: Kernel
    hoist: Callable[[list[np.ndarray], list[np.ndarray], list[np.ndarray]], list[np.ndarray]]
    step: Callable[[list[np.ndarray], list[np.ndarray], list[np.ndarray]], list[np.ndarray]]
    finish: Callable[
        [list[np.ndarray], list[np.ndarray], list[np.ndarray], list[np.ndarray]], list[np.ndarray]
    ]
    moving: frozenset[int]


def array_functions(generated: Kernel, size: int = 0) -> ArrayFunctions:
    """Run the text of a kernel of kind "numpy"; size: number of unknowns, of one that is pivoted."""
    functions = run(generated.text, "kernel", generated.functions)
    if "newton" in functions:
        functions["step"] = partial(_pivoted_step, functions.pop("newton"), size)
    return ArrayFunctions(generated, **functions, moving=frozenset(generated.moving))


def _pivoted_step(
    newton: Callable[..., list[np.ndarray]],
    size: int,
    u: Sequence[np.ndarray],
    h: Sequence[np.ndarray],
    w: Sequence[np.ndarray],
) -> list[np.ndarray]:
    """The Newton step by unknown, and the largest of them at each point; infinite where J is singular."""
    rows = [np.broadcast_to(np.asarray(row, dtype=float), u[0].shape) for row in newton(u, h, w)]
    r = np.stack(rows[:size], axis=-1)
    J = np.stack(rows[size:], axis=-1).reshape(-1, size, size)
    scale = np.abs(J).max(axis=2)
    usable = np.isfinite(r).all(axis=1) & np.isfinite(J).all(axis=(1, 2)) & (scale > 0).all(axis=1)
    J, r = J / scale[:, :, None], r / scale
    J[~usable], r[~usable] = np.eye(size), np.inf
    try:
        steps = np.linalg.solve(J, r[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        steps = np.array([_solution_or_inf(a, b) for a, b in zip(J, r)])
    columns = list(np.ascontiguousarray(steps.T))
    return [*columns, np.abs(steps).max(axis=1)]


def _solution_or_inf(J: np.ndarray, r: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.solve(J, r)
    except np.linalg.LinAlgError:
        return np.full(len(r), np.inf)


def float_functions(generated: Kernel) -> FloatFunctions:
    """Run the text of a kernel of kind "math"."""
    names = {"truediv": operator.truediv, "guarded": _guarded}
    return FloatFunctions(**run(generated.text, "kernel", generated.functions, names))


def _guarded(function: Callable[..., float], *arguments: float) -> float:
    """function(*arguments), NaN where it has no value: for what a choice may leave unused."""
    try:
        return function(*arguments)
    except ARITHMETIC:
        return math.nan
