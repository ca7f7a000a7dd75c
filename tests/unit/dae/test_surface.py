"""The surface that feeds external leaves of two arguments: values, derivatives, edges, floats and arrays."""

import math

import numpy as np
import pytest
import sympy

from mocoupled.dae.declare.model import Balance, Constraint, Model, Output, Parameter, Start, Unknown
from mocoupled.dae.kernel.batch import Batch
from mocoupled.dae.leaves.external import External
from mocoupled.dae.leaves.smooth_surface import Surface
from mocoupled.dae.solve.system import System

X, Y = np.geomspace(1.0, 5.0, 23), np.linspace(-2.0, 3.0, 31)
ORDERS = [(i, j) for i in range(4) for j in range(4 - i)]


@pytest.fixture(scope="module")
def wave():
    return Surface(X, Y, np.sin(X[:, None]) * np.exp(0.5 * Y))


@pytest.mark.parametrize("orders", ORDERS, ids=str)
def test_a_bicubic_polynomial_is_met_exactly(orders):
    """Splines with free ends contain the cubics: value and derivatives to third order, to rounding."""
    x, y = sympy.symbols("x y")
    polynomial = (1 + x - 2 * x**2 + x**3 / 3) * (2 - y + y**3)
    surface = Surface(X, Y, sympy.lambdify((x, y), polynomial)(X[:, None], Y))
    expected = sympy.lambdify((x, y), sympy.diff(polynomial, x, orders[0], y, orders[1]))
    for a, b in [(1.0, -2.0), (1.01, -1.9), (2.5, 0.3), (4.9, 2.99), (5.0, 3.0)]:
        assert surface(orders, a, b) == pytest.approx(expected(a, b), abs=2e-9)


def test_arrays_are_the_floats_one_by_one(wave):
    rng = np.random.default_rng(0)
    a, b = rng.uniform(1.0, 5.0, 200), rng.uniform(-2.0, 3.0, 200)
    for orders in ORDERS:
        singly = [wave(orders, float(x), float(y)) for x, y in zip(a, b)]
        assert all(type(value) is float for value in singly)
        np.testing.assert_allclose(wave(orders, a, b), singly, rtol=0, atol=1e-12)
        np.testing.assert_allclose(
            wave(orders, 2.5, b), [wave(orders, 2.5, float(y)) for y in b], rtol=0, atol=1e-12
        )
        np.testing.assert_allclose(
            wave(orders, a, 0.5), [wave(orders, float(x), 0.5) for x in a], rtol=0, atol=1e-12
        )


def test_derivatives_to_second_order_are_continuous_across_the_knots(wave):
    """On either side of every inner knot, 1e-9 away: apart by no more than a slope of order one allows."""
    e = 1e-9
    for orders in [(i, j) for i in range(3) for j in range(3)]:
        for knot in X[1:-1]:
            assert wave(orders, knot - e, 0.4) == pytest.approx(wave(orders, knot + e, 0.4), abs=1e-7)
        for knot in Y[1:-1]:
            assert wave(orders, 2.2, knot - e) == pytest.approx(wave(orders, 2.2, knot + e), abs=1e-7)


def test_the_error_falls_with_the_fourth_power_of_the_spacing():
    errors = []
    a, b = np.meshgrid(np.linspace(1.5, 4.5, 60), np.linspace(-1.5, 2.5, 61))
    for n in (20, 40):
        x, y = np.linspace(1.0, 5.0, n + 1), np.linspace(-2.0, 3.0, n + 1)
        surface = Surface(x, y, np.sin(x[:, None]) * np.exp(0.5 * y))
        errors.append(np.abs(surface((0, 0), a, b) - np.sin(a) * np.exp(0.5 * b)).max())
    assert errors[1] < errors[0] / 12  # 16 in the limit


def test_outside_and_nan_are_nan(wave):
    inside = wave((0, 0), 5.0, 3.0)
    assert inside == pytest.approx(math.sin(5.0) * math.exp(1.5))
    for a, b in [(0.999, 0.0), (5.001, 0.0), (2.0, -2.001), (2.0, 3.001), (math.nan, 0.0), (2.0, math.nan)]:
        assert math.isnan(wave((0, 0), a, b)) and math.isnan(wave((0, 1), a, b))
        assert np.isnan(wave((0, 0), np.array([a, 2.0]), np.array([b, 0.0]))).tolist() == [True, False]
    assert (wave.low, wave.high) == ((1.0, -2.0), (5.0, 3.0))


def test_it_serves_a_model_as_an_external(wave):
    """3 u + f(x, u) = a with f = sin(x) exp(u/2): Newton, its batch form, and the rate's Jacobian."""
    leaf = External("wave", wave, 2)
    u, stored = Unknown("level", guess=0.5, step=0.5), Unknown("stored")
    x, a = Parameter("place", 2.0), Parameter("wanted", 1.0)
    row = 3 * u.symbol + leaf(x.symbol, u.symbol) + 0.1 * stored.symbol - a.symbol
    model = Model(
        "surface",
        (u, stored),
        (x, a),
        (Balance("stored", stored.symbol + leaf(x.symbol, u.symbol), source=-u.symbol),),
        (Constraint("row", row),),
        (Start("stored", stored.symbol),),
        (Output("level", u.symbol, "1", "level"),),
    )
    system, batch = System(model), Batch(model, ("place", "wanted"))
    parameters = {"place": np.linspace(1.2, 4.8, 40), "wanted": np.linspace(0.2, 2.0, 40)}
    solved = batch.solve(parameters)
    assert solved.converged.all()
    for k in range(40):
        p = system.with_parameters({n: float(c[k]) for n, c in parameters.items()})
        state = system.start(p).x
        assert 3 * state[0] + wave((0, 0), float(parameters["place"][k]), float(state[0])) == pytest.approx(
            parameters["wanted"][k], abs=1e-9
        )
        assert solved.values[0, k] == pytest.approx(state[0], abs=1e-10)
    y, totals = np.append(state, 0.0), system.totals(state, p)
    jacobian = system.rate_jacobian(0.0, y, totals, 1.0, p)
    for j in range(3):
        step = np.zeros(3)
        step[j] = 1e-6
        difference = (
            system.rate(0.0, y + step, totals, 1.0, p) - system.rate(0.0, y - step, totals, 1.0, p)
        ) / 2e-6
        np.testing.assert_allclose(jacobian[:, j], difference, rtol=1e-6, atol=1e-8)
