"""What the tests of the command line share: a run of it in this process, a stored run, an empty folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import mocoupled as mo
from mocoupled.cli import commands as cli

RESULTS = {"evolution.nc", "summary.json", "case.toml", "run.log"}
DRY = (
    "--set",
    "volatiles.hydrogen=0 kg",
    "--set",
    "mantle.model=lumped",
    "--no-figures",
)  # E1 without volatiles: one unknown, a second in all
COMMAND = [sys.executable, "-m", "mocoupled"]
PATHS = [str(Path(mo.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, PATHS)), "COLUMNS": "100"}
EARTH_MANTLE = 4.208261222595e24  # kg


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def mocoupled(monkeypatch, capsys):
    """A function that runs the command line in this process: (exit status, standard output, errors)."""

    def called(*words):
        monkeypatch.setattr(sys, "argv", ["mocoupled", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return end.value.code, printed.out, printed.err

    return called


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """The folder of a run of E1 with its figures, made once by the command itself; and what it printed."""
    folder = tmp_path_factory.mktemp("stored")
    done = subprocess.run(
        [*COMMAND, "run", "E1"], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return folder / "runs" / "E1", done.stdout


def words(text):
    """Text on one line, however it was wrapped."""
    return " ".join(text.split())


def strict(path):
    """A JSON file without NaN or infinity, which JSON does not have."""

    def refuse(constant):
        raise AssertionError(f"{constant} in {path.name}")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def refused(answer, folder, *fragments):
    """One sentence on standard error, exit status 2, nothing on standard output, nothing written."""
    status, out, err = answer
    assert status == 2 and out == ""
    assert err.startswith("InputError: ")
    for fragment in fragments:
        assert fragment in words(err)
    assert list(folder.iterdir()) == []
