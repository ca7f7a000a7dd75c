"""Solubility laws from a formula: value, unit, arguments, ranges, and bad entries of a mechanism."""

import math

import pytest
import sympy

from mocoupled.closures.solubility import solubility_law
from mocoupled.errors import InputError


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
