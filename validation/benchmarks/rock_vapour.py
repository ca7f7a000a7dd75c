"""Speed of equilibria with rock vapour: states per second of processor time on one core, cold starts.

    python validation/benchmarks/rock_vapour.py [points]

Each line: gases, states/s (best of REPEATS), states that converged, largest residual. All points have another
temperature, melt fraction and inventory of hydrogen. It writes validation/reports/rock_vapour.md.
Exit status 1 where a state did not converge, or a residual is above 1e-12.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray

import mocoupled as mo

POINTS, REPEATS, ACCURATE = 65536, 5, 1e-12
REPORT = Path(__file__).parents[1] / "reports" / "rock_vapour.md"
FORTY = (
    "H2 H2O CO CO2 CH4 O H OH SiO SiO2 Si SiH4 SiH Mg MgO MgOH MgH Mg(OH)2 Fe FeO Fe(OH)2 Al AlO AlOH Ca CaO "
    "CaOH Ti TiO TiO2 Na NaO NaOH NaH K KO KOH KH Al2O"
)
ROCK = {"melt.vapour": True, "chemistry.mechanism": "silicates"}
SPECIES = "chemistry.species"
MELTS = {"melt.activities": "MELTS-GhiorsoSack1995"}
BUDGET = {"redox.oxygen": "8 O/H", "redox.oxygen_fugacity": "none"}
CASES = {
    "five gases and O2, without rock vapour": {},
    "40 gases, buffered": {**ROCK, SPECIES: FORTY.split()},
    "40 gases, MELTS": {**ROCK, **MELTS, SPECIES: FORTY.split()},
    "40 gases, budget of oxygen": {**ROCK, **BUDGET, SPECIES: FORTY.split()},
    "all gases, buffered": ROCK,
}


def speed(solve: Callable[[], xarray.Dataset]) -> tuple[float, xarray.Dataset]:
    """Least processor time [s] of several calls, and the result."""
    least = np.inf
    for _ in range(REPEATS):
        start = time.process_time()
        result = solve()
        least = min(least, time.process_time() - start)
    return least, result


def main() -> int:
    """Measure every case, print and write the table."""
    points = int(sys.argv[1]) if len(sys.argv) > 1 else POINTS
    rng = np.random.default_rng(1)
    T, melt = rng.uniform(1800.0, 3500.0, points), rng.uniform(0.1, 1.0, points)
    hydrogen = rng.uniform(1e20, 1e21, points)
    rows, wrong = [], 0
    for name, changes in CASES.items():
        case = mo.Case.read("earth").replace(changes)

        def solve(case: mo.Case = case) -> xarray.Dataset:
            return mo.equilibrium(case, T, melt, hydrogen=hydrogen, threads=1)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            mo.equilibrium(
                case, T[:100], melt[:100], hydrogen=hydrogen[:100], threads=1
            )  # generates the code
            seconds, result = speed(solve)
        converged, residual = int(result.converged.sum()), float(result.residual.max())
        wrong += converged < points or not residual < ACCURATE
        rate = f"{points / seconds / 1e6:.2f}"
        rows.append(f"| {name} | {result.sizes['species']} | {rate} | {converged} | {residual:.0e} |")
        print(rows[-1], flush=True)
    head = (
        "| case | gases | million states/s on one core | converged | largest residual |\n" + "|---" * 5 + "|"
    )
    text = (
        "# Speed of equilibria with rock vapour\n\n"
        f"`python validation/benchmarks/rock_vapour.py`: {points} states of `earth` each, 1800 to 3500 K, "
        "melt fractions 0.1 to 1, hydrogen 1e20 to 1e21 kg, cold starts; processor time of one core, best "
        f"of {REPEATS}.\n\n{head}\n" + "\n".join(rows) + "\n"
    )
    REPORT.write_text(text, encoding="utf-8")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
