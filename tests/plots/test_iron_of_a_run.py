"""Figures of a run with iron: the overview with Fe# and the verdict, the pile from where there is one."""

import numpy as np
import pytest
from support.synthetic_run import drawn, lines, stored, texts

from mocoupled.plots.overview import end_in_numbers
from mocoupled.plots.style import GREY
from mocoupled.plots.view import prepare

VERDICT = "With the melt of the ocean frozen, 8.3 % of the mantle is denser: a made-up sentence. " * 9
TOOTH = "a tooth of a curve is one cell that freezes"
FIRST = 20  # stored time from which there is a pile


@pytest.fixture(scope="module")
def coupled():
    """A made-up run of a column with iron whose pile begins at a stored time."""
    run = stored(basal_layer=f"{VERDICT}And the caveat.")
    thickness = np.clip(np.arange(run.sizes["time"]) - FIRST + 1.0, 0.0, None)
    run["pile_thickness"] = "time", thickness
    run["iron"] = ("time", "cell"), np.full((run.sizes["time"], run.sizes["cell"]), 0.1)
    return run


def panel_of_iron(figure):
    """The panel with the line of the iron of the melt."""
    (ax,) = (ax for ax in figure.axes if "ocean_iron" in lines(ax))
    return ax


def test_nothing_is_drawn_of_a_pile_before_there_is_one(coupled):
    for name in ("iron", "overview"):
        figure = drawn(name, coupled)
        shown = lines(panel_of_iron(figure))
        for variable in ("ocean_iron", "crystal_iron"):
            np.testing.assert_allclose(shown[variable].get_ydata(), 100 * coupled[variable], rtol=1e-14)
        pile = shown["pile_iron"].get_ydata()
        assert np.isnan(pile[:FIRST]).all()
        np.testing.assert_allclose(pile[FIRST:], 100 * coupled.pile_iron[FIRST:], rtol=1e-14)
        assert any(TOOTH in t for t in texts(figure))
        assert not any("not numbers" in t for t in texts(figure))
    density = drawn("iron", coupled).axes[1]
    assert density.get_ylabel() == "Density, melt less pile (kg/m³)"
    for structure, line in lines(density).items():
        assert np.isnan(line.get_ydata()[:FIRST]).all()
        stored_values = coupled.density_anomaly.sel(structure=structure)
        np.testing.assert_array_equal(line.get_ydata()[FIRST:], stored_values[FIRST:])
    broken = coupled.copy(deep=True)
    broken.pile_iron.values[FIRST + 3] = np.nan
    assert any("not numbers: pile" in t for t in texts(drawn("iron", broken)))


def titles(run):
    """Titles of the panels of the overview."""
    return [ax.get_title(loc="left") for ax in drawn("overview", run).axes]


def test_the_overview_has_the_iron_and_the_verdict(coupled):
    figure = drawn("overview", coupled)
    assert f"{VERDICT}And the caveat." in " ".join(texts(figure))
    numbers = dict(end_in_numbers(prepare(coupled)))
    assert numbers["Fe# of the melt"] == "60 %" and numbers["Fe# of the pile"] == "7 %"
    bands = coupled.assign(outgoing_flux=coupled.flux * 2.0, absorbed_flux=coupled.flux)
    lost = ("escaping_element", "time"), [coupled.escaped_mass.values]
    escaping = bands.assign(escaped_element_mass=lost).assign_coords(escaping_element=["H"])
    fluxes = {"Outgoing and absorbed flux", "Net heat flux to space"}
    for run, absent in ((coupled, "Optical depth"), (bands, "Optical depth"), (escaping, "Oxygen fugacity")):
        shown = titles(run)
        assert len(shown) == 9 and "Iron" in shown and absent not in shown and not fluxes & set(shown)
    assert "Escaped" in titles(escaping) and "Iron" not in titles(stored().drop_vars("ocean_iron"))


def test_names_beside_the_iron_are_on_the_page(coupled):
    figure = drawn("overview", coupled)
    figure.draw_without_rendering()
    right = figure.bbox.width
    for ax in figure.axes:
        assert all(text.get_window_extent().x1 < right for text in ax.texts)


def test_a_run_without_iron_in_depth_has_no_tooth():
    assert not any(TOOTH in t for name in ("iron", "overview") for t in texts(drawn(name, stored())))


def test_melting_curves_say_whose_they_are(coupled):
    """They are stored for the bulk mantle, and stand in the legend, not on a curve."""
    for run, names in (
        (stored(), ["solidus", "liquidus"]),
        (coupled, ["solidus, bulk mantle", "liquidus, bulk mantle"]),
    ):
        temperature, melt = drawn("mantle-profiles", run).axes
        legend = melt.get_legend()
        texts_and_lines = dict(zip((t.get_text() for t in legend.get_texts()), legend.get_lines()))
        assert list(texts_and_lines)[-2:] == names and not temperature.texts
        for line, name, curve in zip(temperature.get_lines(), names, (run.cell_solidus, run.cell_liquidus)):
            np.testing.assert_array_equal(line.get_xdata(), curve)
            assert line.get_color() == texts_and_lines[name].get_color() == GREY
