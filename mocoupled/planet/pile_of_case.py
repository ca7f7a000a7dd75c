"""The pile of cumulates below a lumped mantle: iron of the ocean, and melt that the pile returns."""

from __future__ import annotations

import sympy

from ..case import Case
from ..cumulates.of_case import fingerprint, remelting_tables, remelts
from ..cumulates.remelting import RATES
from ..cumulates.remelting_equations import pile_thickness
from ..dae.declare.model import Model
from ..dae.leaves.external import External
from ..interior.static_structure import Structure
from ..reservoirs import cumulates
from ..reservoirs.mantle import Mantle
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


def iron_of_ocean(
    case: Case,
    below: BufferingCase,
    inside: Structure,
    mantle: Mantle,
    returned: cumulates.Return | None,
) -> Model:
    """The iron of the magma ocean of a lumped mantle, or of one whose crystals stay in it."""
    melt_fraction = mantle.melt_mass / inside.mantle_mass
    thickness = pile_thickness(1 - melt_fraction, below.values, below.readings)
    pile = cumulates.CoolingPile(
        melt_fraction,
        thickness,
        below.values["bulk_iron"],
        below.values["exchange_coefficient"],
        case.cumulates.trapped_melt,
    )
    if case.cumulates.crystals != "settle":
        return cumulates.suspended_crystals(pile)
    return cumulates.cooling_pile(pile, returned)
