"""The title of a case with other values: its name and all that was changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

WITH, NEXT, IS = ", with ", "; ", " = "


def with_changes(name: str, title: str, changes: Mapping[str, Any]) -> str:
    """The title of a case `name` after changes: "earth, with volatiles.hydrogen = 5 ocean".

    title: of the case before; where it has changes already, the new ones join them, or replace those of the
    same key. changes: key -> value as the user wrote it.
    """
    if not changes:
        return title
    before = title.removeprefix(name + WITH).split(NEXT) if title.startswith(name + WITH) else []
    parts = [part.partition(IS) for part in before]
    values = {key: value for key, separator, value in parts if separator}
    values |= {key: _text(value) for key, value in changes.items()}
    return name + WITH + NEXT.join(f"{key}{IS}{value}" for key, value in values.items())


def _text(value: object) -> str:
    """A value on one line, as a person would write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, dict):
        return json.dumps(value, default=str, sort_keys=True)
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    return " ".join(str(value).split())
