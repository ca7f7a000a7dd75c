"""Arrays of conditions in, a Dataset out: what the equilibria at one or a million points have in common."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..dae.batch import Batch, Points
from ..dae.model import Model
from ..errors import InputError

if TYPE_CHECKING:
    import xarray

TRACE = 1e-30  # moles of an absent element, over a typical amount; its species are then set to exactly 0
SMALL = 64  # up to so many points the scalar form is faster than numpy


class UnconvergedWarning(UserWarning):
    """Some points did not converge; they are NaN."""


@dataclass(frozen=True)
class Conditions:
    """Arguments that broadcast. columns: name -> flat array of `size`, or one number for a point without dimensions."""

    dimensions: tuple[str, ...]
    shape: tuple[int, ...]
    coordinates: Mapping[str, Any]
    columns: Mapping[str, Any]

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=int))


def broadcast(given: Mapping[str, Any]) -> Conditions:
    """Numbers, numpy arrays (dimensions `point`, or `point_0`, `point_1`, …) or DataArrays as Conditions.

    InputError when they do not broadcast, or are no numbers.
    """
    if all(type(value) in (int, float) for value in given.values()):
        return Conditions((), (), {}, {name: float(value) for name, value in given.items()})
    import xarray

    labelled = {name: v for name, v in given.items() if isinstance(v, xarray.DataArray)}
    try:
        plain = {name: np.asarray(v, dtype=float) for name, v in given.items() if name not in labelled}
        if labelled:
            return _labelled(labelled, plain)
        arrays = dict(zip(plain, np.broadcast_arrays(*plain.values())))
    except (ValueError, TypeError) as error:
        raise InputError(", ".join(given), f"these do not broadcast to numbers of one shape ({error}).") from None
    shape = next(iter(arrays.values())).shape
    if shape == ():
        return Conditions((), (), {}, {name: float(a) for name, a in arrays.items()})
    dimensions = ("point",) if len(shape) == 1 else tuple(f"point_{k}" for k in range(len(shape)))
    return Conditions(dimensions, shape, {}, {name: a.reshape(-1) for name, a in arrays.items()})


def _labelled(labelled, plain) -> Conditions:
    import xarray

    odd = next((name for name, a in plain.items() if a.ndim), None)
    if odd is not None:
        raise InputError(f"{odd}=", "an array without names of its dimensions, among DataArrays.", cure="make it an xarray.DataArray too")
    arrays = dict(zip(labelled, xarray.broadcast(*labelled.values())))
    first = next(iter(arrays.values()))
    columns = {name: np.asarray(a.values, dtype=float).reshape(-1) for name, a in arrays.items()}
    columns |= {name: np.full(first.size, float(a)) for name, a in plain.items()}
    coordinates = {name: c for a in arrays.values() for name, c in a.coords.items()}
    return Conditions(first.dims, first.shape, coordinates, columns)


def check_range(name: str, values, low: float, high: float, unit: str, why: str = ""):
    """InputError for a value that is not finite or not within [low, high], with its place; why: what sets the range."""
    if isinstance(values, float):
        if low <= values <= high:
            return
        value, where = values, ""
    else:
        outside = ~((values >= low) & (values <= high))  # true for NaN
        if not outside.any():
            return
        value, where = values[outside][0], f" at point {int(np.argmax(outside))}"
    raise InputError(f"{name} = {float(value):g}{where}", "out of range.", f"allowed: {low:g} to {high:g} {unit}".rstrip() + (f" ({why})" if why else ""))


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
        return batch.solve_each([[float(np.asarray(parameters[name]).reshape(-1)[0]) for name in batch.vary]], 1)
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


def dataset(
    plan: Layout,
    points: Points,
    conditions: Conditions,
    units: Mapping[str, str],
    attributes: Mapping[str, str],
    reason: str = "",
) -> xarray.Dataset:
    """Points as a Dataset: outputs, residual, converged and the conditions themselves.

    units: of each condition; reason: why points have no solution, where it is known. Points that did not converge are
    NaN already; here they are counted in a warning.
    """
    shape = conditions.shape
    data = {
        name: points.values[rows].reshape(len(rows), *shape) if dimension else points.values[rows[0]].reshape(shape)
        for name, dimension, rows, _ in plan.variables
    }
    data["residual"] = points.residual.reshape(shape)
    data["converged"] = points.converged.reshape(shape)
    data |= {name: np.asarray(values, dtype=float).reshape(shape) for name, values in conditions.columns.items()}
    missed = points.converged.size - int(np.count_nonzero(points.converged))
    if missed:
        warnings.warn(f"{missed} of {points.converged.size} points did not converge; they are NaN.{reason}", UnconvergedWarning, stacklevel=3)
    if shape:
        return _template(plan, conditions, data, units, attributes)
    key = tuple(conditions.columns)
    if key not in plan.templates:
        plan.templates[key] = _template(plan, conditions, data, units, attributes)
    result = plan.templates[key].copy(data=data)
    result.attrs = dict(attributes)
    return result


def _template(plan, conditions, data, units, attributes):
    import xarray

    dimensions = conditions.dimensions
    variables = {}
    for name, dimension, _, label in plan.variables:
        variables[name] = ((dimension, *dimensions) if dimension else dimensions, data[name], label)
    variables["residual"] = (dimensions, data["residual"], {"units": "1", "long_name": "largest logarithmic residual"})
    variables["converged"] = (dimensions, data["converged"], {"units": "1", "long_name": "whether the point converged"})
    for name in conditions.columns:
        if name in conditions.coordinates:
            continue
        label = {"units": units[name], "long_name": f"{name.replace('_', ' ')}, as given"}
        variables[name] = (dimensions, data[name], label)
    return xarray.Dataset(variables, coords={**plan.labels, **conditions.coordinates}, attrs=dict(attributes))
