"""Heat of the lumped mantle and its core: what a hotter or larger core adds, and latent heat."""

import numpy as np

from mocoupled.closures.law import find
from mocoupled.interior.adams_williamson import AdamsWilliamson
from mocoupled.interior.silicate_eos import melt_phase, solid_phase
from mocoupled.reservoirs.mantle import Core, Silicate, isentropes

EARTH = AdamsWilliamson(4078.95095544, 1.1115348931e-7, 6.371e6, 3.50405e6, 10.0)
MASS, CAPACITY, RATIO = 1.9e24, 880.0, 1.147


def tabulated(core):
    solidus, liquidus = (find(kind, "Andrault2011-Hamano2013").function for kind in ("solidus", "liquidus"))
    melt, solid = melt_phase("RTpress-WolfBower2018"), solid_phase("perovskite-Mosenfelder2009")
    return isentropes(EARTH, core, Silicate(melt, solid, solidus, liquidus), shells=20, points=200)


def test_the_core_adds_its_mass_times_capacity_times_mean_temperature():
    """Its mean temperature is RATIO times that of its boundary with the mantle."""
    without, with_core = tabulated(Core(0.0, CAPACITY, RATIO)), tabulated(Core(MASS, CAPACITY, RATIO))
    mean = RATIO * (with_core.core_mantle_temperature - with_core.core_mantle_temperature[0])
    np.testing.assert_allclose(with_core.heat - without.heat, MASS * CAPACITY * mean, rtol=1e-9, atol=1e17)


def test_heat_is_the_integral_of_temperature_over_entropy_and_mass():
    """T dS of every kilogram, T between those of the surface and of the base."""
    table = tabulated(Core(0.0, CAPACITY, RATIO))
    gained = np.diff(table.heat) / (np.diff(table.entropy) * EARTH.mantle_mass)
    coldest, hottest = table.potential_temperature, table.core_mantle_temperature
    assert (gained > coldest[:-1]).all() and (gained < hottest[1:]).all()
