"""A pile with one temperature below a lumped mantle: heat, iron, rates, derivatives, refusals."""

from functools import cache

import numpy as np
import pytest
from scipy.integrate import cumulative_trapezoid
from support.grey import grey
from support.stored_runs import run_of

import mocoupled as mo
from mocoupled.cli.installation_check import jacobian_misfit
from mocoupled.closures.distillation import melted
from mocoupled.closures.iron_magnesium import exchange
from mocoupled.closures.law_types import numeric
from mocoupled.constants import YEAR
from mocoupled.cumulates.curve_remelting import PileOfPlanet
from mocoupled.cumulates.of_case import pile
from mocoupled.dae.solve.integrate import march
from mocoupled.errors import InputError
from mocoupled.interior.static_structure import structure
from mocoupled.planet.chemistry_of_case import resolve
from mocoupled.planet.laws_of_case import laws_of
from mocoupled.planet.pile_apart_of_case import SEED
from mocoupled.runs.main_job import prepare

TO_THE_LAST = {"run.after_lid": "open", "run.end_melt_fraction": 0.02}


def case(name="earth", **changes):
    """The case, whose mantle has the iron of its parameters: 0.20 of Fe/(Fe + Mg) for mars."""
    lumped = {"cumulates.coupled": True, "mantle.model": "lumped", "melt.composition": "BSE"} | TO_THE_LAST
    return grey(name).replace(lumped | {f"cumulates.{k}": v for k, v in changes.items()})


def run(name="earth", **changes):
    return run_of(case(name, **changes))


@cache
def closures(name="earth"):
    of_case = case(name)
    inside = structure(of_case.planet)
    laws = laws_of(of_case, resolve(of_case, inside.mantle_mass), inside)
    curves = (numeric(laws[kind]).function for kind in ("solidus", "liquidus"))
    return PileOfPlanet(pile(of_case), inside, *curves)


@pytest.mark.parametrize("name", ["earth", "mars"])
def test_energy_closes_and_melts_take_no_more_than_pile_and_core_lose(name):
    """Mantle and core lose what the surface radiates; latent heat is paid by the pile and the core.

    Before anything melts, the ocean conducts a few J/kg into a pile that is below its solidus.
    """
    result = run(name)
    assert float(result.energy_drift.max()) < 1e-10
    lost = (result.pile_heat_lost + result.core_heat_lost).values
    latent = result.latent_heat_returned.values
    assert (lost - latent).min() > -1e-4 * lost[-1]
    assert lost[-1] > latent[-1] > 0.9 * lost[-1] > 0


def test_heat_of_all_is_what_the_surface_radiates():
    """By the trapezium rule over the stored fluxes: 1e-3."""
    result = run()
    area = 4 * np.pi * 6371e3**2
    radiated = np.concatenate([[0.0], cumulative_trapezoid(result.flux.values * area, result.time.values)])
    lost = result.heat.values[0] - result.heat.values
    assert lost == pytest.approx(radiated, abs=2e-3 * radiated[-1])


def test_iron_of_the_ocean():
    """d(n X)/dt = -X_c (q - dn/dt) + iron of the melts, by the trapezium rule."""
    result = run()
    n, X, q = (result[name].values for name in ("melt_fraction", "ocean_iron", "remelting_rate"))
    X_c = exchange(X, 0.3)
    below = closures()
    f, X_pile = (1 - n) + SEED * n, result.pile_iron.values
    iron = np.zeros(n.size)
    for k in np.flatnonzero(q > 1e-6 * q.max()):
        warmth = float(result.pile_temperature[k] / below.top(f[k : k + 1], X_pile[k : k + 1])[0]) - 1
        iron[k] = below.rates(f[k : k + 1], X_pile[k : k + 1], warmth)[1][0]
    crystals = np.concatenate([[0.0], np.cumsum(0.5 * (X_c[1:] + X_c[:-1]) * -np.diff(n))])
    returned = np.concatenate([[0.0], cumulative_trapezoid(iron - q * X_c, result.time.values)])
    assert n * X - n[0] * X[0] == pytest.approx(returned - crystals, abs=1e-3)
    assert returned[-1] < -0.01


def test_rates_of_the_run_are_those_of_the_closures():
    """The tables are as good as 1 % of the largest rate; melt_returned is the integral of the rate."""
    result, below = run(), closures()
    q = result.remelting_rate.values
    for k in range(0, q.size, 7):
        f = np.array([1 - float(result.melt_fraction[k]) * (1 - SEED)])
        X = result.pile_iron.values[k : k + 1]
        warmth = float(result.pile_temperature[k] / below.top(f, X)[0]) - 1
        exact = below.rates(f, X, warmth)[0][0] if warmth > 0 else 0.0
        assert q[k] == pytest.approx(exact, abs=1e-2 * q.max())
    integral = cumulative_trapezoid(q, result.time.values)[-1]
    assert float(result.melt_returned[-1]) == pytest.approx(integral, rel=1e-2)


def test_a_parcel_melts_as_the_mantle_does():
    """Above a pile of bulk composition with little plume, all melt is that of the curves at its top.

    F = (T - T_sol)/(L/c_p + T_liq - T_sol) where the solidus is steeper than the adiabat up to the top;
    the iron is that of fractional melting to this F.
    """
    below = closures("mars")
    f, X = np.array([0.9]), np.array([0.15])
    top, P = below.top(f, X), below.pressure(below.radius(f))
    melt, iron = below.rates(f, X, 0.1)
    span = 4e5 / 1200 + below.liquidus(P=P) - below.solidus(P=P)
    F = 0.1 * top / span
    thickness = below.radius(f) - below.inside.core_radius
    assert below.rates(f, X, 1e-9)[0] < 1e-6 * melt
    assert iron / melt == pytest.approx(melted(F, X, 0.3, False), rel=0.05)
    assert thickness > 1e6 and melt > 0


def test_earth_stays_poorer_than_mars_and_both_below_no_remelting():
    solid = [0.5, 0.775, 0.9, 0.95]
    iron = {
        (name, remelting): np.interp(solid, 1 - r.melt_fraction.values, r.ocean_iron.values)
        for name in ("earth", "mars")
        for remelting in (True, False)
        for r in [run(name) if remelting else run(name, remelting=False)]
    }
    assert (iron["earth", True] < iron["mars", True]).all()
    assert iron["earth", True][-1] < iron["earth", False][-1] - 0.1
    assert "pile_temperature" not in run("mars", remelting=False)


def test_who_pays_is_no_choice_of_the_viscosity():
    """A soft pile returns more melt than a stiff one, and never more than its heat allows."""
    soft, stiff = (run("mars", viscosity=viscosity) for viscosity in (1e17, 1e19))
    assert float(soft.melt_returned[-1]) > 3 * float(stiff.melt_returned[-1])
    assert float(soft.ocean_iron[-1]) < float(stiff.ocean_iron[-1])
    assert float(soft.melt_returned[-1]) * 4e5 < float(soft.pile_heat_lost[-1] + soft.core_heat_lost[-1])


def test_jacobian_in_the_middle_of_a_run():
    prepared = prepare(case())
    trajectory = march(prepared.system, prepared.start, 3e5 * YEAR, stabilisation=1 / YEAR, max_steps=240)
    assert trajectory.states[-1][prepared.system.names.index("pile_temperature")] < 3500
    assert jacobian_misfit(prepared.system, trajectory.states[-1], 1 / YEAR) < 1e-5


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"cumulates.pile": "column"}, "the lower part of a column"),
        ({"cumulates.pile": "one-temperature", "mantle.model": "column"}, "mantle.model = 'lumped'"),
        ({"cumulates.pile": "two"}, "one-temperature"),
    ],
)
def test_refusals(changes, words):
    with pytest.raises(InputError, match=words):
        mo.run(case().replace(changes))


def test_the_choice_is_of_piles_that_melt_again():
    """Without remelting there is no temperature of the pile to choose."""
    assert pile(case(pile="column", remelting=False)).values["bulk_iron"] == 0.1
