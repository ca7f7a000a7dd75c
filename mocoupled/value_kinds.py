"""Values of other libraries (pint, astropy, pandas, xarray, numpy) recognised by what they have, without importing those libraries."""

from __future__ import annotations

import sys

import numpy as np

PURE = (int, float)


def is_a(value, library: str, name: str) -> bool:
    """Whether the value is of a class of a library, without importing it."""
    module = sys.modules.get(library)
    kind = getattr(module, name, None)
    return isinstance(kind, type) and isinstance(value, kind)


def has_unit(value) -> bool:
    """Whether the value carries a unit: pint's and others' `units` with `magnitude`, astropy's `unit` with `value`."""
    if (
        isinstance(value, (str, bytes, type))
        or type(value) in PURE
        or type(value).__module__.partition(".")[0] in ("pandas", "xarray")
    ):
        return False
    return attribute(value, "units") is not None or (
        attribute(value, "unit") is not None
        and (attribute(value, "value") is not None or isinstance(value, np.ndarray))
    )


def attribute(value, name):
    """The attribute, None where there is none, where it raises, or where it is a method."""
    try:
        found = getattr(value, name, None)
    except Exception:  # a property that raises is no unit
        return None
    return (
        None
        if callable(found) and not hasattr(found, "dimensionality") and not hasattr(found, "physical_type")
        else found
    )


def unit_of(value):
    """The unit of a value that has one, of its library's making or text."""
    return value.units if attribute(value, "units") is not None else value.unit


def magnitude_of(value):
    """The number or array behind a quantity."""
    for name in ("magnitude", "value"):
        if (found := attribute(value, name)) is not None:
            return found
    return value.view(np.ndarray) if isinstance(value, np.ndarray) else value


def is_missing(value) -> bool:
    """Whether the value stands for a masked point: numpy.ma.masked or pandas.NA."""
    return value is np.ma.masked or (value is getattr(sys.modules.get("pandas"), "NA", ...))


def of_pandas(value):
    """The array of a pandas Series, Index or array: a masked array where pandas.NA may stand in it."""
    if not any(is_a(value, "pandas", name) for name in ("Series", "Index")) and not hasattr(
        value, "_from_sequence"
    ):
        return value
    if is_a(value, "pandas", "MultiIndex"):  # has no array; its entries are tuples
        return value.to_numpy()
    array = getattr(value, "array", value)
    if (quantity := attribute(array, "quantity")) is not None:  # pint-pandas
        return quantity
    dtype = getattr(value, "dtype", None)
    if isinstance(dtype, np.dtype) or hasattr(dtype, "numpy_dtype") and not hasattr(array, "_mask"):
        return array.to_numpy()
    if getattr(dtype, "kind", "") in "iuf" and is_missing(getattr(dtype, "na_value", None)):
        missing = np.asarray(array.isna())
        return np.ma.MaskedArray(array.to_numpy(dtype=float, na_value=0.0), mask=missing)
    return np.array([*array, None], dtype=object)[:-1]


def is_buffer(value) -> bool:
    """Whether the value is a buffer of numbers (array.array); bytes are none."""
    try:
        return memoryview(value).format in "hHiIlLqQfd"
    except TypeError:
        return False
