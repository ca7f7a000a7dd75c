"""The mechanism of a closed system where the user names none: the smallest with all gases of its elements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from ..chemistry.mechanism import read_mechanism
from ..chemistry.mechanism_paths import mechanisms_by_gases
from ..chemistry.records import CHARGE, Species
from ..errors import InputError, nearest

# Lowest and highest temperature of data [K].
Span = tuple[float, float]


def choose_mechanism(elements: Iterable[str]) -> str:
    """The name of the smallest shipped mechanism that has every shipped gas made of these elements only.

    Where none has them all, it is the mechanism whose gases have most of the elements, and of these the
    mechanism with the most gases.
    InputError for an element without a shipped gas.
    Electrons (E) do not count: no shipped gas is charged.
    """
    return _choice(frozenset(elements) - {CHARGE}, mechanisms_by_gases())


@lru_cache(maxsize=64)
def _choice(wanted: frozenset[str], shipped: tuple[str, ...]) -> str:
    """The choice among these mechanisms."""
    species = {name: read_mechanism(name).species for name in shipped}
    gases = {name: _gases(known, wanted) for name, known in species.items()}
    _check_elements(wanted, species)
    covered = {
        name: {e for gas in those for e in species[name][gas].composition} & wanted
        for name, those in gases.items()
    }
    return min(shipped, key=lambda name: (-len(covered[name]), -len(gases[name]), len(species[name]), name))


def shipped_with(element: str) -> str:
    """A sentence that names the shipped mechanisms with gases of an element; "" where there are none."""
    names = []
    for name in mechanisms_by_gases():
        gases = [s for s in read_mechanism(name).species.values() if s.phase == "gas"]
        if any(element in s.composition for s in gases):
            names.append(name)
    return f"shipped mechanisms that have {element}: {', '.join(names)}" if names else ""


def outside(mechanism: str, elements: Iterable[str], low: float, high: float) -> dict[str, Span]:
    """Gases of these elements whose data do not cover low to high [K] -> the range of their data [K]."""
    spans = _spans(mechanism, frozenset(elements))
    return {name: span for name, span in spans.items() if low < span[0] or span[1] < high}


@lru_cache(maxsize=64)
def _spans(mechanism: str, elements: frozenset[str]) -> Mapping[str, Span]:
    """Gases of these elements -> the range of their data [K]."""
    species = read_mechanism(mechanism).species
    return {name: species[name].temperature_range for name in sorted(_gases(species, elements))}


def _gases(species: Mapping[str, Species], elements: frozenset[str]) -> set[str]:
    """Names of the gases made of these elements only, whatever their charge."""
    return {
        s.name for s in species.values() if s.phase == "gas" and set(s.composition) - {CHARGE} <= elements
    }


def _check_elements(wanted: frozenset[str], species: Mapping[str, Mapping[str, Species]]) -> None:
    """InputError for an element that no gas of the mechanisms has."""
    known = set()
    for records in species.values():
        for record in records.values():
            if record.phase == "gas":
                known |= set(record.composition)
    lacking = sorted(wanted - known)
    if not lacking:
        return
    folded = {element.casefold(): element for element in known}
    meant = [folded[e.casefold()] for e in lacking if e.casefold() in folded]
    cure = "name a mechanism that has it, for instance Cantera's nasa_gas.yaml"
    raise InputError(
        f"elements {', '.join(sorted(wanted))}",
        f"no shipped mechanism has gases of {', '.join(lacking)}.",
        f"elements of the shipped gases: {', '.join(sorted(known))}",
        nearest(meant[0], known) if meant else cure,
    )
