"""Potentials of the elements in a closed system, without a guess: the start for components.py.

The Gibbs energy of gas and pure condensates is least where the elements' potentials u maximise b.u, with b
the amounts, under sum_j exp(a_j.u - c_j) <= 1 for the gas and a_k.u <= c_k for each condensate (a: atoms, c:
mu/RT).
The maximum is followed along the barriers tau ln(-ln sum_j ...) and tau w_k ln(c_k - a_k.u), tau -> 0: a
convex problem, whatever the number of phases, that needs no choice of the phases present. Charge is an
element with b = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Of the barrier's weight tau.
FIRST, LAST, RATIO = 1.0, 1e-11, 0.01
# Newton steps for each weight.
STEPS = 60
# Change of ln of an amount in one step.
LONGEST = 6.0
# Share of the way to a barrier that a step takes.
NEAR = 0.9
# Of all atoms: elements with less come in after the others, level by level.
LEVEL = 1e-4
# Largest |ln(content/amount)| of an element at which the weight is lowered.
BALANCED = 1e-3


@dataclass(frozen=True)
class Path:
    """The end of the path.

    potentials: of the elements, over RT. gas, condensed: estimates of the amounts [mol].
    slack: of each condensate, -ln of its activity.
    """

    potentials: np.ndarray
    gas: np.ndarray
    condensed: np.ndarray
    slack: np.ndarray


@dataclass(frozen=True)
class _System:
    """A closed system: atoms (element, species), costs mu/RT, and the weight of each condensate's barrier."""

    gas: np.ndarray
    condensed: np.ndarray
    gas_cost: np.ndarray
    condensed_cost: np.ndarray
    weight: np.ndarray

    @property
    def columns(self) -> np.ndarray:
        """Atoms of the gases, then of the condensates."""
        return np.hstack([self.gas, self.condensed])

    @property
    def cost(self) -> np.ndarray:
        """Costs of the gases, then of the condensates."""
        return np.append(self.gas_cost, self.condensed_cost)


@dataclass(frozen=True)
class _State:
    """What the barriers stand for at some potentials.

    fractions: mole fractions of the gases. gas, condensed: moles. slack: of each condensate. room: -ln of the
    sum of the gas's mole fractions before they are scaled to 1.
    """

    fractions: np.ndarray
    gas: np.ndarray
    condensed: np.ndarray
    slack: np.ndarray
    room: float


def path(
    gas: np.ndarray,
    condensed: np.ndarray,
    amounts: np.ndarray,
    gas_cost: np.ndarray,
    condensed_cost: np.ndarray,
) -> Path | None:
    """The end of the path, or None where rounding stops it.

    gas (element, species), condensed (element, condensate): atoms, of independent rows.
    amounts: mol of each element, 0 or of either sign for the charge. costs: mu/RT, of a gas at the total
    pressure.
    """
    system = _System(gas, condensed, gas_cost, condensed_cost, largest_amounts(condensed, amounts))
    with np.errstate(all="ignore"):
        u = _start(system, amounts)
        if u is None or not np.isfinite(system.weight).all():
            return None
        tau = FIRST
        while True:
            u = _centre(u, tau, system, amounts)
            if tau <= LAST:
                break
            tau = max(tau * RATIO, LAST)
        state = _state(u, tau, system)
    if not np.isfinite(state.gas).all() or not np.isfinite(state.condensed).all():
        return None
    return Path(u, state.gas, state.condensed, state.slack)


def largest_amounts(condensed: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """The largest amount [mol] of each condensate that the elements allow."""
    there = condensed > 0
    return np.where(there, amounts[:, None] / np.where(there, condensed, 1.0), np.inf).min(axis=0)


def _centre(u: np.ndarray, tau: float, system: _System, amounts: np.ndarray) -> np.ndarray:
    """The potentials at which the barriers of this weight balance the amounts, as far as Newton gets."""
    for _ in range(STEPS):
        moved, miss = _moved(u, tau, system, amounts)
        if moved is None or miss < BALANCED:
            break
        u = moved
    return u


# ---- the start


def _start(system: _System, amounts: np.ndarray) -> np.ndarray | None:
    """Potentials inside of all barriers.

    Those of the main elements are in balance at the first weight, those of the rarer ones below what their
    species allow. All elements at once would be caught at the barrier of a rare condensate.
    """
    if (amounts <= 0).any() or amounts.min() > LEVEL:
        return _inside(system)
    columns, cost = system.columns, system.cost
    known, u, size = np.zeros(len(amounts), dtype=bool), np.zeros(len(amounts)), len(cost)
    split = system.gas.shape[1]
    for least in np.cumprod([LEVEL] * 8):
        rows = amounts > least
        if not (rows & ~known).any() and not rows.all():
            continue
        inside = ~(columns[~rows] > 0).any(axis=0) & (columns[rows] > 0).any(axis=0)
        new = inside & (columns[rows & ~known] > 0).any(axis=0)
        if new.any():
            room = cost - u @ columns - np.log(size) - 1.0
            u[rows & ~known] = (room[new] / columns[rows & ~known][:, new].sum(axis=0)).min()
        g, c = inside[:split], inside[split:]
        if g.any() and not rows.all() and all((columns[k, inside] > 0).any() for k in np.flatnonzero(rows)):
            part = _System(
                system.gas[rows][:, g],
                system.condensed[rows][:, c],
                system.gas_cost[g],
                system.condensed_cost[c],
                system.weight[c],
            )
            u[rows] = _centre(u[rows], FIRST, part, amounts[rows])
        known |= rows
        if rows.all():
            return u
    return _inside(system)


def _inside(system: _System) -> np.ndarray | None:
    """Potentials at which nothing condenses and the gas has less than its pressure.

    They are all equal and low enough; that of the charge is 0.
    """
    columns, cost = system.columns, system.cost
    real = (columns >= 0).all(axis=1)
    atoms = columns[real].sum(axis=0)
    if (atoms > 0).all():
        return real * ((cost - np.log(len(cost)) - 1.0) / atoms).min()
    # Free electrons: their potential must be low, those of the ions lower.
    charge = np.where(real, 0.0, np.abs(columns).max(axis=1) > 0)
    lone = atoms == 0
    shift = min(0.0, float((cost[lone] / (charge @ columns)[lone]).min()) - np.log(len(cost)) - 1.0)
    u = charge * shift
    rest = ((cost - u @ columns)[~lone] - np.log(len(cost)) - 1.0) / atoms[~lone]
    return u + real * rest.min() if len(rest) else None


# ---- Newton


def _state(u: np.ndarray, tau: float, system: _System) -> _State:
    """What the barriers stand for at the potentials u."""
    slack = system.condensed_cost - u @ system.condensed
    ln_x = u @ system.gas - system.gas_cost
    top = ln_x.max()
    x = np.exp(ln_x - top)
    total = x.sum()
    room = -(top + np.log(total))
    x = x / total
    return _State(x, x * (tau / room), tau * system.weight / slack, slack, room)


def _moved(
    u: np.ndarray, tau: float, system: _System, amounts: np.ndarray
) -> tuple[np.ndarray | None, float]:
    """The potentials after one step of Newton, and the largest |ln(content/amount)| of an element before it.

    The step is for the logarithms of the elements' balances while that goes downhill, else for the convex
    function.
    """
    gas, condensed = system.gas, system.condensed
    state = _state(u, tau, system)
    n, pure = state.gas, state.condensed
    # Slopes of ln n.
    slopes = gas + (gas @ state.fractions * (1.0 / state.room - 1.0))[:, None]
    up, down = np.maximum(gas, 0), np.maximum(-gas, 0)
    # The balance of the charge has the ions of both signs.
    plus = up @ n + condensed @ pure + np.maximum(-amounts, 0)
    minus = down @ n + np.maximum(amounts, 0)
    rises = (up * n) @ slopes.T + (condensed * (pure / state.slack)) @ condensed.T
    falls = (down * n) @ slopes.T
    F = np.log(plus) - np.log(minus)
    miss = float(np.abs(F).max())
    before = _height(u, state, tau, system, amounts)
    logarithmic = (rises / plus[:, None] - falls / minus[:, None], F, 3)
    convex = (rises - falls, plus - minus, 30)
    for rows, target, attempts in (logarithmic, convex):
        scale = 1.0 / np.sqrt(np.abs(np.diag(rows)))
        try:
            step = -scale * np.linalg.solve(rows * scale[:, None] * scale, target * scale)
        except np.linalg.LinAlgError:
            continue
        if not np.isfinite(step).all():
            continue
        factor = _shortening(u, step, state, system)
        for _ in range(attempts):
            after = u + factor * step
            height = _height(after, _state(after, tau, system), tau, system, amounts)
            if height <= before + 1e-13 * abs(before):
                return after, miss
            factor *= 0.3
    return None, miss


def _height(u: np.ndarray, state: _State, tau: float, system: _System, amounts: np.ndarray) -> float:
    """The function to minimise: the barriers less the potential energy of the amounts."""
    return float(-amounts @ u - tau * np.log(state.room) - tau * system.weight @ np.log(state.slack))


def _shortening(u: np.ndarray, step: np.ndarray, state: _State, system: _System) -> float:
    """The factor that keeps a step short and on this side of every barrier."""
    longest = np.abs(step @ system.gas).max()
    factor = min(1.0, LONGEST / max(longest, 1e-300))
    toward = step @ system.condensed
    ahead = toward > 0
    if ahead.any():
        factor = min(factor, NEAR * float((state.slack[ahead] / toward[ahead]).min()))
    for _ in range(60):
        if _room(u + factor * step, system) > (1 - NEAR) * state.room:
            return factor
        factor *= 0.5
    return factor


def _room(u: np.ndarray, system: _System) -> float:
    """-ln of the sum of the gas's mole fractions at the potentials u."""
    ln_x = u @ system.gas - system.gas_cost
    top = np.maximum.reduce(ln_x)
    return -float(top + np.log(np.add.reduce(np.exp(ln_x - top))))
