"""The only door to NASA's CEA (package `cea`): gases and condensates of a closed system by its data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata

import numpy as np

from ..constants import BAR
from .answers import Answer
from .factsage import composition

GRAPHITE = "C(gr)"
# Element -> species that brings it into CEA, and its number of atoms. At a prescribed temperature its heat
# has no effect.
_REACTANTS = {"H": ("H2", 2), "O": ("O2", 2), "C": (GRAPHITE, 1), "N": ("N2", 2), "S": ("S2", 2)}
_REACTANTS |= {gas: (gas, 1) for gas in ("He", "Ne", "Ar")}
_NAMES = {
    "HCHO,formaldehy": "CH2O",
    "C2H2,acetylene": "C2H2",
    "C3H3,2-propynl": "C3H3",
    "C3H4,propyne": "C3H4",
    "C4H2,butadiyne": "C4H2",
}


@dataclass(frozen=True)
class _Solution:
    """Species by CEA's names, gases first, and their moles (n,) in its units; number of gases."""

    species: Sequence[str]
    moles: np.ndarray
    gases: int


def by_cea(temperature: float, pressure: float, moles: Mapping[str, float]) -> Answer:
    """CEA's partial pressures [Pa] and condensates [mol] at a temperature [K] and pressure [Pa] of element ->
    mol.

    All its species of the elements. An Answer whose `silent` says why there is none: not installed, an
    element without a reactant, or no convergence.
    """
    try:
        import cea  # noqa: F401  (whether it is installed)
    except ImportError:
        return Answer({}, {}, "", "not installed: pip install 'mocoupled[cea]'")
    amounts = {e: n for e, n in moles.items() if n > 0}
    lacking = [e for e in amounts if e not in _REACTANTS]
    if lacking:
        return Answer({}, {}, "", f"not computed: no reactant for {', '.join(lacking)}")
    try:
        solution = _solve(temperature, pressure, amounts)
    except (ValueError, TypeError, RuntimeError, AttributeError) as error:  # of another package
        return Answer({}, {}, "", f"no result: {type(error).__name__}: {error}".splitlines()[0])
    if solution is None:
        return Answer({}, {}, "", "it did not converge")
    species, result, gases = solution.species, solution.moles, solution.gases
    share = result / result[:gases].sum()
    names = _names(species[:gases])
    pressures = {names[s]: float(x) * pressure for s, x in zip(species[:gases], share)}
    atoms = math.fsum(
        n * math.fsum((composition(s) or {}).values())
        for s, n in zip(species, result)
        if n > 1e-12 * result.sum()
    )
    total = math.fsum(amounts.values())
    condensates = {
        s: float(n) / atoms * total for s, n in zip(species[gases:], result[gases:]) if n > 0 or s == GRAPHITE
    }
    what = f"{gases} gases and the condensates of NASA CEA {metadata.version('cea')}"
    return Answer(pressures, condensates, what)


def _solve(temperature: float, pressure: float, amounts: Mapping[str, float]) -> _Solution | None:
    """CEA's equilibrium; None where it did not converge. amounts: element -> mol, all above zero."""
    import cea

    reactant_names = [_REACTANTS[e][0] for e in amounts]
    total = math.fsum(amounts.values())
    reactants = cea.Mixture(reactant_names)
    products = cea.Mixture(reactant_names, products_from_reactants=True)
    solver = cea.EqSolver(products, reactants=reactants, trace=1e-25)
    solution = cea.EqSolution(solver)
    shares = np.array([n / _REACTANTS[e][1] / total for e, n in amounts.items()])
    weights = reactants.moles_to_weights(shares)
    solver.solve(solution, cea.TP, temperature, pressure / BAR, weights)
    moles, gases = np.array(solution.nj, dtype=float), int(solver.num_gas)
    converged = bool(solution.converged) and bool(np.isfinite(moles).all())
    if not converged or not moles[:gases].sum() > 0:
        return None
    return _Solution(list(products.species_names), moles, gases)


def _names(gases: Sequence[str]) -> dict[str, str]:
    """CEA's names of gases -> ours: those of _NAMES, and formulas where there is a single isomer
    ("CH3CHO,ethanal")."""
    names = {}
    for name in gases:
        formula = name.partition(",")[0]
        isomers = [n for n in gases if n.partition(",")[0] == formula]
        names[name] = _NAMES.get(name, formula if isomers == [name] else name)
    return names
