"""Points in, a Dataset out: what the equilibria at one or a million points have in common."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..broadcasting import Conditions, without_clashes
from ..dae.declare.model import Model
from ..dae.kernel.batch import Batch, Points
from ..errors import users_line

if TYPE_CHECKING:
    import xarray

TRACE = 1e-30  # moles of an absent element, over a typical amount; its species are then set to exactly 0
SMALL = 64  # up to so many points the scalar form is faster than numpy


class UnconvergedWarning(UserWarning):
    """Some points did not converge; they are NaN."""


@dataclass(frozen=True)
class Layout:
    """How a kernel's outputs become variables: (name, dimension, output rows, attributes), and the labels."""

    variables: tuple[tuple[str, str, list[int], dict], ...]
    labels: Mapping[str, list[str]]
    templates: dict = field(default_factory=dict)


def layout(model: Model) -> Layout:
    """The layout of a model's outputs."""
    groups: dict[str, list[int]] = {}
    for row, output in enumerate(model.outputs):
        groups.setdefault(output.name, []).append(row)
    found, labels = [], {}
    for name, rows in groups.items():
        first = model.outputs[rows[0]]
        if first.dimension:
            labels[first.dimension] = [model.outputs[r].label for r in rows]
        found.append((name, first.dimension, rows, {"units": first.unit, "long_name": first.long_name}))
    return Layout(tuple(found), labels)


def solve(batch: Batch, parameters: Mapping[str, Any], size: int, threads: int | None = None) -> Points:
    """Solve at `size` points: one at a time while that is faster, else in chunks on threads."""
    if size > SMALL:
        columns = {name: np.broadcast_to(value, size) for name, value in parameters.items()}
        return batch.solve(columns, threads=threads or processors())
    if size == 1:
        return batch.solve_each(
            [[float(np.asarray(parameters[name]).reshape(-1)[0]) for name in batch.vary]], 1
        )
    columns = [np.broadcast_to(parameters[name], size).tolist() for name in batch.vary]
    return batch.solve_each(zip(*columns), size)


def processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def never_zero(values, scale) -> tuple[Any, np.ndarray | None]:
    """Amounts with zeros replaced by a trace of `scale`, and the mask of the zeros (None: there are none)."""
    empty = np.asarray(values) == 0.0
    if not empty.any():
        return values, None
    return np.where(empty, TRACE * scale, values), empty


def nothing(rows: int, size: int) -> Points:
    """Points of which none is solved: NaN, not converged."""
    return Points(
        np.full((rows, size), np.nan),
        np.zeros(size, dtype=bool),
        np.full(size, np.nan),
        np.zeros(size, dtype=int),
    )


def spread(points: Points, masked: np.ndarray | None) -> Points:
    """The points with the masked ones among them, which are NaN and not converged."""
    if masked is None or not masked.any():
        return points
    whole = nothing(len(points.values), masked.size)
    whole.values[:, ~masked], whole.residual[~masked], whole.converged[~masked] = (
        points.values,
        points.residual,
        points.converged,
    )
    return whole


def dataset(
    plan: Layout,
    points: Points,
    conditions: Conditions,
    units: Mapping[str, str],
    attributes: Mapping[str, str],
    reason: str = "",
    also: Collection[str] = (),
    renamed: Mapping[str, str] | None = None,
) -> xarray.Dataset:
    """Points as a Dataset: outputs, residual, converged and the conditions themselves.

    units: of each condition; reason: why points have no solution, where it is known; also, renamed: names of variables
    that the caller adds, and as for `without_clashes`. Points that did not converge are NaN already; here they are
    counted in a warning, but for those that the user masked.
    """
    reserved = {
        *conditions.columns,
        *plan.labels,
        *(name for name, *_ in plan.variables),
        "residual",
        "converged",
        *also,
    }
    conditions, changes = without_clashes(conditions, reserved, units, renamed)
    if changes:
        attributes = {**attributes, "renamed": ", ".join(f"{old} -> {new}" for old, new in changes.items())}
    shape, masked = conditions.shape, conditions.masked
    data = {
        name: points.values[rows].reshape(len(rows), *shape)
        if dimension
        else points.values[rows[0]].reshape(shape)
        for name, dimension, rows, _ in plan.variables
    }
    data["residual"] = points.residual.reshape(shape)
    data["converged"] = points.converged.reshape(shape)
    data |= {name: _shown(values, masked).reshape(shape) for name, values in conditions.columns.items()}
    missed = (
        points.converged.size
        - int(np.count_nonzero(points.converged))
        - (0 if masked is None else int(np.count_nonzero(masked)))
    )
    if missed:
        warnings.warn(
            f"{missed} of {points.converged.size} points did not converge; they are NaN.{reason}",
            UnconvergedWarning,
            stacklevel=users_line(),
        )
    if shape or conditions.coordinates is not None:
        return _template(plan, conditions, data, units, attributes)
    key = tuple(conditions.columns)
    if key not in plan.templates:  # the same for every point without dimensions and coordinates
        plan.templates[key] = _template(plan, conditions, data, units, {})
    result = plan.templates[key].copy(
        data=data
    )  # new arrays, and xarray copies attributes: what a user does to a result stays there
    result.attrs = dict(attributes)
    return result


def _shown(values, masked) -> np.ndarray:
    values = np.array(values, dtype=float)
    return values if masked is None else np.where(masked, np.nan, values)


def _template(plan, conditions, data, units, attributes):
    import xarray

    dimensions, coordinates = conditions.dimensions, conditions.coordinates
    variables = {}
    for name, dimension, _, label in plan.variables:
        variables[name] = ((dimension, *dimensions) if dimension else dimensions, data[name], label)
    variables["residual"] = (
        dimensions,
        data["residual"],
        {"units": "1", "long_name": "largest logarithmic residual"},
    )
    variables["converged"] = (
        dimensions,
        data["converged"],
        {"units": "1", "long_name": "whether the point converged"},
    )
    for name in conditions.columns:
        if coordinates is not None and name in coordinates.coords:
            continue
        label = {"units": units[name], "long_name": f"{name.replace('_', ' ')}, as given"}
        variables[name] = (dimensions, data[name], label)
    result = xarray.Dataset(variables, coords=plan.labels, attrs=dict(attributes))
    return result if coordinates is None else result.assign_coords(coordinates.coords)
