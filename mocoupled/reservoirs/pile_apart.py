"""A pile of cumulates with one temperature in a lumped mantle: its heat, and that of the core below it."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from ..dae.declare.model import Balance, Model, Output, Start, Unknown
from .mantle import HEAT_TITLE, core_change
from .warm_pile import HEAT, KELVIN, RETURNED, TEMPERATURE

# the balances
PILE_HEAT, CORE_HEAT = "heat of the pile", "heat of the core"


@dataclass(frozen=True)
class PileApart:
    """Expressions of a pile that lies below a lumped mantle; heat is for each kg of mantle.

    capacity [J/kg/K]: heat of the pile over its potential temperature.
    arrived [J/kg]: heat of all crystals that have joined it, each at its solidus.
    melt [1/s]: what it returns, as a share of the mantle; latent_heat [J/kg].
    from_core, to_ocean [W/kg]: through the boundary layers of base and top.
    core_capacity [J/kg/K]. first_temperature [K]: of the first crystals.
    """

    capacity: sympy.Expr
    arrived: sympy.Expr
    melt: sympy.Expr
    latent_heat: float
    from_core: sympy.Expr
    to_ocean: sympy.Expr
    core_capacity: float
    first_temperature: float


def declare_pile_apart(pile: PileApart, mantle: Model, mantle_mass: float) -> Model:
    """The balances of pile and core, and their part of the energy of the run.

    mantle: the lumped mantle whose frozen levels have left the isentrope. mantle_mass [kg].
    Crystals arrive at the solidus of their level, so that d(capacity T - arrived)/dt = - melt latent_heat +
    from_core - to_ocean. What the pile and the core lose, the magma ocean gains: the balance `energy` of the
    run has the heat of all three.
    """
    title = "change of the temperature of the core since the base of the mantle froze"
    unknowns = (
        Unknown(
            TEMPERATURE,
            "K",
            guess=pile.first_temperature,
            scale=KELVIN,
            long_name="potential temperature of the pile, at its top",
        ),
        Unknown(core_change().name, "K", scale=KELVIN, long_name=title),
        Unknown(RETURNED, long_name="melt returned to the magma ocean so far, in masses of the mantle"),
    )
    T, change, returned = (u.symbol for u in unknowns)
    superheat = pile.capacity * T - pile.arrived
    core = pile.core_capacity * change
    stored = mantle_mass * (superheat + core)
    rest = next(b.storage for b in mantle.balances if b.name == "energy")
    per_core = pile.core_capacity * KELVIN
    source = pile.from_core - pile.to_ocean - pile.melt * pile.latent_heat
    return Model(
        "pile apart",
        unknowns=unknowns,
        balances=(
            Balance("energy", stored),
            Balance(PILE_HEAT, superheat, source, HEAT, "J/kg"),
            Balance(CORE_HEAT, core, -pile.from_core, per_core, "J/kg"),
            Balance("melt returned", returned, pile.melt),
        ),
        starts=(
            Start("crystals at their solidus", superheat / (KELVIN * pile.capacity)),
            Start("core as the base of the mantle", change / KELVIN),
            Start("no melt returned yet", returned),
        ),
        outputs=(
            Output(TEMPERATURE, T, "K", unknowns[0].long_name),
            Output(RETURNED, returned, "1", unknowns[2].long_name),
            Output("heat", rest + stored, "J", HEAT_TITLE),
            Output("pile_heat_lost", -superheat, "J/kg", "heat that the pile has lost"),
            Output("core_heat_lost", -core, "J/kg", "heat that the core has lost to the pile"),
            Output(
                "latent_heat_returned",
                pile.latent_heat * returned,
                "J/kg",
                "latent heat of the melt that the pile has returned, for each kg of mantle",
            ),
        ),
    )
