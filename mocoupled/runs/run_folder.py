"""The folder of a run from its first second to its last file: taken by one process, begun, stored, continued."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time as clock
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..case import Case
from ..errors import InputError, MocoupledError
from ..files import LARGEST, content, json_table
from .checkpoint import CHECKPOINT, ENDS, check_version, discard
from ..results.output import CASE, EVOLUTION, LOG, RUNNING, SUMMARY, check_files, claim, read, write
from ..files import sweep_up, write_text

if TYPE_CHECKING:
    import xarray


STATUSES = ("complete", "interrupted", "failed", RUNNING)
CASE_SHA256 = "case_sha256"  # in summary.json of a run under way: of case.toml beside it

_working: set[tuple[int, int, int]] = set()  # folders (process, device, inode) in which threads are at work
_guard = threading.Lock()


@dataclass(frozen=True)
class Standing:
    """How far a stored run has come. status: "complete", "interrupted", "failed" or "running" (begun, and cut off)."""

    status: str
    reason: str
    case: Case
    log: str


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The folder, for one run at a time: InputError where another process or thread works in it. Temporary files that a
    killed run left are removed.

    Between processes the hold is the operating system's (flock), so that it ends with the process, however that ends; where
    there is none (Windows, some network drives) only threads of this process are refused.
    """
    with _alone(folder):
        handle = _taken(folder)
        try:
            sweep_up(folder)
            yield
        finally:
            if handle is not None:
                os.close(handle)


@contextmanager
def _alone(folder):
    """The folder, for one thread of this process."""
    about = os.stat(folder)
    place = (os.getpid(), about.st_dev, about.st_ino)
    with _guard:
        if place in _working:
            raise InputError(
                f"run {folder}",
                "another run of this process is at work in this folder.",
                cure="wait for it, or name another folder",
            )
        _working.add(place)
    try:
        yield
    finally:
        with _guard:
            _working.discard(place)


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
        raise InputError(
            f"run {folder}",
            "another process is at work in this folder.",
            cure="wait for it, or name another folder",
        ) from None
    except OSError:
        pass
    return handle


def begin(folder: Path, case: Case, log: str, overwrite: bool = True):
    """Mark the folder as that of a run of this case which has begun, so that it can be continued if it is cut off.

    What an earlier run left is removed first, so that nothing of it passes for a result of this one; InputError where there
    is one by now, unless it may be overwritten.
    """
    claim(folder, overwrite)
    text = case.to_toml()
    if (folder / SUMMARY).exists():
        mark(folder, case.name, text)
    discard(folder)
    (folder / EVOLUTION).unlink(missing_ok=True)
    write_text(folder / CASE, text)
    write_text(folder / LOG, log, durable=False)
    mark(folder, case.name, text)


def mark(folder: Path, name: str, *cases: str):
    """Say in summary.json that the run is under way, and of which case: its TOML, or what it was and what it becomes."""
    end = f"Not ended; if no process is at work on it, 'mocoupled resume {folder}' continues it."
    said = {"case": name, "status": RUNNING, "end": end, CASE_SHA256: [_sha256(case) for case in cases]}
    write_text(folder / SUMMARY, json.dumps(said, indent=1) + "\n", durable=False)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def store(result: xarray.Dataset, folder: Path, log: str, keep: bool = False) -> list[Path]:
    """Write the result; the checkpoint goes when the run needs it no more, unless it is to be kept. A write that fails
    leaves it, and says so."""
    try:
        files = write(result, folder, log)
    except (OSError, RuntimeError) as error:  # netCDF4 reports a full disk by the second
        kept = "its last checkpoint" if (folder / CHECKPOINT).exists() else "its start"
        known = isinstance(error, OSError) and error.strerror
        told = (
            f"{error.filename or folder}: {error.strerror}."
            if known
            else f"the results could not be written in {folder} ({error}). Is there space left?"
        )
        raise MocoupledError(
            f"{told} When that is mended, 'mocoupled resume {folder}' goes on from {kept}."
        ) from None
    if result.attrs["status"] == "failed" or (result.attrs["status"] == "complete" and not keep):
        discard(folder)
    return files


def proceed(folder: Path, case: Case):
    """Mark the folder as that of a run which goes on, as this case says; the result of before stays until the next."""
    before, text = content(folder / CASE).decode("utf-8", errors="replace"), case.to_toml()
    mark(folder, case.name, before, text)
    write_text(folder / CASE, text)


def with_ends(found: Standing, changes: Mapping[str, object], folder: Path) -> Case:
    """The case of a stored run with other ends; InputError for keys that are no ends, and where there is no checkpoint."""
    if odd := [key for key in changes if key not in ENDS]:
        raise InputError(
            f"--set {odd[0]}",
            "a run that goes on cannot change this.",
            f"allowed: {', '.join(ENDS)}",
            "run the case anew",
        )
    case = found.case.replace(changes, origin="--set") if changes else found.case
    if case != found.case and found.status == "complete" and not (folder / CHECKPOINT).exists():
        raise InputError(
            f"run {folder}",
            "the run is complete, and no checkpoint was kept to go on from.",
            cure="run it with --keep-checkpoint",
        )
    return case


def standing(folder: str | os.PathLike) -> Standing:
    """How far the run in a folder has come; InputError where there is none, where its case or checkpoint is damaged, or is
    of another version of mocoupled. A complete one is known to be whole."""
    path = Path(folder)
    where = f"run {path}"
    if not (path / CASE).is_file():
        why = (
            "there is no such folder."
            if not path.exists()
            else "this is a file."
            if path.is_file()
            else f"the folder holds no run (no {CASE})."
        )
        raise InputError(where, why, "allowed: the folder of a run, as 'mocoupled run' writes it")
    status, reason, sha256 = _stored_status(path)
    if status != "complete":
        check_files(path, where)
        check_version(path)
    text = content(path / CASE).decode("utf-8", errors="replace")
    if sha256 and _sha256(text) not in sha256:
        raise InputError(
            f"{path / CASE}",
            "the file is damaged or was changed: it is not the case that the run began with.",
            cure="run the case anew, in another folder or with --overwrite",
        )
    case = Case.read(path / CASE)
    try:
        log = content(path / LOG, largest=10 * LARGEST).decode("utf-8", errors="replace")
    except (OSError, InputError):
        log = ""
    if status == "complete":
        read(path)
    elif status == "failed":
        raise InputError(
            where,
            f"the run failed: {reason} It would fail there again.",
            cure="change the case (run.rtol, for instance) and run it anew",
        )
    return Standing(status, reason, case, log)


def _stored_status(path) -> tuple[str, str, list[str]]:
    """Status, reason and checksums of the case (where there are any) that summary.json says. Where it is damaged, a complete
    result beside it counts, if there is no checkpoint; else the run is taken as cut off."""
    try:
        summary = json_table(path / SUMMARY)
        status, reason, sha256 = summary["status"], summary["end"], summary.get(CASE_SHA256, [])
        if status in STATUSES and isinstance(reason, str) and isinstance(sha256, list):
            return status, reason, sha256
    except (OSError, ValueError, KeyError):
        pass
    if (path / EVOLUTION).exists() and not (path / CHECKPOINT).exists():
        attrs = read(path).attrs
        if attrs.get("status") == "complete":
            return "complete", str(attrs.get("end_reason", "")), []
    return RUNNING, "", []


def stamp() -> str:
    return clock.strftime("%Y-%m-%d %H:%M:%S UTC", clock.gmtime())
