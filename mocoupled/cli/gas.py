"""The command mocoupled gas NAME=MOLES: a closed system of gas and condensates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import InputError
from .equilibrium_points import grid_of, named_values, output_file, present, with_warnings
from .options import values

if TYPE_CHECKING:
    import xarray


@click.command("gas", short_help="Closed-system equilibrium of gas and condensates (FactSage's Equilib).")
@click.option(
    "-T",
    "--temperature",
    metavar="VALUES",
    required=True,
    help="e.g. '1388 K', '600,923' or '600:2000:15' (first:last:number).",
)
@click.option(
    "-P",
    "--pressure",
    metavar="VALUES",
    required=True,
    help="Total pressure, e.g. '794 bar' or '1e5,1e7' (Pa).",
)
@click.argument("amounts", nargs=-1, required=True, metavar="NAME=MOLES...")
@click.option(
    "--mechanism",
    help=(
        "A shipped mechanism or the path of one "
        "[default: the smallest shipped one that has all gases of the elements]."
    ),
)
@click.option(
    "--species",
    default="all",
    help="Gases to use, e.g. 'H2,H2O,CO'; names with commas as they are or in quotes [default: all].",
)
@click.option(
    "--condensates",
    help=(
        "Condensates that may form, e.g. 'C(gr),H2O(l)', 'all' of the mechanism, or 'none' "
        "[default: C(gr) where the mechanism has it]."
    ),
)
@click.option(
    "--fugacity",
    default="ideal",
    metavar="LAW",
    help="Law of the fugacity coefficients, e.g. PengRobinson1976 [default: ideal].",
)
@click.option("--engine", default="kernel", help="kernel, cantera or both [default: kernel].")
@click.option("-o", "--output", metavar="FILE", help="Write the result as NetCDF (.nc) or as a table (.csv).")
def gas_command(
    temperature: str,
    pressure: str,
    amounts: tuple[str, ...],
    mechanism: str | None,
    species: str,
    condensates: str | None,
    fugacity: str,
    engine: str,
    output: str | None,
) -> None:
    """Equilibrium of a closed system that holds NAME=MOLES of elements or species.

    Several values make every combination.

    \b
    For example:
      mocoupled gas -T 1388 -P '794 bar' H=4.6 C=0.4 O=2.5
      mocoupled gas -T 1388 -P '1e5,1e7' H2O=1,2 CO2=0.1
    """
    from ..equilibria.closed_equilibrium import EVERY, gas_equilibrium

    axes = {"temperature": values(temperature, "K", "-T"), "total_pressure": values(pressure, "Pa", "-P")}
    names: list[str] = []
    for amount in amounts:
        name, numbers = named_values(amount, "", "ELEMENT=MOLES")
        if name in names:
            raise InputError(
                amount, f"{name} is given twice.", cure="write several values in one argument: H=2,3"
            )
        names.append(name)
        axes[f"moles_{name}"] = values(numbers, "mol", amount)
    target = output_file(output)

    def solve() -> xarray.Dataset:
        known = mechanism or EVERY
        grid = grid_of(axes)
        return gas_equilibrium(
            grid["temperature"],
            grid["total_pressure"],
            {name: grid[f"moles_{name}"] for name in names},
            species if species.strip() == "all" else _names(species, known),
            _condensates(condensates, known),
            mechanism=mechanism,
            fugacity=fugacity,
            engine=engine,
        )

    result = with_warnings(solve)
    varied = [name for name, numbers in axes.items() if name.startswith("moles_") and len(numbers) > 1]
    present(result, target, ["temperature", "total_pressure", *varied])


def _condensates(text: str | None, mechanism: str) -> str | tuple[str, ...] | None:
    """Names of condensates; "all" of them; () for none; None for the default."""
    if not text:
        return text
    if text.strip() == "none":
        return ()
    return "all" if text.strip() == "all" else tuple(_names(text, mechanism))


def _names(text: str, mechanism: str) -> list[str]:
    """Names separated by commas or blanks; a name with a comma is a known species, or stands in quotes."""
    from ..chemistry.mechanism import read_mechanism
    from ..schema.species_names import split_names

    return split_names(text, read_mechanism(mechanism, where="mechanism").species)
