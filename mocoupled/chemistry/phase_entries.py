"""Which species of a file take part: its ideal gas and its pure condensates, as the phases of the file list them.

Names of phases are free. Reactions, transport and phases of other kinds (surfaces, real gases, mixtures) are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InputError, nearest
from .mechanism_file import MechanismFile, check_entry, check_name, tables

GAS = "ideal-gas"
PURE = ("fixed-stoichiometry", "StoichSubstance", "stoichiometric-substance")
SOLE = (
    "constant-density",
    "ideal-condensed",
    "incompressible",
)  # models of mixtures; with a single species a pure phase
PHASE_LABEL = re.compile(r".+\([A-Za-z0-9',]{1,8}\)")  # as in Fe(a), SiO2(L), AL2O3(cr)


@dataclass(frozen=True)
class Listed:
    """A species as a phase takes it in: its entry, the file in which that stands, and the phase's table."""

    entry: Mapping[str, Any]
    source: MechanismFile
    phase: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.entry["name"])


@dataclass(frozen=True)
class Phases:
    """The gas's name, the species and the elements of the gas and of each condensed phase by the phase's name.

    other_gases: names of ideal gases that have further species and are passed over.
    """

    gas: str
    listed: Mapping[str, tuple[Listed, ...]]
    elements: Mapping[str, tuple[str, ...] | None]
    other_gases: tuple[str, ...]


def phases_of(file: MechanismFile, wanted: str = "") -> Phases:
    """The gas and the condensates of a file; wanted: the name of the gas where a user chose one.

    InputError for a file without an ideal gas, and for phases that list what is not there.
    """
    for row in file.document.get("species") or ():
        check_name(file, row)
    declared = _declared(file)
    gas = _gas(file, declared, wanted)
    listed, elements = {gas: _checked(_listed(file, declared[gas]))}, {gas: _elements(file, declared[gas])}
    if not listed[gas]:
        raise InputError(
            f"{file.place('phases', gas)} phase {gas!r}",
            "it has no species.",
            cure="list them: `species: [H2, H2O]`, or `species: all`",
        )
    passed = []
    for name, phase in declared.items():
        if name == gas:
            continue
        found = tuple(_listed(file, phase)) if phase.get("thermo") in (*PURE, *SOLE) else ()
        if phase.get("thermo") in PURE and len(found) != 1:
            where, problem = (
                f"{file.place('phases', name)} phase {name!r}",
                f"a phase of fixed stoichiometry has one species, this has {len(found)}.",
            )
            raise InputError(where, problem, cure="write a phase for each of them")
        known = {one.name: one.entry for condensed in list(listed)[1:] for one in listed[condensed]}
        if len(found) != 1 or known.get(found[0].name) == found[0].entry or _without_data(found[0].entry):
            passed.append(name)
            continue
        listed[name], elements[name] = _checked(found), _elements(file, phase)
    other = [
        name
        for name in passed
        if declared[name].get("thermo") == GAS
        and {one.name for one in _listed(file, declared[name])} - {one.name for one in listed[gas]}
    ]
    return Phases(gas, listed, elements, tuple(other))


def _checked(found) -> tuple[Listed, ...]:
    """The species, each entry checked."""
    listed = tuple(found)
    for one in listed:
        check_entry(one.source, one.entry)
    return listed


def _without_data(entry) -> bool:
    """Whether a condensate has a free energy of zero by default alone, as bulk phases of surface mechanisms have."""
    thermo = entry.get("thermo")
    return (
        isinstance(thermo, Mapping)
        and thermo.get("model") == "constant-cp"
        and not {"h0", "s0", "cp0", "data"} & set(thermo)
    )


def _declared(file) -> dict[str, Mapping]:
    """The phases of the file by name. A file of species alone, as Cantera's nasa_gas.yaml, is a gas of all of them."""
    rows = tables(file.document.get("phases"), "name")
    if rows:
        return {str(phase["name"]): phase for phase in rows}
    names = [str(row["name"]) for row in tables(file.document.get("species"), "name")]
    elsewhere = [
        key
        for key in file.sections()
        if any(
            "thermo" in row and not isinstance(row["thermo"], Mapping) for row in tables(file.document[key])
        )
    ]
    if names and not elsewhere and "phases" not in file.document:
        if 2 * sum(PHASE_LABEL.fullmatch(name) is not None for name in names) > len(names):
            cure = f"import those you need into a file with a gas: `- {{name: {names[0]}, thermo: fixed-stoichiometry, species: [{{{file.path.name}/species: ['{names[0]}']}}]}}`"
            raise InputError(file.path.name, "the file has condensed species alone, and no gas.", cure=cure)
        return {"gas": {"name": "gas", "thermo": GAS, "species": "all"}}
    return {}


def _gas(file, declared, wanted) -> str:
    """The name of the ideal gas: the one that the user wants, else `gas`, else the first."""
    ideal = [name for name, phase in declared.items() if phase.get("thermo") == GAS]
    name = wanted or ("gas" if "gas" in declared else next(iter(ideal), ""))
    if wanted and wanted not in declared:
        known = f"its ideal gases: {', '.join(ideal) or 'none'}"
        raise InputError(
            f"{file.path.name} phase {wanted!r}", "the file has no such phase.", known, nearest(wanted, ideal)
        )
    if not name:
        found = f"phases found: {', '.join(declared) or 'none'}"
        cure = "add `phases: [{name: gas, thermo: ideal-gas, species: [...]}]`"
        raise InputError(file.path.name, "the file has no phase of an ideal gas.", found, cure)
    if name not in ideal:
        where = f"{file.place('phases', name, 'thermo')} phase {name!r}"
        cure = f"name another phase of the file: '{file.path.name}:{ideal[0]}'" if ideal else ""
        raise InputError(where, f"its thermo is {declared[name].get('thermo')!r}.", f"allowed: {GAS}", cure)
    return name


def _rows(value) -> Iterator[tuple[str, Any]]:
    """(section or file/section, names or "all") of what a phase says of its species or elements."""
    if isinstance(value, Mapping):
        value = [value]
    if value is None or isinstance(value, str):
        yield "", value or "all"
    else:
        plain = [row for row in value if not isinstance(row, Mapping)]
        if plain:
            yield "", plain
        for row in tables(value):
            yield from ((str(source), names) for source, names in row.items())


def _listed(file, phase) -> Iterator[Listed]:
    """The species of a phase in its order."""
    name, seen = str(phase["name"]), set()
    for source, names in _rows(phase.get("species")):

        def wrong(*message, source=source):
            steps = ("phases", name, "species", *((source,) if source else ()))
            return InputError(f"{file.place(*steps)} phase {name!r}", *message)

        path, _, section = source.rpartition("/")
        section = section or "species"
        if path and path not in file.imports:
            problem = f"it imports {path!r}, which stands neither beside it nor among the shipped mechanisms nor in Cantera's data folder."
            raise wrong(problem, "", nearest(path, file.nearby()))
        origin = file.imports[path] if path else file
        rows = origin.document.get(section)
        if not isinstance(rows, list):
            raise wrong(
                f"the file {origin.path.name} has no list of species {section!r}.",
                f"lists found: {', '.join(origin.sections()) or 'none'}",
            )
        entries: dict[str, Mapping] = {}
        twice = {
            str(row["name"])
            for row in tables(rows, "name")
            if entries.setdefault(str(row["name"]), row) is not row
        }
        if names != "all" and (isinstance(names, str) or not isinstance(names, list)):
            names = [names]
        for one in entries if names == "all" else map(str, names):
            if one not in entries:
                problem = f"it lists the species {one!r}, of which {origin.path.name} has no entry under {section!r}."
                raise wrong(problem, f"known: {', '.join(entries)}", nearest(one, entries))
            if one in twice:
                raise wrong(
                    f"{origin.path.name} has two entries for the species {one!r} under {section!r}.",
                    "",
                    "leave one out, or give it another name",
                )
            if one in seen:
                raise wrong(f"it lists the species {one!r} twice.", "", "leave one out")
            seen.add(one)
            yield Listed(entries[one], origin, phase)


def _elements(file, phase) -> tuple[str, ...] | None:
    """The symbols that a phase names as its elements; None where it leaves them to its species."""
    if "elements" not in phase:
        return None
    found = []
    for source, names in _rows(phase["elements"]):
        path, _, section = source.rpartition("/")
        origin = file.imports.get(path, file) if path else file
        known = [str(row["symbol"]) for row in tables(origin.document.get(section or "elements"), "symbol")]
        found += (
            known if names == "all" else [str(one) for one in (names if isinstance(names, list) else [names])]
        )
    return tuple(dict.fromkeys(found))
