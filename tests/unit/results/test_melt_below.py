"""Melt at the base below a mush that has formed in mid-mantle, from profiles of melt fraction."""

import numpy as np
import pytest

from mocoupled.results.fronts import CRITICAL, melt_below

POSITION = np.arange(10.0)  # depth of the cells; the base is at 9.5


def profile(*parts):
    """Melt fractions of 10 cells: (number, value) from the surface down."""
    return np.concatenate([np.full(number, value) for number, value in parts])


@pytest.mark.parametrize(
    ("cells", "thickness"),
    [
        (profile((10, 1.0)), 0.0),
        (profile((10, 0.1)), 0.0),
        (profile((5, 1.0), (5, 0.1)), 0.0),  # frozen from the base
        (profile((2, 0.1), (8, 1.0)), 0.0),  # a crust
        (profile((3, 0.9), (4, CRITICAL - 0.2), (3, CRITICAL + 0.2)), 3.0),  # half-way between cells 6 and 7
        (profile((2, 0.1), (2, 0.9), (4, CRITICAL - 0.1), (2, CRITICAL + 0.3)), 2.25),
    ],
)
def test_thickness(cells, thickness):
    """Linear between the two cells; melt above the mush is needed too."""
    assert melt_below(cells[None], POSITION, 9.5)[0] == pytest.approx(thickness)


def test_along_time():
    """One number for each time."""
    states = np.stack([profile((10, 1.0)), profile((3, 0.9), (4, 0.2), (3, 0.6))])
    assert melt_below(states, POSITION, 9.5).tolist() == pytest.approx([0.0, 3.0])
