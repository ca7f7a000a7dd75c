"""Figures of outgoing radiation and of the atmosphere of a run: what they choose, name and leave out."""

import numpy as np
import pytest
import xarray

from mocoupled.plots.atmosphere import _composition
from mocoupled.plots.radiation import draw_radiation
from mocoupled.plots.settings import new_figure, plain

LEVELS = 5
EDGES = np.array([0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0]) * 1e-6  # m


def radiation(pressures, gravities=(9.81,)):
    """A made-up result of `mo.outgoing_radiation` at two temperatures.

    pressures: gas -> pressures [bar]; every combination.
    """
    axes = {"temperature": [1000.0, 1500.0], **{f"pressure_{gas}": p for gas, p in pressures.items()}}
    axes["planet"] = gravities
    grid = np.meshgrid(*axes.values(), indexing="ij")
    T, *p, gravity = (xarray.DataArray(values, dims=list(axes)) for values in grid)
    flux = 2000.0 * T / 1500.0
    spectrum = xarray.DataArray([0.0, 0.0099, 1.0, 1.0, 0.0101, 0.0] * np.diff(np.log(EDGES)), dims="band")
    level = xarray.DataArray(np.linspace(1.0, 0.0, LEVELS), dims="level")
    made = {
        "outgoing_flux": flux,
        "band_flux": spectrum * flux,
        "level_temperature": 200.0 + level * (T - 200.0),
        "level_pressure": 1e5 * 10.0 ** (4 * level - 4) * sum(p),
        "pressure": 1e5 * xarray.concat(p, dim="species"),
    }
    single = {name: 0 for name, values in axes.items() if len(values) == 1}
    result = xarray.Dataset(made).isel(single).assign_coords(temperature=axes["temperature"])
    of_bands = {"shortest_wavelength": EDGES[:-1], "longest_wavelength": EDGES[1:]}
    result = result.assign_coords({name: ("band", values) for name, values in of_bands.items()})
    return result.assign(gravity=gravity.isel(single)).assign_coords(species=list(pressures))


def names(figure, panel):
    """Texts of the legend of a panel."""
    legend = figure.axes[panel].get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def caption(figure):
    """The caption, and the title."""
    return " ".join(text.get_text() for text in figure.texts[::-1])


def test_the_choice_is_said_and_the_legend_has_the_gases():
    figure = draw_radiation(radiation({"H2O": [10.0, 100.0, 270.0], "CO2": [20.0, 100.0]}))
    assert "(b, c): 8 of 12 combinations, evenly chosen." in caption(figure)
    shown = names(figure, 2)
    assert len(shown) == len(set(shown)) == 8 == len(figure.axes[1].lines)
    assert {shown[0], shown[-1]} == {"1000 K, H₂O 10 bar, CO₂ 20 bar", "1500 K, H₂O 270 bar, CO₂ 100 bar"}
    assert names(figure, 0)[:2] == ["H₂O 10 bar, CO₂ 20 bar", "H₂O 10 bar, CO₂ 100 bar"]


def test_all_are_shown_without_a_word_and_other_conditions_are_named():
    few = draw_radiation(radiation({"H2O": [10.0, 100.0], "CO2": [20.0]}))
    assert "combinations" not in caption(few) and "Gases: H₂O, CO₂ 20 bar." in caption(few)
    assert len(names(few, 2)) == 4 and names(few, 0) == ["H₂O 10 bar", "H₂O 100 bar"]
    heavy = draw_radiation(radiation({"H2O": [10.0]}, gravities=[3.7, 9.81]))
    assert names(heavy, 0) == ["3.7 m/s²", "9.81 m/s²"] and "1000 K, 3.7 m/s²" in names(heavy, 2)


def test_the_axis_of_wavelength_ends_where_next_to_nothing_leaves():
    """Bands at both ends with less than 1 % of the largest flux per ln wavelength are left out."""
    spectra = draw_radiation(radiation({"H2O": [10.0, 100.0]})).axes[2]
    assert spectra.get_xlim() == pytest.approx((3.0, 100.0))


def test_mole_fractions_end_where_the_gases_do_and_none_hides_another():
    fractions = {"H2O": 0.5, "H2": 0.25, "CO": 0.25 * 10**-0.0295, "CO2": 0.005, "O2": 1e-15}
    fractions["CH4"] = 0.5 * 10**-0.0305
    mixed = np.outer(list(fractions.values()), np.ones(LEVELS))
    state = xarray.Dataset(
        {
            "level_temperature": ("level", np.linspace(1500.0, 200.0, LEVELS)),
            "level_pressure": ("level", np.geomspace(1e7, 1e2, LEVELS)),
            "level_height": ("level", np.linspace(0.0, 1e5, LEVELS)),
            "mixing_ratio": (("species", "level"), mixed),
        },
        coords={"species": list(fractions)},
    )
    with plain():
        ax = new_figure().add_subplot()
        _composition(ax, state, "the end")
    low, high = ax.get_xlim()
    assert 1e-3 < low < 0.005 and 0.5 < high <= 1.0
    styles = {line.get_label(): line.get_linestyle() for line in ax.get_lines()}
    assert styles == {"H₂O": "-", "H₂": "-", "CO": "--", "CO₂": "-", "CH₄": "-"}
