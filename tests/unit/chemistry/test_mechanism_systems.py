"""Systems that need only data: nitrogen, sulfur, noble gases, and a species nobody has heard of."""

import math

import pytest
from support.importing_mechanisms import MADE_UP
from support.made_mechanisms import REFERENCE, write

import mocoupled as mo
from mocoupled.chemistry import stoichiometry
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.constants import BAR

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
    result = dict(zip(state.species.values, state.pressure.values / BAR))
    assert result == pytest.approx(entry["p_bar"], rel=1e-9)
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
            "mantle.cells": 20,
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
