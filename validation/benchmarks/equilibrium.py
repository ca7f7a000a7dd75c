"""Benchmark of the equilibria: error, work and time in one line each; fails on error or work, never on the clock.

python validation/benchmarks/equilibrium.py [points]
"""

import json
import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np

import mocoupled as mo
from mocoupled.equilibria.planet_problem import prepare
from mocoupled.equilibria.points import processors

REFERENCE = Path(__file__).resolve().parents[2] / "tests" / "reference" / "volatile_equilibrium.json"
OCEAN_MOLES = 2 * 7.68894973907177e22
OCEAN = 1.55e20  # kg of hydrogen
GASES = "H2 H2O CO CO2 CH4 H OH N2 NH3 HCN NO S2 H2S SO2 COS SO S SH CS CS2 He".split()
# bar, at 2000 K, IW+0.5, half molten, 3 oceans, C/H = 1, 3 ppm N, 200 ppm S, 1e-4 ppm He: an independent solver's, with other
# laws for N2 and S2, which change the mean molar mass and with it these by less than 1e-3
STATE = {"CO": 171.25, "CO2": 45.535, "H2O": 13.184, "H2": 10.817}


def random_box(n, seed=1):
    """The box of the paper: 1-10 oceans, C/H 0-5, dIW -2 to 4, any melt fraction, 1400-3000 K."""
    rng = np.random.default_rng(seed)
    oceans, ratio = rng.uniform(1, 10, n), rng.uniform(0.01, 5, n)
    return {
        "temperature": rng.uniform(1400, 3000, n),
        "melt_fraction": rng.uniform(0, 1, n),
        "moles_H": oceans * OCEAN_MOLES,
        "moles_C": ratio * oceans * 1.55e20 / 0.0120107,
        "oxygen_fugacity_offset": rng.uniform(-2, 4, n),
    }


def wide_box(n, mantle, weights, seed=3):
    """0.1-20 oceans, C/H 1e-3 to 10, N 0.01-100 ppm, S 0.1-1000 ppm, 1e-4 ppm He, dIW -4 to 5, 1400-3000 K.

    mantle: its mass [kg]; weights: atomic weights [kg/mol].
    """
    rng = np.random.default_rng(seed)
    hydrogen = 10 ** rng.uniform(-1, 1.3, n) * OCEAN
    masses = {
        "H": hydrogen,
        "C": hydrogen * 10 ** rng.uniform(-3, 1, n),
        "N": mantle * 10 ** rng.uniform(-8, -4, n),
        "S": mantle * 10 ** rng.uniform(-7, -3, n),
        "He": np.full(n, 1e-10 * mantle),
    }
    given = {"temperature": rng.uniform(1400, 3000, n), "melt_fraction": rng.uniform(0, 1, n)}
    return (
        given
        | {"oxygen_fugacity_offset": rng.uniform(-4, 5, n)}
        | {f"moles_{e}": m / weights[e] for e, m in masses.items()}
    )


def batch(name, case, n, given=None, most=6.0, error=None):
    """One line on a kernel: convergence, residual, iterations and solves per second (best of five).

    given: name -> (n,) array, the box of the paper where there is none; most: mean iterations that are accepted; error:
    text and verdict of a comparison with a reference.
    """
    kernel = prepare(case).batch
    given = given or random_box(n)
    given = {name: given[name] for name in kernel.vary}
    best, points = np.inf, None
    for _ in range(5):
        del points  # its memory is used again
        begun = time.perf_counter()
        points = kernel.solve(given, threads=processors())
        best = min(best, time.perf_counter() - begun)
    told, good = error or ("", True)
    ok = (
        good
        and bool(points.converged.all())
        and points.residual.max() < 1e-12
        and points.iterations.mean() < most
    )
    print(
        f"{name}: N = {n}, {processors()} processors | failed {np.count_nonzero(~points.converged)}, "
        f"largest residual {points.residual.max():.1e}{told} | iterations {points.iterations.mean():.2f} mean, "
        f"{points.iterations.max()} most | {n / best / 1e6:.2f} million solves/s | {'ok' if ok else 'FAILED'}"
    )
    return ok


def many_gases(n):
    """The line on 21 gases of H, C, O, N, S and He."""
    case = mo.Case.read("earth").replace(
        {
            "chemistry.mechanism": "chons",
            "chemistry.graphite": False,
            "chemistry.species": GASES,
            "volatiles.nitrogen": "3 ppmw",
            "volatiles.sulfur": "200 ppmw",
            "volatiles.helium": "1e-4 ppmw",
            "volatiles.solubility.N2": "basalt-Dasgupta2022",
            "volatiles.solubility.S2": "basalt-Boulliung2023",
        }
    )
    found = mo.equilibrium(case, 2000.0, 0.5)
    apart = max(abs(float(found.pressure.sel(species=s)) / 1e5 / p - 1) for s, p in STATE.items())
    planet = prepare(case).planet
    given = wide_box(n, planet.structure.mantle_mass, planet.chemistry.mechanism.atomic_weights)
    error = f", error of the reference state {apart:.1e}", apart < 1e-3
    return batch(f"{len(found.species)} species and 6 elements, nasa7", case, n, given, 8.0, error)


def one_point(case):
    """One line on a single point through the public face, and its error against the reference file."""
    mo.equilibrium(case, 1650.0, 0.3)
    begun = time.perf_counter()
    for _ in range(1000):
        mo.equilibrium(case, 1650.0, 0.3)
    each = (time.perf_counter() - begun) / 1000
    entry = next(e for e in json.loads(REFERENCE.read_text())["cases"] if e["id"] == "nasa04")
    same = mo.Case.read("E1").replace(
        {"volatiles.hydrogen": "3 ocean", "volatiles.carbon": "1 C/H", "chemistry.thermochemistry": "nasa7"}
    )
    found = mo.equilibrium(same, 1650.0, 0.02)
    error = max(abs(float(found.pressure.sel(species=s)) / 1e5 / p - 1) for s, p in entry["p_bar"].items())
    print(
        f"one point through mo.equilibrium: error {error:.1e} | {1e3 * each:.3f} ms | {'ok' if error < 1e-9 else 'FAILED'}"
    )
    return error < 1e-9


def first_answer():
    """One line on a fresh process: import to first answer, and its memory."""
    code = (
        "import time; t = time.perf_counter(); import mocoupled as mo; "
        "print(float(mo.equilibrium(mo.Case.read('earth'), 1650.0, 0.3).surface_pressure), time.perf_counter() - t)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    ok = abs(float(out[0]) / 1e5 - 270.38) < 0.005  # bar, as the README prints it
    print(
        f"first answer of a fresh process: {float(out[0]) / 1e5:.2f} bar | {float(out[1]):.2f} s | {memory:.0f} MB | {'ok' if ok else 'FAILED'}"
    )
    return ok


def main():
    warnings.simplefilter("ignore", mo.CalibrationWarning)
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    earth = mo.Case.read("earth")
    checks = [
        first_answer(),  # while this process is small: its memory counts as the child's
        batch("5 species, bower2022", mo.Case.read("F3-C1"), n),
        batch("5 species, nasa7", earth.replace({"chemistry.graphite": False}), n),
        batch("5 species and graphite, nasa7", earth, n),
        many_gases(n),
        one_point(earth),
    ]
    print(f"memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    sys.exit(0 if all(checks) else 1)


if __name__ == "__main__":
    main()
