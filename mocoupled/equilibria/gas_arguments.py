"""The arguments of an equilibrium of a closed system, read and checked before anything is computed."""

from __future__ import annotations

from ..broadcasting import broadcast, check_range
from ..chemistry.reactions import CHARGE
from ..chemistry.thermochemistry import read_mechanism
from ..conditions import table
from ..errors import InputError
from ..plain_values import plain
from ..planet.species_of_case import GRAPHITE
from .amounts import by_elements, composition_of

UNITS = {"temperature": "K", "pressure": "Pa", "total_pressure": "Pa"}


def closed_conditions(mechanism, temperature, pressure, moles):
    """(conditions, with moles of the elements in place of those of species; the elements). mechanism: whose species are known
    by name. InputError for what is missing or is no number, element or species."""
    for name, value, example in (
        ("temperature", temperature, "1500.0 (K)"),
        ("pressure", pressure, "1e7 (Pa), or '100 bar'"),
        ("moles", moles, "{'H': 2.0, 'O': 1.0}"),
    ):
        if value is None:
            raise InputError(f"{name}=", "it is not given.", f"for example: {name}={example}")
    given = table(moles, "moles", "a table such as {'H': 2.0, 'O': 1.0}")
    if not given:
        raise InputError("moles", "no elements are given.", "allowed: a table such as {'H': 2.0, 'O': 1.0}")
    held = read_mechanism(mechanism, where="mechanism")
    for name in given:
        if name.casefold() == "charge":
            raise InputError(
                f"moles of {name}",
                "no element has this name.",
                "allowed: the charge as E, mol of electrons too many (E = -1: one electron missing)",
                "write E",
            )
        composition_of(name, held)  # refuses what is none, before the numbers are looked at
    units = UNITS | {f"moles_{name}": "mol" for name in given}
    conditions = broadcast(
        {
            "temperature": temperature,
            "pressure": pressure,
            **{f"moles_{name}": n for name, n in given.items()},
        },
        units,
    )
    for name in given:
        check_range(
            f"moles_{name}",
            conditions.columns[f"moles_{name}"],
            -1e60 if name == CHARGE else 0.0,
            1e60,
            "mol",
        )
    conditions = by_elements(conditions, given, held)
    return conditions, tuple(
        name.removeprefix("moles_") for name in conditions.columns if name.startswith("moles_")
    )


def chosen_names(species, condensates, fugacity, mechanism):
    """Names of the gases ("all", or a tuple) and of the condensates: all, or by default graphite, of those that the mechanism has."""
    if not isinstance(fugacity, str):
        raise InputError(
            f"fugacity = {fugacity!r}",
            "not the name of a law.",
            "for example: 'PengRobinson1976', or 'ideal'",
        )
    if isinstance(condensates, str) and condensates == "all":
        held = read_mechanism(mechanism, where="mechanism").species.values() if mechanism else ()
        condensates = tuple(s.name for s in held if s.phase != "gas") if mechanism else (GRAPHITE,)
    if condensates is None:
        condensates = (
            (GRAPHITE,)
            if mechanism is None or GRAPHITE in read_mechanism(mechanism, where="mechanism").species
            else ()
        )
    if isinstance(condensates, str):
        raise InputError(
            f"condensates = {condensates!r}",
            "not a list of names.",
            "allowed: a list such as ['C(gr)', 'H2O(l)'], or 'all'",
        )
    return species if isinstance(species, str) else _names(species, "species"), _names(
        condensates, "condensates"
    )


def _names(names, where) -> tuple[str, ...]:
    """Names of species as a list, tuple or array of text."""
    listed = plain(names, where)
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise InputError(where, "not a list of names.", "allowed: a list such as ['H2', 'H2O']")
    return tuple(listed)
