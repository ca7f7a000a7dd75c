"""The section `equilibrium-constants` of a mechanism file as data sets: published fits log10 K = a/T + b."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from ..errors import InputError, nearest
from .entry_numbers import is_finite, kilograms
from .mechanism_file import MechanismFile, tables
from .records import POLYNOMIALS, DataSet, Fit, RawTable, Reaction, Species
from .stoichiometry import reduced

SECTION = "equilibrium-constants"
# A term of an equation: coefficient (integer, fraction, decimal number) and species.
_TERM = re.compile(r"\s*(?:(\d{1,4}(?:/[1-9]\d{0,3}|\.\d{1,6})?)\s+)?(\S+)\s*")


def read_data_sets(file: MechanismFile, species: Mapping[str, Species]) -> dict[str, DataSet]:
    """The data sets of the file, and those of imported files whose species are all in the mechanism.

    InputError for a data set that cannot be read, or whose reactions are not balanced or not independent.
    """
    sets = _read(file, file.document.get(SECTION) or {}, species)
    for source in file.imports.values():
        section = source.document.get(SECTION) or {}
        if isinstance(section, Mapping):
            section = {
                name: table for name, table in section.items() if _words_of_equations(table) <= set(species)
            }
        sets = _read(source, section, species) | sets
    return sets


def _words_of_equations(table: object) -> set[str]:
    """The words of a data set's equations that may be species."""
    rows = tables(table.get("reactions"), "equation") if isinstance(table, Mapping) else []
    words = {word for row in rows for word in str(row["equation"]).split()}
    return {word for word in words if not re.fullmatch(r"[+=]|[0-9./]+", word)}


def _read(file: MechanismFile, section: object, species: Mapping[str, Species]) -> dict[str, DataSet]:
    """The data sets of a section by name."""
    where = f"{file.path.name} {SECTION}"
    if not isinstance(section, Mapping):
        raise InputError(where, "this is not a table.", "allowed: {name of the data set: {...}}")
    return {
        str(name): _data_set(f"{where} {name}", str(name), table, species) for name, table in section.items()
    }


def _data_set(place: str, name: str, table: object, species: Mapping[str, Species]) -> DataSet:
    """A data set, checked."""
    if name == POLYNOMIALS or not isinstance(table, Mapping):
        raise InputError(
            place,
            "this is not a data set, or its name is reserved.",
            f"allowed: any name but {POLYNOMIALS!r}, with `reactions:`",
        )
    rows = table.get("reactions")
    if not isinstance(rows, list) or not rows:
        raise InputError(
            place,
            "it has no list of reactions.",
            "allowed: reactions: [{equation: ..., log10-K: [a, b], T: [...]}]",
        )
    fits = tuple(_fit(f"{place} reaction {k + 1}", row, species) for k, row in enumerate(rows))
    _check_independent(place, fits)
    masses = _molar_masses(f"{place} molar-masses", table, species)
    return DataSet(name, str(table.get("reference", "")), fits, MappingProxyType(masses))


def _check_independent(place: str, fits: tuple[Fit, ...]) -> None:
    """InputError for a reaction that follows from those before it."""
    columns = [dict(fit.reaction.stoichiometry) for fit in fits]
    names = sorted({name for column in columns for name in column})
    _, pivots = reduced([[column.get(name, Fraction(0)) for column in columns] for name in names])
    for k, fit in enumerate(fits):
        if k not in pivots:
            raise InputError(
                f"{place} reaction {k + 1}",
                f"{fit.reaction.text} follows from the reactions before it.",
                cure="leave one of them out",
            )


def _molar_masses(place: str, table: RawTable, species: Mapping[str, Species]) -> dict[str, float]:
    """Molar masses [kg/mol] as the authors print them, by species."""
    masses = table.get("molar-masses") or {}
    allowed = "allowed: g/mol, by name of a species"
    if not isinstance(masses, Mapping):
        raise InputError(place, "this is not a table.", allowed)
    for name, mass in masses.items():
        if name not in species or not is_finite(mass) or mass <= 0:
            raise InputError(place, f"{name}: {mass!r} is not the molar mass of a species.", allowed)
    return {name: kilograms(mass) for name, mass in masses.items()}


def _fit(place: str, entry: object, species: Mapping[str, Species]) -> Fit:
    """A reaction of a data set with its constants, parsed and balanced."""
    keys = ("equation", "log10-K", "T")
    if not isinstance(entry, Mapping) or any(key not in entry for key in keys):
        raise InputError(place, "a key is missing.", f"needed: {', '.join(keys)}")
    reaction = _reaction(place, str(entry["equation"]), species)
    for key in ("log10-K", "T"):
        value = entry[key]
        if not isinstance(value, list) or len(value) != 2 or not all(map(is_finite, value)):
            raise InputError(
                f"{place} {key} = {value!r}",
                "not two finite numbers.",
                "allowed: log10-K: [a, b] of a/T + b; T: [low, high] in K",
            )
    low, high = map(float, entry["T"])
    if not 0 < low < high:
        raise InputError(
            f"{place} T = {entry['T']!r}", "not a range of temperatures.", "allowed: [low, high] in K"
        )
    a, b = map(float, entry["log10-K"])
    return Fit(reaction, a, b, (low, high), str(entry.get("reference", "")))


def _reaction(place: str, text: str, species: Mapping[str, Species]) -> Reaction:
    """The reaction of an equation such as "H2 + 1/2 O2 = H2O". InputError unless it is balanced."""
    where = f"{place} equation = {text!r}"
    sides = text.split(" = ")
    terms = [(sign, term) for sign, side in zip((-1, 1), sides) for term in re.split(r"\s\+\s", side)]
    counts: dict[str, Fraction] = {}
    for sign, term in terms:
        match = _TERM.fullmatch(term)
        if len(sides) != 2 or not match:
            raise InputError(where, "this is not a reaction.", "allowed: as in 'H2 + 1/2 O2 = H2O'")
        name = match[2]
        if name not in species:
            known = f"known: {', '.join(species)}"
            raise InputError(where, f"no species is called {name!r}.", known, nearest(name, species))
        counts[name] = counts.get(name, Fraction(0)) + sign * Fraction(match[1] or 1)
    for element in sorted({e for name in counts for e in species[name].composition}):
        excess = sum(
            count * Fraction(str(species[name].composition.get(element, 0))) for name, count in counts.items()
        )
        if excess:
            raise InputError(where, f"it is not balanced: {excess} {element} too many on the right.")
    return Reaction(tuple((name, count) for name, count in counts.items() if count))
