"""Rows of cells, from a CSV file or a spreadsheet: which line names the columns, the decimal mark, what is left out."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import InputError
from .headers import Column, is_header, known, read_column
from .numbers import EMPTY, decimal_mark, is_number, short, with_point
from .record import ALLOWED

SEPARATORS = ("\t", ";", ",")
LEAD = 60  # rows above the names of the columns
_UNIT_ROW = re.compile(r"\[?\(?[A-Za-z°%./ 0-9^-]{1,14}\)?\]?")


@dataclass(frozen=True)
class Grid:
    """Rows under one line of names. at: its place; columns; rows: (number, cells with decimal points); above: what
    stands over the names and is passed over."""

    at: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    above: tuple[str, ...] = ()


def split(body: Sequence[tuple[int, str]]) -> tuple[list[tuple[int, list[str]]], str]:
    """The lines of a CSV table as cells, and the separator: the one by which most titles of a line are columns."""
    best, chosen = 0, ""
    for separator in SEPARATORS:
        for _, line in body[:LEAD]:
            if separator in line:
                cells = next(csv.reader([line], delimiter=separator))
                count = known(cells) if is_header(cells) else 0
                if count > best:
                    best, chosen = count, separator
    if not chosen:
        chosen = next((mark for mark in (",", ";", "\t") if mark in body[0][1]), "")
    if not chosen:
        return [(n, re.split(r"\s{2,}", line.strip())) for n, line in body], " "
    return [(n, next(csv.reader([line], delimiter=chosen))) for n, line in body], chosen


def has_header(rows: Sequence[tuple[int, Sequence[str]]]) -> bool:
    """Whether one of the first rows names columns."""
    return any(is_header(list(cells)) for _, cells in rows[:LEAD])


def grids(name: str, rows: Sequence[tuple[int, list[str]]], word: str, ambiguous: str) -> list[Grid]:
    """The rows under each line of names; a line of names that is repeated as it was adds nothing.

    word: "line" or "sheet 'x' row", for messages. ambiguous: the decimal mark where the numbers leave it open.
    """
    first = next((k for k, (_, cells) in enumerate(rows[:LEAD]) if is_header(list(cells))), 0)
    above = tuple(" ".join(c.strip() for c in cells if c.strip()) for _, cells in rows[:first])
    if first == 0 and sum(bool(c.strip()) for c in rows[0][1]) < 2:
        raise InputError(
            f"{name} {word} {rows[0][0]}",
            f"{short(' '.join(rows[0][1]).strip())} is neither a line of column names nor of an Equilib run.",
            ALLOWED,
        )
    blocks: list[tuple[int, list[str], list[tuple[int, list[str]]]]] = []
    for number, cells in rows[first:]:
        stripped = [c.strip() for c in cells]
        if not any(stripped):
            continue
        if blocks and stripped == blocks[-1][1]:
            continue
        if not blocks or (is_header(stripped) and not any(is_number(c) for c in stripped if c)):
            blocks.append((number, stripped, []))
        else:
            blocks[-1][2].append((number, stripped))
    found = []
    for at, titles, body in blocks:
        if body and _is_units(body[0][1], titles):
            titles = [
                f"{t} [{u.strip('[]() ')}]" if u and t else t
                for t, u in zip(titles, body[0][1] + [""] * len(titles))
            ]
            body = body[1:]
        found.append(_grid(name, word, at, titles, body, ambiguous, above if not found else ()))
    return found


def _is_units(cells, titles) -> bool:
    """Whether a row below the names holds their units: no number, and a temperature's and a pressure's or amount's."""
    filled = [c for c in cells if c]
    if (
        not filled
        or len(cells) > len(titles)
        or any(is_number(c) or not _UNIT_ROW.fullmatch(c) for c in filled)
    ):
        return False
    units = {c.strip("[]() ") for c in filled}
    return bool(units & {"K", "C", "°C", "F", "degC"}) and all(u in _KNOWN_UNITS for u in units)


_KNOWN_UNITS = {
    "K",
    "C",
    "°C",
    "F",
    "degC",
    "bar",
    "atm",
    "Pa",
    "kPa",
    "MPa",
    "psi",
    "torr",
    "mol",
    "g",
    "gram",
    "kg",
    "mole fraction",
    "activity",
    "dm3",
    "litre",
    "m3",
    "J",
    "kJ",
    "J/K",
    "1",
    "-",
}


def _grid(name, word, at, titles, body, ambiguous, above) -> Grid:
    place = f"{name} {word} {at}"
    width = max([len(titles), *(len(_trimmed(cells)) for _, cells in body)])
    filled = {k for k in range(width) if any(k < len(cells) and cells[k] for _, cells in body)}
    while titles and not titles[-1] and len(titles) - 1 not in filled:
        titles = titles[:-1]
    columns = []
    for k, title in enumerate(titles):
        if not title and k in filled:
            raise InputError(
                f"{place} column {k + 1}",
                "a column with values has no name.",
                "allowed: a name such as 'H2O [bar]'",
            )
        columns.append(read_column(f"{place} column {short(title.strip())}", title))
    _once(place, columns, titles, body)
    if not any(c.kind == "temperature" for c in columns):
        raise InputError(
            place, "no column has the temperature.", "allowed: a column 'temperature [K]' or 'T(C)'"
        )
    numeric = [
        k for k, c in enumerate(columns) if c.kind not in ("case", "program", "key", "passed", "empty")
    ]
    texts = [(f"{word} {n}", cells[k]) for n, cells in body for k in numeric if k < len(cells) and cells[k]]
    mark = decimal_mark(texts, name, ambiguous)
    rows = []
    for number, cells in body:
        if len(_trimmed(cells)) > len(titles) or len(cells) < len(titles):
            problem = f"it has {len(cells)} cells, and {word} {at} names {len(titles)} columns."
            raise InputError(
                f"{name} {word} {number}",
                problem,
                cure="write nothing between two separators where there is no value; a decimal comma needs ';' between the columns",
            )
        rows.append(
            (
                number,
                tuple(
                    "" if EMPTY.fullmatch(c) else with_point(c, mark) if k in numeric else c
                    for k, c in enumerate(cells[: len(titles)])
                ),
            )
        )
    return Grid(place, tuple(columns), tuple(rows), above)


def _trimmed(cells: list[str]) -> list[str]:
    """Without empty cells at the end."""
    last = max((k for k, c in enumerate(cells) if c), default=-1)
    return list(cells[: last + 1])


def _once(place, columns, titles, body):
    """InputError for a column that stands twice; of a repeated one with the same values, of masses beside moles and of a
    second temperature or pressure one is taken and the other passed over."""
    for k, column in enumerate(columns):
        if column.kind in ("passed", "empty", "phase"):
            continue
        for j in range(k):
            if (columns[j].kind, columns[j].name) != (column.kind, column.name):
                continue
            if titles[j] == titles[k] and all(cells[j : j + 1] == cells[k : k + 1] for _, cells in body):
                columns[k] = Column("empty", title=titles[k])
            elif (
                column.kind in ("amount", "condensate")
                and {columns[j].unit, column.unit} - {"mol"}
                and "mol" in (columns[j].unit, column.unit)
            ):
                mass = j if column.unit == "mol" else k
                columns[mass] = Column(
                    "passed", "a mass beside the moles of the same, which are taken", title=titles[mass]
                )
            elif column.kind in ("temperature", "pressure", "volume"):
                columns[k] = Column("passed", f"a second {column.kind}; the first is taken", title=titles[k])
            else:
                raise InputError(f"{place} column {short(titles[k].strip())}", "this column stands twice.")
            break
