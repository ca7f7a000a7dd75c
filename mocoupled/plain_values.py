"""Converts the value that a user passes for a key of a case to the form of a TOML file."""

from __future__ import annotations

import numbers
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from .conditions import table
from .errors import InputError
from .number_arrays import DEEPEST, array_of, unit_attribute
from .units import shown
from .value_kinds import PURE, Passed, has_unit, is_a, magnitude_of, of_pandas, unit_of


def plain(value: Passed, where: str, depth: int = 0) -> Any:  # what a TOML file can hold
    """A value of a case in the form of a file: text, number, logical value, list or table.

    Quantities become text with a unit in SI. where: the place of the value, for errors; depth: of lists
    around it.
    """
    if depth > DEEPEST:
        raise InputError(where, "lists or tables are nested too deeply.")
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, str):
        return str(value)
    if value is None or type(value) in PURE:
        return value
    if hasattr(value, "si") and not has_unit(value):  # an Inventory stays as it is
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


def _plain_quantity(value: Passed, where: str, depth: int) -> Any:  # as `plain`
    """A quantity, or numbers of numpy, xarray or pandas, as a file has them."""
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
    array, mask = array_of(bare, unit or "1", where)
    if mask is not None and mask.any():
        raise InputError(where, "a value is masked.", "allowed: numbers, or text with units")
    whole_numbers = not unit and getattr(bare, "dtype", np.dtype(float)).kind in "iu"
    entries: list[int | float | str] = []
    for v in array.reshape(-1):
        if whole_numbers:
            entries.append(int(v))
        else:
            entries.append(f"{float(v)!r} {unit}" if unit else float(v))
    if array.ndim == 0:
        return entries[0]
    return np.array(entries, dtype=object).reshape(array.shape).tolist()


def _base(value: Passed, where: str) -> tuple[str, Passed]:
    """Unit in base units as text, and the magnitude.

    The text is "kg/kg" for a pure number with a unit, and "" where there is no unit at all.
    """
    if is_a(value, "xarray", "DataArray"):
        unit = unit_attribute(value, where)
        inner, bare = _base(value.data, where)
        return inner or unit, bare
    if is_a(value, "pandas", "Series"):
        value = of_pandas(value)
    if is_a(value, "pint", "Quantity") or (hasattr(value, "to_base_units") and hasattr(value, "magnitude")):
        try:
            value = value.to_base_units()
        except Exception:  # what another registry may raise
            raise InputError(where, f"{shown(value)} cannot be converted to base units.") from None
        return _text(value.units), value.magnitude
    if has_unit(value):
        return _text(unit_of(value)), magnitude_of(value)
    return "", value


def _text(unit: object) -> str:
    """A unit as text, "kg/kg" for that of a pure number."""
    text = str(unit)
    return "kg/kg" if text in ("", "dimensionless", "1") else text
