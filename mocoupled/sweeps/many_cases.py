"""Many cases at once: sweep(case, axes) runs them in processes beside each other, a folder per case, and gathers their ends."""

from __future__ import annotations

import os
import tempfile
import tomllib
import uuid
import warnings
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..case import Case, taken
from ..conditions import path as path_of
from ..conditions import whole
from ..equilibria.points import processors
from ..errors import InputError, MocoupledError, users_line
from ..files import PREFIX, content, toml, write_text
from ..plain_values import plain
from ..version import __version__
from . import dask_cluster as elsewhere
from . import grid_file
from . import table as sweep_table
from .folder_lock import held
from .grid_file import Grid
from .one_case import (
    BASE,
    COMPLETE,
    FAILED,
    INTERRUPTED,
    MISSING,
    RUNNING,
    STOP,
    Batch,
    Outcome,
    place,
    read_status,
    stored,
    write_status,
)
from .ranges import check_size
from .workers import Local

if TYPE_CHECKING:
    import xarray

GRID = "grid.toml"
WORKERS = 1024  # on one machine, at most
SHOWN = 20  # failures listed in a message; the table has them all


class FailedCasesWarning(UserWarning):
    """Some cases of a sweep have no result; they are NaN."""


@dataclass(frozen=True)
class Swept:
    """A sweep that ended. interrupted: by Ctrl-C; lost: why it could not go on, if so; deaths: workers that died."""

    result: xarray.Dataset
    gathered: sweep_table.Gathered
    files: list[Path]
    interrupted: bool = False
    lost: str = ""
    deaths: int = 0
    reused: int = 0


def sweep(
    case: Case | str | os.PathLike,
    axes: Mapping[Any, Any] | None = None,
    *,
    sample: Mapping[str, Any] | None = None,
    output: str | os.PathLike | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    client: Any = None,
    insecure_scheduler: bool = False,
    resume: bool = False,
    progress: Callable[[float, str], None] | None = None,
) -> xarray.Dataset:
    """Run a case with every combination of the axes' values, each to its end, beside each other.

    case: a Case or its name; with neither axes nor sample, the path of a grid file (docs/sweeps.md).
    axes: dotted key -> values as a case takes them, or a range {"from": "1 ocean", "to": "10 ocean", "number": 5,
    "scale": "log"}; a tuple of keys -> tuples of values that change together. sample: in place of axes,
    {"method": "latin-hypercube" or "sobol", "number": 64, "seed": 1, "ranges": {key: {"from", "to", "scale"}}}.
    output: folder to write (cases/000000/ ... as `run` writes them, table.csv, table.parquet, sweep.nc); None: nothing
    is kept but what is returned. workers: processes on this machine (default: its processors), which open no port.
    In their place, for many machines, workers of Dask that see the same folder (extra `dask`): client, a
    dask.distributed.Client of yours, or scheduler, the address of a scheduler; elsewhere than on this machine it needs
    TLS ("tls://10.0.0.1:8786") unless insecure_scheduler. resume: go on with the sweep that the folder holds; cases
    whose files are whole are kept. progress(share done, text) after each case.

    Returns a Dataset of the end states along the axes (a sample: along `case`), in SI; NaN where `status` is not
    "complete", with a FailedCasesWarning. InputError, before anything is computed, for a case that cannot be: the first
    one, and how many more. After Ctrl-C, or when the scheduler is gone, what was done stays in the folder.
    """
    grid = _grid(case, axes, sample)
    workers = None if workers is None else whole(workers, "workers", 1, WORKERS)
    if output is None:
        with tempfile.TemporaryDirectory(prefix="mocoupled-") as folder:
            swept = run_grid(
                grid, Path(folder), Where(workers, scheduler, client, insecure_scheduler), False, progress
            )
    else:
        swept = run_grid(
            grid,
            path_of(output, "output"),
            Where(workers, scheduler, client, insecure_scheduler),
            resume,
            progress,
        )
    if swept.lost:
        raise MocoupledError(f"{swept.lost}. {ending(swept)}; resume=True goes on.")
    if failures(swept):
        warnings.warn(
            f"{ending(swept)}: they are NaN.\n  " + "\n  ".join(failures(swept)),
            FailedCasesWarning,
            stacklevel=users_line(),
        )
    return swept.result


def _grid(case, axes, sample) -> Grid:
    if axes is None and sample is None and not isinstance(case, Case):
        grid = grid_file.read(path_of(case, "grid"))
        if grid.kind == "equilibrium":
            raise InputError(
                f"{case}",
                "this is a grid of equilibria.",
                cure="mo.equilibrium_map makes maps, and 'mocoupled sweep' takes the file",
            )
        return grid
    base = taken(case)
    if axes is not None and not isinstance(axes, Mapping):
        raise InputError(
            "axes", f"{type(axes).__name__} is no table.", f"for example: {{{grid_file.EXAMPLE}}}"
        )
    singles = {key: values for key, values in (axes or {}).items() if isinstance(key, str)}
    groups = [_group(keys, values) for keys, values in (axes or {}).items() if not isinstance(keys, str)]
    return grid_file.build(base, singles, groups, sample, "sweep")


def _group(keys, values) -> dict[str, list]:
    check_size({str(keys): values}, grid_file.MOST, f"sweep {keys}", "cases")
    try:
        rows = [tuple(row) for row in plain(values, f"sweep {keys}")]
    except TypeError:  # a row that is one value
        rows = [()]
    if (
        not isinstance(keys, tuple)
        or not all(isinstance(key, str) for key in keys)
        or any(len(row) != len(keys) for row in rows)
    ):
        raise InputError(
            f"sweep {keys}",
            "a group of keys needs one value for each of them at each step.",
            'for example {("planet.radius", "planet.gravity"): [("3390 km", 3.7), ("6371 km", 9.8)]}',
        )
    return {key: list(column) for key, column in zip(keys, zip(*rows))} if rows else {key: [] for key in keys}


@dataclass(frozen=True)
class Where:
    """Where a sweep's cases run: `workers` processes on this machine (None: one a processor), or a cluster of Dask's."""

    workers: int | None = None
    scheduler: str | None = None
    client: Any = None
    insecure: bool = False


def run_grid(
    grid: Grid,
    folder: Path,
    where: Where = Where(),
    resume: bool = False,
    progress: Callable[[float, str], None] | None = None,
    pressed: Callable[[], bool] = lambda: False,
) -> Swept:
    """Check every case, run those that the folder does not hold, and write the table and the Dataset.

    pressed() true ends the sweep as Ctrl-C does: what runs is stopped, what is done is kept and gathered.
    """
    tell = progress or (lambda fraction, text: None)
    count = _workers(where)
    claim(grid, folder, resume)

    def before_work(fraction, text):  # nothing is done yet that could be kept
        if pressed():
            raise KeyboardInterrupt
        tell(fraction, text)

    with ExitStack() as stack:
        if resume:
            stack.enter_context(held(folder))
        places = sweep_table.coordinates(grid_file.check(grid, before_work))
        far = where.scheduler is not None or where.client is not None
        on = stack.enter_context(
            elsewhere.cluster(where.scheduler, where.client, where.insecure) if far else Local(count)
        )
        if not resume:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(held(folder))
            claim(grid, folder, resume)  # another process may have begun meanwhile
        begin(grid, folder)
        gathered = sweep_table.Gathered(grid.size)
        waiting = list(_waiting(grid, folder, gathered, before_work)) if resume else list(range(grid.size))
        reused = gathered.count(COMPLETE)
        lost, stopped = _through(on, grid, folder, waiting, gathered, tell, pressed)
        result, files = sweep_table.write(grid, places, gathered, folder)
    swept = Swept(result, gathered, files, stopped is not None, lost, on.deaths, reused)
    if isinstance(stopped, KeyboardInterrupt):
        raise stopped
    return swept


def _through(on, grid, folder, waiting, gathered, tell, pressed):
    """Run the cases `waiting`; (why the scheduler is lost, or ""; what stopped the sweep, or None)."""
    session = uuid.uuid4().hex
    work = Batch(
        grid.base.to_toml(),
        grid.base.source,
        str(folder.resolve()),
        session,
        __version__,
        _Cases(grid, waiting),
    )
    under_way: set[int] = set()
    lost, stopped = "", None

    def count():
        failed = gathered.count(FAILED)
        done = grid.size - gathered.count(MISSING)
        tell(done / grid.size, f"{done} of {grid.size} cases{f', {failed} failed' if failed else ''}")

    count()
    try:
        for outcome in on.compute(work, pressed, under_way):
            gathered.add(outcome)
            count()
        stopped = True if pressed() else None
    except elsewhere.Lost as error:
        lost = str(error)
    except KeyboardInterrupt as error:
        stopped = error
    finally:
        if under_way:
            (folder / f"{STOP}-{session}").touch()  # workers elsewhere look for it, and stop
            on.end()
            for number in under_way:
                gathered.add(_cut_short(grid, folder, number, session))
            if isinstance(on, Local):
                (folder / f"{STOP}-{session}").unlink(missing_ok=True)
    return lost, stopped


def _cut_short(grid, folder, number, session) -> Outcome:
    """The outcome of a case that was handed out when the sweep ended; where it ran, its status says so."""
    path = place(folder, number)
    status = read_status(path)
    if status.get("session") != session:
        return Outcome(number, MISSING)
    if status["status"] == COMPLETE:  # its answer was still on its way
        return stored(grid.base.replace(grid.changes(number)), path, number) or Outcome(number, INTERRUPTED)
    if status["status"] == RUNNING:
        status |= {"status": INTERRUPTED, "reason": "the sweep was stopped"}
        write_status(path, status)
    return Outcome(number, status["status"], status["reason"], status["wall_time_s"])


def _waiting(grid, folder, gathered, tell):
    """The cases that the folder does not hold whole; those that it holds are gathered."""
    for number in range(grid.size):
        if number % 16 == 0:
            tell(number / grid.size, f"looking at {number} of {grid.size} stored cases")
        found = None
        if place(folder, number).is_dir():
            changes = grid.changes(number)
            found = stored(grid.base.replace(changes), place(folder, number), number)
        if found is None:
            yield number
        else:
            gathered.add(found)


class _Cases:
    """The cases of a grid as (number, changes), made when they are asked for."""

    def __init__(self, grid, numbers):
        self.grid, self.numbers = grid, numbers

    def __iter__(self):
        return ((number, self.grid.changes(number)) for number in self.numbers)


def _workers(where: Where) -> int:
    if where.scheduler is not None and where.client is not None:
        raise InputError(
            f"scheduler = {where.scheduler}, client", "a client has a scheduler.", cure="give one of the two"
        )
    if where.workers is None:
        return processors()
    if where.scheduler is not None or where.client is not None:
        raise InputError(
            f"workers = {where.workers}, scheduler = {where.scheduler or 'of the client'}",
            "a scheduler has workers of its own.",
            cure="give one of the two",
        )
    if (
        isinstance(where.workers, bool)
        or not isinstance(where.workers, int)
        or not 1 <= where.workers <= WORKERS
    ):
        raise InputError(
            f"workers = {where.workers!r}", "out of range.", f"allowed: a whole number from 1 to {WORKERS}"
        )
    return where.workers


# ---- the folder


def claim(grid: Grid, folder: Path, resume: bool):
    """InputError unless the folder is new or empty, or, to resume, holds a sweep of the same grid and base case."""
    if any(part.exists() and not part.is_dir() for part in (folder, *folder.parents)):
        raise InputError(
            f"output {folder}", "this, or a part of it, is a file.", "allowed: a folder, new or empty"
        )
    there = (folder / GRID).exists() and (folder / BASE).exists()
    if not resume:
        if there:
            raise InputError(
                f"output {folder}",
                "the folder holds a sweep already.",
                cure="go on with it by --resume (resume=True), or name another folder",
            )
        if folder.is_dir() and not all(path.name.startswith(PREFIX) for path in folder.iterdir()):
            raise InputError(
                f"output {folder}",
                "the folder is not empty.",
                "allowed: a new or empty folder, or with --resume one of a sweep",
            )
        return
    if not there:
        raise InputError(
            f"output {folder}",
            f"there is no sweep to resume: the folder has no {GRID} and {BASE}.",
            cure="leave out --resume, or name the sweep's folder",
        )
    asked = tomllib.loads(grid.to_toml(BASE))
    try:
        held = toml(content(folder / GRID).decode("utf-8"))
        base = Case.read(folder / BASE)
    except (OSError, ValueError, RecursionError, InputError) as error:
        raise InputError(
            f"output {folder}",
            f"what the folder says of its sweep cannot be read ({error}).",
            cure="name another folder",
        ) from None
    differing = [
        key for key in dict.fromkeys([*asked, *held]) if key != "title" and asked.get(key) != held.get(key)
    ]
    if differing:
        shown = "; ".join(
            f"[{key}] is {_short(held.get(key))} there, {_short(asked.get(key))} here" for key in differing
        )
        raise InputError(
            f"output {folder}",
            f"the folder holds another sweep: {shown}.",
            "allowed: the grid that the folder was made with",
            "name another folder",
        )
    if base != grid.base:
        ours, theirs = (_leaves(one.resolved()) for one in (grid.base, base))
        keys = [key for key in ours if ours[key] != theirs.get(key) and key not in ("name", "title")] or [
            "name or title"
        ]
        raise InputError(
            f"output {folder}",
            f"the folder holds a sweep of another base case: {', '.join(keys[:5])} differ.",
            cure="name another folder",
        )


def begin(grid: Grid, folder: Path):
    """Make the folder, and write what the sweep is of."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{STOP}-*"):
        if not left.is_dir():
            left.unlink(missing_ok=True)
    write_text(folder / BASE, grid.base.to_toml())
    write_text(folder / GRID, grid.to_toml(BASE))


def _short(value) -> str:
    text = "absent" if value is None else str(value)
    return text if len(text) <= 120 else text[:117] + "..."


def _leaves(document, before="") -> dict[str, Any]:
    found = {}
    for key, value in document.items():
        found |= _leaves(value, f"{before}{key}.") if isinstance(value, dict) else {f"{before}{key}": value}
    return found


# ---- what is told of it


def ending(swept: Swept) -> str:
    """One line on what became of the cases."""
    counts = {status: swept.gathered.count(status) for status in (COMPLETE, FAILED, INTERRUPTED, MISSING)}
    told = ", ".join(f"{n} {status}" for status, n in counts.items() if n or status == COMPLETE)
    return f"{swept.gathered.size} cases: {told}" + (
        f" ({swept.reused} of them stored before)" if swept.reused else ""
    )


def failures(swept: Swept) -> list[str]:
    """A line for each case that failed, the first of many."""
    failed = [k for k, status in enumerate(swept.gathered.status) if status == FAILED]
    lines = [f"case {k:06d}: {swept.gathered.reason[k]}" for k in failed[:SHOWN]]
    return lines + [f"... and {len(failed) - SHOWN} more, in {sweep_table.CSV}"] * (len(failed) > SHOWN)
