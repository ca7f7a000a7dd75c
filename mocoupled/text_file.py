"""What a text file holds: a file on a disk, of a size and depth that a person writes; all else is refused in words. TOML, JSON."""

from __future__ import annotations

import json
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from .errors import InputError

LARGEST = 10_000_000  # bytes; the largest shipped file has a hundredth of it
LARGEST_YAML = (
    5_000_000  # bytes: as much as the largest kinetic mechanisms; NASA's gases have a twentieth of it
)
LARGEST_TOML = (
    500_000  # bytes: a tenth of a second of tomllib; the largest shipped case has a twentieth of it
)


def content(path: Path, where: str = "", largest: int | None = None) -> bytes:
    """What the file holds. where: what an error calls it; largest: bytes, by default that of files of this ending.

    Raises InputError for a pipe or device, which may never end, and for a file above `largest`; OSError as Python does.
    """
    by_ending = {".toml": LARGEST_TOML, ".yaml": LARGEST_YAML, ".yml": LARGEST_YAML}
    check(path, where, by_ending.get(path.suffix.lower(), LARGEST) if largest is None else largest)
    return path.read_bytes()


def check(path: Path, where: str, largest: int):
    """Raises InputError for what is no plain file, and for a file above `largest` bytes; OSError as Python does."""
    held = path.stat()
    if stat.S_ISDIR(held.st_mode):
        raise IsADirectoryError(21, "Is a directory", str(path))
    if not stat.S_ISREG(held.st_mode):
        raise InputError(
            where or str(path), "this is a pipe or a device, not a file.", "", "write it to a file first"
        )
    if held.st_size > largest:
        raise InputError(
            where or str(path), f"the file has {held.st_size} bytes.", f"allowed: at most {largest}"
        )


PARTS = 64  # of a dotted key: tomllib takes a time that grows with their square
_LONG_KEY = re.compile(rf"""(?:\.[ \t]*[\w"'-]{{1,64}}[ \t]*){{{PARTS}}}""")


def toml(text: str) -> dict[str, Any]:
    """The document of TOML text. Raises ValueError (tomllib's) for what is none, RecursionError where it is too deep."""
    if len(text) > LARGEST_TOML:
        raise tomllib.TOMLDecodeError(
            f"it has {len(text)} characters, more than the {LARGEST_TOML} of the longest allowed"
        )
    if found := _LONG_KEY.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise tomllib.TOMLDecodeError(f"a key has more than {PARTS} parts (at line {line}, column 1)")
    return tomllib.loads(text)


def json_text(text: str) -> Any:
    """What JSON text says. Raises ValueError for what is none, or is nested too deeply to be read."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


def json_table(path: Path) -> dict[str, Any]:
    """The table that a JSON file holds. Raises ValueError for what is none, is too large or too deep; OSError as Python does."""
    try:
        table = json_text(content(path).decode("utf-8"))
    except InputError as error:
        raise ValueError(str(error)) from None
    if not isinstance(table, dict):
        raise ValueError(f"{path} holds no table")
    return table
