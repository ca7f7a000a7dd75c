"""The static structure of a planet: density, pressure and mass by depth, and the gravity of its masses."""

from __future__ import annotations

import math
from typing import Protocol

from ..constants import GRAVITATIONAL_CONSTANT
from .adams_williamson import AdamsWilliamson


class PlanetKeys(Protocol):
    """The keys of a case's section [planet] that the structure depends on, in SI."""

    @property
    def radius(self) -> float:
        """Of the surface [m]."""

    @property
    def gravity(self) -> float:
        """At the surface [m/s2]."""

    @property
    def core_radius_fraction(self) -> float:
        """Radius of the core over that of the surface."""

    @property
    def core_density(self) -> float:
        """Mean density of the core [kg/m3]."""

    @property
    def surface_density(self) -> float:
        """Density of the mantle at the surface [kg/m3]."""

    @property
    def compressibility(self) -> float:
        """Growth of the density with depth [1/m]."""


def structure(planet: PlanetKeys) -> AdamsWilliamson:
    """The static density and pressure of the mantle."""
    return AdamsWilliamson(
        surface_density=planet.surface_density,
        compressibility=planet.compressibility,
        radius=planet.radius,
        core_radius=planet.core_radius_fraction * planet.radius,
        gravity=planet.gravity,
    )


def core_mass(planet: PlanetKeys) -> float:
    """Mass of the core [kg]."""
    return 4.0 / 3.0 * math.pi * (planet.core_radius_fraction * planet.radius) ** 3 * planet.core_density


def gravity_of_masses(planet: PlanetKeys) -> float:
    """Gravity at the surface [m/s2] of the masses of mantle and core.

    The equations take planet.gravity instead.
    """
    return GRAVITATIONAL_CONSTANT * (structure(planet).mantle_mass + core_mass(planet)) / planet.radius**2
