"""The conditions of an equilibrium map: axes and fixed numbers, checked and in SI."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..case import Case
from ..equilibria.amounts import in_kilograms, offset_of
from ..equilibria.planet_equilibrium import UNITS
from ..errors import InputError, nearest
from ..results.map_store import STORES
from ..units import to_si
from .grid import Grid
from .ranges import check_size, numbers

# points of one map
MOST = 100_000_000
OPTIONS = ("variables", "store")
# conditions of one species each, "pressure.H2O"
PRESCRIBED = ("pressure", "fugacity")
REQUIRED = ("temperature", "melt_fraction")


@dataclass(frozen=True)
class Conditions:
    """Conditions of a map; their names are as in a grid file ("pressure.H2O").

    axes: name -> values in SI, each a dimension; fixed: name -> number; variables: names to store, None: all;
    store: of `map_store.STORES`.
    """

    axes: Mapping[str, np.ndarray]
    fixed: Mapping[str, float]
    variables: tuple[str, ...] | None
    store: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each axis."""
        return tuple(len(values) for values in self.axes.values())

    @property
    def size(self) -> int:
        """Number of points."""
        return math.prod(self.shape)


def dimension(name: str) -> str:
    """The dimension of an axis: a name without a dot."""
    return name.replace(".", "_")


def unit_of(name: str) -> str | None:
    """SI unit of a condition; None where there is no such condition."""
    return "Pa" if name.partition(".")[0] in PRESCRIBED and "." in name else UNITS.get(name)


def conditions_of(grid: Grid) -> Conditions:
    """The conditions of the section [equilibrium], checked and in SI. InputError for what is none."""
    where = f"{grid.label} [equilibrium]"
    section = dict(grid.conditions or {})
    variables = _variables(section.pop("variables", None), where)
    store = section.pop("store", "netcdf")
    for kind in PRESCRIBED:
        if isinstance(section.get(kind), Mapping):
            table = section.pop(kind)
            section |= {f"{kind}.{species}": value for species, value in table.items()}
    if not isinstance(store, str) or store not in STORES:
        raise InputError(
            f"{where} store = {store!r}",
            "there is no such store.",
            f"allowed: {', '.join(STORES)}",
            nearest(str(store), STORES),
        )
    check_size(section, MOST, where, "points")
    axes, fixed = _axes_and_numbers(grid.base, section, where)
    for name in REQUIRED:
        if name not in axes and name not in fixed:
            raise InputError(
                where,
                f"{name} is not given.",
                'for example: temperature = {from = "1400 K", to = "3000 K", number = 100},'
                " melt_fraction = 0.3",
            )
    if not axes:
        raise InputError(
            where,
            "the map has no axis: every condition is one number.",
            cure="'mocoupled equilibrium' solves one point",
        )
    return Conditions(axes, fixed, variables, store)


def _variables(names: object, where: str) -> tuple[str, ...] | None:
    if names is None:
        return None
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise InputError(
            f"{where} variables = {names!r}",
            "a list of names is expected.",
            'for example: variables = ["surface_pressure", "pressure"]',
        )
    return tuple(names)


def _axes_and_numbers(
    case: Case, section: Mapping[str, Any], where: str
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Name -> values of the conditions that are lists or ranges, and name -> number of the others."""
    axes, fixed = {}, {}
    for name, value in section.items():
        unit = unit_of(name)
        if unit is None:
            known = [*UNITS, "pressure.H2O", "fugacity.H2O", *OPTIONS]
            raise InputError(
                f"{where} {name}",
                "not a condition of an equilibrium.",
                f"allowed: {', '.join(known)}",
                nearest(name, known),
            )
        place = f"{where} {name}"
        if isinstance(value, Mapping):
            axes[name] = numbers(value, unit, place)
        elif isinstance(value, list):
            axes[name] = _listed(case, name, value, unit, place)
        else:
            fixed[name] = _number(case, name, value, unit, f"{place} = {value!r}")
    return axes, fixed


def _listed(case: Case, name: str, entries: list[Any], unit: str, place: str) -> np.ndarray:
    if not entries:
        raise InputError(f"{place} = []", "the axis is empty.")
    values = np.array([_number(case, name, entry, unit, f"{place}, entry {entry!r}") for entry in entries])
    if len(np.unique(values)) < len(entries):
        raise InputError(place, "the axis contains a value twice.", cure="leave one of them out")
    return values


def _number(case: Case, name: str, value: Any, unit: str, where: str) -> float:
    """A condition in SI.

    An inventory is written as in a case ("100 ppmw"), an offset from the case's buffer as "IW+0.5".
    """
    if unit == "kg" and isinstance(value, str):
        return in_kilograms(case, name, value)
    return to_si(offset_of(case, value) if name == "oxygen_fugacity_offset" else value, unit, where)
