"""Runs with several condensates: milestones, balances, a split run, the end table, the figure, a lid."""

import io
import json
from functools import cache

import numpy as np
import pytest
import xarray
from rich.console import Console
from support.cut_run import marched, same
from support.grey import grey

from mocoupled.cli.installation_check import jacobian_misfit
from mocoupled.cli.pages.run_end import print_end
from mocoupled.constants import YEAR
from mocoupled.plots.condensates import CONDENSED, condensate_notes
from mocoupled.plots.evolution import FIGURES
from mocoupled.plots.view import prepare as drawn
from mocoupled.results.condensates import milestones
from mocoupled.results.summaries import summary
from mocoupled.runs.evolution import evolve
from mocoupled.runs.main_job import prepare

# iron and sulfide over a reduced ocean; graphite takes the carbon when it cools, and then the last iron goes
CASE = {
    "mantle.model": "lumped",
    "mantle.shells": 10,
    "run.rtol": 1e-5,
    "run.after_lid": "closed",
    "run.end_surface_temperature": "1800 K",
    "run.end_melt_fraction": 0.1,
    "chemistry.mechanism": "condensates",
    "chemistry.species": "H2, H2O, CO, CO2, S2, H2S, Fe",
    "chemistry.condensates": "Fe(sl), FeS(sl)",
    "volatiles.hydrogen": "0.3 ocean",
    "volatiles.carbon": "10 C/H",
    "volatiles.iron": "3.0e19 kg",
    "volatiles.sulfur": "2e19 kg",
    "redox.oxygen_fugacity": "IW-4",
}


@cache
def run():
    """The prepared case, its result, and a checkpoint after 80 steps."""
    prepared = prepare(grey().replace(CASE))
    result, (arrays,) = marched(prepared, [80])
    return prepared, result, arrays


def test_milestones_are_the_times_at_which_a_condensate_comes_and_goes():
    """The activity is below 1 before a condensate begins and after it ends, and 1 in between."""
    _, result, _ = run()
    marks, time = json.loads(result.attrs["passed"]), result.time.values
    assert {"C(gr) begins", "Fe(sl) ends"} <= set(marks) and "Fe(sl) begins" in marks
    there = {c: result.condensate_activity.sel(condensate=c).values > 1 - 1e-6 for c in ("C(gr)", "Fe(sl)")}
    assert np.array_equal(there["C(gr)"], time >= marks["C(gr) begins"])
    iron = (time <= marks["Fe(sl) ends"]) | (time >= marks["Fe(sl) begins"])
    assert np.array_equal(there["Fe(sl)"], iron) and 5 < iron.sum() < iron.size - 5
    assert (result.condensate_activity.sel(condensate="FeS(sl)") > 1 - 1e-9).all()
    assert (result.condensate_activity <= 1.0).all()


def test_balances():
    """Each element is conserved to 1e-10, under the lid too, computed here from the stored masses."""
    _, result, _ = run()
    assert float(result.element_drift.max()) < 1e-10 and float(result.gas_element_drift.max()) < 1e-10
    assert float(result.equilibrium_drift.max()) < 1e-9 and float(result.energy_drift.max()) < 1e-10
    composition, molar = (json.loads(result.attrs[name]) for name in ("composition", "molar_masses"))
    for element in ("Fe", "S", "C"):
        moles = 0.0
        for masses, dimension in (
            (result.gas_mass + result.dissolved_mass, "species"),
            (result.condensate_mass, "condensate"),
        ):
            for name in masses[dimension].values:
                moles = (
                    moles + masses.sel({dimension: name}) * composition[name].get(element, 0) / molar[name]
                )
        np.testing.assert_allclose(moles, moles[0], rtol=1e-10)
        np.testing.assert_allclose(moles, result.element_moles.sel(element=element), rtol=1e-10)


def test_split_run_and_jacobian():
    """Cut while there is graphite, and continued: the straight run to the last bit."""
    prepared, result, arrays = run()
    assert float(result.graphite_mass[80]) > 1e15 and arrays["states"].shape[0] > 70
    assert same(evolve(prepared, resume=arrays), result)
    for state in (prepared.start, arrays["states"][-1]):
        assert jacobian_misfit(prepared.system, state, 1 / YEAR) < 1e-6


def test_the_plateau_is_no_condensate():
    passed = {"plateau begins": YEAR, "Fe(sl) begins": 2 * YEAR, "C(gr) ends": 3 * YEAR, "lid": 4 * YEAR}
    result = xarray.Dataset(coords={"condensate": ["Fe(sl)"]}, attrs={"passed": json.dumps(passed)})
    assert milestones(result) == {"Fe(sl) begins": 2.0, "C(gr) ends": 3.0}


def test_what_a_reader_sees():
    """The end table, the summary and the figure name each condensate, with the milestones."""
    _, result, _ = run()
    page = io.StringIO()
    print_end(result, Console(file=page, width=120))
    words = " ".join(page.getvalue().split())
    for row in ("C(gr) begins at", "Fe(sl) ends at", "Fe(sl) begins at", "FeS(sl)"):
        assert row in words
    assert f"{float(result.condensate_mass.sel(condensate='FeS(sl)')[-1]):.4g} kg, from the start" in words
    masses = summary(result)["final"]["condensate_mass_kg"]
    assert masses["FeS(sl)"] == pytest.approx(float(result.condensate_mass.sel(condensate="FeS(sl)")[-1]))
    figure = FIGURES["condensates"](result)
    assert [ax.get_ylabel() for ax in figure.axes] == ["Mass (kg)", "Activity (1)"]
    assert figure.axes[-1].get_xlabel() == "Time (yr)"
    view = drawn(result)
    assert [curve.name for curve in CONDENSED.curves(view)] == ["C(gr)", "Fe(sl)", "FeS(sl)"]
    assert "Fe(sl) ends at" in condensate_notes(view)[0]
    assert not any("gaps" in text.get_text() for text in figure.texts)
    assert result.condensate_mass.attrs["units"] == "kg"
