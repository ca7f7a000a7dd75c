"""The mantle column: published runs of Bower et al. 2022 and laws of nature.

Numbers of the reference code, and of an independent implementation of both closures, are those of the
validation notes. With the reference closure the lid of E1 forms at 4322 yr and that of F1 at 25 364 yr
(SPIDER itself: 4319 and 25 317 yr). With the smooth closure it forms at 4317 and 25 470 yr.
"""

import csv
import json
from functools import cache

import numpy as np
import pytest
from scipy.integrate import trapezoid
from support.places import TESTS

import mocoupled as mo
from mocoupled.cli.installation_check import jacobian_misfit
from mocoupled.constants import YEAR
from mocoupled.dae.solve.integrate import march
from mocoupled.planet.assembly import assemble
from mocoupled.results.fronts import rheological_front
from mocoupled.runs.main_job import prepare

REFERENCE = TESTS / "reference"


@cache
def run(name, **changes):
    """The result of a shipped case with some keys of its mantle replaced."""
    return mo.run(mo.Case.read(name).replace({f"mantle.{k}": v for k, v in changes.items()}))


def end(result):
    """Time [yr], melt fraction, pressures of H2O and H2 [bar] at the end."""
    last = result.isel(time=-1)
    return (
        float(last.time) / YEAR,
        float(last.melt_fraction),
        *(float(last.pressure.sel(species=s)) / 1e5 for s in ("H2O", "H2")),
    )


def spider(name):
    """The time series of the reference code: columns by name."""
    with (REFERENCE / f"spider_{name}.csv").open() as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    return {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}


def test_e1_with_the_reference_closure():
    """Lid within 0.3 % of 4322 yr; the rest as the reference code prints it: 0.2961, 4.025 and 2.474 bar."""
    time, melt, water, hydrogen = end(run("E1", closure="reference"))
    assert time == pytest.approx(4322, rel=3e-3)
    assert melt == pytest.approx(0.2961, abs=0.0005)
    assert (water, hydrogen) == (pytest.approx(4.025, rel=5e-3), pytest.approx(2.474, rel=5e-3))


def test_e1_smooth():
    """Lid within 0.5 % of 4317 yr; 4.050 and 2.489 bar, of an independent implementation."""
    time, melt, water, hydrogen = end(run("E1"))
    assert time == pytest.approx(4317, rel=5e-3)
    assert melt == pytest.approx(0.2951, abs=0.0005)
    assert (water, hydrogen) == (pytest.approx(4.050, rel=5e-3), pytest.approx(2.489, rel=5e-3))


def test_f1_smooth():
    """Lid within 1 % of 25 470 yr, melt 0.0207 +- 0.001, 78.3 +- 1.5 and 48.1 +- 0.9 bar.

    The surface never warms after 2 kyr. The run takes at most 6000 steps.
    """
    result = run("F1")
    time, melt, water, hydrogen = end(result)
    assert time == pytest.approx(25470, rel=0.01)
    assert melt == pytest.approx(0.0207, abs=0.001)
    assert (water, hydrogen) == (pytest.approx(78.3, abs=1.5), pytest.approx(48.1, abs=0.9))
    late = result.surface_temperature.values[result.time.values > 2000 * YEAR]
    assert np.diff(late).max() <= 0.0
    assert json.loads(result.attrs["statistics"])["steps"] <= 6000


def test_mesh_of_f1():
    """50 cells within 2 % of 100 (200: by `validation/benchmarks/column.py`)."""
    coarse, fine = end(run("F1", cells=50)), end(run("F1"))
    assert coarse[0] == pytest.approx(fine[0], rel=0.02)
    assert coarse[2] == pytest.approx(fine[2], rel=0.02)


def test_series_of_e1():
    """The reference closure along the time series of the reference code. E1 has no jitter.

    Surface temperature within 0.3 % after the first decade, melt fraction within 0.003, pressures within 2
    %.
    """
    ours, theirs = run("E1", closure="reference"), spider("E1")
    late = theirs["time_yr"] > 10
    at = theirs["time_yr"][late]
    year = ours.time.values / YEAR

    def along(values):
        return np.interp(at, year, values)

    np.testing.assert_allclose(along(ours.surface_temperature.values), theirs["Tsurf_K"][late], rtol=3e-3)
    np.testing.assert_allclose(along(ours.melt_fraction.values), theirs["phi_global"][late], atol=3e-3)
    for species in ("H2O", "H2"):
        np.testing.assert_allclose(
            along(ours.pressure.sel(species=species).values) / 1e5,
            theirs[f"p_{species}_bar"][late],
            rtol=0.02,
        )


def test_series_of_f1():
    """The reference closure along the series of the reference code, with its jitter.

    Temperature, melt fraction and pressures are within 2 % at each of its times after the first decade, and
    within 1 % in the median (0.2 to 0.8 % is met).
    """
    ours, theirs = run("F1", closure="reference"), spider("F1")
    late = theirs["time_yr"] > 10
    pairs = [(ours.surface_temperature, "Tsurf_K"), (ours.melt_fraction, "phi_global")]
    pairs += [(ours.pressure.sel(species=s) / 1e5, f"p_{s}_bar") for s in ("H2O", "H2")]
    for values, name in pairs:
        ours_there = np.interp(theirs["time_yr"][late], ours.time.values / YEAR, values.values)
        apart = np.abs(ours_there / theirs[name][late] - 1)
        assert apart.max() < 0.02 and np.median(apart) < 0.01, name


@pytest.mark.parametrize("name", ["E1", "F1"])
def test_laws_of_nature(name):
    """Stored: energy and elements to 1e-10, equilibria to 1e-8.

    The energy of the integrator, before projection: 1e-5 of the heat lost. The heat lost is the integral of
    the flux over the steps of the run (trapezoids, 1 %), which knows nothing of the solver.
    """
    result = run(name)
    assert float(result.energy_drift.max()) < 1e-10
    assert float(result.element_drift.max()) < 1e-10
    assert float(result.equilibrium_drift.max()) < 1e-8
    assert float(result.integrator_energy_drift.max()) < 1e-5
    lost = float(result.heat[0] - result.heat[-1])
    area = 4 * np.pi * 6.371e6**2
    assert trapezoid(area * result.flux.values, result.time.values) == pytest.approx(lost, rel=0.01)
    melt_of_cells = (result.local_melt_fraction * result.cell_mass).sum("cell")
    np.testing.assert_allclose(melt_of_cells, result.melt_mass, rtol=1e-12)
    for values in result.data_vars.values():
        assert np.isfinite(values).all() and "units" in values.attrs and "long_name" in values.attrs


def test_tolerance_controls_energy():
    """At rtol 1e-7 the energy of the integrator closes to 1e-6; the lid moves by less than 1e-4."""
    fine = mo.run(mo.Case.read("E1").replace({"run.rtol": 1e-7}))
    assert float(fine.integrator_energy_drift.max()) < 1e-6
    assert float(fine.time[-1]) == pytest.approx(float(run("E1").time[-1]), rel=1e-4)


@pytest.mark.parametrize(
    "name, closure", [("F1-C1", "smooth"), ("F1-C1", "reference"), ("L", "smooth"), ("mars", "smooth")]
)
def test_jacobian_agrees_with_differences(name, closure):
    """At the start and after 2 kyr, when most of the column is partly molten.

    Tolerance: 1e-6 of the largest entry of each row.
    """
    prepared = prepare(
        mo.Case.read(name).replace({"mantle.closure": closure, "mantle.cells": 30, "run.end_time": "2 kyr"})
    )
    later = march(prepared.system, prepared.start, 2000 * YEAR, stabilisation=1 / YEAR).states[-1]
    for state in (prepared.start, later):
        assert jacobian_misfit(prepared.system, state, 1 / YEAR) < 1e-6


def test_upwind_separation_traps_melt():
    """The monotone flux leaves about 9 % of melt.

    13 275 yr, 0.091, 26.5 bar of H2O at 100 cells; these do not change on finer meshes.
    """
    time, melt, water, _ = end(run("F1", separation="upwind"))
    assert time == pytest.approx(13275, rel=0.01)
    assert melt == pytest.approx(0.091, abs=0.002)
    assert water == pytest.approx(26.5, rel=0.01)


def test_one_sided_availability_drains_no_cell_below_its_solidus():
    """With the one-sided step no cell is drained to a melt fraction below -0.005.

    With tanh, cells are drained to -0.047 with the reference closure (-0.04 of the published code in the
    notes) and to -0.022 with the smooth one. With the one-sided step the lid forms 5 to 7 % earlier (24 198
    yr).
    """

    def least(result):
        field = assemble(mo.Case.parse(result.attrs["case"])).model.field
        return (
            (result.entropy.values - field.profiles["solid_entropy"]) / field.profiles["fusion_entropy"]
        ).min()

    one_sided = run("F1", availability="one-sided")
    assert end(one_sided)[0] == pytest.approx(24198, rel=0.01)
    assert least(one_sided) > -0.005
    assert -0.03 < least(run("F1")) < -0.015
    assert least(run("F1", closure="reference")) == pytest.approx(-0.0466, abs=0.005)


def test_a_hot_start_by_temperature_or_by_entropy():
    by_entropy = prepare(mo.Case.read("E1"))
    by_temperature = prepare(
        mo.Case.read("E1").replace(
            {"run.initial_entropy": "none", "run.initial_surface_temperature": "2705.5 K"}
        )
    )
    for prepared in (by_entropy, by_temperature):
        assert prepared.system.state_value("surface_temperature")(prepared.start) == pytest.approx(
            2705.5, abs=0.1
        )
    np.testing.assert_allclose(by_entropy.start[:100], by_temperature.start[:100], rtol=3e-5)


def test_radiogenic_heat_is_in_the_balance():
    """1e-7 W/kg for the whole run adds its heat to the balance, and delays the lid."""
    warm = mo.run(mo.Case.read("E1").replace({"mantle.heating": "1e-7 W/kg"}))
    assert float(warm.energy_drift.max()) < 1e-10
    area = 4 * np.pi * 6.371e6**2
    radiated = trapezoid(area * warm.flux.values, warm.time.values)
    produced = 1e-7 * 4.208261222595e24 * float(warm.time[-1])
    assert radiated - produced == pytest.approx(float(warm.heat[0] - warm.heat[-1]), rel=0.01)
    assert float(warm.time[-1]) > float(run("E1").time[-1])


def test_mesh_and_tables():
    """The mesh has the mass and volume of the mantle.

    T(P, S) of a table is the isentrope of the melt, away from melting.
    """
    planet = assemble(mo.Case.read("E1"))
    field = planet.model.field
    mass, _, _ = field.coordinates["cell_mass"]
    assert mass.sum() == pytest.approx(planet.structure.mantle_mass, rel=1e-12)
    result = run("E1")
    from mocoupled.interior.silicate_eos import melt

    first = result.isel(time=0)
    S = melt().state(first.cell_pressure.values, first.temperature.values).entropy
    free = first.local_melt_fraction.values == 1.0
    high = (S - first.entropy.values)[free][:40]  # the lowest cells are within the blend of the liquidus
    np.testing.assert_allclose(high, 0.0, atol=0.1)


def test_nuclides_and_tides_heat_both_mantles():
    """K40 with its half-life, and a tidal power that falls, heat the column and the lumped mantle.

    The heating is that of their curves; the balance of energy includes it.
    """
    changes = {
        "mantle.radionuclides": {"K40": 0.02, "Al26": 1e-7},
        "mantle.tidal_power": 3e17,
        "mantle.tidal_decay_time": "1 kyr",
        "run.end_time": "1 kyr",
    }
    for model in ("column", "lumped"):
        warm = mo.run(mo.Case.read("E1").replace(changes | {"mantle.model": model, "mantle.cells": 30}))
        t = warm.time.values / YEAR
        mass = 4.208261222595e24
        expected = mass * (
            0.02 * 2.8761e-5 * 0.5 ** (t / 1.248e9) + 1e-7 * 0.3583 * 0.5 ** (t / 7.17e5)
        ) + 3e17 * np.exp(-t / 1000)
        np.testing.assert_allclose(warm.internal_heating, expected, rtol=1e-12)
        assert float(warm.energy_drift.max()) < 1e-10
        cold = mo.run(
            mo.Case.read("E1").replace({"mantle.model": model, "mantle.cells": 30, "run.end_time": "1 kyr"})
        )
        assert float(warm.heat[-1]) > float(cold.heat[-1])


def test_past_the_lid_until_it_is_frozen():
    """The lid is passed at the time of a run that ends there; the front then reaches the surface."""
    frozen, lid = run_past_lid(), run("F1", cells=50)
    passed = json.loads(frozen.attrs["passed"])
    assert passed["surface lid"] == pytest.approx(float(lid.time[-1]), rel=1e-9)
    at = frozen.sel(time=passed["surface lid"])
    assert float(at.surface_temperature) == pytest.approx(1650.0, abs=1e-6)
    assert float(frozen.melt_fraction[-1]) == pytest.approx(1e-3, rel=1e-6)
    front = frozen.rheological_front_depth.values
    assert front[0] == pytest.approx(6.371e6 * 0.45, rel=1e-3) and front[-1] == 0.0
    # the front rises, or falls by less than a cell
    assert np.diff(front[frozen.time.values > 3000 * YEAR]).max() < 15e3


@cache
def run_past_lid():
    case = mo.Case.read("F1").replace({"mantle.cells": 50, "run.continue_past_lid": True})
    return mo.run(case)


def test_front_of_simple_profiles():
    depth = np.array([10.0, 20.0, 30.0])
    profiles = [[1.0, 1.0, 1.0], [1.0, 0.6, 0.2], [0.3, 0.2, 0.0], [0.4, 0.0, 0.9]]
    assert rheological_front(np.array(profiles), depth, 35.0, 0.0) == pytest.approx([35.0, 25.0, 0.0, 35.0])


def test_a_run_that_cannot_reach_its_end_says_why():
    """1e-5 W/kg keep the surface above 1650 K for ever."""
    warm = mo.run(
        mo.Case.read("E1").replace(
            {"mantle.heating": "1e-5 W/kg", "mantle.cells": 20, "run.end_time": "100 kyr"}
        )
    )
    assert warm.attrs["end_name"] == "end of time"
    assert (
        "before any other end" in warm.attrs["end_reason"]
        and "it may never cool further" in warm.attrs["end_reason"]
    )


@pytest.mark.parametrize(
    "changes, says",
    [
        ({"planet.core_radius_fraction": 1.2}, "out of range"),
        ({"mantle.cells": 9}, "out of range"),
        ({"run.initial_entropy": "2950 J/kg/K"}, "out of range"),
        (
            {"run.initial_entropy": "none", "run.initial_surface_temperature": "5000 K"},
            "outside what the mantle's tables",
        ),
        ({"mantle.radionuclides": {"K41": 1.0}}, "no heat of decay for 'K41'"),
        ({"mantle.closure": "rough"}, "not one of the choices"),
    ],
)
def test_bad_columns_are_refused(changes, says):
    with pytest.raises(mo.InputError, match=says):
        prepare(mo.Case.read("E1").replace(changes))
