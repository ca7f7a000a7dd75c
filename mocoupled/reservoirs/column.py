"""The mantle as a column of cells: heat by convection, mixing, separation and conduction.

Bower, Sanan & Wolf 2018 and Bower et al. 2022, App. B. Unknowns: the specific entropy of every cell, and
that of the core-mantle boundary. With S' = dS/dr, x = -S', and all properties at the pressure of their
place, the heat flux at a face is

    J = -rho T kappa S' - rho T_f w kappa (S' - c') + a q - k [(T/c_p) S' + (dT/dP)_S P']

by eddies, by mixing of melt and crystals, by their separation and by conduction, and among crystals
-rho T kappa_p (1 - phi) min(S', 0) by the overturn of a pile of cumulates that melts on its way up.
T_f is the temperature at half melt, w the two-phase weight, c' = phi S_liq' + (1 - phi) S_sol' along the
column, q = rho phi (1 - phi) v_rel T_f dS_f and a = 1 but in the closure "reference".

The closure "reference" follows the published code: all properties at the entropy of the face, kappa = 0 where
S' >= 0, and a the availability of melt in the cell below. Its flux has a fold as a function of x, so that
cells drain by jumps and the surface temperature jitters.
The closure "consistent" has one limit under refinement. The first two terms have their minimum, as a function
of x, at x_m = |c'| w T_f/(2 (T + w T_f)): kappa and the gradient that it acts on are those of max(x, x_m),
rounded, so that the flux nowhere falls with x. The viscosity is that of the cell above up to x_m, where
crystals settle into a mush, and the central one from 2 x_m on. Melt separates by the flux of a hyperbolic
equation: the part of q that rises with S by the cell below, the part that falls by the cell above.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy

from ..closures.law_types import Law, numeric
from ..dae.declare.field import (
    FIRST,
    HERE,
    LAST,
    SECOND,
    Component,
    Field,
    FieldOutput,
    Inflow,
    Link,
    profile,
)
from ..dae.declare.model import Balance, Model, Output, Parameter, join
from ..dae.leaves.external import External
from ..dae.leaves.smooth_curve import Curve
from ..interior.molten_start import HOTTEST_MELT, first_crystals
from ..interior.silicate_eos import Phase
from ..interior.static_structure import Structure
from .column_core import ENTROPY_SCALE, CoreMantleBoundary, Lowest, core_mantle_boundary, initial_heat
from .column_heat_flux import FaceFlux, heat_flux
from .column_iron import State, iron_at, plain
from .column_settings import Closure, Column
from .column_tables import HIGHEST_ENTROPY, SPACING, Rock, Tables, tabulate
from .mantle import Core, Mantle, heating_output
from .mesh import Division, Mesh, divide

# kinds of the laws that the tables are made of
TABULATED = ("solidus", "liquidus", "viscosity", "separation")
# J/kg/K/m, entropy growing with depth at the start (Bower et al. 2022; notes E.9)
INITIAL_GRADIENT = 1e-5
# J/kg/K, of the tables above the highest entropy that a run may reach
ENTROPY_MARGIN = 50.0
# K; a colder start needs no tables beyond the usual ones, and the melt has no law below 1000 K
COOLEST_MELT = 1000.0


@dataclass(frozen=True)
class _Cells:
    """The cells in symbols: state of a cell and of the surface, flux between cells, profiles, definitions."""

    here: State
    surface: State
    flux: FaceFlux
    profiles: Mapping[str, np.ndarray]
    definitions: tuple[tuple[sympy.Symbol, sympy.Expr], ...]


def declare_column(
    structure: Structure,
    core: Core,
    phases: tuple[Phase, Phase],
    laws: Mapping[str, Law],
    column: Column,
) -> Mantle:
    """Declare the column.

    phases: equations of state of melt and solid.
    laws: solidus, liquidus, viscosity, separation and eddy diffusivity.

    The surface radiates at T(P = 0) of the entropy extrapolated from the two uppermost cells, without a
    boundary layer. The core loses its heat M c ratio dT_cmb to the lowest cell by eddies (as at the face
    above) and conduction.
    Latent heat is in the entropy; heat is int rho T dS over the volume of each cell, along the melting
    curves of the bulk mantle.
    """
    melt, solid = phases
    names = {kind: laws[kind].name for kind in TABULATED}
    rock = Rock(melt, solid, **names, crystal_size=column.crystal_size, conductivity=column.conductivity)
    highest = _highest_entropy(structure, rock, column)
    mesh, tables = _tables(structure, column.division, rock, column.closure, highest)
    start = _initial_entropy(structure, mesh, tables, column)
    cells = _cells(structure, mesh, tables, laws["eddy diffusivity"], rock, column)
    top = Curve(tables.entropy, tables.surface_temperature)
    surface = External("surface_temperature_of_entropy", top)(cells.surface.entropy) + cells.surface.warmer
    links = _links(surface, cells, tables, column.division.cells - 2)
    symbols = {link.name: link.symbol for link in links}
    lowest = Lowest(symbols["lowest_entropy"], symbols["lowest_diffusivity"])
    boundary = core_mantle_boundary(core, tables, mesh, float(start[-1]), lowest)
    T_s, melt_mass, total = symbols["surface_temperature"], symbols["melt_mass"], structure.mantle_mass
    molten = Model(
        outputs=(
            Output("surface_temperature", T_s, "K", "surface temperature"),
            Output("melt_fraction", melt_mass / total, "1", "melt fraction of the mantle, by mass"),
            Output("melt_mass", melt_mass, "kg", "mass of melt"),
        ),
        field=_field(mesh, tables, start, cells, column),
        links=links,
        inflows=(Inflow("last", boundary.loss),),
    )
    heat_at_start = initial_heat(tables, core, start)
    share = mesh.cell_mass / total
    energy = _energy(symbols["mantle_heat"], boundary, heat_at_start, total * column.heating, share)
    model = join("mantle column", molten, boundary.model, energy)
    limits = (float(top((0,), tables.entropy[0])), float(top((0,), tables.entropy[-1])))
    return Mantle(model, T_s, melt_mass, total - melt_mass, limits)


def _cells(
    structure: Structure, mesh: Mesh, tables: Tables, eddies: Law, rock: Rock, column: Column
) -> _Cells:
    """State, flux, profiles and definitions of the cells, with the iron of the magma ocean where it acts."""
    outermost = FIRST + mesh.surface_extrapolation * (FIRST - SECOND)
    cell, face = tables.ranges["cell"], tables.ranges["face"]
    iron = (
        None
        if column.iron is None
        else iron_at(column.iron, tables.ranges, structure, mesh, rock.melt, rock.solid)
    )
    flux = heat_flux(tables, eddies, column, iron)
    profiles = {
        "area": mesh.face_area[1:-1],
        "steepness": mesh.steepness[1:-1],
        "weight": mesh.weight,
        "cell_mass": mesh.cell_mass,
        "solid_entropy": cell.solid_entropy,
        "fusion_entropy": cell.fusion_entropy,
    }
    if iron is None:
        here = plain(HERE, profile("solid_entropy"), profile("fusion_entropy"))
        surface = plain(outermost)
    else:
        here, surface = iron.cell.at(HERE, "here"), iron.surface.at(outermost, "top")
        profiles |= iron.profiles
    if column.overturn is not None:
        profiles |= {"face_solid_entropy": face.solid_entropy, "face_fusion_entropy": face.fusion_entropy}
    definitions = (*here.definitions, *surface.definitions, *flux.definitions)
    return _Cells(here, surface, flux, profiles, definitions)


def _links(surface: sympy.Expr, cells: _Cells, tables: Tables, lowest: int) -> tuple[Link, ...]:
    """What the rest of the model sees of the column.

    surface [K]: temperature. lowest: number of the lowest inner face.
    """
    melt_mass = profile("cell_mass") * cells.here.melt_fraction
    heat_title = "heat of the mantle above its coldest tabulated state"
    kappa_title = "eddy diffusivity for the heat of the core"
    return (
        Link("surface_temperature", "edge", surface, "K", "surface temperature"),
        Link("melt_mass", "total", melt_mass, "kg", "mass of melt"),
        Link("mantle_heat", "total", tables.cell["heat"](HERE), "J", heat_title),
        Link("lowest_entropy", "edge", LAST, "J/kg/K", "entropy of the lowest cell"),
        Link("lowest_diffusivity", "face", cells.flux.core_diffusivity, "m^2/s", kappa_title, lowest),
    )


def _energy(
    mantle_heat: sympy.Symbol,
    boundary: CoreMantleBoundary,
    heat_at_start: float,
    heating: sympy.Expr,
    share: np.ndarray,
) -> Model:
    """The balance of energy of mantle and core.

    heating [W]: made in the mantle, of time; share (n,): of it in each cell.
    """
    title = "heat of mantle and core at the start, above the coldest tabulated state"
    scale = Parameter("initial_heat", heat_at_start, "J", title)
    heat = mantle_heat + boundary.heat
    stored = Output("heat", heat, "J", "heat of mantle and core above the coldest tabulated state")
    inflows = () if heating == 0 else (Inflow("all", heating, share),)
    return Model(
        parameters=(scale,),
        balances=(Balance("energy", heat, heating, scale=scale.symbol, unit="J"),),
        outputs=(*heating_output(heating), stored),
        inflows=inflows,
    )


def _field(mesh: Mesh, tables: Tables, start: np.ndarray, cells: _Cells, column: Column) -> Field:
    """The entropy of the cells. start (n + 1,): of cells and core-mantle boundary."""
    here, span = cells.here, tables.ranges["cell"]
    temperature = tables.cell["temperature"](here.entropy) + here.warmer
    viscosity = tables.cell["log10_viscosity"](here.entropy)
    levels = [None if column.iron is None else column.iron.level, column.overturn]
    entropy = Component(
        "entropy",
        "J/kg/K",
        "specific entropy",
        start=start[:-1],
        storage=tables.cell["heat"](HERE),
        flux=cells.flux.heat,
        low=float(tables.entropy[0]),
        high=float(tables.entropy[-1]),
        scale=ENTROPY_SCALE,
    )
    return Field(
        (entropy,),
        profiles=cells.profiles,
        outputs=(
            FieldOutput("temperature", temperature, "K", "temperature"),
            FieldOutput("local_melt_fraction", here.melt_fraction, "1", "melt fraction by mass"),
            FieldOutput("log10_viscosity", viscosity, "1", "log10 of the viscosity in Pa s"),
        ),
        coordinates={
            "cell_pressure": (mesh.cell_pressure, "Pa", "pressure at the cell"),
            "cell_radius": (mesh.cell_radius, "m", "radius of the cell"),
            "cell_mass": (mesh.cell_mass, "kg", "mass of the cell"),
            "cell_solidus": (span.solidus, "K", "solidus at the cell"),
            "cell_liquidus": (span.liquidus, "K", "liquidus at the cell"),
        },
        levels=tuple(level for level in levels if level is not None),
        definitions=cells.definitions,
    )


def _initial_entropy(structure: Structure, mesh: Mesh, tables: Tables, column: Column) -> np.ndarray:
    """Entropies (n + 1,) at the start, of cells and core-mantle boundary: mixed, with a small gradient."""
    radius = np.concatenate([mesh.cell_radius, mesh.face_radius[-1:]])
    if column.initial_entropy is not None:
        return column.initial_entropy + INITIAL_GRADIENT * (radius[0] - radius)
    surface = np.interp(column.initial_temperature, tables.surface_temperature, tables.entropy)
    return surface + INITIAL_GRADIENT * (structure.radius - radius)


def _highest_entropy(structure: Structure, rock: Rock, column: Column) -> float:
    """Where the tables end [J/kg/K].

    HIGHEST_ENTROPY, or a little above the entropies at the start and of the melt on its liquidus, which dense
    melt that sinks can reach.
    """
    start = column.initial_entropy
    if start is None:
        hottest = min(max(column.initial_temperature, COOLEST_MELT), HOTTEST_MELT)
        start = float(rock.melt.state(0.0, hottest).entropy)
    start += INITIAL_GRADIENT * (structure.radius - structure.core_radius)
    _, melt = first_crystals(structure.core_mantle_pressure, rock.melt, numeric(rock.law("liquidus")))
    deepest = max(start, melt)
    if deepest <= HIGHEST_ENTROPY:
        return HIGHEST_ENTROPY
    return float(SPACING * np.ceil((deepest + ENTROPY_MARGIN) / SPACING))


@lru_cache(maxsize=16)
def _tables(
    structure: Structure,
    division: Division,
    rock: Rock,
    closure: Closure,
    highest: float,
) -> tuple[Mesh, Tables]:
    """Mesh and tables, kept for the next case with the same mantle."""
    mesh = divide(structure, division)
    return mesh, tabulate(structure, mesh, rock, closure, highest)
