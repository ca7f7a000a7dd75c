"""Solubility laws relative to iron-wustite: each names its buffer."""

import math

import pytest
from support.solubility_laws import LAWS, ppmw, shipped

from mocoupled.closures.law import find
from mocoupled.closures.solubility import solubility_law

LN10 = math.log(10.0)


RELATIVE = [
    key for key, law in LAWS.items() if "dIW" in law.ranges or "DIW" in str(law.dissolution.expression)
]


@pytest.mark.parametrize("species, name", RELATIVE)
def test_a_law_relative_to_iron_wustite_names_its_buffer(species, name):
    """In its record, for whoever prints the law; what dissolves takes no IW from outside."""
    law = LAWS[species, name]
    assert find("buffer", law.iron_wustite.name).family == "IW"
    assert "ln_fO2_IW" not in law.arguments


def test_nitrogen_at_the_calibration_of_libourel():
    """At 1698.15 K and 1 bar the law is the paper's, 0.0611 f + 5.97e-10 fO2^-0.75 f^0.5 with the absolute
    fO2, to the digits of the file's constant (1e-5 dex, 2e-5); it was 6.5 % low with the buffer of O'Neill &
    Eggins."""
    law = shipped("N2", "basalt-Libourel2003")
    for fO2 in (1e-16, 1e-12, 1e-8):
        assert ppmw(law, 0.7, 1698.15, 1.0, fO2) == pytest.approx(
            0.0611 * 0.7 + 5.97e-10 * fO2**-0.75 * 0.7**0.5, rel=2e-5
        )


def test_buffer_of_a_law_of_ones_own():
    """DIW is relative to the buffer that the entry names, at 1 bar or at the total pressure, and to O'Neill &
    Eggins 2002 else."""
    T, P, ln_fO2 = 1900.0, 1e9, -9 * LN10

    def value(**more):
        entry = {"form": "expression", "expression": "1e-3*10**(0.1*DIW)", "unit": "kg/kg"}
        return (
            math.log10(solubility_law("X", "mine", entry | more)(T=T, P=P, ln_fO2=ln_fO2, p=1e5) / 1e-3) / 0.1
        )

    for buffer, pressure in (
        ("ONeillEggins2002", None),
        ("Hirschmann2021", None),
        ("Hirschmann2021", P),
        ("Frost1991-IW", P),
    ):
        more = ({"buffer": buffer} if buffer != "ONeillEggins2002" else {}) | (
            {"buffer-pressure": "total"} if pressure else {}
        )
        iron = find("buffer", buffer)(T=T, **({"P": pressure} if pressure else {}))
        assert value(**more) == pytest.approx(-9 - float(iron), rel=1e-10)
    assert (
        value(buffer="Hirschmann2021") - value(**{"buffer": "Hirschmann2021", "buffer-pressure": "total"})
        > 0.2
    )
