"""Random planets of metal, silicate and gas, from the cold start and from random starts; writes a report.

    python validation/planet_states.py [--states 10000]

The report is reports/planet_states.md. Resumable: each batch of 500 states is stored in a folder (--store)
and not computed again. A failure is a state without a result that has no root beyond the domain either, or
has a root inside by a random start; and a random start that leads to another root inside.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mocoupled.constants import EARTH_MASS
from mocoupled.dae.kernel.batch import Begin
from mocoupled.equilibria.metal_problem import LARGEST_LIGHT_FRACTION, MetalProblem, compiled
from mocoupled.metal.phase_species import ELEMENTS

REPORT = Path(__file__).parent / "reports" / "planet_states.md"
BATCH = 500
TEMPERATURES = (1700.0, 3500.0)
STARTS = 5
# of ln of an unknown at a random start, around the guess of the cold start
SPREAD = 3.0


@dataclass(frozen=True)
class Kind:
    """A kind of states. hydrogen: log10 of H/Si. masses: log10 over that of the Earth."""

    label: str
    apart: bool = False
    convention: str = "standard"
    hydrogen: tuple[float, float] = (-4.0, 0.7)
    masses: tuple[float, float] = (-1.0, 1.0)


# file in the store -> kind; at H/Si and masses of the last one most surfaces have 1 GPa
KINDS = {
    "together": Kind("one temperature"),
    "apart": Kind("two temperatures", apart=True),
    "solution": Kind("H2 and silicate as one solution", False, "Gilmore2026", (-0.3, 1.0), (0.3, 1.0)),
}


def columns_of(random: np.random.Generator, kind: Kind) -> dict[str, np.ndarray]:
    """The conditions of a batch: amounts for one mole of Si."""
    draw = random.uniform
    moles = {"Si": np.ones(BATCH), "Mg": draw(0.7, 1.6, BATCH), "Fe": draw(0.3, 1.6, BATCH)}
    powers = {"Na": (-3.0, -1.0), "H": kind.hydrogen, "C": (-5.0, -1.0), "N": (-6.0, -2.0), "S": (-5.0, -1.0)}
    moles |= {element: 10 ** draw(*ends, BATCH) for element, ends in powers.items()}
    oxidised = draw(0.01, 0.9, BATCH)
    moles["O"] = 2 * moles["Si"] + moles["Mg"] + moles["Na"] / 2 + oxidised * moles["Fe"]
    temperature = draw(*TEMPERATURES, BATCH)
    metal = draw(*TEMPERATURES, BATCH) if kind.apart else temperature
    mass = EARTH_MASS * 10 ** draw(*kind.masses, BATCH)
    conditions = {"temperature": temperature, "metal_temperature": metal, "planet_mass": mass}
    return conditions | {f"moles_{element}": moles[element] for element in ELEMENTS}


def batch(kind: Kind, number: int) -> dict[str, float]:
    """Counts, times and largest residuals of a batch of random states."""
    random = np.random.default_rng([number, [k.label for k in KINDS.values()].index(kind.label)])
    problem = compiled(ELEMENTS, kind.convention, kind.apart)
    columns = columns_of(random, kind)
    problem.solve(columns, BATCH, 1)
    before = time.process_time()
    solved = problem.solve(columns, BATCH, 1)
    spent = time.process_time() - before
    inside = solved.points.converged
    outside = np.logical_or.reduce(list(solved.beyond.values()))
    direct = other = missed = 0
    for _ in range(STARTS):
        points, beyond = from_random_starts(problem, columns, random)
        there = points.converged & ~beyond
        direct += int(np.count_nonzero(there & inside))
        missed += int(np.count_nonzero(there & ~inside))
        last = problem.rows["phase_moles", "silicate"]
        apart_by = np.abs(np.log(points.values[:last] / solved.points.values[:last])).max(axis=0)
        other += int(np.count_nonzero(there & inside & ~(apart_by < 1e-8)))
    return {
        "states": BATCH,
        "inside": int(np.count_nonzero(inside)),
        "outside": int(np.count_nonzero(outside)),
        "no_root": int(np.count_nonzero(~inside & ~outside)),
        "direct": direct,
        "other_root": other,
        "missed": missed,
        "residual": float(np.nanmax(solved.points.residual)),
        "milliseconds": 1e3 * spent / BATCH,
        "iterations": float(solved.points.iterations[inside].mean()),
    }


def from_random_starts(problem: MetalProblem, columns: dict[str, np.ndarray], random: np.random.Generator):
    """The points from random starts alone, and whether they are beyond the domain of the laws."""
    starts = {}
    for unknown in problem.model.unknowns:
        if unknown.name == "s_metal":
            starts[unknown.name] = random.uniform(0.02, 0.3, BATCH)
        else:
            starts[unknown.name] = unknown.guess + random.uniform(-SPREAD, SPREAD, BATCH)
    parameters = problem.parameters(columns, BATCH)
    points = problem.batch.solve(parameters, begin=Begin(starts))
    causes = problem.beyond(points, parameters["temperature"])
    return points, np.logical_or.reduce(list(causes.values()))


def main() -> None:
    """Compute the missing batches and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--states", type=int, default=10000)
    parser.add_argument("--store", default="runs/planet_states")
    options = parser.parse_args()
    store = Path(options.store)
    store.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    rows = []
    for name, kind in KINDS.items():
        done = []
        for number in range(options.states // BATCH):
            file = store / f"{name}-{number}.json"
            if not file.exists():
                with np.errstate(all="ignore"):
                    file.write_text(json.dumps(batch(kind, number)), encoding="utf-8")
            done.append(json.loads(file.read_text(encoding="utf-8")))
            print(name, number, done[-1], flush=True)
        rows.append(row(kind.label, done))
    heads = (
        "metal", "states", "inside the domain", "only root beyond it", "no root at all",
        "random starts that lead to it", "to another root inside", "inside where the cold start is not",
        "largest residual", "iterations", "ms a state",
    )  # fmt: skip
    table = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *rows]
    REPORT.write_text(TEXT + "\n".join(table) + "\n", encoding="utf-8")
    print("\n".join(rows))


def row(label: str, done: list[dict[str, float]]) -> str:
    """A row of the report."""
    total = {key: sum(counts[key] for counts in done) for key in done[0]}
    share = total["direct"] / (STARTS * total["inside"])
    residual = max(counts["residual"] for counts in done)
    return (
        f"| {label} | {total['states']} | {total['inside']} | {total['outside']} | {total['no_root']} | "
        f"{share:.1%} | {total['other_root']} | {total['missed']} | {residual:.1e} | "
        f"{total['iterations'] / len(done):.1f} | {total['milliseconds'] / len(done):.2f} |"
    )


TEXT = f"""# Metal, silicate and gas at random

`python validation/planet_states.py` writes this page. The states are random: for 1 mol of Si 0.7 to 1.6 of
Mg and 0.3 to 1.6 of Fe, of which 0.01 to 0.9 is oxidised; H from 1e-4 to 5, C and S from 1e-5 to 0.1, N from
1e-6 to 0.01, Na from 1e-3 to 0.1 (log-uniform); {TEMPERATURES[0]:g} to {TEMPERATURES[1]:g} K; 0.1 to 10 Earth
masses. Two temperatures are drawn independently. A state is inside the domain if x_Si + x_O of its metal is
at most {LARGEST_LIGHT_FRACTION:g}. Where the only root lies beyond, the result is NaN and says so. In the
last row (`model="Gilmore2026"`) H is 0.5 to 10 and the planet has 2 to 10 Earth masses; a surface below 1 GPa
and one phase of H2 and silicate are beyond the domain too.

Each state is solved from the one cold start of the program, and from {STARTS} random starts, whose unknowns
differ by up to {SPREAD:g} in their logarithm. A random start alone may lead nowhere. It never leads to
another root inside, nor to one inside where the cold start has none. Processor time of one core, with the
shorter steps that are tried.

"""


if __name__ == "__main__":
    main()
