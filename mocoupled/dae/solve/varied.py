"""Derivatives of a System along directions of its parameters, and of the states that solve its equations.

S has a column for each direction: the change of each entry of y for a unit change of what it names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..declare.direction import Direction, parameters_of
from ..declare.model import Model
from ..generate.python_module import run
from ..generate.source_text import leaves
from ..generate.varied_text import varied_source
from .clamped_newton import solved
from .system import System, Values


class Shown(NamedTuple):
    """Outputs of a state: values (outputs,), changes (outputs, directions) at its time, and gradients.

    gradients (outputs, unknowns + links + 1): by unknowns, links and time.
    """

    values: np.ndarray
    changes: np.ndarray
    gradients: np.ndarray


class Settled(NamedTuple):
    """A = dH/dx (rows, unknowns + links), dH/dp along the directions, and dH/dtime."""

    A: np.ndarray
    H_p: np.ndarray
    H_t: np.ndarray


class Pull(NamedTuple):
    """A, dH/dp, and P, s, i: of A v - sources + dH/dtime, of sources and of inflows.

    P, s, i: by followers and then along the directions.
    """

    A: np.ndarray
    H_p: np.ndarray
    P: np.ndarray
    s: np.ndarray
    i: np.ndarray


class VariedFunctions:
    """The generated derivatives of a model's scalar equations along directions, on numpy arrays."""

    def __init__(
        self, model: Model, source: str, parameters: Values, directions: Sequence[Direction]
    ) -> None:
        """source: text of the equations. ModelError for a direction along what is no parameter."""
        names = parameters_of(directions, model)
        self.source = varied_source(model, source, names)
        self._functions = run(self.source, "sensitivities", leaves(model))
        self._p = parameters
        self._rows, self._outputs = len(model.unknowns), len(model.outputs)
        self.follows = sum(u.follows for u in model.unknowns)
        values = {p.name: value for p, value in zip(model.parameters, parameters)}
        self.weights = np.zeros((len(names), len(directions)))
        for k, direction in enumerate(directions):
            for name, weight in direction.weights.items():
                self.weights[names.index(name), k] = weight * (values[name] if direction.relative else 1.0)
        # followers are no parameters: their columns stay as they are
        followers = np.eye(self.follows, self.follows + len(directions))
        self._moves = np.vstack([followers, np.pad(self.weights, ((0, 0), (self.follows, 0)))])

    def _along(self, entries: Sequence[float]) -> np.ndarray:
        """Derivatives by parameters, row by row, as derivatives along the directions."""
        along: np.ndarray = np.array(entries, dtype=float).reshape(-1, len(self.weights)) @ self.weights
        return along

    def _moving(self, entries: Sequence[float]) -> np.ndarray:
        """Derivatives by followers and parameters as those by followers and along the directions."""
        moving: np.ndarray = np.array(entries, dtype=float).reshape(-1, len(self._moves)) @ self._moves
        return moving

    def _square(self, entries: Sequence[float]) -> np.ndarray:
        return np.array(entries, dtype=float).reshape(self._rows, -1)

    def begin(self, x: np.ndarray, time: float) -> tuple[np.ndarray, np.ndarray]:
        """F_x (rows, unknowns + links) and F_p of the start. x: unknowns and links."""
        F_x, F_p = self._functions["begin"](x.tolist(), self._p, (time,))
        return self._square(F_x), self._along(F_p)

    def settled(self, x: np.ndarray, time: float) -> Settled:
        """A, dH/dp and dH/dtime."""
        A, H_p, H_t = self._functions["settled"](x.tolist(), self._p, (time,))
        return Settled(self._square(A), self._along(H_p), np.array(H_t, dtype=float))

    def pull(self, x: np.ndarray, v: np.ndarray, time: float) -> Pull:
        """The derivatives at rates v of unknowns and links."""
        A, H_p, P, s, i = self._functions["pull"](x.tolist(), v.tolist(), self._p, (time,))
        return Pull(self._square(A), self._along(H_p), *map(self._moving, (P, s, i)))

    def carried(self, x: np.ndarray, v: np.ndarray, time: float) -> np.ndarray:
        """Of what is carried, by followers and along the directions."""
        return self._moving(self._functions["carried"](x.tolist(), v.tolist(), self._p, (time,)))

    def shown(self, x: np.ndarray, x_p: np.ndarray, time: float) -> Shown:
        """The outputs. x_p: changes of unknowns and links."""
        o, o_x, o_p, o_t = self._functions["shown"](x.tolist(), self._p, (time,))
        slopes = np.array(o_x, dtype=float).reshape(self._outputs, -1)
        gradients = np.column_stack([slopes, np.array(o_t, dtype=float)])
        return Shown(np.array(o, dtype=float), slopes @ x_p + self._along(o_p), gradients)


class Varied:
    """The derivatives of a System along directions; its parameters are those of the system.

    x (size,), y (size + sourced,), totals_p (balances, directions), S (len(y), directions).
    """

    def __init__(self, system: System, directions: Sequence[Direction]) -> None:
        """ModelError for a direction that varies what is no parameter of the model."""
        self._system = system
        self._functions = VariedFunctions(system.model, system.source, system.parameters, directions)
        self._balances = len(system.model.balances)

    def start(self, x: np.ndarray, time: float) -> tuple[np.ndarray, np.ndarray]:
        """S of the start x, with zeros for the accumulated sources, and the derivatives of the totals."""
        F_x, F_p = self._functions.begin(x, time)
        S = solved(F_x, -F_p)
        at = self._functions.settled(x, time)
        totals_p = (at.A @ S + at.H_p)[: self._balances]
        return np.vstack([S, np.zeros((len(self._system.sourced), S.shape[1]))]), totals_p

    def settled(self, x: np.ndarray, totals_p: np.ndarray, S: np.ndarray, time: float) -> np.ndarray:
        """The derivative (size, directions) of the projected state x, whose storages are totals + q."""
        at = self._functions.settled(x, time)
        right = -at.H_p
        right[: self._balances] += accumulated(self._system, totals_p, S[len(x) :])
        return solved(at.A, right)

    def forcing(
        self, time: float, y: np.ndarray, rate: np.ndarray, totals_p: np.ndarray, alpha: float
    ) -> np.ndarray:
        """d(dy/dt)/dp (len(y), directions) at a fixed y, whose rate is known."""
        n = self._system.size
        pull = self._functions.pull(y[:n], rate[:n], time)
        right = -pull.P - alpha * pull.H_p
        right[: self._balances] += alpha * totals_p
        return np.vstack([solved(pull.A, right), pull.s[list(self._system.sourced)]])

    def shown(self, x: np.ndarray, x_p: np.ndarray, time: float) -> Shown:
        """The model's outputs at a state, whose derivative is x_p."""
        return self._functions.shown(x, x_p, time)

    def moving(self, shown: Shown, x: np.ndarray, rate: np.ndarray, time: float) -> np.ndarray:
        """d(outputs)/dtime (outputs,) at a projected state x. rate (len(y),): dy/dt."""
        at = self._functions.settled(x, time)
        right = -at.H_t
        right[: self._balances] += self._system.accumulated(np.zeros(self._balances), rate[len(x) :])
        moving: np.ndarray = shown.gradients @ np.append(solved(at.A, right), 1.0)
        return moving

    def profiles(self, x: np.ndarray, x_p: np.ndarray) -> list[np.ndarray]:
        """There is no field."""
        return []


def accumulated(system: System, totals_p: np.ndarray, q_p: np.ndarray) -> np.ndarray:
    """totals + q (balances, directions) of their derivatives."""
    columns = [system.accumulated(total, q) for total, q in zip(totals_p.T, q_p.T)]
    return np.array(columns).T.reshape(totals_p.shape)
