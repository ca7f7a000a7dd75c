"""Equilibrium of a planet's gas and melt over a grid of up to 1e8 conditions, block by block into a file, in bounded memory."""

from __future__ import annotations

import json
import math
import os
import shutil
import time as clock
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..case import Case, taken
from ..conditions import choice, whole
from ..conditions import path as path_of
from ..equilibria.amounts import in_kilograms, offset_of
from ..equilibria.planet_equilibrium import UNITS, equilibrium
from ..equilibria.points import UnconvergedWarning
from ..errors import InputError, MocoupledError, nearest, users_line
from ..plain_values import plain
from ..provenance.calibration import CalibrationWarning
from ..provenance.omissions import OmissionWarning
from ..results import blocks
from ..units import to_si
from ..version import __version__
from .folder_lock import held
from .grid_file import Grid
from .many_cases import begin, claim
from .map_status import NOTHING, damaged, frame, plain_gaps, with_block
from .map_store import LAST, STORES, Plan
from .one_case import BASE, COMPLETE, INTERRUPTED, RUNNING, read_status, write_status
from .ranges import check_size, numbers

if TYPE_CHECKING:
    import xarray

BLOCK = 1 << 18  # points solved and written together: some 100 MB at most
MOST = 100_000_000  # points of one map
OPTIONS = ("variables", "store")
GIVEN = ("pressure", "fugacity")


@dataclass(frozen=True)
class Mapped:
    """A map that was made, or as far as it came. points, missed: solved so far, and those of them that did not
    converge; extrapolations: laws used outside their calibration, as `equilibrium` tells them."""

    path: Path
    points: int
    missed: int
    of: int
    extrapolations: list[dict]
    seconds: float
    cpu_seconds: float

    @property
    def whole(self) -> bool:
        return self.points == self.of


@dataclass(frozen=True)
class _Conditions:
    """axes: name -> values in SI, each a dimension; fixed: name -> number. names: as in a grid file ("pressure.H2O")."""

    axes: Mapping[str, np.ndarray]
    fixed: Mapping[str, float]
    variables: tuple[str, ...] | None
    store: str

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(values) for values in self.axes.values())

    @property
    def size(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True)
class _Work:
    """A map to fill: what it is of, where, the variables to keep, its pieces, and what solves one of them."""

    asked: _Conditions
    store: Any
    kept: list[str]
    pieces: list[dict[str, slice]]
    solve: Callable[[dict[str, slice]], Any]


def equilibrium_map(
    case: Case | str | os.PathLike,
    conditions: Mapping[str, Any],
    output: str | os.PathLike,
    *,
    variables: tuple[str, ...] | None = None,
    store: str = "netcdf",
    resume: bool = False,
    threads: int | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> xarray.Dataset:
    """Equilibrium at every combination of conditions, written block by block to map.nc in the folder `output`.

    conditions: name -> number, values or range {"from": "1400 K", "to": "3000 K", "number": 1000, "scale": "log"}:
    temperature, melt_fraction, oxygen_fugacity_offset, inventories (hydrogen, ...), "pressure.H2O", "fugacity.CO2", as
    `equilibrium` takes them, with or without units. Values and ranges become dimensions, in this order. variables:
    names of those to keep (default: all that `equilibrium` gives); store: "netcdf" or "zarr"; resume: go on with the
    map that the folder holds; threads: as in `equilibrium`.

    Returns the stored Dataset, read on demand. Points that did not converge are NaN with converged = False, and are
    counted in an UnconvergedWarning and in attrs["not_converged"].
    """
    base = taken(case)
    threads = None if threads is None else whole(threads, "threads", 1, 4096)
    if not isinstance(conditions, Mapping):
        raise InputError(
            "conditions",
            "not a table.",
            'for example: {"temperature": {"from": "1400 K", "to": "3000 K", "number": 100}, "melt_fraction": 0.3}',
        )
    check_size(conditions, MOST, "equilibrium_map", "points")
    section = plain(conditions, "equilibrium_map") | (
        {"variables": plain(variables, "variables")} if variables is not None else {}
    )
    section |= (
        {"store": store} if choice(store, STORES, "store =", "there is no such store.") != "netcdf" else {}
    )
    made = map_grid(
        Grid(base, (), {"equilibrium": section}, "equilibrium_map", "", "equilibrium", section),
        path_of(output, "output"),
        resume,
        progress,
        threads=threads,
    )
    if made.missed:
        warnings.warn(
            f"{made.missed} of {made.of} points did not converge; they are NaN.",
            UnconvergedWarning,
            stacklevel=users_line(),
        )
    return read_map(made.path)


def read_map(path: Path) -> xarray.Dataset:
    """A stored map, its values read on demand, and not compared with its checksums: see `mocoupled.read`."""
    kind = next(kind for kind in STORES.values() if kind.name == path.name)
    result = kind(path.parent).read(path)
    result.attrs.pop(blocks.BLOCKS, None)
    return result


def map_grid(
    grid: Grid,
    folder: Path,
    resume: bool = False,
    progress: Callable[[float, str], None] | None = None,
    pressed: Callable[[], bool] = lambda: False,
    threads: int | None = None,
) -> Mapped:
    """Make the map of a grid of kind "equilibrium", or go on with it; pressed() true ends it after the block at hand."""
    begun = clock.perf_counter(), clock.process_time()
    asked = _read(grid)
    claim(grid, folder, resume)
    store = STORES[asked.store](folder)
    sample = _corners(grid.base, asked)
    kept = _kept(sample, asked, grid.label)
    pieces, block = _blocks(asked)
    work = _Work(asked, store, kept, pieces, lambda piece: _solved(grid.base, asked, piece, threads))
    if not resume:
        _check_room(folder, sample, asked, kept)
        folder.mkdir(parents=True, exist_ok=True)
    with held(folder):
        claim(grid, folder, resume)  # another process may have begun meanwhile
        status = read_status(folder) if resume else {}
        again = damaged(store, status, pieces) if status.get("version") == __version__ else None
        if again is None:  # there is nothing that can be gone on with
            if resume:
                _check_room(folder, sample, asked, kept)
            begin(grid, folder)
            store.create(_plan(sample, asked, kept, grid), block)
            status, again = NOTHING | {"frame": frame(store, store.partial)}, []
        left = [*again, *range(status["blocks"], len(pieces))]
        if not left and store.path.exists():
            status["status"] = COMPLETE
            write_status(folder, status)
        else:
            begun = begun[0] - status["wall_time_s"], begun[1] - status["cpu_time_s"]
            status = _filled(work, status, left, begun, progress, pressed)
    return _mapped(store.path if status["status"] == COMPLETE else store.partial, status, asked)


def _filled(work, status, left, begun, progress, pressed) -> dict[str, Any]:
    """Solve and write the blocks `left`; the status, complete when none is missing. pressed() true ends it before a block."""
    store, size, missing, status = work.store, work.asked.size, len(left), status | {"status": RUNNING}
    store.open()
    try:
        for number, result in _ahead(work, left, pressed):
            piece = work.pieces[number]
            values = {name: (result[name].dims, plain_gaps(result[name].values)) for name in work.kept}
            store.write(piece, values)
            status, missing = with_block(status, number, blocks.entry(piece, values), result), missing - 1
            status |= {
                "status": RUNNING,
                "wall_time_s": clock.perf_counter() - begun[0],
                "cpu_time_s": clock.process_time() - begun[1],
            }
            write_status(store.path.parent, status)
            if progress is not None:
                progress(
                    status["points"] / size,
                    f"{status['points']} of {size} points"
                    + (f", {status['not_converged']} not converged" if status["not_converged"] else ""),
                )
        if not missing:
            store.finish(
                dict(zip(LAST, (str(status["not_converged"]), json.dumps(status["extrapolations"])))),
                status["checks"],
            )
            status["status"] = COMPLETE
    except RuntimeError as error:  # as netCDF4 reports a full disk
        raise MocoupledError(
            f"the map could not be written in {store.path.parent} ({error}). Is there space left? --resume goes on."
        ) from None
    finally:
        with suppress(RuntimeError):  # where writing failed, closing does too
            store.close()
        if status["status"] != COMPLETE:
            status["status"] = INTERRUPTED
        write_status(store.path.parent, status)
    return status


def _ahead(work, left, pressed) -> Iterator[tuple[int, Any]]:
    """(number, equilibria) of the blocks `left`; each is solved while the one before it is written."""
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(work.solve, work.pieces[left[0]]) if left else None
        for k, number in enumerate(left):
            if pressed():
                return
            result = coming.result()
            coming = ahead.submit(work.solve, work.pieces[left[k + 1]]) if k + 1 < len(left) else None
            yield number, result


def _check_room(folder, sample, asked, kept):
    """InputError when the map would not fit on the disk."""
    points = math.prod(asked.shape)
    each = sum(
        sample[name].dtype.itemsize
        * math.prod(sample.sizes[d] for d in sample[name].dims if d not in map(_dimension, asked.axes))
        for name in kept
    )
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    if points * each > free:
        problem = f"the map of {points} points takes {points * each / 1e9:.3g} GB, and {free / 1e9:.3g} GB are free."
        raise InputError(
            f"output {folder}",
            problem,
            cure='keep fewer variables, for example variables = ["surface_pressure"]',
        )


def _mapped(path, status, asked) -> Mapped:
    return Mapped(
        path,
        status["points"],
        status["not_converged"],
        asked.size,
        status["extrapolations"],
        status["wall_time_s"],
        status["cpu_time_s"],
    )


# ---- what is asked


def _read(grid: Grid) -> _Conditions:
    """The conditions of the section, checked and in SI."""
    axes, fixed = {}, {}
    where = f"{grid.label} [equilibrium]"
    given = dict(grid.conditions)
    variables, store = given.pop("variables", None), given.pop("store", "netcdf")
    for kind in GIVEN:
        if isinstance(given.get(kind), Mapping):
            given |= {f"{kind}.{species}": value for species, value in given.pop(kind).items()}
    if not isinstance(store, str) or store not in STORES:
        raise InputError(
            f"{where} store = {store!r}",
            "there is no such store.",
            f"allowed: {', '.join(STORES)}",
            nearest(str(store), STORES),
        )
    if variables is not None and (
        not isinstance(variables, list) or not variables or not all(isinstance(v, str) for v in variables)
    ):
        raise InputError(
            f"{where} variables = {variables!r}",
            "a list of names is expected.",
            'for example: variables = ["surface_pressure", "pressure"]',
        )
    check_size(given, MOST, where, "points")
    for name, value in given.items():
        unit = "Pa" if name.partition(".")[0] in GIVEN and "." in name else UNITS.get(name)
        if unit is None:
            known = [*UNITS, "pressure.H2O", "fugacity.H2O", *OPTIONS]
            raise InputError(
                f"{where} {name}",
                "not a condition of an equilibrium.",
                f"allowed: {', '.join(known)}",
                nearest(name, known),
            )
        place = f"{where} {name}"
        if isinstance(value, Mapping):
            axes[name] = numbers(value, unit, place)
            continue
        if not isinstance(value, list):
            fixed[name] = _number(grid.base, name, value, unit, f"{place} = {value!r}")
            continue
        if not value:
            raise InputError(f"{place} = []", "the axis is empty.")
        axes[name] = np.array([_number(grid.base, name, v, unit, f"{place}, entry {v!r}") for v in value])
        if len(np.unique(axes[name])) < len(value):
            raise InputError(place, "the axis holds a value twice.", cure="leave one of them out")
    for name in ("temperature", "melt_fraction"):
        if name not in axes and name not in fixed:
            raise InputError(
                where,
                f"{name} is not given.",
                'for example: temperature = {from = "1400 K", to = "3000 K", number = 100}, melt_fraction = 0.3',
            )
    if not axes:
        raise InputError(
            where,
            "the map has no axis: every condition is one number.",
            cure="'mocoupled equilibrium' solves one point",
        )
    return _Conditions(axes, fixed, None if variables is None else tuple(variables), store)


def _number(case, name, value, unit, where) -> float:
    """A condition in SI; an inventory as a case has it ("100 ppmw"), an offset from the case's own buffer as "IW+0.5"."""
    if unit == "kg" and isinstance(value, str):
        return in_kilograms(case, name, value)
    return to_si(offset_of(case, value) if name == "oxygen_fugacity_offset" else value, unit, where)


def _kept(sample, asked, label) -> list[str]:
    """Names of the variables to store; `converged` always."""
    known = [str(name) for name in sample.data_vars if name not in asked.fixed]
    for name in asked.variables or ():
        if name not in known:
            raise InputError(
                f"{label} [equilibrium] variables {name!r}",
                "the equilibrium has no such variable.",
                f"known: {', '.join(known)}",
                nearest(name, known),
            )
    return [name for name in known if asked.variables is None or name in (*asked.variables, "converged")]


# ---- blocks


def _blocks(asked) -> tuple[list[dict[str, slice]], dict[str, int]]:
    """The pieces of the grid in their order, and the length of a whole piece along each dimension."""
    lengths, room = {}, BLOCK
    for name, size in reversed(list(zip(asked.axes, asked.shape))):
        lengths[name] = max(1, min(size, room))
        room //= size
    names = list(asked.axes)

    def pieces(level) -> Iterator[dict[str, slice]]:
        if level == len(names):
            yield {}
            return
        name, size = names[level], asked.shape[level]
        for first in range(0, size, lengths[name]):
            for rest in pieces(level + 1):
                yield {_dimension(name): slice(first, min(first + lengths[name], size))} | rest

    return list(pieces(0)), {_dimension(name): lengths[name] for name in names}


def _dimension(name) -> str:
    return name.replace(".", "_")


def _solved(case, asked, piece, threads=None):
    """`equilibrium` on a piece of the grid: along all its dimensions, in their order."""
    import xarray

    axes = {}
    for name, values in asked.axes.items():
        dimension = _dimension(name)
        part = values[piece[dimension]]
        axes[name] = xarray.DataArray(part, dims=dimension, coords={dimension: part})
    given: dict[str, Any] = {}
    for name, value in {**axes, **asked.fixed}.items():
        kind, dot, species = name.partition(".")
        if dot:
            given.setdefault(kind, {})[species] = value
        else:
            given[name] = value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnconvergedWarning)
        warnings.simplefilter("ignore", CalibrationWarning)
        warnings.simplefilter("ignore", OmissionWarning)
        result = equilibrium(case, **given, threads=threads)
    return result.transpose(..., *map(_dimension, asked.axes))


def _corners(case, asked):
    """The equilibrium at the ends of every axis: what cannot be is refused here, before anything is written."""
    ends = _Conditions(
        {name: np.unique([v.min(), v.max()]) for name, v in asked.axes.items()},
        asked.fixed,
        asked.variables,
        asked.store,
    )
    return _solved(case, ends, {_dimension(name): slice(None) for name in ends.axes})


def _plan(sample, asked, kept, grid) -> Plan:
    axes = {_dimension(name): values for name, values in asked.axes.items()}
    units = {_dimension(name): "Pa" if "." in name else UNITS[name] for name in asked.axes}
    labels = {str(d): sample[d].values for name in kept for d in sample[name].dims if d not in axes}
    coordinates = {
        name: (values, {"units": units[name], "long_name": f"{name.replace('_', ' ')}, as given"})
        for name, values in axes.items()
    }
    coordinates |= {name: (values, {}) for name, values in labels.items()}
    sizes = {name: len(values) for name, (values, _) in coordinates.items()}
    variables = {name: (sample[name].dims, sample[name].dtype, sample[name].attrs) for name in kept}
    attributes = {key: value for key, value in sample.attrs.items() if key != "extrapolations"}
    attributes |= {
        "Conventions": "CF-1.11",
        "title": grid.title or f"equilibria of {grid.base.name}",
        "source": f"mocoupled {__version__}",
    }
    attributes |= {"case": grid.base.to_toml(), "grid": grid.to_toml(BASE)} | {
        name: repr(value) for name, value in asked.fixed.items()
    }
    return Plan(sizes, coordinates, variables, attributes)
