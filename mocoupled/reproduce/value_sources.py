"""Where our value of a claim comes from: stored runs, or equilibria at a given temperature and melt fraction."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..constants import YEAR
from ..errors import MocoupledError
from ..provenance.calibration import CalibrationWarning
from ..provenance.omissions import OmissionWarning
from ..results.diagnostics import at_melt_fraction, diagnosed
from ..results.output import read

if TYPE_CHECKING:
    import xarray

    from ..case import Case

FRACTIONAL, EQUILIBRIUM = 0.02, 0.30  # melt fraction at which the lid forms, for Equilibria that know no run
MOLTEN_GRID = (1650.0, 5000.0, 336)  # K: where a fully molten planet is searched for a crossing
KEPT = {"time", "species", "element"}  # dimensions of what is kept in memory of a run
LID = "surface lid"  # name of the event


class NotComputed(MocoupledError):
    """There is no value, and this is why."""


@dataclass(frozen=True)
class Equilibria:
    """States without a run: molten at the initial temperature, partly molten at the final one (1650 K).

    cases: name -> case. The melt fraction at the end is taken to be 0.30 for crystals of 1 mm (below 1 cm), else 0.02.
    """

    cases: Mapping[str, Case]
    _kept: dict = field(default_factory=dict, repr=False, compare=False)

    def case(self, name: str) -> Case:
        if name not in self.cases:
            raise NotComputed(f"there is no case {name}")
        return self.cases[name]

    def state(self, name: str, temperature, melt_fraction, **inventories) -> xarray.Dataset:
        """The diagnosed equilibrium of a case at temperature [K] and melt fraction; arrays as in `mocoupled.equilibrium`."""
        from ..equilibria.planet_equilibrium import equilibrium
        from ..equilibria.planet_problem import prepare

        case = self.case(name)
        key = (
            (name, str(temperature), str(melt_fraction), str(inventories))
            if np.ndim(temperature) == np.ndim(melt_fraction) == 0
            else None
        )
        if inventories or key not in self._kept:
            with (
                warnings.catch_warnings()
            ):  # ranges of the laws are told with each run; a claim is about what the laws give
                warnings.simplefilter("ignore", CalibrationWarning)
                warnings.simplefilter("ignore", OmissionWarning)
                found = equilibrium(case, temperature=temperature, melt_fraction=melt_fraction, **inventories)
            planet = prepare(case).planet
            species = [str(s) for s in found.species.values]
            composition = {s: dict(planet.chemistry.mechanism.species[s].composition) for s in species}
            masses = {s: planet.chemistry.molar_mass(s) for s in species}
            found = found.assign_attrs(composition=json.dumps(composition), molar_masses=json.dumps(masses))
            if not bool(found.converged.all()):
                raise NotComputed(f"an equilibrium of {name} did not converge")
            found = diagnosed(found.assign(melt_mass=found.melt_fraction * planet.structure.mantle_mass))
            if key is None or inventories:
                return found
            self._kept[key] = found
        return self._kept[key]

    def start(self, name: str) -> xarray.Dataset:
        """All molten, at the temperature at which the case starts."""
        return self.state(name, self.case(name).run.initial_surface_temperature, 1.0)

    def at(self, name: str, melt_fraction: float) -> xarray.Dataset:
        """At the temperature at which the case ends: meant for what is left to freeze, 30 % or less."""
        if melt_fraction > EQUILIBRIUM:
            raise NotComputed("the temperature at this melt fraction is known to a run alone")
        return self.state(name, self.case(name).run.end_surface_temperature, melt_fraction)

    def end(self, name: str) -> xarray.Dataset:
        """At the surface lid."""
        return self.at(name, EQUILIBRIUM if self.case(name).mantle.crystal_size < 1e-2 else FRACTIONAL)

    def along(self, name: str) -> xarray.Dataset:
        """Start, 30 % melt and end, along `point`."""
        case = self.case(name)
        last = float(self.end(name).melt_fraction)
        first, final = case.run.initial_surface_temperature, case.run.end_surface_temperature
        return self.state(name, np.array([first, final, final]), np.array([1.0, EQUILIBRIUM, last]))

    def melt_where_dominant(self, name: str, species: str) -> float:
        """Highest melt fraction at which the species is the most abundant of the gas, on a grid of 0.001."""
        melt = np.linspace(EQUILIBRIUM, 0.0, 301)
        state = self.state(name, np.full(melt.size, self.case(name).run.end_surface_temperature), melt)
        return float(melt[_dominant(state, species, "point")].max(initial=0.0))

    def saturation_temperature(self, name: str) -> float:
        """Temperature [K] below which the fully molten planet's gas would be supersaturated in graphite."""
        grid = np.linspace(*MOLTEN_GRID[:2], MOLTEN_GRID[2])
        low, high = self._limits(name)
        grid = grid[(grid >= low) & (grid <= high)]
        return _crossing(grid, self.state(name, grid, np.ones(grid.size)).graphite_activity.values, name)

    def _limits(self, name):
        from ..equilibria.planet_problem import prepare

        return prepare(self.case(name)).planet.chemistry.temperature_limits

    def run(self, name: str) -> xarray.Dataset:
        raise NotComputed("this needs a run")

    def lid(self, name: str) -> xarray.Dataset:
        raise NotComputed("this needs a run")

    def lifetime(self, name: str) -> float:
        raise NotComputed("this needs a run")


@dataclass(frozen=True)
class Runs:
    """States along the stored runs; what needs none comes from `equilibria`.

    folders: name of a case -> the folder, inside `folder`, of its run, for those that have a complete one.
    """

    folder: Path
    folders: Mapping[str, str]
    equilibria: Equilibria
    _kept: dict = field(default_factory=dict, repr=False, compare=False)

    def case(self, name: str) -> Case:
        return self.equilibria.case(name)

    def state(self, name: str, temperature, melt_fraction, **inventories) -> xarray.Dataset:
        return self.equilibria.state(name, temperature, melt_fraction, **inventories)

    def run(self, name: str) -> xarray.Dataset:
        """The diagnosed run of a case, without what it has along depth."""
        if name not in self._kept:
            whole = self.profile(name)
            self._kept[name] = whole.drop_dims(set(whole.dims) - KEPT)
        return self._kept[name]

    def profile(self, name: str) -> xarray.Dataset:
        """The whole diagnosed run of a case, read anew."""
        if name not in self.folders:
            raise NotComputed(f"there is no complete run of {name}")
        return diagnosed(read(self.folder / self.folders[name]))

    def start(self, name: str) -> xarray.Dataset:
        return self.run(name).isel(time=0)

    def at(self, name: str, melt_fraction: float) -> xarray.Dataset:
        found = at_melt_fraction(self.run(name), melt_fraction)
        if found is None:
            reached = float(self.run(name).melt_fraction[-1])
            raise NotComputed(f"the run of {name} ends at {100 * reached:.3g} % melt")
        return found

    def end(self, name: str) -> xarray.Dataset:
        """The last state, which must be the surface lid."""
        run = self.run(name)
        if run.attrs["end_name"] != LID:
            raise NotComputed(f"the run of {name} ends without a lid: {run.attrs['end_reason']}")
        return run.isel(time=-1)

    lid = end

    def along(self, name: str) -> xarray.Dataset:
        return self.run(name)

    def lifetime(self, name: str) -> float:
        """Time at which the lid forms [yr]."""
        return float(self.end(name).time) / YEAR

    def melt_where_dominant(self, name: str, species: str) -> float:
        run = self.run(name)
        there = _dominant(run, species, "time")
        return float(run.melt_fraction.values[there].max(initial=0.0))

    def saturation_temperature(self, name: str) -> float:
        """Temperature [K] below which the run's gas is supersaturated in graphite; hotter than its start: of the molten planet."""
        run = self.run(name)
        activity = run.graphite_activity.values
        if activity[0] >= 1:
            return self.equilibria.saturation_temperature(name)
        return _crossing(run.surface_temperature.values[::-1], activity[::-1], name)


def _dominant(states, species, along):
    """Mask along a dimension: where no other gas is more abundant."""
    ratio = states.mixing_ratio
    return (ratio.sel(species=species) >= ratio.max("species")).transpose(along).values


def _crossing(temperature, activity, name) -> float:
    """The highest temperature at which ln activity, given along a rising temperature, comes down through 0; linear."""
    ln_a = np.log(activity)
    steps = np.flatnonzero((ln_a[:-1] >= 0) & (ln_a[1:] < 0))
    if not steps.size:
        most = float(np.exp(ln_a.max()))
        raise NotComputed(
            f"the gas of {name} never is at graphite saturation: its highest activity is {most:.3g}"
        )
    k = int(steps[-1])
    return float(temperature[k] + (temperature[k + 1] - temperature[k]) * ln_a[k] / (ln_a[k] - ln_a[k + 1]))
