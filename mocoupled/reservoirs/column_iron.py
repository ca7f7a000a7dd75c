"""Iron in a mantle column: an unknown of every cell, and what it does to melting, densities and the fluxes.

c = Fe/(Fe + Mg) is that of all that is in a cell. With d(P) the fall of both melting curves for each unit of
c, and S* the entropy at which the bulk mantle has the melt fraction of the cell,

    T = T_bulk(S*) - d (c - c_bulk),    H = H_bulk(S*) - m c_p d (c - c_bulk) = H_bulk(S),

so that every table of the bulk mantle is read at S*. Only the gradient of S, which follows from the heat H
of a cell (`column_driving`), drives convection. Melt and crystals of a cell are in equilibrium, Fe/Mg of the
crystals being K times that of the melt:

    X_l = 2 c/(B + sqrt(B^2 - 4 phi (1 - K) c)),    B = phi + (1 - phi) K + c (1 - K),
    X_s = K X_l/(1 - X_l + K X_l).

The crystals settle: nothing keeps them suspended, and there is no mixing term -rho T_f w kappa (S' - c'),
with which a magma ocean of large crystals would be a mush of half melt. The fluxes at a face, upwards, are

    F_S = -rho T (kappa + kappa_s) S' + J_m [T_f dS_f - c_p d (X_l - X_s)]
          - k [(T/c_p) S' + (dT/dP)_S P'],
    F_c = -rho (kappa + kappa_s) c' + J_m (X_l - X_s),

kappa: of eddies where S' < 0, for a viscosity of at least 1e12 Pa s, which mixes the ocean in less than a
thousand years and stays smooth where a gradient changes sign. kappa_s: of solid convection where S' < 0.
J_m: of melt that separates from its crystals, with X_l of the side that melt leaves and X_s of the other. The
heat of melt over that of crystals is their difference at equal T by the heat of the cells: a cell that
freezes as its melt leaves then ends as X_s, and the ocean follows Rayleigh's law.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import sympy

from ..closures.cumulate_density import bridgmanite
from ..closures.iron_magnesium import exchange
from ..dae.declare.field import Places, places, profile
from ..interior.silicate_eos import Phase
from ..interior.two_phase import MeltingRange
from .ferric_exchange import Ferric, IronOfPhases
from .mesh import Mesh

# names of the components of the field
ENTROPY, IRON, FERRIC = "entropy", "iron", "ferric"
# kg/m3: how smoothly melt and crystals change the direction in which they separate
CONTRAST_ROUNDING = 1.0
# of the peak of the flux of melt: how smoothly the smaller of two fluxes is taken
GODUNOV_ROUNDING = 0.05
# kg/m2/s per kg/m3: keeps the root differentiable where neither side lets melt through
LEAST_FLUX = 1e-30
# of melt fraction: how smoothly it ends where the crystals or the melt beside a face are used up
EDGE = 0.01

# name of a definition, see Field
CONTRAST = profile("face_contrast")

MIXING = Literal["all", "melt"]


@dataclass(frozen=True)
class Iron:
    """What a case specifies of iron in the column.

    bulk_iron: Fe/(Fe + Mg) of the mantle.
    exchange: K, (Fe/Mg of the crystals)/(Fe/Mg of the melt), of pressure [Pa].
    depression [K], depression_slope [K/Pa]: d = depression + depression_slope P.
    curves, density: whether iron moves the melting curves, and the densities of melt and crystals that
    separate.
    viscosity [Pa s]: of the crystals; None: the pile does not convect.
    mixing: whether the convection of the pile mixes iron ("all"), or the eddies of the melt alone do.
    ferric: ferric iron as a third unknown of the cells; None: its redox does not evolve.
    varied: factor on K; None for none.
    """

    bulk_iron: float
    exchange: Callable[[np.ndarray], np.ndarray]
    depression: float
    depression_slope: float
    curves: bool = True
    density: bool = True
    viscosity: float | None = None
    mixing: MIXING = "all"
    ferric: Ferric | None = None
    varied: sympy.Expr | None = None

    def exchange_of(self, place: Literal["exchange", "face_exchange"]) -> sympy.Expr:
        """K of the cells or of the faces, with what varies."""
        K = profile(place)
        return K if self.varied is None else self.varied * K

    def fall(self, pressure: np.ndarray) -> np.ndarray:
        """d [K] at pressures [Pa]; 0 where iron does not move the curves."""
        return (self.depression + self.depression_slope * pressure) * self.curves

    @property
    def components(self) -> tuple[Places, Places]:
        """The symbols of entropy and iron."""
        entropy, iron = places(ENTROPY, IRON)
        return entropy, iron

    @property
    def ferric_place(self) -> Places:
        """The symbols of ferric iron."""
        return places(ENTROPY, IRON, FERRIC)[-1]

    def excess(self, c: sympy.Expr) -> sympy.Expr:
        """c - c_bulk."""
        return c - self.bulk_iron


def bounded(fraction: sympy.Expr) -> sympy.Expr:
    """The fraction, at least 0 and at most 1."""
    return sympy.Piecewise((0, fraction < 0), (fraction, fraction < 1), (1, True))


def rounded(fraction: sympy.Expr) -> sympy.Expr:
    """`bounded` without kinks: within EDGE of 0 and 1 it has two continuous derivatives."""

    return sympy.Piecewise(
        (0, fraction < -EDGE),
        (_bend(fraction, EDGE), fraction < EDGE),
        (fraction, fraction < 1 - EDGE),
        (1 - _bend(1 - fraction, EDGE), fraction < 1 + EDGE),
        (1, True),
    )


def _bend(x: sympy.Expr, width: float) -> sympy.Expr:
    """From 0 at x = -width to x at x = width, with two continuous derivatives."""
    u = (x / width + 1) / 2
    return width * u**3 * (2 - u)


def _positive(x: sympy.Expr, width: float) -> sympy.Expr:
    """The larger of x and 0, rounded within a width of 0 only: what is left beyond would mix iron."""
    return sympy.Piecewise((0, x < -width), (_bend(x, width), x < width), (x, True))


def melt_composition(c: sympy.Expr, melt_fraction: sympy.Expr, K: sympy.Expr) -> sympy.Expr:
    """X_l of the melt in a cell; smooth where there is no melt or nothing else."""
    phi = melt_fraction
    B = phi + (1 - phi) * K + c * (1 - K)
    return 2 * c / (B + sympy.sqrt(B**2 - 4 * phi * (1 - K) * c))


def profiles_of(
    iron: Iron, ranges: Mapping[str, MeltingRange], mesh: Mesh, melt: Phase, solid: Phase
) -> dict[str, np.ndarray]:
    """The profiles that the equations of iron use, of cells and inner faces.

    ranges: of column_tables.Tables.
    """
    cell, face = ranges["cell"], ranges["face"]
    heat_capacity, of_face = (
        0.5
        * (
            solid.state(span.pressure, span.solidus).heat_capacity
            + melt.state(span.pressure, span.liquidus).heat_capacity
        )
        for span in (cell, face)
    )
    fall = iron.fall(cell.pressure)
    return {
        "exchange": iron.exchange(cell.pressure),
        "iron_fall": fall,
        "iron_heat": mesh.cell_mass * heat_capacity * fall,
        "face_iron_heat": of_face * iron.fall(face.pressure),
        "face_exchange": iron.exchange(face.pressure),
        "face_solid_entropy": face.solid_entropy,
        "face_fusion_entropy": face.fusion_entropy,
        "face_latent_heat": face.fusion_temperature * face.fusion_entropy,
        "face_solid_density": face.solid_density,
        "face_melt_density": face.melt_density,
    }


# ---- separation of melt and crystals


@dataclass(frozen=True)
class Side:
    """A cell beside a face, at the pressure of the face.

    growing, shrinking: the largest flux of melt that it lets through as the lower and as the upper side, per
    kg/m3 of density contrast. melt, crystals: X_l and X_s. ferric_melt, ferric_crystals: X_l s and X_s s_s.
    definitions: which they use, see Field.
    """

    growing: sympy.Expr
    shrinking: sympy.Expr
    melt: sympy.Expr
    crystals: sympy.Expr
    ferric_melt: sympy.Expr = sympy.S.Zero
    ferric_crystals: sympy.Expr = sympy.S.Zero
    definitions: tuple[tuple[sympy.Symbol, sympy.Expr], ...] = ()


@dataclass(frozen=True)
class CellAtFace:
    """S*, c and f of the cell above or below a face. place: "above" or "below"."""

    place: str
    entropy: sympy.Symbol
    iron: sympy.Symbol
    ferric: sympy.Symbol


@dataclass(frozen=True)
class Separated:
    """Heat [W/m2] and iron [kg/m2/s] that melt and crystals carry upwards as they separate at a face.

    definitions: which all use, see Field. ferric: as iron.
    """

    heat: sympy.Expr
    iron: sympy.Expr
    definitions: tuple[tuple[sympy.Symbol, sympy.Expr], ...] = ()
    ferric: sympy.Expr = sympy.S.Zero


def side(iron: Iron, entropy: sympy.Symbol, c: sympy.Symbol, leaves: Mapping[str, sympy.Expr]) -> Side:
    """A cell of S* and c beside a face. leaves: of the tables, at S*."""
    K = iron.exchange_of("face_exchange")
    X = melt_composition(c, _melt_fraction(entropy), K)
    return Side(leaves["melt_growing"], leaves["melt_shrinking"], X, exchange(X, K))


def side_with_ferric(cell: CellAtFace, leaves: Mapping[str, sympy.Expr], ferric: Ferric) -> Side:
    """A cell of S*, c and f beside a face, with definitions of its phases. leaves: of the tables, at S*."""
    names = ("melt_fraction", "melt_iron", "ferric_share")
    phi, X, share = (profile(f"{cell.place}_{name}") for name in names)
    K = profile("face_exchange")
    phases = IronOfPhases(X, exchange(X, K), phi)
    definitions = (
        (phi, _melt_fraction(cell.entropy)),
        (X, melt_composition(cell.iron, phi, K)),
        (share, phases.ferric_share(cell.ferric, ferric.partition)),
    )
    return Side(
        leaves["melt_growing"],
        leaves["melt_shrinking"],
        X,
        phases.crystals,
        X * share,
        phases.crystals * exchange(share, ferric.partition),
        definitions,
    )


def _melt_fraction(entropy: sympy.Symbol) -> sympy.Expr:
    """phi of a cell at the pressure of a face. entropy: S*."""
    return rounded((entropy - profile("face_solid_entropy")) / profile("face_fusion_entropy"))


def separated(iron: Iron, above: Side, below: Side) -> Separated:
    """The fluxes of light melt that rises through crystals, and of dense melt that sinks through them.

    Melt comes from the side from which it moves, crystals from the other. The flux is Godunov's, the smaller
    of what both sides let through, rounded. That of Engquist and Osher, their sum above the peak, is negative
    between a mush and an ocean without crystals, and would mix their iron.
    """
    rising, sinking = (_positive(sign * CONTRAST, CONTRAST_ROUNDING) for sign in (1, -1))
    up = rising * _smaller(below.growing, above.shrinking)
    down = sinking * _smaller(above.growing, below.shrinking)
    carried = up * (below.melt - above.crystals) - down * (above.melt - below.crystals)
    contrast = (CONTRAST, _contrast(iron, above, below))
    heat = profile("face_latent_heat") * (up - down) - profile("face_iron_heat") * carried
    ferric = up * (below.ferric_melt - above.ferric_crystals) - down * (
        above.ferric_melt - below.ferric_crystals
    )
    definitions = (*above.definitions, *below.definitions, contrast)
    return Separated(heat, carried, definitions, ferric)


def _contrast(iron: Iron, above: Side, below: Side) -> sympy.Expr:
    """Density of crystals above that of melt at a face [kg/m3], with their iron where it acts.

    The equations of state are those of MgSiO3; iron makes both heavier as it does bridgmanite.
    """
    solid, melt = profile("face_solid_density"), profile("face_melt_density")
    if not iron.density:
        return solid - melt
    light, heavy = (
        bridgmanite(X=(upper + lower) / 2) / bridgmanite(X=0)
        for upper, lower in ((above.crystals, below.crystals), (above.melt, below.melt))
    )
    return solid * light - melt * heavy


def _smaller(donor: sympy.Expr, taker: sympy.Expr) -> sympy.Expr:
    """The smaller of two fluxes that are not negative, rounded; 0 where one of them is 0."""
    root = sympy.sqrt((donor - taker) ** 2 + 4 * GODUNOV_ROUNDING**2 * donor * taker + LEAST_FLUX**2)
    return (donor + taker - root) / 2
