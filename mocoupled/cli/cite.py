"""The command mocoupled cite RUN: BibTeX of what a run rests on."""

from __future__ import annotations

import click

from ..files import new_file, write_text
from .output_files import as_path


@click.command("cite", short_help="BibTeX of what a run rests on.")
@click.argument("run_folder", metavar="RUN")
@click.option("-o", "--output", metavar="FILE", help="Write there instead of printing.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
def cite_command(run_folder: str, output: str | None, overwrite: bool) -> None:
    """BibTeX of a stored RUN: its laws and data, mocoupled and its libraries."""
    from ..provenance.references import cite
    from ..results.output import read_one

    target = None if output is None else new_file(as_path(output), overwrite)
    text = cite(read_one(as_path(run_folder)))
    if target is None:
        click.echo(text, nl=False)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text(target, text)
    click.echo(f"wrote {target}")
