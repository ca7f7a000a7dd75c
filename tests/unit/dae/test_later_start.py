"""A march that starts later, from totals of an earlier one, and a system with other values of parameters."""

import numpy as np
import pytest
import sympy

from mocoupled.dae.declare.field import Component, Field, Inflow, Link, places
from mocoupled.dae.declare.model import Balance, Constraint, Model, Output, Parameter, Start, Unknown
from mocoupled.dae.solve.field_system import FieldSystem
from mocoupled.dae.solve.integrate import Event, march
from mocoupled.dae.solve.system import System

TIME = sympy.Symbol("time", real=True)
LOSS = Parameter("loss", 0.5)
X, Y = Unknown("amount"), Unknown("square")


def driven():
    """dx/dt = t - loss x, y = x^2: the source depends on time, so that the time of a start matters."""
    x, y = X.symbol, Y.symbol
    return Model(
        "driven",
        unknowns=(X, Y),
        parameters=(LOSS,),
        balances=(Balance("amount", x, TIME - LOSS.symbol * x),),
        constraints=(Constraint("square", y - x**2),),
        starts=(Start("amount", x - 1),),
        outputs=(Output("lost", LOSS.symbol * x, "1", "what is lost"),),
    )


def test_two_marches_are_one():
    """x = 2 t - 4 + 5 exp(-t/2), of both; the drift of the second is over both."""
    system = System(driven())
    half = Event("half", "it is half past", lambda t, x: 1.5 - t)
    first = march(system, system.start().x, 3.0, events=[half], rtol=1e-9, stabilisation=1.0)
    assert first.end.name == "half" and first.time[-1] == pytest.approx(1.5, rel=1e-12)
    totals = system.accumulated(first.totals, first.accumulated[-1])
    second = march(
        system,
        first.states[-1],
        3.0,
        rtol=1e-9,
        stabilisation=1.0,
        begin=float(first.time[-1]),
        totals=totals,
    )
    assert second.time[0] == first.time[-1] and second.time[-1] == 3.0
    assert (second.totals == totals).all() and (second.states[0] == first.states[-1]).all()
    time = np.concatenate([first.time, second.time])
    x = np.concatenate([first.states, second.states])[:, 0]
    np.testing.assert_allclose(x, 2 * time - 4 + 5 * np.exp(-time / 2), rtol=1e-7)
    for state, q in zip(second.states, second.accumulated):
        assert abs(state[0] - totals[0] - q[0]) < 1e-13


def test_other_values_of_parameters():
    system = System(driven())
    other = system.at({"loss": 2.0})
    assert (system.parameters, other.parameters) == ((0.5,), (2.0,))
    assert [p.value for p in other.model.parameters] == [2.0] and system.model.parameters[0].value == 0.5
    assert other.outputs(np.array([3.0, 9.0]))[0] == [6.0] and system.outputs(np.array([3.0, 9.0]))[0] == [
        1.5
    ]
    np.testing.assert_allclose(
        march(other, other.start().x, 0.5, rtol=1e-10).states[-1, 0], 0.459849301, rtol=1e-6
    )
    with pytest.raises(KeyError, match="gain"):
        system.at({"gain": 1.0})


def test_other_values_of_parameters_of_a_field():
    """A bar that is heated at its first end by a parameter."""
    (heat,) = places("heat")
    power = Parameter("power", 1.0)
    bar = Field(
        (Component("heat", "J", "heat", np.zeros(12), storage=heat.here, flux=heat.above - heat.below),)
    )
    model = Model(
        "bar",
        unknowns=(X,),
        parameters=(power,),
        balances=(Balance("clock", X.symbol, sympy.S.One),),
        starts=(Start("clock", X.symbol),),
        field=bar,
        links=(Link("total", "total", heat.here, "J", "heat of the bar"),),
        inflows=(Inflow("first", power.symbol, component="heat"),),
        outputs=(Output("whole", sympy.Symbol("total", real=True), "J", "heat of the bar"),),
    )
    system = FieldSystem(model)
    for value in (1.0, 3.0):
        other = system.at({"power": value})
        states = march(other, other.start().x, 2.0, rtol=1e-8).states
        assert other.outputs(states[-1])[0] == pytest.approx([2.0 * value], rel=1e-6)
    assert system.parameters == (1.0,)
