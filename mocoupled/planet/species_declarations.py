"""Species and reactions of a mechanism as the reservoirs need them, with liquid water and real gases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sympy

from ..chemistry.equilibrium_constants import ln_K
from ..chemistry.gas_mixtures import is_mixture, pure_law
from ..chemistry.real_gases import critical_point, real_gas
from ..chemistry.real_mixtures import MixtureCoefficient, mixture_coefficient
from ..chemistry.records import Mechanism
from ..chemistry.records import Reaction as ChemicalReaction
from ..chemistry.stoichiometry import BASIS_PRIORITY, reactions
from ..closures.fugacity import valid_range
from ..closures.registry import find
from ..closures.saturation import ln_condensation_fugacity
from ..dae.declare.model import Watch
from ..dae.leaves.external import External
from ..reservoirs.volatile_species import Reaction, Volatile

WATER = "H2O(l)"


def declared(mechanism: Mechanism, reaction: ChemicalReaction, T: sympy.Expr, source: str) -> Reaction:
    """A reaction with ln K as an expression in T [K]; source: data set of ln K."""
    stoichiometry = {s: sympy.Rational(c.numerator, c.denominator) for s, c in reaction.stoichiometry}
    return Reaction(reaction.text, stoichiometry, ln_K(mechanism, reaction, T, source))


def fugacity_coefficient(
    mechanism: Mechanism, species: str, law: str, mixed: Sequence[str] = ()
) -> External | MixtureCoefficient | None:
    """ln phi of a gas by a law, of T [K] and ln(P/Pa).

    None for a condensate, and for a gas that is taken as ideal.
    mixed: the gases with unknown pressures, which a law of mixtures mixes; without them the gas is pure.
    """
    if mechanism.species[species].phase != "gas":
        return None
    if is_mixture(law) and mixed:
        gases = [name for name in mixed if mechanism.species[name].phase == "gas"]
        return mixture_coefficient(law, species, gases)
    return real_gas(pure_law(law), species)


def liquid_water(steam: Volatile, T: sympy.Expr) -> tuple[Volatile, Reaction]:
    """Liquid water as a condensate, and its condensation from the steam."""
    liquid = Volatile(WATER, steam.composition, steam.molar_mass, condensed=True)
    pure = steam.ln_phi.pure if isinstance(steam.ln_phi, MixtureCoefficient) else steam.ln_phi
    ln_f = ln_condensation_fugacity(T, pure)
    stoichiometry = {"H2O": sympy.Integer(-1), WATER: sympy.Integer(1)}
    return liquid, Reaction(f"H2O = {WATER}", stoichiometry, -ln_f)


def oxygen_reaction(
    mechanism: Mechanism, species: Sequence[str], source: str, T: sympy.Expr
) -> Reaction | None:
    """The reaction that makes O2 of these species.

    None where it is among them, or they or the data do not allow it.
    """
    if "O2" in species or "O2" not in mechanism.species:
        return None
    if not any("O" in mechanism.species[s].composition for s in species):
        return None
    basis = [s for s in BASIS_PRIORITY if s != "O2"]
    for reaction in reactions(mechanism, [*species, "O2"], None, basis):
        if reaction.stoichiometry[-1][0] == "O2":
            return declared(mechanism, reaction, T, source)
    return None


def coefficient_watches(
    law: str, species: Sequence[Volatile], T: sympy.Expr, P: sympy.Expr
) -> Iterator[Watch]:
    """The ranges of the law of the fugacity coefficients for each of its gases. T [K], P [Pa]."""
    symbols, units = {"T": T, "P": P}, {"T": "K", "P": "Pa"}
    for v in species:
        if v.ln_phi is None:
            continue
        reference = find("fugacity", law).reference
        label = f"fugacity coefficient of {v.name}: {law}"
        for argument, (low, high) in valid_range(law, critical_point(v.name)).items():
            yield Watch(label, argument, symbols[argument], low, high, units[argument], reference)
