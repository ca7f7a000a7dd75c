"""Observations of an equilibrium or a run: "pressure[H2O]" -> (value, error), read into what is compared."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..equilibria.sensitivities import PREFIX
from ..errors import InputError, nearest
from ..units import shown, split, to_si

if TYPE_CHECKING:
    import xarray

WHERE = "observations="
EXAMPLE = "{'pressure[H2O]': ('90 bar', '10 %'), 'log10_fO2': (-6.0, 0.3)}"
# how the title of a sensitivity begins where the variable is no logarithm itself
OF_LOGARITHM = "d ln("
_NAME = re.compile(r"(\w+)(?:\[([^\]]+)\])?")


@dataclass(frozen=True)
class Observations:
    """Observed outputs, each with a normal error.

    rows: of the outputs. values, errors: of the output, or of its logarithm where `logarithmic`.
    sloped: whether the derivative of the output is that of its logarithm.
    """

    names: list[str]
    rows: np.ndarray
    values: np.ndarray
    errors: np.ndarray
    logarithmic: np.ndarray
    sloped: np.ndarray

    def misfit(self, outputs: np.ndarray) -> np.ndarray:
        """(output - observation) over the error (observation, point)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            compared = np.where(self.logarithmic[:, None], np.log(outputs[self.rows]), outputs[self.rows])
        misfit: np.ndarray = (compared - self.values[:, None]) / self.errors[:, None]
        return misfit

    def slopes(self, outputs: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        """Derivatives of the misfits (observation, parameter, point) from those of the outputs."""
        chosen = slopes[self.rows]
        scale = np.where((self.sloped & ~self.logarithmic)[:, None], outputs[self.rows], 1.0)
        result: np.ndarray = chosen * scale[:, None, :] / self.errors[:, None, None]
        return result


@dataclass(frozen=True)
class Quantity:
    """A variable that can be observed: rows of its outputs, their labels ([] for one without), unit.

    sloped: whether the derivative of the output is that of its logarithm.
    """

    rows: list[int]
    labels: list[str]
    unit: str
    sloped: bool


Quantities = Mapping[str, Quantity]


def quantities_of(state: xarray.Dataset, rows: Mapping[str, list[int]]) -> dict[str, Quantity]:
    """What can be observed of an equilibrium. rows: variable -> rows of its outputs."""
    quantities = {}
    for name, places in rows.items():
        along = [d for d in state[name].dims if d not in state.converged.dims]
        labels = [str(value) for value in state[along[0]].values] if along else []
        sloped = state[PREFIX + name].attrs["long_name"].startswith(OF_LOGARITHM)
        quantities[name] = Quantity(places, labels, state[name].attrs["units"], sloped)
    return quantities


def observed(known: Quantities, observations: object) -> Observations:
    """What a user observed of these quantities.

    InputError for an unknown variable or label, for what is no pair of value and error, for an error that is
    not positive, and for an error in % of a logarithm or of a value that is not positive.
    """
    if not isinstance(observations, Mapping) or not observations:
        raise InputError(f"{WHERE} {shown(observations)}", "not a table.", f"for example: {EXAMPLE}")
    names, rows, values, errors, logarithmic, sloped = [], [], [], [], [], []
    for name, pair in observations.items():
        quantity, row = chosen_row(known, name, WHERE)
        where = f"{WHERE} {name!r}"
        value, error, relative = _read(pair, quantity.unit, where)
        if relative and not quantity.sloped:
            raise InputError(where, "an error in % of a logarithm.", "allowed: a number")
        if relative and not value > 0:
            raise InputError(where, f"an error in % of {shown(pair[0])}.", "allowed: a positive value")
        names.append(str(name))
        rows.append(row)
        values.append(math.log(value) if relative else value)
        errors.append(error)
        logarithmic.append(relative)
        sloped.append(quantity.sloped)
    arrays = (np.array(column) for column in (rows, values, errors, logarithmic, sloped))
    return Observations(names, *arrays)


def chosen_row(known: Quantities, name: object, place: str) -> tuple[Quantity, int]:
    """The quantity and the row of an output: of "pressure[H2O]". place: the argument, for messages."""
    where = f"{place} {shown(name)}"
    match = _NAME.fullmatch(name) if isinstance(name, str) else None
    if not match or match[1] not in known:
        text = match[1] if match else str(name)
        allowed = f"known: {', '.join(known)}"
        raise InputError(where, "there is no such variable.", allowed, nearest(text, list(known)))
    quantity, label = known[match[1]], match[2] or ""
    if label not in (quantity.labels or [""]):
        listed = ", ".join(f"{match[1]}[{value}]" for value in quantity.labels) or match[1]
        raise InputError(where, "the variable has no such label.", f"allowed: {listed}")
    return quantity, quantity.rows[quantity.labels.index(label) if quantity.labels else 0]


def _read(pair: object, unit: str, where: str) -> tuple[float, float, bool]:
    """Value, error, and whether the error is of the logarithm."""
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise InputError(f"{where}: {shown(pair)}", "not a value and its error.", f"for example: {EXAMPLE}")
    value = to_si(pair[0], unit, where)
    parts = split(pair[1]) if isinstance(pair[1], str) else None
    relative = bool(parts and parts[1] == "%")
    error = to_si(pair[1], "1" if relative else unit, where)
    if not error > 0:
        raise InputError(
            where, f"{shown(pair[1])} is not a positive error.", "allowed: one standard deviation"
        )
    return value, error, relative
