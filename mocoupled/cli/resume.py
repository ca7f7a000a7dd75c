"""The command mocoupled resume RUN: continue a run that was cut off."""

from __future__ import annotations

from contextlib import ExitStack

import click

from .bare_numbers import note_bare_settings, units_of_case
from .during_run import CHECKPOINT, KEEP, DuringRun, check_figures
from .options import QUIET, set_option
from .output_files import as_path
from .terminal import Page, settings_of


@click.command("resume", short_help="Continue a run that was cut off.")
@click.argument("run_folder", metavar="RUN")
@set_option("Another end of the run, e.g. --set run.end_time='200 Myr'; may be repeated.")
@CHECKPOINT
@KEEP
@click.option("--figures/--no-figures", default=True, help="Draw the figures too, or not.")
@QUIET
def resume_command(
    run_folder: str,
    settings: tuple[str, ...],
    checkpoint: str | None,
    keep: bool,
    figures: bool,
    quiet: bool,
) -> int:
    """Continue the run in the folder RUN, cut off by Ctrl-C, a kill or a full disk, from its last checkpoint.

    The result is that of a run which was never cut off. A run that is complete is left as it is, unless --set
    gives it another end (run.end_time, run.end_surface_temperature, run.end_melt_fraction,
    run.after_lid) and its checkpoint was kept.
    """
    from ..runs.checkpoint import interval_of
    from ..runs.job_records import Options
    from ..runs.main_job import execute

    folder = as_path(run_folder)
    interval = None if checkpoint is None else interval_of(checkpoint)
    changes = settings_of(settings)
    if changes:
        note_bare_settings(changes, units_of_case())
    check_figures(folder, figures)
    options = Options(interval=interval, keep_checkpoint=keep, ends=changes)
    with ExitStack() as stack:
        during = DuringRun(Page(quiet), quiet, figures, stack)
        during.defer_interrupts()
        execute(None, folder, during.hooks(), options)
    return during.status
