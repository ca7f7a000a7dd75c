"""Workbooks of Excel that Equilib exports, and hostile ones."""

import io
import zipfile

import openpyxl
import pytest
from support.factsage_files import GASES, PRESSURES
from support.waiting import at_once

from mocoupled.comparison.factsage import read_table
from mocoupled.errors import InputError


def workbook(path, *sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


HEAD = ["T(K)", "P(bar)", *(f"mol {s}(g)" for s in GASES), None]


def test_workbook(tmp_path):
    rows = [["FactSage 8.2"], [], HEAD, [1388, 794, *GASES.values()], [1388.0, 794.0, *GASES.values()]]
    first, second = read_table(workbook(tmp_path / "run.xlsx", ("Tabelle1", rows), ("notes", [["hello"]])))
    assert dict(first.pressures) == pytest.approx(PRESSURES) and second.pressures == first.pressures
    assert first.place == "run.xlsx sheet 'Tabelle1' row 4" and "sheet 'notes'" in first.passed


def test_hostile_workbooks(tmp_path):
    """A formula without a value, a bomb, entities, a huge sheet, another zip file, an old .xls, damage: each
    refused in a second."""
    formula = workbook(tmp_path / "formula.xlsx", ("a", [HEAD, [1388, "=700+94", *GASES.values()]]))
    far = openpyxl.Workbook()
    far.active["A1"], far.active["A1048576"] = "T(K)", 1
    far.save(tmp_path / "far.xlsx")
    wide = workbook(tmp_path / "wide.xlsx", ("a", [[1] * 16000]))
    good = formula.read_bytes()

    def packed(name, **parts):
        data = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(good)) as old,
            zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for item in old.infolist():
                new.writestr(
                    item.filename,
                    parts.pop(item.filename.replace("/", "_").replace(".", "_"), old.read(item)),
                )
            for key, text in parts.items():
                new.writestr(key, text)
        path = tmp_path / name
        path.write_bytes(data.getvalue())
        return path

    other = tmp_path / "other.xlsx"
    with zipfile.ZipFile(other, "w") as file:
        file.writestr("readme.txt", "no workbook")
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
    (tmp_path / "cut.xlsx").write_bytes(good[: len(good) // 2])
    bad = {
        formula: "row 2 column 2: this cell has a formula whose value is not stored",
        tmp_path / "far.xlsx": "too large|no sheet has",
        wide: "is too large",
        packed("bomb.xlsx", bomb=b"0" * 60_000_000): "unpacks from",
        packed(
            "entities.xlsx",
            xl_workbook_xml=b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><workbook/>',
        ): "declares entities",
        packed("broken.xlsx", xl_workbook_xml=b"<workbook"): "the workbook cannot be read",
        other: "a zip file, not an Excel workbook",
        tmp_path / "old.xls": "old format .xls",
        tmp_path / "cut.xlsx": "cannot be unpacked",
    }
    for path, said in bad.items():
        with at_once(), pytest.raises(InputError, match=said) as caught:
            read_table(path)
        assert path.name in str(caught.value), path
