"""Which shipped mechanism a closed system takes when the user names none: the smallest that has all gases of its elements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import InputError, nearest
from ..thermochemistry import read_mechanism, shipped_mechanisms

CHARGE = "E"  # the "element" that counts electrons; no shipped gas is charged


def choose_mechanism(elements: Iterable[str]) -> str:
    """The name of the smallest shipped mechanism that has every shipped gas made of these elements only.

    Where none has them all, the one with the most of them. InputError for an element without a shipped gas.
    """
    wanted = frozenset(elements) - {CHARGE}
    gases = {name: _gases(name, wanted) for name in shipped_mechanisms()}
    _all_present(wanted, gases)
    whole = set().union(*gases.values())

    def order(name):
        return -len(gases[name] & whole), len(read_mechanism(name).species), name

    return min(gases, key=order)


def shipped_with(element: str) -> str:
    """A sentence that names the shipped mechanisms with gases of an element; "" where there are none."""
    names = [n for n in shipped_mechanisms() if any(element in s.composition for s in read_mechanism(n).species.values() if s.phase == "gas")]
    return f"shipped mechanisms that have {element}: {', '.join(names)}" if names else ""


def outside(mechanism: str, elements: Sequence[str], low: float, high: float) -> dict[str, tuple[float, float]]:
    """Gases of these elements whose data do not hold from low to high [K] -> the range of their data [K]."""
    species = read_mechanism(mechanism).species
    ranges = {name: species[name].temperature_range for name in species if name in _gases(mechanism, frozenset(elements))}
    return {name: span for name, span in ranges.items() if low < span[0] or span[1] < high}


def _gases(mechanism: str, elements: frozenset[str]) -> set[str]:
    species = read_mechanism(mechanism).species.values()
    return {s.name for s in species if s.phase == "gas" and set(s.composition) - {CHARGE} <= elements}


def _all_present(wanted, gases):
    known = {e for name in gases for s in read_mechanism(name).species.values() if s.phase == "gas" for e in s.composition}
    lacking = sorted(wanted - known)
    if lacking:
        folded = {e.casefold(): e for e in known}
        meant = [folded[e.casefold()] for e in lacking if e.casefold() in folded]
        cure = nearest(meant[0], known) if meant else "name a mechanism that has it, for instance Cantera's nasa_gas.yaml"
        problem = f"no shipped mechanism has gases of {', '.join(lacking)}."
        raise InputError(f"elements {', '.join(sorted(wanted))}", problem, f"elements of the shipped gases: {', '.join(sorted(known))}", cure)
