"""What people see of a lid that closed: files, summary, page, figures, report, CHILI, citations, sweeps."""

import csv
import json

import numpy as np
import pytest
from support.closed_lid import CASES, lid_of, ready, result_of

import mocoupled as mo
from mocoupled.closures.law import find
from mocoupled.constants import YEAR
from mocoupled.plots.view import prepare
from mocoupled.reports import chili
from mocoupled.results.output import write
from mocoupled.results.summaries import summary
from mocoupled.runs.evolution import evolve


@pytest.mark.parametrize("what", ["escape", "ferric iron", "one gas", "no gas"])
def test_stored_and_read_again(what, tmp_path):
    result = result_of(what)
    write(result, tmp_path, "log\n")
    again = mo.read(tmp_path)
    assert again.equals(result) and again.attrs == result.attrs
    text = (tmp_path / "summary.json").read_text(encoding="utf-8")
    assert "NaN" not in text and json.loads(text)["lid"].startswith("The lid closed at ")


def test_summary():
    result = result_of("ferric iron")
    digest = summary(result)
    lid = lid_of(result)
    time = float(result.time[lid]) / YEAR
    assert digest["passed_yr"] == {"surface lid": time}
    assert f"{time:.5g} yr and 1650 K" in digest["lid"]
    assert "ferric_share" not in digest["final"] and digest["final"]["mantle_ferric_share"] > 0
    assert digest["largest_drift"]["gas_element_drift"] < 1e-10
    assert "lid" not in summary(mo.run(ready("one gas").planet.case.replace({"run.after_lid": "open"})))


def test_state_at_the_lid_and_distance_from_iron_wuestite():
    """The summary has the state at the lid; delta_IW follows the oxygen fugacity before it and under it."""
    result = result_of("escape")
    lid, at_lid = lid_of(result), summary(result)["at_lid"]
    assert at_lid["melt_fraction"] == float(result.melt_fraction[lid])
    assert at_lid["surface_pressure_bar"] == float(result.surface_pressure[lid]) / 1e5
    iron_wuestite = find("buffer", "ONeillEggins2002")
    buffer = np.array([float(iron_wuestite(T=float(T), P=1e5)) for T in result.surface_temperature])
    np.testing.assert_allclose(result.delta_IW, result.log10_fO2 - buffer, atol=1e-12)
    open_lid = summary(mo.run(ready("one gas").planet.case.replace({"run.after_lid": "open"})))
    assert open_lid["at_lid"]["time_yr"] == open_lid["passed_yr"]["surface lid"]


def test_page_of_the_command(mocoupled, empty):
    status, out, _ = mocoupled(
        "run", "WE1", "--set", "mantle.model=lumped", "--set", "run.after_lid=closed", "-o", "a"
    )
    words = " ".join(out.split())
    assert status == 0 and "1650 K and on, under a lid that closes there" in words
    assert "surface lid at" in words and "from then on the mantle keeps what is dissolved in it" in words
    assert "log10 fO2" not in words.partition("complete:")[2]
    status, out, _ = mocoupled("report", "a", "-o", "a.html")
    page = (empty / "a.html").read_text(encoding="utf-8")
    assert status == 0 and "The lid closed at" in page


def test_page_of_the_equations(mocoupled, empty):
    status, out, _ = mocoupled("show", "WE1", "--set", "mantle.model=lumped", "--set", "run.after_lid=closed")
    words = " ".join(out.split())
    assert status == 0 and "under the lid, once it has closed" in words
    assert "kept[H2O] mass of H2O dissolved in the mantle when the lid closes, kg" in words
    status, out, _ = mocoupled("show", "WE1", "--set", "mantle.model=lumped")
    assert status == 0 and "under the lid" not in out


def test_figures_mark_the_lid(tmp_path):
    result = result_of("buffered")
    view = prepare(result)
    assert view.lid == pytest.approx(float(result.time[lid_of(result)]) / YEAR, rel=1e-15)
    assert view.lid_text and view.lid_text[0].startswith("dotted line: the lid closes at")
    opened = evolve(ready("buffered"))
    del opened.attrs["lid"]
    assert prepare(opened).lid is None and prepare(opened).lid_text[0].endswith("goes on without one")


def test_chili(tmp_path):
    result = result_of("escape")
    files = chili.export(result, tmp_path, planet="earth")
    table = next(path for path in files if path.suffix == ".csv")
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    lid = float(result.time[lid_of(result)]) / YEAR
    melt = [float(row["massH_melt(kg)"]) for row in rows if float(row["t(yr)"]) >= lid * (1 - 1e-9)]
    assert len(melt) > 20 and len(set(melt)) == 1 and melt[0] > 0
    notes = next(path for path in files if "notes" in path.name).read_text(encoding="utf-8")
    words = " ".join(notes.split())
    assert "Lid: The lid closed at" in words and "then as the closed gas has it" in words
    assert "the surface lid is no end: at 1650 K the gas becomes a closed system" in words


def test_citation():
    assert "Bower2022" in mo.cite(result_of("buffered"))
    assert "Bower et al. 2022" in json.loads(result_of("no gas").attrs["data"])["closed lid"]


def test_sweep_over_what_the_lid_means():
    """By the present key and by the former one; the table has what each run ended with."""
    name, changes = CASES["one gas"]
    case = mo.Case.read(name).replace(changes)
    table = mo.sweep(case, {"run.after_lid": ["end", "open", "closed"]}, workers=1)
    closed, opened, ended = (
        float(table.melt_fraction.sel({"run.after_lid": v})) for v in ("closed", "open", "end")
    )
    assert closed == pytest.approx(opened, rel=1e-9) == pytest.approx(1e-3) and ended > 0.01
    former = mo.sweep(case, {"run.continue_past_lid": [True, False]}, workers=1)
    np.testing.assert_array_equal(np.sort(former.melt_fraction), np.sort([opened, ended]))
