"""Separation of melt and crystals: how fast melt moves through a mush, by its permeability."""

from __future__ import annotations

import sympy

from .registry import law

_RUMPF_GUPTE = sympy.Rational(5, 7)
STOKES_POROSITY = float(sympy.Rational(14, 45) ** sympy.Rational(2, 9))  # where Rumpf-Gupte meets Stokes
# where Blake-Kozeny-Carman meets Rumpf-Gupte: root of 5/7 x**2.5 = 1e-3/(1 - x)**2
KOZENY_POROSITY = 0.0769618


@law(
    "separation",
    "Abe1995",
    unit="m/s",
    reference="Abe 1995, in The Earth's Central Part, p. 215 (three regimes); "
    "Bower, Sanan & Wolf 2018, App. B; Bower et al. 2022, eqs. B1-B8",
    key="Abe1995",
    further_keys=("Bower2018", "Bower2022"),
    attributes={
        "conditions": "creeping flow; crystals of one size, given as their radius",
        "arguments": ("porosity", "density_contrast", "gravity", "crystal_size", "viscosity"),
    },
    porosity=(0.0, 1.0),
)
def relative_velocity(
    *,
    porosity: sympy.Expr,
    density_contrast: sympy.Expr,
    gravity: sympy.Expr,
    crystal_size: sympy.Expr,
    viscosity: sympy.Expr,
    **_: object,
) -> sympy.Expr:
    """Velocity of the melt relative to the crystals [m/s], upwards if the crystals are denser.

    porosity: volume fraction of melt; density_contrast: solid minus melt [kg/m3]; crystal_size: radius [m];
    viscosity: of the melt [Pa s]. Blake-Kozeny-Carman below a porosity of 0.077, Rumpf & Gupte to 0.771,
    Stokes above, continuous where they meet.
    """
    packed = porosity**2 / (1000 * (1 - porosity) ** 2)
    open_pack = _RUMPF_GUPTE * porosity ** sympy.Rational(9, 2)
    factor = sympy.Piecewise(
        (packed, porosity < KOZENY_POROSITY),
        (open_pack, porosity < STOKES_POROSITY),
        (sympy.Rational(2, 9), True),
    )
    return density_contrast * gravity * crystal_size**2 * factor / viscosity
