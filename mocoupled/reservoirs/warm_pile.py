"""Heat of a growing pile of cumulates that pays for its melts, and of the core below it."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from ..dae.declare.model import Balance, Model, Start, Unknown, join
from .cumulates import GROWTH

TEMPERATURE, CORE = "pile_temperature", "core_mantle_temperature"
RETURNED, ARRIVED, DELIVERED = "melt_returned", "heat_arrived", "heat_delivered"
# the unknowns of the heat, in their order
UNKNOWNS = (TEMPERATURE, CORE, RETURNED, ARRIVED, DELIVERED)
# K and J/kg: of the scaled balances
KELVIN, HEAT = 1000.0, 1e6


@dataclass(frozen=True)
class PileHeat:
    """Expressions of a pile and its core in the unknowns of the growing pile; all masses are shares of the
    mantle.

    capacity [J/kg/K]: heat of the pile over its potential temperature.
    arriving [J/kg]: heat of what joins the pile at its top.
    top [K]: potential temperature of the top; latent_heat [J/kg].
    core_capacity [J/kg/K]; core_temperature [K]: at the start.
    from_core, to_ocean [W/kg]: through the boundary layers of base and top, of `pile_temperature` and
    `core_mantle_temperature`; core_flux [W/m2]: the first by area of the core.
    """

    capacity: sympy.Expr
    arriving: sympy.Expr
    top: sympy.Expr
    latent_heat: float
    core_capacity: float
    core_temperature: float
    from_core: sympy.Expr
    to_ocean: sympy.Expr
    core_flux: sympy.Expr


def pile_temperature() -> sympy.Symbol:
    """The potential temperature [K] of the pile at its top."""
    return sympy.Symbol(TEMPERATURE, real=True)


def core_temperature() -> sympy.Symbol:
    """The temperature [K] of the core."""
    return sympy.Symbol(CORE, real=True)


def with_heat(pile: Model, heat: PileHeat, melt: sympy.Expr) -> Model:
    """The growing pile with the balances of its heat and of that of the core.

    melt [1/s]: what the pile returns, as a share of the mantle. Its latent heat is taken from the pile.
    d(capacity T)/dt = arriving df/dt - melt latent_heat + from_core - to_ocean; the core loses from_core.
    What has arrived and what was delivered is integrated too, so that energy can be checked.
    """
    unknowns = (
        Unknown(TEMPERATURE, "K", guess=2500.0, scale=KELVIN, long_name="potential temperature of the pile"),
        Unknown(CORE, "K", guess=heat.core_temperature, scale=KELVIN, long_name="temperature of the core"),
        Unknown(RETURNED, long_name="melt returned to the magma ocean so far, in masses of the mantle"),
        Unknown(ARRIVED, "J/kg", scale=HEAT, long_name="heat that crystals have brought to the pile so far"),
        Unknown(DELIVERED, "J/kg", scale=HEAT, long_name="heat that the magma ocean has received so far"),
    )
    T, T_core, returned, arrived, delivered = (u.symbol for u in unknowns)
    growth = next(b.source for b in pile.balances if b.name == GROWTH)
    paid = melt * heat.latent_heat + heat.to_ocean
    arriving = heat.arriving * growth
    per_core = heat.core_capacity * KELVIN
    return join(
        pile.name,
        pile,
        Model(
            unknowns=unknowns,
            balances=(
                Balance(
                    "heat of the pile", heat.capacity * T, arriving - paid + heat.from_core, HEAT, "J/kg"
                ),
                Balance("heat of the core", heat.core_capacity * T_core, -heat.from_core, per_core, "J/kg"),
                Balance("melt returned", returned, melt),
                Balance("heat arrived", arrived, arriving, HEAT, "J/kg"),
                Balance("heat delivered", delivered, paid, HEAT, "J/kg"),
            ),
            starts=(
                Start("pile at its solidus", (T - heat.top) / KELVIN),
                Start("core at the start", (T_core - heat.core_temperature) / KELVIN),
                Start("no melt returned yet", returned),
                Start("no heat arrived yet", arrived / HEAT),
                Start("no heat delivered yet", delivered / HEAT),
            ),
        ),
    )
