"""Tables of numbers that are stored between processes, in the cache folder of the user: data, never code.

A file is the SHA-256 of its name and content, and an array of float64 in numpy's format, read without pickle.
A file that is damaged, or that cannot be read or written, is no error: the table is computed.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np

from .errors import MocoupledError
from .files import content, is_temporary, replacing

VARIABLE = "MOCOUPLED_CACHE"  # of the environment: the folder, or OFF
OFF = ("off", "0", "no", "false")
LARGEST_FOLDER = 200_000_000  # bytes of all tables; beyond it those that were read longest ago are removed
LARGEST_TABLE = 40_000_000  # bytes
ABANDONED = 86_400.0  # s: the age at which a temporary file is that of a killed process
SUFFIX = ".table"
DIGITS = 64  # of a SHA-256


def folder() -> Path | None:
    """The folder of the tables, made or not; None where they are switched off or the user has no home.

    MOCOUPLED_CACHE names it; else it is `mocoupled` in the place of the operating system for such files.
    """
    chosen = os.environ.get(VARIABLE, "").strip()
    if chosen.lower() in OFF:
        return None
    try:
        if chosen:
            return Path(chosen).expanduser()
        if os.environ.get("XDG_CACHE_HOME"):
            place = Path(os.environ["XDG_CACHE_HOME"])
        elif sys.platform == "win32":
            place = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        elif sys.platform == "darwin":
            place = Path.home() / "Library" / "Caches"
        else:
            place = Path.home() / ".cache"
    except RuntimeError:  # no home
        return None
    return place / "mocoupled" if place.is_absolute() else None


def key_of(*parts: str | bytes | np.ndarray) -> str:
    """The name of a table: a hash of all that its numbers depend on.

    parts: what they are computed from. The code of this package, the versions of numpy and Python, and how
    this processor rounds are part of every name.
    """
    digest = hashlib.sha256()
    for part in (*_surroundings(), *parts):
        if isinstance(part, np.ndarray):
            part = f"{part.dtype.str} {part.shape} ".encode() + np.ascontiguousarray(part).tobytes()
        elif isinstance(part, str):
            part = part.encode()
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


@cache
def _surroundings() -> tuple[str | bytes | np.ndarray, ...]:
    """What every table depends on, whatever it contains."""
    code = hashlib.sha256()
    package = Path(__file__).parent
    for path in sorted(package.rglob("*.py")):
        code.update(f"{path.relative_to(package)}\n".encode() + path.read_bytes())
    # numpy chooses its routines by the processor: a home may be that of several machines
    x = np.linspace(0.1, 9.7, 97)
    rounded = [f(x) for f in (np.exp, np.log, np.sqrt, np.cbrt, np.tanh, np.sin)]
    rounded += [x**0.6, np.linalg.solve(np.vander(x[:8]) + np.eye(8), x[:8])]
    return np.__version__, sys.version, sys.platform, code.digest(), np.concatenate(rounded)


def table(key: str, compute: Callable[[], np.ndarray]) -> np.ndarray:
    """The array of float64 of this key (see `key_of`): as stored, or else as computed, and then stored."""
    place = folder()
    if place is None:
        return compute()
    path = place / f"{key}{SUFFIX}"
    stored = _read(path)
    if stored is not None:
        return stored
    values = compute()
    with suppress(OSError, MocoupledError):
        _write(path, values)
    return values


def _read(path: Path) -> np.ndarray | None:
    """The array of a file; None where there is none, or it is damaged."""
    try:
        text = content(path, largest=LARGEST_TABLE)
        digest, body = text[:DIGITS], text[DIGITS:]
        if _checksum(path, body) != digest:
            return None
        values: np.ndarray = np.load(io.BytesIO(body), allow_pickle=False)
    except (OSError, MocoupledError, ValueError, EOFError):
        return None
    with suppress(OSError):
        os.utime(path)  # it was read now: see `_make_room`
    return values


def _checksum(path: Path, body: bytes) -> bytes:
    """The SHA-256 of a table's key, its file's name, and content."""
    return hashlib.sha256(path.stem.encode() + body).hexdigest().encode()


def _write(path: Path, values: np.ndarray) -> None:
    """Write an array, whole or not at all: of two writers, the later one replaces the file of the other."""
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    body = buffer.getvalue()
    if DIGITS + len(body) > LARGEST_TABLE:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path, durable=False) as temporary:
        temporary.write_bytes(_checksum(path, body) + body)
    _make_room(path.parent)


def _make_room(place: Path) -> None:
    """Remove the tables that were read longest ago where the folder is too large, and abandoned files.

    Nothing but plain files with names of ours is removed.
    """
    tables: list[tuple[float, int, Path]] = []
    for path in place.iterdir():
        with suppress(OSError):
            status = path.lstat()
            if path.is_symlink() or not path.is_file():
                continue
            if is_temporary(path) and status.st_mtime < time.time() - ABANDONED:
                path.unlink()
            elif path.suffix == SUFFIX and len(path.stem) == DIGITS:
                tables.append((status.st_mtime, status.st_size, path))
    total = sum(size for _, size, _ in tables)
    for _, size, path in sorted(tables):
        if total <= LARGEST_FOLDER:
            return
        with suppress(OSError):
            path.unlink()
            total -= size
