"""The keys of a case as a list, and a case as the document that a TOML file holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from ..units import si_text
from .element_names import UNLISTED
from .inventories import NOTHING
from .quantities import SI, Inventory
from .section import Section
from .settings import Settings


def leaves() -> Iterator[tuple[str, str, FieldInfo, SI | None]]:
    """Section ("" at the top), key, field and quantity of every key, in the order of a file.

    Of a table, the quantity is that of each entry.
    """
    for section, holder in Settings.model_fields.items():
        model = section_model(holder)
        if model is None:
            yield "", section, holder, _quantity(holder)
            continue
        for name, spec in model.model_fields.items():
            yield section, name, spec, _quantity(spec)


def section_model(field: FieldInfo) -> type[Section] | None:
    """The model of a section of a case, None for a key outside any section."""
    model = field.annotation
    return model if isinstance(model, type) and issubclass(model, Section) else None


def _quantity(spec: FieldInfo) -> SI | None:
    """The unit and range of a key (of a table: of each entry), None for what is no number."""
    marks: Sequence[object] = spec.metadata
    if is_table(spec):
        marks = getattr(get_args(spec.annotation)[1], "__metadata__", ())
    return next((mark for mark in marks if isinstance(mark, SI)), None)


def is_table(spec: FieldInfo) -> bool:
    """Whether the field is a table with one value per species."""
    return get_origin(spec.annotation) is dict


def word_for_nothing(spec: FieldInfo) -> str:
    """What stands in a file for a key without a value."""
    extra = spec.json_schema_extra
    return str(extra.get("nothing", "none")) if isinstance(extra, dict) else "none"


def plain(settings: object, units: bool) -> dict[str, Any]:
    """Every key with its value in the form of TOML; of unlisted elements those that are not at their default.

    units: whether quantities are SI text; else they are bare SI numbers.
    settings: anything with the sections as attributes.
    """
    document: dict[str, Any] = {}

    for section, name, spec, si in leaves():
        holder, table = settings, document
        if section:
            holder, table = getattr(settings, section), document.setdefault(section, {})
        value = getattr(holder, name)
        if name in UNLISTED and value == NOTHING:
            continue
        table[name] = _as_in_file(value, spec, si, units)
    return document


def without_defaults(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document of SI text without the keys that have the value of a case that states nothing."""
    usual = plain(Settings.model_validate({"name": "", "title": ""}), units=True)
    short: dict[str, Any] = {}
    for key, value in document.items():
        if not isinstance(value, dict):
            short[key] = value
            continue
        stated = {k: v for k, v in value.items() if v != usual[key].get(k, "")}
        if stated:
            short[key] = stated
    return short


def _as_in_file(value: object, spec: FieldInfo, si: SI | None, units: bool) -> Any:  # what TOML has
    """The value of a key in the form of TOML; si: its unit and range."""
    if value is None:
        return word_for_nothing(spec)
    if isinstance(value, Mapping):
        return {key: _as_in_file(entry, spec, si, units) for key, entry in value.items()}
    if isinstance(value, Inventory):
        return value.si if units else value.text
    if isinstance(value, tuple):
        return list(value)
    if si is not None and units and not si.whole and isinstance(value, int | float):
        return si_text(value, si.unit)
    return value


@dataclass(frozen=True)
class Key:
    """One key of a case, for `mocoupled show` and the documentation.

    name: dotted, "planet.radius". unit: SI, "1" for a pure number, "" for what is no number. default: as in
    a file.
    allowed: the range or choices in words, "" for text. table: whether the key holds one such value per
    species.
    """

    name: str
    unit: str
    default: Any
    allowed: str
    description: str
    table: bool


def every_key() -> tuple[Key, ...]:
    """Every key of a case, in the order of the file, but those of unlisted elements."""
    keys = []
    for section, name, spec, si in leaves():
        if name in UNLISTED:
            continue
        unit = si.unit if si else "kg" if spec.annotation is Inventory else ""
        choices = get_args(spec.annotation) if get_origin(spec.annotation) is Literal else ()
        allowed = si.allowed if si else "at least 0 kg" if unit else " or ".join(map(repr, choices))
        default = word_for_nothing(spec) if spec.default is None else spec.default
        if is_table(spec):
            default = {}
        dotted = f"{section}.{name}" if section else name
        keys.append(Key(dotted, unit, default, allowed, spec.description or "", is_table(spec)))
    return tuple(keys)
