"""The same states by offsets from every buffer, absolute fugacity, budget of oxygen and share of ferric iron.

    python validation/one_state.py [--states 50] [--seed 1] [--store FOLDER] [-o FILE]

Random states of C-H-O-N-S between IW-4 and IW+6, with melt and solubilities, are solved once for their
absolute oxygen fugacity. Every other way is made from that result (the distance from the buffer, the oxygen
in the volatiles, the ferric share by the law at its fugacity) and is solved again: all pressures must be the
same. Finished ways are stored in --store and are not computed again. The states by a share
have 14 gases, all others every gas of chons. Exit status 1 where a pressure differs by more than 1e-9 in its
logarithm.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import xarray

import mocoupled as mo
from mocoupled.closures.ferric_iron import KIND, with_iron
from mocoupled.closures.law import find
from mocoupled.closures.registry import names
from mocoupled.constants import BAR, OCEAN_HYDROGEN
from mocoupled.interior.static_structure import structure

ALLOWED = 1e-9  # of |ln| of any pressure
MARK = "<!-- tables, written by validation/one_state.py -->\n"
LAWS = {
    "N2 Dasgupta2022, S2 Boulliung2023, ideal": {
        "volatiles.solubility.N2": "basalt-Dasgupta2022",
        "volatiles.solubility.S2": "basalt-sulfide-Boulliung2023",
    },
    "N2 Libourel2003, S2 Gaillard2022, real gas": {
        "volatiles.solubility.N2": "basalt-Libourel2003",
        "volatiles.solubility.S2": "basalt-Gaillard2022",
        "chemistry.fugacity": "PengRobinson1976",
    },
}
ABSOLUTE = {"redox.oxygen_fugacity": "log10 fO2 = -9", "redox.buffer": "none"}
NONE = {"redox.oxygen_fugacity": "none", "redox.buffer": "none"}
FERRIC = ("Hirschmann2022", "Sossi2020")  # laws of the share
# gases of the states by a share, one system of equations each
FEW = "H2, H2O, CO, CO2, CH4, O2, N2, NH3, HCN, S2, H2S, SO2, COS, O"

States = Mapping[str, np.ndarray]  # arguments of mo.equilibrium
Work = Callable[[], tuple[float, int]]  # returns the largest difference and the number of states


def states(count: int, seed: int) -> dict[str, np.ndarray]:
    """Random conditions as arguments of mo.equilibrium, SI; the absolute fugacity stands under
    `oxygen_fugacity_offset`."""
    rng = np.random.default_rng(seed)
    T, hydrogen = rng.uniform(1400.0, 3000.0, count), OCEAN_HYDROGEN * 10 ** rng.uniform(-1.0, 1.3, count)
    mantle = structure(mo.Case.read("earth").planet).mantle_mass
    iron = np.array([float(find("buffer", "ONeillEggins2002")(T=t)) for t in T])
    return {
        "temperature": T,
        "melt_fraction": rng.uniform(0.0, 1.0, count),
        "hydrogen": hydrogen,
        "carbon": hydrogen * 10 ** rng.uniform(-2.0, 0.7, count),
        "nitrogen": mantle * 1e-6 * 10 ** rng.uniform(-1.0, 2.0, count),
        "sulfur": mantle * 1e-6 * 10 ** rng.uniform(0.0, 3.0, count),
        "oxygen_fugacity_offset": iron + rng.uniform(-4.0, 6.0, count),
    }


def base(laws: Mapping[str, str], species: str = "") -> mo.Case:
    """The earth with C-H-O-N-S, at an absolute fugacity. species: gases, all by default."""
    changes = {
        "chemistry.mechanism": "chons",
        "volatiles.nitrogen": "1 ppmw",
        "volatiles.sulfur": "1 ppmw",
        **ABSOLUTE,
        **laws,
    }
    if species:
        changes["chemistry.species"] = species
    return mo.Case.read("earth").replace(changes)


def buffers() -> list[tuple[str, float]]:
    """Every buffer, and the pressures [Pa] at which it is taken."""
    listed = []
    for name in names("buffer"):
        listed.append((name, BAR))
        if find("buffer", name).pressure:
            listed.append((name, 1e9))
    return listed


def by_buffer(
    case: mo.Case, conditions: States, buffer: str, pressure: float
) -> tuple[xarray.Dataset, np.ndarray]:
    """The states by their distance from a buffer; those within 20 dex of it, with the indices."""
    law = find("buffer", buffer)
    changes = {"redox.oxygen_fugacity": law.family, "redox.buffer": buffer}
    if pressure != BAR:
        changes["redox.buffer_pressure"] = f"{pressure!r} Pa"
    base_values = np.array([float(law(T=t, P=pressure)) for t in conditions["temperature"]])
    above = conditions["oxygen_fugacity_offset"] - base_values
    near = np.flatnonzero(np.abs(above) <= 20)
    arguments = {**conditions, "oxygen_fugacity_offset": above}
    result = mo.equilibrium(
        case.replace(changes), **{name: values[near] for name, values in arguments.items()}
    )
    return result, near


def by_budget(case: mo.Case, conditions: States, first: xarray.Dataset) -> xarray.Dataset:
    """The states by the oxygen in their volatiles."""
    rest = {k: v for k, v in conditions.items() if k != "oxygen_fugacity_offset"}
    return mo.equilibrium(case, **rest, oxygen=first.oxygen_mass.values)


def ferric_share(law: str, T: float, log10_fO2: float) -> float:
    """Fe3+ over all iron of the melt of a case with default iron, by a law at 1 bar."""
    ratio = float(find(KIND, law)(T=T, ln_fO2=log10_fO2 * np.log(10.0), composition=with_iron(0.0805)))
    return 1.0 / (1.0 + np.exp(-ratio))


def by_ferric_share(
    case: mo.Case, conditions: States, first: xarray.Dataset, law: str, k: int
) -> xarray.Dataset:
    """State k by its share of ferric iron."""
    rest = {name: float(v[k]) for name, v in conditions.items() if name != "oxygen_fugacity_offset"}
    share = ferric_share(law, rest["temperature"], float(first.log10_fO2[k]))
    changed = case.replace(NONE | {"redox.ferric_iron": law, "redox.ferric_share": share})
    return mo.equilibrium(changed, **rest)


def difference(first: xarray.Dataset, other: xarray.Dataset) -> float:
    """Largest |ln| of a partial or the surface pressure; infinite where a state has no result.

    other: at the same points.
    """
    if not bool(np.all(other.converged)) or list(first.species.values) != list(other.species.values):
        return np.inf
    pairs = (
        (first.pressure.values, other.pressure.values),
        (first.surface_pressure.values, other.surface_pressure.values),
    )
    return max(float(np.max(np.abs(np.log(a / b)))) for a, b in pairs)


def ways(laws: Mapping[str, str], conditions: States, count: int) -> Iterator[tuple[str, Work]]:
    """Name of each way, and the work that returns its largest difference and the number of its states."""
    case, few = base(laws), base(laws, FEW)
    first = mo.equilibrium(case, **conditions)
    assert bool(first.converged.all()), "a reference state did not converge"

    def offset(buffer: str, pressure: float) -> tuple[float, int]:
        result, near = by_buffer(case, conditions, buffer, pressure)
        return difference(first.isel(point=near), result), len(near)

    def budget() -> tuple[float, int]:
        return difference(first, by_budget(case, conditions, first)), count

    def shares(law: str) -> tuple[float, int]:
        start = mo.equilibrium(few, **conditions)
        differences = [
            difference(start.isel(point=k), by_ferric_share(few, conditions, start, law, k))
            for k in range(count)
        ]
        return max(differences), count

    for buffer, pressure in buffers():
        at = "" if pressure == BAR else f" at {pressure / 1e9:g} GPa"
        yield f"offset from {buffer}{at}", partial(offset, buffer, pressure)
    yield "budget of oxygen", budget
    for law in FERRIC:
        yield f"share of ferric iron, {law}", partial(shares, law)


def main() -> int:
    """Compute the missing ways, print and write the table; 1 if a pressure is not the same."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--states", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", type=Path, default=Path("one_state"), help="folder of finished ways")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        help="write the table at the end of this file, in place of the one it has",
    )
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    file = options.store / f"states-{options.states}-seed-{options.seed}.json"
    options.store.mkdir(parents=True, exist_ok=True)
    done = json.loads(file.read_text()) if file.exists() else {}
    conditions = states(options.states, options.seed)
    rows: dict[str, list[tuple[float, int]]] = {}
    for title, laws in LAWS.items():
        for name, work in ways(laws, conditions, options.states):
            key = f"{title}: {name}"
            if key not in done:
                done[key] = work()
                file.write_text(json.dumps(done, indent=1))
            rows.setdefault(name, []).append(done[key])
            print(f"{key}: {done[key][0]:.1e}", flush=True)
    lines = ["| the state by its | states | " + " | ".join(LAWS) + " |", "|---|---|" + "---|" * len(LAWS)]
    for name, results in rows.items():
        cells = [name, f"{results[0][1]}", *(f"{most:.1e}" for most, _ in results)]
        lines.append(f"| {' | '.join(cells)} |")
    worst = max(most for results in rows.values() for most, _ in results)
    lines += [
        "",
        (
            f"{options.states} states, seed {options.seed}: largest |ln| of any pressure {worst:.1e}; "
            f"allowed {ALLOWED:.0e}."
        ),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if options.output:
        before = (
            options.output.read_text(encoding="utf-8").partition(MARK)[0] if options.output.exists() else ""
        )
        options.output.write_text(before + MARK + "\n" + text, encoding="utf-8")
    return 0 if worst <= ALLOWED else 1


if __name__ == "__main__":
    raise SystemExit(main())
