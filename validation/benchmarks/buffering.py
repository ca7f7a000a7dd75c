"""Buffered crystallisation: error, work and time in a line each; fails on error, never on the clock."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable

import numpy as np
import xarray

import mocoupled as mo
from mocoupled.closures.distillation import distilled
from mocoupled.cumulates.crossing_search import crossings
from mocoupled.cumulates.remelting import Grid
from mocoupled.schema.buffering_case import BufferingCase

POINTS = 1000  # of the sweep


def best(function: Callable[[], xarray.Dataset], times: int = 7) -> tuple[xarray.Dataset, float]:
    """The result and the least wall time [s] of several calls."""
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        result = function()
        spent.append(time.perf_counter() - begun)
    return result, min(spent)


def static(name: str) -> None:
    """The static ocean: the error of its grid against a fine one."""
    case = BufferingCase.read(name)
    result, wall = best(lambda: mo.buffering(case))
    fine, _ = crossings(case.values, case.readings, np.zeros(1), Grid(64, 400))
    liquid = 1 - fine.solid_fraction[0]
    exact = distilled(liquid, case.values["bulk_iron"], case.values["exchange_coefficient"])
    error = abs(100 * float(result.ocean_iron) - 100 * exact)
    print(
        f"{name} static: Fe# {100 * float(result.ocean_iron):.3f}, error of the grid {error:.1e} Fe#, "
        f"{1e3 * wall:.1f} ms"
    )
    assert error < 0.05


def history(name: str) -> None:
    """The ocean in time: iron is conserved."""
    case = BufferingCase.read(name)
    run, wall = best(lambda: mo.buffering_history(case, "10 Myr"), 3)
    print(
        f"{name} in 10 Myr: Fe# {100 * float(run.ocean_iron[-1]):.2f} at the end, iron drift "
        f"{float(run.iron_drift.max()):.0e}, tables {run.attrs['table_error']:.0e}, {run.attrs['steps']} "
        f"steps, {wall:.2f} s"
    )
    assert float(run.iron_drift.max()) < 1e-10


def sweep() -> None:
    """Many oceans at once are the same as each alone."""
    rng = np.random.default_rng(0)
    axes = {
        "core_temperature": rng.uniform(4000, 4600, POINTS),
        "bulk_iron": rng.uniform(0.08, 0.12, POINTS),
        "viscosity": 10 ** rng.uniform(17, 20, POINTS),
    }
    table, wall = best(lambda: mo.buffering("earth", **axes), 2)
    differences = []
    for k in range(5):
        single = mo.buffering("earth", **{axis: values[k] for axis, values in axes.items()})
        differences.append(abs(float(table.ocean_iron[k]) - float(single.ocean_iron)))
    print(
        f"sweep: {POINTS} points, {int(table.converged.sum())} crossings, largest difference from single "
        f"values {max(differences):.0e}, {wall:.1f} s"
    )
    assert max(differences) < 1e-9


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for planet in ("earth", "mars"):
        static(planet)
        history(planet)
    sweep()
