"""The command mocoupled equilibrium CASE: gas, melt and graphite at prescribed conditions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import click

from ..errors import InputError
from .completion import complete_case
from .equilibrium_points import grid_of, named_values, output_file, present, with_warnings
from .options import set_option, values
from .terminal import read_case

if TYPE_CHECKING:
    from ..case import Case


@click.command("equilibrium", short_help="Gas and melt in equilibrium at given conditions.")
@click.argument("case", shell_complete=complete_case)
@click.option(
    "-T",
    "--temperature",
    metavar="VALUES",
    required=True,
    help="e.g. '1650 K', '1400,1650,2000' or '1400:3000:17' (first:last:number).",
)
@click.option(
    "-m",
    "--melt-fraction",
    metavar="VALUES",
    default="1",
    help="Melt fraction of the mantle, by mass [default: 1].",
)
@set_option("Replace a key of the case; may be repeated.")
@click.option(
    "--pressure",
    "pressures",
    multiple=True,
    metavar="SPECIES=VALUES",
    help=(
        "Partial pressure in place of an inventory of the species' element, e.g. 'H2O=500 bar'; "
        "a bare number is in Pa; may be repeated."
    ),
)
@click.option(
    "--fugacity",
    "fugacities",
    multiple=True,
    metavar="SPECIES=VALUES",
    help="Fugacity in place of an inventory; a bare number is in Pa; may be repeated.",
)
@click.option(
    "--inventory",
    "inventories",
    multiple=True,
    metavar="ELEMENT=VALUES",
    help="Inventory in place of the case's, e.g. 'carbon=4e20 kg'; a bare number is in kg; may be repeated.",
)
@click.option("-o", "--output", metavar="FILE", help="Write the result as NetCDF (.nc) or as a table (.csv).")
def equilibrium_command(
    case: str,
    temperature: str,
    melt_fraction: str,
    settings: tuple[str, ...],
    pressures: tuple[str, ...],
    fugacities: tuple[str, ...],
    inventories: tuple[str, ...],
    output: str | None,
) -> None:
    """Equilibrium of CASE's gas, melt and graphite; several values of an option make every combination.

    \b
    A measured gas in place of an inventory:
      mocoupled equilibrium earth -T 1650 -m 0.3 \\
        --pressure 'H2O=500 bar' --inventory 'carbon=4e20 kg'
    """
    from ..equilibria.planet_equilibrium import equilibrium

    chosen = read_case(case, settings)
    axes = {
        "temperature": values(temperature, "K", "-T"),
        "melt_fraction": values(melt_fraction, "1", "-m"),
    }
    names: dict[str, list[str]] = {"pressure": [], "fugacity": []}
    for kind, texts in (("pressure", pressures), ("fugacity", fugacities)):
        for name, text, numbers in _named(texts, kind, "SPECIES=VALUES"):
            column = f"{kind}_{name}"
            _check_new(column, axes, kind, text, name)
            axes[column] = values(numbers, "Pa", f"--{kind} {name}")
            names[kind].append(name)
    for name, text, numbers in _named(inventories, "inventory", "ELEMENT=VALUES"):
        _check_new(name, axes, "inventory", text, name)
        axes[name] = _inventories(numbers, chosen, name)
    target = output_file(output)
    grid = grid_of(axes)
    for kind, species in names.items():
        if species:
            grid[kind] = {name: grid.pop(f"{kind}_{name}") for name in species}
    result = with_warnings(lambda: equilibrium(chosen, **grid))
    present(result, target, list(axes))


def _named(texts: Iterable[str], kind: str, form: str) -> Iterator[tuple[str, str, str]]:
    """(name, whole text, values) of each NAME=VALUES of an option."""
    for text in texts:
        name, numbers = named_values(text, f"--{kind}", form)
        yield name, text, numbers


def _check_new(column: str, axes: Mapping[str, list[float]], kind: str, text: str, name: str) -> None:
    if column in axes:
        raise InputError(
            f"--{kind} {text!r}",
            f"{name} is given twice.",
            cure="write several values in one option: 'H2O=100,200 bar'",
        )


def _inventories(text: str, case: Case, name: str) -> list[float]:
    """Masses [kg] of an element: with units of mass, or as shares of the mantle ("100,200 ppmw")."""
    from ..interior.static_structure import structure
    from ..units import by_mass, split

    unit = (split(text.rpartition(",")[2]) or (0.0, ""))[1]
    if re.fullmatch(r"[A-Z][a-z]?\s*/\s*[A-Z][a-z]?", unit):
        raise InputError(
            f"--inventory {name}={text}",
            "a ratio to another element is not allowed here, only in the case.",
            "allowed: masses, or ppmw of the mantle",
            f"--set volatiles.{name}='{text.strip()}'",
        )
    if by_mass(unit):
        mantle = structure(case.planet).mantle_mass
        return [share * mantle for share in values(text, "1", f"--inventory {name}")]
    return values(text, "kg", f"--inventory {name}")
