"""The command of the mantle's chemistry: mocoupled mantle CASE."""

from __future__ import annotations

import warnings
from pathlib import Path

import click

from ..errors import InputError
from ..files import new_folder
from ..units import to_si
from . import terminal
from .equilibria import values
from .output_files import write_netcdf

MOST = 50  # timescales of one call


@click.command(short_help="Magma ocean buffered by remelting of its cumulates.")
@click.argument("case")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Replace a value or a reading, e.g. --set core_temperature='4600 K' or --set melting=batch; may be repeated. Keys: --keys.",
)
@click.option(
    "-t",
    "--timescale",
    default="1,10,100 Myr",
    metavar="VALUES",
    help="Times in which the magma ocean would crystallise, e.g. '10 Myr' or '1,10 Myr' [default: 1,10,100 Myr].",
)
@click.option(
    "--end",
    "end",
    default="0.99",
    metavar="F",
    help="Solid fraction at which the growth in time ends [default: 0.99].",
)
@click.option(
    "--keys", is_flag=True, help="List every key instead: value here, what is allowed, what it means."
)
@click.option(
    "-o", "--output", metavar="FOLDER", help="Write NetCDF files and a figure there (a new or empty folder)."
)
def mantle(case, settings, timescale, end, keys, output):
    """Iron of the magma ocean of CASE (earth, mars or a TOML file), buffered by melts of its convecting cumulates.

    Static: where melts and crystals balance. For each timescale: where they balance beside the growth of the pile, and
    the growth followed in time. It says what calibrated the numbers.
    """
    from ..schema.buffering_case import BufferingCase, setting
    from .pages import mantle as screen

    asked = BufferingCase.read(case).replace(dict(map(setting, settings)), "--set")
    page = terminal.Page()
    if keys:
        screen.keys(asked, page.console)
        return page.show()
    times = sorted(set(values(timescale, "s", "--timescale")))
    if len(times) > MOST:
        raise InputError(
            f"--timescale {timescale!r}", f"{len(times)} timescales.", f"allowed: up to {MOST} in one call"
        )
    last = to_si(end, "1", f"--end {end}")
    folder = None if output is None else _folder(output)
    from xarray import DataArray

    from ..cumulates.static_buffering import NoCrossingWarning, buffering
    from ..cumulates.timed_buffering import buffering_history, check_end

    check_end(last)
    screen.describe(asked, page.console)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoCrossingWarning)  # the reasons are printed
        static = buffering(asked)
        timed = buffering(asked, timescale=DataArray(times, dims="timescale", coords={"timescale": times}))
    screen.crossings(static, timed, page.console)
    page.show()
    runs = []
    with terminal.bar(False, "growing") as update:
        for k, time in enumerate(times):
            update(k / len(times), screen.years(time))
            runs.append(buffering_history(asked, time, last))
    screen.histories(runs, page.console)
    page.show()
    for file in _write(static, timed, runs, folder) if folder else ():
        click.echo(f"wrote {file}")
    return 0


def _folder(output) -> Path:
    if not output.strip():
        raise InputError(f"output {output!r}", "this is no path.", "allowed: a folder, new or empty")
    folder = new_folder(output)
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"output {output}", "the folder is not empty.", cure="name another")
    return folder


def _write(static, timed, runs, folder) -> list[Path]:
    from ..plots.buffering import draw_case
    from .pages.mantle import myr

    folder.mkdir(parents=True, exist_ok=True)
    named = {"static.nc": static, "timescales.nc": timed} | {
        f"history_{myr(run.attrs['timescale_s'])}.nc": run for run in runs
    }
    files = []
    for name, result in named.items():
        write_netcdf(result, folder / name)
        files.append(folder / name)
    return [*files, draw_case(static, runs, folder / "buffering.png")]
