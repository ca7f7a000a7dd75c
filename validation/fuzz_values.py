"""Values of odd types and units for the fuzzer of the library's functions, each with the number that it
stands for."""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import xarray as xr

Numbers = TypeVar("Numbers", float, np.ndarray)
DAY = 86400.0
# SI unit -> unit -> factor and offset. They are repeated here, so that no conversion of the library checks
# itself.
FACTORS = {
    "K": {
        "K": (1.0, 0.0),
        "kK": (1e3, 0.0),
        "mK": (1e-3, 0.0),
        "degC": (1.0, 273.15),
        "degF": (5 / 9, 459.67 * 5 / 9),
        "kelvin": (1.0, 0.0),
        "degR": (5 / 9, 0.0),
    },
    "Pa": {
        "Pa": (1.0, 0.0),
        "bar": (1e5, 0.0),
        "kbar": (1e8, 0.0),
        "MPa": (1e6, 0.0),
        "GPa": (1e9, 0.0),
        "atm": (101325.0, 0.0),
        "N/m^2": (1.0, 0.0),
        "torr": (101325.0 / 760, 0.0),
    },
    "kg": {
        "kg": (1.0, 0.0),
        "g": (1e-3, 0.0),
        "tonne": (1e3, 0.0),
        "Mg": (1e3, 0.0),
        "Gt": (1e12, 0.0),
        "lb": (0.45359237, 0.0),
    },
    "mol": {"mol": (1.0, 0.0), "mmol": (1e-3, 0.0), "kmol": (1e3, 0.0)},
    "s": {
        "s": (1.0, 0.0),
        "Myr": (1e6 * 365.25 * DAY, 0.0),
        "yr": (365.25 * DAY, 0.0),
        "d": (DAY, 0.0),
        "kyr": (1e3 * 365.25 * DAY, 0.0),
    },
    "m": {"m": (1.0, 0.0), "km": (1e3, 0.0), "cm": (1e-2, 0.0), "mile": (1609.344, 0.0)},
    "m/s^2": {"m/s^2": (1.0, 0.0), "cm/s^2": (1e-2, 0.0), "km/s^2": (1e3, 0.0)},
    "1": {"%": (1e-2, 0.0), "ppm": (1e-6, 0.0)},
}
TEXT_ONLY = {
    "kg": {"ocean": (1.55e20, 0.0), "M_earth": (3.986004e14 / 6.67430e-11, 0.0)},
    "m": {"R_earth": (6.3781e6, 0.0)},
    "1": {"ppmw": (1e-6, 0.0)},
}
OTHER = {"K": "bar", "Pa": "K", "kg": "m", "mol": "kg", "s": "K", "m": "s", "m/s^2": "m", "1": "kg"}
SPOILS = (
    "bool",
    "complex",
    "datetime",
    "timedelta",
    "bytes",
    "dimension",
    "unknown",
    "nan",
    "infinity",
    "object",
    "Dataset",
    "DataFrame",
    "set",
    "none",
    "bools",
    "empty text",
    "dict",
    "generator",
    "attribute",
)
SCALARS = (
    "number",
    "text",
    "text",
    "text of an array",
    "Decimal",
    "numpy",
    "0-d",
    "pint",
    "pint",
    "astropy",
    "unyt",
    "DataArray",
    "DataArray with units",
    "DataArray of pint",
)
ARRAYS = (
    "list",
    "texts",
    "mixed",
    "array",
    "strings",
    "objects",
    "pint",
    "astropy",
    "unyt",
    "masked",
    "masked pint",
    "DataArray",
    "DataArray with units",
    "DataArray of pint",
    "Series",
    "Series of text",
    "nullable",
    "NA in a list",
    "empty",
)


class Astro:
    """A quantity like astropy's, whose array has no unit."""

    def __init__(self, value: float | np.ndarray, unit: str) -> None:
        self.value, self.unit = value, unit

    def __array__(self, *_: object, **__: object) -> np.ndarray:
        return np.asarray(self.value)

    def __float__(self) -> float:
        return float(self.value)


class Metric(np.ndarray):
    """An array with units, like those of unyt."""

    units: str


def _unyt(values: float | np.ndarray, unit: str) -> Metric:
    quantity = np.asarray(values, dtype=float).view(Metric)
    quantity.units = unit
    return quantity


@cache
def registry() -> Any:
    """A pint registry that is not that of the library. (pint has no precise types.)"""
    import pint

    return pint.UnitRegistry()


def _units_in_text(unit: str) -> dict[str, tuple[float, float]]:
    return FACTORS[unit] | TEXT_ONLY.get(unit, {})


def _in_unit(si: Numbers, factor: float, offset: float) -> Numbers:
    return (si - offset) / factor


def _text(rng: random.Random, unit: str, si: float) -> tuple[str, float]:
    """Text, and the value that it stands for: its digits are those of the number in the unit."""
    name, (factor, offset) = rng.choice(list(_units_in_text(unit).items()))
    number = float(f"{_in_unit(si, factor, offset):.12g}")
    form = rng.choice(("{} {}", "{}{}", "  {}   {} ") if name != "%" else ("{} {}", "{}{}"))
    if (unit == "1" and rng.random() < 0.5) or (name == unit and rng.random() < 0.3):
        return repr(float(f"{si:.12g}")), float(f"{si:.12g}")
    return form.format(repr(number), name), number * factor + offset


def scalar(kind: str, unit: str, si: float, rng: random.Random) -> tuple[object, float]:
    """A value of a kind, and the number that it stands for in SI."""
    name, (factor, offset) = rng.choice(list(FACTORS[unit].items()))
    name = "percent" if name == "%" else name
    number = _in_unit(si, factor, offset)
    if kind == "text":
        return _text(rng, unit, si)
    if kind == "text of an array":
        text, meant = _text(rng, unit, si)
        return rng.choice((np.str_(text), np.array(text), np.array(text, dtype=object))), meant
    if kind == "numpy":
        made = rng.choice((np.float64, np.float32, np.longdouble) if si < 1e30 else (np.float64,))(si)
        return made, float(made)
    if kind == "pint":
        quantity = registry().Quantity(rng.choice((number, np.array(number), np.float64(number))), name)
        return quantity, si
    made = {
        "number": lambda: si,
        "Decimal": lambda: Decimal(repr(si)),
        "0-d": lambda: np.array(si),
        "astropy": lambda: Astro(number, name),
        "unyt": lambda: _unyt(number, name),
        "DataArray": lambda: xr.DataArray(si, coords={"time": 3.0} if rng.random() < 0.5 else {}),
        "DataArray with units": lambda: xr.DataArray(number, attrs={rng.choice(("units", "unit")): name}),
        "DataArray of pint": lambda: xr.DataArray(registry().Quantity(np.array(number), name)),
    }
    return made[kind](), si


def several(
    kind: str, unit: str, values: Sequence[float], rng: random.Random
) -> tuple[object, np.ndarray, np.ndarray]:
    """An array of a kind, the numbers that it stands for in SI, and which points are masked."""
    name, (factor, offset) = rng.choice(list(FACTORS[unit].items()))
    name = "percent" if name == "%" else name
    si = np.array(values)
    numbers = _in_unit(si, factor, offset)
    mask = np.array([rng.random() < 0.4 for _ in values])
    dims = rng.choice(("x", "temperature", "pressure", "species", "moles_H", "converged", "time"))
    none = np.zeros(len(values), dtype=bool)
    if kind == "empty":
        return _empty(name, dims, rng), np.empty(0), np.empty(0, dtype=bool)
    if kind in ("texts", "strings", "Series of text", "mixed"):
        array, meant = _of_texts(kind, unit, values, rng)
        return array, meant, none
    made = {
        "list": lambda: rng.choice((list(values), tuple(values))),
        "array": lambda: si.copy(),
        "objects": lambda: np.array([registry().Quantity(n, name) for n in numbers.tolist()], dtype=object),
        "pint": lambda: registry().Quantity(numbers, name),
        "astropy": lambda: Astro(numbers, name),
        "unyt": lambda: _unyt(numbers, name),
        "DataArray": lambda: xr.DataArray(
            si, dims=dims, coords={dims: np.arange(len(si)) * 1.5} if rng.random() < 0.6 else {}
        ),
        "DataArray with units": lambda: xr.DataArray(
            numbers, dims=dims, coords={dims: numbers} if rng.random() < 0.6 else {}, attrs={"units": name}
        ),
        "DataArray of pint": lambda: xr.DataArray(registry().Quantity(numbers, name), dims=dims),
        "Series": lambda: pd.Series(si, index=pd.Index(range(len(si)), name=rng.choice((None, dims)))),
    }
    if kind in made:
        return made[kind](), si, none
    hidden = np.where(mask, rng.choice((-1.0, np.nan, 0.0, 1e300)), si)
    masked = {
        "masked": lambda: np.ma.masked_array(hidden, mask=mask),
        "masked pint": lambda: registry().Quantity(np.ma.masked_array(numbers, mask=mask), name),
        "nullable": lambda: pd.Series(
            pd.array([None if m else v for m, v in zip(mask, values)], dtype="Float64")
        ),
        "NA in a list": lambda: [rng.choice((pd.NA, np.ma.masked)) if m else v for m, v in zip(mask, values)],
    }
    return masked[kind](), si, mask


def _empty(name: str, dims: str, rng: random.Random) -> object:
    """An array without a point. name: of a unit."""
    return rng.choice(
        (
            [],
            np.array([]),
            pd.Series([], dtype=float),
            registry().Quantity(np.array([]), name),
            xr.DataArray(np.empty(0), dims=dims),
        )
    )


def _of_texts(kind: str, unit: str, values: Sequence[float], rng: random.Random) -> tuple[object, np.ndarray]:
    """An array of texts (or of texts and other values), and the numbers that it stands for in SI."""
    pairs: list[tuple[object, float]] = []
    for value in values:
        if kind != "mixed" or rng.random() < 0.5:
            pairs.append(_text(rng, unit, value))
        else:
            pairs.append(scalar(rng.choice(SCALARS[4:11]), unit, value, rng))
    listed, meant = [p[0] for p in pairs], np.array([p[1] for p in pairs])
    if kind == "strings":
        return np.array(listed), meant
    return pd.Series(listed) if kind == "Series of text" else listed, meant


def spoilt(kind: str, unit: str, si: float, rng: random.Random) -> object:
    """A value that stands for no number of the unit."""
    other, name = OTHER[unit], next(iter(FACTORS[unit]))
    name = "percent" if name == "%" else name
    return {
        "bool": lambda: rng.choice((True, np.True_, np.array(False))),
        "complex": lambda: rng.choice(
            (complex(si), np.complex128(si), registry().Quantity(complex(si), name))
        ),
        "datetime": lambda: rng.choice(
            (np.datetime64("2020"), datetime.datetime(2020, 1, 1), pd.Timestamp("2020"))
        ),
        "timedelta": lambda: rng.choice((np.timedelta64(5, "D"), datetime.timedelta(5), pd.Timedelta("5D"))),
        "bytes": lambda: b"5",
        "dimension": lambda: rng.choice(
            (f"{si!r} {other}", registry().Quantity(si, other), Astro(si, other), _unyt(si, other))
        ),
        "unknown": lambda: rng.choice(
            (
                f"{si!r} foobar",
                Astro(si, "foobar"),
                _unyt(si, "foobar"),
                f"{si!r} {name}^^2",
                f"{si!r},5 {name}",
            )
        ),
        "nan": lambda: rng.choice((math.nan, np.float64("nan"), "nan", Decimal("NaN"))),
        "infinity": lambda: rng.choice((math.inf, -math.inf, 10**400, "1e999")),
        "object": lambda: rng.choice((object(), len, float, Ellipsis)),
        "Dataset": lambda: xr.Dataset({"a": si}),
        "DataFrame": lambda: pd.DataFrame({"a": [si]}),
        "set": lambda: {si},
        "none": lambda: [None],
        "bools": lambda: [True, False],
        "empty text": lambda: rng.choice(("", "  ", "\n", "K", "-", "\0")),
        "dict": lambda: {"a": si},
        "generator": lambda: (value for value in [si]),
        "attribute": lambda: xr.DataArray(si, attrs={"units": rng.choice((other, "foobar", "?"))}),
    }[kind]()
