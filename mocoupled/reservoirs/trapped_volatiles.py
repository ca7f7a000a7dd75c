"""Volatiles in melt that is trapped among settling crystals, and returned when the pile melts again."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from ..dae.declare.model import Balance, Model, Start, Unknown
from .volatile_species import Volatile

# 1/s; it keeps a quotient of two rates defined where both are 0
LEAST_RATE = 1e-30


@dataclass(frozen=True)
class Trapping:
    """Melt that is trapped in a pile of crystals, and returned when the pile melts.

    share: of melt in what settles.
    melt_rate [kg/s]: symbol of the rate at which the mass of melt changes.
    returned [kg/s]: melt that the pile returns, and that crystallises again.
    melt [1/s]: the same melt as a share of the pile.
    source [1/s]: the rock from which that melt comes, as a share of the pile.
    """

    share: float
    melt_rate: sympy.Symbol
    returned: sympy.Expr = sympy.S.Zero
    melt: sympy.Expr = sympy.S.Zero
    source: sympy.Expr = sympy.S.Zero

    def release(self, partition_coefficient: float) -> sympy.Expr:
        """The share of a volatile in the pile that is lost each second [1/s].

        The rock that melts does so by batch melting: the concentration in its melt is 1/(D + (1 - D) F)
        times that in the rock, with F = melt/source (Shaw 1970).
        """
        D = partition_coefficient
        if D == 0:
            return self.source
        return self.source * self.melt / (D * self.source + (1 - D) * self.melt + LEAST_RATE)


def trapped(
    v: Volatile, dissolved: sympy.Expr, trapping: Trapping, scale: sympy.Expr
) -> tuple[sympy.Expr, Model]:
    """The mass of a species in the pile [kg], and the part of the model that declares it.

    dissolved: its mass fraction in the melt; scale [kg]: the size of its balance.
    The trapped mass stays in the balance of the species, so that only one quantity is integrated for what
    moves between melt and pile.
    """
    unknown = Unknown(
        f"trapped[{v.name}]", "1", follows=True, long_name=f"{v.name} trapped among the cumulates, scaled"
    )
    mass = unknown.symbol * scale
    gain = dissolved * trapping.share * trapping.returned - mass * trapping.release(v.partition_coefficient)
    carried = -dissolved * trapping.share * trapping.melt_rate
    return mass, Model(
        unknowns=(unknown,),
        balances=(
            Balance(v.name, storage=mass),
            Balance(f"trapped {v.name}", mass, gain, scale, "kg", carried),
        ),
        starts=(Start(f"nothing trapped of {v.name}", unknown.symbol),),
    )
