"""Viscosity across the rheological transition."""

import math

import pytest
import sympy

from mocoupled.closures.law import find

VISCOSITY = find("viscosity", "tanh-Bower2018")


@pytest.mark.parametrize("melt_fraction, value", [(0.4, 12.0), (10.0, 2.0), (-10.0, 22.0)])
def test_centre_and_limits(melt_fraction, value):
    """Section 2.1 of Bower et al. 2022: 1e2 (melt) to 1e22 Pa s (solid), half-way at 40 % melt; to
    rounding."""
    assert float(VISCOSITY(melt_fraction=melt_fraction)) == pytest.approx(value, abs=1e-12)


def test_width_and_symmetry():
    """The step 20 dex has the slope -20/(2 x 0.15) at its centre and is odd about it."""
    phi = sympy.Symbol("phi", real=True)
    log10 = VISCOSITY(melt_fraction=phi)
    assert float(sympy.diff(log10, phi).subs(phi, 0.4)) == pytest.approx(-20 / 0.30, rel=1e-12)
    for d in (0.05, 0.15, 0.4):
        assert float(log10.subs(phi, 0.4 + d) + log10.subs(phi, 0.4 - d)) == pytest.approx(24.0, abs=1e-11)
    assert float(log10.subs(phi, 0.55)) == pytest.approx(12 - 10 * math.tanh(1.0), rel=1e-12)


def test_parameters_are_keywords():
    """SPIDER's black-body case has 1e21 Pa s for the solid; symbols may stand for any parameter."""
    assert float(VISCOSITY(melt_fraction=-10.0, solid_viscosity=1e21)) == pytest.approx(21.0, abs=1e-12)
    assert float(VISCOSITY(melt_fraction=0.3, centre=0.3, melt_viscosity=1.0)) == pytest.approx(
        11.0, abs=1e-12
    )
    centre = sympy.Symbol("centre", real=True)
    assert VISCOSITY(melt_fraction=0.3, centre=centre).free_symbols == {centre}


def test_falls_with_melt_everywhere():
    values = [float(VISCOSITY(melt_fraction=i / 50)) for i in range(51)]
    assert all(b < a for a, b in zip(values, values[1:]))


def test_evaluate_is_the_same_law():
    parameters = {"centre": 0.4, "width": 0.15, "melt_viscosity": 1e2, "solid_viscosity": 1e22}
    number = VISCOSITY.evaluate(melt_fraction=0.37, **parameters)
    assert number == pytest.approx(float(VISCOSITY(melt_fraction=0.37)), rel=1e-13)
