"""Data as they come.

Cantera's own files, what ck2yaml writes, and files made by hand, with reference pressure, units, ions.
"""

import math
import warnings

import cantera as ct
import numpy as np
import pytest
import sympy
from support.made_mechanisms import write

import mocoupled as mo
from mocoupled.chemistry import cantera_oracle, free_energies, stoichiometry
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.constants import ATMOSPHERE, BAR
from mocoupled.errors import InputError

T = sympy.Symbol("T", positive=True)
ATM = math.log(BAR / ATMOSPHERE)
FEO = """
phases:
- name: gas
  thermo: ideal-gas
  species: [{nasa_gas.yaml/species: [O2, O, Fe, FeO]}]
- name: Fe(a)
  thermo: fixed-stoichiometry
  species: [{nasa_condensed.yaml/species: [Fe(a)]}]
- name: FeO(s)
  thermo: fixed-stoichiometry
  species: [{nasa_condensed.yaml/species: [FeO(s)]}]
- name: Fe3O4(s)
  thermo: fixed-stoichiometry
  species: [{nasa_condensed.yaml/species: [Fe3O4(s)]}]
"""
H2 = (
    "{model: NASA7, reference-pressure: 1 bar, temperature-ranges: [200.0, 1000.0, 6000.0], data: "
    "[[2.34433112, 7.98052075e-03, -1.9478151e-05, 2.01572094e-08, -7.37611761e-12, -917.935173, "
    "0.683010238],[2.93286579, 8.26607967e-04, -1.46402335e-07, 1.54100359e-11, -6.88804432e-16, "
    "-813.065597, -1.02432887]]}"
)
ATOM = (
    "{model: NASA7, reference-pressure: 1 bar, temperature-ranges: [200.0, 6000.0], data: [[2.5, 0, 0, "
    "0, "
    "0, 2.54736599e+04, -0.446682853]]}"
)


def three(composition, thermo, head="", phase="gas", entry=""):
    """H2, H and a third species X."""
    return f"""{head}
phases:
- {{name: {phase}, thermo: ideal-gas, species: [H2, H, X]}}
species:
- {{name: H2, composition: {{H: 2}}, thermo: {H2}}}
- {{name: H, composition: {{H: 1}}, thermo: {ATOM}}}
- name: X
  composition: {composition}
  thermo: {thermo}
{entry}"""


def read(name):
    """The mechanism, without the notes on its reference pressure."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return read_mechanism(name)


def mu(mechanism, species, temperature):
    return float(free_energies.gibbs_RT(mechanism, species, T).subs(T, temperature))


# ---- Cantera's own files


@pytest.mark.parametrize(
    "file, gases, pressure",
    [
        ("gri30.yaml", 53, ATMOSPHERE),
        ("h2o2.yaml", 10, ATMOSPHERE),
        ("airNASA9.yaml", 11, BAR),
        ("nasa_gas.yaml", 748, BAR),
        ("gri30_ion.yaml", 56, ATMOSPHERE),
    ],
)
def test_canteras_files_are_read_as_they_are(file, gases, pressure):
    """Every species of the gas, with Cantera's own mu0/RT at its pressure.

    1e-11 of the largest terms, of size 1e3 at 300 K.
    """
    mechanism = read(file)
    species = {s.name: s for s in ct.Species.list_from_file(file)} if file != "gri30_ion.yaml" else {}
    assert len(mechanism.species) == gases
    for name, one in list(species.items())[:: max(1, gases // 25)]:
        thermo = one.thermo
        for temperature in (max(400.0, thermo.min_temp), min(2500.0, thermo.max_temp)):
            expected = (thermo.h(temperature) - temperature * thermo.s(temperature)) / (
                ct.gas_constant * temperature
            ) + math.log(BAR / pressure)
            assert mu(mechanism, name, temperature) == pytest.approx(expected, rel=1e-11, abs=1e-10)
    weights = (
        {e: w / 1000 for e, w in zip(ct.Solution(file).element_names, ct.Solution(file).atomic_weights)}
        if file in ("gri30.yaml", "airNASA9.yaml")
        else {}
    )
    assert all(mechanism.atomic_weights[e] == pytest.approx(w, rel=1e-12) for e, w in weights.items())


def test_ions_and_the_electron_are_read():
    """N+ of airNASA9.yaml lacks an electron, e- is one.

    The counts of E that a balance of charge needs, and its weight.
    """
    air = read("airNASA9.yaml")
    assert air.species["N+"].composition == {"N": 1, "E": -1} and air.species["e-"].composition == {"E": 1}
    assert air.atomic_weights["E"] == pytest.approx(5.485799e-7, rel=1e-6)
    elements, matrix = stoichiometry.formula_matrix(air, ["N2", "N+", "e-"])
    assert dict(zip(elements, matrix.tolist())) == {"N": [2, 1, 0], "E": [0, -1, 1]}
    assert [r.text for r in stoichiometry.reactions(air, ["N", "N+", "e-"], None)] == ["N = N+ + e-"]
    assert air.species["N2"].temperature_range == (200.0, 20000.0)


def test_imports_from_canteras_folder(tmp_path):
    """The fault's feo_import.yaml: FeO and magnetite at 900 K have 0.4 and 0.2 mol of Fe:O = 1:1.2.

    Ours and Cantera's minimiser.
    """
    found = mo.gas_equilibrium(
        900.0,
        1e5,
        {"Fe": 1.0, "O": 1.2},
        mechanism=_quiet(write(tmp_path, FEO)),
        condensates=["Fe(a)", "FeO(s)", "Fe3O4(s)"],
        engine="both",
    )
    moles = {str(c): float(found.condensate_moles.sel(condensate=c)) for c in found.condensate.values}
    assert moles == pytest.approx({"Fe(a)": 0.0, "FeO(s)": 0.4, "Fe3O4(s)": 0.2}, abs=1e-12)
    theirs = {s.name: s for s in ct.Species.list_from_file("nasa_condensed.yaml")}
    for name in moles:
        one = read_mechanism(tmp_path / "mine.yaml").species[name]
        assert one.phase == "condensed" and one.temperature_range == (
            theirs[name].thermo.min_temp,
            theirs[name].thermo.max_temp,
        )


def _quiet(path):
    read(path)
    return str(path)


def test_the_same_with_pressures_written_in(tmp_path):
    """Stating 1 bar at the head gives the same free energies as the rule for NASA's files, and no warning."""
    assumed = read(write(tmp_path, FEO, "assumed.yaml"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stated = read_mechanism(write(tmp_path, "reference-pressure: 1 bar\n" + FEO, "stated.yaml"))
    for name in assumed.species:
        assert mu(assumed, name, 1000.0) == mu(stated, name, 1000.0)


# ---- reference pressure


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
    found = mo.gas_equilibrium(2500.0, 1e5, {"Fe": 1.0, "O": 1.2}, mechanism=str(path), condensates=())
    assert "nasa_gas.yaml; 1 bar assumed, by this source" in found.attrs["data"]


def test_a_file_without_a_pressure_is_at_one_atmosphere(tmp_path):
    """Cantera's own rule for what says nothing: mu0/RT at 1 bar is lower by ln(1.01325)."""
    bare = H2.replace("reference-pressure: 1 bar, ", "")
    path = write(tmp_path, three("{H: 2}", bare))
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
        mechanism = read_mechanism(write(tmp_path, three("{H: 2}", bare, head)))
    assert mu(mechanism, "X", 1500.0) - mu(mechanism, "H2", 1500.0) == pytest.approx(expected, abs=1e-12)


def test_reference_pressure_of_a_phase_and_of_an_entry(tmp_path):
    """An entry's own comes first, then that of its phase.

    Different ones in a gas are no mistake, for Cantera's minimiser too.
    """
    bare = H2.replace("reference-pressure: 1 bar, ", "")
    text = three("{H: 2}", bare).replace(
        "species: [H2, H, X]", "species: [H2, H, X], reference-pressure: 2 bar"
    )
    mechanism = read_mechanism(write(tmp_path, text))
    assert mu(mechanism, "X", 1500.0) - mu(mechanism, "H2", 1500.0) == pytest.approx(-math.log(2), rel=1e-12)
    found = cantera_oracle.minimise_free_energy(mechanism, 1500.0, 1e5, {"H": 1.0})
    assert found["X"] / found["H2"] == pytest.approx(2.0, rel=1e-10)


# ---- phases


AIR = """
phases:
- {name: hot, thermo: ideal-gas, species: [H2, H]}
- {name: same, thermo: ideal-gas, species: [H2, H]}
- {name: real, thermo: Redlich-Kwong, species: [H2]}
- {name: wall, thermo: ideal-surface, species: [S(1)]}
- {name: solid thing, thermo: fixed-stoichiometry, species: [X]}
species:
- {name: H2, composition: {H: 2}, thermo: MOLECULE, transport: {model: gas, geometry: linear}}
- {name: H, composition: {H: 1}, thermo: ATOM}
- {name: X, composition: {H: 2}, thermo: MOLECULE}
reactions:
- {equation: H2 <=> 2 H, rate-constant: {A: 1, b: 0, Ea: 0}}
""".replace("MOLECULE", H2).replace("ATOM", ATOM)


def test_phases_of_any_name(tmp_path):
    """One ideal gas whatever its name.

    A second with the same species, a real gas and a surface are passed over.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mechanism = read_mechanism(write(tmp_path, AIR))
    assert {s.name: s.phase for s in mechanism.species.values()} == {
        "H2": "gas",
        "H": "gas",
        "X": "condensed",
    }
    assert tuple(mechanism.phases) == ("hot", "solid thing")


def test_a_gas_is_chosen_by_name(tmp_path):
    text = AIR.replace(
        "{name: same, thermo: ideal-gas, species: [H2, H]}",
        "{name: cold, thermo: ideal-gas, species: [H2, X]}",
    ).replace("- {name: solid thing, thermo: fixed-stoichiometry, species: [X]}\n", "")
    path = write(tmp_path, text)
    with pytest.warns(UserWarning, match="chosen by mine.yaml:cold"):
        assert "X" not in read_mechanism(path).species
    assert set(read_mechanism(f"{path}:cold").species) == {"H2", "X"}
    with pytest.raises(InputError, match="its ideal gases: hot, cold"):
        read_mechanism(f"{path}:warm")
    with pytest.raises(InputError, match="'Redlich-Kwong'.*\n.*\n.*mine.yaml:hot"):
        read_mechanism(f"{path}:real")
    write(tmp_path, "[chemistry]\nmechanism = 'mine.yaml:cold'\n", "case.toml")
    assert mo.Case.read(tmp_path / "case.toml").chemistry.mechanism == f"{path}:cold"


def test_two_entries_for_a_species_are_refused(tmp_path):
    text = AIR.replace("- {name: X,", f"- {{name: H, composition: {{H: 1}}, thermo: {ATOM}}}\n- {{name: X,")
    with pytest.raises(InputError, match="two entries for the species 'H'"):
        read_mechanism(write(tmp_path, text))


def test_condensed_data_alone_have_no_gas():
    with pytest.raises(InputError, match="condensed species alone.*\n.*import those you need"):
        read_mechanism("nasa_condensed.yaml")


def test_species_of_undeclared_elements_are_skipped_where_the_phase_says_so():
    """Cantera's KOH.yaml takes all of nasa_gas.yaml that its elements make, and ten condensed phases."""
    mechanism = read("KOH.yaml")
    assert sum(s.phase == "gas" for s in mechanism.species.values()) == len(
        ct.Solution("KOH.yaml", "KOH_plasma").species_names
    )
    assert "K(L)" in mechanism.species and set(mechanism.atomic_weights) == {"K", "O", "H", "E"}


def test_isotopes_and_elements_with_their_own_weight(tmp_path):
    """D is Cantera's element; an element of the file's own needs a weight there."""
    mechanism = read_mechanism(write(tmp_path, three("{H: 1, D: 1}", H2)))
    assert mechanism.species["X"].molar_mass == pytest.approx(1.008e-3 + 2.0141017781e-3, rel=1e-6)
    own = read_mechanism(
        write(tmp_path, three("{Q: 2}", H2, "elements: [{symbol: Q, atomic-weight: 7.5}]"), "own.yaml")
    )
    assert own.species["X"].molar_mass == 0.015
    with pytest.raises(InputError, match="no element that is known"):
        read_mechanism(write(tmp_path, three("{Q: 2}", H2), "none.yaml"))


# ---- compositions


def test_counts_of_zero_are_no_element(tmp_path):
    """X of {H: 2, O: 0} with the data of H2: as much of it as of H2, by both engines."""
    path = write(tmp_path, three("{H: 2, O: 0}", H2))
    assert read_mechanism(path).species["X"].composition == {"H": 2}
    for engine in ("kernel", "cantera"):
        found = mo.gas_equilibrium(
            2500.0, 1e5, {"H": 2.0}, mechanism=str(path), condensates=(), engine=engine
        )
        assert float(found.mixing_ratio.sel(species="X")) == pytest.approx(
            float(found.mixing_ratio.sel(species="H2")), rel=1e-10
        )


def test_fractional_compositions_are_exact(tmp_path):
    """X of {H: 1.894}.

    The reaction has the decimal text's fraction, the equilibrium holds, and both engines agree.
    """
    path = write(tmp_path, three("{H: 1.894}", ATOM.replace("2.54736599e+04", "4.54e+03")))
    mechanism = read_mechanism(path)
    assert [r.text for r in stoichiometry.reactions(mechanism, ["H2", "X"], None)] == ["947/1000 H2 = X"]
    found = mo.gas_equilibrium(2500.0, 1e5, {"H": 2.0}, mechanism=str(path), condensates=(), engine="both")
    p = {str(s): float(found.pressure.sel(species=s)) / BAR for s in found.species.values}
    quotient = math.log(p["X"]) - 0.947 * math.log(p["H2"])
    assert quotient == pytest.approx(
        0.947 * mu(mechanism, "H2", 2500.0) - mu(mechanism, "X", 2500.0), abs=1e-9
    )
    held = sum(n * float(found.gas_moles.sel(species=s)) for s, n in (("H2", 2), ("H", 1), ("X", 1.894)))
    assert held == pytest.approx(2.0, rel=1e-12) and float(found.engine_difference) < 1e-8
    assert mechanism.species["X"].molar_mass == pytest.approx(
        1.894 * mechanism.atomic_weights["H"], rel=1e-15
    )


def test_wuestite_of_its_own_composition(tmp_path):
    """Fe0.947O as a condensate: at 1000 K, Fe:O = 0.947 it holds everything."""
    entry = next(
        s for s in ct.Species.list_from_file("nasa_condensed.yaml") if s.name == "FeO(s)"
    ).input_data["thermo"]
    phase = (
        "- {name: wuestite, thermo: fixed-stoichiometry, species: ['Fe0.947O']}\nspecies:\n- {name: "
        "Fe0.947O, composition: {Fe: 0.947, O: 1}, thermo: "
        + str({**entry, "reference-pressure": "1 bar"})
        + "}\n"
    )
    path = write(tmp_path, "reference-pressure: 1 bar" + FEO + phase)
    found = mo.gas_equilibrium(
        1000.0, 1e5, {"Fe": 0.947, "O": 1.0}, mechanism=str(path), condensates=["Fe0.947O"]
    )
    assert float(found.condensate_moles.sum()) == pytest.approx(1.0, rel=1e-9)


# ---- models of thermo

SHOMATE = """{model: Shomate, reference-pressure: 1 bar,
    temperature-ranges: [298.0, 1000.0, 2500.0, 6000.0], data: [
    [33.066178, -11.363417, 11.432816, -2.772874, -0.158558, -9.980797, 172.707974],
    [18.563083, 12.257357, -2.859786, 0.268238, 1.97799, -1.147438, 156.288133],
    [43.41356, -4.293079, 1.272428, -0.096876, -20.533862, -38.515158, 162.081354]]}"""


def test_shomate_of_three_zones(tmp_path):
    """H2 of the NIST WebBook, which Cantera cannot read: its free energy is that of H2 of NASA within 0.05
    kJ/mol in each zone (4e-3 of RT at 1500 K), and Cantera's minimiser on our zones agrees with ours."""
    path = write(tmp_path, three("{H: 2}", SHOMATE))
    mechanism = read_mechanism(path)
    assert mechanism.species["X"].temperature_range == (298.0, 6000.0)
    for temperature in (500.0, 1500.0, 4000.0):
        assert mu(mechanism, "X", temperature) == pytest.approx(mu(mechanism, "H2", temperature), abs=0.02)
    found = mo.gas_equilibrium(4000.0, 1e5, {"H": 2.0}, mechanism=str(path), condensates=(), engine="both")
    assert float(found.engine_difference) < 1e-10


def test_any_number_of_zones_and_what_is_wrong_with_them(tmp_path):
    rows = "[2.5, 0, 0, 0, 0, 2.54736599e+04, -0.446682853]"
    data = ", ".join([rows] * 4)
    ranges = "[200, 500, 1000, 3000, 6000]"
    four = f"{{model: NASA7, reference-pressure: 1 bar, temperature-ranges: {ranges}, data: [{data}]}}"
    mechanism = read_mechanism(write(tmp_path, three("{H: 1}", four)))
    assert mu(mechanism, "X", 2000.0) == mu(mechanism, "H", 2000.0)
    for bad, said in (
        (four.replace("3000, 6000", "3000"), "make 3 zones, but there are 4 rows"),
        (four.replace("-0.446682853", "", 1).replace(", ]", "]", 1), "has 6 numbers"),
    ):
        with pytest.raises(InputError, match=said) as error:
            read_mechanism(write(tmp_path, three("{H: 1}", bad), "bad.yaml"))
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
    text = three("{H: 2}", thermo, units)
    mechanism = read_mechanism(write(tmp_path, text))
    theirs = ct.Solution(yaml=text.replace("species: [H2, H, X]", "elements: [H], species: [X]"), name="gas")
    low, high = mechanism.species["X"].temperature_range
    for temperature in (max(310.0, low), min(590.0, high)):
        theirs.TP = temperature, BAR
        assert mu(mechanism, "X", temperature) == pytest.approx(theirs.standard_gibbs_RT[0], rel=1e-10)


# ---- messages and names


def test_a_misspelt_imported_species_does_not_print_them_all(tmp_path):
    path = write(
        tmp_path, "phases: [{name: gas, thermo: ideal-gas, species: [{nasa_gas.yaml/species: [H2, H20]}]}]"
    )
    with pytest.raises(InputError) as error:
        read_mechanism(path)
    text = str(error.value)
    assert "'H20'" in text and "did you mean 'H2" in text and " others" in text and len(text) < 1000


def test_a_long_list_in_a_message_is_cut():
    found = InputError(
        "here", "there is no such name.", "known: " + ", ".join(f"name{k}" for k in range(500))
    )
    left_out = int(str(found).rsplit("... and ", 1)[1].split()[0])
    assert len(str(found)) < 800 and left_out + str(found).count("name") - 1 == 500


ISOMERS = (
    "phases: [{name: gas, thermo: ideal-gas, species: [{nasa_gas.yaml/species: [H2, CH4, "
    "'C2H2,acetylene', 'C2H2,vinylidene']}]}]"
)


@pytest.mark.parametrize(
    "names",
    [
        "H2,C2H2,acetylene,C2H2,vinylidene,CH4",
        "'C2H2,acetylene', \"C2H2,vinylidene\", H2 CH4",
        "C2H2,acetylene",
    ],
)
def test_names_with_commas_on_the_command_line(tmp_path, mocoupled, names):
    """mocoupled gas --species with NASA's names of isomers, as they are or in quotes.

    The pressure assumed is said once.
    """
    path = write(tmp_path, ISOMERS)
    status, out, err = mocoupled(
        "gas",
        "-T",
        "1500",
        "-P",
        "1e5",
        "H=2",
        "C=2",
        "--mechanism",
        path,
        "--condensates",
        "none",
        "--species",
        names,
    )
    if names == "C2H2,acetylene":  # by its name alone the elements have one ratio
        assert "C2H2,acetylene" in out + err and "'acetylene'" not in err
        return
    assert status == 0, err
    header = out.splitlines()[0]
    assert "C2H2,acetylene" in header and "C2H2,vinylidene" in header and "CH4" in header
    assert err.count("1 bar assumed") == 1


@pytest.mark.parametrize(
    "text, names",
    [
        ("H2,H2O", ["H2", "H2O"]),
        ("C2H2,acetylene", ["C2H2,acetylene"]),
        ("C2H2,acetylene,C2H2,vinylidene,H2", ["C2H2,acetylene", "C2H2,vinylidene", "H2"]),
        ("'a,b' , \"c d\",H2", ["a,b", "c d", "H2"]),
        ("C(gr),H2O(l) Al2O3(a,b)", ["C(gr)", "H2O(l)", "Al2O3(a,b)"]),
        ("", []),
    ],
)
def test_names_in_a_text(text, names):
    from mocoupled.schema.species_names import split_names

    assert split_names(text, {"C2H2,acetylene", "C2H2,vinylidene", "H2", "C2H2"}) == names


def test_names_with_commas_in_a_case():
    changes = {
        "chemistry.mechanism": "nasa_gas.yaml",
        "volatiles.solubility.H2O": "none",
        "volatiles.solubility.CO2": "none",
    }
    read("nasa_gas.yaml")
    for names in (
        "H2, H2O, CO, CO2, C2H2,acetylene",
        "'C2H2,acetylene', H2, H2O, CO, CO2",
        ["H2", "H2O", "CO", "CO2", "C2H2,acetylene"],
    ):
        state = mo.equilibrium(
            mo.Case.read("earth").replace(changes | {"chemistry.species": names}),
            temperature=2000.0,
            melt_fraction=0.5,
        )
        assert "C2H2,acetylene" in state.species.values and bool(state.converged)


def test_gri30_runs_in_an_equilibrium():
    """As it is, with elements of its own choice: elements kept to 1e-11, and the oracle agrees to 1e-9."""
    moles = {"H": 2.0, "C": 0.4, "O": 1.2, "N": 0.1}
    read("gri30.yaml")
    names = ("H2", "H2O", "CO", "CO2", "CH4", "N2", "NH3", "HCN", "O2", "H", "OH")
    found = mo.gas_equilibrium(
        2500.0, 1e5, moles, mechanism="gri30.yaml", species=names, condensates=(), engine="both"
    )
    mechanism = read("gri30.yaml")
    for e, n in moles.items():
        held = sum(
            mechanism.species[str(s)].composition.get(e, 0) * float(found.gas_moles.sel(species=s))
            for s in found.species.values
        )
        assert held == pytest.approx(n, rel=1e-11)
    assert float(found.engine_difference) < 1e-9 and np.isfinite(found.pressure).all()
