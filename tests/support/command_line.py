"""What the tests of the command line share: the command, its environment, and readers of what it printed and
wrote."""

import json
import os
import sys

from support.places import PACKAGE

RESULTS = {"evolution.nc", "summary.json", "case.toml", "run.log"}
# E1 without volatiles: one unknown, a second in all
DRY = ("--set", "volatiles.hydrogen=0 kg", "--set", "mantle.model=lumped", "--no-figures")
COMMAND = [sys.executable, "-m", "mocoupled"]
PATHS = [str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, PATHS)), "COLUMNS": "100"}
EARTH_MANTLE = 4.208261222595e24  # kg


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
