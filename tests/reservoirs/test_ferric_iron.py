"""Runs and states with redox that evolves: laws of nature, and limits."""

import numpy as np
import pytest
from support.ferric_laws import buffer, iron_law_holds, log10_fO2, lumped_run

import mocoupled as mo
from mocoupled.cli.installation_check import jacobian_misfit
from mocoupled.closures import ferric_iron
from mocoupled.constants import YEAR
from mocoupled.dae.solve.integrate import march
from mocoupled.runs.main_job import prepare


def test_escape_oxidises_and_slows_itself():
    """Large escape (case L) oxidises the melt, and less hydrogen escapes in a longer time.

    Oxygen is conserved together with that of the iron. The rate of escape at the same temperature is below
    that of the buffered run from early on.
    """
    evolving, buffered = lumped_run("L", ferric_iron="Sossi2020"), lumped_run("L")
    for run in (evolving, buffered):
        assert run.attrs["end_name"] == "surface lid"
        assert (
            float(run.element_drift.max()) < 1e-10
            and float(run.equilibrium_drift.max()) < 1e-8
            and float(run.energy_drift.max()) < 1e-10
        )
    assert set(evolving.element.values) == {"H", "C", "O"}
    iron_law_holds(evolving, "Sossi2020")
    assert float(evolving.delta_IW[0]) == pytest.approx(0.5, abs=1e-9) and float(evolving.delta_IW[-1]) > 1.5
    late = evolving.surface_temperature < 2000.0
    assert np.all(np.diff(evolving.delta_IW[late]) > 0) and np.all(np.diff(evolving.ferric_share[late]) > 0)
    assert float(evolving.time[-1]) > 1.3 * float(buffered.time[-1])
    assert float(evolving.escaped_mass[-1]) < 0.8 * float(buffered.escaped_mass[-1])
    T = 1700.0
    rates = [np.interp(-T, -run.surface_temperature, run.escape_rate) for run in (evolving, buffered)]
    assert rates[0] < 0.6 * rates[1]


def test_oxygen_left_behind_by_escape_is_in_gas_melt_and_iron():
    """The oxygen of a run is constant, computed here without the model.

    It is O of the stored gases and dissolved species, and n(Fe3+)/2 of the stored share.
    """
    run = lumped_run("L", ferric_iron="Sossi2020")
    atoms = {"H2O": 1, "CO": 1, "CO2": 2, "O2": 2}
    volatile = sum(
        n * (run.gas_mass + run.dissolved_mass).sel(species=s) / m
        for s, n, m in (
            (s, n, {"H2O": 18.015e-3, "CO": 28.010e-3, "CO2": 44.009e-3, "O2": 31.998e-3}[s])
            for s, n in atoms.items()
        )
    )
    mantle = float(run.melt_mass[0]) / float(run.melt_fraction[0])
    oxygen = volatile + run.ferric_share * 0.0805 * mantle / 71.844e-3 / 2
    np.testing.assert_allclose(oxygen, float(oxygen[0]), rtol=3e-5)  # molar masses to five digits
    assert abs(float(volatile[-1] / volatile[0]) - 1) > 0.1


def test_every_state_is_the_equilibrium_of_its_budget():
    """A cold start with the stored temperature, melt fraction and elements gives the stored state: 1e-9.

    The elements are hydrogen, carbon and oxygen.
    """
    case = mo.Case.read("L").replace({"mantle.model": "lumped", "redox.ferric_iron": "Sossi2020"})
    run = lumped_run("L", ferric_iron="Sossi2020")
    weights = {"H": 1.00794e-3, "C": 12.0107e-3, "O": 15.9994e-3}
    first = mo.equilibrium(case, temperature=2700.0, melt_fraction=1.0)
    weights = {
        e: float(first.element_mass.sel(element=e) / first.element_moles.sel(element=e)) for e in weights
    }
    some = run.isel(time=slice(0, None, 20))
    kg = {e: some.element_moles.sel(element=e).values * w for e, w in weights.items()}
    state = mo.equilibrium(
        case,
        temperature=some.surface_temperature.values,
        melt_fraction=some.melt_fraction.values,
        hydrogen=kg["H"],
        carbon=kg["C"],
        oxygen=kg["O"],
    )
    np.testing.assert_allclose(state.log10_fO2, some.log10_fO2, atol=1e-9)
    np.testing.assert_allclose(
        state.pressure.transpose("species", ...), some.pressure.transpose("species", ...), rtol=1e-8
    )


def test_generated_jacobian():
    case = mo.Case.read("R").replace(
        {
            "mantle.model": "lumped",
            "redox.ferric_iron": "KressCarmichael1991",
            "redox.ferric_pressure": True,
            "redox.ferric_partition": 0.3,
        }
    )
    prepared = prepare(case)
    trajectory = march(prepared.system, prepared.start, 2e5 * YEAR, stabilisation=1 / YEAR)
    for state in (prepared.start, trajectory.states[len(trajectory.states) // 2], trajectory.states[-1]):
        assert jacobian_misfit(prepared.system, state, 1 / YEAR) < 1e-6


def test_column():
    """The same with the column (20 cells): conserved, in equilibrium, oxidised by escape."""
    case = mo.Case.read("L").replace(
        {"mantle.cells": 20, "redox.ferric_iron": "Sossi2020", "run.end_surface_temperature": "2100 K"}
    )
    run = mo.run(case)
    assert run.attrs["end_name"] == "surface lid"
    assert float(run.element_drift.max()) < 1e-10 and float(run.equilibrium_drift.max()) < 1e-8
    iron_law_holds(run, "Sossi2020")
    assert float(run.escaped_mass[-1]) > 0 and float(run.delta_IW[-1]) > 0.5


# ---- limits


def test_without_volatiles_the_ferric_share_stays():
    """Only the gas O2, 1e-9 of the oxygen, exchanges oxygen with the iron.

    The share is constant, and the fugacity is that of the law.
    """
    run = lumped_run(
        "E1",
        volatiles__hydrogen="0 kg",
        ferric_iron="Hirschmann2022",
        oxygen_fugacity="none",
        ferric_share=0.04,
        chemistry__species="all",
    )
    np.testing.assert_allclose(run.ferric_share, 0.04, rtol=1e-6)
    oxides = ferric_iron.with_iron(0.0805)
    expected = [
        log10_fO2("Hirschmann2022", float(T), 0.04, composition=oxides) for T in run.surface_temperature[::40]
    ]
    np.testing.assert_allclose(run.log10_fO2[::40], expected, atol=1e-7)


def test_much_iron_is_a_buffer():
    """With 1e-4 oceans the iron is in effect infinite.

    Sossi2020 then keeps the distance to its IW, and the run is the buffered one. Hirschmann2022 does not:
    at a constant share the distance to IW grows by 1.5 dex as the melt cools from 2700 to 1650 K.
    """
    little = {"volatiles__hydrogen": "1e-4 ocean", "volatiles__carbon": "0 kg"}
    evolving, buffered = lumped_run("E1", ferric_iron="Sossi2020", **little), lumped_run("E1", **little)
    np.testing.assert_allclose(evolving.delta_IW, 0.5, atol=1e-3)
    assert float(evolving.time[-1]) == pytest.approx(float(buffered.time[-1]), rel=1e-3)
    for species in ("H2", "H2O"):
        assert float(evolving.pressure.sel(species=species)[-1]) == pytest.approx(
            float(buffered.pressure.sel(species=species)[-1]), rel=1e-3
        )
    drifting = lumped_run("E1", ferric_iron="Hirschmann2022", **little)
    constant = float(drifting.ferric_share[0])
    np.testing.assert_allclose(drifting.ferric_share, constant, rtol=1e-3)
    expected = log10_fO2("Hirschmann2022", 1650.0, constant)
    assert float(drifting.log10_fO2[-1]) == pytest.approx(expected, abs=2e-3)
    assert (
        float(drifting.delta_IW[-1]) - 0.5
        == pytest.approx(expected - buffer("ONeillEggins2002", 1650.0) - 0.5, abs=2e-3)
        and expected > -9.0
    )


def test_no_iron_is_the_budget_of_oxygen():
    """With 1e-12 of the mantle as FeO, the run is that with a budget of oxygen alone.

    At the same end temperature the pressures differ by the oxygen in the iron, 5e-10. The times differ by
    the integrations, 8e-6 at rtol 1e-6 and 7e-8 at 1e-8; here 1e-7.
    """
    budget = {
        "oxygen_fugacity": "none",
        "buffer": "none",
        "oxygen": "1.1e21 kg",
        "chemistry__species": "H2, H2O, O2",
        "run__rtol": 1e-7,
    }
    with_iron, without = (
        lumped_run("E1", ferric_iron="Sossi2020", total_iron=1e-12, **budget),
        lumped_run("E1", **budget),
    )
    assert float(with_iron.time[-1]) == pytest.approx(float(without.time[-1]), rel=5e-6)
    np.testing.assert_allclose(with_iron.pressure[-1], without.pressure[-1], rtol=1e-8)
    assert float(with_iron.log10_fO2[-1]) == pytest.approx(float(without.log10_fO2[-1]), abs=1e-8)
    iron_law_holds(with_iron, "Sossi2020")


def test_incompatible_ferric_iron_stays_in_the_melt():
    """Without volatiles and with no ferric iron in crystals, share times melt fraction is constant."""
    dry = {
        "volatiles__hydrogen": "0 kg",
        "chemistry__species": "all",
        "run__end_surface_temperature": "1750 K",
        "ferric_iron": "Sossi2020",
    }
    run = lumped_run("E1", ferric_partition=0.0, oxygen_fugacity="IW-2", **dry)
    melt = run.ferric_share * run.melt_fraction
    np.testing.assert_allclose(melt, float(melt[0]), rtol=1e-4)
    np.testing.assert_allclose(run.mantle_ferric_share, melt, rtol=1e-9)
    assert float(run.ferric_share[-1]) > 5 * float(run.ferric_share[0])


def test_start_by_share_and_by_fugacity_agree():
    case = mo.Case.read("earth").replace({"redox.ferric_iron": "Borisov2018"})
    by_fugacity = mo.equilibrium(case, temperature=2500.0, melt_fraction=0.8)
    by_share = mo.equilibrium(
        case.replace(
            {"redox.oxygen_fugacity": "none", "redox.ferric_share": float(by_fugacity.ferric_share)}
        ),
        temperature=2500.0,
        melt_fraction=0.8,
    )
    assert float(by_share.delta_IW) == pytest.approx(0.5, abs=1e-9)
    np.testing.assert_allclose(by_share.pressure, by_fugacity.pressure, rtol=1e-9)
    offsets = mo.equilibrium(
        case, temperature=2000.0, melt_fraction=0.5, oxygen_fugacity_offset=np.array([-2.0, 4.0])
    )
    np.testing.assert_allclose(offsets.delta_IW, [-2.0, 4.0], atol=1e-9)


def test_mechanism_with_atoms_of_oxygen():
    """Species that form from O2 alone (O) among others of hco, with iron.

    The start is as specified, and its elements as budgets return it.
    """
    species = {"chemistry.mechanism": "hco", "chemistry.species": "H2, H2O, OH, O, O2, CO, CO2"}
    case = mo.Case.read("earth").replace({"redox.ferric_iron": "Sossi2020"} | species)
    state = mo.equilibrium(case, temperature=2500.0, melt_fraction=0.9)
    assert (
        bool(state.converged)
        and float(state.delta_IW) == pytest.approx(0.5, abs=1e-9)
        and float(state.pressure.sel(species="O")) > 0
    )
    kg = {e: float(state.element_mass.sel(element=e)) for e in "HCO"}
    again = mo.equilibrium(
        case, temperature=2500.0, melt_fraction=0.9, hydrogen=kg["H"], carbon=kg["C"], oxygen=kg["O"]
    )
    np.testing.assert_allclose(again.pressure, state.pressure, rtol=1e-8)
