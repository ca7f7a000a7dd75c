"""Hydrogen and silicate melt as one solution, and the binodal of H2 and MgSiO3, as laws."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np
import sympy

from ..closures.registry import find, law
from ..constants import GAS_CONSTANT
from ..dae.leaves.external import numeric

KIND: Final = "miscibility"
MIXING: Final = "silicate_mixing"
SOLUTION = "H2-MgSiO3-Gilmore2026"
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


# of Gilmore & Stixrude: both ends of the interaction [J/mol], and where it vanishes [K, Pa]
RICH_IN_HYDROGEN, RICH_IN_SILICATE = 622000.0, -4950.0
VANISHES_AT, VANISHES_AT_PRESSURE = 4800.0, 35e9
LOWEST_PRESSURE = 1e9  # Pa
# K at no pressure: where the second and the third derivative of the free energy of mixing vanish
HIGHEST_TEMPERATURE = 4223.57


@law(
    MIXING,
    SOLUTION,
    unit="1",
    reference="Gilmore & Stixrude 2026, Nature 650, 60: free energy of mixing of simulated H2-MgSiO3 fluids, "
    "as in public programs of Young, Schlichting and coworkers",
    key="Gilmore2026",
    attributes={
        "conditions": "the critical point, 0.73913 and 4223.6 K, is that printed by Rogers et al. 2025 "
        "(0.73913, 4223 K); one of those programs has 4350 K in place of 4800 K. The lower limit of the "
        "pressure is ours: below 1 GPa H2 is a gas, whose volume the solution does not have, and too much of "
        "it dissolves",
        "note": "the binodal fitted by Rogers et al. 2025 lies lower away from the critical point, by up to "
        "1800 K",
        "outside": "computed",
    },
    P=(LOWEST_PRESSURE, VANISHES_AT_PRESSURE),
)
def excess_of_mixing(*, x: sympy.Expr, T: sympy.Expr, P: sympy.Expr, **_: object) -> sympy.Expr:
    """Excess free energy of a mole of H2 and MgSiO3 over RT; x: mole fraction of H2, T [K], P [Pa]."""
    fading = 1 - T / VANISHES_AT - P / VANISHES_AT_PRESSURE
    subregular = RICH_IN_HYDROGEN * x + RICH_IN_SILICATE * (1 - x)
    return x * (1 - x) * subregular * fading / (GAS_CONSTANT * T)


def ln_activity_coefficients(
    x: sympy.Symbol, T: sympy.Expr, P: sympy.Expr, name: str = SOLUTION
) -> tuple[sympy.Expr, sympy.Expr]:
    """ln gamma of H2 and of the silicate in their solution, over the pure fluid and the pure melt."""
    excess = find(MIXING, name)(x=x, T=T, P=P)
    slope = sympy.diff(excess, x)
    return excess + (1 - x) * slope, excess - x * slope


@lru_cache(maxsize=1)
def _curvature() -> Callable[..., np.ndarray]:
    """The second derivative of the free energy of mixing over RT, as a function of x, T and P."""
    x, T, P = sympy.symbols("x T P", positive=True)
    ideal = x * sympy.log(x) + (1 - x) * sympy.log(1 - x)
    return numeric([x, T, P], sympy.diff(ideal + find(MIXING, SOLUTION)(x=x, T=T, P=P), x, 2))


def mixes(x: np.ndarray, T: np.ndarray, P: np.ndarray) -> np.ndarray:
    """Whether H2 and silicate are no two phases: above the critical curve, on its far side, or unstable.

    x: mole fraction of H2 in the silicate, T [K], P [Pa].
    """
    critical = HIGHEST_TEMPERATURE * (1 - P / VANISHES_AT_PRESSURE)
    with np.errstate(all="ignore"):
        unstable = _curvature()(x, T, P) <= 0
    return (critical <= T) | (x > CRITICAL_FRACTION) | unstable
