"""Checks of a mechanism's tables before they are used: keys, imports, entries of species.

Cantera ignores keys that it does not know, and reports other faults without the name of the species.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from ..errors import InputError, nearest
from .mechanism_file import Import, MechanismFile, imports_of, tables
from .records import RawTable

# Models of `thermo` that can be read.
MODELS = ("NASA7", "NASA9", "Shomate", "constant-cp", "piecewise-Gibbs")
KEYS_OF_THERMO = ("model", "temperature-ranges", "data", "reference-pressure", "dimensionless")
KEYS_OF_A_FILE = (
    "phases",
    "species",
    "elements",
    "melt",
    "default-melt",
    "equilibrium-constants",
    "reference-pressure",
)
KEYS_OF_A_SPECIES = ("name", "composition", "thermo", "melt", "default-melt", "radiation", "bands")
# Of difflib's ratio: an unknown key so near to a known one is taken for a typing error.
TOO_NEAR = 0.8


def check_file(file: MechanismFile) -> None:
    """InputError for keys that are typing errors, and for imports that the imported file does not have."""
    sections = set()
    for phase in tables(file.document.get("phases")):
        for lists in tables(phase.get("species")):
            sections |= {str(source).rpartition("/")[2] for source in lists}
    for key in file.document:
        near = "" if key in sections else _slip(key, KEYS_OF_A_FILE)
        if near:
            raise InputError(
                file.place(key), f"the key {key!r} means nothing here.", cure=f"did you mean {near!r}?"
            )
    for row in imports_of(file.document):
        if row.file in file.imports:
            _check_import(file, row, file.imports[row.file])


def _slip(key: object, known: Sequence[str]) -> str:
    """The known key that this key was meant to be, or "" when it is one or is far from all."""
    near = difflib.get_close_matches(str(key).casefold().replace("_", "-"), known, 1, TOO_NEAR)
    return near[0] if near and key not in known else ""


def _check_import(file: MechanismFile, row: Import, source: MechanismFile) -> None:
    """InputError for a section or a name that the imported file does not have."""
    name = f"'{source.path.name}/{row.section}'"
    entries = source.document.get(row.section)
    if not isinstance(entries, list):
        sections = [key for key, rows in source.document.items() if isinstance(rows, list)]
        raise InputError(
            _place_of_import(file, row),
            f"it imports {name}, but that file has no such section.",
            f"sections of {source.path.name}: {', '.join(sections)}",
            nearest(row.section, source.document),
        )
    title = "symbol" if row.key == "elements" else "name"
    known = [str(entry[title]) for entry in tables(entries, title)]
    for wanted in row.names if isinstance(row.names, list) else ():
        if isinstance(wanted, str) and wanted not in known:
            raise InputError(
                _place_of_import(file, row),
                f"it imports {wanted!r} from {name}, which has no such entry.",
                f"known: {', '.join(known)}",
                nearest(wanted, known),
            )


def _place_of_import(file: MechanismFile, row: Import) -> str:
    """File, line and phase of an import, for a message: to find the line the file is read again."""
    steps = ("phases", row.phase, row.key, f"{row.file}/{row.section}")
    return f"{file.place(*steps)} phase {row.phase!r}"


def check_name(file: MechanismFile, entry: object) -> None:
    """InputError for an entry of a species without a name."""
    if not isinstance(entry, Mapping) or "name" not in entry:
        raise InputError(
            f"{file.path.name} species", f"an entry has no name: {str(entry)[:60]}", cure="add `name:`"
        )


def check_entry(file: MechanismFile, entry: RawTable) -> None:
    """InputError for an entry that Cantera would accept in silence or report without its name."""
    check_name(file, entry)
    for key in entry:
        _check_key(file, entry, (key,), KEYS_OF_A_SPECIES)
    for key in ("thermo", "composition"):
        if not isinstance(entry.get(key), Mapping) or not entry[key]:
            raise InputError(
                file.of_species(entry["name"]),
                f"the key {key!r} is missing or empty.",
                "",
                "see the entries of the shipped volatiles.yaml",
            )
    model = entry["thermo"].get("model")
    if model not in MODELS:
        raise InputError(
            f"{file.of_species(entry['name'], 'thermo', 'model')} thermo model = {model!r}",
            "this model cannot be read.",
            f"allowed: {', '.join(MODELS)}",
            nearest(model, MODELS),
        )
    for key in entry["thermo"]:
        _check_key(file, entry, ("thermo", key), KEYS_OF_THERMO)


def _check_key(file: MechanismFile, entry: RawTable, steps: Sequence[str], known: Sequence[str]) -> None:
    """InputError for a key of an entry, the last of `steps`, that was meant to be a known one."""
    key = steps[-1]
    near = _slip(key, known)
    if near:
        raise InputError(
            f"{file.of_species(entry['name'], *steps)} {' '.join(map(str, steps))}",
            f"the key {key!r} means nothing here.",
            "",
            f"did you mean {near!r}?",
        )
