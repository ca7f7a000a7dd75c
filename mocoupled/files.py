"""Files: read within limits of size and depth, written whole or not at all, and checked before computing."""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .errors import InputError

# ---- read

LARGEST = 10_000_000  # bytes; the largest shipped file has a hundredth of it
LARGEST_YAML = (
    5_000_000  # bytes: as much as the largest kinetic mechanisms; NASA's gases have a twentieth of it
)
LARGEST_TOML = (
    500_000  # bytes: a tenth of a second of tomllib; the largest shipped case has a twentieth of it
)


def content(path: Path, where: str = "", largest: int | None = None) -> bytes:
    """The content of a file.

    where: its name in an error message. largest: in bytes; by default the limit for files of this ending.
    Raises InputError for a pipe or device, which may never end, and for a file above `largest`; OSError as
    Python does.
    """
    by_ending = {".toml": LARGEST_TOML, ".yaml": LARGEST_YAML, ".yml": LARGEST_YAML}
    check(path, where, by_ending.get(path.suffix.lower(), LARGEST) if largest is None else largest)
    return path.read_bytes()


def check(path: Path, where: str, largest: int) -> None:
    """Raises InputError for what is no plain file, and for a file above `largest` bytes.

    OSError as Python does.
    """
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(21, "Is a directory", str(path))
    if not stat.S_ISREG(status.st_mode):
        raise InputError(
            where or str(path), "this is a pipe or a device, not a file.", "", "write it to a file first"
        )
    if status.st_size > largest:
        raise InputError(
            where or str(path), f"the file has {status.st_size} bytes.", f"allowed: at most {largest}"
        )


PARTS = 64  # of a dotted key: tomllib takes a time that grows with their square
_LONG_KEY = re.compile(rf"""(?:\.[ \t]*[\w"'-]{{1,64}}[ \t]*){{{PARTS}}}""")


def toml(text: str) -> dict[str, Any]:
    """The document of TOML text.

    Raises ValueError (tomllib's) for what is none, RecursionError where it is too deep.
    """
    if len(text) > LARGEST_TOML:
        raise tomllib.TOMLDecodeError(
            f"it has {len(text)} characters, more than the {LARGEST_TOML} of the longest allowed"
        )
    if long_key := _LONG_KEY.search(text):
        line = text.count("\n", 0, long_key.start()) + 1
        raise tomllib.TOMLDecodeError(f"a key has more than {PARTS} parts (at line {line}, column 1)")
    return tomllib.loads(text)


def json_text(text: str) -> Any:
    """What JSON text says. Raises ValueError for what is none, or is nested too deeply to be read."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


def json_table(path: Path) -> dict[str, Any]:
    """The table that a JSON file holds. Raises ValueError for what is none, is too large or too deep.

    OSError as Python does.
    """
    try:
        table = json_text(content(path).decode("utf-8"))
    except InputError as error:
        raise ValueError(str(error)) from None
    if not isinstance(table, dict):
        raise ValueError(f"{path} contains no table")
    return table


# ---- written whole

PREFIX = ".mocoupled-"  # of every temporary file of ours: nothing else that is hidden is ever removed
_OURS = re.compile(rf"{re.escape(PREFIX)}[0-9a-f]{{16}}-.+")
_BINARY = getattr(os, "O_BINARY", 0)


@contextmanager
def replacing(path: Path, durable: bool = True) -> Iterator[Path]:
    """A temporary path beside `path` to write to.

    It takes the place of `path` when the block ends, and is removed when it fails.
    durable: the content is on the disk before it takes the place. A loss of power, too, then leaves one of
    the two whole.
    The file has the permissions of any new file: the operating system applies the umask, which is never
    changed.
    """
    temporary = path.with_name(f"{PREFIX}{uuid.uuid4().hex[:16]}-{path.name[-40:]}")
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR | _BINARY, 0o666))
        yield temporary
        put_in_place(temporary, path, durable)
    except BaseException as error:
        if isinstance(error, OSError) and error.errno and error.filename in (None, str(temporary)):
            # the user knows the file by its name
            error.filename = str(path)
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def put_in_place(written: Path, path: Path, durable: bool = True) -> None:
    """Rename a written file to `path`, and replace the file of that name.

    durable: its content is on the disk before.
    """
    if durable:
        _flush(written)
    os.replace(written, path)


def atomically(path: Path, make: Callable[[Path], object], durable: bool = True) -> None:
    """make(temporary path) writes the file, which then takes the place of `path` (see `replacing`)."""
    with replacing(path, durable) as temporary:
        make(temporary)


def write_text(path: Path, content: str, durable: bool = True, newline: str | None = None) -> None:
    """Write text in UTF-8, whole or not at all (see `replacing`)."""
    atomically(
        path, lambda temporary: temporary.write_text(content, encoding="utf-8", newline=newline), durable
    )


def is_temporary(path: Path) -> bool:
    """Whether the name is that of a temporary file of ours."""
    return _OURS.fullmatch(path.name) is not None


def sweep_up(folder: Path) -> None:
    """Remove the temporary files that killed processes left in a folder.

    They are plain files with a name of ours; nothing else is removed. No other process may write in the
    folder.
    """
    for left in folder.glob(f"{PREFIX}*"):
        if is_temporary(left) and left.is_file() and not left.is_symlink():
            with suppress(OSError):
                left.unlink()


def _flush(path: Path) -> None:
    """The content of the file is on the disk."""
    handle = os.open(path, os.O_RDWR | _BINARY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# ---- where to write


def new_file(
    path: str | os.PathLike[str],
    overwrite: bool = False,
    suffixes: Sequence[str] = (),
    cure: str = "overwrite it with --overwrite",
) -> Path:
    """The path of a file to write, checked and not made.

    suffixes: the endings that are allowed, any if empty; cure: what an error proposes beside another name.
    InputError for a folder, for a file that exists (unless overwrite), for another ending, and for a folder
    that cannot be made.
    """
    target = _path(path)
    where = f"output {path}"
    if suffixes and target.suffix not in suffixes:
        raise InputError(
            where,
            "the ending of this file name is unknown.",
            f"allowed: a name that ends in {' or '.join(suffixes)}",
        )
    if target.is_dir():
        raise InputError(where, "this is a folder.", "allowed: the path of a new file")
    if os.path.lexists(target) and not overwrite:
        raise InputError(
            where,
            "there is such a file already.",
            cure=f"choose another name, or {cure}" if cure else "choose another name",
        )
    _check_parents(target, where)
    return target


def new_folder(path: str | os.PathLike[str]) -> Path:
    """The path of a folder to write in, new or not, checked and not made.

    InputError where it is a file, or would be in one.
    """
    target = _path(path)
    where = f"output {path}"
    if os.path.lexists(target) and not target.is_dir():
        raise InputError(
            where,
            "this is a file." if target.exists() else "this is a link to nothing.",
            "allowed: a folder, new or not",
        )
    _check_parents(target, where)
    return target


def _path(path: str | os.PathLike[str]) -> Path:
    """The path, of a form and length that the operating system takes."""
    try:
        text = os.fspath(path)
        if not isinstance(text, str) or not text.strip():
            raise ValueError("it is empty")
        os.path.lexists(text)
        os.stat(text)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        pass
    except (TypeError, ValueError, OSError) as error:  # a NUL in it, a name that is too long, a ring of links
        reason = getattr(error, "strerror", None) or str(error)
        shown = repr(path) if len(repr(path)) <= 80 else f"{repr(path)[:77]}..."
        raise InputError(
            f"output {shown}",
            f"nothing can be written to this path: {reason}.",
            "allowed: a path, new or not",
        ) from None
    return Path(text)


def _check_parents(target: Path, where: str) -> None:
    """InputError unless every folder above is one, or can be made."""
    for parent in target.absolute().parents if not target.is_dir() else [target]:
        if parent.is_dir():
            if not os.access(parent, os.W_OK | os.X_OK):
                raise InputError(
                    where,
                    f"nothing can be written in {parent}: permission denied.",
                    cure="name another place",
                )
            return
        if os.path.lexists(parent):
            raise InputError(
                where, "a part of this path is a file.", "allowed: a place in a folder, new or not"
            )
