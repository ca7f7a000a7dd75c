"""Growth of the pile of cumulates below a magma ocean, with remelting: balances of solid and iron, declared only."""

from __future__ import annotations

import sympy

from ..closures.iron_magnesium import exchange, ln_remaining_logit
from ..dae.external import External
from ..dae.model import Balance, Model, Output, Parameter, Start, Unknown

SOLID, OCEAN, PILE = "solid_fraction", "ocean_logit", "pile_iron"
SHARPNESS, LEAST_MAGNESIUM = 4, 1e-3
STEP = 2.0  # of the ocean's logit in one Newton step


def composition(y):
    """X = Fe/(Fe + Mg) of its logit."""
    return 1 / (1 + sympy.exp(-y))


def richest(f, X_bulk):
    """Logit of a composition that hardly an ocean above a solid fraction f exceeds: all iron is in it, or nearly no magnesium.

    A smooth least of that of all iron and of 1 - LEAST_MAGNESIUM, shifted to the bulk's at f = 0.
    """

    def least(X):
        return sympy.log(X) - sympy.log((1 + X**SHARPNESS) ** sympy.Rational(1, SHARPNESS) - X + LEAST_MAGNESIUM * X)

    return least(X_bulk / (1 - f)) - least(X_bulk) + sympy.log(X_bulk / (1 - X_bulk))


def share(f, y, X_bulk):
    """0 to 1: the ocean's logit between those of the bulk and of the richest ocean; the second coordinate of the tables."""
    bulk = sympy.log(X_bulk / (1 - X_bulk))
    return (y - bulk) / (richest(f, X_bulk) - bulk)


def growing_pile(growth: str, rate: External | None = None, iron_rate: External | None = None) -> Model:
    """The model. growth: "net" or "gross", what the parameter `growth` [1/s] is the rate of.

    rate, iron_rate [1/s]: melt returned, as a share of the mantle, and its iron, as functions of solid fraction and
    `share`; None: nothing is returned. It starts on the way of fractional crystallisation at `first_solid_fraction`.
    """
    parameters = (
        Parameter("growth", 1e-13, "1/s", "rate of crystallisation"),
        Parameter("bulk_iron", 0.1, "1", "Fe/(Fe + Mg) of the whole mantle"),
        Parameter("exchange_coefficient", 0.3, "1", "(Fe/Mg of the crystals)/(Fe/Mg of the melt)"),
        Parameter("first_solid_fraction", 0.02, "1", "solid fraction at the start"),
    )
    u, X_bulk, KD, first = (p.symbol for p in parameters)
    unknowns = (
        Unknown(SOLID, guess=0.02, high=1 - 1e-9, long_name="fraction of the mantle that has crystallised"),
        Unknown(OCEAN, guess=-2.0, step=STEP, long_name="logit of Fe/(Fe + Mg) of the magma ocean"),
        Unknown(PILE, guess=0.03, long_name="mean Fe/(Fe + Mg) of the pile of cumulates"),
    )
    f, y, X_pile = (v.symbol for v in unknowns)
    X, X_crystals = composition(y), exchange(composition(y), KD)
    returned, iron = (0, 0) if rate is None else (rate(f, share(f, y, X_bulk)), iron_rate(f, share(f, y, X_bulk)))
    crystals = u + returned if growth == "net" else u
    gain = crystals * X_crystals - iron
    return Model(
        name="pile of cumulates",
        unknowns=unknowns,
        parameters=parameters,
        balances=(
            Balance("solid", f, crystals - returned),
            Balance("iron of the ocean", (1 - f) * X, -gain),
            Balance("iron of the pile", f * X_pile, gain),
        ),
        starts=(
            Start("solid fraction", f - first),
            Start("fractional crystallisation", ln_remaining_logit(y, sympy.log(X_bulk / (1 - X_bulk)), KD) - sympy.log(1 - f)),
            Start("iron in all", f * X_pile + (1 - f) * X - X_bulk),
        ),
        outputs=(Output("ocean_iron", X, "1", "Fe/(Fe + Mg) of the magma ocean"),),
    )
