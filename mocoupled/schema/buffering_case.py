"""A case of buffered crystallisation, shipped or of a user's file: planet, material and readings."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from ..conditions import number as read_number
from ..errors import InputError, nearest
from ..files import content, toml
from ..units import shown, written_unit
from .buffering_keys import DEFAULTS, LAW, QUANTITIES, READINGS, SECTIONS, Keys, check, section_of
from .titles import with_changes

FOLDER = Path(__file__).parents[1] / "cases" / "buffering"
CALIBRATION = "calibration"
EXCHANGE_KEY = "exchange_coefficient"


@dataclass(frozen=True)
class BufferingCase:
    """A case of buffered crystallisation, checked.

    values: SI, by the names of QUANTITIES; readings: by those of READINGS.
    calibration: label and spread.
    changed: the names that differ from the shipped calibration, which then no longer vouches for the result.
    origins: in a run, the origin of each value.
    """

    name: str
    title: str
    values: Mapping[str, float]
    readings: Mapping[str, str]
    calibration: Mapping[str, str] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def read(name: str) -> BufferingCase:
        """A shipped case (earth, mars) or a TOML file of the same form.

        InputError where the input cannot be read.
        """
        if name in shipped_cases():
            return _shipped(name)
        path = Path(name)
        if path.suffix != ".toml":
            raise InputError(
                f"case {name!r}",
                "no shipped case of a mantle has this name.",
                f"known: {', '.join(shipped_cases())}, or the path of a TOML file",
                nearest(name, shipped_cases()),
            )
        return _of_file(path)

    @staticmethod
    def of(case: object) -> BufferingCase:
        """The case that a user passed: a BufferingCase, the name of a shipped one, or the path of a TOML
        file.
        """
        if isinstance(case, BufferingCase):
            return case
        if isinstance(case, str | os.PathLike):
            return BufferingCase.read(os.fspath(case))
        cure = ""
        if hasattr(case, "volatiles"):
            cure = (
                "cases of runs (mocoupled.Case) are others: 'earth', 'mars' or a file of "
                "docs/mantle-chemistry.md"
            )
        raise InputError(
            f"case {shown(case)}",
            "this is not a case of a mantle.",
            f"allowed: {', '.join(shipped_cases())}, the path of a TOML file, or a BufferingCase",
            cure,
        )

    def replace(self, changes: Mapping[str, Any], origin: str = "") -> BufferingCase:
        """The case with other values ("4600 K" or SI numbers) or readings, by name or section.name.

        origin: what an error calls the place of the changes. InputError for a key or value that is not
        allowed.
        """
        before: dict[str, Any] = {**self.values, **_chosen(self.readings), EXCHANGE_KEY: self.exchange}
        after = dict(before)
        for key, value in changes.items():
            name = _known(key, origin)
            is_law = name == EXCHANGE_KEY and isinstance(value, str)
            after[name] = value if name in READINGS or is_law else _number(name, value, origin)
        keys = _checked(after, origin)
        after[EXCHANGE_KEY] = keys.melting.exchange_coefficient
        chosen = _readings_of(keys)
        different = [name for name in (*self.values, *chosen) if (after | chosen)[name] != before[name]]
        values, readings = _split({name: after[name] for name in self.values}, chosen)
        effective = {key: value for key, value in changes.items() if _known(key, origin) in different}
        return replace(
            self,
            title=with_changes(self.name, self.title, effective),
            values=MappingProxyType(values),
            readings=MappingProxyType(readings),
            changed=tuple(dict.fromkeys([*self.changed, *different])),
        )

    @property
    def exchange(self) -> float | str:
        """K_D: a number, or the name of a law of pressure (the number among the values is then NaN)."""
        return self.readings.get(LAW, "") or self.values[EXCHANGE_KEY]

    @property
    def attributes(self) -> dict[str, str]:
        """What calibrated it, as attributes of a result."""
        attributes = {"case_name": self.name, "case_title": self.title, **self.calibration}
        if self.changed:
            attributes["calibration"] += f"; changed here: {', '.join(self.changed)}"
        return attributes | {f"reading_{name}": choice for name, choice in self.readings.items()}


# ---- files


@cache
def shipped_cases() -> Mapping[str, str]:
    """Name -> title of the shipped cases."""
    files = [path for path in sorted(FOLDER.glob("*.toml")) if path.stem != CALIBRATION]
    return MappingProxyType({path.stem: _toml(path)["title"] for path in files})


@cache
def _shipped(name: str) -> BufferingCase:
    document = _toml(FOLDER / f"{name}.toml")
    title = document.pop("title")
    return _made(name, title, _flat(document, name), name, name)


def _of_file(path: Path) -> BufferingCase:
    """The case of a user's file, which may be like a shipped one."""
    document = _toml(path)
    title = document.pop("title", path.stem)
    like = document.pop("like", "")
    if not isinstance(like, str):
        raise InputError(
            f"{path.name} like = {like!r}", "this is not the name of a case.", 'for example like = "earth"'
        )
    if like and like not in shipped_cases():
        raise InputError(
            f"{path.name} like = {like!r}",
            "no shipped case of a mantle has this name.",
            f"known: {', '.join(shipped_cases())}",
            nearest(like, shipped_cases()),
        )
    prescribed = _flat(document, path.name)
    made = _made(path.stem, str(title), prescribed, like, path.name)
    changed = [k for k in prescribed if k in QUANTITIES or made.readings[k] != DEFAULTS[k]]
    return replace(made, changed=tuple(changed))


def _made(name: str, title: str, keys: Mapping[str, Any], like: str, where: str) -> BufferingCase:
    """The case of some keys, with those of the shipped case `like` and of the calibration for the others."""
    about, calibrated = _calibration()
    base = dict(calibrated)
    if like:
        document = _toml(FOLDER / f"{like}.toml")
        base |= _flat({k: v for k, v in document.items() if k != "title"}, like)
    # a reading of the shipped case is not taken over
    base = {k: v for k, v in base.items() if k in QUANTITIES}
    flat = base | dict(keys)
    checked = _checked(flat, where, in_file=True)
    values = checked.values
    calibration = {"calibration": about["label"], "calibration_provenance": about["provenance"]}
    if like in about["spread"]:
        calibration["calibration_spread"] = about["spread"][like]
        calibration["calibration_readings"] = about["readings"][like]
    numbers, readings = _split({k: values[k] for k in QUANTITIES}, _readings_of(checked))
    return BufferingCase(
        name,
        title,
        MappingProxyType(numbers),
        MappingProxyType(readings),
        MappingProxyType(calibration),
    )


@cache
def _calibration() -> tuple[dict[str, Any], dict[str, Any]]:
    """What is said of the calibration, and its values."""
    document = _toml(FOLDER / f"{CALIBRATION}.toml")
    about = document.pop("calibration")
    return about, _flat(document, CALIBRATION)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return toml(content(path).decode("utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path}", f"the file cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}", f"not a TOML file: {error}.") from None


def _flat(document: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The keys of all sections in one table; InputError for a section or key that is not known."""
    flat = {}
    for section, keys in document.items():
        if section not in SECTIONS or not isinstance(keys, Mapping):
            raise InputError(
                f"{where} {section}",
                "no section has this name.",
                f"known: {', '.join(f'[{s}]' for s in SECTIONS)}",
                nearest(section, SECTIONS),
            )
        known = [name for name in (*QUANTITIES, *READINGS) if section_of(name) == section]
        for key, value in keys.items():
            if key not in known:
                place = f"{where} [{section}] {key}"
                raise InputError(place, "no such key.", f"known: {', '.join(known)}", nearest(key, known))
            flat[key] = value
    return flat


# ---- keys and values


def _known(key: str, where: str) -> str:
    """The name in "name" or "section.name"; InputError for a key that does not exist."""
    section, dot, name = key.rpartition(".")
    names = (*QUANTITIES, *READINGS)
    home = section_of(name)
    if not home or (dot and section != home):
        place = f"{where} {key}".strip()
        raise InputError(place, "no such key.", f"known: {', '.join(names)}", nearest(name, names))
    return name


def _number(name: str, value: object, where: str) -> float:
    """A number that a user passed, in SI and within its range."""
    quantity = QUANTITIES[name]
    place = f"{where} {name}".strip()
    number = read_number(value, quantity.unit, place)
    check(name, number, quantity, f"{place} = {shown(value)}", written_unit(value))
    return number


def _checked(flat: Mapping[str, Any], where: str, in_file: bool = False) -> Keys:
    """The keys of a case, read and checked; InputError for the first that is not allowed.

    in_file: whether they stand in the sections of a file, which the error then names.
    """
    document: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for name, value in flat.items():
        if section := section_of(name):
            document[section][name] = value
    try:
        return Keys.model_validate(document)
    except ValidationError as error:
        raise _explained(error, where, in_file) from None


def _explained(error: ValidationError, where: str, in_file: bool) -> InputError:
    """The first value that is not allowed, or all missing keys, as a message to the user."""
    errors = error.errors(include_url=False)
    values = [e for e in errors if e["type"] != "missing"]
    if not values:
        missing = ", ".join(str(e["loc"][-1]) for e in errors)
        cure = 'like = "earth" takes what is not given from a shipped case'
        return InputError(where, f"not given: {missing}.", cure=cure)
    first = values[0]
    context = first.get("ctx", {})
    name = str(first["loc"][-1]) if first["loc"] else context.get("key", "")
    if in_file:
        where = f"{where} [{section_of(name.partition(',')[0])}]"
    if name in READINGS:
        choices = READINGS[name]
        known = "; ".join(f"{choice} ({meaning})" for choice, meaning in choices.items())
        place, value = f"{where} {name} = {first['input']!r}".strip(), str(first["input"])
        return InputError(place, "no such reading.", f"known: {known}", nearest(value, choices))
    place = f"{where} {name}".strip()
    if name not in QUANTITIES:
        return InputError(place, context["problem"], context["allowed"], context["cure"])
    value = first["input"]
    if isinstance(value, Mapping):  # refused beside other values
        value = value[section_of(name)][name]
    place = f"{place} = {shown(value)}"
    problem = context["problem"]
    if "out of range" in problem:
        problem = f"{QUANTITIES[name].long_name}: {problem}"
    return InputError(place, problem, context["allowed"], context["cure"])


def _readings_of(keys: Keys) -> dict[str, str]:
    """The readings by name."""
    return dict(keys.readings)


def _split(values: Mapping[str, Any], readings: Mapping[str, str]) -> tuple[dict[str, float], dict[str, str]]:
    """Values and readings of a case.

    The name of a law of K_D is a reading, LAW, and its number NaN: nothing takes it for one number.
    """
    law = values[EXCHANGE_KEY]
    if not isinstance(law, str):
        return dict(values), dict(readings)
    return {**values, EXCHANGE_KEY: float("nan")}, {**readings, LAW: law}


def _chosen(readings: Mapping[str, str]) -> dict[str, str]:
    """The readings of READINGS alone."""
    return {name: choice for name, choice in readings.items() if name in READINGS}


def setting(text: str) -> tuple[str, str]:
    """Key and value of KEY=VALUE."""
    key, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[\w.]+", key.strip()):
        raise InputError(
            f"--set {text}",
            "this is not of the form KEY=VALUE.",
            "for example --set core_temperature='4600 K'",
        )
    return key.strip(), value.strip().strip("'\"")
