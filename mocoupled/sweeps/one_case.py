"""One case of a sweep, as a worker runs it: a folder with the results and a status that says what became of it."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time as clock
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..case import Case
from ..errors import MocoupledError
from ..files import PREFIX, content, json_table, sweep_up, write_text
from ..results.graphite import present
from ..results.netcdf import MOST
from ..results.output import CASE, EVOLUTION, SUMMARY, read, summary, write
from ..runs.main_job import evolve, prepare
from ..runs.processes import ATTEMPTS
from ..version import __version__

CASES, STATUS, STOP, BASE = "cases", "status.json", f"{PREFIX}stop", "base.toml"
RUNNING, COMPLETE, FAILED, INTERRUPTED, MISSING = "running", "complete", "failed", "interrupted", "not run"
CHECKSUM = "sha256"  # key of a status: of everything else in it
GLANCE = 0.5  # s between two looks whether the sweep is to stop

_alone = threading.Lock()  # NetCDF's library, and the one processor of a worker, take one case at a time


class Stopped(MocoupledError):
    """The sweep was told to stop while the case ran."""


@dataclass(frozen=True)
class Batch:
    """Work for one task: the base case as TOML, the folder of the sweep, and (number, changes) of each case."""

    base: str
    source: str
    folder: str
    session: str
    version: str
    cases: Sequence[tuple[int, Mapping[str, Any]]]


@dataclass(frozen=True)
class Outcome:
    """What became of case `number`. seconds: wall time. final: the end in plain numbers, units in their names.
    end: name -> (dimension besides time or "", labels, values, attributes) of the end state, for complete runs."""

    number: int
    status: str
    reason: str = ""
    seconds: float = 0.0
    final: Mapping[str, Any] = field(default_factory=dict)
    end: Mapping[str, tuple] = field(default_factory=dict)
    stored: bool = False


def place(folder: str | os.PathLike, number: int) -> Path:
    """The folder of a case."""
    return Path(folder) / CASES / f"{number:06d}"


def run_batch(batch: Batch) -> list[Outcome]:
    """Run the cases one after the other; whatever goes wrong in one, the others go on."""
    if batch.version != __version__:
        raise MocoupledError(
            f"a worker has mocoupled {__version__}, the sweep {batch.version}. Install the same version everywhere."
        )
    if not Path(batch.folder, BASE).is_file():
        raise MocoupledError(
            f"a worker does not see the sweep's folder {batch.folder}. Workers elsewhere need a file system that they share with it."
        )
    base = _base(batch.base, batch.source)
    with _alone, warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # calibration stands in every summary; the rest would come once for each worker
        return [_one(base, number, changes, batch) for number, changes in batch.cases]


@lru_cache(4)
def _base(text, source) -> Case:
    return Case.parse(text, source)


def _one(base, number, changes, batch) -> Outcome:
    begun = clock.perf_counter()
    folder = place(batch.folder, number)
    case = base.replace(changes)
    if found := stored(case, folder, number):
        return found
    told = read_status(folder)
    attempt = (
        told.get("attempt", 0) + 1
        if told.get("session") == batch.session and told.get("status") == RUNNING
        else 1
    )
    flag = Path(batch.folder, f"{STOP}-{batch.session}")

    def note(status, reason=""):
        return noted(batch, Outcome(number, status, reason, clock.perf_counter() - begun), attempt)

    looked = [begun]

    def glance(time, fraction):
        if clock.perf_counter() - looked[0] > GLANCE:
            looked[0] = clock.perf_counter()
            if flag.exists():
                raise Stopped("stopped")

    try:
        if flag.exists():
            raise Stopped("stopped")
        folder.mkdir(parents=True, exist_ok=True)
        if attempt > ATTEMPTS:
            return note(FAILED, f"its worker died {ATTEMPTS} times (out of memory, or killed)")
        sweep_up(folder)  # what a worker that died left half-written
        note(RUNNING)
        result = evolve(prepare(case), glance)
        status, reason = result.attrs["status"], result.attrs["end_reason"]
        write(result, folder, f"{result.attrs['source']}: {result.attrs['case_name']}, {status}: {reason}\n")
        outcome = note(status, reason)
        return with_end(outcome, result, summary(result)) if status == COMPLETE else outcome
    except Stopped:
        return note(INTERRUPTED, "the sweep was stopped") if folder.exists() else Outcome(number, MISSING)
    except Exception as error:  # whatever it is, the other cases go on, and this one is told with its reason
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        try:
            return note(FAILED, reason)
        except OSError as full:
            return Outcome(
                number,
                FAILED,
                f"{reason}; its status could not be written ({full})",
                clock.perf_counter() - begun,
            )


def noted(batch: Batch, outcome: Outcome, attempt: int = ATTEMPTS) -> Outcome:
    """The outcome, when the folder of its case has it as its status."""
    folder = place(batch.folder, outcome.number)
    folder.mkdir(parents=True, exist_ok=True)
    told = {
        "status": outcome.status,
        "reason": outcome.reason,
        "wall_time_s": round(outcome.seconds, 4),
        "attempt": attempt,
    }
    if outcome.status == COMPLETE:
        told["files"] = _file_checksums(folder)
    write_status(folder, told | {"session": batch.session, "version": __version__})
    return outcome


def stored(case: Case, folder: Path, number: int) -> Outcome | None:
    """The outcome of a whole, complete run of this very case by this version in the folder; None if it is not that.

    Every file is compared with its checksum before it is read, since NetCDF's library can end the process on a damaged
    one. A damaged file counts as missing.
    """
    status = read_status(folder)
    if status.get("status") != COMPLETE or status.get("version") != __version__:
        return None
    try:
        if (
            status["files"] != _file_checksums(folder)
            or content(folder / CASE).decode("utf-8") != case.to_toml()
        ):
            return None
        result = read(folder)
        found = result.attrs
        if (found.get("case"), found.get("source"), found.get("status")) != (
            case.to_toml(),
            f"mocoupled {__version__}",
            COMPLETE,
        ):
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
    """SHA-256 of the files of a case of which a sweep's table tells, or which say what they are of."""
    return {
        name: hashlib.sha256(content(folder / name, largest=MOST)).hexdigest()
        for name in (EVOLUTION, SUMMARY, CASE)
    }


def with_end(outcome: Outcome, result, summarised: Mapping[str, Any]) -> Outcome:
    """The outcome with the end of its run. summarised: as `results.output.summary` gives it."""
    if "graphite_mass" in result:
        result = result.assign(graphite_mass=present(result))
    last, end = result.isel(time=-1), {}
    for name in ("time", *result.data_vars):
        variable = last[name].variable
        dimension = str(variable.dims[0]) if variable.dims else ""
        if len(variable.dims) > 1 or dimension == "cell" or variable.dtype.kind not in "fiu":
            continue
        labels = [str(label) for label in result[dimension].values] if dimension else []
        end[str(name)] = (dimension, labels, np.array(variable.values, dtype=float), dict(variable.attrs))
    return Outcome(
        outcome.number,
        outcome.status,
        outcome.reason,
        outcome.seconds,
        dict(_flat(summarised["final"])),
        end,
        outcome.stored,
    )


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


def _flat(table, before=""):
    for key, value in table.items():
        name = f"{before}_{key}" if before else key
        if isinstance(value, dict):
            yield from _flat(value, name)
        else:
            yield name, value


def write_status(folder: Path, status: Mapping[str, Any]):
    """Write the status of a case or map, with a checksum of what it says."""
    write_text(
        folder / STATUS,
        json.dumps(dict(status) | {CHECKSUM: _checksum(status)}, indent=1) + "\n",
        durable=False,
    )


def read_status(folder: Path) -> dict[str, Any]:
    """The status of a case or map, without its checksum; nothing where there is none, or it is damaged."""
    with suppress(OSError, ValueError, RecursionError):
        found = json_table(folder / STATUS)
        if found.pop(CHECKSUM, None) == _checksum(found):
            return found
    return {}


def _checksum(status) -> str:
    return hashlib.sha256(json.dumps(dict(status), sort_keys=True).encode()).hexdigest()
