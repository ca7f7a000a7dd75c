"""A pile that pays for its melts: independent integrations, heat that closes, the paper as a limit."""

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.errors import InputError

ENDS = [
    # case, timescale in Myr, Fe# and melt returned at 98.9 % solid, core in K
    ("earth", 1, 56.0, 0.481, 4398),
    ("earth", 10, 56.1, 1.159, 4365),
    ("earth", 100, 57.6, 1.712, 4117),
    ("mars", 1, 94.8, 0.032, 2542),
    ("mars", 10, 84.0, 0.182, 2519),
    ("mars", 100, 80.4, 0.436, 2406),
]
# a core and boundary layers that hold the pile as hot as the paper does
HOT = {"core_heat_capacity": 1e12, "boundary_layer_prefactor": 1e6}


def at(run, name, f):
    """A variable at solid fractions."""
    return np.interp(f, run.solid_fraction, run[name])


@pytest.fixture(scope="module")
def runs():
    return {
        (case, tau): mo.buffering_history(case, f"{tau} Myr", energy="conserved") for case, tau, *_ in ENDS
    }


@pytest.mark.parametrize("case, tau, iron, returned, core", ENDS)
def test_end_of_the_run_against_an_independent_integration(runs, case, tau, iron, returned, core):
    """A march by LSODA in f, iron, T and core, with the closures called directly on a coarser grid.

    It has no tables and no balances: dT/dt is written out for a pile on its adiabat.
    """
    run = runs[case, tau]
    assert 100 * at(run, "ocean_iron", 0.989) == pytest.approx(iron, abs=0.15)
    assert at(run, "melt_returned", 0.989) == pytest.approx(returned, rel=0.02)
    assert at(run, "core_mantle_temperature", 0.989) == pytest.approx(core, abs=8)
    assert run.attrs["table_error"] < 2e-3


def test_who_pays_decides_the_iron(runs):
    """Earth at 10 Myr: 56 where the pile pays, 38 where nobody does; the timescale hardly matters.

    Earth stays poorer in iron than Mars.
    """
    earth = [100 * at(runs["earth", tau], "ocean_iron", 0.989) for tau in (1, 10, 100)]
    assert earth[1] == pytest.approx(56, abs=2) and np.ptp(earth) < 3
    prescribed = mo.buffering_history("earth", "10 Myr")
    assert 100 * at(prescribed, "ocean_iron", 0.99) == pytest.approx(38.4, abs=0.3)
    assert at(prescribed, "melt_returned", 0.989) == pytest.approx(5.8, abs=0.1)
    for tau in (1, 10, 100):
        pair = [at(runs[case, tau], "ocean_iron", [0.775, 0.9, 0.989]) for case in ("earth", "mars")]
        assert (pair[0] < pair[1]).all()


def test_iron_and_energy_close(runs):
    for run in runs.values():
        assert float(run.iron_drift.max()) < 1e-10
        assert float(run.energy_drift.max()) < 1e-10


def test_melts_take_no_more_heat_than_pile_and_core_lose(runs):
    """At every time: latent heat is what the pile and core have lost, less what their top conducts."""
    for run in runs.values():
        lost = run.heat_arrived - (run.pile_heat - run.pile_heat[0]) + run.core_heat_lost
        spare = (lost - run.latent_heat_returned).values
        assert spare.min() > -1e-9 * float(lost[-1])
        assert 0.85 < float(run.latent_heat_returned[-1] / lost[-1]) < 1
        superheat = (run.interior_temperature - run.top_temperature).values
        assert superheat.min() > -1e-6 and np.isfinite(run.interior_temperature).all()


def test_without_boundary_layers_all_heat_goes_to_melts():
    run = mo.buffering_history("mars", "10 Myr", energy="conserved", boundary_layer_prefactor=0.0)
    assert np.ptp(run.core_mantle_temperature.values) == 0
    assert run.latent_heat_returned.values == pytest.approx(run.heat_delivered.values, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("case", ["earth", "mars"])
def test_the_paper_is_the_limit_of_a_core_without_bound(case):
    """With infinite heat capacity of the core and infinite conductance the pile is half-way between both.

    A slow run then passes through the static crossing of the paper, 26.7 and 56.7.
    """
    run, static = mo.buffering_history(case, "10 Gyr", energy="conserved", **HOT), mo.buffering(case)
    crossing = 100 * at(run, "ocean_iron", float(static.solid_fraction))
    assert crossing == pytest.approx(100 * float(static.ocean_iron), abs=0.1)
    late = run.isel(time=slice(len(run.time) // 2, None))
    mean = 0.5 * (late.top_temperature + late.base_temperature)
    assert float(abs(late.interior_temperature - mean).max()) < 2
    fast = [
        mo.buffering_history(case, "10 Myr", energy="conserved", **HOT),
        mo.buffering_history(case, "10 Myr"),
    ]
    assert 100 * at(fast[0], "ocean_iron", 0.95) == pytest.approx(
        100 * at(fast[1], "ocean_iron", 0.95), abs=0.1
    )


@pytest.mark.parametrize(
    "changes",
    [{"geometry": "spherical"}, {"reference": "surface"}, {"growth": "gross"}, {"source": "bulk"}],
)
def test_energy_closes_with_other_readings(changes):
    run = mo.buffering_history("mars", "10 Myr", energy="conserved", **changes)
    assert float(run.energy_drift.max()) < 1e-10 and float(run.iron_drift.max()) < 1e-10
    assert float(run.melt_returned[-1]) > 0.01


def test_tolerance_sets_the_error():
    fine = mo.buffering_history("earth", "10 Myr", rtol=1e-9, energy="conserved")
    for rtol in (1e-4, 1e-6):
        coarse = mo.buffering_history("earth", "10 Myr", rtol=rtol, energy="conserved")
        difference = 100 * (at(coarse, "ocean_iron", 0.9) - at(fine, "ocean_iron", 0.9))
        assert abs(difference) < 1e4 * rtol


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"energy": "conservd"}, "did you mean 'conserved'"),
        ({"energy": True}, "no such energy"),
        ({"energy": "conserved", "interior": "top"}, "interior = 'mean'"),
        ({"energy": "conserved", "core_heat_capacity": -1.0}, "out of range"),
        ({"boundary_layer_prefactor": "1 K"}, "unit of"),
    ],
)
def test_bad_arguments(arguments, words):
    with pytest.raises(InputError, match=words):
        mo.buffering_history("earth", **arguments)
