"""The heat flux at an inner face of a mantle column: eddies, mixing, separation, conduction and overturn.

The equations and the two closures are in `column`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from ..closures.law_types import Law
from ..dae.declare.field import ABOVE, BELOW, profile
from ..dae.leaves.external import External
from .column_iron import IronAt, State, plain
from .column_settings import Column
from .column_tables import Tables

# of x_m: how smoothly the driving gradient turns into its floor
FLOOR_ROUNDING = 0.15
# J/kg/K/m; a pile at its solidus has 1e-4
OVERTURN_ROUNDING = 1e-8
# J/kg/K/m: keeps the floor differentiable where a single phase has x_m = 0
LEAST_GRADIENT = 1e-12
# properties of the cell below a face, at the pressure of the cell and not of the face
OF_CELL = {"availability", "melt_rich"}
# names of definitions, see Field
FLOOR, DRIVING, BLEND = (profile(f"face_{name}") for name in ("least_gradient", "driving_gradient", "blend"))

Properties = Mapping[str, sympy.Expr]


@dataclass(frozen=True)
class FaceFlux:
    """The flux at an inner face.

    heat [W]: upwards.
    core_diffusivity [m2/s]: of the eddies that carry the heat of the core, where this face is the lowest one.
    definitions: which all of them use, see Field.
    """

    heat: sympy.Expr
    core_diffusivity: sympy.Expr
    definitions: tuple[tuple[sympy.Symbol, sympy.Expr], ...]


@dataclass(frozen=True)
class _Face:
    """Properties of the mantle at a face: for its entropy, and for that of the cells above and below it.

    melt_fraction: at the face.
    """

    mean: Properties
    above: Properties
    below: Properties
    melt_fraction: sympy.Expr
    definitions: tuple[tuple[sympy.Symbol, sympy.Expr], ...] = ()


@dataclass(frozen=True)
class _Eddies:
    """The eddies at a face.

    diffusivity [m2/s]; driving [J/kg/K/m]: the gradient -S' that they carry heat down; core_diffusivity: see
    FaceFlux; definitions: see Field.
    """

    diffusivity: sympy.Expr
    driving: sympy.Expr
    core_diffusivity: sympy.Expr
    definitions: tuple[tuple[sympy.Symbol, sympy.Expr], ...] = ()


def heat_flux(tables: Tables, diffusivity: Law, column: Column, iron: IronAt | None) -> FaceFlux:
    """The heat flux at an inner face. diffusivity: the law of the eddies.

    iron: None where it does not act.
    """
    slope = profile("steepness") * (ABOVE - BELOW)
    weight = profile("weight")
    middle = weight * ABOVE + (1 - weight) * BELOW
    face = _plain_face(tables, middle) if iron is None else _face_with_iron(tables, middle, iron)
    closure = column.closure
    published = closure.name == "reference"
    if published:
        eddies = _published_eddies(face, slope, diffusivity, column.mixing_length)
    else:
        central = _central_viscosity(face, closure.central)
        eddies = _consistent_eddies(face, slope, diffusivity, column.mixing_length, central)
    kappa, down = eddies.diffusivity, -eddies.driving
    mean = face.mean
    separation = _published_separation(face) if published else _upwind_separation(face)
    if iron is not None:
        separation *= iron.density_contrast
    flux = (
        -mean["heat_capacity_volume"] * kappa * down
        - mean["two_phase"] * kappa * (down - mean["melting_slope"])
        + separation
        - mean["conduction"] * slope
        - mean["adiabatic_conduction"]
    )
    if column.overturn is not None:
        flux += _overturn(face, slope, column.overturn)
    definitions = (*face.definitions, *eddies.definitions)
    return FaceFlux(profile("area") * flux, eddies.core_diffusivity, definitions)


def _plain_face(tables: Tables, middle: sympy.Expr) -> _Face:
    """The properties on the melting curves of the bulk mantle."""
    state = plain(middle, profile("face_solid_entropy"), profile("face_fusion_entropy"))
    return _Face(
        mean=_read(tables.mean, middle),
        above=_read(tables.above, ABOVE),
        below=_read(tables.below, BELOW),
        melt_fraction=state.melt_fraction,
    )


def _face_with_iron(tables: Tables, middle: sympy.Expr, iron: IronAt) -> _Face:
    """The properties on melting curves that move with the iron of the magma ocean."""
    states: dict[str, State] = {
        "mean": iron.face.at(middle, "mean"),
        "above": iron.face.at(ABOVE, "above"),
        "below": iron.face.at(BELOW, "below"),
        "cell below": iron.below.at(BELOW, "below"),
    }
    definitions = [definition for state in states.values() for definition in state.definitions]
    mean = _read(tables.mean, states["mean"].entropy)
    above = _read(tables.above, states["above"].entropy)
    below = _read(tables.below, states["below"].entropy)
    for name in OF_CELL & below.keys():
        below[name] = tables.below[name](states["cell below"].entropy)
    melting_slope = profile("face_melting_slope")
    melt_fraction = states["mean"].melt_fraction
    definitions.append((melting_slope, mean["melting_slope"] + iron.slope_change(melt_fraction)))
    mean["melting_slope"] = melting_slope
    return _Face(mean, above, below, melt_fraction, tuple(definitions))


def _read(leaves: Mapping[str, External], entropy: sympy.Expr) -> dict[str, sympy.Expr]:
    """The properties at an entropy, by name."""
    return {name: leaf(entropy) for name, leaf in leaves.items()}


def _published_eddies(face: _Face, slope: sympy.Expr, law: Law, mixing_length: float) -> _Eddies:
    """The eddies of the closure "reference": all properties are those of the face; none where S' >= 0."""
    mean = face.mean
    driving = sympy.Piecewise((-slope, slope < 0), (LEAST_GRADIENT**2, True))
    diffusivity = law(
        buoyancy=mean["buoyancy"] * driving,
        ln_kinematic_viscosity=mean["ln_viscosity"],
        mixing_length=mixing_length,
    )
    kappa = sympy.Piecewise((diffusivity, slope < 0), (0, True))
    return _Eddies(kappa, -slope, core_diffusivity=kappa)


def _central_viscosity(face: _Face, mean: str) -> sympy.Expr:
    """ln of the viscosity between both cells of a face, by the mean that Closure names."""
    name = "ln_viscosity"
    if mean == "entropy":
        return face.mean[name]
    if mean == "logarithm":
        return (face.above[name] + face.below[name]) / 2
    fluidity = [sympy.exp(-state[name] / 2) for state in (face.above, face.mean, face.below)]
    return -2 * sympy.log((fluidity[0] + 4 * fluidity[1] + fluidity[2]) / 6)


def _consistent_eddies(
    face: _Face, slope: sympy.Expr, law: Law, mixing_length: float, central: sympy.Expr
) -> _Eddies:
    """The eddies of the closure "consistent", see `column`. central: ln of the viscosity between both cells.

    Their flux is the largest that nowhere falls with x and is nowhere above the published one. The published
    flux has its minimum at x = x_m: below, the flux stays at that minimum, by the viscosity of the cell
    above. The viscosity turns to the central one until x = 2 x_m, where the flux of the eddies is zero, so
    that it has no kink. The eddies carry the heat of the core where the lowest inner face is unstable and the
    lowest cell is not a pile of crystals: the boundary layer in which such a pile would begin to convect is
    hundreds of km thick, and conduction reaches a few km in a run.
    """
    mean, above = face.mean, face.above
    sinking = (sympy.Abs(mean["melting_slope"]) - mean["melting_slope"]) / 2  # |c'|, 0 where c' > 0
    least = sinking * mean["two_phase"] / (2 * (mean["heat_capacity_volume"] + mean["two_phase"]))
    beyond = -slope - FLOOR  # x - x_m
    excess = beyond / (FLOOR + LEAST_GRADIENT)
    turned = sympy.Piecewise((0, excess <= 0), (excess**2, excess < 1), (1, True))
    unstable = -slope / (FLOOR + LEAST_GRADIENT)  # x/x_m
    definitions = ((FLOOR, least), (DRIVING, _floored(beyond)), (BLEND, turned))
    ln_viscosity = above["ln_viscosity"] + BLEND * (central - above["ln_viscosity"])

    kappa = law(
        buoyancy=mean["buoyancy"] * DRIVING,
        ln_kinematic_viscosity=ln_viscosity,
        mixing_length=mixing_length,
    )
    rising = unstable**2 * (3 - 2 * unstable)
    attached = sympy.Piecewise((0, unstable <= 0), (rising, unstable < 1), (1, True))
    return _Eddies(kappa, DRIVING, face.below["melt_rich"] * attached * kappa, definitions)


def _floored(beyond: sympy.Expr) -> sympy.Expr:
    """The larger of x and x_m, smoothly [J/kg/K/m]. beyond: x - x_m."""
    rounding = (FLOOR_ROUNDING * FLOOR) ** 2 + LEAST_GRADIENT**2
    root = sympy.sqrt(beyond**2 + rounding)
    size = sympy.Abs(beyond)
    # this is x_m + (root + beyond)/2, without cancellation
    return FLOOR + (size + beyond) / 2 + rounding / (2 * (root + size))


def _published_separation(face: _Face) -> sympy.Expr:
    """Heat flux of the melt that leaves its crystals, at the face, where the cell below has melt [W/m2]."""
    return face.below["availability"] * face.mean["separation"]


def _upwind_separation(face: _Face) -> sympy.Expr:
    """The same as the flux of a hyperbolic equation: what rises with S by the cell below, the rest above."""
    return face.below["separation_rising"] + face.above["separation_falling"]


def _overturn(face: _Face, slope: sympy.Expr, diffusivity: sympy.Symbol) -> sympy.Expr:
    """Heat flux of the overturn of the pile among its crystals [W/m2]; diffusivity: kappa_p [m2/s]."""
    falling = (sympy.sqrt(slope**2 + OVERTURN_ROUNDING**2) - slope) / 2  # -min(S', 0), smooth
    return face.mean["heat_capacity_volume"] * diffusivity * (1 - face.melt_fraction) * falling
