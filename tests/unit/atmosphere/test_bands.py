"""Outgoing radiation by bands: laws of nature first, then published limits and the table of acceptance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.radiation import ACCEPTANCE, flux, gas, pressures, radiator

from mocoupled.atmosphere.bands.columns import Environment, Resolution
from mocoupled.constants import STEFAN_BOLTZMANN_CONSTANT as SIGMA

GASES = ("H2O", "CO2", "CO", "H2", "CH4", "N2", "NH3", "SO2")
MIXTURE = {"H2O": 30.0, "CO2": 100.0, "CO": 10.0, "H2": 1.0}


@pytest.mark.parametrize("T", [1000, 2000, 4000])
@pytest.mark.parametrize("name", GASES)
def test_no_gas_leaves_a_black_body(name, T):
    """At 1e-8 bar; the bands end at 0.307 and 250 um, which leaves out 1 % at 4000 K."""
    assert 0.985 < flux(T, {name: 1e-8}) / (SIGMA * T**4) < 1.0


@pytest.mark.parametrize("T", [200, 350, 500])
@pytest.mark.parametrize("bar", [{"N2": 3.0}, {"H2O": 1e-3, "CO2": 10.0}, MIXTURE])
def test_an_isothermal_column_is_a_black_body(bar, T):
    """Whatever it absorbs; beyond 250 um lies 0.2 % at 200 K. Rayleigh scattering of visible light takes 3e-5
    at 500 K."""
    expected = radiator(bar).planck(np.array([np.log(float(T))])).sum()
    assert expected == pytest.approx(SIGMA * T**4, rel=3e-3)
    assert flux(T, bar, Environment(stratosphere=float(T))) == pytest.approx(expected, rel=3e-5)


@settings(max_examples=150, deadline=None)
@given(
    st.floats(250, 4500),
    st.lists(st.floats(-6, 3.8), min_size=8, max_size=8),
    st.floats(2, 40),
    st.floats(0.4, 1.0),
)
def test_flux_lies_between_nothing_and_a_black_body(T, log_bar, gravity, cold):
    bar = {name: 10.0**value for name, value in zip(GASES, log_bar)}
    around = Environment(gravity, min(max(100.0, cold * 250.0), 450.0))
    assert 0.0 < flux(T, bar, around) < SIGMA * T**4


def test_limit_of_steam_is_flat_and_as_published():
    """276 to 294 W/m2 in Goldblatt et al. 2013, Hamano et al. 2015, Kopparapu et al. 2013 and Selsis et al.
    2023, between 400 and 1400 K."""
    fine = Environment(resolution=Resolution(28, 20))
    fluxes = [flux(T, {"H2O": 270.0}, fine) for T in (400, 500, 800, 1100, 1400)]
    assert max(fluxes) < 294.0
    assert min(fluxes) > 276.0
    assert flux(1200, {"H2O": 1000.0}) == pytest.approx(flux(1200, {"H2O": 270.0}), rel=0.02)


def test_limit_of_steam_rises_with_gravity():
    """As g^0.11: heavier columns are emptier above the same pressure. From 3.7 to 30 m/s2 by 1.25."""
    fluxes = [flux(1200, {"H2O": 270.0}, Environment(g)) for g in (3.7, 5.0, 9.81, 15.0, 20.0, 30.0)]
    assert fluxes == sorted(fluxes)
    assert fluxes[0] == pytest.approx(261.0, abs=0.5)
    assert fluxes[-1] == pytest.approx(328.0, abs=0.5)
    slope = np.log(fluxes[-1] / fluxes[0]) / np.log(30.0 / 3.7)
    assert slope == pytest.approx(0.11, abs=0.005)


def test_hydrogen_closes_and_carbon_dioxide_opens_the_window():
    """CO2 dilutes the water aloft, so that more escapes; H2 absorbs where water does not."""
    alone = flux(1800, {"H2O": 100.0})
    assert flux(1800, {"H2O": 100.0, "H2": 100.0}) < 0.65 * alone
    assert flux(1500, {"H2O": 100.0, "CO2": 300.0}) > 1.4 * flux(1500, {"H2O": 100.0, "CO2": 1.0})


def test_water_above_saturation_is_an_ocean():
    """Below 640 K more water changes nothing: the flux and every derivative are the same."""
    at = radiator(("H2O", "N2"))
    little, much = (at.emission(400.0, pressures({"H2O": p, "N2": 1.0})) for p in (5.0, 200.0))
    assert much.flux.total == little.flux.total
    assert at.gradient(much).by_ln_p[0] == 0.0
    assert at.gradient(much).by_T == at.gradient(little).by_T


def test_more_opacity_lets_less_out():
    fluxes = [flux(2000, MIXTURE, factor=factor) for factor in (0.5, 1.0, 2.0)]
    assert fluxes[0] > fluxes[1] > fluxes[2]
    # all of the absorption, not only of some gas: a factor on it is one on all amounts where nothing else is
    twice = {name: 2e-4 * p for name, p in MIXTURE.items()}
    thin = {name: 1e-4 * p for name, p in MIXTURE.items()}
    assert flux(2000, thin, factor=2.0) == pytest.approx(flux(2000, twice), rel=0.02)


def test_order_and_traces_of_gases_do_not_matter():
    turned = dict(reversed(MIXTURE.items()))
    assert flux(1700, turned) == pytest.approx(flux(1700, MIXTURE), rel=1e-12)
    assert flux(1700, MIXTURE | {"CH4": 1e-13, "N2": 1e-13}) == pytest.approx(flux(1700, MIXTURE), rel=1e-9)
    assert flux(1700, {"CO2": 100.0, "H2O": 1e-12}) == pytest.approx(flux(1700, {"CO2": 100.0}), rel=1e-9)


def test_levels_converge():
    """The note of the closure has steam of 270 bar at 1200 K: 290.3, 285.5, 284.1 W/m2 for 14+10, 28+20 and
    80+60 intervals."""
    fluxes = [
        flux(1200, {"H2O": 270.0}, Environment(resolution=Resolution(*levels)))
        for levels in ((14, 10), (28, 20), (80, 60))
    ]
    assert fluxes == pytest.approx([290.3, 285.5, 284.1], abs=0.1)


@pytest.mark.parametrize("T, bar, expected, slopes", ACCEPTANCE)
def test_acceptance(T, bar, expected, slopes):
    """Flux to 1e-3, logarithmic derivatives to 1e-3 (of those above 1: relative)."""
    at = radiator(bar)
    emission = at.emission(float(T), pressures(bar))
    gradient = at.gradient(emission)
    assert emission.flux.total == pytest.approx(expected, rel=1e-3)
    ours = np.array([T * gradient.by_T, *gradient.by_ln_p]) / emission.flux.total
    assert np.abs(ours - slopes).max() < 1e-3 * max(1.0, np.abs(slopes).max())


@pytest.mark.parametrize(
    "name, fluxes, tolerance",
    [
        ("CO2", (1566, 13090, 65028, 232203, 609666), 1e-3),
        ("CO", (27058, 1.490e5, 4.41e5, 9.67e5, 1.849e6), 2e-3),
        ("H2", (199, 1288, 5145, 16863, 55742), 3e-3),
        ("CH4", (1343, 4347, 12039, 33551, 88680), 1e-3),
    ],
)
def test_pure_gases(name, fluxes, tolerance):
    """100 bar at 1000 to 3000 K, from the same independent program; rounded where the tolerance is larger."""
    ours = [flux(T, {name: 100.0}) for T in (1000, 1500, 2000, 2500, 3000)]
    assert ours == pytest.approx(fluxes, rel=tolerance)


def test_pressure_hydrostatic_and_composition_of_the_column():
    """Pressure falls, mole fractions sum to 1, the amounts of all layers weigh the surface pressure."""
    bar = {"H2O": 100.0, "CO2": 20.0, "N2": 1.0}
    column = radiator(bar).emission(1500.0, pressures(bar)).column
    p = np.exp(column.ln_p[0])
    assert (np.diff(p) < 0).all()
    assert column.mixing[0].sum(axis=0) == pytest.approx(np.ones(25), rel=1e-9)
    masses = np.array([gas(name).molar_mass for name in bar])
    weight = (masses @ column.amounts[0]).sum() * 1e4 / 6.02214076e23 * 9.81
    assert weight == pytest.approx(p[0], rel=1e-9)
    assert column.condensation == pytest.approx(1000.0 * np.exp(column.x[0, 14]), rel=1e-9)


def test_moist_adiabat_obeys_its_differential_equation():
    """d ln p_d - d(beta r) = (c_d + c_liquid r) d ln T on a fine grid, by differences."""
    bar = {"H2O": 3.0, "N2": 30.0}
    around = Environment(resolution=Resolution(14, 400))
    at = radiator(bar, around)
    column = at.emission(900.0, pressures(bar)).column
    x, p = column.x[0, 14:], np.exp(column.ln_p[0, 14:])
    wet = p * column.mixing[0, 0, 14:]
    beta = np.gradient(np.log(wet), x)
    r, dry = wet / (p - wet), p - wet
    left = np.gradient(np.log(dry) - beta * r, x)
    right = gas("N2").heat_capacity[0] + 9.06 * r
    assert left[5:-5] == pytest.approx(right[5:-5], rel=2e-3)


@pytest.mark.parametrize("bar", [{"N2": 1.0, "CO2": 1.0}, {"CO": 10.0}, {"N2": 1.0, "CH4": 0.1}])
def test_a_colder_stratosphere_hides_no_hot_surface(bar):
    """The cross-sections of pairs of N2 are not extrapolated below 200 K, where their fit turns up: at 150 K
    it would take a band, 16 % of the flux."""
    fluxes = [flux(1500, bar, Environment(stratosphere=T)) for T in (120.0, 150.0, 175.0, 200.0)]
    assert np.ptp(fluxes) < 0.02 * fluxes[-1]
