"""A direction in the space of a model's parameters: what varies together when one named quantity varies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...errors import ModelError
from .model import Model


@dataclass(frozen=True)
class Direction:
    """What one named quantity does to the parameters.

    weights: parameter -> its change for a unit change of the quantity.
    relative: whether both changes are those of natural logarithms.
    """

    name: str
    weights: Mapping[str, float]
    relative: bool = True


def parameters_of(directions: Iterable[Direction], model: Model) -> tuple[str, ...]:
    """The parameters that vary along any of the directions, in the order of the model.

    ModelError for a parameter that the model does not have.
    """
    moved = {name for direction in directions for name in direction.weights}
    known = [parameter.name for parameter in model.parameters]
    loose = sorted(moved - set(known))
    if loose:
        raise ModelError(f"model {model.name}: a direction varies {loose[0]}, which is no parameter")
    return tuple(name for name in known if name in moved)
