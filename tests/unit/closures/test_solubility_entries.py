"""Entries of solubility laws in a mechanism: units, ranges, sums, and every bad entry refused."""

import math
import subprocess
import sys

import numpy as np
import pytest
from support.solubility_laws import POWER

from mocoupled.closures.solubility import solubility_law
from mocoupled.errors import InputError


def test_sum_of_laws():
    power = POWER | {"T": [1500, 1700], "P": [1e5, 1e7]}
    formula = {
        "form": "expression",
        "expression": "1e-3*tanh(p/P)",
        "unit": "kg/kg",
        "T": [1600, 1800],
        "reference": "b",
    }
    law = solubility_law(
        "X", "both", {"form": "sum", "of": {"one": power | {"reference": "a"}, "two": formula}}
    )
    assert law(p=1e5, P=1e6, T=1.0) == pytest.approx(534e-6 + 1e-3 * math.tanh(0.1), rel=1e-14)
    assert law.evaluate(p=np.array([1e5]), P=1e6)[0] == pytest.approx(
        534e-6 + 1e-3 * math.tanh(0.1), rel=1e-14
    )
    assert law.ranges == {"T": (1600.0, 1700.0), "P": (1e5, 1e7)} and law.reference == "a; b"
    assert law.arguments == ("p", "P") and "one, two" in law.doc


def test_common_units_do_not_load_pint():
    """pint takes 0.3 s to load, which the first answer of a process need not wait for."""
    code = (
        "import sys; from mocoupled.closures.solubility import solubility_law as law; "
        "law('H2O', 'a', {'form': 'power-law', 'coefficient': 1, 'exponent': 0.5, 'unit': 'ppmw/bar^0.5', "
        "'P': ['1 bar', '2 GPa']}); "
        "law('He', 'b', {'form': 'power-law', 'coefficient': 1, 'exponent': 1, 'unit': 'kg/kg/Pa'}); assert "
        "'pint' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_other_units_mean_the_same():
    in_pascal = solubility_law(
        "X", "a", POWER | {"coefficient": 534e-6 / math.sqrt(1e5), "unit": "kg/kg/Pa^0.5"}
    )
    henry = solubility_law(
        "He", "b", {"form": "power-law", "coefficient": 1e-7, "exponent": 1, "unit": "kg/kg/bar"}
    )
    assert in_pascal(p=3e6) == pytest.approx(534e-6 * math.sqrt(30), rel=1e-14)
    assert henry(p=3e6) == pytest.approx(3e-6, rel=1e-14)


def test_ranges_as_text_and_numbers():
    law = solubility_law("X", "a", POWER | {"T": ["1200 degC", 1500], "P": ["1 kbar", 2e8]})
    assert law.ranges["T"] == pytest.approx((1473.15, 1500))
    assert law.ranges["P"] == pytest.approx((1e8, 2e8))


@pytest.mark.parametrize(
    "entry, said",
    [
        ("ppmw", "not a table"),
        ({}, "'form' is missing"),
        ({"form": "powerlaw"}, "did you mean 'power-law'"),
        ({"form": "henry"}, "known: power-law, expression, sum, law, none"),
        ({k: v for k, v in POWER.items() if k != "coefficient"}, "needs the key 'coefficient'"),
        ({k: v for k, v in POWER.items() if k != "unit"}, "needs the key 'unit'"),
        (POWER | {"coefficent": 3}, "did you mean 'coefficient'"),
        (POWER | {"unit": "ppmw/bar"}, "with exponent 0.5 a unit is, for instance, ppmw/bar^0.5"),
        (POWER | {"exponent": 0.7}, "ppmw/bar^0.7"),
        (POWER | {"unit": "mol/bar^0.5"}, "unit = 'mol/bar^0.5'"),
        (POWER | {"unit": "ppmw/bra^0.5"}, "no unit is called"),
        (POWER | {"coefficient": float("nan")}, "not a finite number"),
        (POWER | {"coefficient": float("inf")}, "not a finite number"),
        (POWER | {"coefficient": -534}, "not a positive number"),
        (POWER | {"coefficient": 0}, "form: none"),
        (POWER | {"coefficient": True}, "coefficient"),
        (POWER | {"coefficient": "much"}, "coefficient"),
        (POWER | {"exponent": 0}, "not a positive number"),
        (POWER | {"exponent": float("nan")}, "not a finite number"),
        (POWER | {"T": 1500}, "not a range"),
        (POWER | {"T": [1600, 1500]}, "low <= high"),
        (POWER | {"T": [0, 1500]}, "low <= high"),
        (POWER | {"T": ["1 bar", "2 bar"]}, "unit of"),
        (POWER | {"P": [1e5, float("nan")]}, "not a finite number"),
        (POWER | {"dIW": "reducing"}, "not a range"),
        (POWER | {"p": [-1, 1]}, "low <= high"),
        (POWER | {"buffer": "Hirschmann2021"}, "nothing in this law is relative to a buffer"),
        (POWER | {"dIW": [-1, 1], "buffer": "Hirshmann2021"}, "did you mean 'Hirschmann2021'"),
        (POWER | {"dIW": [-1, 1], "buffer": "Frost1991-QFM"}, "relative to iron-wustite"),
        (POWER | {"dIW": [-1, 1], "buffer-pressure": "total"}, "not a pressure of this buffer"),
        (
            POWER | {"dIW": [-1, 1], "buffer": "Hirschmann2021", "buffer-pressure": 3},
            "not a pressure of this buffer",
        ),
        (
            {
                "form": "sum",
                "of": {
                    "a": POWER | {"dIW": [-1, 1]},
                    "b": POWER | {"dIW": [-1, 1], "buffer": "Hirschmann2021"},
                },
            },
            "different buffers",
        ),
        ({"form": "sum"}, "not a table of laws"),
        ({"form": "sum", "of": []}, "not a table of laws"),
        ({"form": "sum", "of": {"a": "b"}}, "of: solubility law 'a' of H2O: 'b' is not a table"),
        ({"form": "sum", "of": {"a": {"form": "sum", "of": {}}}}, "a sum of sums"),
        ({"form": "sum", "of": {"a": POWER | {"exponent": -1}}}, "not a positive number"),
        ({"form": "sum", "of": {"a": POWER}, "T": [1, 2]}, "'T' means nothing here"),
        ({"form": "none", "coefficient": 3}, "means nothing here"),
        ({"form": "law", "coefficient": 3}, "means nothing here"),
        ({"form": "law"}, "no solubility law has this name"),
    ],
)
def test_bad_entries_are_refused(entry, said):
    with pytest.raises(InputError) as error:
        solubility_law("H2O", "mine-2024", entry, "mine.yaml")
    text = str(error.value)
    assert said in text
    assert "mine.yaml" in text and "H2O" in text and "mine-2024" in text
