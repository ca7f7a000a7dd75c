"""One case of a sweep, as a worker runs it: a folder with the results and a status that says what became of it."""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time as clock
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__
from ..case import Case
from ..errors import MocoupledError
from ..results.graphite import present
from ..results.output import CASE, EVOLUTION, SUMMARY, summary, write
from ..run import evolve, prepare

CASES, STATUS, STOP, BASE = "cases", "status.json", ".stop", "base.toml"
RUNNING, COMPLETE, FAILED, INTERRUPTED, MISSING = "running", "complete", "failed", "interrupted", "not run"
ATTEMPTS = 3  # times that a case may take its worker with it
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
        raise MocoupledError(f"a worker has mocoupled {__version__}, the sweep {batch.version}. Install the same version everywhere.")
    if not Path(batch.folder, BASE).is_file():
        raise MocoupledError(f"a worker does not see the sweep's folder {batch.folder}. Workers elsewhere need a file system that they share with it.")
    base = Case.parse(batch.base, batch.source)
    with _alone, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # calibration stands in every summary; the rest would come once for each worker
        return [_one(base, number, changes, batch) for number, changes in batch.cases]


def _one(base, number, changes, batch) -> Outcome:
    begun = clock.perf_counter()
    folder = place(batch.folder, number)
    case = base.replace(changes)
    if found := stored(case, folder, number):
        return found
    told = read_status(folder)
    attempt = told.get("attempt", 0) + 1 if told.get("session") == batch.session and told.get("status") == RUNNING else 1
    flag = Path(batch.folder, f"{STOP}-{batch.session}")

    def note(status, reason=""):
        seconds = clock.perf_counter() - begun
        content = {"status": status, "reason": reason, "wall_time_s": round(seconds, 4), "attempt": attempt}
        write_whole(folder / STATUS, json.dumps(content | {"session": batch.session, "version": __version__}, indent=1) + "\n")
        return Outcome(number, status, reason, seconds)

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
        for left in folder.glob(".*"):
            left.unlink(missing_ok=True)  # of a worker that died while it wrote
        note(RUNNING)
        result = evolve(prepare(case), glance)
        status, reason = result.attrs["status"], result.attrs["end_reason"]
        write(result, folder, f"{result.attrs['source']}: {result.attrs['case_name']}, {status}: {reason}\n")
        outcome = note(status, reason)
        return with_end(outcome, result) if status == COMPLETE else outcome
    except Stopped:
        return note(INTERRUPTED, "the sweep was stopped") if folder.exists() else Outcome(number, MISSING)
    except Exception as error:  # whatever it is, the other cases go on, and this one is told with its reason
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        try:
            return note(FAILED, reason)
        except OSError as full:
            return Outcome(number, FAILED, f"{reason}; its status could not be written ({full})", clock.perf_counter() - begun)


def stored(case: Case, folder: Path, number: int) -> Outcome | None:
    """The outcome of a whole, complete run of this very case by this version in the folder; None if it is not that."""
    import xarray

    told = read_status(folder)
    if told.get("status") != COMPLETE or not (folder / SUMMARY).is_file() or not (folder / CASE).is_file():
        return None
    try:
        with xarray.open_dataset(folder / EVOLUTION, engine="netcdf4") as result:
            found = result.attrs
            if (found.get("case"), found.get("source"), found.get("status")) != (case.to_toml(), f"mocoupled {__version__}", COMPLETE):
                return None
            outcome = Outcome(number, COMPLETE, str(told.get("reason", "")), float(told.get("wall_time_s", 0.0)), stored=True)
            return with_end(outcome, result)
    except (OSError, ValueError, KeyError, IndexError, TypeError, RuntimeError):
        return None


def with_end(outcome: Outcome, result) -> Outcome:
    """The outcome with the end of its run."""
    if "graphite_mass" in result:
        result = result.assign(graphite_mass=present(result))
    last, end = result.isel(time=-1), {}
    for name in ("time", *result.data_vars):
        variable = last[name].variable
        dimension = variable.dims[0] if variable.dims else ""
        if len(variable.dims) > 1 or dimension == "cell" or variable.dtype.kind not in "fiu":
            continue
        labels = tuple(map(str, result[dimension].values)) if dimension else ()
        end[str(name)] = (dimension, labels, np.array(variable.values, dtype=float), dict(variable.attrs))
    final = dict(_flat(summary(result)["final"]))
    return Outcome(outcome.number, outcome.status, outcome.reason, outcome.seconds, final, end, outcome.stored)


def _flat(table, before=""):
    for key, value in table.items():
        name = f"{before}_{key}" if before else key
        if isinstance(value, dict):
            yield from _flat(value, name)
        else:
            yield name, value


def read_status(folder: Path) -> dict:
    """The status of a case, or nothing where there is none that can be read."""
    try:
        found = json.loads((folder / STATUS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_whole(path: Path, text: str):
    """Write a text file so that it is there whole, or as it was."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
