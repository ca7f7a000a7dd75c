"""Samplers and equilibria of jax, in a process of its own: see in_jax.py."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest


@pytest.mark.skipif(find_spec("blackjax") is None, reason="the extra 'inference' is not installed")
def test_what_uses_jax():
    file = Path(__file__).with_name("in_jax.py")
    command = [sys.executable, "-m", "pytest", "-n", "0", str(file)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0 and "2 passed" in run.stdout, run.stdout + run.stderr
