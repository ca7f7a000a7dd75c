"""One case of a sweep, as a worker runs it: the main job in a folder, and a status of what became of it."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time as clock
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..case import Case
from ..errors import MocoupledError
from ..files import PREFIX, content, json_table, write_text
from ..results.file_names import CASE, EVOLUTION, SUMMARY
from ..results.graphite import present
from ..results.netcdf import MOST
from ..results.output import read
from ..results.summaries import summary
from ..runs.job_records import Hooks, Stopped
from ..runs.main_job import executed
from ..runs.processes import ATTEMPTS
from ..runs.run_folder import FolderInUse, in_use
from ..version import __version__

if TYPE_CHECKING:
    import xarray

CASES, STATUS, STOP, BASE = "cases", "status.json", f"{PREFIX}stop", "base.toml"
RUNNING, COMPLETE, FAILED, INTERRUPTED, MISSING = "running", "complete", "failed", "interrupted", "not run"
# entry of a status: checksum of all its other entries
CHECKSUM = "sha256"
# s between two looks whether the sweep is to stop
GLANCE = 0.5
# s to wait for another process that is at work on the case, such as a worker that has not yet stopped
PATIENCE = 60.0

# NetCDF's library, and the one processor of a worker, take one case at a time
_alone = threading.Lock()

# (dimension besides time or "", labels, values, attributes)
EndVariable = tuple[str, list[str], np.ndarray, dict[str, Any]]


@dataclass(frozen=True)
class Batch:
    """Work for one task: the base case as TOML, the folder of the sweep, and (number, changes) of cases."""

    base: str
    source: str
    folder: str
    session: str
    version: str
    cases: Iterable[tuple[int, Mapping[str, Any]]]


@dataclass(frozen=True)
class Outcome:
    """What became of case `number`.

    seconds: wall time. final: the end in plain numbers, units in their names. end: of complete runs, name ->
    dimension besides time or "", labels, values and attributes of the end state. stored: whether it is of an
    earlier sweep.
    """

    number: int
    status: str
    reason: str = ""
    seconds: float = 0.0
    final: Mapping[str, Any] = field(default_factory=dict)
    end: dict[str, EndVariable] = field(default_factory=dict)
    stored: bool = False


def place(folder: str | os.PathLike, number: int) -> Path:
    """The folder of a case."""
    return Path(folder) / CASES / f"{number:06d}"


def service() -> Callable[[Mapping[str, Any]], list[dict[str, Any]]]:
    """What answers the tasks of a worker process: a Batch as a table, to the outcomes as JSON takes them."""
    return lambda task: [as_plain(outcome) for outcome in run_batch(Batch(**task))]


def run_batch(batch: Batch) -> list[Outcome]:
    """Run the cases one after the other; whatever goes wrong in one, the others go on.

    MocoupledError where this worker has another version, or does not see the folder of the sweep.
    """
    if batch.version != __version__:
        raise MocoupledError(
            f"a worker has mocoupled {__version__}, the sweep {batch.version}."
            " Install the same version everywhere."
        )
    if not Path(batch.folder, BASE).is_file():
        raise MocoupledError(
            f"a worker does not see the sweep's folder {batch.folder}."
            " Workers elsewhere need a file system that they share with it."
        )
    base = _base(batch.base, batch.source)
    with _alone, warnings.catch_warnings():
        # calibration stands in every summary; other warnings would come once for each worker
        warnings.simplefilter("ignore")
        return [_outcome(base, number, changes, batch) for number, changes in batch.cases]


@lru_cache(4)
def _base(text: str, source: str) -> Case:
    return Case.parse(text, source)


def _outcome(base: Case, number: int, changes: Mapping[str, Any], batch: Batch) -> Outcome:
    """Run a case unless its folder holds it whole; what became of it."""
    begun = clock.perf_counter()
    folder = place(batch.folder, number)
    case = base.replace(changes)
    if outcome := stored(case, folder, number):
        return outcome
    attempt = _attempt(folder, batch)

    def note(status: str, reason: str = "") -> Outcome:
        return noted(batch, Outcome(number, status, reason, clock.perf_counter() - begun), attempt)

    stopped = _Glance(Path(batch.folder, f"{STOP}-{batch.session}"))
    try:
        if stopped(at_once=True):
            raise Stopped("stopped")
        folder.mkdir(parents=True, exist_ok=True)
        if attempt > ATTEMPTS:
            return note(FAILED, f"its worker died {ATTEMPTS} times (out of memory, or killed)")
        note(RUNNING)
        result = _executed(case, folder, stopped)
        status, reason = result.attrs["status"], result.attrs["end_reason"]
        outcome = note(status, reason)
        return with_end(outcome, result, summary(result)) if status == COMPLETE else outcome
    except Stopped:
        if not folder.exists():
            return Outcome(number, MISSING)
        return note(INTERRUPTED, "the sweep was stopped")
    except (
        Exception
    ) as error:  # whatever it is, the other cases go on, and this one is listed with its reason
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        try:
            return note(FAILED, reason)
        except OSError as full:
            reason = f"{reason}; its status could not be written ({full})"
            return Outcome(number, FAILED, reason, clock.perf_counter() - begun)


def _attempt(folder: Path, batch: Batch) -> int:
    """How often the case has been begun in this sweep, this time included."""
    status = read_status(folder)
    if status.get("session") == batch.session and status.get("status") == RUNNING:
        return int(status.get("attempt", 0)) + 1
    return 1


class _Glance:
    """Whether the file that stops the sweep is there; looked for every GLANCE seconds."""

    def __init__(self, flag: Path) -> None:
        self._flag, self._last = flag, clock.perf_counter()

    def __call__(self, at_once: bool = False) -> bool:
        now = clock.perf_counter()
        if not at_once and now - self._last <= GLANCE:
            return False
        self._last = now
        return self._flag.exists()


def _executed(case: Case, folder: Path, stopped: _Glance) -> xarray.Dataset:
    """The main job, continued from the checkpoint in the folder if there is one.

    Its result, failed or not. Another process that is at work on this case is waited for, up to PATIENCE
    seconds: FolderInUse after that. Stopped when the sweep is to stop.
    """
    end = clock.monotonic() + PATIENCE
    while True:
        try:
            return executed(case, folder, Hooks(stopped=stopped))
        except FolderInUse:
            if clock.monotonic() > end:
                raise FolderInUse(
                    f"run {folder}",
                    f"another process was at work in this folder for {PATIENCE:g} s.",
                    cure="when it has ended, resume the sweep",
                ) from None
        # the case is prepared again when the folder is free, not at each look
        while in_use(folder) and clock.monotonic() <= end:
            if stopped(at_once=True):
                raise Stopped("stopped")
            clock.sleep(GLANCE)


def noted(batch: Batch, outcome: Outcome, attempt: int = ATTEMPTS) -> Outcome:
    """The outcome, after it was written as the status in the folder of its case."""
    folder = place(batch.folder, outcome.number)
    folder.mkdir(parents=True, exist_ok=True)
    status: dict[str, Any] = {
        "status": outcome.status,
        "reason": outcome.reason,
        "wall_time_s": round(outcome.seconds, 4),
        "attempt": attempt,
    }
    if outcome.status == COMPLETE:
        status["files"] = _file_checksums(folder)
    write_status(folder, status | {"session": batch.session, "version": __version__})
    return outcome


def stored(case: Case, folder: Path, number: int) -> Outcome | None:
    """The outcome of a whole, complete run of this very case by this version in the folder.

    None if it is not that. Every file is compared with its checksum before it is read, since NetCDF's library
    can end the process on a damaged one. A damaged file counts as missing.
    """
    status = read_status(folder)
    if status.get("status") != COMPLETE or status.get("version") != __version__:
        return None
    text = case.to_toml()
    try:
        if status["files"] != _file_checksums(folder) or content(folder / CASE).decode("utf-8") != text:
            return None
        result = read(folder)
        about = result.attrs
        if about.get("case") != text or about.get("source") != f"mocoupled {__version__}":
            return None
        if about.get("status") != COMPLETE:
            return None
        outcome = Outcome(number, COMPLETE, str(status["reason"]), float(status["wall_time_s"]), stored=True)
        return with_end(outcome, result, summary(result))
    except (
        OSError,
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        RuntimeError,
        MocoupledError,
    ):
        return None


def _file_checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of the files of a case from which a sweep's table is made, or which say what they are of."""
    return {
        name: hashlib.sha256(content(folder / name, largest=MOST)).hexdigest()
        for name in (EVOLUTION, SUMMARY, CASE)
    }


def with_end(outcome: Outcome, result: xarray.Dataset, summarised: Mapping[str, Any]) -> Outcome:
    """The outcome with the end of its run. summarised: as `results.summaries.summary` returns it."""
    if "graphite_mass" in result:
        result = result.assign(graphite_mass=present(result))
    last = result.isel(time=-1)
    end: dict[str, EndVariable] = {}
    for name in ("time", *result.data_vars):
        variable = last[name].variable
        dimension = str(variable.dims[0]) if variable.dims else ""
        if len(variable.dims) > 1 or dimension == "cell" or variable.dtype.kind not in "fiu":
            continue
        labels = [str(label) for label in result[dimension].values] if dimension else []
        end[str(name)] = (dimension, labels, np.array(variable.values, dtype=float), dict(variable.attrs))
    return replace(outcome, final=_final(summarised), end=end)


def _final(summarised: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a case: its end, the state at a lid that it left behind, and a structure from a mass."""
    final = dict(_flat(summarised["final"])) | dict(_flat(summarised.get("at_lid", {}), "lid"))
    if summarised.get("structure", {}).get("stated_by") == "mass":
        curves = {role: summarised["laws"][role]["name"] for role in ("solidus", "liquidus")}
        final |= {name: value for name, value in summarised["structure"].items() if name != "stated_by"}
        final |= {f"start_{name}": value for name, value in summarised["start"].items()} | curves
    return final


def as_plain(outcome: Outcome) -> dict[str, Any]:
    """The outcome as JSON takes it, to the last bit."""
    end = {
        name: (dimension, labels, values.tolist(), attributes)
        for name, (dimension, labels, values, attributes) in outcome.end.items()
    }
    return asdict(replace(outcome, end={})) | {"end": end}


def outcome_of(plain: Mapping[str, Any]) -> Outcome:
    """The outcome that `as_plain` wrote."""
    end = {
        name: (dimension, labels, np.array(values, dtype=float), attributes)
        for name, (dimension, labels, values, attributes) in plain["end"].items()
    }
    return Outcome(**dict(plain, end=end))


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Name and value of every leaf of a table of tables."""
    for key, value in table.items():
        name = f"{before}_{key}" if before else key
        if isinstance(value, dict):
            yield from _flat(value, name)
        else:
            yield name, value


def write_status(folder: Path, status: Mapping[str, Any]) -> None:
    """Write the status of a case or map, with a checksum of its content."""
    marked = dict(status) | {CHECKSUM: _checksum(status)}
    write_text(folder / STATUS, json.dumps(marked, indent=1) + "\n", durable=False)


def read_status(folder: Path) -> dict[str, Any]:
    """The status of a case or map, without its checksum; empty where there is none, or it is damaged."""
    with suppress(OSError, ValueError, RecursionError):
        status = json_table(folder / STATUS)
        if status.pop(CHECKSUM, None) == _checksum(status):
            return status
    return {}


def _checksum(status: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(dict(status), sort_keys=True).encode()).hexdigest()
