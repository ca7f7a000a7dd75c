"""Elementary functions of numbers or of sympy expressions: a law of numbers returns a number."""

from __future__ import annotations

import math

import sympy


def exp(x: sympy.Expr | float) -> sympy.Expr | float:
    """The exponential function."""
    return sympy.exp(x) if isinstance(x, sympy.Basic) else math.exp(x)


def log(x: sympy.Expr | float) -> sympy.Expr | float:
    """The natural logarithm."""
    return sympy.log(x) if isinstance(x, sympy.Basic) else math.log(x)


def erf(x: sympy.Expr | float) -> sympy.Expr | float:
    """The error function."""
    return sympy.erf(x) if isinstance(x, sympy.Basic) else math.erf(x)


def root(x: sympy.Expr | float) -> sympy.Expr | float:
    """The square root; of an exponential with an exact exponent, which simplifies."""
    return x ** sympy.Rational(1, 2) if isinstance(x, sympy.Basic) else math.sqrt(x)


def levelled(x: sympy.Expr, highest: float) -> sympy.Expr:
    """x > 0 far below a highest value, and this value far above it: at half of it 0.05 % less than x."""
    return x / (1 + (x / highest) ** 8) ** 0.125
