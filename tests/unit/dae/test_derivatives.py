"""Derivatives by symbols without assumptions: the expressions that `diff` has, with their assumptions."""

import sympy

from mocoupled.dae.generate.derivatives import derivative

T, V = sympy.symbols("T V", positive=True)
LOW = 3.5 * T + 2.0e-3 * T**2 - 1.0e-6 * T**3 + 2.0 * sympy.log(T)
HIGH = 3.0 * T + sympy.sqrt(T) * V ** sympy.Rational(2, 3) - sympy.exp(-V / T)
TWO_RANGES = sympy.Piecewise((LOW, T < 1000), (HIGH, True))


def test_they_are_those_of_sympy() -> None:
    for expression in (LOW, HIGH, TWO_RANGES, sympy.Integer(3)):
        for wrt in ((T,), (T, T), (V,), (T, V)):
            assert derivative(expression, *wrt) == expression.diff(*wrt)


def test_symbols_keep_their_assumptions() -> None:
    slope = derivative(TWO_RANGES, T)
    assert slope.free_symbols == {T, V} and all(symbol.is_positive for symbol in slope.free_symbols)
