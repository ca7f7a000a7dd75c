"""Growth of the pile in time: laws of nature, closed forms, derivatives, values of a separate calculation."""

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.closures.distillation import distilled
from mocoupled.constants import YEAR
from mocoupled.cumulates.remelting_tables import tables
from mocoupled.cumulates.timed_buffering import TableWarning
from mocoupled.dae.leaves.external import External
from mocoupled.dae.leaves.smooth_surface import Surface
from mocoupled.dae.solve.integrate import Event, march
from mocoupled.dae.solve.system import System
from mocoupled.errors import InputError
from mocoupled.reservoirs import cumulates
from mocoupled.schema.buffering_case import BufferingCase

MYR = 1e6 * YEAR


def at(run, f):
    """Fe# of the ocean at solid fractions."""
    return 100 * np.interp(f, run.solid_fraction, run.ocean_iron)


@pytest.fixture(scope="module")
def runs():
    return {
        (case, tau): mo.buffering_history(case, f"{tau} Myr")
        for case in ("earth", "mars")
        for tau in (1, 10, 100)
    }


def test_without_remelting_the_march_is_rayleigh_distillation():
    """The balances do not use the closed form, except at the start.

    Errors of the steps add up to some 1e3 rtol.
    """
    system = System(cumulates.growing_pile("net"))
    p = system.with_parameters({"growth": 1e-13})
    done = Event("end", "", lambda t, x: 0.99 - x[0])
    run = march(system, system.start(p).x, 1e14, events=[done], rtol=1e-11, parameters=p)
    f, X = run.states[:, 0], 1 / (1 + np.exp(-run.states[:, 1]))
    assert pytest.approx(distilled(1 - f, 0.1, 0.3), rel=1e-6) == X
    assert run.time == pytest.approx((f - 0.02) / 1e-13, abs=1e3)


@pytest.mark.parametrize("growth", ["net", "gross"])
def test_iron_and_magnesium_are_conserved(runs, growth):
    """Moles of Fe + Mg are those of the whole mantle: what holds for iron holds for magnesium."""
    histories = (
        [mo.buffering_history("earth", "10 Myr", growth="gross")] if growth == "gross" else runs.values()
    )
    for run in histories:
        assert float(run.iron_drift.max()) < 1e-10
        magnesium = run.solid_fraction * (1 - run.pile_iron) + (1 - run.solid_fraction) * (1 - run.ocean_iron)
        assert np.ptp(magnesium.values) < 1e-10


@pytest.mark.parametrize(
    "case, tau, end",
    [
        ("earth", 1, 52.2),
        ("earth", 10, 38.4),
        ("earth", 100, 37.1),
        ("mars", 1, 94.2),
        ("mars", 10, 76.9),
        ("mars", 100, 69.5),
    ],
)
def test_end_of_the_run_against_an_independent_integration(runs, case, tau, end):
    assert at(runs[case, tau], 0.99) == pytest.approx(end, abs=0.3)


def test_the_crossing_is_no_plateau(runs):
    """The run passes through the static value at the crossing and goes on.

    26/57 are values at the crossing, not maxima.
    """
    run = runs["earth", 100]
    assert at(run, [0.7, 0.775, 0.9, 0.95, 0.98]) == pytest.approx([23.7, 26.8, 32.7, 35.1, 36.6], abs=0.15)
    assert at(run, float(mo.buffering("earth").solid_fraction)) == pytest.approx(26.70, abs=0.15)
    assert np.all(np.diff(run.ocean_iron.values) >= -1e-12)


def test_slow_growth_passes_through_the_static_crossing():
    """Slow growth is quasi-steady: crystals = melts at every solid fraction, as in the static state."""
    run, static = mo.buffering_history("earth", "10 Gyr"), mo.buffering("earth")
    assert at(run, float(static.solid_fraction)) == pytest.approx(100 * float(static.ocean_iron), abs=0.02)


def test_earth_stays_poorer_than_mars_at_the_same_timescale(runs):
    for tau in (1, 10, 100):
        assert at(runs["earth", tau], 0.99) < at(runs["mars", tau], 0.99)


def test_gross_growth_stalls():
    """Where the timescale is of crystallisation alone, remelting returns in the end all of it.

    The run does not approach the static value.
    """
    run = mo.buffering_history("earth", "1 Myr", growth="gross")
    assert "stalled" in run.attrs["end"]
    assert 100 * float(run.ocean_iron[-1]) == pytest.approx(25.8, abs=0.2)
    rate = float(run.remelting_rate[-1])
    assert rate == pytest.approx(1 / MYR, rel=1e-3)


def test_a_pile_that_melts_faster_than_it_grows_is_gone():
    run = mo.buffering_history("mars", "150 Myr", growth="gross", core_temperature=2900.0)
    assert "melted away" in run.attrs["end"]
    assert float(run.solid_fraction[-1]) < float(run.solid_fraction[0])
    assert np.isfinite(run.ocean_iron).all()


def test_coarse_tables_are_reported():
    """Melts of the newest crystals begin within a cell of a table."""
    with pytest.warns(TableWarning, match="tabulated with an error"):
        run = mo.buffering_history(
            "earth",
            "10 Myr",
            source="newest-crystals",
            gravity=20.0,
            density=1600.0,
            exchange_coefficient=0.133,
        )
    assert run.attrs["table_error"] > 0.01 and float(run.iron_drift.max()) < 1e-10


def test_tables_are_as_good_as_the_closures(runs):
    for run in runs.values():
        assert run.attrs["table_error"] < 1e-3


def test_tolerance_sets_the_error():
    fine = mo.buffering_history("earth", "10 Myr", rtol=1e-9)
    for rtol in (1e-4, 1e-6):
        assert at(mo.buffering_history("earth", "10 Myr", rtol=rtol), 0.9) == pytest.approx(
            at(fine, 0.9), abs=1e4 * rtol
        )


def test_jacobian_agrees_with_differences():
    case = BufferingCase.read("earth")
    leaves = [External(name, table, 2) for name, table in zip(("rate", "iron_rate"), tables(case, 0.05))]
    system = System(cumulates.growing_pile("net", cumulates.Remelting(*leaves)))
    p = system.with_parameters({"growth": 1 / (10 * MYR), "first_solid_fraction": 0.3})
    x = system.start(p).x
    totals, y = system.totals(x, p), np.concatenate([x, np.zeros(len(system.sourced))])
    exact = system.rate_jacobian(0.0, y, totals, 0.0, p)
    for k in range(3):
        h = 1e-6 * max(abs(y[k]), 1e-2)
        up, down = (system.rate(0.0, y + s * h * np.eye(len(y))[k], totals, 0.0, p) for s in (1, -1))
        assert exact[:, k] == pytest.approx((up - down) / (2 * h), rel=1e-4, abs=1e-5 * np.abs(exact).max())


def test_monotone_surface_does_not_overshoot_at_a_bend_and_is_smooth():
    x, y = np.linspace(0, 1, 12), np.linspace(0, 1, 9)
    z = np.maximum(x[:, None] - 0.45, 0) * (1 + 0 * y)
    gentle, plain = Surface(x, y, z, monotone=True), Surface(x, y, z)
    fine = np.linspace(0, 1, 501)
    assert min(gentle((0, 0), a, 0.3) for a in fine) >= -1e-15 > min(plain((0, 0), a, 0.3) for a in fine)
    h = 1e-7
    for a, b in ((0.3, 0.2), (x[5], 0.33), (0.61, y[4])):
        for orders in ((0, 0), (1, 0), (0, 1)):  # continuous across knots
            assert gentle(orders, a - h, b - h) == pytest.approx(gentle(orders, a + h, b + h), abs=1e-5)
    assert gentle((1, 0), 0.7, 0.4) == pytest.approx(
        (gentle((0, 0), 0.7 + h, 0.4) - gentle((0, 0), 0.7 - h, 0.4)) / (2 * h), rel=1e-6
    )


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"timescale": "soon"}, "number"),
        ({"timescale": "-1 Myr"}, "out of range"),
        ({"end_solid_fraction": 1.0}, "the run cannot end there"),
        ({"rtol": 1.0}, "rtol"),
        ({"gravity": "1 kg"}, "unit of"),
    ],
)
def test_bad_arguments(arguments, words):
    with pytest.raises(InputError, match=words):
        mo.buffering_history("earth", **arguments)
