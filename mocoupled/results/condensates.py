"""Condensates of a stored run for readers: which are there, how much of each, and since when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..constants import YEAR

if TYPE_CHECKING:
    import xarray

# how milestones of a condensate are called, after its name
BEGINS, ENDS = "begins", "ends"
# below this activity the mass is the tail of the smooth switch, and there is none
LEAST_ACTIVITY = 1 - 1e-5
METAL = "Fe metal"
# graphite and liquid water: alone they leave no milestones
FAMILIAR = ("C(gr)", "H2O(l)")


class Amount(NamedTuple):
    """A condensate along time: name, mass [kg] (0 where it is not there), activity."""

    name: str
    mass: np.ndarray
    activity: np.ndarray


def amounts(result: xarray.Dataset) -> Iterator[Amount]:
    """The further condensates of a result and the metal of its melt, in the order of the result."""
    if "condensate_mass" in result:
        for name in result.condensate.values:
            there = result.sel(condensate=name)
            yield _amount(str(name), there.condensate_mass.values, there.condensate_activity.values)
    if "metal_mass" in result:
        yield _amount(METAL, result.metal_mass.values, result.metal_activity.values)


def _amount(name: str, mass: np.ndarray, activity: np.ndarray) -> Amount:
    return Amount(name, np.where(activity <= LEAST_ACTIVITY, 0.0, mass), activity)


def milestones(result: xarray.Dataset) -> dict[str, float]:
    """Milestone of a condensate -> its time [yr]."""
    passed = json.loads(result.attrs.get("passed", "{}"))
    known = {METAL, *FAMILIAR, *map(str, result["condensate"].values if "condensate" in result else ())}
    named = {name: t for name, t in passed.items() if _condensate_of(name) in known}
    return {name: t / YEAR for name, t in named.items()}


def _condensate_of(milestone: str) -> str:
    """The condensate that a milestone begins with; "" for one of another kind, such as the plateau's."""
    name, _, what = milestone.rpartition(" ")
    return name if what in (BEGINS, ENDS) else ""
