"""Iron metal that bounds the evolving redox from below: saturation, balances, runs that cross it, a lid."""

import json
import warnings
from functools import cache

import numpy as np
import pytest
import sympy
from support.cut_run import marched, same
from support.ferric_laws import LN10, buffer, law
from support.grey import grey

import mocoupled as mo
from mocoupled.cli.installation_check import jacobian_misfit
from mocoupled.closures.ferric_iron import OXIDES, with_iron
from mocoupled.constants import YEAR
from mocoupled.errors import InputError
from mocoupled.interior.static_structure import structure
from mocoupled.planet.metal_of_melt import left_out_metal, metal_law
from mocoupled.plots import figures_of
from mocoupled.runs.evolution import evolve
from mocoupled.runs.main_job import prepare

IRON = 55.845e-3
COEFFICIENT = 1.5
SMALL = {"mantle.model": "lumped", "mantle.shells": 10, "run.rtol": 1e-5}
# it grows more reduced at first, meets saturation at 2632 K, and has metal when the lid closes
CROSSING = SMALL | {
    "redox.ferric_iron": "ONeill2018",
    "redox.oxygen_fugacity": "IW-2.09",
    "run.after_lid": "closed",
    "run.end_surface_temperature": "2500 K",
    "run.end_melt_fraction": 0.95,
}


LAW = "KressCarmichael1991"  # it depends on the iron of the melt


@cache
def states():
    """From IW-6 to IW+3 at 2000 K: with metal, without it, and with more active FeO."""
    offsets = np.array([-6.0, -4.0, -3.0, -2.5, -2.2, -2.0, 0.0, 3.0])
    case = mo.Case.read("earth").replace({"redox.ferric_iron": LAW, "redox.ferric_partition": 0.3})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chosen = [
            mo.equilibrium(case.replace(more), 2000.0, 0.6, oxygen_fugacity_offset=offsets)
            for more in ({}, {"redox.iron_metal": False}, {"redox.iron_oxide_activity": 1.53})
        ]
    assert all(bool(state.converged.all()) for state in chosen)
    return chosen


def test_saturation():
    """Computed here from the stored mass of metal and ferric share: iron is that of the mantle, its FeO has
    the activity gamma x_FeO, and ln a_Fe = ln(gamma x_FeO) - ln10 dIW/2 to 1e-10. Where it would exceed 1
    there is metal. The ferric share is that of the law for the melt with the iron that is left."""
    state, without, _ = states()
    oxides = with_iron(0.0805)
    mantle = structure(mo.Case.read("earth").planet).mantle_mass
    moles = {oxide: share / OXIDES[oxide][0] for oxide, share in oxides.items()}
    whole = moles["FeO"]
    left = whole - state.metal_mass.values / IRON / mantle
    ferrous = left * (1 - state.ferric_share.values)
    others = sum(n for oxide, n in moles.items() if oxide != "FeO")
    fraction = ferrous / (others + ferrous + left * state.ferric_share.values / 2)
    dIW = state.log10_fO2.values - buffer("ONeillEggins2002", 2000.0)
    ln_a = np.log(COEFFICIENT * fraction) - LN10 * dIW / 2
    np.testing.assert_allclose(np.log(state.metal_activity), ln_a, atol=1e-9)
    laws = json.loads(state.attrs["laws"])
    assert laws["iron metal, gamma 1.5"]["name"] == "ONeillEggins2002"
    there = state.metal_mass.values > 0
    np.testing.assert_allclose(state.delta_IW, [-6.0, -4.0, -3.0, -2.5, -2.2, -2.0, 0.0, 3.0], atol=1e-9)
    assert list(there) == [True] * 5 + [False] * 3 and np.all(ln_a[~there] < -1e-3)
    for k in range(there.size):
        melt = {**oxides, "FeO": oxides["FeO"] * left[k] / whole}
        L = law(LAW)(T=2000.0, ln_fO2=LN10 * float(state.log10_fO2[k]), composition=melt)
        assert float(state.ferric_share[k]) == pytest.approx(1 / (1 + np.exp(-float(L))), rel=1e-9)
    for variable in ("pressure", "ferric_share", "ferric_oxygen_mass", "dissolved_mass"):
        kept = {"point": np.flatnonzero(~there)}
        np.testing.assert_allclose(state[variable].isel(kept), without[variable].isel(kept), rtol=1e-9)


def test_the_coefficient_of_iron_oxide_moves_the_saturation():
    """Two per cent more: the same state needs 2 % less FeO in the melt, so that more of it is metal."""
    usual, _, more = states()
    whole = 0.0805 / OXIDES["FeO"][0] * structure(mo.Case.read("earth").planet).mantle_mass * IRON
    left = [whole - state.metal_mass.values[:5] for state in (usual, more)]
    np.testing.assert_allclose(left[0] / left[1], 1.02, rtol=2e-3)


def test_little_oxygen_and_much_metal():
    """Budgets of oxygen a thousand times smaller than what metal lacks: each has its state (without a bound
    on ln(O/inventory), whose argument falls below zero on the way). The budget is that of the result."""
    case = mo.Case.read("earth").replace({"redox.ferric_iron": "Sossi2020"})
    oxygen = np.array([1.0268e20, 1.6761e19, 1.0323e20, 2.9951e20, 1.4420e20])
    conditions = {
        "temperature": [2110.2, 3266.8, 2255.2, 2103.9, 2241.0],
        "melt_fraction": [0.764, 0.0728, 0.770, 0.575, 0.512],
        "hydrogen": [2.5769e21, 2.5314e19, 1.1512e20, 1.4364e21, 1.0489e20],
        "carbon": [3.4885e21, 3.8991e21, 7.1874e20, 2.3830e21, 1.2243e21],
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = mo.equilibrium(case, oxygen=oxygen, **conditions)
    assert bool(state.converged.all()) and (state.metal_mass > 0).all()
    np.testing.assert_allclose(state.element_mass.sel(element="O"), oxygen, rtol=1e-9)


def test_oxygen_of_a_planet_with_metal():
    """Moles of O: those of gas and melt, half of Fe3+, less one for each Fe of metal (counted above FeO)."""
    state, *_ = states()
    atoms, weights = {"H2O": 1, "CO": 1, "CO2": 2, "O2": 2}, {"H2O": 18.01528, "CO": 28.0101, "CO2": 44.0095}
    volatile = sum(
        n * (state.gas_mass + state.dissolved_mass).sel(species=s) / (weights | {"O2": 31.9988})[s] * 1e3
        for s, n in atoms.items()
    )
    ferric = 2 * state.ferric_oxygen_mass / 31.9988e-3
    expected = volatile + ferric - state.metal_mass / IRON
    np.testing.assert_allclose(state.element_moles.sel(element="O"), expected, rtol=1e-4)


@cache
def crossing():
    """The prepared run that meets saturation, its result, and a checkpoint after 55 steps."""
    prepared = prepare(grey().replace(CROSSING))
    result, (arrays,) = marched(prepared, [55])
    return prepared, result, arrays


def test_a_run_meets_saturation():
    """Metal begins when its activity reaches 1, and is there from then on. Oxygen and energy to 1e-10."""
    _, run, _ = crossing()
    marks, time = json.loads(run.attrs["passed"]), run.time.values
    assert list(marks) == ["Fe metal begins", "surface lid"]
    before = time <= marks["surface lid"]
    there = run.metal_activity.values[before] > 1 - 1e-6
    assert (
        np.array_equal(there, time[before] >= marks["Fe metal begins"]) and 5 < there.sum() < there.size - 5
    )
    assert float(run.metal_mass.max()) > 1e19 and float(run.metal_activity.max()) <= 1.0
    assert float(run.element_drift.max()) < 1e-10 and float(run.element_drift.min()) >= 0.0
    assert float(run.energy_drift.max()) < 1e-10 and float(run.equilibrium_drift.max()) < 1e-9
    assert -2.2 < float(run.delta_IW.values[before].min()) < -2.1
    assert "condensates" in figures_of(run)


def test_a_closed_lid_keeps_the_metal():
    """Under the lid the metal stays in the mantle: its mass is constant, and so is the oxygen of the gas."""
    _, run, _ = crossing()
    lid = int(np.flatnonzero(np.isnan(run.metal_activity.values))[0])
    assert lid < run.sizes["time"] - 1
    assert np.ptp(run.metal_mass.values[lid - 1 :]) == 0.0 and float(run.metal_mass[-1]) > 1e18
    assert float(run.gas_element_drift.max()) < 1e-10


def test_split_run_and_jacobian():
    """Cut while there is metal, and continued: the straight run to the last bit."""
    prepared, run, arrays = crossing()
    assert float(run.metal_activity[55]) > 1 - 1e-6 and arrays["states"].shape[0] > 50
    assert same(evolve(prepared, resume=arrays), run)
    for state in (prepared.start, arrays["states"][-1]):
        assert jacobian_misfit(prepared.system, state, 1 / YEAR) < 1e-6


def test_a_column_with_coupled_iron_watches_the_activity():
    """There no metal forms: the activity of iron is among the ranges that a result records, up to 1."""
    ln_a = metal_law(COEFFICIENT, with_iron(0.0805), sympy.Float(2000.0))
    at = LN10 * (buffer("ONeillEggins2002", 2000.0) - 3.0)
    watch = left_out_metal(ln_a(sympy.Float(at), sympy.S.One, sympy.Float(0.01)))
    moles = {oxide: share / OXIDES[oxide][0] for oxide, share in with_iron(0.0805).items()}
    iron = moles.pop("FeO")
    fraction = 0.99 * iron / (sum(moles.values()) + 0.99 * iron + 0.005 * iron)
    assert float(watch.expression) == pytest.approx(1.5 * fraction * 10**1.5, rel=1e-9)
    assert watch.argument == "activity" and (watch.low, watch.high) == (0.0, 1.0)


def test_keys_of_metal_need_iron_whose_redox_evolves():
    for changes in ({"redox.iron_metal": False}, {"redox.iron_oxide_activity": 1.2}):
        with pytest.raises(InputError, match="whose? redox|does not evolve"):
            mo.Case.read("earth").replace(changes)
