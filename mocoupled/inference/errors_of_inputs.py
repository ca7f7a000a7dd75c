"""The errors of inputs as a user writes them, or as they are published, as one covariance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ..errors import InputError, nearest
from ..units import shown, spelled, split, to_si

if TYPE_CHECKING:
    import xarray

INPUTS, CORRELATIONS = "inputs=", "correlations="
# a parameter, or a pair of them
Name = TypeVar("Name")
# of a correlation matrix: the smallest eigenvalue that rounding gives to one that is singular
ROUNDING = -1e-12


@dataclass(frozen=True)
class InputErrors:
    """Errors of some parameters of a result.

    places: their numbers along `parameter`. names: with their sections. deviations (parameter, point): one
    standard deviation of the logarithm, or of the parameter itself where it is not relative.
    correlation (parameter, parameter).
    """

    places: list[int]
    names: list[str]
    deviations: np.ndarray
    correlation: np.ndarray


def errors_of(
    state: xarray.Dataset,
    inputs: Mapping[str, object] | None,
    correlations: Mapping[tuple[str, str], object] | None,
) -> InputErrors:
    """The errors of the parameters of a result with sensitivities: published ones, and those of the user.

    InputError for an unknown name, an error that is negative or no number, correlations that no covariance
    has, and where there is no error at all.
    """
    names = [str(name) for name in state.parameter.values]
    errors = {name: error for name, error in zip(names, _published(state)) if error is not None}
    for name, written in _table(inputs, INPUTS, "{'volatiles.hydrogen': '10 %'}").items():
        place = names.index(full_name(name, names, INPUTS))
        errors[names[place]] = _deviation(state, place, written)
    errors = {name: error for name, error in errors.items() if np.any(np.nan_to_num(error, nan=1.0) > 0)}
    for name, error in errors.items():
        if "converged" not in state and not np.isfinite(error).all():
            raise InputError(
                f"{INPUTS} {name!r}", "its value is not known, so that this is no share of it.", "allowed: %"
            )
    if not errors:
        raise InputError(
            INPUTS,
            "no parameter has an error: none is published for them.",
            f"parameters of this result: {', '.join(names)}",
            f"for example: inputs={{{names[0]!r}: '10 %'}}",
        )
    known = [name for name in names if name in errors]
    size = math.prod(shape_of(state))
    deviations = np.array([np.broadcast_to(errors[name], size) for name in known], dtype=float)
    return InputErrors([names.index(name) for name in known], known, deviations, _matrix(correlations, known))


def shape_of(state: xarray.Dataset) -> tuple[int, ...]:
    """The shape of the conditions of a result: (points, ...) of an equilibrium; () of a run."""
    return tuple(state.converged.shape) if "converged" in state else ()


def _table(values: Mapping[Name, object] | None, where: str, example: str) -> Mapping[Name, object]:
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise InputError(f"{where} {shown(values)}", "not a table of names.", f"for example: {example}")
    return values


def full_name(name: object, names: Sequence[str], where: str) -> str:
    """The full name of a parameter: "volatiles.hydrogen" for "hydrogen"."""
    for known in names:
        if name == known or (isinstance(name, str) and "law:" not in known and known.endswith(f".{name}")):
            return known
    raise InputError(
        f"{where} {shown(name)}",
        "the result has no sensitivities for this parameter.",
        f"known: {', '.join(names)}",
        nearest(str(name), names) or f"ask for it: sensitivities=[{shown(name)}, ...]",
    )


def _published(state: xarray.Dataset) -> list[np.ndarray | None]:
    """The published error of each parameter, as `_deviation` has it; None where there is none."""
    known = np.asarray(state.parameter_error, dtype=float)
    return [
        _in_logarithm(state, place, np.asarray(error)) if math.isfinite(error) else None
        for place, error in enumerate(known)
    ]


def _deviation(state: xarray.Dataset, place: int, written: object) -> np.ndarray:
    """One standard deviation: of the logarithm, or of the parameter itself where it is not relative."""
    where = f"{INPUTS} {str(state.parameter.values[place])!r}"
    relative = bool(state.parameter_relative[place])
    unit = str(state.parameter_unit.values[place])
    parts = split(written) if isinstance(written, str) else None
    if parts and parts[1] == "%":
        if not relative:
            raise InputError(where, f"{shown(written)} of a logarithm means nothing.", f"allowed: {unit}")
        return np.asarray(_positive(to_si(written, "1", where), written, where))
    if unit == "K" and parts and spelled(parts[1]) not in ("", "K"):
        raise InputError(where, f"{shown(written)} is a temperature, not a difference.", "allowed: K")
    error = _positive(to_si(written, _read_unit(unit), where), written, where)
    return _in_logarithm(state, place, np.asarray(error)) if relative else np.asarray(error)


def _read_unit(unit: str) -> str:
    """A unit that text can be converted to; a logarithm has none."""
    return "1" if unit == "dex" else unit


def _positive(value: float, written: object, where: str) -> float:
    if value < 0:
        raise InputError(
            where, f"{shown(written)} is negative.", "allowed: one standard deviation, 0 or more"
        )
    return value


def _in_logarithm(state: xarray.Dataset, place: int, error: np.ndarray) -> np.ndarray:
    """An error in the unit of the parameter, over its value, where its changes are of the logarithm."""
    if not bool(state.parameter_relative[place]):
        return error
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(error / value_of(state, place))


def value_of(state: xarray.Dataset, place: int) -> np.ndarray:
    """The parameter at every point (points,): written in the case, or a condition of the call."""
    value = float(state.parameter_value[place])
    if math.isfinite(value):
        return np.asarray(value)
    name = str(state.parameter.values[place]).split(".")[-1]
    renamed = dict(part.split(" -> ") for part in state.attrs.get("renamed", "").split(", ") if part)
    if (stored := renamed.get(name, name)) not in state.variables:
        return np.asarray(math.nan)
    column = state[stored]
    wide = column.broadcast_like(state.converged).transpose(*state.converged.dims)
    return np.asarray(wide, dtype=float).reshape(-1)


def _matrix(correlations: Mapping[tuple[str, str], object] | None, names: Sequence[str]) -> np.ndarray:
    """The correlation matrix of the parameters."""
    matrix = np.eye(len(names))
    example = "{('volatiles.hydrogen', 'volatiles.carbon'): 0.5}"
    for pair, value in _table(correlations, CORRELATIONS, example).items():
        where = f"{CORRELATIONS} {shown(pair)}"
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise InputError(where, "not a pair of names.", f"for example: {example}")
        first, second = (names.index(full_name(name, names, CORRELATIONS)) for name in pair)
        number = to_si(value, "1", where)
        if first == second or not -1 <= number <= 1:
            raise InputError(
                where, f"{shown(value)} is no correlation of two parameters.", "allowed: -1 to 1"
            )
        matrix[first, second] = matrix[second, first] = number
    if np.linalg.eigvalsh(matrix)[0] < ROUNDING:
        raise InputError(
            CORRELATIONS,
            "no quantities have these correlations: a sum of the parameters would have a negative variance.",
            "allowed: a positive semidefinite matrix",
        )
    return matrix


def root_of(correlation: np.ndarray) -> np.ndarray:
    """R (parameter, part) with R R^T = correlation."""
    values, vectors = np.linalg.eigh(correlation)
    root: np.ndarray = vectors @ np.diag(np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
    return root
