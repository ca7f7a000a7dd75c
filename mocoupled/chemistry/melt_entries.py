"""Solubility laws of a mechanism: raw entries of a species, entries that the file adds, and their check."""

from __future__ import annotations

from collections.abc import Mapping

from ..closures.solubility import OF_A_SPECIES, solubility_law
from ..errors import InputError, nearest
from .entry_numbers import ErrorAt
from .mechanism_file import MechanismFile
from .mechanism_paths import shipped_folder
from .records import RawTable, Species

NO_TABLE = "this is not a table of laws."
TABLE = "allowed: {name of the law: {form: ...}}"


def melt_laws(file: MechanismFile, entry: RawTable, error_at: ErrorAt) -> tuple[dict[str, RawTable], str]:
    """The solubility laws of a species by name, raw, and the name of the default.

    The laws are those of its entry and those that the file adds under `melt`.
    """
    species = str(entry["name"])
    laws, added = entry.get("melt") or {}, file.table("melt").get(species) or {}
    here = f"melt {species}"
    if not isinstance(laws, Mapping):
        raise error_at(("melt",), NO_TABLE, TABLE)
    if not isinstance(added, Mapping):
        raise InputError(f"{file.place('melt', species)} {here}", NO_TABLE, TABLE)
    for name in set(laws) & set(added):
        raise InputError(
            f"{file.place('melt', species, name)} {here}",
            f"{species} has a law {name!r} already.",
            cure="give this one another name",
        )
    known = {str(name): law for name, law in {**laws, **added}.items()}
    changed = file.table("default-melt").get(species)
    default = str(changed or entry.get("default-melt", "none"))
    if default != "none" and default not in known:
        if changed is None:
            where = f"{error_at(('default-melt',), '').where} = {default!r}"
        else:
            where = f"{file.place('default-melt', species)} default-melt {species} = {default!r}"
        known_names = f"known: {', '.join(known)}"
        raise InputError(where, "no law has this name.", known_names, nearest(default, known))
    return known, default


def check_melt(file: MechanismFile, species: Mapping[str, Species]) -> None:
    """InputError for a solubility law that cannot be read, or that names a species which is not there.

    The laws of shipped files are not read here: tests have done it.
    """
    for name in {**file.table("melt"), **file.table("default-melt")}:
        if name not in species:
            section = "melt" if name in file.table("melt") else "default-melt"
            where, known = f"{file.place(section, name)} {section} {name}", f"known: {', '.join(species)}"
            raise InputError(where, "the mechanism has no such species.", known, nearest(name, species))
    if file.path.parent == shipped_folder():
        return
    for record in species.values():
        for name, law in record.melt.items():
            try:
                _check_law(record, name, law, species)
            except InputError as error:
                where = f"{_place(file, record, name)}: {error.where}"
                raise InputError(where, error.problem, error.allowed, error.cure) from None


def _check_law(record: Species, name: str, law: RawTable, species: Mapping[str, Species]) -> None:
    """InputError for a law that cannot be read, or that names a species which is not there."""
    for other in sorted(needed(record, name, law)):
        if other not in species:
            raise InputError(
                f"solubility law {name!r} of {record.name}",
                f"it names {OF_A_SPECIES}{other}, but the mechanism has no species {other!r}.",
                f"known: {', '.join(species)}",
                nearest(other, species),
            )


def needed(record: Species, name: str, law: RawTable) -> set[str]:
    """The species whose pressure a solubility law of a species takes. InputError for an unreadable law."""
    arguments = solubility_law(record.name, name, law).arguments
    return {a.removeprefix(OF_A_SPECIES) for a in arguments if a.startswith(OF_A_SPECIES)}


def _place(file: MechanismFile, record: Species, name: str) -> str:
    """Where a law of a species stands: under `melt` of the file, or in the species' entry."""
    if name in (file.table("melt").get(record.name) or {}):
        return f"{file.place('melt', record.name, name)} melt"
    return file.of_species(record.name, "melt", name)
