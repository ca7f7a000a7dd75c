"""Mantles in depth for the verdict: of a history of `mocoupled mantle`, and of the end of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..closures.solid_convection import adiabat
from ..schema.buffering_case import BufferingCase
from .frozen_mantle import Profile
from .local_exchange import Values, top_pressure

if TYPE_CHECKING:
    import xarray

# cells of the pile and of the ocean above it, even in mass
PILE_CELLS, OCEAN_CELLS = 150, 50
# least solid fraction at which there is a pile
LEAST = 1e-3


@dataclass(frozen=True)
class Growth:
    """A pile that has grown: solid fraction and Fe/(Fe + Mg) of the crystals in time (n,).

    pile_iron: mean of the pile at the end, None where it has the iron of the crystals.
    ocean_iron: of the ocean at the end.
    """

    solid_fraction: np.ndarray
    crystal_iron: np.ndarray
    pile_iron: float | None
    ocean_iron: float

    @property
    def solid(self) -> float:
        """Solid fraction at the end."""
        return float(np.clip(self.solid_fraction[-1], LEAST, 1.0))

    def shares(self) -> np.ndarray:
        """Shares of the mantle below the faces of cells; one face is the top of the pile."""
        pile = np.linspace(0.0, self.solid, PILE_CELLS + 1)
        return np.concatenate([pile, np.linspace(self.solid, 1.0, OCEAN_CELLS + 1)[1:]])

    def iron(self, mixed: bool) -> tuple[np.ndarray, np.ndarray]:
        """Fe/(Fe + Mg) and melt fraction of the cells.

        A level of the pile has the crystals that were there first. Remelting has changed the mean of the pile
        since: all levels are shifted alike, so that the iron of the pile is that of the history.
        mixed: convection has mixed the pile, and all levels have its mean.
        """
        faces = self.shares()
        middle = 0.5 * (faces[1:] + faces[:-1])
        front = np.maximum.accumulate(self.solid_fraction)
        first = np.concatenate([[True], np.diff(front) > 0])
        deposit = np.interp(middle[:PILE_CELLS], front[first], self.crystal_iron[first])
        shift = 0.0 if self.pile_iron is None else self.pile_iron - float(deposit.mean())
        pile = np.clip(deposit + shift, 0.0, 1.0)
        if mixed:
            pile = np.full(PILE_CELLS, pile.mean())
        iron = np.concatenate([pile, np.full(OCEAN_CELLS, self.ocean_iron)])
        return iron, np.concatenate([np.zeros(PILE_CELLS), np.ones(OCEAN_CELLS)])


def mantle_mass(values: Mapping[str, float]) -> float:
    """Mass [kg] of the mantle of a case: a shell of one density."""
    core, top = values["core_radius"], values["core_radius"] + values["mantle_thickness"]
    return values["density"] * 4 / 3 * np.pi * (top**3 - core**3)


@dataclass(frozen=True)
class _Warmth:
    """mass [kg]: of the mantle; core_temperature [K]; temperature (n,) [K]: of the cells."""

    mass: float
    core_temperature: float
    temperature: np.ndarray


def _grown(growth: Growth, below: BufferingCase, warmth: _Warmth, mixed: bool) -> Profile:
    """The profile of a pile that has grown."""
    faces = growth.shares()
    iron, melt = growth.iron(mixed)
    pressure = top_pressure(0.5 * (faces[1:] + faces[:-1]), below.values, below.readings)
    core = below.values["core_radius"]
    mass = np.diff(faces) * warmth.mass
    return Profile(mass, pressure, warmth.temperature, iron, melt, core, warmth.core_temperature)


def profile_of_history(run: xarray.Dataset, below: BufferingCase, mixed: bool = False) -> Profile:
    """The mantle at the end of a history of `buffering_history`: its pile as deposited, and the ocean above.

    Temperatures are on the adiabat of the interior of the pile. mixed: its convection has mixed the pile.
    """
    growth = Growth(
        run.solid_fraction.values,
        run.crystal_iron.values,
        float(run.pile_iron[-1]),
        float(run.ocean_iron[-1]),
    )
    values = below.values
    end = run.isel(time=-1)
    potential = float(end.interior_temperature)
    if not np.isfinite(potential):
        potential = float(end.top_temperature)
    pressure = _middle_pressure(growth, values, below.readings)
    depth = pressure / (values["density"] * values["gravity"])
    level = float(end.top_pressure) / (values["density"] * values["gravity"])
    if below.readings["reference"] == "surface":
        level = 0.0
    temperature = potential * _rise(values) ** (depth - level)
    warmth = _Warmth(mantle_mass(values), values["core_temperature"], temperature)
    return _grown(growth, below, warmth, mixed)


def _rise(values: Mapping[str, float]) -> float:
    """Ratio of temperatures along an adiabat over one metre downwards."""
    return float(adiabat(1.0, *(values[k] for k in ("gravity", "expansivity", "heat_capacity"))))


def _middle_pressure(growth: Growth, values: Values, readings: Mapping[str, str]) -> np.ndarray:
    faces = growth.shares()
    return top_pressure(0.5 * (faces[1:] + faces[:-1]), values, readings)


def iron_in_depth(result: xarray.Dataset) -> bool:
    """Whether a run has the iron of each cell, variable `iron`."""
    return "iron" in result and "cell" in result["iron"].dims


def profile_of_run(result: xarray.Dataset, below: BufferingCase, mixed: bool = False) -> Profile:
    """The mantle at the end of a run with iron.

    Where every cell has its iron, the cells; else the pile as it was deposited, or mixed.
    """
    end = result.isel(time=-1)
    core = float(end.core_mantle_temperature)
    cells = "temperature" in result and "cell" in result["temperature"].dims
    if iron_in_depth(result):
        upwards = np.argsort(-result["cell_pressure"].values, kind="stable")
        columns = ("cell_mass", "cell_pressure", "temperature", "iron", "local_melt_fraction")
        arrays = {name: end[name].values[upwards].astype(float) for name in columns}
        return Profile(
            mass=arrays["cell_mass"],
            pressure=arrays["cell_pressure"],
            temperature=arrays["temperature"],
            iron=arrays["iron"],
            melt_fraction=arrays["local_melt_fraction"],
            core_radius=below.values["core_radius"],
            core_temperature=core,
        )
    crystals, pile = result["crystal_iron"].values, None
    if "pile_iron" in result:
        pile = float(end.pile_iron)
    else:  # suspended: all crystals are in equilibrium with the ocean
        crystals = np.full(crystals.shape, crystals[-1])
    solid = np.clip(1 - result.melt_fraction.values, 0.0, 1.0)
    growth = Growth(solid, crystals, pile, float(end.ocean_iron))
    pressure = _middle_pressure(growth, below.values, below.readings)
    if cells:
        order = np.argsort(end["cell_pressure"].values)
        temperature = np.interp(
            pressure, end["cell_pressure"].values[order], end["temperature"].values[order]
        )
    else:
        depth = pressure / (below.values["density"] * below.values["gravity"])
        temperature = float(end.surface_temperature) * _rise(below.values) ** depth
    if "cell_mass" in result:
        mass = float(result["cell_mass"].sum())
    else:
        mass = mantle_mass(below.values)
    return _grown(growth, below, _Warmth(mass, core, temperature), mixed)
