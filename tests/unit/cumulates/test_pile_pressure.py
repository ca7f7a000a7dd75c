"""Pressure goes on through the top of the pile: at each depth it is that of the mantle there."""

import pytest

from mocoupled.cumulates import remelting_equations as equations

VALUES = {
    "density": 4500.0,
    "gravity": 10.0,
    "mantle_thickness": 2.9e6,
    "compressibility": 1.1e-7,
    "magnesium_temperature": 2000.0,
    "magnesium_slope": 3e-8,
    "iron_temperature": 1500.0,
    "iron_slope": 2e-8,
}


def number(expression, **more):
    prescribed = {equations.symbol(name): value for name, value in (VALUES | more).items()}
    return float(expression.subs(prescribed))


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("depth", [0.0, 3e5, 1.2e6])
def test_melting_temperature_within_the_pile_is_that_at_its_depth_in_the_mantle(compressed, depth):
    ocean = VALUES["mantle_thickness"] - 1.5e6
    top = number(equations._overburden(ocean, compressed))
    _, within, _ = equations._way(compressed)
    pressure = number(equations._overburden(ocean + depth, compressed))
    expected = number(equations._melting_temperature(0, pressure))
    assert number(within, depth=depth, top_pressure=top) == pytest.approx(expected, rel=1e-12)
