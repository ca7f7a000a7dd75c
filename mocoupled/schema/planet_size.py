"""The two ways to state the size of a planet: by radius, gravity and densities, or by its mass.

The mass takes the place of all keys of a profile. Mass and radius together set the share of the core.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from .quantities import nothing, refusal

PROFILE = (
    "radius",
    "gravity",
    "core_radius_fraction",
    "surface_density",
    "compressibility",
    "core_density",
)
MASS = ("mass", "core_mass_fraction")
NONE = "none"


def one_way(planet: dict[str, Any]) -> dict[str, Any]:
    """The section [planet] of a document with "none" for the keys of the way that it does not take.

    A refusal where it takes both.
    """
    named = _named(planet)
    if "mass" not in named:
        if "core_mass_fraction" in named:
            cure = "give planet.mass, or core_radius_fraction and core_density"
            problem = "there is no mass of the planet of which this would be a share."
            raise refusal(problem, "", cure, "core_mass_fraction")
        empty = [key for key in PROFILE if key in planet and key not in named]
        if empty:
            problem = "a planet without a mass needs its radius, gravity and densities."
            raise refusal(problem, "allowed: a number; 'none' only beside planet.mass.", "", empty[0])
        return planet
    both = [key for key in PROFILE if key in named and key != "radius"]
    if both:
        raise refusal(
            f"the size of the planet is stated twice: by mass and by {', '.join(both)}.",
            "allowed: mass with core_mass_fraction, or with radius; or radius, gravity and densities.",
            f"leave out {' and '.join(both)}: the mass sets them; or leave out mass",
            both[0],
        )
    return {**dict.fromkeys(PROFILE, NONE), **planet}


def switched(planet: dict[str, Any], changed: Iterable[str]) -> None:
    """Make room in the section [planet] for the keys that are about to change: the way named last counts.

    A radius alone belongs to both ways: beside a mass it sets the share of the core.
    """
    changed = set(changed)
    if changed.intersection(MASS):
        _clear(planet, PROFILE, changed)
        if "radius" in changed:
            _clear(planet, ("core_mass_fraction",), changed)
    elif nothing(planet.get("mass", NONE)) is None:
        return
    elif changed.intersection(PROFILE) == {"radius"}:
        _clear(planet, ("core_mass_fraction",), changed)
    elif changed.intersection(PROFILE):
        _clear(planet, MASS, changed)
        for key in PROFILE:
            planet.pop(key, None)


def changed_keys(changes: Iterable[tuple[Sequence[str], object]]) -> set[str]:
    """The keys of [planet] to which changes, (path, value) each, give a value."""
    return {
        path[1]
        for path, value in changes
        if len(path) == 2 and path[0] == "planet" and nothing(value) is not None
    }


def _named(planet: dict[str, Any]) -> set[str]:
    return {key for key, value in planet.items() if nothing(value) is not None and value is not None}


def _clear(planet: dict[str, Any], keys: Collection[str], changed: Collection[str]) -> None:
    planet.update(dict.fromkeys((key for key in keys if key not in changed), NONE))
