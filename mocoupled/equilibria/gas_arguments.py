"""The arguments of an equilibrium of a closed system, read and checked before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence

from ..broadcasting import Conditions, broadcast
from ..chemistry.mechanism import read_mechanism
from ..chemistry.records import CHARGE
from ..conditions import table
from ..errors import InputError
from ..plain_values import plain
from ..planet.species_of_case import GRAPHITE
from .amounts import by_elements, composition_of
from .points import Range, check_columns

UNITS = {"temperature": "K", "pressure": "Pa", "total_pressure": "Pa"}
EXAMPLES = {
    "temperature": "1500.0 (K)",
    "pressure": "1e7 (Pa), or '100 bar'",
    "moles": "{'H': 2.0, 'O': 1.0}",
}
MOLES_EXAMPLE = "a table such as {'H': 2.0, 'O': 1.0}"
# mol; beyond, a typing error.
LARGEST = 1e60


def amount_range(name: str) -> Range:
    """The allowed range of the moles of an element or species; only the charge may be negative."""
    return Range(-LARGEST if name == CHARGE else 0.0, LARGEST, "mol")


def closed_conditions(
    mechanism: str, temperature: object, pressure: object, moles: object
) -> tuple[Conditions, tuple[str, ...]]:
    """The conditions, with moles of the elements in place of those of species, and these elements.

    mechanism: whose species are known by name.
    InputError for a missing argument, and for a value that is no number, element or species.
    """
    for name, value in (("temperature", temperature), ("pressure", pressure), ("moles", moles)):
        if value is None:
            raise InputError(f"{name}=", "it is missing.", f"for example: {name}={EXAMPLES[name]}")
    amounts = table(moles, "moles", MOLES_EXAMPLE)
    if not amounts:
        raise InputError("moles", "there are no elements.", f"allowed: {MOLES_EXAMPLE}")
    known = read_mechanism(mechanism, where="mechanism")
    for name in amounts:
        if name.casefold() == "charge":
            raise InputError(
                f"moles of {name}",
                "no element has this name.",
                "allowed: the charge as E, mol of electrons too many (E = -1: one electron missing)",
                "write E",
            )
        # Refuses an unknown name before the numbers are read.
        composition_of(name, known)
    columns = {f"moles_{name}": values for name, values in amounts.items()}
    units = UNITS | dict.fromkeys(columns, "mol")
    conditions = broadcast({"temperature": temperature, "pressure": pressure, **columns}, units)
    ranges = {f"moles_{name}": amount_range(name) for name in amounts}
    check_columns(conditions.columns, ranges, written=conditions.written)
    conditions = by_elements(conditions, list(amounts), known)
    names = [name for name in conditions.columns if name.startswith("moles_")]
    return conditions, tuple(name.removeprefix("moles_") for name in names)


def chosen_names(
    species: str | Sequence[str], condensates: str | Sequence[str] | None, mechanism: str | None
) -> tuple[str | tuple[str, ...], tuple[str, ...]]:
    """Names of the gases ("all", or a tuple) and of the condensates.

    The condensates are those of the mechanism: all for "all"; by default (None) graphite, if it has it.
    """
    gases = species if isinstance(species, str) else _names(species, "species")
    if condensates is None:
        known = GRAPHITE in _species_of(mechanism)
        return gases, (GRAPHITE,) if known or mechanism is None else ()
    if isinstance(condensates, str):
        if condensates != "all":
            raise InputError(
                f"condensates = {condensates!r}",
                "not a list of names.",
                "allowed: a list such as ['C(gr)', 'H2O(l)'], or 'all'",
            )
        return gases, (GRAPHITE,) if mechanism is None else _species_of(mechanism)
    return gases, _names(condensates, "condensates")


def check_fugacity(fugacity: object) -> str:
    """The name of the fugacity law. InputError for a value that is not text."""
    if not isinstance(fugacity, str):
        raise InputError(
            f"fugacity = {fugacity!r}",
            "not the name of a law.",
            "for example: 'PengRobinson1976', or 'ideal'",
        )
    return fugacity


def _species_of(mechanism: str | None) -> tuple[str, ...]:
    """Names of the condensates of a mechanism; none where the user names no mechanism."""
    if mechanism is None:
        return ()
    species = read_mechanism(mechanism, where="mechanism").species.values()
    return tuple(s.name for s in species if s.phase != "gas")


def _names(names: object, where: str) -> tuple[str, ...]:
    """Names of species from a list, tuple or array of text."""
    listed = plain(names, where)
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise InputError(where, "not a list of names.", "allowed: a list such as ['H2', 'H2O']")
    return tuple(listed)
