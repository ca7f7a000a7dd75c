"""The command mocoupled plot RUN: the figures of a stored run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError
from ..files import new_folder
from .error_options import CORRELATIONS, INPUTS, correlations_of_options, errors_of_options, two_names
from .options import QUIET
from .output_files import as_path, draw_figures, listed
from .terminal import INTERRUPTED, deferred_interrupts, say

if TYPE_CHECKING:
    import xarray


@click.command("plot", short_help="Draw the figures of a stored run.")
@click.argument("run_folder", metavar="RUN")
@click.option("-o", "--output", metavar="FOLDER", help="Where to write [default: RUN/figures].")
@click.option(
    "--figure", "names", multiple=True, metavar="NAME", help="Draw this figure only; may be repeated."
)
@click.option("--format", default="png", metavar="FORMAT", help="png or pdf [default: png].")
@click.option("--time-axis", default="log", metavar="AXIS", help="log or linear [default: log].")
@INPUTS
@CORRELATIONS
@QUIET
def plot_command(
    run_folder: str,
    output: str | None,
    names: tuple[str, ...],
    format: str,
    time_axis: str,
    inputs: tuple[str, ...],
    correlations: tuple[str, ...],
    quiet: bool,
) -> int:
    """Draw the figures of a stored RUN (its folder, or its evolution.nc) from its results alone.

    A run with sensitivities has shades of one standard deviation around its curves, where errors of its
    parameters are published or named by --input.
    """
    from ..results.file_names import FIGURES
    from ..results.output import read_one

    stored = as_path(run_folder)
    beside = (stored if stored.is_dir() else stored.parent) / FIGURES
    if output is None and beside.is_symlink():
        raise InputError(
            f"output {beside}",
            "this is a symbolic link: files behind it may be of something else.",
            cure=f"remove the link, or say where to draw: --output {beside}",
        )
    folder = new_folder(beside if output is None else as_path(output))
    result = _with_errors(read_one(stored), inputs, correlations)
    files: list[Path] = []
    try:
        with deferred_interrupts() as pressed:
            draw_figures(result, folder, files, quiet, pressed, names, format=format, time_axis=time_axis)
    finally:
        if files and not quiet:
            click.echo(f"wrote in {folder}: {listed(files, folder)}")
    return say("interrupted", INTERRUPTED) if pressed() else 0


def _with_errors(
    result: xarray.Dataset, inputs: tuple[str, ...], correlations: tuple[str, ...]
) -> xarray.Dataset:
    """The run with the errors of its curves, where it has some or the user names some."""
    from ..inference.parts_of_errors import has_published_errors, with_parts

    if not inputs and not correlations and not has_published_errors(result):
        return result
    related = correlations_of_options(correlations)
    pairs = {two_names(text, {}): number for text, number in related.items()}
    return with_parts(result, errors_of_options(inputs), pairs)
