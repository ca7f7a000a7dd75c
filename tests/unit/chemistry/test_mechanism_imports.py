"""Mechanism files that build on others."""

import math
import os
import shutil
from pathlib import Path

import pytest
from support.importing_mechanisms import BUILDS_ON, SHIPPED
from support.made_mechanisms import FIVE, write

import mocoupled as mo
from mocoupled.chemistry import cantera_oracle, equilibrium_constants, stoichiometry
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.chemistry.mechanism_paths import shipped_folder
from mocoupled.constants import BAR


def test_builds_on_shipped_files(tmp_path):
    result = read_mechanism(write(tmp_path, BUILDS_ON))
    assert tuple(result.species) == (*FIVE, "O2", "N2", "NH3", "C(gr)")
    assert result.species["N2"] == SHIPPED["chons"].species["N2"]
    assert result.species["H2O"].radiation == SHIPPED["volatiles"].species["H2O"].radiation
    assert equilibrium_constants.sources(result) == ("nasa7", "bower2022", "ivtan")


def test_atomic_weights_come_with_the_import(tmp_path):
    """Without a word on elements the file has the shipped weights, not Cantera's (H 1.008, 6e-5 more), and
    its own first.
    """
    result = read_mechanism(write(tmp_path, BUILDS_ON))
    assert result.atomic_weights["H"] == 1.00794e-3 and result.atomic_weights["N"] == 14.0067e-3
    text = BUILDS_ON.replace(
        "  species:\n  - volatiles", "  elements: [H, C, O, N]\n  species:\n  - volatiles"
    )
    separate = read_mechanism(
        write(tmp_path, "elements: [{symbol: H, atomic-weight: 1.5}]\n" + text, "own.yaml")
    )
    assert separate.atomic_weights["H"] == 1.5e-3 and separate.atomic_weights["O"] == 15.9994e-3


def test_laws_for_species_that_stand_elsewhere(tmp_path):
    more = """
melt:
  H2O:
    basalt-Mine2024:
      {form: power-law, coefficient: 600, exponent: 0.5, unit: ppmw/bar^0.5, T: [1600, 1900], reference: mine}
default-melt: {H2O: basalt-Mine2024, CO2: none, N2: basalt-Dasgupta2022}
"""
    result = read_mechanism(write(tmp_path, BUILDS_ON + more))
    assert result.species["H2O"].default_melt == "basalt-Mine2024"
    assert list(result.species["H2O"].melt)[:-1] == list(SHIPPED["volatiles"].species["H2O"].melt)
    assert (
        result.species["CO2"].default_melt == "none"
        and result.species["N2"].default_melt == "basalt-Dasgupta2022"
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
    result = read_mechanism(write(tmp_path, BUILDS_ON))
    assert result.species["H2O"].default_melt == "basalt-Dixon1995"


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
    result = cantera_oracle.minimise_free_energy(SHIPPED["hco"], 1388.0, 2.6e7, moles)
    total = sum(result.values())
    for reaction in stoichiometry.reactions(SHIPPED["hco"], FIVE):
        quotient = math.fsum(
            float(c) * math.log(result[s] / total * 260.0) for s, c in reaction.stoichiometry
        )
        assert quotient == pytest.approx(
            float(equilibrium_constants.ln_K_values(SHIPPED["hco"], reaction, 1388.0)[0]), abs=1e-7
        )
