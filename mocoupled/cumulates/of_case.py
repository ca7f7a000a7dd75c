"""The pile of a case: whether it melts again, its numbers, and the tables of its remelting."""

from __future__ import annotations

import hashlib
import json

from ..case import Case
from ..closures import registry as laws
from ..errors import InputError
from ..interior.deep_melting_curves import chosen
from ..interior.static_structure import structure
from ..schema.buffering_case import BufferingCase
from ..schema.melt_overrides import COMPOSITION, bulk_iron_of
from .of_planet import pile_on_planet, stiffening_temperature

# values that keys of [cumulates] replace
MATERIAL = ("bulk_iron", "viscosity", "exchange_coefficient")
# solid fraction from which remelting is tabulated: below, what a pile returns is proportional to it
FIRST_SOLID = 0.02
WHY = {
    "column": "the pile is the lower part of a column, and this mantle is {model}.",
    "one-temperature": (
        "one temperature of the pile stands beside one isentrope of the ocean; the cells of a {model} have "
        "the heat of the pile already."
    ),
}


def pile(case: Case) -> BufferingCase:
    """The pile of a case: material of its parameters and of [cumulates], on the planet of the case.

    The iron of the mantle is that of cumulates.bulk_iron, or of a composition that the case states, or of the
    parameters.

    InputError as of `apart`.
    """
    apart(case)
    keys = case.cumulates
    replaced = {name: getattr(keys, name) for name in MATERIAL if getattr(keys, name) is not None}
    origins = {name: f"cumulates.{name}" for name in replaced}
    composition = bulk_iron_of(case.melt, case.redox)
    if composition is not None and "bulk_iron" not in replaced:
        replaced["bulk_iron"], origins["bulk_iron"] = composition, COMPOSITION
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
        origins,
        f"{case.name} [cumulates]",
    )


def one_exchange(below: BufferingCase) -> float:
    """K_D of a run whose iron is that of one ocean; InputError for a law of pressure."""
    if isinstance(below.exchange, str):
        raise InputError(
            f"cumulates.exchange_coefficient = {below.exchange!r}",
            "this run has one magma ocean with one K_D: a law of pressure needs a pile that is part of the "
            "column.",
            "allowed: a number; the law in 'mocoupled mantle'",
        )
    return below.exchange


def remelts(case: Case) -> bool:
    """Whether the pile below a lumped mantle returns melt by the tables of its remelting.

    In a column the pile is its lower part, which melts by itself.
    """
    return _melts_again(case) and case.mantle.model == "lumped"


def _melts_again(case: Case) -> bool:
    """Whether a run has a pile that convects and melts again, in a column or below a lumped mantle."""
    keys = case.cumulates
    return keys.coupled and keys.crystals == "settle" and keys.remelting


def in_column(case: Case) -> bool:
    """Whether the pile is the lower part of a column, each of whose cells has iron as an unknown."""
    return case.cumulates.coupled and case.cumulates.crystals == "settle" and case.mantle.model == "column"


def apart(case: Case) -> bool:
    """Whether the pile has one temperature, of its balance, below a lumped mantle.

    InputError where the case requires a pile that its mantle cannot have.
    """
    choice, model = case.cumulates.pile, case.mantle.model
    fits = {"auto": model, "column": "column", "one-temperature": "lumped"}
    if _melts_again(case) and fits[choice] != model:
        raise InputError(
            f"{case.name} [cumulates] pile = {choice!r}",
            WHY[choice].format(model=model),
            f"allowed: 'auto', or mantle.model = {fits[choice]!r}",
        )
    return remelts(case)


def fingerprint(below: BufferingCase) -> str:
    """The fingerprint of the numbers and readings of a pile.

    It is part of the names in the equations, so that a run is not resumed with another pile.
    """
    content = json.dumps([sorted(below.values.items()), sorted(below.readings.items())])
    return hashlib.sha256(content.encode()).hexdigest()[:8]
