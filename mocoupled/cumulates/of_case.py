"""The pile of a case: whether it melts again, its numbers, and the tables of its remelting."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache

from ..case import Case
from ..closures import registry as laws
from ..interior.deep_melting_curves import chosen
from ..interior.static_structure import structure
from ..schema.buffering_case import BufferingCase
from .of_planet import pile_on_planet, stiffening_temperature
from .remelting_tables import CoreTables, OnCore

# values that keys of [cumulates] replace
MATERIAL = ("bulk_iron", "viscosity", "exchange_coefficient")
# solid fraction from which remelting is tabulated: below, what a pile returns is proportional to it
FIRST_SOLID = 0.02


def pile(case: Case) -> BufferingCase:
    """The pile of a case: material of its parameters and of [cumulates], on the planet of the case."""
    keys = case.cumulates
    replaced = {name: getattr(keys, name) for name in MATERIAL if getattr(keys, name) is not None}
    inside = structure(case.planet)
    solidus, liquidus = (
        laws.find(kind, chosen(getattr(case.mantle, kind), inside.core_mantle_pressure)).function
        for kind in ("solidus", "liquidus")
    )
    hottest = stiffening_temperature(inside, solidus, liquidus)
    return pile_on_planet(
        BufferingCase.read(keys.parameters).replace(replaced),
        inside,
        hottest,
        replaced,
        f"{case.name} [cumulates]",
    )


def remelts(case: Case) -> bool:
    """Whether the pile below a lumped mantle returns melt by the tables of its remelting.

    In a column the pile is its lower part, which melts by itself.
    """
    keys = case.cumulates
    settles = keys.coupled and keys.crystals == "settle"
    return settles and keys.remelting and case.mantle.model == "lumped"


def in_column(case: Case) -> bool:
    """Whether the pile is the lower part of a column, whose cells have their own iron."""
    return case.cumulates.coupled and case.cumulates.crystals == "settle" and case.mantle.model == "column"


def fingerprint(below: BufferingCase) -> str:
    """The fingerprint of the numbers and readings of a pile.

    It is part of the names in the equations, so that a run is not resumed with another pile.
    """
    content = json.dumps([sorted(below.values.items()), sorted(below.readings.items())])
    return hashlib.sha256(content.encode()).hexdigest()[:8]


# tables can take 200 MB when a core cools through all knots
@lru_cache(maxsize=3)
def _tables_of(values: tuple[tuple[str, float], ...], readings: tuple[tuple[str, str], ...]) -> CoreTables:
    return CoreTables(BufferingCase("pile", "pile of a run", dict(values), dict(readings)), FIRST_SOLID)


def remelting_tables(below: BufferingCase) -> tuple[OnCore, OnCore, OnCore]:
    """RATES of remelting [1/s] over solid fraction, share of the ocean and core temperature [K].

    Each is a share of the pile. The core temperature is at most that of the pile.
    The tables are kept for the next case.
    """
    return _tables_of(tuple(sorted(below.values.items())), tuple(sorted(below.readings.items()))).leaves()
