"""The core below a mantle column: entropy and heat of the core-mantle boundary, and the heat flux from it.

Below a pile of crystals the flux is conducted through the layer at the wall from which convection starts,

    q = k (T_c - T_b) sqrt(1/H^2 + s/delta^2),

with H the half of the lowest cell, T_b its temperature along the adiabat at the core, delta as in
`closures.solid_convection` and s from 0 (molten) to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sympy

from ..closures.solid_convection import wall_layer
from ..dae.declare.field import Link
from ..dae.declare.model import Model, Output, Parameter, Start, Unknown
from ..dae.leaves.external import External
from ..dae.leaves.smooth_curve import Curve
from .column_iron import Iron, bounded
from .column_tables import CONDUCTED, Rock, Tables, melt_rich
from .mantle import Core
from .mesh import Mesh

# J/kg/K: times rtol it must stay below the super-adiabatic steps between molten cells, 1e-3 to 1e-2
ENTROPY_SCALE = 10.0
BEGIN = "initial_core_mantle_entropy"  # parameter of the model
# K: how smoothly the layer at the core ends where the pile is as hot as the core
DROP_ROUNDING = 1.0


@dataclass(frozen=True)
class Lowest:
    """What the core sees of the lowest cell, as symbols.

    entropy [J/kg/K]; diffusivity [m2/s]: of the eddies.
    pile: where crystals may carry; None: in a column without iron.
    """

    entropy: sympy.Symbol
    diffusivity: sympy.Symbol
    pile: BaseOfPile | None = None


@dataclass(frozen=True)
class BaseOfPile:
    """The lowest cell as part of a pile.

    entropy: S* [J/kg/K]; colder [K]: by its iron than the bulk mantle.
    solid: 0 where it is molten, 1 where crystals carry it.
    log10_viscosity: of the viscosity in Pa s; None: it does not convect.
    conductivity [W/m/K]; varied: factor on it, None for none.
    """

    entropy: sympy.Symbol
    colder: sympy.Expr
    solid: sympy.Expr
    log10_viscosity: sympy.Expr | None
    conductivity: float
    varied: sympy.Expr | None = None


def base_links(iron: Iron) -> tuple[Link, ...]:
    """What the core sees of a pile: S* and c of the lowest cell."""
    entropy, c = iron.components
    return (
        Link(
            "base_entropy", "edge", entropy.last, "J/kg/K", "entropy of the bulk mantle as molten as the base"
        ),
        Link("base_iron", "edge", c.last, "1", "Fe/(Fe + Mg) of the lowest cell"),
    )


def base_of_pile(
    iron: Iron,
    tables: Tables,
    rock: Rock,
    links: Mapping[str, sympy.Symbol],
    varied: sympy.Expr | None = None,
) -> BaseOfPile:
    """The lowest cell as part of a pile. links: those of `base_links`, by name.

    varied: factor on the conductivity; None for none.
    """
    S, span = links["base_entropy"], tables.ranges["cell"]
    phi = bounded((S - float(span.solid_entropy[-1])) / float(span.fusion_entropy[-1]))
    fall = float(iron.fall(np.array([tables.core_pressure]))[0])
    return BaseOfPile(
        S,
        fall * iron.excess(links["base_iron"]),
        1 - melt_rich(phi),
        None if rock.pile_viscosity is None else rock.log10_pile_viscosity(phi),
        rock.conductivity,
        varied,
    )


@dataclass(frozen=True)
class CoreMantleBoundary:
    """The part of the model, the heat of the core [J] and the heat that it loses to the mantle [W]."""

    model: Model
    heat: sympy.Expr
    loss: sympy.Expr


def core_mantle_boundary(
    core: Core,
    tables: Tables,
    grid: Mesh,
    start: float,
    lowest: Lowest,
    varied: sympy.Expr | None = None,
) -> CoreMantleBoundary:
    """Declare the core-mantle boundary, whose unknown is its entropy.

    start [J/kg/K]: entropy of the boundary at the start. varied: factor on the conductivity; None for none.
    """
    unknown = Unknown(
        "core_mantle_entropy",
        "J/kg/K",
        guess=start,
        scale=ENTROPY_SCALE,
        long_name="entropy of the core-mantle boundary",
    )
    S = unknown.symbol
    curve = {
        name: External(f"core_mantle_{name}", Curve(tables.entropy, values))(S)
        for name, values in tables.core_mantle.items()
    }
    if varied is not None:
        curve |= {name: varied * curve[name] for name in CONDUCTED}
    gradient = float(grid.steepness[-1]) * (lowest.entropy - S)
    area = float(grid.face_area[-1])
    eddies = -curve["heat_capacity_volume"] * lowest.diffusivity * gradient
    if lowest.pile is None:
        loss = area * (eddies - curve["conduction"] * gradient - curve["adiabatic_conduction"])
    else:
        conduction = conduction_to_pile(lowest.pile, tables, curve["temperature"], float(grid.steepness[-1]))
        loss = area * (eddies + conduction - curve["adiabatic_conduction"])
    begin = Parameter(BEGIN, start, "J/kg/K", "entropy of the core-mantle boundary at the start")
    title = "temperature of the core-mantle boundary"
    heat = _heat_per_kelvin(core) * curve["heat"]
    mean_flux = "heat flux from the core into the mantle, mean since the previous time"
    model = Model(
        unknowns=(unknown,),
        parameters=(begin,),
        starts=(Start("initial core-mantle entropy", S - begin.symbol),),
        outputs=(
            Output("core_mantle_temperature", curve["temperature"], "K", title),
            # an instant's loss is a large diffusivity times a difference of entropies near the tolerance
            Output("core_flux", -heat / area, "W/m^2", mean_flux, mean_rate=True),
        ),
    )
    return CoreMantleBoundary(model, heat, loss)


def conduction_to_pile(pile: BaseOfPile, tables: Tables, core: sympy.Expr, steepness: float) -> sympy.Expr:
    """Heat conducted from the core beyond the adiabat [W/m2]. core [K]: its temperature.

    steepness [1/m]: 1/H.
    """
    at = {
        name: External(f"base_{name}", Curve(tables.entropy, values))(pile.entropy)
        for name, values in tables.core_mantle.items()
        if name not in ("heat", "buoyancy")
    }
    # of the logarithm: beside a mush that does not convect a curve of the buoyancy would fall below 0
    ln_buoyancy = External("base_ln_buoyancy", Curve(tables.entropy, np.log(tables.core_mantle["buoyancy"])))
    T = at["temperature"]
    k = pile.conductivity if pile.varied is None else pile.varied * pile.conductivity
    drop = core - (T - pile.colder)
    gradient = sympy.Float(steepness**2)
    if pile.log10_viscosity is not None:
        density = at["heat_capacity_volume"] / T
        heat_capacity = pile.conductivity * T / at["conduction"]
        driving = (drop + sympy.sqrt(drop**2 + DROP_ROUNDING**2)) / 2
        thickness = wall_layer(
            sympy.exp(ln_buoyancy(pile.entropy)) * heat_capacity / T * driving,
            10**pile.log10_viscosity / density,
            k / (density * heat_capacity),
        )
        gradient += pile.solid / thickness**2
    return k * drop * sympy.sqrt(gradient)


def _heat_per_kelvin(core: Core) -> float:
    """Heat that the core gives for each kelvin by which the core-mantle boundary cools [J/K]."""
    return core.mass * core.heat_capacity * core.temperature_ratio


def initial_heat(tables: Tables, core: Core, start: np.ndarray) -> float:
    """Heat of mantle and core [J] at the entropies (n + 1,) of cells and core-mantle boundary."""
    mantle = float(np.sum(tables.heat_table(start[:-1])[0][0]))
    of_core = float(np.interp(start[-1], tables.entropy, tables.core_mantle["heat"]))
    return mantle + _heat_per_kelvin(core) * of_core
