"""What the fresh Jacobian gains: runs with FreshBDF beside the same runs with scipy's BDF as it is.

    python validation/benchmarks/fresh_jacobian.py [case ...]

One line for each integrator: error of the time of the end, work, processor time (least of REPEATS).
The error is that against FreshBDF at a tolerance STRICTER times smaller.
Then the ratios of the two. Exit status 1 when FreshBDF takes more work than scipy's BDF, or is less accurate.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from scipy.integrate import BDF

import mocoupled as mo
from mocoupled.dae.solve import integrate
from mocoupled.dae.solve.bdf import FreshBDF
from mocoupled.runs.evolution import evolve
from mocoupled.runs.job_records import Prepared
from mocoupled.runs.main_job import prepare

CASES = ("E1", "earth")
GREY = {"atmosphere.radiation": "AbeMatsui1985", "planet.equilibrium_temperature": "273 K"}  # of earth
REPEATS = 2
STRICTER = 10
COUNTS = ("steps", "rates", "jacobians", "factorizations")
LARGEST_RATIO = 1.0  # of the rates, FreshBDF over scipy's BDF
ACCURATE = 1e-4  # error of the end's time below which it does not matter which is smaller


@dataclass(frozen=True)
class Measured:
    """One integrator on one case: counts of work, processor time [s], time of the end [s]."""

    counts: dict[str, int]
    seconds: float
    end: float

    def line(self, reference: float) -> str:
        """Error, work and time as text."""
        counts = ", ".join(f"{self.counts[name]} {name}" for name in COUNTS)
        return f"error {self.error(reference):.0e}; work {counts}; march {self.seconds:.2f} s"

    def error(self, reference: float) -> float:
        """Relative difference of the time of the end."""
        return abs(self.end / reference - 1)


@contextmanager
def integrator(kind: type[BDF]) -> Iterator[None]:
    """Within: marches use this class."""
    integrate.FreshBDF, before = kind, integrate.FreshBDF
    try:
        yield
    finally:
        integrate.FreshBDF = before


def measured(prepared: Prepared, kind: type[BDF], repeats: int = REPEATS) -> Measured:
    """The run of a prepared case with one integrator."""
    spent = []
    with integrator(kind):
        for _ in range(repeats):
            begun = time.process_time()
            result = evolve(prepared)
            spent.append(time.process_time() - begun)
    work = json.loads(result.attrs["statistics"])
    return Measured({name: work[name] for name in COUNTS}, min(spent), float(result.time[-1]))


def main(names: list[str]) -> int:
    failures = []
    for name in names or CASES:
        case = mo.Case.read(name)
        if name == "earth":
            case = case.replace(GREY)
        strict = prepare(case.replace({"run.rtol": case.run.rtol / STRICTER}))
        reference = measured(strict, FreshBDF, repeats=1).end
        prepared = prepare(case)
        plain, fresh = measured(prepared, BDF), measured(prepared, FreshBDF)
        print(f"{name}: scipy's BDF {plain.line(reference)}")
        print(f"{name}: FreshBDF    {fresh.line(reference)}")
        ratios = {count: fresh.counts[count] / plain.counts[count] for count in COUNTS}
        text = ", ".join(f"{ratio:.2f} {count}" for count, ratio in ratios.items())
        print(
            f"{name}: FreshBDF over scipy's BDF: {text}, {fresh.seconds / plain.seconds:.2f} time", flush=True
        )
        if ratios["rates"] > LARGEST_RATIO:
            failures.append(f"{name}: FreshBDF takes {ratios['rates']:.2f} times the rates")
        if fresh.error(reference) > max(ACCURATE, 3 * plain.error(reference)):
            failures.append(f"{name}: FreshBDF has an error of {fresh.error(reference):.0e}")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
