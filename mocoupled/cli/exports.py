"""The commands that hand a stored run on: mocoupled cite | export | report."""

from __future__ import annotations

import click

from ..errors import InputError
from ..files import new_file, new_folder, write_text
from . import terminal
from .output_files import as_path

FORMATS = ("chili",)
PAGE = "report.html"


@click.command(short_help="BibTeX of what a run rests on.")
@click.argument("run_folder", metavar="RUN")
@click.option("-o", "--output", metavar="FILE", help="Write there instead of printing.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
def cite(run_folder, output, overwrite):
    """BibTeX of the publications of the laws and data that a stored RUN used, of mocoupled and of its libraries."""
    from ..provenance.references import cite as entries
    from ..results.output import read_one

    target = None if output is None else new_file(as_path(output), overwrite)
    text = entries(read_one(as_path(run_folder)))
    if target is None:
        return click.echo(text, nl=False)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text(target, text)
    click.echo(f"wrote {target}")


@click.command(short_help="Write a run in the form of a community's files.")
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
def export(run_folder, form, output, planet, snapshot, overwrite):
    """Write a stored RUN as CHILI's evolution files, or an equilibrium (FILE.nc of 'mocoupled equilibrium' or 'gas') as its static ones.

    Several runs may go to one folder: each has its table and config, and its section in the notes.
    """
    from ..errors import nearest
    from ..reports import chili
    from ..results.output import read_one

    if form not in FORMATS:
        raise InputError(
            f"--format {form!r}", "no such format.", f"allowed: {', '.join(FORMATS)}", nearest(form, FORMATS)
        )
    stored = as_path(run_folder)
    folder = new_folder(
        as_path(output) if output is not None else (stored if stored.is_dir() else stored.parent) / form
    )
    result = read_one(stored)
    if "time" in result.dims:
        if snapshot is not None:
            raise InputError(
                f"--snapshot {snapshot!r}", "this is a run, not an equilibrium.", cure="leave it out"
            )
        files = chili.export(result, folder, planet, overwrite)
    else:
        for option, value in (("--planet", planet), ("--snapshot", snapshot)):
            if value is None:
                raise InputError(
                    option,
                    "an equilibrium does not say which static case it is.",
                    "allowed: --planet earth --snapshot tau3-cold",
                )
        files = chili.export_static(result, folder, planet, snapshot, overwrite)
    for file in files:
        click.echo(f"wrote {file}")


@click.command(short_help="A run as one HTML page.")
@click.argument("run_folder", metavar="RUN")
@click.option(
    "-o", "--output", metavar="FILE", help="Where to write [default: report.html beside the results]."
)
@click.option(
    "--overwrite", is_flag=True, help="Replace a file that is there (the default one is replaced anyway)."
)
def report(run_folder, output, overwrite):
    """Write a stored RUN as one HTML page with its figures inside: opens anywhere, offline, and prints."""
    from ..reports.html_page import write
    from ..results.output import read_one

    stored = as_path(run_folder)
    default = (stored if stored.is_dir() else stored.parent) / PAGE
    target = new_file(default if output is None else as_path(output), overwrite or output is None)
    result = read_one(stored)
    with terminal.bar(False, "drawing"):
        write(result, target)
    click.echo(f"wrote {target}")
