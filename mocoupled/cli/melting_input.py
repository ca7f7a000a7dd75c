"""What the commands of mocoupled melting share: options, the reading of text, and the files."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from ..errors import InputError
from ..files import new_file
from .bare_numbers import note_bare
from .output_files import whole, write_netcdf
from .pages.point_tables import point_table

if TYPE_CHECKING:
    import xarray

    from ..lower_mantle.compositions import Composition

Command = TypeVar("Command", bound=Callable[..., object])
AMOUNT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")

OVERWRITE = click.option("--overwrite", is_flag=True, help="Replace files that are there.")
RESULTS = click.option(
    "-o", "--output", "outputs", multiple=True, metavar="FILE", help="Results (.nc, .csv); may be repeated."
)


def model_options(command: Command) -> Command:
    """The options of the ternary model: pressure, mixing, exchange factor, anchor, overwrite."""
    options = (
        click.option("-P", "--pressure", required=True, metavar="P", help="e.g. '52 GPa'; 25 to 136 GPa."),
        click.option(
            "--mixing",
            default="full",
            metavar="NAME",
            help="Reading of the liquid's mixing law: full, anchored, half, ... [default: full].",
        ),
        click.option(
            "--exchange-factor",
            default="1",
            metavar="F",
            help=(
                "On K_D(Fe-Mg) of bridgmanite over ferropericlase; "
                "about 2 for Al2O3 and ferric iron [default: 1]."
            ),
        ),
        click.option(
            "--anchor-temperature",
            metavar="T",
            help="For --mixing anchored: melting temperature of MgSiO3, e.g. '4200 K'.",
        ),
        OVERWRITE,
    )
    for option in reversed(options):
        command = option(command)
    return command


def number(text: str, unit: str, where: str) -> float:
    """A number in `unit` from text such as '52 GPa'; InputError for anything else. where: the option."""
    from ..units import to_si

    read = to_si(text, unit, where)
    note_bare(text.strip(), unit, where)
    return read


def checked_pressure(text: str, mixing: str) -> float:
    """Pressure [Pa] within the range of the model; InputError outside it, or for an unknown mixing law."""
    from ..lower_mantle.mixing import check_mixing
    from ..lower_mantle.phase_diagrams import check_pressure

    check_mixing(mixing)
    return check_pressure(number(text, "Pa", "--pressure"))


def anchor(text: str | None) -> float | None:
    """The anchor temperature [K]; None without the option."""
    return None if text is None else number(text, "K", "--anchor-temperature")


def composition_of(text: str) -> Composition:
    """The composition with this name, or of OXIDE=MOLES separated by commas; InputError for anything else."""
    from ..lower_mantle import composition

    if "=" not in text:
        return composition(text)
    amounts: dict[str, float] = {}
    for part in text.split(","):
        oxide, equals, amount = (piece.strip() for piece in part.partition("="))
        if not equals or oxide in amounts:
            raise InputError(
                f"composition {text!r}",
                f"{part.strip()!r} is not of the form OXIDE=MOLES, or given twice.",
                cure="for example FeO=7,MgO=50.5,SiO2=42.5",
            )
        if not AMOUNT.fullmatch(amount):
            raise InputError(
                f"composition {oxide} = {amount!r}",
                "this is not an amount.",
                "allowed: a number of moles, not negative",
            )
        amounts[oxide] = float(amount)
    return composition(amounts)


def output_files(outputs: Sequence[str], suffixes: Sequence[str], overwrite: bool) -> list[Path]:
    """Paths to write, checked: ending, folder, and that no file is replaced without --overwrite."""
    return [new_file(output, overwrite, suffixes) for output in outputs]


def write_result(result: xarray.Dataset, target: Path, along: str) -> None:
    """Write a file, whole or not at all: NetCDF, or a table with one row along the dimension `along`."""
    if target.suffix == ".nc":
        write_netcdf(result, target)
        return
    with whole(target) as temporary:
        point_table(result, [along]).to_csv(temporary, index=False)
