"""Numbers that a user passes, in any form, as float arrays in SI with their masks, or a refusal."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np

from .errors import InputError
from .units import converted, shown, spelled, to_si
from .value_kinds import (
    PURE,
    Passed,
    attribute,
    has_unit,
    is_a,
    is_buffer,
    is_missing,
    magnitude_of,
    of_pandas,
    unit_of,
)

# dimensions of an array, levels of lists in lists
DEEPEST = 16
# values, and the mask (true where a point is masked) or None
Numbers: TypeAlias = tuple[np.ndarray, np.ndarray | None]


def array_of(value: Passed, unit: str, where: str, depth: int = 0) -> Numbers:
    """Values [unit] as a float array, and the mask or None; a value without a unit is in `unit`.

    where: the name of the argument, for errors; depth: of lists in lists around the value.
    InputError for what is no number, and for another dimension.
    """
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
                "a list contains a DataArray.",
                _allowed(unit),
                "pass it by itself, or join them by xarray.concat",
            )
        return labelled_values(value, unit, where)
    if isinstance(value, (list, tuple, range)):
        return _sequence(value, unit, where, depth)
    if isinstance(value, (Decimal, numbers.Real)) and not isinstance(value, np.generic):
        return np.array(_float(value, unit, where)), None
    return _numpy(of_pandas(value), unit, where, depth)


def _float(value: Passed, unit: str, where: str) -> float:
    try:
        return to_si(float(value), unit, f"{where} = {shown(value)}")
    except InputError:
        raise
    except Exception:  # what __float__ of a user's class may raise
        raise InputError(where, f"{shown(value)} is not a number.", _allowed(unit)) from None


def _sequence(value: Passed, unit: str, where: str, depth: int) -> Numbers:
    """Values of a list, each by itself: text, quantities and numbers may stand beside each other."""
    if all(type(entry) in PURE for entry in value):
        try:
            return np.array(value, dtype=float), None
        except (OverflowError, ValueError):
            raise InputError(where, "a number is too large.", _allowed(unit)) from None
    parts = [array_of(entry, unit, where, depth + 1) for entry in value]
    if len({values.shape for values, _ in parts}) > 1:
        raise InputError(where, "the lists in it are not of one length.", _allowed(unit))
    if not parts:
        return np.empty(0), None
    mask = None
    if any(hidden is not None for _, hidden in parts):
        masks = [np.zeros(values.shape, dtype=bool) if hidden is None else hidden for values, hidden in parts]
        mask = np.stack(masks)
    return np.stack([values for values, _ in parts]), mask


def _numpy(value: Passed, unit: str, where: str, depth: int) -> Numbers:
    """Values of a numpy array or scalar, or of what numpy takes for one."""
    if isinstance(value, (bytes, bytearray, Mapping, set, frozenset)) or callable(value) or value is None:
        raise _refusal(value, unit, where)
    an_array = isinstance(value, (np.ndarray, np.generic)) or is_buffer(value)
    if not an_array and not any(hasattr(value, name) for name in ("__array__", "__array_interface__")):
        raise _refusal(value, unit, where)
    mask = np.ma.getmaskarray(value) if isinstance(value, np.ma.MaskedArray) else None
    try:
        array = np.asarray(np.ma.getdata(value) if mask is not None else value)
    except Exception:  # what __array__ of a user's class may raise
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
    read = [
        (math.nan, True) if masked else _entry(entry, unit, where, depth)
        for entry, masked in zip(flat, hidden)
    ]
    missing = np.array([is_masked for _, is_masked in read], dtype=bool).reshape(array.shape)
    values = np.array([number for number, _ in read], dtype=float).reshape(array.shape)
    return values, missing if mask is not None or missing.any() else None


def _entry(entry: Passed, unit: str, where: str, depth: int) -> tuple[float, bool]:
    """One entry of an array of objects, and whether it is masked."""
    values, mask = array_of(entry, unit, where, depth + 1)
    if values.ndim:
        raise InputError(where, "an entry of the array is an array itself.", _allowed(unit))
    return float(values), mask is not None and bool(mask)


def _quantity(value: Passed, unit: str, where: str, depth: int) -> Numbers:
    """Values of a quantity of pint, astropy or the like, by its registry or by the name of its unit."""
    values, mask = array_of(magnitude_of(value), unit, where, depth + 1)
    named = unit_of(value)
    if is_a(value, "pint", "Quantity") or hasattr(value, "to_base_units"):
        read = _by_its_registry(value, values, named, unit)
        if read is not None:
            return read, mask
    name = str(named)
    try:
        return converted(values, spelled(name), unit, where), mask
    except InputError:
        si = attribute(value, "si")  # astropy's: the same in base units
        if si is None or attribute(si, "unit") is None:
            raise
        try:
            in_base, _ = array_of(si.value, unit, where, depth + 1)
            return converted(in_base, spelled(str(si.unit)), unit, where), mask
        except InputError:
            raise InputError(where, f"{shown(value)} has the unit {name!r}.", _allowed(unit)) from None


def _by_its_registry(value: Passed, values: np.ndarray, named: Passed, unit: str) -> np.ndarray | None:
    """The values in `unit`, converted by the quantity's registry of units; None where that fails.

    A name can have another meaning in that registry than in ours. named: the unit of the quantity.
    """
    target = spelled(unit)
    if str(named).startswith("delta_"):
        return None
    try:
        quantity = value.__class__(values, named).to(
            "dimensionless" if target == "1" else target.replace("^", "**")
        )
        return np.array(quantity.magnitude, dtype=float)
    except Exception:  # the caller refuses another dimension, in our words
        return None


def _refusal(value: Passed, unit: str, where: str, dtype: np.dtype[Any] | None = None) -> InputError:
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


def _allowed(unit: str) -> str:
    """The forms in which a number with a unit is allowed, as a sentence."""
    example = {
        "K": "1650.0, '1650 K'",
        "Pa": "1e7, '100 bar'",
        "kg": "4.65e20, '3 ocean'",
        "s": "3.2e14, '10 Myr'",
        "mol": "2.0, '2 mol'",
        "1": "0.3, '0.3'",
    }.get(unit, "1.0")
    in_unit = "" if unit == "1" else f" in {unit}"
    return f"allowed: a number{in_unit}, text with a unit, a quantity, or an array of them ({example})."


def unit_attribute(value: Passed, where: str) -> str:
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


def labelled_values(value: Passed, unit: str, where: str) -> Numbers:
    """Values [unit] of a DataArray, by its attribute `units` where it has one."""
    data = getattr(value.data, "array", value.data)  # xarray's wrapper of pandas arrays
    named = unit_attribute(value, where)
    if not named or has_unit(data):
        return array_of(data, unit, where)
    place = f'{where} attrs["units"] = {shown(named)}'
    converted(np.zeros(0), spelled(named), unit, place)  # refuses an unknown unit and another dimension
    values, mask = array_of(data, named, where)
    return converted(values, spelled(named), unit, place), mask
