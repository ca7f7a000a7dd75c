"""The options --input and --correlation: errors of parameters, as a user writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import click

from ..errors import InputError

INPUTS = click.option(
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
CORRELATIONS = click.option(
    "--correlation",
    "correlations",
    multiple=True,
    metavar="NAME,NAME=NUMBER",
    help="Correlation of two inputs, -1 to 1; may be repeated.",
)


def errors_of_options(inputs: Iterable[str]) -> dict[str, str]:
    """Parameter -> its error, of each NAME=ERROR."""
    return dict(_pair(text, "--input", "volatiles.hydrogen=10 %") for text in inputs)


def correlations_of_options(correlations: Iterable[str]) -> dict[str, str]:
    """NAME,NAME -> number, of each NAME,NAME=NUMBER."""
    return dict(_pair(text, "--correlation", "hydrogen,carbon=0.5") for text in correlations)


def _pair(text: str, option: str, example: str) -> tuple[str, str]:
    """The two sides of NAME=VALUE. InputError for another form."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise InputError(f"{option} {text!r}", "not of the form NAME=VALUE.", cure=f"for example {example!r}")
    return name.strip(), value.strip()


def two_names(text: str, full: Mapping[str, str]) -> tuple[str, str]:
    """The full names of two parameters. InputError for fewer or more."""
    names = [full.get(name.strip(), name.strip()) for name in text.split(",")]
    if len(names) != 2:
        raise InputError(
            f"--correlation {text!r}", "not two names.", cure="for example 'hydrogen,carbon=0.5'"
        )
    return names[0], names[1]
