"""The size of a planet in a case: by mass or by radius and gravity, and which way counts after a change."""

import pytest

from mocoupled.case import Case
from mocoupled.constants import EARTH_MASS, EARTH_RADIUS, JUPITER_RADIUS
from mocoupled.errors import InputError
from mocoupled.interior.adams_williamson import AdamsWilliamson
from mocoupled.interior.static_structure import structure
from mocoupled.units import to_si

EARTH = Case.read("earth")
HEAVY = EARTH.replace({"planet.mass": "3 M_earth"})


def test_mass_takes_the_place_of_the_profile():
    """Radius, gravity and densities follow from the mass; the case is read back as it was written."""
    planet = HEAVY.planet
    assert planet.mass == 3 * EARTH_MASS
    assert planet.radius is planet.gravity is planet.core_density is planet.compressibility is None
    assert structure(planet).core_mass == pytest.approx(0.325 * planet.mass)
    assert Case.parse(HEAVY.to_toml()) == HEAVY
    assert "planet.mass = 3 M_earth" in HEAVY.title


def test_the_way_named_last_counts():
    """Gravity after mass is a planet by radius again, as the case was; mass after radius drops the radius.

    A radius after mass stays beside it, and sets the share of the core.
    """
    back = HEAVY.replace({"planet.gravity": 10})
    assert back.planet == EARTH.planet
    assert isinstance(structure(back.planet), AdamsWilliamson)
    sized = EARTH.replace({"planet.mass": "1 M_earth", "planet.radius": "6371 km"})
    assert sized.planet.radius == 6.371e6
    assert 0.2 < structure(sized.planet).planet.core_mass_fraction < 0.4
    venus = Case.read("venus")
    again = venus.replace({"planet.radius": "6051.8 km"})
    assert again.planet.mass == venus.planet.mass and again.planet.gravity is None
    assert structure(again.planet).radius == pytest.approx(6.0518e6)
    assert HEAVY.replace({"planet.radius": "8590 km"}).planet.core_mass_fraction is None
    heavier = sized.replace({"planet.mass": "2 M_earth"})
    assert heavier.planet.radius is None
    cored = HEAVY.replace({"planet.core_mass_fraction": 0.2})
    assert (cored.planet.mass, cored.planet.core_mass_fraction) == (HEAVY.planet.mass, 0.2)
    assert cored.replace({"planet.mass": "2 M_earth"}).planet.core_mass_fraction == 0.2


def test_a_file_states_one_way():
    """mass alone, mass with core, mass with radius; other keys keep their defaults."""
    for size in ('mass = "1 Mearth"', 'mass = "1 Mearth"\ncore_mass_fraction = 0.3', 'mass = "1 Mearth"'):
        case = Case.parse(f'[planet]\n{size}\nequilibrium_temperature = "300 K"')
        assert case.planet.gravity is None
        assert case.planet.mass == EARTH_MASS


def test_members_change_the_way(tmp_path):
    """A member by mass of a file by radius."""
    path = tmp_path / "planets.toml"
    path.write_text(
        '[planet]\nradius = "6371 km"\ngravity = 9.8\n[members]\n'
        'small = {}\nlarge = {planet.mass = "5 M_earth"}\n'
    )
    assert Case.read(f"{path}:small").planet.gravity == 9.8
    large = Case.read(f"{path}:large").planet
    assert (large.mass, large.radius, large.gravity) == (5 * EARTH_MASS, None, None)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"planet.mass": "1 M_earth", "planet.gravity": 9.8}, "stated twice: by mass and by gravity"),
        ({"planet.mass": "1 M_earth", "planet.core_density": 1e4, "planet.radius": 6e6}, "core_density"),
        ({"planet.core_mass_fraction": 0.3}, "no mass of the planet of which this would be a share"),
        (
            {"planet.mass": "1 M_earth", "planet.core_mass_fraction": 1.2},
            "as heavy as its planet",
        ),
        ({"planet.radius": "none"}, "needs its radius, gravity and densities"),
        ({"planet.mass": "1 K"}, "'K' is a unit of temperature"),
    ],
)
def test_two_ways_in_one_call(changes, words):
    """Refused at the door, with the key."""
    with pytest.raises(InputError, match=words):
        EARTH.replace(changes)


def test_two_ways_in_one_file():
    """As in a call."""
    with pytest.raises(InputError, match="stated twice: by mass and by gravity, surface_density"):
        Case.parse('[planet]\nmass = "1 M_earth"\ngravity = 9.8\nsurface_density = 4000')


def test_a_core_heavier_than_its_planet():
    """Of a planet by radius and gravity: gravity gives the mass."""
    light = EARTH.replace({"planet.gravity": 0.5})
    with pytest.raises(InputError, match="the core weighs 1.935e\\+24 kg, more than its planet"):
        structure(light.planet)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("2 M_earth", "kg", 2 * EARTH_MASS),
        ("2 Mearth", "kg", 2 * EARTH_MASS),
        ("2 M_Earth", "kg", 2 * EARTH_MASS),
        ("2 M⊕", "kg", 2 * EARTH_MASS),
        ("1.5 R_earth", "m", 1.5 * EARTH_RADIUS),
        ("1.5 Rearth", "m", 1.5 * EARTH_RADIUS),
        ("0.1 R_jup", "m", 0.1 * JUPITER_RADIUS),
        ("0.1 Rjup", "m", 0.1 * JUPITER_RADIUS),
        ("0.1 R_Jup", "m", 0.1 * JUPITER_RADIUS),
    ],
)
def test_units_of_planets(text, unit, value):
    """As people and tables spell them."""
    assert to_si(text, unit) == pytest.approx(value, rel=1e-15)
