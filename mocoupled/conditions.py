"""What a user passes to a function of the library, read in one place: numbers, text, quantities and arrays, converted to SI or refused."""

from __future__ import annotations

import math
import numbers
import os
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import InputError, nearest
from .units import converted, shown, spelled, to_si
from .value_kinds import (
    PURE,
    attribute,
    has_unit,
    is_a,
    is_buffer,
    is_missing,
    magnitude_of,
    of_pandas,
    unit_of,
)

if TYPE_CHECKING:
    import xarray

DEEPEST = 16  # dimensions of an array, levels of lists in lists
MASK = "a point to leave out is masked: numpy.ma.masked_invalid(values)"


@dataclass(frozen=True)
class Column:
    """An argument in SI. values: float array; mask: true where a point is masked, None without masks; frame: dimensions
    and coordinates of a DataArray or a Series, None for an array whose dimensions have no names."""

    values: np.ndarray
    mask: np.ndarray | None = None
    frame: xarray.DataArray | None = None


# ---- the face: one number, an array, a whole number, a table, a value of a case


def number(value, unit: str, where: str) -> float:
    """One number in the SI unit `unit`; where: the argument's name, for the error. InputError for several or a masked one."""
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


def whole(value, where: str, low: int, high: int) -> int:
    """A whole number from low to high."""
    read = number(value, "1", where)
    if read != int(read) or not low <= read <= high:
        raise InputError(
            f"{where} = {shown(value)}",
            "no such whole number.",
            f"allowed: a whole number from {low} to {high}",
        )
    return int(read)


def column(value, unit: str, where: str) -> Column:
    """A number or an array of numbers in the SI unit `unit`.

    Taken: numbers (SI); text with units as in a case; quantities of pint, astropy and the like; numpy arrays, masked
    arrays (a masked point stays masked), lists of all these; xarray.DataArray, with or without attrs["units"]; pandas
    Series and arrays (pandas.NA is a masked point). InputError for anything else, another dimension, NaN and infinity.
    """
    if type(value) in PURE:
        return Column(np.array(to_si(value, unit, f"{where} = {shown(value)}")))
    if is_a(value, "xarray", "DataArray"):
        read = _labelled(value, unit, where)
    elif is_a(value, "pandas", "Series"):
        read = _series(value, unit, where)
    else:
        read = Column(*_array(value, unit, where))
    return _finite(read, where)


NAMES = 10_000  # of one table: all species of the largest files of data are some thousands


def table(value, where: str, example: str) -> dict[str, Any]:
    """Name -> value of a mapping, of a pandas Series with names as its index, or of a DataArray along `element` or `species`."""
    if is_a(value, "pandas", "Series"):
        names, entries = list(value.index), [value.iloc[k] for k in range(len(value))]
    elif is_a(value, "xarray", "DataArray") and (
        labels := next((d for d in ("element", "species") if d in value.coords and d in value.dims), None)
    ):
        names = [str(name) for name in value[labels].values]
        entries = [value.isel({labels: k}, drop=True) for k in range(len(names))]
    elif is_a(value, "xarray", "Dataset"):
        names, entries = list(value.data_vars), list(value.data_vars.values())
    elif isinstance(value, Mapping):
        names, entries = list(value), list(value.values())
    elif is_a(value, "pandas", "DataFrame"):
        raise InputError(
            where,
            "a DataFrame has no place here.",
            f"allowed: {example}",
            "pass its columns: {name: table[name] for name in table}",
        )
    else:
        raise InputError(where, f"{shown(value)} is not a table of names and values.", f"allowed: {example}")
    if len(names) > NAMES:
        raise InputError(where, f"the table has {len(names)} names.", f"allowed: at most {NAMES}")
    odd = next((name for name in names if not isinstance(name, str) or not name.strip()), None)
    if odd is not None:
        raise InputError(where, f"{shown(odd)} is not a name.", f"allowed: {example}")
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise InputError(where, f"{twice!r} is given twice.", f"allowed: {example}")
    return {str(name): entry for name, entry in zip(names, entries)}


def path(value, where: str) -> Path:
    """A path as text or os.PathLike."""
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
        raise InputError(f"{where} {shown(value)}", "this is no path.", "allowed: text or pathlib.Path")
    return Path(text)


def choice(value, choices: Collection[str], where: str, problem: str) -> str:
    """One of the names in `choices`."""
    if not isinstance(value, str) or value not in choices:
        raise InputError(
            f"{where} {shown(value)}",
            problem,
            f"allowed: {', '.join(choices)}",
            nearest(value, choices) if isinstance(value, str) else "",
        )
    return str(value)


def plain(value, where: str, depth: int = 0) -> Any:
    """A value of a case as a file has it: text, number, logical value, list or table; quantities as text with a unit in SI."""
    if depth > DEEPEST:
        raise InputError(where, "lists or tables are nested too deeply.")
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, str):
        return str(value)
    if value is None or type(value) in PURE or hasattr(value, "si"):  # an Inventory stays as it is
        if value is None or type(value) in PURE or not has_unit(value):
            return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if is_a(value, "pandas", "Series") and len(value) and all(isinstance(name, str) for name in value.index):
        value = table(value, where, "")
    if isinstance(value, Mapping) and not is_a(value, "xarray", "Dataset"):
        odd = next((name for name in value if not isinstance(name, str)), None)
        if odd is not None:
            raise InputError(
                where, f"{shown(odd)} is not a key.", "allowed: text, as in {'planet.radius': '6371 km'}."
            )
        return {str(name): plain(entry, f"{where} {name}", depth + 1) for name, entry in value.items()}
    if isinstance(value, (list, tuple, range)):
        return [plain(entry, where, depth + 1) for entry in value]
    return _plain_quantity(value, where, depth)


def _plain_quantity(value, where, depth):
    unit, bare = _base(value, where)
    if (
        not unit
        and isinstance(bare, np.ndarray)
        and bare.dtype.kind in "UOb"
        and not isinstance(bare, np.ma.MaskedArray)
        and bare.tolist() is not value
    ):
        return plain(bare.tolist(), where, depth + 1)
    if not unit and isinstance(bare, (np.integer, numbers.Integral)) and not isinstance(bare, np.timedelta64):
        return int(bare)
    array, mask = _array(bare, unit or "1", where)
    if mask is not None and mask.any():
        raise InputError(where, "a value is masked.", "allowed: numbers, or text with units")
    whole_numbers = not unit and getattr(bare, "dtype", np.dtype(float)).kind in "iu"
    entries = [
        (int(v) if whole_numbers else f"{float(v)!r} {unit}" if unit else float(v)) for v in array.reshape(-1)
    ]
    if array.ndim == 0:
        return entries[0]
    return np.array(entries, dtype=object).reshape(array.shape).tolist()


def _base(value, where) -> tuple[str, Any]:
    """Unit in base units as text, "kg/kg" for a pure number with a unit and "" for no unit at all, and the magnitude."""
    if is_a(value, "xarray", "DataArray"):
        unit = _unit_attribute(value, where)
        inner, bare = _base(value.data, where)
        return inner or unit, bare
    if is_a(value, "pandas", "Series"):
        value = of_pandas(value)
    if is_a(value, "pint", "Quantity") or (hasattr(value, "to_base_units") and hasattr(value, "magnitude")):
        try:
            value = value.to_base_units()
        except Exception:  # of another registry's making
            raise InputError(where, f"{shown(value)} cannot be converted to base units.") from None
        return _text(value.units), value.magnitude
    if has_unit(value):
        return _text(unit_of(value)), magnitude_of(value)
    return "", value


def _text(unit) -> str:
    text = str(unit)
    return "kg/kg" if text in ("", "dimensionless", "1") else text


# ---- reading


def _array(value, unit, where, depth=0) -> tuple[np.ndarray, np.ndarray | None]:
    """Values [unit] as a float array, and the mask or None; a value without a unit is in `unit`."""
    if depth > DEEPEST:
        raise InputError(where, "lists are nested too deeply.", _allowed(unit))
    if isinstance(value, (bool, np.bool_)):
        raise InputError(where, f"{shown(value)} is a logical value, not a number.", _allowed(unit))
    if isinstance(value, str) or type(value) in PURE:
        return np.array(to_si(value, unit, f"{where} = {shown(value)}")), None
    if is_missing(value):
        return np.array(math.nan), np.array(True)
    if has_unit(value):
        return _quantity(value, unit, where, depth)
    if (
        is_a(value, "pandas", "DataFrame")
        or is_a(value, "xarray", "Dataset")
        or is_a(value, "xarray", "Variable")
    ):
        raise _refusal(value, unit, where)
    if is_a(value, "xarray", "DataArray"):  # in a list, where its dimensions have no meaning
        if value.ndim:
            raise InputError(
                where,
                "a DataArray stands in a list.",
                _allowed(unit),
                "pass it by itself, or join them by xarray.concat",
            )
        return _labelled_values(value, unit, where)
    if isinstance(value, (list, tuple, range)):
        return _sequence(value, unit, where, depth)
    if isinstance(value, (Decimal, numbers.Real)) and not isinstance(value, np.generic):
        return np.array(_float(value, unit, where)), None
    return _numpy(of_pandas(value), unit, where, depth)


def _float(value, unit, where) -> float:
    try:
        return to_si(float(value), unit, f"{where} = {shown(value)}")
    except InputError:
        raise
    except Exception:  # what __float__ of somebody's class may raise
        raise InputError(where, f"{shown(value)} is not a number.", _allowed(unit)) from None


def _sequence(value, unit, where, depth):
    """Values of a list, each by itself: text, quantities and numbers may stand beside each other."""
    if all(type(one) in PURE for one in value):
        try:
            return np.array(value, dtype=float), None
        except (OverflowError, ValueError):
            raise InputError(where, "a number is too large.", _allowed(unit)) from None
    parts = [_array(one, unit, where, depth + 1) for one in value]
    if len({values.shape for values, _ in parts}) > 1:
        raise InputError(where, "the lists in it are not of one length.", _allowed(unit))
    mask = None
    if any(one is not None for _, one in parts):
        mask = np.stack([np.zeros(values.shape, dtype=bool) if one is None else one for values, one in parts])
    return np.stack([values for values, _ in parts]) if parts else np.empty(0), mask


def _numpy(value, unit, where, depth):
    """Values of a numpy array or scalar, or of what numpy takes for one."""
    if isinstance(value, (bytes, bytearray, Mapping, set, frozenset)) or callable(value) or value is None:
        raise _refusal(value, unit, where)
    if not isinstance(value, (np.ndarray, np.generic)):
        if not any(hasattr(value, name) for name in ("__array__", "__array_interface__")) and not is_buffer(
            value
        ):
            raise _refusal(value, unit, where)
    mask = np.ma.getmaskarray(value) if isinstance(value, np.ma.MaskedArray) else None
    try:
        array = np.asarray(np.ma.getdata(value) if mask is not None else value)
    except Exception:  # what __array__ of somebody's class may raise
        raise _refusal(value, unit, where) from None
    if array.dtype.kind in "iuf":
        with np.errstate(all="ignore"):
            return np.array(array, dtype=float), mask
    if array.dtype.kind not in "UO" or depth > DEEPEST:
        raise _refusal(value, unit, where, array.dtype)
    if array.ndim == 0 and array.dtype.kind == "O" and array.item() is value:
        raise _refusal(value, unit, where)
    flat = array.reshape(-1).tolist() if array.dtype.kind == "U" else list(array.reshape(-1))
    hidden = [False] * len(flat) if mask is None else mask.reshape(-1).tolist()
    read = [(math.nan, True) if out else _one(entry, unit, where, depth) for entry, out in zip(flat, hidden)]
    found = np.array([missing for _, missing in read], dtype=bool).reshape(array.shape)
    return np.array([v for v, _ in read], dtype=float).reshape(
        array.shape
    ), found if mask is not None or found.any() else None


def _one(entry, unit, where, depth) -> tuple[float, bool]:
    """One entry of an array of objects, and whether it is masked."""
    values, mask = _array(entry, unit, where, depth + 1)
    if values.ndim:
        raise InputError(where, "an entry of the array is an array itself.", _allowed(unit))
    return float(values), mask is not None and bool(mask)


def _quantity(value, unit, where, depth):
    """Values of a quantity of pint, astropy or a library like them: converted by its own registry, or by its unit's name."""
    values, mask = _array(magnitude_of(value), unit, where, depth + 1)
    given = unit_of(value)
    if is_a(value, "pint", "Quantity") or hasattr(value, "to_base_units"):
        if (own := _by_its_registry(value, values, given, unit)) is not None:
            return own, mask
    name = str(given)
    try:
        return converted(values, spelled(name), unit, where), mask
    except InputError:
        si = attribute(value, "si")  # astropy's: the same in base units
        if si is None or attribute(si, "unit") is None:
            raise
        try:
            return converted(
                _array(si.value, unit, where, depth + 1)[0], spelled(str(si.unit)), unit, where
            ), mask
        except InputError:
            raise InputError(where, f"{shown(value)} has the unit {name!r}.", _allowed(unit)) from None


def _by_its_registry(value, values, given, unit) -> np.ndarray | None:
    """The values in `unit` by the quantity's registry of units, in which a name may mean something else than in ours;
    None where that does not work."""
    target = spelled(unit)
    if str(given).startswith("delta_"):
        return None
    try:
        quantity = value.__class__(values, given).to(
            "dimensionless" if target == "1" else target.replace("^", "**")
        )
        return np.array(quantity.magnitude, dtype=float)
    except Exception:  # another dimension is refused, in our words, by the caller
        return None


def _refusal(value, unit, where, dtype=None) -> InputError:
    """The refusal of a value that is no number, with the cure where one is known."""
    kind = getattr(dtype, "kind", "")
    cure = ""
    if is_a(value, "xarray", "Dataset") or is_a(value, "pandas", "DataFrame"):
        what, cure = (
            f"a {type(value).__name__} holds several variables.",
            "pass one of them: data['temperature']",
        )
    elif isinstance(value, complex) or kind == "c":
        what, cure = "complex numbers have no place here.", "pass the real part: numpy.real(values)"
    elif kind in ("M", "m") or any(kind.__module__ == "datetime" for kind in type(value).__mro__):
        what, cure = (
            "dates and time differences have no place here.",
            "pass a number with a unit, such as '5 Myr'",
        )
    elif isinstance(value, (bytes, bytearray)) or kind == "S":
        what, cure = "bytes are not text.", "decode them: value.decode()"
    elif kind == "b":
        what = "logical values are not numbers."
    elif isinstance(value, (set, frozenset)):
        what, cure = "a set has no order.", "pass a list"
    elif hasattr(value, "__next__"):
        what, cure = "a generator can be read once only.", "pass a list: list(values)"
    else:
        what = f"{shown(value)} is not a number."
    return InputError(where, what, _allowed(unit), cure)


def _allowed(unit) -> str:
    example = {
        "K": "1650.0, '1650 K'",
        "Pa": "1e7, '100 bar'",
        "kg": "4.65e20, '3 ocean'",
        "s": "3.2e14, '10 Myr'",
        "mol": "2.0, '2 mol'",
        "1": "0.3, '0.3'",
    }.get(unit, "1.0")
    return f"allowed: a number{'' if unit == '1' else f' in {unit}'}, text with a unit, a quantity, or an array of them ({example})."


# ---- arrays with names


def _unit_attribute(value, where) -> str:
    """The text of attrs["units"] (or "unit") of a DataArray, "" without one."""
    unit = value.attrs.get("units", value.attrs.get("unit"))
    if unit is None:
        return ""
    if isinstance(unit, (bool, bytes, *PURE)) and unit != 1:
        raise InputError(
            f'{where} attrs["units"]', f"{shown(unit)} is not a unit.", "allowed: text such as 'K' or 'bar'"
        )
    text = str(unit).strip()
    return "1" if text in ("", "1") else text


def _labelled_values(value, unit, where):
    data = getattr(value.data, "array", value.data)  # xarray's wrapper of pandas arrays
    named = _unit_attribute(value, where)
    if not named or has_unit(data):
        return _array(data, unit, where)
    place = f'{where} attrs["units"] = {shown(named)}'
    converted(np.zeros(0), spelled(named), unit, place)  # refuses an unknown unit and another dimension
    values, mask = _array(data, named, where)
    return converted(values, spelled(named), unit, place), mask


def _labelled(value, unit, where) -> Column:
    import xarray

    values, mask = _labelled_values(value, unit, where)
    return Column(
        values,
        mask,
        xarray.DataArray(np.zeros(values.shape, dtype=bool), coords=value.coords, dims=value.dims),
    )


def _series(value, unit, where) -> Column:
    """A Series along its index: a dimension with the index's name, or `index`."""
    import xarray

    if getattr(value.index, "nlevels", 1) > 1:
        raise InputError(
            where,
            "the Series has an index of several levels.",
            "allowed: one level",
            "use series.to_xarray(), or series.reset_index(drop=True)",
        )
    values, mask = _array(of_pandas(value), unit, where)
    name = "index" if value.index.name is None else str(value.index.name)
    return Column(
        values,
        mask,
        xarray.DataArray(
            np.zeros(values.shape, dtype=bool), coords={name: np.asarray(value.index)}, dims=(name,)
        ),
    )


def _finite(read: Column, where) -> Column:
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
