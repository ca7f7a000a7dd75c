"""Compositions of species: counts of zero, fractions, isotopes, elements of a file."""

import math

import cantera as ct
import pytest
from support.cantera_files import ATOM, FEO, H2, mu, three_species
from support.made_mechanisms import write

import mocoupled as mo
from mocoupled.chemistry import stoichiometry
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.constants import BAR
from mocoupled.errors import InputError


def test_isotopes_and_elements_with_their_own_weight(tmp_path):
    """D is Cantera's element; an element of the file's own needs a weight there."""
    mechanism = read_mechanism(write(tmp_path, three_species("{H: 1, D: 1}", H2)))
    assert mechanism.species["X"].molar_mass == pytest.approx(1.008e-3 + 2.0141017781e-3, rel=1e-6)
    separate = read_mechanism(
        write(
            tmp_path, three_species("{Q: 2}", H2, "elements: [{symbol: Q, atomic-weight: 7.5}]"), "own.yaml"
        )
    )
    assert separate.species["X"].molar_mass == 0.015
    with pytest.raises(InputError, match="no element that is known"):
        read_mechanism(write(tmp_path, three_species("{Q: 2}", H2), "none.yaml"))


def test_counts_of_zero_are_no_element(tmp_path):
    """X of {H: 2, O: 0} with the data of H2: as much of it as of H2, by both engines."""
    path = write(tmp_path, three_species("{H: 2, O: 0}", H2))
    assert read_mechanism(path).species["X"].composition == {"H": 2}
    for engine in ("kernel", "cantera"):
        result = mo.gas_equilibrium(
            2500.0, 1e5, {"H": 2.0}, mechanism=str(path), condensates=(), engine=engine
        )
        assert float(result.mixing_ratio.sel(species="X")) == pytest.approx(
            float(result.mixing_ratio.sel(species="H2")), rel=1e-10
        )


def test_fractional_compositions_are_exact(tmp_path):
    """X of {H: 1.894}.

    The reaction has the decimal text's fraction, the equilibrium holds, and both engines agree.
    """
    path = write(tmp_path, three_species("{H: 1.894}", ATOM.replace("2.54736599e+04", "4.54e+03")))
    mechanism = read_mechanism(path)
    assert [r.text for r in stoichiometry.reactions(mechanism, ["H2", "X"], None)] == ["947/1000 H2 = X"]
    result = mo.gas_equilibrium(2500.0, 1e5, {"H": 2.0}, mechanism=str(path), condensates=(), engine="both")
    p = {str(s): float(result.pressure.sel(species=s)) / BAR for s in result.species.values}
    quotient = math.log(p["X"]) - 0.947 * math.log(p["H2"])
    assert quotient == pytest.approx(
        0.947 * mu(mechanism, "H2", 2500.0) - mu(mechanism, "X", 2500.0), abs=1e-9
    )
    stored = sum(n * float(result.gas_moles.sel(species=s)) for s, n in (("H2", 2), ("H", 1), ("X", 1.894)))
    assert stored == pytest.approx(2.0, rel=1e-12) and float(result.engine_difference) < 1e-8
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
    result = mo.gas_equilibrium(
        1000.0, 1e5, {"Fe": 0.947, "O": 1.0}, mechanism=str(path), condensates=["Fe0.947O"]
    )
    assert float(result.condensate_moles.sum()) == pytest.approx(1.0, rel=1e-9)
