"""Sensitivities along a march: the staggered direct method on the steps of BDF.

After each accepted step of y' = f(t, y, p), dS/dt = J S + f_p is solved by the same formula, with the order
and the size of that step (Caracotsios & Stewart 1985, Comput. Chem. Eng. 9, 359). This system is linear.
Its matrix has the Jacobian at the accepted state, so that one solution is exact and needs no iteration.
S has its differences D, as y has those of scipy's BDF. They follow each change of the step and of the order.
S has no part in the control of the step: its error follows that of y.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from .bdf import FreshBDF

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

PREFIX = "sensitivity_"


class Rates(Protocol):
    """dy/dt and its Jacobian."""

    def __call__(self, time: float, y: np.ndarray) -> tuple[np.ndarray, np.ndarray | csc_matrix]:
        """Both at a time and y."""


class Equations(Protocol):
    """What a march must know of the equations to find S: see `Varied`."""

    def start(self, x: np.ndarray, time: float) -> tuple[np.ndarray, np.ndarray]:
        """S of a start, and the derivatives of the totals."""

    def settled(self, x: np.ndarray, totals_p: np.ndarray, S: np.ndarray, time: float) -> np.ndarray:
        """The derivative of a projected state."""

    def forcing(
        self, time: float, y: np.ndarray, rate: np.ndarray, totals_p: np.ndarray, alpha: float
    ) -> np.ndarray:
        """d(dy/dt)/dp at a fixed y."""


@dataclass(frozen=True)
class Slopes:
    """Derivatives of a trajectory.

    states (n, unknowns, directions), accumulated (n, sourced, directions): of each stored state at its time.
    totals (balances, directions). end_rate (len(y),): dy/dt at the last state, by the polynomial of BDF: that
    of the equations has the rounding of stiff terms, multiplied by their rates.
    """

    states: np.ndarray
    accumulated: np.ndarray
    totals: np.ndarray
    end_rate: np.ndarray


class Staggered:
    """S beside a march: its differences, and what is recorded of it at each stored state."""

    def __init__(self, equations: Equations, rates: Rates, alpha: float) -> None:
        """rates(time, y): dy/dt and its Jacobian. alpha [1/s]: the stabilisation of the march."""
        self._equations, self._rates, self._alpha = equations, rates, alpha
        self._totals_p = np.empty((0, 0))
        self._D = np.empty((0, 0, 0))
        self._t, self._h, self._order = 0.0, 0.0, 1
        self._last, self._y_D = 0.0, np.empty((0, 0))
        self._states: list[np.ndarray] = []
        self._accumulated: list[np.ndarray] = []

    def attach(self, solver: FreshBDF, restored: bool) -> None:
        """Go with a solver; restored: whether it has all of its differences from an earlier march."""
        self._t, self._h, self._order = solver.t, solver.h_abs, solver.order
        if restored:
            return
        first = self._D[0]
        self._D = np.zeros((len(solver.D), *first.shape))
        rate, J = self._rates(solver.t, solver.y)
        self._D[0] = first
        self._D[1] = (J @ first + self._forcing(solver, rate)) * solver.h_abs

    def _forcing(self, solver: FreshBDF, rate: np.ndarray) -> np.ndarray:
        return self._equations.forcing(solver.t, solver.y, rate, self._totals_p, self._alpha)

    def advance(self, solver: FreshBDF) -> None:
        """S after the step that the solver has taken; LinAlgError where it does not exist."""
        assert solver.t_old is not None, "a solver has taken a step"
        D, k, h = self._D, self._order, solver.t - solver.t_old
        _rescale(D, k, h / self._h)
        c = h / solver.alpha[k]
        psi = np.tensordot(solver.gamma[1 : k + 1], D[1 : k + 1], 1) / solver.alpha[k]
        predicted = D[: k + 1].sum(axis=0)
        rate, J = self._rates(solver.t, solver.y)
        right = c * (J @ predicted + self._forcing(solver, rate)) - psi
        d = _solved(J, c, right)
        D[k + 2] = d - D[k + 1]
        D[k + 1] = d
        for i in reversed(range(k + 1)):
            D[i] += D[i + 1]
        self._t, self._order = solver.t, solver.order
        _rescale(D, self._order, solver.h_abs / h)
        self._h, self._y_D = solver.h_abs, solver.D

    def at(self, time: float) -> np.ndarray:
        """S (len(y), directions) at a time in the last step, by the polynomial of BDF."""
        if time == self._t:
            return self._D[0]
        at: np.ndarray = self._D[0] + np.tensordot(self._weights(time)[0], self._D[1 : self._order + 1], 1)
        return at

    def _weights(self, time: float) -> tuple[np.ndarray, np.ndarray]:
        """Those of the differences in the polynomial of BDF at a time, and in its derivative [1/s]."""
        k = np.arange(self._order)
        width = self._h * (1 + k)
        factors = (time - self._t + self._h * k) / width
        values, slopes = np.cumprod(factors), np.zeros(self._order)
        before, slope = 1.0, 0.0
        for j, factor in enumerate(factors):
            slope = slope * factor + before / width[j]
            before, slopes[j] = values[j], slope
        return values, slopes

    def add(self, time: float, state: np.ndarray) -> None:
        """Record the derivative of the projected state at a time in the last step, or of the start."""
        if not self._states:
            S, self._totals_p = self._equations.start(state, time)
            self._D, self._t = S[None], time
        S, self._last = self.at(time), time
        self._states.append(self._equations.settled(state, self._totals_p, S, time))
        self._accumulated.append(S[len(state) :].copy())

    # ---- as arrays

    def slopes(self) -> Slopes:
        """What was recorded."""
        y_D = self._y_D[1 : self._order + 1]
        end_rate = self._weights(self._last)[1] @ y_D if len(y_D) else np.zeros(len(self._D[0]))
        return Slopes(np.array(self._states), np.array(self._accumulated), self._totals_p, end_rate)

    def moment(self) -> dict[str, np.ndarray]:
        """The differences between two steps, as arrays that later steps do not change."""
        return {PREFIX + "D": self._D.copy(), PREFIX + "totals": self._totals_p}

    def arrays(self, length: int | None = None) -> dict[str, np.ndarray]:
        """What was recorded, or its first `length` states."""
        return {
            PREFIX + "states": np.array(self._states[:length]),
            PREFIX + "accumulated": np.array(self._accumulated[:length]),
        }

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Continue an earlier march, at the state that it had reached."""
        self._states = list(arrays[PREFIX + "states"])
        self._accumulated = list(arrays[PREFIX + "accumulated"])
        self._D, self._totals_p = arrays[PREFIX + "D"].copy(), arrays[PREFIX + "totals"]


def _rescale(D: np.ndarray, order: int, factor: float) -> None:
    """Change the differences (orders, entries, directions) in place to those of another size of the step.

    Shampine & Reichelt 1997, SIAM J. Sci. Comput. 18, 1, section 2.
    """
    if factor != 1.0:
        change = _powers(order, factor) @ _powers(order, 1.0)
        D[: order + 1] = np.tensordot(change.T, D[: order + 1], 1)


def _powers(order: int, factor: float) -> np.ndarray:
    """The polynomials of the backward differences at the nodes of steps `factor` times as long."""
    i = np.arange(1, order + 1)[:, None]
    powers = np.zeros((order + 1, order + 1))
    powers[0] = 1.0
    powers[1:, 1:] = (i - 1 - factor * i.T) / i
    return np.cumprod(powers, axis=0)


def _solved(J: np.ndarray | csc_matrix, c: float, right: np.ndarray) -> np.ndarray:
    """d of (I - c J) d = right."""
    if isinstance(J, np.ndarray):
        solution: np.ndarray = np.linalg.solve(np.eye(len(J)) - c * J, right)
        return solution
    from scipy.sparse import identity  # on use: a lumped mantle needs no sparse matrix
    from scipy.sparse.linalg import splu

    return splu((identity(J.shape[0], format="csc") - c * J).tocsc()).solve(right)
