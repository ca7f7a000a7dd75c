"""What the mantle of a case cannot do, of which its results speak: melt at its lid, or convect as a pile."""

from __future__ import annotations

from collections.abc import Mapping

from ..case import Case
from ..closures.law_types import Law, numeric
from ..closures.solid_convection import adiabat, rayleigh_number
from ..cumulates.of_case import in_column
from .assembly import Planet


def solidus_above_lid(case: Case, laws: Mapping[str, Law]) -> float | None:
    """The solidus at the surface [K] where it is above the temperature that ends the run, else None."""
    solidus = float(numeric(laws["solidus"])(P=0.0))
    return solidus if solidus > case.run.end_surface_temperature else None


def largest_rayleigh_number(planet: Planet, core_temperature: float) -> float | None:
    """The largest Rayleigh number that the pile in the column of a run can have; None without such a pile.

    That of the whole mantle as a solid, between a core of this temperature [K] and the lid.
    """
    case, below = planet.case, planet.below
    if below is None or not in_column(case) or not case.cumulates.remelting:
        return None
    names = ("density", "gravity", "expansivity", "viscosity", "diffusivity")
    thickness, of = below.values["mantle_thickness"], {name: below.values[name] for name in names}
    rise = adiabat(thickness, of["gravity"], of["expansivity"], below.values["heat_capacity"])
    drop = core_temperature / rise - case.run.end_surface_temperature
    return float(rayleigh_number(drop, thickness, **of))
