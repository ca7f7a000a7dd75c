"""The library's door, for the fuzzer: calls of public functions with values of odd types and units, each checked by another conversion.

One input is a line of text that seeds a call: a function, one of its arguments, a value [SI], and how it is passed (text,
quantity, array, masked array, DataArray, Series, ...). A sound one must be taken, and the result must hold the value that
the table of factors below gives; a spoilt one (logical, complex, another dimension, an unknown unit, ...) must be refused.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

DAY = 86400.0
# unit -> factor and offset, of SI; written down here once more, so that no conversion of the library checks itself
FACTORS = {
    "K": {"K": (1.0, 0.0), "kK": (1e3, 0.0), "mK": (1e-3, 0.0), "degC": (1.0, 273.15), "degF": (5 / 9, 459.67 * 5 / 9), "kelvin": (1.0, 0.0), "degR": (5 / 9, 0.0)},
    "Pa": {"Pa": (1.0, 0.0), "bar": (1e5, 0.0), "kbar": (1e8, 0.0), "MPa": (1e6, 0.0), "GPa": (1e9, 0.0), "atm": (101325.0, 0.0), "N/m^2": (1.0, 0.0), "torr": (101325.0 / 760, 0.0)},
    "kg": {"kg": (1.0, 0.0), "g": (1e-3, 0.0), "tonne": (1e3, 0.0), "Mg": (1e3, 0.0), "Gt": (1e12, 0.0), "lb": (0.45359237, 0.0)},
    "mol": {"mol": (1.0, 0.0), "mmol": (1e-3, 0.0), "kmol": (1e3, 0.0)},
    "s": {"s": (1.0, 0.0), "Myr": (1e6 * 365.25 * DAY, 0.0), "yr": (365.25 * DAY, 0.0), "d": (DAY, 0.0), "kyr": (1e3 * 365.25 * DAY, 0.0)},
    "m": {"m": (1.0, 0.0), "km": (1e3, 0.0), "cm": (1e-2, 0.0), "mile": (1609.344, 0.0)},
    "m/s^2": {"m/s^2": (1.0, 0.0), "cm/s^2": (1e-2, 0.0), "km/s^2": (1e3, 0.0)},
    "1": {"%": (1e-2, 0.0), "ppm": (1e-6, 0.0)},
}  # fmt: skip
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
TIGHT = 1e-12


@dataclass(frozen=True)
class Argument:
    """An argument of a function. unit: SI; low, high: of values to draw; arrays: whether arrays are taken; call: the
    value -> the result; held: the result -> what it holds of the argument, as an array in SI."""

    name: str
    unit: str
    low: float
    high: float
    call: Callable[[Any], Any]
    held: Callable[[Any], Any]
    arrays: bool = True
    weight: int = 1


class Astro:
    """A quantity like astropy's, whose array has no unit."""

    def __init__(self, value, unit):
        self.value, self.unit = value, unit

    def __array__(self, *_, **__):
        import numpy as np

        return np.asarray(self.value)

    def __float__(self):
        return float(self.value)


def _unyt(values, unit):
    import numpy as np

    class Metric(np.ndarray):
        pass

    found = np.asarray(values, dtype=float).view(Metric)
    found.units = unit
    return found


@cache
def registry():
    """A user's own registry of pint."""
    import pint

    return pint.UnitRegistry()


@cache
def arguments() -> tuple[Argument, ...]:
    """The arguments of the public functions that hold numbers."""
    import mocoupled as mo
    from mocoupled.lower_mantle.melting import composition
    from mocoupled.plain_values import plain
    from mocoupled.runs.main_job import _interval
    from mocoupled.schema.buffering_case import BufferingCase
    from mocoupled.sweeps.grid import Grid, build
    from mocoupled.sweeps.grid_check import value_of
    from mocoupled.sweeps.map_conditions import conditions_of

    earth = mo.Case.read("earth").replace({"redox.buffer": "Frost1991-IW"})
    mantle = BufferingCase.read("earth")
    water = {"H": 2.0, "O": 1.0, "C": 0.1}

    def mapped(value):
        section = plain({"temperature": value, "melt_fraction": [0.1, 0.2]}, "map")
        return conditions_of(Grid(earth, (), {}, "map", "", "equilibrium", section))

    def variable(name):
        return lambda result: result[name].values

    def of_case(key):
        section, name = key.split(".")
        return Argument(
            key,
            *KEYS[key],
            lambda v: earth.replace({key: v}),
            lambda case: _amount(getattr(getattr(case, section), name)),
            arrays=False,
        )

    def of_axis(key):
        def swept(value):
            return earth.replace(build(earth, {key: [value]}).changes(0))

        return Argument(
            f"sweep {key}", *KEYS[key], swept, lambda case: _amount(value_of(case, key)), arrays=False
        )

    found = [
        Argument("equilibrium temperature", "K", 1000, 3000, lambda v: mo.equilibrium("earth", v, 0.5), variable("temperature"), weight=6),
        Argument("equilibrium melt_fraction", "1", 0.0, 1.0, lambda v: mo.equilibrium(earth, 2000.0, v), variable("melt_fraction"), weight=3),
        Argument("equilibrium oxygen_fugacity_offset", "1", -4.0, 4.0, lambda v: mo.equilibrium(earth, 2000.0, 0.5, oxygen_fugacity_offset=v), variable("oxygen_fugacity_offset"), weight=2),
        Argument("equilibrium hydrogen", "kg", 1e18, 1e22, lambda v: mo.equilibrium(earth, 2000.0, 0.5, hydrogen=v), variable("hydrogen"), weight=4),
        Argument("equilibrium pressure", "Pa", 1e5, 1e8, lambda v: mo.equilibrium(earth, 2000.0, 0.5, pressure={"H2O": v}, carbon=4e20), variable("pressure_H2O"), weight=3),
        Argument("equilibrium fugacity", "Pa", 1e5, 1e8, lambda v: mo.equilibrium(earth, 2000.0, 0.5, fugacity={"H2O": v}, carbon=4e20), variable("fugacity_H2O")),
        Argument("gas temperature", "K", 1000, 3000, lambda v: mo.gas_equilibrium(v, 1e7, water), variable("temperature"), weight=6),
        Argument("gas pressure", "Pa", 1e4, 1e9, lambda v: mo.gas_equilibrium(1500.0, v, water), variable("total_pressure"), weight=6),
        Argument("gas moles", "mol", 0.5, 1e3, lambda v: mo.gas_equilibrium(1500.0, 1e7, {"H": v, "O": 1.0}), variable("moles_H"), weight=4),
        Argument("gas moles of a species", "mol", 0.5, 1e3, lambda v: mo.gas_equilibrium(1500.0, 1e7, {"H2O": v}), lambda r: r.moles_H.values / 2, weight=2),
        Argument("mantle core_temperature", "K", 4000, 5000, lambda v: mantle.replace({"core_temperature": v}), lambda case: case.values["core_temperature"], arrays=False, weight=2),
        Argument("mantle gravity", "m/s^2", 5, 15, lambda v: mantle.replace({"gravity": v}), lambda case: case.values["gravity"], arrays=False),
        Argument("melting amount", "mol", 0.1, 10.0, lambda v: composition({"FeO": v, "MgO": 1.0}), lambda what: what.oxides[0] / what.oxides[1], arrays=False, weight=2),
        Argument("melting temperature", "K", 4000, 5000, lambda v: mo.melting.two_component("pyrolite", 129e9, v), variable("temperature")),
        Argument("melting pressure", "Pa", 1.15e11, 1.35e11, lambda v: mo.melting.two_component("pyrolite", v, 4500.0), lambda r: r.attrs["pressure"], arrays=False),
        Argument("buffering core_temperature", "K", 4000, 5000, lambda v: mo.buffering("earth", core_temperature=v), lambda r: r.core_temperature.values if "core_temperature" in r else None),
        Argument("buffering timescale", "s", 1e14, 1e16, lambda v: mo.buffering("earth", v), variable("timescale")),
        Argument("map temperature", "K", 1000, 3000, mapped, lambda map_: map_.fixed["temperature"], arrays=False),
        Argument("run checkpoint", "s", 1.0, 1e4, _interval, lambda seconds: seconds, arrays=False),
        *map(of_case, KEYS), *map(of_axis, KEYS),
    ]  # fmt: skip
    return tuple(one for one in found for _ in range(one.weight))


KEYS = {
    "planet.radius": ("m", 1e6, 1e7), "planet.gravity": ("m/s^2", 1.0, 20.0), "planet.core_radius_fraction": ("1", 0.1, 0.8), "volatiles.hydrogen": ("kg", 1e18, 1e22),
    "run.initial_surface_temperature": ("K", 2000.0, 3000.0), "run.end_time": ("s", 1e10, 1e15), "redox.buffer_pressure": ("Pa", 1e5, 1e9),
}  # fmt: skip


def _amount(value):
    return getattr(value, "amount", value)


# ---- values


def _units(unit, text=False):
    return FACTORS[unit] | (TEXT_ONLY.get(unit, {}) if text else {})


def _in(si, factor, offset):
    return (si - offset) / factor


def _text(rng, unit, si):
    """Text, and the value that it stands for: its digits are those of the number in the unit."""
    name, (factor, offset) = rng.choice(list(_units(unit, True).items()))
    number = float(f"{_in(si, factor, offset):.12g}")
    form = rng.choice(("{} {}", "{}{}", "  {}   {} ") if name != "%" else ("{} {}", "{}{}"))
    if unit == "1" and rng.random() < 0.5 or name == unit and rng.random() < 0.3:
        return repr(float(f"{si:.12g}")), float(f"{si:.12g}")
    return form.format(repr(number), name), number * factor + offset


def scalar(kind, unit, si, rng):
    """A value of a kind, and what it stands for in SI."""
    import numpy as np
    import xarray as xr

    name, (factor, offset) = rng.choice(list(FACTORS[unit].items()))
    name = "percent" if name == "%" else name
    number = _in(si, factor, offset)
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
        "number": lambda: si, "Decimal": lambda: Decimal(repr(si)), "0-d": lambda: np.array(si), "astropy": lambda: Astro(number, name), "unyt": lambda: _unyt(number, name),
        "DataArray": lambda: xr.DataArray(si, coords={"time": 3.0} if rng.random() < 0.5 else {}), "DataArray with units": lambda: xr.DataArray(number, attrs={rng.choice(("units", "unit")): name}),
        "DataArray of pint": lambda: xr.DataArray(registry().Quantity(np.array(number), name)),
    }  # fmt: skip
    return made[kind](), si


def several(kind, unit, values, rng):
    """An array of a kind, what it stands for in SI, and which points are masked."""
    import numpy as np
    import pandas as pd
    import xarray as xr

    name, (factor, offset) = rng.choice(list(FACTORS[unit].items()))
    name = "percent" if name == "%" else name
    si = np.array(values)
    numbers = _in(si, factor, offset)
    mask = np.array([rng.random() < 0.4 for _ in values])
    dims = rng.choice(("x", "temperature", "pressure", "species", "moles_H", "converged", "time"))
    none = np.zeros(len(values), dtype=bool)
    if kind == "empty":
        return (
            rng.choice(
                (
                    [],
                    np.array([]),
                    pd.Series([], dtype=float),
                    registry().Quantity(np.array([]), name),
                    xr.DataArray(np.empty(0), dims=dims),
                )
            ),
            np.empty(0),
            np.empty(0, dtype=bool),
        )
    if kind in ("texts", "strings", "Series of text", "mixed"):
        pairs = [
            _text(rng, unit, v)
            if kind != "mixed" or rng.random() < 0.5
            else scalar(rng.choice(SCALARS[4:11]), unit, v, rng)
            for v in values
        ]
        listed, meant = [p[0] for p in pairs], np.array([p[1] for p in pairs])
        return (
            {
                "texts": lambda: listed,
                "mixed": lambda: listed,
                "strings": lambda: np.array(listed),
                "Series of text": lambda: pd.Series(listed),
            }[kind](),
            meant,
            none,
        )
    made = {
        "list": lambda: rng.choice((list(values), tuple(values))), "array": lambda: si.copy(), "objects": lambda: np.array([registry().Quantity(n, name) for n in numbers.tolist()], dtype=object),
        "pint": lambda: registry().Quantity(numbers, name), "astropy": lambda: Astro(numbers, name), "unyt": lambda: _unyt(numbers, name),
        "DataArray": lambda: xr.DataArray(si, dims=dims, coords={dims: np.arange(len(si)) * 1.5} if rng.random() < 0.6 else {}),
        "DataArray with units": lambda: xr.DataArray(numbers, dims=dims, coords={dims: numbers} if rng.random() < 0.6 else {}, attrs={"units": name}),
        "DataArray of pint": lambda: xr.DataArray(registry().Quantity(numbers, name), dims=dims), "Series": lambda: pd.Series(si, index=pd.Index(range(len(si)), name=rng.choice((None, dims)))),
    }  # fmt: skip
    if kind in made:
        return made[kind](), si, none
    hidden = np.where(mask, rng.choice((-1.0, np.nan, 0.0, 1e300)), si)
    masked = {
        "masked": lambda: np.ma.masked_array(hidden, mask=mask), "masked pint": lambda: registry().Quantity(np.ma.masked_array(numbers, mask=mask), name),
        "nullable": lambda: pd.Series(pd.array([None if m else v for m, v in zip(mask, values)], dtype="Float64")),
        "NA in a list": lambda: [rng.choice((pd.NA, np.ma.masked)) if m else v for m, v in zip(mask, values)],
    }  # fmt: skip
    return masked[kind](), si, mask


def spoilt(kind, unit, si, rng):
    """A value that stands for no number of the unit."""
    import datetime

    import numpy as np
    import pandas as pd
    import xarray as xr

    other, name = OTHER[unit], next(iter(FACTORS[unit]))
    name = "percent" if name == "%" else name
    return {
        "bool": lambda: rng.choice((True, np.True_, np.array(False))), "complex": lambda: rng.choice((complex(si), np.complex128(si), registry().Quantity(complex(si), name))),
        "datetime": lambda: rng.choice((np.datetime64("2020"), datetime.datetime(2020, 1, 1), pd.Timestamp("2020"))), "timedelta": lambda: rng.choice((np.timedelta64(5, "D"), datetime.timedelta(5), pd.Timedelta("5D"))),
        "bytes": lambda: b"5", "dimension": lambda: rng.choice((f"{si!r} {other}", registry().Quantity(si, other), Astro(si, other), _unyt(si, other))),
        "unknown": lambda: rng.choice((f"{si!r} foobar", Astro(si, "foobar"), _unyt(si, "foobar"), f"{si!r} {name}^^2", f"{si!r},5 {name}")), "nan": lambda: rng.choice((math.nan, np.float64("nan"), "nan", Decimal("NaN"))),
        "infinity": lambda: rng.choice((math.inf, -math.inf, 10**400, "1e999")), "object": lambda: rng.choice((object(), len, float, Ellipsis)), "Dataset": lambda: xr.Dataset({"a": si}),
        "DataFrame": lambda: pd.DataFrame({"a": [si]}), "set": lambda: {si}, "none": lambda: [None], "bools": lambda: [True, False], "empty text": lambda: rng.choice(("", "  ", "\n", "K", "-", "\0")),
        "dict": lambda: {"a": si}, "generator": lambda: (one for one in [si]), "attribute": lambda: xr.DataArray(si, attrs={"units": rng.choice((other, "foobar", "?"))}),
    }[kind]()  # fmt: skip


# ---- one input


def corpus() -> list[bytes]:
    """Two inputs, from which all others differ by their seed."""
    return [b"call 0", b"call 1"]


def drawn(text: bytes, rng: random.Random, words=()) -> bytes:
    return f"call {rng.getrandbits(48)}".encode()


def check(path, deep):
    """Make the call of an input; AssertionError where a sound value is refused or misread, or a spoilt one is taken."""
    from mocoupled.errors import ConvergenceError, InputError

    rng = random.Random(path.read_bytes())
    one = rng.choice(arguments())
    si = _drawn(rng, one)
    if rng.random() < 0.3:
        kind = rng.choice(SPOILS)
        value = spoilt(kind, one.unit, si, rng)
        try:
            one.call(value)
        except InputError:
            raise
        raise AssertionError(f"{one.name}: {value!r:.200} ({kind}) was taken")
    if one.arrays and rng.random() < 0.6:
        kind = rng.choice(ARRAYS)
        value, meant, masked = several(
            kind, one.unit, [_drawn(rng, one) for _ in range(rng.choice((1, 2, 3)))], rng
        )
    else:
        kind = rng.choice(SCALARS)
        value, meant = scalar(kind, one.unit, si, rng)
        masked = None
    try:
        result = one.call(value)
    except InputError as error:
        raise AssertionError(f"{one.name}: {value!r:.200} ({kind}) was refused: {error}") from None
    except ConvergenceError:
        raise
    _compare(one, kind, value, meant, masked, result)


def _drawn(rng, one) -> float:
    low, high = one.low, one.high
    number = low * (high / low) ** rng.random() if low > 0 else rng.uniform(low, high)
    return float(f"{min(max(number, low), high):.6g}")


def _compare(one, kind, value, meant, masked, result):
    import numpy as np

    read = one.held(result)
    if read is None:  # a single value, which the result does not repeat
        return
    held = np.atleast_1d(np.asarray(read, dtype=float))
    expected = np.atleast_1d(np.asarray(meant, dtype=float))
    assert held.shape == expected.shape, (
        f"{one.name}: {value!r:.200} ({kind}) has the shape {held.shape}, not {expected.shape}"
    )
    there = np.ones(expected.shape, dtype=bool) if masked is None else ~masked
    wrong = ~(np.abs(held - expected) <= TIGHT * np.abs(expected) + 1e-13) & there
    assert not wrong.any(), f"{one.name}: {value!r:.200} ({kind}) was read as {held}, not {expected}"
    assert np.isnan(held[~there]).all(), f"{one.name}: {value!r:.200} ({kind}) has a number at a masked point"
    if "converged" in getattr(result, "data_vars", ()) and masked is not None:
        assert not result.converged.values.reshape(-1)[masked].any(), (
            f"{one.name}: {value!r:.200} ({kind}): a masked point converged"
        )
