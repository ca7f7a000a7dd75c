"""Checks of a `melt:` entry of a mechanism's file: its form and keys, and its numbers in SI."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import InputError, nearest
from ..units import FACTORS, spelled, to_si
from .law_types import Range

POWER_LAW = ("coefficient", "exponent", "unit")
# standard error of the coefficient as published, in its unit
ERROR = "coefficient-error"
# range -> unit, and the number that both ends must exceed
_RANGES = {
    "T": ("K", 0.0),
    "P": ("Pa", 0.0),
    "p": ("Pa", 0.0),
    "dIW": ("1", -math.inf),
}
_PUBLICATION = ("reference", "key", "doi")
_CONDITIONS = (*_RANGES, "buffer", "buffer-pressure", "melt", *_PUBLICATION, "note")
# form -> keys beside it
FORMS: Mapping[str, tuple[str, ...]] = {
    "power-law": (*POWER_LAW, ERROR, *_CONDITIONS),
    "expression": ("expression", "unit", *_CONDITIONS),
    "sum": ("of", "melt", *_PUBLICATION, "note"),
    "law": ("melt", "note"),
    "none": ("note",),
}


@dataclass(frozen=True)
class Place:
    """Where an entry stands: species, name of the law, and the place in the user's input as text."""

    species: str
    law: str
    text: str


def check_entry(entry: object, place: str) -> str:
    """The form of an entry. Raises InputError for an unknown form, or a key that the form does not have."""
    if not isinstance(entry, Mapping):
        raise InputError(place, f"{entry!r} is not a table.", "allowed: {form: ..., ...}")
    form = entry.get("form")
    if not isinstance(form, str) or form not in FORMS:
        problem = "the key 'form' is missing."
        if "form" in entry:
            problem = f"no solubility law has the form {form!r}."
        raise InputError(place, problem, f"known: {', '.join(FORMS)}", nearest(str(form), FORMS))
    keys = FORMS[form]
    for key in entry:
        if key != "form" and key not in keys:
            allowed = f"keys of {form}: {', '.join(keys)}"
            raise InputError(place, f"the key {key!r} means nothing here.", allowed, nearest(key, keys))
    return form


def check_keys(entry: Mapping[str, object], keys: Sequence[str], what: str, place: str) -> None:
    """InputError where one of the keys is missing in the entry of `what`."""
    missing = [key for key in keys if key not in entry]
    if missing:
        raise InputError(place, f"{what} needs the key {missing[0]!r}.", f"needed: {', '.join(keys)}")


def positive(value: object, place: str) -> float:
    """A dimensionless number above 0; InputError for any other value."""
    number = to_si(value, "1", place)
    if number <= 0.0:
        raise InputError(
            f"{place} = {value!r}",
            "not a positive number.",
            "allowed: > 0",
            "for a species that does not dissolve write {form: none}",
        )
    return number


def coefficient_in_si(number: float, unit: str, exponent: float, place: str) -> float:
    """A power law's coefficient in kg/kg/Pa^exponent.

    Raises InputError for a unit that does not fit the exponent.
    """
    match = re.fullmatch(r"(ppmw|%|kg/kg)/([A-Za-z]+)(?:\^([0-9.]+))?", spelled(unit))
    if match and float(match[3] or 1) == exponent and FACTORS.get(match[2], ("",))[0] == "Pa":
        # the common units: they need no import of pint
        return number * FACTORS.get(match[1], ("1", 1.0))[1] / FACTORS[match[2]][1] ** exponent
    try:
        return to_si(f"{number!r} {unit}", f"kg/kg/Pa^{exponent!r}", f"{place} unit")
    except InputError as error:
        cure = f"with exponent {exponent:g} a unit is, for instance, ppmw/bar^{exponent:g}"
        raise InputError(f"{place} unit = {unit!r}", error.problem, error.allowed, cure) from None


def pressure_unit(unit: str) -> float:
    """The pressure [Pa] in the unit of a power law's coefficient: of a bar in "ppmw/bar^0.5", else 1."""
    match = re.search(r"/([A-Za-z]+)(?:\^[0-9.]+)?$", spelled(unit))
    dimension, factor = FACTORS.get(match[1], ("", 1.0)) if match else ("", 1.0)
    return factor if dimension == "Pa" else 1.0


def error_of(entry: Mapping[str, object], place: str) -> float | None:
    """The published standard error of a power law's coefficient, in its unit; None where there is none."""
    return positive(entry[ERROR], f"{place} {ERROR}") if ERROR in entry else None


def ranges_of(entry: Mapping[str, object], place: str) -> dict[str, Range]:
    """The ranges T, P, p and dIW that an entry states, in SI; InputError for one that is not [low, high]."""
    ranges = {}
    for name, (unit, least) in _RANGES.items():
        if name in entry:
            ranges[name] = _range(entry[name], unit, f"{place} {name}", least)
    return ranges


def _range(value: object, unit: str, place: str, least: float) -> Range:
    """[low, high] of an entry in SI; `least`: both must lie above it."""
    if isinstance(value, (str, Mapping)) or not isinstance(value, Sequence) or len(value) != 2:
        raise InputError(f"{place} = {value!r}", "not a range.", "allowed: [low, high]")
    low, high = (to_si(end, unit, f"{place} = {value!r}") for end in value)
    if not least < low <= high:
        floor = "" if least == -math.inf else f"{least:g} < "
        allowed = f"allowed: [low, high] with {floor}low <= high"
        raise InputError(f"{place} = {value!r}", "not a range.", allowed)
    return low, high
