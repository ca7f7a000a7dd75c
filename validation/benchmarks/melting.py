"""Benchmark of melting in MgO-FeO-SiO2: error, work and time of a ternary, a liquidus and paths.

    python validation/benchmarks/melting.py

Exit status 1 when an error or an amount of work is above its limit. Times are minima of five and never
judged.
"""

import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from mocoupled import melting
from mocoupled.lower_mantle.phase_diagrams import phase_diagram

# Pa, one a repetition, as a phase diagram is stored once it is computed
PRESSURES = (61e9, 62e9, 63e9, 64e9, 65e9)
STATES = {"fractional": 950, "batch": 210}  # most of a path in steps of 0.5 %


def timed(work: Callable[[Any], Any], repetitions: Iterable[Any]) -> tuple[Any, float]:
    """(result, least time [s]) of work(k), for every k of the repetitions. (Work of any kind is timed.)"""
    best = np.inf
    for k in repetitions:
        begin = time.perf_counter()
        result = work(k)
        best = min(best, time.perf_counter() - begin)
    return result, best


def main() -> int:
    """Print the lines; 1 where an error or an amount of work is above its limit."""
    failures = []
    _, generated = timed(melting.ternary, (60e9,))
    ternary, best = timed(melting.ternary, PRESSURES)
    index, _ = phase_diagram(PRESSURES[-1]).saturation(
        ternary.composition.values, ternary.liquidus_temperature.values
    )
    error = float(np.abs(index.max(axis=-1)).max())
    print(
        f"ternary: error {error:.0e} (saturation index), work {ternary.sizes['point']} liquidus, 122 "
        f"cotectic points; {best:.3f} s (first, generating the program: {generated:.1f} s)"
    )
    if not error < 1e-9:
        failures.append(f"ternary: error {error:.0e}")
    diagram, melt = phase_diagram(52e9), np.array([0.07, 0.505, 0.425])
    many = np.broadcast_to(melt, (10_000, 3))
    _, alone = timed(lambda _: diagram.liquidus(melt), range(5))
    _, together = timed(lambda _: diagram.liquidus(many), range(5))
    print(f"liquidus: alone {1e3 * alone:.1f} ms, among 10 000 {1e3 * together / len(many):.4f} ms")
    for mode, most in STATES.items():
        path, best = timed(lambda _, mode=mode: melting.path("pyrolite", 52e9, mode), range(5))
        error = float(path.mass_balance.max())
        print(
            f"{mode} path: error {error:.0e} (mass balance), work {path.sizes['step']} states; {best:.2f} s"
        )
        if not error < 1e-10:
            failures.append(f"{mode}: mass balance {error:.0e}")
        if path.sizes["step"] > most:
            failures.append(f"{mode}: {path.sizes['step']} states are more than {most}")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
