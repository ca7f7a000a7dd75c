"""Keys and choices of a case that earlier versions had, each with the sentence on what replaced it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ONE_SEPARATION = (
    "melt now separates by one flux for each closure: upwind with mantle.closure = 'consistent', "
    "as published with 'reference'"
)
_PILE_IN_COLUMN = "the pile of cumulates is now the lower part of the column"
# section, key -> what replaced it
KEYS: dict[tuple[str, str], str] = {
    ("mantle", "separation"): _ONE_SEPARATION,
    ("mantle", "availability"): _ONE_SEPARATION,
    ("cumulates", "return_heat"): (f"{_PILE_IN_COLUMN}, and melt that leaves it takes its heat along"),
    ("cumulates", "depression"): (
        f"{_PILE_IN_COLUMN}: iron of each cell lowers its melting curves by T_Mg - T_Fe of "
        "cumulates.parameters, or not at all with cumulates.melting_curves = 'bulk'"
    ),
}
# section, key, choice -> what replaced it
CHOICES: dict[tuple[str, str, str], str] = {
    ("mantle", "closure", "smooth"): (
        "mantle.closure = 'consistent' took its place: the flux of 'smooth' had no limit under refinement"
    ),
}


def without_removed(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document of an earlier version without its removed keys and choices, which get their defaults."""
    return {
        section: _kept(section, content) if isinstance(content, Mapping) else content
        for section, content in document.items()
    }


def _kept(section: str, content: Mapping[str, Any]) -> dict[str, Any]:
    removed = {key for of_section, key in KEYS if of_section == section}
    for of_section, key, choice in CHOICES:
        if of_section == section and content.get(key) == choice:
            removed.add(key)
    return {key: value for key, value in content.items() if key not in removed}
