"""The layer at the base of the mantle of a run or a history: verdict, last melt, buffered value."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..closures.registry import names
from ..errors import ConvergenceError
from ..schema.buffering_case import BufferingCase
from .basal_verdict import Verdict, verdict
from .buffering_variables import density_anomaly
from .crossing_search import REASONS, crossings, path
from .exchange_spread import spread
from .front_teeth import tooth
from .frozen_mantle import Profile, structure_at
from .mantle_profiles import iron_in_depth, profile_of_history, profile_of_run
from .of_planet import numbers, on_core
from .remelting import MOLTEN

if TYPE_CHECKING:
    import xarray

# variable -> unit, long name: of the mantle frozen to its last melt, along PARCEL from the core upwards
PARCEL = "parcel"
_OF_PARCELS = {
    "frozen_share": (
        "1",
        "share of the mass of the mantle below the middle of a cell, frozen to its last melt",
    ),
    "frozen_height": ("m", "height of the cell above the core"),
    "frozen_iron": ("1", "Fe/(Fe + Mg) of the mantle frozen to its last melt, molar"),
    "frozen_density": ("kg/m3", "density of the mantle frozen to its last melt, at its P and T"),
    "overturned_share": (
        "1",
        "share of the mass of the mantle below the middle of a parcel, after the overturn",
    ),
    "overturned_height": ("m", "height of the parcel above the core, after the overturn"),
    "overturned_pressure": ("Pa", "pressure at the parcel, after the overturn"),
    "overturned_temperature": ("K", "temperature of the parcel, after the overturn without loss of heat"),
    "overturned_iron": ("1", "Fe/(Fe + Mg) after the overturn, molar"),
    "overturned_density": ("kg/m3", "density after the overturn, at its P and T"),
}
# ends of a run whose mantle does not freeze
MOLTEN_ENDS = ("steady", "hot edge of the data")


def base_pressure(below: BufferingCase) -> float:
    """Pressure [Pa] at the base of the mantle."""
    values = below.values
    return values["density"] * values["gravity"] * values["mantle_thickness"]


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

    Variables added: the frozen mantle before and after its overturn, along PARCEL.
    Attributes added: the verdict in words (basal_layer) and its numbers; the same words for a pile that its
    convection has mixed (basal_layer_of_mixed_pile), where the run does not resolve the iron in depth;
    the static buffered value for the pile `below` on the hottest core of the run, at most that of the pile,
    and its spread over the laws of K_D; each number of the pile with its origin (pile); what calibrated the
    cumulates.
    The iron of the pile is `pile_iron`, or that of the crystals where they are suspended.
    """
    pile = result["pile_iron"] if "pile_iron" in result else result["crystal_iron"]
    structures = names("cumulate_density")
    anomaly = np.array([density_anomaly(result["ocean_iron"].values, pile.values, s) for s in structures])
    text = "density of the melt, crystallised as it is, above that of the pile, 1 bar and 300 K"
    result = result.assign(
        density_anomaly=(("structure", "time"), anomaly, {"units": "kg/m3", "long_name": text})
    ).assign_coords(structure=list(structures))
    structure = structure_at(base_pressure(below))
    mixed = None if iron_in_depth(result) else profile_of_run(result, below, mixed=True)
    if result.attrs.get("end_name") in MOLTEN_ENDS:
        why = "the mantle stays molten, and does not freeze in this run."
        result = result.assign_attrs(basal_layer=f"No verdict on a basal layer: {why}")
    else:
        result = _with_layer(result, profile_of_run(result, below), mixed, below)
    below = on_core(below, float(result["core_mantle_temperature"].max()))
    static, reason = buffered(below)
    laws, oceans = spread(below)
    attributes = {
        "basal_layer_structure": structure,
        "basal_layer_density_anomaly": float(anomaly[structures.index(structure), -1]),
        "buffered_ocean_iron": static,
        "buffered_core_temperature": below.values["core_temperature"],
        "buffered_reason": reason,
        "buffered_ocean_iron_of_laws": json.dumps(
            {law: ocean.ocean_iron for law, ocean in zip(laws, oceans) if np.isfinite(ocean.ocean_iron)}
        ),
        "pile": json.dumps(numbers(below)),
        "pile_readings": json.dumps(dict(below.readings)),
    }
    return result.assign_attrs(attributes | _calibration(below))


def with_layer(run: xarray.Dataset, below: BufferingCase) -> xarray.Dataset:
    """A history of `buffering_history` with the verdict on the mantle at its end; below: its case."""
    deposited, mixed = (profile_of_history(run, below, mixed) for mixed in (False, True))
    return _with_layer(run, deposited, mixed, below)


def _with_layer(
    result: xarray.Dataset, profile: Profile, mixed: Profile | None, below: BufferingCase
) -> xarray.Dataset:
    """The result with the overturned mantle and the verdict, or the reason why there is none.

    mixed: the same mantle with a mixed pile, None where the run resolves the iron.
    """
    further = {}
    try:
        layer = verdict(profile, below.exchange, below.values["heat_capacity"])
        if mixed is not None:
            other = verdict(mixed, below.exchange, below.values["heat_capacity"])
            further["basal_layer_of_mixed_pile"] = other.sentence
        numbers_of_layer = layer.numbers
        if iron_in_depth(result):
            spread_of_end = tooth(result, partial(_share_of_layer, below), layer.mass_fraction)
            numbers_of_layer |= spread_of_end.numbers
            numbers_of_layer["basal_layer"] = f"{layer.sentence} {spread_of_end.sentence}"
    except ConvergenceError as error:
        return result.assign_attrs(basal_layer=f"No verdict on a basal layer: {error}")
    data = {
        name: ((PARCEL,), values, {"units": _OF_PARCELS[name][0], "long_name": _OF_PARCELS[name][1]})
        for name, values in _parcels(layer).items()
    }
    return result.assign(data).assign_attrs(numbers_of_layer | further)


def _share_of_layer(below: BufferingCase, run: xarray.Dataset) -> float:
    """The share of the mantle in the basal layer of a run."""
    profile = profile_of_run(run, below)
    return verdict(profile, below.exchange, below.values["heat_capacity"]).mass_fraction


def _parcels(layer: Verdict) -> dict[str, np.ndarray]:
    """The variables of _OF_PARCELS (n,)."""
    mantle = layer.mantle
    frozen = np.empty(mantle.mass.size)
    frozen[mantle.order] = mantle.mass
    return {
        "frozen_share": _middle(frozen) / frozen.sum(),
        "frozen_height": _height(mantle.radius_before),
        "frozen_iron": mantle.before,
        "frozen_density": mantle.density_before,
        "overturned_share": _middle(mantle.mass) / mantle.mass.sum(),
        "overturned_height": _height(mantle.radius),
        "overturned_pressure": mantle.pressure,
        "overturned_temperature": mantle.temperature,
        "overturned_iron": mantle.iron,
        "overturned_density": mantle.density,
    }


def _middle(mass: np.ndarray) -> np.ndarray:
    """Mass below the middle of each cell."""
    return np.cumsum(mass) - 0.5 * mass


def _height(radius: np.ndarray) -> np.ndarray:
    """Height of the middle of each cell above the core."""
    return 0.5 * (radius[1:] + radius[:-1]) - radius[0]


def _calibration(below: BufferingCase) -> dict[str, str]:
    """What calibrated the material; its spread is that of the planet which it was calibrated on."""
    label = {k: v for k, v in below.attributes.items() if k.startswith("calibration")}
    for name in ("calibration_spread", "calibration_readings"):
        if name in label:
            label[name] = f"of the planet of {below.title}: {label[name]}"
    return label
