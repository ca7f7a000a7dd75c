"""The fluxes at an inner face of a mantle column: eddies, mixing, separation, conduction, solid convection.

The equations and the two closures are in `column`, those of iron in `column_iron`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sympy

from ..closures.law_types import Law
from ..closures.solid_convection import LEAST_VISCOSITY
from ..dae.declare.field import ONLY, profile
from ..dae.leaves.external import External
from .column_driving import DrivingEntropy
from .column_iron import CellAtFace, Iron, Side, separated, side, side_with_ferric
from .column_settings import Column
from .column_tables import CONDUCTED, Tables, melt_rich

# of x_m: how smoothly the driving gradient turns into its floor
FLOOR_ROUNDING = 0.15
# J/kg/K, with iron: how smoothly eddies and the convection of the pile begin, as a difference of entropy
# between neighbouring cells (0.04 K); a width far below the tolerance of the integrator stalls
SWITCH = 2e-2
# of that width: the stable differences from and to which the rest of that smoothness fades
FADING, ENDED = 3.0, 20.0
# J/kg/K/m: keeps the floor differentiable where a single phase has x_m = 0
LEAST_GRADIENT = 1e-12
# names of definitions, see Field
FLOOR, DRIVING, BLEND = (profile(f"face_{name}") for name in ("least_gradient", "driving_gradient", "blend"))

# properties that are proportional to the speed of separation
SEPARATED = ("separation", "separation_rising", "separation_falling", "melt_growing", "melt_shrinking")

Properties = Mapping[str, sympy.Expr]


@dataclass(frozen=True)
class FaceFlux:
    """The flux at an inner face.

    heat [W]: upwards. iron [kg/s]: the same of Fe/(Fe + Mg) times mass; 0 where it is not followed.
    core_diffusivity [m2/s]: of the eddies that carry the heat of the core, where this face is the lowest one.
    definitions: which all of them use, see Field.
    ferric [kg/s]: as iron. stirring [kg/m/s]: density times diffusivity of the eddies in the melt, with which
    the surface exchanges its oxygen; 0 where ferric iron is not followed.
    """

    heat: sympy.Expr
    iron: sympy.Expr
    core_diffusivity: sympy.Expr
    definitions: tuple[tuple[sympy.Symbol, sympy.Expr], ...]
    ferric: sympy.Expr = sympy.S.Zero
    stirring: sympy.Expr = sympy.S.Zero


@dataclass(frozen=True)
class _Face:
    """Properties of the mantle at a face: for its entropy, and for that of the cells above and below it.

    slope [J/kg/K/m]: gradient of the entropy that drives convection.
    """

    mean: Properties
    above: Properties
    below: Properties
    slope: sympy.Expr


@dataclass(frozen=True)
class _Eddies:
    """The eddies at a face.

    diffusivity [m2/s]; core_diffusivity: see FaceFlux; driving [J/kg/K/m]: the gradient -S' that they carry
    heat down; melting_slope [J/kg/K/m]: the gradient c' of a mush of the melt fraction that they mix, 0 where
    they mix none; definitions: see Field.
    """

    diffusivity: sympy.Expr
    core_diffusivity: sympy.Expr
    driving: sympy.Expr
    melting_slope: sympy.Expr = sympy.S.Zero
    definitions: tuple[tuple[sympy.Symbol, sympy.Expr], ...] = ()


def heat_flux(
    tables: Tables, diffusivity: Law, column: Column, drive: DrivingEntropy | None = None
) -> FaceFlux:
    """The fluxes at an inner face. diffusivity: the law of the eddies; drive: of a column with iron."""
    iron = column.iron
    at = ONLY if iron is None else iron.components[0]
    slope = profile("steepness") * (at.above - at.below)
    weight = profile("weight")
    middle = weight * at.above + (1 - weight) * at.below
    face = _Face(
        _read(tables.mean, middle, column),
        _read(tables.above, at.above, column),
        _read(tables.below, at.below, column),
        slope,
    )
    if iron is not None and drive is not None:
        return _fluxes_with_iron(_driven(face, drive, middle), iron, diffusivity, column.mixing_length)
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
    flux = (
        -mean["heat_capacity_volume"] * kappa * down
        - mean["two_phase"] * kappa * (down - eddies.melting_slope)
        + separation
        - mean["conduction"] * slope
        - mean["adiabatic_conduction"]
    )
    return FaceFlux(profile("area") * flux, sympy.S.Zero, eddies.core_diffusivity, eddies.definitions)


def _fluxes_with_iron(face: _Face, iron: Iron, law: Law, mixing_length: float | sympy.Expr) -> FaceFlux:
    """The fluxes of a column whose crystals settle, see `column_iron`. law: of the eddies."""
    mean, c = face.mean, iron.components[1]
    above, below = _sides(face, iron)
    eddies = _settling_eddies(face, law, mixing_length)
    melt, pile = eddies.diffusivity, sympy.exp(mean["ln_solid_convection"]) * DRIVING
    separation = separated(iron, above, below)
    heat = (
        separation.heat
        - mean["heat_capacity_volume"] * (melt + pile) * face.slope
        - mean["conduction"] * face.slope
        - mean["adiabatic_conduction"]
    )
    # a mush that convects mixes its iron in any case
    mixing = melt + pile * (1 if iron.mixing == "all" else mean["melt_rich"])
    carried = separation.iron - mean["density"] * mixing * profile("steepness") * (c.above - c.below)
    area = profile("area")
    flux = FaceFlux(
        area * heat,
        area * carried,
        eddies.core_diffusivity,
        (*eddies.definitions, *separation.definitions),
    )
    if iron.ferric is None:
        return flux
    f = iron.ferric_place
    moved = separation.ferric - mean["density"] * mixing * profile("steepness") * (f.above - f.below)
    return replace(flux, ferric=area * moved, stirring=mean["density"] * melt)


def _settling_eddies(face: _Face, law: Law, mixing_length: float | sympy.Expr) -> _Eddies:
    """The eddies of a column whose crystals settle: they carry heat down -S' where it is unstable.

    They end in a pile of crystals, whose convection is that of `solid_convection`: with the mixing length of
    the melt even crystals of 1e22 Pa s would mix their iron over hundreds of km in 10 Myr.
    They carry the heat of the core where the lowest inner face is unstable and the lowest cell is no pile.
    """
    kappa = law(
        buoyancy=sympy.exp(face.mean["ln_buoyancy"]) * DRIVING,
        ln_kinematic_viscosity=face.mean["ln_viscosity"],
        mixing_length=mixing_length,
    )
    kappa *= face.mean["melt_rich"]
    driving = _unstable(-face.slope) + LEAST_GRADIENT**2
    return _Eddies(kappa, face.below["melt_rich"] * kappa, -face.slope, definitions=((DRIVING, driving),))


def _unstable(x: sympy.Expr) -> sympy.Expr:
    """The unstable part of a gradient x, smoothly [J/kg/K/m]: x where x > 0, else 0.

    It is (root + x)/2 with root^2 = x^2 + w^2, without cancellation, and faded to exactly 0 where x is far
    below 0: else heat and iron would leak through the stable top of the pile. w is SWITCH between both cells.
    """
    width = SWITCH * profile("steepness")
    size, root = sympy.Abs(x), sympy.sqrt(x**2 + width**2)
    left = (x / width + ENDED) / (ENDED - FADING)
    return ((size + x) / 2 + width**2 / (2 * (root + size))) * _step(left)


def _step(u: sympy.Expr) -> sympy.Expr:
    """0 below u = 0, 1 above u = 1, with two continuous derivatives."""
    return sympy.Piecewise((0, u <= 0), (u**3 * (10 - 15 * u + 6 * u**2), u < 1), (1, True))


def _driven(face: _Face, drive: DrivingEntropy, middle: sympy.Expr) -> _Face:
    """The face with the gradient of S in place of that of S*. middle: S* of the face."""
    solid, fusion = profile("face_solid_entropy"), profile("face_fusion_entropy")
    mean = {**face.mean, "melt_rich": melt_rich((middle - solid) / fusion)}
    return replace(face, mean=mean, slope=profile("steepness") * (drive.above - drive.below))


def _sides(face: _Face, iron: Iron) -> tuple[Side, Side]:
    """The cells above and below a face."""
    entropy, c = iron.components
    if iron.ferric is None:
        return (
            side(iron, entropy.above, c.above, face.above),
            side(iron, entropy.below, c.below, face.below),
        )
    f = iron.ferric_place
    above = CellAtFace("above", entropy.above, c.above, f.above)
    below = CellAtFace("below", entropy.below, c.below, f.below)
    return (
        side_with_ferric(above, face.above, iron.ferric),
        side_with_ferric(below, face.below, iron.ferric),
    )


def _read(leaves: Mapping[str, External], entropy: sympy.Expr, column: Column) -> dict[str, sympy.Expr]:
    """The properties at an entropy, by name, with what varies of the column."""
    read = {name: leaf(entropy) for name, leaf in leaves.items()}
    factors = column.factors
    for names, factor in ((CONDUCTED, factors.conductivity), (SEPARATED, factors.separation)):
        if factor is not None:
            read |= {name: factor * read[name] for name in names if name in read}
    if factors.viscosity is not None and "ln_viscosity" in read:
        ln = read["ln_viscosity"]
        if column.iron is not None:  # LEAST_VISCOSITY, which does not vary, is a part of the table
            least = LEAST_VISCOSITY * (factors.viscosity - 1) / read["density"]
            read["ln_viscosity"] = sympy.log(factors.viscosity * sympy.exp(ln) - least)
        else:
            read["ln_viscosity"] = ln + sympy.log(factors.viscosity)
    return read


def _published_eddies(face: _Face, slope: sympy.Expr, law: Law, mixing_length: float | sympy.Expr) -> _Eddies:
    """The eddies of the closure "reference": all properties are those of the face; none where S' >= 0."""
    mean = face.mean
    driving = sympy.Piecewise((-slope, slope < 0), (LEAST_GRADIENT**2, True))
    diffusivity = law(
        buoyancy=mean["buoyancy"] * driving,
        ln_kinematic_viscosity=mean["ln_viscosity"],
        mixing_length=mixing_length,
    )
    kappa = sympy.Piecewise((diffusivity, slope < 0), (0, True))
    return _Eddies(kappa, kappa, -slope, mean["melting_slope"])


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
    face: _Face, slope: sympy.Expr, law: Law, mixing_length: float | sympy.Expr, central: sympy.Expr
) -> _Eddies:
    """The eddies of the closure "consistent", see `column`. central: ln of the viscosity between both cells.

    Their flux is the largest that nowhere falls with x and is nowhere above the published one. The published
    flux has its minimum at x = x_m: below, the flux stays at that minimum, by the viscosity of the cell
    above, and so is c': the flux at the minimum falls with the entropy, so that its upwind side is above.
    Both turn to the central ones until x = 2 x_m, where the flux of the eddies is zero, so that it has no
    kink. The eddies carry the heat of the core where the lowest inner face is unstable and the
    lowest cell is not a pile of crystals: the boundary layer in which such a pile would begin to convect is
    hundreds of km thick, and conduction reaches a few km in a run.
    """
    mean, above = face.mean, face.above
    settling = above["settling_slope"]
    sinking = (sympy.Abs(settling) - settling) / 2  # |c'|, 0 where c' > 0
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
    mixed = settling + BLEND * (mean["melting_slope"] - settling)
    return _Eddies(kappa, face.below["melt_rich"] * attached * kappa, DRIVING, mixed, definitions)


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
