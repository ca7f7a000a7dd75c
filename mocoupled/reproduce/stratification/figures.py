"""Figures of the maps: over mantle thickness and bulk iron, over hydrogen, carbon and oxidation state, and
over the mass of the planet and its iron."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ...constants import YEAR
from ...plots.buffering import Panel, draw
from ..buffering.figures import CAPTION
from ..paper import picture
from .cases import MAPS as MAPS_OF_RUNS
from .sizes import MAPS

if TYPE_CHECKING:
    import xarray

FIGURES: Mapping[int, str] = MappingProxyType(
    {
        1: "maps over mantle thickness and bulk Fe#",
        2: "maps over hydrogen, C/H and the oxygen fugacity, from runs",
        3: "maps over the mass of the planet and bulk Fe#, from runs",
    }
)
GREY = (
    " Grey: no buffered ocean. The trend with size depends on the temperature of the core: none to "
    "super-Earths can be trusted."
)
RUNS = (
    " From runs of Earth with crystals of 5 cm, each coupled to its own iron, until 2 % of the mantle is "
    "molten."
)

MASSES_OF_RUNS = (
    " From runs of planets with a core as Earth and crystals of 5 cm, each coupled to its own iron, until "
    "2 % of the mantle is molten. Melting curves of the iron end-member are extrapolated above 1 Earth mass. "
    "Grey: beside a run without an end."
)


def draw_sizes(maps: xarray.Dataset, output: Path) -> Path:
    """Draw the maps over thickness and iron, a Dataset of `stratification`, into output/figures. Returns the
    path."""
    thickness, bulk_iron = maps.mantle_thickness.values / 1e3, 100 * maps.bulk_iron.values
    panels = []
    for name, (_, _, title) in MAPS.items():
        anomaly = 100 * maps.iron_anomaly.sel(map=name).values.T
        panels.append(
            Panel(
                x="mantle thickness, km",
                y="bulk Fe#",
                title=title,
                points=[(2890.0, 10.0, "Earth"), (1600.0, 20.0, "Mars")],
                map=(thickness, bulk_iron, anomaly, "Fe# of ocean less pile"),
            )
        )
    title = "Stratification over mantle thickness and bulk iron"
    return draw(panels, title, CAPTION + GREY, output / picture(1))


def draw_runs(maps: Mapping[str, xarray.Dataset], output: Path) -> Path:
    """Draw the maps over volatiles, Datasets of `maps_of_runs`, into output/figures. Returns the path."""
    panels = [panel for name, result in maps.items() for panel in _panels_of_map(name, result)]
    title = "The last melt of a magma ocean below its atmosphere"
    return draw(panels, title, CAPTION + RUNS, output / picture(2))


def draw_masses(result: xarray.Dataset, output: Path) -> Path:
    """Draw the map over mass and iron, the Dataset of `map_over_size`, into output/figures.

    Returns the path.
    """
    x, text = np.log10(result.planet_mass.values), "mass, log10 of Earth masses"
    y, label = 100 * result.bulk_iron.values, "bulk Fe#"
    lifetime = np.log10(result.lifetime.values / YEAR)
    anomaly = 100 * (result.ocean_iron - result.pile_iron).values
    density = result.density_anomaly.values
    panels = [
        Panel(x=text, y=label, title="lifetime", map=(x, y, lifetime, "log10 of years")),
        Panel(x=text, y=label, title="iron of the last melt", map=(x, y, anomaly, "Fe# of ocean less pile")),
        Panel(x=text, y=label, title="last melt above the pile", map=(x, y, density, "kg/m3")),
    ]
    title = "The last melt of magma oceans from 0.05 to 5 Earth masses"
    return draw(panels, title, CAPTION + MASSES_OF_RUNS, output / picture(3))


def _panels_of_map(name: str, result: xarray.Dataset) -> list[Panel]:
    """Lifetime, and density anomaly of the last melt."""
    axis = str(result.ocean_iron.dims[0])
    if name == "oxidation":
        label, y = "offset from IW, dex", result[axis].values
    else:
        label, y = "C/H by mass, log10", np.log10(result[axis].values)
    x, text = np.log10(result.oceans.values), "hydrogen, log10 of oceans"
    lifetime = np.log10(result.lifetime.values / YEAR)
    density = result.density_anomaly.values
    where = MAPS_OF_RUNS[name]
    return [
        Panel(x=text, y=label, title=f"lifetime, {where}", map=(x, y, lifetime, "log10 of years")),
        Panel(x=text, y=label, title=f"last melt above the pile, {where}", map=(x, y, density, "kg/m3")),
    ]
