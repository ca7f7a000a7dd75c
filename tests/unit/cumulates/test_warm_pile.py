"""The heat of a pile: its laws against their composition and quadrature, its tables, its Jacobian."""

import numpy as np
import pytest
import sympy

from mocoupled.closures import solid_convection as convection
from mocoupled.cumulates.heat_balance import pile_heat
from mocoupled.cumulates.pile_growth import Growth
from mocoupled.cumulates.remelting_tables import coordinates
from mocoupled.cumulates.warm_tables import gentle_slope, remelt_warm, tables_of_warm_pile
from mocoupled.dae.leaves.external import External
from mocoupled.dae.solve.integrate import Event, march
from mocoupled.dae.solve.system import System
from mocoupled.reservoirs import cumulates
from mocoupled.reservoirs.warm_pile import pile_temperature, with_heat
from mocoupled.schema.buffering_case import BufferingCase

MYR = 3.15576e13


def test_heat_of_a_boundary_layer_is_that_of_half_space_cooling():
    """2 k drop sqrt(v/(pi kappa d)) with v of eq. B1 for twice the drop, at any thickness.

    Nu = .357 Ra^(1/3). Smooth drops of 0.01 K make 2e-8 at 30 K."""
    rho, g, alpha, cp, eta, kappa = 4797.0, 9.81, 2e-5, 1200.0, 1e18, 1e-6
    for drop, d in ((300.0, 2e6), (30.0, 5e5)):
        Ra = convection.rayleigh_number(2 * drop, d, rho, g, alpha, eta, kappa)
        v = convection.velocity(Ra, d, kappa, 0.4)
        expected = 2 * rho * cp * kappa * drop * np.sqrt(float(v) / (np.pi * kappa * d))
        flux = float(convection.boundary_layer_heat(drop, rho, g, alpha, cp, eta, kappa, 0.4))
        assert flux == pytest.approx(expected, rel=1e-7)
        assert flux * d / (rho * cp * kappa * 2 * drop) == pytest.approx(0.357 * Ra ** (1 / 3), rel=1e-3)
        back = float(convection.boundary_layer_heat(-drop, rho, g, alpha, cp, eta, kappa, 0.4))
        assert back == -flux


@pytest.mark.parametrize("geometry", ["cartesian", "spherical"])
def test_heat_capacity_of_a_pile_on_its_adiabat(geometry):
    """c_p times the mean of exp(alpha g z/c_p) over its mass, by quadrature over the mass."""
    case = BufferingCase.read("earth").replace({"geometry": geometry})
    v = case.values
    capacity = sympy.lambdify(sympy.Symbol("solid_fraction", real=True), pile_heat(case).capacity)
    core, D = v["core_radius"], v["mantle_thickness"]
    for f in (0.1, 0.9):
        shares = f * (np.arange(20000) + 0.5) / 20000
        if geometry == "cartesian":
            depth = (f - shares) * D
        else:
            radius = [np.cbrt(core**3 + s * ((core + D) ** 3 - core**3)) for s in (shares, f)]
            depth = radius[1] - radius[0]
        mean = np.exp(v["expansivity"] * v["gravity"] * depth / v["heat_capacity"]).mean()
        assert float(capacity(f)) == pytest.approx(f * v["heat_capacity"] * mean, rel=1e-7)


def test_a_pile_that_never_melts_keeps_the_heat_of_its_crystals():
    """Without conduction: capacity(f) T = capacity(f0) T0 + int c_p T_top df, T_top the stored top."""
    case = BufferingCase.read("earth").replace({"boundary_layer_prefactor": 0.0})
    growth = Growth(case, 10 * MYR, 0.02, 0.99, 1e-9, True)
    system = System(with_heat(cumulates.growing_pile("net"), pile_heat(case), sympy.S.Zero))
    p = system.with_parameters({"growth": 1 / growth.duration})
    done = Event("end", "", lambda t, x: growth.end - x[0])
    run = march(system, system.start(p, growth.start).x, 1e16, events=[done], rtol=1e-9, parameters=p)
    f, T = run.states[:, 0], run.states[:, 3]
    v = case.values
    b = v["expansivity"] * v["gravity"] * v["mantle_thickness"] / v["heat_capacity"]
    stored = np.expm1(b * f) / b * T
    arrived = run.states[:, 6] / v["heat_capacity"]
    assert stored - stored[0] == pytest.approx(arrived, rel=1e-9, abs=1e-9)
    assert run.states[:, 4] == pytest.approx(4400.0) and np.all(run.states[:, 5] == 0)
    # crystals that rise from 4150 to 2130 K: their mean, by the trapezium rule over the top of the run
    heat = pile_heat(case)
    names = ("solid_fraction", "ocean_logit", "pile_iron")
    top = sympy.lambdify([sympy.Symbol(n, real=True) for n in names], heat.top)(*run.states[:, :3].T)
    steps = np.concatenate([[0.0], np.cumsum(0.5 * (top[1:] + top[:-1]) * np.diff(f))])
    assert arrived[-1] == pytest.approx(steps[-1], rel=1e-4)


@pytest.fixture(scope="module")
def made():
    rate, _ = tables_of_warm_pile(BufferingCase.read("earth"), 0.02, 0.2)
    return rate.tables


def test_tables_agree_with_the_closures(made):
    case, (rate, iron_rate) = BufferingCase.read("earth"), made.leaves()
    f, w = float(made._f[30]), float(made._w[9])  # a point of the grid, between knots of the warmth
    X = 1 / (1 + np.exp(-coordinates()(f, w, 0.1)))
    state = tuple(np.array([v]) for v in (f, X, (0.1 - (1 - f) * X) / f))
    largest = remelt_warm(case, state, np.array([0.1])).rate[0]
    for warmth in (made.knots[5], 0.004, 0.01, 0.03, 0.05):
        exact = remelt_warm(case, state, np.array([warmth]))
        assert f * rate((0, 0, 0), f, w, warmth) == pytest.approx(exact.rate[0], abs=5e-4 * largest)
        assert f * iron_rate((0, 0, 0), f, w, warmth) == pytest.approx(exact.iron_rate[0], abs=5e-5 * largest)
    knot = remelt_warm(case, state, np.array([made.knots[9]]))
    assert f * rate((0, 0, 0), f, w, made.knots[9]) == pytest.approx(knot.rate[0], rel=1e-9)
    assert rate((0, 0, 0), f, w, 0.0) == rate((0, 0, 0), f, w, -0.1) == rate((0, 0, 1), f, w, -0.1) == 0
    assert rate((0, 0, 0), f, w, 0.3) == rate((0, 0, 0), f, w, 0.2)


def test_derivatives_of_the_tables(made):
    rate, _ = made.leaves()
    at, h = (0.63, 0.41, 0.0617), 1e-6
    for k in range(3):
        step = h * np.eye(3)[k]
        up, down = (rate((0, 0, 0), *(np.array(at) + sign * step)) for sign in (1, -1))
        orders = tuple(np.eye(3, dtype=int)[k].tolist())
        assert rate(orders, *at) == pytest.approx((up - down) / (2 * h), rel=1e-5)


def test_gentle_slope_is_that_of_a_line_and_none_at_a_peak():
    steps = np.array([1.0, 3.0])
    assert gentle_slope(steps, np.array([2.0, 6.0])) == pytest.approx(2.0)
    assert gentle_slope(steps, np.array([2.0, -6.0])) == 0
    assert gentle_slope(steps[:1], np.array([2.0])) == 2.0


def test_jacobian_agrees_with_differences(made):
    """The state is away from knots of the tables."""
    case = BufferingCase.read("earth")
    heat = pile_heat(case)
    leaves = [External(name, leaf, 3) for name, leaf in zip(("rate", "iron_rate"), made.leaves())]
    remelting = cumulates.Remelting(*leaves, (pile_temperature() / heat.top - 1,))
    pile = cumulates.growing_pile("net", remelting)
    f, y = (u.symbol for u in pile.unknowns[:2])
    melt, _ = remelting.of_mantle(f, y, pile.parameters[1].symbol)
    system = System(with_heat(pile, heat, melt))
    growth = Growth(case, 10 * MYR, 0.02, 0.99, 1e-8, True)
    p = system.with_parameters({"growth": 1 / growth.duration})
    x = system.start(p, growth.start).x
    x[:5] = 0.63, -1.55, 0.045, x[3] * 0.72, 4390.0
    totals, q = system.totals(x, p), np.zeros(len(system.sourced))
    exact = system.rate_jacobian(0.0, np.concatenate([x, q]), totals, 0.0, p)
    assert np.abs(exact[:5, 3]).max() > 0
    for k in range(5):
        h = 1e-6 * abs(x[k])
        up, down = (
            system.rate(0.0, np.concatenate([x + sign * h * np.eye(x.size)[k], q]), totals, 0.0, p)
            for sign in (1, -1)
        )
        numeric = (up - down) / (2 * h)
        assert exact[:, k] == pytest.approx(numeric, rel=1e-4, abs=1e-5 * np.abs(exact[:, k]).max())
