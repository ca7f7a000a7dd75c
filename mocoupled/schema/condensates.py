"""The key chemistry.condensates: names of condensates that may form, graphite and water among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .quantities import refusal
from .section import once
from .species_names import split_names

ALL = "all"
# name in the list -> the key that says the same, and its default
KEYS = {
    "graphite": ("graphite", True),
    "C(gr)": ("graphite", True),
    "water": ("water", False),
    "H2O(l)": ("water", False),
}


def listed_or_none(value: object) -> object:
    """A list of names from one text; "none" as an empty list. "all" stays a name."""
    if isinstance(value, str):
        return [] if value.strip() == "none" else split_names(value)
    return value


def each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a name that is listed twice, and names beside "all"."""
    if ALL in names and len(names) > 1:
        raise refusal("it lists all, and some by name.", "allowed: 'all', or names of condensates.")
    if names:
        once(names)
    return names


def with_keys_of_names(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """The section with the keys graphite and water in place of these names among the condensates."""
    names = listed_or_none(table.get("condensates", ()))
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        return table
    changed = dict(table)
    for name in names:
        if name not in KEYS:
            continue
        key, default = KEYS[name]
        if key == "graphite" and table.get(key, default) is False:
            raise refusal(
                f"it lists {name!r}, but {key} = false.", "allowed: one of them.", key="condensates"
            )
        changed[key] = True
    changed["condensates"] = [name for name in names if name not in KEYS]
    return changed if len(changed["condensates"]) < len(names) else table
