"""Mechanism files as text and tables: finding them, what they import, and the line where a mistake stands. No Cantera."""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..closures.solubility import OF_A_SPECIES, solubility_law
from ..errors import InputError, nearest
from ..files import content

MODELS = ("NASA7", "NASA9", "Shomate", "constant-cp", "piecewise-Gibbs")  # of `thermo`
OURS_OF_THERMO = ("model", "temperature-ranges", "data", "reference-pressure", "dimensionless")
OURS_OF_A_FILE = (
    "phases",
    "species",
    "elements",
    "melt",
    "default-melt",
    "equilibrium-constants",
    "reference-pressure",
)
OURS_OF_A_SPECIES = ("name", "composition", "thermo", "melt", "default-melt", "radiation")
LARGEST_TREE = 200_000  # entries of a file with aliases, each followed; the largest shipped file has 8000
TOO_NEAR = 0.8  # of difflib's ratio; an unknown key so near to one of ours is taken for a slip


@dataclass(frozen=True, eq=False)
class MechanismFile:
    """One file: its tables, and the files that its phases import species or elements from, in their order.

    imports: name as written -> file, of those that stand beside it, are shipped, or are Cantera's own.
    """

    path: Path
    text: str = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)
    imports: Mapping[str, MechanismFile]

    @property
    def all(self) -> tuple[MechanismFile, ...]:
        """This file and those it imports."""
        return (self, *self.imports.values())

    @property
    def checksum(self) -> str:
        """SHA-256 of the file, followed by those it imports."""
        return hashlib.sha256("".join(f.text for f in self.all).encode()).hexdigest()

    def place(self, *steps: str) -> str:
        """File, and line where found, of what stands under these keys; in a list the key is an entry's name."""
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
        """Like `of_species` where this file declares the species; else the place of the phase that takes it in."""
        place = self.of_species(name)
        return place if place.startswith(self.path.name) else f"{self.place('phases', phase)} phase {phase!r}"

    def table(self, section: str) -> Mapping:
        """The file's table of this name, for species that stand elsewhere; empty if it has none."""
        found = self.document.get(section) or {}
        if not isinstance(found, Mapping):
            where = f"{self.place(section)} {section}"
            raise InputError(where, "this is not a table.", f"allowed: {section}: {{species: ...}}")
        return found

    def nearby(self) -> list[str]:
        """Names of the files that this one could import."""
        return sorted(
            {found.name for folder in (self.path.parent, *folders()) for found in folder.glob("*.yaml")}
        )

    def sections(self) -> Iterator[str]:
        """The keys under which species may stand."""
        return (
            key
            for key, rows in self.document.items()
            if isinstance(rows, list) and key not in ("phases", "elements")
        )


# ---- finding


def shipped_folder() -> Path:
    """The shipped mechanisms: inside an installed package, beside it in a checkout."""
    package = _package(__file__)
    inside = package / "mechanisms"
    return inside if inside.is_dir() else package.parent / "mechanisms"


@lru_cache(maxsize=2)
def _package(file: str) -> Path:
    return Path(file).resolve().parents[1]


def shipped_mechanisms() -> tuple[str, ...]:
    """Names of the shipped mechanisms."""
    return tuple(sorted(path.stem for path in shipped_folder().glob("*.yaml")))


def cantera_folders() -> tuple[Path, ...]:
    """Folders of Cantera's data files: those that CANTERA_DATA names, then the package's own. Cantera is not imported."""
    named = [Path(folder) for folder in os.environ.get("CANTERA_DATA", "").split(os.pathsep) if folder]
    return (*named, *_cantera_data())


@lru_cache(maxsize=1)
def _cantera_data() -> tuple[Path, ...]:
    """Cantera's data folder: looked for once, since a search of all packages takes longer than an equilibrium."""
    package = importlib.util.find_spec("cantera")
    return (Path(package.origin).parent / "data",) if package and package.origin else ()


def folders() -> tuple[Path, ...]:
    """Where a file is looked for that does not stand beside the one that names it."""
    return (shipped_folder(), *cantera_folders())


def find_mechanism(name_or_path: str | Path, where: str = "") -> Path:
    """The file of a shipped mechanism's name, of a path, or of a file's name in Cantera's data folder; InputError if there is none."""
    return locate(name_or_path, where)[0]


def locate(name_or_path: str | Path, where: str = "") -> tuple[Path, str]:
    """(file, name of the phase that is its gas or "") of a mechanism's name or path, or of "file.yaml:phase"."""
    text = str(name_or_path)
    name, colon, phase = text.rpartition(":")
    for one, gas in ((text, ""), *(((name, phase),) if colon else ())):
        if (found := _found(one)) is not None:
            return found, gas
    shipped = shipped_mechanisms()
    known = [*shipped, *(path.name for folder in cantera_folders() for path in folder.glob("*.yaml"))]
    raise InputError(
        where or f"mechanism = {text!r}",
        f"there is neither a shipped mechanism nor a file {text!r}.",
        f"shipped: {', '.join(shipped) or 'none'}; or a path to a Cantera YAML file, or the name of one of Cantera's own, such as 'gri30.yaml'",
        nearest(Path(text).stem, shipped) or nearest(text, known),
    )


def _found(text) -> Path | None:
    if re.fullmatch(r"[\w-]+", text) and os.path.isfile(shipped := shipped_folder() / f"{text}.yaml"):
        return shipped
    path = Path(
        os.path.expanduser(text)
    )  # os.path, which says no to a name that is too long or of an unknown home
    if text and os.path.isfile(path):
        return path.resolve()
    inside = [
        folder / text
        for folder in cantera_folders()
        if text.endswith((".yaml", ".yml")) and os.path.isfile(folder / text)
    ]
    return inside[0].resolve() if inside else None


# ---- reading

Version = tuple[Path, int, int]  # path, time of its last change, size


def versions(path: Path) -> tuple[Version, ...]:
    """What tells whether a file, or one that it imports, has changed."""
    own = _version(path)
    _, document = _content(*own)
    return (own, *(_version(found) for found in _imported(path, document).values()))


def load(path: Path) -> MechanismFile:
    """The file and those it imports; InputError for one that is no table, or imports what is not there."""
    text, document = _content(*_version(path))
    imports = {}
    for name, found in _imported(path, document).items():
        if found == path:
            raise InputError(
                path.name,
                f"it imports {name!r}, which is this file itself: one beside it comes before a shipped one.",
                cure="give this file another name",
            )
        imports[name] = MechanismFile(found, *_content(*_version(found)), {})
    file = MechanismFile(path, text, document, imports)
    _check_keys(file)
    for phase, key, name, section, names in _references(document):
        if name in imports:
            _check_import(file, (phase, key, f"{name}/{section}"), imports[name], section, names)
    return file


def _version(path: Path) -> Version:
    stat = path.stat()
    return path, stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=32)
def _content(path: Path, changed: int, size: int) -> tuple[str, Mapping]:
    """The file's text, and its tables by YAML 1.2, in which NO is a species and not a logical value."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        text = content(path, path.name).decode()
        if "*" in text and "&" in text:
            _check_aliases(path.name, YAML(typ="safe", pure=True).compose(text))
        document = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f" line {mark.line + 1}" if mark else ""
        raise InputError(
            f"{path.name}{at}",
            f"this is not YAML: {error.problem or error.context}.",
            cure="check brackets, colons and indentation",
        ) from None
    except (
        YAMLError,
        ValueError,
        RecursionError,
        TypeError,
    ) as error:  # TypeError: a list in the key of a table
        raise InputError(path.name, f"this is not YAML: {(str(error).splitlines() or ['?'])[0]}.") from None
    if not isinstance(document, Mapping):
        raise InputError(
            path.name, "this is not a Cantera YAML file.", "allowed: a table with the keys phases and species"
        )
    return text, document


def _check_aliases(name, root):
    """InputError for aliases (*x) that stand for more entries than anyone writes, or for themselves: who follows them
    (Cantera does, and ruamel's merge keys) would need all memory there is."""
    sizes: dict[int, float] = {}

    def size(node) -> float:
        if id(node) not in sizes:
            sizes[id(node)] = math.inf  # until it is known: an alias for itself has no end
            below = node.value if isinstance(node.value, list) else ()
            sizes[id(node)] = 1 + sum(
                size(one) for row in below for one in (row if isinstance(row, tuple) else (row,))
            )
        return sizes[id(node)]

    if root is not None and size(root) > LARGEST_TREE:
        raise InputError(
            name,
            "its aliases (*name) stand for too many entries.",
            f"allowed: {LARGEST_TREE} in all",
            "write the entries out",
        )


def tables(rows, *keys) -> list[Mapping]:
    """The rows that are tables with these keys; Cantera complains about the others."""
    listed = rows if isinstance(rows, Sequence) and not isinstance(rows, str) else ()
    return [row for row in listed if isinstance(row, Mapping) and all(key in row for key in keys)]


def _references(document) -> Iterator[tuple[str, str, str, str, Any]]:
    """(phase, "species" or "elements", file, section, names) of every "file/section: names" in the phases."""
    for phase in tables(document.get("phases"), "name"):
        for key in ("elements", "species"):
            for row in tables(phase.get(key)):
                for source, names in row.items():
                    file, slash, section = str(source).rpartition("/")
                    if slash:
                        yield str(phase["name"]), key, file, section, names


def _imported(path, document) -> dict[str, Path]:
    """Name as written -> path of the files that the phases import from: beside the file, else shipped, else Cantera's."""
    found = {}
    for name in dict.fromkeys(name for _, _, name, _, _ in _references(document)):
        for folder in _places(path):
            if os.path.isfile(file := os.path.join(folder, name)):
                found[name] = Path(os.path.realpath(file))
                break
    return found


def _places(path: Path) -> Iterator[Path]:
    """Folders of what a file imports, in order; the later ones only where the first do not have it."""
    yield path.parent
    yield from folders()


# ---- checking


def _check_keys(file):
    """InputError for keys of the file that are a slip of the pen: Cantera passes over what it does not know."""
    phases = tables(file.document.get("phases"))
    used = {
        str(source).rpartition("/")[2] for p in phases for row in tables(p.get("species")) for source in row
    }
    for key in file.document:
        if near := _slip(key, OURS_OF_A_FILE) if key not in used else "":
            raise InputError(
                file.place(key), f"the key {key!r} means nothing here.", cure=f"did you mean {near!r}?"
            )


def _slip(key, ours) -> str:
    """The key of ours that this one was meant to be, or "" when it is one or is far from all."""
    near = difflib.get_close_matches(str(key).casefold().replace("_", "-"), ours, 1, TOO_NEAR)
    return near[0] if near and key not in ours else ""


def _check_import(file, steps, source, section, names):
    """InputError for a section or a name that the imported file has not. steps: phase, key and row that import it."""
    phase, key, _ = steps
    where = f"{file.place('phases', *steps)} phase {phase!r}"
    rows = source.document.get(section)
    if not isinstance(rows, list):
        raise InputError(
            where,
            f"it imports '{source.path.name}/{section}', but that file has no such section.",
            f"sections of {source.path.name}: {', '.join(k for k, rows in source.document.items() if isinstance(rows, list))}",
            nearest(section, source.document),
        )
    title = "symbol" if key == "elements" else "name"
    known = [str(row[title]) for row in tables(rows, title)]
    for name in names if isinstance(names, list) else ():
        if isinstance(name, str) and name not in known:
            raise InputError(
                where,
                f"it imports {name!r} from '{source.path.name}/{section}', which has no such entry.",
                f"known: {', '.join(known)}",
                nearest(name, known),
            )


def check_name(file: MechanismFile, entry):
    """InputError for an entry of a species without a name."""
    if not isinstance(entry, Mapping) or "name" not in entry:
        raise InputError(
            f"{file.path.name} species", f"an entry has no name: {str(entry)[:60]}", cure="add `name:`"
        )


def check_entry(file: MechanismFile, entry):
    """InputError for what Cantera would accept in silence or report without the species' name."""
    check_name(file, entry)
    thermo, complaint, steps = entry.get("thermo"), None, ()
    for key in ("composition", "thermo"):
        if not isinstance(entry.get(key), Mapping) or not entry[key]:
            complaint = (
                "",
                f"the key {key!r} is missing or empty.",
                "",
                "see the entries of the shipped volatiles.yaml",
            )
    for key in entry:
        if near := _slip(key, OURS_OF_A_SPECIES):
            complaint, steps = (
                (f" {key}", f"the key {key!r} means nothing here.", "", f"did you mean {near!r}?"),
                (key,),
            )
    if complaint is None and thermo.get("model") not in MODELS:
        where, steps = f" thermo model = {thermo.get('model')!r}", ("thermo", "model")
        complaint = (
            where,
            "this model cannot be read.",
            f"allowed: {', '.join(MODELS)}",
            nearest(thermo.get("model"), MODELS),
        )
    for key in thermo if complaint is None else ():
        if near := _slip(key, OURS_OF_THERMO):
            complaint, steps = (
                (f" thermo {key}", f"the key {key!r} means nothing here.", "", f"did you mean {near!r}?"),
                ("thermo", key),
            )
    if complaint is not None:
        raise InputError(file.of_species(entry["name"], *steps) + complaint[0], *complaint[1:])


def check_melt(file: MechanismFile, species: Mapping[str, Any]):
    """InputError for a solubility law that cannot be read, or names a species that is not there. Shipped files are
    read without this: tests have done it."""
    for name in file.table("melt") | file.table("default-melt"):
        if name not in species:
            section = "melt" if name in file.table("melt") else "default-melt"
            where, known = f"{file.place(section, name)} {section} {name}", f"known: {', '.join(species)}"
            raise InputError(where, "the mechanism has no such species.", known, nearest(name, species))
    if file.path.parent == shipped_folder():
        return
    for one in species.values():
        for law, entry in one.melt.items():
            try:
                read = solubility_law(one.name, law, entry)
                for argument in read.arguments:
                    if (
                        argument.startswith(OF_A_SPECIES)
                        and (s := argument.removeprefix(OF_A_SPECIES)) not in species
                    ):
                        problem = f"it names {argument}, but the mechanism has no species {s!r}."
                        where = f"solubility law {law!r} of {one.name}"
                        raise InputError(where, problem, f"known: {', '.join(species)}", nearest(s, species))
            except InputError as error:
                own = law in (file.table("melt").get(one.name) or {})
                where = (
                    f"{file.place('melt', one.name, law)} melt"
                    if own
                    else file.of_species(one.name, "melt", law)
                )
                raise InputError(
                    f"{where}: {error.where}", error.problem, error.allowed, error.cure
                ) from None


def line(text: str, steps: Sequence[str]) -> int | None:
    """The line (from 1) of what stands under these keys of a YAML text, or of as many of them as are there."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except (YAMLError, RecursionError):
        return None
    found = None
    for step in steps:
        node = _under(node, step)
        if node is None:
            break
        found, node = node
    return found and found.start_mark.line + 1


def _under(node, step):
    """(the node that marks the place, the node below it) of a key of a table or of an entry's name in a list."""
    if getattr(node, "id", "") == "mapping":
        return next(((key, value) for key, value in node.value if key.value == step), None)
    if getattr(node, "id", "") == "sequence":
        for item in node.value:
            if item.id == "mapping":
                named = _under(item, "name")
                if named and named[1].value == step:
                    return item, item
                if len(item.value) == 1 and _under(item, step):  # as in a list of `file/section: names`
                    return _under(item, step)
    return None


def in_equations(data_set) -> set[str]:
    """The words of the equations of a set of equilibrium constants that may be species."""
    rows = tables(data_set.get("reactions"), "equation") if isinstance(data_set, Mapping) else ()
    words = {word for row in rows for word in str(row["equation"]).split()}
    return {word for word in words if not re.fullmatch(r"[+=]|[0-9./]+", word)}
