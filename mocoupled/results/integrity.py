"""Whether a stored result is undamaged: checksum of its content, finite numbers, increasing time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..files import json_text

if TYPE_CHECKING:
    import xarray

# attribute of the file alone: it is checked and dropped when the file is read
CHECKSUM = "content_sha256"
# the same of a file that was written block by block, see blocks.py
BLOCKS = "blocks_sha256"
# attribute of a variable that may be NaN: what NaN means in it
MISSING = "missing"
# attributes of gases that are a table, or a list, as JSON
TABLES = (
    "composition",
    "molar_masses",
    "laws",
    "data",
    "versions",
    "statistics",
    "passed",
)
LISTS = ("extrapolations",)
REDO = "do the run again"


def checksum(result: xarray.Dataset) -> str:
    """SHA-256 of every variable and attribute, in any order."""
    digest = hashlib.sha256()
    for name in sorted(map(str, result.variables)):
        variable = result[name].variable
        values = np.asarray(variable.values)
        digest.update(repr((name, variable.dims, values.shape, attribute_text(variable.attrs))).encode())
        digest.update(content_bytes(values))
    digest.update(repr(attribute_text(result.attrs)).encode())
    return digest.hexdigest()


def content_bytes(values: np.ndarray) -> bytes:
    """The values as bytes that a round trip through NetCDF does not change."""
    if values.dtype.kind in "OUS":
        return repr(values.tolist()).encode()
    return np.ascontiguousarray(values).tobytes()


def attribute_text(attributes: Mapping[Any, Any]) -> list[tuple[str, str]]:
    """Attributes as text that a round trip through NetCDF does not change."""
    return sorted(
        (str(key), value if isinstance(value, str) else repr(np.ravel(value).tolist()))
        for key, value in attributes.items()
        if key not in (CHECKSUM, BLOCKS)
    )


def checked(result: xarray.Dataset, where: str) -> xarray.Dataset:
    """The result without its checksum.

    InputError for one that was damaged or has numbers that are not finite. NaN may stand where a variable
    `converged` is false, in variables that say by the attribute `missing` what it means, and in the table of
    a sweep, where a case is not complete or has no such quantity.
    """
    stored = result.attrs.pop(CHECKSUM, None)
    if stored is not None and stored != checksum(result):
        raise InputError(where, "the file is damaged: its content is not what was written.", cure=REDO)
    if "mechanism" in result.attrs:
        _check_attributes(result, where)
    _check_numbers(result, where)
    if "time" in result.dims and not _runs_forward(result):
        raise InputError(where, "its time does not run forward.", cure=REDO)
    return result


def _runs_forward(result: xarray.Dataset) -> bool:
    if not result.sizes["time"]:
        return False
    return "time" not in result.coords or not bool((np.diff(result["time"].values) < 0).any())


def _check_attributes(result: xarray.Dataset, where: str) -> None:
    """InputError where an attribute is not the table or list that a run stores."""
    for names, kind in ((TABLES, dict), (LISTS, list)):
        for name in names:
            if name in result.attrs and not isinstance(parsed(result.attrs[name]), kind):
                raise InputError(
                    where, f"the file is damaged: its attribute {name!r} is not what a run stores.", cure=REDO
                )


def parsed(text: Any) -> Any:
    """The value of JSON text; None for other text."""
    try:
        return json_text(text)
    except (ValueError, TypeError):
        return None


def _check_numbers(result: xarray.Dataset, where: str) -> None:
    gaps = is_sweep(result)
    for name, variable in result.variables.items():
        if variable.dtype.kind != "f" or MISSING in variable.attrs:
            continue
        sound = np.isfinite(result[name])
        if gaps and name in result.data_vars:
            sound = ~np.isinf(result[name])
        elif "converged" in result:
            sound = sound | ~result["converged"]
        if not bool(sound.all()):
            raise InputError(
                where,
                f"the variable {str(name)!r} contains a number that is not finite.",
                "allowed: finite numbers",
                REDO,
            )


def is_sweep(result: xarray.Dataset) -> bool:
    """Whether the result is the table of a sweep: a status and a reason for every case."""
    return {"status", "reason"} <= set(result.data_vars) and "grid" in result.attrs
