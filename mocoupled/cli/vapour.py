"""The command mocoupled vapour COMPOSITION: the vapour of a silicate melt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError
from .equilibrium_points import grid_of, named_values, present, with_warnings, write_points
from .options import values
from .output_files import result_files

if TYPE_CHECKING:
    import xarray

OUTPUT = "Figure of the pressures (.png, .pdf) or result (.nc, .csv); may be repeated."
STEPS = 11  # of a table of fractional vaporisation, for one loss


@click.command("vapour", short_help="Vapour of a silicate melt: pressures, oxygen fugacity, activities.")
@click.argument("composition", nargs=-1, required=True, metavar="NAME | OXIDE=WT%...")
@click.option(
    "-T",
    "--temperature",
    metavar="VALUES",
    required=True,
    help="e.g. '2500 K', '2000,3000' or '1800:3600:10' (first:last:number).",
)
@click.option(
    "--oxygen",
    default="congruent",
    metavar="TEXT",
    help="congruent, buffers (IW+0.5 or 'IW,IW+2,congruent'), or values of log10 fO2 in bar (--oxygen=-5,-4) "
    "[default: congruent].",
)
@click.option("--buffer", metavar="LAW", help="Law of the buffer's family, e.g. Hirschmann2021.")
@click.option(
    "--activities",
    metavar="LAW",
    help="IMCC-MAGMA, IMCC-ideal or MELTS-GhiorsoSack1995 [default: IMCC-MAGMA].",
)
@click.option(
    "--pressure",
    "pressures",
    multiple=True,
    metavar="GAS=VALUES",
    help=(
        "Partial pressure of a gas with another element, e.g. 'H2=100 bar'; a bare number is in Pa; "
        "may be repeated."
    ),
)
@click.option("--species", default="all", help="Gases to use, e.g. 'SiO,SiO2,O2,Na' [default: all].")
@click.option("--mechanism", help="Mechanism with liquid oxides [default: silicates].")
@click.option(
    "--loss",
    metavar="VALUES",
    help=f"Share of the mass that evaporates while the vapour is removed; one value: {STEPS} steps up to it.",
)
@click.option("-o", "--output", "outputs", multiple=True, metavar="FILE", help=OUTPUT)
def vapour_command(
    composition: tuple[str, ...],
    temperature: str,
    oxygen: str,
    buffer: str | None,
    activities: str | None,
    pressures: tuple[str, ...],
    species: str,
    mechanism: str | None,
    loss: str | None,
    outputs: tuple[str, ...],
) -> None:
    """Vapour over a melt of a named COMPOSITION (BSE, basalt, komatiite, Mars) or of oxides in wt%.

    Several values of an option make every combination.

    \b
    For example:
      mocoupled vapour BSE -T 1800:3600:7
      mocoupled vapour SiO2=45.4 MgO=36.8 FeO=8.1 CaO=3.7 Al2O3=4.5 Na2O=0.35 -T 2500 --oxygen IW+1
      mocoupled vapour komatiite -T 2200 --loss 0.3
      mocoupled vapour BSE -T 1800:3600:19 --oxygen IW,IW+2,congruent -o vapour.png
    """
    from ..equilibria.rock_vapour import MECHANISM, vapour
    from ..equilibria.vapour_by_oxygen import DIMENSION
    from ..melt.activities import DEFAULT

    axes = {"temperature": values(temperature, "K", "-T")}
    melt = _melt(composition, axes)
    gases = _gases(pressures, axes)
    numbers_of_oxygen = _numbers(oxygen)
    if numbers_of_oxygen:
        axes["log10_oxygen_fugacity"] = numbers_of_oxygen
    targets = result_files(outputs)
    several = [] if numbers_of_oxygen or "," not in oxygen else list(map(str.strip, oxygen.split(",")))
    grid = grid_of(axes)
    oxides = {key.removeprefix("oxide_"): value for key, value in grid.items() if key.startswith("oxide_")}

    def solve() -> xarray.Dataset:
        return vapour(
            melt or oxides,
            grid["temperature"],
            several or grid.get("log10_oxygen_fugacity", oxygen),
            buffer=buffer,
            activities=activities or DEFAULT,
            pressure={gas: grid[f"pressure_{gas}"] for gas in gases} or None,
            species="all" if species.strip() == "all" else [name.strip() for name in species.split(",")],
            mechanism=mechanism or MECHANISM,
            loss=None if loss is None else _losses(loss),
        )

    result = with_warnings(solve)
    varied = [name for name, numbers in axes.items() if len(numbers) > 1 and name in result.coords]
    conditions = dict.fromkeys(["temperature", *varied, *([DIMENSION] if several else [])])
    present(result, None, ["loss"] if loss is not None else list(conditions))
    for target in targets:
        _write(result, target)


def _write(result: xarray.Dataset, target: Path) -> None:
    """Write the result, its table, or the figure of the pressures."""
    if target.suffix in (".nc", ".csv"):
        write_points(result, target)
        return
    from ..plots.style import save
    from ..plots.vapour import draw_vapour

    save(draw_vapour(result), target, result.attrs)
    click.echo(f"wrote {target}")


def _melt(composition: tuple[str, ...], axes: dict[str, list[float]]) -> str:
    """The name of a composition; "" for oxides, whose values are added to the axes."""
    if len(composition) == 1 and "=" not in composition[0]:
        return composition[0]
    for text in composition:
        name, numbers = named_values(text, "", "OXIDE=WT%")
        _add(axes, f"oxide_{name}", values(numbers, "%", text), text, name)
    return ""


def _gases(pressures: tuple[str, ...], axes: dict[str, list[float]]) -> list[str]:
    """Names of the prescribed gases; their pressures are added to the axes."""
    gases = []
    for text in pressures:
        name, numbers = named_values(text, "--pressure", "GAS=VALUES")
        _add(axes, f"pressure_{name}", values(numbers, "Pa", f"--pressure {name}"), text, name)
        gases.append(name)
    return gases


def _add(axes: dict[str, list[float]], key: str, numbers: list[float], text: str, name: str) -> None:
    if key in axes:
        raise InputError(text, f"{name} is given twice.", cure="write several values in one argument")
    axes[key] = numbers


def _numbers(oxygen: str) -> list[float]:
    """Values of log10 fO2 where the text begins with a number, else none."""
    if not oxygen.strip() or oxygen.strip()[0] not in "+-.0123456789":
        return []
    return values(oxygen, "1", "--oxygen")


def _losses(loss: str) -> list[float]:
    """The losses of the table: those of the option, or even steps up to a single one."""
    numbers = values(loss, "1", "--loss")
    if len(numbers) > 1:
        return numbers
    return [numbers[0] * k / (STEPS - 1) for k in range(STEPS)]
