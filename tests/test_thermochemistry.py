"""Mechanisms, reactions, equilibrium constants and the free-energy oracle, against Cantera, published numbers and each other."""

import ast
import json
import math
import os
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import cantera as ct
import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mocoupled import mechanism_file
from mocoupled import thermochemistry as th
from mocoupled.constants import ATMOSPHERE, BAR
from mocoupled.errors import ConvergenceError, InputError

REFERENCE = json.loads((Path(__file__).parent / "reference" / "volatile_equilibrium.json").read_text())
FIVE = ("H2", "H2O", "CO", "CO2", "CH4")
GRAPHITE = "C(gr)"
LN10 = math.log(10.0)
T = sympy.Symbol("T", positive=True)

V = th.read_mechanism("volatiles")
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
    table = {"phases": [{"name": "gas", "thermo": "ideal-gas", "species": [e["name"] for e in entries]}], "species": entries}
    return th.read_mechanism(write(tmp_path, json.dumps(table), name))


def reaction(formula):
    """{"H2": -1, ...} as a Reaction."""
    return th.Reaction(tuple((s, Fraction(c)) for s, c in formula.items()))


PAPER = {
    "H": reaction({"H2": -1, "O2": Fraction(-1, 2), "H2O": 1}),
    "C": reaction({"CO": -1, "O2": Fraction(-1, 2), "CO2": 1}),
    "M": reaction({"CO2": -1, "H2": -2, "CH4": 1, "O2": 1}),
    "G": reaction({GRAPHITE: -1, "O2": Fraction(-1, 2), "CO": 1}),
}


def log10_K(r, T, source, mechanism=V):
    return th.ln_K_values(mechanism, r, T, source)[0] / LN10


# ---- the shipped mechanism


def test_shipped_mechanism():
    assert "volatiles" in th.shipped_mechanisms()
    assert V.name == "volatiles" and V.path.name == "volatiles.yaml" and len(V.checksum) == 64
    assert tuple(V.species) == ("H2", "H2O", "CO", "CO2", "CH4", "O2", GRAPHITE)
    assert [s.name for s in V.species.values() if s.phase == "condensed"] == [GRAPHITE]
    assert th.sources(V) == ("nasa7", "bower2022", "ivtan")
    assert V.species["H2O"].default_melt == "peridotite-Sossi2022"
    assert V.species["CO2"].default_melt == "basalt-Dixon1995"
    for name in ("H2", "CO", "CH4", "O2", GRAPHITE):
        assert V.species[name].default_melt == "none"
    for species in V.species.values():
        assert "TM-4513" in species.reference and "1 bar" in species.reference


def test_atomic_weights_are_the_files_own():
    """The set of the reference solutions (mol to kg conversions of the tests rest on it), exact to the last digit."""
    assert V.atomic_weights == REFERENCE["constants"]["atomic_masses_consistent"]
    gas = ct.Solution(str(V.path), "gas")
    assert dict(zip(gas.element_names, gas.atomic_weights, strict=True)) == {"H": 1.00794, "C": 12.0107, "O": 15.9994}
    for k, name in enumerate(gas.species_names):
        assert V.species[name].molar_mass == pytest.approx(gas.molecular_weights[k] / 1000, rel=1e-15)


def test_polynomials_are_those_of_the_reference():
    """Every coefficient as in the independent reference file, which holds Cantera's nasa_gas.yaml and graphite.yaml."""
    for name, numbers in REFERENCE["constants"]["nasa7"].items():
        one = V.species[name].thermo
        assert [one["temperature-ranges"][1], *one["data"][1], *one["data"][0]] == numbers
        assert one["reference-pressure"] in ("1 bar", 1e5)


def test_opacities():
    """Bower et al. 2022, App. A, m2/kg at 101325 Pa; that of CH4 is not published and marked as assumed. O2 has none."""
    from mocoupled.units import to_si

    expected = {"H2O": 1e-2, "CO2": 1e-4, "H2": 5e-5, "CO": 1e-5, "CH4": 1e-2}
    for name, value in expected.items():
        entry = V.species[name].radiation
        assert to_si(entry["absorption"], "m^2/kg") == value and to_si(entry["pressure"], "Pa") == ATMOSPHERE
    assert "assumed" in V.species["CH4"].radiation["reference"]
    assert V.species["O2"].radiation is None and V.species[GRAPHITE].radiation is None


def test_molar_masses():
    """Printed by the data set (reference file, g/mol); else the sum of atomic weights."""
    for name, value in REFERENCE["constants"]["molar_masses_bower2022"].items():
        assert th.molar_mass(V, name, "bower2022") == value
    for source in ("nasa7", "ivtan"):
        assert th.molar_mass(V, "CO2", source) == pytest.approx(0.0120107 + 2 * 0.0159994, rel=1e-15)
    assert th.molar_mass(V, GRAPHITE, "bower2022") == 0.0120107


# ---- finding and reading


def test_found_in_a_checkout_in_a_wheel_and_as_a_path(tmp_path, monkeypatch):
    path = write(tmp_path, TEXT, "copy.yaml")
    assert th.find_mechanism("volatiles") == V.path
    assert th.find_mechanism(path) == path.resolve() == th.find_mechanism(str(path))
    package = tmp_path / "site-packages" / "mocoupled"
    (package / "mechanisms").mkdir(parents=True)
    write(package / "mechanisms", TEXT, "shipped.yaml")
    monkeypatch.setattr(mechanism_file, "__file__", str(package / "mechanism_file.py"))
    assert th.shipped_mechanisms() == ("shipped",)
    assert th.find_mechanism("shipped").parent == (package / "mechanisms").resolve()


def test_unknown_name():
    with pytest.raises(InputError) as error:
        th.read_mechanism("volatile", where="earth.toml [chemistry] mechanism")
    assert "earth.toml" in str(error.value) and "did you mean 'volatiles'" in str(error.value)


def test_read_once_and_again_when_the_file_changes(tmp_path):
    path = write(tmp_path, TEXT)
    first = th.read_mechanism(path)
    assert th.read_mechanism(str(path)) is first and first.checksum == V.checksum
    path.write_text(TEXT + "# changed\n")
    os.utime(path, ns=(1, 1))
    assert th.read_mechanism(path).checksum != first.checksum


def test_import_does_not_load_cantera():
    """Cantera loads when a mechanism is read, not when the package is imported; nothing else of ours imports it."""
    code = "import sys, mocoupled.thermochemistry; assert not {'cantera', 'ruamel.yaml', 'scipy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_mechanism_may_borrow_species_of_another_file(tmp_path):
    """Cantera's own way of extending a file: no data are copied."""
    write(tmp_path, TEXT, "base.yaml")
    entry = cantera_species("N2", **{"reference-pressure": "1 bar"})
    table = {
        "phases": [
            {
                "name": "gas",
                "thermo": "ideal-gas",
                "species": [{"base.yaml/species": ["H2", "H2O", "O2"]}, {"species": ["N2"]}],
            }
        ],
        "species": [entry],
    }
    found = th.read_mechanism(write(tmp_path, json.dumps(table), "more.yaml"))
    assert tuple(found.species) == ("H2", "H2O", "O2", "N2")
    assert found.species["H2O"].default_melt == "peridotite-Sossi2022"


# ---- polynomials


@pytest.mark.parametrize("name", V.species)
def test_gibbs_energy_is_canteras_at_1_bar(name):
    """Same polynomials, same pressure: round-off only, 1e-12 of the largest term of mu0/RT. 1000 K is the seam."""
    phase = ct.Solution(str(V.path), "graphite" if name == GRAPHITE else "gas")
    value = sympy.lambdify(T, th.gibbs_RT(V, name, T))
    for temperature in (200.0, 298.15, 999.9, 1000.0, 1000.1, 1388.0, 2700.0, 5000.0):
        phase.TP = temperature, BAR
        expected = phase.standard_gibbs_RT[phase.species_index(name)]
        assert value(temperature) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def made_species(tmp_path, kind):
    if kind == "NASA9":  # N2 of McBride, Zehe & Gordon 2002, as in Cantera's airNASA9.yaml: three zones to 20 000 K
        gas = ct.Solution("airNASA9.yaml")
        entry = gas.species("N2").input_data
        return {
            "name": "N2",
            "composition": {"N": 2},
            "thermo": {k: entry["thermo"][k] for k in ("model", "temperature-ranges", "data")},
        }
    if kind == "Shomate":  # N2 of the NIST Chemistry WebBook (Chase 1998), two zones
        rows = [
            [28.98641, 1.853978, -9.647459, 16.63537, 0.000117, -8.671914, 226.4168],
            [19.50583, 19.88705, -8.598535, 1.369784, 0.527601, -4.935202, 212.3900],
        ]
        thermo = {"model": "Shomate", "temperature-ranges": [100.0, 500.0, 2000.0], "data": rows}
    elif kind == "Shomate of one zone":
        rows = [[19.50583, 19.88705, -8.598535, 1.369784, 0.527601, -4.935202, 212.3900]]
        thermo = {"model": "Shomate", "temperature-ranges": [500.0, 2000.0], "data": rows}
    else:  # NASA7 with a single zone: argon
        thermo = {"model": "NASA7", "temperature-ranges": [200.0, 6000.0], "data": [[2.5, 0, 0, 0, 0, -745.375, 4.37967491]]}
    return {"name": "N2", "composition": {"N": 2}, "thermo": thermo}


@pytest.mark.parametrize("kind", ["NASA9", "Shomate", "Shomate of one zone", "NASA7 of one zone"])
@pytest.mark.parametrize("pressure", ["1 bar", "1 atm"])
def test_other_models_and_pressures(tmp_path, kind, pressure):
    """mu0/RT at 1 bar whatever the data's own pressure. 1e-10: Cantera's gas constant has three digits more than ours."""
    entry = made_species(tmp_path, kind)
    entry["thermo"]["reference-pressure"] = pressure
    found = mechanism_of(tmp_path, [entry])
    phase = ct.Solution(str(found.path), "gas")
    value = sympy.lambdify(T, th.gibbs_RT(found, "N2", T))
    low, high = found.species["N2"].temperature_range
    for temperature in np.linspace(low, high, 23):
        phase.TP = temperature, BAR
        assert value(temperature) == pytest.approx(phase.standard_gibbs_RT[0], rel=1e-10, abs=1e-12)


def test_data_at_1_atm_are_shifted(tmp_path):
    """The same numbers said to be for 1 atm: ln K moves by dn ln 1.01325, -0.0029, -0.0029 and -0.0057 dex for the paper's
    three reactions (half of the last digit), and for graphite by the half mole of gas it makes."""
    path = write(tmp_path, TEXT.replace("reference-pressure: 1 bar", "reference-pressure: 1 atm"))
    atm = th.read_mechanism(path)
    for key, moles, shift in (("H", -0.5, -0.0029), ("C", -0.5, -0.0029), ("M", -1.0, -0.0057), ("G", 0.5, 0.0029)):
        found = log10_K(PAPER[key], 1650.0, "nasa7", atm) - log10_K(PAPER[key], 1650.0, "nasa7")
        assert found == pytest.approx(moles * math.log10(ATMOSPHERE / BAR), abs=1e-13)
        assert abs(found - shift) <= 5e-5


def test_canteras_own_file_is_wrong_by_an_atmosphere():
    """The trap itself: nasa_gas.yaml as Cantera reads it gives K of H2 + 1/2 O2 = H2O lower by 0.0029 dex than 1-bar data."""
    names = ["H2", "O2", "H2O"]
    species = [next(s for s in ct.Species.list_from_file("nasa_gas.yaml") if s.name == n) for n in names]
    gas = ct.Solution(thermo="ideal-gas", species=species)
    gas.TP = 1650.0, BAR
    g = dict(zip(names, gas.standard_gibbs_RT, strict=True))
    theirs = (g["H2"] + 0.5 * g["O2"] - g["H2O"]) / LN10
    assert theirs - log10_K(PAPER["H"], 1650.0, "nasa7") == pytest.approx(-0.5 * math.log10(1.01325), abs=1e-12)


# ---- equilibrium constants


@pytest.mark.parametrize(
    "temperature, expected", [(1650.0, (4.93261, 4.42005, -15.33804)), (2700.0, (1.83270, 1.01020, -11.50195))]
)
def test_fits_of_bower2022(temperature, expected):
    """log10 K of the paper's Eq. 4-6 evaluated by an independent program, to half of the last digit printed."""
    for key, value in zip("HCM", expected, strict=True):
        assert abs(log10_K(PAPER[key], temperature, "bower2022") - value) <= 5e-6


@pytest.mark.parametrize(
    "key, largest, rms, wider", [("H", 0.0066, 0.0030, 0.0138), ("C", 0.0134, 0.0057, 0.0282), ("M", 0.1155, 0.104, 0.1155)]
)
def test_fits_against_polynomials(key, largest, rms, wider):
    """Deviation of the paper's fits from the NASA polynomials over 1500-3000 K and 1350-3000 K, dex, as an independent
    evaluation found them: half of the last digit, and 1e-4 for the rms, which depends on the sampling."""

    def deviation(low):
        grid = np.arange(low, 3001.0, 10.0)
        return log10_K(PAPER[key], grid, "nasa7") - log10_K(PAPER[key], grid, "bower2022")

    assert abs(np.abs(deviation(1500.0)).max() - largest) <= 6e-5
    assert abs(np.sqrt(np.mean(deviation(1500.0) ** 2)) - rms) <= (6e-4 if key == "M" else 1e-4)
    assert abs(np.abs(deviation(1350.0)).max() - wider) <= 6e-5


@pytest.mark.parametrize("temperature, energy", [(1500.0, -243.74), (2000.0, -286.03), (3000.0, -367.82)])
def test_graphite_against_janaf(temperature, energy):
    """Free energy of formation of CO in JANAF (Chase 1998), kJ/mol. Our linear fit goes through both ends, and a straight
    line leaves 0.92 kJ/mol in the middle (0.024 dex). The polynomials: 0.001 dex, as an independent comparison found,
    and half of the tables' last digit."""
    expected = -energy * 1e3 / (8.314462618 * temperature * LN10)
    unit = 1e3 / (8.314462618 * temperature * LN10)
    assert abs(log10_K(PAPER["G"], temperature, "bower2022") - expected) <= 0.93 * unit
    assert abs(log10_K(PAPER["G"], temperature, "nasa7") - expected) <= 0.001 + 0.005 * unit


def test_hess_law_is_exact():
    """A data set gives any combination of its reactions: our reactions are not the paper's, yet the constants must agree."""
    found = dict(zip("HCMG", th.reactions(V, (*FIVE, GRAPHITE)), strict=True))
    grid = np.array([1400.0, 1650.0, 2700.0])
    K = {key: log10_K(PAPER[key], grid, "bower2022") for key in PAPER}
    expected = {"H": -K["H"], "C": -K["C"], "M": K["M"] - 2 * K["H"], "G": -K["C"] - K["G"]}
    for key, value in expected.items():
        np.testing.assert_allclose(log10_K(found[key], grid, "bower2022"), value, rtol=1e-13)
    assert th.calibration(V, found["H"], "bower2022") == (1500.0, 3000.0)
    assert th.calibration(V, found["M"], "bower2022") == (1500.0, 2000.0)
    assert th.calibration(V, found["M"], "ivtan") == (300.0, 2000.0)
    assert th.calibration(V, found["M"], "nasa7") is None


def test_ivtan():
    """Schaefer & Fegley 2017: log10 K = -12794/T + 2.7768 and -14787/T + 4.5472, written the other way round."""
    assert log10_K(PAPER["H"], 1650.0, "ivtan") == pytest.approx(12794 / 1650 - 2.7768, rel=1e-14)
    assert log10_K(PAPER["C"], 1650.0, "ivtan") == pytest.approx(14787 / 1650 - 4.5472, rel=1e-14)
    with pytest.raises(InputError, match=r"no equilibrium constant for C\(gr\)"):
        th.ln_K(V, PAPER["G"], T, "ivtan")


def test_unknown_source():
    for call in (lambda s: th.ln_K(V, PAPER["H"], T, s), lambda s: th.temperature_limits(V, FIVE, s)):
        with pytest.raises(InputError, match="did you mean 'bower2022'"):
            call("bower2021")


@pytest.mark.parametrize("source", ["nasa7", "bower2022", "ivtan"])
@pytest.mark.parametrize("key", "HCM")
def test_derivatives(source, key):
    """d ln K/dT and d2 ln K/dT2 against central differences of fourth order with a step of 1 K: their error is that of
    rounding ln K of size 60 over the step, 1e-13, and truncation of order 1e-14 of ln K."""
    grid = np.array([400.0, 900.0, 1100.0, 1650.0, 2700.0, 4900.0])
    _, first, second = th.ln_K_values(V, PAPER[key], grid, source)

    def difference(k):
        rows = [th.ln_K_values(V, PAPER[key], grid + h, source)[k] for h in (-2.0, -1.0, 1.0, 2.0)]
        return (rows[0] - 8 * rows[1] + 8 * rows[2] - rows[3]) / 12.0

    np.testing.assert_allclose(first, difference(0), rtol=1e-7)
    np.testing.assert_allclose(second, difference(1), rtol=1e-7)


def test_values_keep_the_shape_and_are_new():
    grid = np.full((2, 3), 1650.0)
    for source in ("nasa7", "bower2022"):
        for value in th.ln_K_values(V, PAPER["H"], grid, source):
            assert value.shape == (2, 3) and value.flags.writeable
        assert th.ln_K_values(V, PAPER["H"], 1650.0, source)[0].shape == ()


def test_temperature_limits():
    assert th.temperature_limits(V, FIVE) == (200.0, 6000.0)
    assert th.temperature_limits(V, [*FIVE, GRAPHITE]) == (200.0, 5000.0)
    low, high = th.temperature_limits(V, FIVE, "bower2022")
    assert low <= 1388.0 and high >= 6000.0 and math.isfinite(high)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -5.0, 0.0, 199.0, 6001.0, [1650.0, math.nan]])
def test_temperatures_without_data_are_refused(bad):
    with pytest.raises(InputError, match="allowed: 200 to 6000 K"):
        th.ln_K_values(V, PAPER["H"], bad)


@pytest.mark.parametrize("case", [c for c in REFERENCE["cases"] if c["inputs"]["K_set"] == "nasa7"], ids=lambda c: c["id"])
def test_reference_pressures_are_in_equilibrium(case):
    """Pressures solved elsewhere to 50 digits with the same polynomials. ln K has terms of size 60: 1e-11."""
    p = {s: x for s, x in case["p_bar"].items() if x > 0}
    ln = {s: math.log(x) for s, x in p.items()} | {"O2": case["log10fO2_bar"] * LN10}
    species = list(p)
    if case["graphite"]["saturated"]:
        species.append(GRAPHITE)
        ln[GRAPHITE] = 0.0
    found = th.reactions(V, species)
    assert len(found) == len(species) - (2 if "CO" in p else 1)
    for r in found:
        quotient = math.fsum(float(c) * ln[s] for s, c in r.stoichiometry)
        assert quotient == pytest.approx(float(th.ln_K_values(V, r, case["inputs"]["T_K"])[0]), abs=1e-11)


# ---- reactions


def texts(*arguments, **keywords):
    return [r.text for r in th.reactions(*arguments, **keywords)]


def test_reactions_of_the_five():
    assert texts(V, FIVE) == ["H2O = 1/2 O2 + H2", "CO2 = 1/2 O2 + CO", "2 H2O + CO2 = 2 O2 + CH4"]
    assert texts(V, [*FIVE, GRAPHITE])[-1] == "CO2 = O2 + C(gr)"
    assert texts(V, [*FIVE, "O2"]) == texts(V, FIVE)


@pytest.mark.parametrize(
    "species, expected",
    [
        (["H2O"], []),
        (["H2"], []),
        (["O2"], []),
        ([], []),
        (["H2", "H2O"], ["H2O = 1/2 O2 + H2"]),
        (["CO", "CO2"], ["CO2 = 1/2 O2 + CO"]),
        (["CO", GRAPHITE], ["CO = 1/2 O2 + C(gr)"]),
        ([GRAPHITE, "CO"], ["CO = 1/2 O2 + C(gr)"]),
        (["CH4", GRAPHITE], []),
        (["H2", "CH4", GRAPHITE], ["CH4 = 2 H2 + C(gr)"]),
        (["H2", "CO", "CO2", "CH4"], ["CO2 = 1/2 O2 + CO", "CO2 + 2 H2 = O2 + CH4"]),
    ],
)
def test_reactions_of_fewer(species, expected):
    """Elements missing, no H2O, no gas of carbon: each species that is not of the basis is formed, graphite last."""
    assert texts(V, species) == expected


def test_reactions_of_a_closed_system():
    """Nothing buffered: O2 takes part only if it is a species, and the list is one shorter without it."""
    assert texts(V, FIVE, buffered=None) == ["CO2 + H2 = H2O + CO", "CO2 + 4 H2 = 2 H2O + CH4"]
    assert texts(V, [*FIVE, "O2"], buffered=None) == texts(V, FIVE)


def test_basis_is_a_choice():
    found = th.reactions(V, FIVE, basis=("H2", "CO"))
    assert [r.text for r in found] == ["1/2 O2 + H2 = H2O", "1/2 O2 + CO = CO2", "2 H2 + CO = 1/2 O2 + CH4"]


def test_unknown_and_double_species():
    with pytest.raises(InputError, match="did you mean 'CH4'"):
        th.reactions(V, ["CH5", "H2"])
    with pytest.raises(InputError, match="named twice"):
        th.reactions(V, ["H2", "H2"])


@given(st.permutations([*FIVE, GRAPHITE]), st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_reactions_are_balanced_independent_and_complete(names, count):
    """Laws of nature: every element balances exactly, and with the basis the count is that of linear algebra."""
    species = names[:count]
    found = th.reactions(V, species)
    _, matrix = th.formula_matrix(V, [*species, "O2"])
    assert len(found) == len(species) + 1 - np.linalg.matrix_rank(matrix)
    for r in found:
        total = {}
        for s, c in r.stoichiometry:
            for e, n in V.species[s].composition.items():
                total[e] = total.get(e, 0) + c * n
        assert set(total.values()) == {0}
        assert r.stoichiometry[-1][1] == 1 and isinstance(r.stoichiometry[0][1], Fraction)
    formed = [r.stoichiometry[-1][0] for r in found]
    assert len(set(formed)) == len(formed)
    assert th.reactions(V, species) == found


def twenty_one(tmp_path):
    names = [*REFERENCE["extensibility_case"]["p_bar"]]
    entries = [cantera_species(n, **{"reference-pressure": "1 bar"}) for n in [*names, "O2"]]
    return mechanism_of(tmp_path, entries), names


def test_twenty_one_species(tmp_path):
    """C-H-O-N-S-He: the list of reactions of an independent program, word for word, and its solution (residual 8e-16,
    printed to all digits) satisfies every ln K, whose terms have size 100: 1e-9."""
    mechanism, names = twenty_one(tmp_path)
    case = REFERENCE["extensibility_case"]
    assert texts(mechanism, names) == case["reactions"]
    temperature = case["inputs"]["T_K"]
    buffer = 2 * (-244118 + 115.559 * temperature - 8.474 * temperature * math.log(temperature)) / (8.31441 * temperature)
    ln = {s: math.log(p) for s, p in case["p_bar"].items()} | {"O2": buffer + case["inputs"]["dIW"] * LN10}
    for r in th.reactions(mechanism, names):
        quotient = math.fsum(float(c) * ln[s] for s, c in r.stoichiometry)
        assert quotient == pytest.approx(float(th.ln_K_values(mechanism, r, temperature)[0]), abs=1e-9)


# ---- the oracle


def gas_of(found):
    gas = {s: n for s, n in found.items() if V.species[s].phase == "gas"}
    return gas, sum(gas.values())


def elements_of(amounts):
    total = {}
    for s, n in amounts.items():
        for e, k in V.species[s].composition.items():
            total[e] = total.get(e, 0.0) + n * k
    return total


def check(found, temperature, pressure, moles, condensate=None):
    """Elements to 1e-9 of each; every quotient of the gas equal to ln K to 1e-8, the oracle's own promise."""
    total = elements_of(found)
    for e, n in moles.items():
        assert total.get(e, 0.0) == pytest.approx(n, rel=1e-9, abs=0.0 if n else 1e-300)
    gas, n = gas_of(found)
    ln = {s: math.log(x / n * pressure / BAR) for s, x in gas.items() if x > 0}
    names = [s for s in ln if s != "O2"] + ([GRAPHITE] if condensate else [])
    for r in th.reactions(V, names):
        terms = [(float(c), 0.0 if s == GRAPHITE else ln[s]) for s, c in r.stoichiometry]
        excess = math.fsum(c * x for c, x in terms) - float(th.ln_K_values(V, r, temperature)[0])
        if GRAPHITE in dict(r.stoichiometry) and found[GRAPHITE] == 0:  # excess: -ln of its activity
            assert dict(r.stoichiometry)[GRAPHITE] == 1 and excess >= -1e-8
        else:
            assert abs(excess) <= 1e-8


# Bower et al. 2022, App. E: our model's pressures (bar) at 1388 K without melt, and what Cantera makes of their elements
TABLE_E = {
    "tableE_3oc_CH1_dIW-2": ("7.344", "0.411", "186.7", "22.16", "41.05"),
    "tableE_1oc_CH0.1_dIW2": ("0.649", "3.703", "19.80", "239.5", "4.00e-4"),
    "tableE_1oc_CH5_dIW4": ("6.794", "368.5", "3.853", "443.4", "1.7e-5"),
}


@pytest.mark.parametrize("name", TABLE_E)
def test_table_e_with_six_species(name):
    """The elements and pressure of the reference states of Table E, at 1388 K with NASA data: an independent run of
    Cantera with 41 species printed these; 6 species differ from 41 by up to 0.2 %, and digits were rounded."""
    case = next(c for c in REFERENCE["cases"] if c["id"] == name)
    pressure = case["P_total_bar"] * BAR
    moles = elements_of(case["p_bar"])
    found = th.minimise_free_energy(V, 1388.0, pressure, moles, condensates=(GRAPHITE,))
    assert found[GRAPHITE] == 0.0
    gas, n = gas_of(found)
    for species, printed in zip(("CO", "CO2", "H2", "H2O", "CH4"), TABLE_E[name], strict=True):
        digits = len(printed.split("e")[0].split(".")[1])
        half = 0.5 * 10.0**-digits * (10.0 ** int(printed.split("e")[1]) if "e" in printed else 1.0)
        assert abs(gas[species] / n * case["P_total_bar"] - float(printed)) <= 0.002 * float(printed) + half
    check(found, 1388.0, pressure, moles)


@pytest.mark.parametrize("case", [c for c in REFERENCE["cases"] if c["graphite"]["saturated"]], ids=lambda c: c["id"])
@pytest.mark.parametrize("share", [0.01, 1.0, 50.0])
def test_graphite_states(case, share):
    """Gas in equilibrium with graphite, solved elsewhere to 50 digits: closed up with some graphite, its elements must give
    the gas back, and the graphite. 1e-7: the oracle's 1e-8 RT times the state's sensitivity, below 10."""
    gas, n = case["p_bar"], case["P_total_bar"]
    carbon = share * n
    moles = elements_of(gas)
    moles["C"] += carbon
    pressure = n * BAR
    found = th.minimise_free_energy(V, case["inputs"]["T_K"], pressure, moles, condensates=(GRAPHITE,))
    assert found[GRAPHITE] == pytest.approx(carbon, rel=1e-7 * max(1.0, 1.0 / share))
    for s, p in gas.items():
        assert found[s] == pytest.approx(p, rel=1e-6)
    check(found, case["inputs"]["T_K"], pressure, moles, GRAPHITE)


def test_bisection_agrees_with_the_multiphase_solver(monkeypatch):
    """Where Cantera's multiphase solver fails the amount of graphite is bisected; the answers are the same to 1e-8."""
    states = [(1388.0, 1e7, {"H": 2.0, "C": 3.0, "O": 1.0}), (2000.0, 1e5, {"H": 1.0, "C": 1.0, "O": 0.7})]
    direct = [th.minimise_free_energy(V, *s, condensates=(GRAPHITE,)) for s in states]
    monkeypatch.setattr(th, "_mixture", lambda *a: None)
    for state, expected in zip(states, direct, strict=True):
        found = th.minimise_free_energy(V, *state, condensates=(GRAPHITE,))
        assert found == pytest.approx(expected, rel=1e-8)
    dry = th.minimise_free_energy(V, 1388.0, 1e7, {"H": 2.0, "C": 0.3, "O": 1.0}, condensates=(GRAPHITE,))
    assert dry[GRAPHITE] == 0.0


def test_graphite_volume(tmp_path):
    """With its volume graphite has mu + V (p - 1 bar), V = 12.0107/2.16 cm3: ln of the quotient moves by that over RT."""
    state = (1388.0, 4e8, {"H": 2.0, "C": 4.0, "O": 1.0})
    (r,) = th.reactions(V, ["CO", GRAPHITE])
    quotient = []
    for volume in (False, True):
        found = th.minimise_free_energy(V, *state, condensates=(GRAPHITE,), condensed_volume=volume)
        gas, n = gas_of(found)
        ln = {s: math.log(x / n * state[1] / BAR) for s, x in gas.items()} | {GRAPHITE: 0.0}
        quotient.append(math.fsum(float(c) * ln[s] for s, c in r.stoichiometry))
    assert quotient[0] == pytest.approx(float(th.ln_K_values(V, r, state[0])[0]), abs=1e-8)
    volume = 12.0107e-3 / 2160.0
    assert quotient[0] - quotient[1] == pytest.approx(volume * (state[1] - BAR) / (8.314462618 * state[0]), abs=1e-7)


def test_oracle_does_not_care_for_the_datas_pressure(tmp_path):
    """A file of 1-atm data: what Cantera finds must still satisfy our ln K, which is for bar."""
    path = write(tmp_path, TEXT.replace("reference-pressure: 1 bar", "reference-pressure: 1 atm"))
    atm = th.read_mechanism(path)
    found = th.minimise_free_energy(atm, 1500.0, 1e7, {"H": 2.0, "C": 0.5, "O": 1.5}, species=FIVE + ("O2",))
    n = sum(found.values())
    for r in th.reactions(atm, FIVE):
        quotient = math.fsum(float(c) * math.log(found[s] / n * 100.0) for s, c in r.stoichiometry)
        assert quotient == pytest.approx(float(th.ln_K_values(atm, r, 1500.0)[0]), abs=1e-8)


@given(
    st.floats(900.0, 3500.0),
    st.floats(3.0, 9.0),
    st.tuples(*[st.floats(-4.0, 0.0)] * 3),
    st.sampled_from(["", "H", "C", "O"]),
)
@settings(max_examples=150, deadline=None)
def test_random_closed_systems(temperature, exponent, exponents, absent):
    """Elements and quotients hold at random temperatures, pressures and compositions, with an element absent or not. Not
    where C = O to nine digits: oxygen and carbon are then what rounding leaves of both, and the oracle says so."""
    moles = {e: 10.0**x for e, x in zip("HCO", exponents, strict=True)}
    assume(abs(moles["C"] / moles["O"] - 1.0) > 1e-9)
    if absent:
        moles[absent] = 0.0
    pressure = 10.0**exponent
    found = th.minimise_free_energy(V, temperature, pressure, moles, condensates=(GRAPHITE,))
    gas, n = gas_of(found)
    if n:
        check(found, temperature, pressure, moles, GRAPHITE if moles["C"] else None)


@pytest.mark.parametrize(
    "moles, species, condensates, expected",
    [
        ({"H": 4.0, "O": 2.0}, ("H2O",), (), {"H2O": 2.0}),
        ({"C": 3.0}, None, (GRAPHITE,), {GRAPHITE: 3.0}),
        ({"H": 2.0, "C": 0.0, "O": 0.0}, None, (), {"H2": 1.0}),
        ({"C": 2.0, "O": 2.0}, ("CO",), (GRAPHITE,), {"CO": 2.0}),
        ({"C": 3.0, "O": 2.0}, ("CO",), (GRAPHITE,), {"CO": 2.0, GRAPHITE: 1.0}),
        ({"C": 3.0, "H": 2.0}, ("H2", "CO"), (GRAPHITE,), {"H2": 1.0, GRAPHITE: 3.0}),
    ],
)
def test_degenerate_systems(moles, species, condensates, expected):
    """Where the elements leave no freedom nothing is minimised; round-off only."""
    found = th.minimise_free_energy(V, 1500.0, 1e6, moles, species, condensates)
    assert {s: n for s, n in found.items() if n > 1e-9} == pytest.approx(expected, rel=1e-9)


def test_scale_does_not_matter():
    """1e22 mol or 1 mol: the same fractions, to round-off of the solver's scaling, 1e-10."""
    one = th.minimise_free_energy(V, 1388.0, 7.94e7, {"H": 2.0, "C": 0.3, "O": 1.0})
    many = th.minimise_free_energy(V, 1388.0, 7.94e7, {"H": 2e22, "C": 0.3e22, "O": 1e22})
    assert {s: n / 1e22 for s, n in many.items()} == pytest.approx(one, rel=1e-10)


@pytest.mark.parametrize("solver", th.GAS_SOLVERS)
def test_each_gas_solver(monkeypatch, solver):
    monkeypatch.setattr(th, "GAS_SOLVERS", (solver,))
    state = (1500.0, 1e7, {"H": 2.0, "C": 0.5, "O": 1.5})
    check(th.minimise_free_energy(V, *state), *state)


@pytest.mark.parametrize("condensates", [(), (GRAPHITE,)])
def test_failure_is_an_error_not_a_number(monkeypatch, condensates):
    monkeypatch.setattr(th, "GAS_SOLVERS", ())
    monkeypatch.setattr(th, "_mixture", lambda *a: None)
    with pytest.raises(ConvergenceError, match="no equilibrium of H2, H2O"):
        th.minimise_free_energy(V, 1500.0, 1e7, {"H": 2.0, "C": 0.5, "O": 1.5}, condensates=condensates)


def test_wrong_result_is_not_returned(monkeypatch):
    """A solver that returns without having moved is found out by its chemical potentials."""
    monkeypatch.setattr(ct.Solution, "equilibrate", lambda self, *a, **k: None, raising=False)
    monkeypatch.setattr(th, "_gas_phase", _still)
    with pytest.raises(ConvergenceError):
        th.minimise_free_energy(V, 1500.0, 1e7, {"H": 2.0, "C": 0.5, "O": 1.5})


def _still(mechanism, names):
    """A gas whose equilibrate does nothing."""

    class Still:
        def __init__(self):
            object.__setattr__(self, "gas", th._phase(mechanism, "ideal-gas", names))

        def equilibrate(self, *a, **k):
            pass

        def __getattr__(self, name):
            return getattr(self.gas, name)

        def __setattr__(self, name, value):
            setattr(self.gas, name, value)

    return Still()


@pytest.mark.parametrize(
    "change, said",
    [
        ({"temperature": math.nan}, "temperature = nan K"),
        ({"temperature": 150.0}, "allowed: 200 to 6000 K"),
        ({"temperature": 5500.0, "condensates": (GRAPHITE,)}, "allowed: 200 to 5000 K"),
        ({"pressure": 0.0}, "pressure = 0.0 Pa"),
        ({"pressure": math.nan}, "pressure = nan Pa"),
        ({"pressure": math.inf}, "pressure = inf Pa"),
        ({"moles": {"H": -1.0, "O": 1.0}}, "moles H = -1.0"),
        ({"moles": {"H": math.nan}}, "moles H = nan"),
        ({"moles": {"Xx": 1.0}}, "known element"),
        ({"moles": {}}, "nothing at all"),
        ({"moles": {"H": 0.0}}, "nothing at all"),
        ({"moles": {"N": 1.0, "H": 1.0}}, "can hold N"),
        ({"moles": {"C": 1.0}}, "can hold C"),
        ({"moles": {"C": 3.0, "O": 1.0}}, "no mixture of the species has these elements"),
        ({"species": ("H2", "CH5")}, "did you mean"),
        ({"species": ("H2", GRAPHITE)}, "condensed, not gas"),
        ({"condensates": ("H2O",)}, "gas, not condensed"),
    ],
)
def test_requests_that_mean_nothing(change, said):
    request = {"temperature": 1500.0, "pressure": 1e6, "moles": {"H": 2.0, "O": 1.0}} | change
    with pytest.raises(InputError) as error:
        th.minimise_free_energy(V, **request)
    assert said in str(error.value)


# ---- bad files

BAD = {
    "broken bracket": ("composition: {H: 2, O: 1}", "composition: {H: 2, O: 1", "line", "not YAML"),
    "text only": (TEXT, "just a sentence", "mine.yaml", "not a Cantera YAML file"),
    "binary": (TEXT, "a: \x00", "mine.yaml", "not YAML"),
    "no gas": ("- name: gas", "- name: air", "no phase named 'gas'", "graphite"),
    "no phases": ("phases:", "stages:", "no phase named 'gas'"),
    "misspelt phases": ("phases:", "phase:", "line 23", "the key 'phase' means nothing here", "did you mean 'phases'"),
    "real gas": ("thermo: ideal-gas", "thermo: Redlich-Kwong", "phase 'gas'", "allowed: ideal-gas"),
    "no thermo": ("  thermo:\n    model: NASA7", "  data:\n    model: NASA7", "species 'H2'", "'thermo' is missing", "line"),
    "misspelt thermo": ("  thermo:\n    model: NASA7", "  thermos:\n    model: NASA7", "species 'H2'", "did you mean 'thermo'"),
    "no composition": ("  composition: {C: 1, H: 4}\n", "", "species 'CH4'", "'composition' is missing"),
    "no reference pressure": (
        "    reference-pressure: 1 bar\n", "", "species 'H2'", "'reference-pressure' is missing", "1 atm",
    ),
    "mixed reference pressures": (
        "reference-pressure: 1 bar", "reference-pressure: 1 atm", "reference pressure", "the same reference-pressure",
    ),
    "model": ("model: NASA7", "model: constant-cp", "species 'H2'", "allowed: NASA7, NASA9, Shomate"),
    "misspelt model": ("model: NASA7", "model: NASA 7", "did you mean 'NASA7'"),
    "unknown element": ("composition: {C: 1, H: 4}", "composition: {C: 1, Hh: 4}", "species 'CH4'", "atomic-weight", "line"),
    "half an atom": ("composition: {C: 1, H: 4}", "composition: {C: 1, H: 4.5}", "species 'CH4'", "whole numbers"),
    "negative atom": ("composition: {C: 1, H: 4}", "composition: {C: 1, H: -4}", "species 'CH4'", "whole numbers"),
    "too few numbers": ("-1.14349933, 0.683010238", "", "mine.yaml"),
    "missing number": ("      -917.935173, 0.683010238]", "      -917.935173]", "mine.yaml", "NASA"),
    "text for a number": ("0.683010238", "much", "mine.yaml", "line"),
    "zones": ("temperature-ranges: [200.0, 1000.0, 6000.0]", "temperature-ranges: [200.0, 6000.0]", "mine.yaml"),
    "zones descend": ("temperature-ranges: [200.0, 1000.0, 6000.0]", "temperature-ranges: [200.0, 7000.0, 6000.0]", "ascend"),
    "mistyped number": ("-917.935173", "-971.935173", "species 'H2'", "jumps by", "mistyped"),
    "missing species": ("species: [H2, H2O,", "species: [H2, NH3, H2O,", "NH3", "line"),
    "species twice": ("  - condensates: [C(gr)]", "  - condensates: [C(gr)]\n  - species: [CO]", "mine.yaml"),
    "nameless": ("- name: CH4\n  comp", "- nam: CH4\n  comp", "no name"),
    "default melt": ("default-melt: basalt-Dixon1995", "default-melt: basalt-Dixon95", "did you mean 'basalt-Dixon1995'"),
    "melt": ("  melt:\n    none: {form: none}", "  melt: none", "species 'O2'", "not a table of laws"),
    "atomic weight": ("atomic-weight: 1.00794", "atomic-weight: light", "elements H", "not an atomic weight"),
    "unbalanced": ("H2 + 1/2 O2 = H2O", "H2 + O2 = H2O", "bower2022 reaction 1", "not balanced", "1 O"),
    "unknown in equation": ("CO2 + 2 H2 = CH4 + O2\n", "CO2 + 2 H2 = CH5 + O2\n", "bower2022 reaction 3", "did you mean 'CH4'"),
    "no equation": ("CO + 1/2 O2 = CO2", "CO and O2 make CO2", "not a reaction"),
    "three sides": ("CO + 1/2 O2 = CO2", "CO + 1/2 O2 = CO2 = CO2", "not a reaction"),
    "code in equation": ("CO + 1/2 O2 = CO2", "CO + __import__('os') O2 = CO2", "not a reaction"),
    "zero divisor": ("CO + 1/2 O2 = CO2", "CO + 1/0 O2 = CO2", "not a reaction"),
    "one coefficient": ("log10-K: [6250.8, 4.3207]", "log10-K: [6250.8]", "log10-K", "two finite numbers"),
    "not finite": ("log10-K: [6250.8, 4.3207]", "log10-K: [6250.8, .nan]", "log10-K", "two finite numbers"),
    "no range": ("      T: [1500, 3000]\n", "", "a key is missing", "needed: equation, log10-K, T"),
    "range descends": ("T: [1500, 3000]", "T: [3000, 1500]", "not a range of temperatures"),
    "dependent": ("C(gr) + 1/2 O2 = CO\n", "2 H2 + O2 = 2 H2O\n", "reaction 4", "follows from"),
    "molar mass": ("CH4: 16.04}", "CH4: heavy}", "molar-masses", "CH4"),
    "reserved name": ("  ivtan:", "  nasa7:", "nasa7", "name of its own"),
    "no reactions": ("  ivtan:\n    reference:", "  other: {reference: mine}\n  ivtan:\n    reference:", "list of reactions"),
    "list of sets": ("equilibrium-constants:\n  bower2022:", "equilibrium-constants: [1]\nunused:\n  bower2022:", "not a table"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:NasaPoly2")  # Cantera's own remark on the same mistake
@pytest.mark.parametrize("name", BAD)
def test_bad_mechanisms(tmp_path, name):
    """One mistake in the shipped file: an InputError that names the file and what is wrong, before anything is computed."""
    old, new, *said = BAD[name]
    if name == "too few numbers":
        old = TEXT[TEXT.index("    - [2.34433112") : TEXT.index("    - [2.93286579")]
    assert old in TEXT
    path = write(tmp_path, TEXT.replace(old, new, 1))
    with pytest.raises(InputError) as error:
        th.read_mechanism(path, where="earth.toml [chemistry] mechanism")
    text = str(error.value)
    assert "mine.yaml" in text and "earth.toml" in text
    assert "|" not in text and "***" not in text
    for words in said:
        assert words in text, text


def test_line_numbers_are_right(tmp_path):
    lines = TEXT.splitlines()
    expected = next(k for k, line in enumerate(lines, 1) if line.startswith("- name: CH4"))
    text = TEXT.replace("  composition: {C: 1, H: 4}\n", "")
    with pytest.raises(InputError, match=rf"mine\.yaml line {expected} species 'CH4'"):
        th.read_mechanism(write(tmp_path, text))


def test_canteras_own_file_is_refused_with_the_cure(tmp_path):
    """nasa_gas.yaml does not say its pressure: nobody can borrow from it by mistake."""
    text = "phases: [{name: gas, thermo: ideal-gas, species: [{nasa_gas.yaml/species: [H2, O2]}]}]"
    with pytest.raises(InputError, match="species 'H2' thermo: the key 'reference-pressure' is missing"):
        th.read_mechanism(write(tmp_path, text))


def test_no_text_of_a_file_is_executed():
    """No eval, exec or sympify in the files that read mechanisms."""
    package = Path(th.__file__).parent
    files = ("thermochemistry.py", "mechanism_file.py", "reactions.py", "closures/solubility.py", "closures/expressions.py")
    for name in files:
        called = {n.func for n in ast.walk(ast.parse((package / name).read_text())) if isinstance(n, ast.Call)}
        names = {f.id if isinstance(f, ast.Name) else getattr(f, "attr", "") for f in called}
        assert not names & {"eval", "exec", "sympify", "parse_expr", "nsimplify"}
        assert not re.search(r"\bprint\(", (package / name).read_text())
