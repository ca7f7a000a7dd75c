"""The reference pressure of a file's data: of an entry, a phase, a file, or assumed."""

import math
import warnings

import pytest
from support.cantera_files import ATM, FEO, H2, mu, read_quietly, three_species
from support.made_mechanisms import write

import mocoupled as mo
from mocoupled.chemistry import cantera_oracle
from mocoupled.chemistry.mechanism import read_mechanism


def test_the_same_with_pressures_written_in(tmp_path):
    """Stating 1 bar at the head gives the same free energies as the rule for NASA's files, and no warning."""
    assumed = read_quietly(write(tmp_path, FEO, "assumed.yaml"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stated = read_mechanism(write(tmp_path, "reference-pressure: 1 bar\n" + FEO, "stated.yaml"))
    for name in assumed.species:
        assert mu(assumed, name, 1000.0) == mu(stated, name, 1000.0)


def test_reference_pressure_is_said_once_and_recorded(tmp_path):
    path = write(tmp_path, FEO)
    with pytest.warns(UserWarning) as caught:
        mechanism = read_mechanism(path)
    said = [str(w.message) for w in caught]
    assert len(said) == 2 and all("1 bar assumed" in text and "NASA TM-4513" in text for text in said)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_mechanism(path) is mechanism
    assert mechanism.species["FeO"].reference.endswith("nasa_gas.yaml; 1 bar assumed, by this source")
    result = mo.gas_equilibrium(2500.0, 1e5, {"Fe": 1.0, "O": 1.2}, mechanism=str(path), condensates=())
    assert "nasa_gas.yaml; 1 bar assumed, by this source" in result.attrs["data"]


def test_a_file_without_a_pressure_is_at_one_atmosphere(tmp_path):
    """Cantera's own rule for what says nothing: mu0/RT at 1 bar is lower by ln(1.01325)."""
    bare = H2.replace("reference-pressure: 1 bar, ", "")
    path = write(tmp_path, three_species("{H: 2}", bare))
    with pytest.warns(UserWarning, match="mine.yaml: reference pressure of X: 1 atm assumed"):
        mechanism = read_mechanism(path)
    assert mu(mechanism, "X", 1500.0) - mu(mechanism, "H2", 1500.0) == pytest.approx(ATM, rel=1e-12)
    assert "1 atm assumed" in mechanism.species["X"].reference and mechanism.species["H2"].reference == ""


@pytest.mark.parametrize(
    "head, units, expected",
    [
        ("reference-pressure: 1 bar", "", 0.0),
        ("reference-pressure: 2 bar", "", -math.log(2)),
        ("reference-pressure: 101325", "", ATM),
        ("units: {pressure: bar}\nreference-pressure: 2", "", -math.log(2)),
    ],
)
def test_reference_pressure_at_the_head_of_a_file(tmp_path, head, units, expected):
    bare = H2.replace("reference-pressure: 1 bar, ", "")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mechanism = read_mechanism(write(tmp_path, three_species("{H: 2}", bare, head)))
    assert mu(mechanism, "X", 1500.0) - mu(mechanism, "H2", 1500.0) == pytest.approx(expected, abs=1e-12)


def test_reference_pressure_of_a_phase_and_of_an_entry(tmp_path):
    """An entry's own comes first, then that of its phase.

    Different ones in a gas are no mistake, for Cantera's minimiser too.
    """
    bare = H2.replace("reference-pressure: 1 bar, ", "")
    text = three_species("{H: 2}", bare).replace(
        "species: [H2, H, X]", "species: [H2, H, X], reference-pressure: 2 bar"
    )
    mechanism = read_mechanism(write(tmp_path, text))
    assert mu(mechanism, "X", 1500.0) - mu(mechanism, "H2", 1500.0) == pytest.approx(-math.log(2), rel=1e-12)
    result = cantera_oracle.minimise_free_energy(mechanism, 1500.0, 1e5, {"H": 1.0})
    assert result["X"] / result["H2"] == pytest.approx(2.0, rel=1e-10)
