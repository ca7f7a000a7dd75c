"""The door to NASA's CEA (package `cea`): a closed system's gases and condensates by another program and its data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from importlib import metadata

import numpy as np

from ..constants import BAR
from .answers import Answer
from .factsage import composition

GRAPHITE = "C(gr)"
# what CEA takes the elements from; at given temperature their heat does not matter
_REACTANTS = {"H": ("H2", 2), "O": ("O2", 2), "C": (GRAPHITE, 1), "N": ("N2", 2), "S": ("S2", 2)}
_REACTANTS |= {gas: (gas, 1) for gas in ("He", "Ne", "Ar")}
_NAMES = {
    "HCHO,formaldehy": "CH2O",
    "C2H2,acetylene": "C2H2",
    "C3H3,2-propynl": "C3H3",
    "C3H4,propyne": "C3H4",
    "C4H2,butadiyne": "C4H2",
}


def by_cea(temperature: float, pressure: float, moles: Mapping[str, float]) -> Answer:
    """CEA's partial pressures [Pa] and condensates [mol] at a temperature [K] and pressure [Pa] of element -> mol.

    All its species of the elements. An Answer whose `silent` says why there is none: not installed, an element without
    a reactant, or no convergence.
    """
    try:
        import cea
    except ImportError:
        return Answer({}, {}, "", "not installed: pip install 'mocoupled[cea]'")
    amounts = {e: n for e, n in moles.items() if n > 0}
    lacking = [e for e in amounts if e not in _REACTANTS]
    if lacking:
        return Answer({}, {}, "", f"not computed: no reactant for {', '.join(lacking)}")
    reactants_of = [_REACTANTS[e][0] for e in amounts]
    total = math.fsum(amounts.values())
    try:
        reactants, products = (
            cea.Mixture(reactants_of),
            cea.Mixture(reactants_of, products_from_reactants=True),
        )
        solver = cea.EqSolver(products, reactants=reactants, trace=1e-25)
        solution = cea.EqSolution(solver)
        weights = reactants.moles_to_weights(
            np.array([n / _REACTANTS[e][1] / total for e, n in amounts.items()])
        )
        solver.solve(solution, cea.TP, temperature, pressure / BAR, weights)
        converged, result = bool(solution.converged), np.array(solution.nj, dtype=float)
        species, gases = list(products.species_names), int(solver.num_gas)
    except (ValueError, TypeError, RuntimeError, AttributeError) as error:  # of a package that is not ours
        return Answer({}, {}, "", f"no result: {type(error).__name__}: {error}".splitlines()[0])
    if not converged or not np.isfinite(result).all() or not result[:gases].sum() > 0:
        return Answer({}, {}, "", "it did not converge")
    share = result / result[:gases].sum()
    names = _names(species[:gases])
    pressures = {names[s]: float(x) * pressure for s, x in zip(species[:gases], share)}
    atoms = math.fsum(
        n * math.fsum((composition(s) or {}).values())
        for s, n in zip(species, result)
        if n > 1e-12 * result.sum()
    )
    condensates = {
        s: float(n) / atoms * total for s, n in zip(species[gases:], result[gases:]) if n > 0 or s == GRAPHITE
    }
    return Answer(
        pressures, condensates, f"{gases} gases and the condensates of NASA CEA {metadata.version('cea')}"
    )


def _names(gases: Sequence[str]) -> dict[str, str]:
    """CEA's names of gases as ours: without the isomer ("CH3CHO,ethanal") where there is but one, and those of _NAMES."""
    found = {}
    for name in gases:
        formula = name.partition(",")[0]
        alone = [n for n in gases if n.partition(",")[0] == formula] == [name]
        found[name] = _NAMES.get(name, formula if alone else name)
    return found
