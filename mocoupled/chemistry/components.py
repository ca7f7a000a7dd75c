"""Equilibrium of a closed system by balances of its main species, its components.

It is for elements that are almost entirely in few species.
Example: H:O = 2:1 at 500 K is H2O with 1e-15 of H2 and O2. In the balances of H and O these traces are lost
in rounding. In the components H2O and O2 the second balance is n(O2) = n(H2)/2, exactly.
It is slow (milliseconds a point): it is for points that the balances of the elements do not determine.
It solves one system at a time; the amounts of the elements add up to about 1.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np

from .component_balances import EXACT, Components, Mixture, System, newton
from .potentials import Path, largest_amounts, path

# Number of condensates up to which every set is tried; number of sets that are tried at most.
FEW, MOST = 6, 400


def equilibrium(
    gas: np.ndarray,
    condensed: np.ndarray,
    amounts: np.ndarray,
    gas_potentials: np.ndarray,
    condensed_potentials: np.ndarray,
    ln_P: float,
) -> Mixture | None:
    """The equilibrium of a closed system, or None where none results.

    gas (element, species), condensed (element, condensate): atoms.
    amounts: mol of each element, > 0, for the charge of any sign or 0.
    potentials: mu/RT such that ln(p/bar) of a gas is the sum of its atoms' potentials less its mu/RT.
    ln_P: ln of the pressure in bar. Elements that the species contain in one fixed ratio count once.
    """
    gas, condensed, amounts = (np.asarray(a, dtype=float) for a in (gas, condensed, amounts))
    rows = independent(np.hstack([gas, condensed]))
    system = System(gas[rows], condensed[rows], amounts[rows], gas_potentials, condensed_potentials, ln_P)
    begin = path(system.gas, system.condensed, system.amounts, gas_potentials + ln_P, condensed_potentials)
    if begin is None:
        return None
    for strict in (True, False):
        for present in _sets(begin, system):
            mixture = _with(present, system, strict, begin)
            if mixture is not None:
                potentials = np.zeros(len(amounts))
                potentials[rows] = mixture.potentials
                return replace(mixture, potentials=potentials)
    return None


def independent(columns: np.ndarray) -> list[int]:
    """The rows of a matrix that are no combination of the rows before them."""
    rows: list[int] = []
    for row in range(len(columns)):
        if np.linalg.matrix_rank(columns[[*rows, row]]) > len(rows):
            rows.append(row)
    return rows


def _sets(begin: Path, system: System) -> list[list[int]]:
    """Sets of condensates that may be those present, the likely ones first.

    These are the set at the end of the path, those that differ from it by one or two, and the others by their
    number.
    """
    count = system.condensed.shape[1]
    share = begin.condensed / largest_amounts(system.condensed, system.amounts)
    likely = frozenset(np.flatnonzero(share > begin.slack).tolist())
    by_doubt = sorted(range(count), key=lambda k: abs(np.log(share[k] / begin.slack[k])))
    sets = dict.fromkeys([likely, *(likely ^ {k} for k in by_doubt)])
    sets |= dict.fromkeys(likely ^ {*pair} for pair in combinations(by_doubt, 2))
    if count <= FEW:
        for size in range(count + 1):
            sets |= dict.fromkeys(map(frozenset, combinations(range(count), size)))
    return [sorted(members) for members in list(sets)[:MOST] if len(members) <= len(system.amounts)]


def _with(present: list[int], system: System, strict: bool, begin: Path) -> Mixture | None:
    """The equilibrium with these condensates, or None if there is none.

    strict: not where a condensate that is left out could release species that nothing else balances
    (CO alone beside graphite: it makes CO2 and graphite).
    """
    columns, split = system.columns, system.split
    absent = [split + k for k in range(system.condensed.shape[1]) if k not in present]
    kept = np.ones(columns.shape[1], dtype=bool)
    kept[absent] = False
    while True:
        basis = _basis(system, kept, [split + k for k in present], begin)
        if basis is None:
            return None
        components = _components(system, basis, kept)
        gone = _unbalanced(components, split)
        if not len(gone):
            return _in_better_components(components, system, present, begin)
        kept[gone] = False
        rank = np.linalg.matrix_rank(columns[:, kept])
        if rank == len(system.amounts):
            continue
        # The elements of these species are tied to each other: take the balances that are left.
        inside = np.flatnonzero(kept)
        ranks = [np.linalg.matrix_rank(columns[:, [*inside, k]]) for k in absent]
        if strict and any(larger > rank for larger in ranks):
            return None
        return _tied(present, system, kept, begin)


def _components(system: System, basis: list[int], kept: np.ndarray) -> Components:
    """The balances of the components for this basis."""
    columns, amounts = system.columns, system.amounts
    shares = np.linalg.solve(columns[:, basis], columns)
    shares[np.abs(shares) < 1e-9] = 0.0
    inverse = np.linalg.inv(columns[:, basis])
    inverse[np.abs(inverse) < 1e-9] = 0.0
    terms, contents = np.abs(inverse) @ np.abs(amounts), inverse @ amounts
    # Each to its last digit, however small.
    for _ in range(2):
        contents = contents + inverse @ (amounts - columns[:, basis] @ contents)
    contents = np.where(np.abs(contents) < EXACT * terms, 0.0, contents)
    return Components(basis, shares[:, : system.split] * kept[: system.split], contents, kept)


def _unbalanced(components: Components, split: int) -> np.ndarray:
    """Gases that nothing could balance: they hold a component of which there is none with one sign only."""
    nu = components.nu
    barred = []
    for c, column in enumerate(components.basis):
        both_signs = (nu[c] > 0).any() and (nu[c] < 0).any()
        if components.amounts[c] == 0 and column < split and not both_signs:
            barred.append(c)
    return np.flatnonzero(np.any(nu[barred] != 0, axis=0)) if barred else np.array([], dtype=int)


def _tied(present: list[int], system: System, kept: np.ndarray, begin: Path) -> Mixture | None:
    """The equilibrium with fewer balances, since the species that are left do not span the elements."""
    split = system.split
    inside = np.flatnonzero(kept[:split])
    rows = independent(np.hstack([system.gas[:, inside], system.condensed[:, present]]))
    if not rows or not len(inside):
        return None
    smaller = System(
        system.gas[np.ix_(np.array(rows), inside)],
        system.condensed[np.ix_(np.array(rows), np.array(present, dtype=int))],
        system.amounts[rows],
        system.gas_potentials[inside],
        system.condensed_potentials[present],
        system.ln_P,
    )
    part = Path(begin.potentials[rows], begin.gas[inside], begin.condensed[present], begin.slack[present])
    mixture = _with(list(range(len(present))), smaller, False, part)
    if mixture is None:
        return None
    moles, solid = np.zeros(split), np.zeros(system.condensed.shape[1])
    moles[inside], solid[present] = mixture.gas, mixture.condensed
    potentials = np.zeros(len(system.amounts))
    potentials[rows] = mixture.potentials
    return Mixture(moles, solid, potentials, mixture.pressure_share)


def _basis(system: System, kept: np.ndarray, forced: list[int], begin: Path) -> list[int] | None:
    """As many independent species as elements: the condensates that are present, then those of most moles."""
    columns = system.columns
    inside = np.flatnonzero(kept)
    moles = np.append(begin.gas, begin.condensed)
    reduced = system.cost - begin.potentials @ columns
    chosen: list[int] = []
    for k in [*forced, *inside[np.lexsort((reduced[inside], -moles[inside]))].tolist()]:
        if k not in chosen and np.linalg.matrix_rank(columns[:, [*chosen, k]]) > len(chosen):
            chosen.append(k)
        if len(chosen) == len(columns):
            break
    return chosen if len(chosen) == len(columns) and set(forced) <= set(chosen) else None


def _in_better_components(
    components: Components, system: System, present: list[int], begin: Path
) -> Mixture | None:
    """The mixture by these components, or by those of most moles where these leave it to rounding.

    The path may end with a main species among its traces. The balances of other components then determine the
    traces with the last digits of large amounts: Newton solves them, but its steps do not settle.
    """
    for _ in range(len(system.columns)):
        result = newton(components, system, present, begin)
        if not isinstance(result, np.ndarray):
            return result
        gas = np.zeros(system.split)
        gas[np.flatnonzero(components.kept[: system.split])] = result
        begin = replace(begin, gas=gas)
        basis = _basis(system, components.kept, [system.split + k for k in present], begin)
        if basis is None or set(basis) == set(components.basis):
            return None
        components = _components(system, basis, components.kept)
        if len(_unbalanced(components, system.split)):
            return None
    return None
