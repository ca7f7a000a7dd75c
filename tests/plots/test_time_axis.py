"""The time axis of the figures of a run: where it starts, and the time since a lid."""

import json

import numpy as np
import pytest
import xarray
from support.synthetic_run import drawn, lines, stored, texts

from mocoupled.constants import YEAR
from mocoupled.plots.time_axis import TimeAxis, time_axis_of
from mocoupled.plots.view import prepare


def under_lid(lid, **options):
    """A made-up run whose lid closes at a time [yr]."""
    return stored(lid="The lid closed.", passed=json.dumps({"surface lid": lid * YEAR}), **options)


def way_at(result, time):
    """Shares of the ways of surface temperature and melt fraction that are gone at a time [yr]."""
    shares = []
    for name in ("surface_temperature", "melt_fraction"):
        way = np.abs(result[name].values - result[name].values[0])
        shares.append(np.interp(time * YEAR, result.time.values, way) / way.max())
    return shares


def test_a_log_axis_starts_where_something_happens():
    """The last stored time before 1 % of a way; the times of the run are 14 % apart."""
    result = stored(times=100)
    ax = drawn("flux", result).axes[0]
    start, end = ax.get_xlim()
    assert ax.get_xscale() == "log" and end == pytest.approx(4300.0)
    assert max(way_at(result, start)) < 0.01 < max(way_at(result, 1.15 * start))


def test_a_log_axis_has_four_decades_unless_they_hide_something():
    """A flash of temperature at the start, then nothing until late: small, it is hidden; large, it is not."""
    time = np.concatenate([[0.0], np.geomspace(1e-4, 1e6, 200)])
    result = stored(times=time.size).assign_coords(time=time * YEAR)
    late = np.clip(time / 1e6, 0, 1)
    result["melt_fraction"] = "time", 1.0 - 0.9 * late
    for flash, start in ((20.0, 100.0), (60.0, 1e-2)):
        surface = 2700.0 + flash * np.minimum(time / 1e-2, 1.0) - (900.0 + flash) * late
        result["surface_temperature"] = "time", surface
        first, _ = prepare(result).axis.span
        assert 0.3 * start < first <= start, flash


@pytest.mark.parametrize(("rise", "start"), [(0.0, 1e4), (0.0495, 100.0), (0.0505, 1.0)])
def test_where_an_axis_starts_to_one_per_cent(rise, start):
    """Melt never moves. The surface goes a share of its way within 1 yr, the rest in proportion to time."""
    time = np.concatenate([[0.0], np.geomspace(1e-3, 1e6, 20001)])
    way = rise * np.minimum(time, 1.0) + (1 - rise) * np.clip((time - 1) / 1e6, 0, None)
    result = xarray.Dataset(
        {"surface_temperature": ("time", 2700 - 1000 * way), "melt_fraction": ("time", 0 * way + 1)}
    )
    first, last = time_axis_of(time, result, "log", None).span
    assert last == 1e6 and first == pytest.approx(start, rel=0.011 if rise <= 0.05 else 0.02)


@pytest.mark.parametrize(("end", "split"), [(7.1, True), (7.3, False)])
def test_a_lid_splits_the_axis_below_three_tenths(end, split):
    """From 0.01 yr on, with a lid after 1 yr: it has three tenths of a log axis that ends at 7.197 yr."""
    time = np.concatenate([[0.0], np.geomspace(0.01, end, 3000)])
    result = xarray.Dataset({"melt_fraction": ("time", (time <= 0.01) * 1.0)})
    axis = time_axis_of(time, result, "log", 1.0)
    assert axis.span[0] == 0.01 and (axis.lid == 1.0 if split else axis.lid is None)


def test_short_runs_and_requests_for_a_linear_axis():
    result = stored()
    for linear in (prepare(result, "linear"), prepare(result.isel(time=slice(-4, None)))):
        assert not linear.axis.log and linear.axis.span == (linear.time[0], linear.time[-1])
    assert drawn("flux", result, time_axis="linear").axes[0].get_xscale() == "linear"
    assert prepare(under_lid(3000.0), "linear").axis.lid is None


def test_the_time_since_the_lid_is_linear_and_readable():
    result = under_lid(3000.0)
    for name in ("oxygen-fugacity", "overview", "mantle-melt"):
        figure = drawn(name, result)
        ax = figure.axes[-1]  # of time
        figure.draw_without_rendering()
        on_page = ax.get_xaxis_transform().transform([(t, 0) for t in (3000, 3650, 4300)])
        places = ax.transAxes.inverted().transform(on_page)
        np.testing.assert_allclose(places[:, 0], [0.6, 0.8, 1.0], rtol=1e-9)
        ticks = {label.get_text(): label.get_position()[0] for label in ax.get_xticklabels()}
        assert ticks["lid"] == 3000.0 and ticks["0.5"] == 3500.0 and ticks["1"] == 4000.0, name
        assert "Since the lid (kyr)" in texts(figure) and ax.get_xlabel() == "Time (yr)"
        assert any("from there the gas is a closed system, the axis linear" in t for t in texts(figure))
    ax = drawn("oxygen-fugacity", result).axes[0]
    np.testing.assert_array_equal(lines(ax)["log10_fO2"].get_xdata(), result.time.values / YEAR)


def test_a_long_time_under_the_lid_stays_logarithmic():
    early, late = prepare(under_lid(300.0)).axis, prepare(under_lid(3000.0)).axis
    assert early.log and early.lid is None and late.lid == pytest.approx(3000.0)
    words = " ".join(texts(drawn("flux", under_lid(300.0))))
    assert "from where the gas is a closed system" in words and "axis linear" not in words


@pytest.mark.parametrize(
    "axis", [TimeAxis(True, (2.0, 5e3), 4e3), TimeAxis(True, (2.0, 5e3)), TimeAxis(False, (0.0, 5e3))]
)
def test_places_and_times_are_inverse(axis):
    places = np.linspace(0, 1, 31)
    times = axis.times(places)
    np.testing.assert_allclose(axis.places(times), places, atol=1e-12)
    np.testing.assert_allclose(times[[0, -1]], axis.span, rtol=1e-12)
    assert (np.diff(times) > 0).all()
    later = axis.later(1e9)
    assert later.span[0] <= (axis.lid / 10 if axis.lid else 5e3) and axis.later(0.0) == axis


def test_a_lid_that_stays_open_has_its_line():
    """A run that goes on past its lid without one: a dotted line where the surface cooled to it, and why."""
    result = stored(passed=json.dumps({"surface lid": 3000.0 * YEAR}))
    view = prepare(result)
    assert view.lid is None and view.axis.lid is None and view.lid_mark == pytest.approx(3000.0)
    figure = drawn("flux", result)
    (line,) = [line for line in figure.axes[0].get_lines() if line.get_label() == "_lid"]
    assert line.get_xdata()[0] == pytest.approx(3000.0)
    assert "the run goes on without one" in " ".join(texts(figure))
    assert prepare(stored()).lid_mark is None


def test_what_the_time_axis_leaves_out_does_not_stretch_the_other():
    """What had escaped before the axis starts (1e-3 of the rest) is not seen, and takes no room: a log axis
    begins at most a step of 1, 2, 5 and its margin below the first value that is drawn."""
    result = stored(times=400)
    ax = drawn("escape", result).axes[0]
    time, lost = result.time.values / YEAR, result.escaped_mass.values
    on_axis = lost[time >= ax.get_xlim()[0]]
    low, high = ax.get_ylim()
    assert lost[1] < on_axis[0] / 10
    assert on_axis[0] / 5 < low < on_axis[0] and on_axis[-1] < high < 5 * on_axis[-1]
