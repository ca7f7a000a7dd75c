"""The largest root of a polynomial as a leaf of the equations.

Its derivatives follow from the equation itself: dz/da = -F_a/F_z, and again for higher orders, in sympy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy

from .external import External, Number, numeric

STEPS = 100


@dataclass(frozen=True)
class Polynomial:
    """F(z, arguments) = 0.

    above: a number above every root, from which Newton falls onto the largest one.
    below: a root at or below it counts as none.
    """

    name: str
    F: sympy.Expr
    z: sympy.Symbol
    arguments: tuple[sympy.Symbol, ...]
    above: sympy.Expr
    below: sympy.Expr


@lru_cache(maxsize=16)
def largest_root(polynomial: Polynomial) -> External:
    """The largest root as a function of the arguments of the polynomial; NaN where there is none."""

    def value(orders: tuple[int, ...], *arguments: Number) -> Number:
        root = _newton(polynomial, arguments)
        return root if not any(orders) else _derivative(polynomial, orders)(root, *arguments)

    return External(polynomial.name, value, len(polynomial.arguments))


def _newton(polynomial: Polynomial, arguments: tuple[Number, ...]) -> Number:
    step_of, ends = _functions(polynomial)
    read = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in arguments))
    with np.errstate(all="ignore"):
        above, below = (np.broadcast_to(end, read[0].shape) for end in ends(*read))
        z = np.array(above)
        for _ in range(STEPS):
            step = step_of(z, *read)
            z = z - step
            if not (np.abs(step) > 1e-14 * np.abs(z)).any():
                break
        good = np.isfinite(z) & (np.abs(step) <= 1e-9 * np.abs(z)) & (z > below)
    z = np.where(good, z, np.nan)
    return float(z) if z.ndim == 0 else z


@lru_cache(maxsize=16)
def _functions(polynomial: Polynomial) -> tuple[Callable[..., Number], Callable[..., list[Number]]]:
    """Newton's step as a function of z and the arguments, and both ends as functions of the arguments."""
    F, z = polynomial.F, polynomial.z
    step = numeric([z, *polynomial.arguments], F / F.diff(z))
    return step, numeric(list(polynomial.arguments), [polynomial.above, polynomial.below])


@lru_cache(maxsize=64)
def _derivative(polynomial: Polynomial, orders: tuple[int, ...]) -> Callable[..., Number]:
    """The partial derivative of the root of these orders, as a function of z and the arguments."""
    F, z = polynomial.F, polynomial.z
    expression: sympy.Expr = z
    for symbol, order in zip(polynomial.arguments, orders):
        slope = -F.diff(symbol) / F.diff(z)
        for _ in range(order):
            expression = expression.diff(symbol) + expression.diff(z) * slope
    return numeric([z, *polynomial.arguments], expression)
