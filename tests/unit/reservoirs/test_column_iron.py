"""Iron in the column: entropies and temperatures of the moved melting curves belong to each other."""

import numpy as np
import pytest

from mocoupled.closures.law import find
from mocoupled.interior.silicate_eos import melt_phase, solid_phase
from mocoupled.interior.two_phase import melting_range
from mocoupled.reservoirs.column_iron import Iron, responses

PRESSURE = np.array([2e9, 40e9, 120e9])
MELT, SOLID = melt_phase("RTpress-WolfBower2018"), solid_phase("perovskite-Mosenfelder2009")


@pytest.mark.parametrize("trapped", [0.0, 0.2])
def test_a_moved_melting_curve_has_the_entropy_of_its_temperature(trapped):
    """dS = c_p dT/T, at no melt (solidus) and at all melt (liquidus), for every composition of the ocean."""
    solidus, liquidus = (find(kind, "Andrault2011-Hamano2013") for kind in ("solidus", "liquidus"))
    span = melting_range(PRESSURE, MELT, SOLID, solidus, liquidus)
    iron = Iron(0.1, 0.3, trapped, depression=1000.0, depression_slope=1e-8)
    below, down = np.array([0.99, 0.5, 0.01]), np.array([-4e4, -4.5e4, -5e4])
    _, values, _ = responses(iron, span, MELT, SOLID, below, down)

    def shift(entropy):
        """What iron adds to an entropy of the melting curve of the bulk mantle: scale S + offset is that
        entropy."""
        return (entropy - values["offset"]) / values["scale"] - entropy

    at_solidus = SOLID.state(PRESSURE, span.solidus).heat_capacity / span.solidus
    at_liquidus = MELT.state(PRESSURE, span.liquidus).heat_capacity / span.liquidus
    np.testing.assert_allclose(shift(span.solid_entropy), at_solidus * values["warmer_solid"], atol=1e-9)
    warmer = values["warmer_solid"] + values["warmer_melt"]
    np.testing.assert_allclose(shift(span.melt_entropy), at_liquidus * warmer, atol=1e-9)
    assert np.abs(warmer).max() > 100.0
