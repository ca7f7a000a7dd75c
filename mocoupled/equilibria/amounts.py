"""Amounts as a user writes them: "3 ocean" for an inventory, species for elements, "IW+0.5" for an offset."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import overload

import numpy as np
from pydantic_core import PydanticCustomError

from ..broadcasting import Conditions
from ..case import Case, shared
from ..chemistry.records import CHARGE, Mechanism
from ..closures.registry import find
from ..errors import InputError
from ..interior.static_structure import structure
from ..schema.element_names import ELEMENTS
from ..schema.quantities import CONGRUENT, Inventory
from ..units import shown, split

_OFFSET = re.compile(
    r"\s*(?:\N{GREEK CAPITAL LETTER DELTA}|d(?=[A-Z]))?([A-Za-z]+)\s*(?:([+-]?)\s*([0-9.]+))?\s*"
)
_RATIO = re.compile(r"[A-Z][a-z]?\s*/\s*[A-Z][a-z]?")
_FORMULA = re.compile(r"(?:[A-Z][a-z]?[0-9]*)+")
_PART = re.compile(r"([A-Z][a-z]?)([0-9]*)")
_NO_FUGACITY = ("oxygen_fugacity", "buffer", "buffer_pressure", "ferric_share")


# ---- inventories


def inventories_of(case: Case, inventories: Mapping[str, object]) -> tuple[Case, dict[str, object]]:
    """The case with the inventories that are ratios ("1 C/H"), and the other inventories, with text in kg."""
    changes: dict[str, object] = {}
    numbers: dict[str, object] = {}
    for name, value in inventories.items():
        if isinstance(value, str) and _RATIO.fullmatch(_unit(value)):
            changes["redox.oxygen" if name == "oxygen" else f"volatiles.{name}"] = value
            if name == "oxygen":
                changes |= {f"redox.{key}": "none" for key in _NO_FUGACITY}
        elif isinstance(value, (list, tuple)):
            numbers[name] = [in_kilograms(case, name, entry) for entry in value]
        else:
            numbers[name] = in_kilograms(case, name, value)
    return shared(case.replace(changes, origin="equilibrium")) if changes else case, numbers


def _unit(text: str) -> str:
    """The unit of "<number> <unit>"; "" if no number leads."""
    parts = split(text)
    return parts[1] if parts else ""


@overload
def in_kilograms(case: Case, name: str, value: str) -> float: ...
@overload
def in_kilograms(case: Case, name: str, value: object) -> object: ...
def in_kilograms(case: Case, name: str, value: object) -> object:
    """Text as in a case ("3 ocean", "100 ppmw" of the mantle) in kg; any other value unchanged.

    name: of the inventory ("hydrogen"). InputError for text that is no inventory, or a ratio in a list.
    """
    if not isinstance(value, str):
        return value
    where = f"{name} = {shown(value)}"
    try:
        inventory = Inventory.read(value, {**ELEMENTS, "oxygen": "O"}[name])
    except PydanticCustomError as error:
        words = error.context or {}
        raise InputError(where, *(words.get(key, "") for key in ("problem", "allowed", "cure"))) from None
    if inventory.unit == CONGRUENT and not case.melt.vapour:
        cure = "set melt.vapour = true, or give a budget of oxygen"
        raise InputError(where, "only a melt that evaporates brings oxygen of its oxides.", cure=cure)
    if inventory.reference:
        raise InputError(
            where,
            "a ratio to another element is not allowed in a list.",
            "allowed: masses, or ppmw of the mantle",
            "give one ratio by itself, or in the case",
        )
    return inventory.amount * (structure(case.planet).mantle_mass if inventory.unit == "kg/kg" else 1.0)


# ---- the oxygen fugacity


@overload
def offset_of(case: Case, offset: str) -> float | str: ...
@overload
def offset_of(case: Case, offset: object) -> object: ...
def offset_of(case: Case, offset: object) -> object:
    """The offset of the oxygen fugacity in dex, from text such as "IW+0.5"; any other value unchanged.

    InputError for text that does not refer to the buffer of the case.
    """
    if isinstance(offset, (list, tuple)):
        return [offset_of(case, entry) for entry in offset]
    if not isinstance(offset, str) or split(offset) is not None:
        return offset
    where = f"oxygen_fugacity_offset = {offset!r}"
    buffer = _buffer_family(case)
    match = _OFFSET.fullmatch(offset)
    if match is None or buffer is None or match[1] != buffer:
        stands = f"relative to {buffer}" if buffer else "absolute"
        raise InputError(
            where,
            f"this is not an offset from the case's buffer: its oxygen fugacity is {stands}.",
            "allowed: a number in dex" + (f", or text such as '{buffer}+0.5'" if buffer else ""),
            f'case.replace({{"redox.oxygen_fugacity": {offset!r}}})',
        )
    try:
        return float(f"{match[2] or '+'}{match[3] or '0'}")
    except ValueError:
        allowed = f"allowed: text such as '{buffer}+0.5'"
        raise InputError(where, "the offset is not a number.", allowed) from None


def _buffer_family(case: Case) -> str | None:
    """The family ("IW") of the buffer that the oxygen fugacity of the case refers to; None without one."""
    imposed = case.redox.imposed
    if imposed is None or not imposed.buffer:
        return None
    return find("buffer", imposed.buffer).family


# ---- moles of species and elements


def composition_of(name: str, mechanism: Mechanism) -> Mapping[str, int | Fraction]:
    """Atoms of one mole of an element, of a species of the mechanism, or of a formula such as C2H6.

    InputError for any other name.
    """
    elements = {element for species in mechanism.species.values() for element in species.composition}
    if name in elements or name == CHARGE:
        return {name: 1}
    if name in mechanism.species:
        return mechanism.species[name].composition
    bare = re.sub(r"\((?:g|l|s|gr|cr|L|S|aq)\)$", "", name)
    if not _FORMULA.fullmatch(bare):
        known = (*sorted(elements), *mechanism.species)
        near = [other for other in known if other.casefold() == name.casefold()]
        raise InputError(
            f"moles {name!r}",
            "no element or species has this name.",
            f"allowed: elements ({', '.join(sorted(elements))}), species of the mechanism {mechanism.name}, "
            "formulas",
            f"did you mean {near[0]!r}?" if near else "",
        )
    atoms: dict[str, int | Fraction] = {}
    for symbol, count in _PART.findall(bare):
        atoms[symbol] = atoms.get(symbol, 0) + int(count or 1)
    return atoms


def by_elements(conditions: Conditions, names: Sequence[str], mechanism: Mechanism) -> Conditions:
    """The conditions with moles of elements, in order of their first appearance, in place of `names`."""
    total: dict[str, float | np.ndarray] = {}
    for name in names:
        moles = conditions.columns[f"moles_{name}"]
        for element, count in composition_of(name, mechanism).items():
            if count:
                amount = moles if count == 1 else float(count) * moles
                total[element] = total[element] + amount if element in total else amount
    others = {name: values for name, values in conditions.columns.items() if not name.startswith("moles_")}
    return replace(conditions, columns=others | {f"moles_{e}": values for e, values in total.items()})


def present(conditions: Conditions) -> tuple[str, ...]:
    """The elements that are present at any point; all of them where there are no points."""
    elements = []
    for name, values in conditions.columns.items():
        if name.startswith("moles_") and (not conditions.size or np.any(values != 0)):
            elements.append(name.removeprefix("moles_"))
    return tuple(elements)
