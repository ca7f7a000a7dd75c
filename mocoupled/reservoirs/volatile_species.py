"""A volatile species and a reaction as the balances need them, and the unknown of each species."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import sympy

from ..closures.law_types import SymbolicLaw
from ..constants import BAR
from ..dae.declare.model import Unknown

# eps of the complementarity: the relative error of a pressure is about 3e-11, that of the activity 1e-14
GRAPHITE_WIDTH = 1e-7
# ln of 2e4 bar, where the tables of fugacity coefficients end
LARGEST_LN_PRESSURE = 9.9
LN_PRESSURE = Unknown(
    "ln_P", "1", guess=2.0, step=5.0, high=LARGEST_LN_PRESSURE, long_name="ln of the surface pressure in bar"
)


@dataclass(frozen=True)
class Volatile:
    """One species: its composition, and how it dissolves and deviates from an ideal gas.

    composition: atoms of each element.
    molar_mass [kg/mol].
    solubility: law of the mass fraction in the melt, None for a species that does not dissolve.
    partition_coefficient: mass fraction in the solid over that in the melt.
    condensed: whether it is a pure condensate (graphite, liquid water) instead of a gas.
    ln_phi: ln of the fugacity coefficient, a function of the symbols T [K] and ln(P/Pa); None for an ideal
    gas.
    volume [m3/mol]: of a condensate whose activity depends on pressure, else 0.
    ln_fugacity: ln(f/bar) of a gas whose fugacity is imposed from outside. Such a gas has a pressure and no
    balance.
    formation: of a gas that forms from oxides of the melt, O2 and gases with a balance (see melt_gases.py):
    it has no balance either.
    """

    name: str
    composition: Mapping[str, int | Fraction]
    molar_mass: float
    solubility: SymbolicLaw | None = None
    partition_coefficient: float = 0.0
    condensed: bool = False
    ln_phi: Callable[[sympy.Expr, sympy.Expr], sympy.Expr] | None = None
    volume: float = 0.0
    ln_fugacity: sympy.Expr | None = None
    formation: MeltReaction | None = None

    @property
    def counted(self) -> Mapping[str, int | Fraction]:
        """Atoms of each element in the budgets: without those that oxides of the melt supply."""
        return self.composition if self.formation is None else self.formation.counted

    @property
    def has_balance(self) -> bool:
        """Whether its amount has a balance."""
        return self.ln_fugacity is None and self.formation is None


@dataclass(frozen=True)
class Reaction:
    """A reaction among the species and O2.

    stoichiometry: species -> coefficient, negative for reactants; ln_K: of T, fugacities in bar.
    """

    text: str
    stoichiometry: Mapping[str, sympy.Rational]
    ln_K: sympy.Expr


@dataclass(frozen=True)
class MeltReaction:
    """The formation of a mole of a gas from oxides of the melt, O2 and gases with a balance.

    counted: atoms of each element in a mole of the gas, less those of the oxides in it. Of oxygen it is
    negative where the oxides bring more than the gas has: Si from SiO2 has -2.
    """

    reaction: Reaction
    counted: Mapping[str, int | Fraction]


@dataclass(frozen=True)
class PhaseState:
    """The state of a species in symbols.

    unknown: None for a gas whose fugacity is imposed.
    activity: ln of p/bar for a gas, ln of the activity for a condensate.
    moles: of a condensate.
    """

    unknown: Unknown | None
    activity: sympy.Expr
    moles: sympy.Expr = sympy.S.Zero


def phase_state(v: Volatile, moles: Mapping[str, sympy.Symbol]) -> PhaseState:
    """The unknown of a species and what follows from it. moles: element -> symbol of its amount."""
    if not v.condensed:
        unknown = Unknown(
            f"ln_p[{v.name}]", "1", guess=0.0, step=5.0, long_name=f"ln of {v.name} pressure in bar"
        )
        return PhaseState(unknown, unknown.symbol)
    unknown = Unknown(
        f"s[{v.name}]",
        "1",
        guess=-2.0,
        step=5.0,
        kink=0.0,
        high=1.0,
        long_name=f"complementarity variable of {v.name}",
    )
    s = unknown.symbol
    r = sympy.sqrt(s**2 + 4 * GRAPHITE_WIDTH**2)
    return PhaseState(unknown, -(r - s) / 2, _largest_condensate(v, moles) * (r + s) / 2)


def imposed_state(v: Volatile, temperature: sympy.Expr) -> PhaseState:
    """The state of a gas with an imposed fugacity: its pressure is that over the fugacity coefficient."""
    if v.ln_fugacity is None:
        raise ValueError(f"the fugacity of {v.name} is not imposed")
    ln_phi = 0 if v.ln_phi is None else v.ln_phi(temperature, LN_PRESSURE.symbol + sympy.log(BAR))
    return PhaseState(None, v.ln_fugacity - ln_phi)


def _largest_condensate(v: Volatile, moles: Mapping[str, sympy.Symbol]) -> sympy.Expr:
    """A smooth bound on the moles of a condensate.

    It is exact for a condensate of one element, else too large by at most the number of its elements.
    """
    shares = [count / moles[e] for e, count in v.composition.items() if e in moles]
    return len(shares) / sympy.Add(*shares)


def largest_moles(v: Volatile, moles: Mapping[str, sympy.Symbol]) -> sympy.Expr:
    """Moles of the species if it contained all of its scarcest element: the scale of its balance."""
    return sympy.Min(*(moles[e] / count for e, count in v.composition.items() if e in moles))


def affinity(reaction: Reaction, activity: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """ln Q - ln K of a reaction, from the ln of the activities of its species."""
    return sympy.Add(*(c * activity[s] for s, c in reaction.stoichiometry.items())) - reaction.ln_K
