"""Element balances: amounts of species that hold given amounts of elements, and the mending of small misses.

matrix: atoms (element, species); amounts: mol of each element, > 0, for the charge of any sign or 0; found: mol of each
species, >= 0.
"""

from __future__ import annotations

import numpy as np

TRACE = 1e-20  # of the largest amount: less of an element is none
ELEMENT_TOLERANCE = 1e-9  # of each element's amount


def scales(amounts) -> np.ndarray:
    """What a miss of each element is measured by: its amount, for a charge of 0 the amount of all elements."""
    sizes = np.abs(amounts)
    return np.where(sizes > 0, sizes, max(float(sizes.sum()), 1e-300))


def made_of(matrix, amounts) -> np.ndarray | None:
    """Some non-negative moles of the species that hold the elements' amounts, or None if there are none."""
    from scipy.optimize import nnls

    size = scales(amounts)
    found, miss = nnls(matrix / size[:, None], amounts / size)
    return found if miss <= 1e-11 else None


def why_not(matrix, amounts, elements) -> str:
    """Of which element there is too much or too little, where no amounts of the species hold the elements' amounts; ""
    where no change of a single element helps. elements: their names, for the sentence."""
    from scipy.optimize import linprog

    there = amounts > TRACE * amounts.max(initial=0.0)
    if not there.any():
        return ""
    matrix = matrix[np.ix_(there, ~(matrix[~there] > 0).any(axis=0))]
    elements, amounts = [e for e, some in zip(elements, there) if some], amounts[there]
    reasons, atoms = (
        [],
        matrix * amounts.max() / amounts[:, None],
    )  # of species in units of the largest amount
    for k, element in enumerate(elements):
        others = np.arange(len(amounts)) != k
        least, most = (
            linprog(sign * atoms[k], A_eq=atoms[others], b_eq=np.ones(others.sum())) for sign in (1.0, -1.0)
        )
        if least.status == 0 and least.fun > 1 + ELEMENT_TOLERANCE:
            reasons.append(f"at least {least.fun * amounts[k]:.4g} mol of {element} with the other elements")
        elif most.status == 0 and -most.fun < 1 - ELEMENT_TOLERANCE:
            reasons.append(f"at most {-most.fun * amounts[k]:.4g} mol of {element} with the other elements")
    return f"they hold {', or '.join(reasons)}" if reasons else ""


def extreme(matrix, amounts, sign) -> float | None:
    """The least (sign 1) or largest (-1) amount of the last species that the elements allow."""
    from scipy.optimize import linprog

    scaled, ones = matrix / amounts[:, None], np.ones(len(amounts))
    cost = np.zeros(matrix.shape[1])
    cost[-1] = sign
    found = linprog(cost, A_eq=scaled, b_eq=ones)
    if found.x is None:
        return None
    share = scaled * found.x
    share = share[:, share.max(axis=0) > 1e-6]  # exact where linprog is good to 1e-7
    factor = np.linalg.lstsq(share, ones, rcond=None)[0]
    if np.abs(share @ factor - ones).max() > 1e-11:
        return None
    return float(found.x[-1] * factor[-1]) if (scaled[:, -1] * found.x[-1]).max() > 1e-6 else 0.0


def balanced(matrix, amounts, found, split) -> np.ndarray:
    """Cantera's moles (gases first, then condensates) with every element put right; potentials stay as they are.

    Its solvers miss an element by 1e-16 to 1e-12 of all atoms, which may be much of a trace element: Newton's steps
    in the elements' potentials, the gas's amount and the condensates' mend that. No step above 1 (a factor e) is taken.
    """
    there = np.flatnonzero(found[split:] > 0) + split
    gas, solid = matrix[:, :split], matrix[:, there]
    count, pure = len(amounts), solid.shape[1]
    for _ in range(6):
        n, held = found[:split], (gas @ found[:split])[:, None]
        size = np.where(
            amounts > 0, amounts, np.abs(matrix) @ found
        )  # a charge's by what is held on both sides
        balance = np.hstack([gas * n @ gas.T, held, solid]) / size[:, None]
        keep = np.hstack([np.vstack([held.T / n.sum(), solid.T]), np.zeros((1 + pure, 1 + pure))])
        miss = np.append((amounts - matrix @ found) / size, np.zeros(1 + pure))
        step = np.linalg.lstsq(np.vstack([balance, keep]), miss, rcond=None)[0]
        if not 1e-13 < np.abs(step).max() < 1.0:
            break
        found = found.copy()
        found[:split] *= np.exp(step[:count] @ gas + step[count])
        found[there] += step[count + 1 :]
    return found


def holds(matrix, amounts, found) -> bool:
    """Whether no amount is negative and every element is there, to 1e-9 of itself."""
    return bool(
        found.min() >= 0 and (np.abs(matrix @ found - amounts) / scales(amounts)).max() <= ELEMENT_TOLERANCE
    )
