"""A canary: whether this scipy's BDF has the private attributes and habits that the integrator relies on."""

import re
from importlib.metadata import version

import numpy as np
import pytest
from scipy.integrate import BDF
from scipy.sparse import csc_matrix, issparse
from support.places import ROOT

from mocoupled.dae.solve.bdf import TESTED, FreshBDF, internals_changed, new_attributes
from mocoupled.dae.solve.march_state import PREFIX, restore, solver_arrays, with_matrix

CURE = (
    "mend mocoupled/dae/solve/bdf.py and march_state.py for it, "
    "then raise TESTED there and the cap in pyproject.toml"
)
RTOL = 1e-6
STEPS = 40


def rate(t, y):
    """Robertson's problem, whose step grows over many orders of magnitude."""
    slow, fast = 0.04 * y[0] - 1e4 * y[1] * y[2], 3e7 * y[1] ** 2
    return np.array([-slow, slow - fast, fast])


def dense_jacobian(t, y):
    slow, fast = np.array([0.04, -1e4 * y[2], -1e4 * y[1]]), np.array([0.0, 6e7 * y[1], 0.0])
    return np.array([-slow, slow - fast, fast])


def sparse_jacobian(t, y):
    return csc_matrix(dense_jacobian(t, y))


JACOBIANS = pytest.mark.parametrize("jacobian", [dense_jacobian, sparse_jacobian])


def solver_of(kind, jacobian, t=0.0, y=(1.0, 0.0, 0.0)):
    return kind(rate, t, np.array(y), 1e6, jac=jacobian, rtol=RTOL, atol=RTOL * np.array([1.0, 1e-4, 1.0]))


def stepped(solver, steps=STEPS):
    for _ in range(steps):
        solver.step()
    return solver


@JACOBIANS
@pytest.mark.parametrize("steps", [0, STEPS])
def test_the_private_attributes_are_as_listed(jacobian, steps):
    changes = internals_changed(stepped(solver_of(BDF, jacobian), steps))
    assert not changes, f"scipy {version('scipy')}: {'; '.join(changes)}: {CURE}."


@JACOBIANS
def test_there_are_no_further_attributes(jacobian):
    """What BDF carries from step to step must be in the checkpoint."""
    unknown = new_attributes(stepped(solver_of(BDF, jacobian)))
    assert not unknown, (
        f"scipy {version('scipy')}: BDF has the new attributes {', '.join(unknown)}, "
        f"which a checkpoint may lack: {CURE}."
    )


@JACOBIANS
def test_a_restored_solver_continues_bit_for_bit(jacobian):
    """The stored attributes are all that the next steps depend on."""
    first = stepped(with_matrix(solver_of(FreshBDF, jacobian)))
    arrays = solver_arrays(first)
    second = with_matrix(solver_of(FreshBDF, jacobian, float(arrays[PREFIX + "t"]), arrays[PREFIX + "y"]))
    restored = restore(second, arrays)
    assert restored, f"scipy {version('scipy')}: the state of BDF could not be restored: {CURE}."
    for _ in range(STEPS):
        first.step()
        second.step()
        same = first.t == second.t and np.array_equal(first.y, second.y)
        assert same, f"scipy {version('scipy')}: BDF depends on more than what a checkpoint stores: {CURE}."


@JACOBIANS
def test_without_a_function_the_jacobian_is_taken_for_exact(jacobian):
    """With jac = None, a step whose Newton iteration fails is shortened, and J is used again."""
    solver = stepped(solver_of(BDF, jacobian))
    solver.jac, before = None, solver.njev
    stepped(solver)
    J = solver.J.toarray() if issparse(solver.J) else solver.J
    assert solver.njev == before and J.shape == (3, 3), (
        f"scipy {version('scipy')}: BDF computes a Jacobian although its function is None: {CURE}."
    )


def test_a_shortened_step_rescales_the_differences_in_place():
    """FreshBDF leaves scipy's step in the middle and starts it again: D must belong to the shorter step."""
    solver = stepped(solver_of(BDF, dense_jacobian))
    order, h, D = solver.order, solver.h_abs, solver.D
    coefficients = D[: order + 1].copy()
    times = []

    class Left(Exception):
        pass

    inner = solver.fun

    def refusing(t, y):
        if times and t != times[-1]:
            times.append(t)
            raise Left
        times.append(t)
        return inner(t, y) * np.nan

    solver.fun = refusing
    solver.jac = None
    with pytest.raises(Left):
        solver.step()
    half = (times[-1] - solver.t) / h

    def value(differences, s):
        """The interpolating polynomial at s steps after the last state."""
        p = np.cumprod([(s + k) / (1 + k) for k in range(order)])
        return differences[0] + differences[1 : order + 1].T @ p

    assert solver.D is D and half == pytest.approx(0.5), (
        f"scipy {version('scipy')}: BDF no longer halves a step whose rates are not finite, "
        f"with D in place: {CURE}."
    )
    for s in (-1.0, 0.5, 1.0):
        np.testing.assert_allclose(value(D, s / half), value(coefficients, s), rtol=1e-9, atol=1e-15)


def test_the_cap_of_scipy_is_the_tested_version():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    cap = re.search(r'"scipy>=[0-9.]+,<(\d+)\.(\d+)"', text)
    assert cap, "pyproject.toml has no upper bound of scipy"
    major, minor = map(int, cap.groups())
    assert f"{major}.{minor - 1}" == TESTED
