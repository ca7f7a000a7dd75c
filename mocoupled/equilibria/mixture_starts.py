"""Where Newton begins for a mixture of real gases that fails from the guess: at the state of the pure law.

With free oxygen below 1000 K, or with exactly the elements of some gases, other gases and the activities of
condensates lie hundreds of units of their logarithm away from the guess. The balances of components solve
the gas whose coefficients are those of the pure gases there, and the mixture is a few steps away.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ..chemistry.components import equilibrium as equilibrium_in_components
from ..constants import BAR
from ..dae.kernel.batch import Begin, Points
from .closed_problem import Problem

# ln(p/bar) and ln of the activity of what has an element that is absent
ABSENT = -70.0
SHRINKS = (1.0, 0.3)


def begin_at_pure_gases(
    problem: Problem, points: Points, parameters: Mapping[str, np.ndarray], amounts: np.ndarray, threads: int
) -> None:
    """Solve the points that are not converged from the state of pure gases; they change in place.

    parameters: of the kernel, (n,). amounts: mol of each element, (element, n), 1 mol in all.
    """
    starts: dict[int, dict[str, float]] = {}
    for k in np.flatnonzero(~points.converged & (amounts > 0).any(axis=0)).tolist():
        T, P = float(parameters["temperature"][k]), float(parameters["pressure"][k])
        unknowns = _pure_state(problem, T, P, amounts[:, k])
        if unknowns is not None:
            starts[k] = unknowns
    for shrink in SHRINKS:
        left = [k for k in starts if not points.converged[k]]
        if not left:
            return
        names = starts[left[0]]
        begin = Begin({name: np.array([starts[k][name] for k in left]) for name in names}, shrink)
        there = {name: np.array(values)[left] for name, values in parameters.items()}
        solved = problem.batch.solve(there, threads, begin=begin)
        points.values[:, left] = solved.values
        points.converged[left] = solved.converged
        points.residual[left] = solved.residual
        points.iterations[left] = solved.iterations


def _pure_state(problem: Problem, T: float, P: float, amounts: np.ndarray) -> dict[str, float] | None:
    """Unknown -> its value in the gas with coefficients of pure gases; None where that has no solution."""
    split = len(problem.species)
    there: np.ndarray = amounts > 0
    inside: np.ndarray = ~(problem.matrix[~there] > 0).any(axis=0)
    gas = np.flatnonzero(inside[:split])
    solid = split + np.flatnonzero(inside[split:])
    matrix = problem.matrix[there]
    mu = np.array(problem.potentials(T, P), dtype=float)
    if not len(gas):
        return None
    state = equilibrium_in_components(
        matrix[:, gas], matrix[:, solid], amounts[there], mu[gas], mu[solid], math.log(P / BAR)
    )
    if state is None or not state.gas.sum() > 0:
        return None
    ln_activity = np.full(len(problem.names), ABSENT)
    ln_activity[inside] = state.potentials @ matrix[:, inside] - mu[inside]
    condensed = dict(zip((problem.names[j] for j in solid), state.condensed))
    unknowns = {"ln_gas": math.log(state.gas.sum())}
    for j, name in enumerate(problem.names):
        if j < split:
            unknowns[f"ln_p[{name}]"] = float(ln_activity[j])
        else:  # moles where it is present, else ln of its activity
            moles = float(condensed.get(name, 0.0))
            unknowns[f"s[{name}]"] = moles if moles > 0 else min(float(ln_activity[j]), 0.0)
    return unknowns
