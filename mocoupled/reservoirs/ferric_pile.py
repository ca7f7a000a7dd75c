"""Ferric iron of a pile of cumulates below a magma ocean whose iron is followed.

With n the melt fraction of the mantle, X the Fe/(Fe + Mg) and s the ferric share Fe3+/Fe of the ocean, and N
the Fe3+/(Fe + Mg) of the pile times its share of the mantle,

    dN/dt = (q - dn/dt) f_s - q X_m s_m,    f_s = (1 - t) X_c s_c + t X s,

where X_c and s_c are those of crystals in equilibrium with the ocean, s_c/(1 - s_c) = K s/(1 - s), t is the
trapped melt, and q the melt that the pile returns, with Fe/(Fe + Mg) = X_m. Its ferric share s_m is that of
melt in equilibrium with a residue: melt and residue together have the iron and the ferric iron of the pile.
The ocean has n X s; ocean, pile and gas are one balance of oxygen.

dn/dt follows from the balance of energy: the heat of the ocean is a function of the surface temperature
alone, as n is.

Before the start the first crystals left no oxygen to the gas. What they took follows from a
distillation: in a step dln(n X) - t dln n the ratio s/(1 - s) changes as Fe/Mg does in dln n.
"""

from __future__ import annotations

import sympy

from ..closures.iron_magnesium import distillation, exchange
from ..dae.declare.model import Balance, Model, Output, Start, Unknown
from ..errors import ModelError
from .cumulates import CoolingPile, Return
from .ferric_exchange import share_of_melt
from .mantle import Mantle
from .pile_apart import CORE_HEAT, PILE_HEAT

# share of the mantle below which the pile has the ferric iron of what settles
LEAST_PILE = 1e-6
# 1/s: share of the pile, far below any melt that is returned within the age of a planet
LEAST_MELT = 1e-24
# of the melt, as Fe/(Fe + Mg) of the pile: far below any that counts
LEAST_IRON = 1e-7
# a tenth of the iron of a mantle times a tenth of it ferric
SCALE = 0.01
UNKNOWN = Unknown(
    "pile_ferric", scale=SCALE, long_name="Fe3+/(Fe + Mg) of the pile times its share of the mantle, molar"
)


def melting_rate(model: Model, mantle: Mantle, mantle_mass: float) -> sympy.Expr:
    """dn/dt [1/s] of a lumped mantle, from the balance of energy.

    model: the whole planet, with all that brings or takes heat. mantle_mass [kg].
    ModelError where something other than the ocean, its pile and the core has heat.
    """
    T = mantle.surface_temperature
    of_ocean = next(b.storage for b in mantle.model.balances if b.name == "energy")
    energy = next(b for b in model.balances if b.name == "energy")
    below = [b for b in model.balances if b.name in (PILE_HEAT, CORE_HEAT)]
    parts = sympy.Add(of_ocean, *(b.storage for b in below))
    if not energy.storage.free_symbols <= parts.free_symbols:
        raise ModelError("melting rate: heat of something other than ocean, pile and core")
    source = energy.source - mantle_mass * sympy.Add(*(b.source for b in below))
    n = mantle.melt_mass / mantle_mass
    return sympy.diff(n, T) / sympy.diff(of_ocean, T) * source


def ferric_of_pile(
    pile: CoolingPile, partition: float, share: sympy.Expr, melting: sympy.Expr, back: Return | None
) -> Model:
    """The balance of the ferric iron of the pile.

    partition: K. share: s. melting [1/s]: dn/dt. back: what the pile returns; None where nothing is returned.
    """
    n, X, t, N = pile.melt_fraction, pile.ocean_iron, pile.trapped_melt, UNKNOWN.symbol
    settling = (1 - t) * pile.crystal_iron * exchange(share, partition) + t * X * share
    mean = (N + LEAST_PILE * settling) / (1 - n + LEAST_PILE)
    source = -melting * settling
    if back is not None:
        source += (1 - n) * (back.melt * settling - back.iron * _melt_share(pile, mean, partition, back))
    of_all = (N + n * X * share) / pile.bulk_iron
    distilled = (1 - t) * sympy.log(n) + sympy.log(X / pile.bulk_iron)
    title = "Fe3+ over all iron of the pile, molar; of what settles where there is none"
    return Model(
        "ferric iron of the pile",
        unknowns=(UNKNOWN,),
        balances=(Balance("ferric iron of the pile", N, source, SCALE),),
        starts=(
            Start("ferric iron of the first crystals", distillation(share, of_all, distilled, partition)),
        ),
        outputs=(Output("pile_ferric_share", mean / pile.pile_iron, "1", title),),
    )


def _melt_share(pile: CoolingPile, ferric: sympy.Expr, K: float, back: Return) -> sympy.Expr:
    """s_m of the melt that the pile returns. ferric: Fe3+/(Fe + Mg) of the pile."""
    KD, X_pile = pile.exchange_coefficient, pile.pile_iron
    X = (back.iron + LEAST_MELT * X_pile) / (back.melt + LEAST_MELT)
    # X times the degree of melting (X_pile - X_r)/(X - X_r), with X_r = exchange(X, KD)
    iron = (X_pile - KD * X * (1 - X_pile) / (1 - X)) / (1 - KD)
    iron = (iron + sympy.sqrt(iron**2 + LEAST_IRON**2)) / 2  # above 0 beside interpolated rates
    return share_of_melt(iron, X_pile - iron, ferric, K)
