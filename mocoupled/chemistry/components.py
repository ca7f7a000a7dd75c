"""Equilibrium of a closed system by balances of its main species, its components.

It is for elements that are almost entirely in few species.
Example: H:O = 2:1 at 500 K is H2O with 1e-15 of H2 and O2. In the balances of H and O these traces are lost
in rounding. In the components H2O and O2 the second balance is n(O2) = n(H2)/2, exactly.
It is slow (milliseconds a point): it is for points that the balances of the elements do not determine.
It solves one system at a time; the amounts of the elements add up to about 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from .potentials import Path, largest_amounts, path

# Of the terms of a component's amount, below which it is taken for zero.
EXACT = 1e-14
# Mole fractions at which the search begins for components of which there is a trace.
FILL = (1e-10, 1e-25, 1e-3, 1e-50)
# Step in ln of an amount.
LONGEST = 5.0
# Number of condensates up to which every set is tried; number of sets that are tried at most.
FEW, MOST = 6, 400
# ln of an amount that is zero in floating point.
GONE = -745.0


@dataclass(frozen=True)
class Mixture:
    """An equilibrium.

    gas: mol of each gas. condensed: mol of each condensate. potentials: of the elements, over RT.
    pressure_share: sum of the gases' pressures over the prescribed one, below 1 only where no gas is left.
    """

    gas: np.ndarray
    condensed: np.ndarray
    potentials: np.ndarray
    pressure_share: float = 1.0


@dataclass(frozen=True)
class _System:
    """A closed system, as in the arguments of `equilibrium`."""

    gas: np.ndarray
    condensed: np.ndarray
    amounts: np.ndarray
    gas_potentials: np.ndarray
    condensed_potentials: np.ndarray
    ln_P: float

    @cached_property
    def columns(self) -> np.ndarray:
        """Atoms (element, gas then condensate)."""
        return np.hstack([self.gas, self.condensed])

    @cached_property
    def cost(self) -> np.ndarray:
        """mu/RT of gases at the total pressure, then of condensates."""
        return np.concatenate([self.gas_potentials + self.ln_P, self.condensed_potentials])

    @property
    def split(self) -> int:
        """Number of gases."""
        return self.gas.shape[1]


@dataclass(frozen=True)
class _Components:
    """The balances of the components.

    basis: column of the species that each component is. nu: moles of each component in a mole of each gas.
    amounts: mol of each component. kept: which species take part.
    """

    basis: list[int]
    nu: np.ndarray
    amounts: np.ndarray
    kept: np.ndarray


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
    system = _System(gas[rows], condensed[rows], amounts[rows], gas_potentials, condensed_potentials, ln_P)
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


def _sets(begin: Path, system: _System) -> list[list[int]]:
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


def _with(present: list[int], system: _System, strict: bool, begin: Path) -> Mixture | None:
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
            return _newton(components, system, present, begin)
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


def _components(system: _System, basis: list[int], kept: np.ndarray) -> _Components:
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
    return _Components(basis, shares[:, : system.split] * kept[: system.split], contents, kept)


def _unbalanced(components: _Components, split: int) -> np.ndarray:
    """Gases that nothing could balance: they hold a component of which there is none with one sign only."""
    nu = components.nu
    barred = []
    for c, column in enumerate(components.basis):
        both_signs = (nu[c] > 0).any() and (nu[c] < 0).any()
        if components.amounts[c] == 0 and column < split and not both_signs:
            barred.append(c)
    return np.flatnonzero(np.any(nu[barred] != 0, axis=0)) if barred else np.array([], dtype=int)


def _tied(present: list[int], system: _System, kept: np.ndarray, begin: Path) -> Mixture | None:
    """The equilibrium with fewer balances, since the species that are left do not span the elements."""
    split = system.split
    inside = np.flatnonzero(kept[:split])
    rows = independent(np.hstack([system.gas[:, inside], system.condensed[:, present]]))
    if not rows or not len(inside):
        return None
    smaller = _System(
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


def _basis(system: _System, kept: np.ndarray, forced: list[int], begin: Path) -> list[int] | None:
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


# ---- Newton


@dataclass(frozen=True)
class _State:
    """Residuals and Jacobian of the balances at some unknowns; moles and pressures [bar] of the gases."""

    F: np.ndarray
    J: np.ndarray
    moles: np.ndarray
    pressures: np.ndarray

    @property
    def finite(self) -> bool:
        """Whether Newton can take a step from here."""
        return bool(np.isfinite(self.F).all() and np.isfinite(self.J).all())


class _Balances:
    """The logarithms of the components' balances as functions of x.

    x: the elements' potentials, then ln of the gas's amount.

    The latter is no unknown where the gas need not hold anything (`free`): then its amount is open.
    """

    def __init__(self, components: _Components, system: _System) -> None:
        basis, split = components.basis, system.split
        self.solid = [c for c, k in enumerate(basis) if k >= split]
        rows = [c for c, k in enumerate(basis) if k < split]
        inside = np.flatnonzero(components.kept[:split])
        amounts = components.amounts[rows]
        self.size, self.ln_P = len(basis), system.ln_P
        self.gas = system.columns[:, inside]
        self.potentials = system.cost[:split][inside] - system.ln_P
        self.nu = components.nu[:, inside]
        self.up, self.down = np.maximum(self.nu[rows], 0.0), np.maximum(-self.nu[rows], 0.0)
        self.floor, self.ceiling = np.maximum(-amounts, 0.0), np.maximum(amounts, 0.0)
        self.free = not (amounts != 0).any()
        pure = [basis[c] for c in self.solid]
        self.pure, self.pure_cost = system.columns[:, pure].T, system.cost[pure]

    def at(self, x: np.ndarray) -> _State:
        """The state at the unknowns x."""
        size = self.size
        ln_p = x[:size] @ self.gas - self.potentials
        ln_n = np.maximum(ln_p + (0.0 if self.free else x[size] - self.ln_P), GONE)
        n, p = np.exp(ln_n), np.exp(np.maximum(ln_p, GONE))
        plus, minus = self.up @ n + self.floor, self.down @ n + self.ceiling
        slopes = (self.up * n) / plus[:, None] - (self.down * n) / minus[:, None]
        residuals = [np.log(plus) - np.log(minus), self.pure @ x[:size] - self.pure_cost]
        rows = [
            np.column_stack([slopes @ self.gas.T, slopes.sum(axis=1)]),
            np.column_stack([self.pure, np.zeros(len(self.solid))]),
        ]
        if not self.free:
            residuals.append(np.array([np.log(p.sum()) - self.ln_P]))
            rows.append(np.append(self.gas @ p / p.sum(), 0.0)[None, :])
        J = np.vstack(rows)
        return _State(np.concatenate(residuals), J[:, :size] if self.free else J, n, p)

    def change(self, step: np.ndarray) -> float:
        """The largest change of ln of an amount by a step of the unknowns."""
        last = 0.0 if self.free else step[self.size]
        return np.abs(step[: self.size] @ self.gas + last).max()


def _newton(components: _Components, system: _System, present: list[int], begin: Path) -> Mixture | None:
    """Newton on the balances of the components from several starts; None where none converges."""
    balances = _Balances(components, system)
    with np.errstate(all="ignore"):
        first = begin.potentials if balances.free else np.append(begin.potentials, np.log(begin.gas.sum()))
        for k in range(1 + len(FILL)):
            x = first if k == 0 else _start(FILL[k - 1], components, system, balances.free)
            for _ in range(300):
                state = balances.at(x)
                if not state.finite:
                    break
                try:
                    step = np.linalg.solve(state.J, -state.F)
                except np.linalg.LinAlgError:
                    break
                longest = balances.change(step)
                x = x + step * min(1.0, LONGEST / max(longest, 1e-300))
                if longest < 1e-10:
                    return _checked(x, balances, components, system, present)
    return None


def _start(fill: float, components: _Components, system: _System, free: bool) -> np.ndarray:
    """Unknowns at which the components have their amounts, or are traces of mole fraction `fill`."""
    basis, split = components.basis, system.split
    in_gas = [k < split for k in basis]
    share = np.array([max(n, 0.0) if gas else 0.0 for n, gas in zip(components.amounts, in_gas)])
    total = share.sum() or 1.0
    ln_a = [np.log(max(s / total, fill)) + system.ln_P if gas else 0.0 for s, gas in zip(share, in_gas)]
    mu = [system.cost[k] - system.ln_P if gas else system.cost[k] for k, gas in zip(basis, in_gas)]
    x = np.linalg.solve(system.columns[:, basis].T, np.add(mu, ln_a))
    return x if free else np.append(x, np.log(total))


def _checked(
    x: np.ndarray, balances: _Balances, components: _Components, system: _System, present: list[int]
) -> Mixture | None:
    """The mixture at the unknowns x, or None where it is no equilibrium.

    It is none where the amount of a condensate is negative, where an absent condensate would form, and where
    a gas that need not hold anything has more than the pressure.
    """
    split, solid, size = system.split, balances.solid, balances.size
    state = balances.at(x)
    n = state.moles
    if np.abs(state.F).max() > 1e-10:
        return None
    share = 1.0
    if balances.free:
        share = float(state.pressures.sum() / np.exp(system.ln_P))
        if share >= 1.0:
            return None
        n = np.zeros_like(n)
    contents, nu = components.amounts[solid], balances.nu[solid]
    amounts = contents - nu @ n
    amounts[np.abs(amounts) <= EXACT * (np.abs(contents) + np.abs(nu) @ n)] = 0.0
    absent = [k for k in range(system.condensed.shape[1]) if k not in present]
    excess = x[:size] @ system.condensed[:, absent] - system.cost[split:][absent]
    if (amounts < 0).any() or (excess > 1e-9).any():
        return None
    moles, pure = np.zeros(split), np.zeros(system.condensed.shape[1])
    moles[np.flatnonzero(components.kept[:split])] = n
    for c, amount in zip(solid, amounts):
        pure[components.basis[c] - split] = amount
    return Mixture(moles, pure, x[:size], share)
