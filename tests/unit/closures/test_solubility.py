"""The shipped solubility laws: complete, smooth, finite, the same for symbols, numbers and arrays."""

import math
import re

import numpy as np
import pytest
import sympy
from support.solubility_laws import BAR, LAWS, shipped

from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.chemistry.mechanism_paths import shipped_mechanisms


def test_symbols_numbers_and_arrays_agree():
    for law, name in (
        (shipped("H2O", "basalt-WilsonHead1981"), "p"),
        (shipped("CO2", "basalt-Dixon1995"), "p_CO2"),
    ):
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
    for law in LAWS.values():
        assert law.reference and law.unit == "kg/kg" and law.doc
        assert law.dissolution.form == "none" or re.search(r"(19|20)\d\d", law.reference)
    for mechanism in map(read_mechanism, shipped_mechanisms()):
        for species in mechanism.species.values():
            if species.melt:
                assert species.melt["none"] == {"form": "none"}
                assert species.default_melt == {"H2O": "peridotite-Sossi2022", "CO2": "basalt-Dixon1995"}.get(
                    species.name, "none"
                )


def test_a_law_of_a_species_is_the_same_in_every_mechanism():
    for mechanism in map(read_mechanism, shipped_mechanisms()):
        for name in ("H2", "H2O", "CO", "CO2", "CH4"):
            assert mechanism.species[name].melt == read_mechanism("volatiles").species[name].melt


SYMBOLIC = {"T": (1200.0, 3500.0), "P": (1e2, 2e9), "ln_fO2": (-45.0, 0.0)}


@pytest.mark.parametrize(
    "species, name", [key for key, law in LAWS.items() if law.dissolution.form != "none"]
)
def test_laws_are_smooth_and_finite_down_to_nothing(species, name):
    """In the solver's unknown ln p, from 1e-25 bar to 20 kbar: value and slope by sympy are finite and
    positive, the slope is that of central differences (1e-6), and at no gas at all nothing dissolves.
    (Dixon's law turns over: its slope may be negative above 4 kbar.)"""
    law = LAWS[species, name]
    rng = np.random.default_rng(5)
    u = sympy.Symbol("u", real=True)
    symbols = {key: sympy.Symbol(key, real=True) for key in SYMBOLIC}
    p = BAR * sympy.exp(u)
    value = law(p=p, **{f"p_{species}": p}, **symbols)
    both = sympy.lambdify([u, *symbols.values()], [value, value.diff(u)], modules="math", cse=True)
    for ln_p in np.linspace(-57.0, math.log(2e4), 25):
        where = [rng.uniform(*span) for span in SYMBOLIC.values()]
        amount, slope = both(ln_p, *where)
        up, down = (both(ln_p + h, *where)[0] for h in (1e-4, -1e-4))
        assert math.isfinite(amount) and amount >= 0.0 and math.isfinite(slope)
        assert slope == pytest.approx((up - down) / 2e-4, rel=1e-6, abs=1e-9 * amount)
        assert slope > 0 or "Dixon" in name or amount == 0.0
    none = {"T": 2000.0, "P": 1e5, "ln_fO2": -20.0, "p": 0.0, "p_H2O": 0.0, f"p_{species}": 0.0}
    assert law.evaluate(**none) == law(**none) == 0.0


def test_none_dissolves_nothing():
    law = shipped("CO", "none")
    assert law(p=1e9, T=2000.0) == 0.0 and law.arguments == () and law.evaluate() == 0.0
