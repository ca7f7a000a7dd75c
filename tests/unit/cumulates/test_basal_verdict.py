"""The verdict on a basal layer, on synthetic mantles: completion, overturn, layer, number, sentence."""

import numpy as np
import pytest

from mocoupled.closures.dense_layer import CONFINED, WHOLE, buoyancy_number, regime
from mocoupled.closures.distillation import distilled
from mocoupled.closures.iron_magnesium import exchange
from mocoupled.cumulates.basal_verdict import verdict
from mocoupled.cumulates.frozen_mantle import (
    LAST_MELT,
    Profile,
    carried,
    completed,
    density,
    overturned,
    phase_volumes,
    structure_at,
)

CAPACITY = 1200.0


def mantle(iron, melt=0.0, cells=60, base=136e9, core_temperature=4400.0, temperature=None):
    """An Earth of even masses whose pressure is linear in mass."""
    share = (np.arange(cells) + 0.5) / cells
    pressure = base * (1 - share)
    if temperature is None:
        temperature = 1650.0 + 8e-9 * pressure
    full = np.ones(cells)
    mass = full * 4e24 / cells
    return Profile(mass, pressure, temperature * full, iron * full, melt * full, 3481e3, core_temperature)


@pytest.mark.parametrize("law", [0.3, "olivine-Toplis2005+FMS-fitted"])
def test_completion_conserves_iron(law):
    phi = np.concatenate([np.zeros(20), np.full(10, 0.02), np.full(10, 0.55), np.ones(20)])
    profile = mantle(np.linspace(0.04, 0.2, 60), phi)
    frozen = completed(profile, law)
    assert np.sum(frozen * profile.mass) == pytest.approx(np.sum(profile.iron * profile.mass), rel=1e-14)
    np.testing.assert_array_equal(frozen[:30], profile.iron[:30])
    assert frozen.min() > 0 and frozen.max() < 1


def test_a_molten_mantle_freezes_by_the_law_of_rayleigh():
    """Cells hold what the closed form leaves between their faces; the last of it is one parcel."""
    cells, K, X = 100, 0.3, 0.1
    frozen = completed(mantle(X, 1.0, cells), K)
    left = np.maximum(1 - np.arange(cells + 1) / cells, LAST_MELT)
    iron = left * distilled(left, X, K)
    solid = int(cells * (1 - LAST_MELT))
    np.testing.assert_allclose(frozen[:solid], (-np.diff(iron) * cells)[:solid], rtol=1e-9)
    np.testing.assert_allclose(frozen[solid:], distilled(LAST_MELT, X, K), rtol=1e-9)
    assert frozen[0] == pytest.approx(float(exchange(X, K)), rel=0.01)


def test_what_holds_no_melt_stays():
    profile = mantle(np.linspace(0.05, 0.3, 60), 0.1)
    np.testing.assert_array_equal(completed(profile, 0.3), profile.iron)


def test_parcels_keep_their_entropy_there_and_back():
    X, P, T = np.full(3, 0.1), np.array([130e9, 80e9, 40e9]), np.array([2900.0, 2600.0, 2300.0])
    target = np.array([60e9, 30e9, 110e9])
    moved = carried(X, P, T, target, CAPACITY)
    assert carried(X, target, moved, P, CAPACITY) == pytest.approx(T, rel=2e-4)
    assert (np.sign(moved - T) == np.sign(target - P)).all()
    h = 1e6
    volume, change = phase_volumes(X, P, T)
    slope = (carried(X, P, T, P + h, CAPACITY) - T) / h
    assert slope == pytest.approx(
        T * change / ((0.100387 + 0.1 * (0.131929 - 0.100387)) * CAPACITY), rel=1e-3
    )


def test_overturn_sorts_by_density_and_keeps_mass_and_iron():
    profile = mantle(np.linspace(0.04, 0.4, 60))
    result = overturned(profile, profile.iron, CAPACITY)
    np.testing.assert_array_equal(result.order, np.arange(60)[::-1])
    assert np.sum(result.mass * result.iron) == pytest.approx(np.sum(profile.mass * profile.iron), rel=1e-14)
    assert np.sum(result.mass) == pytest.approx(np.sum(profile.mass), rel=1e-14)
    shells = 4 / 3 * np.pi * np.diff(result.radius**3) * result.density
    np.testing.assert_allclose(shells, result.mass, rtol=1e-9)


def test_heat_decides_where_iron_does_not():
    """Of one composition, what is hottest at one pressure ends on top."""
    profile = mantle(0.1, temperature=np.linspace(2600.0, 1500.0, 60) + 100 * np.sin(np.arange(60)))
    result = overturned(profile, profile.iron, CAPACITY)
    P = np.full(60, 60e9)
    at_one_pressure = carried(result.iron, result.pressure, result.temperature, P, CAPACITY)
    assert (np.diff(at_one_pressure) > -2.0).all()


def test_a_dense_top_becomes_the_layer():
    """A tenth of the mass with Fe# 40 on Fe# 10: mass, excess and buoyancy number by hand."""
    iron = np.where(np.arange(60) < 54, 0.1, 0.4)
    profile = mantle(iron)
    result = verdict(profile, 0.3, CAPACITY)
    assert result.mass_fraction == pytest.approx(0.1, rel=1e-12) and result.mass == pytest.approx(4e23)
    assert result.layer_iron == pytest.approx(0.4) and result.rest_iron == pytest.approx(0.1)
    sunk = result.mantle
    P, T = sunk.pressure[:6], sunk.temperature[:6]
    by_hand = density(np.full(6, 0.4), P, T) - density(np.full(6, 0.1), P, T)
    assert result.excess == pytest.approx(by_hand.mean(), rel=1e-9)
    assert 350 < result.excess < 480
    above = carried(sunk.iron[6:], sunk.pressure[6:], sunk.temperature[6:], sunk.pressure[6], CAPACITY)
    drop = 4400.0 - above.mean()
    assert result.temperature_drop == pytest.approx(drop, rel=1e-9)
    volume, change = phase_volumes(0.1, sunk.pressure[6], above.mean())
    rho = density(0.1, sunk.pressure[6], above.mean())
    B = result.excess / (float(rho) * float(change / volume) * drop)
    assert result.buoyancy_number == pytest.approx(B, rel=1e-9)


def test_an_even_mantle_has_no_layer():
    result = verdict(mantle(0.1), 0.3, CAPACITY)
    assert result.regime is None and result.mass == 0 and "no basal layer" in result.sentence
    assert result.numbers["basal_layer_regime"] == "no layer"


def test_a_threshold_is_what_the_layer_exceeds():
    profile = mantle(np.linspace(0.04, 0.4, 60))
    small, large = (verdict(profile, 0.3, CAPACITY, threshold=v) for v in (250.0, 60.0))
    assert 0 < small.mass_fraction < large.mass_fraction
    rest = density(np.full(60, small.rest_iron), small.mantle.pressure, small.mantle.temperature)
    excess = small.mantle.density - rest
    size = round(small.mass_fraction * 60)
    assert (excess[:size] > 250).all() and excess[size] <= 250


def test_the_sentence_states_mass_thickness_number_and_criterion():
    iron = np.where(np.arange(60) < 54, 0.1, 0.4)
    earth, mars = verdict(mantle(iron), 0.3), verdict(mantle(iron, base=20e9, core_temperature=2500.0), 0.3)
    for result in (earth, mars):
        said = result.sentence
        assert "10 % of the mantle (4e+23 kg" in said and f"{result.thickness / 1e3:.0f} km" in said
        assert f"buoyancy number is {result.buoyancy_number:.2g}" in said and "Cottrell 2007" in said
        assert "not modelled" in said and result.numbers["basal_layer"] == said
    assert "all of this mantle lies there" in mars.sentence
    assert "all of this mantle" not in earth.sentence
    deep = verdict(mantle(iron, base=180e9), 0.3)
    assert "extrapolated" in deep.sentence


def test_a_cold_core_has_no_thermal_buoyancy():
    iron = np.where(np.arange(60) < 54, 0.1, 0.4)
    result = verdict(mantle(iron, core_temperature=500.0), 0.3)
    assert result.buoyancy_number == np.inf and result.regime.name == "confined"
    assert "no hotter than the mantle" in result.sentence and "number is infinite" in result.sentence


@pytest.mark.parametrize(
    "B, name",
    [(0.2, "unstable"), (0.3, "penetrating"), (0.49, "penetrating"), (0.51, "confined"), (9, "confined")],
)
def test_regimes(B, name):
    """Jaupart, Molnar & Cottrell 2007: the entire layer below 0.275, its bottom to about 0.5."""
    assert (WHOLE, CONFINED) == (0.275, 0.5)
    assert regime(B).name == name
    assert buoyancy_number(B * 4000 * 2e-5 * 1000, 4000, 2e-5, 1000) == pytest.approx(B)


def test_structures_by_pressure():
    assert [structure_at(P) for P in (0.0, 16.4e9, 16.5e9, 22.9e9, 23e9)] == [
        "pyroxene",
        "pyroxene",
        "akimotoite",
        "akimotoite",
        "bridgmanite",
    ]
