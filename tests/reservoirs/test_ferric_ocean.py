"""Ferric iron beside the iron of one ocean: distillation, conservation, melt of the pile, suspension."""

from functools import cache

import numpy as np
import pytest
import sympy
from support.ferric_laws import LN10, law
from support.grey import grey
from support.stored_runs import run_of

from mocoupled.cli.installation_check import jacobian_misfit
from mocoupled.closures.ferric_iron import OXIDES, with_iron
from mocoupled.closures.iron_magnesium import distillation, exchange, ln_remaining
from mocoupled.constants import YEAR
from mocoupled.planet.assembly import assemble
from mocoupled.reservoirs.cumulates import OCEAN, CoolingPile, Return
from mocoupled.reservoirs.ferric_pile import UNKNOWN, ferric_of_pile
from mocoupled.runs.main_job import prepare

OCEAN_WITH_PILE = {
    "mantle.model": "lumped",
    "mantle.shells": 40,
    "cumulates.coupled": True,
    "redox.ferric_iron": "Hirschmann2022",
    "redox.ferric_partition": 0.2,
    "run.end_surface_temperature": "2000 K",
}
BULK, KD = 0.1, 0.3
# a gas of oxygen alone has 1e-7 of the oxygen of the iron
DRY = {"volatiles__hydrogen": "0 kg", "volatiles__carbon": "0 kg", "chemistry__species": "all"}
AT_REST = {"cumulates__remelting": False}
ATOMS = {"H2O": 1, "CO": 1, "CO2": 2, "O2": 2}


def case(**changes):
    named = {key.replace("__", "."): value for key, value in changes.items()}
    return grey("earth").replace(OCEAN_WITH_PILE | named)


@cache
def run():
    return run_of(case())


@cache
def prepared():
    return prepare(case())


def metals():
    """Moles of iron and magnesium in a kilogram: bulk silicate Earth's, in proportions of the pile's iron."""
    earth = with_iron(0.0805)
    moles = sum(earth[oxide] / OXIDES[oxide][0] for oxide in ("FeO", "MgO"))
    replaced = moles * (BULK * OXIDES["FeO"][0] + (1 - BULK) * OXIDES["MgO"][0])
    return moles / (1 + replaced - earth["FeO"] - earth["MgO"])


# ---- limits


@pytest.mark.parametrize("K, trapped", [(0.2, 0.1), (0.0, 0.0)])
def test_an_ocean_whose_gas_has_no_oxygen_distils_its_iron(K, trapped):
    """Fe3+ and Fe2+ follow the law of Rayleigh from the start on, to 1e-5: rtol times the scale of the pile.

    Of the iron n X of the ocean, less the trapped melt, each step takes K times its Fe3+/Fe2+. The start has
    crystals already, whose ferric iron is that of the same path.
    """
    result = run_of(
        case(
            **DRY,
            **AT_REST,
            run__initial_surface_temperature="2300 K",
            redox__ferric_partition=K,
            cumulates__trapped_melt=trapped,
        )
    )
    n, X, s, bulk = (
        result[name].values for name in ("melt_fraction", "ocean_iron", "ferric_share", "mantle_ferric_share")
    )
    assert n[0] < 0.95 and n[-1] < 0.62 and s[-1] > 1.04 * s[0] > 1.04 * bulk[0]
    left = (1 - trapped) * np.log(n) + np.log(X / BULK)
    followed = [float(ln_remaining(a, b, K)) for a, b in zip(s, bulk)]
    np.testing.assert_allclose(followed[0], left[0], rtol=1e-9)
    np.testing.assert_allclose(followed, left, rtol=0, atol=1e-5 / 0.08)
    if K == 0:
        np.testing.assert_allclose(n * X * s, BULK * bulk, rtol=1e-6)


def test_distillation_is_that_of_rayleigh_and_has_a_limit():
    """Zero along `ln_remaining`; with K = 1 the composition stays that of the start."""
    ln_fraction = float(ln_remaining(0.3, 0.1, 0.2))
    assert abs(float(distillation(0.3, 0.1, ln_fraction, 0.2))) < 1e-12
    assert float(distillation(0.1, 0.1, -2.0, 1.0)) == 0.0
    assert abs(float(distillation(0.3, 0.1, -2.0, 1.0))) > 0.1


@pytest.mark.parametrize("changes", [{}, AT_REST, {"cumulates__crystals": "suspended"}])
def test_without_ferric_iron_nothing_of_it_is_in_the_model(changes):
    without = {"redox__ferric_iron": "none", "redox__ferric_partition": 1.0}
    model = assemble(case(**changes, **without)).model
    names = [item.name for part in (model.unknowns, model.balances, model.outputs) for item in part]
    assert not any("ferric" in name for name in names)


# ---- a run with a pile that melts again


def test_oxygen_of_gas_ocean_and_pile_is_one_budget():
    """O of the stored gas and melt, and half of the ferric iron of ocean and pile: constant to 1e-10.

    The ferric iron of both is that of the whole mantle, up to what the seed of the pile is worth (1e-6).
    """
    result, chemistry = run(), prepared().planet.chemistry
    volatile = sum(
        k * (result.gas_mass + result.dissolved_mass).sel(species=s).values / chemistry.molar_mass(s)
        for s, k in ATOMS.items()
    )
    mass = result.melt_mass.values[0] / result.melt_fraction.values[0]
    ferric = BULK * result.mantle_ferric_share.values
    oxygen = volatile + mass * metals() * ferric / 2
    np.testing.assert_allclose(oxygen, oxygen[0], rtol=1e-10)
    n = result.melt_fraction.values
    pile = (1 - n) * (result.pile_iron * result.pile_ferric_share).values
    np.testing.assert_allclose(n * (result.ocean_iron * result.ferric_share).values + pile, ferric, atol=1e-7)
    assert np.ptp(ferric) > 5e-3 * ferric[0] and pile[-1] > 1e-2 * ferric[0]
    drifts = {"element": 1e-10, "iron": 1e-10, "energy": 1e-12, "equilibrium": 1e-8}
    assert all(float(result[f"{name}_drift"].max()) < most for name, most in drifts.items())


def test_the_law_has_the_iron_of_the_ocean():
    """The stored share of the last state is that of the law for the FeO and MgO of the ocean."""
    last = run().isel(time=-1)
    X, earth = float(last.ocean_iron), with_iron(0.0805)
    moles = sum(earth[oxide] / OXIDES[oxide][0] for oxide in ("FeO", "MgO"))
    melt = {**earth, "FeO": moles * X * OXIDES["FeO"][0], "MgO": moles * (1 - X) * OXIDES["MgO"][0]}
    L = law("Hirschmann2022")(
        T=float(last.surface_temperature), ln_fO2=LN10 * float(last.log10_fO2), composition=melt
    )
    assert X > 0.13
    assert float(last.ferric_share) == pytest.approx(1 / (1 + float(sympy.exp(-L))), rel=1e-9)


def test_jacobian():
    """The generated Jacobian agrees with differences in a state with a pile."""
    job = prepared()
    names = [unknown.name for unknown in job.system.model.unknowns]
    x = np.array([float(run()[name][-1]) if name in run() else np.nan for name in names])
    x = np.where(np.isnan(x), job.start, x)
    assert jacobian_misfit(job.system, x, 1 / YEAR) < 1e-6


# ---- what the pile returns


@pytest.mark.parametrize("K", [1e-3, 0.2, 1.0, 5.0])
@pytest.mark.parametrize("degree", [1e-3, 0.3, 1.0])
def test_melt_that_returns_has_its_share_of_the_ferric_iron(K, degree):
    """A residue and a degree of melt make the pile; the balance takes from it what that melt has.

    No crystals form: the mantle melts as fast as the pile returns melt.
    """
    X_m, s_m, n, s, logit = 0.12, 0.07, 0.4, 0.1, -1.5
    residue = float(exchange(X_m, KD))
    s_r = K * s_m / (1 - s_m + K * s_m)
    X_pile = degree * X_m + (1 - degree) * residue
    f_pile = degree * X_m * s_m + (1 - degree) * residue * s_r
    ocean = 1 / (1 + np.exp(-logit))
    bulk = n * ocean + (1 - n) * X_pile
    pile = CoolingPile(sympy.Float(n), sympy.Float(1e6), bulk, KD)
    rate = 1e-14  # of the pile
    back = Return(sympy.Float(rate), sympy.Float(rate * X_m))
    model = ferric_of_pile(pile, K, sympy.Float(s), sympy.Float((1 - n) * rate), back)
    source = model.balances[0].source.subs({UNKNOWN.symbol: (1 - n) * f_pile, pile.ocean.symbol: logit})
    assert pile.ocean.name == OCEAN
    # the seed of the pile is worth 1e-6
    assert float(source) == pytest.approx(-(1 - n) * rate * X_m * s_m, rel=1e-5, abs=0)


# ---- crystals that stay in the ocean, and a budget as the start


def test_suspended_crystals_stay_in_equilibrium():
    """Below a gas of oxygen alone the mantle keeps its ferric iron, in crystals K times as ferric."""
    result = run_of(case(**DRY, cumulates__crystals="suspended"))
    last = result.isel(time=-1)
    n, X, X_c, s = (float(last[k]) for k in ("melt_fraction", "ocean_iron", "crystal_iron", "ferric_share"))
    s_c = 0.2 * s / (1 - s + 0.2 * s)
    assert n * X * s + (1 - n) * X_c * s_c == pytest.approx(BULK * float(last.mantle_ferric_share), rel=1e-10)
    np.testing.assert_allclose(result.mantle_ferric_share, result.mantle_ferric_share[0], rtol=1e-6)


def test_a_budget_of_oxygen_is_the_start():
    """The oxygen of the start is the budget to 1e-12, and its state that of the fugacity with this oxygen."""
    moles = float(run().element_moles.sel(element="O")[0])
    kg = moles * prepared().planet.chemistry.mechanism.atomic_weights["O"]
    job = prepare(case(**AT_REST, redox__oxygen_fugacity="none", redox__oxygen=kg))
    values = {
        (o.name, o.label): v for o, v in zip(job.system.model.outputs, job.system.outputs(job.start)[0])
    }
    assert values["element_moles", "O"] == pytest.approx(moles, rel=1e-12)
    assert values["log10_fO2", ""] == pytest.approx(float(run().log10_fO2[0]), abs=1e-6)
