"""Fields: a diffusing line of cells, against exact solutions and differences.

The line lies between a radiating end and a reservoir.
"""

from dataclasses import replace

import numpy as np
import pytest
import sympy

from mocoupled.dae.declare.field import (
    ABOVE,
    BELOW,
    FIRST,
    HERE,
    LAST,
    SECOND,
    Component,
    Field,
    FieldOutput,
    Inflow,
    Link,
    profile,
)
from mocoupled.dae.declare.model import Balance, Constraint, Model, Output, Start, Unknown, join
from mocoupled.dae.leaves.curve_tables import Table, externals
from mocoupled.dae.solve import field_jacobian
from mocoupled.dae.solve.field_system import FieldSystem, compiled
from mocoupled.dae.solve.integrate import march
from mocoupled.errors import ModelError


def rod(n=40, *, nonlinear=True, radiating=True, follows=False):
    """A rod of n cells between a radiating end and a reservoir: heat u + u^2/4, conductivity 1 + u^2.

    The emissivity of the end depends on the mean heat through an algebraic unknown.
    The reservoir takes the conductivity of the last face.
    """
    width = 1.0 / n
    k = (lambda u: 1 + u**2) if nonlinear else (lambda u: 1.0)
    heat = width * (HERE + (HERE**2 / 4 if nonlinear else 0))
    conductivity = (k(ABOVE) + k(BELOW)) / 2
    surface, warmth, lowest, last_k = (
        sympy.Symbol(s, real=True) for s in ("surface", "warmth", "lowest", "last_k")
    )
    reservoir, dim = Unknown("reservoir", guess=1.5, scale=1.0), Unknown("dim", guess=0.0, follows=follows)
    lost = (sympy.exp(dim.symbol) * surface**4) if radiating else sympy.S.Zero
    gained = last_k * (reservoir.symbol - lowest) * 2 * n if radiating else sympy.S.Zero
    x = (np.arange(n) + 0.5) * width
    return Model(
        "rod",
        unknowns=(reservoir, dim),
        balances=(Balance("energy", warmth + 3 * reservoir.symbol, -lost),),
        constraints=(Constraint("dimming", dim.symbol + warmth / 2 + sympy.log(1 + surface**2)),),
        starts=(Start("reservoir", reservoir.symbol - 1.5),),
        outputs=(Output("surface", surface, "1", "temperature of the end"),),
        field=Field(
            (
                Component(
                    "u",
                    "1",
                    "temperature",
                    start=1 + 0.3 * np.cos(np.pi * x),
                    storage=heat,
                    flux=-conductivity * (ABOVE - BELOW) * profile("steepness"),
                    low=-10.0,
                    high=10.0,
                ),
            ),
            profiles={"steepness": np.full(n - 1, float(n))},
        ),
        links=(
            Link("surface", "edge", FIRST + (FIRST - SECOND) / 2),
            Link("warmth", "total", heat),
            Link("lowest", "edge", LAST),
            Link("last_k", "face", conductivity, face=n - 2),
        ),
        inflows=(Inflow("first", -lost), Inflow("last", gained)),
    )


def shaded(n=40):
    """The rod with a level: a scalar with its balance, on which conductivity, surface and warmth depend.

    That balance has a link that depends on the level.
    """
    rod_ = rod(n, follows=True)
    level = Unknown("shade", guess=0.1)
    s, warmth = level.symbol, sympy.Symbol("warmth", real=True)
    bright = Link("bright", "total", sympy.exp(s * HERE) * (1 + s**2) / n)
    changed = {
        "surface": lambda e: e * (1 + s / 5),
        "warmth": lambda e: e,
        "lowest": lambda e: e + s**2,
        "last_k": lambda e: e * sympy.exp(s),
    }
    links = [replace(link, expression=changed[link.name](link.expression)) for link in rod_.links]
    (heat,) = rod_.field.components
    field = replace(
        rod_.field,
        components=(replace(heat, flux=heat.flux * (1 + s * ABOVE)),),
        levels=(s,),
        outputs=(FieldOutput("lit", HERE * s, "1", "lit"),),
    )
    balance = Model(
        unknowns=(level,),
        balances=(Balance("shade", 2 * s + sympy.log(bright.symbol), -warmth / 3),),
        starts=(Start("shade", s + bright.symbol / 9 - 0.3),),
    )
    return replace(
        join("shaded", replace(rod_, field=None, links=(), inflows=()), balance),
        field=field,
        links=(*links, bright),
        inflows=rod_.inflows,
    )


def differences(system, y, totals, alpha):
    """The rate's Jacobian by central differences of fourth order."""
    n = len(y)
    numeric = np.zeros((n, n))
    for j in range(n):
        h = 1e-3 * (1 + abs(y[j]))
        step = np.zeros(n)
        step[j] = h
        f = {k: system.rate(0.0, y + k * step, totals, alpha) for k in (-2, -1, 1, 2)}
        numeric[:, j] = (8 * (f[1] - f[-1]) - (f[2] - f[-2])) / (12 * h)
    return numeric


@pytest.mark.parametrize("made", [rod, shaded])
@pytest.mark.parametrize("dense", [True, False])
def test_jacobian_agrees_with_differences(dense, made, monkeypatch):
    """Every entry to 1e-7 of the largest in its row: the truncation of the differences at h = 1e-3."""
    monkeypatch.setattr(field_jacobian, "DENSE", 1000 if dense else 3)
    system = FieldSystem(made())
    state = system.start().x
    totals = system.totals(state)
    rng = np.random.default_rng(2)
    y = np.concatenate([state, np.full(len(system.sourced), 0.01)])
    y[: system.size] += 0.02 * rng.standard_normal(system.size)  # off the constraint too
    exact = system.rate_jacobian(0.0, y, totals, 0.7)
    exact = exact if dense else exact.toarray()
    numeric = differences(system, y, totals, 0.7)
    assert np.max(np.abs(exact - numeric) / np.abs(exact).max(axis=1, keepdims=True)) < 1e-7


def test_levels_of_a_field_march_and_close():
    """A rod whose conductivity and links depend on a scalar: start, drift, output of the cells."""
    system = FieldSystem(shaded())
    start = system.start().x
    z = dict(zip(system.links, system.link_values(start)))
    shade = start[system.cells + system.names.index("shade")]
    assert shade == pytest.approx(0.3 - z["bright"] / 9, abs=1e-12)
    result = march(system, start, 2.0, rtol=1e-7, stabilisation=10.0)
    assert result.end.kind == "time" and result.balance_drift.max() < 1e-6
    for t, x, q in zip(result.time, result.states, result.accumulated):
        balances, constraints = system.drift(x, result.totals, q, time=t)
        assert balances.max() < 1e-12 and constraints.max() < 1e-12
    last = result.states[-1]
    assert abs(last[system.cells + system.names.index("shade")] - shade) > 0.1
    np.testing.assert_allclose(
        system.field_outputs(last)[1], last[: system.cells] * last[system.cells + system.names.index("shade")]
    )


def test_a_level_must_be_an_unknown_and_no_part_of_the_storage():
    made = shaded()
    with pytest.raises(ModelError, match="storage uses shade"):
        stored = replace(made.field.components[0], storage=HERE * made.field.levels[0])
        replace(made, field=replace(made.field, components=(stored,))).check()
    with pytest.raises(ModelError, match="level 'warmth' is no unknown"):
        replace(made, field=replace(made.field, levels=(sympy.Symbol("warmth", real=True),))).check()


def test_linear_rod_follows_its_slowest_mode():
    """Closed ends: u = 1 + 0.3 cos(pi x) exp(-lambda t).

    lambda is the eigenvalue of the difference operator, 4 n^2 sin^2(pi/2n).
    """
    n, end = 40, 0.05
    system = FieldSystem(rod(n, nonlinear=False, radiating=False))
    result = march(system, system.start().x, end, rtol=1e-8)
    x = (np.arange(n) + 0.5) / n
    decay = np.exp(-4 * n**2 * np.sin(np.pi / (2 * n)) ** 2 * end)
    np.testing.assert_allclose(result.states[-1][:n], 1 + 0.3 * decay * np.cos(np.pi * x), atol=2e-7)


def test_energy_and_constraint_close():
    """What rod and reservoir have lost is what was radiated: 1e-6 before projection, rounding after it."""
    system = FieldSystem(rod())
    result = march(system, system.start().x, 2.0, rtol=1e-7, stabilisation=10.0)
    assert result.end.kind == "time"
    assert result.balance_drift.max() < 1e-6 and result.constraint_drift.max() < 1e-5
    for t, x, q in zip(result.time, result.states, result.accumulated):
        balances, constraints = system.drift(x, result.totals, q, time=t)
        assert balances.max() < 1e-13 and constraints.max() < 1e-13
    assert result.accumulated[-1][0] < -0.3


def test_dense_and_sparse_march_agree(monkeypatch):
    ends = []
    for dense in (1000, 3):
        monkeypatch.setattr(field_jacobian, "DENSE", dense)
        system = FieldSystem(rod())
        ends.append(march(system, system.start().x, 1.0, rtol=1e-9, stabilisation=10.0).states[-1])
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-7)


def test_what_follows_is_left_out_of_the_error_control_and_ends_the_same():
    """An unknown that a constraint ties to the field changes neither the answer (1e-6) nor adds steps."""
    result = {}
    for follows in (False, True):
        system = FieldSystem(rod(follows=follows))
        result[follows] = march(system, system.start().x, 1.0, rtol=1e-7, stabilisation=10.0)
    np.testing.assert_allclose(result[True].states[-1], result[False].states[-1], rtol=1e-6, atol=1e-6)
    assert result[True].statistics["steps"] <= result[False].statistics["steps"]


def test_text_does_not_grow_with_the_cells():
    few, many = (FieldSystem(rod(n)).source for n in (10, 300))
    assert few.count("\n") == many.count("\n")


def test_state_values_by_name():
    system = compiled(rod())
    x = system.start().x
    z = dict(zip(system.links, system.link_values(x)))
    for name, value in z.items():
        assert system.state_value(name)(x) == pytest.approx(value, rel=1e-14)
    assert system.state_value("reservoir")(x) == 1.5


def test_outside_the_tables_the_rates_are_not_numbers():
    system = FieldSystem(rod())
    y = np.concatenate([system.start().x, [0.0]])
    y[3] = 11.0
    assert np.all(np.isnan(system.rate(0.0, y, system.totals(y[:-1]), 1.0)))


def test_table_matches_its_function():
    """Hermite cubics of sin on a grid of 0.05: value to 1e-7, slope to 1e-5 (h^4/384, h^3 of derivatives)."""
    x = np.arange(0.0, 3.0, 0.05)
    rows = np.array([[np.sin(x), np.exp(-x)], [np.sin(2 * x), x**2]])
    slopes = np.array([[np.cos(x), -np.exp(-x)], [2 * np.cos(2 * x), 2 * x]])
    table = Table(0.0, 0.05, rows, slopes)
    at = np.array([1.2345, 2.1111])
    value, slope, bend = table(at, 2)
    np.testing.assert_allclose(
        value, [np.array([np.sin(at[0]), np.sin(2 * at[1])]), [np.exp(-at[0]), at[1] ** 2]], atol=4e-7
    )
    np.testing.assert_allclose(
        slope, [[np.cos(at[0]), 2 * np.cos(2 * at[1])], [-np.exp(-at[0]), 2 * at[1]]], atol=3e-5
    )
    np.testing.assert_allclose(bend[1], [np.exp(-at[0]), 2.0], atol=2e-3)
    leaf = externals("t", table, ["a", "b"])["b"]
    assert leaf.function((1,), at) == pytest.approx(slope[1])


def test_what_is_not_well_posed_is_refused():
    model = rod()
    with pytest.raises(ModelError, match="more than one field"):
        join("two", model, model)
    with pytest.raises(ModelError, match="FieldSystem"):
        from mocoupled.dae.solve.system import System

        System(model)
    stored = Model("more", balances=(Balance("energy", sympy.Symbol("last_k", real=True)),))
    with pytest.raises(ModelError, match="last_k is stored"):
        FieldSystem(join("odd", model, stored))
    with pytest.raises(ModelError, match="neither its argument nor a profile"):
        odd = replace(model.field.components[0], storage=HERE * profile("nothing"))
        FieldSystem(replace(model, field=replace(model.field, components=(odd,))))
    with pytest.raises(ModelError, match="without a field"):
        Model("loose", links=model.links).check()
