"""The page of `mocoupled show CASE --keys`: every key of a case."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ...schema.keys import every_key
from .text import rows

if TYPE_CHECKING:
    from rich.console import Console

    from ...case import Case

LABELS = 32  # columns


def print_keys(case: Case, console: Console) -> None:
    """Print every key that --set takes, with its value in the case, what is allowed and what it means."""
    document = case.resolved()
    sections: dict[str, list[tuple[str, object]]] = {}
    for key in every_key():
        section, _, name = key.name.rpartition(".")
        table = document[section] if section else document
        value = json.dumps(table[name], ensure_ascii=False)
        allowed = f" ({key.allowed})" if key.allowed else ""
        pairs = sections.setdefault(section, [])
        pairs.append((key.name, f"{value}\n{key.description}{allowed}"))
    for section, pairs in sections.items():
        rows(pairs, console, f"[{section}]" if section else "at the top", LABELS)
