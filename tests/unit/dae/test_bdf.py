"""The stepper: scipy's BDF with a Jacobian that belongs to the step."""

import numpy as np
import pytest
from scipy.integrate import BDF

from mocoupled.dae.solve.bdf import FreshBDF

RTOL = 1e-6


def front(sharpness):
    """y' = -k (y - s) + s', where s is a step at t = 1 whose flank is 1/sharpness wide.

    k falls a thousandfold with y.
    """

    def s(t):
        return np.tanh(sharpness * (t - 1))

    def rate(t, y):
        k = 1e4 * np.exp(-3.5 * (1 + y[0]))
        return np.array([-k * (y[0] - s(t)) + sharpness * (1 - s(t) ** 2)])

    def jacobian(t, y):
        k = 1e4 * np.exp(-3.5 * (1 + y[0]))
        return np.array([[-k + 3.5 * k * (y[0] - s(t))]])

    return rate, jacobian, s


def march(kind, rate, jacobian, y0, end):
    solver = kind(rate, 0.0, np.array(y0, dtype=float), end, jac=jacobian, rtol=RTOL, atol=RTOL)
    steps = [(0.0, np.array(y0, dtype=float))]
    while solver.status == "running":
        assert solver.step() is None
        steps.append((solver.t, solver.y))
    assert solver.status == "finished" and solver.t == end
    return solver, steps


@pytest.mark.parametrize("sharpness", [10.0, 300.0, 1e4])
def test_it_follows_a_front(sharpness):
    """The exact solution is s(t); 30 RTOL for some hundred steps with decaying local errors below RTOL."""
    rate, jacobian, s = front(sharpness)
    _, steps = march(FreshBDF, rate, jacobian, [s(0.0)], 2.0)
    assert max(abs(y[0] - s(t)) for t, y in steps) < 30 * RTOL


def van_der_pol(mu):
    def rate(t, y):
        return np.array([y[1], mu * ((1 - y[0] ** 2) * y[1]) - y[0]])

    def jacobian(t, y):
        return np.array([[0.0, 1.0], [-2 * mu * y[0] * y[1] - 1, mu * (1 - y[0] ** 2)]])

    return rate, jacobian


def test_no_less_accurate_than_scipys():
    """Van der Pol's oscillator (mu = 100) over two jumps, against scipy's BDF at a tolerance 1e-4 of it."""
    rate, jacobian = van_der_pol(100.0)
    exact = BDF(rate, 0.0, np.array([2.0, 0.0]), 170.0, jac=jacobian, rtol=1e-10, atol=1e-10)
    while exact.status == "running":
        exact.step()
    error = {
        kind: abs(march(kind, rate, jacobian, [2.0, 0.0], 170.0)[0].y[0] - exact.y[0])
        for kind in (BDF, FreshBDF)
    }
    assert error[FreshBDF] < max(3 * error[BDF], 100 * RTOL)


def test_every_factorized_jacobian_is_that_of_its_step():
    """Whatever length of step is tried, what is factorized was evaluated at its predicted state."""
    rate, jacobian = van_der_pol(100.0)
    evaluated, factorized, tried = [], [], []

    def noted(t, y):
        evaluated.append(t)
        return jacobian(t, y)

    solver = FreshBDF(rate, 0.0, np.array([2.0, 0.0]), 170.0, jac=noted, rtol=RTOL, atol=RTOL)
    factorize, inner = solver.lu, solver.fun

    def lu(A):
        factorized.append(evaluated[-1])
        return factorize(A)

    def fun(t, y):
        tried.append((t, evaluated[-1]))
        return inner(t, y)

    solver.lu, solver.fun = lu, fun
    rejected = accepted = 0
    while solver.status == "running":
        before, tried[:] = len(factorized), []
        fresh = solver.LU is None
        solver.step()
        accepted += 1
        rejected += len({t for t, _ in tried}) > 1
        assert (
            not fresh or tried[-1][0] == tried[-1][1]
        )  # the Jacobian is of the end of the step that was taken
        assert len(factorized) > before or not fresh
    assert accepted > 100 and rejected > 5


def test_the_end_of_time_is_met_and_a_failing_rate_raises():
    solver, steps = march(FreshBDF, lambda t, y: -y, lambda t, y: np.array([[-1.0]]), [1.0], 3.0)
    assert steps[-1][1][0] == pytest.approx(np.exp(-3.0), rel=100 * RTOL)

    def broken(t, y):
        if t > 1:
            raise ArithmeticError("no rate here")
        return -y

    solver = FreshBDF(
        broken, 0.0, np.array([1.0]), 3.0, jac=lambda t, y: np.array([[-1.0]]), rtol=RTOL, atol=RTOL
    )
    with pytest.raises(ArithmeticError):
        while solver.status == "running":
            solver.step()
