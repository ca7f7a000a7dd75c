"""States at a time and at a melt fraction: interpolated linearly between stored times."""

import numpy as np
import pytest
import xarray

from mocoupled.results.diagnostics import at_melt_fraction, at_time

TIMES = np.array([0.0, 1.0, 4.0, 10.0])
MELT = np.array([1.0, 0.7, 0.4, 0.1])
PRESSURE = np.array([2.0, 8.0, 5.0, 11.0])


@pytest.fixture
def run():
    return xarray.Dataset(
        {"melt_fraction": ("time", MELT), "surface_pressure": ("time", PRESSURE)}, coords={"time": TIMES}
    )


@pytest.mark.parametrize("time", [0.0, 0.25, 1.0, 3.0, 4.0, 9.0, 10.0])
def test_state_at_a_time(run, time):
    state = at_time(run, time)
    assert float(state.surface_pressure) == pytest.approx(np.interp(time, TIMES, PRESSURE), rel=1e-14)
    assert float(state.melt_fraction) == pytest.approx(np.interp(time, TIMES, MELT), rel=1e-14)


def test_no_state_after_the_end(run):
    assert at_time(run, 10.1) is None and at_time(run, -0.1) is None


@pytest.mark.parametrize("fraction", [0.9, 0.7, 0.69, 0.5, 0.1])
def test_state_at_a_melt_fraction(run, fraction):
    state = at_melt_fraction(run, fraction)
    expected = np.interp(fraction, MELT[::-1], PRESSURE[::-1])
    assert float(state.melt_fraction) == pytest.approx(fraction, rel=1e-13)
    assert float(state.surface_pressure) == pytest.approx(expected, rel=1e-13)
    assert float(state.time) == pytest.approx(np.interp(fraction, MELT[::-1], TIMES[::-1]), rel=1e-13)


def test_a_melt_fraction_that_is_not_reached(run):
    """Within 0.005 above it the last state stands for it; further away there is none."""
    assert float(at_melt_fraction(run, 0.0951).melt_fraction) == 0.1
    assert at_melt_fraction(run, 0.0949) is None
    assert float(at_melt_fraction(run, 1.0).time) == 0.0
