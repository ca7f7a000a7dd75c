"""The figure of escape, the overview with it, the lines of outgoing radiation: what they draw."""

import numpy as np
import pytest
from support.synthetic_run import drawn, stored

import mocoupled as mo
from mocoupled.cli.pages.case_keys import _handy
from mocoupled.cli.pages.run_end import _share_lost
from mocoupled.plots import figures_of
from mocoupled.plots.radiation import draw_radiation


@pytest.fixture(scope="module")
def escaped():
    """A made-up run from which 5 % of the hydrogen escape, with oxygen and deuterium."""
    run = stored()
    lost = run.escaped_mass.values
    run["escaped_element_mass"] = ("escaping_element", "time"), np.array([lost, 7.0 * lost])
    run["xuv_flux"] = "time", np.linspace(5.0, 3.0, lost.size)
    run["tracer_ratio"] = ("tracer", "time"), [1.5e-4 * (1.0 + 0.1 * lost / lost[-1])]
    return run.assign_coords(escaping_element=["H", "O"], tracer=["D"])


def test_the_figure_of_escape(escaped):
    mass, xuv, tracers = drawn("escape", escaped).axes
    assert [line.get_label() for line in mass.lines][:2] == ["escaped H", "escaped O"]
    np.testing.assert_array_equal(mass.lines[1].get_ydata(), 7.0 * escaped.escaped_mass.values)
    np.testing.assert_array_equal(xuv.lines[0].get_ydata(), escaped.xuv_flux.values)
    assert tracers.lines[0].get_ydata()[[0, -1]].tolist() == pytest.approx([1.0, 1.1])
    assert tracers.get_ylabel() == "D/H over initial (1)"
    assert "escape" in figures_of(escaped) and "escape" not in figures_of(stored(escape=False))


def titles(figure):
    """Titles of the panels."""
    return [ax.get_title(loc="left") for ax in figure.axes]


def test_the_overview_of_a_run_by_bands_shows_no_flux_twice(escaped):
    bands = escaped.drop_vars("ocean_iron").assign(
        outgoing_flux=escaped.flux * 2.0, absorbed_flux=escaped.flux
    )
    still = bands.drop_vars("escaped_element_mass")
    fluxes = {"flux": escaped.flux, "outgoing_flux": escaped.flux * 2.0, "absorbed_flux": escaped.flux}
    for run, panel in ((bands, "Escaped"), (still, "Outgoing and absorbed flux")):
        figure = drawn("overview", run)
        assert len(figure.axes) == 9 and panel in titles(figure) and "Optical depth" not in titles(figure)
        lines = [line for ax in figure.axes for line in ax.lines if line.get_label() in fluxes]
        assert sorted(line.get_label() for line in lines) == sorted(fluxes)
        for line in lines:
            np.testing.assert_array_equal(line.get_ydata(), fluxes[line.get_label()].values)


def test_the_share_that_has_escaped(escaped):
    assert _share_lost(escaped, "H") == " (5 %)"
    assert _share_lost(escaped, "O") == _share_lost(escaped, "C") == _share_lost(escaped, "N") == ""


@pytest.mark.parametrize(
    ("stored_text", "printed"),
    [
        ("1577880000000000.0 s", "50 Myr"),
        ("31557600000000000.0 s", "1 Gyr"),
        ("149597870700.0 m", "1 au"),
        ("6371000.0 m", "6371000.0 m"),
        ("12.5 s", "12.5 s"),
        ("3.168808781402895e-08 1/s", "3.168808781402895e-08 1/s"),
        ("volatiles", "volatiles"),
        (0.1, 0.1),
    ],
)
def test_keys_in_handy_units(stored_text, printed):
    assert _handy(stored_text) == printed


def test_lines_of_outgoing_radiation_have_names():
    air = mo.outgoing_radiation([[1000.0], [1500.0]], {"H2O": "100 bar", "CO2": ["1 bar", "100 bar"]})
    figure = draw_radiation(air)
    assert [t.get_text() for t in figure.axes[0].get_legend().get_texts()] == ["CO₂ 1 bar", "CO₂ 100 bar"]
    alone = draw_radiation(mo.outgoing_radiation([1000.0, 1500.0], {"H2O": 1e7}))
    assert alone.axes[0].get_legend() is None
