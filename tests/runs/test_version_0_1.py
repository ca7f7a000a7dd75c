"""Folders of version 0.1: they are read, drawn and exported; to continue one takes version 0.1."""

import json
import shutil

import pytest
from support.command_line import words
from support.cut_run import same
from support.places import STORED_0_1

import mocoupled as mo
from mocoupled.plots import draw, figures_of
from mocoupled.results import output


@pytest.fixture
def old(tmp_path):
    shutil.copytree(STORED_0_1, tmp_path / "old")
    return tmp_path / "old"


def test_a_folder_of_version_0_1_is_read_drawn_and_exported(old, mocoupled):
    result = mo.read(old / "complete")
    assert result.attrs["source"] == "mocoupled 0.1.0" and result.attrs["status"] == "complete"
    assert float(result.surface_temperature[-1]) == pytest.approx(2600.0, abs=1e-6)
    assert json.loads((old / "complete" / "summary.json").read_text())["final"][
        "surface_pressure_bar"
    ] == pytest.approx(float(result.surface_pressure[-1]) / 1e5)
    assert same(mo.resume(old / "complete"), result)
    assert (
        "partial-pressures" in figures_of(result)
        and len(draw(result, old / "figures", ["partial-pressures", "flux"])) == 2
    )
    assert mocoupled("report", old / "complete")[0] == 0 and mocoupled("cite", old / "complete")[0] == 0
    status, out, _ = mocoupled("export", old / "complete", "--format", "chili", "--planet", "earth")
    assert status == 0 and "evolution-mocoupled-earth-data.csv" in words(out)


def test_resume_of_version_0_1_names_the_version_to_use(old, mocoupled):
    before = {path.name: path.read_bytes() for path in (old / "cut").iterdir()}
    says = "written by 0.1.0; continue it with mocoupled 0.1.0 (pip install mocoupled==0.1.0)"
    status, out, err = mocoupled("resume", old / "cut")
    assert status == 2 and out == "" and says in words(err)
    with pytest.raises(mo.InputError, match="pip install mocoupled==0.1.0"):
        mo.resume(old / "cut")
    assert {path.name: path.read_bytes() for path in (old / "cut").iterdir()} == before
    assert output.status_of(old / "cut") == "running"
