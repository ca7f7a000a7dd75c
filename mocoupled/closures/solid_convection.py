"""Convection of a pile of cumulates below a magma ocean, by boundary-layer theory: speed, topography, plumes.

All functions are expressions in their arguments: they take sympy symbols.
Units are SI; temperatures are potential temperatures.
"""

from __future__ import annotations

import math

import sympy

# K: a drop that is smaller conducts, so that the flux is smooth through none
LEAST_DROP = 1e-2
THIRD = sympy.Rational(1, 3)
PAPER = "Manjón-Cabeza Córdoba & Ballmer, arXiv 2605.04840"
# Of the diffusivity of mixing-length theory, with the distance to the nearer wall as the length.
# A box heated from below then has the speed of eq. B1 of PAPER, 0.39 Ra^(2/3), and Nu = 0.357 Ra^(1/3).
MIXING = 6.8
# int_0^inf 2 dx/(1 + sqrt(1 + 4 x^4)): thickness of the layer at a wall, where conduction ends
WALL_LAYER = 1.7480383695
# Pa s, of crystals in much melt: eddies of the melt mix there
LEAST_VISCOSITY = 1e12


def adiabat(
    distance: sympy.Expr, gravity: sympy.Expr, expansivity: sympy.Expr, heat_capacity: sympy.Expr
) -> sympy.Expr:
    """Ratio of temperatures along an adiabat over a distance [m] downwards: exp(alpha g z/c_p).

    PAPER, appendix B.
    """
    return sympy.exp(expansivity * gravity * distance / heat_capacity)


def rayleigh_number(
    temperature_drop: sympy.Expr,
    thickness: sympy.Expr,
    density: sympy.Expr,
    gravity: sympy.Expr,
    expansivity: sympy.Expr,
    viscosity: sympy.Expr,
    diffusivity: sympy.Expr,
) -> sympy.Expr:
    """Rayleigh number of a layer.

    temperature_drop [K], thickness [m], viscosity [Pa s], diffusivity [m2/s].
    """
    return density * gravity * expansivity * temperature_drop * thickness**3 / (viscosity * diffusivity)


def velocity(
    rayleigh: sympy.Expr, thickness: sympy.Expr, diffusivity: sympy.Expr, prefactor: sympy.Expr
) -> sympy.Expr:
    """Speed of convection [m/s]: prefactor kappa/d Ra^(2/3). PAPER, eq. B1 (prefactor 0.4)."""
    return prefactor * diffusivity / thickness * rayleigh ** sympy.Rational(2, 3)


def topography(
    rayleigh: sympy.Expr,
    thickness: sympy.Expr,
    viscosity: sympy.Expr,
    diffusivity: sympy.Expr,
    density_contrast: sympy.Expr,
    gravity: sympy.Expr,
    prefactor: sympy.Expr,
) -> sympy.Expr:
    """Height [m] to which upwellings lift the top of the pile into the ocean. PAPER, eqs.

    B2 and B3 (prefactor 5).

    density_contrast [kg/m3]: between crystals and melt.
    """
    stress = prefactor * rayleigh ** sympy.Rational(2, 3) * viscosity * diffusivity / thickness**2
    return stress / (density_contrast * gravity)


def plume_heat(
    excess: sympy.Expr, transit_time: sympy.Expr, diffusivity: sympy.Expr, layers: sympy.Expr
) -> sympy.Expr:
    """Heat that feeds a plume, over its heat capacity and per length [K m].

    The plume has `layers` boundary layers of age transit_time [s].

    Half-space cooling: 2 dT sqrt(kappa t/pi) per layer; excess [K] of the base over the interior.
    PAPER, eq. B4.
    """
    return 2 * layers * excess * sympy.sqrt(diffusivity * transit_time / sympy.pi)


def plume_start(excess: sympy.Expr, heat: sympy.Expr, diffusivity: sympy.Expr) -> sympy.Expr:
    """Time t0 [s] of the Gaussian plume at the base, where its axis has the temperature of the base.

    PAPER, eq. B4.
    """
    return (heat / excess) ** 2 / (4 * sympy.pi * diffusivity)


def plume_excess(x: sympy.Expr, time: sympy.Expr, heat: sympy.Expr, diffusivity: sympy.Expr) -> sympy.Expr:
    """Temperature [K] over the interior at a distance x [m] from the axis of a plume.

    time [s]: counted with t0.
    """
    return (
        heat / (2 * sympy.sqrt(sympy.pi * diffusivity * time)) * sympy.exp(-(x**2) / (4 * diffusivity * time))
    )


def plume_reach(
    threshold: sympy.Expr, time: sympy.Expr, heat: sympy.Expr, diffusivity: sympy.Expr
) -> sympy.Expr:
    """Square [m2] of the distance from the axis at which the excess is `threshold` [K].

    Negative where the excess is smaller everywhere.
    """
    axis = heat / (2 * sympy.sqrt(sympy.pi * diffusivity * time))
    return 4 * diffusivity * time * sympy.log(axis / threshold)


def boundary_layer_heat(
    drop: sympy.Expr,
    density: sympy.Expr,
    gravity: sympy.Expr,
    expansivity: sympy.Expr,
    heat_capacity: sympy.Expr,
    viscosity: sympy.Expr,
    diffusivity: sympy.Expr,
    prefactor: sympy.Expr,
) -> sympy.Expr:
    """Heat [W/m2] through a boundary layer of a layer that convects; with the sign of its drop.

    drop [K]: across this boundary layer, half of that in the Rayleigh number. prefactor: of `velocity`.
    Half-space cooling for the transit time d/v of eq. B1, 2 k drop/sqrt(pi kappa d/v), as in `plume_heat`:
    the thickness d cancels, and Nu = sqrt(prefactor/pi) Ra^(1/3).
    """
    size = sympy.sqrt(drop**2 + LEAST_DROP**2)
    conductivity = density * heat_capacity * diffusivity
    inverse_length = (density * gravity * expansivity * size / (viscosity * diffusivity)) ** THIRD
    return 2 ** (4 * THIRD) * sympy.sqrt(prefactor / sympy.pi) * conductivity * drop * inverse_length


def melt_flux(speed: sympy.Expr, melt_width: sympy.Expr, thickness: sympy.Expr) -> sympy.Expr:
    """Melt that leaves the pile, volume per area and time [m/s], per cell as wide as it is deep.

    PAPER, appendix B.

    speed [m/s]; melt_width [m]: integral of the melt fraction over half a cell, from the axis of the plume.
    """
    return speed * melt_width / thickness


def ln_mixing_diffusivity(
    ln_buoyancy: sympy.Expr, ln_kinematic_viscosity: sympy.Expr, ln_length: sympy.Expr
) -> sympy.Expr:
    """ln of the diffusivity [m2/s] of viscous convection by mixing-length theory.

    ln_buoyancy: of expansivity times gravity times super-adiabatic gradient [1/s2].
    ln_kinematic_viscosity [m2/s]; ln_length [m]: the distance to the nearer wall.
    """
    return math.log(MIXING) + ln_buoyancy + 4 * ln_length - ln_kinematic_viscosity


def wall_layer(buoyancy: sympy.Expr, kinematic_viscosity: sympy.Expr, diffusivity: sympy.Expr) -> sympy.Expr:
    """Thickness [m] of the conductive layer at a wall, of the same theory.

    buoyancy: expansivity times gravity times the temperature drop across the layer [m/s2].
    kinematic_viscosity, diffusivity (of heat) [m2/s].
    """
    return WALL_LAYER ** sympy.Rational(4, 3) * sympy.cbrt(
        diffusivity * kinematic_viscosity / (MIXING * buoyancy)
    )
