"""The claims of Nabiei et al. 2021: every one has a value, and those that should hold do."""

import csv
import math

import pytest
from support.places import ROOT

from mocoupled.errors import InputError
from mocoupled.reproduce.nabiei2021 import figures, job
from mocoupled.reproduce.nabiei2021.values import VALUES, Melts

TABLE = ROOT / "validation" / "published" / "nabiei2021_claims.csv"
ROWS = list(
    csv.DictReader(
        line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    )
)
KEYS = {row["number"] + row["part"]: row for row in ROWS}
# claims 1-5, 7, 8, 12-14, 18 and 20, which the model meets, within what is argued in the table
HOLD = [
    "1",
    "2",
    "3a",
    "3b",
    "4a",
    "5a",
    "5b",
    "7a",
    "7b",
    "8a",
    "8b",
    "8c",
    "11a",
    "11b",
    "12",
    "13a",
    "13b",
    "13c",
    "14",
    "15",
    "16c",
    "17a",
    "17b",
    "17d",
    "18a",
    "18b",
    "19a",
    "19b",
    "20a",
    "20b",
    "20c",
    "20d",
    "21",
]
# what the model does not meet, its value, and a tolerance of half its last digit: see the notes of the table
APART = {
    "4b": (14.0, 0.05), "6b": (9.35, 0.005), "9": (0.297, 5e-4), "10a": (4.48, 0.005), "10b": (15.6, 0.05),
    "10c": (94.0, 0.5),
    "16a": (-174.2, 0.05), "16b": (-6.5, 0.05), "17c": (-254.3, 0.05), "17e": (-1187.0, 0.5),
}  # fmt: skip


@pytest.fixture(scope="module")
def melts():
    return Melts()


def test_every_claim_has_a_row_and_a_value():
    assert sorted({int(row["number"]) for row in ROWS}) == list(range(1, 26)) and len(KEYS) == len(ROWS)
    computed = {key for key, row in KEYS.items() if row["kind"] in ("equilibrium", "input")}
    assert computed == set(VALUES)
    assert computed == set(HOLD) | set(APART) | {"6a"}
    for key in computed:
        assert KEYS[key]["tolerance"] and (KEYS[key]["low"] or KEYS[key]["high"])
        assert not KEYS[key]["within"] or float(KEYS[key]["within"]) <= 9
    for key in APART:
        assert KEYS[key]["note"], f"claim {key} disagrees without a reason"


@pytest.mark.parametrize("key", HOLD)
def test_claims_that_hold(key, melts):
    row, value = KEYS[key], VALUES[key](melts)
    low, high = (
        float(row[end]) if row[end] else limit for end, limit in (("low", -math.inf), ("high", math.inf))
    )
    within = float(row["within"] or 0) / 100
    assert low - within * abs(low if within else 0) <= value <= high + within * abs(high if within else 0), (
        value
    )


@pytest.mark.parametrize("key", APART)
def test_claims_that_do_not_hold(key, melts):
    """A disagreement is a result, too: should it change, the notes of the table must."""
    expected, tolerance = APART[key]
    row, value = KEYS[key], VALUES[key](melts)
    assert value == pytest.approx(expected, abs=tolerance)
    assert not (float(row["low"] or -math.inf) <= value <= float(row["high"] or math.inf))


def test_the_printed_numbers_of_claim_6_do_not_add_up():
    """7 mol% FeO less 33-36 % of 2.1 mol%: 9.4-9.8 mol%, and not 11."""
    for share, left in ((0.33, 9.41), (0.36, 9.76)):
        assert (7 - share * 2.1) / (1 - share) == pytest.approx(left, abs=0.005)
    assert pytest.approx(0.449, abs=5e-4) == (11 - 7) / (11 - 2.1)


def test_figures(melts, tmp_path):
    for figure in figures.FIGURES:
        path = figures.draw(figure, melts, tmp_path)
        assert path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size < 200_000


@pytest.fixture
def computed(melts, monkeypatch):
    """The job has the diagrams and paths of the tests above, which are those that it would compute."""
    assert job.Melts is Melts
    monkeypatch.setattr(job, "Melts", lambda: melts)


def test_reproduce(tmp_path, computed):
    """The whole: figures and judged claims."""
    result = job.reproduce(tmp_path)
    assert {file.name for file in result.files} == {
        "figure-03.png",
        "figure-04.png",
        "claims.csv",
        "claims.md",
    }
    words = [judgement.word for judgement in result.judged]
    assert (
        words.count("disagrees") == len(APART)
        and words.count("agrees") + words.count("within") == len(HOLD) + 1
    )


def test_figures_alone(tmp_path, computed):
    result = job.reproduce(tmp_path, [4])
    assert [file.name for file in result.files] == ["figure-04.png"] and not result.judged


def test_unknown_figures_are_refused():
    with pytest.raises(InputError, match="3 Phase diagram"):
        job.chosen([7])
