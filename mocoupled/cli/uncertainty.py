"""The command mocoupled uncertainty CASE: error bars of an equilibrium, and where they come from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError
from .completion import complete_case
from .equilibrium_points import grid_of, output_file, with_warnings, write_points
from .error_options import CORRELATIONS, INPUTS, correlations_of_options, errors_of_options, two_names
from .options import QUIET, set_option, values, whole_number
from .output_files import as_path
from .terminal import Page, bar, read_case

if TYPE_CHECKING:
    import xarray


@click.command("uncertainty", short_help="Error bars of gas and melt, and where they come from.")
@click.argument("case", metavar="CASE|RUN", shell_complete=complete_case)
@click.option(
    "-T", "--temperature", metavar="VALUES", help="Of an equilibrium: e.g. '1650 K' or '1400,1650 K'."
)
@click.option(
    "-m",
    "--melt-fraction",
    metavar="VALUES",
    default="1",
    help="Melt fraction of the mantle, by mass [default: 1].",
)
@set_option("Replace a key of the case; may be repeated.")
@INPUTS
@CORRELATIONS
@click.option("--samples", metavar="NUMBER", default="0", help="Also solve so many samples of the inputs.")
@click.option(
    "--samples-in",
    metavar="FOLDER",
    help="Of a RUN: where the end of each sample is stored, and taken up again after an interruption.",
)
@QUIET
@click.option("-o", "--output", metavar="FILE", help="Write the result as NetCDF (.nc) or as a table (.csv).")
def uncertainty_command(
    case: str,
    temperature: str | None,
    melt_fraction: str,
    settings: tuple[str, ...],
    inputs: tuple[str, ...],
    correlations: tuple[str, ...],
    samples: str,
    samples_in: str | None,
    quiet: bool,
    output: str | None,
) -> None:
    """Error bars of CASE's gas and melt at given conditions, or of a run that was stored in the folder RUN.

    They are one standard deviation, with the share of each input. A run must have sensitivities:
    'mocoupled run CASE --sensitivities NAME,NAME -o RUN'.

    \b
    For example:
      mocoupled uncertainty earth -T 2000 -m 0.3 \
        --input 'hydrogen=10 %' --input oxygen_fugacity=0.3
    """
    from ..inference.error_bars import uncertainty
    from .pages.error_bars import print_error_bars

    errors, related = errors_of_options(inputs), correlations_of_options(correlations)
    count, target = whole_number(samples, "--samples"), output_file(output)
    if Path(case).is_dir():
        full: dict[str, str] = {}
        state = _of_run(case, temperature, settings, target)
    else:
        state, full = _of_equilibrium(case, temperature, melt_fraction, settings, errors)
    named = {full.get(name, name): error for name, error in errors.items()}
    pairs = {two_names(text, full): number for text, number in related.items()}
    folder = None if samples_in is None else as_path(samples_in)
    with bar(quiet, "runs") as update:
        result = uncertainty(state, named, correlations=pairs, samples=count, output=folder, progress=update)
    page = Page()
    print_error_bars(result, page.console)
    page.show()
    if target is not None:
        write_points(result, target)


def _of_run(
    folder: str, temperature: str | None, settings: tuple[str, ...], target: Path | None
) -> xarray.Dataset:
    """The run in a folder. InputError with options that belong to an equilibrium."""
    from ..results.output import read

    if temperature is not None or settings:
        option = "--set" if temperature is None else "-T"
        raise InputError(option, f"it is for an equilibrium; {folder} is a run.", cure="leave it out")
    if target is not None and target.suffix != ".nc":
        raise InputError(f"-o {target}", "error bars of a run are along time.", "allowed: a file *.nc")
    return read(folder)


def _of_equilibrium(
    case: str, temperature: str | None, melt_fraction: str, settings: tuple[str, ...], errors: Iterable[str]
) -> tuple[xarray.Dataset, dict[str, str]]:
    """The equilibrium with the sensitivities that are needed; short name of a parameter -> its full name."""
    from ..equilibria.planet_equilibrium import equilibrium
    from ..equilibria.planet_problem import prepare
    from ..planet.parameters_of_case import parameters_of

    chosen = read_case(case, settings)
    if temperature is None:
        raise InputError("-T", "it is missing.", "for example: -T 2000", "or name the folder of a run")
    axes = {
        "temperature": values(temperature, "K", "-T"),
        "melt_fraction": values(melt_fraction, "1", "-m"),
    }
    known = parameters_of(prepare(chosen).planet)
    full = {name: parameter.name for parameter in known for name in parameter.names}
    published = [parameter.name for parameter in known if parameter.error is not None]
    sensitivities = list(dict.fromkeys([*(full.get(name, name) for name in errors), *published]))
    if not sensitivities:
        raise InputError(
            "--input",
            "it is missing, and no parameter of the case has a published error.",
            f"parameters: {', '.join(dict.fromkeys(full.values()))}",
            "for example: --input 'volatiles.hydrogen=10 %'",
        )
    return with_warnings(lambda: equilibrium(chosen, **grid_of(axes), sensitivities=sensitivities)), full
