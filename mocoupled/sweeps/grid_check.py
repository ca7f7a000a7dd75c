"""Before a sweep runs, every case is made and corner cases are assembled; an invalid one is reported."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..case import Case
from ..errors import InputError
from ..schema.quantities import Inventory
from .axes import CASES, EXAMPLE
from .grid import Grid

# key -> (dimension, the value in a case at each step)
Coordinates = dict[str, tuple[str, list[Any]]]


def _no_progress(fraction: float, text: str) -> None:
    """What is done with the progress by default."""


def check(grid: Grid, progress: Callable[[float, str], None] = _no_progress) -> Coordinates:
    """Make every case, and assemble those that differ by name; nothing is computed.

    InputError for the first case that fails, with its values and how many others fail. Returns key ->
    (dimension, the value in a case at each step).
    """
    for axis in grid.axes:
        for key in axis.keys:
            _check_key(grid, key)
    values = _made(grid, progress)
    for axis in grid.axes:
        seen = set()
        for k, step in enumerate(zip(*(values[key][1] for key in axis.keys))):
            compared = tuple(repr(sorted(v.items())) if isinstance(v, Mapping) else v for v in step)
            if compared in seen:
                shown = ", ".join(f"{key} = {value!r}" for key, value in zip(axis.keys, axis.values[k]))
                raise InputError(
                    f"{grid.label} {shown}",
                    "the axis contains this value twice.",
                    cure="leave one of them out",
                )
            seen.add(compared)
    _assemble_corners(grid, values)
    return values


def _made(grid: Grid, progress: Callable[[float, str], None]) -> Coordinates:
    """The values of the axes as the cases have them."""
    values: Coordinates = {key: (axis.name, []) for axis in grid.axes for key in axis.keys}
    first: tuple[int, dict[str, Any], InputError] | None = None
    failed = 0
    for k in range(grid.size):
        if k % 256 == 0:
            progress(k / grid.size, f"{k} of {grid.size} cases")
        changes = grid.changes(k)
        try:
            case = grid.base.replace(changes, origin=grid.label)
        except InputError as error:
            first, failed = first or (k, changes, error), failed + 1
            continue
        steps = np.unravel_index(k, grid.shape)
        for j, axis in enumerate(grid.axes):
            new = steps[j] == len(values[axis.keys[0]][1])
            if new and not any(steps[:j]) and not any(steps[j + 1 :]):
                for key in axis.keys:
                    values[key][1].append(value_of(case, key))
    if first is not None:
        raise _refusal(grid, *first, failed)
    return values


def value_of(case: Case, key: str) -> Any:
    """The value of a dotted key in a case."""
    section, *parts = key.split(".")
    value = getattr(case, section)
    for part in parts:
        value = value[part] if isinstance(value, Mapping) else getattr(value, part)
    return value


def _shown(changes: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} = {value!r}" for key, value in changes.items() if key != "title")


def _refusal(grid: Grid, k: int, changes: Mapping[str, Any], error: InputError, failed: int) -> InputError:
    """The error of case k, with its values and how many others fail."""
    others = ""
    if failed > 1:
        others = f"; {failed - 1} of the other {grid.size - 1} cases fail too"
    elif grid.size > 1:
        others = "; the others are well"
    where = error.where if error.where.startswith(grid.label) else f"{grid.label}: {error.where}"
    cure = f"{error.cure}\n  " if error.cure else ""
    return InputError(where, error.problem, error.allowed, f"{cure}case {k} ({_shown(changes)}){others}.")


def _check_key(grid: Grid, key: str) -> None:
    """InputError for a key that no case has, or that changes nothing in what is computed."""
    from ..schema.keys import is_table, leaves

    parts = tuple(key.split("."))
    known = {(section, name): spec for section, name, spec, _ in leaves()}
    if key in ("name", "title"):
        raise InputError(
            f"{grid.label} {key}",
            "this key is a label: it changes nothing in a case.",
            f"for example: {EXAMPLE}",
        )
    spec = known.get((parts[0], parts[1])) if len(parts) > 1 else None
    if spec is None or len(parts) > 2 + is_table(spec):
        try:
            grid.base.replace({key: "1"}, origin=grid.label)
        except InputError as error:
            where = error.where if grid.label in error.where else f"{grid.label}: {key}"
            raise InputError(where, error.problem, error.allowed, error.cure) from None
        raise InputError(f"{grid.label} {key}", "a case has no such key.", f"for example: {EXAMPLE}")


def _assemble_corners(grid: Grid, values: Coordinates) -> None:
    """Assemble the first case, one for each further name of a law or mechanism, and the ends of axes.

    InputError for the first that cannot be computed.
    """
    from ..planet.assembly import assemble

    corners = {0}
    for j, axis in enumerate(grid.axes):
        if axis.name != CASES:
            stride = math.prod(grid.shape[j + 1 :])
            corners |= {stride * step for key in axis.keys for step in _steps_to_try(key, values[key][1])}
    for k in sorted(corners):
        changes = grid.changes(k)
        try:
            assemble(grid.base.replace(changes, origin=grid.label))
        except InputError as error:
            cure = f"{error.cure}\n  " if error.cure else ""
            raise InputError(
                f"{grid.label}: {error.where}",
                error.problem,
                error.allowed,
                f"{cure}case {k} ({_shown(changes)}).",
            ) from None


def _steps_to_try(key: str, values: list[Any]) -> list[int]:
    """The steps of an axis at which to assemble: of numbers the least and the largest, of names all."""
    numbers = [value.amount if isinstance(value, Inventory) else value for value in values]
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in numbers):
        return [numbers.index(min(numbers)), numbers.index(max(numbers))]
    return [] if key == "redox.oxygen_fugacity" else list(range(len(values)))
