"""Fields of several components: exact solutions, conservation, Jacobians, resumed marches, refusals."""

from dataclasses import replace

import numpy as np
import pytest
import sympy
from scipy.linalg import expm

from mocoupled.dae.declare.field import HERE, Component, Field, FieldOutput, Inflow, Link, places, profile
from mocoupled.dae.declare.model import Balance, Constraint, Model, Start, Unknown
from mocoupled.dae.solve import field_jacobian
from mocoupled.dae.solve.field_system import FieldSystem
from mocoupled.dae.solve.integrate import march
from mocoupled.errors import ConvergenceError, ModelError

MASS = np.array([[1.0, 0.5], [0.2, 1.0]])  # storages by the components
CROSS = np.array([[1.0, 0.3], [0.2, 0.6]])  # fluxes by the gradients of the components


def linear(n, flux_of):
    """Two components on n cells of a closed line of length 1, with constant storages MASS.

    flux_of(above, below, n): the fluxes of both for vectors of both components.
    """
    u, v = places("u", "v")
    here, above, below = (
        sympy.Matrix([getattr(u, word), getattr(v, word)]) for word in ("here", "above", "below")
    )
    storages, fluxes = sympy.Matrix(MASS) * here / n, flux_of(above, below, n)
    x = (np.arange(n) + 0.5) / n
    starts = (1 + 0.3 * np.cos(np.pi * x), 2 - 0.4 * np.cos(np.pi * x))
    components = tuple(
        Component(name, "1", name, start=start, storage=storage, flux=flux)
        for name, start, storage, flux in zip("uv", starts, storages, fluxes)
    )
    totals = [Link(f"total_{name}", "total", storage) for name, storage in zip("uv", storages)]
    clock = Unknown("clock")
    model = Model(
        "linear",
        unknowns=(clock,),
        balances=(Balance("clock", clock.symbol, sympy.S.One),),
        starts=(Start("clock", clock.symbol),),
        field=Field(components),
        links=tuple(totals),
    )
    return FieldSystem(model)


def diffusion(above, below, n):
    return -n * sympy.Matrix(CROSS) * (above - below)


def rising(above, below, n):
    """Each flux carries both components of the cell below upwards."""
    return sympy.Matrix(CROSS) * below


def marched(system, end, **options):
    """The last state of a march, by component (components, cells)."""
    result = march(system, system.start().x, end, **{"rtol": 1e-9} | options)
    assert result.end.kind == "time"
    return result.states[-1][: system.inner].reshape(system.cells, -1).T


def test_coupled_diffusion_converges_in_second_order():
    """M dw/dt = D w'': w = w_mean + expm(-M^-1 D pi^2 t) a cos(pi x); the error falls as n^-2."""
    end, errors = 0.05, []
    a, mean = np.array([0.3, -0.4]), np.array([1.0, 2.0])
    decayed = expm(-np.linalg.solve(MASS, CROSS) * np.pi**2 * end) @ a
    for n in (10, 20, 40):
        x = (np.arange(n) + 0.5) / n
        exact = mean[:, None] + decayed[:, None] * np.cos(np.pi * x)
        errors.append(np.abs(marched(linear(n, diffusion), end) - exact).max())
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders == pytest.approx(2.0, abs=0.06)


def test_coupled_diffusion_follows_the_exact_mode_of_its_differences():
    """As above with the eigenvalue 4 n^2 sin^2(pi/2n) of the difference operator, to 1e-8."""
    n, end = 30, 0.05
    x = (np.arange(n) + 0.5) / n
    rate = 4 * n**2 * np.sin(np.pi / (2 * n)) ** 2
    decayed = expm(-np.linalg.solve(MASS, CROSS) * rate * end) @ [0.3, -0.4]
    exact = np.array([[1.0], [2.0]]) + decayed[:, None] * np.cos(np.pi * x)
    np.testing.assert_allclose(marched(linear(n, diffusion), end), exact, atol=1e-8)


def test_advection_with_storages_of_both_follows_its_exponential():
    """Upwind fluxes of a closed line: the linear system's matrix exponential, to 1e-7."""
    n, end = 12, 0.2
    system = linear(n, rising)
    moves = np.zeros((n, n))  # d(balance)/d(cell): what rises from below, less what rises out of it
    moves[np.arange(n - 1), np.arange(1, n)] += 1.0
    moves[np.arange(1, n), np.arange(1, n)] -= 1.0
    whole = np.kron(moves, np.linalg.solve(MASS / n, CROSS))
    exact = (expm(whole * end) @ system.start().x[:-1]).reshape(n, 2).T
    np.testing.assert_allclose(marched(system, end), exact, atol=1e-7)


@pytest.mark.parametrize("flux_of", [diffusion, rising])
def test_both_totals_of_a_closed_line_are_conserved(flux_of):
    """To 1e-12 of each."""
    system = linear(25, flux_of)
    start = system.start().x
    result = march(system, start, 0.5, rtol=1e-6)
    before, after = system.link_values(start), system.link_values(result.states[-1])
    np.testing.assert_allclose(after, before, rtol=1e-12)
    assert np.abs(result.states[-1] - start)[:-1].max() > 0.05


def test_a_conserved_component_has_the_sum_of_its_start_again():
    """Of a state whose v has drifted: by one factor for all cells, and the drift is reported."""
    n, (_, v) = 20, places("u", "v")
    system = linear(n, diffusion)
    u_of, v_of = system.field.components
    kept = replace(v_of, storage=v.here / n, conserved=True)
    field = replace(system.field, components=(u_of, kept))
    system = FieldSystem(replace(system.model, field=field, links=()))
    start = system.start().x
    moved = start.copy()
    moved[1 : 2 * n : 2] *= 1 + 3e-6 * np.linspace(0, 1, n)
    state, drifts, _ = system.settle(moved, system.totals(start), np.zeros(1))
    drift = (moved[1 : 2 * n : 2].sum() / start[1 : 2 * n : 2].sum()) - 1
    assert 1e-6 < drift < 2e-6
    np.testing.assert_allclose(drifts, [0, drift], rtol=1e-9)
    np.testing.assert_allclose(state[1 : 2 * n : 2], moved[1 : 2 * n : 2] / (1 + drift), rtol=1e-15)
    np.testing.assert_array_equal(state[: 2 * n : 2], moved[: 2 * n : 2])
    moved[1] *= 1.1
    with pytest.raises(ConvergenceError, match="sum of v over the cells has changed by 0.0"):
        system.project(moved, system.totals(start))


def test_a_conserved_component_with_a_source_is_refused():
    system = linear(8, diffusion)
    u_of, v_of = system.field.components
    (_, v) = places("u", "v")
    good = replace(v_of, storage=v.here, conserved=True)
    for odd in (
        replace(good, source=v.here),
        replace(good, storage=v.here**2),
        replace(v_of, conserved=True),
    ):
        with pytest.raises(ModelError, match="v is conserved, but has a source or a storage"):
            replace(system.model, field=replace(system.field, components=(u_of, odd))).check()
    field = replace(system.field, components=(u_of, good))
    with pytest.raises(ModelError, match="v is conserved, but has an inflow"):
        replace(system.model, field=field, inflows=(Inflow("last", sympy.S.One, component="v"),)).check()


def coupled(m, n=14):
    """m components, each in the storages and fluxes of the next, with a level, links and inflows on each.

    Sources of each; a scalar balance with a total, a scalar that follows, and quantities at edges and faces.
    """
    names = "uvw"[:m]
    at = places(*names)
    level, dim = Unknown("level", guess=0.1), Unknown("dim", follows=True)
    s = level.symbol
    mean = sympy.Symbol("mean_conductivity", real=True)
    mean_is = sum(1 + (p.above * p.below) / 4 for p in at)
    components, links, inflows = [], [], []
    for k, (name, here) in enumerate(zip(names, at)):
        other = at[(k + 1) % m]
        storage = (here.here + other.here / 5 + here.here**2 * other.here / 10) / n
        flux = -mean * (1 + s * other.above) * (here.above - here.below) * profile("steepness")
        flux -= other.below**2 * (other.above - other.below) / 3
        start = 1 + 0.3 * np.cos(np.pi * (np.arange(n) + 0.5) / n + k)
        source = here.here * other.here / (7 * n)
        components.append(Component(name, "1", name, start, storage, flux, source, low=-9, high=9, scale=2.0))
        edge = Link(
            f"edge_{name}", "edge", here.first + (other.first - here.second) / 2 * (1 + s) + here.last
        )
        face = Link(f"face_{name}", "face", here.above * other.below**2 * sympy.exp(s), face=n - 2)
        total = Link(f"total_{name}", "total", storage + sympy.exp(s * here.here) * other.here / n)
        links += [edge, face, total]
        inflows.append(Inflow("first", -edge.symbol * face.symbol / 5 - dim.symbol, component=name))
        inflows.append(Inflow("last", s * edge.symbol + sympy.Float(0.3) * face.symbol, component=name))
    totals = sum(link.symbol for link in links if link.kind == "total")
    edges = sum(link.symbol**2 for link in links if link.kind == "edge")
    return Model(
        "coupled",
        unknowns=(level, dim),
        balances=(Balance("level", 2 * s + sympy.log(totals), -edges / 9),),
        constraints=(Constraint("dimming", dim.symbol + totals / 9 + sympy.log(1 + edges)),),
        starts=(Start("level", s + totals / 90 - 0.3),),
        field=Field(
            tuple(components),
            profiles={"steepness": np.full(n - 1, float(n))},
            levels=(s,),
            definitions=((mean, mean_is),),
            outputs=(FieldOutput("product", at[0].here * at[-1].here * s, "1", "product"),),
        ),
        links=tuple(links),
        inflows=tuple(inflows),
    )


def differences(system, y, totals, alpha):
    """The rate's Jacobian by central differences of sixth order."""
    numeric = np.zeros((len(y), len(y)))
    weights = {1: 45.0, 2: -9.0, 3: 1.0}
    for j in range(len(y)):
        step = np.zeros(len(y))
        step[j] = h = 1e-3 * (1 + abs(y[j]))
        for k, weight in weights.items():
            rise = system.rate(0.0, y + k * step, totals, alpha) - system.rate(
                0.0, y - k * step, totals, alpha
            )
            numeric[:, j] += weight * rise / (60 * h)
    return numeric


@pytest.mark.parametrize("m", [1, 2, 3])
@pytest.mark.parametrize("dense", [True, False])
def test_jacobian_agrees_with_differences(m, dense, monkeypatch):
    """Every entry to 1e-8 of the largest in its row, off the constraint too."""
    monkeypatch.setattr(field_jacobian, "DENSE", 1000 if dense else 3)
    system = FieldSystem(coupled(m))
    state = system.start().x
    y = np.concatenate([state, np.full(len(system.sourced), 0.01)])
    y[: system.size] += 0.02 * np.random.default_rng(2).standard_normal(system.size)
    totals = system.totals(state)
    exact = system.rate_jacobian(0.0, y, totals, 0.7)
    exact = exact if dense else exact.toarray()
    numeric = differences(system, y, totals, 0.7)
    assert np.max(np.abs(exact - numeric) / np.abs(exact).max(axis=1, keepdims=True)) < 1e-8


@pytest.mark.parametrize("m", [2, 3])
def test_a_march_closes_and_its_outputs_are_those_of_the_state(m):
    """Balance and constraint of projected states to 1e-12; outputs by name in the order of `stored`."""
    system = FieldSystem(coupled(m))
    result = march(system, system.start().x, 0.3, rtol=1e-7, stabilisation=10.0)
    assert result.end.kind == "time"
    for t, x, q in zip(result.time, result.states, result.accumulated):
        balances, constraints = system.drift(x, result.totals, q, time=t)
        assert balances.max() < 1e-12 and constraints.max() < 1e-12
    last = result.states[-1]
    assert [output.name for output in system.field.stored] == [*"uvw"[:m], "product"]
    *values, product = system.field_outputs(last)
    assert len(values) == m
    np.testing.assert_array_equal(np.stack(values, axis=1).ravel(), last[: system.inner])
    np.testing.assert_allclose(product, values[0] * values[-1] * last[system.inner])


def test_a_resumed_march_is_the_straight_one():
    system, stored = FieldSystem(coupled(2)), []

    def checkpoint(arrays, last):
        stored.append(arrays())

    start = system.start().x
    straight = march(system, start, 0.3, stabilisation=10.0, checkpoint=checkpoint)
    resumed = march(system, start, 0.3, stabilisation=10.0, resume=stored[len(stored) // 2])
    assert len(stored) > 10
    np.testing.assert_array_equal(resumed.states, straight.states)
    np.testing.assert_array_equal(resumed.time, straight.time)


def test_an_only_component_has_plain_symbols_under_any_name():
    """Its text is the same whatever it is called; that of two names the component in every symbol."""
    model = coupled(1)
    (only,) = model.field.components
    other = replace(only, name="other")
    inflows = tuple(replace(inflow, component="") for inflow in model.inflows)
    renamed = replace(model, field=replace(model.field, components=(other,)), inflows=inflows)
    assert FieldSystem(renamed).source == FieldSystem(model).source
    assert "def faces(above, below, level):" in FieldSystem(model).source
    assert "def faces(above_u, above_v, below_u, below_v, level):" in FieldSystem(coupled(2)).source
    assert places("any")[0].here == HERE


def test_a_definition_of_both_fluxes_is_computed_once():
    text = FieldSystem(coupled(2)).source
    faces = text[text.index("def faces(") : text.index("def faces_linear(")]
    assert faces.count("    mean_conductivity = ") == 1


def with_components(model, *changed):
    return replace(model, field=replace(model.field, components=changed))


def test_malformed_declarations_are_refused():
    model = coupled(2)
    u, v = model.field.components
    cases = [
        (with_components(model), "no component"),
        (with_components(model, u, replace(v, start=np.ones(5))), r"shape \(5,\); u has 14 cells"),
        (with_components(model, u, replace(v, name="two words")), "named 'two words'"),
        (with_components(model, u, replace(v, name="u")), "declared twice: u"),
        (with_components(model, u, replace(v, storage=HERE)), "storage of v uses here"),
        (with_components(model, replace(u, storage=v.storage * 0 + 1), v), "left for the storage of u"),
        (replace(model, inflows=(Inflow("first", sympy.S.One, component="w"),)), "'w' is unknown"),
        (replace(model, inflows=(Inflow("first", sympy.S.One),)), "no component is named; allowed: u, v"),
    ]
    for declared, message in cases:
        with pytest.raises(ModelError, match=message):
            declared.check()


def test_outside_the_limits_of_any_component_the_rates_are_not_numbers():
    system = FieldSystem(coupled(2))
    state = system.start().x
    for place in (4, 5):
        y = np.concatenate([state, [0.0]])
        y[place] = 9.5
        assert np.all(np.isnan(system.rate(0.0, y, system.totals(state), 1.0)))
