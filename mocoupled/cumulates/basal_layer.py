"""The last, iron-rich melt: its density above the pile, the buffered value beside it, and a verdict."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from ..closures.registry import names
from ..schema.buffering_case import BufferingCase
from .buffering_variables import density_anomaly
from .crossing_search import REASONS, crossings, path
from .of_planet import numbers, on_core
from .remelting import MOLTEN

if TYPE_CHECKING:
    import xarray

ENTRAINED, STABLE = 300.0, 500.0  # kg/m3
THRESHOLDS = (
    "entrained below about 300 kg/m3, stable above about 500 kg/m3 "
    "(Manjon-Cabeza Cordoba & Ballmer, arXiv 2605.04840, section 3, "
    "after T. Yang & R. Fu 2014, R. I. Citron et al. 2020 and H. Samuel et al. 2021)"
)
UNDETERMINED = "undetermined"
# Pa at the core: from the Mars to the Earth that the thresholds were derived for
PLANETS = (18e9, 150e9)
ELSEWHERE = (
    "; derived for Mars and Earth, whose mantles end at about 20 and 136 GPa: "
    "no verdict for a mantle that ends at {:.3g} GPa"
)
# Structure of MSiO3 at the base of a mantle, by the pressure there [Pa] from which on it is taken.
# Pyroxene melts congruently up to 16.5 GPa (Presnall & Gasparik 1990, J. Geophys. Res. 95, 15771).
# From there to the 660-km discontinuity akimotoite stands for majorite, of which no iron end-member is known
# (Manjon-Cabeza Cordoba & Ballmer, arXiv 2605.04840, appendix on mineral systems).
STRUCTURES = ((0.0, "pyroxene"), (16.5e9, "akimotoite"), (23e9, "bridgmanite"))


def verdict(anomaly: float) -> str:
    """What becomes of a layer: "entrained", "marginal" or "stable".

    anomaly [kg/m3]: its density above that of the pile.
    """
    if anomaly < ENTRAINED:
        return "entrained"
    return "stable" if anomaly > STABLE else "marginal"


def base_pressure(below: BufferingCase) -> float:
    """Pressure [Pa] at the base of the mantle."""
    values = below.values
    return values["density"] * values["gravity"] * values["mantle_thickness"]


def structure_at(pressure: float) -> str:
    """The structure that a layer at the base of a mantle is taken to have, by the pressure [Pa] there."""
    return [name for least, name in STRUCTURES if pressure >= least][-1]


def buffered(below: BufferingCase) -> tuple[float, str]:
    """Fe/(Fe + Mg) of the statically buffered ocean above a pile, NaN where there is none, and the reason."""
    places, (word,) = crossings(below.values, below.readings, np.zeros(1))
    solid = places.solid_fraction[places.buffers][:1]
    if not solid.size:
        return float("nan"), f"{word}: {REASONS[word]}"
    state = path(solid, below.values, below.readings)
    word = (
        f"{word} by wholly molten upwellings" if state.remelting.ambient_melt_fraction[0] > MOLTEN else word
    )
    return float(state.ocean_iron[0]), f"{word}: {REASONS[word]}"


def with_verdict(result: xarray.Dataset, below: BufferingCase) -> xarray.Dataset:
    """The run with density_anomaly(structure, time) of its last melt, frozen as it is, and with the verdict.

    Attributes added: the verdict (basal_layer), its structure, the thresholds and their sources; the static
    buffered value for the pile `below` on the hottest core of the run, at most that of the pile; each number
    of the pile with its origin (pile); what calibrated the cumulates.
    The iron of the pile is `pile_iron`, or that of the crystals where they are suspended.
    """
    pile = result["pile_iron"] if "pile_iron" in result else result["crystal_iron"]
    structures = names("cumulate_density")
    anomaly = np.array([density_anomaly(result["ocean_iron"].values, pile.values, s) for s in structures])
    text = "density of the melt, crystallised as it is, above that of the pile, 1 bar and 300 K"
    result = result.assign(
        density_anomaly=(("structure", "time"), anomaly, {"units": "kg/m3", "long_name": text})
    ).assign_coords(structure=list(structures))
    pressure = base_pressure(below)
    structure = structure_at(pressure)
    last = float(anomaly[structures.index(structure), -1])
    below = on_core(below, float(result["core_mantle_temperature"].max()))
    static, reason = buffered(below)
    inside = PLANETS[0] <= pressure <= PLANETS[1]
    attributes = {
        "basal_layer": verdict(last) if inside else UNDETERMINED,
        "basal_layer_structure": structure,
        "basal_layer_thresholds": THRESHOLDS + ("" if inside else ELSEWHERE.format(pressure / 1e9)),
        "basal_layer_density_anomaly": last,
        "buffered_ocean_iron": static,
        "buffered_core_temperature": below.values["core_temperature"],
        "buffered_reason": reason,
        "pile": json.dumps(numbers(below)),
        "pile_readings": json.dumps(dict(below.readings)),
    }
    return result.assign_attrs(attributes | _calibration(below))


def _calibration(below: BufferingCase) -> dict[str, str]:
    """What calibrated the material; its spread is that of the planet which it was calibrated on."""
    label = {k: v for k, v in below.attributes.items() if k.startswith("calibration")}
    for name in ("calibration_spread", "calibration_readings"):
        if name in label:
            label[name] = f"of the planet of {below.title}: {label[name]}"
    return label
