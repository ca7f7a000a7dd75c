"""What a planet absorbs and emits when it solidifies, before any run."""

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.constants import YEAR
from mocoupled.planet.assembly import assemble
from mocoupled.planet.light_of_star import insolation_between
from mocoupled.planet.radiation_limit import (
    OXIDISED,
    SolidifyingPlanet,
    announcement,
    least_absorbed,
    solidifying,
)

BANDS = {"mantle.model": "lumped", "atmosphere.radiation": "bands"}


def planet(name, **changes):
    return assemble(mo.Case.read(name).replace(BANDS | {k.replace("__", "."): v for k, v in changes.items()}))


def fluxes(built):
    return solidifying(built.case, built.structure, built.chemistry)


def sentence(built):
    return announcement(built.case, built.structure, built.chemistry)


def test_masses_of_oxidised_gases():
    """Mass of each gas over that of its element, by atomic weights."""
    weights = {"H": 1.008, "C": 12.011, "N": 14.007, "S": 32.06}
    atoms = {"H": (2, 1), "C": (1, 2), "N": (2, 0), "S": (1, 2)}  # of the element, and of oxygen
    assert list(OXIDISED) == list(atoms)
    for element, (_, ratio) in OXIDISED.items():
        count, oxygen = atoms[element]
        assert ratio == pytest.approx(1.0 + oxygen * 15.999 / (count * weights[element]), rel=5e-4), element


def test_venus_and_earth():
    """3 oceans: 281 W/m2 (the limit at 8.87 m/s2); Venus absorbs 397, the Earth 207."""
    venus, earth = planet("chili-venus"), planet("chili-earth")
    assert fluxes(venus).emitted == pytest.approx(281.0, abs=1.0)
    assert "absorbs 396.7 W/m2" in sentence(venus) and "emits 281.1 W/m2" in sentence(venus)
    assert sentence(earth) == "" and not fluxes(earth).stalls
    assert fluxes(earth).absorbed == pytest.approx(207.4, abs=0.1)


def test_a_planet_at_its_limit():
    """Within 4 % of the limit neither is claimed."""
    emitted = fluxes(planet("chili-earth")).emitted
    near = planet("chili-earth", star__luminosity=3.828e26 * 1.01 * emitted / (0.9 * 1361.17 / 4))
    assert "do not resolve" in sentence(near)
    assert SolidifyingPlanet(103.9, 100.0, 1650.0).is_close
    assert not SolidifyingPlanet(104.1, 100.0, 1650.0).is_close


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
    assert least_absorbed(fading, 0.0, 1271.0) == pytest.approx(0.9 * light.min(), rel=1e-3)
    sun = mo.Case.read("chili-venus").replace(BANDS)
    assert least_absorbed(sun, 1e6 * YEAR, 400.0) == pytest.approx(400.0, rel=1e-3)
