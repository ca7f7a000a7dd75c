"""The text of Equilib runs: the table of constituents, and formulas in brackets."""

import pytest
from support.factsage_files import BRACKETS, EXAMPLES, write

from mocoupled.comparison.factsage import read_table
from mocoupled.constants import BAR


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
    (record,) = read_table(write(tmp_path, BRACKETS.format(P=P, a=a, b=b), "run.txt"))
    assert record.pressures["H2O"] == pytest.approx(75 * BAR, rel=1e-5) and record.pressures[
        "H2"
    ] == pytest.approx(25 * BAR, rel=1e-5)
    assert record.moles == pytest.approx({"H": 4.0, "O": 1.5}, rel=1e-5)
