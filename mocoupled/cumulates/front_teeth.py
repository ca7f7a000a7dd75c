"""How far the freezing of one cell moves the iron of the ocean and the basal layer of a column.

The front of the pile has the width of a cell. While it freezes one cell, Fe# of the ocean rises and falls
again, so that the end of a run is one point of a sawtooth. Its ends are the spread of what the run says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..closures.rheology import TRANSITION

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True)
class Tooth:
    """The last tooth of a run. iron: least and largest Fe/(Fe + Mg) of the ocean.

    layer: shares of the mantle in the basal layer, the least and the largest of those of both states and of
    the end.
    """

    iron: tuple[float, float]
    layer: tuple[float, float]

    @property
    def sentence(self) -> str:
        """Both spreads in words."""
        (poor, rich), (thin, thick) = self.iron, self.layer
        return (
            f"While the last cell froze, Fe# of the ocean was {100 * poor:.0f} to {100 * rich:.0f}, and the "
            f"layer {100 * thin:.2g} to {100 * thick:.2g} % of the mantle; more cells (mantle.cells) have "
            "smaller teeth."
        )

    @property
    def numbers(self) -> dict[str, float]:
        """Attributes of a result."""
        names = ("least_ocean_iron", "largest_ocean_iron", "least_mass_fraction", "largest_mass_fraction")
        values = (*self.iron, *self.layer)
        return {f"basal_layer_{name}": value for name, value in zip(names, values)}


def last_tooth(result: xarray.Dataset) -> np.ndarray:
    """Indices of the states since the run had one cell more of melt than at its end.

    The cell is the largest one that has melt at the front or above it.
    """
    end = result.isel(time=-1)
    share = end["cell_mass"].values / end["cell_mass"].values.sum()
    ocean = end["local_melt_fraction"].values > TRANSITION
    front = int(np.flatnonzero(ocean).max()) + 1 if ocean.any() else 0
    melt = result["melt_fraction"].values
    return np.flatnonzero(melt <= melt[-1] + float(share[: front + 1].max()))


def tooth(result: xarray.Dataset, layer: Callable[[xarray.Dataset], float], at_the_end: float) -> Tooth:
    """The last tooth of a run of a column with iron.

    layer: the share of the mantle in the layer of a run up to some time; at_the_end: that of the run.
    """
    states = last_tooth(result)
    iron = result["ocean_iron"].values[states]
    extremes = (states[np.argmin(iron)], states[np.argmax(iron)])
    layers = [at_the_end, *(layer(result.isel(time=slice(0, k + 1))) for k in extremes)]
    return Tooth((float(iron.min()), float(iron.max())), (min(layers), max(layers)))
