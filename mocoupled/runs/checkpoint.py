"""The checkpoint of a run: one file with all that a continuation needs, written whole, without pickle."""

from __future__ import annotations

import io
import json
import math
import os
import re
import time as clock
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..case import Case
from ..dae.solve.field_system import FieldSystem
from ..dae.solve.march_state import PREFIX
from ..dae.solve.system import System
from ..errors import InputError, users_line
from ..files import atomically, check, json_text
from ..planet.assembly import Planet
from ..results.file_names import CASE
from ..results.origin import provenance
from ..results.summaries import SENSITIVITIES
from ..version import __version__
from .checkpoint_fit import misfit
from .under_lid import BEFORE, LidStart

CHECKPOINT = "checkpoint.npz"
FORMAT = 1
# bytes of a checkpoint that is read, at most
LARGEST = 1 << 33
# s of wall time between two checkpoints
INTERVAL = 10.0
# of the wall time that checkpoints may take, where no interval is prescribed
SHARE = 0.01
HEADER = "header"
# keys of a case that may change when a run goes on
ENDS = (
    "run.end_time",
    "run.end_surface_temperature",
    "run.end_melt_fraction",
    "run.after_lid",
)
# entries of the header that must be the same, and what to call each where it differs
SAME = {
    "format": "another form of checkpoint",
    "source": "another version of mocoupled",
    "mechanism_sha256": "another mechanism",
    "equations_sha256": "other equations",
}
Arrays = Mapping[str, np.ndarray]


class CheckpointWarning(UserWarning):
    """A checkpoint could not be written; the run continues."""


def interval_of(text: object) -> float:
    """Seconds between checkpoints, from text or a number; InputError for any other value."""
    try:
        value = float(text)  # type: ignore[arg-type]  # what is no number raises TypeError
    except (TypeError, ValueError):
        value = float("nan")
    if not 0 <= value < float("inf"):
        raise InputError(
            f"checkpoint = {text!r}", "not a number of seconds.", "allowed: 0 (after every step) or more"
        )
    return value


def _warn(text: str) -> None:
    warnings.warn(text, CheckpointWarning, stacklevel=users_line())


class Keeper:
    """Writes a checkpoint when it is due; `evolve` calls it after each step.

    interval [s]: wall time between two checkpoints. None: 10 s, or longer, so that they take less than 1 %
    of the wall time of the run.
    sensitivities: names of the parameters by which derivatives are computed.
    warn(text): called once, when a checkpoint cannot be written. The last complete one then stays, and the
    next is tried when it is due.
    written, cost [s], trouble: number of checkpoints written, the time they took, the last error in words.
    """

    def __init__(
        self,
        folder: Path,
        planet: Planet,
        system: System | FieldSystem,
        interval: float | None = None,
        warn: Callable[[str], object] | None = None,
        sensitivities: Sequence[str] = (),
    ) -> None:
        self.path = folder / CHECKPOINT
        self._planet, self._system, self._sensitivities = planet, system, list(sensitivities)
        self.interval = INTERVAL if interval is None else interval_of(interval)
        self._share = SHARE if interval is None else None
        self._warn = warn or _warn
        self._header: np.ndarray | None = None
        self._due = clock.perf_counter() + self.interval
        self.written, self.cost, self.trouble = 0, 0.0, ""

    def __call__(self, arrays: Callable[[], Arrays], last: bool = False) -> None:
        """Write a checkpoint of arrays() if one is due, or if it is the last."""
        begun = clock.perf_counter()
        if begun < self._due and not last:
            return
        try:
            self._write(arrays())
            self.written += 1
        except OSError as error:
            if not self.trouble:
                why = error.strerror or error
                self._warn(f"the checkpoint {self.path} could not be written ({why}); the run continues.")
            self.trouble = str(error)
        ended = clock.perf_counter()
        self.cost += ended - begun
        rest = (ended - begun) / self._share if self._share else 0.0
        self._due = ended + max(self.interval, rest)

    def _write(self, arrays: Arrays) -> None:
        if self._header is None:
            about = {"format": FORMAT} | provenance(self._planet, self._system)
            text = json.dumps(about | {SENSITIVITIES: self._sensitivities})
            self._header = np.frombuffer(text.encode(), dtype=np.uint8)
        content: dict[str, Any] = {HEADER: self._header, **arrays}

        def make(temporary: Path) -> None:
            with open(temporary, "wb") as file:
                np.savez(file, **content)

        atomically(self.path, make)


@dataclass(frozen=True)
class Checkpoint:
    """The state from which a run continues.

    arrays: as `march` takes them; note: why the continuation may differ in the last digits, or "".
    """

    arrays: Arrays
    note: str = ""

    @property
    def time(self) -> float:
        """Time of the last state [s]."""
        return float(self.arrays["time"][-1])

    @property
    def steps(self) -> int:
        """Steps that were done, those before a lid included."""
        before = self.arrays.get(f"{BEFORE}time", np.zeros(1))
        return len(before) + len(self.arrays["time"]) - 2


def _cure(folder: Path) -> str:
    return f"remove it, and 'mocoupled resume {folder}' does the run again from its start"


def _no_lid(arrays: Arrays) -> None:
    """Of a case whose lid does not close."""


def read(
    folder: Path,
    planet: Planet,
    system: System | FieldSystem,
    start: np.ndarray,
    under_lid: Callable[[Arrays], LidStart | None] = _no_lid,
    sensitivities: Sequence[str] = (),
) -> Checkpoint | None:
    """The checkpoint in a folder, None where there is none.

    start: the state that the case begins from. under_lid(arrays): that of the march under a lid, None where
    the lid of the case does not close. sensitivities: names of parameters.
    InputError for a checkpoint that is damaged, or that does not belong to the case, the equations, the
    mechanism or the version here.
    """
    path = folder / CHECKPOINT
    if not path.exists():
        return None
    where, cure = f"{path}", _cure(folder)
    check_version(folder)
    try:
        arrays = read_arrays(path)
        before = json_text(arrays.pop(HEADER).tobytes().decode())
        for name in SAME:
            before[name]
        case, versions = Case.parse(before["case"]), dict(json_text(before["versions"]))
    except Exception as error:  # whatever numpy, zip and JSON make of damaged bytes
        reason = " ".join(str(error).split())
        raise InputError(
            where, f"the checkpoint is damaged ({type(error).__name__}: {reason}).", cure=cure
        ) from None
    if _without_ends(case) != _without_ends(planet.case):
        raise InputError(
            where, f"the checkpoint belongs to another case than {CASE} in the same folder.", cure=cure
        )
    now = {"format": FORMAT} | provenance(planet, system)
    for name, what in SAME.items():
        if before[name] != now[name]:
            shown = f": {before[name]}, here {now[name]}" if name == "source" else ""
            raise InputError(where, f"the checkpoint was written with {what}{shown}.", cure=cure)
    if before.get(SENSITIVITIES, []) != list(sensitivities):
        names = ", ".join(before.get(SENSITIVITIES, [])) or "no parameter"
        raise InputError(where, f"the checkpoint has the sensitivities to {names}.", cure=cure)
    if problem := misfit(arrays, system, start, under_lid):
        raise InputError(where, f"the checkpoint is damaged or of another planet: {problem}.", cure=cure)
    return _with_these_libraries(arrays, versions, json_text(str(now["versions"])))


def _with_these_libraries(
    arrays: dict[str, np.ndarray], before: Mapping[str, str], now: Mapping[str, str]
) -> Checkpoint:
    """The checkpoint; where libraries have other versions now, with a note and without the solver's state."""
    differing = {name: version for name, version in before.items() if now.get(name) != version}
    if not differing:
        return Checkpoint(arrays)
    if "scipy" in differing:  # its solver may mean other things by the same names
        known = [PREFIX + name for name in ("t", "y", "step")]
        arrays = {
            name: value for name, value in arrays.items() if not name.startswith(PREFIX) or name in known
        }
    listed = ", ".join(f"{name} {version} (here {now.get(name)})" for name, version in differing.items())
    return Checkpoint(
        arrays,
        f"the run was begun with {listed}: the continuation agrees to the tolerance of the integration,"
        " not to the last digit",
    )


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a file that `np.savez` wrote.

    ValueError for a pickle, and where an array declares another size than it has. BadZipFile for bytes that
    changed.
    """
    check(path, f"{path}", LARGEST)
    with zipfile.ZipFile(path) as packed:
        declared = sum(member.file_size for member in packed.infolist())
    if declared > 2 * path.stat().st_size + 4096:  # as np.savez writes it, nothing is compressed
        raise ValueError(f"it declares {declared} bytes in a file of {path.stat().st_size}")
    with zipfile.ZipFile(path) as packed:
        return {member.filename.removesuffix(".npy"): _array(packed, member) for member in packed.infolist()}


def _array(packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    file = io.BytesIO(packed.read(member))  # whole: only then zipfile compares its checksum
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError(f"{member.filename} has another form than np.savez gives it")
    shape, _, kind = np.lib.format.read_array_header_1_0(file)
    if kind.hasobject:
        raise ValueError(f"{member.filename} contains a pickle")
    if math.prod(shape) * kind.itemsize != member.file_size - file.tell():
        raise ValueError(f"{member.filename} declares another size than it has")
    file.seek(0)
    return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


def check_version(folder: Path) -> None:
    """InputError for a checkpoint of another version of mocoupled, and for a file that cannot be read.

    The error names the version that continues the run.
    """
    path = folder / CHECKPOINT
    try:
        check(path, f"{path}", LARGEST)
    except InputError as error:
        raise InputError(f"{path}", error.problem, error.allowed, _cure(folder)) from None
    except OSError:
        return
    try:
        with zipfile.ZipFile(path) as packed:
            member = packed.getinfo(f"{HEADER}.npy")
            if member.file_size > LARGEST:
                return
            header = json_text(_array(packed, member).tobytes().decode())
            version = header["source"].removeprefix("mocoupled ")
    except Exception:  # there is none, or it is damaged: `read` says so
        return
    if version != __version__ and re.fullmatch(r"\d[\w.+]{0,30}", version):
        raise InputError(
            f"{path}",
            f"this run was written by {version};"
            f" continue it with mocoupled {version} (pip install mocoupled=={version}).",
            f"here is mocoupled {__version__}, which reads, draws and exports it",
            f"or {_cure(folder)}",
        )


def _without_ends(case: Case) -> dict[str, Any]:
    """The keys of a case that no end changes. Its title is left out too: it follows from the keys."""
    content = {
        name: dict(value) if isinstance(value, dict) else value for name, value in case.resolved().items()
    }
    for section, key in (name.split(".") for name in ENDS):
        content[section].pop(key, None)
    content.pop("title", None)
    return content


def discard(folder: str | os.PathLike) -> None:
    """Remove the checkpoint of a run that no longer needs it."""
    (Path(folder) / CHECKPOINT).unlink(missing_ok=True)
