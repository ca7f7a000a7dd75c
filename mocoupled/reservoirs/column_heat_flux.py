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
from .column_settings import Closure, Column
from .column_tables import Tables

# of x_m: how sharply the driving gradient leaves its floor
FLOOR_ROUNDING = 0.3
# J/kg/K/m; a pile at its solidus has 1e-4
OVERTURN_ROUNDING = 1e-8
# J/kg/K/m: keeps the floor differentiable where a single phase has x_m = 0
LEAST_GRADIENT = 1e-12

Properties = Mapping[str, sympy.Expr]


@dataclass(frozen=True)
class FaceFlux:
    """The flux at an inner face.

    heat [W]: upwards; diffusivity [m2/s]: of the eddies; definitions: which both use, see Field.
    """

    heat: sympy.Expr
    diffusivity: sympy.Expr
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


def heat_flux(tables: Tables, diffusivity: Law, column: Column, iron: IronAt | None) -> FaceFlux:
    """The heat flux at an inner face. diffusivity: the law of the eddies.

    iron: None where it does not act.
    """
    slope = profile("steepness") * (ABOVE - BELOW)
    weight = profile("weight")
    middle = weight * ABOVE + (1 - weight) * BELOW
    face = _plain_face(tables, middle) if iron is None else _face_with_iron(tables, middle, iron)
    kappa = _eddy_diffusivity(face, slope, diffusivity, column)
    mean = face.mean
    separation = _separation(column.closure, face) * (1 if iron is None else iron.density_contrast)
    flux = (
        -mean["heat_capacity_volume"] * kappa * slope
        - mean["two_phase"] * kappa * (slope - mean["melting_slope"])
        + separation
        - mean["conduction"] * slope
        - mean["adiabatic_conduction"]
    )
    if column.overturn is not None:
        flux += _overturn(face, slope, column.overturn)
    return FaceFlux(profile("area") * flux, kappa, face.definitions)


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
        "availability": iron.below.at(BELOW, "below"),
    }
    definitions = [definition for state in states.values() for definition in state.definitions]
    mean = _read(tables.mean, states["mean"].entropy)
    above = _read(tables.above, states["above"].entropy)
    below = _read(tables.below, states["below"].entropy)
    if "availability" in below:  # a property of the cell, not of the face
        below["availability"] = tables.below["availability"](states["availability"].entropy)
    melting_slope = profile("face_melting_slope")
    melt_fraction = states["mean"].melt_fraction
    definitions.append((melting_slope, mean["melting_slope"] + iron.slope_change(melt_fraction)))
    mean["melting_slope"] = melting_slope
    return _Face(mean, above, below, melt_fraction, tuple(definitions))


def _read(leaves: Mapping[str, External], entropy: sympy.Expr) -> dict[str, sympy.Expr]:
    """The properties at an entropy, by name."""
    return {name: leaf(entropy) for name, leaf in leaves.items()}


def _eddy_diffusivity(face: _Face, slope: sympy.Expr, law: Law, column: Column) -> sympy.Expr:
    """Eddy diffusivity at the face [m2/s]."""
    mean = face.mean

    def kappa(driving: sympy.Expr, ln_viscosity: sympy.Expr) -> sympy.Expr:
        return law(
            buoyancy=mean["buoyancy"] * driving,
            ln_kinematic_viscosity=ln_viscosity,
            mixing_length=column.mixing_length,
        )

    if column.closure.name == "smooth":
        driving = _floored_gradient(mean, slope)
        return (kappa(driving, face.above["ln_viscosity"]) + kappa(driving, face.below["ln_viscosity"])) / 2
    driving = sympy.Piecewise((-slope, slope < 0), (LEAST_GRADIENT**2, True))
    return sympy.Piecewise((kappa(driving, mean["ln_viscosity"]), slope < 0), (0, True))


def _floored_gradient(mean: Properties, slope: sympy.Expr) -> sympy.Expr:
    """-S' with the smooth floor x_m of the closure "smooth" [J/kg/K/m]."""
    least = -mean["melting_slope"] * mean["two_phase"] / (4 * mean["heat_capacity_volume"])
    rounding = (FLOOR_ROUNDING * least) ** 2 + LEAST_GRADIENT**2
    beyond = slope + least  # above 0: the gradient is less than the floor
    root = sympy.sqrt(beyond**2 + rounding)
    size = sympy.Abs(beyond)
    # this is least + (root - beyond)/2, without cancellation
    return least + (size - beyond) / 2 + rounding / (2 * (root + size))


def _separation(closure: Closure, face: _Face) -> sympy.Expr:
    """Heat flux of the melt that leaves its crystals [W/m2]."""
    if closure.separation == "upwind":
        return face.below["separation_rising"] + face.above["separation_falling"]
    flux = face.above if closure.name == "smooth" else face.mean
    return face.below["availability"] * flux["separation"]


def _overturn(face: _Face, slope: sympy.Expr, diffusivity: sympy.Symbol) -> sympy.Expr:
    """Heat flux of the overturn of the pile among its crystals [W/m2]; diffusivity: kappa_p [m2/s]."""
    falling = (sympy.sqrt(slope**2 + OVERTURN_ROUNDING**2) - slope) / 2  # -min(S', 0), smooth
    return face.mean["heat_capacity_volume"] * diffusivity * (1 - face.melt_fraction) * falling
