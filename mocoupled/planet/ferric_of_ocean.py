"""Ferric iron beside the iron of a magma ocean with one composition, above a pile or with its crystals."""

from __future__ import annotations

from dataclasses import replace

from ..chemistry.volatile_chemistry import Chemistry
from ..dae.declare.model import Model, join
from ..interior.static_structure import Structure
from ..reservoirs.ferric_exchange import FerricOcean, IronOfPhases
from ..reservoirs.ferric_pile import UNKNOWN, ferric_of_pile, melting_rate
from ..reservoirs.mantle import Mantle
from ..reservoirs.volatiles import Volatiles
from .pile_of_case import Ocean


def with_ocean(chemistry: Chemistry, mantle: Mantle, ocean: Ocean | None) -> Mantle:
    """The mantle as the balance of oxygen sees it, where redox and iron of one ocean are followed."""
    iron = chemistry.iron
    if iron is None or ocean is None:
        return mantle
    pile = ocean.pile
    phases = IronOfPhases(pile.ocean_iron, pile.crystal_iron, pile.melt_fraction)
    settled = UNKNOWN.symbol if ocean.settles else None
    return replace(mantle, ocean=FerricOcean(phases, pile.bulk_iron, iron.partition, settled))


def with_ferric_pile(
    model: Model, inside: Structure, mantle: Mantle, ocean: Ocean | None, air: Volatiles
) -> Model:
    """The planet with the ferric iron of its pile; the planet alone where no pile has any.

    model: with all that brings or takes heat, from which the melting rate follows.
    Under a lid that closes, the mantle keeps its ferric iron as a parameter, and nothing is added.
    """
    share = [o.expression for o in air.model.outputs if o.name == "ferric_share"]
    if mantle.ocean is None or mantle.ocean.pile is None or ocean is None or not share:
        return model
    melting = melting_rate(model, mantle, inside.mantle_mass)
    return join(
        model.name,
        model,
        ferric_of_pile(ocean.pile, mantle.ocean.partition, share[0], melting, ocean.returned),
    )
