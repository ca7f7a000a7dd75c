"""The only door to Excel workbooks (package `openpyxl`): sheets as rows of text; hostile files are
refused."""

from __future__ import annotations

import datetime
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Protocol

from ...errors import InputError

UNPACKED, SHARED = 40_000_000, 8_000_000  # bytes of the whole workbook, and of its shared texts
PARTS = 2_000  # files inside the workbook
RATIO = 1_000  # bytes unpacked over packed
ROWS, COLUMNS, CELLS = 20_000, 2_000, 400_000
LETTERS = 10_000  # characters of a cell
CURE = "save it as CSV, or as a smaller workbook"


class Cell(Protocol):
    """A cell of a sheet, as openpyxl returns it."""

    value: object


class Worksheet(Protocol):
    """A sheet, as openpyxl returns it."""

    title: str

    def iter_rows(self) -> Iterator[Sequence[Cell]]:
        """Its rows, from the first one."""


def is_workbook(raw: bytes) -> bool:
    """Whether the bytes are of a zip file, as .xlsx is, or of an old .xls."""
    return raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))


def read_sheets(name: str, raw: bytes) -> Iterator[tuple[str, list[tuple[int, list[str]]]]]:
    """(title, rows as (number, cells)) of every sheet that is not empty.

    Raises InputError for a workbook that cannot be read, is not .xlsx, is too large, or has a formula whose
    value is not stored.
    """
    if not raw.startswith(b"PK"):
        raise InputError(
            name, "this is a workbook in the old format .xls.", "allowed: .xlsx", "save it as .xlsx or CSV"
        )
    _check_harmless(name, raw)
    try:
        import openpyxl
    except ImportError:
        raise InputError(
            name,
            "reading a workbook needs the package openpyxl, which is not installed.",
            cure="pip install openpyxl, or save it as CSV",
        ) from None
    try:
        values = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
        formulas = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
        for sheet in values.worksheets:
            rows = list(_rows(name, sheet, formulas[sheet.title]))
            if rows:
                width = max(len(cells) for _, cells in rows)
                yield sheet.title, [(n, cells + [""] * (width - len(cells))) for n, cells in rows]
    except InputError:
        raise
    except Exception as error:  # of another package, on a file that may be damaged in any way
        reason = f"{type(error).__name__}: {str(error)[:120]}".splitlines()[0]
        problem = f"the workbook cannot be read: {reason}."
        raise InputError(name, problem, cure="save it again, or as CSV") from None


def _rows(name: str, sheet: Worksheet, formulas: Worksheet) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, their cells as text. formulas: the same sheet with formulas in place of
    values."""
    counted = 0
    for number, (row, source) in enumerate(zip(sheet.iter_rows(), formulas.iter_rows()), 1):
        filled = [k for k, cell in enumerate(row) if cell.value is not None or _is_formula(source, k)]
        last = max(filled, default=-1)
        counted += last + 1
        if number > ROWS or last >= COLUMNS or counted > CELLS:
            problem = f"sheet {sheet.title!r} is too large."
            raise InputError(name, problem, f"allowed: {ROWS} rows, {COLUMNS} columns, {CELLS} cells", CURE)
        place = f"{name} sheet {sheet.title!r} row {number} column"
        cells = [_text(f"{place} {k + 1}", row[k].value, _is_formula(source, k)) for k in range(last + 1)]
        if any(cells):
            yield number, cells


def _is_formula(row: Sequence[Cell], k: int) -> bool:
    return k < len(row) and getattr(row[k], "data_type", "") == "f"


def _text(place: str, value: object, formula: bool) -> str:
    """The text of the value of a cell. formula: whether the cell has a formula."""
    if value is None:
        if formula:
            raise InputError(
                place,
                "this cell has a formula whose value is not stored.",
                cure="open the workbook in Excel or LibreOffice and save it, or save it as CSV",
            )
        return ""
    if isinstance(value, (bool, datetime.date, datetime.time, datetime.timedelta)):
        return str(value)
    text = repr(value) if isinstance(value, (int, float)) else str(value)
    if len(text) > LETTERS:
        raise InputError(place, f"this cell has {len(text)} characters.", f"allowed: {LETTERS}")
    return " ".join(text.split())


def _check_harmless(name: str, raw: bytes) -> None:
    """InputError for a zip file that is not a workbook, unpacks to too much, or declares entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            parts = packed.infolist()
            if not any(p.filename == "xl/workbook.xml" for p in parts):
                raise InputError(
                    name,
                    "this is a zip file, not an Excel workbook.",
                    "allowed: .xlsx",
                    "unpack it, or save it as .xlsx or CSV",
                )
            total = sum(p.file_size for p in parts)
            shared = sum(p.file_size for p in parts if p.filename.endswith("sharedStrings.xml"))
            if len(parts) > PARTS or total > UNPACKED or shared > SHARED or total > RATIO * len(raw):
                raise InputError(
                    name,
                    f"the workbook unpacks from {len(raw)} to {total} bytes in {len(parts)} parts.",
                    f"allowed: at most {UNPACKED} bytes, {PARTS} parts",
                    CURE,
                )
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    head = packed.read(part).replace(b"\x00", b"")
                    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                        raise InputError(
                            name,
                            (
                                f"{part.filename} in the workbook declares entities, which no Excel workbook "
                                f"does."
                            ),
                            cure="save it again, or as CSV",
                        )
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError, EOFError) as error:
        raise InputError(
            name, f"the workbook cannot be unpacked: {error}.", cure="save it again, or as CSV"
        ) from None
    except zlib.error:
        raise InputError(
            name, "the workbook cannot be unpacked: it is damaged.", cure="save it again, or as CSV"
        ) from None
