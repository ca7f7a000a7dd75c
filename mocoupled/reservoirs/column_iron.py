"""Iron in a mantle column: how the composition of the magma ocean moves its melting curves and densities.

X = Fe/(Fe + Mg) of the melt is one number for the whole ocean, the level of the field. A level of the mantle
with melt of X and settled crystals of X_s = (1 - t) M(X) + t X (M: exchange with K_D; t: trapped melt) has
at melt fraction phi the composition c = phi X + (1 - phi) X_s. It melts at a temperature that differs by (c
- X_bulk) dT/dX from that
of the bulk mantle: the liquidus is that of the melt, the solidus that of its crystals. With a and b the
shift of the entropies at the solidus and the liquidus for each unit of X (c_p/T dT/dX of the phase there),
the melt fraction of an entropy S is that which the bulk mantle has at

    S* = S_sol + (S - S_sol - a (X_s - X_bulk)) (S_liq - S_sol)
                 / (S_liq - S_sol + b (X - X_bulk) - a (X_s - X_bulk)),

so that every table of the bulk mantle serves at S*. Where no crystals leave, c is X_bulk: nothing moves.

What has frozen keeps its composition. Each depth sees the smaller of X and of what Rayleigh distillation
gives when the rheological front (melt fraction FRONT) arrives there, with all that is below it drained.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy

from ..closures.cumulate_density import bridgmanite
from ..closures.distillation import distilled
from ..closures.iron_magnesium import composition, exchange
from ..dae.declare.field import profile
from ..dae.leaves.curve_tables import LevelTable, externals
from ..dae.leaves.external import External
from ..dae.leaves.smooth_curve import Curve
from ..interior.silicate_eos import Phase
from ..interior.static_structure import Structure
from ..interior.two_phase import MeltingRange
from .mesh import Mesh

# name of the unknown: logit of Fe/(Fe + Mg) of the magma ocean
OCEAN = "ocean_logit"
# name of the unknown: eddy diffusivity of the overturn of the pile of cumulates [m2/s]
OVERTURN = "pile_diffusivity"
# melt fraction of the mush above a level when the front passes it (0.37 to 0.45 in runs of an Earth)
FRONT = 0.4
# of the tables in the logit of the ocean, and where they begin and end
SPACING, BELOW_BULK, ABOVE_BULK = 0.04, 1.0, 7.0
# of the logit: how sharply a level ceases to follow the ocean
FREEZING_WIDTH = 0.2


@dataclass(frozen=True)
class Iron:
    """What a case specifies of iron in the column.

    bulk_iron, exchange_coefficient, trapped_melt: as in reservoirs.cumulates.
    depression [K]: fall of both melting curves at zero pressure for each unit of Fe/(Fe + Mg).
    depression_slope [K/Pa]: its growth with pressure.
    curves, density: whether iron moves the melting curves, and the densities of melt and crystals that
    separate.
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
        """The unknown that all cells see: the logit of the composition of the ocean."""
        return sympy.Symbol(OCEAN, real=True)

    def buried(self, mass_below: np.ndarray) -> np.ndarray:
        """Logit of the composition of the ocean when its front arrives at a level.

        mass_below (n,): share of the mass of the mantle below the level.
        """
        left = FRONT * np.maximum(1 - np.asarray(mass_below, dtype=float), 1e-4)
        X = distilled(left ** (1 - self.trapped_melt), self.bulk_iron, self.exchange_coefficient)
        return np.log(X / (1 - X))


@dataclass(frozen=True)
class State:
    """What an entropy S is at some place.

    entropy: S*; melt_fraction: between 0 and 1.
    warmer [K]: temperature above that of the bulk mantle at S* (NaN at a face, which has no temperature).
    definitions: see Field.
    """

    entropy: sympy.Expr
    melt_fraction: sympy.Expr
    warmer: sympy.Expr
    definitions: tuple[tuple[sympy.Symbol, sympy.Expr], ...]


@dataclass(frozen=True)
class Place:
    """What iron does at some places of the column.

    name: the names of its symbols begin with it.
    solid_entropy, fusion_entropy [J/kg/K]: symbols of profiles, or numbers.
    columns: the functions of the level that `responses` lists, as expressions.
    """

    iron: Iron
    name: str
    solid_entropy: sympy.Expr
    fusion_entropy: sympy.Expr
    columns: Mapping[str, sympy.Expr]

    def at(self, S: sympy.Expr, name: str) -> State:
        """What an entropy S is there; the names of its symbols end with `name`."""
        if not self.iron.curves:
            return plain(S, self.solid_entropy, self.fusion_entropy)
        same, phi = profile(f"{self.name}_entropy_{name}"), profile(f"{self.name}_melt_{name}")
        columns = self.columns
        definitions = (
            (same, columns["scale"] * S + columns["offset"]),
            (phi, bounded((same - self.solid_entropy) / self.fusion_entropy)),
        )
        warmer = sympy.nan
        if "warmer_melt" in columns:
            warmer = columns["warmer_solid"] + phi * columns["warmer_melt"]
        return State(same, phi, warmer, definitions)


def responses(
    iron: Iron, span: MeltingRange, melt: Phase, solid: Phase, mass_below: np.ndarray, down: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """How places respond to the level: its grid (m,), and values and slopes (m, places) by name.

    mass_below (places,): share of the mass of the mantle below each place; down (places,): dP/dr [Pa/m].

    scale, offset: S* = scale S + offset.
    warmer_solid, warmer_melt [K]: the temperature above that of the bulk mantle is the first and phi times
    the second.
    slope_solid, slope_melt [J/kg/K/m]: the same of the gradient of entropy at constant melt fraction.
    contrast: density of crystals above that of melt, over what the tables of MgSiO3 have (below 0: melt
    sinks).
    """
    start = np.log(iron.bulk_iron / (1 - iron.bulk_iron))
    grid = np.arange(start - BELOW_BULK, max(start, 0.0) + ABOVE_BULK, SPACING)
    fall = -(iron.depression + iron.depression_slope * span.pressure)
    at_solidus = solid.state(span.pressure, span.solidus)
    at_liquidus = melt.state(span.pressure, span.liquidus)
    values = {
        "low": span.solid_entropy,
        "fusion": span.fusion_entropy,
        "fall": fall,
        "buried": iron.buried(mass_below),
        "a": at_solidus.heat_capacity / span.solidus * fall,
        "b": at_liquidus.heat_capacity / span.liquidus * fall,
        "solid_density": span.solid_density,
        "melt_density": span.melt_density,
    }
    if len(span.pressure) > 1:
        values |= {f"{key}_r": np.gradient(values[key], span.pressure) * down for key in ("a", "b")}
    keys, function = _compiled_responses(iron, tuple(values))
    shape = (len(grid), len(span.pressure))
    results, slopes = {}, {}
    for key, (value, slope) in zip(keys, function(grid[:, None], *values.values())):
        results[key] = np.broadcast_to(value, shape)
        slopes[key] = np.broadcast_to(slope, shape)
    return grid, results, slopes


@lru_cache(maxsize=16)
def _compiled_responses(
    iron: Iron, names: tuple[str, ...]
) -> tuple[tuple[str, ...], Callable[..., list[list[np.ndarray]]]]:
    """Keys of `responses`, and their values and slopes as a function of the level and of `names`.

    Without the gradients of "a" and "b" among the names there are no slopes in the radius.
    """
    expressions = _responses(iron)
    if "a_r" not in names:
        expressions = {key: e for key, e in expressions.items() if not key.startswith("slope")}
    symbols = [iron.level, *map(profile, names)]
    pairs = [[e, sympy.diff(e, iron.level)] for e in expressions.values()]
    return tuple(expressions), sympy.lambdify(symbols, pairs, modules="numpy", cse=True)


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


def plain(
    S: sympy.Expr, solid_entropy: sympy.Expr = sympy.S.Zero, fusion_entropy: sympy.Expr = sympy.S.One
) -> State:
    """The state of an entropy on the melting curves of the bulk mantle."""
    return State(S, bounded((S - solid_entropy) / fusion_entropy), sympy.S.Zero, ())


def bounded(fraction: sympy.Expr) -> sympy.Expr:
    """The fraction, at least 0 and at most 1."""
    return sympy.Piecewise((0, fraction < 0), (fraction, fraction < 1), (1, True))


@dataclass(frozen=True)
class IronAt:
    """Iron at the faces, in the cells, in the cell below each face, and at the surface; profiles of all."""

    iron: Iron
    face: Place
    cell: Place
    below: Place
    surface: Place
    profiles: Mapping[str, np.ndarray]

    @property
    def density_contrast(self) -> sympy.Expr:
        """At a face: see `responses`."""
        return self.face.columns["contrast"] if self.iron.density else sympy.S.One

    def slope_change(self, melt_fraction: sympy.Expr) -> sympy.Expr:
        """What iron adds at a face to the gradient of entropy at constant melt fraction [J/kg/K/m].

        The ocean is mixed: its composition has no gradient.
        """
        if not self.iron.curves:
            return sympy.S.Zero
        return self.face.columns["slope_solid"] + melt_fraction * self.face.columns["slope_melt"]


@dataclass(frozen=True)
class _Places:
    """Places of a column, from the top down.

    span: melting range; mass_below: share of the mass of the mantle below; down: dP/dr [Pa/m].
    """

    span: MeltingRange
    mass_below: np.ndarray
    down: np.ndarray


def iron_at(
    iron: Iron,
    ranges: Mapping[str, MeltingRange],
    structure: Structure,
    mesh: Mesh,
    melt: Phase,
    solid: Phase,
) -> IronAt:
    """Iron at the places of a column. ranges: of column_tables.Tables."""
    upper_face = np.cumsum(mesh.cell_mass[::-1])[::-1] / structure.mantle_mass
    middle = upper_face - 0.5 * mesh.cell_mass / structure.mantle_mass
    profiles: dict[str, np.ndarray] = {}

    def places(kind: str, radius: np.ndarray, mass_below: np.ndarray) -> _Places:
        return _Places(ranges[kind], mass_below, -structure.gravity_at(radius) * structure.density(radius))

    def place(name: str, where: _Places, columns: Sequence[str], first: int = 0) -> Place:
        """The places from number `first` on. Their profiles are added to `profiles`."""
        span = where.span
        grid, values, slopes = responses(iron, span, melt, solid, where.mass_below, where.down)
        stacks = [np.stack([table[key][:, first:] for key in columns], axis=1) for table in (values, slopes)]
        profiles[f"{name}_solid_entropy"] = span.solid_entropy[first:]
        profiles[f"{name}_fusion_entropy"] = span.fusion_entropy[first:]
        leaves = externals(name, LevelTable(grid[0], SPACING, *stacks), list(columns))
        return Place(
            iron,
            name,
            profile(f"{name}_solid_entropy"),
            profile(f"{name}_fusion_entropy"),
            {key: leaf(iron.level) for key, leaf in leaves.items()},
        )

    moved = ["scale", "offset"]
    faces = places("face", mesh.face_radius[1:-1], upper_face[1:])
    cells = places("cell", mesh.cell_radius, middle)
    return IronAt(
        iron,
        face=place("face", faces, [*moved, "slope_solid", "slope_melt", "contrast"]),
        cell=place("cell", cells, [*moved, "warmer_solid", "warmer_melt"]),
        below=place("below", cells, moved, first=1),
        surface=_surface(iron, ranges["surface"], melt, solid),
        profiles=profiles,
    )


def _surface(iron: Iron, span: MeltingRange, melt: Phase, solid: Phase) -> Place:
    """Iron at the surface, below which is all of the mantle."""
    grid, values, _ = responses(iron, span, melt, solid, np.array([1.0]), np.zeros(1))
    columns = {
        key: External(f"surface_{key}", Curve(grid, value[:, 0]))(iron.level) for key, value in values.items()
    }
    return Place(
        iron,
        "surface",
        sympy.Float(float(span.solid_entropy[0])),
        sympy.Float(float(span.fusion_entropy[0])),
        columns,
    )
