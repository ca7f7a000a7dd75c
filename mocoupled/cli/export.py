"""The command mocoupled export RUN: a run or an equilibrium as the files of the CHILI intercomparison."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError, nearest
from ..files import new_folder
from .output_files import as_path

if TYPE_CHECKING:
    import xarray

FORMATS = ("chili",)


@click.command("export", short_help="Write a run in the form of a community's files.")
@click.argument("run_folder", metavar="RUN")
@click.option(
    "--format",
    "form",
    required=True,
    metavar="FORMAT",
    help="chili: the CHILI intercomparison of magma-ocean models.",
)
@click.option(
    "-o",
    "--output",
    metavar="FOLDER",
    help="Where to write inputs/ and outputs/ [default: chili beside the results].",
)
@click.option(
    "--planet", metavar="NAME", help="The planet's name in the files [default: that of the case chili-NAME]."
)
@click.option(
    "--snapshot", metavar="NAME", help="Of an equilibrium: which static case it is, e.g. tau3-cold."
)
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
def export_command(
    run_folder: str, form: str, output: str | None, planet: str | None, snapshot: str | None, overwrite: bool
) -> None:
    """Write a stored RUN as CHILI's evolution files, or an equilibrium (FILE.nc of 'mocoupled equilibrium' or
    'gas') as its static ones.

    Several runs may go to one folder: each has its table and config, and its section in the notes.
    """
    from ..reports import chili
    from ..results.output import read_one

    if form not in FORMATS:
        raise InputError(
            f"--format {form!r}", "no such format.", f"allowed: {', '.join(FORMATS)}", nearest(form, FORMATS)
        )
    stored = as_path(run_folder)
    beside = (stored if stored.is_dir() else stored.parent) / form
    folder = new_folder(beside if output is None else as_path(output))
    result = read_one(stored)
    if "time" not in result.dims:
        files = _export_equilibrium(result, folder, planet, snapshot, overwrite)
    elif snapshot is not None:
        raise InputError(
            f"--snapshot {snapshot!r}", "this is a run, not an equilibrium.", cure="leave it out"
        )
    else:
        files = chili.export(result, folder, planet, overwrite)
    for file in files:
        click.echo(f"wrote {file}")


def _export_equilibrium(
    state: xarray.Dataset, folder: Path, planet: str | None, snapshot: str | None, overwrite: bool
) -> list[Path]:
    """Write the static files. InputError where the options do not name the static case."""
    from ..reports import chili

    if planet is None or snapshot is None:
        raise InputError(
            "--planet" if planet is None else "--snapshot",
            "an equilibrium does not name the static case to which it belongs.",
            "allowed: --planet earth --snapshot tau3-cold",
        )
    return chili.export_static(state, folder, planet, snapshot, overwrite)
