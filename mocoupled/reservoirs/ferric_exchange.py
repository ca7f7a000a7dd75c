"""Ferric iron of a cell, or of an ocean, with melt and crystals: how both share it.

f = Fe3+/(Fe + Mg) is that of all that is in a cell. With X_l and X_s the Fe/(Fe + Mg) of melt and crystals,
phi the melt fraction, s and s_s the ferric shares Fe3+/Fe of melt and crystals, and K the Fe3+/Fe2+ of the
crystals over that of the melt,

    f = a s + b s_s,    a = phi X_l,    b = (1 - phi) X_s,    s_s = K s/(1 - s + K s),

so that s is a root of a quadratic equation,

    s = 2 f/(B + sqrt(B^2 - 4 a (1 - K) f)),    B = a + b K + f (1 - K).
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from ..closures.iron_magnesium import exchange


@dataclass(frozen=True)
class Ferric:
    """What a case specifies of ferric iron in the cells of a column.

    partition: K, above 0. share: Fe3+/Fe of all melt and crystals at the start.
    """

    partition: float
    share: float


def share_of_melt(a: sympy.Expr, b: sympy.Expr, ferric: sympy.Expr, K: float) -> sympy.Expr:
    """s of melt beside crystals. a, b: Fe/(Fe + Mg) of melt and of crystals times their shares; ferric: f."""
    B = a + b * K + ferric * (1 - K)
    return 2 * ferric / (B + sympy.sqrt(B**2 - 4 * a * (1 - K) * ferric))


@dataclass(frozen=True)
class IronOfPhases:
    """Fe/(Fe + Mg) of melt and crystals, and the melt fraction of the cell by which they are weighted."""

    melt: sympy.Expr
    crystals: sympy.Expr
    melt_fraction: sympy.Expr

    def ferric_share(self, ferric: sympy.Expr, K: float) -> sympy.Expr:
        """s of the melt of a cell. ferric: f."""
        return share_of_melt(
            self.melt_fraction * self.melt, (1 - self.melt_fraction) * self.crystals, ferric, K
        )

    def ferric_of(self, share: sympy.Expr, K: float) -> sympy.Expr:
        """f of a cell whose melt has the ferric share s: the inverse of `ferric_share`."""
        a, b = self.melt_fraction * self.melt, (1 - self.melt_fraction) * self.crystals
        return a * share + b * exchange(share, K)


@dataclass(frozen=True)
class FerricOcean:
    """What the balance of oxygen sees of a magma ocean of one composition above its pile.

    phases: melt of the ocean and crystals in equilibrium with it; the melt fraction is that of the mantle.
    bulk_iron: Fe/(Fe + Mg) of the mantle. partition: K, from 0.
    pile: Fe3+/(Fe + Mg) of the pile times its share of the mantle; None where the crystals stay in the melt.
    """

    phases: IronOfPhases
    bulk_iron: float
    partition: float
    pile: sympy.Symbol | None = None

    def ferric_of(self, share: sympy.Expr) -> sympy.Expr:
        """Fe3+/(Fe + Mg) of the whole mantle, below melt with this ferric share."""
        if self.pile is None:
            return self.phases.ferric_of(share, self.partition)
        return self.phases.melt_fraction * self.phases.melt * share + self.pile


@dataclass(frozen=True)
class FerricColumn:
    """What the balance of oxygen sees of the column.

    phases: of the uppermost cell. ferric: f of it. total [kg]: f times mass of all cells.
    iron [kg]: c times mass of all cells. bulk_iron: c of the mantle.
    transfer [kg/s]: A rho kappa/h. settings: partition and start.
    """

    phases: IronOfPhases
    ferric: sympy.Expr
    total: sympy.Expr
    iron: sympy.Expr
    bulk_iron: float
    transfer: sympy.Expr
    settings: Ferric

    @property
    def share(self) -> sympy.Expr:
        """Fe3+ over all iron of the melt of the uppermost cell."""
        return self.phases.ferric_share(self.ferric, self.settings.partition)

    def inflow(self, share: sympy.Expr) -> sympy.Expr:
        """J [kg/s] from a gas with which melt of this ferric share is in equilibrium."""
        return self.transfer * (self.phases.ferric_of(share, self.settings.partition) - self.ferric)
