"""The pile of cumulates of a case: iron of the ocean, melt that the pile returns, trapped melt."""

from __future__ import annotations

import sympy

from ..case import Case
from ..cumulates.of_case import fingerprint, heats, one_exchange, remelting_tables, remelts
from ..cumulates.remelting import RATES
from ..cumulates.remelting_equations import pile_thickness
from ..dae.declare.model import Model
from ..dae.leaves.external import External
from ..interior.static_structure import Structure
from ..reservoirs import cumulates
from ..reservoirs.mantle import Mantle
from ..reservoirs.trapped_volatiles import Trapping
from ..schema.buffering_case import BufferingCase

# name of the balance
IRON = cumulates.IRON


def melt_returned(
    case: Case, below: BufferingCase | None, mantle: Mantle, melt_fraction: sympy.Expr
) -> cumulates.Return | None:
    """Melt that the pile returns, tabulated over its states and the temperature of the core.

    None where it returns nothing.
    """
    if below is None or not remelts(case):
        return None
    mark = fingerprint(below)
    leaves = [
        External(f"remelting_{name}_{mark}", table, 3) for name, table in zip(RATES, remelting_tables(below))
    ]
    core = next(o.expression for o in mantle.model.outputs if o.name == "core_mantle_temperature")
    return cumulates.melt_back(melt_fraction, below.values["bulk_iron"], core, leaves)


def trapping(case: Case, mantle: Mantle, returned: cumulates.Return | None) -> Trapping | None:
    """Melt that is trapped with its volatiles in a column until it melts again, a share of what crystallises.

    None where nothing is trapped.
    """
    keys = case.cumulates
    settles = keys.coupled and keys.crystals == "settle" and mantle.model.field is not None
    if not settles or not keys.trapped_melt:
        return None
    rate = next(link.rate for link in mantle.model.links if link.symbol == mantle.melt_mass)
    if returned is None:
        return Trapping(keys.trapped_melt, rate)
    mass = mantle.solid_mass * returned.melt
    return Trapping(keys.trapped_melt, rate, mass, returned.melt, returned.source)


def cooling_pile(
    case: Case, below: BufferingCase, inside: Structure, mantle: Mantle
) -> cumulates.CoolingPile:
    """The pile of all that has crystallised, below an ocean that cools."""
    melt_fraction = mantle.melt_mass / inside.mantle_mass
    return cumulates.CoolingPile(
        melt_fraction,
        pile_thickness(1 - melt_fraction, below.values, below.readings),
        below.values["bulk_iron"],
        one_exchange(below),
        case.cumulates.trapped_melt,
    )


def iron_of_ocean(
    case: Case,
    pile: cumulates.CoolingPile,
    returned: cumulates.Return | None,
) -> Model:
    """The iron of the magma ocean, with the overturn of the pile where it carries heat."""
    if case.cumulates.crystals != "settle":
        return cumulates.suspended_crystals(pile)
    cooling = cumulates.cooling_pile(pile, returned)
    if returned is None or not heats(case):
        return cooling
    return cumulates.with_overturn(cooling, pile.thickness, returned)
