"""The generated kernel: its Newton step against sympy's derivatives, both forms compared, its text."""

import os
import subprocess
import sys

import numpy as np
import pytest
import sympy

from mocoupled.dae.declare.model import Balance, Model, Output, Parameter, Start, Unknown
from mocoupled.dae.kernel.batch import Batch, array_functions, float_functions
from mocoupled.dae.kernel.elimination import reduce
from mocoupled.dae.kernel.kernel_text import kernel
from mocoupled.dae.leaves.external import External

x, y, z = (Unknown(name, step=5.0) for name in "xyz")
a, b = Parameter("a", 1.3), Parameter("b", 0.7)
X, Y, Z, A, B = (item.symbol for item in (x, y, z, a, b))
CUBE = External("cube", lambda orders, v: (v**3, 3 * v**2, 6 * v)[orders[0]], 1)

# rows in x, y, z, each of another kind: sums of monomials, roots, quotients, functions, choices
SYSTEMS = {
    "monomials": [
        sympy.log((sympy.exp(X / 2 + A) * B + 3 * sympy.exp(X + 2 * Y) + sympy.exp(Y - X / 3)) / A),
        sympy.log((sympy.exp(Y) + 2 * sympy.exp(X + Y + B)) / B),
        sympy.log(
            (sympy.exp(Z) + sympy.exp(X))
            * (sympy.exp(X) + 2 * sympy.exp(Y))
            / (sympy.exp(X) + A * sympy.exp(Y))
        ),
    ],
    "quotients": [
        sympy.log(sympy.exp(X) / (1 + B * sympy.exp(-A * sympy.exp(X))) + sympy.exp(Y)),
        sympy.sqrt(X**2 + Y**2 + A) + sympy.exp((X - sympy.sqrt(X**2 + A)) / 2) - B,
        Z**3 / (1 + Z**2) + (sympy.exp(X) + A) ** sympy.Rational(-3, 2) - 10 ** (Y / 3),
    ],
    "functions": [
        sympy.tanh(X - A) + CUBE(X + Y * B) + sympy.cosh(Z / 4),
        sympy.Piecewise((X**2 + Y, X < A), (X * Y + 3 * B, True)) - sympy.Min(Y, Z) + 2 * X,
        sympy.Max(X, Z + B) * A + Z - CUBE(Z) / 9 + Y,
    ],
}


def model_of(rows):
    """A model whose starts are the rows, with outputs that share parts with them."""
    unknowns = (x, y, z)
    outputs = (
        Output("sum", sympy.exp(X) + 2 * sympy.exp(Y), "1", "a sum"),
        Output("fixed", A * B + 2, "1", "a number"),
        Output("x", X, "1", "x"),
    )
    balances = tuple(Balance(u.name, u.symbol) for u in unknowns)
    return Model(
        "rows",
        unknowns,
        (a, b),
        balances,
        (),
        tuple(Start(f"row {k}", row) for k, row in enumerate(rows)),
        outputs,
    )


@pytest.mark.parametrize("name", SYSTEMS)
def test_newton_step_and_outputs_are_those_of_sympy(name):
    """J s = F of sympy's derivatives at 40 points, by both forms; that for numpy does not pivot.

    To 1e-9, as small pivots cost digits.
    """
    rows = SYSTEMS[name]
    reduction = reduce(model_of(rows), keep="xyz")
    created = array_functions(kernel(reduction, ("a", "b"), "numpy"))
    single = float_functions(kernel(reduction, ("a", "b"), "math"))
    plain = [row.replace(lambda e: hasattr(e.func, "external"), lambda e: e.args[0] ** 3) for row in rows]
    exact = sympy.lambdify(
        (X, Y, Z, A, B),
        [plain, [[row.diff(s) for s in (X, Y, Z)] for row in plain]],
        [{"Heaviside": lambda v, *_: float(v > 0)}, "math"],
    )
    rng = np.random.default_rng(2)
    points, columns = rng.uniform(-1.5, 1.5, (3, 40)), rng.uniform(0.5, 2.0, (2, 40))
    h = np.empty((created.kernel.hoisted, 40))
    w = np.full((created.kernel.registers, 40), np.nan)  # what is read before it is written is seen
    created.hoist(list(columns), list(h), list(w))
    w[:] = np.nan
    *steps, largest = (s.copy() for s in created.step(list(points), list(h), list(w)))
    outputs = np.empty((3, 40))
    residuals = [np.array(r) for r in created.finish(list(points), list(h), list(w), list(outputs))]
    for k in range(40):
        F, J = exact(*points[:, k], *columns[:, k])
        step = np.linalg.solve(np.array(J, dtype=float), np.array(F, dtype=float))
        hoisted = single.hoist(list(columns[:, k]))
        r, rows_of_J = single.newton(list(points[:, k]), hoisted)
        F_one, outputs_one = single.finish(list(points[:, k]), hoisted)
        np.testing.assert_allclose(np.linalg.solve(np.reshape(rows_of_J, (3, 3)), r), step, rtol=1e-9)
        np.testing.assert_allclose([s[k] for s in steps], step, rtol=1e-9, atol=1e-12)
        assert largest[k] == pytest.approx(np.abs(step).max(), rel=1e-9)
        np.testing.assert_allclose(F_one, F, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose([r[k] for r in residuals], F, rtol=1e-12, atol=1e-14)
        expected = [
            np.exp(points[0, k]) + 2 * np.exp(points[1, k]),
            columns[0, k] * columns[1, k] + 2,
            points[0, k],
        ]
        np.testing.assert_allclose(outputs_one, expected, rtol=1e-13)
        np.testing.assert_allclose(outputs[:, k], expected, rtol=1e-13)


def test_what_does_not_move_is_computed_once():
    """The Newton step has no exponentials but those of the unknowns, and no logarithms of parameters."""
    rows = SYSTEMS["monomials"]
    text = kernel(reduce(model_of(rows)), ("a", "b"), "numpy").text
    step = text[text.index("def step") : text.index("def finish")]
    assert step.count("numpy.exp") == 3 and step.count("numpy.log") == 3
    assert "p0" not in step and "numpy.sqrt" not in step


def test_a_row_is_not_divided_by_its_sum():
    """log(S) = 0 becomes S' s = S log(S): one division per pivot, and none for the row."""
    unknown = Unknown("x", step=5.0)
    model = Model(
        "one",
        (unknown,),
        (a,),
        (Balance("x", X),),
        (),
        (Start("row", sympy.log((sympy.exp(X) + sympy.exp(2 * X)) / A)),),
        (),
    )
    text = kernel(reduce(model), ("a",), "numpy").text
    assert text[text.index("def step") : text.index("def finish")].count("numpy.divide") == 1


def test_a_kernel_without_parameters():
    """x + exp(x) = 1 has nothing that is computed once per point; its root is 0."""
    unknown = Unknown("x", guess=1.0, step=5.0)
    row = Start("row", X + sympy.exp(X) - 1)
    model = Model("plain", (unknown,), (a,), (Balance("x", X),), (), (row,), (Output("x", X, "1", "x"),))
    assert kernel(reduce(model), (), "math").hoisted == 0
    batch = Batch(model, ("a",))
    assert batch.solve_one([1.0]).outputs == pytest.approx([0.0], abs=1e-12)
    np.testing.assert_allclose(batch.solve({"a": np.ones(2)}).values, 0.0, atol=1e-12)


def test_the_branch_that_is_not_taken_may_have_no_value():
    """log(x - 1) for x > 1, else 0: plain floats would raise for the branch that is not taken."""
    row = sympy.sinh(X) - A + sympy.Piecewise((sympy.log(A - 1), A > 1), (0, True))
    model = Model(
        "choice",
        (Unknown("x"),),
        (a,),
        (Balance("x", X),),
        (),
        (Start("row", row),),
        (Output("x", X, "1", "x"),),
    )
    batch = Batch(model, ("a",))
    expected = np.arcsinh([0.5, 2.0, 3.0 - np.log(2.0)])
    np.testing.assert_allclose(
        [batch.solve_one([value])[0][0] for value in (0.5, 2.0, 3.0)], expected, rtol=1e-14
    )
    np.testing.assert_allclose(batch.solve({"a": np.array([0.5, 2.0, 3.0])}).values[0], expected, rtol=1e-14)


def test_a_start_that_is_linear_throughout_needs_no_iteration():
    """x = a is solved by the reduction; outputs are there all the same."""
    model = Model(
        "linear",
        (Unknown("x"),),
        (a,),
        (Balance("x", X),),
        (),
        (Start("row", X - A),),
        (Output("x", sympy.exp(X), "1", "x"),),
    )
    batch = Batch(model, ("a",))
    outputs, residual, iterations = batch.solve_one([0.5])
    assert outputs == [np.exp(0.5)] and residual == 0.0 and iterations == 0
    solved = batch.solve({"a": np.array([0.5, 1.0])})
    assert solved.converged.all() and solved.values[0].tolist() == np.exp([0.5, 1.0]).tolist()


def test_a_function_without_counterpart_is_refused_by_name():
    model = Model(
        "odd", (Unknown("x"),), (a,), (Balance("x", X),), (), (Start("row", X + sympy.gamma(X) - A),), ()
    )
    with pytest.raises(ValueError, match="gamma"):
        kernel(reduce(model), ("a",), "numpy")


def test_text_does_not_depend_on_the_hash_seed():
    code = (
        "import hashlib; import mocoupled as mo; "
        "from mocoupled.equilibria.planet_equilibrium import prepare; "
        "s = prepare(mo.Case.read('earth')).batch.source; "
        "print(hashlib.sha256((s['numpy'] + s['math']).encode()).hexdigest())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout
