"""Runs whose melt evaporates (melt.vapour): laws of nature, and the states of the equilibrium."""

import warnings

import numpy as np
import pytest
from support.cut_run import marched, same

import mocoupled as mo
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.cli.installation_check import jacobian_misfit
from mocoupled.constants import YEAR
from mocoupled.dae.leaves.external import LeafBase
from mocoupled.errors import InputError
from mocoupled.planet.assembly import assemble
from mocoupled.results.summaries import summary
from mocoupled.runs.evolution import evolve
from mocoupled.runs.main_job import prepare

GASES = ["H2", "H2O", "O", "SiO", "SiO2", "Na", "NaOH", "FeO"]
BROUGHT = {"Si": 2, "Fe": 1, "Na": 0.5}
EVAPORATING = {
    "melt.vapour": True,
    "chemistry.mechanism": "silicates",
    "chemistry.species": GASES,
    "volatiles.carbon": "0 kg",
    "chemistry.graphite": False,
    "run.initial_surface_temperature": "3200 K",
    "run.end_surface_temperature": "2000 K",
}
LUMPED = {**EVAPORATING, "mantle.model": "lumped", "redox.ferric_iron": "Hirschmann2022"}
COLUMN = {
    **EVAPORATING,
    "mantle.cells": 10,
    "redox.oxygen": "6 O/H",
    "redox.oxygen_fugacity": "none",
    "run.end_surface_temperature": "2900 K",
}


def run_of(changes):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mo.run(mo.Case.read("earth").replace(changes))


@pytest.fixture(scope="module", params=[LUMPED, COLUMN], ids=["lumped", "column"])
def result(request):
    return run_of(request.param)


def test_elements_and_oxygen_are_conserved(result):
    """H, and O beyond the oxides of the melt (in gas, melt and ferric iron), counted by hand: 1e-10."""
    mechanism = read_mechanism("silicates")
    moles = {"H": 0.0, "O": 0.0}
    for gas in result.species.values.tolist():
        atoms = mechanism.species[gas].composition
        n = (result.gas_mass + result.dissolved_mass).sel(species=gas) / mechanism.species[gas].molar_mass
        moles["H"] = moles["H"] + n * float(atoms.get("H", 0))
        moles["O"] += n * float(atoms.get("O", 0) - sum(BROUGHT.get(e, 0) * c for e, c in atoms.items()))
    if "ferric_oxygen_mass" in result:
        moles["O"] += result.ferric_oxygen_mass / mechanism.atomic_weights["O"]
    for amount in moles.values():
        np.testing.assert_allclose(amount, amount[0], rtol=1e-10)
    assert float(result.element_drift.max()) < 1e-12
    assert float(result.equilibrium_drift.max()) < 1e-12


def test_states_are_those_of_the_equilibrium(result):
    """First and last state against mo.equilibrium, whose vapour has no curves; and the share is reported."""
    case = mo.Case.read("earth").replace({**EVAPORATING, "redox.oxygen_fugacity": "log10 fO2 = -5"})
    ends = result.isel(time=[0, -1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = mo.equilibrium(
            case,
            ends.surface_temperature.values,
            np.minimum(ends.melt_fraction.values, 1.0),
            oxygen_fugacity_offset=ends.log10_fO2.values,
        )
    expected = state.pressure.sel(species=result.species).values.T
    np.testing.assert_allclose(ends.pressure.values, expected, rtol=1e-8)
    silicon = state.watched_activity.sel(watched="Si(sl)")
    np.testing.assert_allclose(ends.watched_activity.sel(watched="Si(sl)"), silicon, rtol=1e-8)
    share = ends.pressure.sel(species=["SiO", "SiO2", "Na", "NaOH", "FeO"]).sum("species")
    np.testing.assert_allclose(ends.rock_vapour_share, share / ends.pressure.sum("species"), rtol=1e-12)
    final = summary(result)["final"]
    assert final["largest_rock_vapour_share"] == float(result.rock_vapour_share.max()) > 1e-3
    assert result.attrs["activity_model"] == "IMCC-MAGMA"


@pytest.mark.parametrize("changes", [LUMPED, COLUMN], ids=["lumped", "column"])
def test_generated_jacobian(changes):
    """Against differences, in a gas a twentieth rock vapour; and a run that is cut and continued."""
    case = mo.Case.read("earth").replace({**changes, "run.initial_surface_temperature": "3390 K"})
    prepared = prepare(case)
    assert jacobian_misfit(prepared.system, prepared.start, 1 / YEAR) < 1e-6
    if changes is LUMPED:  # cut and continued, it is the straight run to the last bit
        whole, (arrays,) = marched(prepared, [40])
        assert arrays["states"].shape[0] < whole.time.size
        assert same(evolve(prepared, resume=arrays), whole)


def test_a_dry_congruent_planet_runs():
    """Its oxygen is that of its oxides: at each state that of mo.vapour with the same gases."""
    dry = {"volatiles.hydrogen": "0 kg", "redox.oxygen": "congruent", "redox.oxygen_fugacity": "none"}
    changes = {**EVAPORATING, **dry, "mantle.model": "lumped"}
    run = run_of({**changes, "chemistry.species": [g for g in GASES if "H" not in g]}).isel(time=[0, 9, -1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gases = ["O", "SiO", "SiO2", "Na", "FeO"]
        vapour = mo.vapour("BSE", run.surface_temperature.values, species=gases)
    np.testing.assert_allclose(run.log10_fO2, vapour.log10_fO2, atol=1e-8)
    np.testing.assert_allclose(run.surface_pressure, vapour.vapour_pressure, rtol=1e-8)
    assert float(run.element_drift.max()) < 1e-12
    with pytest.raises(InputError, match="no budget of oxygen"):
        assemble(
            mo.Case.read("earth").replace(
                {**changes, "volatiles.hydrogen": "1 ocean", "escape.law": "ZahnleKasting1986"}
            )
        )


def test_rock_vapour_does_not_escape():
    """What escapes has the elements of the volatiles only, as gases with metals condense far below."""
    case = mo.Case.read("earth").replace({**LUMPED, "escape.law": "ZahnleKasting1986"})
    model = assemble(case).model
    escaping = {o.label for o in model.outputs if o.name == "escaped_element_mass"}
    assert escaping == {"H", "O"}
    # the hydrogen of the gas that reaches space: its pressures are unknowns, those of rock vapour curves of T
    (share,) = (watch.expression for watch in model.watches if watch.argument == "hydrogen_fraction")
    assert share.free_symbols and not share.atoms(LeafBase)
