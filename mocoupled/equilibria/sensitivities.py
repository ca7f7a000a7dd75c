"""Sensitivities of an equilibrium: derivatives of all its variables with respect to named parameters."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..dae.declare.model import Model, Output
from ..dae.kernel.batch import Points
from ..dae.kernel.sensitivities import Sensitivities
from ..errors import users_line
from ..planet.parameters_of_case import NamedParameter, chosen
from .points import processors

if TYPE_CHECKING:
    import xarray

    from ..dae.kernel.elimination import Reduction
    from .points import Layout

PREFIX = "sensitivity_"
UNKNOWN = "unknown "  # and the name of an unknown: an output that is not shown
WHERE = "sensitivities="


class SensitivityWarning(UserWarning):
    """A requested parameter does not act on the equilibrium."""


@dataclass(frozen=True)
class Wanted:
    """The parameters whose effect is requested, and the derivatives compiled for them."""

    parameters: tuple[NamedParameter, ...]
    compiled: Sensitivities
    outputs: int

    @property
    def names(self) -> list[str]:
        """The names of the parameters."""
        return [parameter.name for parameter in self.parameters]


def requested(
    parameters: Iterable[NamedParameter], names: object, what: str = "equilibrium"
) -> tuple[NamedParameter, ...]:
    """Those of the parameters that have these names. what: they belong to, for messages.

    InputError for what is no list of names, an unknown name, and two names of one parameter.
    """
    return chosen(parameters, names, WHERE, what)


def with_unknowns(model: Model, reduction: Reduction) -> Model:
    """The model that shows the unknowns too, behind its outputs: at them the equations are differentiated."""
    hidden = [Output(UNKNOWN + u.name, u.symbol, u.unit, u.long_name) for u in reduction.unknowns]
    return replace(model, outputs=(*model.outputs, *hidden))


def compiled(
    model: Model, reduction: Reduction, vary: Sequence[str], parameters: tuple[NamedParameter, ...]
) -> Wanted:
    """The derivatives of a model's outputs along its parameters; the text is generated on first use."""
    directions = [parameter.direction for parameter in parameters]
    plain = replace(reduction, model=model)
    return Wanted(parameters, Sensitivities(plain, vary, directions), len(model.outputs))


def changes(wanted: Wanted, points: Points, parameters: Mapping[str, object], size: int) -> np.ndarray:
    """The derivatives (output, parameter, point) at solved points.

    NaN without a result, and where a logarithm is that of 0: of an output or of a parameter.
    """
    values = points.values[: wanted.outputs]
    at = {name: np.asarray(column, dtype=float) for name, column in parameters.items()}
    slopes = wanted.compiled.at(at, points.values[wanted.outputs :], processors())
    slopes[:, :, ~points.converged] = np.nan
    for k, parameter in enumerate(wanted.parameters):
        if parameter.direction.relative:
            moved = [np.broadcast_to(at[name], size) for name in parameter.direction.weights]
            slopes[:, k, np.all(np.equal(moved, 0.0), axis=0)] = np.nan
    outputs = wanted.compiled.reduction.model.outputs
    relative = np.array([not output.logarithm for output in outputs])
    gone = (values == 0.0) & relative[:, None]
    return np.where(gone[:, None, :], np.nan, slopes)


def added(
    result: xarray.Dataset, wanted: Wanted, plan: Layout, slopes: np.ndarray, masked: np.ndarray | None
) -> xarray.Dataset:
    """The Dataset with sensitivity_VARIABLE(parameter, ...) of every variable.

    slopes: of the points that are not masked, as of `changes`.
    """
    outputs = wanted.compiled.reduction.model.outputs
    if masked is not None and masked.any():
        whole = np.full((*slopes.shape[:2], masked.size), np.nan)
        whole[:, :, ~masked] = slopes
        slopes = whole
    dimensions, shape = result.converged.dims, result.converged.shape
    for variable in plan.variables:
        along = (variable.dimension,) if variable.dimension else ()
        rows = np.moveaxis(slopes[variable.rows], 0, 1)
        if not variable.dimension:
            rows = rows[:, 0]
        label = labels(variable.name, outputs[variable.rows[0]].logarithm)
        values = rows.reshape((len(wanted.parameters), *rows.shape[1:-1], *shape))
        result[PREFIX + variable.name] = (("parameter", *along, *dimensions), values, label)
    result = result.assign_coords({"parameter": wanted.names, **described(wanted.parameters)})
    return with_idle(result, wanted.names, slopes)


def labels(name: str, logarithm: bool) -> dict[str, str]:
    """Unit and title of the sensitivity of a variable."""
    what = name if logarithm else f"ln({name})"
    title = f"d {what} / d ln(parameter), or / d(parameter) where parameter_relative is false"
    return {"units": "1", "long_name": f"{title}; fixed: parameter_fixed"}


def described(parameters: tuple[NamedParameter, ...]) -> dict[str, tuple[str, list, dict[str, str]]]:
    """What a reader must know of each parameter, along `parameter`."""
    nan = float("nan")
    rows: dict[str, tuple[str, list]] = {
        "parameter_unit": ("unit of the parameter", [p.unit for p in parameters]),
        "parameter_relative": (
            "whether changes are of its logarithm",
            [p.direction.relative for p in parameters],
        ),
        "parameter_fixed": ("what stays fixed while it varies", [p.fixed for p in parameters]),
        "parameter_value": (
            "value in its unit; NaN of a condition",
            [nan if p.value is None else p.value for p in parameters],
        ),
        "parameter_error": (
            "published uncertainty (+-) in its unit; NaN where there is none",
            [nan if p.error is None else p.error for p in parameters],
        ),
    }
    return {name: ("parameter", values, {"long_name": title}) for name, (title, values) in rows.items()}


def with_idle(result: xarray.Dataset, names: Sequence[str], slopes: np.ndarray) -> xarray.Dataset:
    """The Dataset with the names of the parameters that act on nothing, and a warning of them.

    slopes: (outputs, parameters, points).
    """
    still = []
    for k, name in enumerate(names):
        known = slopes[:, k][np.isfinite(slopes[:, k])]
        if known.size and not known.any():
            still.append(name)
    if still:
        text = ", ".join(still)
        result.attrs["parameters_without_effect"] = text
        warnings.warn(f"{WHERE} {text}: acts on nothing here.", SensitivityWarning, stacklevel=users_line())
    return result
