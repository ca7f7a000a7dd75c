"""Ordinary differential equations of a few unknowns, integrated by scipy with a dense solution."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.integrate import solve_ivp

from ...errors import ConvergenceError

Rates = Callable[[float, np.ndarray], Sequence[float]]
Dense = Callable[[np.ndarray], np.ndarray]


def integrate_rates(
    rates: Rates,
    start: tuple[float, Sequence[float]],
    end: float,
    rtol: float,
    stop: Callable[[float, np.ndarray], float] | None = None,
) -> tuple[float, np.ndarray, Dense]:
    """Integrate d(state)/dx = rates(x, state) by DOP853 from x, state = start to x = end.

    stop: a function whose zero ends the integration before.
    Returns the last x, the state (n,) there, and the solution as a function of x (m,) -> (n, m).
    ConvergenceError where the step becomes too small.
    """
    if stop is not None:
        stop.terminal = True  # type: ignore[attr-defined]  # scipy reads it from the function
    x, state = start
    absolute = rtol * 1e-3 * np.maximum(np.abs(state), 1e-300)
    solution = solve_ivp(
        rates, (x, end), state, method="DOP853", rtol=rtol, atol=absolute, dense_output=True, events=stop
    )
    if solution.status < 0:
        raise ConvergenceError(f"an integration stopped at {solution.t[-1]:g}: {solution.message}")
    return float(solution.t[-1]), solution.y[:, -1], solution.sol
