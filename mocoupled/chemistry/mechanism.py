"""Reading a mechanism, from its name to its record.

A species goes one way: text of a file (mechanism_file.py) -> entry of a phase (phase_entries.py) -> record
(species_record.py).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from ..errors import InputError, users_line
from .data_sets import read_data_sets
from .entry_numbers import is_finite, kilograms
from .mechanism_file import MechanismFile, Version, load, tables, versions
from .mechanism_paths import locate
from .melt_entries import check_melt
from .phase_entries import PhaseEntries, SpeciesEntry, entries_of
from .records import Mechanism, Species
from .reference_pressure import DataWarning
from .species_record import JUMP, Notes, record_of

# Subject of the note that a file has further ideal gases.
GASES = "gases"


def read_mechanism(name_or_path: str | Path, where: str = "") -> Mechanism:
    """The mechanism of a shipped name or a path, read once per version of its files.

    "file.yaml:phase" takes the phase of this name for the gas; else it is the phase `gas`, or the first ideal
    gas.
    where: the place in the user's input, for errors. InputError, with file, line and species where known, for
    a file that cannot be read or has no ideal gas, and for a species whose data are missing, ambiguous or not
    supported.
    """
    path, gas = locate(name_or_path, where)
    try:
        return _mechanism(versions(path), gas)
    except InputError as error:
        if not where:
            raise
        raise InputError(f"{where}: {error.where}", error.problem, error.allowed, error.cure) from None


@lru_cache(maxsize=16)
def _mechanism(files: tuple[Version, ...], gas: str) -> Mechanism:
    """The mechanism of the first of these versions of files; the others are those that it imports.

    gas: the name of the phase that is the gas, "" where the user names none.
    Data whose reference pressure has to be assumed are named in a DataWarning, once a file.
    """
    file = load(files[0][0])
    entries = entries_of(file, gas)
    weights_of_file = _weights_of_files(file)
    weights = weights_of_file | _standard_weights(entries, weights_of_file)
    notes: Notes = {}
    species = _species(file, entries, weights, notes)
    check_melt(file, species)
    if entries.other_gases and not gas:
        notes[file.path.name, GASES] = [f"{file.path.name}:{name}" for name in entries.other_gases]
    _warn(notes)
    used = {element for record in species.values() for element in record.composition}
    for named in entries.elements.values():
        used.update(named or ())
    weights = {e: weight for e, weight in weights.items() if e in used or e in weights_of_file}
    phases = {
        phase: tuple(entry.name for entry in listed if entry.name in species)
        for phase, listed in entries.species.items()
    }
    return Mechanism(
        name=file.path.stem,
        path=file.path,
        checksum=file.checksum,
        atomic_weights=MappingProxyType(weights),
        species=MappingProxyType(species),
        phases=MappingProxyType(phases),
        equilibrium_constants=MappingProxyType(read_data_sets(file, species)),
    )


def _species(
    file: MechanismFile, entries: PhaseEntries, weights: Mapping[str, float], notes: Notes
) -> dict[str, Species]:
    """The records of all entries by name. InputError for a name in two phases."""
    species: dict[str, Species] = {}
    for phase, entry in entries.all:
        if entry.name in species:
            raise InputError(
                file.of_species_in(phase, entry.name),
                f"{entry.name} is in phase {phase!r} and in another phase.",
                cure="give it two names, or leave one out",
            )
        if _has_elements(file, entries, phase, entry, weights):
            state = "gas" if phase == entries.gas else "condensed"
            species[entry.name] = record_of(file, entry, state, weights, notes)
    return species


def _has_elements(
    file: MechanismFile, entries: PhaseEntries, phase: str, entry: SpeciesEntry, weights: Mapping[str, float]
) -> bool:
    """Whether the phase has all elements of the species.

    InputError where it has not, unless the phase skips such species.
    """
    elements = entries.elements[phase]
    for key, count in entry.table["composition"].items():
        element = str(key)
        if count == 0 or (element in weights and (elements is None or element in elements)):
            continue
        if element in weights and entry.phase.get("skip-undeclared-elements"):
            return False
        reason = (
            "which the phase does not name." if element in weights else "which is no element that is known."
        )
        raise InputError(
            file.of_species_in(phase, entry.name),
            f"Species {entry.name!r} holds {element}, {reason}",
            f"elements of the phase: {', '.join(elements or weights)}",
            "give the element its atomic-weight under `elements`, and name it in the phase",
        )
    return True


# ---- atomic weights


def _weights_of_files(file: MechanismFile) -> dict[str, float]:
    """Atomic weights [kg/mol] that the file states, or else the files that it imports."""
    weights: dict[str, float] = {}
    for source in (*file.imports.values(), file):
        for element in tables(source.document.get("elements"), "symbol", "atomic-weight"):
            symbol, weight = str(element["symbol"]), element["atomic-weight"]
            if not is_finite(weight) or weight <= 0:
                where = f"{source.place('elements')} elements {symbol}"
                raise InputError(where, f"{weight!r} is not an atomic weight.", "allowed: g/mol")
            weights[symbol] = kilograms(weight)
    return weights


def _standard_weights(entries: PhaseEntries, known: Mapping[str, float]) -> dict[str, float]:
    """Standard atomic weights [kg/mol] of the other elements of phases and species."""
    weights = {}
    for element in dict.fromkeys(_elements(entries)):
        if element not in known and (weight := _standard_weight(element)) is not None:
            weights[element] = kilograms(weight)
    return weights


def _elements(entries: PhaseEntries) -> Iterator[str]:
    """The elements that phases name, then those of the species."""
    for phase in entries.species:
        yield from entries.elements[phase] or ()
    for _, entry in entries.all:
        for element in entry.table["composition"]:
            yield str(element)


@lru_cache(maxsize=256)
def _standard_weight(symbol: str) -> float | None:
    """Cantera's atomic weight [g/mol] of an element, D and E among them.

    None for no element, or one without weight.
    """
    import cantera as ct

    try:
        return float(ct.Element(symbol).weight)
    except ct.CanteraError:
        return None


def _warn(notes: Notes) -> None:
    """A DataWarning for each note."""
    for (name, subject), items in notes.items():
        shown = ", ".join(items if len(items) < 6 else items[:4])
        if len(items) > 5:
            shown += f" and {len(items) - 4} others"
        if subject == JUMP:
            message = (
                f"{name}: mu0/RT jumps where two ranges of temperature meet: {shown}. "
                "The data are used as they are."
            )
        elif subject == GASES:
            message = (
                f"{name}: one of its ideal gases is taken; the others have further species "
                f"and are chosen by {shown}."
            )
        else:
            message = (
                f"{name}: reference pressure of {shown}: {subject}. "
                "For another pressure write `reference-pressure:` at the head of your file."
            )
        warnings.warn(message, DataWarning, stacklevel=users_line())
