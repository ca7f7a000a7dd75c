"""Limits of a closed system: conditions outside its data, and amounts of elements that no species contain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..broadcasting import Conditions
from ..chemistry.element_balance import made_of, why_not
from ..chemistry.equilibrium_constants import limiting, temperature_limits
from ..chemistry.gas_mixtures import is_mixture, pure_law
from ..closures.fugacity import TEMPERATURES as TABLE_TEMPERATURES
from ..closures.fugacity import ends_of_tables, highest_pressure
from ..dae.kernel.batch import Points
from ..planet.species_declarations import WATER
from .closed_problem import Problem
from .condensate_ranges import in_range
from .gas_arguments import amount_range
from .points import Range, check_columns

# Pa.
PRESSURES = (1e-10, 1e11)


def check_conditions(
    problem: Problem, conditions: Conditions, elements: Sequence[str], places: np.ndarray | None
) -> None:
    """InputError for temperatures outside the species' data, and for pressures and amounts out of range.

    places: number of each point in the user's array, where the conditions are some of its points.
    """
    # Below its triple point water is ice, for which there are no data.
    names = [*problem.species, *(c for c in problem.condensates if c == WATER)]
    low, high = temperature_limits(problem.mechanism, names, "nasa7")
    least, most = PRESSURES
    why = ""
    if problem.fugacity != "ideal":
        low, high = max(low, TABLE_TEMPERATURES[0]), min(high, TABLE_TEMPERATURES[1])
        most, why = highest_pressure(problem.fugacity), ends_of_tables(problem.fugacity)
    of_data = limiting(problem.mechanism, names, low, high)
    ranges = {
        "temperature": Range(low, high, "K", "; ".join(filter(None, (of_data, why)))),
        "pressure": Range(least, most, "Pa", why),
    }
    ranges |= {f"moles_{element}": amount_range(element) for element in elements}
    check_columns(conditions.columns, ranges, places, conditions.written)


def reason_of_failure(problem: Problem, conditions: Conditions, points: Points) -> str:
    """The reason, in words, for points without a result; "" for none."""
    missed = np.flatnonzero(~points.converged)
    if not len(missed):
        return ""
    T = np.broadcast_to(conditions.columns["temperature"], conditions.size)[missed]
    columns = problem.amounts(conditions.columns, conditions.size)[:, missed]
    impossible = [k for k, amounts in enumerate(columns.T) if not _possible(problem, amounts, float(T[k]))]
    if not impossible:
        return no_arrival(problem.fugacity, len(missed), conditions.size)
    amounts = columns[:, impossible[0]]
    real = problem.real
    elements = [element for element, is_real in zip(problem.elements, real) if is_real]
    cause = why_not(problem.matrix[real], amounts[real], elements)
    sample = ", ".join(f"{element} {v:.6g}" for element, v in zip(problem.elements, amounts))
    temperatures = " at these temperatures" if problem.condensates else ""
    return (
        f" {len(impossible)} of {conditions.size} points have no solution at all: no amounts of "
        f"{', '.join(problem.names)} hold these elements{temperatures}"
        f" (for instance {sample}{f'; {cause}' if cause else ''})."
    )


def no_arrival(fugacity: str, count: int, size: int) -> str:
    """The sentence for points that have a solution, at which the solver does not arrive.

    fugacity: name of the law.
    """
    cure = ""
    if is_mixture(fugacity):
        cure = (
            f" ({fugacity}: it fails in the cold where the elements are exactly those of some of the "
            f"gases, so that the others vanish; change an amount a little, or take {pure_law(fugacity)})"
        )
    return f" At {count} of {size} points the solver does not arrive at a solution{cure}."


def _possible(problem: Problem, amounts: np.ndarray, temperature: float) -> bool:
    """Whether species that exist at this temperature [K] can have these amounts of the elements."""
    if not (amounts[problem.real] > 0).any():
        return False
    there = (amounts > 0) | ~problem.real
    exists = [s in problem.species or in_range(problem.mechanism, s, temperature) for s in problem.names]
    usable = ~(problem.matrix[~there] > 0).any(axis=0) & np.array(exists, dtype=bool)
    return made_of(problem.matrix[there][:, usable], amounts[there]) is not None
