"""Iron in a mantle column: how the composition of the magma ocean moves the melting curves and the densities of its cells.

X = Fe/(Fe + Mg) of the melt is one number for the whole ocean, the level of the field. A level of the mantle with melt of X
and settled crystals of X_s = (1 - t) M(X) + t X (M: exchange with K_D; t: trapped melt) has at melt fraction phi the
composition c = phi X + (1 - phi) X_s, and melts at a temperature that is by (c - X_bulk) dT/dX off that of the bulk mantle:
the liquidus is that of the melt, the solidus that of its crystals. With a and b the shift of the entropies at the solidus
and the liquidus for each unit of X (c_p/T dT/dX of the phase there), the melt fraction of an entropy S is that which the
bulk mantle has at

    S* = S_sol + (S - S_sol - a (X_s - X_bulk)) (S_liq - S_sol)/(S_liq - S_sol + b (X - X_bulk) - a (X_s - X_bulk)),

so that every table of the bulk mantle serves at S*. Where no crystals leave, c is X_bulk: nothing moves.

What has frozen keeps its composition: each depth sees the smaller of X and of what Rayleigh distillation gives when the
rheological front (melt fraction FRONT) arrives there, with all that lies below it drained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sympy

from ..closures.cumulate_density import bridgmanite
from ..closures.density import AdamsWilliamson
from ..closures.iron_magnesium import composition, exchange
from ..closures.silicate_eos import Phase
from ..closures.two_phase import MeltingRange
from ..dae.field import profile
from ..distillation import distilled
from .mesh import Mesh

OCEAN = "ocean_logit"  # name of the unknown: logit of Fe/(Fe + Mg) of the magma ocean
FRONT = 0.4  # melt fraction of the mush above a level when the front passes it (0.37 to 0.45 in runs of an Earth)
FREEZING_WIDTH = 0.2  # of the logit: how sharply a level ceases to follow the ocean


@dataclass(frozen=True)
class Iron:
    """What a case asks of iron in the column.

    bulk_iron, exchange_coefficient, trapped_melt: as in reservoirs.cumulates. depression [K], depression_slope [K/Pa]:
    fall of both melting curves for each unit of Fe/(Fe + Mg), at no pressure and its growth with it; curves, density:
    whether iron moves the melting curves, and the densities of melt and crystals that separate.
    """

    bulk_iron: float
    exchange_coefficient: float
    trapped_melt: float
    depression: float
    depression_slope: float
    curves: bool = True
    density: bool = True

    @property
    def level(self) -> sympy.Symbol:
        return sympy.Symbol(OCEAN, real=True)

    def buried(self, mass_below) -> np.ndarray:
        """Logit of the ocean's composition when its front arrives where a share (n,) of the mantle's mass lies below."""
        left = FRONT * np.maximum(1 - np.asarray(mass_below, dtype=float), 1e-4)
        X = distilled(left ** (1 - self.trapped_melt), self.bulk_iron, self.exchange_coefficient)
        return np.log(X / (1 - X))


PLACE = ("solid_entropy", "fusion_entropy", "solid_shift", "melt_shift", "depression", "buried")


class Place:
    """The melting range at some places of the column and what iron does to it, as expressions; Immutable.

    name: its symbols begin with it. told: PLACE -> symbol of a profile or number: solid_entropy, fusion_entropy [J/kg/K],
    solid_shift, melt_shift: a and b; depression: dT/dX [K]; buried: logit. definitions: see Field.
    melt, crystals: X there, the ocean's or that at which the place froze; solid_richer, melt_richer: of settled crystals and
    of melt, less the bulk's.
    """

    def __init__(self, iron: Iron, name: str, told: Mapping[str, sympy.Expr]):
        self.iron, self.name, self.told = iron, name, told
        made: list[tuple[sympy.Symbol, sympy.Expr]] = []

        def define(key, expression):
            made.append((profile(f"{name}_{key}"), expression))
            return made[-1][0]

        y, buried, t = iron.level, told["buried"], iron.trapped_melt
        self.melt = define("melt_iron", composition((y + buried - sympy.sqrt((y - buried) ** 2 + FREEZING_WIDTH**2)) / 2))
        self.crystals = define("crystal_iron", exchange(self.melt, iron.exchange_coefficient))
        self.melt_richer = self.melt - iron.bulk_iron
        self.solid_richer = (1 - t) * self.crystals + t * self.melt - iron.bulk_iron
        self._fall = define("solidus_fall", told["solid_shift"] * self.solid_richer)
        self._scale = define("entropy_scale", 1 / (1 + (told["melt_shift"] * self.melt_richer - self._fall) / told["fusion_entropy"]))
        self.definitions = tuple(made)

    def at(self, S, name: str) -> State:
        """What an entropy S is there; name: of its symbols."""
        low = self.told["solid_entropy"]
        if not self.iron.curves:
            return plain(S, low, self.told["fusion_entropy"])
        same, phi = profile(f"{self.name}_entropy_{name}"), profile(f"{self.name}_melt_{name}")
        made = ((same, low + self._scale * (S - low - self._fall)), (phi, bounded((same - low) / self.told["fusion_entropy"])))
        return State(same, phi, self.told["depression"] * (self.solid_richer + phi * (self.melt_richer - self.solid_richer)), made)


@dataclass(frozen=True)
class State:
    """entropy: S*; melt_fraction: between 0 and 1; warmer [K]: than the bulk mantle at S*; definitions: see Field."""

    entropy: sympy.Expr
    melt_fraction: sympy.Expr
    warmer: sympy.Expr
    definitions: tuple[tuple[sympy.Symbol, sympy.Expr], ...]


def plain(S, solid_entropy=sympy.S.Zero, fusion_entropy=sympy.S.One) -> State:
    """Of an entropy on the melting curves of the bulk mantle."""
    return State(S, bounded((S - solid_entropy) / fusion_entropy), sympy.S.Zero, ())


def bounded(fraction) -> sympy.Expr:
    return sympy.Piecewise((0, fraction < 0), (fraction, fraction < 1), (1, True))


def places(iron: Iron, span: MeltingRange, melt: Phase, solid: Phase, mass_below: np.ndarray, name: str) -> tuple[Place, dict[str, np.ndarray]]:
    """Where iron acts, at the pressures of `span`, as profiles whose names begin with `name`: the Place, and the profiles.

    Beside those of the Place, the profiles of what the fluxes need: {name}_solid_slope and {name}_melt_slope, how the shifts
    a and b change with pressure [J/kg/K/Pa], {name}_solid_density and {name}_melt_density [kg/m3].
    """
    told = _shifts(iron, span, melt, solid) | {"buried": iron.buried(mass_below)}
    more = {f"{key}_slope": np.gradient(told[f"{key}_shift"], span.pressure) for key in ("solid", "melt")}
    more |= {"solid_density": span.solid_density, "melt_density": span.melt_density}
    symbols = {key: profile(f"{name}_{key}") for key in told}
    return Place(iron, name, symbols), {f"{name}_{key}": values for key, values in (told | more).items()}


def at_surface(iron: Iron, span: MeltingRange, melt: Phase, solid: Phase) -> Place:
    """The same at the surface (span: at one pressure), in numbers."""
    told = _shifts(iron, span, melt, solid) | {"buried": iron.buried([1.0])}
    return Place(iron, "surface", {key: sympy.Float(float(values[0])) for key, values in told.items()})


def _shifts(iron, span, melt, solid):
    fall = -(iron.depression + iron.depression_slope * span.pressure)
    at_solidus, at_liquidus = solid.state(span.pressure, span.solidus), melt.state(span.pressure, span.liquidus)
    return {
        "solid_entropy": span.solid_entropy,
        "fusion_entropy": span.fusion_entropy,
        "solid_shift": at_solidus.heat_capacity / span.solidus * fall,
        "melt_shift": at_liquidus.heat_capacity / span.liquidus * fall,
        "depression": fall,
    }


class IronAt:
    """Iron at the faces, in the cells, in the cell below each face and at the surface: Places, and their profiles.

    ranges: of column_tables.Tables. Immutable.
    """

    def __init__(self, iron: Iron, ranges: Mapping[str, MeltingRange], structure: AdamsWilliamson, grid: Mesh, melt: Phase, solid: Phase):
        total = structure.mantle_mass
        below_face = np.cumsum(grid.cell_mass[::-1])[::-1] / total  # of the upper face of each cell
        below_cell = below_face - 0.5 * grid.cell_mass / total
        self.iron = iron
        self.face, face = places(iron, ranges["face"], melt, solid, below_face[1:], "face")
        self.cell, cell = places(iron, ranges["cell"], melt, solid, below_cell, "cell")
        self.below = Place(iron, "below", {key: profile(f"below_{key}") for key in PLACE})
        self.surface = at_surface(iron, ranges["surface"], melt, solid)
        below = {f"below_{key}": cell[f"cell_{key}"][1:] for key in PLACE}
        down = -structure.gravity * structure.density(grid.face_radius[1:-1])
        self.profiles = face | {f"cell_{key}": cell[f"cell_{key}"] for key in PLACE} | below | {"face_pressure_gradient": down}
        self.definitions = tuple(d for place in (self.face, self.cell, self.below, self.surface) for d in place.definitions)

    @property
    def density_contrast(self) -> sympy.Expr:
        """At a face: density of crystals above that of melt, over what the tables of MgSiO3 have (below 0: the melt sinks)."""
        if not self.iron.density:
            return sympy.S.One
        heavier = [bridgmanite(X=X) / bridgmanite(X=0) for X in (self.face.crystals, self.face.melt)]
        solid, melt = profile("face_solid_density"), profile("face_melt_density")
        return (solid * heavier[0] - melt * heavier[1]) / (solid - melt)

    def slope_change(self, melt_fraction) -> sympy.Expr:
        """What iron adds at a face to the gradient of entropy at constant melt fraction [J/kg/K/m], the ocean being mixed."""
        if not self.iron.curves:
            return sympy.S.Zero
        a, b = (getattr(self.face, f"{key}_richer") * profile(f"face_{key}_slope") for key in ("solid", "melt"))
        return profile("face_pressure_gradient") * (a + melt_fraction * (b - a))
