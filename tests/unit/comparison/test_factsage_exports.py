"""What FactSage's Equilib exports: spreadsheets and listings as they come, read or passed over by name.

The files under factsage/exports are in the layouts of the program; their numbers are ours or made up, not
FactSage's."""

import io
import zipfile

import openpyxl
import pytest
from support.places import TESTS
from support.waiting import at_once

from mocoupled.comparison.factsage import charge, composition, read_table, species_name
from mocoupled.comparison.factsage.column_titles import read_column
from mocoupled.comparison.factsage.printed_numbers import decimal_mark, with_point
from mocoupled.constants import ATMOSPHERE, BAR
from mocoupled.errors import InputError

EXPORTS = TESTS / "factsage" / "exports"
GASES = {
    "H2": 0.36548,
    "H2O": 1.1055,
    "CO": 0.076448,
    "CO2": 0.10901,
    "CH4": 0.014506,
}  # mol at 1388 K, 794 bar
TOTAL = sum(GASES.values())
PRESSURES = {s: n / TOTAL * 794 * BAR for s, n in GASES.items()}


def written(tmp_path, text, name="mine.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


# ---- the files of the fault list


def test_decimal_commas_in_a_listing():
    (record,) = read_table(EXPORTS / "fs3_commas.txt")
    assert (record.temperature, record.pressure) == (873.0, pytest.approx(116 * BAR))
    assert record.pressures["CH4"] == pytest.approx(0.72013 * 116 * BAR) and record.rounding[
        "CH4"
    ] == pytest.approx(0.5e-5 * 116 * BAR)
    assert record.pressures["C2H6"] == pytest.approx(2.17974e-4 * 116 * BAR) and record.gas_moles == 2.92551
    assert record.moles == pytest.approx({"H": 10.0, "C": 2.5, "O": 0.5}) and record.condensates == {
        "C(gr)": 0.35845
    }


def test_semicolons_and_decimal_commas():
    (record,) = read_table(EXPORTS / "fs7_semicolon.csv")
    assert record.pressures["H2"] == pytest.approx(173.67 * BAR) and record.rounding["CO"] == pytest.approx(
        0.005 * BAR
    )
    assert record.table.name == "german" and record.temperature == 1388.0


def test_no_gas():
    (record,) = read_table(EXPORTS / "fs10_nogas.txt")
    assert not record.pressures and not record.fugacities and record.gas_moles == 0
    assert record.condensates == {"C(gr)": 1.0} and record.moles == {"C": 1.0}
    assert any("there is no gas" in r for r in record.remarks)


def test_slag_beside_the_gas():
    (record,) = read_table(EXPORTS / "fs11_slag.txt")
    assert record.pressures == pytest.approx({"H2O": 0.666 * BAR, "CO2": 0.334 * BAR})
    assert record.phases == {"Slag-liq#1": "1.00E+02 gram"} and record.gas_moles == pytest.approx(1.499)


def test_ions_are_read_under_their_names():
    first, second = read_table(EXPORTS / "fs12_ions.txt")
    assert first.pressures["e-"] == pytest.approx(1e-20 * 794 * BAR) and second.pressures[
        "H3O+"
    ] == pytest.approx(1e-20 * 100 * ATMOSPHERE)
    assert first.volume == pytest.approx(2.42866e-4) and first.fugacities["H2O"] == pytest.approx(525.3 * BAR)
    assert second.fugacities["H2O"] == pytest.approx(45.129 * ATMOSPHERE)
    assert (charge("e-"), charge("H3O+"), charge("O2-"), charge("H2O"), charge("Slag-liq")) == (
        -1,
        1,
        -1,
        0,
        0,
    )
    assert [species_name(s) for s in ("e(-)", "E-", "H3O[+]", "H[+](g)", "Mg[2+]", "electron")] == [
        "e-",
        "e-",
        "H3O+",
        "H+",
        "Mg2+",
        "electron",
    ]
    assert (
        composition("e-") == {}
        and composition("H3O+") == {"H": 3, "O": 1}
        and composition("Fe(CO)5") == {"Fe": 1, "C": 5, "O": 5}
    )


def test_a_real_gas_is_marked():
    assert [r.table.gas for r in read_table(EXPORTS / "fs14_real.txt")] == ["real", "real"]


def test_slag_and_minerals_in_brackets():
    """A version in prose, grams, a solution with a bracket of its own, minerals with flags, the block of
    energies."""
    (record,) = read_table(EXPORTS / "slag_brackets.txt")
    assert record.temperature == pytest.approx(1873.15) and record.pressure == pytest.approx(ATMOSPHERE)
    assert record.pressures == pytest.approx(
        {
            "H2O": 0.995 * ATMOSPHERE,
            "H2": 0.003 * ATMOSPHERE,
            "O2": 0.0015 * ATMOSPHERE,
            "OH": 5e-4 * ATMOSPHERE,
        }
    )
    assert (
        record.phases == {"Slag-liq#1": "149.00 gram"} and record.condensates["Mg2SiO4_Forsterite(s1)"] == 0
    )
    assert record.activities == {"Mg2SiO4_Forsterite(s1)": 0.71, "MgSiO3_Proto-enstatite(s1)": 1.0}
    assert (
        "Mg2SiO4_Forsterite(s1): flag T, its data were extrapolated" in " ".join(record.remarks)
        and "the input stream" in record.passed
    )


def test_minerals_and_matte_in_a_table():
    """A byte-order mark, CRLF, degrees C, atm, a stream in grams with further columns, gas_ideal#1, flags
    before and after the numbers, a solution that is not there, the table of system components."""
    (record,) = read_table(EXPORTS / "minerals_table.txt")
    assert record.temperature == pytest.approx(1873.15) and record.volume == pytest.approx(0.1537)
    assert record.pressures["H2"] == pytest.approx(0.003 * ATMOSPHERE) and record.phases == {"Matte": ""}
    assert record.activities["SiO2_Quartz(s)"] == 0.9 and record.condensates["SiO2_Quartz(s)"] == 0
    assert "the table of system components" in record.passed and "O2: flag T" in " ".join(record.remarks)


# ---- spreadsheets

AMOUNTS = (
    "T(K);P(bar);mol H2(g);mol H2O(g);mol CO(g);mol CO2(g);mol CH4(g)\n"
    "1388;794;0,36548;1,1055;0,076448;0,10901;0,014506\n"
)
SAME = {  # the same gas in other words: (text, encoding)
    "amounts": (AMOUNTS, "utf-8"),
    "UTF-16 of Excel": (AMOUNTS, "utf-16"),
    "CRLF and a mark": ("\N{BYTE ORDER MARK}" + AMOUNTS.replace("\n", "\r\n"), "utf-8"),
    "empty columns": (AMOUNTS.replace("\n", ";;\n"), "utf-8"),
    "units behind": (
        AMOUNTS.replace("mol H2(g)", "H2(g) (mol)")
        .replace("mol CO2(g)", "CO2(g) [mol]")
        .replace("mol CO(g)", "CO(g) mol"),
        "utf-8",
    ),
    "masses": (
        "T(K);P(bar);g H2(g);g H2O(g);g CO(g);g CO2(g);g CH4(g)\n"
        "1388;794;0,736764;19,915892;2,141316;4,797476;0,232712\n",
        "utf-8",
    ),
    "moles and masses": (
        AMOUNTS.replace(";mol CH4(g)\n", ";mol CH4(g);g H2(g)\n").replace("0,014506\n", "0,014506;0,7\n"),
        "utf-8",
    ),
    "fractions in Windows-1252": (
        "# note: Öfen\nT (°C);P(atm);Y H2(g);Y H2O(g);Y CO(g);Y CO2(g);Y CH4(g)\n"
        "1.114,85;783,617;2,18727E-01;6,61602E-01;4,57514E-02;6,52385E-02;8,68132E-03;;\n",
        "cp1252",
    ),
    "tabs": (
        "T(K)\tP(bar)\tY H2(g)\tY H2O(g)\tY CO(g)\tY CO2(g)\tY CH4(g)\n"
        "1388\t794\t0.218727\t0.661602\t0.0457514\t0.0652385\t0.00868132\n",
        "utf-8",
    ),
    "quoted, thousands": (
        '"T(K)","P(bar)","Y(H2)","Y(H2O)","Y(CO)","Y(CO2)","Y(CH4)"\n'
        '"1,388.00","794.0","0.218727","0.661602","0.0457514","0.0652385","0.00868132"\n',
        "utf-8",
    ),
    "activities": (
        "T(K),P(bar),Activity H2(g),Activity H2O(g),Activity CO(g),Activity CO2(g),Activity "
        "CH4(g)\n1388,794,173.669,525.312,36.3266,51.7994,6.89297\n",
        "utf-8",
    ),
    "activities in atm": (
        "T(K),P(bar),a H2(g),a H2O(g),a CO(g),a CO2(g),a CH4(g)\n"
        "1388,794,171.398,518.443,35.8516,51.1220,6.80284\n",
        "utf-8",
    ),
    "logarithms": (
        "T(K),P(bar),log10 activity H2(g),log10(activity) H2O(g),log10 a(CO),ln activity "
        "CO2(g),log10(a(CH4))\n1388,794,2.2397224,2.7204173,1.5602248,3.9473786,0.8384065\n",
        "utf-8",
    ),
    "a line of units": (
        "T;P;H2;H2O;CO;CO2;CH4\nK;bar;bar;bar;bar;bar;bar\n"
        "1388;794;173,669;525,312;36,3266;51,7994;6,89297\n",
        "utf-8",
    ),
    "partial pressures": (
        "T/K,P/bar,p H2(g) (bar),p H2O(g) (bar),partial pressure CO (bar),CO2 (bar),CH4(g) "
        "[bar]\n1388,794,173.669,525.312,36.3266,51.7994,6.89297\n",
        "utf-8",
    ),
    "pages and a title": ("FactSage 8.2\n\n" + AMOUNTS + AMOUNTS.splitlines()[0] + "\n", "utf-8"),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_gas_in_other_words(name, tmp_path):
    (record,) = read_table(written(tmp_path, *[SAME[name][0], "mine.csv", SAME[name][1]]))
    assert record.temperature == pytest.approx(1388.0, abs=1e-9) and record.pressure == pytest.approx(
        794 * BAR, rel=1e-6
    )
    assert dict(record.pressures) == pytest.approx(PRESSURES, rel=2e-5)
    atoms = {"H": 3.0, "O": 1.4, "C": 0.2}
    assert {e: n / record.moles["C"] for e, n in record.moles.items()} == pytest.approx(
        {e: n / 0.2 for e, n in atoms.items()}, rel=3e-4
    )  # five digits of CO


def test_what_a_spreadsheet_has_besides(tmp_path):
    """Energies, pages, solutions and their constituents are named; moles of the gas, volume, solids and
    activities kept; "----" is no value."""
    text = (
        "Page,T(K),P(bar),V(dm3),H(J),S(J/K),mol gas_ideal,mol H2(g),mol H2O(g),mol SiO(g),g Slag-liq#1,mol "
        "MgO_Periclase(s),log10 activity C_Graphite(s),Activity MgO(Slag-liq#1)\n"
        "1,1873,1,155.7,-1e5,200,1.0,0.5,0.4999,1E-4,100.0,0.5,-3.0,0.3\n"
        "2,1873,1,155.7,-1e5,200,1.0,0.5,0.4999,1E-4,0,----,-3.0,n/a\n"
    )
    first, second = read_table(written(tmp_path, text))
    assert first.phases == {"Slag-liq#1": "100.0 g"} and second.phases == {"Slag-liq#1": ""}
    assert (
        first.condensates == {"MgO_Periclase(s)": 0.5}
        and second.condensates == {}
        and first.activities == {"C(gr)": pytest.approx(1e-3)}
    )
    assert (
        first.volume == pytest.approx(0.1557)
        and first.gas_moles == 1.0
        and first.pressures["SiO"] == pytest.approx(1e-4 * BAR)
    )
    assert {"Page", "H(J)", "S(J/K)", "Activity MgO(Slag-liq#1)"} <= set(
        first.passed
    ) and "Activity MgO(Slag-liq#1)" not in second.passed


def test_columns_of_no_gas(tmp_path):
    (record,) = read_table(
        written(tmp_path, "T(K);P(bar);mol gas_ideal;mol CO(g);mol C_Graphite(s)\n400;1;0;0;1\n")
    )
    assert not record.pressures and record.moles == {"C": 1.0} and "there is no gas" in record.remarks[0]


def test_two_quantities_that_disagree_are_named(tmp_path):
    (record,) = read_table(
        written(tmp_path, "T(K),P(bar),Y H2(g),Y H2O(g),p H2(g) (bar)\n1400,1,0.5000,0.5000,0.4850\n")
    )
    assert "H2: 0.485 bar, but 0.5 bar by the mole fractions" in " ".join(record.remarks)


REFUSED = {
    "no guess for a header with a unit": (
        "T(K);P(bar);XX(bar)\n1;1;1\n",
        "'XX' is neither a species nor another column",
    ),
    "gas without a quantity": (
        "T(K),P(bar),H2(g),H2O(g)\n400,1,0.5,0.5\n",
        "the unit of H2\\(g\\) is missing",
    ),
    "amounts and pressures": (
        "T(K),P(bar),mol H2(g),p H2O(g) (bar)\n400,1,0.5,0.5\n",
        "do not make a mixture",
    ),
    "mixed marks": (
        "T(K);P(bar);Y H2(g);Y H2O(g)\n1400;1;0,5;0.5\n",
        "decimal point .* and some a decimal comma",
    ),
    "more than the gas": (
        "T(K);P(bar);mol gas_ideal;mol H2(g);mol H2O(g)\n1400;1;1;5;5\n",
        "add up to 10 mol, and the gas has 1 mol",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name, tmp_path):
    text, said = REFUSED[name]
    with pytest.raises(InputError, match=said) as caught:
        read_table(written(tmp_path, text))
    assert "mine.csv" in str(caught.value) and "did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    "title, kind, name, unit",
    [
        ("T(K)", "temperature", "", "K"), ("T [C]", "temperature", "", "C"),
        ("Temperatur (°C)", "temperature", "", "°C"), ("P(atm)", "pressure", "", "atm"),
        ("mol H2(g)", "amount", "H2", "mol"), ("g H2O(g)", "amount", "H2O", "g"),
        ("Y CO(g)", "fraction", "CO", ""), ("Activity H2O(g)", "activity", "H2O", ""),
        ("log10 activity "
         "C_Graphite(s)", "solid activity", "C(gr)", ""), ("mol H2O_liquid(liq)", "condensate", "H2O(l)",
         "mol"), ("mol gas_ideal", "gas amount", "", "mol"),
        ("V(litre)", "volume", "", "litre"), ("G(J)", "passed", None, None),
        ("Cp(J/K)", "passed", None, None), ("Wt.% FeO(Slag-liq)", "passed", None, None),
        ("H2O [bar]", "species", "H2O", "bar"), ("CO2 [mole fraction]", "fraction", "CO2", "mole fraction"),
        ("volatiles.hydrogen", "key", "volatiles.hydrogen", ""),
        ("log10 fO2", "log10 fO2", "", ""), ("mol H3O[+]", "amount", "H3O+", "mol"),
        ("kg Matte", "phase", "Matte", "kg"),
    ],
)  # fmt: skip
def test_titles_of_columns(title, kind, name, unit):
    column = read_column("here", title)
    assert column.kind == kind and (name is None or (column.name, column.unit) == (name, unit))


def test_decimal_marks():
    assert [
        decimal_mark([("", t)], "f")
        for t in ("1,5", "1.5", "1.388,00", "1,388.00", "0,123", "1,23E-05", "12'345.6")
    ] == [",", ".", ",", ".", ",", ",", "."]
    assert (
        decimal_mark([("", "116,000")], "f", ",") == ","
        and decimal_mark([("", "116,000")], "f") == "."
        and decimal_mark([("", "36.3.3")], "f") == "."
    )
    assert [with_point(t, ",") for t in ("1.388,25", "1,23E-05", "1388", "x")] == [
        "1388.25",
        "1.23E-05",
        "1388",
        "x",
    ]
    assert [with_point(t, ".") for t in ("1,388.25", "1 388.5", "1'388.5", "36.3.3")] == [
        "1388.25",
        "1388.5",
        "1388.5",
        "36.3.3",
    ]


# ---- workbooks


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


# ---- solid solutions whose names read as formulas, units that are not written


@pytest.mark.parametrize(
    "phase", ["FCC_A1", "BCC_A2#1", "HCP_A3", "CHI_A12", "BCCS", "KSI_CARBIDE", "P_PHASE", "B2_BCC"]
)
def test_a_solid_solution_is_no_gas(phase, tmp_path):
    titles = ["T(K)", "P(bar)", *(f"mol {s}(g)" for s in GASES), f"mol {phase}"]
    (record,) = read_table(
        written(tmp_path, ",".join(titles) + "\n1388,794," + ",".join(map(str, GASES.values())) + ",0.5\n")
    )
    assert record.pressures == pytest.approx(PRESSURES) and record.phases == {phase: "0.5 mol"}
    listing = (
        f"1 CH4 =\n 1 mol gas_ideal\n ( 1.0 CH4 )\n (1388 K, 794 bar, a=1)\n + 0.5 mol {phase}\n ( 1.0 Fe )\n"
    )
    (record,) = read_table(written(tmp_path, listing, "mine.txt"))
    assert record.phases == {phase: "0.5 mol"} and not record.condensates and record.moles == {"C": 1, "H": 4}
    assert composition("HCP") == {"H": 1, "C": 1, "P": 1}


def test_pressures_without_a_unit_have_that_of_the_total(tmp_path):
    (record,) = read_table(written(tmp_path, "T(K),P(atm),P H2O(g),p(H2)\n1388,2,1.5,0.5\n"))
    assert record.pressures == pytest.approx({"H2O": 1.5 * ATMOSPHERE, "H2": 0.5 * ATMOSPHERE})
    assert any("no unit: atm is taken" in r for r in record.remarks)


@pytest.mark.parametrize(
    "titles",
    [
        "mol H2O(gas_real),mol H2(gas_real)",
        "mol H2O(gas_real#1),mol H2(gas_real#1)",
        "mol gas_real,H2O [mol],H2 [mol]",
    ],
)
def test_a_real_gas_in_the_names_of_columns(titles, tmp_path):
    row = "2,1.5,0.5" if "mol gas_real" in titles else "1.5,0.5"
    (record,) = read_table(written(tmp_path, f"T(K),P(bar),{titles}\n1388,2,{row}\n"))
    assert record.table.gas == "real" and record.pressures == pytest.approx(
        {"H2O": 1.5 * BAR, "H2": 0.5 * BAR}
    )


def test_a_row_without_gas_beside_slag(tmp_path):
    (record,) = read_table(written(tmp_path, "T(K),P(bar),mol H2O(g),g Slag-liq#1\n1388,2,0,100\n"))
    assert not record.pressures and record.phases == {"Slag-liq#1": "100 g"}
    with pytest.raises(InputError, match="wt% H2O.*a mass fraction"):
        read_table(written(tmp_path, "T(K),P(bar),wt% H2O(g)\n1388,2,50\n"))
