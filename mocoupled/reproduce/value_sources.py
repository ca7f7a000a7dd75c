"""Where our value of a claim comes from: stored runs, or equilibria at a prescribed temperature and melt
fraction."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

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

# Melt fractions at which the lid forms, for Equilibria, which know no run: fractional, equilibrium
# crystallisation.
FRACTIONAL, EQUILIBRIUM = 0.02, 0.30
MOLTEN_LIMITS = (1650.0, 5000.0)  # K, between which a fully molten planet is searched for graphite saturation
MOLTEN_STEPS = 336
COARSE = 1e-2  # m; smaller crystals stay in suspension, so that the mantle crystallises in equilibrium
STORED_DIMENSIONS = {"time", "species", "element"}  # of a run in memory
LID = "surface lid"  # name of the event


class NotComputed(MocoupledError):
    """There is no value, and this is why."""


class Source(Protocol):
    """What the function of a claim takes: states of a case by its name, along a run or by equilibrium
    alone."""

    def case(self, name: str) -> Case:
        """The case; NotComputed for an unknown name."""

    def state(
        self,
        name: str,
        temperature: float | np.ndarray,
        melt_fraction: float | np.ndarray,
        hydrogen: np.ndarray | None = None,
    ) -> xarray.Dataset:
        """The diagnosed equilibrium at temperature [K] and melt fraction; arrays as in
        `mocoupled.equilibrium`."""

    def run(self, name: str) -> xarray.Dataset:
        """The diagnosed run."""

    def start(self, name: str) -> xarray.Dataset:
        """The first state."""

    def at(self, name: str, melt_fraction: float) -> xarray.Dataset:
        """The state at a melt fraction."""

    def end(self, name: str) -> xarray.Dataset:
        """The state at the surface lid."""

    def lid(self, name: str) -> xarray.Dataset:
        """The same; NotComputed without a run."""

    def along(self, name: str) -> xarray.Dataset:
        """States from start to end, along one dimension."""

    def lifetime(self, name: str) -> float:
        """Time at which the lid forms [yr]."""

    def melt_where_dominant(self, name: str, species: str) -> float:
        """Highest melt fraction at which the species is the most abundant of the gas."""

    def saturation_temperature(self, name: str) -> float:
        """Temperature [K] below which the gas is supersaturated in graphite."""


@dataclass(frozen=True)
class Equilibria:
    """States without a run: molten at the initial temperature, partly molten at the final one (1650 K).

    cases: name -> case. The melt fraction at the end is taken to be 0.30 for crystals of 1 mm (below 1 cm),
    else 0.02.
    """

    cases: Mapping[str, Case]
    _states: dict[tuple[str, str, str], xarray.Dataset] = field(
        default_factory=dict, repr=False, compare=False
    )

    def case(self, name: str) -> Case:
        """The case; NotComputed for an unknown name."""
        if name not in self.cases:
            raise NotComputed(f"there is no case {name}")
        return self.cases[name]

    def state(
        self,
        name: str,
        temperature: float | np.ndarray,
        melt_fraction: float | np.ndarray,
        hydrogen: np.ndarray | None = None,
    ) -> xarray.Dataset:
        """The diagnosed equilibrium of a case at temperature [K] and melt fraction; arrays as in
        `mocoupled.equilibrium`.

        hydrogen: inventory [kg] in place of that of the case. A state at single conditions is computed once.
        """
        single = np.ndim(temperature) == 0 and np.ndim(melt_fraction) == 0
        if hydrogen is not None or not single:
            return self._compute(name, temperature, melt_fraction, hydrogen)
        key = (name, str(temperature), str(melt_fraction))
        if key not in self._states:
            self._states[key] = self._compute(name, temperature, melt_fraction, None)
        return self._states[key]

    def _compute(
        self,
        name: str,
        temperature: float | np.ndarray,
        melt_fraction: float | np.ndarray,
        hydrogen: np.ndarray | None,
    ) -> xarray.Dataset:
        from ..equilibria.planet_equilibrium import equilibrium
        from ..equilibria.planet_problem import prepare

        case = self.case(name)
        # The ranges of the laws are reported with each run; a claim is about the values of the laws.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CalibrationWarning)
            warnings.simplefilter("ignore", OmissionWarning)
            if hydrogen is None:
                state = equilibrium(case, temperature, melt_fraction)
            else:
                state = equilibrium(case, temperature, melt_fraction, hydrogen=hydrogen)
        if not bool(state.converged.all()):
            raise NotComputed(f"an equilibrium of {name} did not converge")
        planet = prepare(case).planet
        species = [str(s) for s in state.species.values]
        composition = {s: dict(planet.chemistry.mechanism.species[s].composition) for s in species}
        masses = {s: planet.chemistry.molar_mass(s) for s in species}
        state = state.assign_attrs(composition=json.dumps(composition), molar_masses=json.dumps(masses))
        return diagnosed(state.assign(melt_mass=state.melt_fraction * planet.structure.mantle_mass))

    def start(self, name: str) -> xarray.Dataset:
        """All molten, at the temperature at which the case starts."""
        first = self.case(name).run.initial_surface_temperature
        if first is None:
            raise NotComputed(f"{name} starts at a temperature that only a run knows")
        return self.state(name, first, 1.0)

    def at(self, name: str, melt_fraction: float) -> xarray.Dataset:
        """At the temperature at which the case ends; only for melt fractions of 30 % or less."""
        if melt_fraction > EQUILIBRIUM:
            raise NotComputed("only a run knows the temperature at this melt fraction")
        return self.state(name, self.case(name).run.end_surface_temperature, melt_fraction)

    def end(self, name: str) -> xarray.Dataset:
        """At the surface lid."""
        return self.at(name, EQUILIBRIUM if self.case(name).mantle.crystal_size < COARSE else FRACTIONAL)

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
        grid = np.linspace(*MOLTEN_LIMITS, MOLTEN_STEPS)
        low, high = self._limits(name)
        grid = grid[(grid >= low) & (grid <= high)]
        return _crossing(grid, self.state(name, grid, np.ones(grid.size)).graphite_activity.values, name)

    def _limits(self, name: str) -> tuple[float, float]:
        from ..equilibria.planet_problem import prepare

        return prepare(self.case(name)).planet.chemistry.temperature_limits

    def run(self, name: str) -> xarray.Dataset:
        """NotComputed: there is no run."""
        raise NotComputed("this needs a run")

    def lid(self, name: str) -> xarray.Dataset:
        """NotComputed: the lid of a run is its last state."""
        raise NotComputed("this needs a run")

    def lifetime(self, name: str) -> float:
        """NotComputed: without a run there is no time."""
        raise NotComputed("this needs a run")


@dataclass(frozen=True)
class Runs:
    """States along the stored runs; states that need no run come from `equilibria`.

    folders: name of a case -> the folder of its run inside `folder`, for cases with a complete run.
    """

    folder: Path
    folders: Mapping[str, str]
    equilibria: Equilibria
    _runs: dict[str, xarray.Dataset] = field(default_factory=dict, repr=False, compare=False)

    def case(self, name: str) -> Case:
        """The case; NotComputed for an unknown name."""
        return self.equilibria.case(name)

    def state(
        self,
        name: str,
        temperature: float | np.ndarray,
        melt_fraction: float | np.ndarray,
        hydrogen: np.ndarray | None = None,
    ) -> xarray.Dataset:
        """The diagnosed equilibrium of a case, as in Equilibria."""
        return self.equilibria.state(name, temperature, melt_fraction, hydrogen)

    def run(self, name: str) -> xarray.Dataset:
        """The diagnosed run of a case, without its variables along depth."""
        if name not in self._runs:
            whole = self.profile(name)
            self._runs[name] = whole.drop_dims(set(whole.dims) - STORED_DIMENSIONS)
        return self._runs[name]

    def profile(self, name: str) -> xarray.Dataset:
        """The whole diagnosed run of a case, read from disk at each call."""
        if name not in self.folders:
            raise NotComputed(f"there is no complete run of {name}")
        return diagnosed(read(self.folder / self.folders[name]))

    def start(self, name: str) -> xarray.Dataset:
        """The first state."""
        return self.run(name).isel(time=0)

    def at(self, name: str, melt_fraction: float) -> xarray.Dataset:
        """The state at a melt fraction; NotComputed where the run ends above it."""
        state = at_melt_fraction(self.run(name), melt_fraction)
        if state is None:
            reached = float(self.run(name).melt_fraction[-1])
            raise NotComputed(f"the run of {name} ends at {100 * reached:.3g} % melt")
        return state

    def end(self, name: str) -> xarray.Dataset:
        """The last state, which must be the surface lid."""
        run = self.run(name)
        if run.attrs["end_name"] != LID:
            raise NotComputed(f"the run of {name} ends without a lid: {run.attrs['end_reason']}")
        return run.isel(time=-1)

    def lid(self, name: str) -> xarray.Dataset:
        """The last state, which must be the surface lid."""
        return self.end(name)

    def along(self, name: str) -> xarray.Dataset:
        """The run."""
        return self.run(name)

    def lifetime(self, name: str) -> float:
        """Time at which the lid forms [yr]."""
        return float(self.end(name).time) / YEAR

    def melt_where_dominant(self, name: str, species: str) -> float:
        """Highest melt fraction of the run at which the species is the most abundant of the gas."""
        run = self.run(name)
        there = _dominant(run, species, "time")
        return float(run.melt_fraction.values[there].max(initial=0.0))

    def saturation_temperature(self, name: str) -> float:
        """Temperature [K] below which the gas of the run is supersaturated in graphite.

        Where the run starts supersaturated, the temperature is that of the fully molten planet.
        """
        run = self.run(name)
        activity = run.graphite_activity.values
        if activity[0] >= 1:
            return self.equilibria.saturation_temperature(name)
        return _crossing(run.surface_temperature.values[::-1], activity[::-1], name)


def _dominant(states: xarray.Dataset, species: str, along: str) -> np.ndarray:
    """Mask along a dimension: where no other gas is more abundant than the species."""
    ratio = states.mixing_ratio
    return (ratio.sel(species=species) >= ratio.max("species")).transpose(along).values


def _crossing(temperature: np.ndarray, activity: np.ndarray, name: str) -> float:
    """The highest temperature [K] at which the logarithm of the activity falls through 0, by linear
    interpolation.

    temperature: rising.
    """
    ln_a = np.log(activity)
    steps = np.flatnonzero((ln_a[:-1] >= 0) & (ln_a[1:] < 0))
    if not steps.size:
        most = float(np.exp(ln_a.max()))
        raise NotComputed(
            f"the gas of {name} never is at graphite saturation: its highest activity is {most:.3g}"
        )
    k = int(steps[-1])
    return float(temperature[k] + (temperature[k + 1] - temperature[k]) * ln_a[k] / (ln_a[k] - ln_a[k + 1]))
