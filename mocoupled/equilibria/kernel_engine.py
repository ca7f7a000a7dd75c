"""A closed system at many points: by the generated kernel, otherwise by balances of components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..broadcasting import Conditions
from ..chemistry.components import equilibrium as equilibrium_in_components
from ..chemistry.components import independent
from ..chemistry.element_balance import balanced
from ..chemistry.gas_mixtures import is_mixture
from ..chemistry.records import CHARGE
from ..constants import BAR
from ..dae.kernel.batch import Points
from ..dae.kernel.one_point import ACCURACY
from ..planet.species_declarations import WATER
from ..planet.species_of_case import GRAPHITE
from .closed_outputs import State, fill, residual
from .closed_problem import Problem
from .mixture_starts import begin_at_pure_gases
from .points import never_zero, nothing, processors, solve

# K; above it dissociation leaves enough of every element's species for balances of the elements.
COLD = 1000.0
# K; below it amounts span so many decades that the kernel's Newton often fails: components at once.
FROZEN = 500.0
# Number of gases, among which there may be none that dissociation leaves enough of.
FEW = 12
# Moles of a compound condensate, of all atoms, from which the balances of its elements may repeat each other.
SOLID = 1e-3
# Activity below which the smooth switch leaves less than 1e-12 of a condensate.
UNDERSATURATED = 0.99
# The same of any number of condensates: all that is cut off is less than 1e-12 of an element.
CLEARLY_UNDERSATURATED = 0.9
# Of an amount: how well amounts must have the only ratio that the species can hold.
IN_RATIO = 1e-10
# Smallest eigenvalue of the elements' balances below which rounding spoils the traces.
LOST = 1e-9

# (problem with the condensates that exist at some points, or None where nothing can hold the elements;
# mask of these points).
Part = tuple[Problem | None, np.ndarray]
Columns = Mapping[str, np.ndarray]


def least_activity(condensate: str) -> float:
    """The activity below which a condensate counts as absent."""
    return UNDERSATURATED if condensate in (GRAPHITE, WATER) else CLEARLY_UNDERSATURATED


def with_kernel(
    problem: Problem, parts: Sequence[Part], conditions: Conditions, threads: int | None
) -> Points:
    """Points by the generated kernel, part by part.

    Where rounding spoils the balances of the elements, or the kernel fails, the balances of the components
    are used.
    """
    n = conditions.size
    columns = {
        name: np.broadcast_to(np.asarray(values, dtype=float), n)
        for name, values in conditions.columns.items()
    }
    points = nothing(len(problem.model.outputs), n)
    for part, where in parts:
        if part is None or not where.any():
            continue
        there = {name: values[where] for name, values in columns.items()}
        solved = _solved(part, there, int(where.sum()), threads)
        if part is problem and where.all():
            return solved
        _insert(points, where, solved)
        for key, row in part.rows.items():
            if key in problem.rows:
                points.values[problem.rows[key], where] = solved.values[row]
        for name in set(problem.condensates) - set(part.condensates):
            points.values[problem.rows["condensate_moles", name], where & points.converged] = 0.0
    return points


def _insert(points: Points, where: np.ndarray, solved: Points) -> None:
    """Set convergence, residual and iterations of some points to those of `solved`."""
    points.converged[where] = solved.converged
    points.residual[where] = solved.residual
    points.iterations[where] = solved.iterations


def _solved(problem: Problem, columns: Columns, n: int, threads: int | None) -> Points:
    """All n points of a problem whose condensates exist at all of them."""
    amounts = problem.amounts(columns, n)
    total = amounts[problem.real].sum(axis=0)
    empty = total <= 0
    # Amounts over their sum: the equilibrium does not depend on the size of the system.
    amounts = amounts / np.where(empty, 1.0, total)
    points, absent = by_kernel(problem, columns, amounts, threads)
    failed = ~points.converged | _lost(problem, points, amounts, columns["temperature"])
    # The balances of components need free energies that do not depend on the composition.
    if is_mixture(problem.fugacity):
        failed[:] = False
    for k in np.flatnonzero(~empty & failed).tolist():
        _by_components(problem, points, k, columns, amounts[:, k])
    # The smooth switch leaves a tail of a condensate that is not there.
    for name in problem.condensates:
        tail = points.values[problem.rows["condensate_activity", name]] < least_activity(name)
        points.values[problem.rows["condensate_moles", name], tail & points.converged] = 0.0
    _remove_absent(problem, points, absent)
    _remove_ions(problem, points, absent, amounts)
    for row in problem.rows_of("gas_moles", "condensate_moles"):
        points.values[row] *= total
    points.values[:, empty] = np.nan
    points.converged[empty] = False
    return points


def kernel_parameters(
    problem: Problem, columns: Columns, amounts: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The parameters of the kernel by name, and element -> mask of the points without it."""
    parameters = {"temperature": columns["temperature"], "pressure": columns["pressure"]}
    absent = {}
    for element, share in zip(problem.elements, amounts):
        empty = None
        values = share
        if element != CHARGE:
            filled, empty = never_zero(share, 1.0)
            values = np.asarray(filled)
        parameters[f"moles_{element}"] = values
        if empty is not None:
            absent[element] = empty
    return parameters, absent


def by_kernel(
    problem: Problem, columns: Columns, amounts: np.ndarray, threads: int | None
) -> tuple[Points, dict[str, np.ndarray]]:
    """The kernel's points, without those that are too cold for it; element -> mask of the points without it.

    amounts (element, point): 1 mol in all.
    """
    n = amounts.shape[1]
    parameters, absent = kernel_parameters(problem, columns, amounts)
    warm = columns["temperature"] >= FROZEN
    if warm.all() and n:
        points = solve(problem.batch, parameters, n, threads)
        if is_mixture(problem.fugacity) and not points.converged.all():
            every = {name: np.broadcast_to(values, n) for name, values in parameters.items()}
            begin_at_pure_gases(problem, points, every, amounts, threads or processors())
        return points, absent
    points = nothing(len(problem.model.outputs), n)
    if warm.any():
        there = {name: np.broadcast_to(values, n)[warm] for name, values in parameters.items()}
        part = solve(problem.batch, there, int(warm.sum()), threads)
        points.values[:, warm] = part.values
        points.converged[warm] = part.converged
        points.residual[warm] = part.residual
    return points, absent


# ---- what is absent


def _remove_absent(problem: Problem, points: Points, absent: Mapping[str, np.ndarray]) -> None:
    """Set species of an absent element to exactly 0, and log10 fO2 without oxygen to NaN.

    absent: element -> mask of the points without it.
    """
    for element, where in absent.items():
        for (name, label), row in problem.rows.items():
            if label and element in problem.mechanism.species[label].composition:
                points.values[row, where & points.converged] = 0.0
            elif name == "log10_fO2" and element == "O":
                points.values[row, where] = np.nan


def _remove_ions(
    problem: Problem, points: Points, absent: Mapping[str, np.ndarray], amounts: np.ndarray
) -> None:
    """Set ions of a neutral system to exactly 0 where there is none of one sign, as an element is absent."""
    if CHARGE not in problem.elements or not absent:
        return
    charge = problem.elements.index(CHARGE)
    neutral = points.converged & np.any(list(absent.values()), axis=0) & (amounts[charge] == 0)
    for sign in (1, -1):
        ions = [s for j, s in enumerate(problem.species) if sign * problem.matrix[charge, j] > 0]
        moles = np.array([points.values[problem.rows["gas_moles", s]] for s in ions])
        gone = neutral & (moles == 0).all(axis=0)
        for (_, label), row in problem.rows.items():
            if label in problem.species and CHARGE in problem.mechanism.species[label].composition:
                points.values[row, gone] = 0.0


# ---- where the kernel is not enough


def _lost(problem: Problem, points: Points, amounts: np.ndarray, temperature: np.ndarray) -> np.ndarray:
    """Where balances of the elements do not determine the traces, or are not met.

    They nearly repeat each other there, so that the traces between them are rounding; or the species hold an
    element in one ratio only, and the amounts are not in it.
    """
    lost = np.zeros(len(points.converged), dtype=bool)
    if len(problem.elements) < 2:
        return lost
    split = len(problem.species)
    keys = [("gas_moles" if j < split else "condensate_moles", s) for j, s in enumerate(problem.names)]
    moles = np.array([points.values[problem.rows[key]] for key in keys])
    if problem.repeated:
        wanted = amounts[problem.repeated]
        miss = np.abs(problem.matrix[problem.repeated] @ moles - wanted)
        lost = points.converged & (miss > ACCURACY * np.maximum(np.abs(wanted), 1.0)).any(axis=0)
    compound = []
    for j in range(split, len(problem.names)):
        if len(problem.mechanism.species[problem.names[j]].composition) > 1:
            compound.append(j)
    tight = (temperature < COLD) | (split <= FEW) | (moles[compound] > SOLID).any(axis=0)
    rows = np.setdiff1d(np.arange(len(problem.elements)), problem.repeated)
    some = np.flatnonzero(points.converged & ~lost & tight)
    if not len(some) or len(rows) < 2:
        return lost
    matrix = problem.matrix[rows]
    balances = np.einsum("es,sn,fs->nef", matrix, moles[:, some], matrix)
    scale = np.sqrt(np.einsum("nee->ne", balances))
    balances = balances / np.maximum(scale[:, :, None] * scale[:, None, :], 1e-300)
    there = ((amounts[rows][:, some] > 1e-25) | ~problem.real[rows][:, None]).all(axis=0)
    lost[some] = there & (np.linalg.eigvalsh(balances)[:, 0] < LOST)
    return lost


def _by_components(problem: Problem, points: Points, k: int, columns: Columns, amounts: np.ndarray) -> None:
    """Set point k by the balances of its components.

    It does not converge where these have no solution either.
    """
    points.converged[k], points.values[:, k], points.residual[k] = False, np.nan, np.nan
    T, P = float(columns["temperature"][k]), float(columns["pressure"][k])
    split = len(problem.species)
    there = (amounts > 0) | ~problem.real
    inside = ~(problem.matrix[~there] > 0).any(axis=0)
    gas = np.flatnonzero(inside[:split])
    solid = np.array([j for j in range(split, len(problem.names)) if inside[j]], dtype=int)
    mu = np.array(problem.potentials(T, P), dtype=float)
    if not len(gas):
        return
    matrix, amounts = problem.matrix[there], amounts[there]
    used = (matrix[:, inside] != 0).any(axis=1)
    if np.any(amounts[~used]):
        return
    matrix, amounts = matrix[used], amounts[used]
    ln_P = np.log(P / BAR)
    mixture = equilibrium_in_components(matrix[:, gas], matrix[:, solid], amounts, mu[gas], mu[solid], ln_P)
    if mixture is None:
        return
    moles = np.zeros(len(problem.names))
    moles[gas], moles[solid] = mixture.gas, mixture.condensed
    rows = independent(matrix[:, inside])
    miss = residual(matrix, amounts, moles)
    if miss[rows].max() > ACCURACY and mixture.gas.sum() > 0:
        better = np.zeros_like(moles)
        better[inside] = balanced(matrix[rows][:, inside], amounts[rows], moles[inside], len(gas))
        miss_of_better = residual(matrix, amounts, better)
        if miss_of_better[rows].max() < miss[rows].max():
            moles, miss = better, miss_of_better
    if miss[rows].max() > ACCURACY or miss.max() > IN_RATIO:
        return
    activities = np.zeros(len(problem.names))
    with np.errstate(over="ignore"):
        activities[solid] = np.exp(mixture.potentials @ matrix[:, solid] - mu[solid])
    fill(points, k, State(problem, moles, T, P, activities))
    points.residual[k] = miss[rows].max()
