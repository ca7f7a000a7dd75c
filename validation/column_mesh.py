"""The mantle column under refinement, with both closures and every option: tables of reports/column.md.

    python validation/column_mesh.py [-o FILE] [mesh | options | ends ...]      (default: all three)

-o FILE: the tables are written at the end of this file, in place of those it has; they are always printed.

mesh: E1 and F1 on 50 to 400 cells with closure smooth and reference; options: separation, availability and
mesh, with what happens below 1650 K; ends: the largest inventories, the redox ends, graphite, five species
and strong escape.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import xarray

import mocoupled as mo
from mocoupled.constants import YEAR

MARK = "<!-- tables, written by validation/column_mesh.py -->\n"
BELOW_LID = {"run.end_surface_temperature": "1200 K", "chemistry.thermochemistry": "nasa7"}


def lid(result: xarray.Dataset) -> tuple[float, float, float]:
    """Time [yr], melt fraction and pressure of H2O [bar] where the surface has first cooled to 1650 K."""
    k = int(np.argmax(result.surface_temperature.values <= 1650.0 + 1e-6))
    return (
        float(result.time[k]) / YEAR,
        float(result.melt_fraction[k]),
        float(result.pressure.sel(species="H2O")[k]) / 1e5,
    )


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


def row(name: str, changes: Mapping[str, object], label: str) -> str:
    """Run a case with changes; a row of a table. label: the changes in words."""
    begun = time.process_time()
    result = mo.run(mo.Case.read(name).replace(changes))
    spent = time.process_time() - begun
    work = json.loads(result.attrs["statistics"])
    when, melt, water = lid(result)
    count, rise = reversals(result)
    drift = float(result.integrator_energy_drift.max())
    ended = "" if result.attrs["end_name"] == "surface lid" else f" ({result.attrs['end_name']})"
    cells = (
        name,
        label,
        f"{when:.0f}{ended}",
        f"{melt:.4f}",
        f"{water:.2f}",
        f"{count}",
        f"{rise:.1f}",
        f"{drift:.1e}",
        f"{work['steps']}",
        f"{work['rates']}",
        f"{spent:.1f}",
    )
    line = f"| {' | '.join(cells)} |"
    print(line, flush=True)
    return line


HEADS = (
    "case",
    "with",
    "lid, yr",
    "melt at the lid",
    "H2O, bar",
    "reversals > 1 K",
    "largest rise, K",
    "energy, of the heat lost",
    "steps",
    "rates",
    "CPU, s",
)


def table(title: str, rows: Iterable[str]) -> str:
    """A heading and a table of the rows, which are run and printed one by one."""
    head = f"| {' | '.join(HEADS)} |\n{'|---' * len(HEADS)}|"
    print(f"\n{title}\n\n{head}", flush=True)
    return "\n".join([title, "", head, *rows])


def mesh() -> str:
    """E1 and F1 on finer and finer cells."""
    return table(
        "## Refinement",
        (
            row(name, {"mantle.closure": closure, "mantle.cells": n}, f"{closure}, {n} cells")
            for name in ("E1", "F1")
            for closure in ("smooth", "reference")
            for n in (50, 100, 200, 400)
        ),
    )


def options() -> str:
    """Every option of the column, of F1."""
    cases: dict[str, dict[str, object]] = {
        "default": {},
        "200 cells": {"mantle.cells": 200},
        "stretching 2.5 (top cell 6.5 km)": {"mantle.stretching": 2.5},
        "stretching 4 (2.1 km)": {"mantle.stretching": 4},
        "stretching 5.5 (640 m)": {"mantle.stretching": 5.5},
        "top cell 300 m": {"mantle.top_cell": "300 m"},
        "top cell 30 m": {"mantle.top_cell": "30 m"},
        "availability one-sided": {"mantle.availability": "one-sided"},
        "availability one-sided, 200 cells": {"mantle.availability": "one-sided", "mantle.cells": 200},
        "availability one-sided, closure reference": {
            "mantle.availability": "one-sided",
            "mantle.closure": "reference",
        },
        "separation upwind": {"mantle.separation": "upwind"},
        "separation upwind, 200 cells": {"mantle.separation": "upwind", "mantle.cells": 200},
        "separation upwind, 50 cells": {"mantle.separation": "upwind", "mantle.cells": 50},
        "separation upwind, closure reference": {
            "mantle.separation": "upwind",
            "mantle.closure": "reference",
        },
        "separation upwind, closure reference, 200 cells": {
            "mantle.separation": "upwind",
            "mantle.closure": "reference",
            "mantle.cells": 200,
        },
    }
    return table(
        "## Options of F1, run on to a surface of 1200 K",
        (row("F1", BELOW_LID | changes, label) for label, changes in cases.items()),
    )


def ends() -> str:
    """The largest inventories, the redox ends, graphite and strong escape."""
    names = ("E10", "F10", "F1-C1", "F10-C5", "F10-C5-IW-2", "F10-C5-IW+4", "R0", "R", "L")
    graphite = {"chemistry.graphite": True, "chemistry.thermochemistry": "nasa7"}
    cases = [(name, {}, "default") for name in names] + [("F10-C5-IW-2", graphite, "with graphite")]
    return table("## The ends of the paper's cases", (row(*case) for case in cases))


def main() -> None:
    """Run the requested parts, print their tables, and write them where -o says."""
    parts = {"mesh": mesh, "options": options, "ends": ends}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "parts", nargs="*", metavar="mesh | options | ends", help="what to run; by default all three"
    )
    parser.add_argument(
        "-o", "--output", type=Path, help="write the tables at the end of this file, in place of those it has"
    )
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - set(parts):
        parser.error(f"no part is called {', '.join(sorted(unknown))}: {', '.join(parts)}")
    tables = "\n\n".join(parts[part]() for part in chosen.parts or parts) + "\n"
    if chosen.output:
        before = (
            chosen.output.read_text(encoding="utf-8").partition(MARK)[0] if chosen.output.exists() else ""
        )
        chosen.output.write_text(before + MARK + "\n" + tables, encoding="utf-8")


if __name__ == "__main__":
    main()
