"""What becomes of the last, iron-rich melt: its density above the pile, the buffered value beside it, and a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..closures.law import names
from .buffering import buffering, density_anomaly
from .buffering_case import BufferingCase

if TYPE_CHECKING:
    import xarray

ENTRAINED, STABLE = 300.0, 500.0  # kg/m3
THRESHOLDS = (
    "entrained below about 300 kg/m3, stable above about 500 kg/m3 (Manjon-Cabeza Cordoba & Ballmer, arXiv 2605.04840, section 3, "
    "after T. Yang & R. Fu 2014, R. I. Citron et al. 2020 and H. Samuel et al. 2021)"
)
STRUCTURE = "bridgmanite"  # of the layer at the base of the mantle


def verdict(anomaly: float) -> str:
    """What a layer does whose density exceeds that of the pile by so much [kg/m3]: "entrained", "marginal" or "stable"."""
    return "entrained" if anomaly < ENTRAINED else "stable" if anomaly > STABLE else "marginal"


def with_verdict(result: xarray.Dataset, own: BufferingCase) -> xarray.Dataset:
    """The run with density_anomaly(structure, time) of its last melt, frozen as it is, and in its attributes the verdict
    (basal_layer), the thresholds and their sources, the static buffered value and what calibrated the cumulates.

    The pile's iron is `pile_iron`, or the crystals' where they are suspended: the layer is then that of the crystals.
    """
    pile = result["pile_iron"] if "pile_iron" in result else result["crystal_iron"]
    structures = names("cumulate_density")
    anomaly = np.array([density_anomaly(result["ocean_iron"].values, pile.values, s) for s in structures])
    text = "density of the melt, crystallised as it is, above that of the pile, 1 bar and 300 K"
    result = result.assign(density_anomaly=(("structure", "time"), anomaly, {"units": "kg/m3", "long_name": text})).assign_coords(structure=list(structures))
    last = float(anomaly[structures.index(STRUCTURE), -1])
    static = buffering(own)
    told = {
        "basal_layer": verdict(last),
        "basal_layer_thresholds": THRESHOLDS,
        "basal_layer_density_anomaly": last,
        "buffered_ocean_iron": float(static.ocean_iron),
        "buffered_reason": str(static.reason.item()),
    }
    return result.assign_attrs(told | {k: v for k, v in own.attributes.items() if k.startswith("calibration")})
