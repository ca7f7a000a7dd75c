"""Solid-state convection by mixing-length theory: heat and speed of a box that is heated from below."""

import numpy as np
import pytest
from scipy.optimize import brentq

from mocoupled.closures.solid_convection import MIXING, WALL_LAYER, ln_mixing_diffusivity, wall_layer


def nusselt(Ra, cells):
    """Nu and mean speed of a box of depth 1 and temperature drop 1, conductivity and alpha g 1, nu = 1/Ra.

    As in a column: cells of even depth, at a face the geometric mean of both distances to the nearer wall,
    at each wall q = dT sqrt(1/H^2 + 1/delta^2).
    """
    centre = (np.arange(cells) + 0.5) / cells
    distance = np.minimum(centre, 1 - centre)
    length = np.sqrt(distance[:-1] * distance[1:])
    kappa = np.exp(ln_mixing_diffusivity(0.0, -np.log(Ra), np.log(length)))  # for each unit of gradient

    def gradient(q):
        """Of the temperature at the inner faces: q = x + kappa x^2."""
        return 2 * q / (1 + np.sqrt(1 + 4 * kappa * q))

    def at_wall(q):
        """Drop of temperature between a wall and the nearest cell."""

        def excess(drop):
            thickness = float(wall_layer(drop, 1 / Ra, 1.0))
            return drop * np.hypot(2 * cells, 1 / thickness) - q

        return brentq(excess, 1e-15, 1e9)

    def missing(q):
        return gradient(q).sum() / cells + 2 * at_wall(q) - 1

    q = brentq(missing, 1e-3, 1e5, rtol=1e-10)
    return q, float(np.mean(kappa * gradient(q) / length))


@pytest.mark.parametrize("Ra", [1e6, 1e8, 1e10])
def test_heat_and_speed_on_fine_cells(Ra):
    """Nu = 0.357 Ra^(1/3) within 2 % and u = 0.39 Ra^(2/3) kappa/d within 3 %, the prefactors of eq. B1."""
    cells = 40000 if Ra > 1e9 else 8000
    Nu, u = nusselt(Ra, cells)
    assert Nu == pytest.approx(0.357 * Ra ** (1 / 3), rel=0.02)
    assert u == pytest.approx(0.39 * Ra ** (2 / 3), rel=0.03)


@pytest.mark.parametrize("cells", [40, 80, 160])
@pytest.mark.parametrize("Ra", [1e6, 1e8, 1e10])
def test_heat_on_the_cells_of_a_column(Ra, cells):
    """Within 10 % of Nu = 0.357 Ra^(1/3)."""
    assert nusselt(Ra, cells)[0] == pytest.approx(0.357 * Ra ** (1 / 3), rel=0.1)


def test_exponent():
    """Nu grows as Ra^(1/3): between 1e6 and 1e10 the exponent is within 0.003 of it."""
    low, high = nusselt(1e6, 8000)[0], nusselt(1e10, 40000)[0]
    assert np.log(high / low) / np.log(1e4) == pytest.approx(1 / 3, abs=0.003)


def test_wall_layer_is_that_of_the_box():
    """C = int 2 dx/(1 + sqrt(1 + 4 x^4)), and Nu = (a Ra)^(1/3)/(2 C)^(4/3) of the steady profile."""
    x = np.linspace(0, 200, 4_000_001)
    integral = np.trapezoid(2 / (1 + np.sqrt(1 + 4 * x**4)), x) + 1 / x[-1]
    assert integral == pytest.approx(WALL_LAYER, rel=1e-5)
    # both layers of half the drop: q = (1/2)/delta
    Ra = 1e8
    assert 0.5 / float(wall_layer(0.5, 1 / Ra, 1.0)) == pytest.approx(
        (MIXING * Ra) ** (1 / 3) / (2 * WALL_LAYER) ** (4 / 3), rel=1e-12
    )
