"""The magma ocean and the pile below it, which are parts of one mantle column: sums over the cells."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from ..closures.iron_magnesium import exchange
from ..closures.rheology import pile_share
from ..dae.declare.field import Link, profile
from ..dae.declare.model import Output
from .column_iron import Iron, melt_composition

# of the mass of a cell: weight in the ocean of a mantle without melt, whose means stay defined
LEAST_WEIGHT = 1e-9
TOTAL = "iron_mass"


def ocean_links(iron: Iron, melt_fraction: sympy.Expr) -> tuple[Link, ...]:
    """Sums over the cells: melt of the ocean, iron of that melt and of all, and the pile.

    melt_fraction: of a cell.
    """
    c, phi, mass = iron.components[1].here, melt_fraction, profile("cell_mass")
    K = iron.exchange_of("exchange")
    solid = pile_share(phi)
    ocean = mass * (phi * (1 - solid) + LEAST_WEIGHT)
    pile = mass * (solid + LEAST_WEIGHT)
    sums = (
        ("ocean_melt", ocean, "kg", "melt of the ocean"),
        (
            "ocean_melt_iron",
            ocean * melt_composition(c, phi, K),
            "kg",
            "Fe/(Fe + Mg) times melt of the ocean",
        ),
        ("ocean_exchange", ocean * K, "kg", "exchange coefficient times melt of the ocean"),
        (TOTAL, mass * c, "kg", "Fe/(Fe + Mg) times mass"),
        ("pile_mass", pile, "kg", "mass of the pile"),
        ("pile_iron_mass", pile * c, "kg", "Fe/(Fe + Mg) times mass of the pile"),
        ("pile_depth", profile("cell_thickness") * solid, "m", "thickness of the pile"),
    )
    return tuple(Link(name, "total", e, unit, title) for name, e, unit, title in sums)


def ocean_outputs(iron: Iron, links: Mapping[str, sympy.Symbol], total: float) -> tuple[Output, ...]:
    """The compositions of ocean and pile, which a result stores. total [kg]: mass of the mantle."""
    ocean = links["ocean_melt_iron"] / links["ocean_melt"]
    crystals = exchange(ocean, links["ocean_exchange"] / links["ocean_melt"])
    pile = links["pile_iron_mass"] / links["pile_mass"]
    return (
        Output("ocean_iron", ocean, "1", "Fe/(Fe + Mg) of the melt"),
        Output("crystal_iron", crystals, "1", "Fe/(Fe + Mg) of crystals in equilibrium with the melt"),
        Output("pile_iron", pile, "1", "mean Fe/(Fe + Mg) of the pile of crystals"),
        Output("pile_thickness", links["pile_depth"], "m", "thickness of the pile of crystals"),
        Output("mantle_iron", links[TOTAL] / total, "1", "Fe/(Fe + Mg) of the whole mantle"),
    )
