"""Keys that other keys replace: what a change of one key removes from the document of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .melt_overrides import COMPOSITION, OVERRIDES
from .planet_size import changed_keys, switched
from .quantities import nothing
from .sky import BANDS
from .start_keys import one_start

RADIATION, TEMPERATURE = "atmosphere.radiation", "planet.equilibrium_temperature"
NAME, MASS = "star.name", "star.mass"


def make_room(document: dict[str, Any], changes: Mapping[str, object], origin: str) -> None:
    """Remove from a document what changes, by dotted key, replace.

    These are the size of the planet, the start, the star, the equilibrium temperature, and what overrides
    the composition of the melt.
    InputError at the place `origin` where the changes themselves name two of a kind.
    """
    if isinstance(planet := document.get("planet"), dict):
        switched(planet, changed_keys((key.split("."), value) for key, value in changes.items()))
    one_start(document, changes, origin)
    one_star(document, changes)
    one_melt(document, changes)


def one_melt(document: dict[str, Any], changes: Mapping[str, object]) -> None:
    """Remove what overrides the composition of the melt, where the composition itself changes."""
    if not any(key == COMPOSITION or key.startswith(f"{COMPOSITION}.") for key in changes):
        return
    for override in OVERRIDES:
        section, key = override.split(".")
        table = document.get(section)
        stated = any(change == override or change.startswith(f"{override}.") for change in changes)
        if isinstance(table, dict) and not stated:
            table.pop(key, None)


def one_star(document: dict[str, Any], changes: Mapping[str, object]) -> None:
    """Remove from a document what changes, by dotted key, replace: the key that is named last counts.

    A star's name replaces its mass, and its mass its name. The law "bands" removes the equilibrium
    temperature.
    """
    star, planet = document.get("star", {}), document.get("planet", {})
    if (
        isinstance(star, dict)
        and NAME in changes
        and MASS not in changes
        and nothing(changes[NAME]) is not None
    ):
        star.pop("mass", None)
    if isinstance(star, dict) and MASS in changes and NAME not in changes:
        star.pop("name", None)
    if changes.get(RADIATION) == BANDS and TEMPERATURE not in changes and isinstance(planet, dict):
        planet.pop("equilibrium_temperature", None)
