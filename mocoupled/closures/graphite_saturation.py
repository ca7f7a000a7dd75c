"""Carbon of a silicate melt in equilibrium with graphite, where the oxygen fugacity is known."""

from __future__ import annotations

import math
from typing import Final

import sympy

from ..constants import BAR
from .elementary import exp
from .registry import law

KIND: Final = "graphite_saturation"
CO2_MASS, MELT_MASS = 44.01, 36.594  # g/mol; of the melt for each mole of one oxygen
LN10 = math.log(10.0)
_REFERENCE = "Holloway, Pan & Gudmundsson 1992, Eur. J. Mineral. 4, 105, Eq. 3"
_PRESSURES = "T and P of the experiments behind K_II as another program states them"
_NOTE = "coefficients as in three independent programs"
# Pa
_P = (1e8, 1.5e9)


def log10_carbon_dioxide(T: sympy.Expr, P: sympy.Expr) -> sympy.Expr:
    """log10 of f_CO2/f_O2 over graphite, K_I of Holloway et al. 1992; T [K], P [Pa]."""
    return 40.07639 - 2.53932e-2 * T + 5.27096e-6 * T**2 + 0.0267 * (P / BAR - 1) / T


def _mass_fraction(ratio: sympy.Expr) -> sympy.Expr:
    """Mass fraction of CO2 from moles of carbonate over moles of the rest of the melt."""
    return CO2_MASS * ratio / (CO2_MASS * ratio + MELT_MASS)


def ln_carbonate(T: sympy.Expr, P: sympy.Expr) -> sympy.Expr:
    """ln of X/(1 - X) of carbonate over f_CO2 [bar], K_II of Holloway et al. 1992; T [K], P [Pa]."""
    return LN10 * (-6.24763 - 282.56 / T - 0.119242 * (P / BAR - 1000.0) / T)


@law(
    KIND,
    "Holloway1992",
    unit="kg/kg",
    reference=f"{_REFERENCE}: K_I and K_II",
    key="Holloway1992",
    attributes={
        "species": "CO2",
        "melt": "basalt",
        "arguments": ("T", "P", "ln_fO2"),
        "conditions": "T where its K_I is within 0.06 in log10 of the free energies of NASA: above 2000 K "
        f"its polynomial turns upwards; {_PRESSURES}",
        "note": _NOTE,
    },
    T=(1443.0, 2000.0),
    P=_P,
)
def carbonate_over_graphite(*, T: sympy.Expr, P: sympy.Expr, ln_fO2: sympy.Expr, **_: object) -> sympy.Expr:
    """Mass fraction of CO2 as carbonate: X/(1 - X) = K_I K_II f_O2, log10 K_I = 40.07639 - 2.53932e-2 T
    + 5.27096e-6 T^2 + 0.0267 (P - 1)/T, log10 K_II = -6.24763 - 282.56/T - 0.119242 (P - 1000)/T.

    T [K], P [Pa; bar in the formula], ln_fO2 of bar; X: mole fraction of carbonate.
    """
    return _mass_fraction(exp(LN10 * log10_carbon_dioxide(T, P) + ln_carbonate(T, P) + ln_fO2))


@law(
    KIND,
    "Holloway1992-gas",
    unit="kg/kg",
    reference=f"{_REFERENCE}: K_II, at a fugacity of CO2 from elsewhere",
    key="Holloway1992",
    attributes={
        "species": "CO2",
        "melt": "basalt",
        "arguments": ("p_CO2", "T", "P"),
        "conditions": _PRESSURES,
        "note": _NOTE,
    },
    T=(1443.0, 1873.0),
    P=_P,
)
def carbonate_at_fugacity(*, p_CO2: sympy.Expr, T: sympy.Expr, P: sympy.Expr, **_: object) -> sympy.Expr:
    """Mass fraction of CO2 as carbonate: X/(1 - X) = K_II f_CO2, with K_II of `Holloway1992`.

    p_CO2: fugacity of CO2 over graphite [Pa], T [K], P [Pa].
    """
    return _mass_fraction(p_CO2 / BAR * exp(ln_carbonate(T, P)))
