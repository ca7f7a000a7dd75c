"""Axes of a sweep: keys of a case that change together, and the values of each, from lists and ranges."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from ..plain_values import plain
from .ranges import RANGE, steps

EXAMPLE = (
    '"volatiles.hydrogen" = ["1 ocean", "3 ocean"],'
    ' or {from = "1 ocean", to = "10 ocean", number = 5, scale = "log"}'
)
# dimension of a sample
CASES = "case"


@dataclass(frozen=True)
class Axis:
    """Keys of a case that change together.

    values: one tuple per step, in the order of `keys`, as a case takes them.
    """

    name: str
    keys: tuple[str, ...]
    values: tuple[tuple[Any, ...], ...]


def flat(table: Mapping[str, Any], where: str, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Dotted key and value of every leaf, each once; a table with a key of a range is a value."""
    seen = set()
    for key, value in table.items():
        here = (*path, *key.split("."))
        pairs: Iterator[tuple[str, Any]]
        if isinstance(value, dict) and not value.keys() & RANGE:
            if not value:
                raise InputError(f"{where} {'.'.join(here)}", "the table is empty.")
            pairs = flat(value, where, here)
        else:
            pairs = iter([(".".join(here), value)])
        for dotted, leaf in pairs:
            if dotted in seen:
                raise InputError(f"{where} {dotted}", "the key is given twice.", cure="leave one of them out")
            seen.add(dotted)
            yield dotted, leaf


def values_of_axis(key: str, values: Any, where: str) -> list[Any]:
    """The values of one key: those of a list, or of a range."""
    place = f"{where} {key}"
    values = plain(values, place)
    if isinstance(values, dict):
        return steps(key, values, place)
    if not isinstance(values, list):
        raise InputError(
            f"{place} = {values!r}",
            "an axis is a list or a range.",
            f"for example: {EXAMPLE}",
            "write one value for all cases in [set]",
        )
    if not values:
        raise InputError(f"{place} = []", "the axis is empty.", f"for example: {EXAMPLE}")
    for value in values:
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(f"{place}, entry {value}", "not a finite number.")
    return values


def joint_axis(group: Mapping[str, Any], where: str) -> Axis:
    """The axis of keys that change together: key -> list or range, all of one length."""
    columns = {key: values_of_axis(key, values, where) for key, values in group.items()}
    lengths = {key: len(values) for key, values in columns.items()}
    if len(columns) < 2:
        raise InputError(
            f"{where} {', '.join(columns)}",
            "a group needs two or more keys.",
            cure="write a single key in [axes]",
        )
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{key}: {n}" for key, n in lengths.items())
        raise InputError(
            where,
            f"the lists are not of one length ({listed}).",
            "allowed: as many values for each key of a group",
        )
    return Axis(next(iter(columns)), tuple(columns), tuple(zip(*columns.values())))
