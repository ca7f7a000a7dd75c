"""A costly leaf in the sources: projections leave it out, rates have it, other models keep their text."""

import numpy as np
import pytest
import sympy

from mocoupled.dae.declare.field import ABOVE, BELOW, FIRST, HERE, SECOND, Component, Field, Inflow, Link
from mocoupled.dae.declare.model import Balance, Constraint, Model, Output, Start, Unknown
from mocoupled.dae.generate.source_text import source
from mocoupled.dae.leaves.external import External
from mocoupled.dae.solve.field_system import FieldSystem
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
        outputs=(Output("lost", loss, "W", "heat lost"),),
    )


def cooling_line(costly, calls, n=4):
    """A line of cells beside a store; its end loses heat by a leaf of its temperature, dimmed by a scalar
    that follows from a constraint."""

    def function(orders, T):
        calls.append(orders)
        return 0.3 * T**2 if orders == (0,) else 0.6 * T

    surface, warmth = sympy.symbols("surface warmth", real=True)
    store, dim = Unknown("store", guess=1.5), Unknown("dim", guess=0.0, follows=True)
    lost = sympy.exp(dim.symbol) * External("loss", function, costly=costly)(surface)
    start = 1.0 + 0.1 * np.arange(n)
    return Model(
        "line",
        unknowns=(store, dim),
        balances=(Balance("energy", warmth + 3 * store.symbol, -lost),),
        constraints=(Constraint("dim", dim.symbol + sympy.log(1 + surface**2) + dim.symbol**3),),
        starts=(Start("store", store.symbol - 1.5),),
        field=Field((Component("u", "1", "", start, storage=HERE / n, flux=(BELOW - ABOVE) * n),)),
        links=(Link("surface", "edge", FIRST + (FIRST - SECOND) / 2), Link("warmth", "total", HERE / n)),
        inflows=(Inflow("first", -lost),),
        outputs=(Output("lost", lost, "W", "heat lost"),),
    )


@pytest.mark.parametrize("costly", [True, False])
@pytest.mark.parametrize("moved", [0.0, 1e-9, 0.1])
def test_a_projection_of_a_field_does_not_compute_a_costly_leaf(costly, moved):
    """From guesses of the scalar that follows at, near and far from its value."""
    calls = []
    system = FieldSystem(cooling_line(costly, calls))
    start = system.start().x
    totals, q = system.totals(start), np.array([-0.01])
    calls.clear()
    state, balances, constraint = system.settle(start + [0.0, 0.0, 0.0, 0.0, 0.0, moved], totals, q)
    assert bool(calls) is not costly
    assert balances == pytest.approx([0.01])
    assert constraint < 1e-8  # of the scalar that follows: as exact as the rates see it
    assert state[4] == pytest.approx(1.5 - 0.01 / 3, rel=1e-12)
    assert state[5] == pytest.approx(start[5], rel=1e-11)


@pytest.mark.parametrize("costly", [True, False])
def test_a_projection_does_not_compute_a_costly_leaf(costly):
    calls = []
    system = System(cooling(costly, calls))
    assert system.costly is costly
    state = system.project(np.array([2.9, 1.0]), np.array([3.9]))
    assert state[1] == pytest.approx(0.1 * state[0] ** 2, rel=1e-12)
    assert state.sum() == pytest.approx(3.9, rel=1e-12)
    assert bool(calls) is not costly


@pytest.mark.parametrize("model, kind", [(cooling, System), (cooling_line, FieldSystem)])
def test_outputs_that_an_event_has_seen_are_reported_without_computing_them_again(model, kind):
    """Once, at the same time and state, and not those of the same system with other parameters."""
    calls = []
    system = kind(model(True, calls))
    x = system.start().x
    totals, q = system.totals(x), np.zeros(1)
    seen = system.show(x, 2.0)
    calls.clear()
    outputs, drift = system.report(x, totals, q, 2.0)
    assert outputs is seen and calls == []
    for other in (system, system.at({})):
        system.show(x, 2.0)
        calls.clear()
        again, drift_again = other.report(x, totals, q, 2.0 if other is not system else 3.0)
        assert again == seen and len(calls) == 1
        for ours, theirs in zip(drift_again, drift):
            np.testing.assert_array_equal(ours, theirs)


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
