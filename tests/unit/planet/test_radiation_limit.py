"""What a planet absorbs and emits when it solidifies, before any run."""

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.constants import YEAR
from mocoupled.planet.assembly import assemble
from mocoupled.planet.light_of_star import insolation_between
from mocoupled.planet.radiation_limit import (
    SolidifyingPlanet,
    absorbed_until_end,
    announcement,
    solidifying,
)

BANDS = {"mantle.model": "lumped", "atmosphere.radiation": "bands"}


def planet(name, **changes):
    return assemble(mo.Case.read(name).replace(BANDS | {k.replace("__", "."): v for k, v in changes.items()}))


def fluxes(built):
    return solidifying(built.case, built.structure, built.chemistry)


def sentence(built):
    return announcement(built.case, built.structure, built.chemistry)


def test_gas_at_the_oxygen_fugacity():
    """IW+0.5 and IW-2 at 1650 K: the ratios of an equilibrium; all hydrogen and carbon in the gas."""
    for offset, name in ((0.5, "IW+0.5"), (-2.0, "IW-2")):
        built = planet("earth", redox__oxygen_fugacity=name)
        gas = fluxes(built).gas
        state = mo.equilibrium(built.case, temperature=1650.0, melt_fraction=0.0)
        p = {str(s): float(state.pressure.sel(species=s)) for s in state.species.values}
        assert gas["H2"] / gas["H2O"] == pytest.approx(p["H2"] / p["H2O"], rel=1e-6), offset
        assert gas["CO"] / gas["CO2"] == pytest.approx(p["CO"] / p["CO2"], rel=1e-6), offset
        hydrogen, carbon = 2 * (gas["H2"] + gas["H2O"]), gas["CO"] + gas["CO2"]
        assert carbon / hydrogen == pytest.approx(1.008 / 12.011, rel=1e-4)
        assert sum(gas.values()) == pytest.approx(1.0)


def test_a_reduced_planet_at_its_limit():
    """H2 closes the windows: the Earth at IW-2 emits about what it absorbs, with a budget it is oxidised."""
    reduced = planet("earth", redox__oxygen_fugacity="IW-2")
    assert "H2 0.78" in sentence(reduced) and "do not resolve" in sentence(reduced)
    budget = planet("earth", redox__oxygen_fugacity="none", redox__oxygen="5e21 kg")
    assert (
        set(fluxes(budget).gas) == {"H2O", "CO2"} and fluxes(budget).emitted > 1.2 * fluxes(reduced).emitted
    )


def test_venus_and_earth():
    """3 oceans at IW+4: 281 W/m2 (the limit at 8.87 m/s2); Venus absorbs 397, the Earth 207."""
    venus, earth = planet("chili-venus"), planet("chili-earth")
    assert fluxes(venus).emitted == pytest.approx(281.0, abs=1.0)
    assert "absorbs 396.7 W/m2" in sentence(venus) and "emits 280.7 W/m2" in sentence(venus)
    assert sentence(earth) == "" and not fluxes(earth).stalls
    assert fluxes(earth).absorbed == pytest.approx(207.4, abs=0.1)


def test_the_outermost_planet_of_trappist_1():
    """It receives 0.144 of the Earth's light today (Agol et al. 2021), but waits for its star too.

    The track of Baraffe et al. 2015 is 6.4 times as bright at 50 Myr as at 7 Gyr. With an albedo of 0.1 that
    makes 283 W/m2 (3 % for mass, age and luminosity of the star), above the limit of its reduced gas.
    """
    built = planet("trappist-1h")
    assert fluxes(built).absorbed == pytest.approx(0.144 * 6.4 * 0.9 * 1361.0 / 4.0, rel=0.03)
    assert fluxes(built).stalls and "it does not solidify" in sentence(built)


def test_a_planet_at_its_limit():
    """Within 4 % of the limit neither is claimed."""
    emitted = fluxes(planet("chili-earth")).emitted
    near = planet("chili-earth", star__luminosity=3.828e26 * 1.01 * emitted / (0.9 * 1361.17 / 4))
    assert "do not resolve" in sentence(near)
    for absorbed, close in ((103.99, True), (104.01, False), (96.01, True), (95.99, False)):
        assert SolidifyingPlanet(absorbed, 100.0, 1650.0).is_close == close


def test_gases_that_the_sentence_names():
    """Those of 1 % or more, the main one first."""
    words = SolidifyingPlanet(300.0, 280.0, 1650.0, {"CO": 0.0099, "CO2": 0.0101, "H2O": 0.98}).sentence
    assert "(H2O 0.98, CO2 0.01)" in words


def test_a_planet_without_hydrogen_has_no_limit():
    """Carbon dioxide alone lets 1 kW/m2 and more out of a surface at 1650 K."""
    dry = planet("chili-venus", volatiles__hydrogen="1e-9 ocean")
    assert fluxes(dry).emitted > 1000.0 and sentence(dry) == ""


def test_a_law_of_the_albedo_counts():
    """Cold clouds over a surface at 1650 K reflect half of the light."""
    cloudy = fluxes(planet("chili-venus", atmosphere__albedo="clouds-Pluriel2019"))
    assert cloudy.absorbed == pytest.approx(fluxes(planet("chili-venus")).absorbed * 0.53 / 0.9, rel=0.02)


def test_the_least_that_is_absorbed():
    """A star that fades: the flux at its end time; one that brightens: the flux of now."""
    fading = mo.Case.read("chili-trappist1e").replace(BANDS)
    times, light = insolation_between(fading)
    assert times[0] == 0.0 and times[-1] == 7.55e9 * YEAR and np.all(np.diff(times) > 0.0)
    assert absorbed_until_end(fading, 0.0, 1271.0)[0] == pytest.approx(0.9 * light.min(), rel=1e-3)
    sun = mo.Case.read("chili-venus").replace(BANDS)
    least, most = absorbed_until_end(sun, 1e6 * YEAR, 400.0)
    assert least == pytest.approx(400.0, rel=1e-3) and most > 1.02 * least
