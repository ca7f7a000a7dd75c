"""The command mocoupled mantle CASE: a magma ocean that the remelting of its cumulates buffers."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError
from ..files import new_folder
from .bare_numbers import note_bare_settings
from .options import set_option, values
from .output_files import write_netcdf
from .terminal import Page, bar

if TYPE_CHECKING:
    import xarray

    from ..schema.buffering_case import BufferingCase

MOST = 50  # timescales of one call


@click.command("mantle", short_help="Magma ocean buffered by remelting of its cumulates.")
@click.argument("case")
@set_option(
    "Replace a value or a reading, e.g. --set core_temperature='4600 K' or --set melting=batch; "
    "may be repeated. Keys: --keys.",
    keys_of_case=False,
)
@click.option(
    "-t",
    "--timescale",
    default="1,10,100 Myr",
    metavar="VALUES",
    help=(
        "Times in which the magma ocean would crystallise, e.g. '10 Myr' or '1,10 Myr' "
        "[default: 1,10,100 Myr]."
    ),
)
@click.option(
    "--end",
    "end",
    default="0.99",
    metavar="F",
    help="Solid fraction at which the growth in time ends [default: 0.99].",
)
@click.option(
    "--energy",
    default="prescribed",
    metavar="WHICH",
    help=(
        "prescribed: the pile stays hot whatever it melts, as in the paper; conserved: it pays the latent "
        "heat of its melts, and the core cools with it [default: prescribed]."
    ),
)
@click.option(
    "--keys", is_flag=True, help="List every key instead: value here, what is allowed, what it means."
)
@click.option(
    "-o", "--output", metavar="FOLDER", help="Write NetCDF files and a figure there (a new or empty folder)."
)
def mantle_command(
    case: str,
    settings: tuple[str, ...],
    timescale: str,
    end: str,
    energy: str,
    keys: bool,
    output: str | None,
) -> None:
    """Iron of the magma ocean of CASE (earth, mars or a TOML file), buffered by melts of its convecting
    cumulates.

    Static: where melts and crystals balance. For each timescale: where they balance beside the growth of the
    pile, and the growth followed in time, with the heat of the pile prescribed or conserved. It says what
    calibrated the numbers.
    """
    from ..schema.buffering_case import BufferingCase, setting
    from ..schema.buffering_keys import QUANTITIES
    from ..units import to_si
    from .pages import mantle as pages

    changes = dict(map(setting, settings))
    chosen = BufferingCase.read(case).replace(changes, "--set")
    units = {name: quantity.unit for name, quantity in QUANTITIES.items()}
    note_bare_settings({key.rpartition(".")[2]: value for key, value in changes.items()}, units)
    page = Page()
    if keys:
        pages.print_keys(chosen, page.console)
        page.show()
        return
    times = sorted(set(values(timescale, "s", "--timescale")))
    if len(times) > MOST:
        raise InputError(
            f"--timescale {timescale!r}", f"{len(times)} timescales.", f"allowed: up to {MOST} in one call"
        )
    last = to_si(end, "1", f"--end {end}")
    from ..cumulates.timed_buffering import check_end, check_energy

    check_energy(energy, chosen)
    folder = None if output is None else _folder(output)
    from xarray import DataArray

    from ..cumulates.static_buffering import NoCrossingWarning, buffering

    check_end(last)
    pages.print_case(chosen, page.console)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoCrossingWarning)  # the reasons are printed
        static = buffering(chosen)
        axis = DataArray(times, dims="timescale", coords={"timescale": times})
        timed = buffering(chosen, timescale=axis)
    pages.print_crossings(static, timed, page.console)
    pages.print_spread(static, page.console)
    page.show()
    runs = _histories(chosen, times, last, energy)
    pages.print_histories(runs, page.console)
    pages.print_layers(runs, page.console)
    page.show()
    for file in _write(static, timed, runs, folder) if folder else ():
        click.echo(f"wrote {file}")


def _histories(case: BufferingCase, times: list[float], last: float, energy: str) -> list[xarray.Dataset]:
    """The growth in each timescale [s] to a last solid fraction, with its basal layer."""
    from ..cumulates.basal_layer import with_layer
    from ..cumulates.timed_buffering import buffering_history
    from .pages.text import years

    runs = []
    with bar(False, "growing") as update:
        for k, time in enumerate(times):
            update(k / len(times), years(time))
            runs.append(with_layer(buffering_history(case, time, last, energy=energy), case))
    return runs


def _folder(output: str) -> Path:
    """The path of a new or empty folder; InputError for any other."""
    if not output.strip():
        raise InputError(f"output {output!r}", "this is not a path.", "allowed: a folder, new or empty")
    folder = new_folder(output)
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"output {output}", "the folder is not empty.", cure="choose another name")
    return folder


def _write(
    static: xarray.Dataset, timed: xarray.Dataset, runs: Sequence[xarray.Dataset], folder: Path
) -> list[Path]:
    """Write the results as NetCDF, and the figure; the paths."""
    from ..plots.buffering import draw_case
    from ..plots.overturned_mantle import draw_overturn, has_overturn
    from .pages.mantle import million_years

    folder.mkdir(parents=True, exist_ok=True)
    results, figures = {"static.nc": static, "timescales.nc": timed}, []
    for run in runs:
        name = million_years(run.attrs["timescale_s"])
        results[f"history_{name}.nc"] = run
        if has_overturn(run):
            figures.append(draw_overturn(run, folder / f"overturn_{name}.png"))
    files = []
    for name, result in results.items():
        write_netcdf(result, folder / name)
        files.append(folder / name)
    return [*files, draw_case(static, runs, folder / "buffering.png"), *figures]
