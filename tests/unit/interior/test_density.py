"""Adams-Williamson mantle: mass and pressure of the Earth, shells, and the uniform planet."""

import math

import numpy as np
import pytest

from mocoupled.errors import InputError
from mocoupled.interior.adams_williamson import AdamsWilliamson

RADIUS = 6_371_000.0
EARTH = AdamsWilliamson(4078.95095544, 1.1115348931e-7, RADIUS, 0.55 * RADIUS, 10.0)
UNIFORM = AdamsWilliamson(4000.0, 0.0, RADIUS, 0.55 * RADIUS, 10.0)


def test_mass_of_the_mantle():
    """4.208261222595e24 kg: an independent program's constant (CALLIOPE) and SPIDER's geometry; 13 digits,
    half."""
    assert abs(EARTH.mantle_mass - 4.208261222595e24) <= 0.5e12


def test_pressure_at_the_core():
    """137.722 GPa (Bower et al. 2022, SPIDER's reaction.opts), half of the last digit."""
    assert abs(EARTH.core_mantle_pressure - 137.722e9) <= 0.5e6
    assert EARTH.pressure(RADIUS) == 0.0


def _by_hand(planet, r):
    """Antiderivative of r^2 density, in closed form (useful only while b r is not small)."""
    b = planet.compressibility
    return -planet.density(r) * (r**2 / b + 2 * r / b**2 + 2 / b**3)


def test_mass_against_the_antiderivative():
    """b r = 0.7, so the closed form loses two digits: 1e-12."""
    r1, r2 = 4.0e6, 6.2e6
    expected = 4 * math.pi * (_by_hand(EARTH, r2) - _by_hand(EARTH, r1))
    assert EARTH.mass_between(r1, r2) == pytest.approx(expected, rel=1e-12)
    assert EARTH.mass_between(r2, r1) == pytest.approx(-expected, rel=1e-12)
    assert EARTH.mass_between(r1, r1) == 0.0


def test_hydrostatic_equilibrium():
    """dP/dr = -g density, by central differences over 200 m (truncation 1e-12, rounding 1e-10)."""
    r = np.linspace(EARTH.core_radius + 1e3, RADIUS - 1e3, 20)
    slope = (EARTH.pressure(r + 100.0) - EARTH.pressure(r - 100.0)) / 200.0
    np.testing.assert_allclose(slope, -EARTH.gravity * EARTH.density(r), rtol=1e-8)


def test_compressibility_of_the_fit():
    """b = density g/K_S with K_S the Adams-Williamson bulk modulus: dlog(density)/dP = b/(density g)."""
    r = np.array([4e6, 5e6, 6e6])
    h = 1e3
    change = np.log(EARTH.density(r + h) / EARTH.density(r - h)) / (
        EARTH.pressure(r + h) - EARTH.pressure(r - h)
    )
    np.testing.assert_allclose(change, EARTH.compressibility / (EARTH.density(r) * EARTH.gravity), rtol=1e-6)


@pytest.mark.parametrize("planet", [EARTH, UNIFORM], ids=["earth", "uniform"])
@pytest.mark.parametrize("n", [1, 2, 50, 999])
def test_shells_sum_to_the_mantle(planet, n):
    """Masses sum to the mantle's and mass-weighted radii to its first moment, to rounding (1e-14)."""
    radii, pressures, masses = planet.shells(n)
    assert radii.shape == pressures.shape == masses.shape == (n,)
    assert math.fsum(masses) == pytest.approx(planet.mantle_mass, rel=1e-14)
    whole = planet.shells(1)[0][0] * planet.mantle_mass
    assert math.fsum(masses * radii) == pytest.approx(whole, rel=1e-13)
    np.testing.assert_allclose(pressures, planet.pressure(radii), rtol=1e-15)
    assert (np.diff(radii) < 0).all() and (np.diff(pressures) > 0).all()


def test_shells_are_second_order():
    """The error of the mass-weighted mean pressure falls by 4 when the shells are halved."""

    def mean_pressure(n):
        _, pressures, masses = EARTH.shells(n)
        return masses @ pressures / masses.sum()

    exact = mean_pressure(20_000)
    ratio = (mean_pressure(10) - exact) / (mean_pressure(20) - exact)
    assert ratio == pytest.approx(4.0, abs=0.05)


def test_uniform_planet():
    """b = 0: density constant, pressure linear, mass the volume's; and b -> 0 runs into it without a jump."""
    volume = 4 / 3 * math.pi * (RADIUS**3 - UNIFORM.core_radius**3)
    assert UNIFORM.mantle_mass == pytest.approx(4000.0 * volume, rel=1e-14)
    assert UNIFORM.core_mantle_pressure == pytest.approx(4000.0 * 10.0 * 0.45 * RADIUS, rel=1e-14)
    for b in (1e-30, 1e-20, 1e-15):
        nearly = AdamsWilliamson(4000.0, b, RADIUS, 0.55 * RADIUS, 10.0)
        assert nearly.mantle_mass == pytest.approx(UNIFORM.mantle_mass, rel=b * RADIUS + 1e-14)
        assert nearly.core_mantle_pressure == pytest.approx(
            UNIFORM.core_mantle_pressure, rel=b * RADIUS + 1e-14
        )


def test_planet_without_a_core():
    whole = AdamsWilliamson(3000.0, 0.0, 1e6, 0.0, 1.0)
    assert whole.mantle_mass == pytest.approx(4 / 3 * math.pi * 1e18 * 3000.0, rel=1e-14)


@pytest.mark.parametrize(
    "name, value",
    [
        ("surface_density", 0.0),
        ("surface_density", math.nan),
        ("compressibility", -1e-9),
        ("radius", math.inf),
        ("core_radius", RADIUS),
        ("core_radius", -1.0),
        ("gravity", 0.0),
    ],
)
def test_impossible_planets(name, value):
    good = {
        "surface_density": 4e3,
        "compressibility": 1e-7,
        "radius": RADIUS,
        "core_radius": 3e6,
        "gravity": 10.0,
    }
    with pytest.raises(InputError, match=name):
        AdamsWilliamson(**{**good, name: value})


@pytest.mark.parametrize("r", [RADIUS + 1.0, EARTH.core_radius - 1.0, math.nan, [5e6, 7e6]])
def test_radius_outside_the_mantle(r):
    with pytest.raises(InputError, match="leaves the mantle"):
        EARTH.pressure(r)


def test_no_shells():
    with pytest.raises(InputError):
        EARTH.shells(0)
