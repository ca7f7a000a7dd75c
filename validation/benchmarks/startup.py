"""Benchmark of whole commands side by side with those of another checkout: first run, and second run on.

    python validation/benchmarks/startup.py OTHER [--runs N] [CASE ...]

OTHER: the folder of another checkout, such as one of `git worktree add ../before 855a579`.
CASE: names of `mocoupled run`; by default E1, F1 (both with mantle.closure of their file) and earth.
Here earth has the grey atmosphere that it had in commit 855a579.
The two run in turn, N times each (5), with their figures, as a user types the command.
A first run has an empty folder of stored tables; the other runs have the tables of the first one.
The table has medians of processor time and wall time, and medians of the ratio of neighbouring runs.
Exit status 1 when a command fails, or when a first and a second run differ in a stored number.
Times are printed and never judged: on a shared machine the processor time is the better measure.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray

HERE = Path(__file__).parents[2]
CASES = ("E1", "F1", "earth")
# of this checkout alone: the case as it was in the other one
CHANGES = {"earth": ("atmosphere.radiation=AbeMatsui1985", "planet.equilibrium_temperature=273 K")}


@dataclass(frozen=True)
class Cost:
    """Seconds of a whole command: of the processors, child processes included, and on the wall."""

    processor: float
    wall: float


def command(checkout: Path, case: str, output: Path, tables: Path) -> Cost:
    """Run a case with its figures from a checkout; its cost. tables: folder of the stored tables."""
    environment = os.environ | {"PYTHONPATH": str(checkout), "MOCOUPLED_CACHE": str(tables)}
    # a user's Python keeps its bytecode: without it every command would compile the package anew
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(output.parent / "bytecode")
    words = [sys.executable, "-m", "mocoupled", "run", case, "-q", "-o", str(output)]
    if checkout == HERE:
        words += [word for change in CHANGES.get(case, ()) for word in ("--set", change)]
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(words, check=True, env=environment, cwd=output.parent)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall)


def side_by_side(case: str, other: Path, runs: int) -> list[str]:
    """Print the lines of a case; what is wrong with its results."""
    first, later, before = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tables = folder / "tables"
        command(HERE, case, folder / "warm", tables)  # bytecode and the pages of the libraries
        command(other, case, folder / "warm-other", tables)
        for k in range(runs):
            shutil.rmtree(tables, ignore_errors=True)
            first.append(command(HERE, case, folder / f"first-{k}", tables))
            before.append(command(other, case, folder / f"other-{k}", tables))
            later.append(command(HERE, case, folder / f"later-{k}", tables))
        for label, mine in (("first", first), ("second on", later)):
            print(line(case, label, mine, before), flush=True)
        return differences(case, folder / "first-0", folder / "later-0")


def line(case: str, label: str, mine: list[Cost], before: list[Cost]) -> str:
    """One row of the table."""
    entries = [case, label]
    for kind in ("processor", "wall"):
        a, b = ([getattr(cost, kind) for cost in costs] for costs in (mine, before))
        ratio = statistics.median(x / y for x, y in zip(a, b))
        entries += [f"{statistics.median(a):.2f}", f"{statistics.median(b):.2f}", f"{ratio:.2f}"]
    return f"| {' | '.join(entries)} |"


def differences(case: str, a: Path, b: Path) -> list[str]:
    """The variables in which two runs differ, in any bit."""
    with xarray.open_dataset(a / "evolution.nc") as first, xarray.open_dataset(b / "evolution.nc") as second:
        return [
            f"{case}: {name} differs between the first and the second run"
            for name, values in first.variables.items()
            if not np.array_equal(values, second[name].values, equal_nan=values.dtype.kind == "f")
        ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("other", type=Path)
    parser.add_argument("cases", nargs="*", default=list(CASES))
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_intermixed_args()
    print("| case | run | processor, s | before | ratio | wall, s | before | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    failures = []
    for case in arguments.cases:
        failures += side_by_side(case, arguments.other.resolve(), arguments.runs)
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
