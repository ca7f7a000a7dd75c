"""The rates of a march and their Jacobian, as functions of time and y alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..generate.python_module import ARITHMETIC
from .field_system import FieldSystem
from .system import System

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix


@dataclass
class MarchRates:
    """The rates of a march as functions of time and y.

    known: time, y and rate of the last Jacobian: the integrator often needs that rate next.
    """

    system: System | FieldSystem
    totals: np.ndarray
    alpha: float
    parameters: Sequence[float]
    known: tuple[float, np.ndarray, np.ndarray] | None = None

    def rate(self, time: float, y: np.ndarray) -> np.ndarray:
        """dy/dt."""
        if self.known is not None:
            known_time, state, rate = self.known
            self.known = None
            if known_time == time and np.array_equal(state, y):
                return rate
        return self.system.rate(time, y, self.totals, self.alpha, self.parameters)

    def jacobian(self, time: float, y: np.ndarray) -> np.ndarray | csc_matrix:
        """d(dy/dt)/dy."""
        self.known = None
        rate, jacobian = self.system.rate_with_jacobian(time, y, self.totals, self.alpha, self.parameters)
        self.known = time, y.copy(), rate
        return jacobian

    def both(self, time: float, y: np.ndarray) -> tuple[np.ndarray, np.ndarray | csc_matrix]:
        """dy/dt and its Jacobian, for what goes beside the march: nothing is remembered."""
        return self.system.rate_with_jacobian(time, y, self.totals, self.alpha, self.parameters)


class Finite:
    """The Jacobian, or the last finite one where it is not finite.

    Newton then fails, and the step is shortened.
    """

    def __init__(self, jacobian: Callable[[float, np.ndarray], np.ndarray | csc_matrix]) -> None:
        self.jacobian = jacobian
        self.last: np.ndarray | csc_matrix | None = None

    def __call__(self, t: float, y: np.ndarray) -> np.ndarray | csc_matrix:
        try:
            J = self.jacobian(t, y)
        except ARITHMETIC:  # a predicted state outside the domain
            if self.last is None:
                raise
            return self.last
        if self.last is None or np.isfinite(J if isinstance(J, np.ndarray) else J.data).all():
            self.last = J
        return self.last
