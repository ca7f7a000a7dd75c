"""Stage 1 of reading a mechanism: the text of a file, its tables, and the files that it imports. No Cantera.

A `MechanismFile` also knows the line of each entry, for errors.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..files import content
from . import quick_yaml
from .mechanism_paths import folders, import_folders
from .records import RawTable

if TYPE_CHECKING:
    from ruamel.yaml.nodes import Node

# Entries of a file with aliases, each followed; the largest shipped file has 8000.
LARGEST_TREE = 200_000

# Path, time of its last change, size: whether a file has changed.
Version = tuple[Path, int, int]


@dataclass(frozen=True, eq=False)
class MechanismFile:
    """A file: its text and tables, and the files that its phases import species or elements from, in order.

    imports: name as written -> the file: from the same folder, shipped, or from Cantera.
    """

    path: Path
    text: str = field(repr=False)
    document: RawTable = field(repr=False)
    imports: Mapping[str, MechanismFile]

    @property
    def all(self) -> tuple[MechanismFile, ...]:
        """This file and those that it imports."""
        return (self, *self.imports.values())

    @property
    def checksum(self) -> str:
        """SHA-256 of the file, followed by those that it imports."""
        return hashlib.sha256("".join(f.text for f in self.all).encode()).hexdigest()

    def place(self, *steps: str) -> str:
        """File, and line if known, of what stands under these keys; in a list the key is an entry's name."""
        number = line(self.text, steps)
        return f"{self.path.name} line {number}" if number else self.path.name

    def of_species(self, name: str, *steps: str) -> str:
        """File, line and name of a species, wherever it is declared: the line of `steps` inside its entry."""
        for file in self.all:
            for section in file.sections():
                if any(entry.get("name") == name for entry in tables(file.document[section])):
                    return f"{file.place(section, name, *steps)} species {name!r}"
        return f"{self.path.name} species {name!r}"

    def of_species_in(self, phase: str, name: str) -> str:
        """Like `of_species` where this file declares the species.

        Else the place of the phase that includes it.
        """
        place = self.of_species(name)
        return place if place.startswith(self.path.name) else f"{self.place('phases', phase)} phase {phase!r}"

    def table(self, section: str) -> RawTable:
        """The table of this name, for species that stand elsewhere; empty if the file has none.

        InputError if the section is no table.
        """
        rows = self.document.get(section) or {}
        if not isinstance(rows, Mapping):
            where = f"{self.place(section)} {section}"
            raise InputError(where, "this is not a table.", f"allowed: {section}: {{species: ...}}")
        return rows

    def nearby(self) -> list[str]:
        """Names of the files that this file could import."""
        places = (self.path.parent, *folders())
        return sorted({path.name for folder in places for path in folder.glob("*.yaml")})

    def sections(self) -> Iterator[str]:
        """The keys under which species may stand."""
        for key, rows in self.document.items():
            if isinstance(rows, list) and key not in ("phases", "elements"):
                yield key


def versions(path: Path) -> tuple[Version, ...]:
    """Versions of a file and of those that it imports: whether any of them has changed."""
    version = _version(path)
    _, document = _content(*version)
    return (version, *(_version(imported) for imported in _imported(path, document).values()))


def load(path: Path) -> MechanismFile:
    """The file and those that it imports.

    InputError for a file that is no table of YAML, or imports itself.
    """
    text, document = _content(*_version(path))
    imports = {}
    for name, imported in _imported(path, document).items():
        if imported == path:
            raise InputError(
                path.name,
                f"it imports {name!r}, which is this file: "
                "a file in the same folder is read before a shipped file of the same name.",
                cure="give this file another name",
            )
        imports[name] = MechanismFile(imported, *_content(*_version(imported)), {})
    return MechanismFile(path, text, document, imports)


def _version(path: Path) -> Version:
    """The version of a file on disk now."""
    stat = path.stat()
    return path, stat.st_mtime_ns, stat.st_size


# ---- text and tables


@lru_cache(maxsize=32)
def _content(path: Path, changed: int, size: int) -> tuple[str, RawTable]:
    """The text of the file, and its tables by YAML 1.2, in which NO is a species and not a logical value.

    changed, size: its version, so that a file that has changed is read again.
    """
    try:
        text = content(path, path.name).decode()
    except ValueError as error:
        raise InputError(path.name, f"this is not YAML: {error}.") from None
    document = quick_yaml.read(text)
    if document is None:
        document = _exact(path, text)
    if not isinstance(document, Mapping):
        raise InputError(
            path.name, "this is not a Cantera YAML file.", "allowed: a table with the keys phases and species"
        )
    return text, document


def _exact(path: Path, text: str) -> Any:
    """The tables of a text by the exact reader; InputError, with the line where that is known."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        if "*" in text and "&" in text:
            _check_aliases(path.name, YAML(typ="safe", pure=True).compose(text))
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f" line {mark.line + 1}" if mark else ""
        raise InputError(
            f"{path.name}{at}",
            f"this is not YAML: {error.problem or error.context}.",
            cure="check brackets, colons and indentation",
        ) from None
    # TypeError: a list in the key of a table
    except (YAMLError, ValueError, RecursionError, TypeError) as error:
        first = (str(error).splitlines() or ["?"])[0]
        raise InputError(path.name, f"this is not YAML: {first}.") from None


def _check_aliases(name: str, root: Node | None) -> None:
    """InputError for aliases (*x) that stand for more entries than anyone writes, or for themselves.

    A reader that follows them (Cantera does, and ruamel's merge keys) would need all memory there is.
    """
    sizes: dict[int, float] = {}

    def size(node: Node) -> float:
        if id(node) not in sizes:
            # Infinite until it is known: an alias for itself has no end.
            sizes[id(node)] = math.inf
            total = 1.0
            for row in node.value if isinstance(node.value, list) else ():
                for child in row if isinstance(row, tuple) else (row,):
                    total += size(child)
            sizes[id(node)] = total
        return sizes[id(node)]

    if root is not None and size(root) > LARGEST_TREE:
        raise InputError(
            name,
            "its aliases (*name) expand to too many entries.",
            f"allowed: {LARGEST_TREE} in all",
            "write the entries out",
        )


def tables(rows: object, *keys: str) -> list[RawTable]:
    """The rows that are tables with these keys. Other rows are Cantera's concern."""
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        return []
    return [row for row in rows if isinstance(row, Mapping) and all(key in row for key in keys)]


# ---- imports


@dataclass(frozen=True)
class Import:
    """A row "file/section: names" of a phase. key: "species" or "elements"; names: as written."""

    phase: str
    key: str
    file: str
    section: str
    names: Any


def imports_of(document: RawTable) -> Iterator[Import]:
    """Every row of the phases that takes species or elements from another file."""
    for phase in tables(document.get("phases"), "name"):
        for key in ("elements", "species"):
            for row in tables(phase.get(key)):
                for source, names in row.items():
                    file, slash, section = str(source).rpartition("/")
                    if slash:
                        yield Import(str(phase["name"]), key, file, section, names)


def _imported(path: Path, document: RawTable) -> dict[str, Path]:
    """Name as written -> path of the imported files: beside the file, else shipped, else Cantera's.

    A name without a file is left out; the checks of the entries refuse it.
    """
    paths = {}
    for name in dict.fromkeys(row.file for row in imports_of(document)):
        for folder in import_folders(path):
            if os.path.isfile(file := os.path.join(folder, name)):
                paths[name] = Path(os.path.realpath(file))
                break
    return paths


# ---- lines


def line(text: str, steps: Sequence[str]) -> int | None:
    """The line (from 1) of what stands under these keys of a YAML text, or under the first of them."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except (YAMLError, RecursionError):
        return None
    mark = None
    for step in steps:
        below = _under(node, step)
        if below is None:
            break
        mark, node = below
    return None if mark is None else mark.start_mark.line + 1


def _under(node: Node, step: str) -> tuple[Node, Node] | None:
    """(node that marks the place, node below it) of a key of a table or of an entry's name in a list."""
    if getattr(node, "id", "") == "mapping":
        return next(((key, value) for key, value in node.value if key.value == step), None)
    if getattr(node, "id", "") != "sequence":
        return None
    for item in node.value:
        if item.id != "mapping":
            continue
        named = _under(item, "name")
        if named and named[1].value == step:
            return item, item
        # As in a list of `file/section: names`.
        below = _under(item, step)
        if len(item.value) == 1 and below:
            return below
    return None
