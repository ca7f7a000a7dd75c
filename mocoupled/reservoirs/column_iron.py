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
from ..closures.distillation import distilled
from ..closures.iron_magnesium import composition, exchange
from ..dae.declare.field import profile
from ..dae.leaves.curve_tables import LevelTable, externals
from ..dae.leaves.external import External
from ..dae.leaves.smooth_curve import Curve
from ..interior.adams_williamson import AdamsWilliamson
from ..interior.silicate_eos import Phase
from ..interior.two_phase import MeltingRange
from .mesh import Mesh

OCEAN = "ocean_logit"  # name of the unknown: logit of Fe/(Fe + Mg) of the magma ocean
OVERTURN = "pile_diffusivity"  # name of the unknown: eddy diffusivity of the overturn of the pile of cumulates [m2/s]
FRONT = (
    0.4  # melt fraction of the mush above a level when the front passes it (0.37 to 0.45 in runs of an Earth)
)
SPACING, BELOW_BULK, ABOVE_BULK = (
    0.04,
    1.0,
    7.0,
)  # of the tables in the ocean's logit, and where they begin and end
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


@dataclass(frozen=True)
class State:
    """entropy: S*; melt_fraction: between 0 and 1; warmer [K]: than the bulk mantle at S* (NaN at a face, where none is told);
    definitions: see Field."""

    entropy: sympy.Expr
    melt_fraction: sympy.Expr
    warmer: sympy.Expr
    definitions: tuple[tuple[sympy.Symbol, sympy.Expr], ...]


@dataclass(frozen=True)
class Place:
    """What iron does at some places of the column.

    name: its symbols begin with it; solid_entropy, fusion_entropy [J/kg/K]: symbols of profiles, or numbers; columns: the
    functions of the level that `responses` lists, as expressions.
    """

    iron: Iron
    name: str
    solid_entropy: sympy.Expr
    fusion_entropy: sympy.Expr
    columns: Mapping[str, sympy.Expr]

    def at(self, S, name: str) -> State:
        """What an entropy S is there; name: of its symbols."""
        if not self.iron.curves:
            return plain(S, self.solid_entropy, self.fusion_entropy)
        same, phi = profile(f"{self.name}_entropy_{name}"), profile(f"{self.name}_melt_{name}")
        of = self.columns
        made = (
            (same, of["scale"] * S + of["offset"]),
            (phi, bounded((same - self.solid_entropy) / self.fusion_entropy)),
        )
        warmer = of["warmer_solid"] + phi * of["warmer_melt"] if "warmer_melt" in of else sympy.nan
        return State(same, phi, warmer, made)


def responses(
    iron: Iron, span: MeltingRange, melt: Phase, solid: Phase, mass_below: np.ndarray, down: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """How the places respond to the level: its grid (m,), and values and slopes (m, places) by name; down: dP/dr [Pa/m].

    scale, offset: S* = scale S + offset; warmer_solid, warmer_melt [K]: the temperature above that of the bulk mantle is
    the first and phi times the second; slope_solid, slope_melt [J/kg/K/m]: the same of the gradient of entropy at constant
    melt fraction; contrast: density of crystals above that of melt, over what the tables of MgSiO3 have (below 0: melt sinks).
    """
    start = np.log(iron.bulk_iron / (1 - iron.bulk_iron))
    grid = np.arange(start - BELOW_BULK, max(start, 0.0) + ABOVE_BULK, SPACING)
    fall = -(iron.depression + iron.depression_slope * span.pressure)
    at_solidus, at_liquidus = (
        solid.state(span.pressure, span.solidus),
        melt.state(span.pressure, span.liquidus),
    )
    told = {
        "low": span.solid_entropy, "fusion": span.fusion_entropy, "fall": fall, "buried": iron.buried(mass_below),
        "a": at_solidus.heat_capacity / span.solidus * fall, "b": at_liquidus.heat_capacity / span.liquidus * fall,
        "solid_density": span.solid_density, "melt_density": span.melt_density,
    }  # fmt: skip
    if len(span.pressure) > 1:
        told |= {f"{key}_r": np.gradient(told[key], span.pressure) * down for key in ("a", "b")}
    expressions = {
        key: e for key, e in _responses(iron).items() if len(span.pressure) > 1 or not key.startswith("slope")
    }
    symbols = [iron.level, *map(profile, told)]
    made = sympy.lambdify(
        symbols, [[e, sympy.diff(e, iron.level)] for e in expressions.values()], modules="numpy", cse=True
    )
    shape = (len(grid), len(span.pressure))
    found = [[np.broadcast_to(v, shape) for v in pair] for pair in made(grid[:, None], *told.values())]
    return grid, dict(zip(expressions, (v for v, _ in found))), dict(zip(expressions, (d for _, d in found)))


def _responses(iron: Iron) -> dict[str, sympy.Expr]:
    """The expressions behind `responses`."""
    names = ("low", "fusion", "fall", "buried", "a", "b", "a_r", "b_r", "solid_density", "melt_density")
    low, fusion, fall, buried, a, b, a_r, b_r, solid_density, melt_density = map(profile, names)
    y, t = iron.level, iron.trapped_melt
    X = composition((y + buried - sympy.sqrt((y - buried) ** 2 + FREEZING_WIDTH**2)) / 2)
    X_c = exchange(X, iron.exchange_coefficient)
    melt, solid = X - iron.bulk_iron, (1 - t) * X_c + t * X - iron.bulk_iron
    scale = fusion / (fusion + b * melt - a * solid)
    heavy, light = (bridgmanite(X=x) / bridgmanite(X=0) for x in (X, X_c))
    return {
        "scale": scale,
        "offset": low - scale * (low + a * solid),
        "warmer_solid": fall * solid,
        "warmer_melt": fall * (melt - solid),
        "slope_solid": a_r * solid,
        "slope_melt": b_r * melt - a_r * solid,
        "contrast": (solid_density * light - melt_density * heavy) / (solid_density - melt_density),
    }


def plain(S, solid_entropy=sympy.S.Zero, fusion_entropy=sympy.S.One) -> State:
    """Of an entropy on the melting curves of the bulk mantle."""
    return State(S, bounded((S - solid_entropy) / fusion_entropy), sympy.S.Zero, ())


def bounded(fraction) -> sympy.Expr:
    return sympy.Piecewise((0, fraction < 0), (fraction, fraction < 1), (1, True))


class IronAt:
    """Iron at the faces, in the cells, in the cell below each face and at the surface: Places, and profiles. Immutable.

    ranges: of column_tables.Tables.
    """

    def __init__(
        self,
        iron: Iron,
        ranges: Mapping[str, MeltingRange],
        structure: AdamsWilliamson,
        grid: Mesh,
        melt: Phase,
        solid: Phase,
    ):
        below = np.cumsum(grid.cell_mass[::-1])[::-1] / structure.mantle_mass  # the upper face of each cell
        here = below - 0.5 * grid.cell_mass / structure.mantle_mass
        self.iron, self.profiles = iron, {}

        def place(name, span, mass_below, radius, first, used):
            level, values, slopes = responses(
                iron, span, melt, solid, mass_below, -structure.gravity * structure.density(radius)
            )
            told = [np.stack([v[key][:, first:] for key in used], axis=1) for v in (values, slopes)]
            held = {
                "solid_entropy": span.solid_entropy[first:],
                "fusion_entropy": span.fusion_entropy[first:],
            }
            self.profiles |= {f"{name}_{key}": v for key, v in held.items()}
            leaves = externals(name, LevelTable(level[0], SPACING, *told), used)
            return Place(
                iron,
                name,
                *(profile(f"{name}_{key}") for key in held),
                {key: leaf(iron.level) for key, leaf in leaves.items()},
            )

        moved = ["scale", "offset"]
        self.face = place(
            "face",
            ranges["face"],
            below[1:],
            grid.face_radius[1:-1],
            0,
            [*moved, "slope_solid", "slope_melt", "contrast"],
        )
        self.cell = place(
            "cell", ranges["cell"], here, grid.cell_radius, 0, [*moved, "warmer_solid", "warmer_melt"]
        )
        self.below = place("below", ranges["cell"], here, grid.cell_radius, 1, moved)
        level, values, _ = responses(iron, ranges["surface"], melt, solid, np.array([1.0]), np.zeros(1))
        curves = {
            key: External(f"surface_{key}", Curve(level, v[:, 0]))(iron.level) for key, v in values.items()
        }
        span = ranges["surface"]
        self.surface = Place(
            iron,
            "surface",
            sympy.Float(float(span.solid_entropy[0])),
            sympy.Float(float(span.fusion_entropy[0])),
            curves,
        )

    @property
    def density_contrast(self) -> sympy.Expr:
        """At a face: see `responses`."""
        return self.face.columns["contrast"] if self.iron.density else sympy.S.One

    def slope_change(self, melt_fraction) -> sympy.Expr:
        """What iron adds at a face to the gradient of entropy at constant melt fraction [J/kg/K/m], the ocean being mixed."""
        if not self.iron.curves:
            return sympy.S.Zero
        return self.face.columns["slope_solid"] + melt_fraction * self.face.columns["slope_melt"]
