"""The shipped mechanisms: their species, data and laws."""

import re

import cantera as ct
import numpy as np
import pytest
from support.importing_mechanisms import SHIPPED
from support.made_mechanisms import FIVE

import mocoupled as mo
from mocoupled.chemistry import equilibrium_constants
from mocoupled.chemistry.mechanism_paths import shipped_folder


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
    """Coefficients, ranges and composition of Cantera's files of NASA data, under the name there that the
    reference gives where it is another: equal to the last digit. Reference pressure 1 bar, which those files
    do not say. Where the reference names another enthalpy of formation, only the constant of the enthalpy
    differs, by the same in both zones."""
    files = ("nasa_gas.yaml", "graphite.yaml", "nasa_condensed.yaml")
    theirs = {s.name: s for file in files for s in ct.Species.list_from_file(file)}
    for mechanism in SHIPPED.values():
        for item in mechanism.species.values():
            if " + " in item.reference:
                continue  # of several phases: test_condensates_data.py
            result = re.search(
                r"TM-4513(?: \((.*?)\))?; Cantera 3\.2 (?:nasa_\w+|graphite)\.yaml ?(.*?); 1 bar"
                r"(; enthalpy of formation .*?)?(?:; old: JANAF evaluation of .*)?$",
                item.reference,
            )
            other = theirs[result[2] or item.name]
            ours, others = item.thermo["data"], other.input_data["thermo"]["data"]
            others = others[:1] if others[0] == others[-1] else others  # Cantera writes a single zone twice
            if result[3]:
                shifts = [row[5] - original[5] for row, original in zip(ours, others, strict=True)]
                assert shifts == pytest.approx([shifts[0]] * len(shifts), abs=1e-3) and abs(shifts[0]) > 150
                others = [[*original[:5], row[5], original[6]] for row, original in zip(ours, others)]
            assert ours == others
            assert item.thermo["temperature-ranges"] == sorted(
                set(other.input_data["thermo"]["temperature-ranges"])
            )
            ours, others = ({k.casefold(): n for k, n in s.composition.items()} for s in (item, other))
            assert ours == others
            assert item.thermo["reference-pressure"] in ("1 bar", 1e5)
            note = (
                " ".join(other.input_data["thermo"].get("note", "").split())
                .removeprefix("gas ")
                .removeprefix("o ")
            )
            assert item.phase == "condensed" or result[1] == note


@pytest.mark.parametrize("name", SHIPPED)
def test_cantera_itself_reads_them(name):
    """With the folder of the shipped mechanisms among Cantera's.

    Atomic weights and species as we have them.
    """
    ct.add_directory(str(shipped_folder()))
    mechanism = SHIPPED[name]
    gas, *condensed = (ct.Solution(f"{name}.yaml", phase) for phase in mechanism.phases)
    assert [s for phase in (gas, *condensed) for s in phase.species_names] == list(mechanism.species)
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
    item, other = (
        mo.equilibrium(case, temperature=1700.0, melt_fraction=0.3).pressure for case in (small, large)
    )
    np.testing.assert_allclose(other.values, item.values, rtol=1e-12)


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
