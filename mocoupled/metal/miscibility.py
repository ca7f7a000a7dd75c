"""Where hydrogen and silicate melt mix in every proportion: the binodal of H2 and MgSiO3 as a law."""

from __future__ import annotations

from typing import Final

import sympy

from ..closures.registry import law

KIND: Final = "miscibility"
BINODAL = "H2-MgSiO3-Rogers2025"
# mole fraction of H2 at the top of the binodal, and its temperature at no pressure [K]
CRITICAL_FRACTION, CRITICAL_TEMPERATURE = 0.73913, 4223.0
CRITICAL_PRESSURE = 35e9  # Pa; beyond, they mix at every temperature


@law(
    KIND,
    BINODAL,
    unit="K",
    reference="Rogers, Young & Schlichting 2025, MNRAS 544, 3496: fit of the binodal",
    key="Rogers2025",
    attributes={"outside": "computed"},
    P=(0.0, CRITICAL_PRESSURE),
)
def binodal(*, x: sympy.Expr, P: sympy.Expr, **_: object) -> sympy.Expr:
    """Temperature [K] above which H2 and MgSiO3 mix; x: mole fraction of H2, P [Pa]."""
    rich = (1 + 1.40299 * sympy.exp(-9.75751 * (x - 0.42587))) ** (1 / 2.72591)
    poor = (1 + 0.02653 * sympy.exp(39.51206 * (x - 0.85862))) ** (1 / 1.14413)
    return CRITICAL_TEMPERATURE * (1 - P / CRITICAL_PRESSURE) / sympy.Max(rich, poor)
