"""A column with a second component through the whole job: march, checkpoint on the disk, resume, NetCDF."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.linalg import expm
from support.cut_run import cut, prepared, same
from support.tracer import MIXED, with_tracer

from mocoupled.dae.solve.field_system import FieldSystem
from mocoupled.results import output
from mocoupled.runs import checkpoint
from mocoupled.runs.evolution import evolve

CHANGES = {"mantle.closure": "consistent", "mantle.cells": 20, "run.end_time": "400 yr"}


@cache
def traced(cells=20):
    """E1 for 400 years, with a tracer in its column."""
    plain = prepared("E1", *(CHANGES | {"mantle.cells": cells}).items())
    planet = with_tracer(plain.planet)
    system = FieldSystem(planet.model)
    return plain, replace(plain, planet=planet, system=system, start=system.start().x)


def test_a_tracer_is_mixed_conserved_and_stored_under_its_name(tmp_path):
    """Its mass is constant to 1e-12; the entropy agrees with that of the column without it to 1e-5.

    The tracer is the matrix exponential of its fluxes to 1e-4: a hundred steps of 1e-6.
    """
    plain, both = traced()
    result, alone = evolve(both), evolve(plain)
    assert result.tracer.dims == ("time", "cell") and result.tracer.attrs["units"] == "kg/kg"
    mass = (result.tracer * result.cell_mass).sum("cell").values
    np.testing.assert_allclose(mass, mass[0], rtol=1e-12)
    assert np.ptp(result.tracer.values[0]) == 1.0 and np.ptp(result.tracer.values[-1]) < 0.9
    step = np.diff(np.eye(20), axis=0)
    moved = -MIXED / result.cell_mass.values[:, None] * (step.T @ step)
    exact = expm(moved * float(result.time[-1])) @ result.tracer.values[0]
    np.testing.assert_allclose(result.tracer[-1], exact, atol=1e-4)
    assert float(result.energy_drift.max()) < 1e-10
    np.testing.assert_allclose(result.entropy[-1], alone.entropy[-1], rtol=1e-5)
    output.write(result, tmp_path)
    assert output.read(tmp_path).tracer.equals(result.tracer)


@pytest.mark.parametrize("cells", [20, 80])
def test_resumed_from_the_disk_it_is_the_straight_run(cells, tmp_path):
    """Dense and sparse (80 cells have 160 unknowns), to the last bit."""
    _, both = traced(cells)
    whole = cut(tmp_path, both, 40)
    kept = checkpoint.read(tmp_path, both.planet, both.system, both.start)
    again = evolve(both, resume=kept.arrays)
    assert same(again, whole)
    assert kept.steps == 40 and again.sizes["time"] > 60
