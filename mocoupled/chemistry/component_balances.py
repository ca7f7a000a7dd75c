"""Balances of the components of a closed system, and Newton on them: see components.py."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .potentials import Path

# Of the terms of a component's amount, below which it is taken for zero.
EXACT = 1e-14
# Mole fractions at which the search begins for components of which there is a trace.
FILL = (1e-10, 1e-25, 1e-3, 1e-50)
# Step in ln of an amount.
LONGEST = 5.0
# ln of an amount that is zero in floating point.
GONE = -745.0
# Largest residual of the balances at which Newton has done its work ...
SOLVED = 1e-10
# ... change of ln of an amount below which its last step lies ...
SETTLED = 1e-10
# ... and below which steps that no longer shrink are made of rounding.
ROUNDED = 1e-6


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
class System:
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
class Components:
    """The balances of the components.

    basis: column of the species that each component is. nu: moles of each component in a mole of each gas.
    amounts: mol of each component. kept: which species take part.
    """

    basis: list[int]
    nu: np.ndarray
    amounts: np.ndarray
    kept: np.ndarray


@dataclass(frozen=True)
class State:
    """Residuals and Jacobian of the balances at some unknowns; moles and pressures [bar] of the gases."""

    F: np.ndarray
    J: np.ndarray
    moles: np.ndarray
    pressures: np.ndarray

    @property
    def finite(self) -> bool:
        """Whether Newton can take a step from here."""
        return bool(np.isfinite(self.F).all() and np.isfinite(self.J).all())


class Balances:
    """The logarithms of the components' balances as functions of x.

    x: the elements' potentials, then ln of the gas's amount.

    The latter is no unknown where the gas need not hold anything (`free`): then its amount is open.
    """

    def __init__(self, components: Components, system: System) -> None:
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

    def at(self, x: np.ndarray) -> State:
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
        return State(np.concatenate(residuals), J[:, :size] if self.free else J, n, p)

    def change(self, step: np.ndarray) -> float:
        """The largest change of ln of an amount by a step of the unknowns."""
        last = 0.0 if self.free else step[self.size]
        return np.abs(step[: self.size] @ self.gas + last).max()


def newton(
    components: Components, system: System, present: list[int], begin: Path
) -> Mixture | np.ndarray | None:
    """Newton on the balances of the components from several starts; None where none converges.

    The moles of the gases where the balances are solved, but rounding keeps the steps from settling.
    """
    balances = Balances(components, system)
    unsettled: np.ndarray | None = None
    with np.errstate(all="ignore"):
        first = begin.potentials if balances.free else np.append(begin.potentials, np.log(begin.gas.sum()))
        for k in range(1 + len(FILL)):
            x = first if k == 0 else _start(FILL[k - 1], components, system, balances.free)
            last = np.inf
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
                if longest < SETTLED:
                    return _checked(x, balances, components, system, present)
                if longest < ROUNDED and longest > 0.5 * last:
                    break
                last = longest
            if state.finite and np.abs(state.F).max() < SOLVED and unsettled is None:
                unsettled = state.moles
    return unsettled


def _start(fill: float, components: Components, system: System, free: bool) -> np.ndarray:
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
    x: np.ndarray, balances: Balances, components: Components, system: System, present: list[int]
) -> Mixture | None:
    """The mixture at the unknowns x, or None where it is no equilibrium.

    It is none where the amount of a condensate is negative, where an absent condensate would form, and where
    a gas that need not hold anything has more than the pressure.
    """
    split, solid, size = system.split, balances.solid, balances.size
    state = balances.at(x)
    n = state.moles
    if np.abs(state.F).max() > SOLVED:
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
