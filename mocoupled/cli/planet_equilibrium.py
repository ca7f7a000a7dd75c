"""The command mocoupled planet-equilibrium ELEMENT=MOLES: core, silicate and envelope in one equilibrium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import InputError
from ..files import new_file
from .equilibrium_points import grid_of, named_values, output_file, table_of_points, with_warnings
from .options import values
from .output_files import warnings_printed, whole, write_result

if TYPE_CHECKING:
    from pathlib import Path

    import xarray


@click.command(
    "planet-equilibrium", short_help="Core, silicate melt and envelope of a planet in one equilibrium."
)
@click.argument("amounts", nargs=-1, required=True, metavar="ELEMENT=MOLES...")
@click.option("-T", "--temperature", metavar="VALUES", required=True, help="e.g. '2600 K' or '2000:3000:5'.")
@click.option("--metal-temperature", metavar="VALUES", help="Of the metal, where it is another one.")
@click.option(
    "--planet-mass",
    metavar="VALUES",
    help="e.g. '1 M_earth': the amounts are a sample of it [default: the mass of the amounts].",
)
@click.option(
    "--model",
    default="standard",
    metavar="NAME",
    help="standard, Young2023 or Gilmore2026 [default: standard].",
)
@click.option(
    "--case",
    "case_file",
    metavar="FILE",
    help="Write a case (.toml) that starts from silicate and gas of this state: what core formation left.",
)
@click.option(
    "--base", default="earth", metavar="CASE", help="Everything else of that case [default: earth]."
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Write the result as NetCDF (.nc) or as a table (.csv); may be repeated.",
)
def planet_equilibrium_command(
    amounts: tuple[str, ...],
    temperature: str,
    metal_temperature: str | None,
    planet_mass: str | None,
    model: str,
    case_file: str | None,
    base: str,
    outputs: tuple[str, ...],
) -> None:
    """Liquid iron, silicate melt and gas of ELEMENT=MOLES of H C N S O Si Fe Mg Na in one equilibrium.

    Several values make every combination.

    \b
    For example:
      mocoupled planet-equilibrium Si=0.9 Mg=1 Fe=0.9 O=3 H=0.1 C=0.005 -T 2600 --planet-mass '1 M_earth'
      mocoupled planet-equilibrium Si=0.9 Mg=1 Fe=0.9 O=3 H=0.1 -T 2600 --planet-mass 6e24 --case left.toml
    """
    from ..equilibria.metal_equilibrium import planet_equilibrium

    axes = {"temperature": values(temperature, "K", "-T")}
    if metal_temperature is not None:
        axes["metal_temperature"] = values(metal_temperature, "K", "--metal-temperature")
    if planet_mass is not None:
        axes["planet_mass"] = values(planet_mass, "kg", "--planet-mass")
    names: list[str] = []
    for amount in amounts:
        name, numbers = named_values(amount, "", "ELEMENT=MOLES")
        if name in names:
            raise InputError(amount, f"{name} is given twice.", cure="write several values in one argument")
        names.append(name)
        axes[f"moles_{name}"] = values(numbers, "mol", amount)
    targets = [path for path in map(output_file, outputs) if path is not None]
    several = [name for name, numbers in axes.items() if len(numbers) > 1]
    file = _case_file(case_file, several)
    grid = grid_of(axes)

    def solve() -> xarray.Dataset:
        return planet_equilibrium(
            {name: grid[f"moles_{name}"] for name in names},
            temperature=grid["temperature"],
            metal_temperature=grid.get("metal_temperature"),
            planet_mass=grid.get("planet_mass"),
            model=model,
        )

    _present(with_warnings(solve), several, targets, file, base)


def _case_file(case_file: str | None, several: list[str]) -> Path | None:
    """The path of the case to write, checked; None without the option."""
    if case_file is None:
        return None
    if several:
        raise InputError(f"--case {case_file}", f"{several[0]} has several values.", cure="give one state")
    return new_file(case_file, suffixes=(".toml",), cure="remove it")


def _present(
    result: xarray.Dataset, several: list[str], targets: list[Path], file: Path | None, base: str
) -> None:
    """Print the states, and write the files."""
    from .pages.planet import print_planets
    from .terminal import Page

    page = Page()
    print_planets(result, several, page.console)
    page.show()
    for target in targets:
        write_result(result, target, None, table_of_points)
    if file is None:
        return
    from ..equilibria.after_core_formation import case_after_core_formation

    with warnings_printed():
        case = case_after_core_formation(result, base)
    with whole(file) as path:
        path.write_text(case.to_toml(changed=True), encoding="utf-8")
    click.echo(f"wrote {file}: mocoupled run {file}")
