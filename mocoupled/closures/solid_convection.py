"""Convection of a pile of cumulates below a magma ocean, by boundary-layer theory: speed, topography, plumes.

All functions are expressions in their arguments: they take sympy symbols. SI; temperatures are potential ones.
"""

from __future__ import annotations

import sympy

PAPER = "Manjón-Cabeza Córdoba & Ballmer, arXiv 2605.04840"


def adiabat(distance, gravity, expansivity, heat_capacity):
    """Ratio of temperatures along an adiabat over a distance [m] downwards: exp(alpha g z/c_p). PAPER, appendix B."""
    return sympy.exp(expansivity * gravity * distance / heat_capacity)


def rayleigh_number(temperature_drop, thickness, density, gravity, expansivity, viscosity, diffusivity):
    """Rayleigh number of a layer; temperature_drop [K], thickness [m], viscosity [Pa s], diffusivity [m2/s]."""
    return density * gravity * expansivity * temperature_drop * thickness**3 / (viscosity * diffusivity)


def velocity(rayleigh, thickness, diffusivity, prefactor):
    """Speed of convection [m/s]: prefactor kappa/d Ra^(2/3). PAPER, eq. B1 (prefactor 0.4)."""
    return prefactor * diffusivity / thickness * rayleigh ** sympy.Rational(2, 3)


def topography(rayleigh, thickness, viscosity, diffusivity, density_contrast, gravity, prefactor):
    """Height [m] to which upwellings lift the top of the pile into the ocean. PAPER, eqs. B2 and B3 (prefactor 5).

    density_contrast [kg/m3]: between crystals and melt.
    """
    stress = prefactor * rayleigh ** sympy.Rational(2, 3) * viscosity * diffusivity / thickness**2
    return stress / (density_contrast * gravity)


def plume_heat(excess, transit_time, diffusivity, layers):
    """Heat that feeds a plume, over its heat capacity and per length [K m]; `layers` boundary layers of age transit_time.

    Half-space cooling: 2 dT sqrt(kappa t/pi) per layer; excess [K] of the base over the interior. PAPER, eq. B4.
    """
    return 2 * layers * excess * sympy.sqrt(diffusivity * transit_time / sympy.pi)


def plume_start(excess, heat, diffusivity):
    """Time t0 [s] of the Gaussian plume at the base, where its axis has the temperature of the base. PAPER, eq. B4."""
    return (heat / excess) ** 2 / (4 * sympy.pi * diffusivity)


def plume_excess(x, time, heat, diffusivity):
    """Temperature [K] over the interior at a distance x [m] from the axis of a plume, `time` [s] counted with t0."""
    return (
        heat / (2 * sympy.sqrt(sympy.pi * diffusivity * time)) * sympy.exp(-(x**2) / (4 * diffusivity * time))
    )


def plume_reach(threshold, time, heat, diffusivity):
    """Square [m2] of the distance from the axis at which the excess is `threshold` [K]; negative where it is so nowhere."""
    axis = heat / (2 * sympy.sqrt(sympy.pi * diffusivity * time))
    return 4 * diffusivity * time * sympy.log(axis / threshold)


def melt_flux(speed, melt_width, thickness):
    """Melt that leaves the pile, volume per area and time [m/s]. PAPER, appendix B, per cell as wide as it is deep.

    speed [m/s]; melt_width [m]: integral of the melt fraction over half a cell, from the axis of the plume.
    """
    return speed * melt_width / thickness
