"""The page of `mocoupled show CASE --keys`: every key of a case."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from ...constants import ASTRONOMICAL_UNIT, YEAR
from ...schema.keys import every_key
from .text import rows

if TYPE_CHECKING:
    from rich.console import Console

    from ...case import Case

LABELS = 32  # columns
# of a quantity in SI: its unit, the least value to which a handier unit applies, its size, its name
HANDY = (
    ("s", 1e9 * YEAR, 1e9 * YEAR, "Gyr"),
    ("s", 1e6 * YEAR, 1e6 * YEAR, "Myr"),
    ("s", YEAR, YEAR, "yr"),
    ("m", 0.01 * ASTRONOMICAL_UNIT, ASTRONOMICAL_UNIT, "au"),
)


def _handy(value: object) -> object:
    """A long time in years, a long distance in au, where nothing is rounded away; anything else as it is."""
    number, _, unit = value.partition(" ") if isinstance(value, str) else ("", "", "")
    for written, least, size, name in HANDY:
        if unit == written and float(number) >= least:
            short = f"{float(number) / size:.12g}"
            return (
                f"{short} {name}"
                if math.isclose(float(short) * size, float(number), rel_tol=1e-15)
                else value
            )
    return value


def print_keys(case: Case, console: Console) -> None:
    """Print every key that --set takes, with its value in the case, what is allowed and what it means."""
    document = case.resolved()
    sections: dict[str, list[tuple[str, object]]] = {}
    for key in every_key():
        section, _, name = key.name.rpartition(".")
        table = document[section] if section else document
        value = json.dumps(_handy(table[name]), ensure_ascii=False)
        allowed = f" ({key.allowed})" if key.allowed else ""
        pairs = sections.setdefault(section, [])
        pairs.append((key.name, f"{value}\n{key.description}{allowed}"))
    for section, pairs in sections.items():
        rows(pairs, console, f"[{section}]" if section else "at the top", LABELS)
