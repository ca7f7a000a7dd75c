"""The one door to NetCDF files: one lock around the library; files are written whole, with a checksum.

NetCDF's C library is not made for threads: two calls at once end the process. Every use of it here, and of
files that are read on demand, is under LOCK.
"""

from __future__ import annotations

import math
import os
import stat
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError, MocoupledError
from ..files import replacing
from . import blocks
from .conventions import encoding as cf_encoding
from .integrity import CHECKSUM, checked, checksum

if TYPE_CHECKING:
    import xarray

# of one file; ours have below a hundred
VARIABLES = 2000
# bytes that any file may declare
AT_LEAST = 1 << 26
# times that zlib, at best, makes data smaller: a file cannot contain more than so many times its size
PACKED = 1032
# bytes in memory of an entry of text, at least
TEXT = 64
# bytes that are read into memory at once
MOST = 1 << 31


class _Lock:
    """A lock of this process, which its thread may take again; another process has another lock."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As of threading.RLock."""
        return self._lock.acquire(blocking, timeout)

    def release(self) -> None:
        """As of threading.RLock."""
        self._lock.release()

    def __enter__(self) -> _Lock:
        self.acquire()
        return self

    def __exit__(self, *error: object) -> None:
        self.release()

    def locked(self) -> bool:
        """Whether another thread has the lock."""
        if self._lock.acquire(blocking=False):
            self._lock.release()
            return False
        return True

    def __reduce__(self) -> str:
        return "LOCK"


LOCK = _Lock()


def write(result: xarray.Dataset, path: Path, encoding: Mapping[str, dict] | None = None) -> Path:
    """Write the Dataset to the path, whole or not at all, with a checksum of its content; the path.

    encoding: as in `to_netcdf`; by default coordinates have no fill value. A full disk comes as OSError, or
    as RuntimeError, as netCDF4 reports it.
    """
    marked = result.assign_attrs({CHECKSUM: checksum(result)})
    if encoding is None:
        encoding = cf_encoding(marked)
    with replacing(path) as temporary, LOCK:
        marked.to_netcdf(temporary, engine="netcdf4", encoding=encoding)
    return path


def load(path: str | os.PathLike, marked: bool = False) -> xarray.Dataset:
    """The content of the file, read into memory and checked (see `integrity.checked`).

    marked: whether a file without a checksum is refused as damaged. InputError for a file that is not NetCDF,
    that is damaged, or that declares more than it can hold.
    """
    import xarray

    where = f"{path}"

    def read() -> xarray.Dataset:
        with xarray.open_dataset(path, engine="netcdf4", cache=False, lock=LOCK) as stored:
            return stored.load()

    result = _guarded(where, Path(path), read, MOST)
    if marked and CHECKSUM not in result.attrs:
        raise InputError(where, "the file is damaged: its checksum is missing.", cure="do the run again")
    return checked(result, where)


def open_on_demand(path: str | os.PathLike) -> xarray.Dataset:
    """The content of the file, its values read when they are used, under LOCK.

    Blocks that were written with their checksums are read once and compared; InputError as in `load`.
    """
    import xarray

    def read() -> xarray.Dataset:
        return xarray.open_dataset(path, engine="netcdf4", lock=LOCK)

    result = _guarded(f"{path}", Path(path), read, None)
    try:
        return blocks.checked(result, f"{path}")
    except BaseException:
        result.close()
        raise


def _guarded(where: str, path: Path, read: Callable[[], xarray.Dataset], most: int | None) -> xarray.Dataset:
    """What `read` returns; the many errors of the library become an InputError."""
    try:
        with LOCK:
            _check_declared(path, where, most)
            return read()
    except (MocoupledError, KeyboardInterrupt):
        raise
    except FileNotFoundError:
        raise InputError(where, "there is no such file.") from None
    except Exception as error:  # whatever the libraries make of damaged bytes
        shown = " ".join(f"{error}".split())[:300] or type(error).__name__
        raise InputError(where, f"not a readable NetCDF file ({shown}).") from None


def _check_declared(path: Path, where: str, most: int | None) -> None:
    """InputError for a path that is no plain file, and for more values than its size or `most` allows."""
    import netCDF4

    about = path.stat()
    if not stat.S_ISREG(about.st_mode):
        raise InputError(where, "this is not a file.", "allowed: the path of a NetCDF file")
    with netCDF4.Dataset(path, "r") as file:
        if len(file.variables) > VARIABLES:
            raise InputError(
                where, f"the file has {len(file.variables)} variables.", f"allowed: at most {VARIABLES}"
            )
        declared = sum(
            math.prod(variable.shape) * _size(variable.dtype) for variable in file.variables.values()
        )
    room = max(AT_LEAST, PACKED * about.st_size)
    problem = f"the file of {about.st_size} bytes declares {declared / 2**30:.4g} GiB of values."
    if declared > room:
        raise InputError(where, problem, "the file is damaged, or of another kind")
    if most is not None and declared > most:
        allowed = f"allowed: at most {most / 2**30:.4g} GiB read at once"
        raise InputError(where, problem, allowed, "open it with xarray, which reads on demand")


def _size(kind: object) -> int:
    """Bytes of one value; a value without a fixed size is text."""
    return np.dtype(kind).itemsize if isinstance(kind, np.dtype) else TEXT
