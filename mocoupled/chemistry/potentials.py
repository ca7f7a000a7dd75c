"""Potentials of the elements in a closed system, from no guess: the start for the exact balances of components.py.

The Gibbs energy of gas and pure condensates is least where the elements' potentials u maximise b.u, with b the amounts,
under sum_j exp(a_j.u - c_j) <= 1 for the gas and a_k.u <= c_k for each condensate (a: atoms, c: mu/RT). The maximum is
followed along the barriers tau ln(-ln sum_j ...) and tau w_k ln(c_k - a_k.u), tau -> 0: a convex problem, whatever the
number of phases, that needs no choice of those present. Charge is an element with b = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FIRST, LAST, RATIO = 1.0, 1e-11, 0.01  # of the barrier's weight tau
STEPS = 60  # of Newton for each weight
LONGEST = 6.0  # change of ln of an amount in one step
NEAR = 0.9  # share of the way to a barrier that one step takes
LEVEL = 1e-4  # of all atoms: elements with less come in after the others, level by level
BALANCED = 1e-3  # largest ln(held/given) at which the weight is lowered


@dataclass(frozen=True)
class Path:
    """End of the path. potentials: of the elements, over RT; gas, condensed: estimates of the amounts, mol; slack: of
    each condensate, -ln of its activity."""

    potentials: np.ndarray
    gas: np.ndarray
    condensed: np.ndarray
    slack: np.ndarray


def path(gas, condensed, amounts, gas_cost, condensed_cost) -> Path | None:
    """The end of the path, or None where rounding stops it.

    gas (element, species), condensed (element, condensate): atoms, of independent rows; amounts: mol of each element,
    0 or of either sign for the charge; costs: mu/RT, of a gas at the total pressure.
    """
    system = (gas, condensed, gas_cost, condensed_cost, _reach(condensed, amounts))
    with np.errstate(all="ignore"):
        u = _start(system, amounts)
        if u is None or not np.isfinite(system[4]).all():
            return None
        tau = FIRST
        while True:
            u = _centre(u, tau, system, amounts)
            if tau <= LAST:
                break
            tau = max(tau * RATIO, LAST)
    _, n, pure, slack, _ = _state(u, tau, *system)
    return Path(u, n, pure, slack) if np.isfinite(n).all() and np.isfinite(pure).all() else None


def _reach(condensed, amounts) -> np.ndarray:
    """Largest amount of each condensate."""
    return np.where(condensed > 0, amounts[:, None] / np.where(condensed > 0, condensed, 1.0), np.inf).min(
        axis=0
    )


def _centre(u, tau, system, amounts):
    """The potentials at which the barriers of this weight balance the amounts, as far as Newton gets."""
    for _ in range(STEPS):
        moved, miss = _moved(u, tau, system, amounts)
        if moved is None or miss < BALANCED:
            break
        u = moved
    return u


def _start(system, amounts):
    """Potentials inside of all barriers: of the main elements in balance at the first weight, then of the rarer ones below
    what their species allow; all at once would be caught at the barrier of a rare condensate."""
    gas, condensed, gas_cost, condensed_cost, reach = system
    if (amounts <= 0).any() or amounts.min() > LEVEL:
        return _inside(gas, condensed, gas_cost, condensed_cost)
    columns, cost = np.hstack([gas, condensed]), np.append(gas_cost, condensed_cost)
    known, u, size = np.zeros(len(amounts), dtype=bool), np.zeros(len(amounts)), len(cost)
    for least in np.cumprod([LEVEL] * 8):
        rows = amounts > least
        if not (rows & ~known).any() and not rows.all():
            continue
        inside = ~(columns[~rows] > 0).any(axis=0) & (columns[rows] > 0).any(axis=0)
        new = inside & (columns[rows & ~known] > 0).any(axis=0)
        if new.any():
            room = cost - u @ columns - np.log(size) - 1.0
            u[rows & ~known] = (room[new] / columns[rows & ~known][:, new].sum(axis=0)).min()
        split = gas.shape[1]
        g, c = inside[:split], inside[split:]
        if g.any() and not rows.all() and all((columns[k, inside] > 0).any() for k in np.flatnonzero(rows)):
            part = (gas[rows][:, g], condensed[rows][:, c], gas_cost[g], condensed_cost[c], reach[c])
            u[rows] = _centre(u[rows], FIRST, part, amounts[rows])
        known |= rows
        if rows.all():
            return u
    return _inside(gas, condensed, gas_cost, condensed_cost)


def _inside(gas, condensed, gas_cost, condensed_cost):
    """Potentials at which nothing condenses and the gas has less than its pressure: all equal, low enough; the charge's is 0."""
    columns, cost = np.hstack([gas, condensed]), np.append(gas_cost, condensed_cost)
    real = (columns >= 0).all(axis=1)
    atoms = columns[real].sum(axis=0)
    if not (atoms > 0).all():  # free electrons: their potential must be low, those of the ions lower
        charge = np.where(real, 0.0, np.abs(columns).max(axis=1) > 0)
        lone = atoms == 0
        shift = min(0.0, float((cost[lone] / (charge @ columns)[lone]).min()) - np.log(len(cost)) - 1.0)
        u = charge * shift
        rest = ((cost - u @ columns)[~lone] - np.log(len(cost)) - 1.0) / atoms[~lone]
        return u + real * rest.min() if len(rest) else None
    return real * ((cost - np.log(len(cost)) - 1.0) / atoms).min()


def _state(u, tau, gas, condensed, gas_cost, condensed_cost, weight):
    """Mole fractions, moles of gases and of condensates that the barriers stand for, slack of each condensate."""
    slack = condensed_cost - u @ condensed
    ln_x = u @ gas - gas_cost
    top = ln_x.max()
    x = np.exp(ln_x - top)
    room = -(top + np.log(x.sum()))
    x = x / x.sum()
    return x, x * (tau / room), tau * weight / slack, slack, room


def _moved(u, tau, system, amounts):
    """The potentials after one step of Newton, and the largest ln(held/given) before it. The step is for the logarithms
    of the elements' balances while that goes downhill, else for the convex function itself."""
    gas, condensed = system[:2]
    x, n, pure, slack, room = state = _state(u, tau, *system)
    slopes = gas + (gas @ x * (1.0 / room - 1.0))[:, None]  # of ln n
    up, down = np.maximum(gas, 0), np.maximum(-gas, 0)
    plus = up @ n + condensed @ pure + np.maximum(-amounts, 0)  # a charge has what is held on both sides
    minus = down @ n + np.maximum(amounts, 0)
    rises = (up * n) @ slopes.T + (condensed * (pure / slack)) @ condensed.T
    falls = (down * n) @ slopes.T
    F = np.log(plus) - np.log(minus)
    miss = float(np.abs(F).max())
    before = _height(u, state, tau, system, amounts)
    for rows, target in ((rises / plus[:, None] - falls / minus[:, None], F), (rises - falls, plus - minus)):
        scale = 1.0 / np.sqrt(np.abs(np.diag(rows)))
        try:
            step = -scale * np.linalg.solve(rows * scale[:, None] * scale, target * scale)
        except np.linalg.LinAlgError:
            continue
        if not np.isfinite(step).all():
            continue
        factor = _shortened(u, step, state, *system[:4])
        for _ in range(3 if target is F else 30):
            after = u + factor * step
            if _height(after, _state(after, tau, *system), tau, system, amounts) <= before + 1e-13 * abs(
                before
            ):
                return after, miss
            factor *= 0.3
    return None, miss


def _height(u, state, tau, system, amounts) -> float:
    """What is to be least: the barriers less the amounts' potential energy."""
    return float(-amounts @ u - tau * np.log(state[4]) - tau * system[4] @ np.log(state[3]))


def _shortened(u, step, state, gas, condensed, gas_cost, condensed_cost) -> float:
    """The factor that keeps a step short and on this side of every barrier."""
    longest = np.abs(step @ gas).max()
    factor = min(1.0, LONGEST / max(longest, 1e-300))
    toward = step @ condensed
    if len(toward):
        ahead = toward > 0
        if ahead.any():
            factor = min(factor, NEAR * float((state[3][ahead] / toward[ahead]).min()))
    room = _room(u, gas, gas_cost)
    for _ in range(60):
        if _room(u + factor * step, gas, gas_cost) > (1 - NEAR) * room:
            return factor
        factor *= 0.5
    return factor


def _room(u, gas, gas_cost) -> float:
    ln_x = u @ gas - gas_cost
    top = ln_x.max()
    return -float(top + np.log(np.exp(ln_x - top).sum()))
