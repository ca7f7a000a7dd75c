"""The stored heat flux of the core is what the core loses: its integral is the core's heat, without noise."""

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.constants import YEAR
from mocoupled.planet.mantle_of_case import core_mass
from mocoupled.results.trajectories import mean_rates


@pytest.mark.parametrize(("name", "cells"), [("E1", 100), ("earth", 40)])
def test_core_flux_is_the_loss_of_the_core(name, cells):
    """The flux times the steps of time and the area is M c ratio times the cooling of the boundary: 1e-6.

    The heat that flows back is below 1 % of what flows out, and no flux is above 100 kW/m2 after 1 yr, where
    that of an instant has reached 1e6 W/m2.
    """
    case = mo.Case.read(name).replace({"mantle.cells": cells})
    result, planet = mo.run(case), case.planet
    lost = result.core_flux.values[1:] * np.diff(result.time.values)
    area = 4 * np.pi * (planet.radius * planet.core_radius_fraction) ** 2
    cooled = float(result.core_mantle_temperature[0] - result.core_mantle_temperature[-1])
    heat = core_mass(planet) * planet.core_heat_capacity * planet.core_temperature_ratio * cooled
    assert heat > 0
    assert area * lost.sum() == pytest.approx(heat, rel=1e-6)
    assert np.abs(lost).sum() < 1.02 * lost.sum()
    assert result.core_flux.values[result.time.values > YEAR].max() < 1e5


def test_mean_rates():
    """The rate since the previous time; the first is that until the next, and one time has none."""
    rates = mean_rates(np.array([0.0, 1.0, 3.0]), np.array([5.0, 7.0, 3.0]))
    assert rates.tolist() == [2.0, 2.0, -2.0]
    assert np.isnan(mean_rates(np.array([2.0]), np.array([1.0]))).all()
