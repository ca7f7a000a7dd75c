"""Equilibrium of a closed system told in its main species, for elements that a few species hold to the last digit.

H:O = 2:1 at 500 K is H2O and 1e-15 of H2 and O2: in balances of H and O those are lost in rounding. Told in the
components H2O and O2, the second balance reads n(O2) = n(H2)/2, exactly. Slow (milliseconds a point): for points that a
balance by elements does not determine. One system at a time; amounts of the elements add up to about 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from .potentials import Path, path

EXACT = 1e-14  # of the terms of a component's amount, below which it is taken for zero
FILL = (
    1e-10,
    1e-25,
    1e-3,
    1e-50,
)  # mole fractions at which the search begins for components of which there is a trace
LONGEST = 5.0  # step in ln of an amount
FEW, MOST = 6, 400  # condensates of which every set is tried; sets that are tried at most
GONE = -745.0  # ln of what is no number any more


@dataclass(frozen=True)
class Mixture:
    """gas: mol of each gas, condensed: of each condensate; potentials: of the elements, over RT; pressure_share: sum of
    the gases' pressures over the given one, below 1 only where no gas is left."""

    gas: np.ndarray
    condensed: np.ndarray
    potentials: np.ndarray
    pressure_share: float = 1.0


def equilibrium(gas, condensed, amounts, gas_potentials, condensed_potentials, ln_P) -> Mixture | None:
    """The equilibrium, or None where none is found.

    gas (element, species), condensed (element, condensate): atoms; amounts: mol of each element, > 0, for the charge of
    any sign or 0; potentials: mu/RT such that ln(p/bar) of a gas is what its atoms' potentials add up to less its own;
    ln_P: of the pressure in bar. Elements that the species hold in one ratio only count once.
    """
    gas, condensed, amounts = (np.asarray(a, dtype=float) for a in (gas, condensed, amounts))
    rows = independent(np.hstack([gas, condensed]))
    begin = path(gas[rows], condensed[rows], amounts[rows], gas_potentials + ln_P, condensed_potentials)
    if begin is None:
        return None
    for strict in (True, False):
        for present in _sets(begin, amounts[rows], condensed[rows]):
            found = _with(
                present,
                gas[rows],
                condensed[rows],
                amounts[rows],
                gas_potentials,
                condensed_potentials,
                ln_P,
                strict,
                begin,
            )
            if found is not None:
                potentials = np.zeros(len(amounts))
                potentials[rows] = found.potentials
                return replace(found, potentials=potentials)
    return None


def independent(columns) -> list[int]:
    """The rows of a matrix that are no combination of those before them."""
    rows: list[int] = []
    for row in range(len(columns)):
        if np.linalg.matrix_rank(columns[[*rows, row]]) > len(rows):
            rows.append(row)
    return rows


def _sets(begin, amounts, condensed):
    """Sets of condensates that may be those present, the likely ones first: that of the path's end, those that differ
    from it by one or two, and the others by their number."""
    count = condensed.shape[1]
    reach = np.where(condensed > 0, amounts[:, None] / np.where(condensed > 0, condensed, 1.0), np.inf).min(
        axis=0
    )
    likely = frozenset(np.flatnonzero(begin.condensed / reach > begin.slack).tolist())
    by_doubt = sorted(range(count), key=lambda k: abs(np.log(begin.condensed[k] / reach[k] / begin.slack[k])))
    found = dict.fromkeys(
        [likely, *(likely ^ {k} for k in by_doubt), *(likely ^ {*pair} for pair in combinations(by_doubt, 2))]
    )
    found |= dict.fromkeys(
        frozenset(one)
        for size in range(count + 1)
        for one in combinations(range(count), size)
        if count <= FEW
    )
    return [sorted(one) for one in list(found)[:MOST] if len(one) <= len(amounts)]


def _with(present, gas, condensed, amounts, gas_potentials, condensed_potentials, ln_P, strict, begin):
    """The equilibrium with these condensates, or None if that is none. strict: not where a condensate left out could
    set free species that nothing else balances (CO alone beside graphite: it makes CO2 and graphite)."""
    columns = np.hstack([gas, condensed])
    cost = np.concatenate([gas_potentials + ln_P, condensed_potentials])
    split = gas.shape[1]
    kept = np.ones(columns.shape[1], dtype=bool)
    kept[split:] = [k in present for k in range(condensed.shape[1])]
    while True:
        basis = _basis(columns, cost, kept, [split + k for k in present], begin)
        if basis is None:
            return None
        shares = np.linalg.solve(columns[:, basis], columns)
        shares[np.abs(shares) < 1e-9] = 0.0
        inverse = np.linalg.inv(columns[:, basis])
        inverse[np.abs(inverse) < 1e-9] = 0.0
        terms, held = np.abs(inverse) @ np.abs(amounts), inverse @ amounts
        for _ in range(2):  # each to its own last digit, however small
            held = held + inverse @ (amounts - columns[:, basis] @ held)
        held = np.where(np.abs(held) < EXACT * terms, 0.0, held)
        nu = shares[:, :split] * kept[:split]
        barred = [
            c
            for c in range(len(basis))
            if held[c] == 0 and basis[c] < split and not ((nu[c] > 0).any() and (nu[c] < 0).any())
        ]
        gone = np.flatnonzero(np.any(nu[barred] != 0, axis=0)) if barred else []
        if not len(gone):
            break
        kept[gone] = False  # nothing could balance these species
        rank = np.linalg.matrix_rank(columns[:, kept])
        if rank < len(amounts):  # their elements are tied to each other: take the balances that are left
            others = [split + k for k in range(condensed.shape[1]) if k not in present]
            if strict and any(
                np.linalg.matrix_rank(columns[:, [*np.flatnonzero(kept), k]]) > rank for k in others
            ):
                return None
            return _tied(
                present, gas, condensed, amounts, gas_potentials, condensed_potentials, ln_P, kept, begin
            )
    return _newton(basis, nu, held, kept, columns, cost, split, present, condensed, ln_P, begin)


def _tied(present, gas, condensed, amounts, gas_potentials, condensed_potentials, ln_P, kept, begin):
    """The same with fewer balances, since the species that are left do not span the elements."""
    split = gas.shape[1]
    inside = np.flatnonzero(kept[:split])
    rows = independent(np.hstack([gas[:, inside], condensed[:, present]]))
    if not rows or not len(inside):
        return None
    found = _with(list(range(len(present))), gas[np.ix_(rows, inside)], condensed[np.ix_(rows, present)], amounts[rows],
                  gas_potentials[inside], condensed_potentials[present], ln_P, False,
                  Path(begin.potentials[rows], begin.gas[inside], begin.condensed[present], begin.slack[present]))  # fmt: skip
    if found is None:
        return None
    moles, solid = np.zeros(split), np.zeros(condensed.shape[1])
    moles[inside], solid[present] = found.gas, found.condensed
    potentials = np.zeros(len(amounts))
    potentials[rows] = found.potentials
    return Mixture(moles, solid, potentials, found.pressure_share)


def _basis(columns, cost, kept, forced, begin) -> list[int] | None:
    """As many independent species as elements: the condensates that are there, then those of most moles."""
    inside = np.flatnonzero(kept)
    moles = np.append(begin.gas, begin.condensed)
    reduced = cost - begin.potentials @ columns
    chosen: list[int] = []
    for k in [*forced, *inside[np.lexsort((reduced[inside], -moles[inside]))].tolist()]:
        if k not in chosen and np.linalg.matrix_rank(columns[:, [*chosen, k]]) > len(chosen):
            chosen.append(k)
        if len(chosen) == len(columns):
            break
    return chosen if len(chosen) == len(columns) and set(forced) <= set(chosen) else None


def _newton(basis, nu, held, kept, columns, cost, split, present, condensed, ln_P, begin):
    """Newton in the elements' potentials and ln of the gas's amount, on the logarithms of the components' balances."""
    solid = [c for c, k in enumerate(basis) if k >= split]
    rows = [c for c, k in enumerate(basis) if k < split]
    inside = np.flatnonzero(kept[:split])
    gas, potentials, nu = columns[:, inside], cost[:split][inside] - ln_P, nu[:, inside]
    up, down = np.maximum(nu[rows], 0.0), np.maximum(-nu[rows], 0.0)
    floor, ceiling = np.maximum(-held[rows], 0.0), np.maximum(held[rows], 0.0)
    free = not (held[rows] != 0).any()  # the gas need hold nothing: its amount is open
    fixed, size = columns[:, [basis[c] for c in solid]].T, len(basis)

    def function(x):
        ln_p = x[:size] @ gas - potentials
        ln_n = np.maximum(ln_p + (0.0 if free else x[size] - ln_P), GONE)
        n, p = np.exp(ln_n), np.exp(np.maximum(ln_p, GONE))
        plus, minus = up @ n + floor, down @ n + ceiling
        slopes = (up * n) / plus[:, None] - (down * n) / minus[:, None]
        F = [np.log(plus) - np.log(minus), fixed @ x[:size] - cost[[basis[c] for c in solid]]]
        J = [
            np.column_stack([slopes @ gas.T, slopes.sum(axis=1)]),
            np.column_stack([fixed, np.zeros(len(solid))]),
        ]
        if not free:
            F.append([np.log(p.sum()) - ln_P])
            J.append(np.append(gas @ p / p.sum(), 0.0)[None, :])
        J = np.vstack(J)
        return np.concatenate(F), J[:, :size] if free else J, n, p

    with np.errstate(all="ignore"):
        first = begin.potentials if free else np.append(begin.potentials, np.log(begin.gas.sum()))
        for x in (first, *(_start(fill, basis, held, columns, cost, split, ln_P, free) for fill in FILL)):
            for _ in range(300):
                F, J, n, p = function(x)
                if not np.isfinite(F).all() or not np.isfinite(J).all():
                    break
                try:
                    step = np.linalg.solve(J, -F)
                except np.linalg.LinAlgError:
                    break
                longest = np.abs(step[:size] @ gas + (0.0 if free else step[size])).max()
                x = x + step * min(1.0, LONGEST / max(longest, 1e-300))
                if longest < 1e-10:
                    return _checked(
                        function(x),
                        x,
                        basis,
                        nu,
                        held,
                        kept,
                        solid,
                        rows,
                        free,
                        split,
                        size,
                        columns,
                        cost,
                        condensed,
                        present,
                        ln_P,
                    )
    return None


def _start(fill, basis, held, columns, cost, split, ln_P, free):
    """Potentials at which the components have their amounts, or are traces of mole fraction `fill`."""
    share = np.array([max(h, 0.0) if k < split else 0.0 for h, k in zip(held, basis)])
    total = share.sum() or 1.0
    ln_a = [np.log(max(s / total, fill)) + ln_P if k < split else 0.0 for s, k in zip(share, basis)]
    own = [cost[k] - ln_P if k < split else cost[k] for k in basis]
    x = np.linalg.solve(columns[:, basis].T, np.add(own, ln_a))
    return x if free else np.append(x, np.log(total))


def _checked(
    state, x, basis, nu, held, kept, solid, rows, free, split, size, columns, cost, condensed, present, ln_P
):
    """The mixture, or None where a condensate's amount is negative, an absent one would form, or a gas that need hold
    nothing has more than the pressure."""
    F, _, n, p = state
    if np.abs(F).max() > 1e-10:
        return None
    share = 1.0
    if free:
        share = float(p.sum() / np.exp(ln_P))
        if share >= 1.0:
            return None
        n = np.zeros_like(n)
    amounts = held[solid] - nu[solid] @ n
    amounts[np.abs(amounts) <= EXACT * (np.abs(held[solid]) + np.abs(nu[solid]) @ n)] = 0.0
    absent = [k for k in range(condensed.shape[1]) if k not in present]
    excess = x[:size] @ condensed[:, absent] - cost[split:][absent]
    if (amounts < 0).any() or (excess > 1e-9).any():
        return None
    moles, pure = np.zeros(split), np.zeros(condensed.shape[1])
    moles[np.flatnonzero(kept[:split])] = n
    for c, amount in zip(solid, amounts):
        pure[basis[c] - split] = amount
    return Mixture(moles, pure, x[:size], share)
