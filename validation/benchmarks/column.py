"""Benchmark of the mantle column: error, work and time of whole commands, and how the cost grows with the
mesh.

    python validation/benchmarks/column.py            E1, F1 and F1 with five species: one line each
    python validation/benchmarks/column.py growth     F1 on 50 to 400 cells

Exit status 1 when an error or an amount of work is above its limit. Times are printed and never judged.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

# error of every stored state, and of the integrator's own energy over the heat lost at rtol = 1e-6
LARGEST_ERROR = {"element": 1e-10, "energy": 1e-10, "equilibrium": 1e-8, "integrator_energy": 1e-5}
STEPS = {"E1": 2000, "F1": 6000, "F1-C1": 9000}
LIDS = {"E1": (4317.0, 5e-3), "F1": (25470.0, 1e-2)}  # yr; of an independent implementation
GROWTH = 1.7  # largest exponent of steps times cost in the number of cells


def main() -> int:
    failures = growth() if "growth" in sys.argv[1:] else [f for name in STEPS for f in command(name)]
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def command(name: str) -> list[str]:
    """One line on `mocoupled run NAME`; what is above its limit."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / name
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "mocoupled", "run", name, "-q", "-o", str(output)], check=True)
        whole = time.perf_counter() - begun
        summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    work, final = summary["statistics"], summary["final"]
    error = {k: summary["largest_drift"][f"{k}_drift"] for k in LARGEST_ERROR}
    print(
        f"run {name}: lid {final['time_yr']:.0f} yr, melt {final['melt_fraction']:.4f}; error "
        + ", ".join(f"{k} {value:.1e}" for k, value in error.items())
        + f"; work {work['steps']} steps, {work['rates']} rates, {work['jacobians']} Jacobians, "
        f"{work['factorizations']} factorizations"
        + f"; march {work['wall']:.2f} s, whole command {whole:.2f} s, at most {memory:.0f} MB"
    )
    failures = [
        f"run {name}: {k} drift {error[k]:.1e} is above {most:.0e}"
        for k, most in LARGEST_ERROR.items()
        if not error[k] <= most
    ]
    if work["steps"] > STEPS[name]:
        failures.append(f"run {name}: {work['steps']} steps are more than {STEPS[name]}")
    lid, share = LIDS.get(name, (final["time_yr"], 1.0))
    if summary["status"] != "complete" or not abs(final["time_yr"] / lid - 1) <= share:
        failures.append(f"run {name}: {summary['end']} after {final['time_yr']:.0f} yr, expected {lid:.0f}")
    return failures


def growth() -> list[str]:
    """One line per mesh of F1, and the exponent of the cost in the number of cells."""
    import mocoupled as mo

    cells, cost = [50, 100, 200, 400], []
    for n in cells:
        result = mo.run(mo.Case.read("F1").replace({"mantle.cells": n}))
        work = json.loads(result.attrs["statistics"])
        cost.append(work["wall"])
        year = float(result.time[-1]) / 3.15576e7
        print(
            (
                f"F1 on {n} cells: lid {year:.0f} yr, energy "
                f"{float(result.integrator_energy_drift.max()):.1e}; {work['steps']} steps, {work['rates']} "
                f"rates, {work['jacobians']} Jacobians; {work['wall']:.2f} s, at most "
                f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB"
            ),
            flush=True,
        )
    exponent = float(np.polyfit(np.log(cells), np.log(cost), 1)[0])
    print(f"cost grows as cells^{exponent:.2f}")
    return [f"cost grows as cells^{exponent:.2f}, more than {GROWTH}"] if exponent > GROWTH else []


if __name__ == "__main__":
    sys.exit(main())
