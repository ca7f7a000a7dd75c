"""The core below a mantle column: entropy and heat of the core-mantle boundary, and the heat flux from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy

from ..dae.declare.model import Model, Output, Parameter, Start, Unknown
from ..dae.leaves.external import External
from ..dae.leaves.smooth_curve import Curve
from .column_tables import Tables
from .mantle import Core
from .mesh import Mesh

# J/kg/K: times rtol it must stay below the super-adiabatic steps between molten cells, 1e-3 to 1e-2
ENTROPY_SCALE = 10.0


@dataclass(frozen=True)
class Lowest:
    """What the core sees of the lowest cell, as symbols.

    entropy [J/kg/K]; diffusivity [m2/s]: of the eddies.
    """

    entropy: sympy.Symbol
    diffusivity: sympy.Symbol


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
) -> CoreMantleBoundary:
    """Declare the core-mantle boundary, whose unknown is its entropy.

    start [J/kg/K]: entropy of the boundary at the start.
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
    gradient = float(grid.steepness[-1]) * (lowest.entropy - S)
    area = float(grid.face_area[-1])
    eddies = -curve["heat_capacity_volume"] * lowest.diffusivity * gradient
    loss = area * (eddies - curve["conduction"] * gradient - curve["adiabatic_conduction"])
    begin = Parameter(
        "initial_core_mantle_entropy", start, "J/kg/K", "entropy of the core-mantle boundary at the start"
    )
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


def _heat_per_kelvin(core: Core) -> float:
    """Heat that the core gives for each kelvin by which the core-mantle boundary cools [J/K]."""
    return core.mass * core.heat_capacity * core.temperature_ratio


def initial_heat(tables: Tables, core: Core, start: np.ndarray) -> float:
    """Heat of mantle and core [J] at the entropies (n + 1,) of cells and core-mantle boundary."""
    mantle = float(np.sum(tables.heat_table(start[:-1])[0][0]))
    of_core = float(np.interp(start[-1], tables.entropy, tables.core_mantle["heat"]))
    return mantle + _heat_per_kelvin(core) * of_core
