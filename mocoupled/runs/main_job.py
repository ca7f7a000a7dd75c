"""The main job, once: prepare a case, claim a folder, march with checkpoints, store, finish."""

from __future__ import annotations

import json
import os
import time as clock
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..case import Case, case_of
from ..conditions import number
from ..conditions import path as path_of
from ..dae.solve.field_system import compiled
from ..errors import ConvergenceError, InputError, MocoupledError
from ..floating import usual_floats
from ..provenance.omissions import warn
from ..results.output import claim, read
from . import checkpoint as checkpoints
from .checkpoint import Arrays, Checkpoint
from .evolution import evolve, taken_up
from .interruption import stored_before_the_end
from .job_records import DEFAULTS, NO_HOOKS, Hooks, Options, Prepared, Progress, Stopped
from .run_folder import Standing, begin, locked, made, opened, proceed, stamp, standing, store, with_ends
from .sensitivities import planet_of, wanted_of

if TYPE_CHECKING:
    import xarray


@usual_floats
def prepare(case: Case, sensitivities: Sequence[str] = ()) -> Prepared:
    """Assemble, generate and solve the start. InputError or ConvergenceError, before anything is written.

    sensitivities: names of the parameters by which derivatives are computed.
    """
    begun = clock.perf_counter()
    planet, parameters = planet_of(case, sensitivities)
    system = compiled(planet.model)
    under_lid = None if planet.under_lid is None else compiled(planet.under_lid.model)
    try:
        solution = system.start()
    except ConvergenceError:
        from ..equilibria.planet_equilibrium import equilibrium  # on use: it knows why a state does not exist

        equilibrium(case, planet.initial_temperature, 1.0)
        raise
    if under_lid is not None:
        _check_start(case, system.state_value("surface_temperature")(solution.x))
    wanted = wanted_of(system, parameters)
    wall = clock.perf_counter() - begun
    return Prepared(planet, system, solution.x, solution.iterations, wall, under_lid, wanted)


def _check_start(case: Case, temperature: float) -> None:
    """InputError for a start that has a lid already. temperature [K]: of its surface."""
    limit = case.run.end_surface_temperature
    if temperature <= limit:
        raise InputError(
            f"{case.name} [run] after_lid = 'closed'",
            f"the run starts with a surface at {temperature:.1f} K, where the lid has closed before"
            " any volatile was shared out between melt and gas.",
            f"allowed: a start above end_surface_temperature, {limit:g} K",
            "set a higher initial_entropy or a lower end_surface_temperature",
        )


def execute(
    case: Case | None, folder: Path | None, hooks: Hooks = NO_HOOKS, options: Options = DEFAULTS
) -> xarray.Dataset:
    """The main job: prepare the case, claim the folder, march with checkpoints, store the result, finish.

    case: None: the case of the run in the folder, which continues, with `options.ends`.
    folder: None: nothing is written. The folder is locked from its first file to its last.
    Ctrl-C ends the march after its step; the finished part is stored, with status "interrupted".
    SIGTERM and SIGHUP do the same and then end the process.

    InputError for a case or a folder that cannot be used, before anything is written.
    ConvergenceError for a start that does not exist, and for a step that failed, after the finished part was
    stored. Stopped where hooks.stopped() is true.
    """
    if folder is None and case is not None:
        return _in_memory(case, hooks, options.sensitivities)
    if folder is None:
        raise ValueError("a resumed run needs its folder")
    with ExitStack() as stack:
        before: Standing | None = None
        if case is None:
            before = stack.enter_context(opened(folder))
            case = with_ends(before, options.ends, folder)
            if before.status == "complete" and case == before.case:
                hooks.complete(before, folder)
                return read(folder)
            hooks.opened(case)
            options = replace(options, sensitivities=before.sensitivities)
        with hooks.preparing():
            prepared = prepare(case, options.sensitivities)
        checkpoint = taken_up(prepared, folder) if before is not None else None
        hooks.prepared(prepared, before, checkpoint, folder)
        if before is None:
            folder = stack.enter_context(made(folder, options.numbered))
            stack.enter_context(locked(folder))
            if options.go_on:
                before, checkpoint = _left(prepared, folder)
        storing = stack.enter_context(stored_before_the_end())
        log = _begin(prepared, folder, before, checkpoint, hooks, options)
        result, files = _march_and_store(prepared, folder, checkpoint, log, hooks, options, storing)
    hooks.ended(result, folder, files)
    return finish(result, folder)


def _in_memory(case: Case, hooks: Hooks, sensitivities: Sequence[str]) -> xarray.Dataset:
    """The main job without a folder."""
    with hooks.preparing():
        prepared = prepare(case, sensitivities)
    hooks.prepared(prepared, None, None, None)
    with hooks.marching() as progress:
        result = evolve(prepared, progress)
    hooks.evolved(result)
    hooks.ended(result, None, [])
    return finish(result, None)


def _left(prepared: Prepared, folder: Path) -> tuple[Standing | None, Checkpoint | None]:
    """What an earlier job left in the folder for this very case, if this one can go on from it.

    Else (None, None).
    """
    try:
        before = standing(folder)
        checkpoint = taken_up(prepared, folder)
    except MocoupledError:  # no run, or one that is damaged, failed, or of another version
        return None, None
    if checkpoint is None or before.case != prepared.planet.case:
        return None, None
    return before, checkpoint


def _begin(
    prepared: Prepared,
    folder: Path,
    before: Standing | None,
    checkpoint: Checkpoint | None,
    hooks: Hooks,
    options: Options,
) -> str:
    """Mark the folder as that of a run under way; the text of its log."""
    case = prepared.planet.case
    if before is None:
        log = f"{stamp()}: run of {case.name}\n" if hooks.log is None else hooks.log()
        begin(folder, case, log, options.overwrite, options.go_on, options.sensitivities)
        return log
    proceed(folder, case, options.sensitivities)
    note = f"; {checkpoint.note}" if checkpoint is not None and checkpoint.note else ""
    return f"{before.log}{stamp()}: continued{note}\n"


def _march_and_store(
    prepared: Prepared,
    folder: Path,
    checkpoint: Checkpoint | None,
    log: str,
    hooks: Hooks,
    options: Options,
    storing: Callable[[], None],
) -> tuple[xarray.Dataset, list[Path]]:
    """March from the checkpoint, or from the start, and write the result; the result, and the files.

    storing() is called when the march has ended (see `stored_before_the_end`).
    """
    names = () if prepared.wanted is None else prepared.wanted.names
    keeper = checkpoints.Keeper(folder, prepared.planet, prepared.system, options.interval, hooks.warn, names)

    def keep(arrays: Callable[[], Arrays], last: bool = False) -> None:
        stop = hooks.stopped is not None and hooks.stopped()
        keeper(arrays, last or stop)
        if stop:
            raise Stopped("stopped")

    arrays = None if checkpoint is None else checkpoint.arrays
    with hooks.marching() as progress:
        result = evolve(prepared, progress, keep, arrays, options.keep_checkpoint)
    storing()
    hooks.evolved(result)
    if hooks.log is None:
        about = result.attrs
        log += f"{about['source']}: {about['case_name']}, {about['status']}: {about['end_reason']}\n"
    else:
        log = hooks.log()
    files = store(result, folder, log, options.keep_checkpoint)
    hooks.stored(result, folder)
    return result, files


def finish(result: xarray.Dataset, folder: Path | None) -> xarray.Dataset:
    """The result; ConvergenceError for one that ended because a step failed."""
    if result.attrs["status"] == "failed":
        kept = f" What was reached is in {folder}, marked 'failed'." if folder is not None else ""
        raise ConvergenceError(f"{result.attrs['case_name']}: {result.attrs['end_reason']}{kept}")
    return result


def executed(case: Case, folder: Path, hooks: Hooks = NO_HOOKS) -> xarray.Dataset:
    """The main job as one of many: it continues from a checkpoint of this very case in the folder, or begins.

    A result that failed on its way is returned too, with its status and reason.
    """
    results: list[xarray.Dataset] = []

    def keep(result: xarray.Dataset, place: Path | None, files: list[Path]) -> None:
        results.append(result)
        hooks.ended(result, place, files)

    try:
        return execute(case, folder, replace(hooks, ended=keep), Options(go_on=True))
    except ConvergenceError:
        if not results:  # the start does not exist
            raise
        return results[0]


# ---- the library


def run(
    case: Case | str | os.PathLike,
    output: str | os.PathLike | None = None,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
    checkpoint: float | None = None,
    keep_checkpoint: bool = False,
    sensitivities: Sequence[str] = (),
) -> xarray.Dataset:
    """Evolve a case to its end; a Dataset along time, SI, every variable with units and long_name.

    case: a Case, a shipped case's name or a path.
    output: folder to write (evolution.nc, summary.json, case.toml, run.log).
    InputError where it contains a run, unless overwrite.
    progress(time [s], fraction of the way to the end) is called after each step.
    checkpoint [s]: wall time between two checkpoints in the folder, from which `resume` continues.
    None: 10 s, or longer where they would take more than 1 % of the time.
    keep_checkpoint: whether the last one stays when the run is complete, so that `resume` can continue to
    another end.
    sensitivities: names of parameters ("volatiles.hydrogen", "law:H2O.coefficient"). The result then has
    sensitivity_VARIABLE(parameter, time, ...), sensitivity_at_end_VARIABLE and sensitivity_end_time:
    derivatives of logarithms by logarithms, else as parameter_relative says. InputError for names that cannot
    be varied.

    An interrupted run is returned with attrs["status"] = "interrupted". A run that fails on the way raises
    ConvergenceError after its finished part was written, marked "failed". An OmissionWarning names what
    matters and is left out (attrs["left_out"], JSON).
    """
    case = case_of(case)
    folder = None if output is None else claim(path_of(output, "output"), overwrite)
    interval = _interval(checkpoint)
    options = Options(
        overwrite, interval=interval, keep_checkpoint=keep_checkpoint, sensitivities=sensitivities
    )
    return execute(case, folder, _hooks(progress), options)


def resume(
    folder: str | os.PathLike,
    changes: Mapping[str, object] | None = None,
    *,
    progress: Progress | None = None,
    checkpoint: float | None = None,
    keep_checkpoint: bool = False,
) -> xarray.Dataset:
    """Continue the interrupted run in a folder from its last checkpoint, or from its start without one.

    The result is that of an uninterrupted run, to the last bit where the libraries are the same. A complete
    run is read and returned, and nothing is changed. InputError for a folder without a run, a run that
    failed, a checkpoint that is damaged or of another version, case, mechanism or equations, and where
    another process works on the run.

    changes: other ends of the run ({"run.end_time": "200 Myr"}; run.end_surface_temperature,
    run.end_melt_fraction, run.after_lid) that it has not passed. A complete run continues to them
    where its checkpoint was kept. progress, checkpoint, keep_checkpoint: as for `run`.
    """
    interval = _interval(checkpoint)
    path = path_of(folder, "run")
    if changes is not None and not isinstance(changes, Mapping):
        raise InputError("changes", "not a table.", 'allowed: {"run.end_time": "200 Myr"}')
    options = Options(interval=interval, keep_checkpoint=keep_checkpoint, ends=changes or {})
    return execute(None, path, _hooks(progress), options)


def _hooks(progress: Progress | None) -> Hooks:
    """What the library does beside the main job: progress, and a warning of what is left out."""

    def warn_of_omissions(result: xarray.Dataset, _folder: Path | None, _files: list[Path]) -> None:
        warn(json.loads(result.attrs["left_out"]))

    return Hooks(marching=lambda: nullcontext(progress), ended=warn_of_omissions)


def _interval(checkpoint: object) -> float | None:
    """Seconds between checkpoints, of a number, text or a quantity; None: the default of the Keeper."""
    return None if checkpoint is None else checkpoints.interval_of(number(checkpoint, "s", "checkpoint"))
