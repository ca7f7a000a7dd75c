"""Activities of Si and O in liquid iron: derivatives of one function."""

import numpy as np
import pytest
import sympy

from mocoupled.metal.solution_laws import ln_gamma_oxygen, ln_gamma_silicon

x, y = sympy.symbols("x y", positive=True)
# K, of the interaction parameters
FITTED_AT = 1873.0
STATES = [(0.02, 0.01), (0.1, 0.05), (0.3, 0.2)]


def excess(x, y):
    """Ma 2001: what one pair of solutes adds, over its interaction parameter; solvents' terms left out."""
    log = sympy.log
    first = -x * y * (1 + log(1 - x) / x + log(1 - y) / y)
    return first + x**2 * y**2 / 2 * (1 / (1 - x) + 1 / (1 - y) - 1)


@pytest.mark.parametrize("silicon, oxygen", STATES)
def test_coefficients_are_derivatives_of_one_function(silicon, oxygen):
    """d ln gamma_Si/d x_O = d ln gamma_O/d x_Si, relative to iron: a law of nature, to rounding."""
    of_silicon, of_oxygen = (law(T=2600.0, x_Si=x, x_O=y) for law in (ln_gamma_silicon, ln_gamma_oxygen))
    values = {x: silicon, y: oxygen}
    slopes = [float(sympy.diff(*pair).subs(values)) for pair in ((of_silicon, y), (of_oxygen, x))]
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-12)


@pytest.mark.parametrize("silicon, oxygen", STATES)
def test_both_against_the_excess_function(silicon, oxygen):
    """With -6.65 and 12.41 of Si, 4.29 - 16500 K/T and -1 of O, -5 of Si and O, at 1873 K, as t = 1873/T
    scales them (parameters of Young, Shahar & Schlichting 2023): to rounding."""
    T, values = 2600.0, {x: silicon, y: oxygen}
    t = FITTED_AT / T
    cross = [-5.0 * t * float(sympy.diff(excess(x, y), z).subs(values)) for z in (x, y)]
    expected = (
        -6.65 * t - 12.41 * t * np.log(1 - silicon) + cross[0],
        4.29 - 16500.0 / T + 1.0 * t * np.log(1 - oxygen) + cross[1],
    )
    for law, number in zip((ln_gamma_silicon, ln_gamma_oxygen), expected):
        result = float(sympy.sympify(law(T=T, x_Si=sympy.Float(silicon), x_O=sympy.Float(oxygen))))
        assert result == pytest.approx(number, rel=1e-11)
