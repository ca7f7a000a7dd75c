"""Calls of the library's public functions for the fuzzer, with values of odd types and units, each checked.

An input is a line of text that seeds a call: a function, one of its arguments, a value [SI], and how it is
passed (text, quantity, array, masked array, DataArray, Series, ...: fuzz_values.py). A sound value must be
taken, and the result must have the number that it stands for; a spoilt one (logical, complex, another
dimension, an unknown unit, ...) must be refused.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from fuzz_values import ARRAYS, SCALARS, SPOILS, scalar, several, spoilt

import mocoupled as mo
from mocoupled.case import Case

TIGHT = 1e-12  # relative; the largest difference of a number read from the number meant
WATER = {"H": 2.0, "O": 1.0, "C": 0.1}
# Key of a case -> SI unit, lowest and highest value.
KEYS = {
    "planet.radius": ("m", 1e6, 1e7),
    "planet.gravity": ("m/s^2", 1.0, 20.0),
    "planet.core_radius_fraction": ("1", 0.1, 0.8),
    "volatiles.hydrogen": ("kg", 1e18, 1e22),
    "run.initial_surface_temperature": ("K", 2000.0, 3000.0),
    "run.end_time": ("s", 1e10, 1e15),
    "redox.buffer_pressure": ("Pa", 1e5, 1e9),
}


@dataclass(frozen=True)
class Argument:
    """An argument of a function. unit: SI; low, high: of values to draw; arrays: whether arrays are taken.

    call: the value -> the result; stored: the result -> the value of the argument in it, as an array in SI,
    None where the result does not repeat it. (Values and results are of any type: that is what is tested.)
    """

    name: str
    unit: str
    low: float
    high: float
    call: Callable[[Any], Any]
    stored: Callable[[Any], Any]
    arrays: bool = True
    weight: int = 1


@cache
def earth() -> Case:
    """The case that the calls use."""
    return mo.Case.read("earth").replace({"redox.buffer": "Frost1991-IW"})


@cache
def arguments() -> tuple[Argument, ...]:
    """The arguments of the public functions that take numbers, each as often as its weight."""
    listed = [
        *_planet(),
        *_closed(),
        *_mantle(),
        *_melting(),
        *_buffering(),
        *_run(),
        *map(_of_case, KEYS),
        *map(_of_axis, KEYS),
    ]
    return tuple(argument for argument in listed for _ in range(argument.weight))


def _variable(name: str) -> Callable[[Any], Any]:
    return lambda result: result[name].values


def _planet() -> list[Argument]:
    """Arguments of `equilibrium`."""
    return [
        Argument(
            "equilibrium temperature",
            "K",
            1000,
            3000,
            lambda v: mo.equilibrium("earth", v, 0.5),
            _variable("temperature"),
            weight=6,
        ),
        Argument(
            "equilibrium melt_fraction",
            "1",
            0.0,
            1.0,
            lambda v: mo.equilibrium(earth(), 2000.0, v),
            _variable("melt_fraction"),
            weight=3,
        ),
        Argument(
            "equilibrium oxygen_fugacity_offset",
            "1",
            -4.0,
            4.0,
            lambda v: mo.equilibrium(earth(), 2000.0, 0.5, oxygen_fugacity_offset=v),
            _variable("oxygen_fugacity_offset"),
            weight=2,
        ),
        Argument(
            "equilibrium hydrogen",
            "kg",
            1e18,
            1e22,
            lambda v: mo.equilibrium(earth(), 2000.0, 0.5, hydrogen=v),
            _variable("hydrogen"),
            weight=4,
        ),
        Argument(
            "equilibrium pressure",
            "Pa",
            1e5,
            1e8,
            lambda v: mo.equilibrium(earth(), 2000.0, 0.5, pressure={"H2O": v}, carbon=4e20),
            _variable("pressure_H2O"),
            weight=3,
        ),
        Argument(
            "equilibrium fugacity",
            "Pa",
            1e5,
            1e8,
            lambda v: mo.equilibrium(earth(), 2000.0, 0.5, fugacity={"H2O": v}, carbon=4e20),
            _variable("fugacity_H2O"),
        ),
    ]


def _closed() -> list[Argument]:
    """Arguments of `gas_equilibrium`."""
    return [
        Argument(
            "gas temperature",
            "K",
            1000,
            3000,
            lambda v: mo.gas_equilibrium(v, 1e7, WATER),
            _variable("temperature"),
            weight=6,
        ),
        Argument(
            "gas pressure",
            "Pa",
            1e4,
            1e9,
            lambda v: mo.gas_equilibrium(1500.0, v, WATER),
            _variable("total_pressure"),
            weight=6,
        ),
        Argument(
            "gas moles",
            "mol",
            0.5,
            1e3,
            lambda v: mo.gas_equilibrium(1500.0, 1e7, {"H": v, "O": 1.0}),
            _variable("moles_H"),
            weight=4,
        ),
        Argument(
            "gas moles of a species",
            "mol",
            0.5,
            1e3,
            lambda v: mo.gas_equilibrium(1500.0, 1e7, {"H2O": v}),
            lambda r: r.moles_H.values / 2,
            weight=2,
        ),
    ]


def _mantle() -> list[Argument]:
    """Arguments of the case of a buffered magma ocean."""
    from mocoupled.schema.buffering_case import BufferingCase

    mantle = BufferingCase.read("earth")
    return [
        Argument(
            "mantle core_temperature",
            "K",
            4000,
            5000,
            lambda v: mantle.replace({"core_temperature": v}),
            lambda case: case.values["core_temperature"],
            arrays=False,
            weight=2,
        ),
        Argument(
            "mantle gravity",
            "m/s^2",
            5,
            15,
            lambda v: mantle.replace({"gravity": v}),
            lambda case: case.values["gravity"],
            arrays=False,
        ),
    ]


def _melting() -> list[Argument]:
    """Arguments of melting."""
    from mocoupled.lower_mantle import composition

    return [
        Argument(
            "melting amount",
            "mol",
            0.1,
            10.0,
            lambda v: composition({"FeO": v, "MgO": 1.0}),
            lambda what: what.oxides[0] / what.oxides[1],
            arrays=False,
            weight=2,
        ),
        Argument(
            "melting temperature",
            "K",
            4000,
            5000,
            lambda v: mo.melting.two_component("pyrolite", 129e9, v),
            _variable("temperature"),
        ),
        Argument(
            "melting pressure",
            "Pa",
            1.15e11,
            1.35e11,
            lambda v: mo.melting.two_component("pyrolite", v, 4500.0),
            lambda r: r.attrs["pressure"],
            arrays=False,
        ),
    ]


def _buffering() -> list[Argument]:
    """Arguments of the buffered magma ocean."""
    return [
        Argument(
            "buffering core_temperature",
            "K",
            4000,
            5000,
            lambda v: mo.buffering("earth", core_temperature=v),
            lambda r: r.core_temperature.values if "core_temperature" in r else None,
        ),
        Argument(
            "buffering timescale", "s", 1e14, 1e16, lambda v: mo.buffering("earth", v), _variable("timescale")
        ),
    ]


def _run() -> list[Argument]:
    """Arguments of maps and of runs."""
    from mocoupled.plain_values import plain
    from mocoupled.runs.main_job import _interval
    from mocoupled.sweeps.grid import Grid
    from mocoupled.sweeps.map_conditions import conditions_of

    def mapped(value: Any) -> Any:
        section = plain({"temperature": value, "melt_fraction": [0.1, 0.2]}, "map")
        return conditions_of(Grid(earth(), (), {}, "map", "", "equilibrium", section))

    return [
        Argument(
            "map temperature", "K", 1000, 3000, mapped, lambda map_: map_.fixed["temperature"], arrays=False
        ),
        Argument("run checkpoint", "s", 1.0, 1e4, _interval, lambda seconds: seconds, arrays=False),
    ]


def _of_case(key: str) -> Argument:
    """A key of a case."""
    section, name = key.split(".")
    return Argument(
        key,
        *KEYS[key],
        lambda value: earth().replace({key: value}),
        lambda case: _amount(getattr(getattr(case, section), name)),
        arrays=False,
    )


def _of_axis(key: str) -> Argument:
    """A key of a case on an axis of a sweep."""
    from mocoupled.sweeps.grid import build
    from mocoupled.sweeps.grid_check import value_of

    def swept(value: Any) -> Case:
        return earth().replace(build(earth(), {key: [value]}).changes(0))

    return Argument(
        f"sweep {key}", *KEYS[key], swept, lambda case: _amount(value_of(case, key)), arrays=False
    )


def _amount(value: Any) -> Any:
    return getattr(value, "amount", value)


def corpus() -> list[bytes]:
    """Two inputs, from which all others differ by their seed."""
    return [b"call 0", b"call 1"]


def drawn(text: bytes, rng: random.Random, words: Sequence[str] = ()) -> bytes:
    """Another input: its seed."""
    return f"call {rng.getrandbits(48)}".encode()


def check(path: Path, deep: bool) -> None:
    """Make the call of an input. AssertionError where a sound value is refused or misread, or a spoilt one is
    taken."""
    from mocoupled.errors import InputError

    rng = random.Random(path.read_bytes())
    argument = rng.choice(arguments())
    si = _drawn(rng, argument)
    if rng.random() < 0.3:
        kind = rng.choice(SPOILS)
        value = spoilt(kind, argument.unit, si, rng)
        try:
            argument.call(value)
        except InputError:
            raise
        raise AssertionError(f"{argument.name}: {value!r:.200} ({kind}) was taken")
    if argument.arrays and rng.random() < 0.6:
        kind = rng.choice(ARRAYS)
        value, meant, masked = several(
            kind, argument.unit, [_drawn(rng, argument) for _ in range(rng.choice((1, 2, 3)))], rng
        )
    else:
        kind = rng.choice(SCALARS)
        value, meant = scalar(kind, argument.unit, si, rng)
        masked = np.zeros(1, dtype=bool)
    try:
        result = argument.call(value)
    except InputError as error:
        raise AssertionError(f"{argument.name}: {value!r:.200} ({kind}) was refused: {error}") from None
    _compare(argument, f"{argument.name}: {value!r:.200} ({kind})", result, meant, masked)


def _drawn(rng: random.Random, argument: Argument) -> float:
    """A number between the limits of an argument, with six digits."""
    low, high = argument.low, argument.high
    number = low * (high / low) ** rng.random() if low > 0 else rng.uniform(low, high)
    return float(f"{min(max(number, low), high):.6g}")


def _compare(
    argument: Argument, what: str, result: Any, meant: float | np.ndarray, masked: np.ndarray
) -> None:
    """AssertionError where the result has other numbers than those meant. what: the call, for messages."""
    read = argument.stored(result)
    if read is None:  # a single value, which the result does not repeat
        return
    numbers = np.atleast_1d(np.asarray(read, dtype=float))
    expected = np.atleast_1d(np.asarray(meant, dtype=float))
    assert numbers.shape == expected.shape, f"{what} has the shape {numbers.shape}, not {expected.shape}"
    wrong = ~(np.abs(numbers - expected) <= TIGHT * np.abs(expected) + 1e-13) & ~masked
    assert not wrong.any(), f"{what} was read as {numbers}, not {expected}"
    assert np.isnan(numbers[masked]).all(), f"{what} has a number at a masked point"
    if "converged" in getattr(result, "data_vars", ()) and masked.any():
        assert not result.converged.values.reshape(-1)[masked].any(), f"{what}: a masked point converged"
