"""The command `mocoupled reproduce stratification`: maps of the iron of a buffered magma ocean and their
figures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ...results import netcdf
from ..paper import PICTURES, Pressed, Progress, Result, never_pressed, no_progress, requested_figures
from ..runs import FAILED, Outcome
from .figures import FIGURES, draw_masses, draw_runs, draw_sizes
from .sizes import stratification
from .values import map_over_size, maps_of_runs

POINTS, FEWER = 24, 8  # along each axis of the maps over mantle thickness and bulk iron


def chosen(figures: Iterable[int]) -> tuple[int, ...]:
    """The requested figures, all where none is requested; InputError, with the known ones, for another
    number."""
    return requested_figures(figures, FIGURES, "there is no such figure.")


def reproduce(
    output: Path,
    figures: Iterable[int] = (),
    quick: bool = False,
    workers: int = 1,
    progress: Progress = no_progress,
    pressed: Pressed = never_pressed,
) -> Result:
    """Write the maps (NetCDF) and their figures.

    quick: 8 points along each axis in place of 24, 8 runs in place of 24 over volatiles and 4 in place of 15
    over mass. workers: processes that run cases. progress: called with the share done and a text.
    pressed: whether to stop.
    """
    requested = chosen(figures)
    (output / PICTURES).mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    outcomes: dict[str, Outcome] = {}
    if 1 in requested:
        maps = stratification(FEWER if quick else POINTS, progress)
        files.append(output / "stratification.nc")
        netcdf.write(maps, files[-1])
        files.append(draw_sizes(maps, output))
    if 2 in requested and not pressed():
        of_runs, of_volatiles = maps_of_runs(output, quick, workers, progress, pressed)
        outcomes |= of_volatiles
        for name, result in of_runs.items():
            files.append(output / f"stratification-{name}.nc")
            netcdf.write(result, files[-1])
        files.append(draw_runs(of_runs, output))
    if 3 in requested and not pressed():
        over_size, of_sizes = map_over_size(output, quick, workers, progress, pressed)
        outcomes |= of_sizes
        files.append(output / "stratification-size.nc")
        netcdf.write(over_size, files[-1])
        files.append(draw_masses(over_size, output))
    problems = tuple(f"{name}: {o.reason}" for name, o in outcomes.items() if o.status == FAILED)
    return Result(files=tuple(files), problems=problems, interrupted=pressed(), outcomes=outcomes)
