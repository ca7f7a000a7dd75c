"""The mantle column under refinement, with both closures and every option: tables of reports/column.md.

    python validation/column_mesh.py [-o FILE] [-d FOLDER] [PART ...]

Parts, by default all: limit, means, reference, mesh, core, ends.
-d FOLDER: every run is stored there, and read in place of being run again.
-o FILE: the tables are written at the end of this file, in place of those it has; they are always printed.

limit: planets on 50 to 400 cells with closure consistent; series: each of these runs against that on 400
cells, at equal times; means: three mean viscosities; reference: E1 and F1 with the published scheme; mesh: F1
on other meshes, with what happens below 1650 K; core: thickness of the lowermost cell; ends: the largest
inventories, the redox ends, graphite, five species and strong escape.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from unittest import mock

import numpy as np
import xarray

import mocoupled as mo
from mocoupled.constants import YEAR
from mocoupled.interior.static_structure import structure
from mocoupled.planet import mantle_of_case
from mocoupled.reservoirs.column_settings import Closure

MARK = "<!-- tables, written by validation/column_mesh.py -->\n"
BELOW_LID = {"run.end_surface_temperature": "1200 K", "chemistry.thermochemistry": "nasa7"}
# the earth case with another mass, beside the shipped cases
SIZED = {"3 M_earth": {"planet.mass": "3 M_earth"}}
PLANETS = ("E1", "F1", "F10", "earth", "mars", *SIZED)
CELLS = (50, 100, 200, 400)
CONSISTENT = {"mantle.closure": "consistent", "run.rtol": 1e-6}
REFERENCE = {"mantle.closure": "reference", "run.rtol": 1e-6}
Changes = Mapping[str, object]


class Runs:
    """Runs of shipped cases, stored in a folder where there is one."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def result(self, name: str, changes: Changes, label: str) -> xarray.Dataset:
        """The run of a case with changes; label: of the changes, for the name of its folder."""
        case = mo.Case.read("earth").replace(SIZED[name]) if name in SIZED else mo.Case.read(name)
        case = case.replace(dict(changes))
        if self.folder is None:
            return mo.run(case)
        place = self.folder / f"{name} {label}".replace(" ", "_").replace(",", "").replace("/", "_")
        if (place / "evolution.nc").exists() and not (place / "checkpoint.npz").exists():
            return mo.read(place)
        return mo.run(case, output=place, overwrite=True)


def lid(result: xarray.Dataset) -> int:
    """Number of the first time at which the surface has cooled to 1650 K."""
    return int(np.argmax(result.surface_temperature.values <= 1650.0 + 1e-6))


def reversals(result: xarray.Dataset) -> tuple[int, float]:
    """How often the surface warms by more than 1 K after 2 kyr, and the largest rise [K]."""
    late = result.surface_temperature.values[result.time.values > 2000 * YEAR]
    rises, rise = [], 0.0
    for step in [*np.diff(late), -1.0]:
        if step > 0:
            rise += step
        elif rise:
            rises.append(rise)
            rise = 0.0
    return sum(r > 1.0 for r in rises), max(rises, default=0.0)


def slowest(result: xarray.Dataset) -> float:
    """Least -d(melt fraction)/d(ln t) over its median, while the melt fraction is between 0.8 and 0.2."""
    melt, time = result.melt_fraction.values[1:], result.time.values[1:]
    rate = -np.diff(melt) / np.diff(np.log(time))
    middle = (melt[1:] + melt[:-1]) / 2
    rates = rate[(middle > 0.2) & (middle < 0.8)]
    return float(rates.min() / np.median(rates)) if rates.size else np.nan


def mean_core_flux(result: xarray.Dataset) -> float:
    """Largest heat flux of the core [kW/m2] below half melt, as a mean over 1 % of the time passed.

    From the temperature of the core-mantle boundary, so that results without `core_flux` are read too.
    """
    case = mo.Case.parse(result.attrs["case"])
    core = mantle_of_case.core_mass(case.planet) * case.planet.core_heat_capacity
    area = 4 * np.pi * structure(case.planet).core_radius ** 2
    start = result.time.values[np.argmax(result.melt_fraction.values < 0.5)]
    times = np.exp(np.arange(np.log(start), np.log(result.time.values[-1]), 0.01))
    temperature = np.interp(times, result.time.values, result.core_mantle_temperature.values)
    lost = core * case.planet.core_temperature_ratio * -np.diff(temperature)
    return float((lost / np.diff(times)).max() / area / 1e3)


HEADS = {
    "case": "",
    "with": "",
    "lid, yr": ".1f",
    "melt at the lid": ".4f",
    "H2O, bar": ".2f",
    "pressure, bar": ".2f",
    "core, K": ".1f",
    "core flux, kW/m2": ".2f",
    "reversals > 1 K": "d",
    "largest rise, K": ".1f",
    "slowest": ".2f",
    "energy, of the heat lost": ".1e",
    "steps": "d",
}


def row(runs: Runs, name: str, changes: Changes, label: str) -> str:
    """Run a case with changes; a row of a table. label: the changes in words."""
    result = runs.result(name, changes, label)
    at = result.isel(time=lid(result))
    count, rise = reversals(result)
    ended = "" if result.attrs["end_name"] == "surface lid" else f" ({result.attrs['end_name']})"
    values = (
        float(at.time) / YEAR,
        float(at.melt_fraction),
        float(at.pressure.sel(species="H2O")) / 1e5,
        float(at.surface_pressure) / 1e5,
        float(at.core_mantle_temperature),
        mean_core_flux(result),
        count,
        rise,
        slowest(result),
        float(result.integrator_energy_drift.max()),
        json.loads(result.attrs["statistics"])["steps"],
    )
    formats = list(HEADS.values())[2:]
    line = line_of([name, label + ended, *(f"{v:{f}}" for v, f in zip(values, formats, strict=True))])
    print(line, flush=True)
    return line


def line_of(cells: Iterable[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"


def table(title: str, rows: Iterable[str], heads: Iterable[str] = tuple(HEADS)) -> str:
    """A heading and a table of the rows, which are run and printed one by one."""
    columns = list(heads)
    head = f"{line_of(columns)}\n{'|---' * len(columns)}|"
    print(f"\n{title}\n\n{head}", flush=True)
    return "\n".join([title, "", head, *rows])


def limit(runs: Runs) -> str:
    """Planets on finer and finer cells, and their series in time."""
    cases = [(name, CONSISTENT | {"mantle.cells": n}, f"{n} cells") for name in PLANETS for n in CELLS]
    ends_ = table("## Closure consistent under refinement", (row(runs, *case) for case in cases))
    heads = (
        "case",
        "cells",
        "surface temperature, K",
        "melt fraction",
        "pressure, %",
        "H2O, %",
        "core, K",
    )
    apart = (series(runs, name, n) for name in PLANETS for n in CELLS[:-1])
    title = "## Series in time against 400 cells: median and largest difference"
    return f"{ends_}\n\n{table(title, apart, heads)}"


def series(runs: Runs, name: str, cells: int) -> str:
    """A row: differences from the run on 400 cells at its times, after 10 yr and before either lid."""
    coarse, fine = (
        runs.result(name, CONSISTENT | {"mantle.cells": n}, f"{n} cells") for n in (cells, CELLS[-1])
    )
    last = min(coarse.time.values[lid(coarse)], fine.time.values[lid(fine)])
    times = fine.time.values[(fine.time.values > 10 * YEAR) & (fine.time.values < last)]

    def apart(take: object, relative: bool) -> str:
        first, second = (
            np.interp(times, run.time.values, take(run).values)  # type: ignore[operator]
            for run in (coarse, fine)
        )
        misfit = np.abs(first / second - 1) * 100 if relative else np.abs(first - second)
        return f"{np.median(misfit):.2g}, {misfit.max():.2g}"

    line = line_of(
        [
            name,
            str(cells),
            apart(lambda run: run.surface_temperature, False),
            apart(lambda run: run.melt_fraction, False),
            apart(lambda run: run.surface_pressure, True),
            apart(lambda run: run.pressure.sel(species="H2O"), True),
            apart(lambda run: run.core_mantle_temperature, False),
        ]
    )
    print(line, flush=True)
    return line


def means(runs: Runs) -> str:
    """F1 and E1 with three mean viscosities of a face."""
    rows = []
    for name in ("E1", "F1"):
        for central in ("entropy", "logarithm", "integral"):
            closure = partial(Closure, central=central)
            with mock.patch.object(mantle_of_case, "Closure", closure):
                rows.append(row(runs, name, CONSISTENT, f"mean by {central}"))
    return table("## Three mean viscosities of a face", rows)


def reference(runs: Runs) -> str:
    """E1 and F1 with the published scheme."""
    cases = [
        (name, REFERENCE | {"mantle.cells": n}, f"reference, {n} cells")
        for name in ("E1", "F1")
        for n in CELLS
    ]
    return table("## Closure reference under refinement", (row(runs, *case) for case in cases))


def mesh(runs: Runs) -> str:
    """F1 on other meshes, down to a surface of 1200 K."""
    meshes = {
        "default": {},
        "stretching 2.5 (top cell 6.5 km)": {"mantle.stretching": 2.5},
        "stretching 4 (2.1 km)": {"mantle.stretching": 4},
        "top cell 640 m": {"mantle.top_cell": "640 m"},
        "top cell 300 m": {"mantle.top_cell": "300 m"},
        "top cell 100 m": {"mantle.top_cell": "100 m"},
        "top cell 20 m": {"mantle.top_cell": "20 m"},
    }
    return table(
        "## Meshes of F1, run on to a surface of 1200 K",
        (
            row(runs, "F1", CONSISTENT | BELOW_LID | changes, f"to 1200 K, {label}")
            for label, changes in meshes.items()
        ),
    )


def core(runs: Runs) -> str:
    """Planets with lowermost cells of different thickness."""
    rows = (
        row(runs, name, CONSISTENT | {"mantle.bottom_cell": f"{km} km"}, f"bottom cell {km} km")
        for name in ("F1", "F10", "earth")
        for km in (5, 10, 20, 40)
    )
    return table("## Thickness of the lowermost cell, on 100 cells", rows)


def ends(runs: Runs) -> str:
    """The largest inventories, the redox ends, graphite and strong escape."""
    names = ("E10", "F10", "F1-C1", "F10-C5", "F10-C5-IW-2", "F10-C5-IW+4", "R0", "R", "L")
    graphite = {"chemistry.graphite": True, "chemistry.thermochemistry": "nasa7"}
    cases = [(name, CONSISTENT, "consistent") for name in names]
    cases.append(("F10-C5-IW-2", CONSISTENT | graphite, "consistent, with graphite"))
    return table("## The ends of the paper's cases", (row(runs, *case) for case in cases))


def main() -> None:
    """Run the requested parts, print their tables, and write them where -o says."""
    parts = {part.__name__: part for part in (limit, means, reference, mesh, core, ends)}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar=" | ".join(parts), help="what to run; by default all")
    parser.add_argument("-d", "--folder", type=Path, help="store runs here, and read those that are stored")
    parser.add_argument(
        "-o", "--output", type=Path, help="write the tables at the end of this file, in place of those it has"
    )
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - set(parts):
        parser.error(f"no part is called {', '.join(sorted(unknown))}: {', '.join(parts)}")
    runs = Runs(chosen.folder)
    tables = "\n\n".join(parts[part](runs) for part in chosen.parts or parts) + "\n"
    if chosen.output:
        before = (
            chosen.output.read_text(encoding="utf-8").partition(MARK)[0] if chosen.output.exists() else ""
        )
        chosen.output.write_text(f"{before}{MARK}\n{tables}", encoding="utf-8")


if __name__ == "__main__":
    main()
