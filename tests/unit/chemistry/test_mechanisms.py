"""The shipped mechanisms, users' files that build on them, and what is said of a bad one."""

import json
import math
import os
import re
import shutil
from pathlib import Path

import cantera as ct
import numpy as np
import pytest
from support.places import TESTS

import mocoupled as mo
from mocoupled.chemistry import cantera_oracle, equilibrium_constants, mechanism_paths, stoichiometry
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.chemistry.mechanism_paths import shipped_folder
from mocoupled.constants import BAR
from mocoupled.errors import InputError

REFERENCE = json.loads((TESTS / "reference" / "volatile_equilibrium.json").read_text())
SHIPPED = {name: read_mechanism(name) for name in mechanism_paths.shipped_mechanisms()}
FIVE = ("H2", "H2O", "CO", "CO2", "CH4")

BUILDS_ON = """
phases:
- name: gas
  thermo: ideal-gas
  species:
  - volatiles.yaml/species: all
  - chons.yaml/species: [N2, NH3]
- name: graphite
  thermo: fixed-stoichiometry
  species:
  - volatiles.yaml/condensates: [C(gr)]
"""
MADE_UP = """
phases:
- name: gas
  thermo: ideal-gas
  species:
  - volatiles.yaml/species: all
  - species: all
species:
- name: Ghost
  composition: {Xe: 1}
  thermo: {model: NASA7, reference-pressure: 1 bar, temperature-ranges: [200, 6000], \
data: [[2.5, 0, 0, 0, 0, -745.375, 6.0]]}
  melt:
    magma-Nobody2030: {form: expression, expression: "2e-3*tanh(p/(10*bar))", unit: kg/kg, \
reference: "made up 2030"}
"""


def write(folder, text, name="mine.yaml"):
    path = folder / name
    path.write_text(text)
    return path


# ---- what is shipped


def test_what_is_shipped():
    assert {"volatiles", "hco", "chons"} <= set(SHIPPED)
    volatiles, hco, chons = (SHIPPED[name] for name in ("volatiles", "hco", "chons"))
    assert tuple(volatiles.species) == (*FIVE, "O2", "C(gr)")
    gases = [s for s in hco.species.values() if s.phase == "gas"]
    larger = {s.name for s in gases if s.composition.get("C", 0) > 2}
    assert len(gases) == 45 and all(set(s.composition) <= set("HCO") for s in gases)
    assert larger == {"C3", "C3H3", "C3H4", "C4H2"}  # those above 0.1 % of a gas up to 3000 K
    requested = "H2O H2 O2 CO CO2 CH4 N2 NH3 HCN S2 SO2 H2S COS H OH NO S SH CS SO CS2 He Ne Ar Kr Xe Cl2 HCl"
    assert set(requested.split()) <= set(chons.species)
    for mechanism in (volatiles, hco, chons):
        assert mechanism.species["C(gr)"].phase == "condensed"
        assert list(mechanism.species)[: len(FIVE)] == list(FIVE)


def test_nothing_is_written_twice():
    """A species, and an element's weight, stand in one file only; the others take them from there."""
    declared, weights = [], []
    for name in SHIPPED:
        text = (shipped_folder() / f"{name}.yaml").read_text()
        declared += re.findall(r"^- name: \"?(.+?)\"?(?:  #.*)?$", text.partition("\nspecies:")[2], re.M)
        weights += re.findall(r"^- \{symbol: (\w+),", text, re.M)
    assert len(declared) == len(set(declared)) and len(weights) == len(set(weights))
    assert set(declared) == {s for mechanism in SHIPPED.values() for s in mechanism.species}


def test_every_polynomial_is_canteras():
    """Coefficients, ranges and composition of nasa_gas.yaml and graphite.yaml, under the name there that the
    reference gives where it is another: equal to the last digit. Reference pressure 1 bar, which those files
    do not say. Where the reference names another enthalpy of formation, only the constant of the enthalpy
    differs, by the same in both zones."""
    theirs = {
        s.name: s for file in ("nasa_gas.yaml", "graphite.yaml") for s in ct.Species.list_from_file(file)
    }
    for mechanism in SHIPPED.values():
        for one in mechanism.species.values():
            found = re.search(
                r"TM-4513(?: \((.*?)\))?; Cantera 3\.2 (?:nasa_gas|graphite)\.yaml ?(.*?); 1 bar(; enthalpy "
                r"of formation .*?)?(?:; old: JANAF evaluation of .*)?$",
                one.reference,
            )
            other = theirs[found[2] or one.name]
            ours, others = one.thermo["data"], other.input_data["thermo"]["data"]
            others = others[:1] if others[0] == others[-1] else others  # Cantera writes a single zone twice
            if found[3]:
                shifts = [row[5] - original[5] for row, original in zip(ours, others, strict=True)]
                assert shifts == pytest.approx([shifts[0]] * len(shifts), abs=1e-3) and abs(shifts[0]) > 150
                others = [[*original[:5], row[5], original[6]] for row, original in zip(ours, others)]
            assert ours == others
            assert one.thermo["temperature-ranges"] == sorted(
                set(other.input_data["thermo"]["temperature-ranges"])
            )
            ours, others = ({k.casefold(): n for k, n in s.composition.items()} for s in (one, other))
            assert ours == others
            assert one.thermo["reference-pressure"] in ("1 bar", 1e5)
            note = (
                " ".join(other.input_data["thermo"].get("note", "").split())
                .removeprefix("gas ")
                .removeprefix("o ")
            )
            assert one.phase == "condensed" or found[1] == note


@pytest.mark.parametrize("name", SHIPPED)
def test_cantera_itself_reads_them(name):
    """With the folder of the shipped mechanisms among Cantera's.

    Atomic weights and species as we have them.
    """
    ct.add_directory(str(shipped_folder()))
    gas, solid = (ct.Solution(f"{name}.yaml", phase) for phase in ("gas", "graphite"))
    mechanism = SHIPPED[name]
    assert (*gas.species_names, *solid.species_names) == tuple(mechanism.species)
    for element, weight in zip(gas.element_names, gas.atomic_weights, strict=True):
        assert weight / 1000 == pytest.approx(mechanism.atomic_weights[element], rel=1e-15)
    assert gas.species("H2O").input_data["default-melt"] == "peridotite-Sossi2022"


def test_imported_species_are_the_same():
    """Laws, opacity and data of volatiles.yaml's species are those of every mechanism that takes them from
    there.
    """
    for mechanism in SHIPPED.values():
        for name in (*FIVE, "O2", "C(gr)"):
            assert mechanism.species[name] == SHIPPED["volatiles"].species[name]
        with_opacity = {s.name for s in mechanism.species.values() if s.radiation is not None}
        assert with_opacity == set(FIVE)  # our sources give no other


def test_data_sets_come_with_the_species():
    """The paper's fits of the five species hold in hco.yaml and chons.yaml too, and give the same state
    there.
    """
    small, large = (
        mo.Case.read("E1").replace({"volatiles.carbon": "1 C/H", "chemistry.mechanism": name})
        for name in ("volatiles", "hco")
    )
    assert (
        equilibrium_constants.sources(SHIPPED["hco"])
        == equilibrium_constants.sources(SHIPPED["chons"])
        == ("nasa7", "bower2022", "ivtan")
    )
    assert large.chemistry.thermochemistry == "bower2022" and large.chemistry.species is not None
    one, other = (
        mo.equilibrium(case, temperature=1700.0, melt_fraction=0.3).pressure for case in (small, large)
    )
    np.testing.assert_allclose(other.values, one.values, rtol=1e-12)


def test_forty_one_species_hardly_differ_from_five():
    """Volatile-equilibrium notes.

    At 1388 K without melt, 5 or 41 species change the five pressures by less than 0.2 %.
    """
    case = mo.Case.read("E1").replace(
        {
            "volatiles.hydrogen": "3 ocean",
            "volatiles.carbon": "1 C/H",
            "chemistry.thermochemistry": "nasa7",
            "chemistry.species": "all",
        }
    )
    few = mo.equilibrium(case, temperature=1388.0, melt_fraction=0.0)
    many = mo.equilibrium(case.replace({"chemistry.mechanism": "hco"}), temperature=1388.0, melt_fraction=0.0)
    assert many.sizes["species"] == 42 and bool(
        many.converged
    )  # a case of the paper: without O2, and O and O3 that follow from it
    np.testing.assert_allclose(
        many.pressure.sel(species=list(FIVE)), few.pressure.sel(species=list(FIVE)), rtol=2e-3
    )


# ---- systems that need only data

EXTENSIBLE = """
phases:
- name: gas
  thermo: ideal-gas
  species:
  - volatiles.yaml/species: all
  - hco.yaml/species: [H]
  - chons.yaml/species: [N2, NH3, NO, S2, SO2, H2S, SO, CS2, S, CS, He]
  - nasa_gas.yaml/species: [OH, HCN, COS, SH]  # with the enthalpies of formation that the reference took
melt:
  N2:
    placeholder:
      {form: expression, unit: kg/kg, expression: "6.1e-8*p/bar + 5.97e-16*exp(-0.75*ln_fO2)*sqrt(p/bar)"}
  S2:
    placeholder:
      form: expression
      unit: kg/kg
      expression: "1e-6*exp(13.8426 - 26476/T + 0.124*8 - 0.5*ln_fO2)*sqrt(p/bar)"
  He: {placeholder: {form: expression, unit: kg/kg, expression: "1e-8*p/bar"}}
default-melt: {N2: placeholder, S2: placeholder, He: placeholder}
"""


@pytest.mark.filterwarnings("ignore:nasa_gas.yaml")
def test_extensibility_case_of_the_reference(tmp_path):
    """21 species of C-H-O-N-S-He with placeholder laws, solved independently; 1e-9 required, 6e-14 reached.

    The basis gives the reactions of the reference."""
    entry = REFERENCE["extensibility_case"]
    case = mo.Case.read("E1").replace(
        {
            "volatiles.hydrogen": "3 ocean",
            "volatiles.carbon": "1 C/H",
            "volatiles.nitrogen": "3 ppmw",
            "volatiles.sulfur": "200 ppmw",
            "volatiles.helium": "1e-4 ppmw",
            "redox.oxygen_fugacity": "IW+0.5",
            "chemistry.mechanism": str(write(tmp_path, EXTENSIBLE)),
            "chemistry.thermochemistry": "nasa7",
            "chemistry.graphite": False,
            "chemistry.species": "all",
        }
    )
    state = mo.equilibrium(case, temperature=2000.0, melt_fraction=0.5)
    found = dict(zip(state.species.values, state.pressure.values / BAR))
    assert found == pytest.approx(entry["p_bar"], rel=1e-9)
    mechanism = read_mechanism(tmp_path / "mine.yaml")
    assert {r.text for r in stoichiometry.reactions(mechanism, list(entry["p_bar"]))} == set(
        entry["reactions"]
    )


def test_nitrogen_and_sulfur_evolve():
    """E1 with 3 ppmw of N and 200 ppmw of S, dissolving by a published law: every element and equilibrium
    kept to 1e-8 of its amount (1e-13 is met), as much nitrogen at the end as at the start."""
    case = mo.Case.read("E1").replace(
        {
            "volatiles.nitrogen": "3 ppmw",
            "volatiles.sulfur": "200 ppmw",
            "volatiles.solubility.S2": "basalt-Boulliung2023",
            "chemistry.mechanism": "chons",
            "chemistry.thermochemistry": "nasa7",
            "chemistry.species": ["H2", "H2O", "N2", "NH3", "S2", "H2S", "SO2"],
        }
    )
    run = mo.run(case)
    assert run.attrs["status"] == "complete"
    for drift in ("element_drift", "equilibrium_drift", "energy_drift"):
        assert float(abs(run[drift]).max()) < 1e-8
    amount = run.element_moles.sel(element="N")
    assert float(abs(amount / amount[0] - 1).max()) < 1e-12
    last = run.isel(time=-1)
    assert (
        float(last.dissolved_mass.sel(species="S2")) > 0
        and float(last.pressure.sel(species="H2S")) > 0.1 * BAR
    )


@pytest.mark.parametrize("element, name, weight", [("helium", "He", 4.002602e-3), ("argon", "Ar", 39.948e-3)])
def test_a_noble_gas_alone(element, name, weight):
    """One species, no reaction and no O2: p = m g/area of what is not dissolved, by hand; 1e-12."""
    planet = {"volatiles.hydrogen": "0 kg", "volatiles.carbon": "0 kg", f"volatiles.{element}": "1e17 kg"}
    case = mo.Case.read("earth").replace(
        planet
        | {
            "chemistry.mechanism": "chons",
            f"volatiles.solubility.{name}": "basalt-Jambon1986",
            "chemistry.oxygen_in_gas": False,
        }
    )
    state = mo.equilibrium(case, temperature=2000.0, melt_fraction=0.5)
    area = 4 * math.pi * case.planet.radius**2
    henry = {"He": 56e-5, "Ar": 5.9e-5}[name] * weight * 1e3 / 22413.97 / BAR
    melt = 0.5 * 4.20826122259505e24
    pressure = 1e17 / (area / case.planet.gravity + henry * melt)
    assert float(state.pressure.sel(species=name)) == pytest.approx(pressure, rel=1e-12)
    assert float(state.mean_molar_mass) == pytest.approx(weight, rel=1e-14)
    assert float(state.dissolved_mass.sel(species=name)) == pytest.approx(henry * melt * pressure, rel=1e-12)


def test_a_species_nobody_has_heard_of(tmp_path, monkeypatch):
    """A made-up gas with a made-up law, in a file outside the package, named by a relative path.

    Nothing but data.
    """
    write(tmp_path, MADE_UP)
    monkeypatch.chdir(tmp_path)
    changes = {
        "volatiles.xenon": "1e20 kg",
        "chemistry.mechanism": "mine.yaml",
        "volatiles.solubility.Ghost": "magma-Nobody2030",
    }
    case = mo.Case.read("earth").replace(changes)
    state = mo.equilibrium(case, temperature=2000.0, melt_fraction=0.25)
    pressure = float(state.pressure.sel(species="Ghost"))
    melt = 0.25 * 4.20826122259505e24
    dissolved = 2e-3 * math.tanh(pressure / 1e6) * melt
    assert float(state.dissolved_mass.sel(species="Ghost")) == pytest.approx(dissolved, rel=1e-12)
    assert float(state.gas_mass.sel(species="Ghost")) + dissolved == pytest.approx(1e20, rel=1e-12)
    assert (
        float(
            mo.equilibrium(mo.Case.read("earth"), temperature=2000.0, melt_fraction=0.25).pressure.sel(
                species="H2O"
            )
        )
        > 0
    )


# ---- files that build on others


def test_builds_on_shipped_files(tmp_path):
    found = read_mechanism(write(tmp_path, BUILDS_ON))
    assert tuple(found.species) == (*FIVE, "O2", "N2", "NH3", "C(gr)")
    assert found.species["N2"] == SHIPPED["chons"].species["N2"]
    assert found.species["H2O"].radiation == SHIPPED["volatiles"].species["H2O"].radiation
    assert equilibrium_constants.sources(found) == ("nasa7", "bower2022", "ivtan")


def test_atomic_weights_come_with_the_import(tmp_path):
    """Without a word on elements the file has the shipped weights, not Cantera's (H 1.008, 6e-5 more), and
    its own first.
    """
    found = read_mechanism(write(tmp_path, BUILDS_ON))
    assert found.atomic_weights["H"] == 1.00794e-3 and found.atomic_weights["N"] == 14.0067e-3
    text = BUILDS_ON.replace(
        "  species:\n  - volatiles", "  elements: [H, C, O, N]\n  species:\n  - volatiles"
    )
    own = read_mechanism(write(tmp_path, "elements: [{symbol: H, atomic-weight: 1.5}]\n" + text, "own.yaml"))
    assert own.atomic_weights["H"] == 1.5e-3 and own.atomic_weights["O"] == 15.9994e-3


def test_laws_for_species_that_stand_elsewhere(tmp_path):
    more = """
melt:
  H2O:
    basalt-Mine2024:
      {form: power-law, coefficient: 600, exponent: 0.5, unit: ppmw/bar^0.5, T: [1600, 1900], reference: mine}
default-melt: {H2O: basalt-Mine2024, CO2: none, N2: basalt-Dasgupta2022}
"""
    found = read_mechanism(write(tmp_path, BUILDS_ON + more))
    assert found.species["H2O"].default_melt == "basalt-Mine2024"
    assert list(found.species["H2O"].melt)[:-1] == list(SHIPPED["volatiles"].species["H2O"].melt)
    assert (
        found.species["CO2"].default_melt == "none"
        and found.species["N2"].default_melt == "basalt-Dasgupta2022"
    )
    assert SHIPPED["volatiles"].species["H2O"].default_melt == "peridotite-Sossi2022"
    case = mo.Case.read("earth").replace(
        {"chemistry.mechanism": str(tmp_path / "mine.yaml"), "volatiles.solubility.H2O": "basalt-Mine2024"}
    )
    state = mo.equilibrium(case, temperature=1800.0, melt_fraction=1.0)
    fraction = float(state.dissolved_mass.sel(species="H2O")) / 4.20826122259505e24
    assert fraction == pytest.approx(
        600e-6 * (float(state.pressure.sel(species="H2O")) / BAR) ** 0.5, rel=1e-12
    )


def test_a_file_beside_comes_before_a_shipped_one(tmp_path):
    shutil.copy(shipped_folder() / "volatiles.yaml", tmp_path / "volatiles.yaml")
    text = (tmp_path / "volatiles.yaml").read_text()
    (tmp_path / "volatiles.yaml").write_text(
        text.replace("default-melt: peridotite-Sossi2022", "default-melt: basalt-Dixon1995")
    )
    found = read_mechanism(write(tmp_path, BUILDS_ON))
    assert found.species["H2O"].default_melt == "basalt-Dixon1995"


def test_read_again_when_an_imported_file_changes(tmp_path):
    """The checksum, and the cache, know the files that a file imports."""
    base = shutil.copy(shipped_folder() / "volatiles.yaml", tmp_path / "base.yaml")
    path = write(tmp_path, BUILDS_ON.replace("volatiles.yaml", "base.yaml"))
    first = read_mechanism(path)
    assert read_mechanism(path) is first
    Path(base).write_text(
        Path(base)
        .read_text()
        .replace("default-melt: peridotite-Sossi2022", "default-melt: basalt-Berndt2002")
    )
    os.utime(base, ns=(1, 1))
    second = read_mechanism(path)
    assert second.checksum != first.checksum and second.species["H2O"].default_melt == "basalt-Berndt2002"
    assert read_mechanism("volatiles").checksum == SHIPPED["volatiles"].checksum


def test_free_energy_oracle_on_a_file_that_imports():
    """Cantera's own minimiser on hco.yaml at the state of 1388 K, 3 oceans, C/H = 1, IW-2.

    Elements kept, quotients ln K.
    """
    moles = {"H": 2.0, "C": 0.17, "O": 0.2}
    found = cantera_oracle.minimise_free_energy(SHIPPED["hco"], 1388.0, 2.6e7, moles)
    total = sum(found.values())
    for reaction in stoichiometry.reactions(SHIPPED["hco"], FIVE):
        quotient = math.fsum(float(c) * math.log(found[s] / total * 260.0) for s, c in reaction.stoichiometry)
        assert quotient == pytest.approx(
            float(equilibrium_constants.ln_K_values(SHIPPED["hco"], reaction, 1388.0)[0]), abs=1e-7
        )


# ---- bad files

MELT = (
    BUILDS_ON
    + "melt:\n  H2O:\n    mine: {form: power-law, coefficient: 600, exponent: 0.5, unit: ppmw/bar^0.5}\n"
)
BAD = {
    "absent file": (
        BUILDS_ON,
        "chons.yaml/",
        "chonz.yaml/",
        "'chonz.yaml'",
        "neither in its folder nor among the shipped",
        "chons",
    ),
    "absent section": (
        BUILDS_ON,
        "volatiles.yaml/species",
        "volatiles.yaml/specie",
        "line 6 phase 'gas'",
        "no such section",
        "did you mean 'species'",
    ),
    "absent species": (
        BUILDS_ON,
        "[N2, NH3]",
        "[N2, NH4]",
        "line 7 phase 'gas'",
        "'NH4'",
        "did you mean 'NH'",
    ),
    "absent condensate": (
        BUILDS_ON,
        "[C(gr)]",
        "[C(dia)]",
        "line 11 phase 'graphite'",
        "'C(dia)'",
        "known: C(gr)",
    ),
    "absent element": (
        BUILDS_ON,
        "  species:\n  - vol",
        "  elements: [{volatiles.yaml/elements: [H, C, O, Nn]}]\n  species:\n  - vol",
        "line 5 phase 'gas'",
        "'Nn'",
    ),
    "species twice": (BUILDS_ON, "[N2, NH3]", "[N2, NH3, N2]", "N2"),
    "graphite as a gas": (
        BUILDS_ON,
        "[N2, NH3]\n",
        "[N2, NH3]\n  - volatiles.yaml/condensates: all\n",
        "C(gr)",
        "another phase",
    ),
    "element left out": (
        BUILDS_ON,
        "  species:\n  - vol",
        "  elements: [H, C, O]\n  species:\n  - vol",
        "line 3 phase 'gas'",
        "Species 'N2'",
        "give the element",
    ),
    "key of the file": (
        MELT,
        "melt:",
        "melts:",
        "line 12",
        "'melts' means nothing here",
        "did you mean 'melt'",
    ),
    "key with an underscore": (
        BUILDS_ON + "default_melt: {H2O: none}\n",
        "x",
        "x",
        "line 12",
        "did you mean 'default-melt'",
    ),
    "melt is a list": (MELT, "melt:\n  H2O:\n", "melt:\n- H2O:\n", "line 12 melt", "not a table"),
    "melt of a species is text": (
        MELT,
        "  H2O:\n    mine: {form: power-law, coefficient: 600, exponent: 0.5, unit: ppmw/bar^0.5}",
        "  H2O: Mine2024",
        "line 13 melt H2O",
        "not a table of laws",
    ),
    "melt of nobody": (
        MELT,
        "  H2O:\n",
        "  H20:\n",
        "line 13 melt H20",
        "no such species",
        "did you mean 'H2'",
    ),
    "law is there already": (
        MELT,
        "mine:",
        "basalt-Dixon1995:",
        "line 14 melt H2O",
        "already",
        "another name",
    ),
    "unknown form": (
        MELT,
        "power-law",
        "henry",
        "line 14 melt: solubility law 'mine' of H2O",
        "known: power-law, expression",
    ),
    "bad number": (MELT, "600", "plenty", "line 14 melt", "coefficient"),
    "bad unit": (MELT, "ppmw/bar^0.5", "ppmw/bar", "line 14 melt", "with exponent 0.5"),
    "bad formula": (
        MELT,
        "form: power-law, coefficient: 600, exponent: 0.5, unit: ppmw/bar^0.5",
        'form: expression, unit: ppmw, expression: "600*(p/bar"',
        "line 14 melt: solubility law 'mine' of H2O expression column 11",
        "')' is missing",
        "600*(p/bar\n            ^",
    ),
    "formula of an absent species": (
        MELT,
        "form: power-law, coefficient: 600, exponent: 0.5, unit: ppmw/bar^0.5",
        'form: expression, unit: ppmw, expression: "6*p/bar + p_H20/bar"',
        "line 14 melt",
        "it names p_H20",
        "did you mean 'H2'",
    ),
    "unknown default": (
        MELT + "default-melt: {H2O: min}\n",
        "x",
        "x",
        "line 15 default-melt H2O = 'min'",
        "did you mean 'mine'",
    ),
    "default of nobody": (
        MELT + "default-melt: {HO2: mine}\n",
        "x",
        "x",
        "line 15 default-melt HO2",
        "no such species",
    ),
    "formula in a species": (
        MADE_UP,
        "tanh(p/(10*bar))",
        "tan(p)",
        "line 13 species 'Ghost'",
        "'tan' means nothing here",
        "did you mean 'tanh'",
    ),
    "attack in a species": (
        MADE_UP,
        "2e-3*tanh(p/(10*bar))",
        "__import__('os')",
        "line 13 species 'Ghost'",
        "'__import__' means nothing here",
    ),
    "key of a species": (
        MADE_UP,
        "  melt:\n",
        "  Melt:\n",
        "line 12 species 'Ghost' Melt",
        "did you mean 'melt'",
    ),
    "misspelt reference pressure": (
        MADE_UP,
        "reference-pressure: 1 bar, ",
        "reference_pressures: 1 bar, ",
        "line 11 species 'Ghost' thermo",
        "did you mean 'reference-pressure'",
    ),
    "too few numbers": (MADE_UP, "-745.375, 6.0", "-745.375", "mine.yaml"),
    "not YAML": (MADE_UP, "{Xe: 1}", "{Xe: 1", "mine.yaml line", "not YAML"),
}


@pytest.mark.filterwarnings("ignore:NasaPoly2")  # Cantera's own remark on the same mistake
@pytest.mark.parametrize("name", BAD)
def test_bad_files(tmp_path, name):
    """One mistake each: an InputError with file, line and what is wrong.

    No path of this machine beyond the file's name.
    """
    text, old, new, *said = BAD[name]
    assert old in text
    with pytest.raises(InputError) as error:
        read_mechanism(write(tmp_path, text.replace(old, new, 1)), where="earth.toml [chemistry] mechanism")
    message = str(error.value)
    assert "earth.toml" in message and "mine.yaml" in message and str(tmp_path) not in message
    for words in said:
        assert words in message, message


def test_a_file_that_imports_itself(tmp_path):
    with pytest.raises(InputError, match="which is this file"):
        read_mechanism(write(tmp_path, BUILDS_ON, "volatiles.yaml"))


def test_error_inside_an_imported_file(tmp_path):
    """It is named, not the file that imports it."""
    broken = (
        (shipped_folder() / "volatiles.yaml").read_text().replace("composition: {H: 2}", "composition: {H: 2")
    )
    write(tmp_path, broken, "base.yaml")
    with pytest.raises(InputError, match=r"base\.yaml line \d+: this is not YAML"):
        read_mechanism(write(tmp_path, BUILDS_ON.replace("volatiles.yaml", "base.yaml")))
    whole = (shipped_folder() / "volatiles.yaml").read_text()
    lines = whole.replace("coefficient: 534,", "coefficient: many,").splitlines()
    write(tmp_path, "\n".join(lines), "base.yaml")
    number = next(k for k, line in enumerate(lines, 1) if line.strip() == "peridotite-Sossi2022:")
    with pytest.raises(
        InputError,
        match=rf"base\.yaml line {number} species 'H2O': solubility law 'peridotite-Sossi2022' of H2O",
    ):
        read_mechanism(write(tmp_path, BUILDS_ON.replace("volatiles.yaml", "base.yaml")))


def test_the_whole_way_from_a_case(tmp_path):
    """What a user sees: the case, the mechanism, line and law, before anything is computed."""
    write(tmp_path, MADE_UP.replace("10*bar", "10*bars"))
    case = mo.Case.read("earth").replace(
        {"chemistry.mechanism": str(tmp_path / "mine.yaml"), "volatiles.xenon": "1e18 kg"}
    )
    with pytest.raises(InputError) as error:
        mo.run(case)
    message = str(error.value)
    assert message.startswith(
        "earth [chemistry] mechanism: mine.yaml line 13 species 'Ghost': solubility law 'magma-Nobody2030'"
    )
    assert "'bars' means nothing here" in message and "did you mean 'bar'" in message
