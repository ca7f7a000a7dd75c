"""Tables and texts of Equilib that are refused: the message has the file, the line and the mistake."""

import random

import pytest
from support.factsage_files import BRACKETS, EXAMPLES, SHORT, write

from mocoupled.comparison.factsage import find_table, read_table, shipped_tables
from mocoupled.errors import InputError

PLANET = "temperature [K],melt fraction,volatiles.hydrogen,redox.oxygen_fugacity,H2 [bar],O2 [bar]\n"


BAD = {  # name: (text, what the message says)
    "unknown species": (
        SHORT.replace("CH4", "CH4X"),
        ["line 1 column 'CH4X [bar]'", "neither a species nor another column", "did you mean 'CH4'"],
    ),
    "formula of an unknown element": (
        SHORT.replace("CH4", "Xy6"),
        ["line 1 column 'Xy6 [bar]'", "neither a species"],
    ),
    "unknown unit": (
        SHORT.replace("CO [bar]", "CO [brr]"),
        ["line 1 column 'CO [brr]'", "'brr' is not a unit of CO"],
    ),
    "unit of another kind": (
        SHORT.replace("CO [bar]", "CO [kg]"),
        ["'kg' is not a unit of CO", "mole fraction"],
    ),
    "no unit": (SHORT.replace("CO [bar]", "CO"), ["the unit of CO is missing", "'H2O [bar]'"]),
    "unknown unit of temperature": (
        SHORT.replace("[K]", "[Kelvins]"),
        ["line 1 column 'temperature [Kelvins]'"],
    ),
    "temperature in bar": (
        SHORT.replace("[K]", "[bar]"),
        ["line 1 column 'temperature [bar]'", "one of temperature is needed"],
    ),
    "no column of temperature": (
        SHORT.replace("temperature [K],", "").replace("1388,", ""),
        ["line 1", "no column has the temperature"],
    ),
    "no temperature in a row": (SHORT.replace("1388", ""), ["line 2", "the temperature is missing"]),
    "no pressure": (
        SHORT.replace("pressure [bar],", "").replace("794,", ""),
        ["line 2", "the total pressure is missing"],
    ),
    "zero kelvin": (SHORT.replace("1388", "0"), ["line 2 temperature = '0'", "out of range"]),
    "below zero kelvin": (SHORT.replace("1388", "-5"), ["line 2 temperature = '-5'", "out of range"]),
    "negative pressure": (SHORT.replace("36.33", "-36.33"), ["line 2 CO = '-36.33'", "below 0"]),
    "not a number": (SHORT.replace("36.33", "36.3.3"), ["line 2 CO = '36.3.3'", "is not a number"]),
    "NaN": (SHORT.replace("36.33", "nan"), ["line 2 CO = 'nan'", "not a finite number"]),
    "infinite": (SHORT.replace("794", "1e999"), ["line 2 pressure = '1e999'", "not a finite number"]),
    "mole fraction above one": (
        SHORT.replace("CH4 [bar]", "CH4 [mole fraction]"),
        ["line 2 CH4 = '6.89'", "above 1"],
    ),
    "too few cells": (SHORT.replace(",6.89", ""), ["line 2", "it has 6 cells, and line 1 names 7 columns"]),
    "column twice": (SHORT.replace("CO2 [bar]", "CO [Pa]"), ["column 'CO [Pa]'", "appears twice"]),
    "no row": (SHORT.splitlines()[0] + "\n", ["a line of column names and no row"]),
    "no species": ("temperature [K],pressure [bar]\n1388,794\n", ["line 2", "no species has a value"]),
    "incomplete gas": (SHORT.replace("525.30", "25.30"), ["line 2", "add up to 293.99 bar of 794 bar"]),
    "graphite of unknown carbon": (
        SHORT.replace("CH4 [bar]", "C(gr) [mol]"),
        ["line 2", "the amount of C, H, O is missing", "total C [mol]"],
    ),
    "unknown element": (SHORT.replace("CH4 [bar]", "total Q [mol]"), ["no element is called 'Q'"]),
    "element in bar": (
        SHORT.replace("CH4 [bar]", "total C [bar]"),
        ["'bar' is not a unit of the amount of an element"],
    ),
    "empty": ("", ["the file is empty"]),
    "only a head": ("# program: FactSage\n", ["the file is empty"]),
    "prose": ("FactSage says hello\n", ["line 1", "neither a line of column names nor of an Equilib run"]),
    "unknown key of the head": (
        "# oxigen: own\n" + SHORT,
        ["line 1 oxigen = 'own'", "did you mean 'oxygen'"],
    ),
    "oxygen from nowhere": ("# oxygen: air\n" + SHORT, ["line 1 oxygen = 'air'", "buffer, own, closed"]),
    "key of the head twice": ("# zero: a\n# zero: b\n" + SHORT, ["line 2 zero = 'b'", "appears twice"]),
    "own oxygen that is not there": ("# oxygen: own\n" + SHORT, ["line 3", "no oxygen fugacity"]),
    "own oxygen of zero": (PLANET + "1400,0,1 ocean,,50,0\n", ["line 2", "names no buffer"]),
    "no buffer": (
        "# oxygen: buffer\n" + PLANET + "1400,0,1 ocean,,50,1e-12\n",
        ["line 3", "names no buffer"],
    ),
    "melt fraction above one": (
        PLANET + "1400,1.5,1 ocean,IW,50,1e-12\n",
        ["line 2 melt fraction = '1.5'", "above 1"],
    ),
    "buffer without a planet": (
        "# oxygen: own\n" + SHORT.replace("CH4 [bar]", "O2 [bar]"),
        ["line 3", "there is no planet"],
    ),
    "run without temperature": (
        BRACKETS.format(P="100 bar", a=0.75, b=0.25).replace(" T = 1388.00 K\n", ""),
        ["line 2", "the temperature of this run is missing"],
    ),
    "run without pressure": (
        BRACKETS.format(P="100 bar", a=0.75, b=0.25).replace(" P = 100 bar\n", ""),
        ["line 2", "the pressure of this run is missing"],
    ),
    "run with an unknown unit of pressure": (
        BRACKETS.format(P="100 barn", a=0.75, b=0.25),
        ["line 2 P = 100 barn"],
    ),
    "run without a unit": (
        BRACKETS.format(P="100", a=0.75, b=0.25),
        ["line 2 P = 100", "the unit is missing"],
    ),
    "run with an unknown species": (
        BRACKETS.format(P="100 bar", a=0.75, b=0.25).replace("H2O", "H2Ox"),
        ["line 4 species 'H2Ox'", "not the name of a species"],
    ),
    "run with a negative amount": (BRACKETS.format(P="100 bar", a=-0.75, b=0.25), ["line 4 H2O", "below 0"]),
    "run in pounds": (
        BRACKETS.format(P="100 bar", a=0.75, b=0.25).replace(" mol ", " pound "),
        ["line 3", "'pound' is not a unit of amounts"],
    ),
    "run that does not add up": (BRACKETS.format(P="100 bar", a=0.5, b=0.1), ["line 3", "add up to 0.6"]),
    "run without a gas": (" T = 1388 K\n P = 1 bar\n", ["no gas phase"]),
    "gas without constituents": (
        " T = 1388 K\n P = 1 bar\n 1.0 mol gas_ideal\n",
        ["line 3", "no constituents"],
    ),
    "run with nan": (BRACKETS.format(P="100 bar", a="nan", b=0.25), ["line 4", "not a finite number"]),
    "run below zero kelvin": (
        BRACKETS.format(P="100 bar", a=0.75, b=0.25).replace("1388.00 K", "-300 C"),
        ["line 1 T = -300 C", "out of range"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_refused_with_file_and_line(name, tmp_path):
    text, said = BAD[name]
    with pytest.raises(InputError) as caught:
        read_table(write(tmp_path, text))
    message = str(caught.value)
    assert "mine.csv" in message
    for words in said:
        assert words in message, message


@pytest.mark.parametrize(
    "raw, said",
    [
        (b"T = 1388 K\nP = 1 b\xe4r\n", "line 2"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not text in UTF-8"),
        (b"T\x00 = 3\n", "binary"),
        (b"\xff\xfeT\x00x", "not text in UTF-8"),
    ],
)
def test_bytes_that_are_no_text(raw, said, tmp_path):
    path = tmp_path / "run.txt"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=said):
        read_table(path)


def test_damaged_files_are_read_or_refused(tmp_path):
    """Whatever happens to a file (lines dropped, letters changed, cut short), it is read or refused: never a
    traceback."""
    chance = random.Random(7)
    texts = [p.read_text() for p in EXAMPLES.glob("*.txt")] + [
        find_table(name).read_text() for name in shipped_tables()
    ]
    refused = 0
    for _ in range(300):
        letters = list(chance.choice(texts))
        for _ in range(chance.randint(1, 6)):
            k = chance.randrange(len(letters))
            letters[k] = chance.choice(
                [
                    "",
                    ",",
                    " ",
                    "\n",
                    "(",
                    ")",
                    "-",
                    "e",
                    "9",
                    "9999",
                    "x",
                    "#",
                    "[",
                    "=",
                    "mol",
                    "\N{GREEK SMALL LETTER MU}",
                ]
            )
        if chance.random() < 0.3:
            letters = letters[: chance.randrange(1, len(letters))]
        path = write(tmp_path, "".join(letters), "damaged")
        try:
            assert all(record.temperature > 0 for record in read_table(path))
        except InputError as error:
            refused += 1
            assert "damaged" in str(error)
    assert 30 < refused < 300
