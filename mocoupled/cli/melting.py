"""The commands mocoupled melting ternary | path | two-component: melting in the lower mantle."""

from __future__ import annotations

import click

from .melting_input import (
    OVERWRITE,
    RESULTS,
    anchor,
    checked_pressure,
    composition_of,
    model_options,
    number,
    output_files,
    write_result,
)
from .options import values
from .terminal import Page, bar

FIGURES, TABLES = (".png", ".pdf"), (".nc", ".csv")
PATHS = ("olivine", "pyrolite")  # compositions whose paths the ternary shows by default
CAPTION = (
    "Model of Boukaré, Ricard & Fiquet 2015 as in Nabiei et al. 2021. "
    "Dark line: cotectic ferropericlase-bridgmanite; violet: bridgmanite-stishovite; "
    "dashed: compositions of ferropericlase and bridgmanite; hatched: the melt would unmix."
)


@click.group("melting", short_help="Melting of the lower mantle: ternary MgO-FeO-SiO2, crystallisation.")
def melting_group() -> None:
    """Melting and crystallisation of MgO-FeO-SiO2 at 25-136 GPa (Boukaré et al. 2015, Nabiei et al. 2021)."""


@melting_group.command("ternary", short_help="Draw the ternary: isotherms, cotectics, paths.")
@model_options
@click.option(
    "--bulk",
    "bulks",
    multiple=True,
    metavar="COMPOSITION",
    help=(
        "Composition whose fractional path is drawn; may be repeated [default: olivine, pyrolite]; "
        "'none' for no path."
    ),
)
@click.option(
    "--divisions", default=57, metavar="N", help="Of each side of the triangle [default: 57, 1711 melts]."
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Figure (.png, .pdf) or results (.nc, .csv); may be repeated [default: ternary-PGPa.png].",
)
def ternary_command(
    pressure: str,
    mixing: str,
    anchor_temperature: str | None,
    exchange_factor: str,
    overwrite: bool,
    bulks: tuple[str, ...],
    divisions: int,
    outputs: tuple[str, ...],
) -> None:
    """Draw the ternary phase diagram: liquidus isotherms, cotectics, and the paths of crystallising melts."""
    from ..lower_mantle import path
    from ..lower_mantle.liquidus_surfaces import ternary
    from .pages.melting import print_ternary

    P, melting_temperature = checked_pressure(pressure, mixing), anchor(anchor_temperature)
    factor = number(exchange_factor, "1", "--exchange-factor")
    names = () if bulks == ("none",) else bulks or PATHS
    compositions = [composition_of(text) for text in names]
    targets = output_files(outputs or (f"ternary-{P / 1e9:g}GPa.png",), (*FIGURES, *TABLES), overwrite)
    with bar(False, "liquidus") as update:
        result = ternary(P, mixing, melting_temperature, divisions, exchange_factor=factor)
        paths = {}
        for k, bulk in enumerate(compositions):
            update(0.3 + 0.7 * k / len(compositions), bulk.name)
            paths[bulk.name] = path(
                bulk, P, "fractional", mixing, melting_temperature, exchange_factor=factor
            )
    page = Page()
    print_ternary(result, paths, page.console)
    page.show()
    for target in targets:
        if target.suffix in FIGURES:
            from ..plots.style import save
            from ..plots.ternary import draw_ternary

            target.parent.mkdir(parents=True, exist_ok=True)
            attributes = {"case_name": "melting", "source": result.attrs["source"]}
            save(draw_ternary(result, paths, CAPTION), target, attributes)
        else:
            write_result(result, target, "point")
        click.echo(f"wrote {target}")


@melting_group.command("path", short_help="Crystallise a melt: its line of descent.")
@click.argument("bulk", default="pyrolite", metavar="[COMPOSITION]")
@model_options
@click.option(
    "--mode", default="fractional", metavar="MODE", help="fractional or batch [default: fractional]."
)
@click.option(
    "--until",
    metavar="FRACTION",
    help="Melt fraction (moles of oxides) at which to end [default: 0.01; batch: 0, the solidus].",
)
@click.option(
    "--step", default="0.005", metavar="SHARE", help="Share that crystallises in a step [default: 0.005]."
)
@click.option(
    "--calcium-partition",
    default="0.85",
    metavar="D",
    help="CaO of bridgmanite over melt, mole fractions [default: 0.85].",
)
@RESULTS
def path_command(
    bulk: str,
    pressure: str,
    mixing: str,
    anchor_temperature: str | None,
    exchange_factor: str,
    overwrite: bool,
    mode: str,
    until: str | None,
    step: str,
    calcium_partition: str,
    outputs: tuple[str, ...],
) -> None:
    """Crystallise COMPOSITION (olivine, pyrolite, or e.g. FeO=7,MgO=50.5,SiO2=42.5,CaO=2.4 in moles) from its
    liquidus."""
    from ..lower_mantle import path
    from .pages.melting import print_path

    P, melting_temperature = checked_pressure(pressure, mixing), anchor(anchor_temperature)
    composition = composition_of(bulk)
    end = None if until is None else number(until, "1", "--until")
    share = number(step, "1", "--step")
    calcium = number(calcium_partition, "1", "--calcium-partition")
    factor = number(exchange_factor, "1", "--exchange-factor")
    targets = output_files(outputs, TABLES, overwrite)
    with bar(False, "crystallising") as update:
        result = path(
            composition,
            P,
            mode,
            mixing,
            melting_temperature,
            end,
            share,
            calcium,
            factor,
            progress=lambda fraction: update(fraction, ""),
        )
    page = Page()
    print_path(result, page.console)
    page.show()
    for target in targets:
        write_result(result, target, "step")
        click.echo(f"wrote {target}")


@melting_group.command("two-component", short_help="The model of Dannberg et al. 2021, 110-140 GPa.")
@click.argument("bulk", default="pyrolite", metavar="[COMPOSITION]")
@click.option("-P", "--pressure", required=True, metavar="P", help="e.g. '129 GPa'; 110 to 140 GPa.")
@click.option(
    "-T",
    "--temperature",
    metavar="VALUES",
    help="e.g. '4500 K' or '4000:5000:11' [default: from solidus to liquidus].",
)
@click.option(
    "--volatiles", default="0", metavar="X", help="Mole fraction of volatiles in the system [default: 0]."
)
@RESULTS
@OVERWRITE
def two_component_command(
    bulk: str,
    pressure: str,
    temperature: str | None,
    volatiles: str,
    outputs: tuple[str, ...],
    overwrite: bool,
) -> None:
    """Melt fraction of COMPOSITION near the core-mantle boundary by the independent model of Dannberg et al.
    2021."""
    from ..lower_mantle.two_component_melting import two_component
    from .pages.melting import print_two_component

    T = None if temperature is None else values(temperature, "K", "-T")
    P, share = number(pressure, "Pa", "-P"), number(volatiles, "1", "--volatiles")
    composition = composition_of(bulk)
    targets = output_files(outputs, TABLES, overwrite)
    result = two_component(composition, P, T, share)
    page = Page()
    print_two_component(result, page.console)
    page.show()
    for target in targets:
        write_result(result, target, "temperature")
        click.echo(f"wrote {target}")
