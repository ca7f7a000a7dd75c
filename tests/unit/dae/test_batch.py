"""Reduced starts and the batch kernel: the same solution as the full start, for arrays and single points."""

import numpy as np
import pytest
import sympy

import mocoupled as mo
from mocoupled.dae.declare.model import Balance, Constraint, Model, Output, Parameter, Start, Unknown
from mocoupled.dae.kernel.batch import Batch
from mocoupled.dae.kernel.elimination import reduce
from mocoupled.dae.solve.system import System
from mocoupled.planet.assembly import assemble_equilibrium

VARY = ("temperature", "melt_fraction", "moles_H", "moles_C", "oxygen_fugacity_offset")


def points(n, seed=1):
    rng = np.random.default_rng(seed)
    oceans, ratio = 10 ** rng.uniform(-2, 1.5, n), 10 ** rng.uniform(-3, 1, n)
    return {
        "temperature": rng.uniform(1300, 3000, n),
        "melt_fraction": rng.uniform(0, 1, n),
        "moles_H": oceans * 1.55e20 / 0.00100794,
        "moles_C": oceans * ratio * 1.55e20 / 0.0120107,
        "oxygen_fugacity_offset": rng.uniform(-4, 5, n),
    }


@pytest.fixture(scope="module", params=[("nasa7", True), ("bower2022", False)], ids=str)
def pair(request):
    source, graphite = request.param
    case = mo.Case.read("F3-C1").replace(
        {"chemistry.thermochemistry": source, "chemistry.graphite": graphite}
    )
    model = assemble_equilibrium(case, 1650.0, 0.3).model
    return System(model), Batch(model, VARY)


def test_one_unknown_per_element_is_left(pair):
    _, batch = pair
    assert len(batch.reduction.unknowns) == 2
    assert batch.reduction.names == ("inventory of H", "inventory of C")


def test_batch_is_the_full_start_point_by_point(pair):
    """Every output of 300 points, and the scalar form: to 1e-9 of the output (conditioning of minor amounts).

    Graphite that is only the trace of the smoothing agrees to 1e-12 of the carbon.
    """
    system, batch = pair
    parameters = points(300)
    solved = batch.solve(parameters, chunk=64)
    assert solved.converged.all() and solved.residual.max() < 1e-12
    for k in range(300):
        point = {name: float(parameters[name][k]) for name in VARY}
        p = system.with_parameters(point)
        expected = np.array(system.outputs(system.start(p).x, p)[0])
        floor = np.where(
            [o.name == "graphite_mass" for o in system.model.outputs],
            1e-12 * 1e22,
            1e-25 * np.abs(expected).max(),
        )
        for values in (solved.values[:, k], np.array(batch.solve_one([point[n] for n in VARY])[0])):
            assert np.all(np.abs(values - expected) <= 1e-9 * np.abs(expected) + floor)


def test_chunks_and_threads_change_nothing(pair, monkeypatch):
    _, batch = pair
    monkeypatch.setattr("mocoupled.dae.kernel.batch.SHARE", 500)
    parameters = points(2000)
    whole = batch.solve(parameters, chunk=2000)
    for threads, chunk in ((1, 100), (2, 333)):
        again = batch.solve(parameters, threads=threads, chunk=chunk)
        trace = 1e-12 * np.max(whole.values, axis=1, keepdims=True)
        assert np.all(np.abs(again.values - whole.values) <= 1e-10 * np.abs(whole.values) + trace)


def test_a_point_without_solution_is_nan_and_not_converged():
    """x^2 = a for a < 0 has no solution; its neighbours are not disturbed."""
    x, a = Unknown("x", guess=1.0, step=5.0), Parameter("a", 1.0)
    model = Model(
        "square",
        (x,),
        (a,),
        (Balance("x", x.symbol),),
        (),
        (Start("x", x.symbol**2 - a.symbol),),
        (Output("x", x.symbol, "1", "x"),),
    )
    solved = Batch(model, ("a",)).solve({"a": np.array([4.0, -1.0, 9.0])})
    assert solved.converged.tolist() == [True, False, True]
    np.testing.assert_allclose(solved.values[0], [2.0, np.nan, 3.0], rtol=1e-12)


def test_reduction_solves_linear_rows_exactly():
    """2 y + x = 3 and exp(x) + z = 5, z = 2 y: one row in x is left."""
    x, y, z = (Unknown(n) for n in "xyz")
    model = Model(
        "linear", (x, y, z), (), (Balance("x", x.symbol + y.symbol + z.symbol),),
        (Constraint("a", 2 * y.symbol + x.symbol - 3), Constraint("b", z.symbol - 2 * y.symbol)),
        (Start("c", sympy.exp(x.symbol) + z.symbol - 5),),
    )  # fmt: skip
    solved = reduce(model)
    assert [u.name for u in solved.unknowns] == ["x"] and len(solved.rows) == 1
    root = sympy.nsolve(solved.rows[0], x.symbol, 1.0)
    values = {x.symbol: root} | {u: e.xreplace({x.symbol: root}) for u, e in solved.solved.items()}
    for row in (*model.constraints, *model.starts):
        assert abs(row.residual.xreplace(values)) < 1e-12
