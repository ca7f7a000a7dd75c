"""Newton with limited steps for small dense systems, and the linear solution that it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg.lapack import dgesv

from ..declare.step_limits import Limits
from ..generate.python_module import ARITHMETIC

LAST_STEP = 1e-11  # largest last step of a converged Newton, in the unknowns' scales
LARGEST_RESIDUAL = 1e-8  # of a converged Newton


@dataclass(frozen=True)
class Solution:
    """A converged start: unknowns x, Newton iterations used and the largest residual left."""

    x: np.ndarray
    iterations: int
    residual: float


def solved(A: np.ndarray, b: np.ndarray) -> np.ndarray:
    """x of A x = b, b (n,) or (n, m), by LAPACK.

    The checks of numpy.linalg.solve are left out: they take longer than the solution of a small system.
    LinAlgError for a singular A; input that is not finite gives results that are not finite.
    """
    if not len(A):
        return np.zeros_like(b)
    _, _, x, info = dgesv(A, b)
    if info:
        raise np.linalg.LinAlgError("singular matrix")
    return x


def newton(
    function: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    x: np.ndarray,
    clamp: float,
    limit: int,
    bounds: Limits,
) -> Solution | None:
    """Clamped Newton on function(x) -> residuals, Jacobian.

    clamp: factor on the largest steps. limit: number of steps after which it gives up.
    None when it does not converge.
    """
    for iteration in range(1, limit + 1):
        try:
            F, J = function(x)
            step = solved(J, -F)
        except ARITHMETIC:
            return None
        if not np.isfinite(step).all():
            return None
        x = bounds.moved(x, bounds.shortened(step, clamp))
        size = np.abs(step) / (bounds.scales * (1 + np.abs(x) / bounds.scales))
        if size.max(initial=0.0) < LAST_STEP:
            residual = float(np.abs(function(x)[0]).max(initial=0.0))
            return Solution(x, iteration, residual) if residual < LARGEST_RESIDUAL else None
    return None
