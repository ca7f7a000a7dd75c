"""The commands of melting in the lower mantle: mocoupled melting ternary | path | two-component."""

from __future__ import annotations

import re
from pathlib import Path

import click

from ..errors import InputError
from ..files import new_file
from . import terminal
from .equilibria import values
from .output_files import whole, write_netcdf

FIGURES, TABLES = (".png", ".pdf"), (".nc", ".csv")
CAPTION = (
    "Model of Boukaré, Ricard & Fiquet 2015 as in Nabiei et al. 2021. Dark line: cotectic ferropericlase-bridgmanite; violet: bridgmanite-stishovite; "
    "dashed: compositions of ferropericlase and bridgmanite; hatched: the melt would unmix."
)


@click.group(short_help="Melting of the lower mantle: ternary MgO-FeO-SiO2, crystallisation.")
def melting():
    """Melting and crystallisation of MgO-FeO-SiO2 at 25-136 GPa (Boukaré et al. 2015, Nabiei et al. 2021)."""


def _shared(function):
    for option in (
        click.option("--overwrite", is_flag=True, help="Replace files that are there."),
        click.option(
            "--anchor-temperature",
            metavar="T",
            help="For --mixing anchored: melting temperature of MgSiO3, e.g. '4200 K'.",
        ),
        click.option(
            "--exchange-factor",
            default="1",
            metavar="F",
            help="On K_D(Fe-Mg) of bridgmanite over ferropericlase; about 2 for Al2O3 and ferric iron [default: 1].",
        ),
        click.option(
            "--mixing",
            default="full",
            metavar="NAME",
            help="Reading of the liquid's mixing law: full, anchored, half, ... [default: full].",
        ),
        click.option("-P", "--pressure", required=True, metavar="P", help="e.g. '52 GPa'; 25 to 136 GPa."),
    ):
        function = option(function)
    return function


@melting.command(short_help="Draw the ternary: isotherms, cotectics, paths.")
@_shared
@click.option(
    "--bulk",
    "bulks",
    multiple=True,
    metavar="COMPOSITION",
    help="Composition whose fractional path is drawn; may be repeated [default: olivine, pyrolite]; 'none' for no path.",
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
def ternary(pressure, mixing, anchor_temperature, exchange_factor, overwrite, bulks, divisions, outputs):
    """Draw the ternary phase diagram: liquidus isotherms, cotectics, and the paths of crystallising melts."""
    from .. import lower_mantle as model
    from .pages import melting as screen_melting

    P, anchor, factor = (
        _pressure(pressure, mixing),
        _temperature(anchor_temperature),
        _one(exchange_factor, "1", "--exchange-factor"),
    )
    asked = [] if bulks == ("none",) else [_composition(text) for text in bulks or ("olivine", "pyrolite")]
    targets = _targets(outputs or (f"ternary-{P / 1e9:g}GPa.png",), (*FIGURES, *TABLES), overwrite)
    with terminal.bar(False, "liquidus") as update:
        result = model.ternary(P, mixing, anchor, divisions, exchange_factor=factor)
        paths = {}
        for k, one in enumerate(asked):
            update(0.3 + 0.7 * k / len(asked), one.name)
            paths[one.name] = model.path(one, P, "fractional", mixing, anchor, exchange_factor=factor)
    page = terminal.Page()
    screen_melting.ternary(result, paths, page.console)
    page.show()
    for target in targets:
        if target.suffix in FIGURES:
            from ..plots.style import save
            from ..plots.ternary import draw_ternary

            target.parent.mkdir(parents=True, exist_ok=True)
            save(
                draw_ternary(result, paths, CAPTION),
                target,
                {"case_name": "melting", "source": result.attrs["source"]},
            )
        else:
            _write(result, target, "point")
        click.echo(f"wrote {target}")


@melting.command(short_help="Crystallise a melt: its line of descent.")
@click.argument("bulk", default="pyrolite", metavar="[COMPOSITION]")
@_shared
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
@click.option(
    "-o", "--output", "outputs", multiple=True, metavar="FILE", help="Results (.nc, .csv); may be repeated."
)
def path(
    bulk,
    pressure,
    mixing,
    anchor_temperature,
    exchange_factor,
    overwrite,
    mode,
    until,
    step,
    calcium_partition,
    outputs,
):
    """Crystallise COMPOSITION (olivine, pyrolite, or e.g. FeO=7,MgO=50.5,SiO2=42.5,CaO=2.4 in moles) from its liquidus."""
    from .. import lower_mantle as model
    from .pages import melting as screen_melting

    P, anchor, what = _pressure(pressure, mixing), _temperature(anchor_temperature), _composition(bulk)
    numbers = [
        None if text is None else _one(text, "1", option)
        for text, option in (
            (until, "--until"),
            (step, "--step"),
            (calcium_partition, "--calcium-partition"),
            (exchange_factor, "--exchange-factor"),
        )
    ]
    targets = _targets(outputs, TABLES, overwrite)
    with terminal.bar(False, "crystallising") as update:
        result = model.path(
            what, P, mode, mixing, anchor, *numbers, progress=lambda fraction: update(fraction, "")
        )
    page = terminal.Page()
    screen_melting.path(result, page.console)
    page.show()
    for target in targets:
        _write(result, target, "step")
        click.echo(f"wrote {target}")


@melting.command("two-component", short_help="The model of Dannberg et al. 2021, 110-140 GPa.")
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
@click.option(
    "-o", "--output", "outputs", multiple=True, metavar="FILE", help="Results (.nc, .csv); may be repeated."
)
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
def two_component(bulk, pressure, temperature, volatiles, outputs, overwrite):
    """Melt fraction of COMPOSITION near the core-mantle boundary by the independent model of Dannberg et al. 2021."""
    from .. import lower_mantle as model
    from .pages import melting as screen_melting

    T = None if temperature is None else values(temperature, "K", "-T")
    P, wet, what = _one(pressure, "Pa", "-P"), _one(volatiles, "1", "--volatiles"), _composition(bulk)
    targets = _targets(outputs, TABLES, overwrite)
    result = model.two_component(what, P, T, wet)
    page = terminal.Page()
    screen_melting.two_component(result, page.console)
    page.show()
    for target in targets:
        _write(result, target, "temperature")
        click.echo(f"wrote {target}")


# ---- reading what the user typed


def _one(text, unit, where) -> float:
    from ..units import to_si

    return to_si(text, unit, where)


def _pressure(text, mixing) -> float:
    from ..lower_mantle.mixing import check_mixing
    from ..lower_mantle.phase_diagrams import check_pressure

    check_mixing(mixing)
    return check_pressure(_one(text, "Pa", "--pressure"))


def _temperature(text):
    return None if text is None else _one(text, "K", "--anchor-temperature")


def _composition(text):
    """A name, or OXIDE=MOLES separated by commas."""
    from ..lower_mantle import composition

    if "=" not in text:
        return composition(text)
    amounts = {}
    for part in text.split(","):
        oxide, equals, number = (piece.strip() for piece in part.partition("="))
        if not equals or oxide in amounts:
            raise InputError(
                f"composition {text!r}",
                f"{part.strip()!r} is not of the form OXIDE=MOLES, or given twice.",
                cure="for example FeO=7,MgO=50.5,SiO2=42.5",
            )
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", number):
            raise InputError(
                f"composition {oxide} = {number!r}",
                "this is not an amount.",
                "allowed: a number of moles, not negative",
            )
        amounts[oxide] = float(number)
    return composition(amounts)


# ---- writing


def _targets(outputs, suffixes, overwrite) -> list[Path]:
    """Paths to write, checked: ending, folder, and that nothing is overwritten unasked."""
    found = []
    for output in outputs:
        found.append(new_file(output, overwrite, suffixes))
    return found


def _write(result, target, along):
    """A file that appears whole or not at all: NetCDF, or a table with one row along the dimension `along`."""
    if target.suffix == ".nc":
        write_netcdf(result, target)
        return
    with whole(target) as temporary:
        _frame(result, along).to_csv(temporary, index=False)


def _frame(result, along):
    """One row along the dimension; labelled variables become columns such as melt_composition[FeO] (1)."""
    import itertools

    import pandas

    columns = {}
    if along in result.coords:
        columns[f"{along} ({result[along].attrs['units']})"] = result[along].values
    for name, variable in result.data_vars.items():
        if along not in variable.dims:
            continue
        others = [d for d in variable.dims if d != along]
        for labels in itertools.product(*(result[d].values for d in others)):
            tag = f"[{', '.join(map(str, labels))}]" if labels else ""
            columns[f"{name}{tag} ({variable.attrs['units']})"] = variable.sel(
                dict(zip(others, labels))
            ).values
    return pandas.DataFrame(columns)
