"""The whole grid of H-C-O compositions on which Cantera's multiphase solvers fail, ours beside Cantera's: one line a temperature.

H, C, O in whole numbers that add up to 200, with graphite, at 1 atm: 19 701 compositions with all three elements and
597 on the edges with two. It fails on a point that does not converge, a balance worse than 1e-10 or a disagreement
above 1e-6, never on the clock.

    python validation/gas_grid.py [--step N] [-o FILE] [TEMPERATURE ...]      (default: 923 600)

-o FILE: the lines are written at the end of this file, in place of those it has; they are printed in any case.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np

import mocoupled as mo

ATOMS = {
    "H2": (2, 0, 0),
    "H2O": (2, 0, 1),
    "CO": (0, 1, 1),
    "CO2": (0, 1, 2),
    "CH4": (4, 1, 0),
    "O2": (0, 0, 2),
}
SUM, PRESSURE, MECHANISM = 200, 101325.0, "volatiles"
BALANCE, DISAGREEMENT = 1e-10, 1e-6
MARK = "<!-- tables, written by validation/gas_grid.py -->\n"


def compositions(step: int = 1) -> np.ndarray:
    """H, C, O (3, n) on whole numbers that add up to 200, at least two of them present."""
    found = [(h, c, SUM - h - c) for h in range(0, SUM + 1) for c in range(0, SUM + 1 - h)]
    return np.array([p for p in found if sum(n > 0 for n in p) > 1], dtype=float)[::step].T


def balance(found, amounts) -> float:
    """Largest |held / given - 1| of an element."""
    worst = 0.0
    for k, given in enumerate(amounts):
        held = sum(
            atoms[k] * found.gas_moles.sel(species=s).values
            for s, atoms in ATOMS.items()
            if s in found.species
        )
        held = held + (found.condensate_moles.values[0] if k == 1 else 0.0)
        worst = max(worst, float(np.nanmax(np.abs(held[given > 0] / given[given > 0] - 1.0))))
    return worst


def line(temperature: float, step: int) -> tuple[str, bool]:
    """What the grid gives at a temperature, and whether it is good."""
    amounts = compositions(step)
    moles = dict(zip("HCO", amounts))
    start = time.perf_counter()
    ours = mo.gas_equilibrium(temperature, PRESSURE, moles, mechanism=MECHANISM)
    ours_took = time.perf_counter() - start
    start = time.perf_counter()
    theirs = mo.gas_equilibrium(temperature, PRESSURE, moles, mechanism=MECHANISM, engine="cantera")
    theirs_took = time.perf_counter() - start
    both = (ours.converged & theirs.converged).values
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.abs(np.log(ours.mixing_ratio.values / theirs.mixing_ratio.values))[:, both]
    main = np.maximum(ours.mixing_ratio.values, theirs.mixing_ratio.values)[:, both] > 1e-9
    misfit = float(apart[main].max())
    graphite = float(
        np.abs(ours.condensate_moles.values - theirs.condensate_moles.values)[:, both].max() / SUM
    )
    failures, worst = int((~ours.converged).sum()), balance(ours, amounts)
    text = (
        f"{temperature:g} K: {amounts.shape[1]} points, {failures} failures, balance {worst:.1e}, Cantera solved {int(theirs.converged.sum())}, "
        f"largest |ln| difference {misfit:.1e}, of graphite {graphite:.1e} of all atoms, {ours_took:.1f} s (Cantera {theirs_took:.0f} s)"
    )
    return text, not failures and worst <= BALANCE and misfit <= DISAGREEMENT


def main() -> int:
    """Print a line for each temperature; 1 if one of them is bad."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("temperatures", nargs="*", type=float, default=[923.0, 600.0])
    parser.add_argument("--step", type=int, default=1, help="take every N-th composition")
    parser.add_argument(
        "-o", "--output", type=Path, help="write the lines at the end of this file, in place of those it has"
    )
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # points without a result are counted in the line
    good, lines = True, []
    for temperature in asked.temperatures:
        text, fine = line(temperature, asked.step)
        print(text, flush=True)
        lines.append(text)
        good = good and fine
    if asked.output:
        before = asked.output.read_text(encoding="utf-8").partition(MARK)[0] if asked.output.exists() else ""
        asked.output.write_text(
            before + MARK + "\n```text\n" + "\n".join(lines) + "\n```\n", encoding="utf-8"
        )
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
