"""Amounts that are given to an equilibrium in words: text of a case for an inventory, species for their elements, a buffer for an offset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from pydantic_core import PydanticCustomError

from ..case import Case, kept
from ..chemistry.reactions import Mechanism
from ..closures.registry import find
from ..errors import InputError
from ..interior.static_structure import structure
from ..schema.quantities import ELEMENTS, Inventory
from ..units import shown, split

_OFFSET = re.compile(
    r"\s*(?:\N{GREEK CAPITAL LETTER DELTA}|d(?=[A-Z]))?([A-Za-z]+)\s*(?:([+-]?)\s*([0-9.]+))?\s*"
)
_RATIO = re.compile(r"[A-Z][a-z]?\s*/\s*[A-Z][a-z]?")
_FORMULA = re.compile(r"(?:[A-Z][a-z]?[0-9]*)+")
_PART = re.compile(r"([A-Z][a-z]?)([0-9]*)")
_NO_FUGACITY = ("oxygen_fugacity", "buffer", "buffer_pressure", "ferric_share")


def inventories_of(case: Case, inventories: Mapping[str, Any]) -> tuple[Case, dict[str, Any]]:
    """The case with the inventories that are text as only a case has it ("100 ppmw", "1 C/H"), and the others."""
    changes, numbers = {}, {}
    for name, value in inventories.items():
        if isinstance(value, str) and _RATIO.fullmatch(_unit(value)):
            changes["redox.oxygen" if name == "oxygen" else f"volatiles.{name}"] = value
            if name == "oxygen":
                changes |= {f"redox.{key}": "none" for key in _NO_FUGACITY}
        elif isinstance(value, (list, tuple)):
            numbers[name] = [in_kilograms(case, name, one) for one in value]
        else:
            numbers[name] = in_kilograms(case, name, value)
    return kept(case.replace(changes, origin="equilibrium")) if changes else case, numbers


def _unit(value) -> str:
    return (split(value) or (0.0, ""))[1] if isinstance(value, str) else ""


def in_kilograms(case, name, value):
    """Text as a case has it ("3 ocean", "100 ppmw" of the mantle) in kg; anything else as it is."""
    if not isinstance(value, str):
        return value
    where = f"{name} = {shown(value)}"
    try:
        read = Inventory.read(value, {**ELEMENTS, "oxygen": "O"}[name])
    except PydanticCustomError as error:
        words = error.context or {}
        raise InputError(where, *(words.get(key, "") for key in ("problem", "allowed", "cure"))) from None
    if read.reference:
        raise InputError(
            where,
            "a ratio to another element stands in a list.",
            "allowed: masses, or ppmw of the mantle",
            "give one ratio by itself, or in the case",
        )
    return read.amount * (structure(case.planet).mantle_mass if read.unit == "kg/kg" else 1.0)


def offset_of(case: Case, offset):
    """The offset in dex; text such as "IW+0.5" where the oxygen fugacity of the case is relative to the same buffer."""
    if isinstance(offset, (list, tuple)):
        return [offset_of(case, one) for one in offset]
    if not isinstance(offset, str) or split(offset) is not None:
        return offset
    where, read = f"oxygen_fugacity_offset = {offset!r}", _OFFSET.fullmatch(offset)
    imposed = case.redox.imposed
    own = (
        find("buffer", imposed.buffer).family
        if imposed is not None and imposed.buffer
        else None
    )
    cure = f'case.replace({{"redox.oxygen_fugacity": {offset!r}}})'
    if read is None or own is None or read[1] != own:
        stands = f"relative to {own}" if own else "absolute"
        raise InputError(
            where,
            f"this is no offset from the case's buffer: its oxygen fugacity is {stands}.",
            "allowed: a number in dex" + (f", or text such as '{own}+0.5'" if own else ""),
            cure,
        )
    try:
        return float(f"{read[2] or '+'}{read[3] or '0'}")
    except ValueError:
        raise InputError(where, "the offset is not a number.", f"allowed: text such as '{own}+0.5'") from None


def composition_of(name: str, mechanism: Mechanism) -> Mapping[str, float]:
    """Atoms of one mole of `name`: an element, a species of the mechanism, or a formula such as C2H6. InputError for others."""
    elements = {element for species in mechanism.species.values() for element in species.composition}
    if name in elements or name == "E":
        return {name: 1}
    if name in mechanism.species:
        return mechanism.species[name].composition
    bare = re.sub(r"\((?:g|l|s|gr|cr|L|S|aq)\)$", "", name)
    if not _FORMULA.fullmatch(bare):
        near = [
            known for known in (*sorted(elements), *mechanism.species) if known.casefold() == name.casefold()
        ]
        problem = "no element or species has this name."
        raise InputError(
            f"moles {name!r}",
            problem,
            f"allowed: elements ({', '.join(sorted(elements))}), species of the mechanism {mechanism.name}, formulas",
            f"did you mean {near[0]!r}?" if near else "",
        )
    found: dict[str, float] = {}
    for symbol, count in _PART.findall(bare):
        found[symbol] = found.get(symbol, 0) + int(count or 1)
    return found


def by_elements(conditions, names, mechanism: Mechanism):
    """The conditions with moles of the elements, in the order of their first appearance, in place of those of `names`."""
    total: dict[str, Any] = {}
    for name in names:
        moles = conditions.columns[f"moles_{name}"]
        for element, count in composition_of(name, mechanism).items():
            if count:
                held = moles if count == 1 else float(count) * moles
                total[element] = total[element] + held if element in total else held
    columns = {name: values for name, values in conditions.columns.items() if not name.startswith("moles_")}
    return replace(
        conditions, columns=columns | {f"moles_{element}": values for element, values in total.items()}
    )


def present(conditions) -> tuple[str, ...]:
    """The elements of which there is anything at any point; all of them where there are no points."""
    moles = {
        name.removeprefix("moles_"): values
        for name, values in conditions.columns.items()
        if name.startswith("moles_")
    }
    return tuple(e for e, values in moles.items() if not conditions.size or np.any(values != 0))
