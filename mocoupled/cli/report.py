"""The command mocoupled report RUN: a run as one HTML page."""

from __future__ import annotations

import click

from ..files import new_file
from .output_files import as_path
from .terminal import bar

PAGE = "report.html"


@click.command("report", short_help="A run as one HTML page.")
@click.argument("run_folder", metavar="RUN")
@click.option(
    "-o", "--output", metavar="FILE", help="Where to write [default: report.html beside the results]."
)
@click.option(
    "--overwrite", is_flag=True, help="Replace a file that is there (the default one is replaced anyway)."
)
def report_command(run_folder: str, output: str | None, overwrite: bool) -> None:
    """Write a stored RUN as one HTML page with its figures inside: opens anywhere, offline, and prints."""
    from ..reports.html_page import write
    from ..results.output import read_one

    stored = as_path(run_folder)
    default = (stored if stored.is_dir() else stored.parent) / PAGE
    target = new_file(default if output is None else as_path(output), overwrite or output is None)
    result = read_one(stored)
    with bar(False, "drawing"):
        write(result, target)
    click.echo(f"wrote {target}")
