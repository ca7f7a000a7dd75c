"""Stage 2 of reading a mechanism: the entries of the species that its phases list.

These are the species of its ideal gas and of its pure condensates. Names of phases are free.
Reactions, transport and phases of other kinds (surfaces, real gases, mixtures) are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InputError, nearest
from .entry_checks import check_entry, check_file, check_name
from .mechanism_file import MechanismFile, tables
from .records import RawTable

GAS = "ideal-gas"
PURE = ("fixed-stoichiometry", "StoichSubstance", "stoichiometric-substance")
# Models of mixtures; with a single species a pure phase.
SOLE = ("constant-density", "ideal-condensed", "incompressible")
# As in Fe(a), SiO2(L), AL2O3(cr).
PHASE_LABEL = re.compile(r".+\([A-Za-z0-9',]{1,8}\)")


@dataclass(frozen=True)
class SpeciesEntry:
    """A species as a phase lists it.

    table: its entry. source: the file in which that stands. phase: the table of the phase.
    """

    table: RawTable
    source: MechanismFile
    phase: RawTable

    @property
    def name(self) -> str:
        """Name of the species."""
        return str(self.table["name"])


@dataclass(frozen=True)
class PhaseEntries:
    """The entries of a mechanism by phase, the gas first.

    gas: name of the gas.
    species: phase -> its entries, of the gas and of each condensed phase.
    elements: phase -> symbols that it names as its elements; None where it leaves them to its species.
    other_gases: names of ideal gases that have further species and are ignored.
    """

    gas: str
    species: Mapping[str, tuple[SpeciesEntry, ...]]
    elements: Mapping[str, tuple[str, ...] | None]
    other_gases: tuple[str, ...]

    @property
    def all(self) -> Iterator[tuple[str, SpeciesEntry]]:
        """Every entry with the name of its phase."""
        for phase, entries in self.species.items():
            for entry in entries:
                yield phase, entry


def entries_of(file: MechanismFile, wanted: str = "") -> PhaseEntries:
    """The entries of the gas and of the condensates of a file, checked.

    wanted: the name of the gas where the user chose one.
    InputError for a file without an ideal gas, and for phases that list what is not there.
    """
    check_file(file)
    for row in file.document.get("species") or ():
        check_name(file, row)
    phases = _phases(file)
    gas = _gas(file, phases, wanted)
    species = {gas: _checked(_listed(file, phases[gas]))}
    elements = {gas: _elements(file, phases[gas])}
    if not species[gas]:
        raise InputError(
            f"{file.place('phases', gas)} phase {gas!r}",
            "it has no species.",
            cure="list them: `species: [H2, H2O]`, or `species: all`",
        )
    ignored = []
    for name, phase in phases.items():
        if name == gas:
            continue
        condensed = {entry.name: entry.table for key in species if key != gas for entry in species[key]}
        entry = _sole_entry(file, name, phase)
        if entry is None or condensed.get(entry.name) == entry.table or _without_data(entry.table):
            ignored.append(name)
            continue
        species[name], elements[name] = _checked([entry]), _elements(file, phase)
    in_gas = {entry.name for entry in species[gas]}
    others = []
    for name in ignored:
        if phases[name].get("thermo") == GAS and {e.name for e in _listed(file, phases[name])} - in_gas:
            others.append(name)
    return PhaseEntries(gas, species, elements, tuple(others))


def _checked(entries: Iterable[SpeciesEntry]) -> tuple[SpeciesEntry, ...]:
    """The entries, each of them checked."""
    listed = tuple(entries)
    for entry in listed:
        check_entry(entry.source, entry.table)
    return listed


def _sole_entry(file: MechanismFile, name: str, phase: RawTable) -> SpeciesEntry | None:
    """The only species of a condensed phase; None where the phase is a gas, a surface or a mixture."""
    model = phase.get("thermo")
    if model not in (*PURE, *SOLE):
        return None
    entries = tuple(_listed(file, phase))
    if model in PURE and len(entries) != 1:
        raise InputError(
            f"{file.place('phases', name)} phase {name!r}",
            f"a phase of fixed stoichiometry has one species, this has {len(entries)}.",
            cure="write a phase for each of them",
        )
    return entries[0] if len(entries) == 1 else None


def _without_data(entry: RawTable) -> bool:
    """Whether a condensate has a free energy of zero by default, as in mechanisms of surfaces."""
    thermo = entry.get("thermo")
    if not isinstance(thermo, Mapping) or thermo.get("model") != "constant-cp":
        return False
    return not {"h0", "s0", "cp0", "data"} & set(thermo)


def _phases(file: MechanismFile) -> dict[str, RawTable]:
    """The phases of the file by name.

    A file of species only, as Cantera's nasa_gas.yaml, is a gas of all of them.
    """
    rows = tables(file.document.get("phases"), "name")
    if rows:
        return {str(phase["name"]): phase for phase in rows}
    names = [str(row["name"]) for row in tables(file.document.get("species"), "name")]
    if not names or "phases" in file.document or _has_species_of_other_kind(file):
        return {}
    condensed = [name for name in names if PHASE_LABEL.fullmatch(name) is not None]
    if 2 * len(condensed) > len(names):
        raise InputError(
            file.path.name,
            "the file has condensed species alone, and no gas.",
            cure="import those you need into a file with a gas: "
            f"`- {{name: {names[0]}, thermo: fixed-stoichiometry, "
            f"species: [{{{file.path.name}/species: ['{names[0]}']}}]}}`",
        )
    return {"gas": {"name": "gas", "thermo": GAS, "species": "all"}}


def _has_species_of_other_kind(file: MechanismFile) -> bool:
    """Whether a section of the file has entries whose `thermo` is no table, as phases have."""
    for key in file.sections():
        for row in tables(file.document[key]):
            if "thermo" in row and not isinstance(row["thermo"], Mapping):
                return True
    return False


def _gas(file: MechanismFile, phases: Mapping[str, RawTable], wanted: str) -> str:
    """The name of the ideal gas: the one that the user wants, else `gas`, else the first."""
    ideal = [name for name, phase in phases.items() if phase.get("thermo") == GAS]
    name = wanted or ("gas" if "gas" in phases else next(iter(ideal), ""))
    if wanted and wanted not in phases:
        known = f"its ideal gases: {', '.join(ideal) or 'none'}"
        raise InputError(
            f"{file.path.name} phase {wanted!r}", "the file has no such phase.", known, nearest(wanted, ideal)
        )
    if not name:
        known = f"phases of the file: {', '.join(phases) or 'none'}"
        cure = "add `phases: [{name: gas, thermo: ideal-gas, species: [...]}]`"
        raise InputError(file.path.name, "the file has no phase of an ideal gas.", known, cure)
    if name not in ideal:
        where = f"{file.place('phases', name, 'thermo')} phase {name!r}"
        cure = f"name another phase of the file: '{file.path.name}:{ideal[0]}'" if ideal else ""
        raise InputError(where, f"its thermo is {phases[name].get('thermo')!r}.", f"allowed: {GAS}", cure)
    return name


def _rows(value: Any) -> Iterator[tuple[str, Any]]:
    """(section or file/section, names or "all") of the raw value of a phase's `species` or `elements`."""
    if value is None or isinstance(value, str):
        yield "", value or "all"
        return
    rows = [value] if isinstance(value, Mapping) else value
    plain = [row for row in rows if not isinstance(row, Mapping)]
    if plain:
        yield "", plain
    for row in tables(rows):
        for source, names in row.items():
            yield str(source), names


def _listed(file: MechanismFile, phase: RawTable) -> Iterator[SpeciesEntry]:
    """The species of a phase in its order. InputError for a species without an entry, or with two."""
    name = str(phase["name"])
    seen = set()
    for source, names in _rows(phase.get("species")):
        steps = ("phases", name, "species", *((source,) if source else ()))
        origin, section, entries, repeated = _entries(file, name, steps, source)
        if names == "all":
            wanted = list(entries)
        else:
            wanted = [str(item) for item in (names if isinstance(names, list) else [names])]
        for species in wanted:
            if species not in entries:
                problem = (
                    f"it lists the species {species!r}, "
                    f"of which {origin.path.name} has no entry under {section!r}."
                )
                allowed, cure = f"known: {', '.join(entries)}", nearest(species, entries)
            elif species in repeated:
                problem = f"{origin.path.name} has two entries for the species {species!r} under {section!r}."
                allowed, cure = "", "leave one out, or give it another name"
            elif species in seen:
                problem = f"it lists the species {species!r} twice."
                allowed, cure = "", "leave one out"
            else:
                seen.add(species)
                yield SpeciesEntry(entries[species], origin, phase)
                continue
            raise InputError(f"{file.place(*steps)} phase {name!r}", problem, allowed, cure)


def _entries(
    file: MechanismFile, phase: str, steps: tuple[str, ...], source: str
) -> tuple[MechanismFile, str, dict[str, RawTable], set[str]]:
    """File and section that `source` means, its entries by name, and repeated names.

    source: "file/section", or "", of a phase.
    """
    path, _, section = source.rpartition("/")
    section = section or "species"
    if path and path not in file.imports:
        raise InputError(
            f"{file.place(*steps)} phase {phase!r}",
            f"it imports {path!r}, which is neither in its folder nor among the shipped mechanisms "
            "nor in Cantera's data folder.",
            "",
            nearest(path, file.nearby()),
        )
    origin = file.imports[path] if path else file
    rows = origin.document.get(section)
    if not isinstance(rows, list):
        raise InputError(
            f"{file.place(*steps)} phase {phase!r}",
            f"the file {origin.path.name} has no list of species {section!r}.",
            f"lists of the file: {', '.join(origin.sections()) or 'none'}",
        )
    entries: dict[str, RawTable] = {}
    repeated = set()
    for row in tables(rows, "name"):
        name = str(row["name"])
        if entries.setdefault(name, row) is not row:
            repeated.add(name)
    return origin, section, entries, repeated


def _elements(file: MechanismFile, phase: RawTable) -> tuple[str, ...] | None:
    """The symbols that a phase names as its elements; None where it leaves them to its species."""
    if "elements" not in phase:
        return None
    symbols: list[str] = []
    for source, names in _rows(phase["elements"]):
        path, _, section = source.rpartition("/")
        origin = file.imports.get(path, file) if path else file
        if names == "all":
            rows = tables(origin.document.get(section or "elements"), "symbol")
            symbols += [str(row["symbol"]) for row in rows]
        else:
            symbols += [str(symbol) for symbol in (names if isinstance(names, list) else [names])]
    return tuple(dict.fromkeys(symbols))
