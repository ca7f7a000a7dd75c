"""Element balances: amounts of species that contain prescribed amounts of elements.

In all functions: matrix (element, species) are atoms; amounts are mol of each element, > 0, for the charge of
any sign or 0; moles are mol of each species, >= 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# Of the largest amount: less of an element counts as none.
TRACE = 1e-20
# Of the amount of each element.
ELEMENT_TOLERANCE = 1e-9


def scales(amounts: np.ndarray) -> np.ndarray:
    """The scale of a miss of each element: its amount; for a charge of 0 the amount of all elements."""
    sizes = np.abs(amounts)
    return np.where(sizes > 0, sizes, max(float(sizes.sum()), 1e-300))


def made_of(matrix: np.ndarray, amounts: np.ndarray) -> np.ndarray | None:
    """Some non-negative moles of the species with these amounts of the elements; None without any."""
    from scipy.optimize import nnls

    size = scales(amounts)
    moles, miss = nnls(matrix / size[:, None], amounts / size)
    return moles if miss <= 1e-11 else None


def why_not(matrix: np.ndarray, amounts: np.ndarray, elements: Sequence[str]) -> str:
    """The element of which there is too much or too little, where no moles of the species have these amounts.

    elements: their names, for the sentence. Returns "" where no change of a single element helps.
    """
    from scipy.optimize import linprog

    there = amounts > TRACE * amounts.max(initial=0.0)
    if not there.any():
        return ""
    matrix = matrix[np.ix_(there, ~(matrix[~there] > 0).any(axis=0))]
    names = [element for element, some in zip(elements, there) if some]
    amounts = amounts[there]
    # Atoms of species in units of the largest amount.
    atoms = matrix * amounts.max() / amounts[:, None]
    reasons = []
    for k, element in enumerate(names):
        others = np.arange(len(amounts)) != k
        balance = {"A_eq": atoms[others], "b_eq": np.ones(others.sum())}
        least, most = linprog(1.0 * atoms[k], **balance), linprog(-1.0 * atoms[k], **balance)
        if least.status == 0 and least.fun > 1 + ELEMENT_TOLERANCE:
            reasons.append(f"at least {least.fun * amounts[k]:.4g} mol of {element} with the other elements")
        elif most.status == 0 and -most.fun < 1 - ELEMENT_TOLERANCE:
            reasons.append(f"at most {-most.fun * amounts[k]:.4g} mol of {element} with the other elements")
    return f"they hold {', or '.join(reasons)}" if reasons else ""


def extreme(matrix: np.ndarray, amounts: np.ndarray, sign: int) -> float | None:
    """The least (sign 1) or largest (sign -1) amount of the last species that the elements allow [mol].

    None where linear programming does not return it.
    """
    from scipy.optimize import linprog

    scaled, ones = matrix / amounts[:, None], np.ones(len(amounts))
    cost = np.zeros(matrix.shape[1])
    cost[-1] = sign
    solution = linprog(cost, A_eq=scaled, b_eq=ones).x
    if solution is None:
        return None
    # Linear programming is good to 1e-7; the least squares of its main species are exact.
    share = scaled * solution
    share = share[:, share.max(axis=0) > 1e-6]
    factor = np.linalg.lstsq(share, ones, rcond=None)[0]
    if np.abs(share @ factor - ones).max() > 1e-11:
        return None
    return float(solution[-1] * factor[-1]) if (scaled[:, -1] * solution[-1]).max() > 1e-6 else 0.0


def balanced(matrix: np.ndarray, amounts: np.ndarray, moles: np.ndarray, split: int) -> np.ndarray:
    """Moles with exact amounts of all elements and unchanged potentials. The first `split` species are gases.

    Cantera's solvers miss an element by 1e-16 to 1e-12 of all atoms, which may be much of a trace element.
    Newton's steps in the elements' potentials, the gas's amount and the condensates' repair that.
    No step above 1 (a factor e) is taken.
    """
    there = np.flatnonzero(moles[split:] > 0) + split
    gas, solid = matrix[:, :split], matrix[:, there]
    count, pure = len(amounts), solid.shape[1]
    for _ in range(6):
        n = moles[:split]
        in_gas = (gas @ n)[:, None]
        # The scale of a charge are the ions of both signs.
        size = np.where(amounts > 0, amounts, np.abs(matrix) @ moles)
        balance = np.hstack([gas * n @ gas.T, in_gas, solid]) / size[:, None]
        potentials = np.hstack([np.vstack([in_gas.T / n.sum(), solid.T]), np.zeros((1 + pure, 1 + pure))])
        miss = np.append((amounts - matrix @ moles) / size, np.zeros(1 + pure))
        step = np.linalg.lstsq(np.vstack([balance, potentials]), miss, rcond=None)[0]
        if not 1e-13 < np.abs(step).max() < 1.0:
            break
        moles = moles.copy()
        moles[:split] *= np.exp(step[:count] @ gas + step[count])
        moles[there] += step[count + 1 :]
    return moles


def holds(matrix: np.ndarray, amounts: np.ndarray, moles: np.ndarray) -> bool:
    """Whether no amount is negative and every element has its amount, to 1e-9 of itself."""
    miss = np.abs(matrix @ moles - amounts) / scales(amounts)
    return bool(moles.min() >= 0 and miss.max() <= ELEMENT_TOLERANCE)
