"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path


def atomically(path: Path, make: Callable[[str], object], durable: bool = True):
    """make(temporary path) writes the file, which then takes the place of `path`; what stood there stays until then.

    durable: the content is on the disk before it takes the place, so that a loss of power, too, leaves one of the two whole.
    """
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    try:
        make(temporary)
        if durable:
            _flush(temporary)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_text(path: Path, content: str, durable: bool = True):
    atomically(path, lambda temporary: Path(temporary).write_text(content, encoding="utf-8"), durable)


def sweep_up(folder: Path, names: Iterable[str]):
    """Remove what killed processes left half-written of files of these names. No other may be writing in the folder."""
    for name in names:
        for left in folder.glob(f".{name}.*"):
            with suppress(OSError):
                left.unlink()


def _flush(path):
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    value = os.umask(0)
    os.umask(value)
    return value
