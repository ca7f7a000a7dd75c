"""Oxygen of ferric iron: melt and crystals hold O above FeO, in one balance with the gas O2 and equilibrium with it.

FeO + 1/4 O2 = FeO1.5 at the surface, ln(X_FeO1.5/X_FeO) = L(T, ln fO2, P) by one of the published laws. With r = exp(L),
Fe iron in each kilogram [mol/kg] and K the exchange coefficient (Fe3+/Fe2+ of the crystals over that of the melt),

    n_Fe3+ = Fe [ M_melt r/(1 + r) + M_solid K r/(1 + K r) ],

and n_Fe3+/4 moles of O2 are added to the balance of O2, n_Fe3+/2 of O to the oxygen of the planet. All iron is alike and
mixed: it neither settles nor fractionates from magnesium, and the crystals stay in equilibrium with the melt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import sympy

from ..dae.declare.model import Balance, Model, Output, Start, join
from .volatiles import Volatiles

GAS = "O2"
INVENTORY = "inventory of O"  # the start that iron changes


def with_ferric_iron(
    air: Volatiles,
    ln_ratio: Callable[[sympy.Expr, sympy.Expr], sympy.Expr],
    iron: float,
    exchange: float,
    melt_mass: sympy.Expr,
    solid_mass: sympy.Expr,
    molar_mass: float,
    start: Callable[[sympy.Expr, sympy.Expr], sympy.Expr] | None = None,
) -> Volatiles:
    """The volatiles with ferric iron in their budget of oxygen.

    ln_ratio: ln(X_FeO1.5/X_FeO) of ln(fO2/bar) and the surface pressure [Pa]; iron [mol/kg] of melt and of crystals;
    exchange: K; masses [kg]; molar_mass of O2 [kg/mol]. start: the residual that the start has of ln(fO2/bar) and
    ln_ratio; None: the oxygen of the planet, moles_O, is given and includes that of ferric iron.
    """
    L = ln_ratio(air.ln_fO2, air.surface_pressure)
    share = _share(L)
    crystals = _share(L + sympy.log(exchange)) if exchange else sympy.S.Zero
    ferric = iron * (melt_mass * share + solid_mass * crystals)
    model = air.model
    (held,) = (o.expression for o in model.outputs if (o.name, o.label) == ("element_moles", "O"))
    moles = sympy.Symbol("moles_O", real=True)
    if start is None:
        begin = Start("inventory of O, with that of ferric iron", sympy.log((held + ferric / 2) / moles))
    else:
        begin = Start("oxygen at the start", start(air.ln_fO2, L))
    starts = tuple(begin if s.name == INVENTORY else s for s in model.starts)
    outputs = tuple(
        replace(
            o,
            expression=held + ferric / 2,
            long_name="moles in gas, melt and graphite, and of ferric iron above FeO",
        )
        if (o.name, o.label) == ("element_moles", "O")
        else o
        for o in model.outputs
    )
    added = Model(
        "ferric iron",
        balances=(Balance(GAS, ferric / 4 * molar_mass),),
        outputs=(
            Output("ferric_share", share, "1", "Fe3+ over all iron of the melt, molar"),
            Output(
                "mantle_ferric_share",
                ferric / (iron * (melt_mass + solid_mass)),
                "1",
                "Fe3+ over all iron of melt and crystals, molar",
            ),
            Output(
                "ferric_oxygen_mass",
                ferric / 4 * molar_mass,
                "kg",
                "oxygen of ferric iron above FeO, in melt and crystals",
            ),
        ),
    )
    return replace(air, model=join(model.name, replace(model, starts=starts, outputs=outputs), added))


def _share(L):
    """FeO1.5 over all iron, from ln(FeO1.5/FeO)."""
    return 1 / (1 + sympy.exp(-L))
