"""Planets of 0.01 to 10 Earth masses, and the shipped planets, to their lid: reports/planet_sizes.md.

    python validation/planet_sizes.py [-o FILE] [--again]

-o FILE: the tables are written at the end of this file after each run. Runs that are in the file are not
repeated, so that an interrupted script continues; --again: repeat them. The tables are always printed.
The atmosphere is grey; no case has an option other than that, the mass and the model of the mantle.
"""

from __future__ import annotations

import argparse
import json
import re
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from grey import grey

import mocoupled as mo
from mocoupled.constants import EARTH_RADIUS, YEAR
from mocoupled.interior.static_structure import core_mass, structure
from mocoupled.schema.case_file import PLANETS

MARK = "<!-- tables, written by validation/planet_sizes.py -->\n"
MASSES = (0.01, 0.05, 0.1, 0.3, 1, 3, 5, 10)  # of Earth
STRUCTURE = (
    "case", "radius, R_earth", "core, of the radius", "core, of the mass", "gravity, m/s2", "base, GPa",
)  # fmt: skip
RUN = (
    "case", "mantle", "melting curves", "start, K", "solid at the start, %", "end", "time, yr", "melt",
    "gas, bar", "core, K", "largest rise, K", "energy", "steps", "CPU, s",
)  # fmt: skip


def named() -> dict[str, mo.Case]:
    """Label -> the case: of the masses and of the shipped planets."""
    earth = grey("earth")
    sized = {f"{mass:g} M_earth": earth.replace({"planet.mass": f"{mass} M_earth"}) for mass in MASSES}
    return sized | {name: grey(name) for name in PLANETS}


def structure_row(label: str, case: mo.Case) -> str:
    """Radius, core, gravity and pressure at the core."""
    inside = structure(case.planet)
    core = core_mass(case.planet)
    cells = (
        label,
        f"{inside.radius / EARTH_RADIUS:.4f}",
        f"{inside.core_radius / inside.radius:.3f}",
        f"{core / (core + inside.mantle_mass):.3f}",
        f"{inside.gravity:.2f}",
        f"{inside.core_mantle_pressure / 1e9:.1f}",
    )
    return f"| {' | '.join(cells)} |"


def run_row(label: str, model: str, case: mo.Case) -> str:
    """A run to its end."""
    begun = time.process_time()
    result = mo.run(case.replace({"mantle.model": model}))
    spent = time.process_time() - begun
    last, late = result.isel(time=-1), result.surface_temperature.values[result.time.values > 2000 * YEAR]
    rise = max((float(b - a) for a, b in zip(late, late[1:])), default=0.0)
    drift = result.get("integrator_energy_drift", result.energy_drift)
    laws = json.loads(result.attrs["laws"])
    curves = dict.fromkeys(laws[kind]["name"] for kind in ("solidus", "liquidus"))
    cells = (
        label,
        model,
        ", ".join(curves),
        f"{float(result.surface_temperature[0]):.0f}",
        f"{100 * max(1 - float(result.melt_fraction[0]), 0.0):.1f}",
        result.attrs["end_name"],
        f"{float(last.time) / YEAR:.4g}",
        f"{float(last.melt_fraction):.4f}",
        f"{float(last.surface_pressure) / 1e5:.4g}",
        f"{float(last.core_mantle_temperature):.0f}",
        f"{max(rise, 0.0):.2f}",
        f"{float(drift.max()):.0e}",
        f"{json.loads(result.attrs['statistics'])['steps']}",
        f"{spent:.1f}",
    )
    return f"| {' | '.join(cells)} |"


def table(title: str, heads: tuple[str, ...], rows: list[str]) -> str:
    """A heading and a table."""
    return "\n".join([title, "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *rows])


def main() -> None:
    """Compute what is missing, and write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", dest="file", type=Path, help="file whose tables are replaced")
    parser.add_argument("--again", action="store_true", help="repeat what is in the file")
    arguments = parser.parse_args()
    text, before = "", ""
    if arguments.file is not None and arguments.file.exists():
        text, _, before = arguments.file.read_text(encoding="utf-8").partition(MARK)
    done = {} if arguments.again else _rows(before.partition("## Runs")[2])
    cases = named()
    sizes = [structure_row(label, case) for label, case in cases.items()]
    runs: list[str] = []

    def write() -> None:
        if arguments.file is not None:
            tables = (table("## Structures", STRUCTURE, sizes), table("## Runs", RUN, runs))
            arguments.file.write_text(text + MARK + "\n" + "\n\n".join(tables) + "\n", encoding="utf-8")

    print(table("## Structures", STRUCTURE, sizes), flush=True)
    for label, case in cases.items():
        for model in ("lumped", "column"):
            row = done.get((label, model)) or _guarded(run_row, label, model, case)
            print(row, flush=True)
            runs.append(row)
            write()


def _guarded(row: Callable[[str, str, mo.Case], str], label: str, model: str, case: mo.Case) -> str:
    """The row, or one that says why there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return row(label, model, case)
    except mo.MocoupledError as error:
        return f"| {label} | {model} | failed: {str(error).splitlines()[0]} |{' |' * (len(RUN) - 3)}"


def _rows(text: str) -> dict[tuple[str, str], str]:
    """(label, model) -> the row of a table of runs; failed runs are left out."""
    rows = re.findall(r"^\| (.+?) \| (lumped|column) \| (.*)$", text, re.M)
    return {(a, b): f"| {a} | {b} | {rest}" for a, b, rest in rows if not rest.startswith("failed")}


if __name__ == "__main__":
    main()
