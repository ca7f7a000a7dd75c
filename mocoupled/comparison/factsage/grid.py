"""Rows of cells, from a CSV file or a spreadsheet, under the line that names the columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...errors import InputError
from .column_titles import Column, is_header, known, read_column
from .printed_numbers import EMPTY, decimal_mark, is_number, short, with_point
from .record import ALLOWED

SEPARATORS = ("\t", ";", ",")
LEAD = 60  # rows above the names of the columns
_UNIT_ROW = re.compile(r"\[?\(?[A-Za-z°%./ 0-9^-]{1,14}\)?\]?")
_TEMPERATURE_UNITS = {"K", "C", "°C", "F", "degC"}
_PRESSURE_UNITS = {"bar", "atm", "Pa", "kPa", "MPa", "psi", "torr"}
_AMOUNT_UNITS = {"mol", "g", "gram", "kg", "mole fraction", "activity"}
_OTHER_UNITS = {"dm3", "litre", "m3", "J", "kJ", "J/K", "1", "-"}
_KNOWN_UNITS = _TEMPERATURE_UNITS | _PRESSURE_UNITS | _AMOUNT_UNITS | _OTHER_UNITS
Row = tuple[int, list[str]]  # number of a line or row, and its cells


@dataclass(frozen=True)
class Grid:
    """Rows under a line of names.

    at: the place of that line. rows: (number, cells with decimal points). above: lines over the names, passed
    over.
    """

    at: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    above: tuple[str, ...] = ()


def split(body: Sequence[tuple[int, str]]) -> tuple[list[Row], str]:
    """The lines of a CSV table as cells, and the separator: that with which most titles of a line are
    columns."""
    best, chosen = 0, ""
    for separator in SEPARATORS:
        for _, line in body[:LEAD]:
            if separator in line:
                cells = _cells(line, separator)
                count = known(cells) if is_header(cells) else 0
                if count > best:
                    best, chosen = count, separator
    if not chosen:
        chosen = next((mark for mark in (",", ";", "\t") if mark in body[0][1]), "")
    if not chosen:
        return [(n, re.split(r"\s{2,}", line.strip())) for n, line in body], " "
    return [(n, _cells(line, chosen)) for n, line in body], chosen


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator))


def has_header(rows: Sequence[tuple[int, Sequence[str]]]) -> bool:
    """Whether one of the first rows names columns."""
    return any(is_header(cells) for _, cells in rows[:LEAD])


def grids(name: str, rows: Sequence[Row], word: str, ambiguous: str) -> list[Grid]:
    """The rows under each line of names; a repeated line of names adds nothing.

    name: of the file. word: "line" or "sheet 'x' row", for messages.
    ambiguous: the decimal mark where the numbers do not determine it.
    """
    first = next((k for k, (_, cells) in enumerate(rows[:LEAD]) if is_header(cells)), 0)
    above = tuple(" ".join(c.strip() for c in cells if c.strip()) for _, cells in rows[:first])
    if first == 0 and sum(bool(c.strip()) for c in rows[0][1]) < 2:
        raise InputError(
            f"{name} {word} {rows[0][0]}",
            f"{short(' '.join(rows[0][1]).strip())} is neither a line of column names nor of an Equilib run.",
            ALLOWED,
        )
    result: list[Grid] = []
    for at, titles, body in _blocks(rows[first:]):
        if body and _is_units(body[0][1], titles):
            titles, body = _with_units(titles, body[0][1]), body[1:]
        grid = _grid(name, word, at, titles, body, ambiguous)
        result.append(grid if result else replace(grid, above=above))
    return result


def _blocks(rows: Sequence[Row]) -> list[tuple[int, list[str], list[Row]]]:
    """(number of a line of names, its titles, the rows below) for each line of names."""
    blocks: list[tuple[int, list[str], list[Row]]] = []
    for number, cells in rows:
        stripped = [c.strip() for c in cells]
        repeated = bool(blocks) and stripped == blocks[-1][1]
        if repeated or not any(stripped):
            continue
        if not blocks or (is_header(stripped) and not any(is_number(c) for c in stripped if c)):
            blocks.append((number, stripped, []))
        else:
            blocks[-1][2].append((number, stripped))
    return blocks


def _is_units(cells: Sequence[str], titles: Sequence[str]) -> bool:
    """Whether a row below the names holds their units: known units, one of them of temperature, and no
    number."""
    filled = [c for c in cells if c]
    if not filled or len(cells) > len(titles):
        return False
    if any(is_number(c) or not _UNIT_ROW.fullmatch(c) for c in filled):
        return False
    units = {c.strip("[]() ") for c in filled}
    return bool(units & _TEMPERATURE_UNITS) and units <= _KNOWN_UNITS


def _with_units(titles: Sequence[str], units: Sequence[str]) -> list[str]:
    """Titles with the units of the row below, in brackets. units: may be fewer than the titles."""
    joined = []
    for k, title in enumerate(titles):
        unit = units[k] if k < len(units) else ""
        joined.append(f"{title} [{unit.strip('[]() ')}]" if unit and title else title)
    return joined


def _grid(name: str, word: str, at: int, titles: list[str], body: Sequence[Row], ambiguous: str) -> Grid:
    """The grid of a line of names and the rows below it."""
    place = f"{name} {word} {at}"
    titles = _without_empty_end(titles, body)
    columns = _columns(place, titles, body)
    numeric = [
        k for k, c in enumerate(columns) if c.kind not in ("case", "program", "key", "passed", "empty")
    ]
    texts = [(f"{word} {n}", cells[k]) for n, cells in body for k in numeric if k < len(cells) and cells[k]]
    mark = decimal_mark(texts, name, ambiguous)
    rows = []
    for number, cells in body:
        if len(_trimmed(cells)) > len(titles) or len(cells) < len(titles):
            problem = f"it has {len(cells)} cells, and {word} {at} names {len(titles)} columns."
            cure = (
                "write nothing between two separators where there is no value; a decimal comma needs ';' "
                "between the columns"
            )
            raise InputError(f"{name} {word} {number}", problem, cure=cure)
        row = []
        for k, cell in enumerate(cells[: len(titles)]):
            if EMPTY.fullmatch(cell):
                row.append("")
            else:
                row.append(with_point(cell, mark) if k in numeric else cell)
        rows.append((number, tuple(row)))
    return Grid(place, tuple(columns), tuple(rows))


def _filled(titles: Sequence[str], body: Sequence[Row]) -> set[int]:
    """Numbers of the columns that have a value."""
    width = max([len(titles), *(len(_trimmed(cells)) for _, cells in body)])
    return {k for k in range(width) if any(k < len(cells) and cells[k] for _, cells in body)}


def _without_empty_end(titles: list[str], body: Sequence[Row]) -> list[str]:
    """Titles without those at the end that are empty and have no value below."""
    filled = _filled(titles, body)
    count = len(titles)
    while count and not titles[count - 1] and count - 1 not in filled:
        count -= 1
    return titles[:count]


def _columns(place: str, titles: Sequence[str], body: Sequence[Row]) -> list[Column]:
    """The columns of the titles; InputError for one without a name, for a repeated one, or without a
    temperature."""
    filled = _filled(titles, body)
    columns = []
    for k, title in enumerate(titles):
        if not title and k in filled:
            raise InputError(
                f"{place} column {k + 1}",
                "a column with values has no name.",
                "allowed: a name such as 'H2O [bar]'",
            )
        columns.append(read_column(f"{place} column {short(title.strip())}", title))
    columns = _once(place, columns, titles, body)
    if not any(c.kind == "temperature" for c in columns):
        raise InputError(
            place, "no column has the temperature.", "allowed: a column 'temperature [K]' or 'T(C)'"
        )
    return columns


def _trimmed(cells: Sequence[str]) -> list[str]:
    """Without empty cells at the end."""
    last = max((k for k, c in enumerate(cells) if c), default=-1)
    return list(cells[: last + 1])


def _once(place: str, columns: Sequence[Column], titles: Sequence[str], body: Sequence[Row]) -> list[Column]:
    """The columns, each quantity once. InputError for two different columns of the same quantity.

    Passed over are a repeated column with the same values, masses beside moles of the same, and a second
    temperature, pressure or volume.
    """
    result = list(columns)
    for k, column in enumerate(columns):
        if column.kind in ("passed", "empty", "phase"):
            continue
        for j in range(k):
            first = result[j]
            if (first.kind, first.name) != (column.kind, column.name):
                continue
            units = {first.unit, column.unit}
            if titles[j] == titles[k] and all(cells[j : j + 1] == cells[k : k + 1] for _, cells in body):
                result[k] = Column("empty", title=titles[k])
            elif column.kind in ("amount", "condensate") and len(units) == 2 and "mol" in units:
                mass = j if column.unit == "mol" else k
                reason = "a mass beside the moles of the same, which are taken"
                result[mass] = Column("passed", reason, title=titles[mass])
            elif column.kind in ("temperature", "pressure", "volume"):
                reason = f"a second {column.kind}; the first is taken"
                result[k] = Column("passed", reason, title=titles[k])
            else:
                raise InputError(f"{place} column {short(titles[k].strip())}", "this column appears twice.")
            break
    return result
