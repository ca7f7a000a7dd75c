"""The command of many cases: mocoupled sweep GRID."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ..errors import InputError, MocoupledError
from . import terminal
from .output_files import as_path, listed

INTERRUPTED = 130


@click.command(short_help="Run a grid of cases, or map equilibria; go on with either.")
@click.argument("grid")
@click.option("-o", "--output", metavar="FOLDER", help="Where to write [default: sweeps/GRID].")
@click.option("--workers", metavar="N", help="Processes on this machine [default: its processors].")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="A Dask scheduler that runs already, with its workers, e.g. tls://10.0.0.1:8786 (extra 'dask').",
)
@click.option("--insecure-scheduler", is_flag=True, help="Allow a scheduler on another machine without TLS.")
@click.option(
    "--resume", is_flag=True, help="Go on with the sweep that the folder holds: what is whole in it is kept."
)
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
def sweep(grid, output, workers, scheduler, insecure_scheduler, resume, quiet):
    """Run every case of GRID, a TOML file with a base case and axes (docs/sweeps.md), a folder per case, and gather their ends.

    A case that fails is listed, and stops no other. With kind = "equilibrium": a map of up to 1e8 equilibria.
    """
    from ..sweeps import grid_file

    path = as_path(grid)
    asked = grid_file.read(path)
    folder = Path("sweeps", path.stem) if output is None else as_path(output)
    if asked.kind == "equilibrium":
        for name, value in (
            ("--workers", workers),
            ("--scheduler", scheduler),
            ("--insecure-scheduler", "" if insecure_scheduler else None),
        ):
            if value is not None:
                raise InputError(
                    f"{name} {value}".strip(),
                    "an equilibrium map is made by this process, on threads.",
                    cure=f"leave out {name}",
                )
        return _map(asked, folder, resume, quiet, path)
    return _run(asked, folder, (_whole(workers), scheduler, insecure_scheduler), resume, quiet, path)


def _run(asked, folder, where, resume, quiet, path):
    from ..sweeps.many_cases import Where, ending, failures, run_grid

    workers, scheduler, insecure = where
    if insecure and scheduler is None:
        raise InputError(
            "--insecure-scheduler", "there is no scheduler.", cure="give --scheduler ADDRESS, or leave it out"
        )
    page = terminal.Page(quiet)
    with terminal.interrupts_held() as pressed, terminal.bar(quiet, "sweeping") as update:
        swept = run_grid(asked, folder, Where(workers, scheduler, insecure=insecure), resume, update, pressed)
    page.print(ending(swept))
    if swept.deaths:
        page.print(f"{swept.deaths} of the workers died and were replaced; their cases were run again")
    page.print(f"wrote in {folder}: {listed(swept.files, folder)}; cases/")
    page.show()
    on = f"what is done is kept in {folder}; 'mocoupled sweep {path} -o {folder} --resume' goes on."
    if swept.interrupted:
        return terminal.say(f"interrupted: {on}", INTERRUPTED)
    if swept.lost:
        raise MocoupledError(f"{swept.lost}: {on}")
    if failed := failures(swept):
        raise MocoupledError(f"{ending(swept)}:\n  " + "\n  ".join(failed))
    return 0


def _map(asked, folder, resume, quiet, path):
    from ..sweeps.maps import map_grid

    page = terminal.Page(quiet)
    with terminal.interrupts_held() as pressed, terminal.bar(quiet, "mapping") as update:
        made = map_grid(asked, folder, resume, update, pressed)
    page.print(
        f"{made.points} of {made.of} points, {made.missed} of them did not converge and are NaN; {made.seconds:.1f} s, {made.cpu_seconds:.1f} s of processor time"
    )
    for one in made.extrapolations:
        low, high = one["calibrated"]
        page.print(
            f"outside its calibration: {one['law']}, {one['argument']} {low:g} to {high:g} {one['unit']}: {100 * one['share']:.3g} % of the points"
        )
    page.print(f"wrote {made.path}")
    page.show()
    if not made.whole:
        return terminal.say(
            f"interrupted: 'mocoupled sweep {path} -o {folder} --resume' goes on where the map ends.",
            INTERRUPTED,
        )
    return 0


def _whole(text) -> int | None:
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        raise InputError(
            f"--workers {text}", "this is not a whole number.", f"for example --workers {os.cpu_count() or 2}"
        ) from None
