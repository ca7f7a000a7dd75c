"""Grey atmosphere and its alternatives: opacities, the start of case E1, and the grey profile."""

import numpy as np
import pytest
import sympy

from mocoupled.atmosphere.radiation import (
    effective_absorption,
    grey_pressure,
    grey_temperature,
    optical_depth,
)
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.closures.law import find
from mocoupled.closures.registry import names
from mocoupled.constants import BAR, STEFAN_BOLTZMANN_CONSTANT
from mocoupled.units import to_si

GRAVITY = 10.0
GREY = find("radiation", "AbeMatsui1985")


def absorption(species):
    """k0 [m2/kg] at 1 atm as the shipped mechanism has it."""
    return to_si(read_mechanism("volatiles").species[species].radiation["absorption"], "m^2/kg")


@pytest.mark.parametrize(
    "species, effective, per_bar",
    [
        ("H2O", 5.73563e-4, 8.60344),
        ("CO2", 5.73563e-5, 0.860344),
        ("H2", 4.05570e-5, 0.608355),
        ("CO", 1.81377e-5, 0.272065),
        ("CH4", 5.73563e-4, 8.60344),
    ],
)
def test_absorption_and_optical_depth_per_bar(species, effective, per_bar):
    """Eq. A22 of Abe & Matsui 1985 with the coefficients of Bower et al. 2022; six printed digits, half of
    the last."""
    k = effective_absorption(absorption(species), GRAVITY)
    assert k == pytest.approx(effective, rel=0.5e-5 / 1.8)
    assert optical_depth([BAR], [k], GRAVITY) == pytest.approx(per_bar, rel=0.5e-5 / 2.7)


def test_start_of_case_E1():
    """Optical depth 3.517325678 and flux 1101221.253 W/m2 that SPIDER prints for case E1 of Bower et al. 2022
    at t = 0.

    Tolerances: the pressures are given to 8 digits (1e-8), T to 9 digits (4e-8 in T^4).
    """
    k = [effective_absorption(absorption(s), GRAVITY) for s in ("H2O", "H2")]
    tau = optical_depth([0.37524496 * BAR, 0.474930911 * BAR], k, GRAVITY)
    assert tau == pytest.approx(3.517325678, rel=3e-8)
    assert 2 / (tau + 2) == pytest.approx(0.3625, abs=0.5e-4)
    assert GREY(optical_depth=tau, T=2705.52634, T_eq=273.0) == pytest.approx(1101221.253, rel=4e-8)


def test_absorption_goes_with_the_root_of_gravity():
    assert effective_absorption(1e-2, 40.0) == pytest.approx(2 * effective_absorption(1e-2, 10.0), rel=1e-14)


def test_symbols_and_arrays():
    """The same functions take sympy symbols and numpy arrays; d tau/dp is the constant 3k/(2g)."""
    p, q = sympy.symbols("p q", positive=True)
    assert float(sympy.diff(optical_depth([p, q], [2e-4, 5e-4], GRAVITY), p)) == pytest.approx(
        3e-5, rel=1e-14
    )
    pressures = np.array([[1.0, 2.0], [3.0, 5.0]]) * BAR
    np.testing.assert_allclose(optical_depth(pressures, [2e-4, 5e-4], GRAVITY), [25.5, 43.5], rtol=1e-14)


def test_species_without_absorption_is_refused():
    with pytest.raises(ValueError):
        optical_depth([BAR, BAR], [1e-4], GRAVITY)


@pytest.mark.parametrize("name", names("radiation"))
def test_one_expression_for_numbers_and_symbols(name):
    """Every law takes the same call, and its flux rises with the surface temperature."""
    constants = {"optical_depth": 3.5, "T_eq": 273.0, "emissivity": 0.2, "absorbed": 207.0}
    radiation = find("radiation", name)
    T = sympy.Symbol("T", positive=True)
    expression = radiation(T=T, outgoing=250.0 + 0.1 * T, **constants)
    assert expression.free_symbols == {T}
    for temperature in (1000.0, 2700.0):
        values = constants | {"T": temperature, "outgoing": 250.0 + 0.1 * temperature}
        number = float(radiation(**values))
        assert float(expression.subs(T, temperature)) == pytest.approx(number, rel=1e-13)
        assert radiation.evaluate(**values) == pytest.approx(number, rel=1e-13)
        assert sympy.diff(expression, T).subs(T, temperature) > 0


def test_limits_of_the_grey_atmosphere():
    """No atmosphere: a black body. Thick atmosphere: flux goes as 2/tau. Equilibrium: no flux."""
    blackbody = find("radiation", "blackbody")
    bare = blackbody(T=2000.0, T_eq=255.0)
    assert GREY(optical_depth=0.0, T=2000.0, T_eq=255.0) == pytest.approx(bare, rel=1e-15)
    assert GREY(optical_depth=2e8, T=2000.0, T_eq=255.0) == pytest.approx(1e-8 * bare, rel=2e-8)
    assert GREY(optical_depth=3.0, T=255.0, T_eq=255.0) == 0.0
    constant = find("radiation", "constant-emissivity")
    assert constant(emissivity=0.4, T=2000.0, T_eq=255.0) == pytest.approx(0.4 * bare, rel=1e-15)
    assert bare == pytest.approx(STEFAN_BOLTZMANN_CONSTANT * (2000.0**4 - 255.0**4), rel=1e-15)


def test_steam_atmosphere_of_zahnle_1988():
    """150 W/m2 at a cold surface, an exponent of 0.011 per K, and 36716 W/m2 at 2000 K (150 + 1.02e-5
    e^22)."""
    steam = find("radiation", "Zahnle1988-steam")
    assert float(steam(T=273.0)) == pytest.approx(150.0, abs=1e-3)
    assert float((steam(T=2100.0) - 150) / (steam(T=2000.0) - 150)) == pytest.approx(np.exp(1.1), rel=1e-12)
    assert float(steam(T=2000.0)) == pytest.approx(36716.0, abs=0.5)


def test_grey_profile_carries_the_flux():
    """Radiative equilibrium: sigma dT^4/dtau = F/2 at every depth, and the two-stream jump F/2 at the
    ground."""
    T_s, T_eq, depth = 1650.0, 273.0, 40.0
    flux = GREY(optical_depth=depth, T=T_s, T_eq=T_eq)
    tau = np.linspace(0.0, depth, 9)
    fourth = STEFAN_BOLTZMANN_CONSTANT * grey_temperature(tau, flux, T_eq) ** 4
    np.testing.assert_allclose(np.diff(fourth) / np.diff(tau), flux / 2, rtol=1e-11)
    assert STEFAN_BOLTZMANN_CONSTANT * T_s**4 - fourth[-1] == pytest.approx(flux / 2, rel=1e-11)
    assert fourth[0] - STEFAN_BOLTZMANN_CONSTANT * T_eq**4 == pytest.approx(flux / 2, rel=1e-11)


def test_pressure_of_the_profile_is_the_inverse_of_the_optical_depth():
    """At the optical depth of the ground the profile ends at the surface pressure, and is linear above."""
    pressures = np.array([80.0, 50.0, 3.0]) * BAR
    k = effective_absorption(np.array([1e-2, 5e-5, 1e-4]), GRAVITY)
    tau = optical_depth(pressures, k, GRAVITY)
    ratios = pressures / pressures.sum()
    assert grey_pressure(tau, ratios, k, GRAVITY) == pytest.approx(pressures.sum(), rel=1e-14)
    assert grey_pressure(tau / 4, ratios, k, GRAVITY) == pytest.approx(pressures.sum() / 4, rel=1e-14)
