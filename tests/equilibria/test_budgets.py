"""Budgets of oxygen at low temperature and beyond the tables: a state, or the reason why there is none."""

import warnings
from functools import cache

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.dae.kernel.kernel_text import _matched
from mocoupled.equilibria.planet_problem import SYMBOLS, prepare

BUDGET = {"redox.oxygen": "1e21 kg", "redox.oxygen_fugacity": "none", "redox.buffer": "none"}
COLD = {
    "hydrogen": 7.849002948828647e21,
    "carbon": 6.078195273947958e19,
    "nitrogen": 2.3185199635103823e20,
    "sulfur": 6.944677759014944e18,
    "chlorine": 8.710765161602283e20,
    "helium": 2.2080900756616643e21,
    "oxygen": 6.081651601208413e23,
}


@cache  # the equations of a case are compiled once
def case(mechanism, changes=()):
    return mo.Case.read("earth").replace({"chemistry.mechanism": mechanism} | BUDGET | dict(changes))


def distance_from_closed_system(mechanism, state, temperature, masses):
    """Largest |ln| of the ratio of pressures: a planet without melt, and a closed system.

    The closed system is at the surface pressure of the planet.
    """
    weights = prepare(case(mechanism), tuple(masses)).planet.chemistry.mechanism.atomic_weights
    symbols = {name: symbol for symbol, name in SYMBOLS.items()}
    moles = {symbols[name]: mass / weights[symbols[name]] for name, mass in masses.items()}
    closed = mo.gas_equilibrium(temperature, state.surface_pressure.values, moles, mechanism=mechanism)
    assert bool(closed.converged.all())
    apart = np.abs(np.log(state.pressure.sel(species=closed.species).values / closed.pressure.values))
    return float(np.nanmax(np.where(closed.pressure.values > 0, apart, 0.0)))


def test_a_cold_budget_has_its_state():
    state = mo.equilibrium(case("chons"), temperature=325.526, melt_fraction=0.0, **COLD)
    assert bool(state.converged) and float(state.residual) < 1e-12
    assert distance_from_closed_system("chons", state, 325.526, COLD) < 1e-9


@pytest.mark.parametrize("melt", [0.0, 0.37])
def test_cold_budgets_at_random(melt):
    """40 states between 300 and 500 K; the Newton method of the kernel does not solve some of them."""
    random = np.random.default_rng(3)
    temperature = random.uniform(300.0, 500.0, 40)
    masses = {name: 10 ** random.uniform(17.5, 22.5, 40) for name in COLD}
    state = mo.equilibrium(case("chons"), temperature, np.full(40, melt), **masses)
    assert bool(state.converged.all()) and float(state.residual.max()) < 1e-12
    if melt == 0.0:
        assert distance_from_closed_system("chons", state, temperature, masses) < 1e-9
    else:
        weights = prepare(case("chons"), tuple(masses)).planet.chemistry.mechanism
        for name, mass in masses.items():  # every element is in gas, melt or graphite
            symbol = {name: symbol for symbol, name in SYMBOLS.items()}[name]
            atoms = np.array(
                [
                    weights.species[s].composition.get(symbol, 0) / weights.species[s].molar_mass
                    for s in state.species.values
                ]
            )
            there = weights.atomic_weights[symbol] * np.einsum(
                "s,sn->n", atoms, (state.gas_mass + state.dissolved_mass).values
            )
            there += state.graphite_mass.values if name == "carbon" else 0.0
            assert np.abs(there / mass - 1).max() < 1e-9


@pytest.mark.parametrize(
    "elements", [("He", "O"), ("H", "C", "O", "He"), ("H", "C", "N", "S", "Cl", "O", "He"), ("He", "C", "O")]
)
def test_an_inert_gas_together_with_carbon(elements):
    """More than 64 points are solved by the form for arrays.

    Its elimination met a zero on the diagonal.
    """
    temperature = np.linspace(1000.0, 2000.0, 70)
    amounts = {e: 1.0 + k for k, e in enumerate(elements)}
    many = mo.gas_equilibrium(temperature, 1e5, amounts, mechanism="chons")
    few = mo.gas_equilibrium(temperature[::23], 1e5, amounts, mechanism="chons")
    assert bool(many.converged.all())
    np.testing.assert_allclose(many.pressure.values[:, ::23], few.pressure.values, rtol=1e-11)


def test_rows_are_matched_to_unknowns():
    assert _matched([{0, 1}, {1}]) == [0, 1]
    assert _matched([{1, 2}, {0}, {1}]) == [1, 2, 0]
    with pytest.raises(ValueError, match="singular by its structure"):
        _matched([{0}, {0}])


POOR = (
    ("volatiles.hydrogen", "1e18 kg"),
    ("volatiles.carbon", "1e21 kg"),
    ("redox.oxygen", "1e19 kg"),
    ("chemistry.graphite", False),
    ("mantle.model", "lumped"),
    ("chemistry.species", "H2, H2O, CO, CO2, O2"),
)


@pytest.mark.parametrize(
    "work", [mo.run, lambda case: mo.equilibrium(case, 2700.0, 1.0)], ids=["run", "equilibrium"]
)
def test_an_impossible_budget_is_refused_with_the_reason(work):
    with pytest.raises(mo.InputError) as refused:
        work(case("volatiles", POOR))
    sentence = " ".join(str(refused.value).split())
    assert "No amounts of H2, H2O, CO, CO2, O2" in sentence and "hold these elements" in sentence
    assert "at least 8.326e+22 mol of O" in sentence  # as much as carbon, in CO: 1e24 g / 12.011 g/mol


def test_a_real_gas_beyond_its_tables_is_refused_with_the_reason():
    dense = mo.Case.read("earth").replace(
        {
            "planet.radius": "12000 km",
            "planet.gravity": "14 m/s^2",
            "volatiles.hydrogen": "3e23 kg",
            "volatiles.carbon": "0 kg",
            "redox.oxygen_fugacity": "IW-4",
            "chemistry.fugacity": "PengRobinson1976",
        }
    )
    with pytest.raises(mo.InputError, match=r"coefficients \(PengRobinson1976\) end at 20000 bar"):
        mo.equilibrium(dense, 2500.0, 1.0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        state = mo.equilibrium(dense, np.array([2400.0, 2500.0]), 1.0)
    assert not bool(state.converged.any()) and bool(np.isnan(state.surface_pressure).all())
    assert any("2 of 2 points have a surface pressure of up to" in str(w.message) for w in caught)
