"""A run that the command stored, for the tests that read it."""

import subprocess

import pytest
from support.command_line import COMMAND, ENVIRONMENT
from support.waiting import HANG


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """The folder of a run of E1 with its figures, made once by the command itself; and what it printed."""
    folder = tmp_path_factory.mktemp("stored")
    done = subprocess.run(
        [*COMMAND, "run", "E1"], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=HANG
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return folder / "runs" / "E1", done.stdout
