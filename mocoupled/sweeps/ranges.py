"""Ranges of a sweep: {from, to, number, scale} of quantities with units, as the values that a case takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError, nearest
from ..schema.keys import leaves
from ..units import FACTORS, spelled, split, to_si

RANGE = frozenset({"from", "to", "number", "scale"})
SCALES = ("linear", "log")
MOST_STEPS = 1_000_000
MOST_AXES = 30  # NetCDF's variables have 32 dimensions at most


@dataclass(frozen=True)
class Ends:
    """First and last number of a range, its scale, and what stands around a number in the text of a value."""

    low: float
    high: float
    log: bool
    before: str = ""
    after: str = ""

    def text(self, number: float):
        if self.before:
            return f"{self.before}{_decimal(number)}"
        return f"{number!r} {self.after}" if self.after else number


def check_size(given: Mapping[str, Any], most: int, where: str, what: str):
    """InputError where lists and ranges (name -> what a user gave) are too many or too long together; none is read or made."""
    lengths = [length for length in map(_length, given.values()) if length]
    if len(lengths) > MOST_AXES:
        raise InputError(where, f"there are {len(lengths)} axes.", f"allowed: up to {MOST_AXES}")
    if (size := math.prod(lengths)) > most:
        product = f"{' x '.join(map(shown, lengths))} = " if len(lengths) > 1 else ""
        raise InputError(where, f"{product}{shown(size)} {what} are too many.", f"allowed: up to {most}")


def _length(given) -> int:
    """How many values a list or a range has, 1 at least; 0 for what is neither."""
    if isinstance(given, Mapping):
        number = given.get("number")
        return number if isinstance(number, int) and not isinstance(number, bool) and number > 1 else 1
    if isinstance(given, range):
        return max((given.stop - given.start) // given.step, 1)  # len does not count beyond 2**63
    try:
        return 0 if isinstance(given, str | bytes) else max(len(given), 1)
    except TypeError:
        return 0


def shown(number: int) -> str:
    """A whole number as text; Python refuses to write one with thousands of digits."""
    return str(number) if abs(number) < 10**15 else f"{'-' if number < 0 else ''}more than 1e15"


def steps(key: str, given: dict, where: str) -> list:
    """The values of a range with a number of steps, as a case takes them."""
    one, found = _stepped(key, given, where)
    return [one.text(float(v)) for v in found]


def numbers(given: dict, unit: str, where: str) -> np.ndarray:
    """The values of a range with a number of steps, in the SI unit `unit`."""
    one, found = _stepped("", given, where)
    to_si(given["from"], unit, where), to_si(given["to"], unit, where)  # refuses another dimension
    si, factor = FACTORS.get(spelled(one.after), ("", 1.0)) if one.after else (unit, 1.0)
    return found * factor if si == unit else np.array([to_si(one.text(float(v)), unit, where) for v in found])


def _stepped(key, given, where) -> tuple[Ends, np.ndarray]:
    number = given.get("number")
    if isinstance(number, bool) or not isinstance(number, int):
        raise InputError(
            f"{where} number = {number!r}",
            "the number of values is missing, or not a whole number.",
            "allowed: 2 or more",
        )
    if not 2 <= number <= MOST_STEPS:
        raise InputError(f"{where} number = {shown(number)}", "out of range.", f"allowed: 2 to {MOST_STEPS}")
    one = ends(key, {k: v for k, v in given.items() if k != "number"}, where)
    return one, (np.geomspace if one.log else np.linspace)(one.low, one.high, number)


def spread(one: Ends, unit) -> list:
    """The values at fractions of the range from 0 to 1, in its scale."""
    if one.log:
        return [one.text(float(v)) for v in one.low * (one.high / one.low) ** np.asarray(unit)]
    return [one.text(float(v)) for v in one.low + (one.high - one.low) * np.asarray(unit)]


def ends(key: str, given: dict, where: str) -> Ends:
    """From, to and scale of a range, checked."""
    for name in given:
        if name not in RANGE:
            raise InputError(
                f"{where} {name}",
                "a range has no such key.",
                f"allowed: {', '.join(sorted(RANGE))}",
                nearest(name, RANGE),
            )
    for name in ("from", "to"):
        if name not in given:
            raise InputError(
                where,
                f"the range has no {name!r}.",
                'for example: {from = "1 ocean", to = "10 ocean", number = 5}',
            )
    scale = given.get("scale", "linear")
    if scale not in SCALES:
        raise InputError(
            f"{where} scale = {scale!r}",
            "there is no such scale.",
            f"allowed: {', '.join(SCALES)}",
            nearest(str(scale), SCALES),
        )
    log = scale == "log"
    found = _of_buffer(given, where) if key == "redox.oxygen_fugacity" else _of_quantity(key, given, where)
    if log and found.before:
        raise InputError(
            f"{where} scale = 'log'", "an offset in dex is a logarithm already.", "allowed: linear"
        )
    if log and min(found.low, found.high) <= 0:
        raise InputError(
            where,
            "a logarithmic range begins and ends above 0.",
            cure="begin above 0, or take scale = 'linear'",
        )
    if not found.low < found.high:
        raise InputError(
            f"{where}, from {given['from']!r} to {given['to']!r}",
            "the range does not rise.",
            "allowed: from below to",
        )
    return Ends(found.low, found.high, log, found.before, found.after)


def _of_buffer(given, where) -> Ends:
    low, high = (buffer_offset(given[name]) for name in ("from", "to"))
    if low is None or high is None or low[0] != high[0]:
        told = f"{where}, from {given['from']!r} to {given['to']!r}"
        raise InputError(
            told,
            "these are not two offsets from one buffer.",
            "for example: from = 'IW-2', to = 'IW+4'",
            "list absolute values one by one",
        )
    return Ends(low[1], high[1], False, before=low[0])


def buffer_offset(text) -> tuple[str, float] | None:
    """Family and dex of an oxygen fugacity relative to a buffer, however it is written (FMQ is QFM); None for any other."""
    from ..closures.redox import relative_offset  # on use: it imports sympy

    return relative_offset(text)


def _of_quantity(key, given, where) -> Ends:
    found, units = [], []
    for name in ("from", "to"):
        value = given[name]
        read = split(value) if isinstance(value, str) else (value, "")
        if read is None or isinstance(value, bool) or not isinstance(read[0], int | float):
            raise InputError(
                f"{where} {name} = {value!r}",
                "this is not a number, with or without a unit.",
                "a range is of numbers",
                'list names one by one: ["a", "b"]',
            )
        if not math.isfinite(read[0]):
            raise InputError(f"{where} {name} = {value!r}", "not a finite number.")
        found.append(float(read[0]))
        units.append(read[1])
    if spelled(units[0]) == spelled(units[1]):
        return Ends(*found, False, after=units[0])
    si = unit_of(key)
    if not si:
        told = f"{where}, from {given['from']!r} to {given['to']!r}"
        raise InputError(told, "the two ends are in different units.", cure="write both in one unit")
    return Ends(
        to_si(given["from"], si, where), to_si(given["to"], si, where), False, after="" if si == "1" else si
    )


def unit_of(key: str) -> str:
    """SI unit of a dotted key that holds a quantity, "1" for a pure number; "" for anything else, inventories too."""
    parts = key.split(".")
    return next((si.unit for section, name, _, si in leaves() if si and [section, name] == parts[:2]), "")


def _decimal(number: float) -> str:
    """The number with its sign, without an exponent, to 1e-12."""
    text = f"{number:+.12f}".rstrip("0").rstrip(".")
    return "+0" if text == "-0" else text
