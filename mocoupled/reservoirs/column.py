"""The mantle as a column of cells: heat by convection, mixing, separation and conduction, from the core to the surface.

Bower, Sanan & Wolf 2018 and Bower et al. 2022, App. B. Unknowns: the specific entropy of every cell, and that of the
core-mantle boundary. With S' = dS/dr, x = -S', and all properties on their own pressure, the heat flux at a face is

    J = -rho T kappa S' - rho T_f w kappa (S' - c') + a q - k [(T/c_p) S' + (dT/dP)_S P']

by eddies, by mixing of melt and crystals, by their separation and by conduction, and among crystals
-rho T kappa_p (1 - phi) min(S', 0) by the overturn of a pile of cumulates that melts on its way up; T_f is the
temperature at half melt, w the two-phase weight, c' = phi S_liq' + (1 - phi) S_sol' along the column, q = rho phi (1 - phi) v_rel T_f dS_f and a
the availability of melt in the cell below.

closure "reference" follows the published code: everything at the entropy of the face, kappa = 0 where S' >= 0. Its flux
has a fold as a function of x, so that cells drain by jumps and the surface temperature jitters. closure "smooth" removes
the fold: kappa is driven by at least the gradient x_m = |c'| w T_f/(4 T) at which the flux has its minimum, it is the
mean of kappa at the viscosities of both cells, and the separation is that of the cell above.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy

from ..closures.law_types import Law
from ..closures.registry import find
from ..dae.declare.field import ABOVE, BELOW, FIRST, HERE, LAST, SECOND, FieldOutput, profile
from ..dae.declare.model import Balance, Model, Output, Parameter, Start, Unknown
from ..dae.leaves.external import External
from ..dae.declare.field import Field, Inflow, Link
from ..dae.leaves.smooth_curve import Curve
from ..interior.adams_williamson import AdamsWilliamson
from ..interior.silicate_eos import Phase
from .column_iron import Iron, IronAt, plain
from .column_tables import Closure, Tables, tables  # noqa: F401  (Closure is part of what a case asks)
from .mantle import Core, Mantle
from .mesh import Mesh, mesh

TABULATED = ("solidus", "liquidus", "viscosity", "separation")  # kinds of the laws that the tables hold
INITIAL_GRADIENT = 1e-5  # J/kg/K/m, entropy growing with depth at the start (Bower et al. 2022; notes E.9)
FLOOR_ROUNDING = 0.3  # of x_m: how sharply the driving gradient leaves its floor
OVERTURN_ROUNDING = 1e-8  # J/kg/K/m; a pile at its solidus has 1e-4
LEAST_GRADIENT = 1e-12  # J/kg/K/m: keeps the floor differentiable where a single phase has x_m = 0
ENTROPY_SCALE = (
    10.0  # J/kg/K: times rtol it must stay below the super-adiabatic steps between molten cells, 1e-3 to 1e-2
)


@dataclass(frozen=True)
class Column:
    """What a case asks of the column.

    cells; crystal_size: radius [m]; closure, separation, availability: by name, see Closure; stretching, top_cell: of the mesh;
    initial_entropy [J/kg/K] of the top cell, or None for initial_temperature [K] at the surface; heating [W/kg],
    of time; mixing_length [m]; conductivity [W/m/K]; iron: how that of the magma ocean acts, None: on nothing; overturn:
    symbol of the scalar unknown kappa_p [m2/s], None: no overturn.
    """

    cells: int
    crystal_size: float
    closure: Closure
    stretching: float
    top_cell: float | None
    initial_temperature: float
    initial_entropy: float | None = None
    heating: sympy.Expr = sympy.S.Zero
    mixing_length: float = 0.0
    conductivity: float = 4.0
    iron: Iron | None = None
    overturn: sympy.Symbol | None = None


def column(
    structure: AdamsWilliamson, core: Core, melt: Phase, solid: Phase, laws: dict[str, Law], asked: Column
) -> Mantle:
    """Declare the column. laws: solidus, liquidus, viscosity, separation, eddy_diffusivity.

    The surface radiates at T(P = 0) of the entropy extrapolated from the two uppermost cells, without a boundary
    layer. The core gives its heat M c ratio dT_cmb to the lowest cell by eddies (as at the face above) and conduction.
    Latent heat is in the entropy; heat is int rho T dS over each cell's volume, along the melting curves of the bulk mantle.
    """
    grid, own = _tables(
        structure,
        asked.cells,
        asked.stretching,
        asked.top_cell,
        melt,
        solid,
        tuple(laws[kind].name for kind in TABULATED),
        asked.closure,
        asked.crystal_size,
        asked.conductivity,
    )
    top, bottom = Curve(own.entropy, own.surface_temperature), own.core_mantle
    start = _start_entropy(structure, grid, own, asked)
    span = own.ranges["cell"]

    outermost = FIRST + grid.surface_extrapolation * (FIRST - SECOND)
    iron = None if asked.iron is None else IronAt(asked.iron, own.ranges, structure, grid, melt, solid)
    flux, kappa, named = _heat_flux(own, laws["eddy diffusivity"], asked, iron)
    profiles = {"solid_entropy": span.solid_entropy, "fusion_entropy": span.fusion_entropy}
    if iron is None:
        here, top_one = plain(HERE, *map(profile, profiles)), plain(outermost)
    else:
        here, top_one = iron.cell.at(HERE, "here"), iron.surface.at(outermost, "top")
        named, profiles = (*here.definitions, *top_one.definitions, *named), profiles | iron.profiles
    if asked.overturn is not None:
        face = own.ranges["face"]
        profiles |= {"face_solid_entropy": face.solid_entropy, "face_fusion_entropy": face.fusion_entropy}
    surface = External("surface_temperature_of_entropy", top)(top_one.entropy) + top_one.warmer
    last = asked.cells - 2
    links = (
        Link("surface_temperature", "edge", surface, "K", "surface temperature"),
        Link("melt_mass", "total", profile("cell_mass") * here.melt_fraction, "kg", "mass of melt"),
        Link(
            "mantle_heat",
            "total",
            own.cell["heat"](HERE),
            "J",
            "heat of the mantle above its coldest tabulated state",
        ),
        Link("lowest_entropy", "edge", LAST, "J/kg/K", "entropy of the lowest cell"),
        Link("lowest_diffusivity", "face", kappa, "m^2/s", "eddy diffusivity of the lowest inner face", last),
    )
    T_s, melt_mass, heat, S_last, kappa_last = (link.symbol for link in links)

    unknown = Unknown(
        "core_mantle_entropy",
        "J/kg/K",
        guess=float(start[-1]),
        scale=ENTROPY_SCALE,
        long_name="entropy of the core-mantle boundary",
    )
    S = unknown.symbol
    curve = {
        name: External(f"core_mantle_{name}", Curve(own.entropy, values))(S)
        for name, values in bottom.items()
    }
    gradient = float(grid.steepness[-1]) * (S_last - S)
    area = float(grid.face_area[-1])
    from_core = area * (
        -curve["heat_capacity_volume"] * kappa_last * gradient
        - curve["conduction"] * gradient
        - curve["adiabatic_conduction"]
    )
    core_heat = core.mass * core.heat_capacity * core.temperature_ratio * curve["heat"]
    total = structure.mantle_mass
    heated = [] if asked.heating == 0 else [Inflow("all", total * asked.heating, grid.cell_mass / total)]
    begin = Parameter(
        "initial_core_mantle_entropy",
        float(start[-1]),
        "J/kg/K",
        "entropy of the core-mantle boundary at the start",
    )
    scale = Parameter(
        "initial_heat",
        _initial_heat(own, core, bottom, start),
        "J",
        "heat of mantle and core at the start, above the coldest tabulated state",
    )
    model = Model(
        "mantle column",
        unknowns=(unknown,),
        parameters=(begin, scale),
        balances=(Balance("energy", heat + core_heat, total * asked.heating, scale=scale.symbol, unit="J"),),
        starts=(Start("initial core-mantle entropy", S - begin.symbol),),
        outputs=(
            Output("surface_temperature", T_s, "K", "surface temperature"),
            Output("melt_fraction", melt_mass / total, "1", "melt fraction of the mantle, by mass"),
            Output("melt_mass", melt_mass, "kg", "mass of melt"),
            Output(
                "core_mantle_temperature",
                curve["temperature"],
                "K",
                "temperature of the core-mantle boundary",
            ),
            Output("core_flux", from_core / area, "W/m^2", "heat flux from the core into the mantle"),
            *(
                [Output("internal_heating", total * asked.heating, "W", "heat made in the mantle")]
                if heated
                else []
            ),
            Output(
                "heat", heat + core_heat, "J", "heat of mantle and core above the coldest tabulated state"
            ),
        ),
        field=Field(
            "entropy",
            "J/kg/K",
            "specific entropy",
            start=start[:-1],
            storage=own.cell["heat"](HERE),
            flux=flux,
            profiles={
                "area": grid.face_area[1:-1],
                "steepness": grid.steepness[1:-1],
                "weight": grid.weight,
                "cell_mass": grid.cell_mass,
                **profiles,
            },
            low=float(own.entropy[0]),
            high=float(own.entropy[-1]),
            scale=ENTROPY_SCALE,
            outputs=(
                FieldOutput("entropy", HERE, "J/kg/K", "specific entropy"),
                FieldOutput(
                    "temperature", own.cell["temperature"](here.entropy) + here.warmer, "K", "temperature"
                ),
                FieldOutput("local_melt_fraction", here.melt_fraction, "1", "melt fraction by mass"),
                FieldOutput(
                    "log10_viscosity",
                    own.cell["log10_viscosity"](here.entropy),
                    "1",
                    "log10 of the viscosity in Pa s",
                ),
            ),
            coordinates={
                "cell_pressure": (grid.cell_pressure, "Pa", "pressure at the cell"),
                "cell_radius": (grid.cell_radius, "m", "radius of the cell"),
                "cell_mass": (grid.cell_mass, "kg", "mass of the cell"),
                "cell_solidus": (span.solidus, "K", "solidus at the cell"),
                "cell_liquidus": (span.liquidus, "K", "liquidus at the cell"),
            },
            levels=tuple(
                level for level in (asked.iron and asked.iron.level, asked.overturn) if level is not None
            ),
            definitions=named,
        ),
        links=links,
        inflows=(Inflow("last", from_core), *heated),
    )
    limits = (float(top((0,), own.entropy[0])), float(top((0,), own.entropy[-1])))
    return Mantle(model, T_s, melt_mass, total - melt_mass, limits)


def _heat_flux(own: Tables, diffusivity: Law, asked: Column, iron: IronAt | None):
    """Heat through an inner face, upwards [W], the eddy diffusivity there [m2/s], and definitions that they use."""
    difference = ABOVE - BELOW
    slope = profile("steepness") * difference
    weight = profile("weight")
    middle = weight * ABOVE + (1 - weight) * BELOW
    at, named = {"mean": middle, "above": ABOVE, "below": BELOW}, ()
    if iron is not None:
        states = {side: iron.face.at(S, side) for side, S in at.items()} | {
            "availability": iron.below.at(BELOW, "below")
        }
        at, named = (
            {key: state.entropy for key, state in states.items()},
            tuple(d for state in states.values() for d in state.definitions),
        )
    mean, above, below = (
        {name: leaf(at.get(name, at[side])) for name, leaf in leaves.items()}
        for side, leaves in (("mean", own.mean), ("above", own.above), ("below", own.below))
    )
    if iron is not None:
        slope_at = profile("face_melting_slope")
        named += ((slope_at, mean["melting_slope"] + iron.slope_change(states["mean"].melt_fraction)),)
        mean["melting_slope"] = slope_at

    def kappa(driving, ln_viscosity):
        return diffusivity(
            buoyancy=mean["buoyancy"] * driving,
            ln_kinematic_viscosity=ln_viscosity,
            mixing_length=asked.mixing_length,
        )

    if asked.closure.name == "smooth":
        least = -mean["melting_slope"] * mean["two_phase"] / (4 * mean["heat_capacity_volume"])
        rounding = (FLOOR_ROUNDING * least) ** 2 + LEAST_GRADIENT**2
        beyond = slope + least  # above 0: the gradient is less than the floor
        root = sympy.sqrt(beyond**2 + rounding)
        size = sympy.Abs(beyond)
        driving = (
            least + (size - beyond) / 2 + rounding / (2 * (root + size))
        )  # least + (root - beyond)/2, without cancellation
        mixed = (kappa(driving, above["ln_viscosity"]) + kappa(driving, below["ln_viscosity"])) / 2
    else:
        driving = sympy.Piecewise((-slope, slope < 0), (LEAST_GRADIENT**2, True))
        mixed = sympy.Piecewise((kappa(driving, mean["ln_viscosity"]), slope < 0), (0, True))
    separation = _separation(asked.closure, mean, above, below) * (
        1 if iron is None else iron.density_contrast
    )
    J = (
        -mean["heat_capacity_volume"] * mixed * slope
        - mean["two_phase"] * mixed * (slope - mean["melting_slope"])
        + separation
        - mean["conduction"] * slope
        - mean["adiabatic_conduction"]
    )
    if asked.overturn is not None:
        melt = (
            plain(middle, profile("face_solid_entropy"), profile("face_fusion_entropy"))
            if iron is None
            else states["mean"]
        ).melt_fraction
        falling = (sympy.sqrt(slope**2 + OVERTURN_ROUNDING**2) - slope) / 2  # -min(S', 0), smooth
        J += mean["heat_capacity_volume"] * asked.overturn * (1 - melt) * falling
    return profile("area") * J, mixed, named


def _separation(closure: Closure, mean, above, below):
    """Heat flux of the melt that leaves its crystals [W/m2]."""
    if closure.separation == "upwind":
        return below["separation_rising"] + above["separation_falling"]
    return below["availability"] * (above if closure.name == "smooth" else mean)["separation"]


def _start_entropy(structure, grid: Mesh, own: Tables, asked: Column):
    """Entropies of the cells and of the core-mantle boundary at the start: fully mixed, with a small gradient."""
    radius = np.concatenate([grid.cell_radius, grid.face_radius[-1:]])
    if asked.initial_entropy is not None:
        return asked.initial_entropy + INITIAL_GRADIENT * (radius[0] - radius)
    surface = np.interp(asked.initial_temperature, own.surface_temperature, own.entropy)
    return surface + INITIAL_GRADIENT * (structure.radius - radius)


def _initial_heat(own: Tables, core: Core, bottom, start) -> float:
    mantle = float(np.sum(own.heat_table(start[:-1])[0][0]))
    return mantle + core.mass * core.heat_capacity * core.temperature_ratio * float(
        np.interp(start[-1], own.entropy, bottom["heat"])
    )


@lru_cache(maxsize=16)
def _tables(
    structure, cells, stretching, top_cell, melt, solid, names, closure, crystal_size, conductivity
) -> tuple[Mesh, Tables]:
    """Mesh and tables, kept for the next case with the same mantle; names: of the laws, in the order of TABULATED."""
    grid = mesh(structure, cells, stretching, top_cell)
    laws = {kind: find(kind, name) for kind, name in zip(TABULATED, names)}
    return grid, tables(structure, grid, melt, solid, laws, closure, crystal_size, conductivity)
