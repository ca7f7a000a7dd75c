"""Finds and reads a file of equilibria: a CSV table, a workbook, or the text of an Equilib run."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ...errors import InputError, nearest
from .file_head import read_head
from .grid import grids, has_header, split
from .listing import is_listing, read_listing
from .record import ALLOWED, Record
from .rows import read_csv, read_grids
from .spreadsheet import is_workbook, read_sheets

LARGEST = 10_000_000  # bytes; a table is smaller
LONGEST = 10_000  # characters of a line


def _folder() -> Path:
    """The folder of the shipped tables: inside an installed package, or next to the package in a checkout."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "validation" / "factsage"
    return inside if inside.is_dir() else package.parent / "validation" / "factsage"


def shipped_tables() -> tuple[str, ...]:
    """Names of the shipped tables."""
    return tuple(sorted(path.stem for path in _folder().glob("*.csv")))


def find_table(name_or_path: str | os.PathLike) -> Path:
    """The file of a shipped table's name, or of a path; InputError if there is none."""
    text = os.fspath(name_or_path)
    if text in shipped_tables():
        return _folder() / f"{text}.csv"
    # os.path returns False for a name that is too long, where Path would raise.
    path = Path(os.path.expanduser(text))
    if text.strip() and os.path.isfile(path):
        return path
    problem = "there is no such file, and no shipped table has this name."
    if text.strip() and os.path.isdir(path):
        problem = "this is a folder, not a file."
    raise InputError(
        f"table {text!r}",
        problem,
        f"shipped: {', '.join(shipped_tables()) or 'none'}; or a path",
        nearest(text, shipped_tables()),
    )


def read_table(path: str | os.PathLike) -> tuple[Record, ...]:
    """The equilibria of a file: a CSV table (see validation/factsage/README.md), an Excel workbook, or the
    text of a FactSage Equilib run.

    path: the name of a shipped table, or a path. What is read and not compared is named in `passed`, `phases`
    and `remarks` of the records. Raises InputError, with file and line, for a file that cannot be read, an
    unknown species or unit, a missing temperature or pressure, and a text that is not a finite number of at
    least zero.
    """
    file = find_table(path)
    raw = _bytes(file)
    if is_workbook(raw):
        return _workbook(file, raw)
    lines = _text(file, raw).splitlines()
    body = [
        (k, line) for k, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")
    ]
    if not body:
        raise InputError(file.name, "the file is empty.", ALLOWED)
    rows, separator = split(body)
    if is_listing(body) and (separator == " " or not has_header(rows)):
        return read_listing(file, lines)
    return read_csv(file, lines, body)


def _workbook(file: Path, raw: bytes) -> tuple[Record, ...]:
    """The rows of every sheet that names a temperature; other sheets are passed over by name."""
    records: list[Record] = []
    others = []
    for title, rows in read_sheets(file.name, raw):
        comments = [" ".join(cells) for _, cells in rows if cells[0].startswith("#")]
        body = [(n, cells) for n, cells in rows if not cells[0].startswith("#")]
        if not body or not has_header(body):
            others.append(title)
            continue
        word = f"sheet {title!r} row"
        head = replace(read_head(file, comments), sheet=title)
        records += read_grids(file, head, grids(file.name, body, word, "."), word)
    if not records:
        sheets = ", ".join(repr(t) for t in others) or "none with a value"
        raise InputError(
            file.name,
            f"no sheet has a line of column names with a temperature (sheets: {sheets}).",
            ALLOWED,
            "name the columns such as 'T(K)', 'P(bar)', 'mol H2(g)'",
        )
    if others:
        passed = dict(records[0].passed)
        for title in others:
            passed[f"sheet {title!r}"] = "it has no line of column names with a temperature"
        records[0] = replace(records[0], passed=passed)
    return tuple(records)


def _bytes(file: Path) -> bytes:
    """The content of the file; InputError where it cannot be read or is too large."""
    try:
        if file.stat().st_size > LARGEST:
            raise InputError(
                file.name, f"the file has {file.stat().st_size} bytes.", f"allowed: at most {LARGEST}"
            )
        return file.read_bytes()
    except OSError as error:
        raise InputError(file.name, f"the file cannot be read: {error.strerror}.") from None


def _text(file: Path, raw: bytes) -> str:
    """The text in UTF-8, UTF-16 with its mark, or Windows-1252. InputError for binary files and too long
    lines."""
    text = _decoded(file, raw)
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LONGEST:
            place = f"{file.name} line {number}"
            raise InputError(place, "this line is too long.", f"allowed: at most {LONGEST} characters")
    odd = next((k for k, letter in enumerate(text) if _is_control(letter)), None)
    if odd is not None:
        place = f"{file.name} line {text.count(chr(10), 0, odd) + 1}"
        raise InputError(place, "this is a binary file, not text.", ALLOWED)
    return text


def _is_control(letter: str) -> bool:
    """Whether a letter is a control character that no text has."""
    return ord(letter) < 32 and letter not in "\t\n\r\f"


def _decoded(file: Path, raw: bytes) -> str:
    try:
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            return raw.decode("utf-16")
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
    text = "" if b"\x00" in raw else raw.decode("cp1252", errors="replace")
    if not text or "\N{REPLACEMENT CHARACTER}" in text or any(_is_control(letter) for letter in text):
        raise InputError(
            f"{file.name} line {line}",
            "this is not text in UTF-8 or Windows-1252.",
            ALLOWED,
            "save it as UTF-8",
        )
    return text
