"""Why the batch kernel has a compiler beside sympy's: one Newton step at many points by both, side by side.

    python validation/benchmarks/batch_compiler.py [points]

One line for each case: largest difference of the two steps, processor time of each (least of REPEATS), ratio.
sympy's step is lambdify (with common subexpressions taken out) of residuals and Jacobian, and numpy's
solution of the stacked linear systems. Exit status 1 when the steps differ.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import sympy

import mocoupled as mo
from mocoupled.dae.declare.model import Model
from mocoupled.dae.kernel.batch import Batch
from mocoupled.planet.assembly import assemble_equilibrium

POINTS = 32768
REPEATS = 5
LARGEST_DIFFERENCE = 1e-6  # of the steps, over the largest: rows are element sums of very different sizes
GASES = "H2 H2O CO CO2 CH4 H OH N2 NH3 HCN NO S2 H2S SO2 COS SO S SH CS CS2 He"
CASES = {
    "earth, graphite": {},
    "21 gases of 6 elements": {
        "chemistry.mechanism": "chons",
        "chemistry.graphite": False,
        "chemistry.species": GASES.split(),
        "volatiles.nitrogen": "3 ppmw",
        "volatiles.sulfur": "200 ppmw",
        "volatiles.helium": "1e-4 ppmw",
        "volatiles.solubility.N2": "basalt-Dasgupta2022",
        "volatiles.solubility.S2": "basalt-Boulliung2023",
    },
}
RANGES = {"temperature": (1400.0, 3000.0), "melt_fraction": (0.0, 1.0), "oxygen_fugacity_offset": (-2.0, 4.0)}

Step = Callable[[], list[np.ndarray]]


def box(model: Model, n: int) -> list[np.ndarray]:
    """The model's parameters at n points; amounts within a factor of 3 of those of the case."""
    rng = np.random.default_rng(1)
    return [
        rng.uniform(*RANGES[p.name], n) if p.name in RANGES else p.value * 3 ** rng.uniform(-1, 1, n)
        for p in model.parameters
    ]


def of_kernel(batch: Batch, columns: list[np.ndarray], u: list[np.ndarray]) -> Step:
    """The step of the generated kernel, after what does not depend on the unknowns."""
    n, functions = len(columns[0]), batch._many
    hoisted = list(np.empty((functions.kernel.hoisted, n)))
    work = list(np.empty((functions.kernel.registers, n)))
    functions.hoist(columns, hoisted, work)
    return lambda: functions.step(u, hoisted, work)[:-1]


def of_sympy(batch: Batch, columns: list[np.ndarray], u: list[np.ndarray]) -> Step:
    """The same step by sympy's lambdify and numpy's solution."""
    symbols = [unknown.symbol for unknown in batch.reduction.unknowns]
    rows = batch.reduction.rows
    jacobian = [row.diff(symbol) for row in rows for symbol in symbols]
    arguments = [p.symbol for p in batch.model.parameters] + symbols
    function = sympy.lambdify(arguments, [*rows, *jacobian], "numpy", cse=True)
    k, n = len(rows), len(u[0])

    def step() -> list[np.ndarray]:
        values = np.stack(np.broadcast_arrays(*function(*columns, *u)), axis=-1)
        F, J = values[:, :k, None], values[:, k:].reshape(n, k, k)
        return list(np.linalg.solve(J, F)[:, :, 0].T)

    return step


def timed(step: Step) -> float:
    """Least processor time [s] of a step, without that of other processes."""
    spent = []
    for _ in range(REPEATS):
        begun = time.process_time()
        step()
        spent.append(time.process_time() - begun)
    return min(spent)


def main(n: int) -> int:
    failures = []
    for label, changes in CASES.items():
        model = assemble_equilibrium(mo.Case.read("earth").replace(changes), 1650.0, 0.3).model
        batch = Batch(model, [p.name for p in model.parameters])
        columns = box(model, n)
        u = [np.full(n, unknown.guess) for unknown in batch.reduction.unknowns]
        with np.errstate(all="ignore"):
            kernel, lambdified = of_kernel(batch, columns, u), of_sympy(batch, columns, u)
            steps, expected = np.array(kernel()), np.array(lambdified())
            times = timed(kernel), timed(lambdified)
        difference = float(np.max(np.abs(steps - expected)) / np.max(np.abs(expected)))
        print(
            f"{label}, {n} points: steps differ by {difference:.0e}; kernel {1e3 * times[0]:.1f} ms, "
            f"sympy {1e3 * times[1]:.1f} ms, ratio {times[1] / times[0]:.0f}"
        )
        if not difference < LARGEST_DIFFERENCE:
            failures.append(f"{label}: the steps differ by {difference:.0e}")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else POINTS))
