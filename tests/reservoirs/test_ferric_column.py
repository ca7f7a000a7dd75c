"""Ferric iron in the cells of a column: conservation, equilibrium with the gas, partition, refusals."""

import json
import math
from functools import cache

import numpy as np
import pytest
import sympy
from support.ferric_laws import LN10, law
from support.grey import grey

import mocoupled as mo
from mocoupled.cli.installation_check import jacobian_misfit
from mocoupled.closures.ferric_iron import OXIDES, iron_number, with_iron
from mocoupled.closures.iron_magnesium import exchange
from mocoupled.constants import YEAR
from mocoupled.planet.assembly import assemble
from mocoupled.reservoirs.column_iron import melt_composition
from mocoupled.reservoirs.ferric_exchange import IronOfPhases
from mocoupled.runs.main_job import prepare

FERRIC = {"cumulates.coupled": True, "mantle.cells": 10, "redox.ferric_iron": "Hirschmann2022"}
PARTITION, BULK = 0.2, 0.1
MOLAR = {oxide: OXIDES[oxide][0] for oxide in ("FeO", "MgO")}
ATOMS = {"H2O": 1, "CO": 1, "CO2": 2, "O2": 2}


def case(name="earth", **changes):
    named = {key.replace("__", "."): value for key, value in changes.items()}
    return grey(name).replace(FERRIC | {"redox.ferric_partition": PARTITION} | named)


@cache
def run():
    """An Earth with a pile that takes less ferric iron than the melt."""
    return mo.run(case(run__end_surface_temperature="2000 K"))


@cache
def prepared():
    return prepare(case())


@cache
def stirred():
    """A state in the middle of the run, with twice the ferric iron in the uppermost cell."""
    some = run().isel(time=-len(run().time) // 4)
    system, x = prepared().system, prepared().start.copy()
    for k, name in enumerate(("entropy", "iron", "ferric")):
        x[k : system.inner : 3] = some[name].values
    x = system.start(guess=x).x
    totals = system.totals(x)
    x[2] *= 1 + 1e-3
    return system.project(x, totals), totals


def metals():
    """Fe + Mg of a kilogram of the mantle [mol]: bulk silicate Earth's, in proportions of the pile's iron."""
    earth = with_iron(0.0805)
    moles = sum(earth[oxide] / MOLAR[oxide] for oxide in MOLAR)
    replaced = moles * (BULK * MOLAR["FeO"] + (1 - BULK) * MOLAR["MgO"])
    return moles / (1 + replaced - earth["FeO"] - earth["MgO"])


def melt(X):
    """The melt of Earth with Fe/(Fe + Mg) = X, by mass up to a factor."""
    earth = with_iron(0.0805)
    moles = sum(earth[oxide] / MOLAR[oxide] for oxide in MOLAR)
    return {**earth, "FeO": moles * X * MOLAR["FeO"], "MgO": moles * (1 - X) * MOLAR["MgO"]}


def shown(state):
    """The outputs of the model without a label at a state, by name."""
    system = prepared().system
    return dict(zip((o.name for o in system.model.outputs), system.outputs(state)[0]))


# ---- melt and crystals of a cell


@pytest.mark.parametrize("phi", [0.0, 1e-6, 0.3, 1.0])
@pytest.mark.parametrize("K", [1e-3, 0.2, 1.0, 20.0])
@pytest.mark.parametrize("share", [1e-4, 0.1, 0.99])
def test_melt_and_crystals_share_the_ferric_iron(phi, K, share):
    """The share of the melt that has f of a cell is that from which f was made; K is Fe3+/Fe2+ of both."""
    X = float(melt_composition(0.1, phi, 0.3))
    phases = IronOfPhases(sympy.Float(X), sympy.Float(exchange(X, 0.3)), sympy.Float(phi))
    crystals = share * K / (1 - share + K * share)
    f = phi * X * share + (1 - phi) * float(exchange(X, 0.3)) * crystals
    assert float(phases.ferric_of(share, K)) == pytest.approx(f, rel=1e-12)
    assert float(phases.ferric_share(sympy.Float(f), K)) == pytest.approx(share, rel=1e-9)


# ---- a run


def test_a_melt_with_more_iron_than_the_experiments_is_recorded():
    """With 18 % of FeO this melt has Fe# 23; the last melt of the run has more."""
    most = iron_number(with_iron(0.0805), 0.18)
    with_most = melt(most)
    assert with_most["FeO"] / sum(with_most.values()) == pytest.approx(0.18, rel=1e-12)
    records = [r for r in json.loads(run().attrs["extrapolations"]) if r["argument"] == "melt_iron"]
    (record,) = records
    assert record["calibrated"][1] == pytest.approx(most, rel=1e-3)
    assert record["reached"][1] == pytest.approx(float(run().ocean_iron.max()), rel=1e-9)
    assert record["share"] == pytest.approx(float((run().ocean_iron > most).mean()), abs=1e-9)


def test_oxygen_of_gas_melt_and_cells_is_one_budget():
    """O of the stored gas and melt, and half of the ferric iron of the stored cells: constant to 1e-10.

    Nothing of the model is used. The iron gives some of its oxygen to the gas on the way.
    """
    result, chemistry = run(), prepared().planet.chemistry
    volatile = sum(
        n * (result.gas_mass + result.dissolved_mass).sel(species=s).values / chemistry.molar_mass(s)
        for s, n in ATOMS.items()
    )
    ferric, iron = (result[name].values @ result.cell_mass.values for name in ("ferric", "iron"))
    oxygen = volatile + ferric * metals() / 2
    np.testing.assert_allclose(oxygen, oxygen[0], rtol=1e-10)
    np.testing.assert_allclose(result.mantle_ferric_share, ferric / iron, rtol=1e-10)
    assert np.ptp(ferric) > 5e-3 * ferric[0]
    drifts = {"element": 1e-10, "iron": 1e-10, "energy": 1e-12, "equilibrium": 1e-8}
    assert all(float(result[f"{name}_drift"].max()) < most for name, most in drifts.items())


def test_the_melt_at_the_surface_is_in_equilibrium_with_the_gas():
    """Its ferric share is that of the law for its own FeO, to 1e-5, from IW+0.5 at the start."""
    result = run()
    assert float(result.delta_IW[0]) == pytest.approx(0.5, abs=1e-6)
    assert float(result.ocean_iron[-1]) > 0.15
    np.testing.assert_allclose(result.ferric_share, result.surface_ferric_share, rtol=1e-5)
    for k in (0, -1):
        phi, c = float(result.local_melt_fraction[k, 0]), float(result.iron[k, 0])
        L = law("Hirschmann2022")(
            T=float(result.surface_temperature[k]),
            ln_fO2=LN10 * float(result.log10_fO2[k]),
            composition=melt(float(melt_composition(c, phi, 0.3))),
        )
        expected = 1 / (1 + math.exp(-float(L)))
        assert float(result.surface_ferric_share[k]) == pytest.approx(expected, rel=1e-9)


def test_the_pile_takes_less_ferric_iron_than_the_ocean():
    """With K = 0.2 the ocean grows ferric, though the gas takes oxygen, and its pile has crystals' shares.

    Crystals of the first ocean have the least; melt that freezes among them adds some.
    """
    last = run().isel(time=-1)
    share = (last.ferric / last.iron).values
    solid = last.local_melt_fraction.values < 1e-3
    first, ocean = float(run().ferric_share[0]), float(last.ferric_share)
    assert solid.sum() >= 3 and ocean > 1.3 * first > 1.3 * float(last.mantle_ferric_share)
    poorest, richest = (PARTITION * s / (1 - s + PARTITION * s) for s in (first, ocean))
    assert (share[solid] > poorest).all() and (share[solid] < 1.5 * richest).all()


def test_a_molten_mantle_is_the_equilibrium_of_its_budget():
    """Without crystals the column has the state of one reservoir of the same oxygen, iron and volatiles.

    Eddies mix the mantle in about 100 yr, within which its surface has cooled: 2e-4 dex.
    """
    result, chemistry = run(), prepared().planet.chemistry
    weights = chemistry.mechanism.atomic_weights
    molten = result.isel(time=result.melt_fraction.values > 1 - 1e-12)
    some = molten.isel(time=-1)
    assert float(some.time) > 50 * YEAR
    kg = {e: float(some.element_moles.sel(element=e)) * weights[e] for e in "HCO"}
    state = mo.equilibrium(
        case(),
        temperature=float(some.surface_temperature),
        melt_fraction=1.0,
        hydrogen=kg["H"],
        carbon=kg["C"],
        oxygen=kg["O"],
    )
    np.testing.assert_allclose(state.log10_fO2, some.log10_fO2, atol=2e-4)


def test_crystals_that_do_not_separate_keep_their_ferric_iron():
    """Below a gas of O2 alone, which has 1e-7 of the oxygen, crystals of a micrometre stay where they freeze.

    Every cell then has the ferric share of the start, to 1e-6, and its melt the larger one that K leaves it.
    """
    dry = {"volatiles__hydrogen": "0 kg", "volatiles__carbon": "0 kg", "chemistry__species": "all"}
    still = {"cumulates__remelting": False, "mantle__crystal_size": "1 um"}
    last = mo.run(case(**dry, **still, run__end_surface_temperature="1850 K")).isel(time=-1)
    first = float(run().ferric_share[0])
    np.testing.assert_allclose(last.ferric / last.iron, first, rtol=1e-6)
    phi = float(last.local_melt_fraction[0])
    X = float(melt_composition(BULK, phi, 0.3))
    phases = IronOfPhases(sympy.Float(X), sympy.Float(exchange(X, 0.3)), sympy.Float(phi))
    assert phi < 0.9 and (last.local_melt_fraction < 0.6).any()
    assert float(last.ferric_share) == pytest.approx(
        float(phases.ferric_share(BULK * first, PARTITION)), rel=1e-5
    )


# ---- a start that follows from the gas


def begun(**changes):
    """The outputs at the start of a case, by name and label, and the amounts of its elements."""
    job = prepare(case(**changes))
    outputs = zip(job.system.model.outputs, job.system.outputs(job.start)[0])
    return {(o.name, o.label): value for o, value in outputs}, job.planet.chemistry


def test_a_budget_of_oxygen_is_the_start():
    """Gas, melt and cells have the budget to 1e-12, and below it the state of the fugacity it was taken from.

    The mantle has crystals at 2200 K, so that the ferric share of the melt is not that of the cells.
    """
    some, chemistry = begun(run__initial_surface_temperature="2200 K")
    kg = some["element_moles", "O"] * chemistry.mechanism.atomic_weights["O"]
    budget = {"redox__oxygen_fugacity": "none", "redox__oxygen": float(kg)}
    state, chemistry = begun(run__initial_surface_temperature="2200 K", **budget)
    assert state["element_moles", "O"] == pytest.approx(chemistry.moles["O"], rel=1e-12)
    assert state["melt_fraction", ""] < 0.95
    assert state["delta_IW", ""] == pytest.approx(some["delta_IW", ""], abs=1e-9)


@pytest.mark.parametrize(
    "changes",
    [
        {"redox__ferric_iron": "KressCarmichael1991", "redox__ferric_pressure": True},
        {"run__initial_entropy": 2800.0},
    ],
)
def test_a_fugacity_is_the_start_where_its_share_follows_from_the_gas(changes):
    """The gas of the start is at IW+0.5 to 1e-9, at the pressure and the temperature that it has."""
    state, _ = begun(**changes)
    assert state["delta_IW", ""] == pytest.approx(0.5, abs=1e-9)
    assert state["surface_pressure", ""] > 1e6


# ---- the equations


def test_what_the_gas_gives_the_uppermost_cell_takes():
    """J = 4 pi R^2 rho kappa (f_eq - f)/h enters the cells, and no ferric iron is made within them.

    f_eq of a molten cell is its Fe/(Fe + Mg) times the share of the law.
    """
    (x, totals), system = stirred(), prepared().system
    rates = system.rate(0.0, np.concatenate([x, np.zeros(len(system.sourced))]), totals, 0.0)
    coordinates = system.field.coordinates
    taken = rates[2 : system.inner : 3] @ coordinates["cell_mass"][0]
    values = shown(x)
    assert abs(values["ferric_share"] / values["surface_ferric_share"] - 1) > 1e-5
    assert system.field_outputs(x)[-2][0] == 1.0  # its melt fraction
    radius = prepared().planet.structure.radius
    stirring = system.link_values(x)[system.links.index("surface_stirring")]
    transfer = 4 * math.pi * radius**2 * stirring / (radius - coordinates["cell_radius"][0][0])
    assert taken == pytest.approx(transfer * (x[1] * values["surface_ferric_share"] - x[2]), rel=1e-6)
    assert transfer / coordinates["cell_mass"][0][0] > 1e-6  # 1/s: within two weeks


def test_jacobian_away_from_equilibrium():
    assert jacobian_misfit(prepared().system, stirred()[0], 1 / YEAR) < 1e-6


@pytest.mark.parametrize(
    "changes",
    [{"redox__ferric_iron": "none", "redox__ferric_partition": 1.0}, {"cumulates__coupled": False}],
)
def test_one_of_both_alone_has_no_ferric_iron_in_the_cells(changes):
    model = assemble(case(**changes)).model
    names = [*(c.name for c in model.field.components), *(link.name for link in model.links)]
    assert not any("ferric" in name or name.startswith("surface_melt") for name in names)
    assert not any("ferric" in str(e.free_symbols) for e in model.field.expressions)


@pytest.mark.parametrize(
    "changes, says",
    [
        ({"redox__ferric_partition": 0.0}, "would have no place"),
        ({"redox__oxygen_fugacity": "none", "redox__oxygen": "1e18 kg"}, "no ferric share of the mantle"),
        ({"redox__total_iron": 0.18}, r"cumulates.bulk_iron = 0\.2"),
        ({"redox__melt_oxides": {"MgO": 0.0}}, "MgO above 0"),
    ],
)
def test_what_a_column_cannot_start_with_is_refused(changes, says):
    with pytest.raises(mo.InputError, match=says):
        prepare(case(**changes))
