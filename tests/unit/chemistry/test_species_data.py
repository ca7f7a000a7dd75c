"""The shipped species' data: a source and a year for each, and enthalpies of formation of today."""

import math
import re

import pytest
from support.places import ROOT

import mocoupled as mo
from mocoupled.chemistry import mechanism_paths
from mocoupled.chemistry.mechanism import read_mechanism

SHIPPED = {
    s.name: s for name in mechanism_paths.shipped_mechanisms() for s in read_mechanism(name).species.values()
}

# kJ/mol at 298.15 K. Active Thermochemical Tables 1.112, as the package `chemicals` 1.5 has them; COOH
# (trans) of ATcT 1.122:
# Klippenstein, Harding & Ruscic 2017.
ATCT = {
    "H": 217.998,
    "O": 249.229,
    "OH": 37.501,
    "H2O": -241.831,
    "HO2": 12.27,
    "H2O2": -135.44,
    "O3": 141.75,
    "C": 716.87,
    "CH": 596.17,
    "CH2": 391.46,
    "CH3": 146.494,
    "CH4": -74.534,
    "C2": 828.37,
    "C2H": 567.91,
    "C2H2": 228.32,
    "H2CC": 412.27,
    "C2H3": 297.27,
    "C2H4": 52.56,
    "C2H5": 119.93,
    "C2H6": -83.78,
    "CO": -110.53,
    "CO2": -393.47,
    "HCO": 41.83,
    "CH2O": -109.16,
    "CH2OH": -16.10,
    "CH3O": 21.85,
    "CH3OH": -200.70,
    "COOH": -183.93,
    "C2O": 378.9,
    "HCCO": 177.97,
    "CH2CO": -48.57,
    "CH3CO": -9.68,
    "CH3CHO": -165.37,
    "C2H4O": -52.68,
    "C2H5OH": -234.57,
    "CH3OCH3": -184.02,
    "N": 472.44,
    "NH": 358.79,
    "NH2": 186.05,
    "NH3": -45.558,
    "CN": 439.97,
    "HCN": 129.291,
    "HNCO": -119.05,
    "NO": 91.09,
    "N2O": 82.57,
    "NO2": 34.02,
    "HCl": -92.17,
    "Cl": 121.30,
    "CH3Cl": -82.62,
}


def enthalpy_of_formation(species):
    """J/mol at 298.15 K from the lower NASA7 polynomial: R T (a1 + a2 T/2 + ... + a5 T^4/5 + a6/T)."""
    a, T = species.thermo["data"][0], 298.15
    return 8.314462618 * (T * sum(a[k] * T**k / (k + 1) for k in range(5)) + a[5])


def test_every_species_has_a_source_and_a_year():
    """McBride et al. (1993) name for each species the evaluation that its polynomial rests on, and its year.
    The enthalpy that the page of sources shows is that of the polynomial, to the 1e-3 kJ/mol of its
    difference."""
    from mocoupled.chemistry.species_sources import enthalpy_of_formation as shown
    from mocoupled.chemistry.species_sources import year

    for item in SHIPPED.values():
        assert (
            "McBride, Gordon & Reno 1993, NASA TM-4513" in item.reference
            and item.reference.count("1 bar") == 1
        )
        assert 1961 <= year(item) <= 1993, item.reference
        low, _ = item.temperature_range
        if low > 500.0:  # a liquid
            assert item.phase == "condensed" and math.isnan(shown(item))
            continue
        if item.thermo["model"] == "NASA9":
            assert item.phase == "condensed"  # of several phases: test_condensates_data.py
            continue
        assert shown(item) == pytest.approx(enthalpy_of_formation(item), abs=1.0)
        assert ("enthalpy of formation" in item.reference) == (year(item, enthalpy=True) > year(item))
        assert ("old: JANAF evaluation" in item.reference) == (
            "TM-4513 (J" in item.reference and year(item) < 1980
        )
    assert len(SHIPPED) > 70


def test_the_page_of_sources_has_every_species(monkeypatch):
    """docs/generated_pages/species.py: a row for each, with a year, and the later source of the enthalpy."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    from generated_pages.species import species_page

    rows = [
        line.split(" | ")
        for line in species_page().splitlines()
        if line.startswith("| ") and not line.startswith("| species")
    ]
    assert {row[0].removeprefix("| ") for row in rows} == set(SHIPPED)
    assert all(row[3].isdigit() for row in rows)
    assert next(row for row in rows if row[0] == "| HCN")[4:] == [
        "129.29",
        "Ruscic et al. 2005, ATcT 1.112 (135.00 in TM-4513) |",
    ]


@pytest.mark.parametrize("name", ATCT)
def test_enthalpies_of_formation_are_those_of_today(name):
    """Within 1.8 kJ/mol of the Active Thermochemical Tables: where McBride et al. (1993) differ by more, the
    shipped polynomials have their value (0.01 kJ/mol, the digits that the references print)."""
    result = enthalpy_of_formation(SHIPPED[name]) / 1e3
    stated = re.search(r"enthalpy of formation (-?[\d.]+) kJ/mol", SHIPPED[name].reference)
    assert abs(result - ATCT[name]) <= (0.01 if stated else 1.8)


def test_hydrogen_cyanide():
    """HCN of 1988 (135.0 kJ/mol) gave 1.4 to 1.8 times too little at 1500 K: with 129.29 the pressure of a
    C-H-O-N gas rises by exp(5.71 kJ/mol / RT) = 1.580; 398.193 Pa before. HNCO of 1970 rises by exp(17.35/RT)
    = 4.019 from 7.49216 Pa. What else reacts is a trace: 1e-3."""
    assert 128.0 <= enthalpy_of_formation(SHIPPED["HCN"]) / 1e3 <= 131.0
    assert enthalpy_of_formation(SHIPPED["HNCO"]) / 1e3 == pytest.approx(-119.05, abs=0.01)
    result = mo.gas_equilibrium(
        1500.0, 1e7, {"H": 2.0, "C": 1.0, "O": 1.2, "N": 0.1}, mechanism="chons", condensates=()
    )
    pressure = {str(s): float(result.pressure.sel(species=s)) for s in ("HCN", "HNCO")}
    assert pressure["HCN"] / 398.1933939875596 == pytest.approx(1.580, rel=1e-3)
    assert pressure["HNCO"] / 7.492164532556251 == pytest.approx(4.019, rel=1e-3)


@pytest.mark.parametrize("name, value", [("COS", -141.70), ("SH", 142.13)])
def test_sulfur_species_follow_the_later_evaluation(name, value):
    """McBride, Zehe & Gordon 2002, for the species of sulfur, of which the tables above have none.

    0.01 kJ/mol.
    """
    assert enthalpy_of_formation(SHIPPED[name]) / 1e3 == pytest.approx(value, abs=0.01)
    assert "McBride, Zehe & Gordon 2002" in SHIPPED[name].reference
