"""Sensitivities of runs against differences of runs, by Taylor, and their cost: reports/sensitivities.md.

    python validation/sensitivities.py [-o FILE] [-d FOLDER] [PART ...]

Parts, by default all: differences, taylor, cost.
-d FOLDER: every row is stored there, and read in place of being computed again.
-o FILE: the tables are written at the end of this file, in place of those it has; they are always printed.

differences: derivatives of the last state against differences (Richardson's, of two steps) of runs at rtol
1e-10, of ten parameters of a lumped mantle and three of a column of 50 cells; largest error over the largest
entry. Of three steps the one whose halves agree best is the reference.
taylor: |y(p + h) - y(p) - h dy/dp| for h and h/2, of every parameter of a case for each structure: the ratio
is 4 where the derivative is right and the run is smooth; less where both are below the error of the runs.
In both, a parameter whose largest entry is below NOTHING, the rounding of a run, acts on nothing.
cost: processor time of a run with ten parameters over the same run without.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

import mocoupled as mo
from mocoupled.constants import YEAR
from mocoupled.dae.solve.integrate import Trajectory, march
from mocoupled.planet.assembly import assemble
from mocoupled.planet.run_parameters import parameters_of_run
from mocoupled.runs.main_job import Prepared, prepare

MARK = "<!-- tables, written by validation/sensitivities.py -->\n"
Changes = Mapping[str, object]
Rows = Iterator[tuple[str, Callable[[], Sequence[object]]]]
GREY = {"atmosphere.radiation": "AbeMatsui1985", "planet.equilibrium_temperature": 245.8}
LUMPED = {"mantle.model": "lumped"}
TEN = (
    "volatiles.hydrogen",
    "volatiles.carbon",
    "redox.oxygen_fugacity",
    "law:H2O.coefficient",
    "law:CO2.coefficient",
    "law:CO2.volume",
    "run.initial_surface_temperature",
    "mantle.heating",
    "atmosphere.absorption.H2O",
    "planet.equilibrium_temperature",
)
FLUXES = ("mantle.crystal_size", "law:viscosity.factor", "mantle.mixing_length")
# by how much the largest entry moves in a difference, and the largest step: of a logarithm or in the unit
MOVED, LARGEST = 2e-2, 0.2
STEPS = 4  # pairs of steps, the second a quarter of the first
NOTHING = 1e-10
REPEATED = 6
DIFFERENCES = {
    "earth, grey, lumped, 50 kyr": ("earth", {**GREY, **LUMPED, "run.end_time": 5e4 * YEAR}, TEN),
    "E1, 50 cells, 1 kyr": (
        "E1",
        {"mantle.cells": 50, "mantle.closure": "consistent", "run.end_time": 1e3 * YEAR},
        ("volatiles.hydrogen", "redox.oxygen_fugacity", "law:H2O.coefficient"),
    ),
}
SHORT = {"run.end_time": 2e3 * YEAR}
STRUCTURES = {
    "E1, lumped": ("E1", LUMPED | SHORT),
    "earth, lumped": ("earth", LUMPED | SHORT),
    "mars, coupled iron, 12 cells": ("mars", {"cumulates.coupled": True, "mantle.cells": 12} | SHORT),
    "chili-earth, lumped": ("chili-earth", LUMPED | SHORT),
    "earth, budget of oxygen, lumped": (
        "earth",
        {"redox.oxygen": "6e21 kg", "redox.oxygen_fugacity": "none", **LUMPED, **SHORT},
    ),
}
COSTS = {
    "earth, grey, lumped": ("earth", {**GREY, **LUMPED}, TEN),
    "earth, bands, lumped": ("earth", LUMPED, TEN[:6]),
    "E1, 50 cells": (
        "E1",
        {"mantle.cells": 50},
        (TEN[0], *TEN[2:4], *TEN[7:10], "law:H2O.exponent", *FLUXES),
    ),
}


def marched(
    prepared: Prepared, changes: Mapping[str, float] | None = None, slopes: bool = False
) -> Trajectory:
    """The march of a prepared case to its end time, with other values of parameters of its model."""
    run = prepared.planet.case.run
    system = prepared.system.at(changes) if changes else prepared.system
    varied = prepared.wanted.varied if slopes and prepared.wanted else None
    start = system.start().x
    return march(system, start, run.end_time, rtol=run.rtol, stabilisation=run.stabilisation, varied=varied)


def moved(prepared: Prepared, name: str, change: float) -> np.ndarray:
    """The last state where a named parameter has changed."""
    along = prepared.wanted.parameters[prepared.wanted.names.index(name)].direction
    values = {p.name: p.value for p in prepared.system.model.parameters}
    changes = {
        other: values[other] * np.exp(change * weight) if along.relative else values[other] + change * weight
        for other, weight in along.weights.items()
    }
    return marched(prepared, changes).states[-1]


def central(prepared: Prepared, name: str, step: float) -> np.ndarray:
    """The central difference of the last state."""
    ends = [moved(prepared, name, sign * step) for sign in (1, -1)]
    difference: np.ndarray = (ends[0] - ends[1]) / (2 * step)
    return difference


def reference(prepared: Prepared, name: str, longest: float, y: np.ndarray) -> tuple[np.ndarray, float]:
    """Richardson's difference that agrees best with that of shorter steps, and its longer step."""
    steps = [longest / 4**i for i in range(STEPS + 1)]
    at = [central(prepared, name, step) for step in steps]
    values = [(16 * short - long) / 15 for long, short in itertools.pairwise(at)]
    apart = [size(long - short, y) for long, short in itertools.pairwise(values)]
    best = int(np.argmin(apart))
    return values[best], steps[best]


@functools.cache
def sloped(name: str, changes: str, names: tuple[str, ...]) -> tuple[Prepared, np.ndarray, np.ndarray]:
    """A case (with changes, as JSON) with sensitivities: prepared, its last state and their derivatives."""
    prepared = prepare(mo.Case.read(name).replace(json.loads(changes)), list(names))
    whole = marched(prepared, slopes=True)
    return prepared, whole.states[-1], whole.slopes.states[-1]


def size(change: np.ndarray, y: np.ndarray) -> float:
    """The largest change of an unknown of a state y, over one more than its size: K, logarithms, shares."""
    return float(np.abs(change / (1 + np.abs(y))).max())


def differences() -> Rows:
    """Rows of each case: case, parameter, step, error over the largest entry."""
    for label, (name, changes, parameters) in DIFFERENCES.items():
        for k, parameter in enumerate(parameters):

            def row(
                label: str = label,
                case: tuple = (name, json.dumps({**changes, "run.rtol": 1e-10}), tuple(parameters)),
                k: int = k,
            ) -> list[object]:
                """The row of a parameter."""
                prepared, y, slopes = sloped(*case)
                parameter, largest = prepared.wanted.names[k], size(slopes[:, k], y)
                if largest < NOTHING:
                    return [label, parameter, "", "acts on nothing"]
                expected, step = reference(prepared, parameter, min(MOVED / largest, LARGEST), y)
                error = size(slopes[:, k] - expected, y) / size(expected, y)
                return [label, parameter, f"{step:.1e}", f"{error:.1e}"]

            yield f"{label} {parameter}", row


def taylor() -> Rows:
    """Rows of each structure: case, parameter, h, remainder at h and h/2 over the largest entry, ratio."""
    for label, (name, changes) in STRUCTURES.items():
        changed = {**changes, "run.rtol": 1e-9}
        names = [p.name for p in parameters_of_run(assemble(mo.Case.read(name).replace(changed)))]
        for k, parameter in enumerate(names):

            def row(
                label: str = label, case: tuple = (name, json.dumps(changed), tuple(names)), k: int = k
            ) -> list[object]:
                """The row of a parameter."""
                prepared, y, slopes = sloped(*case)
                parameter, largest = prepared.wanted.names[k], size(slopes[:, k], y)
                if largest < NOTHING:
                    return [label, parameter, "", "acts on nothing", "", ""]
                # moves no unknown by more than some per cent
                h = min(MOVED, MOVED / (2 * largest))
                rest = [size(moved(prepared, parameter, s) - y - s * slopes[:, k], y) for s in (h, h / 2)]
                ratio = f"{rest[0] / rest[1]:.2f}" if rest[1] else "none"
                return [label, parameter, f"{h:.1e}", *(f"{r / (largest * h):.1e}" for r in rest), ratio]

            yield f"{label} {parameter}", row


def cost() -> Rows:
    """Rows: case, number of parameters, processor times without and with, ratio (the best of REPEATED)."""
    for label, (name, changes, parameters) in COSTS.items():

        def row(
            label: str = label,
            name: str = name,
            changes: Changes = changes,
            names: Sequence[str] = parameters,
        ) -> list[object]:
            """The row of a case."""
            case, times = mo.Case.read(name).replace(dict(changes)), [np.inf, np.inf]
            calls = (partial(mo.run, case), partial(mo.run, case, sensitivities=list(names)))
            for turn in range(REPEATED + 1):  # in turn, as the load of the machine changes
                for k, call in enumerate(calls):
                    start = time.process_time()
                    call()
                    if turn:  # the first one generates the equations
                        times[k] = min(times[k], time.process_time() - start)
            ratio = times[1] / times[0]
            return [label, len(names), *(f"{t:.2f}" for t in times), f"{ratio:.2f}"]

        yield label, row


PARTS = {
    "differences": (
        "## Against differences of runs at rtol 1e-10",
        ("case", "parameter", "step", "error over the largest entry"),
        differences,
    ),
    "taylor": (
        "## Taylor's theorem",
        ("case", "parameter", "h", "remainder at h", "at h/2", "ratio"),
        taylor,
    ),
    "cost": ("## Cost", ("case", "parameters", "run, s", "with sensitivities, s", "ratio"), cost),
}


def stored(folder: Path | None, name: str, row: Callable[[], Sequence[object]]) -> list:
    """A row, of the folder where it is."""
    if folder is None:
        return list(row())
    path = folder / f"{name.replace(' ', '_').replace(',', '').replace('/', '_')}.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(list(map(str, row()))))
    return list(json.loads(path.read_text()))


def main() -> None:
    """Compute, print and write the tables."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART")
    parser.add_argument("-o", dest="file", type=Path)
    parser.add_argument("-d", dest="folder", type=Path)
    chosen = parser.parse_args()
    tables = []
    for part in chosen.parts:
        title, heads, make = PARTS[part]
        lines = [title, "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
        for label, row in make():
            lines.append(f"| {' | '.join(map(str, stored(chosen.folder, f'{part} {label}', row)))} |")
            print(lines[-1], flush=True)
        tables.append("\n".join(lines))
    if chosen.file is not None:
        head = chosen.file.read_text().partition(MARK)[0]
        chosen.file.write_text(head + MARK + "\n" + "\n\n".join(tables) + "\n")


if __name__ == "__main__":
    main()
