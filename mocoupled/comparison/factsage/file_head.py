"""The head of a file: lines `# key: value` that hold for all of its rows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ...errors import InputError, nearest
from .printed_numbers import short
from .record import Table

OXYGEN = ("buffer", "own", "closed")
GAS = ("ideal", "real")
HEADER = (
    "table",
    "source",
    "program",
    "version",
    "species",
    "gas",
    "oxygen",
    "standard pressure",
    "zero",
    "note",
)


def read_head(file: Path, lines: Iterable[str], listing: bool = False) -> Table:
    """The Table of the lines `# key: value`. listing: of an Equilib run, where any other comment is a
    note."""
    values: dict[str, str] = {}
    notes = []
    for number, line in enumerate(lines, 1):
        match = re.fullmatch(r"#\s*([A-Za-z][A-Za-z ]*):(.*)", line.strip())
        if match is None or (listing and match[1].strip().casefold() not in HEADER):
            if listing and line.lstrip().startswith("#") and line.strip("# \t"):
                notes.append(line.strip("# \t"))
            continue
        title, value = match[1].strip(), match[2].strip()
        key = title.casefold()
        place = f"{file.name} line {number} {title} = {short(value)}"
        _check(place, key, value)
        if key == "note":
            notes.append(value)
            continue
        if key in values:
            raise InputError(place, "this key appears twice.")
        values[key] = value
    return Table(
        name=values.get("table", file.stem),
        path=str(file),
        source=values.get("source", Table.source),
        program=values.get("program", Table.program),
        version=values.get("version", Table.version),
        species=values.get("species", Table.species),
        gas=values.get("gas", Table.gas),
        oxygen=values.get("oxygen", Table.oxygen),
        standard_pressure=values.get("standard pressure", Table.standard_pressure),
        zero=values.get("zero", Table.zero),
        notes=tuple(notes),
    )


def _check(place: str, key: str, value: str) -> None:
    """InputError for an unknown key, and for a value that is not one of the choices."""
    if key not in HEADER:
        raise InputError(
            place,
            "the head of a table has no such key.",
            f"allowed: {', '.join(HEADER)}",
            nearest(key, HEADER),
        )
    for name, allowed in (("oxygen", OXYGEN), ("gas", GAS)):
        if key == name and value not in allowed:
            raise InputError(
                place,
                "this is not one of the choices.",
                f"allowed: {', '.join(allowed)}",
                nearest(value, allowed),
            )
