"""The annotations are true: mypy, with the configuration of pyproject.toml."""

import subprocess
import sys

from support.places import ROOT
from support.waiting import HANG


def test_mypy_finds_nothing():
    """Its cache stays in .mypy_cache, so that a second run takes seconds."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, timeout=2 * HANG
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}{done.stderr}"
