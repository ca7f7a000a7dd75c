"""The compressibility factor of a cubic equation of state as a leaf of the equations.

Z^3 + c2 Z^2 + c1 Z + c0 = 0 with coefficients in A = a P/(RT)^2 and B = b P/(RT).
The largest root is that of the gas.
Its derivatives follow from the equation itself: dZ/dA = -F_A/F_Z, and again for higher orders, in sympy.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import sympy

from ..dae.leaves.external import External, numeric

Z, A, B = sympy.symbols("Z A B", real=True)
Number = float | np.ndarray
STEPS = 100

# form -> F(Z, A, B)
CUBICS: dict[str, sympy.Expr] = {
    "PengRobinson": Z**3 - (1 - B) * Z**2 + (A - 2 * B - 3 * B**2) * Z - (A * B - B**2 - B**3),
    "RedlichKwong": Z**3 - Z**2 + (A - B - B**2) * Z - A * B,
}


@lru_cache(maxsize=4)
def compressibility(form: str) -> External:
    """Z of a form of CUBICS as a function of A and B in the equations."""

    def value(orders: tuple[int, int], a: Number, b: Number) -> Number:
        root = _largest_root(form, a, b)
        return root if orders == (0, 0) else _derivative(form, orders)(root, a, b)

    return External(f"Z_{form}", value, 2)


def _largest_root(form: str, a: Number, b: Number) -> Number:
    """The largest root by Newton from above every root; NaN where there is none."""
    step_of = _newton_step(form)
    with np.errstate(all="ignore"):
        z = np.asarray(1.0 + np.asarray(b, dtype=float) + 0.0 * np.asarray(a, dtype=float))
        for _ in range(STEPS):
            step = step_of(z, a, b)
            z = z - step
            if not (np.abs(step) > 1e-14 * np.abs(z)).any():
                break
        good = np.isfinite(z) & (np.abs(step) <= 1e-9 * np.abs(z)) & (z > b)
    z = np.where(good, z, np.nan)
    return float(z) if z.ndim == 0 else z


@lru_cache(maxsize=4)
def _newton_step(form: str) -> Callable[..., Number]:
    F = CUBICS[form]
    return numeric([Z, A, B], F / F.diff(Z))


@lru_cache(maxsize=64)
def _derivative(form: str, orders: tuple[int, int]) -> Callable[..., Number]:
    """The partial derivative of Z of these orders, as a function of Z, A and B."""
    F = CUBICS[form]
    expression: sympy.Expr = Z
    for symbol, order in zip((A, B), orders):
        slope = -F.diff(symbol) / F.diff(Z)
        for _ in range(order):
            expression = expression.diff(symbol) + expression.diff(Z) * slope
    return numeric([Z, A, B], expression)
