"""Cost of coupling a run to the iron of its magma ocean: error, work and time of `earth` and `mars`, coupled
and not.

    python validation/benchmarks/coupled.py

The columns have CELLS cells. One line each: assembly (equations generated or found again, tables) and march
in the processor's time, least of REPEATS. Exit status 1 when iron or energy is lost, when the coupled march
takes more than RATES times the evaluations of the run without iron, or when the whole takes more than TIMES
its processor time.
"""

import json
import sys
import time

import mocoupled as mo
from mocoupled.runs.evolution import evolve
from mocoupled.runs.main_job import prepare

REPEATS, CELLS = 1, 60
# K of equilibrium, below a grey atmosphere
PLANETS = {"earth": 273.0, "mars": 210.0}
ERRORS = {"iron_drift": 1e-10, "element_drift": 1e-10, "energy_drift": 1e-10, "integrator_energy_drift": 1e-5}
RATES, TIMES = 6, 6


def measured(case) -> tuple[dict, float, float]:
    """The run, and the least processor time [s] of assembly and march."""
    spent = []
    for _ in range(REPEATS):
        begun = time.process_time()
        prepared = prepare(case)
        assembled = time.process_time()
        result = evolve(prepared)
        spent.append((assembled - begun, time.process_time() - assembled))
    return result, *(min(times) for times in zip(*spent))


def main() -> int:
    failures = []
    for name, T_eq in PLANETS.items():
        keys = {
            "atmosphere.radiation": "AbeMatsui1985",
            "planet.equilibrium_temperature": T_eq,
            "mantle.cells": CELLS,
        }
        case, rates, whole = mo.Case.read(name).replace(keys), {}, {}
        for coupled in (False, True):
            result, assembly, march = measured(case.replace({"cumulates.coupled": coupled}))
            work = json.loads(result.attrs["statistics"])
            rates[coupled], whole[coupled] = work["rates"], assembly + march
            error = {key: float(result[key].max()) for key in ERRORS if key in result}
            print(
                f"{name} {'coupled' if coupled else 'alone'}: lid {float(result.time[-1]) / 3.15576e10:.1f} "
                f"kyr; error "
                + ", ".join(f"{key.removesuffix('_drift')} {value:.0e}" for key, value in error.items())
                + (
                    f"; work {work['steps']} steps, {work['rates']} rates, {work['jacobians']} Jacobians; "
                    f"assembly {assembly:.2f} s, march {march:.2f} s"
                ),
                flush=True,
            )
            failures += [f"{name}: {key} {error[key]:.0e}" for key in error if not error[key] <= ERRORS[key]]
        print(
            f"{name}: coupled over alone {whole[True] / whole[False]:.2f} in time, "
            f"{rates[True] / rates[False]:.2f} in rates"
        )
        if rates[True] > RATES * rates[False]:
            failures.append(f"{name}: the coupled run takes {rates[True] / rates[False]:.2f} times the rates")
        if whole[True] > TIMES * whole[False]:
            failures.append(f"{name}: the coupled run takes {whole[True] / whole[False]:.2f} times the time")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
