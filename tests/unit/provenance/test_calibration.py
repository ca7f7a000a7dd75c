"""How much of a result lies outside the calibration of its laws."""

import numpy as np
import pytest
import sympy

from mocoupled.dae.declare.model import Watch
from mocoupled.provenance.calibration import extrapolations

WATCH = Watch("solubility: of a test", "T", sympy.Symbol("T"), 1000.0, 2000.0, "K", "Nobody 2026")


@pytest.mark.parametrize("outside", [900.0, 2100.0])
def test_share_is_that_of_the_points_with_a_result(outside):
    """Two of four points are outside; a fifth has no result and does not count."""
    (entry,) = extrapolations([WATCH], [np.array([outside, 1500.0, np.nan, outside, 1000.0])])
    assert entry["share"] == 0.5 and entry["calibrated"] == [1000.0, 2000.0]
    assert outside in entry["reached"]
    (alone,) = extrapolations([WATCH], [outside])
    assert alone["share"] == 1.0 and alone["reached"] == [outside, outside]


def test_the_ends_of_the_range_are_inside():
    assert extrapolations([WATCH], [np.array([1000.0, 2000.0])]) == []
    assert extrapolations([WATCH], [2000.0 * (1 + 1e-12)]) == []
    assert extrapolations([WATCH], [np.array([np.nan, np.nan])]) == []
