"""Spreadsheets that Equilib exports: titles of columns, decimal marks, units, phases that are no gas."""

import pytest
from support.factsage_files import GASES, PRESSURES, write

from mocoupled.comparison.factsage import composition, read_table
from mocoupled.comparison.factsage.column_titles import read_column
from mocoupled.comparison.factsage.printed_numbers import decimal_mark, with_point
from mocoupled.constants import ATMOSPHERE, BAR
from mocoupled.errors import InputError

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
    (record,) = read_table(write(tmp_path, *[SAME[name][0], "mine.csv", SAME[name][1]]))
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
    first, second = read_table(write(tmp_path, text))
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
        write(tmp_path, "T(K);P(bar);mol gas_ideal;mol CO(g);mol C_Graphite(s)\n400;1;0;0;1\n")
    )
    assert not record.pressures and record.moles == {"C": 1.0} and "there is no gas" in record.remarks[0]


def test_two_quantities_that_disagree_are_named(tmp_path):
    (record,) = read_table(
        write(tmp_path, "T(K),P(bar),Y H2(g),Y H2O(g),p H2(g) (bar)\n1400,1,0.5000,0.5000,0.4850\n")
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
        read_table(write(tmp_path, text))
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


# ---- solid solutions whose names read as formulas, units that are not written


@pytest.mark.parametrize(
    "phase", ["FCC_A1", "BCC_A2#1", "HCP_A3", "CHI_A12", "BCCS", "KSI_CARBIDE", "P_PHASE", "B2_BCC"]
)
def test_a_solid_solution_is_no_gas(phase, tmp_path):
    titles = ["T(K)", "P(bar)", *(f"mol {s}(g)" for s in GASES), f"mol {phase}"]
    (record,) = read_table(
        write(tmp_path, ",".join(titles) + "\n1388,794," + ",".join(map(str, GASES.values())) + ",0.5\n")
    )
    assert record.pressures == pytest.approx(PRESSURES) and record.phases == {phase: "0.5 mol"}
    listing = (
        f"1 CH4 =\n 1 mol gas_ideal\n ( 1.0 CH4 )\n (1388 K, 794 bar, a=1)\n + 0.5 mol {phase}\n ( 1.0 Fe )\n"
    )
    (record,) = read_table(write(tmp_path, listing, "mine.txt"))
    assert record.phases == {phase: "0.5 mol"} and not record.condensates and record.moles == {"C": 1, "H": 4}
    assert composition("HCP") == {"H": 1, "C": 1, "P": 1}


def test_pressures_without_a_unit_have_that_of_the_total(tmp_path):
    (record,) = read_table(write(tmp_path, "T(K),P(atm),P H2O(g),p(H2)\n1388,2,1.5,0.5\n"))
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
    (record,) = read_table(write(tmp_path, f"T(K),P(bar),{titles}\n1388,2,{row}\n"))
    assert record.table.gas == "real" and record.pressures == pytest.approx(
        {"H2O": 1.5 * BAR, "H2": 0.5 * BAR}
    )


def test_a_row_without_gas_beside_slag(tmp_path):
    (record,) = read_table(write(tmp_path, "T(K),P(bar),mol H2O(g),g Slag-liq#1\n1388,2,0,100\n"))
    assert not record.pressures and record.phases == {"Slag-liq#1": "100 g"}
    with pytest.raises(InputError, match="wt% H2O.*a mass fraction"):
        read_table(write(tmp_path, "T(K),P(bar),wt% H2O(g)\n1388,2,50\n"))
