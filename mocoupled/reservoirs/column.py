"""The mantle as a column of cells: heat by convection, mixing, separation and conduction.

Bower, Sanan & Wolf 2018 and Bower et al. 2022, App. B. Unknowns: the specific entropy of every cell, and
that of the core-mantle boundary. With S' = dS/dr, x = -S', and all properties at the pressure of their
place, the heat flux at a face is

    J = -rho T kappa S' - rho T_f w kappa (S' - c') + a q - k [(T/c_p) S' + (dT/dP)_S P']

by eddies, by mixing of melt and crystals, by their separation and by conduction. T_f is the temperature at
half melt, w the two-phase weight, c' = phi S_liq' + (1 - phi) S_sol' along the column,
q = rho phi (1 - phi) v_rel T_f dS_f and a = 1 but in the closure "reference".

The closure "reference" follows the published code: all properties at the entropy of the face, kappa = 0 where
S' >= 0, and a the availability of melt in the cell below. Its flux has a fold as a function of x, so that
cells drain by jumps and the surface temperature jitters.
The closure "consistent" has one limit under refinement. The first two terms have their minimum, as a function
of x, at x_m = |c'| w T_f/(2 (T + w T_f)): kappa and the gradient that it acts on are those of max(x, x_m),
rounded, so that the flux nowhere falls with x. The viscosity and c' are those of the cell above up to x_m,
where crystals settle into a mush, and the central ones from 2 x_m on. Melt separates by the flux of a
hyperbolic equation: the part of q that rises with S by the cell below, the part that falls by the cell above.

With iron (`column_iron`) a cell has two unknowns, and the crystals settle to a pile that is the lower part of
the column. Eddies then carry heat down -S' alone, without mixing term and floor. -rho T kappa_s S' by the
convection of the pile is added, melt separates by Godunov's flux, and the iron of the cells moves with melt,
crystals and eddies. Where its redox evolves too, a cell has a third unknown (`column_ferric`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import sympy

from ..closures.law_types import Law, numeric
from ..dae.declare.field import ONLY, Component, Field, FieldOutput, Inflow, Link, Places, profile
from ..dae.declare.model import Balance, Model, Output, Parameter, join
from ..dae.leaves.external import External
from ..dae.leaves.smooth_curve import Curve
from ..interior.molten_start import HOTTEST_MELT, first_crystals
from ..interior.silicate_eos import Phase
from ..interior.static_structure import Structure
from .column_core import (
    BEGIN,
    ENTROPY_SCALE,
    CoreMantleBoundary,
    Lowest,
    base_links,
    base_of_pile,
    core_mantle_boundary,
    initial_heat,
)
from .column_driving import driving_entropy
from .column_ferric import ferric_column, ferric_component, ferric_links
from .column_heat_flux import FaceFlux, heat_flux
from .column_iron import ENTROPY, IRON, Iron, bounded, profiles_of
from .column_pile import ocean_links, ocean_outputs
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
# of Fe/(Fe + Mg): times rtol it must stay below what moves the temperature of melting by a millikelvin
IRON_SCALE = 5.0
# K; a colder start needs no tables beyond the usual ones, and the melt has no law below 1000 K
COOLEST_MELT = 1000.0


@dataclass(frozen=True)
class _Cells:
    """The cells in symbols.

    entropy: places of S*. melt_fraction: of a cell; temperature, heat: of a cell [K], [J].
    surface_temperature [K]; lowest_entropy [J/kg/K]: which drives eddies.
    """

    entropy: Places
    melt_fraction: sympy.Expr
    temperature: sympy.Expr
    heat: sympy.Expr
    surface_temperature: sympy.Expr
    lowest_entropy: sympy.Expr
    flux: FaceFlux
    profiles: Mapping[str, np.ndarray]


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
    above) and conduction; with iron, as `column_core` says of a pile.
    Latent heat is in the entropy; heat is int rho T dS over the volume of each cell, along the melting
    curves of the bulk mantle, less what iron makes it colder.
    """
    rock = _rock(phases, laws, column)
    highest = _highest_entropy(structure, rock, column)
    closure = replace(column.closure, iron=column.iron is not None)
    mesh, tables = _tables(structure, column.division, rock, closure, highest)
    start = _initial_entropy(structure, mesh, tables, column)
    top = Curve(tables.entropy, tables.surface_temperature)
    cells = _cells(mesh, tables, laws["eddy diffusivity"], rock, column, top)
    links = _links(cells, column.division.cells - 2)
    if column.iron is not None:
        links += (*base_links(column.iron), *ocean_links(column.iron, cells.melt_fraction))
    redox = None if column.iron is None else column.iron.ferric
    if column.iron is not None and redox is not None:
        links += ferric_links(column.iron, tables, cells.flux.stirring)
    symbols = {link.name: link.symbol for link in links}
    pile = None
    if column.iron is not None:
        pile = base_of_pile(column.iron, tables, rock, symbols, column.factors.conductivity)
    lowest = Lowest(symbols["lowest_entropy"], symbols["lowest_diffusivity"], pile)
    varied = column.factors.conductivity
    boundary = core_mantle_boundary(core, tables, mesh, float(start[-1]), lowest, varied)
    T_s, melt_mass, total = symbols["surface_temperature"], symbols["melt_mass"], structure.mantle_mass
    molten = Model(
        outputs=(
            Output("surface_temperature", T_s, "K", "surface temperature"),
            Output("melt_fraction", melt_mass / total, "1", "melt fraction of the mantle, by mass"),
            Output("melt_mass", melt_mass, "kg", "mass of melt"),
            *(() if column.iron is None else ocean_outputs(column.iron, symbols, total)),
        ),
        field=_field(mesh, tables, start, cells, column),
        links=links,
        inflows=(Inflow("last", boundary.loss, component=ENTROPY),),
    )
    heat_at_start = initial_heat(tables, core, start)
    share = mesh.cell_mass / total
    energy = _energy(symbols["mantle_heat"], boundary, heat_at_start, total * column.heating, share)
    model = join("mantle column", molten, boundary.model, energy)
    limits = (float(top((0,), tables.entropy[0])), float(top((0,), tables.entropy[-1])))
    ferric = None
    if column.iron is not None and redox is not None:
        ferric = ferric_column(column.iron, redox, tables, mesh, symbols)
    return Mantle(model, T_s, melt_mass, total - melt_mass, limits, ferric)


def _rock(phases: tuple[Phase, Phase], laws: Mapping[str, Law], column: Column) -> Rock:
    """The material of the column."""
    names = {kind: laws[kind].name for kind in TABULATED}
    melt, solid = phases
    return Rock(
        melt,
        solid,
        **names,
        crystal_size=column.crystal_size,
        conductivity=column.conductivity,
        pile_viscosity=None if column.iron is None else column.iron.viscosity,
    )


def _cells(mesh: Mesh, tables: Tables, eddies: Law, rock: Rock, column: Column, top: Curve) -> _Cells:
    """State, fluxes and profiles of the cells. top: surface temperature of entropy."""
    iron = column.iron
    entropy = ONLY if iron is None else iron.components[0]
    outermost = entropy.first + mesh.surface_extrapolation * (entropy.first - entropy.second)
    cell = tables.ranges["cell"]
    profiles = {
        "area": mesh.face_area[1:-1],
        "steepness": mesh.steepness[1:-1],
        "weight": mesh.weight,
        "cell_mass": mesh.cell_mass,
        "solid_entropy": cell.solid_entropy,
        "fusion_entropy": cell.fusion_entropy,
    }
    temperature = tables.cell["temperature"](entropy.here)
    heat = tables.cell["heat"](entropy.here)
    surface = External("surface_temperature_of_entropy", top)(outermost)
    lowest: sympy.Expr = entropy.last
    drive = None
    if iron is not None:
        c = iron.components[1]
        profiles |= profiles_of(iron, tables.ranges, mesh, rock.melt, rock.solid)
        profiles["cell_thickness"] = -np.diff(mesh.face_radius)
        temperature -= profile("iron_fall") * iron.excess(c.here)
        heat -= profile("iron_heat") * iron.excess(c.here)
        surface -= float(iron.fall(np.zeros(1))[0]) * iron.excess(c.first)
        drive = driving_entropy(tables, iron, profiles["iron_heat"])
        profiles |= drive.profiles
        lowest = drive.lowest
    phi = bounded((entropy.here - profile("solid_entropy")) / profile("fusion_entropy"))
    flux = heat_flux(tables, eddies, column, drive)
    return _Cells(entropy, phi, temperature, heat, surface, lowest, flux, profiles)


def _links(cells: _Cells, lowest: int) -> tuple[Link, ...]:
    """What the rest of the model sees of the column. lowest: number of the lowest inner face."""
    melt_mass = profile("cell_mass") * cells.melt_fraction
    heat_title = "heat of the mantle above its coldest tabulated state"
    kappa_title = "eddy diffusivity for the heat of the core"
    return (
        Link("surface_temperature", "edge", cells.surface_temperature, "K", "surface temperature"),
        Link("melt_mass", "total", melt_mass, "kg", "mass of melt"),
        Link("mantle_heat", "total", cells.heat, "J", heat_title),
        Link("lowest_entropy", "edge", cells.lowest_entropy, "J/kg/K", "entropy of the lowest cell"),
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
    inflows = () if heating == 0 else (Inflow("all", heating, share, ENTROPY),)
    return Model(
        parameters=(scale,),
        balances=(Balance("energy", heat, heating, scale=scale.symbol, unit="J"),),
        outputs=(*heating_output(heating), stored),
        inflows=inflows,
    )


def _field(mesh: Mesh, tables: Tables, start: np.ndarray, cells: _Cells, column: Column) -> Field:
    """The entropy of the cells, and their iron. start (n + 1,): of cells and core-mantle boundary."""
    span, iron = tables.ranges["cell"], column.iron
    viscosity = tables.cell["log10_viscosity"](cells.entropy.here)
    if column.factors.viscosity is not None:
        viscosity += sympy.log(column.factors.viscosity, 10)
    entropy = Component(
        ENTROPY,
        "J/kg/K",
        "specific entropy"
        if iron is None
        else "specific entropy at which the bulk mantle has this melt fraction",
        start=start[:-1],
        storage=cells.heat,
        flux=cells.flux.heat,
        low=float(tables.entropy[0]),
        high=float(tables.entropy[-1]),
        scale=ENTROPY_SCALE,
        start_slopes={BEGIN: np.ones(len(start) - 1)},  # the gradient at the start is fixed
    )
    composition = () if iron is None else _compositions(iron, cells)
    return Field(
        (entropy, *composition),
        profiles=cells.profiles,
        outputs=(
            FieldOutput("temperature", cells.temperature, "K", "temperature"),
            FieldOutput("local_melt_fraction", cells.melt_fraction, "1", "melt fraction by mass"),
            FieldOutput("log10_viscosity", viscosity, "1", "log10 of the viscosity in Pa s"),
        ),
        coordinates={
            "cell_pressure": (mesh.cell_pressure, "Pa", "pressure at the cell"),
            "cell_radius": (mesh.cell_radius, "m", "radius of the cell"),
            "cell_mass": (mesh.cell_mass, "kg", "mass of the cell"),
            "cell_solidus": (span.solidus, "K", "solidus at the cell"),
            "cell_liquidus": (span.liquidus, "K", "liquidus at the cell"),
        },
        definitions=cells.flux.definitions,
        numbers=column.factors.numbers,
    )


def _compositions(iron: Iron, cells: _Cells) -> tuple[Component, ...]:
    """The iron of the cells, and their ferric iron."""
    n = len(cells.profiles["cell_mass"])
    all_iron = Component(
        IRON,
        "1",
        "Fe/(Fe + Mg) of melt and crystals, molar",
        start=np.full(n, iron.bulk_iron),
        storage=profile("cell_mass") * iron.components[1].here,
        flux=cells.flux.iron,
        low=0.0,
        high=1.0,
        scale=IRON_SCALE,
        conserved=True,
    )
    if iron.ferric is None:
        return (all_iron,)
    return all_iron, ferric_component(iron, iron.ferric, n, cells.flux.ferric)


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
