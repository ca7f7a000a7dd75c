"""Radiation by bands: error against the table of acceptance, work and processor time, beside the grey law.

python validation/benchmarks/radiation.py [--column CELLS]
One line for the law alone and one for a march of CHILI's Earth by each law, to the same melt fraction. It
fails on error or work, never on the clock; times are of this machine, the best of repeats.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np

import mocoupled as mo
from mocoupled.atmosphere.bands.emitter import Emitter
from mocoupled.chemistry.gases_by_bands import band_gases
from mocoupled.planet.assembly import assemble
from mocoupled.planet.radiation_by_bands import emitter_of_planet
from mocoupled.reproduce.radiation.values import published, with_ours

LARGEST_ERROR, MOST_CALLS = 1e-3, {"lumped": 4000, "column": 60_000}
REPEATS, CALLS = 7, 300
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
    p = 1e5 * np.geomspace(100.0, 1e-6, len(band_gases(planet.chemistry)))
    emission = at.emission(1700.0, p)
    value, slope = best(lambda: at.emission(1700.0, p)), best(lambda: at.gradient(emission))
    print(
        f"law  error {error:.1e}  {len(p)} gases  value {value:.3f} ms  and gradient {value + slope:.3f} ms"
    )
    return error


def march(changes: dict[str, object]) -> tuple[float, int]:
    """Processor time of a run [s] and its evaluations of the law by bands."""
    calls = 0
    plain = Emitter.emission

    def counted(self: Emitter, T: float, p: np.ndarray, *stratosphere: float) -> object:
        nonlocal calls
        calls += 1
        return plain(self, T, p, *stratosphere)

    case = mo.Case.read("chili-earth").replace(changes)
    mo.run(case.replace({"run.end_melt_fraction": 0.99}))  # tables and generated code are made before
    Emitter.emission = counted  # type: ignore[method-assign, assignment]  # counts for this function alone
    try:
        start = time.process_time()
        mo.run(case)
        return time.process_time() - start, calls
    finally:
        Emitter.emission = plain  # type: ignore[method-assign]  # as before


def main() -> int:
    """Print the lines; 1 where error or work is too large."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--column", type=int, metavar="CELLS", help="a column in place of the lumped mantle")
    cells = parser.parse_args().column
    model = "column" if cells else "lumped"
    changes: dict[str, object] = {"mantle.model": model} | ({"mantle.cells": cells} if cells else {})
    warnings.simplefilter("ignore")
    error = law()
    grey, _ = march({**changes, **GREY})
    bands, calls = march(changes)
    print(f"{model}  grey {grey:.2f} s  bands {bands:.2f} s ({bands / grey:.2f})  {calls} values")
    return int(error > LARGEST_ERROR or calls > MOST_CALLS[model])


if __name__ == "__main__":
    sys.exit(main())
