"""Derivatives of solved points with respect to parameters: the implicit-function theorem at many points.

One linear system a point serves all directions, whatever their number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial

import numpy as np

from ..declare.direction import Direction
from ..generate.python_module import run
from .elimination import Reduction
from .sensitivity_text import SensitivityText, generate

CHUNK = 4096  # points differentiated together: their rows stay in the cache
Rows = list[np.ndarray]


class Sensitivities:
    """The compiled derivatives of a start along directions of its parameters; generated on first use."""

    def __init__(self, reduction: Reduction, vary: Sequence[str], directions: Sequence[Direction]) -> None:
        """vary: parameters that are arrays, as of the Batch that solves the same start."""
        self.reduction = reduction
        self.vary = tuple(vary)
        self.directions = tuple(directions)
        self.size = len(reduction.unknowns)

    @cached_property
    def generated(self) -> SensitivityText:
        """The generated text."""
        return generate(self.reduction, self.vary, self.directions)

    @cached_property
    def _functions(self) -> dict[str, Callable[..., Rows]]:
        return run(self.generated.text, "sensitivities", self.generated.functions)

    def at(
        self, parameters: Mapping[str, np.ndarray | float], unknowns: np.ndarray, threads: int = 1
    ) -> np.ndarray:
        """The changes of the outputs (outputs, directions, n) at solved unknowns (unknowns, n).

        parameters: name -> (n,) array or number. Changes of an output that is no logarithm are relative to
        it; those of a relative direction are for a change of its logarithm. NaN where an output, an unknown
        or the linear system has no value.
        """
        n = unknowns.shape[1]
        columns = {
            name: np.ascontiguousarray(np.broadcast_to(np.asarray(parameters[name], dtype=float), n))
            for name in (*self.generated.moving, *self.generated.still)
        }
        changes = np.empty((len(self.reduction.model.outputs) * len(self.directions), n))
        edges = [*range(0, n, CHUNK), n]
        work = partial(self._chunk, columns, unknowns, changes)
        self._functions  # noqa: B018  (generated once, before the threads need it)
        if threads > 1 and len(edges) > 2:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(work, edges[:-1], edges[1:]))
        else:
            for first, end in zip(edges, edges[1:]):
                work(first, end)
        changes[~np.isfinite(changes)] = np.nan
        return changes.reshape(len(self.reduction.model.outputs), len(self.directions), n)

    def _chunk(
        self,
        columns: Mapping[str, np.ndarray],
        unknowns: np.ndarray,
        changes: np.ndarray,
        first: int,
        end: int,
    ) -> None:
        """Fill the changes of the points from first to end."""
        made, piece = self.generated, slice(first, end)
        w = list(np.empty((made.registers, end - first)))
        h = list(np.empty((made.hoisted, end - first)))
        u = [*(row[piece] for row in unknowns), *(columns[name][piece] for name in made.moving)]
        with np.errstate(all="ignore"):
            self._functions["hoist"]([columns[name][piece] for name in made.still], h, w)
            entries = self._functions["system"](u, h, w) if self.size else []
            s = self._solved(entries, end - first)
            self._functions["slopes"](u, s, h, w, [row[piece] for row in changes])

    def _solved(self, entries: Sequence[np.ndarray | float], n: int) -> Rows:
        """du of each unknown along each direction, row by row, from the entries of the linear system."""
        size, m = self.size, len(self.directions)
        if not size:
            return []
        block = np.empty((n, size, size + m))
        for k, entry in enumerate(entries[: size * size]):
            block[:, k // size, k % size] = entry
        for k, entry in enumerate(entries[size * size :]):
            block[:, k // m, size + k % m] = entry
        return list(np.ascontiguousarray(solved(block, size).reshape(n, size * m).T))


def solved(block: np.ndarray, size: int) -> np.ndarray:
    """X (n, size, columns) of J X = R at n points, by elimination with pivoting; NaN where J is singular.

    block: J and R side by side (n, size, size + columns).
    """
    scale = np.abs(block[:, :, :size]).max(axis=2)
    usable = np.isfinite(block).all(axis=(1, 2)) & (scale > 0).all(axis=1)
    block = np.where(usable[:, None, None], block, np.nan) / scale[:, :, None]
    J, R = block[:, :, :size].copy(), block[:, :, size:]
    J[~usable] = np.eye(size)
    if size == 1:
        return R / J
    try:
        return np.linalg.solve(J, R)
    except np.linalg.LinAlgError:
        return np.array([_solution_or_nan(a, b) for a, b in zip(J, R)])


def _solution_or_nan(J: np.ndarray, R: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.solve(J, R)
    except np.linalg.LinAlgError:
        return np.full(R.shape, np.nan)
