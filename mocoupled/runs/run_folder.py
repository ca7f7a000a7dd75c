"""The folder of a run from its first second to its last file: made, locked, begun, stored, continued."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
import time as clock
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ..case import Case
from ..errors import InputError, MocoupledError
from ..files import LARGEST, content, json_table, sweep_up, write_text
from ..results.file_names import CASE, EVOLUTION, LOG, RUNNING, SUMMARY
from ..results.output import check_files, claim, read, write
from ..results.summaries import SENSITIVITIES
from ..schema.former_keys import former_names
from .checkpoint import CHECKPOINT, ENDS, check_version, discard
from .locks import take

if TYPE_CHECKING:
    import xarray


STATUSES = ("complete", "interrupted", "failed", RUNNING)
# entry of summary.json of a run under way: SHA-256 of case.toml beside it
CASE_SHA256 = "case_sha256"

# folders (process, device, inode) in which threads of this process are at work
_working: set[tuple[int, int, int]] = set()
_guard = threading.Lock()


class FolderInUse(InputError):
    """Another process or thread works in the folder."""


@dataclass(frozen=True)
class Standing:
    """How far a stored run has come.

    status: "complete", "interrupted", "failed" or "running" (begun, and cut off); log: text of run.log.
    sensitivities: names of the parameters by which derivatives were requested.
    """

    status: str
    reason: str
    case: Case
    log: str
    sensitivities: tuple[str, ...] = ()


@contextmanager
def made(folder: Path, numbered: bool = False) -> Iterator[Path]:
    """The folder, made and known to be writable; removed again if the block fails and leaves it empty.

    numbered: take the first of FOLDER, FOLDER-2, FOLDER-3, … that does not exist, and make it at once, so
    that no other run takes it.
    """
    for number in count(1):
        place = folder.with_name(f"{folder.name}-{number}") if number > 1 else folder
        new = [path for path in (place, *place.parents) if not path.exists()]
        try:
            place.mkdir(parents=True, exist_ok=not numbered)
            break
        except NotADirectoryError:
            raise InputError(
                f"output {place}", "a part of this path is a file.", "allowed: a new or empty folder"
            ) from None
        except FileExistsError:
            if not numbered:
                raise
    try:
        tempfile.TemporaryFile(dir=place).close()
        yield place
    except FolderInUse:
        # another process made it too, and is about to write
        raise
    except BaseException:
        with suppress(OSError):
            for path in new:
                path.rmdir()
        raise


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The folder, locked for one run at a time. FolderInUse where another process or thread works in it.

    Temporary files that a killed run left are removed. Between processes the lock is the operating system's
    (flock): it ends with the process, however that ends. Where there is no such lock (Windows, some network
    drives), only threads of this process are refused.
    """
    with _locked_among_threads(folder):
        handle = _locked_among_processes(folder)
        try:
            sweep_up(folder)
            yield
        finally:
            if handle is not None:
                os.close(handle)


@contextmanager
def _locked_among_threads(folder: Path) -> Iterator[None]:
    about = os.stat(folder)
    place = (os.getpid(), about.st_dev, about.st_ino)
    with _guard:
        if place in _working:
            raise FolderInUse(
                f"run {folder}",
                "another run of this process is working in this folder.",
                cure="wait for it, or name another folder",
            )
        _working.add(place)
    try:
        yield
    finally:
        with _guard:
            _working.discard(place)


def _locked_among_processes(folder: Path) -> int | None:
    """A handle that has the lock; None where the system has no such locks."""
    try:
        return take(folder)
    except BlockingIOError:
        raise FolderInUse(
            f"run {folder}",
            "another process is working in this folder.",
            cure="wait for it, or name another folder",
        ) from None


def tidy(folder: Path) -> None:
    """Remove the temporary files of a process that was killed, unless another works in the folder, if any."""
    if folder.is_dir():
        with suppress(FolderInUse, OSError), locked(folder):
            pass


def in_use(folder: Path) -> bool:
    """Whether another process or thread is at work in the folder."""
    try:
        with locked(folder):
            return False
    except FolderInUse:
        return True


@contextmanager
def opened(folder: str | os.PathLike) -> Iterator[Standing]:
    """How far the run in a folder has come, with the folder locked.

    InputError as in `standing` and `locked`.
    """
    standing(folder)  # before the folder is locked: there may be none
    with locked(Path(folder)):
        yield standing(folder)


def begin(
    folder: Path,
    case: Case,
    log: str,
    overwrite: bool = True,
    ours: bool = False,
    sensitivities: Sequence[str] = (),
) -> None:
    """Mark the folder: a run of this case has begun, and can be continued if it is interrupted.

    Files of an earlier run are removed first, so that none of them passes for a result of this run.
    InputError where there is such a run by now, unless it may be overwritten. ours: the folder is that of a
    sweep or a paper, so that any file of an earlier run may be replaced.
    """
    if ours:
        check_files(folder, f"output {folder}")
    else:
        claim(folder, overwrite)
    text = case.to_toml()
    if (folder / SUMMARY).exists():
        mark(folder, case.name, text, sensitivities=sensitivities)
    discard(folder)
    (folder / EVOLUTION).unlink(missing_ok=True)
    write_text(folder / CASE, text)
    write_text(folder / LOG, log, durable=False)
    mark(folder, case.name, text, sensitivities=sensitivities)


def mark(folder: Path, name: str, *cases: str, sensitivities: Sequence[str] = ()) -> None:
    """Write in summary.json that the run of the case `name` is under way.

    cases: its TOML; of a run that goes on to another end, its TOML before and after.
    """
    summary: dict[str, object] = {
        "case": name,
        "status": RUNNING,
        "end": f"Not ended; if no process is at work on it, 'mocoupled resume {folder}' continues it.",
        CASE_SHA256: [_sha256(case) for case in cases],
    }
    if sensitivities:
        summary[SENSITIVITIES] = list(sensitivities)
    write_text(folder / SUMMARY, json.dumps(summary, indent=1) + "\n", durable=False)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def store(result: xarray.Dataset, folder: Path, log: str, keep: bool = False) -> list[Path]:
    """Write the result; the files.

    The checkpoint is removed when the run no longer needs it, unless the caller keeps it.
    MocoupledError where the result cannot be written; the checkpoint then stays.
    """
    try:
        files = write(result, folder, log)
    except (OSError, RuntimeError) as error:  # netCDF4 reports a full disk by the second
        if isinstance(error, OSError) and error.strerror:
            problem = f"{error.filename or folder}: {error.strerror}."
        else:
            problem = f"the results could not be written in {folder} ({error}). Is there space left?"
        kept = "its last checkpoint" if (folder / CHECKPOINT).exists() else "its start"
        raise MocoupledError(
            f"{problem} When this is repaired, 'mocoupled resume {folder}' continues from {kept}."
        ) from None
    status = result.attrs["status"]
    if status == "failed" or (status == "complete" and not keep):
        discard(folder)
    return files


def proceed(folder: Path, case: Case, sensitivities: Sequence[str] = ()) -> None:
    """Mark the folder as that of a run which goes on, as this case says.

    The earlier result stays until the next.
    """
    before, text = content(folder / CASE).decode("utf-8", errors="replace"), case.to_toml()
    mark(folder, case.name, before, text, sensitivities=sensitivities)
    write_text(folder / CASE, text)


def with_ends(stored: Standing, changes: Mapping[str, object], folder: Path) -> Case:
    """The case of a stored run with other ends.

    InputError for keys that are no ends, and for a complete run without a checkpoint to go on from.
    """
    if odd := [key for key in changes if key not in ENDS and former_names().get(key) not in ENDS]:
        raise InputError(
            f"--set {odd[0]}",
            "a resumed run cannot change this.",
            f"allowed: {', '.join(ENDS)}",
            "run the case again",
        )
    case = stored.case.replace(changes, origin="--set") if changes else stored.case
    if case != stored.case and stored.status == "complete" and not (folder / CHECKPOINT).exists():
        raise InputError(
            f"run {folder}",
            "the run is complete, and no checkpoint was kept, from which it could continue.",
            cure="run it with --keep-checkpoint",
        )
    return case


def standing(folder: str | os.PathLike) -> Standing:
    """How far the run in a folder has come. A complete run was read, and is not damaged.

    InputError where there is no run, where it failed, and where its case or checkpoint is damaged or of
    another version.
    """
    path = Path(folder)
    where = f"run {path}"
    _check_there(path, where)
    status, reason, sha256 = _stored_status(path)
    sensitivities = _stored_sensitivities(path)
    if status != "complete":
        check_files(path, where)
        check_version(path)
    text = content(path / CASE).decode("utf-8", errors="replace")
    if sha256 and _sha256(text) not in sha256:
        raise InputError(
            f"{path / CASE}",
            "the file is damaged or was changed: it is not the case that the run began with.",
            cure="run the case again, in another folder or with --overwrite",
        )
    # a complete run may be of an earlier version, whose keys this one does not have
    case = Case.stored(text, path.name) if status == "complete" else Case.read(path / CASE)
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
            cure="change the case (run.rtol, for instance) and run it again",
        )
    return Standing(status, reason, case, log, sensitivities)


def _check_there(path: Path, where: str) -> None:
    """InputError where the path is not a folder with a case in it."""
    if (path / CASE).is_file():
        return
    if not path.exists():
        why = "there is no such folder."
    elif path.is_file():
        why = "this is a file."
    else:
        why = f"the folder contains no run (no {CASE})."
    raise InputError(where, why, "allowed: the folder of a run, as 'mocoupled run' writes it")


def _stored_status(path: Path) -> tuple[str, str, list[str]]:
    """Status, reason and checksums of the case (where there are any), from summary.json.

    If summary.json is damaged, a complete result counts where there is no checkpoint; otherwise the run is
    interrupted.
    """
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


def _stored_sensitivities(path: Path) -> tuple[str, ...]:
    """The names of the parameters by which derivatives were requested, from summary.json."""
    try:
        names = json_table(path / SUMMARY).get(SENSITIVITIES, [])
    except (OSError, ValueError):
        return ()
    return tuple(map(str, names)) if isinstance(names, list) else ()


def stamp() -> str:
    """Date and time now, UTC, in the form of a log."""
    return clock.strftime("%Y-%m-%d %H:%M:%S UTC", clock.gmtime())
