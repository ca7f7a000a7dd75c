"""Fixtures that several tests of runs use."""

import pytest
from support.cut_run import cut, small


@pytest.fixture
def left(tmp_path):
    """The folder of a small run that was killed after 60 steps, and the result of the whole run."""
    folder = tmp_path / "left"
    folder.mkdir()
    return folder, cut(folder, small())
