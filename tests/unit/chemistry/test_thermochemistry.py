"""The shipped mechanism, finding files, polynomials and equilibrium constants, against Cantera and published
numbers.
"""

import json
import math
import os
import subprocess
import sys

import cantera as ct
import numpy as np
import pytest
import sympy
from support.made_mechanisms import (
    FIVE,
    GRAPHITE,
    LN10,
    PAPER,
    REFERENCE,
    TEXT,
    T,
    V,
    cantera_species,
    log10_K,
    mechanism_of,
    write,
)

from mocoupled.chemistry import equilibrium_constants, free_energies, mechanism_paths, stoichiometry
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.constants import ATMOSPHERE, BAR
from mocoupled.errors import InputError

# ---- the shipped mechanism


def test_shipped_mechanism():
    assert "volatiles" in mechanism_paths.shipped_mechanisms()
    assert V.name == "volatiles" and V.path.name == "volatiles.yaml" and len(V.checksum) == 64
    assert tuple(V.species) == ("H2", "H2O", "CO", "CO2", "CH4", "O2", GRAPHITE)
    assert [s.name for s in V.species.values() if s.phase == "condensed"] == [GRAPHITE]
    assert equilibrium_constants.sources(V) == ("nasa7", "bower2022", "ivtan")
    assert V.species["H2O"].default_melt == "peridotite-Sossi2022"
    assert V.species["CO2"].default_melt == "basalt-Dixon1995"
    for name in ("H2", "CO", "CH4", "O2", GRAPHITE):
        assert V.species[name].default_melt == "none"
    for species in V.species.values():
        assert "TM-4513" in species.reference and "1 bar" in species.reference


def test_atomic_weights_are_the_files_own():
    """The set of the reference solutions (mol to kg conversions of the tests rest on it), exact to the last
    digit.
    """
    assert V.atomic_weights == REFERENCE["constants"]["atomic_masses_consistent"]
    gas = ct.Solution(str(V.path), "gas")
    assert dict(zip(gas.element_names, gas.atomic_weights, strict=True)) == {
        "H": 1.00794,
        "C": 12.0107,
        "O": 15.9994,
    }
    for k, name in enumerate(gas.species_names):
        assert V.species[name].molar_mass == pytest.approx(gas.molecular_weights[k] / 1000, rel=1e-15)


def test_polynomials_are_those_of_the_reference():
    """Every coefficient as in the independent reference file, which holds Cantera's nasa_gas.yaml and
    graphite.yaml.
    """
    for name, numbers in REFERENCE["constants"]["nasa7"].items():
        item = V.species[name].thermo
        assert [item["temperature-ranges"][1], *item["data"][1], *item["data"][0]] == numbers
        assert item["reference-pressure"] in ("1 bar", 1e5)


def test_opacities():
    """Bower et al. 2022, App. A, m2/kg at 101325 Pa; that of CH4 is not published and marked as assumed.

    O2 has none.
    """
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
        assert equilibrium_constants.molar_mass(V, name, "bower2022") == value
    for source in ("nasa7", "ivtan"):
        assert equilibrium_constants.molar_mass(V, "CO2", source) == pytest.approx(
            0.0120107 + 2 * 0.0159994, rel=1e-15
        )
    assert equilibrium_constants.molar_mass(V, GRAPHITE, "bower2022") == 0.0120107


# ---- finding and reading


def test_found_in_a_checkout_in_a_wheel_and_as_a_path(tmp_path, monkeypatch):
    path = write(tmp_path, TEXT, "copy.yaml")
    assert mechanism_paths.find_mechanism("volatiles") == V.path
    assert mechanism_paths.find_mechanism(path) == path.resolve() == mechanism_paths.find_mechanism(str(path))
    package = tmp_path / "site-packages" / "mocoupled"
    (package / "mechanisms").mkdir(parents=True)
    write(package / "mechanisms", TEXT, "shipped.yaml")
    monkeypatch.setattr(mechanism_paths, "__file__", str(package / "chemistry" / "mechanism_paths.py"))
    assert mechanism_paths.shipped_mechanisms() == ("shipped",)
    assert mechanism_paths.find_mechanism("shipped").parent == (package / "mechanisms").resolve()


def test_unknown_name():
    with pytest.raises(InputError) as error:
        read_mechanism("volatile", where="earth.toml [chemistry] mechanism")
    assert "earth.toml" in str(error.value) and "did you mean 'volatiles'" in str(error.value)


def test_read_once_and_again_when_the_file_changes(tmp_path):
    path = write(tmp_path, TEXT)
    first = read_mechanism(path)
    assert read_mechanism(str(path)) is first and first.checksum == V.checksum
    path.write_text(TEXT + "# changed\n")
    os.utime(path, ns=(1, 1))
    assert read_mechanism(path).checksum != first.checksum


def test_import_does_not_load_cantera():
    """Cantera loads when a mechanism is read, not when the package is imported.

    Nothing else of ours imports it.
    """
    code = (
        "import sys, mocoupled.chemistry.mechanism; "
        "assert not {'cantera', 'ruamel.yaml', 'scipy'} & set(sys.modules)"
    )
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
    result = read_mechanism(write(tmp_path, json.dumps(table), "more.yaml"))
    assert tuple(result.species) == ("H2", "H2O", "O2", "N2")
    assert result.species["H2O"].default_melt == "peridotite-Sossi2022"


# ---- polynomials


@pytest.mark.parametrize("name", V.species)
def test_gibbs_energy_is_canteras_at_1_bar(name):
    """Same polynomials, same pressure: round-off only, 1e-12 of the largest term of mu0/RT.

    1000 K is the seam.
    """
    phase = ct.Solution(str(V.path), "graphite" if name == GRAPHITE else "gas")
    value = sympy.lambdify(T, free_energies.gibbs_RT(V, name, T))
    for temperature in (200.0, 298.15, 999.9, 1000.0, 1000.1, 1388.0, 2700.0, 5000.0):
        phase.TP = temperature, BAR
        expected = phase.standard_gibbs_RT[phase.species_index(name)]
        assert value(temperature) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def made_species(tmp_path, kind):
    if (
        kind == "NASA9"
    ):  # N2 of McBride, Zehe & Gordon 2002, as in Cantera's airNASA9.yaml: three zones to 20 000 K
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
        thermo = {
            "model": "NASA7",
            "temperature-ranges": [200.0, 6000.0],
            "data": [[2.5, 0, 0, 0, 0, -745.375, 4.37967491]],
        }
    return {"name": "N2", "composition": {"N": 2}, "thermo": thermo}


@pytest.mark.parametrize("kind", ["NASA9", "Shomate", "Shomate of one zone", "NASA7 of one zone"])
@pytest.mark.parametrize("pressure", ["1 bar", "1 atm"])
def test_other_models_and_pressures(tmp_path, kind, pressure):
    """mu0/RT at 1 bar whatever the data's own pressure. 1e-10.

    Cantera's gas constant has three digits more than ours.
    """
    entry = made_species(tmp_path, kind)
    entry["thermo"]["reference-pressure"] = pressure
    result = mechanism_of(tmp_path, [entry])
    phase = ct.Solution(str(result.path), "gas")
    value = sympy.lambdify(T, free_energies.gibbs_RT(result, "N2", T))
    low, high = result.species["N2"].temperature_range
    for temperature in np.linspace(low, high, 23):
        phase.TP = temperature, BAR
        assert value(temperature) == pytest.approx(phase.standard_gibbs_RT[0], rel=1e-10, abs=1e-12)


def test_data_at_1_atm_are_shifted(tmp_path):
    """The same numbers said to be for 1 atm: ln K moves by dn ln 1.01325, -0.0029, -0.0029 and -0.0057 dex
    for the paper's three reactions (half of the last digit), and for graphite by the half mole of gas it
    makes."""
    path = write(tmp_path, TEXT.replace("reference-pressure: 1 bar", "reference-pressure: 1 atm"))
    atm = read_mechanism(path)
    for key, moles, shift in (
        ("H", -0.5, -0.0029),
        ("C", -0.5, -0.0029),
        ("M", -1.0, -0.0057),
        ("G", 0.5, 0.0029),
    ):
        result = log10_K(PAPER[key], 1650.0, "nasa7", atm) - log10_K(PAPER[key], 1650.0, "nasa7")
        assert result == pytest.approx(moles * math.log10(ATMOSPHERE / BAR), abs=1e-13)
        assert abs(result - shift) <= 5e-5


def test_canteras_own_file_is_wrong_by_an_atmosphere():
    """The trap itself.

    Nasa_gas.yaml as Cantera reads it gives K of H2 + 1/2 O2 = H2O lower by 0.0029 dex than 1-bar data.
    """
    names = ["H2", "O2", "H2O"]
    species = [next(s for s in ct.Species.list_from_file("nasa_gas.yaml") if s.name == n) for n in names]
    gas = ct.Solution(thermo="ideal-gas", species=species)
    gas.TP = 1650.0, BAR
    g = dict(zip(names, gas.standard_gibbs_RT, strict=True))
    theirs = (g["H2"] + 0.5 * g["O2"] - g["H2O"]) / LN10
    assert theirs - log10_K(PAPER["H"], 1650.0, "nasa7") == pytest.approx(
        -0.5 * math.log10(1.01325), abs=1e-12
    )


# ---- equilibrium constants


@pytest.mark.parametrize(
    "temperature, expected",
    [(1650.0, (4.93261, 4.42005, -15.33804)), (2700.0, (1.83270, 1.01020, -11.50195))],
)
def test_fits_of_bower2022(temperature, expected):
    """log10 K of the paper's Eq.

    4-6 evaluated by an independent program, to half of the last digit printed.
    """
    for key, value in zip("HCM", expected, strict=True):
        assert abs(log10_K(PAPER[key], temperature, "bower2022") - value) <= 5e-6


@pytest.mark.parametrize(
    "key, largest, rms, wider",
    [("H", 0.0066, 0.0030, 0.0138), ("C", 0.0134, 0.0057, 0.0282), ("M", 0.1155, 0.104, 0.1155)],
)
def test_fits_against_polynomials(key, largest, rms, wider):
    """Deviation of the paper's fits from the NASA polynomials over 1500-3000 K and 1350-3000 K, dex, as an
    independent evaluation found them: half of the last digit, and 1e-4 for the rms, which depends on the
    sampling."""

    def deviation(low):
        grid = np.arange(low, 3001.0, 10.0)
        return log10_K(PAPER[key], grid, "nasa7") - log10_K(PAPER[key], grid, "bower2022")

    assert abs(np.abs(deviation(1500.0)).max() - largest) <= 6e-5
    assert abs(np.sqrt(np.mean(deviation(1500.0) ** 2)) - rms) <= (6e-4 if key == "M" else 1e-4)
    assert abs(np.abs(deviation(1350.0)).max() - wider) <= 6e-5


@pytest.mark.parametrize("temperature, energy", [(1500.0, -243.74), (2000.0, -286.03), (3000.0, -367.82)])
def test_graphite_against_janaf(temperature, energy):
    """Free energy of formation of CO in JANAF (Chase 1998), kJ/mol. Our linear fit goes through both ends,
    and a straight line leaves 0.92 kJ/mol in the middle (0.024 dex). The polynomials: 0.001 dex, as an
    independent comparison found, and half of the tables' last digit."""
    expected = -energy * 1e3 / (8.314462618 * temperature * LN10)
    unit = 1e3 / (8.314462618 * temperature * LN10)
    assert abs(log10_K(PAPER["G"], temperature, "bower2022") - expected) <= 0.93 * unit
    assert abs(log10_K(PAPER["G"], temperature, "nasa7") - expected) <= 0.001 + 0.005 * unit


def test_hess_law_is_exact():
    """A data set gives any combination of its reactions.

    Our reactions are not the paper's, yet the constants must agree.
    """
    result = dict(zip("HCMG", stoichiometry.reactions(V, (*FIVE, GRAPHITE)), strict=True))
    grid = np.array([1400.0, 1650.0, 2700.0])
    K = {key: log10_K(PAPER[key], grid, "bower2022") for key in PAPER}
    expected = {"H": -K["H"], "C": -K["C"], "M": K["M"] - 2 * K["H"], "G": -K["C"] - K["G"]}
    for key, value in expected.items():
        np.testing.assert_allclose(log10_K(result[key], grid, "bower2022"), value, rtol=1e-13)
    assert equilibrium_constants.calibration(V, result["H"], "bower2022") == (1500.0, 3000.0)
    assert equilibrium_constants.calibration(V, result["M"], "bower2022") == (1500.0, 2000.0)
    assert equilibrium_constants.calibration(V, result["M"], "ivtan") == (300.0, 2000.0)
    assert equilibrium_constants.calibration(V, result["M"], "nasa7") is None


def test_ivtan():
    """Schaefer & Fegley 2017.

    Log10 K = -12794/T + 2.7768 and -14787/T + 4.5472, written the other way round.
    """
    assert log10_K(PAPER["H"], 1650.0, "ivtan") == pytest.approx(12794 / 1650 - 2.7768, rel=1e-14)
    assert log10_K(PAPER["C"], 1650.0, "ivtan") == pytest.approx(14787 / 1650 - 4.5472, rel=1e-14)
    with pytest.raises(InputError, match=r"no equilibrium constant for C\(gr\)"):
        equilibrium_constants.ln_K(V, PAPER["G"], T, "ivtan")


def test_unknown_source():
    for call in (
        lambda s: equilibrium_constants.ln_K(V, PAPER["H"], T, s),
        lambda s: equilibrium_constants.temperature_limits(V, FIVE, s),
    ):
        with pytest.raises(InputError, match="did you mean 'bower2022'"):
            call("bower2021")


@pytest.mark.parametrize("source", ["nasa7", "bower2022", "ivtan"])
@pytest.mark.parametrize("key", "HCM")
def test_derivatives(source, key):
    """d ln K/dT and d2 ln K/dT2 against central differences of fourth order with a step of 1 K: their error
    is that of rounding ln K of size 60 over the step, 1e-13, and truncation of order 1e-14 of ln K."""
    grid = np.array([400.0, 900.0, 1100.0, 1650.0, 2700.0, 4900.0])
    _, first, second = equilibrium_constants.ln_K_values(V, PAPER[key], grid, source)

    def difference(k):
        rows = [
            equilibrium_constants.ln_K_values(V, PAPER[key], grid + h, source)[k]
            for h in (-2.0, -1.0, 1.0, 2.0)
        ]
        return (rows[0] - 8 * rows[1] + 8 * rows[2] - rows[3]) / 12.0

    np.testing.assert_allclose(first, difference(0), rtol=1e-7)
    np.testing.assert_allclose(second, difference(1), rtol=1e-7)


def test_values_keep_the_shape_and_are_new():
    grid = np.full((2, 3), 1650.0)
    for source in ("nasa7", "bower2022"):
        for value in equilibrium_constants.ln_K_values(V, PAPER["H"], grid, source):
            assert value.shape == (2, 3) and value.flags.writeable
        assert equilibrium_constants.ln_K_values(V, PAPER["H"], 1650.0, source)[0].shape == ()


def test_temperature_limits():
    assert equilibrium_constants.temperature_limits(V, FIVE) == (200.0, 6000.0)
    assert equilibrium_constants.temperature_limits(V, [*FIVE, GRAPHITE]) == (200.0, 5000.0)
    low, high = equilibrium_constants.temperature_limits(V, FIVE, "bower2022")
    assert low <= 1388.0 and high >= 6000.0 and math.isfinite(high)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -5.0, 0.0, 199.0, 6001.0, [1650.0, math.nan]])
def test_temperatures_without_data_are_refused(bad):
    with pytest.raises(InputError, match="allowed: 200 to 6000 K"):
        equilibrium_constants.ln_K_values(V, PAPER["H"], bad)


@pytest.mark.parametrize(
    "case", [c for c in REFERENCE["cases"] if c["inputs"]["K_set"] == "nasa7"], ids=lambda c: c["id"]
)
def test_reference_pressures_are_in_equilibrium(case):
    """Pressures solved elsewhere to 50 digits with the same polynomials. ln K has terms of size 60: 1e-11."""
    p = {s: x for s, x in case["p_bar"].items() if x > 0}
    ln = {s: math.log(x) for s, x in p.items()} | {"O2": case["log10fO2_bar"] * LN10}
    species = list(p)
    if case["graphite"]["saturated"]:
        species.append(GRAPHITE)
        ln[GRAPHITE] = 0.0
    result = stoichiometry.reactions(V, species)
    assert len(result) == len(species) - (2 if "CO" in p else 1)
    for r in result:
        quotient = math.fsum(float(c) * ln[s] for s, c in r.stoichiometry)
        assert quotient == pytest.approx(
            float(equilibrium_constants.ln_K_values(V, r, case["inputs"]["T_K"])[0]), abs=1e-11
        )
