"""A commented TOML file to start a case from: the keys of a case, and further keys that planets differ by."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from .keys import Key, every_key

WIDTH = 100  # columns of a comment
# keys that a new case shows with their defaults, as comments, where the file that it starts from is silent
USUAL = (
    "planet.orbit",
    "star.name",
    "star.mass",
    "star.age",
    "volatiles.hydrogen",
    "volatiles.carbon",
    "volatiles.nitrogen",
    "volatiles.sulfur",
    "redox.oxygen_fugacity",
    "redox.buffer",
    "redox.ferric_iron",
    "chemistry.mechanism",
    "chemistry.graphite",
    "chemistry.condensates",
    "melt.composition",
    "melt.vapour",
    "atmosphere.radiation",
    "atmosphere.albedo",
    "mantle.model",
    "mantle.crystal_size",
    "cumulates.coupled",
    "escape.law",
    "run.initial_surface_temperature",
    "run.end_surface_temperature",
    "run.end_time",
    "run.after_lid",
    "run.rtol",
)


def template(document: Mapping[str, Any], title: str, head: str) -> str:
    """TOML text of a new case, with a comment above each key that says what it is and what is allowed.

    document: the keys that the case starts from, as a file has them, without a schema's defaults.
    title: of the new case. head: the first lines of the file, without '#'.
    """
    import tomli_w

    blocks = ["\n".join(_comment(line) for line in head.splitlines())]
    blocks.append(tomli_w.dumps({"title": title}).strip())
    section = ""
    for key in every_key():
        table, _, name = key.name.rpartition(".")
        stated = document.get(table, {})
        if not table or not isinstance(stated, Mapping) or (name not in stated and key.name not in USUAL):
            continue
        if table != section:
            blocks.append(f"[{table}]")
            section = table
        value = stated.get(name, key.default)
        line = _assignment(name, value, tomli_w.dumps)
        blocks.append("\n".join([*_meaning(key), line if name in stated else f"#{line}"]))
    return "\n\n".join(_joined(blocks)) + "\n"


def _assignment(name: str, value: object, dumps: Any) -> str:
    """A key and its value on one line; a table within a section as an inline table."""
    if isinstance(value, Mapping):
        inside = ", ".join(_assignment(str(key), entry, dumps) for key, entry in value.items())
        return f"{name} = {{{inside}}}"
    return str(dumps({name: value})).strip()


def _meaning(key: Key) -> Iterator[str]:
    """The comment above a key: what it is, its unit, what is allowed."""
    unit = f" [{key.unit}]" if key.unit not in ("", "1") else ""
    allowed = f" ({key.allowed})" if key.allowed and len(key.allowed) < WIDTH else ""
    text = f"{key.description}{unit}{allowed}"
    yield from (f"# {line}" for line in textwrap.wrap(text, WIDTH - 2, break_long_words=False))


def _comment(line: str) -> str:
    return f"# {line}".rstrip()


def _joined(blocks: list[str]) -> Iterator[str]:
    """The blocks, a heading of a section with the key below it."""
    heading = ""
    for block in blocks:
        if block.startswith("["):
            heading = f"{block}\n"
            continue
        yield heading + block
        heading = ""
