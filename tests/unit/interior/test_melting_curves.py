"""Melting curves: knots, tails, smoothness, and the refusal to extrapolate."""

import numpy as np
import pytest

from mocoupled.closures.law import find
from mocoupled.errors import InputError
from mocoupled.interior.melting_curves import LIQUIDUS_KNOTS, SOLIDUS_KNOTS

NAME = "Andrault2011-Hamano2013"
SOLIDUS, LIQUIDUS = find("solidus", NAME), find("liquidus", NAME)
SMOOTH = find("solidus", NAME + "-smooth")
CURVES = [SOLIDUS, LIQUIDUS, SMOOTH]
GPA = 1e9


@pytest.mark.parametrize("curve, knots", [(SOLIDUS, SOLIDUS_KNOTS), (LIQUIDUS, LIQUIDUS_KNOTS)])
def test_knots(curve, knots):
    """The spline passes through every knot; the last is on the tail, 0.016 K (0.001 K) from its printed
    value."""
    P, T = np.array(knots[:-1], dtype=float).T
    np.testing.assert_allclose(curve(P=P * GPA), T, rtol=1e-13)
    assert abs(curve(P=knots[-1][0] * GPA) - knots[-1][1]) < 0.016


def test_tails():
    """Lower mantle (Andrault et al. 2011, chondrite): the polynomials to rounding, from the joint to 145
    GPa."""
    P = np.array([30.0, 60.0, 100.0, 135.0, 145.0])
    np.testing.assert_allclose(SOLIDUS(P=P * GPA), 2078.1812 + 15.955323 * P, rtol=1e-14)
    P = np.append(25.0, P)
    np.testing.assert_allclose(
        LIQUIDUS(P=P * GPA), 2275.00171 + 17.5319868 * P + 1.0244779e-4 * P**2, rtol=1e-14
    )


@pytest.mark.parametrize("P, solidus", [(0, 1380.6), (10, 2182.0), (25, 2476.0), (60, 3035.5), (135, 4232.0)])
def test_solidus_at_the_check_points_of_the_solid(P, solidus):
    """Solidus temperatures at which the solid's equation of state is checked: printed to 0.1-1 K, half of the
    last."""
    assert abs(SOLIDUS(P=P * GPA) - solidus) <= (0.05 if P in (0, 60) else 0.5)


@pytest.mark.parametrize("curve, joint", [(SOLIDUS, 30.0), (LIQUIDUS, 25.0)])
def test_joint_is_smooth(curve, joint):
    """Temperature and slope are continuous where spline and tail meet (1 Pa to each side; rounding only)."""
    P = joint * GPA
    left, right = curve(P=np.array([P - 1.0, P + 1.0]))
    assert abs(right - left) < 1e-7
    slope = curve.slope
    assert slope(P - 1.0) == pytest.approx(float(slope(P + 1.0)), rel=1e-8)


@pytest.mark.parametrize("curve", [SOLIDUS, LIQUIDUS])
def test_no_curvature_at_the_surface(curve):
    """Second derivative 0 at P = 0: the slope changes by less than a millionth over the first 0.1 MPa."""
    slope = curve.slope
    curvature_scale = abs(slope(1 * GPA) - slope(0.0)) / GPA
    assert abs(slope(1e5) - slope(0.0)) / 1e5 < 1e-3 * curvature_scale


@pytest.mark.parametrize("curve", CURVES)
def test_slope_is_the_derivative(curve):
    """dT/dP against central differences over 2 MPa: truncation and rounding stay below 1e-6 of the slope."""
    P = np.array([0.3, 1.7, 7.0, 24.0, 26.0, 80.0, 144.0]) * GPA
    h = 1e6
    difference = (curve(P=P + h) - curve(P=P - h)) / (2 * h)
    np.testing.assert_allclose(curve.slope(P), difference, rtol=2e-6)


def test_liquidus_above_solidus_and_both_rise():
    P = np.linspace(0.0, 145.0, 2901) * GPA
    assert (LIQUIDUS(P=P) - SOLIDUS(P=P) > 100.0).all()
    for curve in CURVES:
        assert (curve.slope(P) > 0).all()


def test_smooth_solidus():
    """One-line solidus: 2.0 K at most and 0.6 K rms from the points tabulated every 1 GPa.

    The spline stands for the table, itself 0.35 K off, so the bound is 2.35 K; rms to its one digit.
    """
    P = np.arange(0.0, 146.0) * GPA
    difference = SMOOTH(P=P) - SOLIDUS(P=P)
    assert np.abs(difference).max() < 2.35
    assert np.sqrt(np.mean(difference**2)) < 0.65
    assert np.isfinite(SMOOTH.slope(0.0))


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("P", [-1.0, 145.001 * GPA, np.nan, np.inf, [1 * GPA, 200 * GPA]])
def test_never_extrapolates(curve, P):
    for function in (lambda: curve(P=P), lambda: curve.slope(P)):
        with pytest.raises(InputError, match="allowed: 0 to 145 GPa"):
            function()


@pytest.mark.parametrize("curve", CURVES)
def test_law_knows_its_argument_and_range(curve):
    assert curve.arguments == ("P",) and curve.ranges["P"] == (0.0, 145.0 * GPA) and curve.unit == "K"
