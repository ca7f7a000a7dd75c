"""The stored heat flux of the core is what the core loses: its integral is the core's heat, without noise."""

import numpy as np
import pytest
from support.stored_runs import run_of

import mocoupled as mo
from mocoupled.constants import YEAR
from mocoupled.results.trajectories import mean_rates
from mocoupled.runs.main_job import prepare


def mantle_heat(system, result, k):
    """Heat [J] of the cells at the stored time number k."""
    (number,) = (n for n, link in enumerate(system.model.links) if link.name == "mantle_heat")
    cells = result.entropy.values[k]
    return system.link_values(np.concatenate([cells, np.ones(len(system.names))]))[number]


@pytest.mark.parametrize(("name", "cells", "rtol"), [("E1", 100, 1e-6), ("earth", 40, 1e-5)])
def test_core_flux_is_the_loss_of_the_core(name, cells, rtol):
    """Flux times area times step adds up to the heat of the run less that of the mantle: 1e-6.

    It falls smoothly: after 1 yr its total variation is below twice its largest value. The flux of an instant
    has 8 times (E1) and 28 times (earth) its largest value.
    """
    case = mo.Case.read(name).replace({"mantle.cells": cells, "run.rtol": rtol})
    result, system, planet = run_of(case), prepare(case).system, case.planet
    lost = result.core_flux.values[1:] * np.diff(result.time.values)
    area = 4 * np.pi * (planet.radius * planet.core_radius_fraction) ** 2
    first, last = (float(result.heat[k]) - mantle_heat(system, result, k) for k in (0, -1))
    of_core = first - last
    assert of_core > 0
    assert area * lost.sum() == pytest.approx(of_core, rel=1e-6)
    flux = result.core_flux.values[result.time.values > YEAR]
    assert np.abs(np.diff(flux)).sum() < 2 * flux.max()


def test_mean_rates():
    """The rate since the previous time; the first is that until the next, and one time has none."""
    rates = mean_rates(np.array([0.0, 1.0, 3.0]), np.array([5.0, 7.0, 3.0]))
    assert rates.tolist() == [2.0, 2.0, -2.0]
    assert np.isnan(mean_rates(np.array([2.0]), np.array([1.0]))).all()
