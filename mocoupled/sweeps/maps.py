"""Equilibrium of a planet's gas and melt over a grid of up to 1e8 conditions, block by block into a file."""

from __future__ import annotations

import json
import os
import time as clock
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..case import Case, case_of
from ..conditions import choice, whole
from ..conditions import path as path_of
from ..equilibria.points import UnconvergedWarning
from ..errors import InputError, MocoupledError, users_line
from ..plain_values import plain
from ..results import blocks
from ..results.integrity import BLOCKS
from ..results.map_store import LAST, STORES, Store
from .case_outcome import COMPLETE, INTERRUPTED, RUNNING, write_status
from .folder_lock import locked
from .grid import Grid
from .map_blocks import Piece, check_room, corners, kept_variables, pieces_of, plan_of, solved
from .map_conditions import MOST, Conditions, conditions_of
from .map_status import NOTHING, Status, damaged, frame, plain_gaps, stored_status, with_block
from .ranges import check_size
from .sweep_folder import begin, claim

if TYPE_CHECKING:
    import xarray

# points solved and written together: some 100 MB at most
BLOCK = 1 << 18

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Mapped:
    """A map that was made, or as far as it came.

    points, missed: solved so far, and those of them that did not converge; of: all points. extrapolations:
    laws used outside their calibration, as `equilibrium` reports them. seconds, cpu_seconds: wall and
    processor time.
    """

    path: Path
    points: int
    missed: int
    of: int
    extrapolations: list[dict[str, Any]]
    seconds: float
    cpu_seconds: float

    @property
    def whole(self) -> bool:
        """Whether every point was solved."""
        return self.points == self.of


@dataclass(frozen=True)
class _Work:
    """A map to fill: its conditions, its file, the variables to keep, its pieces, and what solves a piece."""

    conditions: Conditions
    store: Store
    kept: list[str]
    pieces: list[Piece]
    solve: Callable[[Piece], xarray.Dataset]


def equilibrium_map(
    case: Case | str | os.PathLike,
    conditions: Mapping[str, Any],
    output: str | os.PathLike,
    *,
    variables: tuple[str, ...] | None = None,
    store: str = "netcdf",
    resume: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> xarray.Dataset:
    """Equilibrium at every combination of conditions, written block by block to map.nc in a folder.

    conditions: name -> number, values or range {"from": "1400 K", "to": "3000 K", "number": 1000, "scale":
    "log"}: temperature, melt_fraction, oxygen_fugacity_offset, inventories (hydrogen, ...), "pressure.H2O",
    "fugacity.CO2", as `equilibrium` takes them, with or without units. Values and ranges become dimensions,
    in this order. variables: names of those to keep (default: all that `equilibrium` returns); store:
    "netcdf" or "zarr"; resume: continue the map of this folder; threads: as in `equilibrium`.

    Returns the stored Dataset, read on demand. Points that did not converge are NaN with converged = False,
    and are counted in an UnconvergedWarning and in attrs["not_converged"].
    """
    base = case_of(case)
    threads = None if threads is None else whole(threads, "threads", 1, 4096)
    if not isinstance(conditions, Mapping):
        raise InputError(
            "conditions",
            "not a table.",
            'for example: {"temperature": {"from": "1400 K", "to": "3000 K", "number": 100},'
            ' "melt_fraction": 0.3}',
        )
    check_size(conditions, MOST, "equilibrium_map", "points")
    section = dict(plain(conditions, "equilibrium_map"))
    if variables is not None:
        section["variables"] = plain(variables, "variables")
    if choice(store, STORES, "store =", "there is no such store.") != "netcdf":
        section["store"] = store
    grid = Grid(base, (), {"equilibrium": section}, "equilibrium_map", "", "equilibrium", section)
    made = map_grid(grid, path_of(output, "output"), resume, progress, threads=threads)
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
    result.attrs.pop(BLOCKS, None)
    return result


def map_grid(
    grid: Grid,
    folder: Path,
    resume: bool = False,
    progress: Progress | None = None,
    pressed: Callable[[], bool] = lambda: False,
    threads: int | None = None,
) -> Mapped:
    """Make the map of a grid of kind "equilibrium", or continue it.

    pressed() true ends it after the current block.
    """
    begun = clock.perf_counter(), clock.process_time()
    conditions = conditions_of(grid)
    claim(grid, folder, resume)
    store = STORES[conditions.store](folder)
    sample = corners(grid.base, conditions)
    kept = kept_variables(sample, conditions, grid.label)
    pieces, lengths = pieces_of(conditions, BLOCK)
    work = _Work(conditions, store, kept, pieces, lambda piece: solved(grid.base, conditions, piece, threads))
    if not resume:
        check_room(folder, sample, conditions, kept)
        folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        claim(grid, folder, resume)  # another process may have begun meanwhile
        status = stored_status(folder) if resume else None
        again = None if status is None else damaged(store, status, pieces)
        if status is None or again is None:  # there is no map to continue
            if resume:
                check_room(folder, sample, conditions, kept)
            begin(grid, folder)
            store.create(plan_of(sample, conditions, kept, grid), lengths)
            status, again = {**NOTHING, "frame": frame(store, store.partial)}, []
        left = [*again, *range(status["blocks"], len(pieces))]
        if not left and store.path.exists():
            status["status"] = COMPLETE
            write_status(folder, status)
        else:
            begun = begun[0] - status["wall_time_s"], begun[1] - status["cpu_time_s"]
            status = _filled(work, status, left, begun, progress, pressed)
    path = store.path if status["status"] == COMPLETE else store.partial
    return _mapped(path, status, conditions)


def _filled(
    work: _Work,
    status: Status,
    left: list[int],
    begun: tuple[float, float],
    progress: Progress | None,
    pressed: Callable[[], bool],
) -> Status:
    """Solve and write the blocks `left`; the status, complete when none is missing.

    begun: wall and processor time at which the work would have begun without a break. pressed() true ends it
    before a block. MocoupledError where the map cannot be written.
    """
    store, folder, missing = work.store, work.store.path.parent, len(left)
    status = {**status, "status": RUNNING}
    store.open()
    try:
        for number, result in _ahead(work, left, pressed):
            piece = work.pieces[number]
            values = {name: (result[name].dims, plain_gaps(result[name].values)) for name in work.kept}
            store.write(piece, values)
            status = {
                **with_block(status, number, blocks.entry(piece, values), result),
                "status": RUNNING,
                "wall_time_s": clock.perf_counter() - begun[0],
                "cpu_time_s": clock.process_time() - begun[1],
            }
            missing -= 1
            write_status(folder, status)
            _report(status, work.conditions.size, progress)
        if not missing:
            last = (str(status["not_converged"]), json.dumps(status["extrapolations"]))
            store.finish(dict(zip(LAST, last)), status["checks"])
            status["status"] = COMPLETE
    except RuntimeError as error:  # as netCDF4 reports a full disk
        raise MocoupledError(
            f"the map could not be written in {folder} ({error}). Is there space left? --resume continues it."
        ) from None
    finally:
        with suppress(RuntimeError):  # where writing failed, closing does too
            store.close()
        if status["status"] != COMPLETE:
            status["status"] = INTERRUPTED
        write_status(folder, status)
    return status


def _report(status: Status, size: int, progress: Progress | None) -> None:
    if progress is None:
        return
    missed = f", {status['not_converged']} not converged" if status["not_converged"] else ""
    progress(status["points"] / size, f"{status['points']} of {size} points{missed}")


def _ahead(work: _Work, left: list[int], pressed: Callable[[], bool]) -> Iterator[tuple[int, xarray.Dataset]]:
    """(number, equilibria) of the blocks `left`; each is solved while the one before it is written."""
    if not left:
        return
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(work.solve, work.pieces[left[0]])
        for k, number in enumerate(left):
            if pressed():
                return
            result = coming.result()
            if k + 1 < len(left):
                coming = ahead.submit(work.solve, work.pieces[left[k + 1]])
            yield number, result


def _mapped(path: Path, status: Status, conditions: Conditions) -> Mapped:
    return Mapped(
        path,
        status["points"],
        status["not_converged"],
        conditions.size,
        status["extrapolations"],
        status["wall_time_s"],
        status["cpu_time_s"],
    )
