"""Carbonate in basalt by Dixon et al. 1995: check numbers, its maximum, and the total pressure."""

import math

import numpy as np
import pytest
import sympy
from support.solubility_laws import BAR, shipped

from mocoupled.closures.carbonate import carbonate_in_basalt, carbonate_in_basalt_at_total_pressure
from mocoupled.closures.law import find
from mocoupled.closures.solubility import solubility_law
from mocoupled.errors import InputError


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
    """The formula has its maximum at 83.15 T / 23 bar, 5061 bar at 1400 K: no slope there, to 1e-12 of that
    at 1 bar."""
    p, T = sympy.symbols("p T", positive=True)
    slope = sympy.lambdify((p, T), carbonate_in_basalt(p_CO2=p, T=T).diff(p))
    top = 83.15 * 1400 / 23 * BAR
    assert top / BAR == pytest.approx(5061, abs=0.5)
    assert abs(slope(top, 1400.0)) < 1e-12 * slope(BAR, 1400.0)
    assert slope(0.9 * top, 1400.0) > 0 > slope(1.1 * top, 1400.0)


def test_carbonate_is_the_registered_law():
    law = shipped("CO2", "basalt-Dixon1995")
    assert law.function is find("solubility", "basalt-Dixon1995").function
    assert law.species == "CO2"
    assert law.ranges == {"T": (1473.0, 1473.0), "p_CO2": (210e5, 980e5)}
    everything = {"p": 1e7, "p_CO2": 1e7, "p_H2O": 1.0, "T": 1500.0, "P": 2e7, "ln_fO2": -20.0}
    assert law(**everything) == carbonate_in_basalt(p_CO2=1e7, T=1500.0)


def test_registered_law_and_power_law_of_one_name_do_not_meet():
    """H2O and CO2 both have a basalt-Dixon1995: each entry says by its form which is meant."""
    assert shipped("H2O", "basalt-Dixon1995").dissolution.form == "power-law"
    assert shipped("CO2", "basalt-Dixon1995").dissolution.form == "law"
    with pytest.raises(InputError, match="law of this name is for CO2"):
        solubility_law("H2O", "basalt-Dixon1995", {"form": "law"})


def test_total_pressure_in_the_carbonate_law():
    """The same law where the gas is all CO2; less dissolves under more of another gas; no denominator to
    guard: at its maximum the mole fraction is 3.8e-7 (83.15 T/23)/e, far from 36.6/44."""
    for p, T in ((1.0, 1400.0), (300.0, 2000.0), (4000.0, 3000.0)):
        same = carbonate_in_basalt_at_total_pressure(p_CO2=p * BAR, P=p * BAR, T=T)
        assert same == carbonate_in_basalt(p_CO2=p * BAR, T=T)
        assert carbonate_in_basalt_at_total_pressure(p_CO2=p * BAR, P=2 * p * BAR, T=T) < same
    largest = max(carbonate_in_basalt(p_CO2=p, T=6000.0) for p in np.geomspace(1e5, 1e11, 200))
    fraction = 3.8e-7 * 83.15 * 6000 / 23 / math.e
    assert (
        largest == pytest.approx(44 * fraction / (36.6 - 44 * fraction), rel=2e-3)
        and fraction < 5.1e-7 * 6000
    )
