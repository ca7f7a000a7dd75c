"""An equilibrium with sensitivities again, at many changes of its parameters: solved, not by derivatives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..broadcasting import Conditions
from ..case import Case
from ..errors import InputError
from ..planet.degrees_of_freedom import Prescribed
from ..planet.parameters_of_case import NamedParameter
from .planet_points import solved
from .planet_problem import Prepared, prepare

if TYPE_CHECKING:
    import xarray

CASE, CALL = "case", "call"
CONDITIONS = ("temperature", "melt_fraction", "oxygen_fugacity_offset")


def call_text(case: Case, inventories: tuple[str, ...], pressures: tuple[Prescribed, ...]) -> dict[str, str]:
    """Attributes with which an equilibrium can be solved again: the case and the names of the arguments."""
    return {CASE: case.to_toml(), CALL: json.dumps({"inventories": inventories, "pressures": pressures})}


@dataclass(frozen=True)
class SolvedAgain:
    """An equilibrium of a Dataset, prepared anew.

    parameters: in the order of the Dataset. conditions: of all its points.
    rows: variable -> rows of the outputs, in the order of the Dataset.
    """

    prepared: Prepared
    parameters: tuple[NamedParameter, ...]
    conditions: Conditions
    rows: Mapping[str, list[int]]

    def values(self, point: int, changes: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Outputs (output, samples) at one point, and where there is a result (samples,).

        changes: parameter -> (samples,) change of its logarithm, or of itself where it is not relative.
        """
        samples = len(next(iter(changes.values())))
        columns = {
            name: np.broadcast_to(np.broadcast_to(column, self.conditions.size)[point], samples)
            for name, column in self.conditions.columns.items()
        }
        moved: dict[str, list[tuple[bool, np.ndarray]]] = {}
        for parameter in self.parameters:
            if parameter.name in changes:
                along = parameter.direction
                for name, weight in along.weights.items():
                    moved.setdefault(name, []).append((along.relative, weight * changes[parameter.name]))
        points, parameters = solved(self.prepared, Conditions(("point",), (samples,), columns), moved=moved)
        sound = points.converged & (np.asarray(parameters["melt_fraction"]) <= 1.0)
        return points.values, sound


def solved_again(state: xarray.Dataset) -> SolvedAgain:
    """The equilibrium of a Dataset with sensitivities. InputError for another Dataset."""
    if not hasattr(state, "coords") or CALL not in state.attrs or "parameter" not in state.coords:
        raise InputError(
            "state=",
            "this is no equilibrium with sensitivities.",
            "allowed: a result of mo.equilibrium(..., sensitivities=[...])",
        )
    call = json.loads(state.attrs[CALL])
    inventories = tuple(call["inventories"])
    pressures = tuple((kind, species) for kind, species in call["pressures"])
    case = Case.parse(state.attrs[CASE])
    prepared = prepare(case, inventories, pressures, [str(name) for name in state.parameter.values])
    parameters = prepared.wanted.parameters if prepared.wanted else ()
    renamed = dict(part.split(" -> ") for part in state.attrs.get("renamed", "").split(", ") if part)
    names = [*CONDITIONS, *inventories, *(f"{kind}_{species}" for kind, species in pressures)]
    shape = state.converged.shape
    columns = {}
    for name in names:
        if (place := renamed.get(name, name)) in state.variables:
            values = state[place]
            wide = values.broadcast_like(state.converged).transpose(*state.converged.dims)
            columns[name] = np.asarray(wide, dtype=float).reshape(-1)
    conditions = Conditions(state.converged.dims, shape, columns)
    rows = {variable.name: variable.rows for variable in prepared.layout.variables}
    return SolvedAgain(prepared, parameters, conditions, rows)
