"""Solubility of CO2 as carbonate in basaltic melt, after Dixon, Stolper & Holloway 1995."""

from __future__ import annotations

import math

import sympy

from ..constants import BAR
from .law_types import Coefficient
from .registry import Attributes, law

DIXON_SCALE = 3.8e-7  # mole fraction of carbonate per bar, at 1 bar
DIXON_VOLUME = 23.0  # cm3/mol, volume of carbonate in the melt less that of the melt it replaces
DIXON_GAS_CONSTANT = 83.15  # cm3 bar/mol/K, as printed
DIXON_MELT_MASS = 36.6  # g/mol, basalt per mole of one oxygen
DIXON_CO2_MASS = 44.0  # g/mol
_DIXON = "Dixon, Stolper & Holloway 1995, J. Petrology 36, 1607, eq. 6"
_CARBONATE: Attributes = {
    "species": "CO2",
    "melt": "basalt (MORB)",
    "coefficients": {
        "coefficient": Coefficient(DIXON_SCALE, "1/bar", "mole fraction of carbonate per bar, at 1 bar"),
        "volume": Coefficient(DIXON_VOLUME, "cm^3/mol", "volume of carbonate less that of the melt"),
    },
}


@law(
    "solubility",
    "basalt-Dixon1995",
    unit="kg/kg",
    T=(1473.0, 1473.0),
    p_CO2=(210e5, 980e5),
    reference=f"{_DIXON}; Eq. 2-3 of Bower et al. 2022, PSJ 3, 93",
    key="Dixon1995",
    further_keys=("Bower2022",),
    doi="10.1093/oxfordjournals.petrology.a037267",
    attributes=_CARBONATE,
)
def carbonate_in_basalt(
    *,
    p_CO2: sympy.Expr,
    T: sympy.Expr,
    coefficient: sympy.Expr = DIXON_SCALE,
    volume: sympy.Expr = DIXON_VOLUME,
    **_: object,
) -> sympy.Expr:
    """Mass fraction of CO2 in basaltic melt, all as carbonate; p_CO2 [Pa], T [K]; ideal gas.

    It turns over at p_CO2 = 83.15 T / 23 bar (5061 bar at 1400 K):
    computed there too, far outside the calibration.
    """
    return _carbonate(p_CO2 / BAR, p_CO2 / BAR, T, coefficient, volume)


@law(
    "solubility",
    "basalt-Dixon1995-total",
    unit="kg/kg",
    T=(1473.0, 1473.0),
    P=(210e5, 980e5),
    reference=f"{_DIXON}, with the total pressure on the melt where Bower et al. 2022 take the partial one",
    key="Dixon1995",
    further_keys=("Bower2022",),
    doi="10.1093/oxfordjournals.petrology.a037267",
    attributes=_CARBONATE,
)
def carbonate_in_basalt_at_total_pressure(
    *,
    p_CO2: sympy.Expr,
    P: sympy.Expr,
    T: sympy.Expr,
    coefficient: sympy.Expr = DIXON_SCALE,
    volume: sympy.Expr = DIXON_VOLUME,
    **_: object,
) -> sympy.Expr:
    """Mass fraction of CO2 in basaltic melt, all as carbonate;
    fugacity p_CO2 and total pressure P [Pa], T [K].
    """
    return _carbonate(p_CO2 / BAR, P / BAR, T, coefficient, volume)


def _carbonate(
    fugacity: sympy.Expr, pressure: sympy.Expr, T: sympy.Expr, coefficient: sympy.Expr, volume: sympy.Expr
) -> sympy.Expr:
    """Dixon's law at a fugacity and a pressure [bar].

    Its denominator needs no guard. Where the fugacity does not exceed the pressure, the mole fraction of
    carbonate stays below 5.1e-7 T/K, and 0.83 would take 1.6 million kelvin.
    """
    growth = -volume * (pressure - 1) / (DIXON_GAS_CONSTANT * T)
    factor = sympy.exp(growth) if isinstance(growth, sympy.Basic) else math.exp(growth)
    carbonate = coefficient * fugacity * factor  # mole fraction
    return DIXON_CO2_MASS * carbonate / (DIXON_MELT_MASS - DIXON_CO2_MASS * carbonate)
