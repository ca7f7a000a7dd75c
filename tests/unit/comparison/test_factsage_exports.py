"""What FactSage's Equilib exports: spreadsheets and listings as they come, read or passed over by name.

The files under factsage/exports are in the layouts of the program; their numbers are ours or made up, not
FactSage's."""

import pytest
from support.places import TESTS

from mocoupled.comparison.factsage import charge, composition, read_table, species_name
from mocoupled.constants import ATMOSPHERE, BAR

EXPORTS = TESTS / "factsage" / "exports"


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
