"""Plumes of a convecting pile: the heat that they carry, at every time, and the laws of its scales."""

import math

import numpy as np
import pytest
import sympy
from scipy.special import erfc

from mocoupled.closures import solid_convection as convection

KAPPA = 1e-6  # m2/s
YEAR = 3.15576e7  # s


def integral(values, x):
    return float(np.sum((values[1:] + values[:-1]) / 2 * np.diff(x)))


@pytest.mark.parametrize("layers", [1, 2])
def test_a_boundary_layer_holds_what_a_half_space_has_conducted(layers):
    """The excess in a layer of age t is dT erfc(z/(2 sqrt(kappa t))); its integral over depth feeds the
    plume."""
    excess, age = 300.0, 1e7 * YEAR
    z = np.linspace(0.0, 12 * math.sqrt(KAPPA * age), 200_001)
    stored = integral(excess * erfc(z / (2 * math.sqrt(KAPPA * age))), z)
    assert float(convection.plume_heat(excess, age, KAPPA, layers)) == pytest.approx(
        layers * stored, rel=1e-8
    )


@pytest.mark.parametrize("age", [1e4, 1e6, 1e8])
def test_a_plume_keeps_its_heat(age):
    heat, time = 5e6, age * YEAR
    width = math.sqrt(4 * KAPPA * time)
    x = np.linspace(-10 * width, 10 * width, 20_001)
    place = sympy.Symbol("x", real=True)
    excess = sympy.lambdify(place, convection.plume_excess(place, time, heat, KAPPA), modules="numpy")
    assert integral(excess(x), x) == pytest.approx(heat, rel=1e-10)


def test_a_plume_starts_with_the_temperature_of_the_base():
    excess, heat = 300.0, 5e6
    start = float(convection.plume_start(excess, heat, KAPPA))
    assert float(convection.plume_excess(0.0, start, heat, KAPPA)) == pytest.approx(excess, rel=1e-12)


def test_the_reach_of_a_plume_is_where_its_excess_is_the_threshold():
    heat, time, threshold = 5e6, 1e6 * YEAR, 50.0
    distance = math.sqrt(float(convection.plume_reach(threshold, time, heat, KAPPA)))
    assert float(convection.plume_excess(distance, time, heat, KAPPA)) == pytest.approx(threshold, rel=1e-12)


def test_velocity_and_topography_do_not_depend_on_the_diffusivity_that_their_scales_share():
    """Ra^(2/3) kappa/d with Ra = drive d^3/(eta kappa): kappa^(1/3), and a stress of eta v/d to a factor."""
    arguments = {
        "temperature_drop": 300.0,
        "thickness": 1e6,
        "density": 4500.0,
        "gravity": 10.0,
        "expansivity": 2e-5,
    }
    drive = 300.0 * 4500.0 * 10.0 * 2e-5
    viscosity = 1e19
    Ra = float(convection.rayleigh_number(**arguments, viscosity=viscosity, diffusivity=KAPPA))
    assert Ra == pytest.approx(drive * 1e18 / (viscosity * KAPPA), rel=1e-12)
    speed = float(convection.velocity(Ra, 1e6, KAPPA, 0.4))
    assert speed == pytest.approx(0.4 * (drive / viscosity) ** (2 / 3) * 1e6 * KAPPA ** (1 / 3), rel=1e-12)
    lift = float(convection.topography(Ra, 1e6, viscosity, KAPPA, 400.0, 10.0, 5.0))
    assert lift == pytest.approx(5.0 / 0.4 * viscosity * speed / 1e6 / (400.0 * 10.0), rel=1e-12)
