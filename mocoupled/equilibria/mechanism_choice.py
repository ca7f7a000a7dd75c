"""Which shipped mechanism a closed system takes when the user names none: the smallest that has all gases of its elements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from ..chemistry.mechanism_file import shipped_mechanisms
from ..chemistry.thermochemistry import read_mechanism
from ..errors import InputError, nearest

CHARGE = "E"  # the "element" that counts electrons; no shipped gas is charged


def choose_mechanism(elements: Iterable[str]) -> str:
    """The name of the smallest shipped mechanism that has every shipped gas made of these elements only.

    Where none has them all, the one with the most of them. InputError for an element without a shipped gas.
    """
    return _choice(frozenset(elements) - {CHARGE}, shipped_mechanisms())


@lru_cache(maxsize=64)
def _choice(wanted: frozenset[str], shipped: tuple[str, ...]) -> str:
    species = {name: read_mechanism(name).species for name in shipped}
    gases = {name: _gases(known, wanted) for name, known in species.items()}
    _all_present(wanted, species)
    return min(shipped, key=lambda name: (-len(gases[name]), len(species[name]), name))


def shipped_with(element: str) -> str:
    """A sentence that names the shipped mechanisms with gases of an element; "" where there are none."""
    names = [
        n
        for n in shipped_mechanisms()
        if any(element in s.composition for s in read_mechanism(n).species.values() if s.phase == "gas")
    ]
    return f"shipped mechanisms that have {element}: {', '.join(names)}" if names else ""


def outside(
    mechanism: str, elements: Iterable[str], low: float, high: float
) -> dict[str, tuple[float, float]]:
    """Gases of these elements whose data do not hold from low to high [K] -> the range of their data [K]."""
    ranges = _ranges(mechanism, frozenset(elements))
    return {name: span for name, span in ranges.items() if low < span[0] or span[1] < high}


@lru_cache(maxsize=64)
def _ranges(mechanism: str, elements: frozenset[str]) -> Mapping[str, tuple[float, float]]:
    species = read_mechanism(mechanism).species
    return {name: species[name].temperature_range for name in sorted(_gases(species, elements))}


def _gases(species: Mapping, elements: frozenset[str]) -> set[str]:
    return {
        s.name for s in species.values() if s.phase == "gas" and set(s.composition) - {CHARGE} <= elements
    }


def _all_present(wanted, species):
    known = {e for kept in species.values() for s in kept.values() if s.phase == "gas" for e in s.composition}
    lacking = sorted(wanted - known)
    if lacking:
        folded = {e.casefold(): e for e in known}
        meant = [folded[e.casefold()] for e in lacking if e.casefold() in folded]
        cure = (
            nearest(meant[0], known)
            if meant
            else "name a mechanism that has it, for instance Cantera's nasa_gas.yaml"
        )
        problem = f"no shipped mechanism has gases of {', '.join(lacking)}."
        raise InputError(
            f"elements {', '.join(sorted(wanted))}",
            problem,
            f"elements of the shipped gases: {', '.join(sorted(known))}",
            cure,
        )
