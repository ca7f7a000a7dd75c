"""Arrays of conditions that broadcast against each other: dimensions, coordinates, masks and ranges."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .conditions import Column, column
from .errors import InputError
from .units import number_text, range_text, written_unit

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True)
class Conditions:
    """Arguments that broadcast, in SI.

    columns: name -> flat array of `size`, or one number for a point without dimensions.
    coordinates: those of the DataArrays and Series among them, as a Dataset without variables; None without
    any.
    masked: true at points that are masked in one of the arguments; None without a mask.
    written: name -> unit of an argument that is text with a unit, for messages.
    """

    dimensions: tuple[str, ...]
    shape: tuple[int, ...]
    columns: Mapping[str, Any]
    coordinates: xarray.Dataset | None = None
    masked: np.ndarray | None = None
    written: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Number of points."""
        return int(np.prod(self.shape, dtype=int))

    def at(self, where: np.ndarray) -> Conditions:
        """The conditions at some of the points, as a list of points: where is a mask or indices of them."""
        columns = {name: np.broadcast_to(values, self.size)[where] for name, values in self.columns.items()}
        return Conditions(("point",), np.shape(np.arange(self.size)[where]), columns, written=self.written)


# points of one call
MOST = 100_000_000


def _check_points(where: str, shape: Iterable[object]) -> None:
    """InputError for more points than fit into memory with their results."""
    points = math.prod(size for size in shape if isinstance(size, int))
    if points > MOST:
        raise InputError(
            where,
            f"these are {points} points.",
            f"allowed: at most {MOST} in one call",
            "equilibrium_map works through a grid in pieces, in a file",
        )


def broadcast(arguments: Mapping[str, Any], units: Mapping[str, str]) -> Conditions:
    """Arguments as `mocoupled.conditions.column` reads them, broadcast against each other.

    units: name -> SI unit.
    Arrays whose dimensions have no names broadcast by the rules of numpy (dimensions `point`, or `point_0`,
    `point_1`, ...), DataArrays and Series by the names of their dimensions.
    InputError when they do not broadcast, or for what is no number of that kind.
    """
    if all(type(value) in (int, float) for value in arguments.values()):
        try:
            return Conditions((), (), {name: float(value) for name, value in arguments.items()})
        except OverflowError:
            pass  # refused below, by name
    for name, value in arguments.items():
        _check_points(name, getattr(value, "shape", ()))
    read = {name: column(value, units[name], name) for name, value in arguments.items()}
    written = {name: written_unit(value) for name, value in arguments.items()}
    if any(argument.frame is not None for argument in read.values()):
        return replace(_labelled(read), written=written)
    shapes = {name: argument.values.shape for name, argument in read.items()}
    try:
        shape = np.broadcast_shapes(*shapes.values())
    except ValueError:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items() if shape)
        raise InputError(
            ", ".join(n for n, s in shapes.items() if s),
            f"these arrays do not broadcast to one shape: {listed}.",
            cure="name the dimensions by xarray.DataArray, for every combination of values",
        ) from None
    _check_points(", ".join(n for n, s in shapes.items() if s), shape)
    masks = [np.broadcast_to(argument.mask, shape) for argument in read.values() if argument.mask is not None]
    masked = np.logical_or.reduce(masks).reshape(-1) if masks else None
    if shape == ():
        return Conditions((), (), {name: float(v.values) for name, v in read.items()}, None, masked, written)
    dimensions = ("point",) if len(shape) == 1 else tuple(f"point_{k}" for k in range(len(shape)))
    columns = {name: np.broadcast_to(v.values, shape).reshape(-1) for name, v in read.items()}
    return Conditions(dimensions, shape, columns, None, masked, written)


def _labelled(read: Mapping[str, Column]) -> Conditions:
    """The same where some have names of their dimensions.

    Coordinates that contradict each other are left out.
    """
    import xarray

    odd = next((name for name, v in read.items() if v.frame is None and v.values.ndim), None)
    if odd is not None:
        raise InputError(
            f"{odd}=",
            "an array without names of its dimensions, among DataArrays.",
            cure="make it an xarray.DataArray too",
        )
    frames_of = {name: v.frame for name, v in read.items() if v.frame is not None}
    sizes: dict[Hashable, int] = {}
    for frame in frames_of.values():
        sizes |= frame.sizes
    _check_points(", ".join(frames_of), sizes.values())
    try:
        frames = xarray.align(*frames_of.values(), join="exact", copy=False)
        coordinates = xarray.merge(
            [frame.coords.to_dataset() for frame in frames], compat="minimal", join="exact"
        )
        whole = xarray.broadcast(*frames)[0]
    except ValueError as error:  # xarray's AlignmentError is one
        reason = str(error).partition("\n")[0][:200]
        raise InputError(
            ", ".join(frames_of),
            f"their coordinates do not agree ({reason}).",
            cure="take the same coordinates: xarray.align(a, b) or a.reindex_like(b)",
        ) from None
    dimensions, shape = tuple(map(str, whole.dims)), whole.shape

    def laid(values: np.ndarray, frame: xarray.DataArray) -> np.ndarray:
        """The values of an argument at every point, flat."""
        order = [d for d in whole.dims if d in frame.dims]
        there = values.transpose([frame.dims.index(d) for d in order]) if order else values
        spread = there.reshape([whole.sizes[d] if d in frame.dims else 1 for d in whole.dims])
        return np.broadcast_to(spread, shape).reshape(-1)

    size = int(np.prod(shape, dtype=int))
    columns, masks = {}, []
    for name, argument in read.items():
        if argument.frame is None:
            columns[name] = np.full(size, float(argument.values))
        else:
            columns[name] = laid(argument.values, argument.frame)
        if argument.mask is not None:
            masked = argument.mask
            frame_of = argument.frame
            masks.append(np.full(size, bool(masked)) if frame_of is None else laid(masked, frame_of))
    return Conditions(
        dimensions,
        shape,
        columns,
        coordinates,
        np.logical_or.reduce(masks) if masks else None,
    )


def without_clashes(
    conditions: Conditions,
    reserved: Collection[str],
    units: Mapping[str, str],
    renamed: Mapping[str, str] | None = None,
) -> tuple[Conditions, dict[str, str]]:
    """The conditions with coordinates that a result can have, and old name -> new name of those renamed.

    A dimension or coordinate with the name of a condition stays where it has the values of that condition,
    which it then replaces. Any other with a name in `reserved` (variables and dimensions of the result,
    conditions) is renamed to `<name>_input`.
    renamed: names of arguments that the result calls otherwise ({"pressure": "total_pressure"}).
    """
    frame = conditions.coordinates
    if frame is None:
        return conditions, {}
    dimensions, shape, changes = list(conditions.dimensions), conditions.shape, {}
    for old in list(dict.fromkeys([*dimensions, *map(str, frame.coords)])):
        name = (renamed or {}).get(old, old)
        if old not in reserved and name == old:
            continue
        same = name in conditions.columns and _has_values(conditions, frame, old, conditions.columns[name])
        if not same:
            name = old if old not in reserved else f"{old}_input"
        while name != old and (name in reserved and not same or name in frame.coords or name in dimensions):
            name += "_"
        if old in dimensions and old not in frame.coords and same:
            axis = dimensions.index(old)
            values = np.moveaxis(
                conditions.columns[(renamed or {}).get(old, old)].reshape(shape), axis, 0
            ).reshape(shape[axis], -1)
            frame = frame.assign_coords({old: (old, values[:, 0])})
        if name != old:
            frame = frame.rename({old: name}) if old in frame.coords or old in frame.dims else frame
            dimensions = [name if d == old else d for d in dimensions]
            changes[old] = name
        if same:
            frame[name].attrs = {"units": units[name], "long_name": f"{name.replace('_', ' ')}, as given"} | {
                k: v for k, v in frame[name].attrs.items() if k != "unit"
            }
    return replace(conditions, dimensions=tuple(dimensions), coordinates=frame), changes


def _has_values(conditions: Conditions, frame: xarray.Dataset, name: str, values: float | np.ndarray) -> bool:
    """Whether a coordinate has at every point the value of the condition, in SI.

    The same for a dimension without a coordinate.
    """
    if not conditions.size:
        return name in frame.coords and frame[name].dtype.kind in "iuf"
    shaped = np.broadcast_to(values, conditions.size).reshape(conditions.shape)
    if conditions.masked is not None and conditions.masked.any():
        return False
    if name not in frame.coords:
        moved = np.moveaxis(shaped, conditions.dimensions.index(name), 0).reshape(
            conditions.shape[conditions.dimensions.index(name)], -1
        )
        return bool((moved == moved[:, :1]).all()) and len(np.unique(moved[:, 0])) == len(moved)
    coordinate = frame[name]
    if coordinate.dtype.kind not in "iuf":
        return False
    axes = [conditions.dimensions.index(d) for d in coordinate.dims]
    at = np.broadcast_to(
        coordinate.values.transpose(np.argsort(axes)).reshape(
            [n if k in axes else 1 for k, n in enumerate(conditions.shape)]
        ),
        conditions.shape,
    )
    return bool(np.array_equal(at, shaped))


def check_range(
    name: str,
    values: float | np.ndarray,
    low: float,
    high: float,
    unit: str,
    why: str = "",
    places: np.ndarray | None = None,
    written: str = "",
) -> None:
    """InputError for a value that is not finite or not within [low, high] [unit], with its place.

    why: what sets the range; places: number of each point in the array of the user, where the values are only
    some of them; written: the unit in which the user wrote the value, and reads the range.
    """
    if isinstance(values, float):
        if low <= values <= high:
            return
        value, where = values, ""
    else:
        outside = ~((values >= low) & (values <= high))  # true for NaN
        if not outside.any():
            return
        first = int(np.argmax(outside))
        value, where = values[first], f" at point {first if places is None else int(places[first])}"
    raise InputError(
        f"{name} = {number_text(float(value), unit or '1', written)}{where}",
        "out of range.",
        f"allowed: {range_text(low, high, unit or '1', written)}" + (f" ({why})" if why else ""),
    )
