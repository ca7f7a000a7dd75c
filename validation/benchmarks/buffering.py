"""Buffered crystallisation: error, work and time in a line each; fails on error, never on the clock."""

import time
import warnings

import numpy as np

import mocoupled as mo
from mocoupled.closures.distillation import distilled
from mocoupled.cumulates.remelting import Grid
from mocoupled.cumulates.crossing_search import crossings
from mocoupled.schema.buffering_case import BufferingCase

warnings.simplefilter("ignore")


def best(function, times=7):
    """The result and the least wall time [s] of several calls."""
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        result = function()
        spent.append(time.perf_counter() - begun)
    return result, min(spent)


for name in ("earth", "mars"):
    case = BufferingCase.read(name)
    found, wall = best(lambda: mo.buffering(case))
    fine, _ = crossings(case.values, case.readings, np.zeros(1), Grid(64, 400))
    error = abs(
        100 * float(found.ocean_iron)
        - 100
        * distilled(1 - fine.solid_fraction[0], case.values["bulk_iron"], case.values["exchange_coefficient"])
    )
    print(
        f"{name} static: Fe# {100 * float(found.ocean_iron):.3f}, error of the grid {error:.1e} Fe#, {1e3 * wall:.1f} ms"
    )
    assert error < 0.05
    run, wall = best(lambda: mo.buffering_history(case, "10 Myr"), 3)
    print(
        f"{name} in 10 Myr: Fe# {100 * float(run.ocean_iron[-1]):.2f} at the end, iron drift {float(run.iron_drift.max()):.0e}, tables {run.attrs['table_error']:.0e}, {run.attrs['steps']} steps, {wall:.2f} s"
    )
    assert float(run.iron_drift.max()) < 1e-10

rng = np.random.default_rng(0)
n = 1000
axes = {
    "core_temperature": rng.uniform(4000, 4600, n),
    "bulk_iron": rng.uniform(0.08, 0.12, n),
    "viscosity": 10 ** rng.uniform(17, 20, n),
}
table, wall = best(lambda: mo.buffering("earth", **axes), 2)
sample = [
    abs(
        float(table.ocean_iron[k])
        - float(mo.buffering("earth", **{a: v[k] for a, v in axes.items()}).ocean_iron)
    )
    for k in range(5)
]
print(
    f"sweep: {n} points, {int(table.converged.sum())} crossings, largest difference from single values {max(sample):.0e}, {wall:.1f} s"
)
assert max(sample) < 1e-9
