"""The static structure of a planet: density, pressure, gravity and mass by depth."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from ..constants import GRAVITATIONAL_CONSTANT
from ..errors import InputError
from .adams_williamson import AdamsWilliamson
from .compression import material
from .hydrostatic import HydrostaticPlanet, core_of_radius, solve
from .hydrostatic_structure import HydrostaticStructure

Structure = AdamsWilliamson | HydrostaticStructure
# share of the mass in the core: where a case gives neither it nor a radius (Earth's), and its limits
EARTH_CORE = 0.325
SMALLEST_CORE, LARGEST_CORE = 0.001, 0.999
# share of the radius; a radius stated beside mass and core_mass_fraction may differ by this from theirs
RADIUS_APART = 0.01


class PlanetKeys(Protocol):
    """The keys of a case's section [planet] that the structure depends on, in SI."""

    @property
    def mass(self) -> float | None:
        """Of the planet [kg]; None for a planet by radius, gravity and densities."""

    @property
    def core_mass_fraction(self) -> float | None:
        """Mass of the core over that of the planet."""

    @property
    def radius(self) -> float | None:
        """Of the surface [m]."""

    @property
    def gravity(self) -> float | None:
        """At the surface [m/s2]."""

    @property
    def core_radius_fraction(self) -> float | None:
        """Radius of the core over that of the surface."""

    @property
    def core_density(self) -> float | None:
        """Mean density of the core [kg/m3]."""

    @property
    def surface_density(self) -> float | None:
        """Density of the mantle at the surface [kg/m3]."""

    @property
    def compressibility(self) -> float | None:
        """Growth of the density with depth [1/m]."""

    @property
    def mantle_material(self) -> str:
        """Of a planet with a mass."""

    @property
    def core_material(self) -> str:
        """Of a planet with a mass."""


def structure(planet: PlanetKeys) -> Structure:
    """The static density and pressure of the mantle.

    InputError for mass and radius that no share of the core gives, and for an unknown material.
    """
    if planet.mass is not None:
        materials = planet.core_material, planet.mantle_material
        return _hydrostatic(planet.mass, planet.radius, planet.core_mass_fraction, *materials)
    radius, fraction = _value(planet.radius), _value(planet.core_radius_fraction)
    made = AdamsWilliamson(
        surface_density=_value(planet.surface_density),
        compressibility=_value(planet.compressibility),
        radius=radius,
        core_radius=fraction * radius,
        gravity=_value(planet.gravity),
    )
    whole = made.gravity * radius**2 / GRAVITATIONAL_CONSTANT
    if core_mass(planet) > whole:
        raise InputError(
            "[planet] core_density, core_radius_fraction",
            f"the core weighs {core_mass(planet):.4g} kg, more than its planet: a gravity of "
            f"{made.gravity:g} m/s2 at {radius / 1e3:g} km is that of {whole:.4g} kg.",
            "allowed: a core lighter than the planet",
            "check gravity, or give planet.mass and core_mass_fraction",
        )
    return made


@lru_cache(maxsize=64)
def _hydrostatic(
    mass: float, radius: float | None, fraction: float | None, core: str, mantle: str
) -> HydrostaticStructure:
    """The structure of a mass [kg], with the share of the core or the radius [m] that is stated."""
    inner = material(core, f"[planet] core_material = {core!r}")
    outer = material(mantle, f"[planet] mantle_material = {mantle!r}")
    if fraction is not None and not SMALLEST_CORE <= fraction <= LARGEST_CORE:
        problem = "the mantle of such a planet is too thin to be modelled."
        if fraction < SMALLEST_CORE:
            problem = "a planet without a core, or with a smaller one, is not modelled."
        raise InputError(
            f"[planet] core_mass_fraction = {fraction:g}",
            problem,
            f"allowed: from {SMALLEST_CORE:g} to {LARGEST_CORE:g}",
        )

    def planet(share: float) -> HydrostaticPlanet:
        return HydrostaticPlanet(mass, share, inner, outer)

    if radius is None:
        return HydrostaticStructure(planet(EARTH_CORE if fraction is None else fraction))
    if fraction is None:
        return HydrostaticStructure(planet(_core_of_radius(planet, radius)))
    made = HydrostaticStructure(planet(fraction))
    if abs(made.radius / radius - 1) > RADIUS_APART:
        raise InputError(
            f"[planet] mass = {mass:g} kg, core_mass_fraction = {fraction:g}, radius = {radius / 1e3:g} km",
            f"they disagree: the mass and its core have a radius of {made.radius / 1e3:.0f} km.",
            f"allowed: two of the three, or a radius within {100 * RADIUS_APART:g} %",
            "leave out radius or core_mass_fraction",
        )
    return made


def _core_of_radius(planet: Callable[[float], HydrostaticPlanet], radius: float) -> float:
    """The share of the core at which a planet has a radius [m]; planet: of that share."""
    share = core_of_radius(planet(EARTH_CORE), radius)
    if share is not None and SMALLEST_CORE <= share <= LARGEST_CORE:
        return share
    largest, smallest = (solve(planet(share)).radius for share in (SMALLEST_CORE, LARGEST_CORE))
    if not smallest <= radius <= largest:
        made = planet(EARTH_CORE)
        too = "lighter than rock" if radius > largest else "denser than a planet of iron"
        raise InputError(
            f"[planet] mass = {made.mass:g} kg, radius = {radius / 1e3:g} km",
            f"no composition gives them: the planet would be {too} ({made.core.name} below "
            f"{made.mantle.name}).",
            f"allowed at this mass: {smallest / 1e3:.0f} to {largest / 1e3:.0f} km",
            "give core_mass_fraction in place of radius, or other materials",
        )
    from scipy.optimize import brentq  # on use: it takes 0.2 s to import

    return float(
        brentq(lambda f: solve(planet(f)).radius / radius - 1, SMALLEST_CORE, LARGEST_CORE, xtol=1e-9)
    )


def core_mass(planet: PlanetKeys) -> float:
    """Mass of the core [kg]."""
    if planet.mass is not None:
        made = structure(planet)
        return planet.mass - made.mantle_mass
    radius = _value(planet.core_radius_fraction) * _value(planet.radius)
    return 4.0 / 3.0 * math.pi * radius**3 * _value(planet.core_density)


def gravity_of_masses(planet: PlanetKeys) -> float:
    """Gravity at the surface [m/s2] of the masses of mantle and core.

    The equations take that of the structure instead: planet.gravity, of a planet without a mass.
    """
    made = structure(planet)
    return GRAVITATIONAL_CONSTANT * (made.mantle_mass + core_mass(planet)) / made.radius**2


def _value(number: float | None) -> float:
    """A key that a planet without a mass has; the schema refuses a case without it."""
    if number is None:
        raise InputError("[planet]", "a planet without a mass needs its radius, gravity and densities.")
    return number
