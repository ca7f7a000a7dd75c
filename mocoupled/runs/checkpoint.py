"""The checkpoint of a run: one file, written whole or not at all, that holds all it takes to go on; no pickle."""

from __future__ import annotations

import json
import math
import os
import re
import time as clock
import warnings
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..version import __version__
from ..case import Case
from ..dae.solve.march_state import PREFIX
from ..errors import InputError, users_line
from ..files import check, json_text
from ..results.output import CASE, provenance
from ..files import atomically

CHECKPOINT = "checkpoint.npz"
FORMAT = 1
LARGEST = 1 << 33  # bytes of a checkpoint that is read
INTERVAL = 10.0  # s of wall time between two checkpoints
SHARE = 0.01  # of the wall time that checkpoints may take, unless an interval is asked for
HEADER = "header"
ENDS = (
    "run.end_time",
    "run.end_surface_temperature",
    "run.end_melt_fraction",
    "run.continue_past_lid",
)  # what may change on the way
SAME = ("source", "mechanism_sha256", "equations_sha256")  # what must be as it was
RECORD = (
    "time",
    "states",
    "accumulated",
    "balance_drift",
    "constraint_drift",
    "totals",
    "mark_names",
    "mark_times",
    "wall",
    "resumed",
)


class CheckpointWarning(UserWarning):
    """A checkpoint could not be written; the run goes on."""


def interval_of(text) -> float:
    """Seconds between checkpoints, as given; InputError for what is no such number."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        value = float("nan")
    if not 0 <= value < float("inf"):
        raise InputError(
            f"checkpoint = {text!r}", "not a number of seconds.", "allowed: 0 (after every step) or more"
        )
    return value


class Keeper:
    """Writes a checkpoint when it is time to; handed to `evolve`, which calls it after each step.

    interval [s]: wall time between two; None: 10 s, and as much longer as keeps their cost below 1 % of the run's.
    warn: what is told, once, when one cannot be written. The last whole one then stays, and the next is tried in its time.
    """

    def __init__(
        self,
        folder: Path,
        planet,
        system,
        interval: float | None = None,
        warn: Callable[[str], object] | None = None,
    ):
        self.path, self._about = folder / CHECKPOINT, (planet, system)
        self.interval, self._share = (INTERVAL, SHARE) if interval is None else (interval_of(interval), None)
        self._warn = warn or (lambda text: warnings.warn(text, CheckpointWarning, stacklevel=users_line()))
        self._header: np.ndarray | None = None
        self._due = clock.perf_counter() + self.interval
        self.written, self.cost, self.trouble = 0, 0.0, ""

    def __call__(self, arrays: Callable[[], Mapping[str, np.ndarray]], last: bool = False):
        begun = clock.perf_counter()
        if begun < self._due and not last:
            return
        try:
            self._write(arrays())
            self.written += 1
        except OSError as error:
            if not self.trouble:
                self._warn(
                    f"the checkpoint {self.path} could not be written ({error.strerror or error}); the run goes on."
                )
            self.trouble = str(error)
        ended = clock.perf_counter()
        self.cost += ended - begun
        self._due = ended + max(self.interval, (ended - begun) / self._share if self._share else 0.0)

    def _write(self, arrays):
        if self._header is None:
            self._header = np.frombuffer(
                json.dumps({"format": FORMAT} | provenance(*self._about)).encode(), dtype=np.uint8
            )

        def make(temporary):
            with open(temporary, "wb") as file:
                np.savez(file, **{HEADER: self._header}, **arrays)

        atomically(self.path, make)


@dataclass(frozen=True)
class Checkpoint:
    """What a run goes on from. arrays: as `march` takes them; note: why the continuation may differ in the last digits."""

    arrays: Mapping[str, np.ndarray]
    note: str = ""

    @property
    def time(self) -> float:
        return float(self.arrays["time"][-1])

    @property
    def steps(self) -> int:
        return len(self.arrays["time"]) - 1


def read(folder: Path, planet, system, start: np.ndarray) -> Checkpoint | None:
    """The checkpoint that the folder holds, None where there is none; InputError for one that does not belong to the case
    as it is solved here, or is damaged."""
    path = folder / CHECKPOINT
    if not path.exists():
        return None
    where, cure = f"{path}", f"remove it, and 'mocoupled resume {folder}' does the run again from its start"
    check_version(folder)
    try:
        arrays = read_arrays(path)
        header = json_text(arrays.pop(HEADER).tobytes())
        now = {"format": FORMAT} | provenance(planet, system)
        before = {name: header[name] for name in ("format", *SAME, "case", "versions")}
        case, versions = Case.parse(before["case"]), json_text(before["versions"])
    except Exception as error:  # whatever numpy, zip and JSON make of damaged bytes
        raise InputError(
            where,
            f"the checkpoint is damaged ({type(error).__name__}: {' '.join(str(error).split())}).",
            cure=cure,
        ) from None
    if _without_ends(case) != _without_ends(planet.case):
        raise InputError(where, f"the checkpoint is of another case than {CASE} beside it.", cure=cure)
    for name, what in zip(
        ("format", *SAME),
        (
            "another form of checkpoint",
            "another version of mocoupled",
            "another mechanism",
            "other equations",
        ),
    ):
        if before[name] != now[name]:
            shown = f": {before[name]}, here {now[name]}" if name == "source" else ""
            raise InputError(where, f"the checkpoint was written with {what}{shown}.", cure=cure)
    problem = _misfit(arrays, system, start)
    if problem:
        raise InputError(where, f"the checkpoint is damaged or of another planet: {problem}.", cure=cure)
    other = [
        f"{name} {old} (here {json_text(now['versions']).get(name)})"
        for name, old in versions.items()
        if json.loads(now["versions"]).get(name) != old
    ]
    if any(name.startswith("scipy ") for name in other):  # its solver may mean other things by the same names
        arrays = {
            name: value
            for name, value in arrays.items()
            if not name.startswith(PREFIX) or name[len(PREFIX) :] in ("t", "y", "step")
        }
    note = (
        f"the run was begun with {', '.join(other)}: the continuation agrees to the tolerance of the integration, not to the last digit"
        if other
        else ""
    )
    return Checkpoint(arrays, note)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a file of `np.savez`, no pickle among them. ValueError where one declares another size than it has."""
    check(path, f"{path}", LARGEST)
    with zipfile.ZipFile(path) as packed:
        declared = sum(member.file_size for member in packed.infolist())
    if declared > 2 * path.stat().st_size + 4096:  # as np.savez writes it, nothing is compressed
        raise ValueError(f"it declares {declared} bytes in a file of {path.stat().st_size}")
    with zipfile.ZipFile(path) as packed:
        return {member.filename.removesuffix(".npy"): _array(packed, member) for member in packed.infolist()}


def _array(packed, member) -> np.ndarray:
    with packed.open(member) as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError(f"{member.filename} has another form than np.savez gives it")
        shape, _, kind = np.lib.format.read_array_header_1_0(file)
        if kind.hasobject:
            raise ValueError(f"{member.filename} holds a pickle")
        if math.prod(shape) * kind.itemsize > member.file_size:
            raise ValueError(f"{member.filename} declares more than it holds")
    with packed.open(member) as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def check_version(folder: Path):
    """InputError for a checkpoint of another version of mocoupled, which names the version that continues it, and for what
    is no file that can be read."""
    path = folder / CHECKPOINT
    try:
        check(path, f"{path}", LARGEST)
    except InputError as error:
        raise InputError(
            f"{path}",
            error.problem,
            error.allowed,
            f"remove it, and 'mocoupled resume {folder}' does the run again from its start",
        ) from None
    except OSError:
        return
    try:
        with zipfile.ZipFile(path) as packed:
            member = packed.getinfo(f"{HEADER}.npy")
            if member.file_size > LARGEST:
                return
            version = json_text(_array(packed, member).tobytes())["source"].removeprefix("mocoupled ")
    except Exception:  # there is none, or it is damaged: `read` says so
        return
    if version != __version__ and re.fullmatch(r"\d[\w.+]{0,30}", version):
        raise InputError(
            f"{path}",
            f"this run was written by {version}; continue it with mocoupled {version} (pip install mocoupled=={version}).",
            f"here is mocoupled {__version__}, which reads, draws and exports it",
            f"or remove it, and 'mocoupled resume {folder}' does the run again from its start",
        )


def _without_ends(case):
    """What a case says of the way, which no end changes; its title follows from its keys."""
    content = {
        name: dict(value) if isinstance(value, dict) else value for name, value in case.resolved().items()
    }
    for section, key in (name.split(".") for name in ENDS):
        content[section].pop(key, None)
    content.pop("title", None)
    return content


def _misfit(arrays, system, start) -> str:
    """What does not fit the system and its start; "" where all does."""
    needed = [*RECORD, *(PREFIX + name for name in ("t", "y", "step"))]
    if lacking := [name for name in needed if name not in arrays]:
        return f"it lacks {', '.join(lacking)}"
    n, size, sourced, balances = (
        arrays["time"].size,
        len(start),
        len(system.sourced),
        len(system.model.balances),
    )
    shapes = {
        "time": (n,), "states": (n, size), "accumulated": (n, sourced), "balance_drift": (n, balances), "constraint_drift": (n,),
        "totals": (balances,), "mark_times": arrays["mark_names"].shape, "wall": (), "resumed": (), PREFIX + "t": (), PREFIX + "y": (size + sourced,),
    }  # fmt: skip
    if not n:
        return "it holds no state"
    if odd := [name for name, shape in shapes.items() if arrays[name].shape != shape]:
        return f"wrong number of entries in {', '.join(odd)}"
    if odd := [
        name for name in shapes if arrays[name].dtype.kind not in "fi" or not np.isfinite(arrays[name]).all()
    ]:
        return f"no finite numbers in {', '.join(odd)}"
    if (np.diff(arrays["time"]) < 0).any() or arrays[PREFIX + "t"] < arrays["time"][-1]:
        return "its time does not run forward"
    if np.max(np.abs(arrays["states"][0] - start) / system.scales, initial=0.0) > 1e-6:
        return "it began from another state than this case does"
    return ""


def discard(folder: str | os.PathLike):
    """Remove the checkpoint of a run that needs none any more."""
    (Path(folder) / CHECKPOINT).unlink(missing_ok=True)
