"""The same random planets solved by mocoupled and by an installed `atmodeller`: agreement, speed, start and memory.

python validation/benchmarks/beside_atmodeller.py [points]

Each program answers in a fresh process of its own, through its documented public functions and from a cold start: an
ideal gas of H2, H2O, CO, CO2, CH4 at a given oxygen fugacity above a mantle that dissolves H2O and CO2 by the same laws;
then with graphite. Species data are each program's own; pressures agree to 0.003 dex, methane's to 0.02 (atmodeller
1.0.2). Fails where mocoupled leaves a point unsolved or the two are apart by more than APART; never on the clock.
Without `atmodeller` it says so and solves its own side alone. A batch is timed when its shape is compiled.
"""

import importlib.metadata
import importlib.util
import json
import resource
import subprocess
import sys
import time

import numpy as np

SPECIES = ("H2", "H2O", "CO", "CO2", "CH4")
RADIUS, GRAVITY = 6.371e6, 10.0  # m, m/s2
GRAVITATION = 6.6743e-11
OCEAN = 1.55e20  # kg of hydrogen
APART = (
    0.05  # dex; of gases above SHARE of the whole, away from the conditions where graphite is about to form
)
SHARE = 1e-3


def random_box(n, graphite, seed=7):
    """1-10 oceans, C/H 0.01-5 (with graphite: 2-10), IW-2 to IW+4 (-3 to -1), any melt fraction, 1400-3000 K."""
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


def with_mocoupled(n, graphite):
    """Times, pressures and what `with_atmodeller` needs to solve the same planets."""
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
    given = random_box(n, graphite)
    first = {name: float(values[0]) for name, values in given.items()}
    mo.equilibrium(case, **first).surface_pressure.item()
    told = {"first": time.perf_counter() - begun}
    told["each"] = _best(lambda: mo.equilibrium(case, **first), 20)
    mo.equilibrium(case, **given)
    told["batch"] = _best(lambda: mo.equilibrium(case, **given), 5)
    found = mo.equilibrium(case, **given)
    from mocoupled.interior.static_structure import structure

    return told | {
        "pressures": {s: found.pressure.sel(species=s).values / 1e5 for s in SPECIES},
        "solved": found.converged.values,
        "log10_fO2": found.log10_fO2.values,
        "graphite": (found.graphite_mass / given["carbon"]).values if graphite else np.zeros(n),
        "mantle_mass": structure(case.planet).mantle_mass,
    }


def with_atmodeller(n, graphite, fO2, mantle_mass):
    """The same from atmodeller; fO2 [bar] of each planet, mantle_mass [kg]."""
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
    given = random_box(n, graphite)
    mass = GRAVITY * RADIUS**2 / GRAVITATION

    def solve(model, k):
        """Solve the planets of an index or slice; a model keeps to the shape that it is first asked for."""
        planet = Planet(
            planet_mass=mass,
            core_mass_fraction=1 - mantle_mass / mass,
            mantle_melt_fraction=given["melt_fraction"][k],
            surface_radius=RADIUS,
            temperature=given["temperature"][k],
        )
        model.solve(
            state=planet,
            fugacity_constraints={"O2_g": FixedFugacityConstraint(fO2[k])},
            mass_constraints={"H": given["hydrogen"][k], "C": given["carbon"][k]},
        )

    model = EquilibriumModel(network)
    solve(model, 0)
    model.output.asdict()
    told = {"first": time.perf_counter() - begun}
    told["each"] = _best(lambda: solve(model, 0), 20)
    model = EquilibriumModel(network)
    solve(model, slice(None))
    found = model.output.asdict()
    told["batch"] = _best(lambda: solve(model, slice(None)), 3)
    solved = np.asarray(found["solver"]["status"], dtype=bool) & np.asarray(
        found["solver"]["converged"], dtype=bool
    )
    return told | {
        "pressures": {s: np.asarray(found[f"{s}_g"]["pressure"]) for s in SPECIES},
        "solved": solved,
    }


def _best(call, times):
    best = np.inf
    for _ in range(times):
        begun = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - begun)
    return best


def in_process(name, *arguments):
    """What a function of this file returns, called in a fresh process, and that process's memory [MB]."""
    text = json.dumps([name, arguments], default=np.ndarray.tolist)
    out = subprocess.run([sys.executable, __file__, "--worker"], input=text, capture_output=True, text=True)
    if out.returncode:
        sys.exit(f"{name} failed:\n{out.stderr}")
    return json.loads(out.stdout.splitlines()[-1])


def worker():
    name, arguments = json.loads(sys.stdin.read())
    arguments = [np.array(a) if isinstance(a, list) else a for a in arguments]
    found = {"with_mocoupled": with_mocoupled, "with_atmodeller": with_atmodeller}[name](*arguments)
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found, default=np.ndarray.tolist))


def line(name, kind, n, found, more):
    """One line on a program."""
    failed = n - int(np.count_nonzero(found["solved"]))
    print(
        f"{name}, {kind}: N = {n} | failed {failed}, {more} | {n / found['batch']:.0f} solves/s, {1e3 * found['each']:.2f} ms a point | "
        f"first answer {found['first']:.2f} s | {found['memory']:.0f} MB"
    )
    return failed


def compared(ours, theirs):
    """Largest and median |difference| in dex by species, over the gases above SHARE of the whole where both solved and
    graphite is well there or well away."""
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


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    there = importlib.util.find_spec("atmodeller") is not None
    good = True
    for kind, graphite in (("5 gases", False), ("5 gases and graphite", True)):
        ours = in_process("with_mocoupled", n, graphite)
        saturated = np.mean(np.array(ours["graphite"]) > 1e-6)
        good &= (
            line(
                f"mocoupled {importlib.metadata.version('mocoupled')}",
                kind,
                n,
                ours,
                f"{100 * saturated:.0f} % with graphite",
            )
            == 0
        )
        if there:
            fO2 = 10.0 ** np.array(ours["log10_fO2"])
            theirs = in_process("with_atmodeller", n, graphite, fO2, ours["mantle_mass"])
            apart = compared(ours, theirs)
            told = ", ".join(f"{s} {most:.3f} ({middle:.3f})" for s, (most, middle) in apart.items())
            line(
                f"atmodeller {importlib.metadata.version('atmodeller')}",
                kind,
                n,
                theirs,
                f"dex apart at most (median): {told}",
            )
            good &= bool(apart) and max(most for most, _ in apart.values()) < APART
    if not there:
        print("atmodeller is not installed (pip install atmodeller): nothing to compare with.")
    print("ok" if good else "FAILED")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    worker() if "--worker" in sys.argv else main()
