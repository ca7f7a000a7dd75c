"""The evolution of a prepared case to its end: one march, and a second one under a lid that closes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..dae.solve.integrate import End, Trajectory, march
from ..dae.solve.interruption import deferred_interrupt
from ..errors import ConvergenceError, InputError
from ..floating import usual_floats
from ..results.closed_lid import dataset_of_phases
from ..results.lid_text import EVENT as LID
from ..results.sensitivities_of_run import with_sensitivities
from ..results.trajectories import Phase, dataset, with_conventions
from . import checkpoint as checkpoints
from .checkpoint import Arrays, Checkpoint
from .ends import ended, events
from .job_records import Prepared, Progress
from .sensitivities import ending_quantity
from .under_lid import BEFORE, LidStart, closed_at, is_under_lid, of_this_march, restored, stored

if TYPE_CHECKING:
    import xarray

Keep = Callable[[Callable[[], Arrays], bool], None]
March = Callable[[LidStart | None, Keep | None, Arrays | None], Trajectory]


@usual_floats
def evolve(
    prepared: Prepared,
    progress: Progress | None = None,
    checkpoint: Keep | None = None,
    resume: Arrays | None = None,
    keep_end: bool = False,
) -> xarray.Dataset:
    """March a prepared case to its end.

    progress(time [s], fraction of the way to the end) is called after each step.
    checkpoint: a Keeper, which stores the arrays of the march from time to time.
    resume: such arrays, from which the march continues.
    keep_end: whether they are stored at the end too (see `march`).
    """
    planet = prepared.planet
    with deferred_interrupt() as interrupted:
        march_on = partial(_march, prepared, progress, keep_end, interrupted)
        phases = _phases(prepared, march_on, checkpoint, resume)
    result = dataset(*phases[0]) if len(phases) == 1 else dataset_of_phases(*phases)
    if prepared.wanted is not None:
        ended_by = ending_quantity(phases[0].trajectory, events(planet, prepared.system))
        result = with_sensitivities(result, phases[0], prepared.wanted, ended_by)
    if "ocean_iron" in result and planet.below is not None:
        from ..cumulates.basal_layer import with_verdict  # on use: it brings the model of remelting

        result = with_verdict(result, planet.below)
    return with_conventions(result)


def _phases(
    prepared: Prepared, march_on: March, checkpoint: Keep | None, resume: Arrays | None
) -> list[Phase]:
    """The march to the lid or to the end, and the one under a lid that closes.

    march_on(lid, checkpoint, resume): a march from the start of the run or from that under a lid.
    """
    planet, system = prepared.planet, prepared.system
    if resume is not None and is_under_lid(resume):
        first = restored(resume, _lid(prepared))
    else:
        first, resume = march_on(None, checkpoint, resume), None
    if planet.under_lid is None or first.end.name != LID:
        return [Phase(planet, system, first)]
    try:
        lid = lid_start(prepared, first)
    except ConvergenceError as error:
        return [Phase(planet, system, replace(first, end=End("failed", "lid failed", f"{error}.")))]
    second = march_on(lid, _keeping_both(checkpoint, first), resume)
    return [Phase(planet, system, first), Phase(planet.under_lid, lid.system, second)]


def _march(
    prepared: Prepared,
    progress: Progress | None,
    keep_end: bool,
    interrupted: Callable[[], bool],
    lid: LidStart | None,
    checkpoint: Keep | None,
    resume: Arrays | None,
) -> Trajectory:
    """The march from the start of the run, or from that under a lid."""
    planet, options = prepared.planet, prepared.planet.case.run
    duration = np.inf if options.end_time is None else options.end_time
    begun = LidStart(prepared.system, prepared.start, None, 0.0) if lid is None else lid
    trajectory = march(
        begun.system,
        begun.state,
        duration,
        events=events(planet, begun.system, lid is not None),
        rtol=options.rtol,
        stabilisation=options.stabilisation,
        begin=begun.time,
        totals=begun.totals,
        progress=_reporter(prepared, begun, progress, duration),
        checkpoint=checkpoint,
        keep_end=keep_end,
        resume=None if resume is None else of_this_march(resume),
        interrupted=interrupted,
        varied=None if prepared.wanted is None else prepared.wanted.varied,
    )
    model = planet if lid is None or planet.under_lid is None else planet.under_lid
    return replace(trajectory, end=ended(model, begun.system, trajectory))


def lid_start(prepared: Prepared, first: Trajectory) -> LidStart:
    """The start under the lid at which a trajectory has ended."""
    assert prepared.under_lid is not None, "the lid of this case does not close"
    return closed_at(prepared.planet, prepared.system, prepared.under_lid, first)


def _lid(prepared: Prepared) -> End:
    """The end of the march before the lid."""
    event = next(e for e in events(prepared.planet, prepared.system) if e.name == LID)
    return End("event", event.name, event.sentence)


def _keeping_both(checkpoint: Keep | None, first: Trajectory) -> Keep | None:
    """The keeper of a march under the lid, whose checkpoints hold the march before it too."""
    if checkpoint is None:
        return None
    before = stored(first)
    return lambda arrays, last: checkpoint(lambda: {**arrays(), **before}, last)


def _reporter(
    prepared: Prepared, begun: LidStart, progress: Progress | None, duration: float
) -> Callable[[float, np.ndarray], None]:
    """The function that calls progress(time, fraction) for a time and state.

    ConvergenceError where the start has no numbers.
    """
    options = prepared.planet.case.run
    try:
        first = prepared.system.state_value("surface_temperature")(prepared.start)
        molten = prepared.system.state_value("melt_mass")(prepared.start)
    except (ValueError, ArithmeticError) as error:
        # of a law of the user's: the root of a negative number, a division by zero
        raise ConvergenceError(
            f"the start has no numbers: a law cannot be computed there ({error})."
            " Is each law defined at the temperatures and pressures of the start?"
        ) from None
    temperature = begun.system.state_value("surface_temperature")
    melt_mass = begun.system.state_value("melt_mass")

    def report(t: float, x: np.ndarray) -> None:
        if progress is None:
            return
        if options.after_lid != "end":
            way = 1 - melt_mass(x) / molten
        else:
            way = (first - temperature(x)) / (first - options.end_surface_temperature)
        progress(t, max(t / duration, way))

    return report


# ---- where an earlier march was left


def taken_up(prepared: Prepared, folder: Path) -> Checkpoint | None:
    """The checkpoint in a folder, None where there is none.

    InputError for one that does not belong to the case, or is past its end.
    """

    def after(arrays: Arrays) -> LidStart | None:
        """The start of the march under the lid, where the lid of the case closes."""
        if prepared.under_lid is None:
            return None
        return lid_start(prepared, restored(arrays, _lid(prepared)))

    names = () if prepared.wanted is None else prepared.wanted.names
    kept = checkpoints.read(folder, prepared.planet, prepared.system, prepared.start, after, names)
    if kept is None:
        return None
    if is_under_lid(kept.arrays):
        _check_lid(prepared, kept, folder)
    passed = _passed(prepared, kept)
    if passed:
        raise InputError(
            f"run {folder}",
            f"the run is past this end already: {passed[0]}",
            cure="set a later end, or run the case again",
        )
    return kept


def _passed(prepared: Prepared, kept: Checkpoint) -> list[str]:
    """The ends of the case that a stored march is past."""
    state, limit = kept.arrays["states"][-1], prepared.planet.case.run.end_time
    under = is_under_lid(kept.arrays)
    system = prepared.under_lid if under and prepared.under_lid is not None else prepared.system
    passed = [
        event.sentence
        for event in events(prepared.planet, system, under)
        if event.is_past(event.value(kept.time, state))
        or (event.ends and event.name in kept.arrays["mark_names"])
    ]
    if limit is not None and kept.time >= limit:
        passed.append("the end time of the case.")
    return passed


def _check_lid(prepared: Prepared, kept: Checkpoint, folder: Path) -> None:
    """InputError for a march under a lid that this case would not have, or not at this temperature."""
    run = prepared.planet.case.run
    state = kept.arrays[BEFORE + "states"][-1]
    formed = prepared.system.state_value("surface_temperature")(state)
    problem = ""
    if prepared.under_lid is None:
        problem = f"its lid has closed; with run.after_lid = {run.after_lid!r} it would not."
    elif abs(formed - run.end_surface_temperature) > 1e-3:
        problem = f"its lid has closed at {formed:g} K, not at {run.end_surface_temperature:g} K."
    if problem:
        raise InputError(f"run {folder}", problem, cure="run the case again, in another folder")
