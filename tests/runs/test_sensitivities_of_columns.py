"""Sensitivities of runs with depth: bands and graphite, iron in every cell, escape, and the lid."""

import math

import numpy as np
import pytest
from support.differences_of_runs import differences, marched, slopes

import mocoupled as mo
from mocoupled.constants import YEAR
from mocoupled.dae.solve.varied_field import VariedField
from mocoupled.errors import InputError
from mocoupled.runs.main_job import prepare

SMALL = {"mantle.cells": 12, "run.rtol": 1e-8, "run.end_time": 50 * YEAR}
# name -> case, its changes, parameter, step of the differences
STRUCTURES = {
    "heated": ("E1", {}, "mantle.heating", 1e-7),
    "bands and graphite": ("earth", {}, "hydrogen", 1e-3),
    "opacity of bands": ("earth", {}, "atmosphere.opacity_factor", 2e-3),
    "iron": ("mars", {"cumulates.coupled": True}, "hydrogen", 1e-3),
    "ferric iron": ("E1", {"redox.ferric_iron": "Hirschmann2022"}, "redox.oxygen_fugacity", 1e-3),
    "escape": ("E1", {"escape.law": "ZahnleKasting1986", "escape.xuv_flux": 1.0}, "escape.temperature", 1e-2),
}


@pytest.mark.parametrize("structure", STRUCTURES)
def test_sensitivities_are_differences_of_runs(structure):
    """To 1e-4 of the largest entry of cells and scalars.

    Runs at rtol 1e-8 differ by up to 1e-8 of their values, over the step up to 3e-5.
    The square of the step is smaller.
    """
    base, changes, name, step = STRUCTURES[structure]
    prepared = prepare(mo.Case.read(base).replace(SMALL | changes), [name])
    (full_name,) = prepared.wanted.names
    expected, ours = differences(prepared, full_name, step), slopes(prepared, full_name)
    assert isinstance(prepared.wanted.varied, VariedField)
    inner = prepared.system.inner
    for part in (slice(0, inner), slice(inner, None)):
        if np.abs(expected[part]).max() > 1e-3:  # of the cells, escape changes nothing that can be seen
            assert np.abs(ours - expected)[part].max() < 1e-4 * np.abs(expected[part]).max()


def test_the_entropy_at_the_start_moves_all_cells():
    """Against runs of the case that start 0.5 J/kg/K hotter and colder, to 1e-4 as above."""
    case = mo.Case.read("E1").replace(SMALL | {"run.end_time": 5 * YEAR})
    prepared = prepare(case, ["run.initial_entropy"])
    first = case.run.initial_entropy
    colder, hotter = (
        marched(prepare(case.replace({"run.initial_entropy": first + step}))).states[-1]
        for step in (-0.5, 0.5)
    )
    expected, ours = (hotter - colder) * first, slopes(prepared, "run.initial_entropy")
    inner = prepared.system.inner
    np.testing.assert_allclose(ours[:inner], expected[:inner], atol=1e-4 * np.abs(expected[:inner]).max())
    np.testing.assert_allclose(ours, expected, atol=1e-4 * np.abs(expected).max())


def test_the_lid_of_a_column_and_its_profiles():
    """The time of a lid at 2400 K and what is known there, against runs with 0.1 % more and less hydrogen.

    The runs differ by up to 1e-9 of a value, over the step by 1e-6. The square of the step is below 1e-5.
    """
    case = mo.Case.read("E1").replace(SMALL | {"run.end_time": 1e4 * YEAR, "run.rtol": 1e-9})
    case = case.replace({"run.end_surface_temperature": "2400 K"})
    run = mo.run(case, sensitivities=["hydrogen"]).isel(parameter=0)
    value = float(run.parameter_value)
    less, more = (mo.run(case.replace({"volatiles.hydrogen": value * math.exp(s)})) for s in (-1e-3, 1e-3))

    def slope(of):
        return (np.log(of(more)) - np.log(of(less))) / 2e-3

    assert run.attrs["end_name"] == "surface lid"
    assert float(run.sensitivity_end_time) == pytest.approx(slope(lambda r: r.time.values[-1]), rel=1e-4)
    for name in ("pressure", "melt_fraction", "core_mantle_temperature", "flux"):
        expected = slope(lambda r, name=name: r[name].values[-1])
        np.testing.assert_allclose(
            run["sensitivity_at_end_" + name], expected, atol=1e-4 * np.abs(expected).max() + 1e-6
        )
    moved = run.sensitivity_temperature.isel(time=-1) * run.temperature.isel(time=-1)
    assert run.sensitivity_temperature.dims == ("time", "cell")
    assert float(moved[0]) == pytest.approx(float(moved[1]), rel=0.5)


def test_ferric_iron_of_cells_is_refused():
    keys = {"redox.ferric_iron": "Hirschmann2022", "cumulates.coupled": True}
    with pytest.raises(InputError, match="trials determine it"):
        prepare(mo.Case.read("mars").replace(SMALL | keys), ["hydrogen"])
