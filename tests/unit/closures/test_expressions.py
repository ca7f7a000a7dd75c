"""Formulas in data: the grammar means what Python means, mistakes are named with their column, and nothing is
executed."""

import ast
import math
import time
from pathlib import Path

import mpmath
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from mocoupled.closures import expressions
from mocoupled.closures.expressions import DEEPEST, LARGEST_EXPONENT, LONGEST, MOST, parse
from mocoupled.closures.solubility import ARGUMENTS, CONSTANTS, OF_A_SPECIES, solubility_law
from mocoupled.errors import InputError

NAMES = (*ARGUMENTS, *CONSTANTS)
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


def read(text, where="my.yaml"):
    return parse(text, NAMES, where, (OF_A_SPECIES,))


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
    assert read(text)(VALUES) == pytest.approx(expected, rel=1e-15)


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
        formula = read(text)
    except InputError as error:  # too long, or what holds numbers only divides by zero
        assert "too long" in str(error) or "finite" in str(error) or "nested" in str(error)
        return
    assert formula(VALUES) == pytest.approx(expected, rel=1e-9)
    symbols = {name: sympy.Symbol(name, positive=True) for name in formula.names}
    found = formula(symbols)
    if isinstance(found, sympy.Basic) and "-" not in text:
        number = found.subs({s: sympy.Float(VALUES[n], 30) for n, s in symbols.items()}).evalf(30)
        with mpmath.workdps(30):
            exact = eval(text, {"__builtins__": {}}, PRECISE)
        assert float(number) == pytest.approx(float(exact), rel=1e-12)


def test_names_in_the_order_of_their_use():
    formula = read("T + p_H2O * (p / bar) + T")
    assert formula.names == ("T", "p_H2O", "p", "bar") and formula.text == "T + p_H2O * (p / bar) + T"


def test_roots_of_exponentials_simplify():
    """Unknowns are logarithms of pressures: sqrt(exp(u)) must not stay, nor 10 to a power."""
    u, T = sympy.symbols("u T", real=True)
    given_ = {"p": 1e5 * sympy.exp(u), "bar": 1e5, "T": T}
    assert read("(p/bar)**0.5")(given_).has(sympy.exp(u / 2))
    assert read("sqrt(p/bar)")(given_).has(sympy.exp(u / 2))
    assert not read("10**(1000/T)")(given_).atoms(sympy.Pow) - {1 / T}


def test_derivatives():
    """d/dp and d/dT of a shipped kind of law against central differences (h = 1e-5 of the value: 1e-9
    relative)."""
    formula = read("exp(5908*(P/GPa)**0.5/T - 1.6*DIW) * (p/GPa)**0.5 + 10**(2 - 100/T) * tanh(p/P)")
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
            read(text)(VALUES)
        return
    with pytest.raises(InputError) as error:
        read(text, "my.yaml species X law Y")
    message = str(error.value)
    assert message.startswith(f"my.yaml species X law Y column {column}: ") and said in message
    _, shown, caret, allowed, *_ = message.split("\n")
    at = caret.index("^") - 2
    assert shown[2:][at : at + 1] == text[column - 1 : column]
    assert "numbers, + - * / ** ( )" in allowed and "p_<species>" in allowed


ATTACKS = [
    "__import__('os').system('touch owned')",
    "__import__",
    "().__class__.__bases__[0].__subclasses__()",
    "p.__class__",
    "p._value",
    "exp.__globals__",
    "(lambda: 1)()",
    "lambda p: p",
    "[p for p in (1, 2)]",
    "{p}",
    "p if p else T",
    "p or T",
    "not p",
    "p == p",
    "p := 3",
    "p; p",
    "p\np",
    "p # comment",
    "print(p)",
    "eval(p)",
    "exec(p)",
    "open(p)",
    "globals()",
    "f'{p}'",
    "'p' * 10",
    '"p"',
    "b'p'",
    "`p`",
    "$p",
    "p\\",
    "\x00",
    "p\x00",
    "\ufeffp",
    "p\u200b",
    "р/bar",  # a Cyrillic letter
    "𝑝/bar",
    "ｐ",
    "２",
    "٣",
    "p²",
    "p × 2",
    "p − 1",
    "1j",
    "∞",
    "nan",
    "inf",
    "True",
    "None",
    "p//2",
    "p % 2",
    "p @ p",
    "p << 60",
    "~p",
    "p & p",
    "p!",
    "sympify(p)",
    "Symbol(p)",
    "oo",
    "zoo",
    "exp(p)(p)",
    "p(1)",
    "p[0]",
    "*p",
    "**p",
    "...",
    "yield p",
    "import os",
    "p_H2O.diff(p)",
    "p__class__()",
    "9**9**9**9",
    "10**10**10",
    "2**(2**(2**(2**(2**2))))",
    "exp(exp(exp(exp(10))))",
    "p**1e300",
    "p**-1e300",
    "1e400",
    "9" * 999,
    "0." + "0" * 400 + "1**-1" * 200,
    "1" * 2000,
    "p+" * 1_000_000,
    "(" * 1_000_000,
    "a" * 1_000_000,
    "(" * 500 + "p" + ")" * 400,
    "-" * 900 + "p",
    "p**" * 300 + "p",
    "p**-" * 200 + "p",
    "exp(" * 200 + "p" + ")" * 200,
    "+".join(["p"] * 400),
    "sqrt(" * 120,
]


@pytest.mark.parametrize("text", ATTACKS, ids=lambda t: t.encode("unicode_escape").decode()[:30])
def test_attacks_are_refused_at_once(text, tmp_path, monkeypatch):
    """Each is an InputError of bounded length within a tenth of a second (a hundred times what it takes), and
    nothing ran."""
    monkeypatch.chdir(tmp_path)
    begun = time.perf_counter()
    with pytest.raises(InputError) as error:
        read(text)
    assert time.perf_counter() - begun < 0.1
    assert len(str(error.value)) < 600
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", [None, 5, 1.5, True, [], ["p"], {"p": 1}, b"p"])
def test_only_text_is_a_formula(value):
    with pytest.raises(InputError, match="not a formula in quotes"):
        read(value)


@pytest.mark.parametrize(
    "text",
    [
        "exp(" * (DEEPEST - 1) + "p/P" + ")" * (DEEPEST - 1),
        "p**" * (DEEPEST - 1) + "p",
        "+".join(["p"] * (MOST // 2)),
        "(p/bar)**100 * (1 + p/bar)**100 * (p/bar + T)**-100",
        "exp(exp(exp(exp(exp(p/bar)))))",
        "-" * (MOST - 2) + "p",
    ],
)
def test_the_largest_formulas_that_are_allowed_stay_cheap(text):
    """Read, put into sympy and differentiated within a second, with no expanded powers."""
    begun = time.perf_counter()
    p, T, P = sympy.symbols("p T P", positive=True)
    expression = read(text)({"p": p, "T": T, "P": P, "bar": 1e5})
    assert expression.count_ops() < 3 * MOST
    expression.diff(p)
    assert time.perf_counter() - begun < 1.0


def test_limits_are_what_they_say():
    assert read("p" + " " * (LONGEST - 1)) and read(f"p**{LARGEST_EXPONENT}")
    for text in (
        "p" + " " * LONGEST,
        f"p**{LARGEST_EXPONENT + 1}",
        "(" * (DEEPEST + 1) + "p" + ")" * (DEEPEST + 1),
    ):
        with pytest.raises(InputError):
            read(text)


def test_nothing_in_the_parser_can_execute():
    """No eval, exec, compile, import by name, attribute by name, or sympy parser is called in the file."""
    tree = ast.parse(Path(expressions.__file__).read_text())
    called = {n.func for n in ast.walk(tree) if isinstance(n, ast.Call)}
    plain = {f.id for f in called if isinstance(f, ast.Name)}
    assert not plain & {"eval", "exec", "compile", "__import__", "getattr", "open"}
    assert not {f.attr for f in called if isinstance(f, ast.Attribute)} & {
        "sympify",
        "parse_expr",
        "S",
        "import_module",
    }


def test_a_law_from_a_formula():
    """The formula of the docstring of the form, as a Law: value, unit, arguments, ranges."""
    entry = {
        "form": "expression",
        "expression": "534 * (p/bar)**0.5 * exp(100/T - 100/2000) + 1e3*p_H2/P",
        "unit": "ppmw",
        "T": [1500, 2500],
        "p": ["1 bar", "1 kbar"],
        "reference": "mine",
    }
    law = solubility_law("H2O", "mine-2024", entry)
    expected = 1e-6 * (534 * math.sqrt(3.0) * math.exp(100 / 1800 - 0.05) + 1e3 * 4e4 / 2e7)
    assert law(p=3e5, T=1800.0, P=2e7, p_H2=4e4, p_CO2=1.0, ln_fO2=-20.0) == pytest.approx(
        expected, rel=1e-14
    )
    assert law.evaluate(p=3e5, T=1800.0, P=2e7, p_H2=4e4) == pytest.approx(expected, rel=1e-14)
    assert law.arguments == ("p", "T", "p_H2", "P") and law.reference == "mine" and "ppmw" in law.doc
    assert law.ranges == {"T": (1500.0, 2500.0), "p": (1e5, 1e8)}


def test_oxygen_fugacity_in_a_law():
    """fO2 is in Pa like every fugacity, ln_fO2 for bar, DIW in dex from iron-wustite (here -7.40782 at 2000
    K, by Eq. 7 of Bower et al. 2022, to its digits)."""
    ln10, above = math.log(10.0), -9 + 7.40782
    texts = {
        "1e-3*(fO2/bar)**0.1": 1e-3 * 10**-0.9,
        "1e-5*exp(-0.1*ln_fO2)": 1e-5 * 10**0.9,
        "1e-3*10**(DIW)": 1e-3 * 10**above,
    }
    for text, expected in texts.items():
        law = solubility_law("N2", "mine", {"form": "expression", "expression": text, "unit": "kg/kg"})
        near = 2e-5 if "DIW" in text else 1e-13
        assert law(ln_fO2=-9 * ln10, T=2000.0, p=1.0) == pytest.approx(expected, rel=near)
        x, T = sympy.symbols("x T")
        assert law(ln_fO2=-9 * ln10 + x, T=T).subs({x: 0, T: 2000.0}) == pytest.approx(expected, rel=near)


def test_a_species_that_is_not_there_has_no_fugacity():
    """A case without hydrogen has no p_H2: the law sees 1e-30 Pa, which is nothing, and finite under a
    logarithm."""
    law = solubility_law(
        "CO", "mine", {"form": "expression", "expression": "1e-9*p/bar*(1 + p_H2/bar)", "unit": "kg/kg"}
    )
    assert law(p=2e5, p_CO=2e5, T=1500.0) == pytest.approx(2e-9, rel=1e-14)


@pytest.mark.parametrize(
    "change, said",
    [
        ({"expression": "p +"}, "'mine-2024' of H2O expression column 4: the formula ends"),
        ({"expression": "-1e-6*p/bar"}, "it gives no mass fraction: -1"),
        ({"expression": "1e-3*log(p/bar)"}, "it gives no mass fraction: -0.0115"),
        ({"expression": "1e-3*sqrt(1 - p/bar)"}, "it gives no mass fraction: math domain error"),
        ({"expression": "1e-3*(1 - p/bar)**0.5"}, "it gives no mass fraction: the root of a negative number"),
        ({"expression": "exp(p)"}, "it gives no mass fraction: math range error"),
        ({"expression": "1/(p - p)"}, "division by zero"),
        ({"unit": "ppmw/bar"}, "kg/kg, ppmw or %"),
        ({"unit": "bar"}, "kg/kg, ppmw or %"),
        ({"unit": None}, "kg/kg, ppmw or %"),
        ({"coefficient": 3}, "the key 'coefficient' means nothing here"),
        ({"T": [3, 2]}, "low <= high"),
    ],
)
def test_bad_formulas_in_a_mechanism(change, said):
    entry = {"form": "expression", "expression": "1e-6*p/bar", "unit": "kg/kg"} | change
    with pytest.raises(InputError) as error:
        solubility_law("H2O", "mine-2024", entry, "mine.yaml line 3")
    assert said in str(error.value) and "mine.yaml line 3" in str(error.value) and "H2O" in str(error.value)


@pytest.mark.parametrize("key", ["expression", "unit"])
def test_a_key_is_missing(key):
    entry = {"form": "expression", "expression": "1e-6*p/bar", "unit": "kg/kg"}
    del entry[key]
    with pytest.raises(InputError, match=f"an expression needs the key '{key}'"):
        solubility_law("H2O", "mine-2024", entry)


def test_every_attack_fails_inside_a_mechanism_too():
    for text in ATTACKS:
        with pytest.raises(InputError, match="expression"):
            solubility_law("H2O", "mine", {"form": "expression", "expression": text, "unit": "kg/kg"})
