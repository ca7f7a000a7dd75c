"""Density of Fe-Mg silicates MSiO3 of one structure, from the molar volumes of their end-members (ideal mixing)."""

from __future__ import annotations

from .law import law

MAGNESIUM_MASS, IRON_MASS = 0.100387, 0.131929  # kg/mol of MgSiO3 and FeSiO3
CONDITIONS = (
    "at 1 bar and 300 K, where the volumes are given; the paper does not say at what state it compares"
)


def _density(X, magnesium_volume, iron_volume):
    """Mass over volume [kg/m3] of a mixture; volumes of the end-members [m3/mol]."""
    mass = MAGNESIUM_MASS * (1 - X) + IRON_MASS * X
    return mass / (magnesium_volume * (1 - X) + iron_volume * X)


def _register(name, magnesium_volume, iron_volume, reference):
    def density(*, X, **_):
        """Density [kg/m3] at X = Fe/(Fe + Mg), molar."""
        return _density(X, magnesium_volume, iron_volume)

    attributes = {"conditions": CONDITIONS, "arguments": ("X",), "volumes": (magnesium_volume, iron_volume)}
    return law(
        "cumulate_density", name, unit="kg/m3", reference=reference, attributes=attributes, X=(0.0, 1.0)
    )(density)


SLB = "Stixrude & Lithgow-Bertelloni 2024, Geophys. J. Int. 237, 1699 (data set SLB_2024)"
bridgmanite = _register(
    "bridgmanite",
    24.445e-6,
    25.321e-6,
    f"{SLB}: in place of the FeSiO3 volume of Huang et al. 2021, which the paper takes",
)
akimotoite = _register("akimotoite", 26.354e-6, 26.854e-6, SLB)
pyroxene = _register(
    "pyroxene",
    31.311e-6,
    32.962e-6,
    "Holland & Powell 2011, J. Metamorph. Geol. 29, 333: enstatite and ferrosilite, halved",
)
