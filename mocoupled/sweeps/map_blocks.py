"""The blocks of an equilibrium map: pieces of its grid, what solves one of them, and the file they fill."""

from __future__ import annotations

import math
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..case import Case
from ..equilibria.planet_equilibrium import equilibrium
from ..equilibria.points import UnconvergedWarning
from ..errors import InputError, nearest
from ..provenance.calibration import CalibrationWarning
from ..provenance.omissions import OmissionWarning
from ..results.map_store import Plan
from ..version import __version__
from .case_outcome import BASE
from .grid import Grid
from .map_conditions import Conditions, dimension, unit_of

if TYPE_CHECKING:
    import xarray

Piece = dict[str, slice]


def pieces_of(conditions: Conditions, block: int) -> tuple[list[Piece], dict[str, int]]:
    """The pieces of the grid in their order, and the length of a whole piece along each dimension.

    block: points of a piece, at most.
    """
    lengths: dict[str, int] = {}
    for name, size in reversed(list(zip(conditions.axes, conditions.shape))):
        lengths[name] = max(1, min(size, block))
        block //= size
    names = list(conditions.axes)

    def pieces(level: int) -> Iterator[Piece]:
        if level == len(names):
            yield {}
            return
        name, size = names[level], conditions.shape[level]
        for first in range(0, size, lengths[name]):
            part = {dimension(name): slice(first, min(first + lengths[name], size))}
            for rest in pieces(level + 1):
                yield part | rest

    return list(pieces(0)), {dimension(name): lengths[name] for name in names}


def solved(case: Case, conditions: Conditions, piece: Piece, threads: int | None = None) -> xarray.Dataset:
    """`equilibrium` on a piece of the grid: along all its dimensions, in their order."""
    import xarray

    arguments: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for name, axis in conditions.axes.items():
        part = axis[piece[dimension(name)]]
        values[name] = xarray.DataArray(part, dims=dimension(name), coords={dimension(name): part})
    for name, value in {**values, **conditions.fixed}.items():
        kind, dot, species = name.partition(".")
        if dot:
            arguments.setdefault(kind, {})[species] = value
        else:
            arguments[name] = value
    with warnings.catch_warnings():
        for category in (UnconvergedWarning, CalibrationWarning, OmissionWarning):
            warnings.simplefilter("ignore", category)
        result = equilibrium(case, **arguments, threads=threads)
    return result.transpose(..., *map(dimension, conditions.axes))


def corners(case: Case, conditions: Conditions) -> xarray.Dataset:
    """The equilibrium at the ends of every axis: what cannot be is refused, before anything is written."""
    ends = Conditions(
        {name: np.unique([values.min(), values.max()]) for name, values in conditions.axes.items()},
        conditions.fixed,
        conditions.variables,
        conditions.store,
    )
    return solved(case, ends, {dimension(name): slice(None) for name in ends.axes})


def kept_variables(sample: xarray.Dataset, conditions: Conditions, label: str) -> list[str]:
    """Names of the variables to store; `converged` always. InputError for one that there is not."""
    known = [str(name) for name in sample.data_vars if name not in conditions.fixed]
    for name in conditions.variables or ():
        if name not in known:
            raise InputError(
                f"{label} [equilibrium] variables {name!r}",
                "the equilibrium has no such variable.",
                f"known: {', '.join(known)}",
                nearest(name, known),
            )
    if conditions.variables is None:
        return known
    return [name for name in known if name in (*conditions.variables, "converged")]


def check_room(folder: Path, sample: xarray.Dataset, conditions: Conditions, kept: list[str]) -> None:
    """InputError when the map would not fit on the disk."""
    points = math.prod(conditions.shape)
    axes = set(map(dimension, conditions.axes))
    size = 0
    for name in kept:
        labels = math.prod(sample.sizes[d] for d in sample[name].dims if d not in axes)
        size += points * sample[name].dtype.itemsize * labels
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    if size > free:
        raise InputError(
            f"output {folder}",
            f"the map of {points} points takes {size / 1e9:.3g} GB, and {free / 1e9:.3g} GB are free.",
            cure='keep fewer variables, for example variables = ["surface_pressure"]',
        )


def plan_of(sample: xarray.Dataset, conditions: Conditions, kept: list[str], grid: Grid) -> Plan:
    """The coordinates, variables and attributes of the file of the map. sample: as in `corners`."""
    axes = {dimension(name): values for name, values in conditions.axes.items()}
    units = {dimension(name): unit_of(name) or "1" for name in conditions.axes}
    coordinates: dict[str, tuple[Any, dict[str, str]]] = {
        name: (values, {"units": units[name], "long_name": f"{name.replace('_', ' ')}, as given"})
        for name, values in axes.items()
    }
    for name in kept:
        for label in sample[name].dims:
            if label not in axes:
                coordinates[str(label)] = (sample[label].values, {})
    sizes = {name: len(values) for name, (values, _) in coordinates.items()}
    variables = {
        name: (tuple(map(str, sample[name].dims)), sample[name].dtype, dict(sample[name].attrs))
        for name in kept
    }
    attributes = {key: value for key, value in sample.attrs.items() if key != "extrapolations"}
    attributes |= {
        "Conventions": "CF-1.11",
        "title": grid.title or f"equilibria of {grid.base.name}",
        "source": f"mocoupled {__version__}",
        "case": grid.base.to_toml(),
        "grid": grid.to_toml(BASE),
    }
    attributes |= {name: repr(value) for name, value in conditions.fixed.items()}
    return Plan(sizes, coordinates, variables, attributes)
