"""The pile of cumulates below a lumped mantle: iron of its one ocean."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from ..case import Case
from ..cumulates.of_case import one_exchange
from ..cumulates.remelting_equations import pile_thickness
from ..dae.declare.model import Model
from ..interior.static_structure import Structure
from ..reservoirs import cumulates
from ..reservoirs.mantle import Mantle
from ..schema.buffering_case import BufferingCase

# name of the balance
IRON = cumulates.IRON


@dataclass(frozen=True)
class Ocean:
    """A magma ocean of one composition.

    pile: what has crystallised. settles: whether it leaves the ocean, or stays in equilibrium with it.
    returned: what the pile returns; None where nothing is returned.
    """

    pile: cumulates.CoolingPile
    settles: bool
    returned: cumulates.Return | None = None


def cooling_pile(
    case: Case,
    below: BufferingCase,
    inside: Structure,
    mantle: Mantle,
    varied: sympy.Expr | None = None,
) -> cumulates.CoolingPile:
    """The pile of all that has crystallised, below an ocean that cools. varied: factor on K_D."""
    melt_fraction = mantle.melt_mass / inside.mantle_mass
    return cumulates.CoolingPile(
        melt_fraction,
        pile_thickness(1 - melt_fraction, below.values, below.readings),
        below.values["bulk_iron"],
        one_exchange(below) if varied is None else varied * one_exchange(below),
        case.cumulates.trapped_melt,
    )


def iron_of_ocean(ocean: Ocean) -> Model:
    """The iron of the magma ocean above a pile, or with crystals that stay in it."""
    if not ocean.settles:
        return cumulates.suspended_crystals(ocean.pile)
    return cumulates.cooling_pile(ocean.pile, ocean.returned)
