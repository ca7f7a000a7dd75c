"""run(case): assemble, start, march, store."""

from __future__ import annotations

import os
import time as clock
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .case import Case
from .dae.field_system import FieldSystem, compiled
from .dae.integrate import Event, march
from .dae.system import System
from .errors import ConvergenceError
from .output import claim, dataset, write
from .planet import Planet, assemble

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True)
class Prepared:
    """A case ready to march: the planet, its compiled equations and its converged start."""

    planet: Planet
    system: System | FieldSystem
    start: np.ndarray
    iterations: int
    wall: float


def prepare(case: Case) -> Prepared:
    """Assemble, generate and solve the start. InputError or ConvergenceError, before anything is written."""
    begun = clock.perf_counter()
    planet = assemble(case)
    system = compiled(planet.model)
    solution = system.start()
    return Prepared(planet, system, solution.x, solution.iterations, clock.perf_counter() - begun)


def events(planet: Planet, system: System | FieldSystem) -> list[Event]:
    """The ends that the case asks for, and the edge of the tables and data."""
    options = planet.case.run
    temperature, melt_mass = system.state_value("surface_temperature"), system.state_value("melt_mass")
    mantle_mass = planet.structure.mantle_mass

    def surface(limit):
        return lambda t, x: temperature(x) - limit

    found = []
    limit = options.end_surface_temperature
    found.append(Event("surface lid", f"A surface lid forms: the surface has cooled to {limit:g} K.", surface(limit)))
    if options.end_melt_fraction is not None:
        least = options.end_melt_fraction
        sentence = f"The melt fraction of the mantle has fallen to {least:g}." if least else "No melt is left in the mantle."
        found.append(Event("melt fraction", sentence, lambda t, x: melt_mass(x) / mantle_mass - max(least, 1e-9)))
    low = planet.temperature_range[0]
    sentence = f"The surface has cooled to {low:.0f} K, where the tables of the mantle or the species' data end."
    found.append(Event("edge of the data", sentence, surface(low + 1e-6)))
    return found


def evolve(prepared: Prepared, progress: Callable[[float, float], None] | None = None) -> xarray.Dataset:
    """March a prepared case to its end. progress(time [s], fraction of the way to the end) is called after each step."""
    planet, system = prepared.planet, prepared.system
    options = planet.case.run
    temperature = system.state_value("surface_temperature")
    first, last = temperature(prepared.start), options.end_surface_temperature
    duration = np.inf if options.end_time is None else options.end_time

    def report(t, x):
        if progress is not None:
            progress(t, max(t / duration, (first - temperature(x)) / (first - last)))

    trajectory = march(
        system,
        prepared.start,
        duration,
        events=events(planet, system),
        rtol=options.rtol,
        stabilisation=options.stabilisation,
        progress=report,
    )
    return dataset(planet, system, trajectory)


def run(
    case: Case,
    output: str | os.PathLike | None = None,
    *,
    overwrite: bool = False,
    progress: Callable[[float, float], None] | None = None,
) -> xarray.Dataset:
    """Evolve a case to its end; the result is a Dataset along time (see `mocoupled.output.dataset`).

    output: folder to write (evolution.nc, summary.json, case.toml, run.log); InputError when it holds a run, unless
    overwrite. An interrupted run comes back with attrs["status"] = "interrupted". A run that fails on the way raises
    ConvergenceError after its finished part was written, marked "failed".
    """
    folder = None if output is None else claim(output, overwrite)
    result = evolve(prepare(case), progress)
    if folder is not None:
        write(result, folder, f"{result.attrs['source']}: {result.attrs['case_name']}, {result.attrs['status']}: {result.attrs['end_reason']}\n")
    finish(result, folder)
    return result


def finish(result: xarray.Dataset, folder: Path | None):
    """Raise ConvergenceError for a result that ended because a step failed."""
    if result.attrs["status"] == "failed":
        kept = f" What was reached is in {folder}, marked 'failed'." if folder is not None else ""
        raise ConvergenceError(f"{result.attrs['case_name']}: {result.attrs['end_reason']}{kept}")
