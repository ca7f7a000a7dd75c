"""Values of pint, astropy, pandas, xarray and numpy, recognised without importing those libraries."""

from __future__ import annotations

import sys
from typing import Any, TypeAlias

import numpy as np

PURE = (int, float)
# Whatever a user passes: nothing is known of it before it is recognised by its attributes.
Passed: TypeAlias = Any


def is_a(value: Passed, library: str, name: str) -> bool:
    """Whether the value is of a class of a library, without importing it."""
    module = sys.modules.get(library)
    kind = getattr(module, name, None)
    return isinstance(kind, type) and isinstance(value, kind)


def has_unit(value: Passed) -> bool:
    """Whether the value carries a unit.

    It has `units` (pint and others) with `magnitude`, or `unit` (astropy) with `value`.
    """
    if (
        isinstance(value, (str, bytes, type))
        or type(value) in PURE
        or type(value).__module__.partition(".")[0] in ("pandas", "xarray")
    ):
        return False
    if attribute(value, "units") is not None:
        return True
    has_value = isinstance(value, np.ndarray) or attribute(value, "value") is not None
    return has_value and attribute(value, "unit") is not None


def attribute(value: Passed, name: str) -> Passed:
    """The attribute, None where there is none, where it raises, or where it is a method."""
    try:
        attribute = getattr(value, name, None)
    except Exception:  # a property that raises is no unit
        return None
    a_unit = hasattr(attribute, "dimensionality") or hasattr(attribute, "physical_type")
    return None if callable(attribute) and not a_unit else attribute


def unit_of(value: Passed) -> Passed:
    """The unit of a value that has one: an object of its library, or text."""
    return value.units if attribute(value, "units") is not None else value.unit


def magnitude_of(value: Passed) -> Passed:
    """The number or array in a quantity."""
    for name in ("magnitude", "value"):
        magnitude = attribute(value, name)
        if magnitude is not None:
            return magnitude
    return value.view(np.ndarray) if isinstance(value, np.ndarray) else value


def is_missing(value: Passed) -> bool:
    """Whether the value stands for a masked point: numpy.ma.masked or pandas.NA."""
    return value is np.ma.masked or (value is getattr(sys.modules.get("pandas"), "NA", ...))


def of_pandas(value: Passed) -> Passed:
    """The array of a pandas Series, Index or array: a masked array where pandas.NA may stand in it."""
    if not any(is_a(value, "pandas", name) for name in ("Series", "Index")) and not hasattr(
        value, "_from_sequence"
    ):
        return value
    if is_a(value, "pandas", "MultiIndex"):  # has no array; its entries are tuples
        return value.to_numpy()
    array: Passed = getattr(value, "array", value)
    if (quantity := attribute(array, "quantity")) is not None:  # pint-pandas
        return quantity
    dtype = getattr(value, "dtype", None)
    if isinstance(dtype, np.dtype) or hasattr(dtype, "numpy_dtype") and not hasattr(array, "_mask"):
        return array.to_numpy()
    if getattr(dtype, "kind", "") in "iuf" and is_missing(getattr(dtype, "na_value", None)):
        missing = np.asarray(array.isna())
        return np.ma.MaskedArray(array.to_numpy(dtype=float, na_value=0.0), mask=missing)
    return np.array([*array, None], dtype=object)[:-1]


def is_buffer(value: Passed) -> bool:
    """Whether the value is a buffer of numbers (array.array); bytes are none."""
    try:
        return memoryview(value).format in "hHiIlLqQfd"
    except TypeError:
        return False
