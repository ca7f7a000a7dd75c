"""Mixtures of real gases in the equations: interaction parameters of `thermo`, and ln phi of each gas.

`thermo` has ChemSep's parameters for Peng and Robinson. For Soave's equation it has none: they are 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import sympy

from ..closures.fugacity import CAS, covers
from ..constants import BAR
from ..dae.leaves.external import External
from .gas_mixtures import Mixture, is_mixture, pure_law
from .real_gases import critical_point, real_gas

TABLES = {"PengRobinson1976-mixture": "ChemSep PR"}


@lru_cache(maxsize=64)
def interaction_parameters(law: str, gases: tuple[str, ...]) -> dict[tuple[str, str], float | None]:
    """k_ij of every pair of gases, by the tables of `thermo`; None for an unknown pair, taken as 0."""
    from thermo.interaction_parameters import IPDB

    known: dict[tuple[str, str], float | None] = {}
    for pair in combinations(gases, 2):
        numbers = [CAS[name] for name in pair]
        table = TABLES.get(law)
        there = table is not None and IPDB.has_ip_specific(table, numbers, "kij")
        known[pair] = float(IPDB.get_ip_specific(table, numbers, "kij")) if there else None
    return known


@lru_cache(maxsize=64)
def mixture_of(law: str, species: tuple[str, ...]) -> Mixture:
    """The mixture of those of the species that have a critical point, in their order."""
    gases = tuple(name for name in species if name in CAS and covers(law, name))
    parameters = {pair: k for pair, k in interaction_parameters(law, gases).items() if k is not None}
    return Mixture(law, tuple(critical_point(name) for name in gases), parameters)


@dataclass(frozen=True)
class MixtureCoefficient:
    """ln phi of one gas of a mixture as a function of T [K] and ln(P/Pa).

    The composition is that of the unknown pressures.

    pure: ln phi of the pure gas, for its saturation.
    """

    mixture: Mixture
    name: str
    pure: External

    def __call__(self, T: sympy.Expr, ln_P: sympy.Expr) -> sympy.Expr:
        names = [gas.name for gas in self.mixture.gases]
        return _ln_phi(self.mixture.law, tuple(names), T, ln_P)[names.index(self.name)]


@lru_cache(maxsize=64)
def _ln_phi(law: str, names: tuple[str, ...], T: sympy.Expr, ln_P: sympy.Expr) -> list[sympy.Expr]:
    """ln phi of all gases, from the unknowns ln(p/bar) of a declared gas."""
    ln_bar = ln_P - sympy.log(BAR)
    shares = [sympy.exp(sympy.Symbol(f"ln_p[{name}]", real=True) - ln_bar) for name in names]
    total = sympy.Add(*shares)
    x = [share / total for share in shares]
    return mixture_of(law, names).ln_phi(T, sympy.exp(ln_P), x)


def mixture_coefficient(law: str, species: str, gases: Sequence[str]) -> MixtureCoefficient | None:
    """ln phi of a gas in the mixture of `gases`, whose pressures are unknowns; None for an ideal gas."""
    mixture = mixture_of(law, tuple(gases))
    pure = real_gas(pure_law(law), species)
    if pure is None or not mixture.gases:
        return None
    if all(gas.name != species for gas in mixture.gases):
        return None
    return MixtureCoefficient(mixture, species, pure)


def recorded_parameters(law: str, gases: Sequence[str]) -> Mapping[str, float | str]:
    """ "H2-CO2" -> k_ij for a result, with a word for the pairs that are taken as 0; empty for other laws."""
    if not is_mixture(law):
        return {}
    names = tuple(gas.name for gas in mixture_of(law, tuple(gases)).gases)
    known = interaction_parameters(law, names)
    return {"-".join(pair): ("0: unknown" if k is None else k) for pair, k in known.items()}
