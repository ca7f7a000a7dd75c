"""The head of a file: lines `# key: value` that hold for all of its rows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ...errors import InputError, nearest
from .numbers import short
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
    """The Table of the lines `# key: value`. listing: of an Equilib run, where any other comment is a note."""
    found: dict[str, str] = {}
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
        if key not in HEADER:
            raise InputError(
                place,
                "the head of a table has no such key.",
                f"allowed: {', '.join(HEADER)}",
                nearest(key, HEADER),
            )
        if key == "note":
            notes.append(value)
            continue
        if key in found:
            raise InputError(place, "this key stands twice.")
        for name, allowed in (("oxygen", OXYGEN), ("gas", GAS)):
            if key == name and value not in allowed:
                raise InputError(
                    place,
                    "this is not one of the choices.",
                    f"allowed: {', '.join(allowed)}",
                    nearest(value, allowed),
                )
        found[key] = value
    names = {"table": "name", "standard pressure": "standard_pressure"}
    given = {names.get(key, key): value for key, value in found.items()}
    return Table(**({"name": file.stem} | given), path=str(file), notes=tuple(notes))
