"""The same random planets by mocoupled and by an installed `atmodeller`: agreement, speed, start and memory.

    python validation/benchmarks/beside_atmodeller.py [points]

Each program answers in a fresh process, through its documented public functions and from a cold start: an
ideal gas of H2, H2O, CO, CO2, CH4 at a prescribed oxygen fugacity above a mantle that dissolves H2O and CO2
by the same laws; then with graphite. Each program uses its species data; pressures agree to 0.003 dex, that
of methane to 0.02 (atmodeller 1.0.2). Fails where mocoupled does not solve a point or the two differ by more
than APART; never on the clock. Without `atmodeller` it says so and solves with mocoupled alone. A batch is
timed when its shape is compiled.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

SPECIES = ("H2", "H2O", "CO", "CO2", "CH4")
RADIUS, GRAVITY = 6.371e6, 10.0  # m, m/s2
GRAVITATION = 6.6743e-11
OCEAN = 1.55e20  # kg of hydrogen
# dex, of gases above SHARE of the total pressure, away from conditions where graphite is about to form.
APART = 0.05
SHARE = 1e-3
Answer = dict[str, Any]  # of a program, as JSON passes it between processes


def random_box(n: int, graphite: bool, seed: int = 7) -> dict[str, np.ndarray]:
    """Arguments of mo.equilibrium, (n,) each.

    1-10 oceans, C/H 0.01-5 (with graphite: 2-10), IW-2 to IW+4 (-3 to -1), any melt fraction, 1400-3000 K.
    """
    rng = np.random.default_rng(seed)
    hydrogen = rng.uniform(1, 10, n) * OCEAN
    low, high = (2.0, 10.0) if graphite else (0.01, 5.0)
    return {
        "temperature": rng.uniform(1400, 3000, n),
        "melt_fraction": rng.uniform(0.05, 1, n),
        "hydrogen": hydrogen,
        "carbon": hydrogen * rng.uniform(low, high, n),
        "oxygen_fugacity_offset": rng.uniform(-3, -1, n) if graphite else rng.uniform(-2, 4, n),
    }


def with_mocoupled(n: int, graphite: bool) -> Answer:
    """Times, pressures, and what `with_atmodeller` needs to solve the same planets."""
    begun = time.perf_counter()
    import mocoupled as mo

    laws = {"H2O": "peridotite-Sossi2022-e51", "CO2": "basalt-Dixon1995-total"}
    case = mo.Case.read("earth").replace(
        {
            "chemistry.graphite": graphite,
            "redox.oxygen_fugacity": "IW+0",
            **{f"volatiles.solubility.{s}": law for s, law in laws.items()},
        }
    )
    box = random_box(n, graphite)
    first = {name: float(values[0]) for name, values in box.items()}
    mo.equilibrium(case, **first).surface_pressure.item()
    first_answer = time.perf_counter() - begun
    each = _best(lambda: mo.equilibrium(case, **first), 20)
    mo.equilibrium(case, **box)
    batch = _best(lambda: mo.equilibrium(case, **box), 5)
    result = mo.equilibrium(case, **box)
    from mocoupled.interior.static_structure import structure

    return {
        "first": first_answer,
        "each": each,
        "batch": batch,
        "pressures": {s: result.pressure.sel(species=s).values / 1e5 for s in SPECIES},
        "solved": result.converged.values,
        "log10_fO2": result.log10_fO2.values,
        "graphite": (result.graphite_mass / box["carbon"]).values if graphite else np.zeros(n),
        "mantle_mass": structure(case.planet).mantle_mass,
    }


def with_atmodeller(n: int, graphite: bool, fO2: np.ndarray, mantle_mass: float) -> Answer:
    """The same by atmodeller; fO2 [bar] of each planet, mantle_mass [kg]."""
    begun = time.perf_counter()
    from atmodeller import ChemicalSpecies, EquilibriumModel, FixedFugacityConstraint, Planet, SpeciesNetwork
    from atmodeller.solubility import get_solubility_models

    laws = get_solubility_models()
    dissolved = {"H2O": laws["H2O_peridotite_sossi23"], "CO2": laws["CO2_basalt_dixon95"]}
    species = [
        ChemicalSpecies.create_gas(s, **({"solubility": dissolved[s]} if s in dissolved else {}))
        for s in (*SPECIES, "O2")
    ]
    if graphite:
        species.append(ChemicalSpecies.create_condensed("C"))
    network = SpeciesNetwork(tuple(species))
    box = random_box(n, graphite)
    mass = GRAVITY * RADIUS**2 / GRAVITATION

    def solve(model: EquilibriumModel, k: int | slice) -> None:
        """Solve the planets of an index or slice. A model solves only the shape of its first call."""
        planet = Planet(
            planet_mass=mass,
            core_mass_fraction=1 - mantle_mass / mass,
            mantle_melt_fraction=box["melt_fraction"][k],
            surface_radius=RADIUS,
            temperature=box["temperature"][k],
        )
        model.solve(
            state=planet,
            fugacity_constraints={"O2_g": FixedFugacityConstraint(fO2[k])},
            mass_constraints={"H": box["hydrogen"][k], "C": box["carbon"][k]},
        )

    model = EquilibriumModel(network)
    solve(model, 0)
    model.output.asdict()
    first_answer = time.perf_counter() - begun
    each = _best(lambda: solve(model, 0), 20)
    model = EquilibriumModel(network)
    solve(model, slice(None))
    result = model.output.asdict()
    batch = _best(lambda: solve(model, slice(None)), 3)
    solver = result["solver"]
    return {
        "first": first_answer,
        "each": each,
        "batch": batch,
        "pressures": {s: np.asarray(result[f"{s}_g"]["pressure"]) for s in SPECIES},
        "solved": np.asarray(solver["status"], dtype=bool) & np.asarray(solver["converged"], dtype=bool),
    }


def _best(call: Callable[[], object], times: int) -> float:
    """Least time of several calls [s]."""
    best = np.inf
    for _ in range(times):
        begun = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - begun)
    return best


def in_process(name: str, *arguments: object) -> Answer:
    """The answer of a function of this file, called in a fresh process, with the memory of that process
    [MB]."""
    text = json.dumps([name, arguments], default=np.ndarray.tolist)
    words = [sys.executable, __file__, "--worker"]
    out = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    if out.returncode:
        sys.exit(f"{name} failed:\n{out.stderr}")
    return json.loads(out.stdout.splitlines()[-1])


def worker() -> None:
    """Call the function that standard input names, and print its answer."""
    name, arguments = json.loads(sys.stdin.read())
    arguments = [np.array(a) if isinstance(a, list) else a for a in arguments]
    functions: dict[str, Callable[..., Answer]] = {
        "with_mocoupled": with_mocoupled,
        "with_atmodeller": with_atmodeller,
    }
    answer = functions[name](*arguments)
    answer["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(answer, default=np.ndarray.tolist))


def line(name: str, kind: str, n: int, answer: Answer, more: str) -> int:
    """Print the line on a program. Returns the number of points that it did not solve."""
    failed = n - int(np.count_nonzero(answer["solved"]))
    print(
        f"{name}, {kind}: N = {n} | failed {failed}, {more} | {n / answer['batch']:.0f} solves/s, "
        f"{1e3 * answer['each']:.2f} ms a point | first answer {answer['first']:.2f} s | "
        f"{answer['memory']:.0f} MB"
    )
    return failed


def compared(ours: Answer, theirs: Answer) -> dict[str, tuple[float, float]]:
    """Species -> largest and median |difference| [dex], of gases above SHARE of the total pressure.

    Counted are points that both solved, and where graphite is clearly present or clearly absent.
    """
    pressures = [np.array([f["pressures"][s] for s in SPECIES], dtype=float) for f in (ours, theirs)]
    graphite = np.array(ours["graphite"])
    usable = np.array(ours["solved"]) & np.array(theirs["solved"]) & ((graphite > 0.05) | (graphite < 1e-9))
    with np.errstate(all="ignore"):
        apart = np.abs(np.log10(pressures[0] / pressures[1]))
    counted = (pressures[0] > SHARE * pressures[0].sum(axis=0)) & usable
    return {
        s: (float(row[use].max()), float(np.median(row[use])))
        for s, row, use in zip(SPECIES, apart, counted)
        if use.any()
    }


def main() -> None:
    """Print the lines; exit status 1 where a point is not solved or the programs differ."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    installed = importlib.util.find_spec("atmodeller") is not None
    good = True
    for kind, graphite in (("5 gases", False), ("5 gases and graphite", True)):
        ours = in_process("with_mocoupled", n, graphite)
        saturated = np.mean(np.array(ours["graphite"]) > 1e-6)
        name = f"mocoupled {importlib.metadata.version('mocoupled')}"
        failed = line(name, kind, n, ours, f"{100 * saturated:.0f} % with graphite")
        good = good and failed == 0
        if installed:
            fO2 = 10.0 ** np.array(ours["log10_fO2"])
            theirs = in_process("with_atmodeller", n, graphite, fO2, ours["mantle_mass"])
            apart = compared(ours, theirs)
            listed = ", ".join(f"{s} {most:.3f} ({middle:.3f})" for s, (most, middle) in apart.items())
            name = f"atmodeller {importlib.metadata.version('atmodeller')}"
            line(name, kind, n, theirs, f"dex apart at most (median): {listed}")
            good = good and bool(apart) and max(most for most, _ in apart.values()) < APART
    if not installed:
        print("atmodeller is not installed (pip install atmodeller): nothing to compare with.")
    print("ok" if good else "FAILED")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    if "--worker" in sys.argv:
        worker()
    else:
        main()
