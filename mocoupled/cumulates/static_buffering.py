"""Buffered crystallisation: the composition at which melts of the cumulates buffer the magma ocean.

Every crossing (see crossing_search) is returned, or the reason why there is none.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..broadcasting import Conditions, broadcast, without_clashes
from ..closures.registry import names
from ..conditions import column
from ..errors import InputError, users_line
from ..floating import usual_floats
from ..schema.buffering_case import EXCHANGE_KEY, BufferingCase
from ..schema.buffering_keys import QUANTITIES, READINGS, TIMESCALE, check
from .buffering_variables import DENSITY_ANOMALY, LABELS, NAMES, UNITS, attributes, density_anomaly, state
from .crossing_search import REASONS, Crossings, Path, crossings, path, take
from .exchange_spread import spread_variables
from .local_exchange import Values, check_pressures
from .remelting import MOLTEN

if TYPE_CHECKING:
    import xarray

# Variables beside those of LABELS, and dimensions: no coordinate of a user may have one of these names.
VARIABLES = (
    "density_anomaly",
    "structure",
    "crossing",
    "crossing_solid_fraction",
    "crossing_ocean_iron",
    "crossing_buffers",
    "crossings",
    "reason",
    "converged",
    "exchange_law",
    "ocean_iron_of_law",
    "density_anomaly_of_law",
    "reason_of_law",
)
MASKED = "masked: the point was left out"
CROSSING_TITLES = {
    "crossing_solid_fraction": "solid fraction at each crossing",
    "crossing_ocean_iron": "Fe/(Fe + Mg) of the magma ocean at each crossing",
    "crossing_buffers": "1: the ocean stops growing richer in iron there; 0: it begins to again",
}
Variables = dict[str, tuple[Sequence[str], np.ndarray, dict[str, str]]]


class NoCrossingWarning(UserWarning):
    """Some points have no buffered magma ocean; they are NaN, with the reason."""


@usual_floats
def buffering(
    case: str | os.PathLike[str] | BufferingCase = "earth",
    timescale: Any = None,  # whatever `conditions` reads
    **changes: Any,
) -> xarray.Dataset:
    """The buffered magma ocean of a case: static, or for a timescale of crystallisation ("5 Myr" or s).

    case: "earth", "mars", a TOML file or a BufferingCase.
    changes: its values by name, as text with units, SI numbers or quantities; numbers may be arrays,
    DataArrays or Series, which broadcast; readings by name, as text.
    A single point has the values of all shipped laws of K_D beside it, along `exchange_law`.
    Returns a Dataset: the first crossing where the ocean is buffered, what the pile is like there, and all
    crossings along `crossing`. Where there is none: NaN, converged = False and the reason. Its attributes
    say what calibrated it.
    InputError where nothing can be computed.
    """
    base = BufferingCase.of(case)
    arrays = {name: value for name, value in changes.items() if name in QUANTITIES and _several(name, value)}
    base = base.replace({name: value for name, value in changes.items() if name not in arrays})
    along_points = arrays | ({} if timescale is None else {"timescale": timescale})
    points = broadcast(along_points, UNITS) if along_points else Conditions((), (), {})
    there = points if points.masked is None or not points.masked.any() else points.at(~points.masked)
    columns = {name: np.broadcast_to(v, there.size) for name, v in there.columns.items()}
    _check_ranges(columns, bool(points.shape), points.written)
    values: Values = {**base.values, **{name: v for name, v in columns.items() if name in arrays}}
    _check_end_members(values)
    check_pressures(values, base.readings)
    growth = np.broadcast_to(1 / columns["timescale"] if "timescale" in columns else 0.0, (there.size,))
    places, reasons = crossings(values, base.readings, growth)
    way = path(places.solid_fraction, take(values, places.points), base.readings, growth[places.points])
    points, renamed = without_clashes(points, {*LABELS, *NAMES.values(), *VARIABLES, *points.columns}, UNITS)
    result = _Result(points, places, way, reasons)
    about = _attributes(base, columns, arrays) | {
        "timescale": "static: growth is slow beside remelting" if timescale is None else "as given"
    }
    if renamed:
        about["renamed"] = ", ".join(f"{old} -> {new}" for old, new in renamed.items())
    dataset = _dataset(result, base.readings, about)
    if points.shape or not growth.size:
        return dataset
    return dataset.assign(spread_variables(base, float(growth[0]), names("cumulate_density")))


def _several(name: str, value: object) -> bool:
    """Whether a value is an array, masked, or carries coordinates, so that the result keeps it."""
    if name == EXCHANGE_KEY and isinstance(value, str):
        return False
    read = column(value, UNITS[name], name)
    with_coordinates = read.frame is not None and len(read.frame.coords) > 0
    return read.values.ndim > 0 or read.mask is not None or with_coordinates


def _check_ranges(columns: Mapping[str, np.ndarray], with_place: bool, written: Mapping[str, str]) -> None:
    """InputError for a value outside its range; with_place: whether it says at which point."""
    for name, v in columns.items():
        quantity = TIMESCALE if name == "timescale" else QUANTITIES[name]
        outside = ~((v >= quantity.low) & (v <= quantity.high))
        if outside.any():
            where = f"{name} at point {int(np.argmax(outside))}" if with_place else ""
            check(name, float(v[outside][0]), quantity, where, written.get(name, ""))


def _check_end_members(values: Values) -> None:
    """InputError where the Fe end-member would melt above the Mg end-member at the surface or at the core."""
    pressure = values["density"] * values["gravity"] * values["mantle_thickness"]
    at_surface = values["magnesium_temperature"] - values["iron_temperature"]
    slope = values["magnesium_slope"] - values["iron_slope"]
    for P in (0.0, pressure):
        if np.any(at_surface + P * slope <= 0):
            raise InputError(
                "iron_temperature, iron_slope",
                "the Fe end-member would melt above the Mg end-member within the mantle.",
                "allowed: a lower temperature at every pressure",
            )


def _attributes(
    base: BufferingCase, columns: Mapping[str, np.ndarray], arrays: Mapping[str, object]
) -> dict[str, str]:
    """What calibrated the case, with the names of the arrays that differ from it."""
    attributes = base.attributes
    different = [
        name for name in arrays if name not in base.changed and np.any(columns[name] != base.values[name])
    ]
    if different:
        before = ", " if base.changed else "; changed here: "
        attributes["calibration"] += before + ", ".join(different)
    return attributes


@dataclass(frozen=True)
class _Result:
    """The crossings of some points, the states there, and why each point has a buffered ocean or none.

    points: the arguments, masked points included; reasons: words of REASONS of the points that are not
    masked.
    """

    points: Conditions
    places: Crossings
    way: Path
    reasons: list[str]

    @property
    def size(self) -> int:
        """Number of points that are not masked."""
        return len(self.reasons)

    @property
    def masked(self) -> np.ndarray | None:
        """Where points are masked; None where none is."""
        masked = self.points.masked
        return masked if masked is not None and masked.any() else None

    @property
    def first(self) -> np.ndarray:
        """For each point (n,) the number of its first crossing that buffers, -1 without one."""
        first = np.full(self.size, -1)
        for k in np.flatnonzero(self.places.buffers)[::-1]:
            first[self.places.points[k]] = k
        return first

    def laid(self, v: np.ndarray, missing: float | bool | str = np.nan) -> np.ndarray:
        """Values (..., n) in the shape of the arguments, `missing` where they are masked."""
        masked = self.masked
        if masked is not None:
            whole = np.full((*v.shape[:-1], masked.size), missing, dtype=np.result_type(v, type(missing)))
            whole[..., ~masked] = v
            v = whole
        return v.reshape((*v.shape[:-1], *self.points.shape))

    def at_first(self, v: np.ndarray) -> np.ndarray:
        """Values of the crossings (m,) at the first that buffers, in the order of the points.

        NaN without one.
        """
        first = self.first
        whole = np.full(self.size, np.nan)
        whole[first >= 0] = v[first[first >= 0]]
        return whole


def _dataset(result: _Result, readings: Mapping[str, str], about: Mapping[str, str]) -> xarray.Dataset:
    """The crossings as a Dataset. about: its attributes. Warns of points without a buffered ocean."""
    import xarray

    structures = names("cumulate_density")
    data = (
        _first_crossing(result, structures) | _all_crossings(result) | _reasons(result) | _arguments(result)
    )
    _warn(result)
    width = data["crossing_buffers"][1].shape[0]
    chosen = "; ".join(f"{k} = {v}" for k, v in readings.items() if k in READINGS)
    coordinates = {"structure": list(structures), "crossing": np.arange(width)}
    dataset = xarray.Dataset(data, coordinates, {**about, "readings": chosen})
    if result.points.coordinates is None:
        return dataset
    return dataset.assign_coords(result.points.coordinates.coords)


def _first_crossing(result: _Result, structures: Sequence[str]) -> Variables:
    """The state at the first crossing that buffers."""
    dims, way = result.points.dimensions, result.way
    data: Variables = {}
    for name, v in state(way).items():
        values = result.laid(result.at_first(v))
        data[NAMES.get(name, name)] = (dims, values, attributes(*LABELS[name]))
    anomalies = [density_anomaly(way.ocean_iron, way.pile_iron, s) for s in structures]
    values = np.array([result.laid(result.at_first(anomaly)) for anomaly in anomalies])
    data["density_anomaly"] = (("structure", *dims), values, attributes("kg/m3", DENSITY_ANOMALY))
    return data


def _all_crossings(result: _Result) -> Variables:
    """All crossings, along `crossing`, and their number."""
    dims, at = result.points.dimensions, result.places.points
    order = np.arange(at.size) - np.searchsorted(at, at)  # number of the crossing within its point
    width = max(1, int(order.max(initial=0)) + 1)
    columns = {
        "crossing_solid_fraction": result.places.solid_fraction,
        "crossing_ocean_iron": result.way.ocean_iron,
        "crossing_buffers": result.places.buffers.astype(float),
    }
    data: Variables = {}
    for name, v in columns.items():
        table = np.full((width, result.size), np.nan)
        table[order, at] = v
        data[name] = (("crossing", *dims), result.laid(table), attributes("1", CROSSING_TITLES[name]))
    number = result.laid(np.bincount(at, minlength=result.size), 0)
    data["crossings"] = (dims, number, attributes("1", "number of crossings"))
    return data


def _reasons(result: _Result) -> Variables:
    """Whether there is a buffered ocean, and why."""
    dims = result.points.dimensions
    ambient = result.at_first(result.way.remelting.ambient_melt_fraction)
    sentences = []
    for word, melt_fraction in zip(result.reasons, ambient):
        if word == "buffered" and melt_fraction > MOLTEN:
            word = "buffered by wholly molten upwellings"
        sentences.append(f"{word}: {REASONS[word]}")
    reason = result.laid(np.array(sentences, dtype=str), MASKED)
    converged = result.laid(result.first >= 0, False)
    return {
        "reason": (dims, reason, attributes("1", "why there is a buffered magma ocean or none")),
        "converged": (dims, converged, attributes("1", "whether there is a buffered magma ocean")),
    }


def _arguments(result: _Result) -> Variables:
    """The arguments of the user, as given, but for those that are coordinates."""
    points, masked = result.points, result.masked
    data: Variables = {}
    for name, v in points.columns.items():
        if points.coordinates is None or name not in points.coordinates.coords:
            values = np.array(v if masked is None else np.where(masked, np.nan, v), dtype=float)
            label = attributes(UNITS[name], f"{name.replace('_', ' ')}, as given")
            data[name] = (points.dimensions, values.reshape(points.shape), label)
    return data


def _warn(result: _Result) -> None:
    """NoCrossingWarning for points without a buffered ocean."""
    missed = int((result.first < 0).sum())
    if not missed:
        return
    counts = {word: result.reasons.count(word) for word in REASONS if not word.startswith("buffered")}
    words = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    warnings.warn(
        f"{missed} of {result.size} points have no buffered magma ocean; they are NaN ({words}).",
        NoCrossingWarning,
        stacklevel=users_line(),
    )
