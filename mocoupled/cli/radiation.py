"""The command mocoupled radiation GAS=PRESSURE: outgoing radiation of a convecting atmosphere by bands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError
from .equilibrium_points import grid_of, named_values
from .options import values, whole_number
from .output_files import result_files, warnings_printed, write_result
from .pages.point_tables import point_table
from .terminal import Page

if TYPE_CHECKING:
    import pandas
    import xarray

MOST_POINTS = 100_000  # of one call, a minute of work


@click.command("radiation", short_help="Outgoing radiation of steam and other gases, by spectral bands.")
@click.option(
    "-T",
    "--temperature",
    metavar="VALUES",
    required=True,
    help="Of the surface, e.g. '1400 K', '600,923' or '400:3000:27' (first:last:number).",
)
@click.argument("pressures", nargs=-1, required=True, metavar="GAS=PRESSURE...")
@click.option("--gravity", metavar="VALUES", default="9.81 m/s^2", help="[default: 9.81 m/s^2]")
@click.option(
    "--stratosphere",
    metavar="VALUES",
    default="200 K",
    help="Temperature of the stratosphere [default: 200 K].",
)
@click.option(
    "--opacity-factor",
    metavar="VALUES",
    default="1",
    help="On all absorption; 0.5 to 2 is what is not known of it [default: 1].",
)
@click.option(
    "--levels",
    metavar="DRY,MOIST",
    default="14,10",
    help="Intervals of the dry and the moist adiabat; 28,20 where a few % matter [default: 14,10].",
)
@click.option("--mechanism", help="A shipped mechanism or the path of one, whose gases are meant.")
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Figure (.png, .pdf) or result (.nc, .csv); may be repeated.",
)
def radiation_command(
    temperature: str,
    pressures: tuple[str, ...],
    gravity: str,
    stratosphere: str,
    opacity_factor: str,
    levels: str,
    mechanism: str | None,
    outputs: tuple[str, ...],
) -> None:
    """Radiation to space over a surface at these temperatures under gases of these partial pressures.

    Several values make every combination. A pressure has its unit, as in H2O='270 bar'; a bare number is
    in Pa.

    \b
    For example:
      mocoupled radiation -T 1400 H2O='270 bar'
      mocoupled radiation -T 400:3000:27 H2O='10,100,300 bar' CO2='100 bar' -o olr.png
    """
    from ..radiation.outgoing import outgoing_radiation
    from .pages.radiation import print_radiation

    axes = {"temperature": values(temperature, "K", "-T")}
    names: list[str] = []
    for text in pressures:
        name, numbers = named_values(text, "", "GAS=PRESSURE")
        if name in names:
            cure = "write several values in one argument: H2O='10,100 bar'"
            raise InputError(text, f"{name} stands here twice.", cure=cure)
        names.append(name)
        axes[f"pressure_{name}"] = values(numbers, "Pa", text)
    axes["gravity"] = values(gravity, "m/s^2", "--gravity")
    axes["stratosphere_temperature"] = values(stratosphere, "K", "--stratosphere")
    axes["opacity_factor"] = values(opacity_factor, "1", "--opacity-factor")
    intervals = [whole_number(number, f"--levels {levels}") for number in levels.split(",")]
    targets = result_files(outputs)
    _check_size(axes)
    grid = grid_of(axes)
    partial = {name: grid[f"pressure_{name}"] for name in names}
    rest = {name: grid[name] for name in ("gravity", "stratosphere_temperature", "opacity_factor")}
    with warnings_printed():
        result = outgoing_radiation(
            grid["temperature"], partial, **rest, mechanism=mechanism, levels=intervals
        )
    page = Page()
    print_radiation(result, page.console)
    page.show()
    for target in targets:
        write_result(result, target, _draw, _table)


def _check_size(axes: dict[str, list[float]]) -> None:
    """InputError for more points than one call should compute."""
    points = 1
    for numbers in axes.values():
        points *= len(numbers)
    if points > MOST_POINTS:
        raise InputError("arguments", f"these are {points} points.", f"allowed: at most {MOST_POINTS}")


def _draw(result: xarray.Dataset, target: Path) -> None:
    """Draw the outgoing radiation."""
    from ..plots.radiation import draw_radiation
    from ..plots.style import save

    save(draw_radiation(result), target, result.attrs)


def _table(result: xarray.Dataset) -> pandas.DataFrame:
    """One row for each point; gases and bands become columns such as pressure[H2O] (Pa)."""
    made = result.drop_dims("level")
    return point_table(made, list(result.outgoing_flux.dims), [*made.data_vars], _label)


def _label(dimension: str, value: Any) -> str:
    return str(value) if dimension == "species" else f"{1e6 * value:.3g} um"
