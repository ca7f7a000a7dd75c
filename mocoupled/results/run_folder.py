"""The folder of a run from its first second to its last file: taken by one process, begun, stored, continued."""

from __future__ import annotations

import json
import os
import time as clock
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..case import Case
from ..errors import InputError, MocoupledError
from .checkpoint import CHECKPOINT, ENDS, discard
from .output import CASE, EVOLUTION, LOG, RUNNING, SUMMARY, claim, read, write
from .whole_files import sweep_up, write_text

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True)
class Standing:
    """How far a stored run has come. status: "complete", "interrupted", "failed" or "running" (begun, and cut off)."""

    status: str
    reason: str
    case: Case
    log: str


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The folder, for one process at a time: InputError where another works in it. What a killed one left is removed.

    The hold is the operating system's (flock), so that it ends with the process, however that ends; where there is none
    (Windows, some network drives) nothing is refused.
    """
    handle = _taken(folder)
    try:
        sweep_up(folder, (EVOLUTION, SUMMARY, CASE, LOG, CHECKPOINT))
        yield
    finally:
        if handle is not None:
            os.close(handle)


@contextmanager
def opened(folder: str | os.PathLike) -> Iterator[Standing]:
    """How far the run in a folder has come, with the folder held; InputError as of `standing` and `held`."""
    standing(folder)  # before the folder is held: there may be none
    with held(Path(folder)):
        yield standing(folder)


def _taken(folder):
    try:
        import fcntl
    except ImportError:
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise InputError(f"run {folder}", "another process is at work in this folder.", cure="wait for it, or name another folder") from None
    except OSError:
        pass
    return handle


def begin(folder: Path, case: Case, log: str, overwrite: bool = True):
    """Mark the folder as that of a run of this case which has begun, so that it can be continued if it is cut off.

    What an earlier run left is removed first, so that nothing of it passes for a result of this one; InputError where there
    is one by now, unless it may be overwritten.
    """
    claim(folder, overwrite)
    if (folder / SUMMARY).exists():
        mark(folder, case.name)
    discard(folder)
    (folder / EVOLUTION).unlink(missing_ok=True)
    write_text(folder / CASE, case.to_toml())
    write_text(folder / LOG, log, durable=False)
    mark(folder, case.name)


def mark(folder: Path, name: str):
    """Say in summary.json that the run is under way."""
    told = {"case": name, "status": RUNNING, "end": f"Not ended; if no process is at work on it, 'mocoupled resume {folder}' continues it."}
    write_text(folder / SUMMARY, json.dumps(told, indent=1) + "\n", durable=False)


def store(result: xarray.Dataset, folder: Path, log: str, keep: bool = False) -> list[Path]:
    """Write the result; the checkpoint goes when the run needs it no more, unless it is to be kept. A write that fails
    leaves it, and says so."""
    try:
        files = write(result, folder, log)
    except (OSError, RuntimeError) as error:  # netCDF4 reports a full disk by the second
        kept = "its last checkpoint" if (folder / CHECKPOINT).exists() else "its start"
        known = isinstance(error, OSError) and error.strerror
        told = f"{error.filename or folder}: {error.strerror}." if known else f"the results could not be written in {folder} ({error}). Is there space left?"
        raise MocoupledError(f"{told} When that is mended, 'mocoupled resume {folder}' goes on from {kept}.") from None
    if result.attrs["status"] == "failed" or (result.attrs["status"] == "complete" and not keep):
        discard(folder)
    return files


def proceed(folder: Path, case: Case):
    """Mark the folder as that of a run which goes on, as this case says; the result of before stays until the next."""
    write_text(folder / CASE, case.to_toml())
    mark(folder, case.name)


def with_ends(found: Standing, changes: Mapping[str, object], folder: Path) -> Case:
    """The case of a stored run with other ends; InputError for keys that are no ends, and where there is no checkpoint."""
    if odd := [key for key in changes if key not in ENDS]:
        raise InputError(f"--set {odd[0]}", "a run that goes on cannot change this.", f"allowed: {', '.join(ENDS)}", "run the case anew")
    case = found.case.replace(changes, origin="--set") if changes else found.case
    if case != found.case and found.status == "complete" and not (folder / CHECKPOINT).exists():
        raise InputError(f"run {folder}", "the run is complete, and no checkpoint was kept to go on from.", cure="run it with --keep-checkpoint")
    return case


def standing(folder: str | os.PathLike) -> Standing:
    """How far the run in a folder has come; InputError where there is none. A complete one is known to be whole."""
    path = Path(folder)
    where = f"run {path}"
    if not (path / CASE).is_file():
        why = "there is no such folder." if not path.exists() else "this is a file." if path.is_file() else f"the folder holds no run (no {CASE})."
        raise InputError(where, why, "allowed: the folder of a run, as 'mocoupled run' writes it")
    case = Case.read(path / CASE)
    try:
        told = json.loads((path / SUMMARY).read_text(encoding="utf-8"))
        status, reason = told["status"], told["end"]
    except (OSError, ValueError, KeyError, TypeError):
        status, reason = RUNNING, ""
    try:
        log = (path / LOG).read_text(encoding="utf-8", errors="replace")
    except OSError:
        log = ""
    if status == "complete":
        read(path)
    elif status == "failed":
        raise InputError(where, f"the run failed: {reason} It would fail there again.", cure="change the case (run.rtol, for instance) and run it anew")
    return Standing(status, reason, case, log)


def stamp() -> str:
    return clock.strftime("%Y-%m-%d %H:%M:%S UTC", clock.gmtime())
