"""What a user's file holds: a file on a disk, of a size that a person writes; all else is refused in words. TOML."""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from .errors import InputError

LARGEST = 10_000_000  # bytes; the largest shipped file has a hundredth of it


def content(path: Path, where: str = "", largest: int = LARGEST) -> bytes:
    """What the file holds. where: what an error calls it.

    Raises InputError for a pipe or device, which may never end, and for a file above `largest`; OSError as Python does.
    """
    held = path.stat()
    if stat.S_ISDIR(held.st_mode):
        raise IsADirectoryError(21, "Is a directory", str(path))
    if not stat.S_ISREG(held.st_mode):
        raise InputError(where or str(path), "this is a pipe or a device, not a file.", "", "write it to a file first")
    if held.st_size > largest:
        raise InputError(where or str(path), f"the file has {held.st_size} bytes.", f"allowed: at most {largest}")
    return path.read_bytes()


PARTS = 64  # of a dotted key: tomllib takes a time that grows with their square
_LONG_KEY = re.compile(rf"""(?:\.[ \t]*[\w"'-]{{1,64}}[ \t]*){{{PARTS}}}""")


def toml(text: str) -> dict[str, Any]:
    """The document of TOML text. Raises ValueError (tomllib's) for what is none, RecursionError where it is too deep."""
    if found := _LONG_KEY.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise tomllib.TOMLDecodeError(f"a key has more than {PARTS} parts (at line {line}, column 1)")
    return tomllib.loads(text)
