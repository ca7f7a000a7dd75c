"""The commands mocoupled compare factsage | cea: tables of other programs beside our equilibria."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .terminal import Page

if TYPE_CHECKING:
    from rich.console import Console

TABLES = click.argument("tables", nargs=-1, metavar="[TABLE]...")
OUTPUT = click.option(
    "-o",
    "--output",
    metavar="FOLDER",
    help="Write figures (pressures, and a bar chart of the differences) and a CSV for each table there.",
)


@click.group("compare", short_help="FactSage tables and independent codes beside ours.")
def compare_group() -> None:
    """Compare our equilibria with FactSage tables, and with NASA's CEA where it is installed."""


@compare_group.command("factsage")
@TABLES
@OUTPUT
@click.option(
    "--mechanism",
    help=(
        "For 'all gases': a mechanism's name or path "
        "[default: the smallest shipped one that has all gases of the elements]."
    ),
)
@click.option(
    "--fugacity",
    metavar="LAW",
    help="Law of the fugacity coefficients for tables of a real gas, e.g. PengRobinson1976.",
)
def factsage_command(
    tables: tuple[str, ...], output: str | None, mechanism: str | None, fugacity: str | None
) -> None:
    """Compare TABLEs with ours: shipped names, CSV files, workbooks (.xlsx), or the text of an Equilib run;
    none: all shipped."""
    from .pages.comparison import compare_factsage

    _compared(
        lambda console: compare_factsage(tables, console, output, mechanism=mechanism, fugacity=fugacity)
    )


@compare_group.command("cea")
@TABLES
@OUTPUT
def cea_command(tables: tuple[str, ...], output: str | None) -> None:
    """Compare NASA's CEA (package `cea`) with our kernel on the problems of TABLEs (none: all shipped)."""
    from .pages.comparison import compare_cea

    _compared(lambda console: compare_cea(tables, console, output))


def _compared(work: Callable[[Console], Iterable[Path]]) -> None:
    """Do the work, print its page, and name the files that it wrote."""
    page = Page()
    files = work(page.console)
    page.show()
    for file in files:
        click.echo(f"wrote {file}")
