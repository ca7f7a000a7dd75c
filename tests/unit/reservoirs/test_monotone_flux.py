"""Below a layer with more melt, the heat flux from a mush does not fall with the entropy of the mush.

Such a flux has one limit under refinement; the other kind makes a front oscillate.
"""

import numpy as np
import pytest
import sympy

import mocoupled as mo
from mocoupled.dae.leaves.external import numeric
from mocoupled.planet.assembly import assemble

CELLS = 40
STEP = 1e-3  # J/kg/K, of central differences
SMALL = {"planet.mass": "0.3 M_earth", "mantle.solidus": "Stixrude2014", "mantle.liquidus": "Stixrude2014"}


def face_flux(field):
    """The flux [W/m2] at all inner faces, of the entropies of the cells above and below them."""
    flux = field.components[0].flux
    for symbol, expression in reversed(field.definitions):
        flux = flux.subs(symbol, expression)
    names = [name for name, values in field.profiles.items() if len(values) == CELLS - 1]
    symbols = [sympy.Symbol(name, real=True) for name in ("above", "below", *names)]
    function, profiles = numeric(symbols, flux), [field.profiles[name] for name in names]
    return lambda above, below: np.asarray(function(above, below, *profiles)) / field.profiles["area"]


@pytest.mark.parametrize("changes", [{}, SMALL], ids=["earth", "0.3 Earth masses, Stixrude2014"])
def test_flux_below_a_melt_layer(changes):
    """At every face, for 0.43 to 0.8 of melt above and 1 to 20 J/kg/K less entropy below.

    It may fall by a thousandth of what it changes by with the entropy above: density and thermal properties
    are those of the mean. With c' of the face it falls by more at half of the faces of the small planet,
    whose c' changes its sign.
    """
    case = mo.Case.read("earth").replace({"mantle.cells": CELLS} | changes)
    field = assemble(case).model.field
    flux = face_flux(field)
    solid, fusion = field.profiles["solid_entropy"], field.profiles["fusion_entropy"]
    for melt_fraction in (0.43, 0.5, 0.8):
        above = (solid + melt_fraction * fusion)[:-1]
        for step in (1.0, 5.0, 20.0):
            below = above - step
            rise = flux(above, below + STEP) - flux(above, below - STEP)
            change = flux(above + STEP, below) - flux(above - STEP, below)
            assert (rise >= -1e-3 * np.abs(change)).all()
