"""A slow pile with one temperature on the curves of the column, against the limit of an adiabatic pile."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import mocoupled as mo
from mocoupled.closures.distillation import distilled, pile_iron
from mocoupled.closures.iron_magnesium import exchange
from mocoupled.closures.law_types import numeric
from mocoupled.constants import YEAR
from mocoupled.cumulates.curve_remelting import PileOfPlanet
from mocoupled.cumulates.of_case import pile
from mocoupled.cumulates.remelting import Grid
from mocoupled.interior.static_structure import structure
from mocoupled.planet.chemistry_of_case import resolve
from mocoupled.planet.laws_of_case import laws_of

SOLID = np.array([0.5, 0.775, 0.9])
# Fe# of the ocean above a pile whose potential temperature is that of the solidus at its top, and which
# spends all its superheat on melt: a separate calculation without time or viscosity, in plane geometry.
LIMIT = {"earth": [17.3, 31.1, 44.9], "mars": [32.7, 55.5, 68.0]}


@pytest.mark.parametrize("name", LIMIT)
def test_slow_growth_is_the_adiabatic_limit(name):
    """In 100 Myr the pile stays within 60 K of its solidus; 1 Fe# for plume, geometry and time."""
    case = mo.Case.read(name).replace(
        {"cumulates.coupled": True, "mantle.model": "lumped", "cumulates.parameters": name}
    )
    case = case.replace({"melt.composition": "BSE"})  # the iron of the mantle is that of the parameters
    inside = structure(case.planet)
    laws = laws_of(case, resolve(case, inside.mantle_mass), inside)
    below = PileOfPlanet(pile(case), inside, *(numeric(laws[k]).function for k in ("solidus", "liquidus")))
    v = below.case.values
    X_bulk, KD, cp = v["bulk_iron"], v["exchange_coefficient"], v["heat_capacity"]
    share = np.linspace(0.0, 1.0, 2001)
    adiabat = below.adiabat(below.radius(share) - inside.core_radius)
    means = np.concatenate([[0.0], np.cumsum(0.5 * (1 / adiabat[1:] + 1 / adiabat[:-1]) * np.diff(share))])
    capacity, growth = adiabat * means, 1 / (100e6 * YEAR)
    slope = np.gradient(capacity, share)

    def rate(t, y):
        f, iron, T = y
        X_pile, X = iron / f, (X_bulk - iron) / (1 - f)
        top = float(below.top(np.array([f]), np.array([X_pile]))[0])
        q = q_iron = 0.0
        if top * (1 + 1e-12) < T:
            state = np.array([f]), np.array([X_pile]), T / top - 1
            q, q_iron = (float(part[0]) for part in below.rates(*state, Grid(6, 16)))
        paid = top * growth - q * v["latent_heat"] / cp
        cooled = (paid - np.interp(f, share, slope) * growth * T) / np.interp(f, share, capacity)
        return [growth, (growth + q) * exchange(X, KD) - q_iron, cooled]

    X = float(distilled(0.98, X_bulk, KD))
    X_pile = float(pile_iron(0.02, X, X_bulk))
    start = [0.02, 0.02 * X_pile, float(below.top(np.array([0.02]), np.array([X_pile]))[0])]
    times = (SOLID - 0.02) / growth
    tolerances = {"rtol": 1e-5, "atol": [1e-8, 1e-8, 1e-2]}
    run = solve_ivp(rate, (0, times[-1] * 1.0001), start, "LSODA", times, **tolerances)
    f, iron, T = run.y
    assert 100 * (X_bulk - iron) / (1 - f) == pytest.approx(LIMIT[name], abs=1.0)
    assert (T - below.top(f, iron / f)).max() < 60
