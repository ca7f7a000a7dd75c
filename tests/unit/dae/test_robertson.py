"""Declare, generate, solve on Robertson's problem, whose solution is known."""

import numpy as np
import pytest
import sympy

from mocoupled.dae.declare.model import Balance, Constraint, Model, Output, Parameter, Start, Unknown, join
from mocoupled.dae.leaves.external import External
from mocoupled.dae.solve.integrate import Event, march
from mocoupled.dae.solve.system import System
from mocoupled.errors import ConvergenceError, ModelError

A, B, C = Unknown("A", guess=1.0, scale=1e-6), Unknown("B", scale=1e-9), Unknown("C", scale=1e-6)
FAST = Parameter("fast", 3e7)
a, b, c = A.symbol, B.symbol, C.symbol


def robertson():
    slow = sympy.Rational(4, 100) * a - 10**4 * b * c
    return Model(
        "Robertson",
        (A, B, C),
        (FAST,),
        (Balance("A", a, -slow), Balance("B", b, slow - FAST.symbol * b**2)),
        (Constraint("mass", a + b + c - 1),),
        (Start("A", a - 1), Start("B", b)),
        (Output("A", a, "1", "A"), Output("B", b, "1", "B"), Output("C", c, "1", "C")),
    )


@pytest.fixture(scope="module")
def system():
    return System(robertson())


@pytest.mark.parametrize(
    "time, expected",
    [
        (40.0, (0.7158271, 9.185535e-6, 0.2841637)),
        (4e5, (4.938269e-3, 1.984994e-8, 0.9950617)),
        (4e10, (5.208e-8, 2.083e-13, 0.99999994)),
    ],
)
def test_published_solution(system, time, expected):
    """Values of the SUNDIALS example idaRoberts_dns.

    Its printed digits are good to about 1e-4 (1e-3 at t = 4e10), since its relative tolerance is 1e-4.
    Ours is 1e-8, so that the comparison is to its digits.
    """
    result = march(system, system.start().x, time, rtol=1e-8, stabilisation=0.1)
    assert result.end.kind == "time"
    np.testing.assert_allclose(result.states[-1], expected, rtol=2e-3)


def test_every_stored_state_satisfies_constraint_and_balances(system):
    result = march(system, system.start().x, 4e6, rtol=1e-6)
    assert np.abs(result.states.sum(axis=1) - 1).max() < 1e-14
    drift = max(
        max(x.max() for x in system.drift(s, result.totals, q))
        for s, q in zip(result.states, result.accumulated)
    )
    assert drift < 1e-13


def test_analytic_jacobian_agrees_with_differences(system):
    """Central differences of the generated rate; 1e-6 of the largest entry is what their rounding allows."""
    totals = system.totals(system.start().x)
    y = np.array([0.7, 9e-6, 0.29, 0.01, -0.02])
    exact = system.rate_jacobian(0.0, y, totals, 0.3)
    for j in range(len(y)):
        h = 1e-6 * max(abs(y[j]), 1e-6)
        up, down = y.copy(), y.copy()
        up[j], down[j] = y[j] + h, y[j] - h
        numeric = (system.rate(0, up, totals, 0.3) - system.rate(0, down, totals, 0.3)) / (2 * h)
        np.testing.assert_allclose(exact[:, j], numeric, atol=1e-6 * np.abs(exact[:, j]).max())


def test_event_is_met_to_rounding(system):
    result = march(
        system, system.start().x, 1e5, events=[Event("half", "Half is left.", lambda t, x: x[0] - 0.5)]
    )
    assert result.end.name == "half"
    assert result.states[-1][0] == pytest.approx(0.5, abs=1e-10)


def test_stabilisation_removes_a_drift(system):
    """A state off the constraint returns to it at the rate alpha."""
    start = system.start().x
    off = start + np.array([0.0, 0.0, 1e-3])
    totals = system.totals(start)
    rate = system.rate(0.0, np.concatenate([off, [0.0, 0.0]]), totals, 2.0)
    assert rate[:3].sum() == pytest.approx(-2.0 * 1e-3, rel=1e-9)


def test_parameters_need_no_new_code(system):
    p = system.with_parameters({"fast": 0.0})
    result = march(system, system.start(p).x, 10.0, parameters=p)
    assert result.states[-1][2] == pytest.approx(0.0, abs=1e-12)
    with pytest.raises(KeyError, match="slow"):
        system.with_parameters({"slow": 1.0})


def test_generation_is_deterministic():
    assert System(robertson()).source == System(robertson()).source


def test_external_leaf_and_its_derivatives():
    """d/dt of sin(y) = 1 through an external sine: the generated Jacobian needs its second derivative."""
    import math

    def sine(orders, x):
        return math.sin(x + orders[0] * math.pi / 2)

    y = Unknown("y", guess=0.1)
    leaf = External("sine", sine)
    system = System(
        Model("sine", (y,), (), (Balance("sine", leaf(y.symbol), sympy.S.One),), (), (Start("y", y.symbol),))
    )
    result = march(system, system.start().x, 0.9, rtol=1e-8)
    assert result.states[-1][0] == pytest.approx(math.asin(0.9), abs=1e-7)
    exact = system.rate_jacobian(0.0, np.array([0.5, 0.2]), np.array([0.0]), 0.0)
    assert exact[0, 0] == pytest.approx(math.sin(0.5) / math.cos(0.5) ** 2, rel=1e-12)


def test_explicit_time():
    """storage = y + t^2, source 0: y = -t^2."""
    from mocoupled.dae.declare.model import TIME

    y = Unknown("y")
    system = System(
        Model(
            "time", (y,), (), (Balance("y", y.symbol + TIME**2, sympy.S.Zero),), (), (Start("y", y.symbol),)
        )
    )
    result = march(system, system.start().x, 2.0, rtol=1e-8)
    assert result.states[-1][0] == pytest.approx(-4.0, abs=1e-10)


def test_balances_of_one_name_add_up():
    y = Unknown("y", guess=1.0)
    left = Model(
        "left", (y,), (), (Balance("y", y.symbol, -y.symbol, scale=2.0),), (), (Start("y", y.symbol - 1),)
    )
    both = join("both", left, Model("right", balances=(Balance("y", source=sympy.S(3)),)))
    assert (
        len(both.balances) == 1 and both.balances[0].source == 3 - y.symbol and both.balances[0].scale == 2.0
    )


@pytest.mark.parametrize(
    "change, message",
    [
        ({"constraints": ()}, "2 balances and 0 constraints for 3 unknowns"),
        ({"starts": (Start("A", a - 1),)}, "1 starts for 2 balances"),
        ({"unknowns": (A, B, B)}, "unknowns declared twice: B"),
        ({"constraints": (Constraint("mass", a + b + c - sympy.Symbol("x")),)}, "undeclared symbols x"),
        ({"constraints": (Constraint("mass", a + b - 1),)}, "no unknown is left|repeats"),
    ],
)
def test_ill_posed_models_are_refused_by_name(change, message):
    from dataclasses import replace

    with pytest.raises(ModelError, match=message):
        System(replace(robertson(), **change))


def test_a_start_without_solution_is_not_returned():
    y = Unknown("y", guess=1.0)
    model = Model(
        "none", (y,), (), (Balance("y", y.symbol, sympy.S.One),), (), (Start("square", y.symbol**2 + 1),)
    )
    with pytest.raises(ConvergenceError, match="square"):
        System(model).start()
