"""What the returned melt of the pile carries: heat by the overturn of the pile, and trapped volatiles."""

from functools import cache

import numpy as np
import pytest
from scipy.integrate import trapezoid

import mocoupled as mo
from mocoupled.cli.installation_check import jacobian_misfit
from mocoupled.closures.iron_magnesium import share
from mocoupled.constants import YEAR
from mocoupled.cumulates.of_case import pile, remelting_tables
from mocoupled.dae.solve.integrate import march
from mocoupled.reservoirs.cumulates import LEAST_SOLID
from mocoupled.reservoirs.trapped_volatiles import Trapping
from mocoupled.runs.main_job import prepare

SOFT = 1e16  # Pa s: a pile that turns over within the life of this ocean


def case(name="F1", **changes):
    coupled = {"cumulates.coupled": True, "mantle.cells": 10, "cumulates.viscosity": SOFT, "run.rtol": 1e-6}
    return mo.Case.read(name).replace(coupled | {f"cumulates.{k}": v for k, v in changes.items()})


@cache
def run(name="F1", **changes):
    return mo.run(case(name, **changes))


def test_overturn_brings_heat_from_the_pile_to_the_ocean():
    """At the same time before the lid, with overturn the melt fraction is larger by 0.054 (measured).

    The surface radiates 2.2 times as much, and the deep pile is colder (by 540 K). On 20 cells all three are
    less (0.016, 1.2, 225 K). Energy closes as without overturn.
    """
    with_, without = run(), run(return_heat=False)
    t = 0.9 * float(min(with_.time[-1], without.time[-1]))
    state_with, state_without = (r.interp(time=t) for r in (with_, without))
    assert float(state_with.melt_fraction) > float(state_without.melt_fraction) + 0.03
    assert float(state_with.flux) > 1.6 * float(state_without.flux)
    assert float(state_with.temperature[-2]) < float(state_without.temperature[-2]) - 350
    for result in (with_, without):
        assert float(result.energy_drift.max()) < 1e-12 and float(result.integrator_energy_drift.max()) < 1e-5


def test_overturn_is_that_of_the_rock_that_melts():
    """pile_diffusivity is d^2 times the share of the pile that passes through melting in a second.

    The share is from the tables; agreement to rounding.
    """
    result = run()
    pile_of_case = pile(case())
    *_, source = remelting_tables(pile_of_case)
    d = 0.45 * 6371e3  # core_radius_fraction of these cases is 0.55
    for k in (len(result.time) // 2, -1):
        f, X = 1 - float(result.melt_fraction[k]), float(result.ocean_iron[k])
        solid = np.hypot(f, LEAST_SOLID)  # as the equations look it up
        core = float(result.core_mantle_temperature[k])
        expected = (
            source((0, 0, 0), solid, float(share(solid, np.log(X / (1 - X)), 0.1)), core) * (f * d) ** 2
        )
        assert float(result.pile_diffusivity[k]) == pytest.approx(expected, rel=1e-10) and expected > 0
        assert float(result.pile_thickness[k]) == pytest.approx(f * d, rel=1e-12)


def test_a_table_has_one_value_at_a_state_whatever_was_read_before():
    """Rates and slopes at some states, in two orders, beyond the knots too: a state is located once."""
    leaves = remelting_tables(pile(case()))
    cores = np.array([-50.0, 0.0, 137.0, 411.0, 5000.0]) + leaves[0].tables.knots[0]
    states = [(f, w, float(T)) for f in (0.3, 0.9) for w in (-0.1, 0.2, 0.7) for T in cores]
    orders = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1)]
    there = {(s, o): [leaf(o, *s) for leaf in leaves] for s in states for o in orders}
    back = {(s, o): [leaf(o, *s) for leaf in leaves[::-1]][::-1] for o in orders for s in states[::-1]}
    assert there == back and len({tuple(values) for values in there.values()}) == 40


def test_where_the_overturn_has_no_effect():
    """A lumped mantle is an isentrope: heat that moves inside it changes nothing.

    Without remelting there is no overturn.
    """
    assert "pile_diffusivity" not in run(remelting=False)
    lumped = [mo.run(case(return_heat=heat).replace({"mantle.model": "lumped"})) for heat in (True, False)]
    np.testing.assert_array_equal(*(r.surface_temperature for r in lumped))


def test_trapped_volatiles_return():
    """d(trapped)/dt = t X_v (-dM/dt + q M) - w trapped, by the trapezium rule: 1e-3.

    It is integrated from the stored melt and dissolved mass of the run and the rates of the tables. A third
    of what was trapped has come back. Melt that is returned crystallises and traps again, so that no less
    is trapped in the end. Every element is conserved to 1e-12.
    """
    result = run(trapped_melt=0.1)
    rate, _, source = remelting_tables(pile(case()))
    total = float(result.cell_mass.sum())
    n, X, t = result.melt_fraction.values, result.ocean_iron.values, result.time.values
    f = np.hypot(1 - n, LEAST_SOLID)
    core = result.core_mantle_temperature.values
    where = [(a, float(share(a, y, 0.1)), float(T)) for a, y, T in zip(f, np.log(X / (1 - X)), core)]
    q, w = ((np.array([table((0, 0, 0), *at) for at in where])) for table in (rate, source))
    water = result.sel(species="H2O")
    dissolved = water.dissolved_mass.values / (n * total)
    trapped, all_gained = [0.0], 0.0
    for k in range(len(t) - 1):
        dt, half = t[k + 1] - t[k], slice(k, k + 2)
        gained = 0.1 * dissolved[half].mean() * ((n[k] - n[k + 1]) + dt * ((1 - n) * q)[half].mean()) * total
        loss = dt * w[half].mean()
        all_gained += gained
        trapped.append((trapped[-1] * (1 - loss / 2) + gained) / (1 + loss / 2))
    assert float(water.trapped_mass[-1]) == pytest.approx(trapped[-1], rel=1e-3)
    assert trapped[-1] < 0.75 * all_gained
    assert float(result.element_drift.max()) < 1e-12


def test_escaped_hydrogen_is_not_counted_as_trapped():
    """With escape and trapping, escaped_mass is int escape_rate dt (1e-3, trapezium rule).

    The elements close.
    """
    changes = {
        "escape.law": "Zahnle2019",
        "escape.xuv": 100.0,
        "redox.oxygen_fugacity": "IW-2",
        "volatiles.solubility.H2": "basalt-Hirschmann2012",
    }
    result = mo.run(case("E1", trapped_melt=0.1).replace(changes))
    expected = trapezoid(result.escape_rate, result.time)
    assert float(result.escaped_mass[-1]) == pytest.approx(expected, rel=1e-3) and expected > 0
    assert float(result.trapped_mass.sel(species="H2")[-1]) > 0
    assert float(result.element_drift.max()) < 1e-12


@pytest.mark.parametrize("D, expected", [(0.0, 2e-14), (1.0, 5e-15), (0.1, 2e-14 / (0.1 / 0.25 + 0.9))])
def test_release_by_batch_melting(D, expected):
    """A quarter of the rock melts: c_melt/c_rock = 1/(D + (1 - D) F) (Shaw 1970).

    An incompatible volatile leaves with all of it, a volatile with D = 1 with the share of the melt.
    """
    assert float(Trapping(0.1, None, 0.0, 5e-15, 2e-14).release(D)) == pytest.approx(expected, rel=1e-12)


def test_jacobian_with_overturn_and_return():
    """The Jacobian of both levels and of carried and returned quantities agrees with differences.

    The state is one at which the pile turns over.
    """
    prepared = prepare(case("E1", trapped_melt=0.2))
    assert prepared.system.carrying and len(prepared.system.field.levels) == 2
    trajectory = march(prepared.system, prepared.start, 3000 * YEAR, stabilisation=1 / YEAR, max_steps=400)
    assert jacobian_misfit(prepared.system, trajectory.states[-1], 1 / YEAR) < 1e-6
