"""Saturation of a planet's melt in iron metal, where its redox evolves."""

from __future__ import annotations

import math

import sympy

from ..chemistry.volatile_chemistry import FerricIron
from ..closures.ferric_iron import OXIDES
from ..closures.iron_wustite import distance
from ..constants import BAR
from ..reservoirs.iron_metal import LnActivity

# kg/mol; of a mechanism without iron
IRON_WEIGHT = 55.845e-3


def metal_law(iron: FerricIron, T: sympy.Expr) -> LnActivity:
    """ln of the activity of iron in melt and gas, relative to the metal.

    It is ln(gamma x_FeO) - (ln fO2 - IW)/2, IW that of the default buffer at 1 bar. T [K]: of the surface.
    x_FeO: mole fraction of FeO among the oxides of the melt, ferric iron counted as Fe2O3.
    """
    others = sum(
        iron.oxides.get(oxide, 0.0) / mass for oxide, (mass, _) in OXIDES.items() if oxide != "FeO"
    )
    coefficient = iron.metal or 1.0

    def ln_activity(ln_fO2: sympy.Expr, left: sympy.Expr, share: sympy.Expr) -> sympy.Expr:
        whole = iron.moles_per_kg * left
        ferrous = whole * (1 - share)
        fraction = ferrous / (others + ferrous + whole * share / 2)
        above = distance(None, {"T": T, "P": sympy.Float(BAR), "ln_fO2": ln_fO2})
        return sympy.log(coefficient * fraction) - math.log(10.0) / 2 * above

    return ln_activity
