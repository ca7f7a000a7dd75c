"""Sensitivities of a closed system to its temperature, its pressure and the amounts of its elements."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..broadcasting import Conditions
from ..chemistry.records import CHARGE
from ..dae.declare.direction import Direction
from ..dae.kernel.batch import Points
from ..errors import users_line
from ..planet.parameters_of_case import NamedParameter
from .closed_problem import Problem
from .kernel_engine import Part, by_kernel, kernel_parameters
from .sensitivities import (
    SensitivityWarning,
    Wanted,
    added,
    changes,
    compiled,
    requested,
    with_unknowns,
)

if TYPE_CHECKING:
    import xarray

# of an output: how well the differentiated state must be the one of the result
SAME = 1e-6


def parameters_of(elements: Sequence[str]) -> tuple[NamedParameter, ...]:
    """The named parameters of a closed system of these elements."""
    amounts = [
        NamedParameter(
            f"moles_{e}",
            f"amount of {e}",
            "mol",
            Direction(f"moles_{e}", {f"moles_{e}": 1.0}),
            "temperature, pressure, amounts of the other elements",
            others=(e,),
        )
        for e in elements
        if e != CHARGE
    ]
    temperature = Direction("temperature", {"temperature": 1.0})
    pressure = Direction("pressure", {"pressure": 1.0})
    rest = "the amounts of the elements"
    return (
        NamedParameter("temperature", "temperature", "K", temperature, f"pressure, {rest}"),
        NamedParameter("pressure", "total pressure", "Pa", pressure, f"temperature, {rest}"),
        *amounts,
    )


def with_sensitivities(
    result: xarray.Dataset,
    whole: Problem,
    parts: Sequence[Part],
    conditions: Conditions,
    points: Points,
    names: object,
) -> xarray.Dataset:
    """The Dataset of a closed system with its sensitivities.

    parts: the problem for each set of condensates and the mask of its points. conditions, points: those that
    are not masked. NaN, with a warning, at points that balances of components have solved, which the kernel
    does not know.
    """
    chosen = tuple(p.name for p in requested(parameters_of(whole.elements), names, "closed system"))
    n = conditions.size
    slopes = np.full((len(whole.model.outputs), len(chosen), n), np.nan)
    wanted = _wanted(whole, chosen)[1]
    for part, where in parts:
        if part is None or not where.any():
            continue
        shown, of_part = _wanted(part, chosen)
        of_points = _slopes(shown, of_part, conditions.at(where), points.values[:, where], whole)
        for key, row in part.rows.items():
            if key in whole.rows:
                slopes[whole.rows[key]][:, where] = of_points[row]
    without = points.converged & ~np.isfinite(slopes).any(axis=(0, 1))
    if without.any():
        warnings.warn(
            f"sensitivities= none at {int(without.sum())} of {n} points, which are solved by components.",
            SensitivityWarning,
            stacklevel=users_line(),
        )
    return added(result, wanted, whole.layout, slopes, _masked(result, n))


def _masked(result: xarray.Dataset, size: int) -> np.ndarray | None:
    """The mask of the points that were not solved; None where all were."""
    converged = np.asarray(result.converged).reshape(-1)
    if converged.size == size:
        return None
    return np.isnan(np.asarray(result.temperature.broadcast_like(result.converged)).reshape(-1))


@lru_cache(maxsize=32)
def _wanted(problem: Problem, names: tuple[str, ...]) -> tuple[Problem, Wanted]:
    """The problem that shows its unknowns, and the derivatives."""
    batch = problem.batch
    parameters = requested(parameters_of(problem.elements), names)
    wanted = compiled(batch.model, batch.reduction, batch.vary, parameters)
    kept = tuple(u.name for u in batch.reduction.unknowns)
    shown = replace(problem, model=with_unknowns(batch.model, batch.reduction), keep=kept)
    return shown, wanted


def _slopes(
    shown: Problem, wanted: Wanted, conditions: Conditions, values: np.ndarray, whole: Problem
) -> np.ndarray:
    """The derivatives (output, parameter, point); NaN where the kernel's state is not the result's."""
    n = conditions.size
    columns = {
        name: np.broadcast_to(np.asarray(column, dtype=float), n)
        for name, column in conditions.columns.items()
    }
    amounts = shown.amounts(columns, n)
    total = amounts[shown.real].sum(axis=0)
    amounts = amounts / np.where(total > 0, total, 1.0)
    points, _ = by_kernel(shown, columns, amounts, None)
    fractions = [(row, whole.rows[key]) for key, row in shown.rows.items() if key[0] == "mixing_ratio"]
    theirs = np.array([values[row] for _, row in fractions])
    ours = np.array([points.values[row] for row, _ in fractions])
    with np.errstate(invalid="ignore"):
        same = (np.abs(ours - theirs) <= SAME * np.abs(theirs)).all(axis=0)
    points.converged[~same] = False
    return changes(wanted, points, kernel_parameters(shown, columns, amounts)[0], n)
