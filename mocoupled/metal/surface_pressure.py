"""The pressure at the surface of the silicate from the mass of the gas above it."""

from __future__ import annotations

import math
from typing import Final

import sympy

from ..closures.registry import law
from ..constants import EARTH_MASS, EARTH_RADIUS, GRAVITATIONAL_CONSTANT

KIND: Final = "surface_pressure"


@law(
    KIND,
    "Zeng2016",
    unit="Pa",
    reference="P = m_gas g/(4 pi R^2), radius of Zeng, Sasselov & Jacobsen 2016, ApJ 819, 127",
    key="Zeng2016",
    doi="10.3847/0004-637X/819/2/127",
    attributes={"conditions": "0.2 to 0.4 of the mass is metal, 1 to 8 Earth masses"},
    mass=(EARTH_MASS, 8 * EARTH_MASS),
    core_fraction=(0.2, 0.4),
)
def weight_over_area(
    *, gas_mass: sympy.Expr, mass: sympy.Expr, core_fraction: sympy.Expr, **_: object
) -> sympy.Expr:
    """Weight of the gas over the area below it.

    gas_mass, mass below the gas [kg]; core_fraction: metal in the latter.
    """
    radius = EARTH_RADIUS * (1.07 - 0.21 * core_fraction) * (mass / EARTH_MASS) ** (1 / 3.7)
    return GRAVITATIONAL_CONSTANT * mass * gas_mass / (4 * math.pi * radius**4)


@law(
    KIND,
    "Young2023",
    unit="Pa",
    reference="Young, Shahar & Schlichting 2023, Nature 616, 306, Methods",
    key="Young2023",
    doi="10.1038/s41586-023-05823-0",
    attributes={"note": "R ~ M^(1/3); the constant is rounded"},
)
def by_mass_alone(*, gas_mass: sympy.Expr, mass: sympy.Expr, **_: object) -> sympy.Expr:
    """gas_mass, mass below the gas [kg]."""
    return 1.2e11 * gas_mass / mass * (mass / EARTH_MASS) ** (sympy.Rational(2, 3))
