"""Melting of overturned Martian cumulates: the melt fraction against a plain march, and the abstract."""

import math

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.closures.registry import find
from mocoupled.schema.buffering_case import BufferingCase

V = BufferingCase.read("mars").values
K = V["exchange_coefficient"]


def adiabat(T, P_start, P):
    return T * math.exp(V["expansivity"] * (P - P_start) / (V["density"] * V["heat_capacity"]))


def march_on_lens(X_source, start, increment=2e-5, steps=2000):
    """Melt leaves increment by increment wherever the parcel is above its solidus. Plain twin."""

    def solidus(X, P):
        theta = math.log(1 - (1 - K) * X / (K + X * (1 - K))) / math.log(K)
        T_Mg = V["magnesium_temperature"] + V["magnesium_slope"] * P
        return T_Mg - theta * (T_Mg - V["iron_temperature"] - V["iron_slope"] * P)

    T, F, X, melt_iron = solidus(X_source, start), 0.0, X_source, 0.0
    for P in np.linspace(start, 0.0, steps):
        while adiabat(T, start, P) - V["latent_heat"] / V["heat_capacity"] * F > solidus(X, P):
            melt = X / K / (1 - X + X / K)
            X, F = (X * (1 - F) - melt * increment) / (1 - F - increment), F + increment
            melt_iron += melt * increment
    return F, melt_iron / F


@pytest.mark.parametrize("start, F", [("13 GPa", 0.10), ("20 GPa", 0.15)])
def test_the_lens_melts_a_tenth(start, F):
    """Against the march, and as an independent calculation has it: 0.10 and 0.15, rounded."""
    result = mo.overturned_cumulates(start_pressure=start)
    source = 1 - float(result.mean_magnesium)
    ours = result.sel(curves="lens")
    marched = march_on_lens(source, float(result.attrs["start_pressure"]))
    assert float(ours.melt_fraction) == pytest.approx(marched[0], abs=3e-4)
    assert 1 - float(ours.melt_magnesium) == pytest.approx(marched[1], abs=1e-3)
    assert float(ours.melt_fraction) == pytest.approx(F, abs=0.02)
    assert 0.74 < float(ours.melt_magnesium) < 0.78


def test_the_column_melts_far_more():
    """By bisection at each pressure: the sensible heat above the curve pays the latent heat."""
    result = mo.overturned_cumulates(start_pressure="13 GPa")
    ours, source = result.sel(curves="column"), 1 - float(result.mean_magnesium)
    solidus, liquidus = (find(kind, "Andrault2011-Hamano2013") for kind in ("solidus", "liquidus"))
    best = 0.0
    for P in np.linspace(13e9, 0.0, 400):
        cold, hot = float(solidus.evaluate(P=P)), float(liquidus.evaluate(P=P))
        rise = (
            V["magnesium_temperature"] - V["iron_temperature"] + P * (V["magnesium_slope"] - V["iron_slope"])
        ) * (0.25 - source)
        T = adiabat(float(ours.solidus_at_start), 13e9, P)
        low, high = 0.0, 1.0
        for _ in range(60):
            F = 0.5 * (low + high)
            left = T - V["latent_heat"] / V["heat_capacity"] * F - (cold + rise + F * (hot - cold))
            low, high = (F, high) if left > 0 else (low, F)
        best = max(best, F)
    assert float(ours.melt_fraction) == pytest.approx(best, abs=1e-6)
    assert float(ours.melt_fraction) > 0.6 > float(result.melt_fraction.sel(curves="lens"))
    assert float(ours.melt_magnesium) > 0.79 > float(result.melt_magnesium.sel(curves="lens"))
    assert float(result.imposed_melt_magnesium) == pytest.approx(0.862, abs=1e-3)


@pytest.mark.parametrize(
    "changes",
    [{"bulk_magnesium": 1.2}, {"core_radius": "10 km"}, {"pressure": "40 GPa"}, {"start_pressure": "0 Pa"}],
)
def test_refusals(changes):
    with pytest.raises(mo.InputError):
        mo.overturned_cumulates(**changes)


def test_a_law_of_pressure_is_refused():
    case = BufferingCase.read("mars").replace({"exchange_coefficient": "constant-0.3"})
    with pytest.raises(mo.InputError, match="one K_D"):
        mo.overturned_cumulates(case)
