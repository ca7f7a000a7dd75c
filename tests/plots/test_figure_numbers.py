"""Figures show the stored numbers; values that are missing, zero or tiny are gaps that the figure names."""

import numpy as np
import pytest
from support.synthetic_run import WEIGHT, drawn, lines, stored, texts

from mocoupled.constants import BAR, YEAR
from mocoupled.plots import overview, style, view


def test_lines_are_the_stored_numbers():
    result = stored()
    year = result.time.values / YEAR

    def same(line, values):
        np.testing.assert_array_equal(line.get_xdata(), year)
        np.testing.assert_allclose(line.get_ydata(), values, rtol=1e-14)

    (pressure,) = drawn("partial-pressures", result).axes
    for s in result.species.values:
        same(lines(pressure)[s], result.pressure.sel(species=s) / BAR)
    same(lines(pressure)["surface_pressure"], result.surface_pressure / BAR)
    for ax in drawn("mixing-ratios", result).axes:
        for s in result.species.values:
            same(lines(ax)[s], result.mixing_ratio.sel(species=s))
    for name in ("temperature-melt-fraction", "flux", "oxygen-fugacity"):
        shown = {k: v for ax in drawn(name, result).axes for k, v in lines(ax).items()}
        assert len(shown) >= 2
        for variable, line in shown.items():
            same(line, result[variable])


@pytest.mark.parametrize("element", "HC")
def test_reservoirs_add_up_to_the_inventory(element):
    """Mass of an element over all reservoirs is conserved: moles times the atomic weight, to round-off."""
    result = stored()
    masses = lines(drawn(f"reservoirs-{element}", result).axes[0])
    total = sum(line.get_ydata() for line in masses.values())
    inventory = result.element_moles.sel(element=element).values[0] * WEIGHT[element]
    np.testing.assert_allclose(total, inventory, rtol=1e-12)
    assert set(masses) >= {"dissolved", "CH4"} | (
        {"graphite_mass"} if element == "C" else {"escaped_mass", "H2O"}
    )
    shares = view.reservoirs(view.prepare(result), element, share=True)
    np.testing.assert_allclose(sum(c.values for c in shares), 1.0, rtol=1e-12)
    bands = drawn(f"reservoirs-{element}", result).axes[1].collections
    assert [b.get_label() for b in bands if not b.get_label().startswith("_")] == list(masses)


def test_numbers_of_the_end():
    rows = dict(overview.end_in_numbers(view.prepare(stored())))
    assert rows["time"] == "4300 yr" and rows["surface temperature"] == "1650 K"
    shares = [float(v.split(", ")[1][:-2]) for k, v in rows.items() if k.startswith("carbon ")]
    assert len(shares) == 3 and abs(sum(shares) - 100) < 0.2
    assert {"hydrogen escaped", "carbon as graphite"} <= set(rows)


def test_onset_of_graphite():
    result = stored()
    year = result.time.values / YEAR
    first = year[result.graphite_activity.values > 0.999][0]
    assert view.prepare(result).onset == first
    assert f"▼ dashed: graphite from {style.number(first, 3)} yr" in texts(drawn("reservoirs-C", result))
    by_mass = result.drop_vars("graphite_activity")
    carbon = result.element_moles.sel(element="C").values * WEIGHT["C"]
    assert view.prepare(by_mass).onset == year[result.graphite_mass.values > 1e-6 * carbon][0]
    assert view.prepare(stored(graphite=False)).onset is None
    always = result.assign(graphite_activity=result.graphite_activity * 0 + 1)
    assert "▼ graphite from the start" in texts(drawn("flux", always))


def test_not_a_number_is_a_gap_and_is_said():
    result = stored()
    result.pressure.values[10:14, 0] = np.nan
    result.pressure.values[[20, 22], 1] = np.nan  # leaves one value without neighbours
    figure = drawn("partial-pressures", result)
    water, hydrogen = lines(figure.axes[0])["H2O"], lines(figure.axes[0])["H2"]
    assert np.isnan(water.get_ydata()[10:14]).all()
    assert hydrogen.get_marker() == "o" and hydrogen.get_markevery() == [21]
    assert any("gaps where the values are not numbers: H₂O, H₂" in t for t in texts(figure))
    result.surface_temperature.values[:] = np.nan
    assert "not a number" in texts(drawn("overview", result))
    result.flux.values[:] = np.nan
    assert "not a number throughout" in texts(drawn("flux", result))


def test_zero_and_tiny_values_on_a_log_axis():
    result = stored()
    result.pressure.values[:, 3] = 0.0
    figure = drawn("partial-pressures", result)
    assert any("too small for the axis of partial pressure: CO, C₂H₂" in t for t in texts(figure))
    low, high = figure.axes[0].get_ylim()
    assert low > 1e-8 and high < 1e4
    result.pressure.values[:] = 0.0
    result.surface_pressure.values[:] = 0.0
    assert "zero throughout" in texts(drawn("partial-pressures", result))


def test_column_figures_show_the_stored_numbers():
    """Profiles are those stored, at the start, the end and between; the map is of the last stored state
    before each time."""
    result = stored()
    temperature, melt = drawn("mantle-profiles", result).axes
    first, *_, last = lines(temperature).values()
    np.testing.assert_allclose(first.get_xdata(), result.temperature.values[0])
    np.testing.assert_allclose(last.get_xdata(), result.temperature.values[-1])
    assert 3 <= len(lines(melt)) <= 9 and melt.get_ylim()[0] > melt.get_ylim()[1]
    (front,) = lines(drawn("mantle-melt", result).axes[-1]).values()
    np.testing.assert_allclose(front.get_ydata(), result.rheological_front_pressure / 1e9)
    assert "this run does not resolve the mantle in depth" in texts(
        drawn("mantle-melt", stored(column=False))
    )
