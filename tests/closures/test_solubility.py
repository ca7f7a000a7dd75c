"""Solubility laws: published coefficients and check numbers, units, ranges, and every bad entry refused."""

import math

import numpy as np
import pytest
import sympy

from mocoupled.closures.law import find
from mocoupled.closures.solubility import carbonate_in_basalt, solubility_law
from mocoupled.errors import InputError
from mocoupled.thermochemistry import read_mechanism

BAR = 1e5
POWER = {"form": "power-law", "coefficient": 534, "exponent": 0.5, "unit": "ppmw/bar^0.5"}


def shipped(species, name):
    return solubility_law(species, name, read_mechanism("volatiles").species[species].melt[name])


@pytest.mark.parametrize(
    "name, alpha, exponent, T, P, dIW",
    [
        ("peridotite-Sossi2022", 534, 0.5, 2173, (1.013, 1.013), (-1.4, 6.5)),
        ("lunar-glass-Newcombe2017", 683, 0.5, 1623, (1.013, 1.013), (-3.0, 4.8)),
        ("anorthite-diopside-Newcombe2017", 727, 0.5, 1623, (1.013, 1.013), (-3.0, 4.8)),
        ("basalt-Dixon1995", 965, 0.5, 1473, (176, 717), (3.9, 13.2)),
        ("basalt-Berndt2002", 1007, 0.5, 1473, (503, 2021), (3.5, 7.9)),
        ("basalt-WilsonHead1981", 215, 0.7, 1373, (1034, 6067), None),
    ],
)
def test_table_1_of_bower2022(name, alpha, exponent, T, P, dIW):
    """Bower et al. 2022, PSJ 3, 93, Table 1: X[ppmw] = alpha (f/bar)^exponent. Exact numbers, so only rounding: 1e-14."""
    law = shipped("H2O", name)
    for f in (1e-3, 1.0, 270.0, 5000.0):
        assert law(p=f * BAR, T=1500.0, P=1e7) == pytest.approx(alpha * 1e-6 * f**exponent, rel=1e-14)
    assert law.unit == "kg/kg"
    assert law.ranges["T"] == (T, T)
    assert law.ranges["P"] == pytest.approx([x * BAR for x in P], rel=1e-14)
    assert law.attributes.get("dIW") == dIW
    assert "Bower et al. 2022" in law.reference


@pytest.mark.parametrize("name, alpha", [("peridotite-Sossi2022-e63", 524), ("peridotite-Sossi2022-e51", 647)])
def test_both_molar_absorptivities(name, alpha):
    """Sossi et al. 2023, EPSL 601, 117894: 524 +- 16 and 647 +- 25 ppmw/bar^0.5 for absorptivities 6.3 and 5.1."""
    assert shipped("H2O", name)(p=BAR) == pytest.approx(alpha * 1e-6, rel=1e-14)


def test_coefficient_in_pascal():
    """SPIDER's reaction.opts, after the paper: 1.6886562705299146 ppmw/Pa^0.5, printed to all digits of a double."""
    assert shipped("H2O", "peridotite-Sossi2022").attributes["coefficient"] == pytest.approx(1.6886562705299146e-6, rel=1e-15)


@pytest.mark.parametrize(
    "p, T, ppmw, half",
    [
        (1, 1000, 0.4568, 5e-5),
        (1, 3000, 0.4568, 5e-5),
        (100, 2000, 45.064, 5e-4),
        (500, 2000, 213.23, 5e-3),
        (1000, 1650, 386.54, 5e-3),
    ],
)
def test_carbonate(p, T, ppmw, half):
    """Dixon et al. 1995, eq. 6, as SPIDER computes it: check numbers to half of their last digit."""
    for value in (carbonate_in_basalt(p_CO2=p * BAR, T=T), carbonate_in_basalt.evaluate(p_CO2=p * BAR, T=T)):
        assert abs(value * 1e6 - ppmw) <= half


def test_carbonate_turns_over():
    """The formula has its maximum at 83.15 T / 23 bar, 5061 bar at 1400 K: no slope there, to 1e-12 of that at 1 bar."""
    p, T = sympy.symbols("p T", positive=True)
    slope = sympy.lambdify((p, T), carbonate_in_basalt(p_CO2=p, T=T).diff(p))
    top = 83.15 * 1400 / 23 * BAR
    assert top / BAR == pytest.approx(5061, abs=0.5)
    assert abs(slope(top, 1400.0)) < 1e-12 * slope(BAR, 1400.0)
    assert slope(0.9 * top, 1400.0) > 0 > slope(1.1 * top, 1400.0)


def test_carbonate_is_the_registered_law():
    law = shipped("CO2", "basalt-Dixon1995")
    assert law.function is find("solubility", "basalt-Dixon1995").function
    assert law.attributes["species"] == "CO2"
    assert law.ranges == {"T": (1473.0, 1473.0), "p_CO2": (210e5, 980e5)}
    everything = {"p": 1e7, "p_CO2": 1e7, "p_H2O": 1.0, "T": 1500.0, "P": 2e7, "ln_fO2": -20.0}
    assert law(**everything) == carbonate_in_basalt(p_CO2=1e7, T=1500.0)


def test_registered_law_and_power_law_of_one_name_do_not_meet():
    """H2O and CO2 both have a basalt-Dixon1995: each entry says by its form which is meant."""
    assert shipped("H2O", "basalt-Dixon1995").attributes["form"] == "power-law"
    assert shipped("CO2", "basalt-Dixon1995").attributes["form"] == "law"
    with pytest.raises(InputError, match="one for CO2"):
        solubility_law("H2O", "basalt-Dixon1995", {"form": "law"})


def test_symbols_numbers_and_arrays_agree():
    for law, name in ((shipped("H2O", "basalt-WilsonHead1981"), "p"), (shipped("CO2", "basalt-Dixon1995"), "p_CO2")):
        symbol = sympy.Symbol(name, positive=True)
        expression = law(**{"p": symbol, name: symbol, "T": 1500.0, "P": 1e8, "ln_fO2": -20.0})
        values = np.geomspace(1e2, 1e9, 7)
        arrays = law.evaluate(**{"p": values, name: values, "T": 1500.0})
        for value, array in zip(values, arrays, strict=True):
            number = law(**{"p": value, name: value, "T": 1500.0})
            assert float(expression.subs(symbol, value)) == pytest.approx(number, rel=1e-13)
            assert array == pytest.approx(number, rel=1e-13)


def test_root_of_an_exponential_simplifies():
    """Unknowns are logarithms of pressures: the law's exponent must be exact, or sympy keeps exp(u)**0.5."""
    u = sympy.Symbol("u", real=True)
    assert shipped("H2O", "peridotite-Sossi2022")(p=BAR * sympy.exp(u)).has(sympy.exp(u / 2))


def test_every_shipped_law_reads():
    mechanism = read_mechanism("volatiles")
    for species in mechanism.species.values():
        for name, entry in species.melt.items():
            law = solubility_law(species.name, name, entry)
            assert law.reference and law.unit == "kg/kg" and law.doc
        if species.phase == "gas":
            assert species.melt["none"] == {"form": "none"}


def test_none_dissolves_nothing():
    law = shipped("CO", "none")
    assert law(p=1e9, T=2000.0) == 0.0 and law.arguments == () and law.evaluate() == 0.0


def test_other_units_mean_the_same():
    in_pascal = solubility_law("X", "a", POWER | {"coefficient": 534e-6 / math.sqrt(1e5), "unit": "kg/kg/Pa^0.5"})
    henry = solubility_law("He", "b", {"form": "power-law", "coefficient": 1e-7, "exponent": 1, "unit": "kg/kg/bar"})
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
        ({"form": "henry"}, "known: power-law, law, none"),
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
