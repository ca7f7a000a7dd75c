"""The grid of a sweep or of an equilibrium map, read from a TOML file and refused in words."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Mapping
from functools import reduce
from pathlib import Path
from typing import Any

from ..case import Case, shipped_cases
from ..errors import InputError, nearest
from ..files import content, toml
from ..schema.grid_document import GridDocument, checked
from .axes import EXAMPLE, flat
from .grid import Grid, build


def read(path: str | os.PathLike) -> Grid:
    """The grid of a TOML file. InputError for anything else.

    The cases are not yet made: see `grid_check.check`.
    """
    file = Path(path)
    label = file.name
    document = checked(GridDocument, _parsed(file), label, "a grid has no such key or section.")
    base = _base(document, file, label)
    kind = document.kind or ("evolution" if document.equilibrium is None else "equilibrium")
    if kind == "equilibrium":
        return _map(document, base, label)
    if document.equilibrium is not None:
        raise InputError(
            f"{label} [equilibrium]",
            "a sweep of evolutions has no such section.",
            cure='leave it out, or write kind = "equilibrium"',
        )
    singles = dict(flat(document.axes or {}, f"{label} [axes]"))
    groups = [dict(flat(table, f"{label} [[zip]]")) for table in document.zip or []]
    fixed = {key for key, _ in flat(document.set, f"{label} [set]")}
    for name, section in (("axes", document.axes), ("zip", document.zip)):
        if section is not None and not section:
            raise InputError(f"{label} [{name}]", "this section has no axis.", f"for example: {EXAMPLE}")
    return build(base, singles, groups, document.sample, label, fixed, document.title)


def _parsed(file: Path) -> dict[str, Any]:
    try:
        document = toml(content(file).decode("utf-8-sig"))
    except FileNotFoundError:
        near = [str(path) for path in file.parent.glob("*.toml")] if file.parent.is_dir() else []
        raise InputError(
            f"{file}",
            "there is no such file.",
            "allowed: a TOML file that describes a grid of cases",
            nearest(str(file), near),
        ) from None
    except UnicodeDecodeError:
        raise InputError(f"{file}", "the file is not UTF-8 text.") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = "too deeply nested" if isinstance(error, RecursionError) else str(error)
        raise InputError(
            f"{file}", f"this is not TOML: {reason}.", cure='write values with units in quotes: "3 ocean"'
        ) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{file}", f"the file cannot be read: {why}.") from None
    if not document:
        raise InputError(
            f"{file}", "the file has no key.", f'for example: case = "earth" and under [axes] {EXAMPLE}'
        )
    return document


def _base(document: GridDocument, file: Path, label: str) -> Case:
    name = document.case
    case = Case.read(name if name in shipped_cases() else file.parent / name)
    changes = dict(flat(document.set, f"{label} [set]"))
    for key, value in changes.items():
        if isinstance(value, dict):
            raise InputError(
                f"{label} [set] {key}", "this is a range.", "allowed: one value", "move it to [axes]"
            )
    if not changes:
        return case
    _check_size(document, changes, label)
    changed = case.replace(changes, origin=f"{label} [set]")
    lost = {
        key.partition(".")[0]
        for key, value in changes.items()
        if value == "none" and _value(changed, key) is not None
    }
    if not lost:
        return changed
    return case.replace(changes | _first_values(document, label, lost), origin=f"{label} [set]")


def _check_size(document: GridDocument, changes: Mapping[str, object], label: str) -> None:
    """InputError for a radius in [set] which a mass on an axis would remove: named later, it counts alone."""
    tables = [document.axes or {}, *(document.zip or [])]
    on_axes = {key for table in tables for key, _ in flat(table, f"{label} [axes]")}
    if "planet.radius" in changes and "planet.mass" in on_axes and "planet.mass" not in changes:
        raise InputError(
            f"{label} [set] planet.radius",
            "planet.mass on an axis takes the place of this radius.",
            "allowed: both in [axes], or both in [zip].",
            f"move it to [axes]: planet.radius = [{changes['planet.radius']!r}]",
        )


def _value(case: Case, key: str) -> Any:
    """The value of a dotted key."""
    return reduce(getattr, key.split("."), case)


def _first_values(document: GridDocument, label: str, sections: Collection[str]) -> dict[str, Any]:
    """The first values of the axes of some sections.

    What takes the place of a key that is none for all cases (an oxygen budget that of redox.oxygen_fugacity)
    may stand on an axis alone.
    """
    firsts: dict[str, Any] = {}
    for table in [document.axes or {}, *(document.zip or [])]:
        for key, value in flat(table, f"{label} [axes]"):
            if key.partition(".")[0] in sections:
                firsts[key] = _first_value(value)
    return {key: value for key, value in firsts.items() if value is not None}


def _first_value(value: Any) -> Any:
    """The first value of a range or a list; anything else as it is."""
    if isinstance(value, dict):
        return value.get("from")
    if isinstance(value, list) and value:
        return value[0]
    return value


def _map(document: GridDocument, base: Case, label: str) -> Grid:
    """The grid of an equilibrium map: conditions, no cases."""
    others: Mapping[str, object] = {
        "axes": document.axes,
        "zip": document.zip,
        "sample": document.sample,
    }
    for key, section in others.items():
        if section is not None:
            raise InputError(
                f"{label} [{key}]",
                "an equilibrium map has no such section.",
                "allowed: [equilibrium], with temperature, melt_fraction, inventories, ...",
            )
    conditions = document.equilibrium
    if not conditions:
        raise InputError(
            f"{label} [equilibrium]",
            "there are no conditions.",
            'for example: temperature = {from = "1400 K", to = "3000 K", number = 100}'
            " and melt_fraction = [0.3, 1.0]",
        )
    return Grid(base, (), {"equilibrium": conditions}, label, document.title, "equilibrium", conditions)
