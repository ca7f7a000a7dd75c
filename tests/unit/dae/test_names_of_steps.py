"""New symbols of a program's derivatives are never symbols that it has, whatever prefix names them."""

import pytest
import sympy

from mocoupled.dae.generate.straight_line_programs import differentiate, program

X, Y = sympy.symbols("X Y", real=True)
ROW = sympy.exp(sympy.sin(X * Y) + X**2) * sympy.log(1 + X * Y) + sympy.exp(sympy.sin(X * Y))


def value(code, expression, point):
    """The number of an expression of the program, its steps taken one after the other."""
    known = dict(point)
    for symbol, step in code.steps:
        assert symbol not in known, "a step has the name of another"
        known[symbol] = step.subs(known)
    return float(expression.subs(known))


@pytest.mark.parametrize("prefix", ["_c", "_e", "_d"])
def test_derivatives_do_not_depend_on_the_prefix(prefix):
    """'_c' and '_e' name steps that a program has already."""
    code = differentiate(program(F=[ROW]), program(F=[ROW]).results["F"], (X, Y), "F_x", prefix)
    code = differentiate(code, code.results["F_x"], (X, Y), "F_xx", prefix)
    point = {X: 0.7, Y: 1.3}
    first, second = (X, Y), [(a, b) for a in (X, Y) for b in (X, Y)]
    for entry, by in zip(code.results["F_x"], first, strict=True):
        assert value(code, entry, point) == pytest.approx(float(ROW.diff(by).subs(point)), rel=1e-12)
    for entry, by in zip(code.results["F_xx"], second, strict=True):
        assert value(code, entry, point) == pytest.approx(float(ROW.diff(*by).subs(point)), rel=1e-12)
