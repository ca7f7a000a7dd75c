"""A number without a unit is read in SI, and a note says so where several units are usual."""

import pytest

from mocoupled.cli.bare_numbers import note_bare_settings, units_of_case
from mocoupled.cli.melting_input import number
from mocoupled.cli.options import values
from mocoupled.cli.profiles import _times


@pytest.mark.parametrize(
    "text, unit, read, note",
    [
        (
            "270",
            "Pa",
            [270.0],
            "note: H2O=270: a bare number is in Pa; write another unit beside it, for instance '270 bar'",
        ),
        ("10,100", "Pa", [10.0, 100.0], "'100 bar'"),
        ("1:3:3", "s", [1.0, 2.0, 3.0], "is in s; write another unit beside it, for instance '3 yr'"),
        ("10,100 bar", "Pa", [1e6, 1e7], ""),
        ("1:3:3 ", "K", [1.0, 2.0, 3.0], ""),
        ("0", "Pa", [0.0], ""),
        ("0.3", "1", [0.3], ""),
        ("4e20", "kg", [4e20], "is in kg; write another unit beside it"),
    ],
)
def test_values_of_options(text, unit, read, note, capsys):
    assert values(text, unit, f"H2O={text}") == read
    said = capsys.readouterr().err.strip()
    assert said == "" if not note else note in said and said.count("note:") == 1


def test_settings_of_a_case(capsys):
    changes = {
        "volatiles.hydrogen": "3",
        "run.end_time": "100",
        "volatiles.initial_pressure.H2O": "270",
        "planet.gravity": "9.8",
        "run.end_surface_temperature": "1500",
        "mantle.crystal_size": "5 cm",
        "mantle.cells": "40",
        "redox.oxygen_fugacity": "IW+1",
        "run.rtol": 1e-5,
    }
    note_bare_settings(changes, units_of_case())
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1].strip() for line in lines] == [
        "--set volatiles.hydrogen=3",
        "--set run.end_time=100",
        "--set volatiles.initial_pressure.H2O=270",
    ]
    assert [line.split("is in ")[1].split(";")[0] for line in lines] == ["kg", "s", "Pa"]


def test_other_faces(capsys):
    assert _times("1,90") == ["1", "90"] and number("52", "Pa", "--pressure") == 52.0
    assert capsys.readouterr().err.count("a bare number is in") == 3
    assert _times("1,90 kyr") == ["1 kyr", "90 kyr"] and _times("end") == ["end"]
    assert capsys.readouterr().err == ""
