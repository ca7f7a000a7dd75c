"""Saturation of a planet's melt in iron metal, where its redox evolves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import sympy

from ..chemistry.volatile_chemistry import Chemistry
from ..closures.ferric_iron import OXIDES
from ..closures.iron_wustite import distance
from ..constants import BAR
from ..dae.declare.model import Model, Output, Watch
from ..reservoirs.iron_metal import LnActivity

# kg/mol; of a mechanism without iron
IRON_WEIGHT = 55.845e-3
# the output of the mass of the metal
METAL_MASS = "metal_mass"
# ... and that of the activity of iron, relative to the metal
METAL_ACTIVITY = "metal_activity"
REACTION = "2 Fe + O2 = 2 FeO"


def iron_weight(chemistry: Chemistry) -> float:
    """Atomic weight of iron [kg/mol]."""
    return chemistry.mechanism.atomic_weights.get("Fe", IRON_WEIGHT)


def metal_law(coefficient: float, oxides: Mapping[str, sympy.Expr | float], T: sympy.Expr) -> LnActivity:
    """ln of the activity of iron in melt and gas, relative to the metal.

    It is ln(gamma x_FeO) - (ln fO2 - IW)/2, IW that of the default buffer at 1 bar. coefficient: gamma.
    oxides: of the melt, by mass, with the iron of the metal. T [K]: of the surface.
    x_FeO: mole fraction of FeO among the oxides of the melt, ferric iron counted as Fe2O3.
    """
    moles = {oxide: share / OXIDES[oxide][0] for oxide, share in oxides.items() if oxide in OXIDES}
    others = sympy.Add(*(n for oxide, n in moles.items() if oxide != "FeO"))

    def ln_activity(ln_fO2: sympy.Expr, left: sympy.Expr, share: sympy.Expr) -> sympy.Expr:
        whole = moles["FeO"] * left
        ferrous = whole * (1 - share)
        fraction = ferrous / (others + ferrous + whole * share / 2)
        return ln_activity_of_iron(sympy.log(coefficient * fraction), ln_fO2, T)

    return ln_activity


def ln_activity_of_iron(ln_a_FeO: sympy.Expr, ln_fO2: sympy.Expr, T: sympy.Expr) -> sympy.Expr:
    """ln of the activity of iron relative to the metal: that of FeO, and the distance from iron-wustite.

    ln_fO2 (bar); T [K]; the default buffer at 1 bar.
    """
    above = distance(None, {"T": T, "P": sympy.Float(BAR), "ln_fO2": ln_fO2})
    return ln_a_FeO - math.log(10.0) / 2 * above


def metal_beside_vapour(ln_a_FeO: sympy.Expr, ln_fO2: sympy.Expr, T: sympy.Expr) -> Model:
    """The activity of iron in a melt that evaporates, where no metal forms: an output, and at most 1.

    ln_a_FeO: of the liquid oxide, taken for that relative to wuestite: the free energies of liquid FeO and
    iron of the gases' source put it 2.2 times lower.
    """
    ln_a = ln_activity_of_iron(ln_a_FeO, ln_fO2, T)
    title = "activity of iron relative to the metal, which does not form; above 1 it would"
    return Model(
        "iron metal",
        outputs=(Output(METAL_ACTIVITY, sympy.exp(ln_a), "1", title),),
        watches=(_at_most_saturated("iron metal, which does not form beside vapour of the melt", ln_a),),
    )


def left_out_metal(ln_activity: sympy.Expr) -> Watch:
    """The activity of iron above a column whose cells have their iron, where no metal forms: at most 1."""
    return _at_most_saturated("iron metal, which does not form with coupled iron", ln_activity)


def unformed_metal(chemistry: Chemistry, ln_fO2: sympy.Expr | None, T: sympy.Expr) -> Iterator[Watch]:
    """The activity of iron where the oxygen fugacity takes nothing from the iron of the melt: at most 1.

    It is that of the melt at the start, without ferric iron. ln_fO2 (bar); None: unknown, and nothing is
    recorded. T [K]: of the surface.
    """
    if chemistry.watched_iron is None or ln_fO2 is None:
        return
    ln_activity = metal_law(*chemistry.watched_iron, T)
    label = "iron metal of the melt, which does not form without redox.ferric_iron"
    yield _at_most_saturated(label, ln_activity(ln_fO2, sympy.S.One, sympy.S.Zero))


def _at_most_saturated(label: str, ln_activity: sympy.Expr) -> Watch:
    return Watch(label, "activity", sympy.exp(ln_activity), 0.0, 1.0, "1", REACTION)
