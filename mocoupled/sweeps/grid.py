"""What a sweep runs: a base case with every combination of the steps of its axes."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..case import Case
from ..errors import InputError
from ..plain_values import plain
from ..schema.former_keys import changes_with_present_keys, former_names
from ..schema.grid_document import MOST_CASES
from .axes import EXAMPLE, Axis, joint_axis, values_of_axis
from .ranges import check_size
from .samples import sampled

# of one sweep; with two values each, twenty make the most cases that there may be
AXES = 100


@dataclass(frozen=True)
class Grid:
    """The cases of a sweep: the base with every combination of the axes' steps, the last axis fastest.

    document: the axes as TOML has them. label: what errors call the place that it came from. kind:
    "evolution" or "equilibrium". conditions: of an equilibrium map, name -> value in the form of the section.
    """

    base: Case
    axes: tuple[Axis, ...]
    document: Mapping[str, Any]
    label: str
    title: str = ""
    kind: str = "evolution"
    conditions: Mapping[str, Any] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of steps of each axis."""
        return tuple(len(axis.values) for axis in self.axes)

    @property
    def size(self) -> int:
        """Number of cases."""
        return math.prod(self.shape)

    def changes(self, k: int) -> dict[str, Any]:
        """Key -> value of case k."""
        changes: dict[str, Any] = {}
        for axis, step in zip(self.axes, np.unravel_index(k, self.shape)):
            changes |= dict(zip(axis.keys, axis.values[step]))
        return changes

    def to_toml(self, case: str) -> str:
        """The grid as a file that reads back to an equal one, with `case` as its base."""
        import tomli_w

        head = {"title": self.title} if self.title else {}
        return tomli_w.dumps(head | {"case": case, "kind": self.kind} | dict(self.document))


def build(
    base: Case,
    singles: Mapping[str, Any],
    groups: Sequence[Mapping[str, Any]] = (),
    sample: Mapping[str, Any] | None = None,
    label: str = "sweep",
    fixed: Collection[str] = frozenset(),
    title: str = "",
) -> Grid:
    """The grid of a base case.

    singles: key -> values or range; groups: of keys that change together; sample: in place of both,
    {"method", "number", "seed", "ranges"}; fixed: keys that are set already; label: what errors call the
    grid. InputError for axes that cannot be; the cases are not yet made: see `grid_check.check`.
    """
    axes: list[Axis]
    if sample is not None:
        if singles or groups:
            raise InputError(f"{label} [sample]", "a sample and axes are both given.", "allowed: one of them")
        axis, section = sampled(sample, f"{label} [sample]")
        axes, document = [axis], {"sample": section}
    else:
        _check_sizes(singles, groups, label)
        axes = [
            Axis(key, (key,), tuple((value,) for value in values_of_axis(key, values, f"{label} [axes]")))
            for key, values in singles.items()
        ]
        axes += [joint_axis(group, f"{label} [[zip]]") for group in groups]
        document = _document(singles, groups)
    if len(axes) > AXES:
        raise InputError(label, f"{len(axes)} axes are too many.", f"allowed: up to {AXES}")
    axes = [_present(axis, label) for axis in axes]
    _check_once(axes, label, fixed)
    return Grid(base, tuple(axes), document, label, title)


def _present(axis: Axis, label: str) -> Axis:
    """The axis with the keys of today in place of former ones."""
    former = former_names()
    if not former.keys() & set(axis.keys):
        return axis
    steps = [changes_with_present_keys(dict(zip(axis.keys, step)), label) for step in axis.values]
    keys = tuple(steps[0])
    return Axis(former.get(axis.name, axis.name), keys, tuple(tuple(step.values()) for step in steps))


def _check_sizes(singles: Mapping[str, Any], groups: Sequence[Mapping[str, Any]], label: str) -> None:
    """InputError where there is no axis, or too many cases."""
    if not singles and not groups:
        raise InputError(label, "the grid has no axis.", f"for example under [axes]: {EXAMPLE}")
    firsts = {", ".join(group): next(iter(group.values()), ()) for group in groups}
    check_size({**singles, **firsts}, MOST_CASES, label, "cases")
    for group in groups:
        for key, values in group.items():
            check_size({key: values}, MOST_CASES, label, "cases")


def _document(singles: Mapping[str, Any], groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The axes as TOML has them."""
    document: dict[str, Any] = {}
    if singles:
        document["axes"] = {key: plain(values, "sweep") for key, values in singles.items()}
    if groups:
        document["zip"] = [{key: plain(values, "sweep") for key, values in group.items()} for group in groups]
    return document


def _check_once(axes: Sequence[Axis], label: str, fixed: Collection[str]) -> None:
    """InputError for a key that two axes change, or that is set for all cases."""
    seen = set()
    for key in (key for axis in axes for key in axis.keys):
        if key in seen:
            raise InputError(f"{label} {key}", "two axes change this key.", cure="leave one of them out")
        if key in fixed:
            raise InputError(
                f"{label} {key}",
                "the key is set for all cases, and changed by an axis.",
                cure="leave it out of [set]",
            )
        seen.add(key)
