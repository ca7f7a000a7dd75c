"""Why some points of a planet's equilibrium have no solution, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..broadcasting import Conditions
from ..case import Case
from ..chemistry.element_balance import made_of, why_not
from ..closures.fugacity import ends_of_tables, highest_pressure
from ..closures.saturation import CRITICAL_TEMPERATURE, saturation_pressure
from ..constants import BAR
from ..dae.kernel.batch import Points
from ..errors import InputError
from ..planet.degrees_of_freedom import Prescribed
from .melt_arguments import varied_oxides
from .planet_points import Parameters, solved
from .planet_problem import Prepared, place, prepare


def reason_of_failure(
    case: Case,
    prepared: Prepared,
    conditions: Conditions,
    points: Points,
    parameters: Parameters,
    inventories: tuple[str, ...],
    pressures: tuple[Prescribed, ...],
) -> str:
    """The reason for points without a result; "" where it is not known, or where all points have a result.

    inventories, pressures: names of the arguments in place of the case's, as for `prepare`.
    """
    if points.converged.all():
        return ""
    if pressures:
        reason = _supersaturated(case, conditions, points, inventories, pressures)
    else:
        reason = _impossible(prepared, points, parameters)
    return reason or _too_dense(case, conditions, points, inventories, pressures)


def refusal(case: Case, pressures: tuple[Prescribed, ...], reason: str) -> InputError:
    """The error for a single state that does not exist, with its reason."""
    where = f"{case.name} [volatiles]"
    cure = "allow graphite or another species, or change the inventories"
    if pressures:
        where = ", ".join(place(kind, species) for kind, species in pressures)
        cure = "prescribe less of it, or an inventory in its place"
    if "fugacity coefficients" in reason:
        cure = "set chemistry.fugacity = 'ideal', or lower the inventories"
    return InputError(where, f"there is no such equilibrium.{reason}", cure=cure)


def _impossible(prepared: Prepared, points: Points, parameters: Parameters) -> str:
    """The sentence for points whose elements no amounts of the species hold; "" if there are none.

    A buffer, prescribed pressures, iron and a melt that evaporates give and take elements: then there always
    are such amounts.
    """
    chemistry = prepared.planet.chemistry
    if chemistry.oxygen is not None or chemistry.pressures or chemistry.iron or chemistry.rock:
        return ""
    elements, size = chemistry.elements, len(points.converged)
    compositions = [chemistry.mechanism.species[s].composition for s in chemistry.species]
    matrix = np.array([[c.get(e, 0) for c in compositions] for e in elements], dtype=float)
    missed = np.flatnonzero(~points.converged)
    columns = np.array([np.broadcast_to(parameters[f"moles_{e}"], size)[missed] for e in elements])
    without = [k for k, amounts in enumerate(columns.T) if made_of(matrix, amounts) is None]
    if not without:
        return ""
    amounts = columns[:, without[0]]
    sample = ", ".join(f"{element} {v:.4g} mol" for element, v in zip(elements, amounts))
    reason = why_not(matrix, amounts, elements)
    which = " No" if size == 1 else f" {len(without)} of {size} points have no solution at all: no"
    instance = "" if size == 1 else "for instance "
    return (
        f"{which} amounts of {', '.join(chemistry.species)} hold these elements "
        f"({instance}{sample}{f'; {reason}' if reason else ''})."
    )


def _too_dense(
    case: Case,
    conditions: Conditions,
    points: Points,
    inventories: tuple[str, ...],
    pressures: tuple[Prescribed, ...],
) -> str:
    """The sentence for points whose pressure is beyond the tables of fugacity coefficients.

    "" if there are none.
    """
    if case.chemistry.fugacity == "ideal":
        return ""
    ideal = prepare(
        case.replace({"chemistry.fugacity": "ideal"}),
        inventories,
        pressures,
        oxides=varied_oxides(conditions.columns),
    )
    as_ideal, _ = solved(ideal, conditions.at(~points.converged))
    surface = as_ideal.values[ideal.pressure_row]
    # Real gases are at most some times off.
    end = highest_pressure(case.chemistry.fugacity)
    dense = surface[surface > end / 4]
    if not len(dense):
        return ""
    few = f"{len(dense)} of {len(points.converged)} points have" if conditions.shape else "it has"
    return (
        f" The tables of fugacity coefficients ({case.chemistry.fugacity}) end at "
        f"{end / BAR:g} bar;"
        f" {few} a surface pressure of up to {dense.max() / BAR:.4g} bar as ideal gases."
    )


def _supersaturated(
    case: Case,
    conditions: Conditions,
    points: Points,
    inventories: tuple[str, ...],
    pressures: tuple[Prescribed, ...],
) -> str:
    """The sentence for points at which a prescribed pressure or fugacity has no equilibrium.

    Without condensates these points have a state, supersaturated in one of the condensates.
    """
    law = case.chemistry.fugacity
    tables = "" if law == "ideal" else f" Is the surface pressure beyond the tables? {ends_of_tables(law)}."
    missed = np.flatnonzero(~points.converged)
    reasons: list[str] = []
    if case.chemistry.graphite or case.chemistry.water:
        without = {"chemistry.graphite": False, "chemistry.water": False}
        relaxed = prepare(
            case.replace(without), inventories, pressures, oxides=varied_oxides(conditions.columns)
        )
        some = conditions.at(missed)
        state, _ = solved(relaxed, some)
        if case.chemistry.graphite:
            reasons += _over_graphite(relaxed, state)
        if case.chemistry.water:
            reasons += _over_water(relaxed, state, some.columns["temperature"])
    if reasons:
        names = " and ".join(f"{kind} of {species}" for kind, species in pressures)
        return f" The prescribed {names} cannot exist there: {'; '.join(reasons)}."
    return tables if conditions.shape else ""


def _over_graphite(relaxed: Prepared, points: Points) -> Sequence[str]:
    """The points at which graphite would form, in words. relaxed: the problem without condensates."""
    row = relaxed.rows.get(("graphite_activity", ""))
    if row is None:
        return ()
    activity = points.values[row]
    over = points.converged & (activity > 1.0)
    if not over.any():
        return ()
    largest = activity[over].max()
    count = np.count_nonzero(over)
    return (f"at {count} of them graphite would form (activity of carbon up to {largest:.3g})",)


def _over_water(relaxed: Prepared, points: Points, temperatures: np.ndarray) -> Sequence[str]:
    """The points at which water would condense, in words. relaxed: the problem without condensates."""
    row = relaxed.rows.get(("pressure", "H2O"))
    if row is None:
        return ()
    limit = saturation_pressure(np.minimum(temperatures, CRITICAL_TEMPERATURE))
    over = points.converged & (points.values[row] > limit) & (temperatures < CRITICAL_TEMPERATURE)
    if not over.any():
        return ()
    least = limit[over].min() / BAR
    return (f"at {np.count_nonzero(over)} of them water would condense (above {least:.4g} bar)",)
