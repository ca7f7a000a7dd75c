"""Benchmark of sensitivities: error, work and time, a line each; fails on error or work, never on the clock.

python validation/benchmarks/sensitivities.py [points]

Runs with ten parameters over the same runs without (processor time, the best of six after one that
generates the equations), and derivatives of equilibria for each second.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

import mocoupled as mo

NAMES = ["hydrogen", "carbon", "temperature", "oxygen_fugacity", "law:H2O.coefficient"]
RUNS = {
    "earth, grey, lumped": (
        "earth",
        {
            "atmosphere.radiation": "AbeMatsui1985",
            "planet.equilibrium_temperature": 245.8,
            "mantle.model": "lumped",
        },
        (
            "hydrogen",
            "carbon",
            "oxygen_fugacity",
            "law:H2O.coefficient",
            "law:CO2.coefficient",
            "law:CO2.volume",
            "run.initial_surface_temperature",
            "mantle.heating",
            "atmosphere.absorption.H2O",
            "planet.equilibrium_temperature",
        ),
    ),
    "E1, 50 cells": (
        "E1",
        {"mantle.cells": 50},
        (
            "hydrogen",
            "oxygen_fugacity",
            "law:H2O.coefficient",
            "law:H2O.exponent",
            "mantle.heating",
            "mantle.crystal_size",
            "law:viscosity.factor",
            "mantle.mixing_length",
            "planet.equilibrium_temperature",
            "atmosphere.absorption.H2O",
        ),
    ),
}
LARGEST = 1e-6  # error of derivatives of equilibria, against differences
STEP = 1e-4


def best(works: Sequence[Callable[[], object]], times: int = 6) -> list[float]:
    """The least processor time [s] of some calls of each, in turn, as the load of a machine changes."""
    spent = [np.inf] * len(works)
    for _ in range(times):
        for k, work in enumerate(works):
            begun = time.process_time()
            work()
            spent[k] = min(spent[k], time.process_time() - begun)
    return spent


def equilibria(points: int) -> float:
    """Print the derivatives of equilibria for each second of the wall; the error of some of them."""
    rng = np.random.default_rng(1)
    box = {"temperature": rng.uniform(1400, 3000, points), "melt_fraction": rng.uniform(0, 1, points)}
    box |= {"hydrogen": rng.uniform(1e20, 1e21, points), "carbon": rng.uniform(1e18, 1e21, points)}
    mo.equilibrium("earth", **{name: values[:10] for name, values in box.items()}, sensitivities=NAMES)
    begun = time.perf_counter()
    state = mo.equilibrium("earth", **box, sensitivities=NAMES)
    wall = time.perf_counter() - begun
    outputs = sum(
        state[name].size // len(NAMES) // points for name in state.data_vars if "sensitivity_" in str(name)
    )
    few = {name: values[:200] for name, values in box.items()}
    more, less = (
        mo.equilibrium("earth", **(few | {"hydrogen": few["hydrogen"] * np.exp(side * STEP)}))
        for side in (1, -1)
    )
    expected = (np.log(more.surface_pressure) - np.log(less.surface_pressure)) / (2 * STEP)
    error = float(np.abs(state.sensitivity_surface_pressure[0, :200] - expected.values).max())
    rate = points * len(NAMES) / wall
    print(
        f"equilibria: {points} points, {len(NAMES)} parameters, {outputs} outputs: {wall:.2f} s, "
        f"{rate / 1e6:.2f} M parameters of points/s, {rate * outputs / 1e6:.1f} M derivatives/s; "
        f"error {error:.1e}"
    )
    return error


def runs() -> bool:
    """Print the cost of runs; whether their results are those without sensitivities."""
    same = True
    for label, (name, changes, parameters) in RUNS.items():
        case = mo.Case.read(name).replace(changes)
        plain, sloped = mo.run(case), mo.run(case, sensitivities=list(parameters))
        apart = float(np.abs(sloped.surface_pressure[-1] / plain.surface_pressure[-1] - 1))
        same &= apart < 1e-4
        times = best([partial(mo.run, case), partial(mo.run, case, sensitivities=list(parameters))])
        print(
            f"{label}: {plain.time.size} steps, {len(parameters)} parameters: {times[0]:.2f} s, "
            f"{times[1]:.2f} s with sensitivities, {times[1] / times[0]:.2f} x; pressures at the end "
            f"{apart:.1e} apart"
        )
    return same


def main() -> None:
    """All of it."""
    warnings.simplefilter("ignore")
    error = equilibria(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    if not runs() or error > LARGEST:
        sys.exit("an error is too large")


if __name__ == "__main__":
    main()
