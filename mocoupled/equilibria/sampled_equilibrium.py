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
from .planet_points import solved
from .planet_problem import Prepared, prepare
from .sensitivities import Wanted
from .sensitivities import changes as slopes_of

if TYPE_CHECKING:
    import xarray

CASE, CALL = "case", "call"
CONDITIONS = ("temperature", "melt_fraction", "oxygen_fugacity_offset")


def call_text(case: Case, inventories: tuple[str, ...], pressures: tuple[Prescribed, ...]) -> dict[str, str]:
    """Attributes with which an equilibrium can be solved again: the case and the names of the arguments."""
    return {CASE: case.to_toml(), CALL: json.dumps({"inventories": inventories, "pressures": pressures})}


@dataclass(frozen=True)
class Samples:
    """Solved samples.

    outputs (output, sample); sound (sample,): where there is a result; slopes (output, parameter, sample).
    """

    outputs: np.ndarray
    sound: np.ndarray
    slopes: np.ndarray | None


@dataclass(frozen=True)
class SolvedAgain:
    """An equilibrium of a Dataset, prepared anew.

    wanted: the derivatives of the Dataset. conditions: of all its points.
    rows: variable -> rows of the outputs, in the order of the Dataset.
    """

    prepared: Prepared
    wanted: Wanted
    conditions: Conditions
    rows: Mapping[str, list[int]]

    def at(self, point: int, changes: Mapping[str, np.ndarray], sloped: bool = False) -> Samples:
        """The equilibrium at one point, at many changes of its parameters.

        changes: parameter -> (samples,) change of its logarithm, or of itself where it is not relative.
        sloped: whether the derivatives are computed too.
        """
        samples = len(next(iter(changes.values())))
        columns = {
            name: np.broadcast_to(np.broadcast_to(column, self.conditions.size)[point], samples)
            for name, column in self.conditions.columns.items()
        }
        moved: dict[str, list[tuple[bool, np.ndarray]]] = {}
        for parameter in self.wanted.parameters:
            if parameter.name in changes:
                along = parameter.direction
                for name, weight in along.weights.items():
                    moved.setdefault(name, []).append((along.relative, weight * changes[parameter.name]))
        points, parameters = solved(self.prepared, Conditions(("point",), (samples,), columns), moved=moved)
        sound = points.converged & (np.asarray(parameters["melt_fraction"]) <= 1.0)
        slopes = slopes_of(self.wanted, points, parameters, samples) if sloped else None
        return Samples(points.values[: self.wanted.outputs], sound, slopes)


def check_sensitivities(state: object) -> None:
    """InputError for what is no equilibrium with sensitivities."""
    if "parameter" not in getattr(state, "coords", ()) or "converged" not in getattr(state, "data_vars", ()):
        raise InputError(
            "state=",
            "this is no equilibrium with sensitivities, and no such run.",
            "allowed: a result of mo.equilibrium or mo.run with sensitivities=[...]",
        )


def solved_again(state: xarray.Dataset) -> SolvedAgain:
    """The equilibrium of a Dataset with sensitivities. InputError for another Dataset."""
    check_sensitivities(state)
    if CALL not in state.attrs:
        raise InputError(
            "state=",
            "it cannot be solved again: its melt is an argument, or it is a closed system.",
            "allowed: a planet whose melt is in its case",
        )
    call = json.loads(state.attrs[CALL])
    inventories = tuple(call["inventories"])
    pressures = tuple((kind, species) for kind, species in call["pressures"])
    case = Case.parse(state.attrs[CASE])
    prepared = prepare(case, inventories, pressures, [str(name) for name in state.parameter.values])
    assert prepared.wanted is not None  # since it was prepared with names
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
    return SolvedAgain(prepared, prepared.wanted, conditions, rows)
