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
from ..errors import InputError, nearest, users_line
from ..planet.parameters_of_case import NamedParameter
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
    if isinstance(names, str) or not isinstance(names, Sequence) or not names:
        raise InputError(
            f"{WHERE} {names!r}", "not a list of names.", "for example: ['hydrogen', 'temperature']"
        )
    known = {name: p for p in parameters for name in p.names}
    chosen: dict[str, tuple[str, NamedParameter]] = {}
    for name in names:
        if name not in known:
            listed = ", ".join(dict.fromkeys(p.name for p in known.values()))
            raise InputError(
                f"{WHERE} {name!r}",
                f"no parameter of this {what} has this name.",
                f"known: {listed}",
                nearest(str(name), known),
            )
        parameter = known[name]
        if parameter.name in chosen:
            raise InputError(
                f"{WHERE} {name!r}",
                f"it is the same parameter as {chosen[parameter.name][0]!r}.",
                "allowed: each parameter once",
                "remove one of them",
            )
        chosen[parameter.name] = name, parameter
    return tuple(parameter for _, parameter in chosen.values())


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
        logarithm = outputs[variable.rows[0]].logarithm
        what = variable.name if logarithm else f"ln({variable.name})"
        label = {
            "units": "1",
            "long_name": f"d {what} / d ln(parameter), or / d(parameter) where parameter_relative is false; "
            "fixed: parameter_fixed",
        }
        values = rows.reshape((len(wanted.parameters), *rows.shape[1:-1], *shape))
        result[PREFIX + variable.name] = (("parameter", *along, *dimensions), values, label)
    result = result.assign_coords({"parameter": wanted.names, **_described(wanted.parameters)})
    return _idle(result, wanted, slopes)


def _described(parameters: tuple[NamedParameter, ...]) -> dict[str, tuple[str, list, dict[str, str]]]:
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


def _idle(result: xarray.Dataset, wanted: Wanted, slopes: np.ndarray) -> xarray.Dataset:
    """The Dataset with the names of the parameters that act on nothing, and a warning of them."""
    still = []
    for k, name in enumerate(wanted.names):
        known = slopes[:, k][np.isfinite(slopes[:, k])]
        if known.size and not known.any():
            still.append(name)
    if still:
        text = ", ".join(still)
        result.attrs["parameters_without_effect"] = text
        warnings.warn(f"{WHERE} {text}: acts on nothing here.", SensitivityWarning, stacklevel=users_line())
    return result
