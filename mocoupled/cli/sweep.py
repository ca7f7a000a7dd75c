"""The command mocoupled sweep GRID: many cases, or a map of equilibria."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError, MocoupledError
from .options import QUIET, whole_number
from .output_files import as_path, listed
from .terminal import INTERRUPTED, Page, bar, deferred_interrupts, say

if TYPE_CHECKING:
    from ..sweeps.grid import Grid
    from ..sweeps.many_cases import Where


@click.command("sweep", short_help="Run a grid of cases, or map equilibria; continue either.")
@click.argument("grid")
@click.option("-o", "--output", metavar="FOLDER", help="Where to write [default: sweeps/GRID].")
@click.option("--workers", metavar="N", help="Processes on this machine [default: its processors].")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="A Dask scheduler that runs already, with its workers, e.g. tls://10.0.0.1:8786 (extra 'cluster').",
)
@click.option("--insecure-scheduler", is_flag=True, help="Allow a scheduler on another machine without TLS.")
@click.option(
    "--resume", is_flag=True, help="Go on with the sweep in the folder: what is whole in it is kept."
)
@QUIET
def sweep_command(
    grid: str,
    output: str | None,
    workers: str | None,
    scheduler: str | None,
    insecure_scheduler: bool,
    resume: bool,
    quiet: bool,
) -> int:
    """Run every case of GRID, a TOML file with a base case and axes (docs/sweeps.md), a folder per case, and
    gather their ends.

    A case that fails is listed, and stops no other. With kind = "equilibrium": a map of up to 1e8 equilibria.
    """
    from ..sweeps import grid_file

    path = as_path(grid)
    chosen = grid_file.read(path)
    folder = Path("sweeps", path.stem) if output is None else as_path(output)
    if chosen.kind == "equilibrium":
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
        return _map(chosen, folder, resume, quiet, path)
    from ..sweeps.many_cases import Where

    count = None
    if workers is not None:
        count = whole_number(workers, "--workers", f"for example --workers {os.cpu_count() or 2}")
    if insecure_scheduler and scheduler is None:
        raise InputError(
            "--insecure-scheduler", "there is no scheduler.", cure="give --scheduler ADDRESS, or leave it out"
        )
    return _run(chosen, folder, Where(count, scheduler, insecure=insecure_scheduler), resume, quiet, path)


def _run(grid: Grid, folder: Path, where: Where, resume: bool, quiet: bool, path: Path) -> int:
    """Run the cases and print what became of them; the exit status."""
    from ..sweeps.many_cases import ending, failures, run_grid

    page = Page(quiet)
    with deferred_interrupts() as pressed, bar(quiet, "sweeping") as update:
        swept = run_grid(grid, folder, where, resume, update, pressed)
    page.print(ending(swept))
    if swept.deaths:
        page.print(f"{swept.deaths} of the workers died and were replaced; their cases were run again")
    page.print(f"wrote in {folder}: {listed(swept.files, folder)}; cases/")
    page.show()
    further = f"what is done is kept in {folder}; 'mocoupled sweep {path} -o {folder} --resume' continues it."
    if swept.interrupted:
        return say(f"interrupted: {further}", INTERRUPTED)
    if swept.lost:
        raise MocoupledError(f"{swept.lost}: {further}")
    if failed := failures(swept):
        raise MocoupledError(f"{ending(swept)}:\n  " + "\n  ".join(failed))
    return 0


def _map(grid: Grid, folder: Path, resume: bool, quiet: bool, path: Path) -> int:
    """Compute the map and print what became of it; the exit status."""
    from ..sweeps.maps import map_grid

    page = Page(quiet)
    with deferred_interrupts() as pressed, bar(quiet, "mapping") as update:
        made = map_grid(grid, folder, resume, update, pressed)
    page.print(
        f"{made.points} of {made.of} points, {made.missed} of them did not converge and are NaN; "
        f"{made.seconds:.1f} s, {made.cpu_seconds:.1f} s of processor time"
    )
    for record in made.extrapolations:
        low, high = record["calibrated"]
        page.print(
            f"outside its calibration: {record['law']}, {record['argument']} {low:g} to {high:g} "
            f"{record['unit']}: {100 * record['share']:.3g} % of the points"
        )
    page.print(f"wrote {made.path}")
    page.show()
    if made.whole:
        return 0
    return say(
        f"interrupted: 'mocoupled sweep {path} -o {folder} --resume' continues where the map ends.",
        INTERRUPTED,
    )
