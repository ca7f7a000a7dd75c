"""A mechanism file as a Mechanism: species with composition, free energy, laws of solubility and source; data sets of ln K."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

from ..errors import InputError, nearest, users_line
from . import reference_pressure as pressures
from .mechanism_file import MechanismFile, check_melt, in_equations, tables
from .phase_entries import Listed, Phases, phases_of
from .reactions import Mechanism, Species, is_finite, kilograms, read_data_sets
from .thermo_entry import LARGEST_JUMP, Entry, for_cantera, reference_pressure, zones


def read(file: MechanismFile, standard_weight: Callable[[str], float | None], gas: str = "") -> Mechanism:
    """The mechanism of a file. standard_weight: atomic weight [g/mol] of an element that no file gives, None for no element.

    gas: the name of the phase that is the gas, where the user chose one. InputError, with file, line and species where
    known, for what cannot be read. Data whose reference pressure had to be assumed are named in a DataWarning, once a file.
    """
    found = phases_of(file, gas)
    given = _given_weights(file)
    weights = given | _other_weights(found, given, standard_weight)
    species, notes = {}, {}
    for phase, listed in found.listed.items():
        for one in listed:
            if one.name in species:
                place = file.of_species_in(phase, one.name)
                raise InputError(
                    place,
                    f"{one.name} stands in phase {phase!r} and in another one.",
                    cure="give it two names, or leave one out",
                )
            if _declared(file, found, phase, one, weights):
                species[one.name] = _species(
                    file, one, "gas" if phase == found.gas else "condensed", weights, notes
                )
    check_melt(file, species)
    if found.other_gases and not gas:
        notes[file.path.name, "gases"] = [f"{file.path.name}:{name}" for name in found.other_gases]
    _warn(notes)
    used = {e for one in species.values() for e in one.composition} | {
        e for named in found.elements.values() for e in named or ()
    }
    weights = {e: w for e, w in weights.items() if e in used or e in given}
    freeze = MappingProxyType
    phases = {
        phase: tuple(one.name for one in listed if one.name in species)
        for phase, listed in found.listed.items()
    }
    path = file.path
    return Mechanism(
        path.stem,
        path,
        file.checksum,
        freeze(weights),
        freeze(species),
        freeze(phases),
        freeze(_data_sets(file, species)),
    )


def _data_sets(file, species):
    """The sets of equilibrium constants of the file, and those of imported files whose species are all here."""
    sets = read_data_sets(file.path, file.document.get("equilibrium-constants") or {}, species)
    for source in file.imports.values():
        tables_of = source.document.get("equilibrium-constants") or {}
        known = {name: table for name, table in tables_of.items() if in_equations(table) <= set(species)}
        sets = read_data_sets(source.path, known, species) | sets
    return sets


# ---- elements


def _given_weights(file) -> dict[str, float]:
    """Atomic weights [kg/mol] that the file gives, or else the files it imports from."""
    weights: dict[str, float] = {}
    for source in (*file.imports.values(), file):
        for element in tables(source.document.get("elements"), "symbol", "atomic-weight"):
            symbol, weight = str(element["symbol"]), element["atomic-weight"]
            if not is_finite(weight) or weight <= 0:
                where = f"{source.place('elements')} elements {symbol}"
                raise InputError(where, f"{weight!r} is not an atomic weight.", "allowed: g/mol")
            weights[symbol] = kilograms(weight)
    return weights


def _other_weights(found: Phases, given, standard_weight) -> dict[str, float]:
    """Standard atomic weights [kg/mol] of the other elements that phases name or species hold."""
    named = [e for phase in found.listed for e in found.elements[phase] or ()]
    used = [str(e) for listed in found.listed.values() for one in listed for e in one.entry["composition"]]
    weights = {e: standard_weight(e) for e in dict.fromkeys([*named, *used]) if e not in given}
    return {e: kilograms(weight) for e, weight in weights.items() if weight is not None}


def _declared(file, found: Phases, phase, one: Listed, weights) -> bool:
    """Whether the phase has all elements of the species; InputError where it has not and does not pass over such species."""
    elements = found.elements[phase]
    for element, count in one.entry["composition"].items():
        element = str(element)
        if count == 0 or (element in weights and (elements is None or element in elements)):
            continue
        if element in weights and one.phase.get("skip-undeclared-elements"):
            return False
        problem = f"Species {one.name!r} holds {element}, " + (
            "which the phase does not name." if element in weights else "which is no element that is known."
        )
        cure = "give the element its atomic-weight under `elements`, and name it in the phase"
        raise InputError(
            file.of_species_in(phase, one.name),
            problem,
            f"elements of the phase: {', '.join(elements or weights)}",
            cure,
        )
    return True


# ---- species


def _species(file, one: Listed, phase, weights, notes) -> Species:
    """A Species from its entry. notes: what is to be said of each source file, added to."""
    entry, source = one.entry, one.source

    def wrong(keys, *message):
        return InputError(
            f"{source.of_species(one.name, *keys)}{' ' if keys else ''}{' '.join(keys)}", *message
        )

    thermo = Entry(
        entry["thermo"],
        {**_units(source.document), **_units(entry)},
        lambda keys, *message: wrong(("thermo", *keys), *message),
    )
    pressure, assumed = _pressure(file, one, thermo)
    low, rows, (jump, at) = zones(thermo, pressure, phase == "gas")
    if jump > LARGEST_JUMP:
        if "generator" not in source.document:
            raise wrong(
                ("thermo",),
                f"mu0/RT jumps by {jump:.3g} at {at:g} K.",
                f"allowed: {LARGEST_JUMP}",
                "a number is mistyped",
            )
        notes.setdefault((source.path.name, "jump"), []).append(f"{one.name} by {jump:.3g} at {at:g} K")
    if assumed is not None:
        notes.setdefault((source.path.name, assumed.text), []).append(one.name)
    composition = _composition(entry, wrong)
    melt, default = _melt(file, entry, wrong)
    return Species(
        name=one.name,
        phase=phase,
        composition=MappingProxyType(composition),
        molar_mass=math.fsum(n * weights[e] for e, n in composition.items()),
        temperature_range=(low, rows[-1][0]),
        reference=_reference(entry, source, assumed),
        melt=MappingProxyType(melt),
        default_melt=default,
        radiation=entry.get("radiation"),
        gibbs=rows,
        thermo=for_cantera(entry["thermo"], low, rows, pressure),
    )


def _units(table) -> Mapping:
    found = table.get("units") or {}
    return found if isinstance(found, Mapping) else {}


def _pressure(file, one: Listed, thermo: Entry):
    """Reference pressure [Pa], and what was assumed where nothing states it."""
    value, table = pressures.stated(one.entry["thermo"], one.source.document, one.phase, file.document)
    if table is None:
        assumed = pressures.assumed(one.source.document)
        return assumed.pressure, assumed
    units = (
        thermo.units
        if table is one.entry["thermo"] or table is one.source.document
        else _units(file.document)
    )
    return reference_pressure(Entry(thermo.thermo, units, thermo.wrong), value), None


def _composition(entry, wrong) -> dict[str, int | Fraction]:
    """Atoms by element without those of zero: whole numbers as int, others exactly as their decimal text."""
    found = {}
    for element, count in entry["composition"].items():
        if not is_finite(count) or (count < 0 and element != "E"):
            raise wrong(
                ("composition",),
                f"{count!r} atoms of {element}.",
                "allowed: numbers > 0; of E, the electron, any",
            )
        exact = Fraction(repr(count))
        if exact:
            found[str(element)] = int(exact) if exact.denominator == 1 else exact
    if not found:
        raise wrong(("composition",), "it holds no atoms at all.", "allowed: {element: number > 0}")
    return found


def _reference(entry, source: MechanismFile, assumed) -> str:
    """Where the species' data come from, in words, with the reference pressure where it had to be assumed."""
    thermo = entry["thermo"]
    given = str(thermo.get("reference", entry.get("reference", "")))
    if not given and (assumed is not None or pressures.report(source.document)):
        note = " ".join(str(thermo.get("note", "")).split())
        given = f"{pressures.report(source.document) or source.path.name}{f' ({note})' if note else ''}"
        given += f"; {source.path.name}" if source.path.name not in given else ""
    return f"{given}; {assumed.short}" if assumed is not None else given


def _warn(notes):
    """One DataWarning for each thing to be said of a file."""
    for (name, what), items in notes.items():
        shown = ", ".join(items if len(items) < 6 else items[:4]) + (
            f" and {len(items) - 4} others" if len(items) > 5 else ""
        )
        if what == "jump":
            message = f"{name}: mu0/RT jumps where two ranges of temperature meet: {shown}. The data are used as they are."
        elif what == "gases":
            message = f"{name}: one of its ideal gases is taken; the others have further species and are chosen by {shown}."
        else:
            message = f"{name}: reference pressure of {shown}: {what}. For another pressure write `reference-pressure:` at the head of your file."
        warnings.warn(message, pressures.DataWarning, stacklevel=users_line())


def _melt(file, entry, wrong) -> tuple[dict, str]:
    """A species' solubility laws by name and the default's name: its entry's and those that the file adds."""
    species = str(entry["name"])
    laws, added = entry.get("melt") or {}, file.table("melt").get(species) or {}
    here = f"melt {species}"
    if not isinstance(laws, Mapping):
        raise wrong(("melt",), "this is not a table of laws.", "allowed: {name of the law: {form: ...}}")
    if not isinstance(added, Mapping):
        place = file.place("melt", species)
        raise InputError(
            f"{place} {here}", "this is not a table of laws.", "allowed: {name of the law: {form: ...}}"
        )
    for name in set(laws) & set(added):
        place = file.place("melt", species, name)
        raise InputError(
            f"{place} {here}",
            f"{species} has a law {name!r} already.",
            cure="give this one a name of its own",
        )
    known = {str(name): law for name, law in {**laws, **added}.items()}
    changed = file.table("default-melt").get(species)
    default = str(changed or entry.get("default-melt", "none"))
    if default != "none" and default not in known:
        problem = "no law has this name.", f"known: {', '.join(known)}", nearest(default, known)
        if changed is None:
            place = wrong(("default-melt",), "").where
            raise InputError(f"{place} = {default!r}", *problem)
        raise InputError(
            f"{file.place('default-melt', species)} default-melt {species} = {default!r}", *problem
        )
    return known, default
