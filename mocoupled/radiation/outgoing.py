"""Outgoing radiation of a convecting, condensing atmosphere by bands: `mo.outgoing_radiation`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import sympy

from ..atmosphere.bands.columns import Resolution
from ..atmosphere.bands.data_file import shipped
from ..atmosphere.bands.gas_data import BandGas, band_gas
from ..atmosphere.bands.opacity import LINE_P, LINE_T
from ..atmosphere.bands.planck import HIGHEST, LOWEST
from ..broadcasting import Conditions, broadcast, check_range, without_clashes
from ..chemistry.mechanism import read_mechanism
from ..chemistry.records import Mechanism
from ..conditions import table, whole
from ..dae.declare.model import Watch
from ..errors import InputError, nearest
from ..floating import usual_floats
from ..provenance.calibration import extrapolations, warn
from ..results.integrity import MISSING
from .points import Request, radiate

if TYPE_CHECKING:
    import xarray

EXAMPLE = "{'H2O': 270e5, 'CO2': '100 bar'} (Pa, or text with a unit)"
# where a gas is looked up when no mechanism is named, in this order
MECHANISMS = ("volatiles", "chons", "all")
UNITS = {
    "temperature": "K",
    "gravity": "m/s^2",
    "stratosphere_temperature": "K",
    "opacity_factor": "1",
}
RANGES = {
    "temperature": (LOWEST, HIGHEST),
    "gravity": (0.1, 1000.0),
    "stratosphere_temperature": (LOWEST, HIGHEST),
    "opacity_factor": (1e-3, 1e3),
}
HIGHEST_PRESSURE = 1e12  # Pa
# Conditions at which the closure was compared with columns of 72 bands, and those of the data of lines at the
# surface (docs/radiation.md): what, condition, lowest, highest, unit, reference
CLOSURE, LINES = "radiation by bands", "opacity of lines"
TESTED = (
    (CLOSURE, "temperature", 300.0, 4000.0, "K", "comparison with 72 bands"),
    (CLOSURE, "total_pressure", 1e3, 1e9, "Pa", "comparison with 72 bands"),
    (CLOSURE, "gravity", 3.0, 30.0, "m/s^2", "comparison with 72 bands"),
    (CLOSURE, "stratosphere_temperature", 120.0, 450.0, "K", "comparison with 72 bands"),
    (LINES, "temperature", *LINE_T, "K", "ends of the tables"),
    (LINES, "total_pressure", *LINE_P, "Pa", "ends of the tables"),
)
# variable -> dimensions before those of the points, unit, long name
VARIABLES: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "outgoing_flux": ((), "W/m^2", "outgoing radiation at the top of the atmosphere"),
    "band_flux": (("band",), "W/m^2", "outgoing radiation by spectral band"),
    "brightness_temperature": (("band",), "K", "temperature of a black body with the flux of the band"),
    "temperature_slope": ((), "1", "d ln(outgoing flux)/d ln(surface temperature)"),
    "pressure_slope": (("species",), "1", "d ln(outgoing flux)/d ln(partial pressure at the surface)"),
    "level_temperature": (("level",), "K", "temperature of the levels, from the surface up"),
    "level_pressure": (("level",), "Pa", "pressure of the levels"),
    "level_height": (("level",), "m", "height of the levels above the surface"),
    "mixing_ratio": (("species", "level"), "1", "mole fraction of each gas at the levels"),
    "cloud_temperature": ((), "K", "temperature of the level where water condenses; NaN without one"),
    "cloud_pressure": ((), "Pa", "pressure of the level where water condenses"),
    "cloud_height": ((), "m", "height of the level where water condenses"),
    "liquid_water": ((), "Pa", "water above its saturation pressure at the surface: an ocean"),
    "column_mass": (("species",), "kg/m^2", "mass of each gas above the surface"),
}

# variable -> what its NaN means
GAPS = dict.fromkeys(
    ("level_temperature", "level_pressure", "level_height", "mixing_ratio"),
    "above the last level, where the stratosphere begins",
) | dict.fromkeys(("cloud_temperature", "cloud_pressure", "cloud_height"), "no water condenses")


@usual_floats
def outgoing_radiation(
    temperature: object,
    pressures: Mapping[str, object],
    gravity: object = 9.81,
    stratosphere_temperature: object = 200.0,
    opacity_factor: object = 1.0,
    *,
    mechanism: str | None = None,
    levels: Sequence[int] = (14, 10),
) -> xarray.Dataset:
    """Radiation to space of a convecting atmosphere over a surface of this temperature; arrays broadcast.

    temperature: of the surface [K], not below stratosphere_temperature [K], 100 to 6000.
    pressures: species -> partial pressure at the surface [Pa], >= 0, of an ideal gas that is well mixed below
    the clouds. Water above its saturation pressure (below 640 K) is an ocean.
    gravity [m/s2]. opacity_factor: on all absorption, of which 0.5 to 2 is not known (docs/radiation.md).
    Numbers in SI, text with units, quantities or arrays, as for `equilibrium` (docs/library.md).
    mechanism: whose species give molar masses and, under `bands`, opacities; by default the first shipped one
    that has the gases. A gas without opacity is transparent: attrs["transparent"] has its name.
    levels: intervals of the dry and of the moist adiabat. The limit of steam is 1 to 4 % too high with
    (14, 10) at 1200 to 2000 K, up to 6 % below; with (28, 20) 1 %, and up to 2 % below.

    Returns a Dataset: outgoing_flux [W/m2], band_flux(band), temperature_slope and pressure_slope(species)
    (exact logarithmic derivatives), the profile level_temperature, level_pressure, level_height and
    mixing_ratio along `level` (NaN beyond its end, where the isothermal stratosphere begins), the cloud
    level, liquid_water. A CalibrationWarning, and attrs["extrapolations"], tell of conditions outside those
    at which the closure was tested.
    InputError for arguments without meaning.
    """
    conditions, names = _conditions(temperature, pressures, gravity, stratosphere_temperature, opacity_factor)
    resolution = resolution_of(levels)
    known = _mechanism(names, mechanism)
    gases = _gases(names, known)
    check_conditions(conditions, names)
    return radiation_at(conditions, gases, resolution, known)


def radiation_at(
    conditions: Conditions, gases: Sequence[BandGas], resolution: Resolution, known: Mechanism
) -> xarray.Dataset:
    """The Dataset of `outgoing_radiation` at conditions that are checked.

    conditions: the columns of UNITS, and pressure_<name> [Pa] of each gas. known: the mechanism of the gases.
    """
    names = [gas.name for gas in gases]
    columns = {name: np.broadcast_to(v, conditions.size) for name, v in conditions.columns.items()}
    request = Request(
        gases=tuple(gases),
        temperature=columns["temperature"],
        pressures=np.array([columns[f"pressure_{name}"] for name in names]),
        gravity=columns["gravity"],
        stratosphere=columns["stratosphere_temperature"],
        factor=columns["opacity_factor"],
        resolution=resolution,
    )
    values = radiate(request, conditions.masked)
    return _dataset(conditions, names, values, _attributes(request, conditions.masked, known))


# ---- arguments


def _conditions(
    temperature: object, pressures: object, gravity: object, stratosphere: object, factor: object
) -> tuple[Conditions, tuple[str, ...]]:
    """The conditions, broadcast, and the names of the gases."""
    partial = table(pressures, "pressures", EXAMPLE)
    if not partial:
        raise InputError("pressures", "there are no gases.", f"allowed: {EXAMPLE}")
    columns = {f"pressure_{name}": value for name, value in partial.items()}
    arguments = {
        "temperature": temperature,
        **columns,
        "gravity": gravity,
        "stratosphere_temperature": stratosphere,
        "opacity_factor": factor,
    }
    for name, value in arguments.items():
        if value is None:
            raise InputError(f"{name}=", "it is missing.", "allowed: a number, text with a unit, an array")
    return broadcast(arguments, UNITS | dict.fromkeys(columns, "Pa")), tuple(partial)


def check_conditions(conditions: Conditions, names: Sequence[str]) -> None:
    """InputError for conditions out of range, with their place."""
    places = None
    if conditions.masked is not None and conditions.masked.any():
        places = np.flatnonzero(~conditions.masked)
        conditions = conditions.at(~conditions.masked)
    columns = conditions.columns
    for name, (low, high) in RANGES.items():
        check_range(name, columns[name], low, high, UNITS[name], "", places)
    for name in names:
        check_range(
            f"pressure of {name}", columns[f"pressure_{name}"], 0.0, HIGHEST_PRESSURE, "Pa", "", places
        )
    T, cold = np.array(columns["temperature"]), np.array(columns["stratosphere_temperature"])
    colder = np.flatnonzero(np.atleast_1d(cold > T))
    if colder.size:
        k = int(colder[0])
        at = "" if not T.ndim and not cold.ndim else f" at point {k if places is None else int(places[k])}"
        surface, air = (float(np.broadcast_to(v, conditions.size or 1).reshape(-1)[k]) for v in (T, cold))
        raise InputError(
            f"temperature = {surface:g}{at}",
            f"the surface is colder than the stratosphere, {air:g} K.",
            "allowed: temperature >= stratosphere_temperature",
            "lower stratosphere_temperature: it follows the absorbed flux F, as (F/(2 sigma))^(1/4)",
        )


def resolution_of(levels: Sequence[int]) -> Resolution:
    """The levels. InputError for anything but two whole numbers from 2 to 1000."""
    where = "levels"
    if isinstance(levels, (str, bytes)) or not isinstance(levels, Sequence) or len(levels) != 2:
        raise InputError(where, f"{levels!r} is not a pair.", "allowed: two whole numbers, such as (14, 10)")
    dry, moist = (whole(number, where, 2, 1000) for number in levels)
    return Resolution(dry, moist)


def _gases(names: Sequence[str], known: Mechanism) -> tuple[BandGas, ...]:
    """The gases of these names. InputError for a species that the mechanism does not have."""
    gases = []
    for name in names:
        species = known.species.get(name)
        if species is None or species.phase != "gas":
            listed = [s.name for s in known.species.values() if s.phase == "gas"]
            raise InputError(
                f"pressures {name}",
                f"the mechanism {known.name} has no gas of this name.",
                f"known: {', '.join(listed)}",
                nearest(name, listed) or "name a mechanism that has it, for instance Cantera's nasa_gas.yaml",
            )
        gases.append(band_gas(name, species.composition, species.molar_mass, species.bands))
    return tuple(gases)


def _mechanism(names: Sequence[str], mechanism: str | None) -> Mechanism:
    """The mechanism of a name, or the first shipped one that has these gases, or the last of those."""
    if mechanism is not None:
        return read_mechanism(mechanism, where="mechanism")
    for name in MECHANISMS:
        known = read_mechanism(name)
        if set(names) <= set(known.species):
            break
    return known


# ---- the result


def _attributes(request: Request, masked: np.ndarray | None, known: Mechanism) -> dict[str, str]:
    """Sources, transparent gases, and conditions outside the tested ones, which a warning states too."""
    where = slice(None) if masked is None else ~masked
    reached = {
        "temperature": request.temperature[where],
        "total_pressure": request.pressures.sum(axis=0)[where],
        "gravity": request.gravity[where],
        "stratosphere_temperature": request.stratosphere[where],
    }
    watches, values = [], []
    for law, name, low, high, unit, reference in TESTED:
        watches.append(Watch(law, name, sympy.S.Zero, low, high, unit, reference))
        values.append(reached[name])
    stretched = extrapolations(watches, values) if request.temperature[where].size else []
    warn(stretched)
    return {
        "law": "bands",
        "mechanism": known.name,
        "mechanism_sha256": known.checksum,
        "data": json.dumps({f"opacity of {gas.name}": gas.reference for gas in request.gases}),
        "transparent": ", ".join(gas.name for gas in request.gases if gas.transparent),
        "levels": f"{request.resolution.dry} + {request.resolution.moist}",
        "extrapolations": json.dumps(stretched),
    }


def _dataset(
    conditions: Conditions,
    names: Sequence[str],
    values: Mapping[str, np.ndarray],
    attributes: Mapping[str, str],
) -> xarray.Dataset:
    """The Dataset of these values."""
    import xarray

    units = UNITS | {f"pressure_{name}": "Pa" for name in names}
    reserved = {*VARIABLES, *conditions.columns, "species", "level", "band", "band_edges", "pressure"}
    conditions, _ = without_clashes(conditions, reserved, units)
    dimensions, shape = conditions.dimensions, conditions.shape
    variables = {}
    for name, (along, unit, text) in VARIABLES.items():
        array = values[name].reshape((*values[name].shape[:-1], *shape))
        label = {"units": unit, "long_name": text}
        if name in GAPS:
            label[MISSING] = GAPS[name]
        variables[name] = ((*along, *dimensions), array, label)
    inputs = {name: np.broadcast_to(v, conditions.size) for name, v in conditions.columns.items()}
    if conditions.masked is not None:
        inputs = {name: np.where(conditions.masked, np.nan, v) for name, v in inputs.items()}
    for name in UNITS:
        if conditions.coordinates is None or name not in conditions.coordinates.coords:
            label = {"units": UNITS[name], "long_name": f"{name.replace('_', ' ')}, as given"}
            variables[name] = (dimensions, np.array(inputs[name]).reshape(shape), label)
    partial = np.array([inputs[f"pressure_{name}"] for name in names]).reshape((len(names), *shape))
    label = {"units": "Pa", "long_name": "partial pressure at the surface, as given"}
    variables["pressure"] = (("species", *dimensions), partial, label)
    edges = np.array(shipped().edges)
    middle = {"units": "m", "long_name": "geometric middle of the wavelengths of the band"}
    coordinates = {
        "species": list(names),
        "band": ("band", np.sqrt(edges[1:] * edges[:-1]), middle),
        "shortest_wavelength": ("band", edges[:-1], {"units": "m", "long_name": "short end of the band"}),
        "longest_wavelength": ("band", edges[1:], {"units": "m", "long_name": "long end of the band"}),
    }
    result = xarray.Dataset(variables, coords=coordinates, attrs=dict(attributes))
    return result if conditions.coordinates is None else result.assign_coords(conditions.coordinates.coords)
