"""Models of thermodynamic data as Cantera reads them: zones, Shomate, constant heat capacity, units."""

import cantera as ct
import pytest
from support.cantera_files import mu, three_species
from support.made_mechanisms import write

import mocoupled as mo
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.constants import BAR
from mocoupled.errors import InputError

SHOMATE = """{model: Shomate, reference-pressure: 1 bar,
    temperature-ranges: [298.0, 1000.0, 2500.0, 6000.0], data: [
    [33.066178, -11.363417, 11.432816, -2.772874, -0.158558, -9.980797, 172.707974],
    [18.563083, 12.257357, -2.859786, 0.268238, 1.97799, -1.147438, 156.288133],
    [43.41356, -4.293079, 1.272428, -0.096876, -20.533862, -38.515158, 162.081354]]}"""


def test_shomate_of_three_zones(tmp_path):
    """H2 of the NIST WebBook, which Cantera cannot read: its free energy is that of H2 of NASA within 0.05
    kJ/mol in each zone (4e-3 of RT at 1500 K), and Cantera's minimiser on our zones agrees with ours."""
    path = write(tmp_path, three_species("{H: 2}", SHOMATE))
    mechanism = read_mechanism(path)
    assert mechanism.species["X"].temperature_range == (298.0, 6000.0)
    for temperature in (500.0, 1500.0, 4000.0):
        assert mu(mechanism, "X", temperature) == pytest.approx(mu(mechanism, "H2", temperature), abs=0.02)
    result = mo.gas_equilibrium(4000.0, 1e5, {"H": 2.0}, mechanism=str(path), condensates=(), engine="both")
    assert float(result.engine_difference) < 1e-10


def test_any_number_of_zones_and_what_is_wrong_with_them(tmp_path):
    rows = "[2.5, 0, 0, 0, 0, 2.54736599e+04, -0.446682853]"
    data = ", ".join([rows] * 4)
    ranges = "[200, 500, 1000, 3000, 6000]"
    four = f"{{model: NASA7, reference-pressure: 1 bar, temperature-ranges: {ranges}, data: [{data}]}}"
    mechanism = read_mechanism(write(tmp_path, three_species("{H: 1}", four)))
    assert mu(mechanism, "X", 2000.0) == mu(mechanism, "H", 2000.0)
    for bad, said in (
        (four.replace("3000, 6000", "3000"), "make 3 zones, but there are 4 rows"),
        (four.replace("-0.446682853", "", 1).replace(", ]", "]", 1), "has 6 numbers"),
    ):
        with pytest.raises(InputError, match=said) as error:
            read_mechanism(write(tmp_path, three_species("{H: 1}", bad), "bad.yaml"))
        assert "atomic-weight" not in str(error.value) and "species 'X'" in str(error.value)


@pytest.mark.parametrize(
    "units, thermo",
    [
        (
            "",
            "{model: constant-cp, T0: 300 K, h0: 10 kJ/mol, s0: 130 J/mol/K, cp0: 29 J/mol/K, "
            "reference-pressure: 1 bar}",
        ),
        (
            "units: {quantity: mol, energy: kcal}",
            "{model: constant-cp, T0: 300, h0: 2.5, s0: 0.031, cp0: 0.007, reference-pressure: 1 atm}",
        ),
        ("", "{model: constant-cp, T0: 300, h0: 10e6, s0: 130e3, cp0: 29e3, reference-pressure: 100000}"),
        (
            "",
            "{model: piecewise-Gibbs, h0: -230 kJ/mol, reference-pressure: 1 bar, data: {250: -200 kJ/mol, "
            "298.15: -235 kJ/mol, 400: -250 kJ/mol, 1500: -420 kJ/mol}}",
        ),
        (
            "",
            "{model: piecewise-Gibbs, h0: -230 kJ/mol, dimensionless: true, reference-pressure: 1 bar, data: "
            "{298.15: -91.5, 333.15: -85.0, 600: -60.0}}",
        ),
    ],
    ids=["constant-cp", "units of the file", "Cantera's units", "piecewise-Gibbs", "without dimension"],
)
def test_models_and_units_are_canteras(tmp_path, units, thermo):
    """mu0/RT as Cantera has it at 1 bar, for a gas of this species.

    1e-10, since its gas constant has more digits than ours.
    """
    text = three_species("{H: 2}", thermo, units)
    mechanism = read_mechanism(write(tmp_path, text))
    theirs = ct.Solution(yaml=text.replace("species: [H2, H, X]", "elements: [H], species: [X]"), name="gas")
    low, high = mechanism.species["X"].temperature_range
    for temperature in (max(310.0, low), min(590.0, high)):
        theirs.TP = temperature, BAR
        assert mu(mechanism, "X", temperature) == pytest.approx(theirs.standard_gibbs_RT[0], rel=1e-10)
