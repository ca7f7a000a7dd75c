"""The mesh of the column against the geometry that it stands for: mass, gradients, values at the faces."""

import numpy as np
import pytest

from mocoupled.errors import InputError
from mocoupled.interior.adams_williamson import AdamsWilliamson
from mocoupled.reservoirs.mesh import Division, divide, thickest_bottom_cell, thinnest_bottom_cell

EARTH = AdamsWilliamson(4078.95095544, 1.1115348931e-7, 6.371e6, 3.50405e6, 10.0)
MESHES = {
    "even": {},
    "stretched": {"stretching": 2.0},
    "thin top": {"top_cell": 1000.0},
    "thin ends": {"top_cell": 1000.0, "bottom_cell": 150e3},
}


def mass_coordinate(radius):
    """xi [m]: the radius at which a mantle of uniform density would have as much mass below."""
    mean_density = EARTH.mantle_mass / (4 / 3 * np.pi * (EARTH.radius**3 - EARTH.core_radius**3))
    below = EARTH.mass_between(np.full(np.shape(radius), EARTH.core_radius), radius)
    return np.cbrt(EARTH.core_radius**3 + 3 * below / (4 * np.pi * mean_density))


@pytest.mark.parametrize("options", MESHES.values(), ids=MESHES)
def test_a_function_linear_in_the_mass_coordinate_is_exact_at_every_face(options):
    """The weights of the two cells of a face interpolate it, to the rounding of the bisection."""
    grid = divide(EARTH, Division(12, **options))
    cells, faces = mass_coordinate(grid.cell_radius), mass_coordinate(grid.face_radius)[1:-1]
    between = grid.weight * cells[:-1] + (1 - grid.weight) * cells[1:]
    np.testing.assert_allclose(between, faces, rtol=1e-12)
    surface = cells[0] + grid.surface_extrapolation * (cells[0] - cells[1])
    assert surface == pytest.approx(EARTH.radius, rel=1e-12)


@pytest.mark.parametrize("options", MESHES.values(), ids=MESHES)
def test_gradients_at_the_faces_are_those_in_radius(options):
    """A function linear in the mass coordinate has at each face its gradient in radius, by differences.

    1 m of 2.9e6 m to each side: 1e-8 of truncation and rounding.
    """
    grid = divide(EARTH, Division(12, **options))
    points = np.concatenate([[EARTH.radius], grid.cell_radius, [EARTH.core_radius]])
    gradient = grid.steepness * -np.diff(mass_coordinate(points))
    inner = grid.face_radius[1:-1]
    differences = (mass_coordinate(inner + 1.0) - mass_coordinate(inner - 1.0)) / 2
    np.testing.assert_allclose(gradient[1:-1], differences, rtol=1e-6)


@pytest.mark.parametrize("options", MESHES.values(), ids=MESHES)
def test_cells_add_up_to_the_mantle(options):
    grid = divide(EARTH, Division(12, **options))
    volume = 4 / 3 * np.pi * (EARTH.radius**3 - EARTH.core_radius**3)
    assert grid.cell_mass.sum() == pytest.approx(EARTH.mantle_mass, rel=1e-13)
    assert grid.cell_volume.sum() == pytest.approx(volume, rel=1e-13)
    assert (np.diff(grid.face_radius) < 0).all() and (np.diff(grid.cell_pressure) > 0).all()


def test_a_mesh_has_the_end_cells_that_it_was_set_to_have():
    """In the mass coordinate, to the bisection; the cells grow from either end."""
    top, bottom = 50.0, 20e3
    grid = divide(EARTH, Division(100, top_cell=top, bottom_cell=bottom))
    thickness = -np.diff(mass_coordinate(grid.face_radius))
    assert thickness[0] == pytest.approx(top, rel=1e-6) and thickness[-1] == pytest.approx(bottom, rel=1e-6)
    largest = np.argmax(thickness)
    assert (np.diff(thickness[: largest + 1]) > 0).all() and (np.diff(thickness[largest:]) < 0).all()


def test_the_thickest_bottom_cell_is_that_of_the_power_law():
    depth = EARTH.radius - EARTH.core_radius
    thickest = thickest_bottom_cell(depth, 100, 50.0)
    refined = divide(EARTH, Division(100, top_cell=50.0, bottom_cell=thickest))
    plain = divide(EARTH, Division(100, top_cell=50.0))
    np.testing.assert_allclose(refined.face_radius, plain.face_radius, rtol=1e-9)
    with pytest.raises(InputError, match="thicker than without refinement"):
        divide(EARTH, Division(100, top_cell=50.0, bottom_cell=1.01 * thickest))


def test_a_bottom_cell_that_cannot_be_reached_is_refused():
    """The map of the faces has a strongest refinement: a thinner cell is not ignored."""
    depth = EARTH.radius - EARTH.core_radius
    thinnest = thinnest_bottom_cell(depth, 60, 50.0)
    refined = divide(EARTH, Division(60, top_cell=50.0, bottom_cell=thinnest))
    assert refined.cell_mass[-1] > 0
    with pytest.raises(InputError, match=r"bottom_cell = .*: thinner than these cells can be at the core"):
        divide(EARTH, Division(60, top_cell=50.0, bottom_cell=0.9 * thinnest))
