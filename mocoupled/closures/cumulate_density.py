"""Density of Fe-Mg silicates MSiO3 of one structure: ideal mixing of the molar volumes of the end-members."""

from __future__ import annotations

import sympy

from .law_types import Law
from .registry import Attributes, law

MAGNESIUM_MASS, IRON_MASS = 0.100387, 0.131929  # kg/mol of MgSiO3 and FeSiO3
CONDITIONS = (
    "at 1 bar and 300 K, where the volumes are given; the paper does not say at what state it compares"
)


def _density(X: sympy.Expr, magnesium_volume: float, iron_volume: float) -> sympy.Expr:
    """Mass over volume [kg/m3] of a mixture; volumes of the end-members [m3/mol]."""
    mass = MAGNESIUM_MASS * (1 - X) + IRON_MASS * X
    return mass / (magnesium_volume * (1 - X) + iron_volume * X)


def _register(
    name: str,
    volumes: tuple[float, float],
    reference: str,
    key: str,
    doi: str = "",
    also: tuple[str, ...] = (),
) -> Law:
    """Register the density of a structure; volumes of the magnesium and the iron end-member [m3/mol]."""

    def density(*, X: sympy.Expr, **_: object) -> sympy.Expr:
        """Density [kg/m3] at X = Fe/(Fe + Mg), molar."""
        return _density(X, *volumes)

    attributes: Attributes = {"conditions": CONDITIONS, "arguments": ("X",), "volumes": volumes}
    declare = law(
        "cumulate_density",
        name,
        unit="kg/m3",
        reference=reference,
        key=key,
        further_keys=also,
        doi=doi,
        attributes=attributes,
        X=(0.0, 1.0),
    )
    return declare(density)


SLB = "Stixrude & Lithgow-Bertelloni 2024, Geophys. J. Int. 237, 1699 (data set SLB_2024)"
bridgmanite = _register(
    "bridgmanite",
    (24.445e-6, 25.321e-6),
    f"{SLB}: in place of the FeSiO3 volume of Huang et al. 2021, which the paper takes",
    "Stixrude2024",
    also=("Huang2021",),
)
akimotoite = _register("akimotoite", (26.354e-6, 26.854e-6), SLB, "Stixrude2024")
pyroxene = _register(
    "pyroxene",
    (31.311e-6, 32.962e-6),
    "Holland & Powell 2011, J. Metamorph. Geol. 29, 333: enstatite and ferrosilite, halved",
    "Holland2011",
    "10.1111/j.1525-1314.2010.00923.x",
)
