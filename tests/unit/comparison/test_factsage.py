"""Tables of other programs' equilibria and the text of Equilib runs: what is read, and what is refused and
how."""

import math
import random

import pytest
from support.places import TESTS

from mocoupled.comparison.factsage import composition, find_table, read_table, shipped_tables, species_name
from mocoupled.constants import BAR
from mocoupled.errors import InputError

EXAMPLES = TESTS / "factsage"

# Bower et al. 2022, Table E, typed a second time: CO, CO2, H2, H2O, CH4 [bar] of the paper's model and of
# FactSage
TABLE_E = {
    ("3 ocean", "1 C/H", "IW-2.0"): ((7.1, 0.4, 186, 23, 42), (7.2, 0.4, 187.5, 22.4, 41)),
    ("3 ocean", "1 C/H", "IW+0.5"): ((51, 48, 213, 460, 22), (48.9, 49.7, 216.1, 458.6, 20.7)),
    ("1 ocean", "0.1 C/H", "IW+2.0"): ((0.7, 3.7, 20, 240, 0), (0.6, 3.7, 20.2, 239.9, 0.00043)),
    ("1 ocean", "5 C/H", "IW+4.0"): ((7, 368, 3.7, 444, 0), (6.4, 367.6, 3.7, 445, 0)),
}
# as quoted by Atmodeller's test suite, typed a second time: T [K]; H2, H2O, CO, CO2, CH4, O2 [bar]
WITHOUT_MELT = {
    ("CHO_reduced_IW-2", "FactSage"): (1400, 175.5, 13.8, 6.21, 0.228, 38.07, 1.25e-15),
    ("CHO_IW+0.5", "FactSage"): (1400, 236.98, 337.16, 46.42, 30.88, 28.66, 4.11e-13),
    ("CHO_IW+0.5", "FastChem"): (
        1400,
        236.73845646,
        332.03616807,
        45.94958264,
        29.82548282,
        29.61919788,
        3.96475584e-13,
    ),
    ("CHO_oxidised_IW+2", "FactSage"): (1400, 27.4, 218.48, 0.873, 3.25, 0.00129, 1.29e-11),
    ("CHO_highly_oxidised_IW+4", "FactSage"): (1400, 5.78, 432.08, 10.21, 357.23, 7.13e-5, 1.14e-9),
    ("CHO_873K_IW", "FactSage"): (873, 59.066, 18.32, 0.000891, 0.000748, 19.548, 1.27e-25),
    ("graphite_stable_873K", "FactSage"): (873, 14.564, 4.527, 0.07276, 0.061195, 96.74, 1.27e-25),
}


def test_table_e_is_entered_as_printed():
    records = read_table("bower2022_appendix_E")
    assert len(records) == 8
    for record in records:
        key = tuple(
            record.case[k] for k in ("volatiles.hydrogen", "volatiles.carbon", "redox.oxygen_fugacity")
        )
        expected = TABLE_E[key][record.program == "FactSage"]
        printed = [record.pressures[s] / BAR for s in ("CO", "CO2", "H2", "H2O", "CH4")]
        assert printed == pytest.approx(expected, rel=1e-14)
        assert (
            record.temperature == 1388.0 and record.melt_fraction == 0.0 and record.table.oxygen == "buffer"
        )
    first = records[0]
    assert first.rounding["CO"] == pytest.approx(0.05 * BAR) and first.rounding["H2"] == pytest.approx(
        0.5 * BAR
    )
    assert records[5].rounding["CH4"] == pytest.approx(0.5e-5 * BAR)
    assert "8.0" in first.table.version and first.table.gas == "ideal" and "half" in first.table.zero


def test_atmospheres_without_melt_are_entered_as_quoted():
    records = {(r.name, r.program): r for r in read_table("atmospheres_without_melt")}
    assert set(records) == set(WITHOUT_MELT)
    for key, (T, *pressures) in WITHOUT_MELT.items():
        record = records[key]
        assert record.temperature == T and record.table.oxygen == "own"
        assert [record.pressures[s] / BAR for s in ("H2", "H2O", "CO", "CO2", "CH4", "O2")] == pytest.approx(
            pressures, rel=1e-14
        )
        assert record.log10_fO2 == pytest.approx(math.log10(pressures[-1]), rel=1e-14)
    graphite = records["graphite_stable_873K", "FactSage"]
    assert graphite.activities == {"C(gr)": 1.0}
    assert graphite.condensates["C(gr)"] == pytest.approx(3.54162e20 / 0.0120107, rel=1e-12)
    assert graphite.moles["O"] == pytest.approx(2.73159e19 / 0.0159994, rel=1e-12)


def test_shipped_tables_are_found_by_name():
    assert shipped_tables() == ("atmospheres_without_melt", "bower2022_appendix_E")
    assert find_table("bower2022_appendix_E").name == "bower2022_appendix_E.csv"
    with pytest.raises(InputError, match="did you mean 'bower2022_appendix_E'"):
        read_table("bower2022_apendix_E")
    with pytest.raises(InputError, match="a folder, not a file"):
        read_table(EXAMPLES)


def written(tmp_path, text, name="mine.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


SHORT = (
    "temperature [K],pressure [bar],H2 [bar],H2O [bar],CO [bar],CO2 [bar],CH4 [bar]\n"
    "1388,794,173.67,525.30,36.33,51.80,6.89\n"
)


def test_the_shortest_table(tmp_path):
    """Closed system: the elements are those of the gas; a mole of gas holds 2 (x_H2 + x_H2O) + 4 x_CH4 of
    H."""
    (record,) = read_table(written(tmp_path, SHORT))
    assert record.table.oxygen == "closed" and record.pressure == 794 * BAR and record.name == "line 2"
    assert record.moles["H"] * 794 == pytest.approx(2 * (173.67 + 525.30) + 4 * 6.89, rel=1e-12)
    assert record.rounding["H2O"] == pytest.approx(0.005 * BAR)


@pytest.mark.parametrize(
    "text",
    [
        SHORT.replace(",", ";"),
        SHORT.replace(",", "\t"),
        "\N{BYTE ORDER MARK}" + SHORT.replace("\n", "\r\n"),
        "\n# program: FactSage\n\n" + SHORT + "\n",
        "T [C],P [MPa],H2 [mole fraction],H2O(g) [kPa],CO_g [bar],CO2 [bar],CH4 [bar]\n"
        "1114.85,79.4,0.218727,52530,36.33,51.80,6.89\n",
        "temperature [K],pressure [atm],H2 [bar],H2O [bar],CO [bar],CO2 [bar],CH4 [bar]\n"
        '"1388","783.617",173.67,525.30,36.33,5.180D1,+6.89\n',
    ],
)
def test_the_same_table_in_other_words(text, tmp_path):
    (plain,), (other,) = (
        read_table(written(tmp_path, SHORT)),
        read_table(written(tmp_path, text, "other.csv")),
    )
    assert other.temperature == pytest.approx(plain.temperature, rel=1e-12)
    assert other.pressure == pytest.approx(plain.pressure, rel=1e-6)
    assert dict(other.pressures) == pytest.approx(dict(plain.pressures), rel=1e-5)


def test_amounts_of_elements(tmp_path):
    head = (
        "temperature [K],pressure [bar],total H [kg],total C [mol],total O [mol],H2 [bar],CO [bar],C(gr) "
        "[mol]\n"
    )
    (record,) = read_table(written(tmp_path, head + "900,100,0.00100794,2,1,60,40,1.5\n"))
    assert record.moles == pytest.approx({"H": 1.0, "C": 2.0, "O": 1.0}) and record.condensates == {
        "C(gr)": 1.5
    }


# ---- the text of Equilib runs


def test_the_table_of_constituents():
    """The example file: two runs, the elements of the input stream, an amount, fraction and fugacity of each
    gas."""
    first, second = read_table(EXAMPLES / "equilib_table.txt")
    assert (first.temperature, first.pressure) == (1388.0, pytest.approx(794 * BAR))
    assert first.moles == pytest.approx({"H": 3.0, "O": 1.4, "C": 0.2}, rel=1e-12)
    assert first.pressures["H2O"] == pytest.approx(0.66158 * 794 * BAR) and first.rounding[
        "H2O"
    ] == pytest.approx(0.5e-5 * 794 * BAR)
    assert len(first.pressures) == 25 and first.pressures["HCOOH"] == pytest.approx(1.3499e-5 * 794 * BAR)
    assert first.condensates == {"C(gr)": 0.0} and first.activities == {"C(gr)": 0.04946}
    assert second.pressure == pytest.approx(100 * 101325.0) and second.moles == pytest.approx(
        {"H": 4.0, "O": 1.3, "C": 0.8}
    )
    assert first.name == "equilib_table 1" and first.table.oxygen == "closed" and first.table.gas == "ideal"


def test_formulas_in_brackets():
    """The example file: mole fractions in brackets, temperature and pressure beside the phase, graphite below
    it; the elements of the products, with graphite, are those of the reactants (H2 + 0.5 CO + 2 CH4) to the
    printed digits."""
    (record,) = read_table(EXAMPLES / "equilib_brackets.txt")
    assert (record.temperature, record.pressure) == (873.0, pytest.approx(116 * BAR))
    assert record.moles == pytest.approx({"H": 10.0, "C": 2.5, "O": 0.5}, rel=1e-5)
    assert record.condensates == {"C(gr)": 0.35845} and record.activities == {"C(gr)": 1.0}
    assert record.pressures["CH4"] == pytest.approx(0.72013 * 116 * BAR)


BRACKETS = """ T = 1388.00 K
 P = {P}
     2.00000     mol   gas_ideal
         ( {a}     H2O
         + {b}     H2 )
"""


@pytest.mark.parametrize(
    "P, a, b",
    [
        ("100 bar", "0.75", "0.25"),
        ("100 bar", "75", "25"),
        ("100 bar", "1.5", "0.5"),
        ("98.6923 atm", "74.0192", "24.6731"),
        ("10 MPa", "7.5E+06", "2.5E+06"),
    ],
)
def test_fractions_pressures_and_moles_in_brackets(P, a, b, tmp_path):
    """What the numbers in brackets are follows from their sum: 1, the pressure, or the moles of the gas."""
    (record,) = read_table(written(tmp_path, BRACKETS.format(P=P, a=a, b=b), "run.txt"))
    assert record.pressures["H2O"] == pytest.approx(75 * BAR, rel=1e-5) and record.pressures[
        "H2"
    ] == pytest.approx(25 * BAR, rel=1e-5)
    assert record.moles == pytest.approx({"H": 4.0, "O": 1.5}, rel=1e-5)


def test_names_of_species():
    assert [species_name(s) for s in ("H2O(g)", " CO_g", "C_Graphite(s)", "C(s)", "CH4")] == [
        "H2O",
        "CO",
        "C(gr)",
        "C(gr)",
        "CH4",
    ]
    assert composition("C6H5OH") == {"C": 6, "H": 6, "O": 1} and composition("H3O+") == {"H": 3, "O": 1}
    assert (
        composition("H2X") is None
        and composition("water") is None
        and composition("") is None
        and composition("(s)") is None
    )


# ---- what is refused

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
        read_table(written(tmp_path, text))
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
        path = written(tmp_path, "".join(letters), "damaged")
        try:
            assert all(record.temperature > 0 for record in read_table(path))
        except InputError as error:
            refused += 1
            assert "damaged" in str(error)
    assert 30 < refused < 300
