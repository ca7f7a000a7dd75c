"""The activities of a melt along temperature as curves: exact to 1e-10, with their derivatives."""

import warnings

import numpy as np
import pytest
import sympy

import mocoupled as mo
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.errors import ModelError
from mocoupled.planet.activity_curves import curves_of, curves_of_activities

BASALT = (("SiO2", 0.52), ("MgO", 0.12), ("FeO", 0.09), ("Al2O3", 0.1), ("CaO", 0.13), ("Na2O", 0.04))
T = np.array([1000.0, 1234.5, 2345.6, 3456.7, 5999.0])


@pytest.fixture(scope="module")
def curves():
    return curves_of_activities(read_mechanism("silicates"), "IMCC-MAGMA", BASALT)


def test_the_curves_are_the_activities(curves):
    """ln a between the points of the spline, against the equations solved there by mo.vapour."""
    mass = {"SiO2": 60.084, "MgO": 40.304, "FeO": 71.844, "Al2O3": 101.961, "CaO": 56.077, "Na2O": 61.979}
    share = {oxide: n * mass[oxide] for oxide, n in BASALT}
    percent = {oxide: 100 * m / sum(share.values()) for oxide, m in share.items()}
    at = np.array([1234.5, 2345.6, 3456.7, 4987.6])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = mo.vapour(percent, at, "IW+1", species=["SiO", "O2"]).activity
    for oxide, _ in BASALT:
        values = curves[oxide].function((0,), 1 / at)
        np.testing.assert_allclose(values, np.log(expected.sel(oxide=oxide)), atol=2e-5)  # molar masses
        single = [curves[oxide].function((0,), float(x)) for x in 1 / at]
        np.testing.assert_allclose(values, single, rtol=1e-14)


def test_a_curve_has_its_derivatives(curves):
    """First and second derivatives against differences of the order below; beyond the data there is none."""
    curve, x, step = curves["Na2O"].function, 1 / T[1:4], 1e-9
    for order in (0, 1):
        rise = (curve((order,), x + step) - curve((order,), x - step)) / (2 * step)
        np.testing.assert_allclose(curve((order + 1,), x), rise, rtol=1e-5)
    assert np.isnan(curve((0,), np.array([1 / 999.0, 1 / 6100.0]))).all()


def test_a_curve_that_does_not_follow_is_refused():
    """A function with a jump between two points of the curve."""
    t = sympy.Symbol("t", positive=True)
    (good,) = curves_of(["good"], [3 * sympy.log(t) - 2e4 / t], t)
    at = np.linspace(1100.0, 5500.0, 999)
    np.testing.assert_allclose(good.function((0,), 1 / at), 3 * np.log(at) - 2e4 / at, atol=1e-10)
    with pytest.raises(ModelError, match="between its points"):
        curves_of(["bad"], [sympy.Piecewise((0, t < 2000.3), (1, True))], t)
