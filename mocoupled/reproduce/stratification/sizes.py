"""Maps of the Fe# anomaly over mantle thickness and bulk iron, static or with a timescale of
crystallisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..buffering.values import MYR, quiet, sized
from ..paper import Progress, no_progress

if TYPE_CHECKING:
    import xarray

# Name of a map -> temperature of the core (as in `sized`), timescale [s] (None: static), title.
MAPS: dict[str, tuple[str, float | None, str]] = {
    "fixed-static": ("fixed", None, "core 4400 K, static"),
    "solidus-static": ("solidus", None, "core follows the solidus, static"),
    "solidus-1Myr": ("solidus", MYR, "core follows the solidus, 1 Myr"),
    "potential-1Myr": ("potential", MYR, "core's potential temperature fixed, 1 Myr"),
}
THICKNESS, IRON = (1000e3, 3600e3), (0.02, 0.25)  # m; Fe/(Fe + Mg)
VARIABLES = ["ocean_iron", "pile_iron", "density_anomaly", "solid_fraction", "reason", "converged"]


def stratification(points: int = 24, progress: Progress = no_progress) -> xarray.Dataset:
    """Fe# of ocean less pile and density anomaly over `mantle_thickness` [m] and `bulk_iron`, along `map`.

    Gravity is proportional to the thickness; everything else is Earth's. Where there is no buffered ocean,
    the values are NaN, and `reason` says why. points: along each axis.
    """
    import xarray

    thickness, bulk_iron = np.linspace(*THICKNESS, points), np.linspace(*IRON, points)
    parts = []
    for k, (core, timescale, title) in enumerate(MAPS.values()):
        progress(k / len(MAPS), title)
        parts.append(_map(thickness, bulk_iron, core, timescale))
    along = xarray.DataArray(list(MAPS), dims="map", name="map")
    maps = xarray.concat(parts, along, combine_attrs="drop_conflicts")
    maps["iron_anomaly"] = maps.ocean_iron - maps.pile_iron
    maps.iron_anomaly.attrs = {
        "units": "1",
        "long_name": "Fe/(Fe + Mg) of the buffered ocean less that of the pile",
    }
    thickness_attributes = {"units": "m", "long_name": "depth of the core-mantle boundary"}
    iron_attributes = {"units": "1", "long_name": "Fe/(Fe + Mg) of the mantle"}
    return maps.assign_coords(
        mantle_thickness=("mantle_thickness", thickness, thickness_attributes),
        bulk_iron=("bulk_iron", bulk_iron, iron_attributes),
    )


def _map(thickness: np.ndarray, bulk_iron: np.ndarray, core: str, timescale: float | None) -> xarray.Dataset:
    import xarray

    changes = {
        name: xarray.DataArray(values, dims="mantle_thickness")
        for name, values in sized(thickness, core).items()
    }
    changes["bulk_iron"] = xarray.DataArray(bulk_iron, dims="bulk_iron")
    result = (
        quiet("earth", **changes) if timescale is None else quiet("earth", **changes, timescale=timescale)
    )
    return result[VARIABLES].transpose(..., "mantle_thickness", "bulk_iron")
