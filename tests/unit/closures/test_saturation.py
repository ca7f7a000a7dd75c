"""Saturation of water against IAPWS-95, the published Eq. 12, and the states of water."""

import math

import numpy as np
import pytest
import sympy
from chemicals import iapws

from mocoupled.closures.law import find
from mocoupled.closures.registry import names
from mocoupled.closures.saturation import (
    CRITICAL_PRESSURE,
    CRITICAL_TEMPERATURE,
    KIND,
    TRIPLE_TEMPERATURE,
    ln_condensation_fugacity,
    saturation_pressure,
)
from mocoupled.constants import GAS_CONSTANT

T_SYMBOL = sympy.Symbol("T", positive=True)


def test_the_curve_is_the_published_one_and_iapws_95():
    """To 1e-6 of the auxiliary equation (the rounding at its end; 7e-7 is met) and 1e-4 of IAPWS-95 (7.2e-5,
    which is the equation's own distance), from the triple point to the critical one."""
    T = np.linspace(TRIPLE_TEMPERATURE, CRITICAL_TEMPERATURE - 0.01, 600)
    result = saturation_pressure(T)
    np.testing.assert_allclose(result, [iapws.iapws92_Psat(t) for t in T], rtol=1e-6)
    np.testing.assert_allclose(result, [iapws.iapws95_Psat(t) for t in T], rtol=1e-4)


@pytest.mark.parametrize(
    "T, bar", [(300, 0.0353681), (400, 2.45769), (500, 26.392), (600, 123.448), (640, 202.652)]
)
def test_values_of_iapws_95(T, bar):
    """IAPWS-95 as `chemicals` 1.5 gives it, to 6 digits; 1e-4 as above."""
    assert float(saturation_pressure(T)) / 1e5 == pytest.approx(bar, rel=1e-4)


def test_the_curve_ends_at_the_critical_point():
    """647.096 K, 22.064 MPa (Wagner & Pruss 1993)."""
    assert (CRITICAL_TEMPERATURE, CRITICAL_PRESSURE) == (647.096, 22.064e6)
    assert float(saturation_pressure(CRITICAL_TEMPERATURE)) == pytest.approx(CRITICAL_PRESSURE, rel=1e-6)


def test_equation_12_of_the_paper():
    """'About 600 bar at 1400 K' (Bower et al. 2022, section 4.4): to 1 %. Within its data (298-500 K) the
    constant heat capacity gives the vapour's fugacity, which at 500 K is 12 % below its pressure: 1.2 % and
    17 % are met."""
    assert float(saturation_pressure(1400.0, "Bower2022-Eq12")) / 1e5 == pytest.approx(600.0, rel=0.01)
    for T, tolerance in ((298.15, 0.02), (400.0, 0.06), (500.0, 0.18)):
        assert float(saturation_pressure(T, "Bower2022-Eq12")) == pytest.approx(
            iapws.iapws95_Psat(T), rel=tolerance
        )
    assert find(KIND, "Bower2022-Eq12").ranges["T"][1] == 500.0
    assert "no liquid" in find(KIND, "Bower2022-Eq12").outside


def test_the_liquid_forms_at_saturation_and_nowhere_above_the_critical_point():
    """Below 640 K ln p_sat itself to 1e-5; from 8 K above the critical temperature on, beyond every gas (1e7
    bar).

    Between, monotone, with a slope of 6 per K at most (12 units on a tanh of width 1 K), and finite
    derivatives at all temperatures of a magma ocean."""
    value = sympy.lambdify(T_SYMBOL, ln_condensation_fugacity(T_SYMBOL), "numpy")
    cool = np.linspace(280.0, 640.0, 200)
    np.testing.assert_allclose(value(cool), np.log(saturation_pressure(cool) / 1e5), atol=1e-5)
    hot = np.linspace(CRITICAL_TEMPERATURE + 8.0, 4000.0, 500)
    assert value(hot).min() > math.log(1e7) and np.ptp(value(hot)) < 1e-2
    between = value(np.linspace(640.0, 660.0, 2001))
    assert np.all(np.diff(between) > 0) and np.diff(between).max() / 0.01 < 6.1
    second = sympy.lambdify(T_SYMBOL, sympy.diff(ln_condensation_fugacity(T_SYMBOL), T_SYMBOL, 2), "numpy")
    assert np.all(np.isfinite(second(np.linspace(273.16, 4000.0, 5001))))


def test_a_real_vapour_condenses_at_its_own_fugacity():
    """ln f = ln p_sat + ln phi(T, p_sat) with phi evaluated no higher than the critical pressure, at any
    temperature."""
    requested = sympy.Function("requested")
    result = ln_condensation_fugacity(T_SYMBOL, requested)
    (leaf,) = result.atoms(requested)
    pressure = sympy.lambdify(T_SYMBOL, leaf.args[1], "numpy")
    T = np.linspace(300.0, 3500.0, 2000)
    assert pressure(T).max() < math.log(CRITICAL_PRESSURE) + 0.05
    np.testing.assert_allclose(pressure(T[T < 640]), np.log(saturation_pressure(T[T < 640])), atol=1e-5)


def test_nasa_polynomials_of_liquid_water_agree_with_iapws_95():
    """g(H2O,l) - g(H2O,g) of NASA TM-4513 is the ln of the fugacity over a liquid at 1 bar.

    With phi of the saturated vapour and the liquid's V dp from IAPWS-95 it gives p_sat to 0.25 % from 273 to
    600 K. Read as an ideal gas without these it is 0.1 % off at 300 K, 2.8 % at 400 K and 37 % (ln) at 600 K:
    the polynomials alone serve to 400 K, and the curve above them does."""
    liquid = (
        72.5575005,
        -0.662445402,
        2.56198746e-03,
        -4.36591923e-06,
        2.78178981e-09,
        -4.18865499e04,
        -288.280137,
    )
    gas = (
        4.19864056,
        -2.0364341e-03,
        6.52040211e-06,
        -5.48797062e-09,
        1.77197817e-12,
        -3.02937267e04,
        -0.849032208,
    )

    def gibbs(a, T):
        return (
            a[0] * (1 - math.log(T))
            - sum(a[n] * T**n / (n * (n + 1)) for n in (1, 2, 3, 4))
            + a[5] / T
            - a[6]
        )

    M = 18.015268e-3  # kg/mol
    plain = {}
    for T in (273.16, 300.0, 350.0, 400.0, 450.0, 500.0, 550.0, 600.0):
        p, rho = iapws.iapws95_Psat(T), iapws.iapws92_rhog_sat(T)
        Z = p * M / (rho * GAS_CONSTANT * T)
        ln_phi = iapws.iapws95_Ar(647.096 / T, rho / 322.0) + Z - 1 - math.log(Z)
        compression = M / iapws.iapws92_rhol_sat(T) * (p - 1e5) / (GAS_CONSTANT * T)
        plain[T] = gibbs(liquid, T) - gibbs(gas, T) - math.log(p / 1e5)
        assert plain[T] == pytest.approx(ln_phi - compression, abs=2.5e-3)
    assert abs(plain[300.0]) < 1e-3 and plain[400.0] == pytest.approx(-0.028, abs=1e-3)
    assert plain[600.0] == pytest.approx(-0.366, abs=1e-3)


def test_every_law_has_a_source_a_range_and_says_what_it_does_outside():
    assert names(KIND) == ("Bower2022-Eq12", "WagnerPruss1993")
    for name in names(KIND):
        law = find(KIND, name)
        assert law.reference and law.ranges["T"] and law.outside and law.doc
