"""The command mocoupled profiles RUN: profiles, clouds and spectra of the atmosphere of a stored run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError
from .bare_numbers import note_bare
from .options import whole_number
from .output_files import as_path, result_files, warnings_printed, write_result
from .terminal import Page

if TYPE_CHECKING:
    import xarray


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
    from .pages.profiles import level_table, print_profiles

    targets = result_files(outputs)
    intervals = [whole_number(number, f"--levels {levels}") for number in levels.split(",")]
    gases = species if species in ("run", "all") else [name.strip() for name in species.split(",")]
    result = read_one(as_path(run_folder))
    with warnings_printed():
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
    page = Page()
    print_profiles(made, page.console)
    page.show()
    for target in targets:
        write_result(made, target, _draw, level_table)


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
    if not suffix:
        for part in parts:
            note_bare(part, "s", "--times")
    return [f"{part} {suffix}" if alone and suffix else part for part, alone in zip(parts, bare)]


def _draw(made: xarray.Dataset, target: Path) -> None:
    """Draw the profiles."""
    from ..plots.atmosphere import draw_atmosphere
    from ..plots.style import save

    save(draw_atmosphere(made), target, made.attrs)
