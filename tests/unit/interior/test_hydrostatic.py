"""Planets in hydrostatic balance: the polytrope, published materials, Earth, and what no planet can be."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from mocoupled.constants import EARTH_MASS, GRAVITATIONAL_CONSTANT
from mocoupled.errors import InputError
from mocoupled.interior.adams_williamson import AdamsWilliamson
from mocoupled.interior.compression import material
from mocoupled.interior.hydrostatic import HydrostaticPlanet, solve
from mocoupled.interior.hydrostatic_structure import HydrostaticStructure
from mocoupled.interior.static_structure import core_mass, gravity_of_masses, structure

MASS, RADIUS = 5.972e24, 6.371e6  # kg, m: the units of the table
CORE, MANTLE = material("iron-Seager2007"), material("MgSiO3-Seager2007")
# mass, radius, core radius, central and base pressure [GPa], gravity [m/s2]: cores of 0.325 of
# the mass at 300 K (Seager et al. 2007), integrated by another program at 1e-9
TABLE = [
    (0.5, 0.77570, 0.43433, 220.4, 86.1, 8.160),
    (1, 0.95959, 0.53280, 390.9, 150.6, 10.664),
    (2, 1.18026, 0.64827, 717.0, 271.5, 14.099),
    (5, 1.53270, 0.82571, 1717.9, 631.7, 20.901),
    (10, 1.84332, 0.97370, 3584.0, 1281.6, 28.901),
]
IRON_RICH_RADII = (0.76956, 0.95245, 1.17216, 1.52351, 1.83356)  # with (Mg,Fe)SiO3 in place of MgSiO3
EARTH = HydrostaticStructure(
    HydrostaticPlanet(EARTH_MASS, 0.325, material("iron-alloy"), material("peridotite"))
)


class Polytrope:
    """P = K rho^2, with the interface of a material."""

    K = 3.0e5
    name = "polytrope"

    def density(self, P):
        """Density [kg/m3]; P [Pa]."""
        return math.sqrt(P / self.K) if P > 0 else 0.0

    def outward(self, P):
        """It is one law to the surface."""
        return ((self, 0.0),)


@pytest.mark.parametrize("mass", [1e24, 3e25])
def test_polytrope(mass):
    """R = pi sqrt(K/(2 pi G)) whatever the mass (Lane-Emden, n = 1): to 1e-8, with P_c = K rho_c^2."""
    layers = solve(HydrostaticPlanet(mass, 0.0, Polytrope(), Polytrope()))
    R = math.pi * math.sqrt(Polytrope.K / (2 * math.pi * GRAVITATIONAL_CONSTANT))
    assert layers.radius == pytest.approx(R, rel=1e-8)
    assert layers.mass == pytest.approx(mass, rel=1e-9)
    central_density = math.pi * mass / (4 * R**3)
    assert layers.central_pressure == pytest.approx(Polytrope.K * central_density**2, rel=1e-8)


@pytest.mark.parametrize(("row", "iron_rich"), list(zip(TABLE, IRON_RICH_RADII, strict=True)))
def test_masses_and_radii(row, iron_rich):
    """To 1e-4, and to half of the last digit."""
    mass, radius, core, centre, base, gravity = row
    made = HydrostaticStructure(HydrostaticPlanet(mass * MASS, 0.325, CORE, MANTLE))
    assert made.radius / RADIUS == pytest.approx(radius, abs=0.51e-5)
    assert made.core_radius / RADIUS == pytest.approx(core, abs=0.51e-5)
    assert made.central_pressure / 1e9 == pytest.approx(centre, abs=0.051)
    assert made.core_mantle_pressure / 1e9 == pytest.approx(base, abs=0.051)
    assert made.gravity == pytest.approx(gravity, abs=0.51e-3)
    rich = solve(HydrostaticPlanet(mass * MASS, 0.325, CORE, material("MgFeSiO3-Seager2007")))
    assert rich.radius / RADIUS == pytest.approx(iron_rich, abs=0.51e-5)


def test_earth():
    """Radius 1, 135.8 GPa at the core and 364 GPa at the centre (PREM): 1 % and 5 %.

    The mantle of the structure has neither iron nor a transition zone; these were not fitted.
    """
    assert EARTH.radius == pytest.approx(6.371e6, rel=0.01)
    assert EARTH.core_radius == pytest.approx(3.48e6, rel=0.03)
    assert EARTH.core_mantle_pressure == pytest.approx(135.8e9, rel=0.05)
    assert EARTH.central_pressure == pytest.approx(364e9, rel=0.05)
    assert EARTH.gravity == pytest.approx(9.82, rel=0.01)


def test_hydrostatic_balance():
    """dP/dr = -g rho and dm/dr = 4 pi r^2 rho, by central differences over 2 km; g from the mass below.

    The difference errs by 1e-8; where the density jumps (24 GPa) it is no derivative.
    """
    r = np.linspace(EARTH.core_radius + 5e3, EARTH.radius - 5e3, 40)
    r = r[np.abs(EARTH.pressure(r) / 24e9 - 1) > 0.02]
    slope = (EARTH.pressure(r + 1e3) - EARTH.pressure(r - 1e3)) / 2e3
    np.testing.assert_allclose(slope, -EARTH.gravity_at(r) * EARTH.density(r), rtol=1e-6)
    grown = EARTH.mass_between(r - 1e3, r + 1e3) / 2e3
    np.testing.assert_allclose(grown, 4 * np.pi * r**2 * EARTH.density(r), rtol=1e-6)
    below = EARTH.core_mass + EARTH.mass_between(EARTH.core_radius, r)
    np.testing.assert_allclose(EARTH.gravity_at(r), GRAVITATIONAL_CONSTANT * below / r**2, rtol=1e-9)
    assert EARTH.gravity_at(EARTH.core_radius) > 1.08 * EARTH.gravity


def test_masses_of_the_mantle():
    """Mass and shells add up to the planet less its core: 1e-9; linear functions of r are exact."""
    total = float(EARTH.mass_between(EARTH.core_radius, EARTH.radius))
    assert total == pytest.approx(EARTH.mantle_mass, rel=1e-9)
    assert EARTH.mantle_mass + EARTH.core_mass == pytest.approx(EARTH_MASS, rel=1e-14)
    radii, pressures, masses = EARTH.shells(7)
    assert masses.sum() == pytest.approx(EARTH.mantle_mass, rel=1e-9)
    many, _, finer = EARTH.shells(700)
    assert masses @ radii == pytest.approx(finer @ many, rel=1e-9)
    assert (np.diff(pressures) > 0).all()


def test_gravity_of_adams_williamson_is_the_same_everywhere():
    """It is the constant of the record, at every depth and in the form of the radii."""
    mantle = AdamsWilliamson(4000.0, 0.0, 6e6, 3e6, 9.0)
    assert (mantle.gravity_at(np.array([3e6, 5e6, 6e6])) == 9.0).all()


def keys(**changes):
    """The keys of a planet by its mass."""
    by_mass = dict.fromkeys(
        (
            "core_mass_fraction",
            "radius",
            "gravity",
            "core_radius_fraction",
            "surface_density",
            "compressibility",
        )
    )
    by_mass |= {"core_density": None, "core_material": "iron-alloy", "mantle_material": "peridotite"}
    return SimpleNamespace(**{**by_mass, "mass": EARTH_MASS, **changes})


def test_core_of_a_radius():
    """Mass and radius give back the share of the core that they come from, to 1e-7."""
    made = structure(keys(core_mass_fraction=0.2))
    again = structure(keys(radius=made.radius))
    assert again.planet.core_mass_fraction == pytest.approx(0.2, abs=1e-7)
    assert core_mass(keys(core_mass_fraction=0.2)) == pytest.approx(0.2 * EARTH_MASS)
    assert gravity_of_masses(keys(core_mass_fraction=0.2)) == pytest.approx(made.gravity)
    assert structure(keys()).planet.core_mass_fraction == 0.325


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"radius": 1.3e7}, "no composition gives them: the planet would be lighter than rock"),
        ({"radius": 3e6}, "no composition gives them: the planet would be denser than a planet of iron"),
        ({"radius": 6.6e6, "core_mass_fraction": 0.325}, "they disagree"),
        ({"core_material": "cheese"}, r"core_material = 'cheese': no material has this name"),
        ({"core_mass_fraction": 0.9999}, "from 0.001 to 0.999"),
    ],
)
def test_planets_that_cannot_be(changes, words):
    """Each says what is wrong before anything else is computed."""
    with pytest.raises(InputError, match=words):
        structure(keys(**changes))


@pytest.mark.parametrize(("mass", "share"), [(-1.0, 0.3), (math.nan, 0.3), (1e24, 1.0), (1e24, -0.1)])
def test_records_refuse_nonsense(mass, share):
    """A negative mass, NaN, and a core that is the whole planet."""
    with pytest.raises(InputError):
        HydrostaticPlanet(mass, share, CORE, MANTLE)
