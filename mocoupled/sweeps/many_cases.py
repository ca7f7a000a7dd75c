"""Many cases at once: each does the main job in its folder, in processes here or on a cluster."""

from __future__ import annotations

import os
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..case import Case, case_of
from ..conditions import path as path_of
from ..conditions import whole
from ..equilibria.points import processors
from ..errors import InputError, MocoupledError, users_line
from ..plain_values import plain
from ..runs.dask_cluster import Lost, check_installed, cluster
from ..runs.run_folder import tidy
from ..schema.grid_document import MOST_CASES
from ..version import __version__
from . import grid_file
from . import tables as sweep_table
from .axes import EXAMPLE
from .case_outcome import (
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
from .folder_lock import locked
from .grid import Grid, build
from .grid_check import check
from .ranges import check_size
from .sweep_folder import begin, claim
from .workers import Local, Remote, Workers

if TYPE_CHECKING:
    import xarray

# processes on one machine, at most
WORKERS = 1024
# failures listed in a message; the table has them all
LISTED = 20

Progress = Callable[[float, str], None]


class FailedCasesWarning(UserWarning):
    """Some cases of a sweep have no result; they are NaN."""


@dataclass(frozen=True)
class Swept:
    """A sweep that ended.

    interrupted: by Ctrl-C; lost: why it could not go on, or ""; deaths: workers that died; reused: cases
    stored before.
    """

    result: xarray.Dataset
    gathered: sweep_table.Gathered
    files: list[Path]
    interrupted: bool = False
    lost: str = ""
    deaths: int = 0
    reused: int = 0


@dataclass(frozen=True)
class Where:
    """Where a sweep's cases run: on a Dask cluster, or in `workers` processes (None: one a processor)."""

    workers: int | None = None
    scheduler: str | None = None
    client: Any = None
    insecure: bool = False

    @property
    def elsewhere(self) -> bool:
        """Whether they run on a cluster."""
        return self.scheduler is not None or self.client is not None


HERE = Where()


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
    progress: Progress | None = None,
) -> xarray.Dataset:
    """Run a case with every combination of the axes' values, each to its end, beside each other.

    case: a Case or its name; with neither axes nor sample, the path of a grid file (docs/sweeps.md). axes:
    dotted key -> values as a case takes them, or a range {"from": "1 ocean", "to": "10 ocean", "number": 5,
    "scale": "log"}; a tuple of keys -> tuples of values that change together. sample: in place of axes,
    {"method": "latin-hypercube" or "sobol", "number": 64, "seed": 1, "ranges": {key: {"from", "to",
    "scale"}}}. output: folder to write (cases/000000/ ... as `run` writes them, table.csv, sweep.nc, and
    table.parquet where pyarrow is installed); None: nothing is kept but what is returned. workers: processes
    on this machine (default: its processors), which open no port. In their place, for many machines, workers
    of Dask that see the same folder (extra `cluster`): client, a dask.distributed.Client of yours, or
    scheduler, the address of a scheduler; elsewhere than on this machine it needs TLS ("tls://10.0.0.1:8786")
    unless insecure_scheduler. resume: continue the sweep of this folder. Cases whose files are complete are
    kept; a case that was cut off continues from its checkpoint. progress(share done, text) after each case.

    Returns a Dataset of the end states along the axes (a sample: along `case`), in SI; NaN where `status` is
    not "complete", with a FailedCasesWarning. InputError, before anything is computed, for a case that cannot
    be: the first one, and how many more. After Ctrl-C, or when the scheduler is gone, what was done stays in
    the folder.
    """
    grid = _grid(case, axes, sample)
    workers = None if workers is None else whole(workers, "workers", 1, WORKERS)
    where = Where(workers, scheduler, client, insecure_scheduler)
    if output is None:
        with tempfile.TemporaryDirectory(prefix="mocoupled-") as folder:
            swept = run_grid(grid, Path(folder), where, False, progress)
    else:
        swept = run_grid(grid, path_of(output, "output"), where, resume, progress)
    if swept.lost:
        raise MocoupledError(f"{swept.lost}. {ending(swept)}; resume=True continues it.")
    if failed := failures(swept):
        warnings.warn(
            f"{ending(swept)}: they are NaN.\n  " + "\n  ".join(failed),
            FailedCasesWarning,
            stacklevel=users_line(),
        )
    return swept.result


def _grid(
    case: Case | str | os.PathLike, axes: Mapping[Any, Any] | None, sample: Mapping[str, Any] | None
) -> Grid:
    """The grid of a file, or of what Python says."""
    if axes is None and sample is None and not isinstance(case, Case):
        grid = grid_file.read(path_of(case, "grid"))
        if grid.kind == "equilibrium":
            raise InputError(
                f"{case}",
                "this is a grid of equilibria.",
                cure="mo.equilibrium_map makes maps, and 'mocoupled sweep' takes the file",
            )
        return grid
    base = case_of(case)
    if axes is not None and not isinstance(axes, Mapping):
        raise InputError("axes", f"{type(axes).__name__} is not a table.", f"for example: {{{EXAMPLE}}}")
    singles, groups = {}, []
    for keys, values in (axes or {}).items():
        if isinstance(keys, str):
            singles[keys] = values
        else:
            groups.append(_group(keys, values))
    return build(base, singles, groups, sample, "sweep")


def _group(keys: Any, values: Any) -> dict[str, list[Any]]:
    """Keys that change together -> the values of each."""
    where = f"sweep {keys}"
    check_size({str(keys): values}, MOST_CASES, where, "cases")
    try:
        rows = [tuple(row) for row in plain(values, where)]
    except TypeError:  # a row that is one value
        rows = [()]
    named = isinstance(keys, tuple) and all(isinstance(key, str) for key in keys)
    if not named or any(len(row) != len(keys) for row in rows):
        raise InputError(
            where,
            "a group of keys needs one value for each of them at each step.",
            'for example {("planet.radius", "planet.gravity"): [("3390 km", 3.7), ("6371 km", 9.8)]}',
        )
    return {key: [row[k] for row in rows] for k, key in enumerate(keys)}


def run_grid(
    grid: Grid,
    folder: Path,
    where: Where = HERE,
    resume: bool = False,
    progress: Progress | None = None,
    pressed: Callable[[], bool] = lambda: False,
) -> Swept:
    """Check every case, run those that the folder does not hold, and write the table and the Dataset.

    pressed() true ends the sweep as Ctrl-C does: what runs is stopped, what is done is kept and gathered.
    """
    report: Progress = progress or (lambda fraction, text: None)
    count = _workers(where)
    claim(grid, folder, resume)
    sweep_table.check_parquet(folder)

    def before_work(fraction: float, text: str) -> None:
        if pressed():  # nothing is done yet that could be kept
            raise KeyboardInterrupt
        report(fraction, text)

    with ExitStack() as stack:
        if resume:
            stack.enter_context(locked(folder))
        places = sweep_table.coordinates(check(grid, before_work))
        on: Workers
        if where.elsewhere:
            on = Remote(stack.enter_context(cluster(where.scheduler, where.client, where.insecure)))
        else:
            on = stack.enter_context(Local(count))
        if not resume:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locked(folder))
            claim(grid, folder, resume)  # another process may have begun meanwhile
        begin(grid, folder)
        gathered = sweep_table.Gathered(grid.size)
        waiting = list(_waiting(grid, folder, gathered, before_work)) if resume else list(range(grid.size))
        reused = gathered.count(COMPLETE)
        lost, stopped = _computed(on, grid, folder, waiting, gathered, report, pressed)
        result, files = sweep_table.write(grid, places, gathered, folder)
    if isinstance(stopped, KeyboardInterrupt):
        raise stopped
    return Swept(result, gathered, files, stopped is not None, lost, on.deaths, reused)


def _computed(
    on: Workers,
    grid: Grid,
    folder: Path,
    waiting: list[int],
    gathered: sweep_table.Gathered,
    report: Progress,
    pressed: Callable[[], bool],
) -> tuple[str, bool | KeyboardInterrupt | None]:
    """Run the cases `waiting`; (why the scheduler is lost, or ""; what stopped the sweep, or None)."""
    session = uuid.uuid4().hex
    cases = _Cases(grid, waiting)
    work = Batch(grid.base.to_toml(), grid.base.source, str(folder.resolve()), session, __version__, cases)
    under_way: set[int] = set()
    lost = ""
    stopped: bool | KeyboardInterrupt | None = None

    def count() -> None:
        failed = gathered.count(FAILED)
        done = grid.size - gathered.count(MISSING)
        failures_ = f", {failed} failed" if failed else ""
        report(done / grid.size, f"{done} of {grid.size} cases{failures_}")

    count()
    try:
        for outcome in on.compute(work, pressed, under_way):
            gathered.add(outcome)
            count()
        stopped = True if pressed() else None
    except Lost as error:
        lost = str(error)
    except KeyboardInterrupt as error:
        stopped = error
    finally:
        if under_way:
            flag = folder / f"{STOP}-{session}"
            flag.touch()  # workers elsewhere look for it, and stop
            try:
                on.end()
                for number in under_way:
                    tidy(place(folder, number))
                    gathered.add(_cut_short(grid, folder, number, session))
            finally:
                if not on.shared:
                    flag.unlink(missing_ok=True)
    return lost, stopped


def _cut_short(grid: Grid, folder: Path, number: int, session: str) -> Outcome:
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


def _waiting(grid: Grid, folder: Path, gathered: sweep_table.Gathered, report: Progress) -> Iterator[int]:
    """The cases that the folder does not hold whole; those that it holds are gathered."""
    for number in range(grid.size):
        if number % 16 == 0:
            report(number / grid.size, f"looking at {number} of {grid.size} stored cases")
        outcome = None
        if place(folder, number).is_dir():
            changes = grid.changes(number)
            outcome = stored(grid.base.replace(changes), place(folder, number), number)
        if outcome is None:
            yield number
        else:
            gathered.add(outcome)


class _Cases(Iterable[tuple[int, Mapping[str, Any]]]):
    """The cases of a grid as (number, changes), made when they are needed."""

    def __init__(self, grid: Grid, numbers: list[int]) -> None:
        self._grid, self._numbers = grid, numbers

    def __iter__(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        return ((number, self._grid.changes(number)) for number in self._numbers)


def _workers(where: Where) -> int:
    """Number of processes on this machine; InputError where it is out of range, or a cluster is named too."""
    if where.scheduler is not None and where.client is not None:
        raise InputError(
            f"scheduler = {where.scheduler}, client",
            "a client has a scheduler already.",
            cure="specify one of the two",
        )
    if where.elsewhere:
        check_installed("client" if where.client is not None else f"--scheduler {where.scheduler}")
    if where.workers is None:
        return processors()
    if where.elsewhere:
        raise InputError(
            f"workers = {where.workers}, scheduler = {where.scheduler or 'of the client'}",
            "a scheduler has workers already.",
            cure="specify one of the two",
        )
    count: object = where.workers
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= WORKERS:
        raise InputError(
            f"workers = {count!r}", "out of range.", f"allowed: a whole number from 1 to {WORKERS}"
        )
    return count


# ---- what is reported of it


def ending(swept: Swept) -> str:
    """One line on what became of the cases."""
    counts = {status: swept.gathered.count(status) for status in (COMPLETE, FAILED, INTERRUPTED, MISSING)}
    listed = ", ".join(f"{n} {status}" for status, n in counts.items() if n or status == COMPLETE)
    before = f" ({swept.reused} of them stored before)" if swept.reused else ""
    return f"{swept.gathered.size} cases: {listed}{before}"


def failures(swept: Swept) -> list[str]:
    """A line for each case that failed, the first of many."""
    failed = [k for k, status in enumerate(swept.gathered.status) if status == FAILED]
    lines = [f"case {k:06d}: {swept.gathered.reason[k]}" for k in failed[:LISTED]]
    if len(failed) > LISTED:
        lines.append(f"... and {len(failed) - LISTED} more, in {sweep_table.CSV}")
    return lines
