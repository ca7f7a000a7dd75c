"""Condensates of a planet by chemistry.condensates: laws of nature at random conditions, keys, bad input."""

import json
import warnings
from functools import cache

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.chemistry.free_energies import gibbs_value
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.errors import InputError
from mocoupled.planet.assembly import assemble_equilibrium

GASES = "H2, H2O, CO, CO2, O2, S2, H2S, Fe, Si, SiO"
SOLIDS = ("C(gr)", "Fe(sl)", "FeO(sl)", "FeS(sl)", "Si(sl)", "SiC(s)", "SiO2(sl)")
ELEMENTS = {"hydrogen": "H", "carbon": "C", "sulfur": "S", "iron": "Fe", "silicon": "Si"}
CHANGES = {
    "chemistry.mechanism": "condensates",
    "chemistry.species": GASES,
    "chemistry.condensates": "Fe(sl), FeO(sl), FeS(sl), Si(sl), SiC(s), SiO2(sl)",
    **{f"volatiles.{name}": "1e20 kg" for name in ELEMENTS},
}


def quietly(*arguments, **options):
    """An equilibrium whose every point converged; its warnings are not the subject here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = mo.equilibrium(*arguments, **options)
    assert bool(state.converged.all())
    return state


@cache
def random_states(budget):
    """300 states with random amounts of five elements, from IW-6 to IW+4 or with a budget of oxygen."""
    random = np.random.default_rng(16 + budget)
    n = 300
    redox = {"redox.oxygen_fugacity": "none", "redox.oxygen": "1e21 kg"} if budget else {}
    case = mo.Case.read("earth").replace(CHANGES | redox)
    conditions = {name: 10 ** random.uniform(18.0, 21.5, n) for name in ELEMENTS}
    key = "oxygen" if budget else "oxygen_fugacity_offset"
    conditions[key] = 10 ** random.uniform(20.0, 22.0, n) if budget else random.uniform(-6.0, 4.0, n)
    conditions |= {"temperature": random.uniform(900.0, 3500.0, n), "melt_fraction": random.uniform(0, 1, n)}
    return case, conditions, quietly(case, **conditions)


@pytest.mark.parametrize("budget", [False, True])
def test_laws_of_nature(budget):
    """Elements to 1e-12; ln a of every condensate from the pressures and the free energies of the file to
    1e-10; none above 1, and some at 1 where there is some of it. Each condensate is there at some point and
    absent at another, beside each other one that can be."""
    _, conditions, state = random_states(budget)
    mechanism = read_mechanism("condensates")
    species = {**mechanism.species}
    for name, symbol in [*ELEMENTS.items(), *([("oxygen", "O")] if budget else [])]:
        moles = sum(
            species[s].composition.get(symbol, 0)
            * (state.gas_mass + state.dissolved_mass).sel(species=s).values
            / species[s].molar_mass
            for s in state.species.values
        )
        for c in state.condensate.values:
            count = species[c].composition.get(symbol, 0)
            moles = moles + count * state.condensate_mass.sel(condensate=c).values / species[c].molar_mass
        expected = conditions[name] / mechanism.atomic_weights[symbol]
        np.testing.assert_allclose(moles, expected, rtol=1e-12)
    T = conditions["temperature"]
    g = {s: potentials(species[s], T) for s in (*state.condensate.values, *state.species.values)}
    ln_p = {s: np.log(state.pressure.sel(species=s).values / 1e5) for s in state.species.values}
    mu = {"O": (g["O2"] + ln_p["O2"]) / 2, "S": (g["S2"] + ln_p["S2"]) / 2}
    mu |= {"Fe": g["Fe"] + ln_p["Fe"], "Si": g["Si"] + ln_p["Si"], "C": g["CO"] + ln_p["CO"] - mu["O"]}
    for c in state.condensate.values:
        ln_a = sum(count * mu[e] for e, count in species[c].composition.items()) - g[c]
        np.testing.assert_allclose(np.log(state.condensate_activity.sel(condensate=c)), ln_a, atol=1e-10)
        activity, mass = (state[f"condensate_{x}"].sel(condensate=c).values for x in ("activity", "mass"))
        assert activity.max() <= 1.0 and (mass[activity < 0.9] == 0).all()
        assert (mass[activity > 1 - 1e-9] > 0).all() and (activity[mass > 1e15] > 1 - 1e-9).all()
    assert set(state.condensate.values) == set(SOLIDS)
    assert (state.condensate_mass.sel(condensate="C(gr)") == state.graphite_mass).all()


def potentials(species, T):
    """mu0/RT of a species at temperatures [K], zone by zone."""
    return np.array([gibbs_value(next((r for end, r in species.gibbs if end >= t)), t) for t in T])


def test_which_form_and_beside_which():
    """Over both sets of states each condensate is there somewhere; iron beside its oxide and its sulfide, and
    graphite beside silicon carbide, are competing pairs that occur."""
    pairs = set()
    for budget in (False, True):
        there = random_states(budget)[2].condensate_activity.values > 1 - 1e-9
        for row in there.T:
            present = [c for c, here in zip(SOLIDS, row) if here]
            pairs |= {(a, b) for a in present for b in present}
    assert {c for c, _ in pairs} == set(SOLIDS)
    assert {("Fe(sl)", "FeO(sl)"), ("Fe(sl)", "FeS(sl)"), ("C(gr)", "SiC(s)")} <= pairs


def test_batch_is_loop():
    case, conditions, state = random_states(False)
    for k in range(0, 300, 60):
        alone = quietly(case, **{name: values[k] for name, values in conditions.items()})
        point = state.isel(point=k)
        np.testing.assert_allclose(alone.pressure, point.pressure, rtol=1e-9)
        np.testing.assert_allclose(alone.condensate_mass, point.condensate_mass, rtol=1e-9, atol=1e10)


def test_graphite_and_water_are_their_keys():
    """The generated text is that of the keys, to the last letter, and no variable is new."""
    earth = mo.Case.read("earth")
    listed = earth.replace({"chemistry.condensates": "graphite, water"})
    keys = earth.replace({"chemistry.water": True})
    texts = [assemble_equilibrium(case, 1500.0, 0.5).model for case in (listed, keys)]
    assert texts[0] == texts[1] and listed.chemistry == keys.chemistry
    assert not [output for output in texts[0].outputs if output.dimension == "condensate"]
    assert earth.replace({"chemistry.condensates": ["C(gr)"]}).chemistry == earth.chemistry


def test_condensates_that_are_not_listed_are_recorded_where_they_would_form():
    """Sulfur-rich gas over iron, with FeS alone listed: iron metal would form, and the result says how far
    beyond saturation; where it is listed nothing is said. SiC is continued beyond 4000 K, and recorded."""
    earth = mo.Case.read("earth")
    case = earth.replace(CHANGES | {"chemistry.condensates": "FeS(sl)", "volatiles.silicon": "0 kg"})
    case = case.replace({"volatiles.iron": "1e21 kg"})
    state = quietly(case, 1800.0, oxygen_fugacity_offset=-3.0)
    records = {r["law"]: r for r in json.loads(state.attrs["extrapolations"]) if r["argument"] == "activity"}
    record = next(r for name, r in records.items() if name.startswith("Fe(sl), which"))
    relisted = quietly(
        case.replace({"chemistry.condensates": "FeS(sl), Fe(sl)"}), 1800.0, oxygen_fugacity_offset=-3.0
    )
    assert record["reached"][1] > 1.5 and record["calibrated"] == [0.0, 1.0]
    assert "does not list" not in relisted.attrs["extrapolations"]
    hot = quietly(earth.replace(CHANGES | {"chemistry.condensates": "SiC(s)"}), 4500.0)
    assert any(r["law"] == "data of SiC(s)" for r in json.loads(hot.attrs["extrapolations"]))


@pytest.mark.parametrize(
    "changes, says",
    [
        (
            {"chemistry.condensates": "Fe(ls)"},
            r"no condensate 'Fe\(ls\)'(.|\n)*known: graphite, water, Fe\(sl\)",
        ),
        ({"chemistry.condensates": "H2S"}, "H2S is a gas"),
        ({"chemistry.species": "H2, H2O, CO, CO2, S2, Si"}, "Fe is present, but none of the chosen gases"),
        ({"chemistry.condensates": "MgO(sl)"}, "consists of Mg, O, and the case has no Mg"),
        ({"chemistry.condensates": "all, Fe(sl)"}, "lists all, and some by name"),
        ({"chemistry.condensates": "Fe(sl), Fe(sl)"}, "listed more than once"),
        ({"chemistry.condensates": "graphite", "chemistry.graphite": False}, "graphite = false"),
        (
            {"chemistry.mechanism": "silicates", "chemistry.condensates": "Fe(sl)"},
            "mechanism = 'condensates'",
        ),
    ],
)
def test_bad_lists_are_refused(changes, says):
    with pytest.raises(InputError, match=says):
        mo.equilibrium(mo.Case.read("earth").replace(CHANGES | changes), 1500.0)
