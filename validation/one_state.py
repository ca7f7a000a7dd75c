"""One state stated in four ways: as an offset from every buffer, an absolute fugacity, a budget of oxygen and a share of ferric iron.

    python validation/one_state.py [--states 50] [--seed 1] [--store FOLDER] [-o FILE]

Random states of C-H-O-N-S between IW-4 and IW+6, with melt and solubilities, are solved once for their absolute oxygen
fugacity. Every other way is made from that result (the distance from the buffer, the oxygen that the volatiles hold, the
ferric share that the law gives at its fugacity) and is solved anew: all pressures must be the same. Finished ways are kept
in --store and are not done again. The states by a share have 14 gases, all others every gas of chons. Exit status 1 where a pressure differs by more than 1e-9 in its logarithm.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path

import numpy as np

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
        "volatiles.solubility.N2": "basalt-Dasgupta2022", "volatiles.solubility.S2": "basalt-sulfide-Boulliung2023",
    },
    "N2 Libourel2003, S2 Gaillard2022, real gas": {
        "volatiles.solubility.N2": "basalt-Libourel2003", "volatiles.solubility.S2": "basalt-Gaillard2022",
        "chemistry.fugacity": "PengRobinson1976",
    },
}  # fmt: skip
ABSOLUTE = {"redox.oxygen_fugacity": "log10 fO2 = -9", "redox.buffer": "none"}
NONE = {"redox.oxygen_fugacity": "none", "redox.buffer": "none"}
FERRIC = ("Hirschmann2022", "Sossi2020")  # laws by which the share is given back
FEW = "H2, H2O, CO, CO2, CH4, O2, N2, NH3, HCN, S2, H2S, SO2, COS, O"  # gases of the states by a share, one system of equations each


def states(count: int, seed: int) -> dict[str, np.ndarray]:
    """Random conditions as arguments of mo.equilibrium, SI; the absolute fugacity stands under `oxygen_fugacity_offset`."""
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


def base(laws: dict, species=None) -> mo.Case:
    """The earth with C-H-O-N-S; the fugacity absolute."""
    changes = {
        "chemistry.mechanism": "chons",
        "volatiles.nitrogen": "1 ppmw",
        "volatiles.sulfur": "1 ppmw",
        **ABSOLUTE,
        **laws,
    }
    return mo.Case.read("earth").replace(changes | ({"chemistry.species": species} if species else {}))


def buffers() -> list[tuple[str, float]]:
    """Every buffer, and the pressures [Pa] at which it is taken."""
    found = []
    for name in names("buffer"):
        found += [(name, BAR)] + ([(name, 1e9)] if find("buffer", name).pressure else [])
    return found


def by_buffer(case, given, buffer, pressure):
    """The states by their distance from a buffer; those within 20 dex of it, with the indices."""
    law, at = find("buffer", buffer), {} if pressure == BAR else {"redox.buffer_pressure": f"{pressure!r} Pa"}
    own = case.replace({"redox.oxygen_fugacity": law.family, "redox.buffer": buffer} | at)
    above = given["oxygen_fugacity_offset"] - np.array(
        [float(law(T=t, P=pressure)) for t in given["temperature"]]
    )
    near = np.flatnonzero(np.abs(above) <= 20)
    return mo.equilibrium(
        own, **{k: v[near] for k, v in (given | {"oxygen_fugacity_offset": above}).items()}
    ), near


def by_budget(case, given, first):
    """The states by the oxygen that their volatiles hold."""
    rest = {k: v for k, v in given.items() if k != "oxygen_fugacity_offset"}
    return mo.equilibrium(case, **rest, oxygen=first.oxygen_mass.values)


def ferric_share(law: str, T: float, log10_fO2: float) -> float:
    """Fe3+ over all iron of the melt of a case with default iron, by a law at 1 bar."""
    ratio = float(find(KIND, law)(T=T, ln_fO2=log10_fO2 * np.log(10.0), composition=with_iron(0.0805)))
    return 1.0 / (1.0 + np.exp(-ratio))


def by_ferric_share(case, given, first, law, k):
    """One state by its share of ferric iron."""
    one = {name: float(v[k]) for name, v in given.items() if name != "oxygen_fugacity_offset"}
    share = ferric_share(law, one["temperature"], float(first.log10_fO2[k]))
    return mo.equilibrium(case.replace(NONE | {"redox.ferric_iron": law, "redox.ferric_share": share}), **one)


def difference(first, other) -> float:
    """Largest |ln| of a partial or the surface pressure; infinite where a state has no result. other: at the same points."""
    if not bool(np.all(other.converged)) or list(first.species.values) != list(other.species.values):
        return np.inf
    pairs = (
        (first.pressure.values, other.pressure.values),
        (first.surface_pressure.values, other.surface_pressure.values),
    )
    return max(float(np.max(np.abs(np.log(a / b)))) for a, b in pairs)


def ways(laws, given, count):
    """Name of each way -> the work that gives its largest difference and the number of its states."""
    case, few = base(laws), base(laws, FEW)
    first = mo.equilibrium(case, **given)
    assert bool(first.converged.all()), "a reference state did not converge"
    for buffer, pressure in buffers():

        def work(buffer=buffer, pressure=pressure):
            found, near = by_buffer(case, given, buffer, pressure)
            return difference(first.isel(point=near), found), len(near)

        yield f"offset from {buffer}" + ("" if pressure == BAR else f" at {pressure / 1e9:g} GPa"), work
    yield "budget of oxygen", lambda: (difference(first, by_budget(case, given, first)), count)
    for law in FERRIC:

        def shares(law=law):
            start = mo.equilibrium(few, **given)
            return max(
                difference(start.isel(point=k), by_ferric_share(few, given, start, law, k))
                for k in range(count)
            ), count

        yield f"share of ferric iron, {law}", shares


def main() -> int:
    """Do what is left to do, print and write the table, and tell whether every pressure is the same."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--states", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", type=Path, default=Path("one_state"), help="folder of what is finished")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        help="write the table at the end of this file, in place of the one it has",
    )
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    kept = options.store / f"states-{options.states}-seed-{options.seed}.json"
    options.store.mkdir(parents=True, exist_ok=True)
    done = json.loads(kept.read_text()) if kept.exists() else {}
    given, rows = states(options.states, options.seed), {}
    for title, laws in LAWS.items():
        for name, work in ways(laws, given, options.states):
            if f"{title}: {name}" not in done:
                done[f"{title}: {name}"] = work()
                kept.write_text(json.dumps(done, indent=1))
            rows.setdefault(name, []).append(done[f"{title}: {name}"])
            print(f"{title}: {name}: {done[f'{title}: {name}'][0]:.1e}", flush=True)
    lines = ["| the state by its | states | " + " | ".join(LAWS) + " |", "|---|---|" + "---|" * len(LAWS)]
    lines += [
        f"| {name} | {found[0][1]} | " + " | ".join(f"{worst:.1e}" for worst, _ in found) + " |"
        for name, found in rows.items()
    ]
    worst = max(one for found in rows.values() for one, _ in found)
    lines += [
        "",
        f"{options.states} states, seed {options.seed}: largest |ln| of any pressure {worst:.1e}; allowed {ALLOWED:.0e}.",
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
