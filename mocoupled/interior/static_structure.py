"""The static structure of the planet of a case: density, pressure and mass by depth, and the gravity that its masses would have."""

from __future__ import annotations

import math

from ..case import Case
from ..constants import GRAVITATIONAL_CONSTANT
from ..interior.adams_williamson import AdamsWilliamson


def structure(case: Case) -> AdamsWilliamson:
    """The static density and pressure of the case's mantle."""
    planet = case.planet
    return AdamsWilliamson(
        surface_density=planet.surface_density,
        compressibility=planet.compressibility,
        radius=planet.radius,
        core_radius=planet.core_radius_fraction * planet.radius,
        gravity=planet.gravity,
    )


def core_mass(case: Case) -> float:
    """Mass [kg] of the core."""
    planet = case.planet
    return 4.0 / 3.0 * math.pi * (planet.core_radius_fraction * planet.radius) ** 3 * planet.core_density


def gravity_of_masses(case: Case) -> float:
    """Gravity [m/s2] at the surface of a planet with the masses of mantle and core, beside planet.gravity, which the equations take."""
    return GRAVITATIONAL_CONSTANT * (structure(case).mantle_mass + core_mass(case)) / case.planet.radius**2
