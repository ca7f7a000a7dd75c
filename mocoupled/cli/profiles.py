"""The command mocoupled profiles RUN: profiles, clouds and spectra of the atmosphere of a stored run."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError
from .options import whole_number
from .output_files import as_path, whole, write_netcdf
from .terminal import Page

if TYPE_CHECKING:
    import xarray

FIGURES = (".png", ".pdf")
FILES = (*FIGURES, ".nc", ".csv")


@click.command("profiles", short_help="Profiles, clouds and spectra of the atmosphere of a stored run.")
@click.argument("run_folder", metavar="RUN")
@click.option(
    "--times",
    metavar="TIMES",
    help="E.g. '1 kyr,100 kyr,end', or 'all' [default: eight, even in surface temperature].",
)
@click.option(
    "--composition",
    metavar="HOW",
    default="mixed",
    help="mixed, as at the surface up to the clouds, or equilibrium at each level [default: mixed].",
)
@click.option("--quench", metavar="LEVEL", help="Where reactions end, e.g. '1000 K' or '1 bar'.")
@click.option(
    "--species",
    metavar="GASES",
    default="run",
    help="Of the equilibrium: run (those of the run), all, or names such as H2O,CO2 [default: run].",
)
@click.option("--stratosphere", metavar="TEMPERATURE", help="In place of that of the run.")
@click.option("--opacity-factor", metavar="FACTOR", help="In place of that of the run; see 'radiation'.")
@click.option("--levels", metavar="DRY,MOIST", default="14,10", help="Intervals [default: 14,10].")
@click.option("--mechanism", help="Whose opacities are taken, in place of that of the run.")
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Figure (.png, .pdf), result (.nc) or table of the levels (.csv); may be repeated.",
)
def profiles_command(
    run_folder: str,
    times: str | None,
    composition: str,
    quench: str | None,
    species: str,
    stratosphere: str | None,
    opacity_factor: str | None,
    levels: str,
    mechanism: str | None,
    outputs: tuple[str, ...],
) -> None:
    """The atmosphere of a stored RUN (its folder, or its evolution.nc) at some times.

    \b
    For example:
      mocoupled profiles runs/earth --times '1 kyr,100 kyr,end' -o profiles.nc -o profiles.png
      mocoupled profiles runs/earth --composition equilibrium --quench '1000 K' -o profiles.png
    """
    from ..radiation.atmospheres import profiles
    from ..results.output import read_one
    from .pages.profiles import print_profiles

    targets = [_target(output) for output in outputs]
    intervals = [whole_number(number, f"--levels {levels}") for number in levels.split(",")]
    gases = species if species in ("run", "all") else [name.strip() for name in species.split(",")]
    result = read_one(as_path(run_folder))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = profiles(
            result,
            _times(times),
            composition=composition,
            quench=quench,
            species=gases,
            stratosphere_temperature=stratosphere,
            opacity_factor=opacity_factor,
            mechanism=mechanism,
            levels=intervals,
        )
    for warning in caught:
        click.echo(f"warning: {warning.message}", err=True)
    page = Page()
    print_profiles(made, page.console)
    page.show()
    for target in targets:
        _write(made, target)
        click.echo(f"wrote {target}")


def _times(text: str | None) -> object:
    """The times of the option: words stay words; a unit of the last number is that of all bare ones."""
    if text is None or text.strip() == "all":
        return None if text is None else "all"
    from ..units import split

    parts = [part.strip() for part in text.split(",")]
    if "" in parts:
        raise InputError(f"--times {text!r}", "a time is missing.", "for example: '1 kyr,100 kyr,end'")
    suffix = next((unit for _, unit in filter(None, map(split, reversed(parts))) if unit), "")
    bare = [(split(part) or (0.0, "?"))[1] == "" for part in parts]
    return [f"{part} {suffix}" if alone and suffix else part for part, alone in zip(parts, bare)]


def _target(output: str) -> Path:
    """The path of a file to write, checked."""
    from ..files import new_file

    return new_file(output, suffixes=FILES, cure="remove it")


def _write(made: xarray.Dataset, target: Path) -> None:
    """Write the profiles, their figure, or the table of their levels."""
    if target.suffix in FIGURES:
        from ..plots.atmosphere import draw_atmosphere
        from ..plots.style import save

        save(draw_atmosphere(made), target, made.attrs)
    elif target.suffix == ".nc":
        write_netcdf(made, target)
    else:
        from .pages.profiles import level_table

        with whole(target) as path:
            level_table(made).to_csv(path, index=False)
