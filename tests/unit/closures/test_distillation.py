"""Rayleigh distillation and the hydrostatic pressure of the overturn, against closed forms."""

import math

import numpy as np
import pytest

from mocoupled.closures.distillation import Planet, distilled, hydrostatic, melted, pile_iron
from mocoupled.constants import GRAVITATIONAL_CONSTANT


def test_a_uniform_planet_has_the_pressure_of_the_closed_form():
    """Gravity falls with the mass inside: P = 2 pi/3 G rho^2 (R^2 - r^2). The trapezoidal rule on 4000
    intervals: 1e-7."""
    radius, density = 3.0e6, 4000.0
    depth = np.linspace(0.0, 2.0e6, 9)
    mass = 4 / 3 * math.pi * radius**3 * density
    pressure, below = hydrostatic(depth, 2.0e6, Planet(radius, mass, density, 0.0))
    inside = radius - depth
    expected = 2 * math.pi / 3 * GRAVITATIONAL_CONSTANT * density**2 * (radius**2 - inside**2)
    np.testing.assert_allclose(pressure, expected, rtol=1e-6)
    np.testing.assert_allclose(below, (inside**3 - 1.0e18) / (radius**3 - 1.0e18), atol=1e-6)


@pytest.mark.parametrize("left", [0.9, 0.5, 0.1, 1e-3])
def test_distillation_follows_the_differential_law(left):
    """d ln(left) = -dX/(X - X_crystals), by the trapezoidal rule in the logit of X."""
    X_start, K = 0.1, 0.3
    ends = np.array([X_start, float(distilled(left, X_start, K))])
    logit = np.linspace(*np.log(ends / (1 - ends)), 20_001)
    X = 1 / (1 + np.exp(-logit))
    crystals = K * X / (1 - X + K * X)
    slope = X * (1 - X) / (X - crystals)
    integral = float(np.sum((slope[1:] + slope[:-1]) / 2 * np.diff(logit)))
    assert -integral == pytest.approx(math.log(left), rel=1e-6)


@pytest.mark.parametrize("batch", [True, False])
@pytest.mark.parametrize("fraction", [0.05, 0.4, 0.95])
def test_melt_and_residue_add_up_to_the_source(batch, fraction):
    X_source, K = 0.2, 0.3
    melt = float(melted(fraction, X_source, K, batch))
    residue = (X_source - fraction * melt) / (1 - fraction)
    assert melt > X_source > residue > 0
    if batch:
        assert residue / (1 - residue) == pytest.approx(K * melt / (1 - melt), rel=1e-12)
    else:
        assert residue == pytest.approx(float(distilled(1 - fraction, X_source, 1 / K)), rel=1e-12)


def test_the_pile_and_the_ocean_add_up_to_the_mantle():
    ocean = float(distilled(0.4, 0.1, 0.3))
    assert 0.6 * float(pile_iron(0.6, ocean, 0.1)) + 0.4 * ocean == pytest.approx(0.1, rel=1e-14)
