"""Benchmark of melting in MgO-FeO-SiO2: error, work and time of a ternary, of one liquidus and of crystallisation paths.

    python validation/benchmarks/melting.py

Exit status 1 when an error or an amount of work is above its limit. Times are minima of five and never judged.
"""

import sys
import time

import numpy as np

from mocoupled import melting
from mocoupled.lower_mantle.phase_diagrams import phase_diagram

PRESSURES = (61e9, 62e9, 63e9, 64e9, 65e9)  # Pa, one a repetition: a phase diagram is kept once it is made
STATES = {"fractional": 950, "batch": 210}  # most of a path in steps of 0.5 %


def timed(work, repetitions):
    """(result, least time [s]) of work(k)."""
    best = np.inf
    for k in repetitions:
        begin = time.perf_counter()
        result = work(k)
        best = min(best, time.perf_counter() - begin)
    return result, best


def main() -> int:
    failures = []
    _, generated = timed(melting.ternary, (60e9,))
    found, best = timed(melting.ternary, PRESSURES)
    index, _ = phase_diagram(PRESSURES[-1]).saturation(
        found.composition.values, found.liquidus_temperature.values
    )
    error = float(np.abs(index.max(axis=-1)).max())
    print(
        f"ternary: error {error:.0e} (saturation index), work {found.sizes['point']} liquidus, 122 cotectic points; {best:.3f} s (first, generating the program: {generated:.1f} s)"
    )
    failures += [f"ternary: error {error:.0e}"] if not error < 1e-9 else []
    diagram, melt = phase_diagram(52e9), np.array([0.07, 0.505, 0.425])
    many = np.broadcast_to(melt, (10_000, 3))
    _, one = timed(lambda _: diagram.liquidus(melt), range(5))
    _, all_ = timed(lambda _: diagram.liquidus(many), range(5))
    print(f"liquidus: alone {1e3 * one:.1f} ms, among 10 000 {1e3 * all_ / len(many):.4f} ms")
    for mode, most in STATES.items():
        path, best = timed(lambda _, mode=mode: melting.path("pyrolite", 52e9, mode), range(5))
        error = float(path.mass_balance.max())
        print(
            f"{mode} path: error {error:.0e} (mass balance), work {path.sizes['step']} states; {best:.2f} s"
        )
        failures += [f"{mode}: mass balance {error:.0e}"] if not error < 1e-10 else []
        failures += (
            [f"{mode}: {path.sizes['step']} states are more than {most}"] if path.sizes["step"] > most else []
        )
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
