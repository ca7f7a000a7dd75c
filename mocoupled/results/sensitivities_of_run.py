"""Sensitivities of a run in its Dataset: of every variable along time, of the end, and of its time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..dae.solve.field_system import FieldSystem
from ..dae.solve.varied import Varied
from ..dae.solve.varied_field import VariedField
from ..equilibria.sensitivities import PREFIX, described, labels, with_idle
from ..planet.parameters_of_case import NamedParameter
from .integrity import MISSING
from .summaries import SENSITIVITIES
from .trajectories import Phase, mean_rates

if TYPE_CHECKING:
    import xarray

    from ..dae.declare.model import Output

AT_END = f"{PREFIX}at_end_"
END_TIME = f"{PREFIX}end_time"
NO_SLOPE = "not known where a logarithm is that of 0, or a rate has no value"
NO_NUMBER = "not known of this parameter"
FREE_END = "the state that ends the run"


@dataclass(frozen=True)
class Wanted:
    """The parameters whose effect is requested, and the derivatives by them."""

    parameters: tuple[NamedParameter, ...]
    varied: Varied | VariedField

    @property
    def names(self) -> list[str]:
        """The names of the parameters."""
        return [parameter.name for parameter in self.parameters]


@dataclass(frozen=True)
class _Changes:
    """Of the outputs of a trajectory.

    values (time, outputs); slopes (time, outputs, parameters): at a fixed time.
    end_time (parameters,) [s]; at_end (outputs, parameters): with the change of the time of the end.
    """

    values: np.ndarray
    slopes: np.ndarray
    end_time: np.ndarray
    at_end: np.ndarray


def with_sensitivities(
    result: xarray.Dataset, phase: Phase, wanted: Wanted, quantity: str | None
) -> xarray.Dataset:
    """The Dataset with sensitivity_VARIABLE(parameter, time, ...), and those of the end.

    quantity: the output whose value has ended the run; "" where the run ended at a prescribed time; None
    where the derivative of the time of its end is not known.
    """
    changes = _changes(phase, wanted.varied, quantity)
    outputs, trajectory = phase.planet.model.outputs, phase.trajectory
    relative = np.array([not output.logarithm for output in outputs])
    values = changes.values
    along = _relative(np.moveaxis(changes.slopes, 0, 2), values.T[:, None, :], relative)
    at_end = _relative(changes.at_end, values[-1][:, None], relative)
    added: dict[str, Any] = {}
    for name, rows in _rows(outputs).items():
        output = outputs[rows[0]]
        label = labels(name, output.logarithm)  # of this variable alone
        dimensions = (output.dimension,) if output.dimension else ()
        piece = along[rows].transpose(1, 2, 0) if dimensions else along[rows[0]]
        added[PREFIX + name] = (("parameter", "time", *dimensions), piece, dict(label))
        last = at_end[rows].T if dimensions else at_end[rows[0]]
        title = f"{label['long_name'].removesuffix('parameter_fixed')}{FREE_END}"
        added[AT_END + name] = (("parameter", *dimensions), last, label | {"long_name": title})
    added |= _profiles(result, phase, wanted.varied)
    end = trajectory.time[-1]
    label = labels("end_time", False)
    label["long_name"] = f"{label['long_name'].removesuffix('parameter_fixed')}{FREE_END}"
    added[END_TIME] = (
        ("parameter",),
        changes.end_time / end if end > 0 else changes.end_time * np.nan,
        label,
    )
    about_parameters: dict[str, Any] = dict(described(wanted.parameters))
    for content, reason in ((added, NO_SLOPE), (about_parameters, NO_NUMBER)):
        for _, piece, about in content.values():
            if np.asarray(piece).dtype.kind == "f" and np.isnan(piece).any():
                about[MISSING] = reason
    result = result.assign(added).assign_coords({"parameter": wanted.names, **about_parameters})
    result.attrs[SENSITIVITIES] = json.dumps(wanted.names)
    return with_idle(result, wanted.names, along)


def _profiles(
    result: xarray.Dataset, phase: Phase, varied: Varied | VariedField
) -> dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, str]]]:
    """The sensitivities of what is stored of every cell, at a fixed time."""
    _, system, trajectory = phase
    if not isinstance(system, FieldSystem):
        return {}
    assert trajectory.slopes is not None, "the march had sensitivities"
    states = zip(trajectory.states, trajectory.slopes.states)
    changes = np.array([varied.profiles(x, S) for x, S in states])  # time, profile, cell, parameter
    profiles: dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, str]]] = {}
    for k, output in enumerate(system.field.stored):
        logarithm = output.name.startswith("log10_")
        values, slopes = result[output.name].values, np.moveaxis(changes[:, k], 2, 0)
        shown = slopes if logarithm else _relative(slopes[None], values[None, None], np.array([True]))[0]
        profiles[PREFIX + output.name] = (
            ("parameter", "time", "cell"),
            shown,
            labels(output.name, logarithm),
        )
    return profiles


def _rows(outputs: Sequence[Output]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for k, output in enumerate(outputs):
        rows.setdefault(output.name, []).append(k)
    return rows


def _relative(slopes: np.ndarray, values: np.ndarray, relative: np.ndarray) -> np.ndarray:
    """Changes of logarithms where an output is none itself; NaN where its value is 0.

    slopes, values: along outputs first. relative (outputs,).
    """
    choose = relative.reshape(-1, *[1] * (slopes.ndim - 1))
    with np.errstate(all="ignore"):
        logarithmic = np.where(values == 0, np.nan, slopes / values)
    return np.where(choose, logarithmic, slopes)


def _changes(phase: Phase, varied: Varied | VariedField, quantity: str | None) -> _Changes:
    planet, _, trajectory = phase
    assert trajectory.slopes is not None, "the march had sensitivities"
    rows = [
        varied.shown(x, S, float(t))
        for x, S, t in zip(trajectory.states, trajectory.slopes.states, trajectory.time)
    ]
    values, slopes = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    end = float(trajectory.time[-1])
    moving = varied.moving(rows[-1], trajectory.states[-1], trajectory.slopes.end_rate, end)
    end_time = _end_time(planet.model.outputs, slopes[-1], moving, quantity)
    at_end = slopes[-1] + moving[:, None] * end_time
    for k, output in enumerate(planet.model.outputs):
        if output.mean_rate:
            at_end[k] = np.nan  # a mean over a step
            values[:, k] = mean_rates(trajectory.time, values[:, k])
            columns = [mean_rates(trajectory.time, column) for column in slopes[:, k].T]
            slopes[:, k] = np.array(columns).T
    return _Changes(values, slopes, end_time, at_end)


def _end_time(
    outputs: Sequence[Output], slopes: np.ndarray, moving: np.ndarray, quantity: str | None
) -> np.ndarray:
    """The derivatives (parameters,) of the time of the end [s].

    slopes (outputs, parameters): at the end, at a fixed time. moving (outputs,): rates of the outputs there.
    """
    if quantity is None:
        return np.full(slopes.shape[1], np.nan)
    if not quantity:
        return np.zeros(slopes.shape[1])
    k = next(k for k, o in enumerate(outputs) if o.name == quantity and not o.label)
    with np.errstate(all="ignore"):
        return np.asarray(-slopes[k] / moving[k])
