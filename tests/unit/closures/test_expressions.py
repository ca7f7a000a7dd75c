"""Formulas in data: the grammar means what Python means, and mistakes are named with their column."""

import math

import mpmath
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from support.formulas import read_formula

from mocoupled.errors import InputError

VALUES = {
    "p": 3e5,
    "P": 2e7,
    "T": 1800.0,
    "ln_fO2": -20.0,
    "fO2": 2e-4,
    "DIW": 0.5,
    "bar": 1e5,
    "GPa": 1e9,
    "R": 8.314,
    "p_H2": 4e4,
}


PRECISE = {name: getattr(mpmath, name) for name in ("exp", "log", "log10", "sqrt", "tanh")} | {
    n: mpmath.mpf(v) for n, v in VALUES.items()
}


PYTHON = {
    "exp": math.exp,
    "log": math.log,
    "log10": math.log10,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
    **VALUES,
}


@pytest.mark.parametrize(
    "text",
    [
        "534e-6 * (p/bar)**0.5 * exp(-1000/T)",
        "2**3**2",
        "-p**2",
        "2**-1",
        "-2**-2 + p_H2/P",
        "1 - 2 - 3",
        "12/2/3*4",
        "+ - + T",
        "1.e3*.5 + 1E-2",
        "10**(0.876*log10(p/bar) - 5.44e-5*P/bar)",
        "tanh(T/1000) + sqrt(p/P) * log(p)",
        "exp(5908*(P/GPa)**0.5/T\n - 1.6*DIW)",
        "((((p))))",
    ],
)
def test_means_what_python_means(text):
    """Our own texts, so that Python may read them too. The same operations in the same order: to the last
    digit but for constants that were folded first, 1e-15."""
    # the texts above, by names of PYTHON alone
    expected = eval(" ".join(text.split()), {"__builtins__": {}}, PYTHON)
    assert read_formula(text)(VALUES) == pytest.approx(expected, rel=1e-15)


def trees():
    """Texts of random formulas, fully made of the grammar, whose values stay in range."""
    leaf = st.sampled_from(["p", "T", "bar", "p_H2", "2", "0.37", "1.5e3"])
    joined = lambda inner: st.one_of(  # noqa: E731
        st.builds("{} {} {}".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("({})".format, inner),
        st.builds("-{}".format, inner),
        st.builds(
            "{}({})".format, st.sampled_from(["tanh", "sqrt"]), st.builds("(({})**2 + 1)".format, inner)
        ),
        st.builds("log(1 + ({})**2)".format, inner),
        st.builds("(1 + ({})**2)**{}".format, inner, st.sampled_from(["0.5", "-0.75", "1.2"])),
    )
    return st.recursive(leaf, joined, max_leaves=8)


@given(trees())
@settings(max_examples=300, deadline=None)
def test_random_formulas(text):
    """Numbers agree with Python's reading to 1e-9 (constants are folded first, and differences cancel);
    sympy's at 30 digits with the same text read at 30 digits to 1e-12, where nothing can cancel."""
    try:
        # a text that `trees` made, by names of PYTHON alone
        expected = eval(text, {"__builtins__": {}}, PYTHON)
    except (ZeroDivisionError, OverflowError):
        return
    try:
        formula = read_formula(text)
    except InputError as error:  # too long, or what holds numbers only divides by zero
        assert "too long" in str(error) or "finite" in str(error) or "nested" in str(error)
        return
    assert formula(VALUES) == pytest.approx(expected, rel=1e-9)
    symbols = {name: sympy.Symbol(name, positive=True) for name in formula.names}
    result = formula(symbols)
    if isinstance(result, sympy.Basic) and "-" not in text:
        number = result.subs({s: sympy.Float(VALUES[n], 30) for n, s in symbols.items()}).evalf(30)
        with mpmath.workdps(30):
            exact = eval(text, {"__builtins__": {}}, PRECISE)
        assert float(number) == pytest.approx(float(exact), rel=1e-12)


def test_names_in_the_order_of_their_use():
    formula = read_formula("T + p_H2O * (p / bar) + T")
    assert formula.names == ("T", "p_H2O", "p", "bar") and formula.text == "T + p_H2O * (p / bar) + T"


def test_roots_of_exponentials_simplify():
    """Unknowns are logarithms of pressures: sqrt(exp(u)) must not stay, nor 10 to a power."""
    u, T = sympy.symbols("u T", real=True)
    symbols = {"p": 1e5 * sympy.exp(u), "bar": 1e5, "T": T}
    assert read_formula("(p/bar)**0.5")(symbols).has(sympy.exp(u / 2))
    assert read_formula("sqrt(p/bar)")(symbols).has(sympy.exp(u / 2))
    assert not read_formula("10**(1000/T)")(symbols).atoms(sympy.Pow) - {1 / T}


def test_derivatives():
    """d/dp and d/dT of a shipped kind of law against central differences (h = 1e-5 of the value: 1e-9
    relative)."""
    formula = read_formula("exp(5908*(P/GPa)**0.5/T - 1.6*DIW) * (p/GPa)**0.5 + 10**(2 - 100/T) * tanh(p/P)")
    symbols = {n: sympy.Symbol(n, positive=True) for n in formula.names}
    expression = formula(symbols)
    for name in ("p", "T", "P", "DIW"):
        slope = float(expression.diff(symbols[name]).subs({s: VALUES[n] for n, s in symbols.items()}))
        h = 1e-5 * abs(VALUES[name])
        up, down = (formula(VALUES | {name: VALUES[name] + sign * h}) for sign in (1, -1))
        assert slope == pytest.approx((up - down) / (2 * h), rel=1e-8)


@pytest.mark.parametrize(
    "text, column, said",
    [
        ("", 1, "the formula ends"),
        ("p *", 4, "the formula ends"),
        ("p ^ 2", 3, "a power is written **"),
        ("(p", 3, "')' is missing"),
        ("p)", 2, "')' cannot stand here"),
        ("p p", 3, "'p' cannot stand here"),
        ("2 p", 3, "'p' cannot stand here"),
        ("1.2.3", 4, "'.3' cannot stand here"),
        ("1e5e5", 4, "'e5' cannot stand here"),
        ("0x10", 2, "'x10' cannot stand here"),
        ("1_000", 2, "'_000' cannot stand here"),
        ("exp p", 5, "write exp(...)"),
        ("exp(p, T)", 6, "',' means nothing here"),
        ("exp()", 5, "')' stands where a number"),
        ("p * * T", 5, "'*' stands where a number"),
        ("p *** T", 5, "'*' stands where a number"),
        ("pressure/bar", 1, "'pressure' means nothing here"),
        ("sin(p)", 1, "'sin' means nothing here"),
        ("p_/bar", 1, "'p_' means nothing here"),
        ("ln_fO", 1, "did you mean 'ln_fO2'"),
        ("t", 1, "did you mean 'T'"),
        ("p / 0", 5, ""),
        ("1 / 0", 3, "not a finite real number"),
        ("2 + 1e999", 5, "not a finite real number"),
        ("log(0)", 1, "not a finite real number"),
        ("sqrt(-1)", 1, "not a finite real number"),
        ("(-8)**0.5", 5, "not a finite real number"),
        ("0**-1", 2, "not a finite real number"),
        ("9**9**9", 2, "not a finite real number"),
        ("p**101", 2, "up to 100"),
        ("p**(5*50)", 2, "up to 100"),
        ("p" + " " * 90 + "? T", 92, "'?' means nothing here"),
    ],
)
def test_mistakes_are_named_with_their_column(text, column, said):
    """The message has the column, the text around it with a caret below, what is allowed, and the cure if
    there is one."""
    if not said:  # no mistake of grammar: the value is the caller's to check
        with pytest.raises(ZeroDivisionError):
            read_formula(text)(VALUES)
        return
    with pytest.raises(InputError) as error:
        read_formula(text, "my.yaml species X law Y")
    message = str(error.value)
    assert message.startswith(f"my.yaml species X law Y column {column}: ") and said in message
    _, shown, caret, allowed, *_ = message.split("\n")
    at = caret.index("^") - 2
    assert shown[2:][at : at + 1] == text[column - 1 : column]
    assert "numbers, + - * / ** ( )" in allowed and "p_<species>" in allowed
