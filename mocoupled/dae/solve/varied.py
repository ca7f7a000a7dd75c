"""Derivatives of a System along directions of its parameters, and of the states that solve its equations.

S has a column for each direction: the change of each entry of y for a unit change of what it names.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..declare.direction import Direction, parameters_of
from ..generate.python_module import run
from ..generate.source_text import leaves
from ..generate.varied_text import varied_source
from .clamped_newton import solved
from .system import System


class Varied:
    """The generated derivatives of a System along directions; its parameters are those of the system.

    x (size,), y (size + sourced,), totals_p (balances, directions), S (len(y), directions).
    """

    def __init__(self, system: System, directions: Sequence[Direction]) -> None:
        """ModelError for a direction that varies what is no parameter of the model."""
        self.system, self.directions = system, tuple(directions)
        names = parameters_of(directions, system.model)
        self.source = varied_source(system.model, system.source, names)
        self._functions = run(self.source, "sensitivities", leaves(system.model))
        values = {p.name: value for p, value in zip(system.model.parameters, system.parameters)}
        self.weights = np.zeros((len(names), len(directions)))
        for k, direction in enumerate(directions):
            for name, weight in direction.weights.items():
                scale = values[name] if direction.relative else 1.0
                self.weights[names.index(name), k] = weight * scale

    def _along(self, entries: Sequence[float], rows: int) -> np.ndarray:
        """Derivatives by parameters, row by row, as derivatives along the directions."""
        along: np.ndarray = np.array(entries, dtype=float).reshape(rows, len(self.weights)) @ self.weights
        return along

    def start(self, x: np.ndarray, time: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """S of the start x, with zeros for the accumulated sources, and the derivatives of the totals."""
        system = self.system
        _, J = system._start(x, system.parameters, time, ())
        F_p = self._functions["begin"](x.tolist(), system.parameters, (time,))
        S = solved(J, -self._along(F_p, system.size))
        A, H_p = self._settled(x, time)
        totals_p = (A @ S + H_p)[: len(system.model.balances)]
        return np.vstack([S, np.zeros((len(system.sourced), S.shape[1]))]), totals_p

    def _settled(self, x: np.ndarray, time: float) -> tuple[np.ndarray, np.ndarray]:
        """A = dH/dx and dH/dp along the directions."""
        n = self.system.size
        A, H_p = self._functions["settled"](x.tolist(), self.system.parameters, (time,))
        return np.array(A).reshape(n, n), self._along(H_p, n)

    def settled(self, x: np.ndarray, totals_p: np.ndarray, q_p: np.ndarray, time: float) -> np.ndarray:
        """The derivative (size, directions) of the projected state x, whose storages are totals + q."""
        A, H_p = self._settled(x, time)
        right = -H_p
        right[: len(totals_p)] += self._accumulated(totals_p, q_p)
        return solved(A, right)

    def _accumulated(self, totals_p: np.ndarray, q_p: np.ndarray) -> np.ndarray:
        columns = [self.system.accumulated(total, q) for total, q in zip(totals_p.T, q_p.T)]
        return np.array(columns).T.reshape(totals_p.shape)

    def forcing(
        self, time: float, y: np.ndarray, rate: np.ndarray, totals_p: np.ndarray, alpha: float
    ) -> np.ndarray:
        """d(dy/dt)/dp (len(y), directions) at a fixed y, whose rate is known."""
        system, n = self.system, self.system.size
        A, H_p, P, s_p, _ = self._functions["pull"](
            y[:n].tolist(), rate[:n].tolist(), system.parameters, (time,)
        )
        m = len(totals_p)
        right = -self._along(P, n) - alpha * self._along(H_p, n)
        right[:m] += alpha * totals_p
        sources = self._along(s_p, m)[list(system.sourced)]
        return np.vstack([solved(np.array(A).reshape(n, n), right), sources])

    def outputs(self, x: np.ndarray, S: np.ndarray, time: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The model's outputs (outputs,), their changes (outputs, directions) at a fixed time, and o_x, o_t.

        The last are the derivatives (outputs, size + 1) by the unknowns and by time.
        """
        o, o_x, o_p, o_t = self._functions["shown"](x.tolist(), self.system.parameters, (time,))
        slopes = np.array(o_x, dtype=float).reshape(len(o), -1)
        changes = slopes @ S[: slopes.shape[1]] + self._along(o_p, len(o))
        return np.array(o, dtype=float), changes, np.column_stack([slopes, np.array(o_t, dtype=float)])
