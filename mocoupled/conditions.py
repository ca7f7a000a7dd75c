"""What a user passes to a function of the library: numbers, text, quantities and arrays, in SI or refused.

number_arrays.py reads the values, value_kinds.py recognises those of other libraries.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .errors import InputError, nearest
from .number_arrays import DEEPEST, array_of, labelled_values
from .units import shown, to_si
from .value_kinds import PURE, Passed, is_a, of_pandas

if TYPE_CHECKING:
    import xarray

MASK = "a point to leave out is masked: numpy.ma.masked_invalid(values)"
# of one table: all species of the largest files of data are some thousands
NAMES = 10_000


@dataclass(frozen=True)
class Column:
    """An argument in SI.

    values: float array; mask: true where a point is masked, None without masks.
    frame: dimensions and coordinates of a DataArray or a Series, None for an array whose dimensions have no
    names.
    """

    values: np.ndarray
    mask: np.ndarray | None = None
    frame: xarray.DataArray | None = None


def number(value: Passed, unit: str, where: str) -> float:
    """One number in the SI unit `unit`; where: the name of the argument, for errors.

    InputError for several numbers, for a masked one, and as `column`.
    """
    if type(value) in PURE or isinstance(value, str):
        return to_si(value, unit, f"{where} = {shown(value)}")
    read = column(value, unit, where)
    if read.values.ndim:
        raise InputError(
            where,
            f"{shown(value)} is an array of the shape {read.values.shape}.",
            "allowed: one number here",
            "call the function once for each value",
        )
    if read.mask is not None and read.mask.any():
        raise InputError(where, "the value is masked.", "allowed: one number here")
    return float(read.values)


def whole(value: Passed, where: str, low: int, high: int) -> int:
    """A whole number from low to high; InputError for anything else."""
    read = number(value, "1", where)
    if read != int(read) or not low <= read <= high:
        raise InputError(
            f"{where} = {shown(value)}",
            "this is not a whole number in the allowed range.",
            f"allowed: a whole number from {low} to {high}",
        )
    return int(read)


def column(value: Passed, unit: str, where: str) -> Column:
    """A number or an array of numbers in the SI unit `unit`.

    Allowed: numbers (SI); text with units as in a case; quantities of pint, astropy and the like; numpy
    arrays, masked arrays (a masked point stays masked), lists of all these; xarray.DataArray, with or
    without attrs["units"]; pandas Series and arrays (pandas.NA is a masked point).
    InputError for anything else, another dimension, NaN and infinity.
    """
    if type(value) in PURE:
        return Column(np.array(to_si(value, unit, f"{where} = {shown(value)}")))
    if is_a(value, "xarray", "DataArray"):
        read = _labelled(value, unit, where)
    elif is_a(value, "pandas", "Series"):
        read = _series(value, unit, where)
    else:
        read = Column(*array_of(value, unit, where))
    return _finite(read, where)


def table(value: Passed, where: str, example: str) -> dict[str, Passed]:
    """Name -> value of a table.

    value: a mapping, a pandas Series with names as its index, an xarray Dataset, or a DataArray along
    `element`, `species` or `oxide`. example: what is allowed, for errors. InputError for anything else, and
    for a name listed twice.
    """
    names, entries = _names_and_entries(value, where, example)
    if len(names) > NAMES:
        raise InputError(where, f"the table has {len(names)} names.", f"allowed: at most {NAMES}")
    odd = next((name for name in names if not isinstance(name, str) or not name.strip()), None)
    if odd is not None:
        raise InputError(where, f"{shown(odd)} is not a name.", f"allowed: {example}")
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise InputError(where, f"{twice!r} is given twice.", f"allowed: {example}")
    return {str(name): entry for name, entry in zip(names, entries)}


def _names_and_entries(value: Passed, where: str, example: str) -> tuple[list[Passed], list[Passed]]:
    """The names and the entries of a table; InputError for what is none."""
    if is_a(value, "pandas", "Series"):
        return list(value.index), [value.iloc[k] for k in range(len(value))]
    if is_a(value, "xarray", "DataArray"):
        labels = [d for d in ("element", "species", "oxide") if d in value.coords and d in value.dims]
        if labels:
            names = [str(name) for name in value[labels[0]].values]
            return list(names), [value.isel({labels[0]: k}, drop=True) for k in range(len(names))]
    if is_a(value, "xarray", "Dataset"):
        return list(value.data_vars), list(value.data_vars.values())
    if isinstance(value, Mapping):
        return list(value), list(value.values())
    if is_a(value, "pandas", "DataFrame"):
        raise InputError(
            where,
            "a DataFrame is not allowed here.",
            f"allowed: {example}",
            "pass its columns: {name: table[name] for name in table}",
        )
    raise InputError(where, f"{shown(value)} is not a table of names and values.", f"allowed: {example}")


def path(value: Passed, where: str) -> Path:
    """A path as text or os.PathLike; InputError for anything else."""
    try:
        text = os.fspath(value)
    except TypeError:
        text = None
    if (
        not isinstance(text, str)
        or not text.strip()
        or "\0" in text
        or max(map(len, text.split(os.sep))) > 255
    ):
        raise InputError(f"{where} {shown(value)}", "this is not a path.", "allowed: text or pathlib.Path")
    return Path(text)


def choice(value: Passed, choices: Collection[str], where: str, problem: str) -> str:
    """One of the names in `choices`; InputError with the text `problem` for anything else."""
    if not isinstance(value, str) or value not in choices:
        raise InputError(
            f"{where} {shown(value)}",
            problem,
            f"allowed: {', '.join(choices)}",
            nearest(value, choices) if isinstance(value, str) else "",
        )
    return str(value)


def _labelled(value: Passed, unit: str, where: str) -> Column:
    """A DataArray with its dimensions and coordinates."""
    import xarray

    values, mask = labelled_values(value, unit, where)
    return Column(
        values,
        mask,
        xarray.DataArray(np.zeros(values.shape, dtype=bool), coords=value.coords, dims=value.dims),
    )


def _series(value: Passed, unit: str, where: str) -> Column:
    """A Series along its index: a dimension with the index's name, or `index`."""
    import xarray

    if getattr(value.index, "nlevels", 1) > 1:
        raise InputError(
            where,
            "the Series has an index of several levels.",
            "allowed: one level",
            "use series.to_xarray(), or series.reset_index(drop=True)",
        )
    values, mask = array_of(of_pandas(value), unit, where)
    name = "index" if value.index.name is None else str(value.index.name)
    return Column(
        values,
        mask,
        xarray.DataArray(
            np.zeros(values.shape, dtype=bool), coords={name: np.asarray(value.index)}, dims=(name,)
        ),
    )


def _finite(read: Column, where: str) -> Column:
    """The column, its masked points 0; InputError for NaN or infinity elsewhere."""
    if read.values.ndim > DEEPEST:
        raise InputError(where, f"an array of {read.values.ndim} dimensions.", f"allowed: up to {DEEPEST}")
    values = read.values if read.mask is None else np.where(read.mask, 0.0, read.values)
    if not np.isfinite(values).all():
        k = int(np.argmin(np.isfinite(values).reshape(-1)))
        place = f" at point {k}" if values.ndim else ""
        raise InputError(
            f"{where} = {values.reshape(-1)[k]}{place}",
            "not a finite number.",
            "allowed: finite numbers",
            MASK,
        )
    return Column(values, read.mask, read.frame)
