"""Ranges of a sweep: {from, to, number, scale} of quantities with units, as the values that a case takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import InputError, nearest
from ..schema.grid_document import whole_number
from ..schema.keys import leaves
from ..units import FACTORS, spelled, split, to_si

RANGE = frozenset({"from", "to", "number", "scale"})
SCALES = ("linear", "log")
MOST_STEPS = 1_000_000
# NetCDF's variables have 32 dimensions at most
MOST_AXES = 30


@dataclass(frozen=True)
class Ends:
    """First and last number of a range, its scale, and the text before and after a number in a value."""

    low: float
    high: float
    log: bool
    before: str = ""
    after: str = ""

    def text(self, number: float) -> str | float:
        """A number of the range as a case takes it."""
        if self.before:
            return f"{self.before}{_decimal(number)}"
        return f"{number!r} {self.after}" if self.after else number


def check_size(listed: Mapping[str, Any], most: int, where: str, what: str) -> None:
    """InputError where lists and ranges (name -> as the user wrote it) are too many or too long together.

    None of them is read or made.
    """
    lengths = [length for length in map(_length, listed.values()) if length]
    if len(lengths) > MOST_AXES:
        raise InputError(where, f"there are {len(lengths)} axes.", f"allowed: up to {MOST_AXES}")
    if (size := math.prod(lengths)) > most:
        product = f"{' x '.join(map(whole_number, lengths))} = " if len(lengths) > 1 else ""
        raise InputError(
            where, f"{product}{whole_number(size)} {what} are too many.", f"allowed: up to {most}"
        )


def _length(values: Any) -> int:
    """How many values a list or a range has, 1 at least; 0 for what is neither."""
    if isinstance(values, Mapping):
        number = values.get("number")
        return number if isinstance(number, int) and not isinstance(number, bool) and number > 1 else 1
    if isinstance(values, range):
        return max((values.stop - values.start) // values.step, 1)  # len does not count beyond 2**63
    try:
        return 0 if isinstance(values, str | bytes) else max(len(values), 1)
    except TypeError:
        return 0


def steps(key: str, limits: Mapping[str, Any], where: str) -> list[str | float]:
    """The values of a range with a number of steps, as a case takes them."""
    interval, values = _stepped(key, limits, where)
    return [interval.text(float(value)) for value in values]


def numbers(limits: Mapping[str, Any], unit: str, where: str) -> np.ndarray:
    """The values of a range with a number of steps, in the SI unit `unit`."""
    interval, values = _stepped("", limits, where)
    for name in ("from", "to"):
        to_si(limits[name], unit, where)  # refuses another dimension
    si, factor = FACTORS.get(spelled(interval.after), ("", 1.0)) if interval.after else (unit, 1.0)
    if si == unit:
        return values * factor
    return np.array([to_si(interval.text(float(value)), unit, where) for value in values])


def _stepped(key: str, limits: Mapping[str, Any], where: str) -> tuple[Ends, np.ndarray]:
    number = limits.get("number")
    if isinstance(number, bool) or not isinstance(number, int):
        raise InputError(
            f"{where} number = {number!r}",
            "the number of values is missing, or not a whole number.",
            "allowed: 2 or more",
        )
    if not 2 <= number <= MOST_STEPS:
        raise InputError(
            f"{where} number = {whole_number(number)}", "out of range.", f"allowed: 2 to {MOST_STEPS}"
        )
    interval = ends(key, {name: value for name, value in limits.items() if name != "number"}, where)
    spaced = np.geomspace if interval.log else np.linspace
    return interval, spaced(interval.low, interval.high, number)


def spread(limits: Ends, unit: np.ndarray) -> list[str | float]:
    """The values at fractions of the range from 0 to 1, in its scale."""
    if limits.log:
        values = limits.low * (limits.high / limits.low) ** np.asarray(unit)
    else:
        values = limits.low + (limits.high - limits.low) * np.asarray(unit)
    return [limits.text(float(value)) for value in values]


def ends(key: str, limits: Mapping[str, Any], where: str) -> Ends:
    """From, to and scale of a range, checked. InputError for what is no range of the key."""
    for name in limits:
        if name not in RANGE:
            raise InputError(
                f"{where} {name}",
                "a range has no such key.",
                f"allowed: {', '.join(sorted(RANGE))}",
                nearest(name, RANGE),
            )
    for name in ("from", "to"):
        if name not in limits:
            raise InputError(
                where,
                f"the range has no {name!r}.",
                'for example: {from = "1 ocean", to = "10 ocean", number = 5}',
            )
    scale = limits.get("scale", "linear")
    if scale not in SCALES:
        raise InputError(
            f"{where} scale = {scale!r}",
            "there is no such scale.",
            f"allowed: {', '.join(SCALES)}",
            nearest(str(scale), SCALES),
        )
    if key == "redox.oxygen_fugacity":
        interval = _of_buffer(limits, where)
    else:
        interval = _of_quantity(key, limits, where)
    return _in_scale(interval, scale == "log", limits, where)


def _in_scale(interval: Ends, log: bool, limits: Mapping[str, Any], where: str) -> Ends:
    """The range in its scale; InputError where it does not rise, or has no logarithm."""
    if log and interval.before:
        raise InputError(
            f"{where} scale = 'log'", "an offset in dex is a logarithm already.", "allowed: linear"
        )
    if log and min(interval.low, interval.high) <= 0:
        raise InputError(
            where,
            "a logarithmic range begins and ends above 0.",
            cure="begin above 0, or take scale = 'linear'",
        )
    if not interval.low < interval.high:
        raise InputError(
            f"{where}, from {limits['from']!r} to {limits['to']!r}",
            "the range does not rise.",
            "allowed: from below to",
        )
    return replace(interval, log=log)


def _of_buffer(limits: Mapping[str, Any], where: str) -> Ends:
    low, high = (buffer_offset(limits[name]) for name in ("from", "to"))
    if low is None or high is None or low[0] != high[0]:
        raise InputError(
            f"{where}, from {limits['from']!r} to {limits['to']!r}",
            "these are not two offsets from one buffer.",
            "for example: from = 'IW-2', to = 'IW+4'",
            "list absolute values one by one",
        )
    return Ends(low[1], high[1], False, before=low[0])


def buffer_offset(text: object) -> tuple[str, float] | None:
    """Family and dex of an oxygen fugacity relative to a buffer, however it is written (FMQ is QFM).

    Else None.
    """
    from ..closures.redox import relative_offset  # on use: it imports sympy

    return relative_offset(text)


def _of_quantity(key: str, limits: Mapping[str, Any], where: str) -> Ends:
    values, units = [], []
    for name in ("from", "to"):
        value = limits[name]
        read = split(value) if isinstance(value, str) else (value, "")
        if read is None or isinstance(value, bool) or not isinstance(read[0], int | float):
            raise InputError(
                f"{where} {name} = {value!r}",
                "this is not a number, with or without a unit.",
                "a range needs numbers",
                'list names one by one: ["a", "b"]',
            )
        if not math.isfinite(read[0]):
            raise InputError(f"{where} {name} = {value!r}", "not a finite number.")
        values.append(float(read[0]))
        units.append(read[1])
    if spelled(units[0]) == spelled(units[1]):
        return Ends(values[0], values[1], False, after=units[0])
    si = unit_of(key)
    if not si:
        raise InputError(
            f"{where}, from {limits['from']!r} to {limits['to']!r}",
            "the two ends are in different units.",
            cure="write both in one unit",
        )
    low, high = (to_si(limits[name], si, where) for name in ("from", "to"))
    return Ends(low, high, False, after="" if si == "1" else si)


def unit_of(key: str) -> str:
    """SI unit of a dotted key that is a quantity, "1" for a pure number.

    "" for anything else, inventories too.
    """
    parts = key.split(".")
    return next((si.unit for section, name, _, si in leaves() if si and [section, name] == parts[:2]), "")


def _decimal(number: float) -> str:
    """The number with its sign, without an exponent, to 1e-12."""
    text = f"{number:+.12f}".rstrip("0").rstrip(".")
    return "+0" if text == "-0" else text
