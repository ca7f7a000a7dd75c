"""Cantera's data files as they come: species, ions, imports, and phases of any name."""

import math
import warnings

import cantera as ct
import numpy as np
import pytest
from support.cantera_files import ATOM, FEO, H2, mu, read_quietly
from support.made_mechanisms import write

import mocoupled as mo
from mocoupled.chemistry import stoichiometry
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.constants import ATMOSPHERE, BAR
from mocoupled.errors import InputError

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
    mechanism = read_quietly(file)
    species = {s.name: s for s in ct.Species.list_from_file(file)} if file != "gri30_ion.yaml" else {}
    assert len(mechanism.species) == gases
    for name, item in list(species.items())[:: max(1, gases // 25)]:
        thermo = item.thermo
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
    air = read_quietly("airNASA9.yaml")
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
    result = mo.gas_equilibrium(
        900.0,
        1e5,
        {"Fe": 1.0, "O": 1.2},
        mechanism=_quiet(write(tmp_path, FEO)),
        condensates=["Fe(a)", "FeO(s)", "Fe3O4(s)"],
        engine="both",
    )
    moles = {str(c): float(result.condensate_moles.sel(condensate=c)) for c in result.condensate.values}
    assert moles == pytest.approx({"Fe(a)": 0.0, "FeO(s)": 0.4, "Fe3O4(s)": 0.2}, abs=1e-12)
    theirs = {s.name: s for s in ct.Species.list_from_file("nasa_condensed.yaml")}
    for name in moles:
        item = read_mechanism(tmp_path / "mine.yaml").species[name]
        assert item.phase == "condensed" and item.temperature_range == (
            theirs[name].thermo.min_temp,
            theirs[name].thermo.max_temp,
        )


def _quiet(path):
    read_quietly(path)
    return str(path)


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
    mechanism = read_quietly("KOH.yaml")
    assert sum(s.phase == "gas" for s in mechanism.species.values()) == len(
        ct.Solution("KOH.yaml", "KOH_plasma").species_names
    )
    assert "K(L)" in mechanism.species and set(mechanism.atomic_weights) == {"K", "O", "H", "E"}


def test_gri30_runs_in_an_equilibrium():
    """As it is, with elements of its own choice: elements kept to 1e-11, and the oracle agrees to 1e-9."""
    moles = {"H": 2.0, "C": 0.4, "O": 1.2, "N": 0.1}
    read_quietly("gri30.yaml")
    names = ("H2", "H2O", "CO", "CO2", "CH4", "N2", "NH3", "HCN", "O2", "H", "OH")
    result = mo.gas_equilibrium(
        2500.0, 1e5, moles, mechanism="gri30.yaml", species=names, condensates=(), engine="both"
    )
    mechanism = read_quietly("gri30.yaml")
    for e, n in moles.items():
        stored = sum(
            mechanism.species[str(s)].composition.get(e, 0) * float(result.gas_moles.sel(species=s))
            for s in result.species.values
        )
        assert stored == pytest.approx(n, rel=1e-11)
    assert float(result.engine_difference) < 1e-9 and np.isfinite(result.pressure).all()
