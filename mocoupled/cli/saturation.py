"""The command mocoupled saturation RUN: where a melt would be saturated in graphite or sulfide, at depth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .output_files import as_path, result_files, warnings_printed, write_result
from .terminal import Page

if TYPE_CHECKING:
    import xarray


@click.command("saturation", short_help="Saturation of a run's melt in graphite and sulfide, at depth.")
@click.argument("run_folder", metavar="RUN")
@click.option(
    "--laws",
    metavar="NAMES",
    help="E.g. 'Holloway1992-gas,CO=basalt-Yoshioka2019,sulfide=ONeill2021' [default: these].",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Figure (.png, .pdf), result (.nc) or table (.csv); may be repeated.",
)
def saturation_command(run_folder: str, laws: str | None, outputs: tuple[str, ...]) -> None:
    """Saturation in graphite and sulfide, at depth, of the melt of a stored RUN of a column.

    \b
    For example:
      mocoupled saturation runs/earth -o saturation.png -o saturation.csv
    """
    from ..equilibria.melt_saturation import saturation_at_depth
    from ..results.output import read_one
    from .pages.saturation import print_saturation, saturation_table

    targets = result_files(outputs)
    listed = None if laws is None else [name.strip() for name in laws.split(",")]
    result = read_one(as_path(run_folder))
    with warnings_printed():
        made = saturation_at_depth(result, listed)
    page = Page()
    print_saturation(made, page.console)
    page.show()
    for target in targets:
        write_result(made, target, _draw, saturation_table)


def _draw(made: xarray.Dataset, target: Path) -> None:
    """Draw the ratios over pressure."""
    from ..plots.saturation import draw_saturation
    from ..plots.style import save

    save(draw_saturation(made), target, made.attrs)
