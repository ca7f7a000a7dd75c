"""Heat made in the mantle: by decay of nuclides, and by tides."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import sympy

from ..constants import YEAR
from .registry import law

# nuclide: half-life [yr], heat of the nuclide [W/kg], decay chains in equilibrium, without neutrinos
NUCLIDES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "Al26": (7.17e5, 0.3583),
        "Fe60": (2.62e6, 3.6579e-2),
        "K40": (1.248e9, 2.8761e-5),
        "Th232": (1.40e10, 2.6368e-5),
        "U235": (7.04e8, 5.68402e-4),
        "U238": (4.468e9, 9.4946e-5),
    }
)


@law(
    "heating",
    "radiogenic-Ruedas2017",
    unit="W/kg",
    reference="Ruedas 2017, Geochem. Geophys. Geosyst. 18, 3530 "
    "(half-lives and heat of Al26, Fe60, K40, Th232, U235, U238)",
    key="Ruedas2017",
    doi="10.1002/2017GC006997",
    attributes={"arguments": ("time", "mass_fractions")},
)
def radiogenic(*, time: sympy.Expr, mass_fractions: Mapping[str, float], **_: object) -> sympy.Expr:
    """Heat [W/kg of mantle] at a time [s] after the start; mass_fractions:
    of the nuclides in the mantle at the start.
    """
    total = sympy.S.Zero
    for name, fraction in mass_fractions.items():
        half_life, heat = NUCLIDES[name]
        total += fraction * heat * sympy.exp(-sympy.log(2) * time / (half_life * YEAR))
    return total


@law(
    "heating",
    "tidal",
    unit="W/kg",
    reference="a given power, as by a tidal model",
    attributes={"arguments": ("time", "power", "mass", "decay_time")},
)
def tidal(
    *,
    time: sympy.Expr,
    power: sympy.Expr,
    mass: sympy.Expr,
    decay_time: sympy.Expr | None = None,
    **_: object,
) -> sympy.Expr:
    """Heat [W/kg of mantle] of a tidal power [W] spread evenly over a mass [kg], which falls as
    exp(-time/decay_time) [s].
    """
    return power / mass * (1 if decay_time is None else sympy.exp(-time / decay_time))
