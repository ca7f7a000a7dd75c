"""The kernel with pivoting, with unknowns that are kept, and from other starts."""

import numpy as np
import sympy

from mocoupled.dae.declare.model import Constraint, Model, Output, Parameter, Unknown
from mocoupled.dae.kernel.batch import Batch, Begin


def model():
    """Two rows of which the first has no derivative by its first unknown at the start."""
    u, v = Unknown("u", guess=0.0, step=1.0), Unknown("v", guess=0.0, step=1.0)
    p = Parameter("p", 8.0)
    x, y = sympy.exp(u.symbol), sympy.exp(v.symbol)
    return Model(
        "two powers",
        unknowns=(u, v),
        parameters=(p,),
        constraints=(
            Constraint("ratio", 2 * y**2 - 2 * y - x * u.symbol**2 + x * u.symbol - u.symbol),
            Constraint("product", sympy.log(x * y / p.symbol)),
        ),
        outputs=(Output("x", x, "1", "x"), Output("y", y, "1", "y")),
    )


def test_pivoting_needs_no_pivot_on_the_diagonal():
    p = np.linspace(2.0, 5.0, 100)
    points = Batch(model(), ["p"], patient=False, keep=("u", "v"), pivoted=True).solve({"p": p})
    assert points.converged.all()
    np.testing.assert_allclose(points.values[0] * points.values[1], p, rtol=1e-12)
    alone = Batch(model(), ["p"], keep=("u", "v")).solve_one([float(p[7])])
    np.testing.assert_allclose(points.values[:, 7], alone.outputs, rtol=1e-10)


def test_starts_and_shorter_steps():
    """From the solution one or two steps are enough; steps of a tenth need more of them."""
    batch = Batch(model(), ["p"], patient=False, keep=("u", "v"), pivoted=True)
    p = np.full(5, 3.0)
    plain = batch.solve({"p": p})
    solution = {name: np.log(plain.values[k]) for k, name in enumerate(("u", "v"))}
    assert batch.solve({"p": p}, begin=Begin(solution)).iterations.max() <= 2
    slow = batch.solve({"p": p}, begin=Begin(shrink=0.1))
    assert slow.iterations.min() > plain.iterations.max()
    np.testing.assert_allclose(slow.values, plain.values, rtol=1e-10)


def test_a_singular_point_does_not_spoil_the_others():
    u, p = Unknown("u", guess=1.0), Parameter("p", 1.0)
    square = Model(
        "square",
        unknowns=(u,),
        parameters=(p,),
        constraints=(Constraint("square", p.symbol * (u.symbol**2 - 2)),),
        outputs=(Output("u", u.symbol, "1", "u"),),
    )
    points = Batch(square, ["p"], patient=False, keep=("u",), pivoted=True).solve(
        {"p": np.array([1.0, 0.0, 2.0])}
    )
    assert points.converged.tolist() == [True, False, True]
    assert np.isnan(points.values[0, 1])
    np.testing.assert_allclose(points.values[0, ::2], np.sqrt(2.0))
