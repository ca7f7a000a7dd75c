"""Whether a stored result is whole: a checksum of its content, finite numbers, a time that runs forward."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError

if TYPE_CHECKING:
    import xarray

CHECKSUM = "content_sha256"  # attribute of the file alone: it is checked and dropped when the file is read
MISSING = "missing"  # attribute of a variable that may hold NaN: what NaN means in it


def checksum(result: xarray.Dataset) -> str:
    """SHA-256 of every variable and attribute, whatever the order they stand in."""
    digest = hashlib.sha256()
    for name in sorted(map(str, result.variables)):
        variable = result[name].variable
        values = np.asarray(variable.values)
        digest.update(repr((name, variable.dims, values.shape, _told(variable.attrs))).encode())
        digest.update(repr(values.tolist()).encode() if values.dtype.kind in "OUS" else np.ascontiguousarray(values).tobytes())
    digest.update(repr(_told(result.attrs)).encode())
    return digest.hexdigest()


def _told(attributes):
    """Attributes as text that a round trip through NetCDF does not change."""
    return sorted((str(key), value if isinstance(value, str) else repr(np.ravel(value).tolist())) for key, value in attributes.items() if key != CHECKSUM)


def checked(result: xarray.Dataset, where: str) -> xarray.Dataset:
    """The result without its checksum; InputError for one that was damaged or holds numbers that are none.

    NaN may stand where a variable `converged` is false, and in variables that say by the attribute `missing` what it means.
    """
    held = result.attrs.pop(CHECKSUM, None)
    if held is not None and held != checksum(result):
        raise InputError(where, "the file is damaged: its content is not what was written.", cure="do the run again")
    for name, variable in result.variables.items():
        if variable.dtype.kind != "f" or MISSING in variable.attrs:
            continue
        sound = np.isfinite(result[name])
        if "converged" in result:
            sound = sound | ~result["converged"]
        if not bool(sound.all()):
            raise InputError(where, f"the variable {str(name)!r} holds a number that is not finite.", "allowed: finite numbers", "do the run again")
    if "time" in result.dims and (not result.sizes["time"] or ("time" in result.coords and bool((np.diff(result["time"].values) < 0).any()))):
        raise InputError(where, "its time does not run forward.", cure="do the run again")
    return result
