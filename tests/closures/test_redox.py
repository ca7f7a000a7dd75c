"""Oxygen fugacity: published values, slopes, and the reading of the user's text."""

import math

import numpy as np
import pytest
import sympy

from mocoupled.closures.law import find, names
from mocoupled.closures.redox import OxygenFugacity, families, parse_oxygen_fugacity
from mocoupled.errors import InputError

BUFFERS = names("buffer")


@pytest.mark.parametrize("T, value", [(1388, -12.70676), (1650, -9.94233), (2000, -7.40782), (2700, -4.36762)])
def test_iron_wustite_of_oneill_and_eggins(T, value):
    """Values of Eq. 7 of Bower et al. 2022 (O'Neill & Eggins 2002), printed to 1e-5: half of the last digit."""
    assert abs(float(find("buffer", "ONeillEggins2002")(T=T)) - value) <= 0.5e-5


@pytest.mark.parametrize(
    "T, difference", [(1400, 0.374), (1800, -0.160), (2000, -0.354), (2500, -0.713), (3000, -0.954)]
)
def test_iron_wustite_against_hirschmann_2021(T, difference):
    """O'Neill & Eggins 2002 less the IW buffer of Hirschmann 2021 (GCA 313, 74; 1 bar), an independent assessment.

    The differences are those other programs report, printed to 1e-3: half of the last digit.
    """
    hirschmann = 6.844875757 + 5.791074857e-4 * T - 7.970947753e-5 * T * math.log(T) - 27689.96714 / T
    assert abs(float(find("buffer", "ONeillEggins2002")(T=T)) - hirschmann - difference) <= 0.5e-3


def test_slope_of_iron_wustite():
    """d log10 fO2/dT from sympy equals the slope worked out by hand (constant heat capacity), to rounding."""
    T = sympy.Symbol("T", positive=True)
    slope = sympy.diff(find("buffer", "ONeillEggins2002")(T=T), T)
    for value in (1000.0, 1650.0, 3000.0):
        by_hand = 2 * (244118 - 8.474 * value) / (math.log(10) * 8.31441 * value**2)
        assert float(slope.subs(T, value)) == pytest.approx(by_hand, rel=1e-12)


# Schaefer & Fegley 2017 and Fischer et al. 2011, typed a second time, as powers of 1/T
_TYPED_AGAIN = {
    "SchaeferFegley2017-CI": lambda T: 2.4976 - 9.8605e3 / T - 17.0701e6 / T**2 + 7.5220e9 / T**3 - 1.0404e12 / T**4,
    "SchaeferFegley2017-CV": lambda T: 9.0621 - 31.193e3 / T + 5.1092e6 / T**2 - 1.8475e9 / T**3 + 0.2e12 / T**4,
    "SchaeferFegley2017-H": lambda T: 5.0743 - 22.906e3 / T - 5.6610e6 / T**2 + 2.0634e9 / T**3 - 0.2618e12 / T**4,
    "SchaeferFegley2017-EH": lambda T: 4.9495 - 24.024e3 / T - 4.6236e6 / T**2 + 1.7177e9 / T**3 - 0.2332e12 / T**4,
    "SchaeferFegley2017-Eucrite": lambda T: 5.4856 - 25.127e3 / T - 3.6580e6 / T**2 + 1.3014e9 / T**3 - 0.165e12 / T**4,
    "Fischer2011": lambda T: 6.44059 - 28.1808e3 / T,
}


@pytest.mark.parametrize("name", _TYPED_AGAIN)
def test_polynomials(name):
    """The rows of the table against a second typing of the published coefficients, to rounding."""
    T = np.array([1000.0, 1650.0, 2700.0])
    np.testing.assert_allclose(find("buffer", name).evaluate(T=T), _TYPED_AGAIN[name](T), rtol=1e-13)


def test_meteorites_in_order_of_oxidation():
    """Carbonaceous chondrites are more oxidised than ordinary, and these than enstatite ones (1400-2500 K)."""
    T = np.linspace(1400.0, 2500.0, 12)
    CI, CV, H, EH = (find("buffer", f"SchaeferFegley2017-{family}").evaluate(T=T) for family in ("CI", "CV", "H", "EH"))
    assert (np.minimum(CI, CV) > H).all() and (H > EH).all()


@pytest.mark.parametrize("name", BUFFERS)
def test_one_expression_for_numbers_and_symbols(name):
    """Law of a number, Law of a symbol and Law.evaluate agree; fO2 of every buffer rises with temperature."""
    buffer = find("buffer", name)
    T = sympy.Symbol("T", positive=True)
    expression = buffer(T=T)
    assert expression.free_symbols == {T}
    temperatures = np.array([1300.0, 1650.0, 2700.0])
    values = buffer.evaluate(T=temperatures)
    assert (np.diff(values) > 0).all()
    for temperature, value in zip(temperatures, values):
        assert float(buffer(T=temperature)) == pytest.approx(value, rel=1e-13)
        assert float(expression.subs(T, temperature)) == pytest.approx(value, rel=1e-13)


@pytest.mark.parametrize("name", BUFFERS)
def test_every_buffer_says_what_it_is(name):
    found = find("buffer", name)
    assert found.arguments == ("T",)
    assert found.unit == "log10 bar" and found.attributes["family"] and "range" in found.attributes["conditions"]
    assert name in families()[found.attributes["family"]]


@pytest.mark.parametrize(
    "text, buffer, offset",
    [
        ("IW", "ONeillEggins2002", 0.0),
        ("IW+0.5", "ONeillEggins2002", 0.5),
        ("IW-2", "ONeillEggins2002", -2.0),
        (" IW - 2 ", "ONeillEggins2002", -2.0),
        ("IW \N{MINUS SIGN} 2", "ONeillEggins2002", -2.0),
        ("IW+.5e1", "ONeillEggins2002", 5.0),
        ("CI+1", "SchaeferFegley2017-CI", 1.0),
        ("CV", "SchaeferFegley2017-CV", 0.0),
        ("H-1", "SchaeferFegley2017-H", -1.0),
        ("EH +0.25", "SchaeferFegley2017-EH", 0.25),
        ("Eucrite-0.5", "SchaeferFegley2017-Eucrite", -0.5),
        ("log10 fO2 = -9.5", None, -9.5),
        ("log10 fO2=-9.5", None, -9.5),
    ],
)
def test_reading(text, buffer, offset):
    assert parse_oxygen_fugacity(text) == OxygenFugacity(buffer, offset)


def test_the_buffer_can_be_named():
    assert parse_oxygen_fugacity("IW+0.5", buffer="Fischer2011") == OxygenFugacity("Fischer2011", 0.5)


def test_expression_evaluation_and_label():
    T = sympy.Symbol("T", positive=True)
    temperatures = np.array([1650.0, 2000.0])
    relative = parse_oxygen_fugacity("IW+0.5")
    np.testing.assert_allclose(relative.evaluate(temperatures), [-9.44233, -6.90782], atol=0.5e-5)
    assert float(relative.log10(T).subs(T, 2000.0)) == pytest.approx(-6.90782, abs=0.5e-5)
    assert relative.label == "IW+0.5 (ONeillEggins2002)"
    absolute = parse_oxygen_fugacity("log10 fO2 = -9.5")
    assert absolute.log10(T) == -9.5 and sympy.diff(absolute.log10(T), T) == 0
    np.testing.assert_array_equal(absolute.evaluate(temperatures), [-9.5, -9.5])
    assert parse_oxygen_fugacity(absolute.label) == absolute


@pytest.mark.parametrize(
    "text, buffer, expected",
    [
        ("IV+0.5", None, "did you mean"),
        ("QFM+1", None, "no buffer family is called 'QFM'"),
        ("iw+0.5", None, "did you mean 'IW'"),
        ("0.5", None, "write 'IW+0.5'"),
        (0.5, None, "write 'IW+0.5'"),
        (None, None, "not an oxygen fugacity"),
        ("", None, "not an oxygen fugacity"),
        ("IW 0.5", None, "not an oxygen fugacity"),
        ("IW+-0.5", None, "not an oxygen fugacity"),
        ("IW+0.5 dex", None, "not an oxygen fugacity"),
        ("__import__('os')", None, "not an oxygen fugacity"),
        ("IW+nan", None, "out of bounds"),
        ("IW-inf", None, "out of bounds"),
        ("IW+20.1", None, "out of bounds"),
        ("log10 fO2 = nan", None, "out of bounds"),
        ("log10 fO2 = -51", None, "out of bounds"),
        ("log10 fO2 = -9.5", "ONeillEggins2002", "absolute"),
        ("IW+0.5", "SchaeferFegley2017-CI", "is of the family CI, not IW"),
        ("IW+0.5", "ONeilEggins2002", "did you mean 'ONeillEggins2002'"),
    ],
)
def test_refused(text, buffer, expected):
    with pytest.raises(InputError) as caught:
        parse_oxygen_fugacity(text, buffer=buffer, where="earth.toml [redox] oxygen_fugacity")
    assert expected in str(caught.value)
    assert str(caught.value).startswith("earth.toml [redox] oxygen_fugacity")
