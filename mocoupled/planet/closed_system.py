"""Gas and condensates of a mechanism without a planet: a closed system, and standard potentials."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import sympy

from ..chemistry.components import independent
from ..chemistry.equilibrium_constants import molar_mass
from ..chemistry.free_energies import gibbs_RT
from ..chemistry.records import Mechanism
from ..chemistry.stoichiometry import reactions
from ..closures.saturation import ln_condensation_fugacity
from ..dae.declare.model import Model
from ..dae.leaves.external import numeric
from ..reservoirs.closed_system import declare_closed_system
from ..reservoirs.volatile_species import Volatile
from .species_declarations import (
    WATER,
    coefficient_watches,
    declared,
    fugacity_coefficient,
    liquid_water,
    oxygen_reaction,
)


def assemble_closed_system(
    mechanism: Mechanism,
    species: Sequence[str],
    elements: Sequence[str],
    source: str,
    fugacity: str = "ideal",
) -> Model:
    """Gas and condensates of a mechanism with prescribed elements, at prescribed temperature and pressure.

    species: of the mechanism; "H2O(l)", which is in no mechanism, may be among them.
    source: data set of ln K; fugacity: law of the fugacity coefficients.
    """
    T = sympy.Symbol("temperature", real=True)
    of_mechanism = [s for s in species if s != WATER]
    atoms = np.array(
        [[mechanism.species[s].composition.get(e, 0) for s in of_mechanism] for e in elements], dtype=float
    )
    formed = reactions(mechanism, of_mechanism, buffered=None)
    declarations = [declared(mechanism, r, T, source) for r in formed]
    volatiles = [
        Volatile(
            s,
            mechanism.species[s].composition,
            molar_mass(mechanism, s, source),
            condensed=mechanism.species[s].phase != "gas",
            ln_phi=fugacity_coefficient(mechanism, s, fugacity, of_mechanism),
        )
        for s in of_mechanism
    ]
    if WATER in species:
        liquid, condensation = liquid_water(next(v for v in volatiles if v.name == "H2O"), T)
        volatiles.append(liquid)
        declarations.append(condensation)
    balances = [elements[k] for k in independent(atoms)]
    oxygen = oxygen_reaction(mechanism, of_mechanism, source, T)
    model = declare_closed_system(volatiles, declarations, elements, T, balances, oxygen)
    pressure = next(p.symbol for p in model.parameters if p.name == "pressure")
    return replace(model, watches=tuple(coefficient_watches(fugacity, volatiles, T, pressure)))


def standard_potentials(
    mechanism: Mechanism, species: Sequence[str], fugacity: str
) -> Callable[..., Sequence[float]]:
    """mu/RT of the species as a function of T [K] and P [Pa], numbers or arrays.

    It comes from the same expressions as the equations.
    For a condensate it is that at 1 bar. For a gas it includes ln phi, so that the partial pressure takes
    the place of the fugacity.
    """
    T, P = sympy.symbols("temperature pressure", positive=True)

    def potential(name: str) -> sympy.Expr:
        if name == WATER:
            steam = fugacity_coefficient(mechanism, "H2O", fugacity)
            return gibbs_RT(mechanism, "H2O", T) + ln_condensation_fugacity(T, steam)
        ln_phi = fugacity_coefficient(mechanism, name, fugacity)
        return gibbs_RT(mechanism, name, T) + (0 if ln_phi is None else ln_phi(T, sympy.log(P)))

    return numeric([T, P], [potential(s) for s in species])
