"""Elementary functions of numbers or of sympy expressions: a law of numbers returns a number."""

from __future__ import annotations

import math

import numpy as np
import sympy

from ..dae.leaves.external import External, Number


def exp(x: sympy.Expr | float) -> sympy.Expr | float:
    """The exponential function."""
    return sympy.exp(x) if isinstance(x, sympy.Basic) else math.exp(x)


def log(x: sympy.Expr | float) -> sympy.Expr | float:
    """The natural logarithm."""
    return sympy.log(x) if isinstance(x, sympy.Basic) else math.log(x)


def erf(x: sympy.Expr | float) -> sympy.Expr | float:
    """The error function."""
    return _ERF(x) if isinstance(x, sympy.Basic) else math.erf(x)


def _erf(orders: tuple[int], x: Number) -> Number:
    """A derivative of the error function: Abramowitz & Stegun 1964, 7.1.19, with Hermite polynomials."""
    from scipy import special

    (n,) = orders
    if not n:
        return special.erf(x)
    bell = 2 / math.sqrt(math.pi) * (-1) ** (n - 1)
    return bell * special.eval_hermite(n - 1, x) * np.exp(-np.square(x))


# a leaf: numpy has no such function for the generated text
_ERF = External("erf", _erf)


def root(x: sympy.Expr | float) -> sympy.Expr | float:
    """The square root; of an exponential with an exact exponent, which simplifies."""
    return x ** sympy.Rational(1, 2) if isinstance(x, sympy.Basic) else math.sqrt(x)


def levelled(x: sympy.Expr, highest: float) -> sympy.Expr:
    """x > 0 far below a highest value, and this value far above it: at half of it 0.05 % less than x."""
    return x / (1 + (x / highest) ** 8) ** 0.125
