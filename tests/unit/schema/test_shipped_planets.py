"""The shipped planets: listed first, each with its mass, and Mercury's core from its radius."""

import pytest

from mocoupled.case import Case, shipped_cases
from mocoupled.constants import ASTRONOMICAL_UNIT
from mocoupled.interior.static_structure import structure
from mocoupled.schema.case_file import PLANETS


def test_planets_stand_first():
    """In the order of PLANETS, then all others."""
    assert tuple(shipped_cases())[: len(PLANETS)] == PLANETS


@pytest.mark.parametrize("name", [name for name in PLANETS if name not in ("earth", "mars")])
def test_planets_have_a_mass(name):
    """With a radius or a share of the core, an orbit and a star, whose light the bands absorb."""
    case = Case.read(name)
    planet = case.planet
    assert planet.mass is not None
    assert (planet.radius is None) != (planet.core_mass_fraction is None)
    assert case.atmosphere.radiation == "bands" and planet.equilibrium_temperature is None
    assert name == "moon" or planet.orbit != ASTRONOMICAL_UNIT


def test_core_of_mercury():
    """0.6 to 0.8 of the mass by its radius (Hauck et al. 2013: 0.74 with its light elements)."""
    inside = structure(Case.read("mercury").planet)
    assert inside.radius == pytest.approx(2439.4e3, rel=1e-6)
    assert 0.6 < inside.planet.core_mass_fraction < 0.8
    assert inside.gravity == pytest.approx(3.70, abs=0.01)
