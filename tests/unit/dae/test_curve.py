"""The curve that feeds external leaves: values, derivatives, plateaus, edges."""

import math

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from mocoupled.dae.leaves.smooth_curve import Curve

X = np.linspace(0.0, 5.0, 40)


def test_it_is_the_cubic_spline_with_its_derivatives():
    curve, spline = Curve(X, np.sin(X)), CubicSpline(X, np.sin(X))
    for x in np.linspace(0.0, 5.0, 101):
        for order in range(4):
            assert curve((order,), x) == pytest.approx(float(spline(x, order)), abs=1e-12)


def test_outside_is_nan():
    curve = Curve(X, np.sin(X))
    assert (
        math.isnan(curve((0,), -1e-9))
        and math.isnan(curve((0,), 5.0 + 1e-9))
        and math.isnan(curve((0,), math.nan))
    )
    assert curve((0,), 5.0) == pytest.approx(math.sin(5.0))


def test_plateaus_are_exact_and_never_overshot():
    """A clipped parabola: exactly 0 and 1 on its plateaus, within [0, 1] between, with a continuous slope."""
    values = np.clip((X - 1.0) / 2.5, 0.0, 1.0) ** 2 * (3 - 2 * np.clip((X - 1.0) / 2.5, 0.0, 1.0))
    curve = Curve(X, values, plateaus=True)
    dense = np.linspace(0.0, 5.0, 2001)
    result = np.array([curve((0,), x) for x in dense])
    assert result.min() > -1e-15 and result.max() < 1.0 + 1e-15  # rounding in the cubics next to the joints
    assert np.all(result[dense < 0.9] == 0.0) and np.all(result[dense > 3.6] == 1.0)
    slope = np.array([curve((1,), x) for x in dense])
    assert np.abs(np.diff(slope)).max() < 0.01


@pytest.mark.parametrize("values", [np.ones_like(X), np.where(X < 2, 0.0, X - 2), np.where(X > 2, 2.0, X)])
def test_plateaus_on_one_side_or_everywhere(values):
    curve = Curve(X, values, plateaus=True)
    for x, y in zip(X, values):
        assert curve((0,), x) == pytest.approx(y, abs=1e-12)
