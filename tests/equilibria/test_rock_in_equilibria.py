"""Rock vapour in equilibria of planets (melt.vapour): the vapour of mo.vapour, and laws of nature."""

import json
import warnings

import numpy as np
import pytest
from support.silica import OVER_SILICA, SILICA

import mocoupled as mo
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.errors import InputError

VOLATILES = ["H2", "H2O", "CO", "CO2"]
ROCK = ["SiO", "SiO2", "SiH4", "Mg", "FeO", "Na", "NaOH", "KOH", "Al2O", "TiO2"]
# atoms of O that the oxides of a metal bring with each of its atoms
BROUGHT = {"Si": 2, "Ti": 2, "Al": 1.5, "Fe": 1, "Mg": 1, "Ca": 1, "Na": 0.5, "K": 0.5}
DRY = {"volatiles.hydrogen": "0 kg", "volatiles.carbon": "0 kg"}
CONGRUENT = {"redox.oxygen": "congruent", "redox.oxygen_fugacity": "none"}
EVAPORATING = {
    "melt.vapour": True,
    "chemistry.mechanism": "silicates",
    "chemistry.species": [*VOLATILES, *ROCK],
    "chemistry.graphite": False,
}


def quietly(function, *arguments, **named):
    """The result without warnings of extrapolated laws, which have their own tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*arguments, **named)


@pytest.fixture(scope="module")
def case():
    return mo.Case.read("earth").replace(EVAPORATING)


@pytest.fixture(scope="module")
def states(case):
    """24 random states of a buffered planet with hydrogen and carbon."""
    rng = np.random.default_rng(3)
    return quietly(
        mo.equilibrium,
        case,
        rng.uniform(1500.0, 4500.0, 24),
        rng.uniform(0.0, 1.0, 24),
        oxygen_fugacity_offset=rng.uniform(-4.0, 4.0, 24),
        hydrogen=10 ** rng.uniform(18.0, 21.0, 24),
        carbon=10 ** rng.uniform(18.0, 21.0, 24),
    )


@pytest.mark.parametrize("law", ["IMCC-MAGMA", "MELTS-GhiorsoSack1995"])
def test_a_dry_planet_has_the_vapour_of_its_melt(case, law):
    """Buffered and congruent oxygen: pressures as by mo.vapour, which solves the activities with the gas."""
    T = np.array([1800.0, 2400.0, 3100.0])
    gases = [s for s in ROCK if s not in ("SiH4", "NaOH", "KOH")]
    dry = case.replace({**DRY, "melt.activities": law, "chemistry.species": [*gases, "O"]})
    state = quietly(mo.equilibrium, dry.replace(CONGRUENT), T)
    vapour = quietly(mo.vapour, "BSE", T, activities=law, species=[*gases, "O"])
    np.testing.assert_allclose(state.log10_fO2, vapour.log10_fO2, atol=1e-11)
    np.testing.assert_allclose(state.surface_pressure, vapour.vapour_pressure, rtol=1e-11)
    buffered = quietly(mo.equilibrium, dry, T)
    vapour = quietly(mo.vapour, "BSE", T, buffered.log10_fO2.values, activities=law, species=[*gases, "O"])
    for gas in gases:
        expected = vapour.pressure.sel(species=gas)
        np.testing.assert_allclose(buffered.pressure.sel(species=gas), expected, rtol=1e-11)
    np.testing.assert_allclose(buffered.rock_vapour_share, vapour.rock_vapour_share, rtol=1e-11)
    np.testing.assert_allclose(buffered.activity, vapour.activity.sel(oxide=buffered.oxide), rtol=1e-11)
    np.testing.assert_allclose(buffered.metal_activity, vapour.metal_activity, rtol=1e-11)
    named = json.loads(buffered.attrs["laws"])
    assert named["iron metal"]["name"] == "ONeillEggins2002"
    assert buffered.attrs["activity_model"] == law and "2 dex" in buffered.attrs["activity_model_spread"]
    assert json.loads(buffered.attrs["laws"])["activities"]["name"] == law
    assert "Cr2O3" in buffered.attrs["oxides_left_out"] or "MnO" in buffered.attrs["oxides_left_out"]


def test_hydrogen_over_silica(tmp_path, case):
    """The table of H2 over liquid SiO2 to 1e-4, from Cantera's files as they are; nothing dissolves."""
    file = tmp_path / "silica.yaml"
    file.write_text(SILICA)
    over = case.replace(
        {
            **DRY,
            **CONGRUENT,
            "chemistry.mechanism": str(file),
            "chemistry.species": "all",
            "volatiles.solubility": {},
            "melt.composition": {"SiO2": 100.0},
        }
    )
    T, hydrogen = np.array(list(OVER_SILICA)).T
    state = quietly(mo.equilibrium, over, T, pressure={"H2": 1e5 * hydrogen})
    expected = np.array(list(OVER_SILICA.values())).T
    np.testing.assert_allclose(state.log10_fO2, expected[0], atol=6e-5)
    for gas, values in zip(("H2O", "SiO", "SiH4"), expected[1:]):
        np.testing.assert_allclose(state.pressure.sel(species=gas) / 1e5, values, rtol=1e-4)


def test_elements_are_conserved(states):
    """H and C of all gases, with those of NaOH, KOH and SiH4, and dissolved: the inventories to 1e-12."""
    composition, weights = read_mechanism("silicates").species, read_mechanism("silicates").atomic_weights
    mass = states.gas_mass + states.dissolved_mass
    for element, inventory in (("H", states.hydrogen), ("C", states.carbon)):
        there = 0.0
        for gas in states.species.values.tolist():
            share = composition[gas].composition.get(element, 0) * weights[element]
            there = there + mass.sel(species=gas) * share / composition[gas].molar_mass
        np.testing.assert_allclose(there, inventory, rtol=1e-12)
    assert states.converged.all() and float(states.residual.max()) < 1e-12
    assert float(states.mixing_ratio.sel(species="NaOH").max()) > 1e-4


def test_every_gas_is_in_equilibrium_with_the_melt(states):
    """ln p of the gases, also of those with H, against mo.vapour with the same H2, H2O following: 1e-11."""
    some = states.isel(point=slice(0, 8))
    vapour = quietly(
        mo.vapour,
        "BSE",
        some.temperature.values,
        some.log10_fO2.values,
        pressure={"H2": some.pressure.sel(species="H2").values},
        species=[*ROCK, "H2O", "O"],
    )
    for gas in [*ROCK, "H2O"]:
        expected = np.log(vapour.pressure.sel(species=gas))
        np.testing.assert_allclose(np.log(some.pressure.sel(species=gas)), expected, atol=1e-11)


def test_an_array_gives_what_a_loop_gives(states, case):
    for k in (0, 11, 23):
        point = states.isel(point=k)
        single = quietly(
            mo.equilibrium,
            case,
            float(point.temperature),
            float(point.melt_fraction),
            oxygen_fugacity_offset=float(point.oxygen_fugacity_offset),
            hydrogen=float(point.hydrogen),
            carbon=float(point.carbon),
        )
        np.testing.assert_allclose(single.pressure, point.pressure, rtol=1e-11)


def test_a_budget_of_oxygen_counts_what_is_beyond_the_oxides(case):
    """O of gas and melt less that of SiO2, MgO, ... in the gas is the budget to 1e-12, also where SiO and Na
    bring most of it; with the oxygen that a buffered state reports, the budget gives the same state."""
    buffered = quietly(mo.equilibrium, case, np.array([2000.0, 3000.0, 4000.0]))
    state = quietly(mo.equilibrium, case, buffered.temperature.values, oxygen=buffered.oxygen_mass.values)
    np.testing.assert_allclose(state.log10_fO2, buffered.log10_fO2, atol=1e-9)
    species, weight = read_mechanism("silicates").species, read_mechanism("silicates").atomic_weights["O"]
    there = 0.0
    for gas in state.species.values.tolist():
        atoms = species[gas].composition
        beyond = atoms.get("O", 0) - sum(BROUGHT.get(e, 0) * n for e, n in atoms.items())
        mass = state.gas_mass.sel(species=gas) + state.dissolved_mass.sel(species=gas)
        there = there + float(beyond) * mass * weight / species[gas].molar_mass
    np.testing.assert_allclose(there, state.oxygen, rtol=1e-12)
    # without any, dissolved water takes the oxygen that SiO leaves behind
    none = quietly(mo.equilibrium, case, 3000.0, oxygen="congruent")
    assert bool(none.converged) and -10 < float(none.log10_fO2) < -6


REFUSED = {
    "silicon: Si is there twice": {"volatiles.silicon": "1e18 kg"},
    "melt sets the pressure of SiO": {"volatiles.initial_pressure": {"SiO": 1e5}},
    "has no liquid SiO2": {"chemistry.mechanism": "volatiles", "chemistry.species": "all"},
    "MnO: IMCC-MAGMA has no activity": {"melt.composition": {"SiO2": 50.0, "MgO": 49.0, "MnO": 1.0}},
    "oxygen_in_gas = false leaves it out": {"chemistry.oxygen_in_gas": False},
    "under a lid that closes": {"run.after_lid": "closed"},
    "no law of the activities": {"melt.activities": "MELTS"},
    "acts on|does not evaporate": {"melt.vapour": False, "melt.activities": "IMCC-ideal"},
    "without vapour of the melt there is no": {"melt.vapour": False, **CONGRUENT},
    "no ferric iron": {"redox.ferric_iron": "Hirschmann2022", **CONGRUENT},
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_contradicts_the_vapour_is_refused(case, words):
    with pytest.raises(InputError, match=words):
        mo.equilibrium(case.replace(REFUSED[words]), 3000.0)


def test_temperatures_without_a_melt_are_refused(case):
    with pytest.raises(InputError, match="1000 to 5000 K"):
        mo.equilibrium(case, 900.0)
    with pytest.raises(InputError, match="melt that evaporates"):
        mo.equilibrium("earth", 2000.0, oxygen="congruent")


def test_oxides_without_a_gas_are_named(case):
    """A list of gases that leaves out those of a metal of the melt: said, whatever the share of the gas."""
    few = case.replace({"chemistry.species": [*VOLATILES, "SiO", "Na"]})
    with pytest.warns(mo.OmissionWarning, match="TiO2, Al2O3, FeO, MgO, CaO, K2O of the melt do not evap"):
        mo.equilibrium(few, temperature=2600.0, melt_fraction=1.0)
    with pytest.warns(mo.OmissionWarning, match="MgO, CaO, K2O of the melt do not evaporate"):
        mo.vapour("BSE", 2600.0, species=["SiO", "Na", "FeO", "AlO", "TiO"])
