"""The variables of `buffering` and `buffering_history`: names, units, long names, and the density anomaly."""

from __future__ import annotations

from dataclasses import fields
from typing import TypeVar

import numpy as np

from ..closures.registry import find
from ..schema.buffering_keys import QUANTITIES, TIMESCALE
from .crossing_search import Path
from .remelting import Remelting

# Quantity of a state -> unit and long name.
LABELS = {
    "solid_fraction": ("1", "fraction of the mantle that has crystallised, molar"),
    "ocean_iron": ("1", "Fe/(Fe + Mg) of the buffered magma ocean, molar (Fe# = 100 times it)"),
    "pile_iron": ("1", "mean Fe/(Fe + Mg) of the pile of cumulates, molar"),
    "crystal_iron": ("1", "Fe/(Fe + Mg) of crystals of the magma ocean, molar"),
    "melt_iron": ("1", "Fe/(Fe + Mg) of the melts of the pile, molar"),
    "thickness": ("m", "thickness of the pile"),
    "top_pressure": ("Pa", "pressure at the top of the pile"),
    "top_temperature": ("K", "potential temperature of the top of the pile"),
    "base_temperature": ("K", "potential temperature of its base"),
    "interior_temperature": ("K", "potential temperature of its interior"),
    "rayleigh_number": ("1", "Rayleigh number of the pile"),
    "velocity": ("m/s", "speed of its convection"),
    "topography": ("m", "height to which upwellings lift the top of the pile"),
    "rate": ("1/s", "melt returned to the magma ocean, as a share of the mantle"),
    "ambient_melt_fraction": ("1", "melt fraction of a parcel of the ambient pile that has come to the top"),
    "plume_melt_fraction": (
        "1",
        "melt fraction of a parcel on the axis of the plume that has come to the top",
    ),
}
# Quantity of a state -> the variable, where it is another.
NAMES = {"rate": "remelting_rate"}
UNITS = {name: quantity.unit for name, quantity in QUANTITIES.items()} | {"timescale": TIMESCALE.unit}
# Fe/(Fe + Mg), a number or an array
Composition = TypeVar("Composition", float, np.ndarray)
DENSITY_ANOMALY = "density of the crystallised magma ocean above that of the pile, 1 bar and 300 K"


def attributes(unit: str, long_name: str) -> dict[str, str]:
    """The attributes of a variable."""
    return {"units": unit, "long_name": long_name}


def density_anomaly(X_ocean: Composition, X_pile: Composition, structure: str) -> Composition:
    """Density of the crystallised ocean less that of the pile [kg/m3].

    structure: of both, bridgmanite, akimotoite or pyroxene. X_ocean, X_pile: Fe/(Fe + Mg), numbers or arrays.
    """
    law = find("cumulate_density", structure, f"structure = {structure!r}")
    return law(X=X_ocean) - law(X=X_pile)


def state(way: Path) -> dict[str, np.ndarray]:
    """The quantities of LABELS and their values (n,)."""
    values = {f.name: getattr(way.remelting, f.name) for f in fields(Remelting)}
    for name in ("solid_fraction", "ocean_iron", "pile_iron", "crystal_iron", "melt_iron"):
        values[name] = getattr(way, name)
    return {name: values[name] for name in LABELS}
