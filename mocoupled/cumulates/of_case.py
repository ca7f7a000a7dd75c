"""The pile of a case: whether the run has one that melts again, its numbers, and the tables of its remelting."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache

from ..case import Case
from ..closures import registry as laws
from ..interior import melting_curves  # noqa: F401  (it registers its laws)
from ..interior.static_structure import structure
from ..schema.buffering_case import BufferingCase
from .of_planet import of_planet, stiffening_temperature
from .remelting_tables import CoreTables, OnCore

MATERIAL = ("bulk_iron", "viscosity", "exchange_coefficient")  # that keys of [cumulates] replace
FIRST_SOLID = (
    0.02  # solid fraction from which remelting is tabulated: below, what a pile returns is proportional to it
)


def pile(case: Case) -> BufferingCase:
    """The pile of a case: material and readings of its parameters and of [cumulates], on the planet of the case."""
    keys = case.cumulates
    replaced = {name: value for name in MATERIAL if (value := getattr(keys, name)) is not None}
    inside = structure(case.planet)
    solidus, liquidus = (
        laws.find(kind, getattr(case.mantle, kind)).function for kind in ("solidus", "liquidus")
    )
    hottest = stiffening_temperature(inside, solidus, liquidus)
    return of_planet(
        BufferingCase.read(keys.parameters).replace(replaced),
        inside,
        hottest,
        replaced,
        f"{case.name} [cumulates]",
    )


def remelts(case: Case) -> bool:
    """Whether the pile gives melt back."""
    return case.cumulates.coupled and case.cumulates.remelting and case.cumulates.crystals == "settle"


def heats(case: Case) -> bool:
    """Whether that melt brings heat: within a lumped mantle it is no transport."""
    return remelts(case) and case.cumulates.return_heat and case.mantle.model == "column"


def fingerprint(below: BufferingCase) -> str:
    """Of the numbers and readings of a pile: part of the names in the equations, so that a run is not resumed with another pile."""
    return hashlib.sha256(
        json.dumps([sorted(below.values.items()), sorted(below.readings.items())]).encode()
    ).hexdigest()[:8]


@lru_cache(maxsize=3)  # one can take 200 MB when a core cools through all knots
def _tables_of(values, readings):
    return CoreTables(BufferingCase("pile", "pile of a run", dict(values), dict(readings)), FIRST_SOLID)


def remelting_tables(below: BufferingCase) -> tuple[OnCore, OnCore, OnCore]:
    """RATES of remelting [1/s], as shares of the pile, over solid fraction, share of the ocean and core temperature [K], at most
    that of the pile; kept for the next case."""
    return _tables_of(tuple(sorted(below.values.items())), tuple(sorted(below.readings.items()))).leaves()
