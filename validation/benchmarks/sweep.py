"""Benchmark of a sweep on two local workers: error, work and time of many small runs in one line.

    python validation/benchmarks/sweep.py [NUMBER]     lumped runs of earth, by default 60

Exit status 1 when an error or an amount of work is above its limit; times are printed and never judged.
"overhead" is the wall time of the running, with the start of the workers, times their number, over the sum of
the times of the cases. Processor time is that of everything, which other work on the machine moves least.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import mocoupled as mo

WORKERS = 2
STEPS = 400  # most integration steps of a case on average; usual: 282
CASE = {
    "mantle.model": "lumped",
    "atmosphere.radiation": "AbeMatsui1985",
    "planet.equilibrium_temperature": "273 K",
}


def processor_time() -> float:
    """Processor time of this process and of its children that have ended [s]."""
    return sum(os.times()[:4])


def main() -> int:
    """Run the sweep and print its line; 1 where an error or an amount of work is above its limit."""
    number = int(sys.argv[1]) if sys.argv[1:] else 60
    case = mo.Case.read("earth").replace(CASE)
    axes = {"volatiles.hydrogen": {"from": "1 ocean", "to": "10 ocean", "number": number}}
    ticks: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "sweep")
        begun, used = time.perf_counter(), processor_time()
        result = mo.sweep(
            case,
            axes,
            output=output,
            workers=WORKERS,
            progress=lambda fraction, text: ticks.append(time.perf_counter()),
        )
        whole, used = time.perf_counter() - begun, processor_time() - used
        status = [json.loads(path.read_text())["status"] for path in output.glob("cases/*/status.json")]
        steps = np.mean(
            [
                json.loads(path.read_text())["statistics"]["steps"]
                for path in output.glob("cases/*/summary.json")
            ]
        )
        error = 0.0
        for k in (0, number - 1):
            hydrogen = np.linspace(1, 10, number)[k].item()
            single = mo.run(case.replace({"volatiles.hydrogen": f"{hydrogen!r} ocean"}))
            stored = mo.read(output / "cases" / f"{k:06d}")
            error = max(error, *(float(np.abs(stored[v] - single[v]).max()) for v in single.data_vars))
    times = np.sort(result.wall_time.values)
    # From when the cases are handed out: the workers are still starting.
    running = ticks[-1] - ticks[-number - 1]
    begin = whole - running
    first = times[-WORKERS:].mean()
    print(
        f"{number} lumped runs on {WORKERS} workers: error {error:g} (against single runs) | complete "
        f"{status.count('complete')}, {steps:.0f} steps a case | {whole:.1f} s in all: {begin:.1f} s to "
        f"check the cases and to gather them; {running:.1f} s, with the start of the workers, for cases of "
        f"{times.sum():.1f} s, overhead {WORKERS * running / times.sum():.2f}; first case of a worker "
        f"{first:.2f} s, median {np.median(times):.3f} s; {used:.0f} s of processor time, "
        f"{used / number:.2f} s a case"
    )
    failures = [f"error {error:g}"] if error else []
    if status.count("complete") != number:
        failures.append(f"{status.count('complete')} of {number} complete")
    if steps > STEPS:
        failures.append(f"{steps:.0f} steps a case are more than {STEPS}")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
