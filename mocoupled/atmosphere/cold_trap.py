"""The cold trap: water that condenses below the homopause does not reach it."""

from __future__ import annotations

import math

import sympy

from ..closures.law_types import SymbolicLaw, symbolic
from ..closures.registry import find, law
from ..closures.saturation import KIND as SATURATION
from ..closures.saturation import TRIPLE_TEMPERATURE
from ..constants import BAR

SUBLIMATION = "sublimation"
LIQUID, ICE = "WagnerPruss1993", "MurphyKoop2005"
SHARPNESS = 4  # power of the smooth minimum


@law(
    SUBLIMATION,
    ICE,
    unit="1",
    reference="Murphy & Koop 2005, Q. J. R. Meteorol. Soc. 131, 1539, Eq. 7",
    key="Murphy2005",
    doi="10.1256/qj.04.94",
    attributes={"species": "H2O"},
    T=(110.0, TRIPLE_TEMPERATURE),
)
def over_ice(*, T: sympy.Expr, **_: object) -> sympy.Expr:
    """ln of the vapour pressure over ice in bar; T [K]."""
    return 9.550426 - 5723.265 / T + 3.53068 * sympy.log(T) - 0.00728332 * T - math.log(BAR)


def saturation_law(T: float) -> SymbolicLaw:
    """The law of the saturation of water at T [K]: over ice or over the liquid."""
    return symbolic(find(SUBLIMATION, ICE) if T < TRIPLE_TEMPERATURE else find(SATURATION, LIQUID))


def reaching(pressure: sympy.Expr, total: sympy.Expr, T: float, trap_pressure: float) -> sympy.Expr:
    """Partial pressure of the water that passes a trap, as of a gas at the surface [Pa].

    pressure, total [Pa]: of water and of all gas at the surface. T [K], trap_pressure [Pa]: of the trap. With
    x = pressure/total and c the saturated share in the trap it is total x (1 + (x/c)^4)^(-1/4), near the
    smaller of x and c.
    """
    saturated = BAR * math.exp(float(saturation_law(T)(T=T))) / trap_pressure
    return pressure * (1 + (pressure / total / saturated) ** SHARPNESS) ** sympy.Rational(-1, SHARPNESS)
