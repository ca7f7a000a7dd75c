"""The last tooth of a run: its states, and the spreads of Fe# and of the layer."""

import numpy as np
import pytest
import xarray

from mocoupled.cumulates.front_teeth import last_tooth, tooth

# from the surface down; the front is below the second cell
MASS = np.array([1.0, 2.0, 3.0, 4.0])
LOCAL = np.array([0.9, 0.5, 0.3, 0.0])


def run(melt, iron, local=LOCAL):
    cells = np.tile(local, (len(melt), 1))
    return xarray.Dataset(
        {
            "melt_fraction": ("time", np.asarray(melt)),
            "ocean_iron": ("time", np.asarray(iron)),
            "local_melt_fraction": (("time", "cell"), cells),
            "cell_mass": ("cell", MASS),
        }
    )


def test_the_last_tooth_begins_one_cell_of_melt_before_the_end():
    """The largest cell at or above the front is the third, with 0.3 of the mass."""
    melt = [1.0, 0.61, 0.59, 0.5, 0.4, 0.3]
    np.testing.assert_array_equal(last_tooth(run(melt, melt)), [2, 3, 4, 5])
    without_ocean = run(melt, melt, np.zeros(4))  # the uppermost cell has 0.1
    np.testing.assert_array_equal(last_tooth(without_ocean), [4, 5])


def test_spreads_are_those_of_the_poorest_richest_and_last_state():
    melt, iron = [1.0, 0.59, 0.5, 0.4, 0.3], [0.9, 0.4, 0.7, 0.3, 0.5]
    layers = {4: 0.011, 3: 0.02}  # number of states up to the poorest and the richest one
    spread = tooth(run(melt, iron), lambda part: layers[part.sizes["time"]], 0.015)
    assert spread.iron == (0.3, 0.7) and spread.layer == (0.011, 0.02)
    assert tooth(run(melt, iron), lambda part: layers[part.sizes["time"]], 0.03).layer == (0.011, 0.03)
    assert "Fe# of the ocean was 30 to 70, and the layer 1.1 to 2 % of the mantle" in spread.sentence
    assert spread.numbers["basal_layer_largest_mass_fraction"] == pytest.approx(0.02)
