"""A case: TOML with units, read into a frozen, checked record; replaced, resolved, written back."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import ValidationError

from .errors import InputError, nearest
from .schema.case_file import document_of, parse, put, shipped, wrapped
from .schema.element_names import UNLISTED
from .schema.escape_keys import Escape
from .schema.former_keys import changes_with_present_keys
from .schema.keys import leaves, plain, section_model, without_defaults
from .schema.melt_keys import Melt
from .schema.removed_keys import CHOICES as REMOVED_CHOICES
from .schema.removed_keys import KEYS as REMOVED_KEYS
from .schema.removed_keys import without_removed
from .schema.replaced_keys import make_room
from .schema.settings import Chemistry, Cumulates, Mantle, Planet, Run, Settings
from .schema.sky import Atmosphere, Star
from .schema.titles import with_changes
from .schema.volatiles import Redox, Volatiles, fitting_buffer
from .units import shown

LISTED = 20  # problems of one case that a message lists, each with its cure
Path = tuple[str | int, ...]  # where a value is in a document: names of tables and keys, numbers in lists


@dataclass(frozen=True, repr=False, init=False)
class Case:
    """A planet and what to compute for it. Made by `read`, `parse` or `replace`, which check it.

    Every number is SI. Two cases are equal if their content is: the file that they come from (`source`)
    does not count.
    """

    name: str
    title: str
    planet: Planet
    volatiles: Volatiles
    redox: Redox
    melt: Melt
    chemistry: Chemistry
    star: Star
    atmosphere: Atmosphere
    mantle: Mantle
    escape: Escape
    cumulates: Cumulates
    run: Run
    source: str = field(default="", compare=False)

    @classmethod
    def read(cls, name_or_path: str | os.PathLike[str]) -> Case:
        """Read a shipped case by its name, a TOML file by its path, or one of the [members] of a file.

        For instance "earth", "E1", "path.toml", "path.toml:E1". InputError where the case cannot be read.
        """
        place, document = document_of(name_or_path)
        return _checked(document, place.label, place.member or place.path.stem)

    @classmethod
    def parse(cls, text: str, source: str = "text", name: str = "case") -> Case:
        """The case that TOML text describes.

        source: the name of the text in errors. name: of the case, where the text has no name.
        """
        document = parse(text, source)
        if "members" in document:
            raise InputError(source, "[members] are allowed in a file only.")
        return _checked(document, source, name)

    @classmethod
    def stored(cls, text: str, name: str = "case") -> Case:
        """The case of a stored result, of this version or an earlier one; see `parse`.

        Keys and choices that this version does not have are left out, so the case describes the planet of the
        result, and another numerical scheme where the earlier version had one that was removed.
        """
        source = "case of the run"
        return _checked(without_removed(parse(text, source)), source, name)

    def __init__(self, *arguments: object, **fields: object) -> None:
        """Raises InputError, except for `read`, `parse` and `replace`, which pass every field."""
        names = self.__dataclass_fields__
        if arguments or not fields.keys() <= names.keys() or names.keys() - fields.keys() - {"source"}:
            named = repr(arguments[0]) if arguments and isinstance(arguments[0], str) else "'earth'"
            raise InputError(
                "Case(...)",
                "a case cannot be made this way.",
                "",
                f"read a case, Case.read({named}), make it from TOML text, Case.parse(text), "
                "or change a case, case.replace({...})",
            )
        for name, value in {"source": "", **fields}.items():
            object.__setattr__(self, name, value)

    def replace(
        self, changes: Mapping[str, Any] | None = None, origin: str = "replace", **others: object
    ) -> Case:
        """A new case with other values, which are checked; the case itself does not change.

        changes: dotted key -> value as in a file ("3 ocean", 0.55, ["H2O"]), as text ("0.55", "true", "H2O,
        H2"), a quantity with a unit (pint, astropy), or a number or array of numpy, xarray or pandas.
        Without a "title" among them, the title becomes the case's name and a list of the changes.
        origin: what an error calls the place of the changes, for instance "--set".
        """
        if others or changes is None:
            raise InputError(
                f"{origin}({', '.join(others)})",
                "the changes must be one table with dotted keys.",
                'allowed: case.replace({"section.key": value, ...}).',
                _dotted(others),
            )
        if not isinstance(changes, Mapping):
            problem = f"{shown(changes)} is not a table."
            raise InputError(origin, problem, 'allowed: {"section.key": value, ...}.')
        from .plain_values import plain as plain_value  # on use: it imports numpy

        changes = changes_with_present_keys(plain_value(changes, origin), origin)
        document = plain(self, units=False)
        make_room(document, changes, origin)
        for key, value in changes.items():
            put(document, tuple(key.split(".")), value, origin)
        redox = document.get("redox")
        new_fugacity = "redox.oxygen_fugacity" in changes and "redox.buffer" not in changes
        if new_fugacity and isinstance(redox, dict):  # as "FMQ-1" in a case of IW
            redox["buffer"] = fitting_buffer(redox.get("oxygen_fugacity"), redox.get("buffer"))
        changed = {tuple(k.split(".")) for k in changes}
        made = _checked(document, self.name, self.name, changed, origin, self.source)
        return made if {"title", "name"} & changes.keys() else self._retitled(made, changes)

    def _retitled(self, made: Case, changes: Mapping[str, Any]) -> Case:
        """The changed case with a title that names the changes that made a difference."""
        before, after = (_values(case.resolved(), changes) for case in (self, made))
        title = with_changes(
            self.name, self.title, {key: value for key, value in changes.items() if before[key] != after[key]}
        )
        return replace(made, title=title)

    def resolved(self) -> dict[str, Any]:
        """Every key with its value, quantities as text in SI; what `to_toml` writes."""
        return plain(self, units=True)

    def to_toml(self, changed: bool = False) -> str:
        """TOML text that reads back to an equal case. changed: without the keys at their defaults."""
        import tomli_w

        document = self.resolved()
        return tomli_w.dumps(without_defaults(document) if changed else document)

    @property
    def checksum(self) -> str:
        """SHA-256 (hexadecimal) of what the case computes: every key but name and title."""
        content = {key: value for key, value in self.resolved().items() if key not in ("name", "title")}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.checksum)

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return Case.parse, (self.to_toml(), self.source)

    def __repr__(self) -> str:
        return f"Case({self.name!r}, title={self.title!r}, source={self.source!r})"


def case_of(case: object) -> Case:
    """The case that a user passed to a function: a Case, a shipped case's name, or a path.

    A shipped case is read once.
    """
    if isinstance(case, Case):
        return case
    if isinstance(case, str) and case in shipped():
        return _shipped_case(case)
    if isinstance(case, Mapping):
        raise InputError(
            "case",
            f"{shown(case)} is not a case.",
            "allowed: a Case, a shipped case's name, or a path to a TOML file.",
            'change a case: Case.read("earth").replace({...})',
        )
    return shared(Case.read(case))  # type: ignore[arg-type]  # it refuses what is not a path


@cache
def _shipped_case(name: str) -> Case:
    return Case.read(name)


def shared(case: Case) -> Case:
    """An equal case of the same origin, the same object at every call: what is compiled is used again."""
    return _shared(case, case.source)


@lru_cache(maxsize=64)
def _shared(case: Case, source: str) -> Case:
    return case


def _dotted(others: Mapping[str, Any]) -> str:
    """How to write keys that were passed as arguments."""
    homes = [
        (name, next((section for section, key, *_ in leaves() if key == name and section), ""))
        for name in others
    ]
    written = ", ".join(f'"{section}.{name}": {shown(others[name])}' for name, section in homes if section)
    return f"write case.replace({{{written}}})" if written else ""


def shipped_cases() -> dict[str, str]:
    """Name of every shipped case -> its title, on one line."""
    return {name: place.title for name, place in shipped().items()}


def _values(document: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """Dotted key -> its value in a resolved document, or None."""
    values = {}
    for key in keys:
        value: Any = document
        for part in key.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        values[key] = value
    return values


def _checked(
    document: dict[str, Any],
    label: str,
    name: str,
    changed: Collection[tuple[str, ...]] = (),
    origin: str = "",
    source: str | None = None,
) -> Case:
    """The case of a document; one InputError lists all problems of the document."""
    if document.get("name", "") == "":
        document = {**document, "name": name}
    try:
        settings = Settings.model_validate(document)
    except ValidationError as error:
        raise _explained(error, document, label, changed, origin) from None
    return Case(**dict(settings), source=label if source is None else source)


class _Problem(NamedTuple):
    """One problem of a document: its place, the problem, what is allowed, the cure."""

    place: str
    problem: str
    allowed: str
    cure: str


def _explained(
    error: ValidationError,
    document: dict[str, Any],
    label: str,
    changed: Collection[tuple[str, ...]],
    origin: str,
) -> InputError:
    """One InputError, in our words, for every problem that pydantic reports."""
    problems = []
    errors = error.errors(include_url=False)
    for details in errors[:LISTED]:
        context = details.get("ctx", {})
        path = tuple(part for part in details["loc"] if part != "[key]")
        if details["type"] == "refused":
            path += tuple(context["key"].split(".")) if context["key"] else ()
            words = context["problem"], context["allowed"], context["cure"]
        elif details["type"] == "extra_forbidden":
            problems.append(_Problem("", *_unknown(path, document)))
            continue
        else:
            words = _worded(details["type"], path, details["input"])
        problems.append(_Problem(_place(path, document, changed, origin), *words))
    if len(errors) == 1:
        place, problem, allowed, cure = problems[0]
        named = place if place.startswith(f"{origin} ") and origin else f"{label} {place}".strip()
        return InputError(named, *(wrapped(line, "  ") for line in (problem, allowed, cure)))
    lines = []
    for place, problem, allowed, cure in problems:
        lines.append(wrapped(f"{place}: {problem}" if place else problem, "  "))
        lines += ["  " + wrapped(line, "    ") for line in (allowed, cure) if line]
    if len(errors) > LISTED:
        lines.append(f"... and {len(errors) - LISTED} more")
    return InputError(label, f"{len(errors)} problems.", "\n  ".join(lines))


def _place(path: Path, document: dict[str, Any], changed: Collection[tuple[str, ...]], origin: str) -> str:
    """The section, key and value at a path, as in "[planet] radius = '3 kg'".

    After the origin where it was changed.
    """
    names = [part for part in path if isinstance(part, str)]
    value: Any = document
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            value = document
            break
    written = "" if value is document or isinstance(value, (dict, list)) else f" = {shown(value)}"
    entry = "".join(f", entry {part + 1}" for part in path if isinstance(part, int))
    if tuple(names) in changed:
        return f"{origin} {'.'.join(names)}{written}{entry}"
    if len(names) == 1 and names[0] not in ("name", "title"):
        return f"[{names[0]}]{written}"
    section = f"[{'.'.join(names[:-1])}] " if names[1:] else ""
    return f"{section}{names[-1] if names else ''}{written}{entry}"


def _unknown(path: Path, document: dict[str, Any]) -> tuple[str, str, str]:
    """Problem, allowed and cure for a key that does not exist."""
    *sections, key = map(str, path)
    if not sections:
        known = [name for name, spec in Settings.model_fields.items() if section_model(spec) is not None]
        if isinstance(document.get(key), dict):
            near = nearest(key, known).replace("'", "")
            near = re.sub(r"mean (\w+)", r"mean [\1]", near)
            return (
                f"unknown section [{key}]{'; ' + near if near else ''}",
                f"sections: {', '.join(known)}.",
                "",
            )
        home = next((s for s, name, *_ in leaves() if name == key and s), "")
        near = f"it belongs in [{home}]" if home else nearest(key, [*known, "title", "name"])
        return (
            f"unknown key {key!r} outside any section{'; ' + near if near else ''}",
            "keys here: name, title.",
            "",
        )
    (section,) = sections
    if (section, key) in REMOVED_KEYS:
        return f"the key {key!r} of [{section}] is gone: {REMOVED_KEYS[section, key]}.", "", "leave it out"
    known = [name for s, name, *_ in leaves() if s == section]
    home = next((s for s, name, *_ in leaves() if name == key and s), "")
    near = f"it belongs in [{home}]" if home else nearest(key, known)
    if section == "volatiles" and key in ("oxygen", "O"):
        near = "the amount of oxygen follows from oxygen_fugacity in [redox]"
    return (
        f"unknown key {key!r} in [{section}]{'; ' + near if near else ''}",
        f"known: {', '.join(name for name in known if name not in UNLISTED)}.",
        "",
    )


_EXPECTED = {
    "string_type": "text in quotes is expected.",
    "string_too_short": "the text is empty.",
    "bool_type": "true or false is expected.",
    "bool_parsing": "true or false is expected.",
    "list_type": "a list of texts is expected.",
    "tuple_type": "a list of texts is expected.",
    "dict_type": "a table is expected.",
    "model_type": "a table is expected.",
    "model_attributes_type": "a table is expected.",
}


def _worded(kind: str, path: Path, value: object) -> tuple[str, str, str]:
    """Problem, allowed and cure for what pydantic refuses by itself."""
    spec = next(
        (spec for section, name, spec, _ in leaves() if (section, name) == path[:2] or (name,) == path), None
    )
    choices = get_args(spec.annotation) if spec and get_origin(spec.annotation) is Literal else ()
    named = ".".join(map(str, path))
    replaced = next(
        (
            sentence
            for (section, key, choice), sentence in REMOVED_CHOICES.items()
            if (f"{section}.{key}", choice) == (named, value)
        ),
        "",
    )
    if kind == "literal_error" and replaced:
        return "this choice is gone.", f"allowed: {', '.join(map(repr, choices))}.", replaced
    if kind == "literal_error" and choices:
        return (
            "this is not one of the choices.",
            f"allowed: {', '.join(map(repr, choices))}.",
            nearest(str(value), choices),
        )
    example = spec.default if spec and isinstance(spec.default, str) and spec.default else ""
    return (
        _EXPECTED.get(kind, "this value has the wrong form."),
        f"for instance {example!r}" if example else "",
        "",
    )
