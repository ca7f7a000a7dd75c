"""Laws of one's own with a slip: the message names law, key, line, arguments and what to write, in a few
lines."""

import math

import numpy as np
import pytest
import sympy

import mocoupled as mo
from mocoupled.closures import law as laws
from mocoupled.closures import registry
from mocoupled.closures.expressions import parse
from mocoupled.errors import ConvergenceError, InputError


def root(*, optical_depth, T, T_eq, **_):
    return 5e-8 * math.sqrt(T) * (T**4 - T_eq**4)


def decimal_logarithm(*, T, **_):
    return np.log10(T)


def condition(*, T, **_):
    if T > 2000:
        return 300.0
    return 200.0 + T


def largest(*, T, **_):
    return max(T, 300.0)


def misspelt(*, optical_dept, T, T_eq, **_):
    return 200.0 + T


def closed(T):
    return 200.0 + T


def nothing(*, T, **_):
    200.0 + T


def unknown(*, T, **_):
    return T_e**4  # noqa: F821 (the slip)


def foreign(*, T, **_):
    return sympy.Symbol("Temp") ** 4


def comparison(*, T, **_):
    return T > 300.0


def pair(*, T, **_):
    return (T, 300.0)


def steps(*, T, **_):
    return 10 * sympy.floor(T / 10)


def switch(*, T, **_):
    return 200.0 * sympy.Heaviside(T - 1500) + T


def imaginary(*, T, **_):
    return T * sympy.log(-1)


def matrix(*, T, **_):
    return sympy.Matrix([T])


def array(*, T, **_):
    return np.array(T)


SLIPS = {
    pair: ("it returns '(", "no number or expression"),
    steps: ("holds floor, of which the program has no derivative", "sympy.tanh"),
    switch: ("holds Heaviside", "sympy.tanh"),
    imaginary: ("its value is not real", "logarithm or root of a negative number"),
    matrix: ("no number or expression", "it returns"),
    array: ("no number or expression", "it returns"),
    root: ("math.sqrt(T)", "sympy.sqrt(x) in place of math.sqrt(x)"),
    decimal_logarithm: ("np.log10(T)", "sympy.log(x, 10) in place of np.log10(x)"),
    condition: ("if T > 2000:", "no `if`", "sympy.tanh"),
    largest: ("max(T, 300.0)", "sympy.tanh"),
    misspelt: ("the argument 'optical_dept'", "did you mean 'optical_depth'"),
    closed: ("its arguments do not fit", "end its arguments with **_"),
    nothing: ("it returns nothing", "end it with `return`"),
    unknown: ("T_e**4", "did you mean 'T_eq'"),
    foreign: ("the symbol Temp", "use the arguments themselves"),
    comparison: ("no number or expression", "sympy.tanh"),
}


@pytest.fixture
def registered():
    """A function that registers a law for this test alone."""
    yield lambda kind, function, **more: laws.law(kind, "Slip2026", unit="W/m2", reference="made up", **more)(
        function
    )
    for kind in ("radiation", "buffer", "solidus"):
        registry._registry.pop((kind, "Slip2026"), None)


@pytest.mark.parametrize("function", SLIPS, ids=lambda f: f.__name__)
def test_a_slip_is_said_in_words(registered, function):
    """In a run, before anything is computed: at most six lines, and none of sympy's."""
    registered("radiation", function)
    case = mo.Case.read("E1").replace(
        {"atmosphere.radiation": "Slip2026", "mantle.model": "lumped", "volatiles.hydrogen": "0 kg"}
    )
    with pytest.raises(InputError) as error:
        mo.run(case)
    text = str(error.value)
    assert len(text.splitlines()) <= 6 and "sympy/" not in text
    for words in (
        "law radiation 'Slip2026' (test_law_call.py line",
        "named by atmosphere.radiation",
        "optical_depth, T, T_eq",
        *SLIPS[function],
    ):
        assert words in text, text


@pytest.mark.parametrize("function, said", [(root, "math.sqrt"), (condition, "no `if`")])
def test_a_slip_is_said_where_the_law_is_tried(registered, function, said):
    law = registered("radiation", function)
    for attempt in (
        lambda: law.evaluate(optical_depth=1.0, T=300.0, T_eq=200.0),
        lambda: law(optical_depth=1, T=sympy.Symbol("T"), T_eq=200.0),
    ):
        with pytest.raises(InputError, match=said):
            attempt()
    with pytest.raises(InputError, match="its argument .*T.* is missing"):
        laws.SymbolicLaw("radiation", "x", "1", "x", lambda *, T, T_eq: T, ("T", "T_eq")).evaluate(T_eq=1.0)


def test_what_numbers_bring_about_is_not_a_slip(registered):
    """An overflow or a division by zero at given numbers is raised as it is."""
    law = registered("radiation", lambda *, T, **_: 1.0 / (T - 300.0))
    with pytest.raises(ZeroDivisionError):
        law(T=300.0)
    assert law(T=301.0) == 1.0 and law(T=sympy.Symbol("T")).diff("T") != 0


@pytest.mark.parametrize(
    "kind, more, said",
    [
        ("buffer", {}, "needs the attribute 'family'"),
        ("solidus", {"attributes": {"arguments": ("P",)}}, "needs the attribute 'slope'"),
        ("radiation", {"T": (2000.0, 300.0)}, "not a range"),
        ("radiation", {"T": 300.0}, "not a range"),
    ],
)
def test_a_declaration_that_lacks_something(registered, kind, more, said):
    with pytest.raises(InputError, match=said):
        registered(kind, lambda *, T, **_: T, **more)


@pytest.mark.parametrize(
    "text, said",
    [
        ("math.sqrt(T)", "without a module"),
        ("T > 2000", "no conditions"),
        ("0,5*T", "has a point"),
        ("ln(T)", "is log"),
        ("max(T, 3)", "no conditions"),
    ],
)
def test_slips_in_the_formula_of_a_file(text, said):
    with pytest.raises(InputError, match=said):
        parse(text, ("T", "p"))


def test_a_constant_melting_curve_for_an_array_of_pressures(registered):
    law = registered("solidus", lambda P: 1300.0, attributes={"arguments": ("P",), "slope": lambda P: 0 * P})
    with pytest.raises(InputError, match=r"shape \(\) for pressures of shape \(3,\)(.|\n)*1300.0 \+ 0\*P"):
        law(P=np.ones(3))
    assert law(P=1.0) == 1300.0
    with pytest.raises(InputError, match="attribute 'slope' is '1e-08'"):
        registered("liquidus", lambda P: P, attributes={"arguments": ("P",), "slope": 1e-8})


def test_a_law_without_a_number_at_the_start(registered):
    """The root of a negative number at the temperature of the start."""
    registered("radiation", lambda *, T, **_: sympy.sqrt(T - 5000))
    case = mo.Case.read("E1").replace(
        {"atmosphere.radiation": "Slip2026", "mantle.model": "lumped", "volatiles.hydrogen": "0 kg"}
    )
    with pytest.raises(ConvergenceError, match="the start has no numbers"):
        mo.run(case)
