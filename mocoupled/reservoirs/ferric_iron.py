"""Oxygen of ferric iron, in one balance and in equilibrium with the gas O2.

Melt and crystals contain O above FeO.

FeO + 1/4 O2 = FeO1.5 at the surface, ln(X_FeO1.5/X_FeO) = L(T, ln fO2, P) by one of the published laws. With
r = exp(L), Fe iron in each kilogram [mol/kg] and K the exchange coefficient (Fe3+/Fe2+ of the crystals over
that of the melt),

    n_Fe3+ = Fe [ M_melt r/(1 + r) + M_solid K r/(1 + K r) ],

and n_Fe3+/4 moles of O2 are added to the balance of O2, n_Fe3+/2 of O to the oxygen of the planet. All iron
is alike
and mixed: it neither settles nor fractionates from magnesium, and the crystals stay in equilibrium with the
melt.

Where the iron of the ocean is followed above one pile (`ferric_pile`), n_Fe3+ is the sum over ocean and pile,
and the law has the FeO of the ocean.
In a column that follows the iron of its cells (`column_ferric`), n_Fe3+ is the sum over the cells of their
unknown, and the gas exchanges oxygen with the uppermost cell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import sympy

from ..dae.declare.field import Inflow
from ..dae.declare.model import Balance, Model, Output, Start, join
from .column_iron import FERRIC
from .ferric_exchange import FerricColumn, FerricOcean
from .gas_state import Surroundings
from .iron_metal import LnActivity, Metal, metal_of
from .volatiles import Volatiles

GAS = "O2"
# the start that iron changes
INVENTORY = "inventory of O"
TwoArguments = Callable[[sympy.Expr, sympy.Expr], sympy.Expr]
ThreeArguments = Callable[[sympy.Expr, sympy.Expr, sympy.Expr], sympy.Expr]


@dataclass(frozen=True)
class Iron:
    """The iron of melt and crystals.

    ln_ratio: ln(X_FeO1.5/X_FeO), a function of ln(fO2/bar), the surface pressure [Pa] and the share of the
    iron that is not metal.
    moles_per_kg [mol/kg]: iron of melt and of crystals, with that of the metal.
    exchange: K.
    metal: ln of the activity of iron; None where no metal forms. molar_mass [kg/mol]: of iron.
    """

    ln_ratio: ThreeArguments
    moles_per_kg: float | sympy.Expr
    exchange: float
    metal: LnActivity | None = None
    molar_mass: float = 0.0


def with_ferric_iron(
    air: Volatiles,
    iron: Iron,
    around: Surroundings,
    molar_mass: float,
    start: TwoArguments | None = None,
) -> Volatiles:
    """The volatiles with ferric iron in their budget of oxygen.

    molar_mass [kg/mol]: of O2.
    start: the residual at the start, a function of ln(fO2/bar) and ln_ratio. None: the oxygen of the planet,
    moles_O, is prescribed and includes that of ferric iron.
    """
    if air.ln_fO2 is None:
        raise ValueError("ferric iron needs the fugacity of oxygen")
    whole = iron.moles_per_kg * (around.melt_mass + around.solid_mass)
    metal = None if iron.metal is None else metal_of(whole, iron.molar_mass)
    left = sympy.S.One if metal is None else metal.left
    L = iron.ln_ratio(air.ln_fO2, air.surface_pressure, left)
    share = _share(L)
    crystals = _share(L + sympy.log(iron.exchange)) if iron.exchange else sympy.S.Zero
    amounts = _Amounts(
        share,
        left * iron.moles_per_kg * (around.melt_mass * share + around.solid_mass * crystals),
        left * whole,
        sympy.S.Zero if metal is None else metal.moles,
    )
    joined = _joined(air, amounts, molar_mass, None if start is None else start(air.ln_fO2, L))
    if metal is None or iron.metal is None:
        return joined
    return _with_metal(joined, metal, iron.metal(air.ln_fO2, left, share), around)


def with_ferric_column(air: Volatiles, iron: Iron, column: FerricColumn, molar_mass: float) -> Volatiles:
    """The volatiles above a column whose cells have ferric iron, in exchange of oxygen with it.

    iron: moles_per_kg of iron and magnesium; exchange is that of the column. molar_mass [kg/mol]: of O2.
    The oxygen fugacity of the start is that in equilibrium with the uppermost cell.
    """
    if air.ln_fO2 is None:
        raise ValueError("ferric iron needs the fugacity of oxygen")
    L, share = iron.ln_ratio(air.ln_fO2, air.surface_pressure, sympy.S.One), column.share
    amounts = _Amounts(share, iron.moles_per_kg * column.total, iron.moles_per_kg * column.iron)
    joined = _joined(air, amounts, molar_mass, L - sympy.log(share / (1 - share)))
    inflow = Inflow("first", column.inflow(_share(L)), component=FERRIC)
    title = "Fe3+ over all iron of melt in equilibrium with the gas, molar"
    more = Model(outputs=(Output("surface_ferric_share", _share(L), "1", title),), inflows=(inflow,))
    return replace(joined, model=join(joined.model.name, joined.model, more))


def with_ferric_ocean(
    air: Volatiles,
    iron: Iron,
    ocean: FerricOcean,
    mantle_mass: sympy.Expr,
    molar_mass: float,
    start: TwoArguments | None = None,
) -> Volatiles:
    """The volatiles above an ocean whose iron is followed, with ferric iron in their budget of oxygen.

    iron: moles_per_kg of iron and magnesium. mantle_mass [kg]; molar_mass, start: as of `with_ferric_iron`.
    """
    if air.ln_fO2 is None:
        raise ValueError("ferric iron needs the fugacity of oxygen")
    L = iron.ln_ratio(air.ln_fO2, air.surface_pressure, sympy.S.One)
    share, metals = _share(L), iron.moles_per_kg * mantle_mass
    amounts = _Amounts(share, metals * ocean.ferric_of(share), metals * ocean.bulk_iron)
    return _joined(air, amounts, molar_mass, None if start is None else start(air.ln_fO2, L))


@dataclass(frozen=True)
class _Amounts:
    """share: Fe3+/Fe of the melt. ferric, all_iron, metal [mol]: Fe3+ and Fe of melt and crystals, metal."""

    share: sympy.Expr
    ferric: sympy.Expr
    all_iron: sympy.Expr
    metal: sympy.Expr = sympy.S.Zero


def _joined(air: Volatiles, amounts: _Amounts, molar_mass: float, start: sympy.Expr | None) -> Volatiles:
    """The volatiles with the oxygen of ferric iron in the balance of O2, in outputs and in the start.

    start: the residual at the start. None: the oxygen of the planet is prescribed.
    """
    ferric = amounts.ferric
    model = _with_oxygen_of_iron(air.model, ferric, amounts.metal)
    (oxygen,) = (o.expression for o in model.outputs if (o.name, o.label) == ("element_moles", "O"))
    if start is None:
        inventory = sympy.Symbol("moles_O", real=True)
        # metal on both sides: neither side falls below zero on the way
        ratio = (oxygen + amounts.metal) / (inventory + amounts.metal)
        begin = Start("inventory of O, with that of ferric iron", sympy.log(ratio))
    else:
        begin = Start("oxygen at the start", start)
    starts = tuple(begin if s.name == INVENTORY else s for s in model.starts)
    mantle_title = "Fe3+ over all iron of melt and crystals, molar"
    mass_title = "oxygen of ferric iron above FeO, in melt and crystals"
    mass = ferric / 4 * molar_mass
    added = Model(
        "ferric iron",
        balances=(Balance(GAS, mass - amounts.metal / 2 * molar_mass),),
        outputs=(
            Output("ferric_share", amounts.share, "1", "Fe3+ over all iron of the melt, molar"),
            Output("mantle_ferric_share", ferric / amounts.all_iron, "1", mantle_title),
            Output("ferric_oxygen_mass", mass, "kg", mass_title),
        ),
    )
    return replace(air, model=join(model.name, replace(model, starts=starts), added))


def _with_metal(air: Volatiles, metal: Metal, ln_activity: sympy.Expr, around: Surroundings) -> Volatiles:
    """The volatiles with the unknown of the metal, its equilibrium and its outputs."""
    added = Model(
        "iron metal",
        unknowns=(replace(metal.unknown, follows=around.follows),),
        constraints=(metal.constraint(ln_activity),),
        outputs=tuple(metal.outputs()),
    )
    return replace(air, model=join(air.model.name, air.model, added))


def _with_oxygen_of_iron(model: Model, ferric: sympy.Expr, metal: sympy.Expr) -> Model:
    """The model whose output of oxygen includes that of the iron. ferric, metal [mol]: Fe3+ and Fe."""
    title = "moles in gas, melt and graphite, and of ferric iron above FeO"
    if metal:
        title += ", less what metal lacks of FeO"
    outputs = []
    for output in model.outputs:
        if (output.name, output.label) == ("element_moles", "O"):
            output = replace(output, expression=output.expression + ferric / 2 - metal, long_name=title)
        outputs.append(output)
    return replace(model, outputs=tuple(outputs))


def _share(L: sympy.Expr) -> sympy.Expr:
    """FeO1.5 over all iron, from ln(FeO1.5/FeO)."""
    return 1 / (1 + sympy.exp(-L))
