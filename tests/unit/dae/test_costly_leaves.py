"""A costly leaf in the sources: projections leave it out, rates have it, other models keep their text."""

import numpy as np
import pytest
import sympy

from mocoupled.dae.declare.model import Balance, Constraint, Model, Start, Unknown
from mocoupled.dae.generate.source_text import source
from mocoupled.dae.leaves.external import External
from mocoupled.dae.solve.system import System


def cooling(costly, calls):
    """Heat T + y falls by a loss that is a leaf of T; y = T^2/10 is a constraint."""

    def function(orders, T):
        calls.append(orders)
        return 0.3 * T**2 if orders == (0,) else 0.6 * T

    T, y = Unknown("T", "K", guess=3.0), Unknown("y", "K", guess=1.0)
    loss = External("loss", function, costly=costly)(T.symbol)
    return Model(
        "cooling",
        unknowns=(T, y),
        balances=(Balance("heat", T.symbol + y.symbol, source=-loss),),
        constraints=(Constraint("y", y.symbol - sympy.Rational(1, 10) * T.symbol**2),),
        starts=(Start("T", T.symbol - 3.0),),
    )


@pytest.mark.parametrize("costly", [True, False])
def test_a_projection_does_not_compute_a_costly_leaf(costly):
    calls = []
    system = System(cooling(costly, calls))
    assert system.costly is costly
    state = system.project(np.array([2.9, 1.0]), np.array([3.9]))
    assert state[1] == pytest.approx(0.1 * state[0] ** 2, rel=1e-12)
    assert state.sum() == pytest.approx(3.9, rel=1e-12)
    assert bool(calls) is not costly


def test_both_have_the_same_rows_and_rates():
    """H and A without the sources are those with them, to the last bit; the rate has the leaf."""
    dear, plain = System(cooling(True, [])), System(cooling(False, []))
    x = np.array([2.5, 0.7])
    for ours, theirs in zip(dear.rows(x, (), 0.0), plain.linear(x, (), 0.0)[:2]):
        assert np.array_equal(ours, theirs)
    assert dear.linear(x, (), 0.0).sources == pytest.approx([-0.3 * 2.5**2])
    assert np.array_equal(dear.start().x, plain.start().x)


def test_the_text_of_other_models_does_not_change():
    assert "def rows" in source(cooling(True, []))
    assert "def rows" not in source(cooling(False, []))
