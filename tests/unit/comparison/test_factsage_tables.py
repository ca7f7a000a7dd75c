"""Tables of other programs' equilibria: the shipped ones as printed, and the forms that a table may have."""

import math

import pytest
from support.factsage_files import EXAMPLES, SHORT, write

from mocoupled.comparison.factsage import composition, find_table, read_table, shipped_tables, species_name
from mocoupled.constants import BAR
from mocoupled.errors import InputError

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


def test_the_shortest_table(tmp_path):
    """Closed system: the elements are those of the gas; a mole of gas holds 2 (x_H2 + x_H2O) + 4 x_CH4 of
    H."""
    (record,) = read_table(write(tmp_path, SHORT))
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
        read_table(write(tmp_path, SHORT)),
        read_table(write(tmp_path, text, "other.csv")),
    )
    assert other.temperature == pytest.approx(plain.temperature, rel=1e-12)
    assert other.pressure == pytest.approx(plain.pressure, rel=1e-6)
    assert dict(other.pressures) == pytest.approx(dict(plain.pressures), rel=1e-5)


def test_amounts_of_elements(tmp_path):
    head = (
        "temperature [K],pressure [bar],total H [kg],total C [mol],total O [mol],H2 [bar],CO [bar],C(gr) "
        "[mol]\n"
    )
    (record,) = read_table(write(tmp_path, head + "900,100,0.00100794,2,1,60,40,1.5\n"))
    assert record.moles == pytest.approx({"H": 1.0, "C": 2.0, "O": 1.0}) and record.condensates == {
        "C(gr)": 1.5
    }


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
