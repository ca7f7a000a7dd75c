"""Ordinary differential equations of a few unknowns, integrated by scipy, and roots of shots with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.integrate import solve_ivp

from ...errors import ConvergenceError

Rates = Callable[[float, np.ndarray], Sequence[float]]
Dense = Callable[[np.ndarray], np.ndarray]
# residuals (n,) of unknowns (n,), at a relative tolerance of the integration
Shot = Callable[[np.ndarray, float], np.ndarray]
# the relative tolerance of the search, and the step of its differences
COARSE, DIFFERENCE = 1e-8, 1e-3
CORRECTIONS = 8


def integrate_rates(
    rates: Rates,
    start: tuple[float, Sequence[float]],
    end: float,
    rtol: float,
    stop: Callable[[float, np.ndarray], float] | None = None,
    dense: bool = True,
) -> tuple[float, np.ndarray, Dense | None]:
    """Integrate d(state)/dx = rates(x, state) by DOP853 from x, state = start to x = end.

    stop: a function whose zero ends the integration before.
    Returns the last x, the state (n,) there, and the solution as a function of x (m,) -> (n, m), or None
    without `dense`.
    ConvergenceError where the step becomes too small.
    """
    if stop is not None:
        stop.terminal = True  # type: ignore[attr-defined]  # scipy reads it from the function
    x, state = start
    absolute = rtol * 1e-3 * np.maximum(np.abs(state), 1e-300)
    solution = solve_ivp(
        rates, (x, end), state, method="DOP853", rtol=rtol, atol=absolute, dense_output=dense, events=stop
    )
    if solution.status < 0:
        raise ConvergenceError(f"an integration stopped at {solution.t[-1]:g}: {solution.message}")
    return float(solution.t[-1]), solution.y[:, -1], solution.sol


def shoot(shot: Shot, guess: np.ndarray, rtol: float, small: float) -> np.ndarray | None:
    """Unknowns (n,) at which all residuals of a shot are below `small`, or None where none are reached.

    The root of shots of low accuracy, then corrected by shots at `rtol` with the slopes of the former.
    """
    from scipy.optimize import root  # on use: it takes 0.2 s to import

    try:
        rough = root(shot, guess, args=(COARSE,), tol=COARSE)
        if not rough.success:
            return None
        z = rough.x
        middle = shot(z, COARSE)
        steps = DIFFERENCE * np.eye(z.size)
        slopes = np.stack([(shot(z + step, COARSE) - middle) / DIFFERENCE for step in steps], axis=1)
        for _ in range(CORRECTIONS):
            residual = shot(z, rtol)
            if np.abs(residual).max() < small:
                return z
            z = z - np.linalg.solve(slopes, residual)
    except (ConvergenceError, np.linalg.LinAlgError):
        return None
    return None
