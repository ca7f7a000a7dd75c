"""Mantles in depth for the verdict: of cells, of a pile as it was deposited, of a history."""

import numpy as np
import pytest
import xarray

import mocoupled as mo
from mocoupled.cumulates.basal_layer import with_layer
from mocoupled.cumulates.mantle_profiles import (
    Growth,
    mantle_mass,
    profile_of_history,
    profile_of_run,
)
from mocoupled.schema.buffering_case import BufferingCase

EARTH = BufferingCase.read("earth")


def run(**variables):
    times = {"core_mantle_temperature": [4400.0, 4300.0], "surface_temperature": [2700.0, 1650.0]}
    data = {name: ("time", np.array(v)) for name, v in times.items()}
    return xarray.Dataset(data | variables)


def test_cells_of_a_run_from_the_core_upwards():
    pressure = np.array([1e9, 50e9, 130e9])
    iron = np.array([[0.1, 0.1, 0.1], [0.3, 0.08, 0.05]])
    columns = {"temperature": iron * 1e4, "iron": iron, "local_melt_fraction": 1 - iron}
    result = run(**{name: (("time", "cell"), v) for name, v in columns.items()})
    result = result.assign(cell_pressure=("cell", pressure), cell_mass=("cell", pressure * 1e12))
    profile = profile_of_run(result, EARTH)
    np.testing.assert_array_equal(profile.pressure, pressure[::-1])
    np.testing.assert_array_equal(profile.iron, [0.05, 0.08, 0.3])
    np.testing.assert_array_equal(profile.melt_fraction, 1 - profile.iron)
    assert profile.core_temperature == 4300.0 and profile.core_radius == EARTH.values["core_radius"]


def test_a_pile_has_the_crystals_that_came_first():
    """Where the front went back, the level keeps what came first; the mean is that of the pile."""
    f = np.array([0.0, 0.2, 0.4, 0.3, 0.5])
    crystals = np.array([0.03, 0.04, 0.05, 0.2, 0.06])
    growth = Growth(f, crystals, None, 0.3)
    iron, melt = growth.iron(mixed=False)
    faces = growth.shares()
    middle = 0.5 * (faces[1:] + faces[:-1])
    assert faces[-1] == 1.0 and np.sum(np.diff(faces) * (1 - melt)) == pytest.approx(0.5)
    np.testing.assert_allclose(iron[middle < 0.4], 0.03 + 0.05 * middle[middle < 0.4], rtol=1e-12)
    np.testing.assert_array_equal(iron[melt > 0], 0.3)
    shifted, _ = Growth(f, crystals, 0.08, 0.3).iron(mixed=False)
    assert shifted[melt == 0].mean() == pytest.approx(0.08, rel=1e-12)
    assert np.ptp((shifted - iron)[melt == 0]) < 1e-15
    mixed, _ = Growth(f, crystals, 0.08, 0.3).iron(mixed=True)
    np.testing.assert_allclose(mixed[melt == 0], 0.08, rtol=1e-12)


def test_suspended_crystals_are_all_alike():
    result = run(
        melt_fraction=("time", np.array([1.0, 0.4])),
        crystal_iron=("time", np.array([0.03, 0.07])),
        ocean_iron=("time", np.array([0.1, 0.2])),
    )
    profile = profile_of_run(result, EARTH)
    assert np.unique(profile.iron[profile.melt_fraction == 0]).tolist() == [0.07]
    assert profile.molten == pytest.approx(0.4)
    assert (np.diff(profile.temperature) < 0).all() and profile.temperature[-1] == pytest.approx(
        1650, rel=0.01
    )


@pytest.mark.parametrize("planet", ["earth", "mars"])
def test_a_history_keeps_its_iron_and_has_the_verdict(planet):
    case = BufferingCase.read(planet)
    growth = mo.buffering_history(case, "10 Myr", end_solid_fraction=0.95)
    profile = profile_of_history(growth, case)
    assert profile.mass.sum() == pytest.approx(mantle_mass(case.values), rel=1e-12)
    mean = np.sum(profile.mass * profile.iron) / profile.mass.sum()
    assert mean == pytest.approx(case.values["bulk_iron"], rel=1e-9)
    result = with_layer(growth, case)
    assert result.attrs["basal_layer"].startswith("With the melt of the ocean, 5 % of the mantle, frozen")
    assert "5 % of the mantle, frozen" in result.attrs["basal_layer_of_mixed_pile"]
    for state in ("frozen", "overturned"):
        share, height = (result[f"{state}_{name}"].values for name in ("share", "height"))
        assert share[0] > 0 and share[-1] < 1 and (np.diff(share) > 0).all() and (np.diff(height) > 0).all()
        # the densities of minerals stack to a mantle about as thick as the file's
        assert height[-1] == pytest.approx(case.values["mantle_thickness"], rel=0.15)
    # the same parcels, sorted
    frozen, sunk = result.frozen_iron.values, result.overturned_iron.values
    np.testing.assert_array_equal(np.sort(frozen), np.sort(sunk))
    assert result.attrs["basal_layer_buoyancy_number"] > 0
