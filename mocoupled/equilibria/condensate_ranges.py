"""Condensates by their temperature ranges: a condensate is absent outside the range of its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..chemistry.records import Mechanism
from ..closures.saturation import CRITICAL_TEMPERATURE
from ..planet.species_declarations import WATER

# Share of the atoms below which an element does not count as present.
NOTE = 1e-9


def in_range(mechanism: Mechanism, condensate: str, temperature: float) -> bool:
    """Whether the condensate exists at this temperature [K].

    Both ends belong to its range, but the critical temperature does not belong to that of liquid water.
    """
    return bool(in_ranges(mechanism, condensate, np.array(temperature)))


def in_ranges(mechanism: Mechanism, condensate: str, temperatures: np.ndarray) -> np.ndarray:
    """`in_range` at each of these temperatures [K]."""
    low, high = mechanism.species[condensate].temperature_range
    if condensate == WATER:
        return (temperatures >= low) & (temperatures < CRITICAL_TEMPERATURE)
    return (temperatures >= low) & (temperatures <= high)


def parts(
    mechanism: Mechanism, condensates: Sequence[str], temperatures: np.ndarray
) -> list[tuple[tuple[str, ...], np.ndarray]]:
    """(condensates that exist, mask of the points) for each set of them that occurs."""
    if not condensates:
        return [((), np.ones(len(temperatures), dtype=bool))]
    there = np.array([in_ranges(mechanism, c, temperatures) for c in condensates])
    sets, which = np.unique(there, axis=1, return_inverse=True)
    which = which.reshape(-1)
    return [
        (tuple(c for c, exists in zip(condensates, row) if exists), which == k)
        for k, row in enumerate(sets.T)
    ]


def absent(
    mechanism: Mechanism,
    condensates: Sequence[str],
    temperatures: np.ndarray,
    present: Mapping[str, np.ndarray],
) -> dict[str, int]:
    """Condensate -> number of points outside its range that the user should know.

    At these its elements are present and no other condensate of its composition has data.
    present: element -> mask of the points where it is there.
    Water above its critical temperature does not count: no liquid exists.
    """
    counts = {}
    for name in condensates:
        if name == WATER:
            continue
        composition = dict(mechanism.species[name].composition)
        same = [c for c in condensates if dict(mechanism.species[c].composition) == composition]
        covered = np.any([in_ranges(mechanism, c, temperatures) for c in same], axis=0)
        concerned = ~covered & np.all([present[e] for e in composition], axis=0)
        if concerned.any():
            counts[name] = int(concerned.sum())
    return counts


def unnamed(
    mechanism: Mechanism, condensates: Sequence[str], elements: Sequence[str], temperatures: np.ndarray
) -> list[str]:
    """Condensates of the mechanism that the elements could form, but that the user has not named.

    Only those with data at one of these temperatures [K].
    """
    names = []
    for species in mechanism.species.values():
        if species.phase == "gas" or species.name in condensates:
            continue
        made = set(species.composition) <= set(elements)
        if made and in_ranges(mechanism, species.name, temperatures).any():
            names.append(species.name)
    return names


def ranges(mechanism: Mechanism, condensates: Sequence[str]) -> str:
    """The ranges of the condensates in words."""
    spans = [(name, *mechanism.species[name].temperature_range) for name in condensates]
    return ", ".join(f"{name} {low:g} to {high:g} K" for name, low, high in spans)
