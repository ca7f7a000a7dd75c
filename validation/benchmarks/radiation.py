"""Radiation by bands: error against the table of acceptance, work and processor time, beside the grey law.

python validation/benchmarks/radiation.py [--case CASE] [--column CELLS] [--processes]
One line for the law alone and one for runs of a case (CHILI's Earth) by each law in turn, to the same melt
fraction: the whole run and its march, when tables and generated code are there. With --processes also whole
processes, from the import on. It fails on error or work, never on the clock; times are processor times of
this machine, the best of repeats.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np

import mocoupled as mo
from mocoupled.atmosphere.bands.emitter import Emitter
from mocoupled.chemistry.gases_by_bands import band_gases
from mocoupled.dae.solve.integrate import march
from mocoupled.planet.assembly import assemble
from mocoupled.planet.radiation_by_bands import emitter_of_planet
from mocoupled.reproduce.radiation.values import published, with_ours
from mocoupled.runs import evolution

LARGEST_ERROR, MOST_CALLS = 1e-3, {"lumped": 1200, "column": 20_000}
REPEATS, CALLS, RUNS = 7, 300, 4
BANDS = {"atmosphere.radiation": "bands"}
GREY = {"atmosphere.radiation": "AbeMatsui1985", "planet.equilibrium_temperature": 245.8}


def best(function: Callable[[], object]) -> float:
    """Processor time of a call [ms], the best of repeats."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        for _ in range(CALLS):
            function()
        times.append((time.process_time() - start) / CALLS)
    return 1e3 * min(times)


def law() -> float:
    """Print error and time of the law alone; the largest relative error."""
    rows = with_ours([row for row in published() if row.table == "acceptance"])
    error = max(abs(row.ours / row.flux - 1.0) for row in rows)
    planet = assemble(mo.Case.read("chili-earth"))
    at = emitter_of_planet(planet.case, planet.structure, planet.chemistry)
    assert at is not None  # it has gas
    p = 1e5 * np.geomspace(100.0, 1e-6, len(band_gases(planet.chemistry)))
    emission = at.emission(1700.0, p)
    value, slope = best(lambda: at.emission(1700.0, p)), best(lambda: at.gradient(emission))
    print(
        f"law  error {error:.1e}  {len(p)} gases  value {value:.3f} ms  and gradient {value + slope:.3f} ms"
    )
    return error


class Counted:
    """Times and evaluations of the runs of a case, while it replaces the march and the law's emission."""

    def __init__(self, case: mo.Case) -> None:
        self.case, self.values = case, 0
        self.runs: list[float] = []
        self.marches: list[float] = []
        mo.run(case.replace({"run.end_melt_fraction": 0.99}))  # tables and generated code are made before

    def run(self) -> None:
        """Another run."""
        plain, self.values = Emitter.emission, 0

        def emission(at: Emitter, T: float, p: np.ndarray, *stratosphere: float) -> object:
            self.values += 1
            return plain(at, T, p, *stratosphere)

        def timed(*arguments: object, **options: object) -> object:
            start = time.process_time()
            result = march(*arguments, **options)  # type: ignore[arg-type]  # as it was called
            self.marches.append(time.process_time() - start)
            return result

        Emitter.emission, evolution.march = emission, timed  # type: ignore[method-assign, assignment]
        try:
            start = time.process_time()
            mo.run(self.case)
            self.runs.append(time.process_time() - start)
        finally:
            Emitter.emission, evolution.march = plain, march  # type: ignore[method-assign]


def process(case: str, changes: dict[str, object]) -> float:
    """Processor time [s] of a process that runs a case."""
    program = f"import mocoupled as mo; mo.run(mo.Case.read({case!r}).replace({changes!r}))"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Print the lines; 1 where error or work is too large."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", default="chili-earth", help="which case (chili-earth)")
    parser.add_argument("--column", type=int, metavar="CELLS", help="a column in place of the lumped mantle")
    parser.add_argument("--processes", action="store_true", help="whole processes too")
    options = parser.parse_args()
    cells = options.column
    model = "column" if cells else "lumped"
    changes: dict[str, object] = {"mantle.model": model} | ({"mantle.cells": cells} if cells else {})
    laws = {"grey": changes | GREY, "bands": changes | BANDS}
    warnings.simplefilter("ignore")
    error = law()
    counted = {name: Counted(mo.Case.read(options.case).replace(keys)) for name, keys in laws.items()}
    for _ in range(RUNS):
        for runs in counted.values():
            runs.run()
    grey, bands = counted.values()
    line(f"{model}  run", min(grey.runs), min(bands.runs))
    line("    march", min(grey.marches), min(bands.marches))
    print(f"        {bands.values} values")
    if options.processes:
        times = [[process(options.case, keys) for keys in laws.values()] for _ in range(RUNS)]
        line("  process", *map(min, zip(*times)))
    return int(error > LARGEST_ERROR or bands.values > MOST_CALLS[model])


def line(name: str, grey: float, bands: float) -> None:
    """Print two processor times and their ratio."""
    print(f"{name}  grey {grey:.2f} s  bands {bands:.2f} s ({bands / grey:.2f})")


if __name__ == "__main__":
    sys.exit(main())
