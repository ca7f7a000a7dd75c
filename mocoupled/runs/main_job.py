"""run(case), resume(folder): assemble, start, march, store."""

from __future__ import annotations

import json
import os
import time as clock
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..case import Case, taken
from ..conditions import number
from ..conditions import path as path_of
from ..constants import YEAR
from ..dae.solve.field_system import FieldSystem, compiled
from ..dae.solve.integrate import Event, march
from ..dae.solve.system import System
from ..errors import ConvergenceError, InputError
from ..floating import usual_floats
from ..planet.assembly import Planet, assemble
from . import checkpoint as checkpoints
from ..provenance.omissions import warn
from ..results.output import claim, dataset, read
from .run_folder import begin, held, opened, proceed, stamp, store, with_ends

if TYPE_CHECKING:
    import xarray

LID = "surface lid"
FROZEN = 1e-3  # melt fraction of a mantle that is taken as frozen: the core keeps some melt above it for long


@dataclass(frozen=True)
class Prepared:
    """A case ready to march: the planet, its compiled equations and its converged start."""

    planet: Planet
    system: System | FieldSystem
    start: np.ndarray
    iterations: int
    wall: float


@usual_floats
def prepare(case: Case) -> Prepared:
    """Assemble, generate and solve the start. InputError or ConvergenceError, before anything is written."""
    begun = clock.perf_counter()
    planet = assemble(case)
    system, options = compiled(planet.model), case.run
    try:
        solution = system.start()
    except ConvergenceError:
        from ..equilibria.planet_equilibrium import equilibrium  # on use: it knows why a state does not exist

        equilibrium(case, options.initial_surface_temperature, 1.0)
        raise
    return Prepared(planet, system, solution.x, solution.iterations, clock.perf_counter() - begun)


def events(planet: Planet, system: System | FieldSystem) -> list[Event]:
    """The ends that the case asks for, or what it passes by, and the edge of the tables and data."""
    options = planet.case.run
    temperature, melt_mass = system.state_value("surface_temperature"), system.state_value("melt_mass")
    mantle_mass = planet.structure.mantle_mass

    def surface(limit):
        return lambda t, x: temperature(x) - limit

    found = []
    limit, on = options.end_surface_temperature, options.continue_past_lid
    found.append(
        Event(
            LID, f"A surface lid forms: the surface has cooled to {limit:g} K.", surface(limit), ends=not on
        )
    )
    least = FROZEN if on and options.end_melt_fraction is None else options.end_melt_fraction
    if least is not None:
        sentence = (
            f"The melt fraction of the mantle has fallen to {least:g}."
            if least
            else "No melt is left in the mantle."
        )
        found.append(
            Event("melt fraction", sentence, lambda t, x: melt_mass(x) / mantle_mass - max(least, 1e-9))
        )
    low = planet.temperature_range[0]
    sentence = (
        f"The surface has cooled to {low:.0f} K, where the tables of the mantle or the species' data end."
    )
    found.append(Event("edge of the data", sentence, surface(low + 1e-6)))
    return found


@usual_floats
def evolve(
    prepared: Prepared,
    progress: Callable[[float, float], None] | None = None,
    checkpoint: Callable[[Callable[[], Mapping[str, np.ndarray]], bool], None] | None = None,
    resume: Mapping[str, np.ndarray] | None = None,
    keep_end: bool = False,
) -> xarray.Dataset:
    """March a prepared case to its end. progress(time [s], fraction of the way to the end) is called after each step.

    checkpoint: what keeps the march's arrays from time to time (a Keeper); resume: such arrays, to go on from; keep_end:
    whether they are kept at the end too (see `march`).
    """
    planet, system = prepared.planet, prepared.system
    options = planet.case.run
    temperature = system.state_value("surface_temperature")
    melt_mass = system.state_value("melt_mass")
    try:
        first, last = temperature(prepared.start), options.end_surface_temperature
        molten = melt_mass(prepared.start)
    except (
        ValueError,
        ArithmeticError,
    ) as error:  # of a law of the user's: the root of a negative number, a division by zero
        raise ConvergenceError(
            f"the start has no numbers: a law cannot be computed there ({error}). Is each law defined at the temperatures and pressures of the start?"
        ) from None
    duration = np.inf if options.end_time is None else options.end_time

    def report(t, x):
        if progress is not None:
            way = (
                1 - melt_mass(x) / molten
                if options.continue_past_lid
                else (first - temperature(x)) / (first - last)
            )
            progress(t, max(t / duration, way))

    trajectory = march(
        system,
        prepared.start,
        duration,
        events=events(planet, system),
        rtol=options.rtol,
        stabilisation=options.stabilisation,
        progress=report,
        checkpoint=checkpoint,
        keep_end=keep_end,
        resume=resume,
    )
    if trajectory.end.kind == "time":
        trajectory = replace(
            trajectory, end=replace(trajectory.end, sentence=_why_not_ended(planet, system, trajectory))
        )
    return dataset(planet, system, trajectory)


def _why_not_ended(planet, system, trajectory) -> str:
    """What a run that came to its end time tells: how far it is from its end, and what holds it up."""
    x, case = trajectory.states[-1], planet.case
    shown = {
        o.name: v
        for o, v in zip(planet.model.outputs, system.outputs(x, time=trajectory.time[-1])[0])
        if not o.label
    }
    area = 4 * np.pi * case.planet.radius**2
    inside = shown.get("internal_heating", 0.0) / area
    told = f"The end time of the case, {trajectory.time[-1] / YEAR:.4g} yr, was reached before any other end: the surface is at {shown['surface_temperature']:.1f} K, {shown['melt_fraction']:.2g} of the mantle is molten, and {shown['flux']:.4g} W/m2 go to space"
    return told + (
        f", of which {inside:.4g} are made inside: it may never cool further."
        if inside > 0.5 * shown["flux"]
        else "."
    )


def run(
    case: Case | str | os.PathLike,
    output: str | os.PathLike | None = None,
    *,
    overwrite: bool = False,
    progress: Callable[[float, float], None] | None = None,
    checkpoint: float | None = None,
    keep_checkpoint: bool = False,
) -> xarray.Dataset:
    """Evolve a case to its end; the result is a Dataset along time (see `mocoupled.results.output.dataset`).

    case: a Case, a shipped case's name or a path. output: folder to write (evolution.nc, summary.json, case.toml, run.log); InputError when it holds a run, unless
    overwrite. An interrupted run comes back with attrs["status"] = "interrupted". A run that fails on the way raises
    ConvergenceError after its finished part was written, marked "failed".
    checkpoint [s]: wall time between two checkpoints in the folder, from which `resume` goes on; None: 10 s, or longer
    where they would take more than 1 % of the time. keep_checkpoint: whether the last one stays when the run is complete,
    so that `resume` can go on to another end.
    An OmissionWarning names what matters and is left out (attrs["left_out"], JSON).
    """
    case = taken(case)
    folder = None if output is None else claim(path_of(output, "output"), overwrite)
    checkpoint = _interval(checkpoint)
    prepared = prepare(case)
    if folder is None:
        return finish(warned(evolve(prepared, progress)), None)
    folder.mkdir(parents=True, exist_ok=True)
    with held(folder):
        begin(folder, case, f"{stamp()}: run of {case.name}\n", overwrite)
        return _through(prepared, folder, progress, checkpoint, None, "", keep_checkpoint)


def resume(
    folder: str | os.PathLike,
    changes: Mapping[str, object] | None = None,
    *,
    progress: Callable[[float, float], None] | None = None,
    checkpoint: float | None = None,
    keep_checkpoint: bool = False,
) -> xarray.Dataset:
    """Continue the run in a folder, cut off by whatever it was, from its last checkpoint (or its start) to its end.

    The result is that of an uninterrupted run, to the last bit where the libraries are the same. A complete run is read
    and returned, and nothing is changed. InputError for a folder without a run, a run that failed, a checkpoint that is
    damaged or of another version, case, mechanism or equations, and where another process is at work on the run.

    changes: other ends of the run ({"run.end_time": "200 Myr"}; run.end_surface_temperature, run.end_melt_fraction,
    run.continue_past_lid), not yet passed; a complete run goes on to them where its checkpoint was kept.
    checkpoint, keep_checkpoint: as for `run`.
    """
    checkpoint = _interval(checkpoint)
    path = path_of(folder, "run")
    if changes is not None and not isinstance(changes, Mapping):
        raise InputError("changes", "not a table.", 'allowed: {"run.end_time": "200 Myr"}')
    with opened(path) as found:
        case = with_ends(found, changes or {}, path)
        if found.status == "complete" and case == found.case:
            return read(path)
        prepared = prepare(case)
        stored = taken_up(prepared, path)
        proceed(path, case)
        log = f"{found.log}{stamp()}: continued{f'; {stored.note}' if stored and stored.note else ''}\n"
        return _through(prepared, path, progress, checkpoint, stored, log, keep_checkpoint)


def _interval(checkpoint) -> float | None:
    """Seconds between checkpoints, of a number, text or a quantity; None: as the Keeper has it."""
    return None if checkpoint is None else checkpoints.interval_of(number(checkpoint, "s", "checkpoint"))


def taken_up(prepared: Prepared, folder: Path) -> checkpoints.Checkpoint | None:
    """The checkpoint in a folder, None where there is none; InputError for one that is not of the case, or past its end."""
    stored = checkpoints.read(folder, prepared.planet, prepared.system, prepared.start)
    if stored is not None:
        state, limit = stored.arrays["states"][-1], prepared.planet.case.run.end_time
        passed = [
            event.sentence
            for event in events(prepared.planet, prepared.system)
            if event.ends and event.value(stored.time, state) <= 0
        ]
        if limit is not None and stored.time >= limit:
            passed.append("the end time of the case.")
        if passed:
            raise InputError(
                f"run {folder}",
                f"the run is past this end already: {passed[0]}",
                cure="set an end that is still to come, or run the case anew",
            )
    return stored


def _through(prepared, folder, progress, interval, stored, log, keep) -> xarray.Dataset:
    keeper = checkpoints.Keeper(folder, prepared.planet, prepared.system, interval)
    result = evolve(prepared, progress, keeper, stored.arrays if stored else None, keep)
    told = f"{result.attrs['source']}: {result.attrs['case_name']}, {result.attrs['status']}: {result.attrs['end_reason']}\n"
    store(result, folder, log + told, keep)
    return finish(warned(result), folder)


def warned(result: xarray.Dataset) -> xarray.Dataset:
    """The result, after one OmissionWarning for what matters to it and is left out."""
    warn(json.loads(result.attrs["left_out"]))
    return result


def finish(result: xarray.Dataset, folder: Path | None) -> xarray.Dataset:
    """The result; ConvergenceError for one that ended because a step failed."""
    if result.attrs["status"] == "failed":
        kept = f" What was reached is in {folder}, marked 'failed'." if folder is not None else ""
        raise ConvergenceError(f"{result.attrs['case_name']}: {result.attrs['end_reason']}{kept}")
    return result
