"""What the tests of mechanisms and reactions share.

The shipped mechanism, files made for a test, reactions of the paper.
"""

import json
import math
from fractions import Fraction

import cantera as ct
import sympy

from mocoupled.chemistry import equilibrium_constants, records
from mocoupled.chemistry.mechanism import read_mechanism
from support.places import TESTS

REFERENCE = json.loads((TESTS / "reference" / "volatile_equilibrium.json").read_text())
FIVE = ("H2", "H2O", "CO", "CO2", "CH4")
GRAPHITE = "C(gr)"
LN10 = math.log(10.0)
T = sympy.Symbol("T", positive=True)

V = read_mechanism("volatiles")
TEXT = V.path.read_text()


def write(tmp_path, text, name="mine.yaml"):
    path = tmp_path / name
    path.write_text(text)
    return path


def cantera_species(name, file="nasa_gas.yaml", **thermo):
    """One entry of a Cantera data file as a table, with additions to its thermo."""
    entry = next(s for s in ct.Species.list_from_file(file) if s.name == name).input_data
    entry["thermo"] = entry["thermo"] | thermo
    return entry


def mechanism_of(tmp_path, entries, name="made.yaml"):
    """A mechanism file with these entries as its gas."""
    table = {
        "phases": [{"name": "gas", "thermo": "ideal-gas", "species": [e["name"] for e in entries]}],
        "species": entries,
    }
    return read_mechanism(write(tmp_path, json.dumps(table), name))


def reaction(formula):
    """{"H2": -1, ...} as a Reaction."""
    return records.Reaction(tuple((s, Fraction(c)) for s, c in formula.items()))


PAPER = {
    "H": reaction({"H2": -1, "O2": Fraction(-1, 2), "H2O": 1}),
    "C": reaction({"CO": -1, "O2": Fraction(-1, 2), "CO2": 1}),
    "M": reaction({"CO2": -1, "H2": -2, "CH4": 1, "O2": 1}),
    "G": reaction({GRAPHITE: -1, "O2": Fraction(-1, 2), "CO": 1}),
}


def log10_K(r, T, source, mechanism=V):
    return equilibrium_constants.ln_K_values(mechanism, r, T, source)[0] / LN10
