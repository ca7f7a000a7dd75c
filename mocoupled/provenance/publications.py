"""The shipped bibliography: publications by key, read from references.yaml and written as BibTeX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..errors import InputError

FILE = Path(__file__).with_name("references.yaml")
_TYPE = "type"
# fields that stand on the line of the field before them
_BESIDE = ("volume", "pages", "archiveprefix")


@dataclass(frozen=True)
class Entry:
    """One publication. kind: of BibTeX, such as "article"; key; fields: name -> BibTeX text, in order."""

    kind: str
    key: str
    fields: Mapping[str, str]

    @property
    def text(self) -> str:
        """The entry in BibTeX."""
        beside = (*_BESIDE, "note") if self.kind == "unpublished" else _BESIDE
        lines: list[str] = []
        for name, value in self.fields.items():
            field = f"{name} = {{{value}}},"
            if lines and name in beside:
                lines[-1] += f" {field}"
            else:
                lines.append(f"  {field}")
        return "\n".join([f"@{self.kind}{{{self.key},", *lines, "}"])


def entries(document: object, source: str) -> dict[str, Entry]:
    """Key -> entry of a document of YAML: a table of keys, each with `type` and the fields of BibTeX as text.

    source: name of the document, for the error. Raises InputError for anything else.
    """
    if not isinstance(document, Mapping):
        raise InputError(
            source, "this is not a table of publications.", "allowed: Key2000: {type: article, ...}"
        )
    publications = {}
    for key, fields in document.items():
        where = f"{source} {key}"
        if not isinstance(fields, Mapping) or _TYPE not in fields:
            raise InputError(
                where, "this is not a publication.", "allowed: {type: article, author: ..., ...}"
            )
        for name, value in fields.items():
            if not isinstance(value, str) or value.count("{") != value.count("}"):
                raise InputError(f"{where} {name}", f"{value!r} is not text with balanced braces.")
        rest = {name: value for name, value in fields.items() if name != _TYPE}
        publications[key] = Entry(fields[_TYPE], key, rest)
    return publications


@cache
def bibliography() -> Mapping[str, Entry]:
    """The shipped publications by key."""
    from ruamel.yaml import YAML

    return entries(YAML(typ="safe").load(FILE), FILE.name)
