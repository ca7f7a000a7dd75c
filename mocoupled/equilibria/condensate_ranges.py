"""Condensates by their temperature ranges: a condensate is absent outside the range of its data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..chemistry.reactions import Mechanism
from ..closures.saturation import CRITICAL_TEMPERATURE
from ..planet.species_declarations import WATER

NOTE = 1e-9  # share of the atoms below which an element does not count as present


def in_range(mechanism: Mechanism, condensate: str, temperature):
    """Whether the condensate exists at this temperature [K], a number or an array: both ends belong to its range, but
    liquid water's critical temperature does not."""
    low, high = mechanism.species[condensate].temperature_range
    if condensate == WATER:
        return (temperature >= low) & (temperature < CRITICAL_TEMPERATURE)
    return (temperature >= low) & (temperature <= high)


def parts(
    mechanism: Mechanism, condensates: Sequence[str], temperature: np.ndarray
) -> list[tuple[tuple[str, ...], np.ndarray]]:
    """(condensates whose range holds the temperature, mask of the points) for each set that occurs."""
    if not condensates:
        return [((), np.ones(len(temperature), dtype=bool))]
    there = np.array([in_range(mechanism, c, temperature) for c in condensates])
    sets, which = np.unique(there, axis=1, return_inverse=True)
    which = which.reshape(-1)
    return [
        (tuple(c for c, kept in zip(condensates, row) if kept), which == k) for k, row in enumerate(sets.T)
    ]


def absent(
    mechanism: Mechanism, condensates: Sequence[str], temperature: np.ndarray, present: dict[str, np.ndarray]
) -> dict[str, int]:
    """Condensate -> number of points outside its range, at which its elements are present and no other condensate of its
    composition has data. present: element -> whether it is there. Water above its critical temperature does not count:
    no liquid exists."""
    found = {}
    for name in condensates:
        if name == WATER:
            continue
        composition = dict(mechanism.species[name].composition)
        same = [c for c in condensates if dict(mechanism.species[c].composition) == composition]
        covered = np.any([in_range(mechanism, c, temperature) for c in same], axis=0)
        concerned = ~covered & np.all([present[e] for e in composition], axis=0)
        if concerned.any():
            found[name] = int(concerned.sum())
    return found


def unnamed(found, conditions) -> list[str]:
    """Condensates of the mechanism of a closed system that the elements make, with data at one of the temperatures, and that
    are not among those that may form."""
    T = np.broadcast_to(conditions.columns["temperature"], conditions.size)
    others = [
        s for s in found.mechanism.species.values() if s.phase != "gas" and s.name not in found.condensates
    ]
    return [
        s.name
        for s in others
        if set(s.composition) <= set(found.elements) and in_range(found.mechanism, s.name, T).any()
    ]


def ranges(mechanism: Mechanism, condensates: Sequence[str]) -> str:
    """The condensates' ranges in words."""
    return ", ".join(
        "{} {:g} to {:g} K".format(c, *mechanism.species[c].temperature_range) for c in condensates
    )
