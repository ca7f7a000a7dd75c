"""The commands cite, export and report: what they print, write and refuse."""

import pytest
from support.command_line import refused
from support.small_run import small_run

from mocoupled.results.output import write


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored") / "run"
    write(small_run(), folder)
    return folder


def test_cite(mocoupled, empty, run):
    status, out, err = mocoupled("cite", run)
    assert (status, err) == (0, "") and "@article{Dixon1995," in out and "@software{mocoupled," in out
    assert list(empty.iterdir()) == []
    assert mocoupled("cite", run / "evolution.nc", "-o", "paper/my.bib")[:2] == (0, "wrote paper/my.bib\n")
    assert (empty / "paper" / "my.bib").read_text() == out
    assert mocoupled("cite", run, "-o", "paper/my.bib")[0] == 2
    assert mocoupled("cite", run, "-o", "paper/my.bib", "--overwrite")[0] == 0


def test_export(mocoupled, empty, run):
    status, out, err = mocoupled("export", run, "--format", "chili", "-o", "files")
    assert (status, err) == (0, "")
    written = [line.removeprefix("wrote ") for line in out.splitlines()]
    assert written == [
        f"files/{name}"
        for name in (
            "outputs/mocoupled/evolution-mocoupled-earth-data.csv",
            "inputs/mocoupled/evolution-mocoupled-earth-config.toml",
            "outputs/mocoupled/evolution-mocoupled-notes.txt",
        )
    ]
    assert all((empty / name).is_file() for name in written)
    assert mocoupled("export", run, "--format", "chili", "-o", "files")[0] == 2
    assert mocoupled("export", run, "--format", "chili", "-o", "files", "--planet", "venus")[0] == 0


def test_export_of_an_equilibrium(mocoupled, empty):
    assert mocoupled("gas", "-T", "1690", "-P", "206 bar", "H=2", "C=1", "O=3", "-o", "gas.nc")[0] == 0
    assert (
        mocoupled("export", "gas.nc", "--format", "chili", "--planet", "earth", "--snapshot", "tau5-cold")[0]
        == 0
    )
    assert (empty / "chili" / "outputs" / "mocoupled" / "static-mocoupled-earth-tau5-cold-data.csv").is_file()
    assert mocoupled("export", "gas.nc", "--format", "chili", "--planet", "earth")[0] == 2


def test_report(mocoupled, empty, run, monkeypatch):
    """The page without its pictures, which test_report.py draws."""
    monkeypatch.setattr("mocoupled.reports.html_page.pictures", lambda result: [])
    status, out, err = mocoupled("report", run, "-o", "page.html")
    assert (status, out, err) == (0, "wrote page.html\n", "")
    assert (empty / "page.html").read_text().startswith("<!DOCTYPE html>") and [
        p.name for p in empty.iterdir()
    ] == ["page.html"]
    assert mocoupled("report", run, "-o", "page.html")[0] == 2


@pytest.mark.parametrize(
    "line, stated",
    [
        (("cite", "nowhere"), "there is no stored run"),
        (("report", "nowhere"), "there is no stored run"),
        (("export", "nowhere", "--format", "chili"), "there is no stored run"),
        (("cite", ""), "not a path"),
        (("export", "RUN", "--format", "chilli"), "did you mean 'chili'"),
        (("export", "RUN", "--format", "chili", "-o", "x", "--planet", "a/b"), "not a name"),
        (
            ("export", "RUN", "--format", "chili", "-o", "x", "--snapshot", "tau3-hot"),
            "a run, not an equilibrium",
        ),
        (("report", "RUN", "-o", "."), "this is a folder"),
    ],
)
def test_what_makes_no_sense_is_refused(mocoupled, empty, run, line, stated):
    refused(mocoupled(*(run if word == "RUN" else word for word in line)), empty, stated)
