"""The command mocoupled uncertainty CASE: error bars of an equilibrium, and where they come from."""

from __future__ import annotations

from collections.abc import Mapping

import click

from ..errors import InputError
from .equilibrium_points import grid_of, output_file, with_warnings, write_points
from .options import set_option, values, whole_number
from .terminal import Page, read_case


@click.command("uncertainty", short_help="Error bars of gas and melt, and where they come from.")
@click.argument("case")
@click.option("-T", "--temperature", metavar="VALUES", required=True, help="e.g. '1650 K' or '1400,1650 K'.")
@click.option(
    "-m",
    "--melt-fraction",
    metavar="VALUES",
    default="1",
    help="Melt fraction of the mantle, by mass [default: 1].",
)
@set_option("Replace a key of the case; may be repeated.")
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=ERROR",
    help=(
        "One standard deviation of a parameter, e.g. 'volatiles.hydrogen=10 %' or 'oxygen_fugacity=0.3'; "
        "may be repeated. Names: mocoupled show CASE --parameters. Published errors of laws are added; "
        "'law:H2O.coefficient=0 %' takes one away."
    ),
)
@click.option(
    "--correlation",
    "correlations",
    multiple=True,
    metavar="NAME,NAME=NUMBER",
    help="Correlation of two inputs, -1 to 1; may be repeated.",
)
@click.option("--samples", metavar="NUMBER", default="0", help="Also solve so many samples of the inputs.")
@click.option("-o", "--output", metavar="FILE", help="Write the result as NetCDF (.nc) or as a table (.csv).")
def uncertainty_command(
    case: str,
    temperature: str,
    melt_fraction: str,
    settings: tuple[str, ...],
    inputs: tuple[str, ...],
    correlations: tuple[str, ...],
    samples: str,
    output: str | None,
) -> None:
    """Error bars of CASE's gas and melt at given conditions, and the share of each input.

    \b
    For example:
      mocoupled uncertainty earth -T 2000 -m 0.3 \\
        --input 'hydrogen=10 %' --input oxygen_fugacity=0.3
    """
    from ..equilibria.planet_equilibrium import equilibrium
    from ..equilibria.planet_problem import prepare
    from ..inference.error_bars import uncertainty
    from ..planet.parameters_of_case import parameters_of
    from .pages.error_bars import print_error_bars

    chosen = read_case(case, settings)
    errors = dict(_pair(text, "--input", "volatiles.hydrogen=10 %") for text in inputs)
    related = dict(_pair(text, "--correlation", "hydrogen,carbon=0.5") for text in correlations)
    count = whole_number(samples, "--samples")
    axes = {
        "temperature": values(temperature, "K", "-T"),
        "melt_fraction": values(melt_fraction, "1", "-m"),
    }
    known = parameters_of(prepare(chosen).planet)
    full = {name: parameter.name for parameter in known for name in parameter.names}
    named = {full.get(name, name): error for name, error in errors.items()}
    published = [parameter.name for parameter in known if parameter.error is not None]
    sensitivities = list(dict.fromkeys([*named, *published]))
    if not sensitivities:
        raise InputError(
            "--input",
            "it is missing, and no parameter of the case has a published error.",
            f"parameters: {', '.join(dict.fromkeys(full.values()))}",
            "for example: --input 'volatiles.hydrogen=10 %'",
        )
    target = output_file(output)
    pairs = {_two(text, full): number for text, number in related.items()}
    state = with_warnings(lambda: equilibrium(chosen, **grid_of(axes), sensitivities=sensitivities))
    result = uncertainty(state, named, correlations=pairs, samples=count)
    page = Page()
    print_error_bars(result, page.console)
    page.show()
    if target is not None:
        write_points(result, target)


def _pair(text: str, option: str, example: str) -> tuple[str, str]:
    """The two sides of NAME=VALUE. InputError for another form."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise InputError(f"{option} {text!r}", "not of the form NAME=VALUE.", cure=f"for example {example!r}")
    return name.strip(), value.strip()


def _two(text: str, full: Mapping[str, str]) -> tuple[str, str]:
    """The full names of two parameters. InputError for fewer or more."""
    names = [full.get(name.strip(), name.strip()) for name in text.split(",")]
    if len(names) != 2:
        raise InputError(
            f"--correlation {text!r}", "not two names.", cure="for example 'hydrogen,carbon=0.5'"
        )
    return names[0], names[1]
