"""mocoupled reproduce radiation: the closure's values are met, the published ones within their spread."""

import numpy as np
import pytest
from support.places import ROOT

from mocoupled.errors import InputError
from mocoupled.reproduce.radiation import figures, job
from mocoupled.reproduce.radiation.values import published, with_ours

ROWS = published()


def test_every_value_of_the_closure():
    """74 fluxes by an independent program of the closure, 13 of them printed to 5 digits, the others rounded
    to whole W/m2 or 3 digits: to 1e-3 and half the last digit."""
    rows = with_ours([row for row in ROWS if row.source == "closure"])
    assert len(rows) == 74
    for row in rows:
        rounding = 0.5 if row.flux < 1e5 else 0.5e3
        exact = row.table == "acceptance"
        assert row.ours == pytest.approx(row.flux, rel=1e-3, abs=0.0 if exact else rounding), row


def test_limit_of_steam_beside_the_literature():
    """Up to 1400 K: within 5 % of each published limit, which differ by 7 % among themselves."""
    rows = with_ours([row for row in ROWS if row.table == "steam" and row.temperature <= 1400.0])
    ratios = np.array([row.fine / row.flux for row in rows])
    assert len(ratios) == 13
    assert np.abs(np.log(ratios)).max() < 0.05


def test_beside_the_columns_of_72_bands():
    """Mixtures of H2O, CO2, CO, H2 from 1300 to 3200 K: bias below 3 %, rms below 7.5 % on random columns;
    these 40 are at the corners, with pure steam and steam of 3 bar."""
    rows = [row for row in ROWS if row.source == "72 bands" and row.table == "steam and CO2"]
    logs = np.log([row.ours / row.flux for row in with_ours(rows)])
    assert abs(logs.mean()) < 0.03
    assert np.sqrt((logs**2).mean()) < 0.075


def test_job_writes_the_stored_report(tmp_path):
    """The report of the repository is what the command writes."""
    result = job.reproduce(tmp_path, quick=True)
    assert {file.name for file in result.files} == {
        "radiation.md", "figure-01.png", "figure-02.png", "figure-03.png",
    }  # fmt: skip
    stored = ROOT / "validation" / "reports" / "radiation.md"
    assert (tmp_path / "radiation.md").read_text() == stored.read_text()
    assert all(file.stat().st_size > 10_000 for file in result.files if file.suffix == ".png")


def test_points_beside_the_mixtures():
    """Each point is of the gases of the line whose colour it has: within the 17 % of CO2 at 1000 K."""
    curves, _, _ = figures._mixtures(ROWS, 70)
    lines = {curve.name: curve for curve in curves if curve.line}
    points = [curve for curve in curves if not curve.line]
    assert [curve.like for curve in points] == [
        "H₂O 100, CO₂ 100 bar", "H₂O 100, H₂ 100 bar", "CO₂ 100, H₂O 3 bar", "CO₂ 100 bar", "CO 100 bar",
    ]  # fmt: skip
    for curve in points:
        ours = np.exp(np.interp(curve.x, lines[curve.like].x, np.log(lines[curve.like].y)))
        assert np.abs(np.log(ours / curve.y)).max() < 0.19


def test_one_figure_and_a_wrong_one(tmp_path):
    result = job.reproduce(tmp_path, [3], quick=True)
    assert [file.name for file in result.files] == ["figure-03.png"]
    with pytest.raises(InputError, match="there is no such figure"):
        job.chosen([4])
