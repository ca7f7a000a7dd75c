"""The cells of a mantle column in a mass coordinate: even, stretched, or thin at the surface and the core."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..interior.static_structure import Structure

BISECTIONS = 60


@dataclass(frozen=True)
class Division:
    """How the mantle is divided into cells, see `divide`.

    top_cell, bottom_cell [m]: thickness of the uppermost and of the lowermost cell. bottom_cell None: no
    refinement at the core.
    """

    cells: int
    stretching: float = 0.0
    top_cell: float | None = None
    bottom_cell: float | None = None


@dataclass(frozen=True)
class Mesh:
    """n cells between n + 1 faces, from the surface down; SI.

    face_radius, face_pressure (n + 1,).
    cell_radius, cell_pressure, cell_mass, cell_volume (n,): the radii at the middle of the cell in the mass
    coordinate.
    steepness (n + 1,) [1/m]: d(coordinate)/d(radius) over the distance between the points on both sides of a
    face (cell centres, and the face itself at either end). A difference times it is a gradient in radius.
    weight (n - 1,): of the upper cell in a value at an inner face.
    surface_extrapolation: top half-cell over the distance of the first two centres.
    """

    face_radius: np.ndarray
    face_pressure: np.ndarray
    cell_radius: np.ndarray
    cell_pressure: np.ndarray
    cell_mass: np.ndarray
    cell_volume: np.ndarray
    steepness: np.ndarray
    weight: np.ndarray
    surface_extrapolation: float

    @property
    def face_area(self) -> np.ndarray:
        """Area of the faces [m2]."""
        return 4 * np.pi * self.face_radius**2


def divide(structure: Structure, division: Division) -> Mesh:
    """Divide the mantle (Bower et al. 2018: xi^3 = r_c^3 + 3/rho_mean int rho r^2 dr, notes E.1).

    stretching s: the faces are at R - (R - r_c)(e^(s k/n) - 1)/(e^s - 1), k = 0 to n, in xi; 0: evenly.
    top_cell [m]: in its place, they are at R - (R - r_c) g(k/n)^p, with p such that this is the thickness of
    the uppermost cell. The cells grow with depth as a power law, and thinner again towards the core by
    g(x) = x + (1 - b) x^2 (1 - x), whose slope is 1 at the surface and b at the core, with b such that the
    lowermost cell has the thickness bottom_cell.
    The thicknesses are those in the mass coordinate: in radius a top cell is 14 % thicker on Earth, and a
    bottom cell 17 % thinner.
    InputError for a top or bottom cell that is too thick, or a bottom cell that is too thin.
    """
    R, r_c = structure.radius, structure.core_radius
    depth = _depths(R - r_c, division)
    xi = R - (R - r_c) * depth
    centre = 0.5 * (xi[1:] + xi[:-1])
    mean_density = structure.mantle_mass / (4 / 3 * np.pi * (R**3 - r_c**3))
    face, cell = (_radius(structure, mean_density, x) for x in (xi, centre))
    face[0], face[-1] = R, r_c
    points = np.concatenate([[R], centre, [r_c]])
    slope = structure.density(face) / mean_density * (face / xi) ** 2
    below, above = xi[1:-1] - centre[1:], centre[:-1] - xi[1:-1]
    return Mesh(
        face_radius=face,
        face_pressure=structure.pressure(face),
        cell_radius=cell,
        cell_pressure=structure.pressure(cell),
        cell_mass=structure.mass_between(face[1:], face[:-1]),
        cell_volume=4 / 3 * np.pi * (face[:-1] ** 3 - face[1:] ** 3),
        steepness=slope / (points[:-1] - points[1:]),
        weight=below / (below + above),
        surface_extrapolation=float((R - centre[0]) / (centre[0] - centre[1])),
    )


def _depths(thickness: float, division: Division) -> np.ndarray:
    """Depths of the faces (n + 1,) over the thickness of the mantle [m]."""
    cells, stretching, top, bottom = (
        division.cells,
        division.stretching,
        division.top_cell,
        division.bottom_cell,
    )
    at = np.linspace(0.0, 1.0, cells + 1)
    if top is None:
        return at if stretching == 0.0 else np.expm1(stretching * at) / np.expm1(stretching)
    if top > thickness / cells:
        raise InputError(
            f"[mantle] top_cell = {top:g} m",
            "thicker than the cells of an even mesh.",
            f"allowed: up to {thickness / cells:.0f} m on {cells} cells",
        )
    if bottom is None:
        return _two_ends(at, top / thickness, 1.0)
    thickest = thickest_bottom_cell(thickness, cells, top)
    if bottom > thickest:
        raise InputError(
            f"[mantle] bottom_cell = {bottom:g} m",
            "thicker than without refinement at the core.",
            f"allowed: up to {thickest:.0f} m on {cells} cells with a top cell of {top:g} m",
        )
    thinnest = thinnest_bottom_cell(thickness, cells, top)
    if bottom < thinnest:
        raise InputError(
            f"[mantle] bottom_cell = {bottom:g} m",
            "thinner than these cells can be at the core.",
            f"allowed: from {thinnest:.0f} m on {cells} cells with a top cell of {top:g} m",
            "more cells, or a thicker cell",
        )
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        thinner = (1 - _two_ends(at, top / thickness, middle)[-2]) * thickness < bottom
        low, high = (middle, high) if thinner else (low, middle)
    return _two_ends(at, top / thickness, 0.5 * (low + high))


def thinnest_bottom_cell(thickness: float, cells: int, top_cell: float) -> float:
    """Thickness [m] of the lowermost cell with the strongest refinement. thickness [m]: of the mantle."""
    faces = _two_ends(np.linspace(0.0, 1.0, cells + 1), top_cell / thickness, 0.0)
    return float(1 - faces[-2]) * thickness


def thickest_bottom_cell(thickness: float, cells: int, top_cell: float) -> float:
    """Thickness [m] of the lowermost cell without refinement at the core. thickness [m]: of the mantle."""
    faces = _two_ends(np.linspace(0.0, 1.0, cells + 1), top_cell / thickness, 1.0)
    return float(1 - faces[-2]) * thickness


def _two_ends(at: np.ndarray, first: float, bottom_share: float) -> np.ndarray:
    """Depths (n + 1,) of the faces at k/n; first: of the uppermost inner face; over the whole depth."""
    mapped = at + (1 - bottom_share) * at**2 * (1 - at)
    return mapped ** (np.log(first) / np.log(mapped[1]))


def _radius(structure: Structure, mean_density: float, xi: np.ndarray) -> np.ndarray:
    """Radii at which the mass coordinate is xi, by bisection: it grows with the radius."""
    low, high = np.full(xi.shape, structure.core_radius), np.full(xi.shape, structure.radius)
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        inside = structure.mass_between(np.full(xi.shape, structure.core_radius), middle)
        reached = np.cbrt(structure.core_radius**3 + 3 / (4 * np.pi * mean_density) * inside)
        low, high = np.where(reached < xi, middle, low), np.where(reached < xi, high, middle)
    return 0.5 * (low + high)
