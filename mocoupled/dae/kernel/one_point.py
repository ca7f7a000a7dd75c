"""The start of a model at one point: Newton on plain floats, with shorter steps or other starts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ..declare.step_limits import UnknownLimit
from ..generate.python_module import ARITHMETIC
from .elimination import Reduction

TOLERANCE = 1e-7  # of the last Newton step, in logarithmic units: after it the error is about its square
ITERATIONS = 60
ACCURACY = 1e-12  # largest residual of a converged point; typical is 1e-15
# of one unknown's guess: other starts, where Newton does not converge from the guess
SHIFTS = (-30.0, 30.0, -60.0, 60.0)
SHRINKS = (1.0, 0.3, 0.1, 0.03)  # factors on the largest step, tried in this order


class Point(NamedTuple):
    """A solved point: outputs, the largest residual, and the number of Newton iterations."""

    outputs: Sequence[float]
    residual: float
    iterations: int


class FloatFunctions(NamedTuple):
    """The generated functions on plain floats: see kernel_text.kernel."""

    hoist: Callable[[Sequence[float]], list[float]]
    newton: Callable[[Sequence[float], Sequence[float]], tuple[list[float], list[float]]]
    finish: Callable[[Sequence[float], Sequence[float]], tuple[list[float], list[float]]]


class OnePoint:
    """Newton for a reduced start on plain floats.

    patient: whether a point that does not converge is tried again, with shorter steps and from other starts.
    """

    def __init__(self, reduction: Reduction, functions: FloatFunctions, patient: bool) -> None:
        self._functions, self._patient = functions, patient
        self._names = [u.symbol.name for u in reduction.unknowns]
        self._guess = [u.guess for u in reduction.unknowns]
        self._clamp = clamps(reduction)
        self._limits = unknown_limits(reduction)
        # of the damping factor that unknowns share: infinite for one that is limited independently
        self._free = [math.inf if limit else c for c, limit in zip(self._clamp, self._limits)]

    def solve(self, p: Sequence[float]) -> Point | None:
        """The point at the parameters p, or None where Newton converges with no clamp and from no start."""
        try:
            hoisted = self._functions.hoist(p)
        except ARITHMETIC:
            return None
        for start, shrink, clamp in self._attempts():
            point = self._newton(hoisted, start, shrink, clamp)
            if point is not None:
                return point
        return None

    def _attempts(self) -> Iterator[tuple[list[float], float, list[float]]]:
        """Start, factor on the largest steps and clamps of every attempt, in order."""
        clamps_in_turn = [self._clamp, self._free] if any(self._limits) else [self._clamp]
        for shrink in SHRINKS if self._patient else (1.0,):
            for clamp in clamps_in_turn:
                yield self._guess, shrink, clamp
        for shift in SHIFTS if self._patient else ():
            for k in range(len(self._guess)):
                start = list(self._guess)
                start[k] += shift
                for clamp in clamps_in_turn:
                    yield start, 1.0, clamp

    def outputs_at(self, p: Sequence[float], unknowns: Mapping[str, float]) -> list[float] | None:
        """The outputs at prescribed unknowns, None where they overflow.

        unknowns: by name; those that the reduction leaves are read.
        """
        try:
            return self._functions.finish(self._chosen(unknowns), self._functions.hoist(p))[1]
        except ARITHMETIC:
            return None

    def polished(
        self, p: Sequence[float], unknowns: Mapping[str, float], iterations: int = 0
    ) -> Point | None:
        """The point at prescribed unknowns where their residual is small, else after a Newton from there.

        None where that does not converge. iterations: stored with a point that needs no Newton.
        """
        start = self._chosen(unknowns)
        try:
            hoisted = self._functions.hoist(p)
            residuals, outputs = self._functions.finish(start, hoisted)
        except ARITHMETIC:
            return None
        residual = max(map(abs, residuals), default=0.0)
        if residual < ACCURACY:
            return Point(outputs, residual, iterations)
        for shrink in (1.0, 0.1):
            point = self._newton(hoisted, start, shrink, self._clamp)
            if point is not None:
                return point
        return None

    def _chosen(self, unknowns: Mapping[str, float]) -> list[float]:
        return [unknowns[name] for name in self._names]

    def _newton(
        self, hoisted: Sequence[float], start: Sequence[float], shrink: float, clamps: Sequence[float]
    ) -> Point | None:
        """Newton from `start`, with the largest steps shortened by `shrink`.

        clamps: largest steps for the damping factor that unknowns share; infinite where UnknownLimit applies.
        """
        u, clamp = list(start), [c * shrink for c in clamps]
        newton, finish = self._functions.newton, self._functions.finish
        try:
            if not u:
                outputs = finish(u, hoisted)[1]
                return Point(outputs, 0.0, 0) if all(map(math.isfinite, outputs)) else None
            for iteration in range(1, round(ITERATIONS / shrink) + 1):
                steps = _solution(*newton(u, hoisted))
                factor = min(1.0, 1.0 / max(max(abs(s) / c for s, c in zip(steps, clamp)), 1e-300))
                u = self._moved(u, steps, factor, clamp, shrink)
                if max(map(abs, steps)) < TOLERANCE:
                    residuals, outputs = finish(u, hoisted)
                    residual = max(map(abs, residuals))
                    if residual < ACCURACY:
                        return Point(outputs, residual, iteration)
        except ARITHMETIC:
            pass
        return None

    def _moved(
        self,
        u: Sequence[float],
        steps: Sequence[float],
        factor: float,
        clamp: Sequence[float],
        shrink: float,
    ) -> list[float]:
        """u - factor * steps, each within its limits."""
        after = []
        for value, step, most, limit in zip(u, steps, clamp, self._limits):
            if limit is None:
                after.append(value - factor * step)
            else:
                after.append(limit.moved(value, -step if math.isinf(most) else -factor * step, shrink))
        return after


def clamps(reduction: Reduction) -> list[float]:
    """The largest step of each unknown that is left; infinite where there is none."""
    return [math.inf if u.step is None else u.step for u in reduction.unknowns]


def unknown_limits(reduction: Reduction) -> list[UnknownLimit | None]:
    """The limits of the unknowns that have a kink or an upper bound, None for the others."""
    return [None if u.kink is None and u.high is None else UnknownLimit(u) for u in reduction.unknowns]


def _solution(r: Sequence[float], J: Sequence[float]) -> list[float]:
    """s of J s = r at one point; J row by row."""
    k = len(r)
    if k == 1:
        return [r[0] / J[0]]
    if k == 2:
        a, b, c, d = J
        determinant = a * d - b * c
        return [(d * r[0] - b * r[1]) / determinant, (a * r[1] - c * r[0]) / determinant]
    matrix = np.array(J).reshape(k, k)
    # rows are element sums of very different sizes, which pivoting must not see
    scale = np.abs(matrix).max(axis=1)
    solution: list[float] = np.linalg.solve(matrix / scale[:, None], np.array(r) / scale).tolist()
    return solution
