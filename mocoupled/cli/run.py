"""The command mocoupled run CASE: evolve a case to its end."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path

import click

from .completion import complete_case
from .during_run import CHECKPOINT, KEEP, DuringRun, check_figures, first_line
from .options import QUIET, set_option
from .output_files import as_path
from .terminal import Page, read_case


@click.command("run", short_help="Evolve a case until it ends; write and draw it.")
@click.argument("case", shell_complete=complete_case)
@set_option()
@click.option(
    "-o", "--output", metavar="FOLDER", help="Where to write [default: runs/CASE, or runs/CASE-2, ...]."
)
@click.option("--overwrite", is_flag=True, help="Replace a run that the folder contains.")
@CHECKPOINT
@KEEP
@click.option(
    "--sensitivities",
    metavar="NAMES",
    help="Parameters, with commas between them: the result has the derivatives by them.",
)
@click.option("--figures/--no-figures", default=True, help="Draw the figures too, or not.")
@QUIET
def run_command(
    case: str,
    settings: tuple[str, ...],
    output: str | None,
    overwrite: bool,
    checkpoint: str | None,
    keep: bool,
    sensitivities: str | None,
    figures: bool,
    quiet: bool,
) -> int:
    """Evolve CASE (a shipped name, see 'mocoupled cases', or a TOML file) to its end, and write it."""
    from ..results.output import claim
    from ..runs.checkpoint import interval_of
    from ..runs.job_records import Options
    from ..runs.main_job import execute

    requested = read_case(case, settings)
    interval = None if checkpoint is None else interval_of(checkpoint)
    folder = None if output is None else claim(as_path(output), overwrite)
    check_figures(folder, figures)
    names = () if sensitivities is None else [name.strip() for name in sensitivities.split(",")]
    options = Options(
        overwrite,
        numbered=folder is None,
        interval=interval,
        keep_checkpoint=keep,
        sensitivities=names,
    )
    with ExitStack() as stack:
        during = DuringRun(Page(quiet), quiet, figures, stack)
        during.load_painter(requested.mantle.model)
        during.page.text = first_line()
        execute(requested, folder or default_folder(requested.name), during.hooks(), options)
    return during.status


def default_folder(name: str) -> Path:
    """Where a run of a case of this name is written, unless the user says otherwise."""
    title = re.sub(r"[^\w.+=,-]+", "-", name).strip("-.")[:60] or "run"
    return Path("runs", title)
