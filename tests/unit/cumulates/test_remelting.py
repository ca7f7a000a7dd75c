"""Remelting of the pile: against a plain march upwards, the laws it must keep, and the grid."""

import math

import numpy as np
import pytest

from mocoupled.closures.iron_magnesium import exchange
from mocoupled.cumulates.remelting import Grid, remelt
from mocoupled.schema.buffering_case import BufferingCase

STATE = {"earth": (0.775, 0.267, 0.0515), "mars": (0.8266, 0.5671, 0.123)}


DEFAULT_GRID = Grid()


def at(planet, grid=DEFAULT_GRID, **changes):
    case = BufferingCase.read(planet).replace(changes)
    f, X, X_pile = (np.array([v]) for v in STATE[planet])
    return case, remelt(f, X, X_pile, case.values, case.readings, grid)


def march(case, result, X_pile, excess, increment, steps=400):
    """A parcel marched upwards: at each height melt leaves, increment by increment, until it is at its
    solidus. Plain twin.

    excess(share of the way): temperature [K] over the interior. Returns melt fraction and Fe/(Fe + Mg) of all
    melt."""
    v, KD = case.values, case.values["exchange_coefficient"]
    d, top, interior, lift = (
        float(getattr(result, n)[0])
        for n in ("thickness", "top_pressure", "interior_temperature", "topography")
    )

    def solidus(X, P):
        theta = math.log(1 - (1 - KD) * X / (KD + X * (1 - KD))) / math.log(KD)
        T_Mg = v["magnesium_temperature"] + v["magnesium_slope"] * P
        return T_Mg - theta * (T_Mg - v["iron_temperature"] - v["iron_slope"] * P)

    F, X = 0.0, X_pile
    for share in (*np.linspace(0, 1, steps + 1), None):
        depth = -lift if share is None else d * (1 - share)
        warmth = excess(1.0 if share is None else share)
        free = (interior + warmth) * math.exp(v["expansivity"] * v["gravity"] * depth / v["heat_capacity"])
        P = top + v["density"] * v["gravity"] * depth
        while free - v["latent_heat"] / v["heat_capacity"] * F > solidus(X, P):
            melt = exchange(X, 1 / KD)
            X, F = (X * (1 - F) - melt * increment) / (1 - F - increment), F + increment
    return F, (X_pile - (1 - F) * X) / F


@pytest.mark.parametrize("planet", STATE)
def test_ambient_melt_is_the_limit_of_a_march(planet):
    """Increments of 1e-5: the march overshoots by up to one of them, and its first-order error is about as
    large."""
    case, result = at(planet)
    F, _ = march(case, result, STATE[planet][2], lambda s: 0.0, 1e-5)
    assert result.ambient_melt_fraction[0] == pytest.approx(F, abs=3e-5)
    coarse, _ = march(case, result, STATE[planet][2], lambda s: 0.0, 0.02)
    assert (
        abs(coarse - F) > 1e-3
    )  # coarse increments are wrong: the resolution dependence of the paper's own method


@pytest.mark.parametrize("planet", STATE)
def test_melt_on_the_axis_is_the_limit_of_a_march(planet):
    """Gaussian plume whose axis starts at the base's temperature: excess falls as sqrt(t0/(t0 + t)), t0 =
    transit/pi^2."""
    case, result = at(planet)
    start = float(result.base_temperature[0] - result.interior_temperature[0])
    F, _ = march(case, result, STATE[planet][2], lambda s: start * math.sqrt(1 / (1 + math.pi**2 * s)), 1e-5)
    assert result.plume_melt_fraction[0] == pytest.approx(F, abs=5e-5)


@pytest.mark.parametrize("planet", STATE)
def test_composition_is_that_of_the_march(planet):
    """Where the plume feeds nearly nothing, the iron of all melt is that of the ambient march, to the plume's
    share (1 %)."""
    case, result = at(planet, expansivity=1.9e-5 if planet == "earth" else 2e-5)
    F, X = march(case, result, STATE[planet][2], lambda s: 0.0, 1e-4)
    assert (result.iron_rate / result.rate)[0] == pytest.approx(X, rel=0.01)


@pytest.mark.parametrize("melting", ["fractional", "batch"])
def test_melts_are_between_source_and_first_melt(melting):
    """X_m <= M_1/KD(X_pile): the proof that Fe# 57 is the ocean's, not the crystals'."""
    case = BufferingCase.read("mars").replace({"melting": melting})
    X_pile = np.linspace(0.02, 0.2, 30)
    result = remelt(np.full(30, 0.9), np.full(30, 0.5), X_pile, case.values, case.readings)
    X_melt = result.iron_rate / result.rate
    there = result.rate > 0
    assert there.any()
    assert np.all(X_melt[there] <= exchange(X_pile[there], 1 / 0.3)) and np.all(
        X_melt[there] >= X_pile[there]
    )


@pytest.mark.parametrize("interior", ["mean", "top"])
@pytest.mark.parametrize("planet", STATE)
def test_grid_has_converged(planet, interior):
    """In both readings of the interior: with `top` all melt is the plume's, with `mean` most is not."""
    fine = at(planet, Grid(64, 512), interior=interior)[1]
    ours = at(planet, interior=interior)[1]
    assert ours.rate[0] == pytest.approx(fine.rate[0], rel=2e-3)
    assert (ours.iron_rate / ours.rate)[0] == pytest.approx((fine.iron_rate / fine.rate)[0], rel=2e-3)


def test_a_grid_in_units_of_the_cell_is_wrong():
    """The trap: the plume is so narrow that 16 even points over half a cell see one point of it."""
    case, result = at("earth", interior="top")
    half, width = (
        0.5 * result.thickness[0],
        2 * np.sqrt(1e-6 * (1 + np.pi**-2) * result.thickness[0] / result.velocity[0]),
    )
    assert half / 15 > 10 * width


def test_excess_of_the_plume_does_not_know_viscosity():
    """Without topography the melt's composition and the degree of melting depend neither on viscosity nor
    diffusivity."""
    result = [
        at("earth", topography="no", viscosity=eta, diffusivity=kappa)[1]
        for eta, kappa in ((1e17, 1e-6), (1e20, 1e-6), (1e18, 3e-6))
    ]
    for item in result[1:]:
        assert item.plume_melt_fraction == pytest.approx(result[0].plume_melt_fraction, rel=1e-12)
        assert item.ambient_melt_fraction == pytest.approx(result[0].ambient_melt_fraction, rel=1e-12)


def test_speed_goes_with_viscosity_to_minus_two_thirds():
    slow, fast = (at("earth", viscosity=eta)[1] for eta in (1e20, 1e17))
    assert fast.velocity / slow.velocity == pytest.approx(100.0, rel=1e-9)


def test_nothing_convects_without_a_drop_of_temperature():
    case, result = at("earth", core_temperature=2000.0)
    assert result.rate[0] == 0 and np.isnan(result.velocity[0]) and np.isnan(result.ambient_melt_fraction[0])


def test_states_do_not_know_of_each_other():
    case = BufferingCase.read("earth")
    f, X, X_pile = np.linspace(0.1, 0.95, 9), np.full(9, 0.3), np.linspace(0.02, 0.09, 9)
    together = remelt(f, X, X_pile, case.values, case.readings)
    for k in range(9):
        alone = remelt(f[k : k + 1], X[k : k + 1], X_pile[k : k + 1], case.values, case.readings)
        assert alone.rate[0] == pytest.approx(together.rate[k], rel=1e-9, abs=1e-30)
        assert alone.iron_rate[0] == pytest.approx(together.iron_rate[k], rel=1e-9, abs=1e-30)
