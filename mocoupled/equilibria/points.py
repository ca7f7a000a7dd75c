"""Solved points as a Dataset: shared by the equilibria of planets and of closed systems."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..broadcasting import Conditions, check_range, without_clashes
from ..dae.declare.model import Model
from ..dae.kernel.batch import Batch, Points
from ..errors import ModelError, users_line

if TYPE_CHECKING:
    import xarray

# Moles of an absent element, over a typical amount; its species are then set to exactly 0.
TRACE = 1e-30
# Up to so many points the scalar form is faster than numpy.
SMALL = 64


class UnconvergedWarning(UserWarning):
    """Some points did not converge; they are NaN."""


@dataclass(frozen=True)
class Variable:
    """A variable of the Dataset: name, dimension ("" for none), rows of the kernel's outputs, attributes."""

    name: str
    dimension: str
    rows: list[int]
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class Layout:
    """The variables that a kernel's outputs become, and the labels of their dimensions.

    templates: Datasets of points without dimensions, by the names of the conditions; filled on use.
    """

    variables: tuple[Variable, ...]
    labels: Mapping[str, list[str]]
    templates: dict[tuple[str, ...], xarray.Dataset] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables."""
        return tuple(variable.name for variable in self.variables)


def layout(model: Model) -> Layout:
    """The layout of a model's outputs."""
    groups: dict[str, list[int]] = {}
    for row, output in enumerate(model.outputs):
        groups.setdefault(output.name, []).append(row)
    variables: list[Variable] = []
    labels: dict[str, list[str]] = {}
    for name, rows in groups.items():
        first = model.outputs[rows[0]]
        if first.dimension:
            listed = [model.outputs[row].label for row in rows]
            if labels.setdefault(first.dimension, listed) != listed:
                raise ModelError(f"the outputs along {first.dimension} have different labels")
        attributes = {"units": first.unit, "long_name": first.long_name}
        variables.append(Variable(name, first.dimension, rows, attributes))
    return Layout(tuple(variables), labels)


# ---- solving


def solve(batch: Batch, parameters: Mapping[str, ArrayLike], size: int, threads: int | None = None) -> Points:
    """Solve at `size` points: one at a time while that is faster, else in chunks on threads.

    parameters: name -> (size,) array or number.
    """
    if size > SMALL:
        columns = {name: np.broadcast_to(value, size) for name, value in parameters.items()}
        return batch.solve(columns, threads=threads or processors())
    if size == 1:
        point = [float(np.asarray(parameters[name]).reshape(-1)[0]) for name in batch.vary]
        return batch.solve_each([point], 1)
    rows = [np.broadcast_to(parameters[name], size).tolist() for name in batch.vary]
    return batch.solve_each(zip(*rows), size)


def processors() -> int:
    """Number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def never_zero(values: float | np.ndarray, scale: float) -> tuple[float | np.ndarray, np.ndarray | None]:
    """Amounts with zeros replaced by a trace of `scale`, and the mask of the zeros (None: there are none)."""
    empty = np.asarray(values) == 0.0
    if not empty.any():
        return values, None
    return np.where(empty, TRACE * scale, values), empty


def nothing(rows: int, size: int) -> Points:
    """Points without a result: NaN, not converged."""
    return Points(
        np.full((rows, size), np.nan),
        np.zeros(size, dtype=bool),
        np.full(size, np.nan),
        np.zeros(size, dtype=int),
    )


def spread(points: Points, masked: np.ndarray | None) -> Points:
    """The points together with the masked points, which are NaN and not converged."""
    if masked is None or not masked.any():
        return points
    whole = nothing(len(points.values), masked.size)
    whole.values[:, ~masked] = points.values
    whole.residual[~masked] = points.residual
    whole.converged[~masked] = points.converged
    return whole


# ---- the Dataset


def dataset(
    plan: Layout,
    points: Points,
    conditions: Conditions,
    units: Mapping[str, str],
    attributes: Mapping[str, str],
    *,
    reason: str = "",
    reserved: Iterable[str] = (),
    renamed: Mapping[str, str] | None = None,
) -> xarray.Dataset:
    """Points as a Dataset: outputs, residual, converged and the conditions.

    units: of each condition. reason: why points have no solution, where it is known.
    reserved: names of variables that the caller adds. renamed: as for `without_clashes`.
    Points that did not converge are NaN already. Here they are counted in a warning, except those that the
    user masked.
    """
    names = {*conditions.columns, *plan.labels, *plan.names, "residual", "converged", *reserved}
    conditions, changes = without_clashes(conditions, names, units, renamed)
    if changes:
        attributes = {**attributes, "renamed": ", ".join(f"{old} -> {new}" for old, new in changes.items())}
    _warn_of_missing(points, conditions.masked, reason)
    values = _values(plan, points, conditions)
    if conditions.shape or conditions.coordinates is not None:
        return _template(plan, conditions, values, units, attributes)
    # The same for every point without dimensions and coordinates.
    key = tuple(conditions.columns)
    if key not in plan.templates:
        plan.templates[key] = _template(plan, conditions, values, units, {})
    # New arrays, and xarray copies attributes: what a user does to a result stays there.
    result = plan.templates[key].copy(data=values)
    result.attrs = dict(attributes)
    return result


def _warn_of_missing(points: Points, masked: np.ndarray | None, reason: str) -> None:
    """An UnconvergedWarning with the number of points without a result, if there are any."""
    size = points.converged.size
    missing = size - int(np.count_nonzero(points.converged))
    if masked is not None:
        missing -= int(np.count_nonzero(masked))
    if missing:
        warnings.warn(
            f"{missing} of {size} points did not converge; they are NaN.{reason}",
            UnconvergedWarning,
            stacklevel=users_line(),
        )


def _values(plan: Layout, points: Points, conditions: Conditions) -> dict[str, np.ndarray]:
    """Name -> array of every variable of the Dataset."""
    shape = conditions.shape
    values = {}
    for variable in plan.variables:
        if variable.dimension:
            values[variable.name] = points.values[variable.rows].reshape(len(variable.rows), *shape)
        else:
            values[variable.name] = points.values[variable.rows[0]].reshape(shape)
    values["residual"] = points.residual.reshape(shape)
    values["converged"] = points.converged.reshape(shape)
    for name, column in conditions.columns.items():
        values[name] = _unmasked(column, conditions.masked).reshape(shape)
    return values


def _unmasked(column: ArrayLike, masked: np.ndarray | None) -> np.ndarray:
    """A condition as an array, NaN where it is masked."""
    values = np.array(column, dtype=float)
    return values if masked is None else np.where(masked, np.nan, values)


def _template(
    plan: Layout,
    conditions: Conditions,
    values: Mapping[str, np.ndarray],
    units: Mapping[str, str],
    attributes: Mapping[str, str],
) -> xarray.Dataset:
    """The Dataset of these values."""
    import xarray

    dimensions, coordinates = conditions.dimensions, conditions.coordinates
    labels = {
        "residual": {"units": "1", "long_name": "largest logarithmic residual"},
        "converged": {"units": "1", "long_name": "whether the point converged"},
    }
    for name in conditions.columns:
        if coordinates is None or name not in coordinates.coords:
            labels[name] = {"units": units[name], "long_name": f"{name.replace('_', ' ')}, as given"}
    variables: dict[str, tuple[tuple[str, ...], np.ndarray, Mapping[str, str]]] = {}
    for variable in plan.variables:
        along = (variable.dimension, *dimensions) if variable.dimension else dimensions
        variables[variable.name] = (along, values[variable.name], variable.attributes)
    for name, label in labels.items():
        variables[name] = (dimensions, values[name], label)
    result = xarray.Dataset(variables, coords=plan.labels, attrs=dict(attributes))
    return result if coordinates is None else result.assign_coords(coordinates.coords)


@dataclass(frozen=True)
class Range:
    """An allowed range. reason: why it ends there, in words."""

    low: float
    high: float
    unit: str
    reason: str = ""


def check_columns(
    columns: Mapping[str, float | np.ndarray],
    ranges: Mapping[str, Range],
    places: np.ndarray | None = None,
    written: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """InputError for a column with a value that is not finite or outside its range.

    places: number of each point in the user's array, where the columns are some of its points.
    written: name -> unit that the user wrote, as of Conditions.
    """
    for name, limits in ranges.items():
        low, high, unit, reason = limits.low, limits.high, limits.unit, limits.reason
        check_range(name, columns[name], low, high, unit, reason, places, written.get(name, ""))
