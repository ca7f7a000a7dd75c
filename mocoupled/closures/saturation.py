"""Saturation of water: vapour pressure over the liquid, critical point, and state of water at T and p."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import sympy

from ..constants import BAR, GAS_CONSTANT
from .registry import find, law

KIND: Final = "saturation"
TRIPLE_TEMPERATURE = 273.16  # K
CRITICAL_TEMPERATURE, CRITICAL_PRESSURE = 647.096, 22.064e6  # K, Pa; Wagner & Pruss 1993

# of T/Tc: within this distance of the critical point the curve's terms in broken powers fade out
_ROUNDING = 1e-4
# ln units by which `ln_condensation_fugacity` lies above saturation in the supercritical fluid
_EVAPORATION = 12.0
# K, just above the critical temperature, over which it rises to that
_WIDTH = 1.0


@law(
    KIND,
    "WagnerPruss1993",
    unit="1",
    T=(TRIPLE_TEMPERATURE, CRITICAL_TEMPERATURE),
    reference="Wagner & Pruss 1993, J. Phys. Chem. Ref. Data 22, 783, Eq. 1 (IAPWS SR1-86(1992)); "
    "within 1e-4 of IAPWS-95",
    key="Wagner1993",
    doi="10.1063/1.555926",
    attributes={
        "species": "H2O",
        "outside": "no saturation exists: the tangent in 1/T is followed from the critical point",
    },
)
def wagner_pruss(*, T: sympy.Expr, **_: object) -> sympy.Expr:
    """ln of the saturation pressure of liquid water in bar; T [K].

    Below the critical temperature as published, to 1e-6 of p:
    the rounding of 1e-4 Tc at its end keeps every derivative
    finite. Above it, analytically on along the tangent in 1/T.
    """
    tau = 1 - T / CRITICAL_TEMPERATURE
    below = (tau + sympy.sqrt(tau**2 + _ROUNDING**2)) / 2  # tau below the critical temperature, 0 above it
    half = sympy.Rational(1, 2)
    terms = 1.84408259 * below ** (3 * half) - 11.7866497 * below**3 + 22.6807411 * below ** (7 * half)
    terms += -15.9618719 * below**4 + 1.80122502 * below ** (15 * half)
    return sympy.log(CRITICAL_PRESSURE / BAR) + CRITICAL_TEMPERATURE / T * (-7.85951783 * tau + terms)


@law(
    KIND,
    "Bower2022-Eq12",
    unit="1",
    T=(298.15, 500.0),
    reference="Bower et al. 2022, PSJ 3, 93, Eq. 12, its coefficients rebuilt from JANAF: "
    "44.004 kJ/mol, 118.8 and -45 J/mol/K",
    key="Bower2022",
    doi="10.3847/PSJ/ac5fb1",
    attributes={
        "species": "H2O",
        "outside": "extrapolated: 600 bar at 1400 K, where water has no liquid, as in the paper. The heat "
        "capacity decides it: 455 to 788 bar for -48 to -42 J/mol/K",
    },
)
def bower(*, T: sympy.Expr, **_: object) -> sympy.Expr:
    """ln of the pressure of H2O over H2O(l) in bar, by a constant difference of heat capacities; T [K]."""
    T0, enthalpy, entropy, heat_capacity = 298.15, 44004.0, 118.8, -45.0
    ratio = T / T0
    return (
        entropy + heat_capacity * sympy.log(ratio) - (enthalpy + heat_capacity * (T - T0)) / T
    ) / GAS_CONSTANT


def ln_condensation_fugacity(
    T: sympy.Expr,
    ln_phi: Callable[[sympy.Expr, sympy.Expr], sympy.Expr] | None = None,
    name: str = "WagnerPruss1993",
) -> sympy.Expr:
    """ln of the fugacity of H2O, in bar, at which the liquid forms.

    Out of reach above the critical temperature.

    T [K], a sympy expression; ln_phi: of T and ln(P/Pa), None for an ideal gas.
    Below the critical temperature it is that of saturated vapour by the law `name`, p_sat phi(T, p_sat), for
    any total pressure. The volume of the liquid is left out: 2 % at 300 bar.
    Within 8 K above, it rises smoothly by a factor of 1.6e5, so that liquid water vanishes there at any
    pressure.
    """
    above = (1 + sympy.tanh((T - CRITICAL_TEMPERATURE) / _WIDTH - 4)) / 2
    ln_p = (1 - above) * find(KIND, name)(T=T) + above * sympy.log(CRITICAL_PRESSURE / BAR)
    return ln_p + _EVAPORATION * above + (0 if ln_phi is None else ln_phi(T, ln_p + sympy.log(BAR)))


def saturation_pressure(T: float | np.ndarray, name: str = "WagnerPruss1993") -> np.ndarray:
    """Pressure [Pa] of saturated vapour at T [K], numbers or arrays; by the law `name`."""
    return BAR * np.exp(find(KIND, name).evaluate(T=np.asarray(T, dtype=float)))
