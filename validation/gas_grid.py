"""The grid of H-C-O compositions on which Cantera's multiphase solvers fail, by our kernel and by Cantera.

H, C, O in whole numbers that add up to 200, with graphite, at 1 atm: 19 701 compositions with all three
elements and 597 on the edges with two. It prints a line for each temperature, and fails on a point that does
not converge, a balance worse than 1e-10 or a disagreement above 1e-6, never on the clock.

    python validation/gas_grid.py [--step N] [-o FILE] [TEMPERATURE ...]      (default: 923 600)

-o FILE: the lines are written at the end of this file, in place of those it has; they are always printed.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
import xarray

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
    whole = [(h, c, SUM - h - c) for h in range(SUM + 1) for c in range(SUM + 1 - h)]
    return np.array([p for p in whole if sum(n > 0 for n in p) > 1], dtype=float)[::step].T


def balance(result: xarray.Dataset, amounts: np.ndarray) -> float:
    """Largest relative difference of an element between gas with graphite and the input. amounts: (element,
    n)."""
    worst = 0.0
    for k, amount in enumerate(amounts):
        gases = [(s, atoms[k]) for s, atoms in ATOMS.items() if s in result.species]
        total = sum(number * result.gas_moles.sel(species=s).values for s, number in gases)
        if k == 1:
            total = total + result.condensate_moles.values[0]
        present = amount > 0
        worst = max(worst, float(np.nanmax(np.abs(total[present] / amount[present] - 1.0))))
    return worst


def line(temperature: float, step: int) -> tuple[str, bool]:
    """The line on the grid at a temperature [K], and whether it is good. step: take every step-th
    composition."""
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
        f"{temperature:g} K: {amounts.shape[1]} points, {failures} failures, balance {worst:.1e}, Cantera "
        f"solved {int(theirs.converged.sum())}, largest |ln| difference {misfit:.1e}, of graphite "
        f"{graphite:.1e} of all atoms, {ours_took:.1f} s (Cantera {theirs_took:.0f} s)"
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
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")  # points without a result are counted in the line
    good, lines = True, []
    for temperature in chosen.temperatures:
        text, fine = line(temperature, chosen.step)
        print(text, flush=True)
        lines.append(text)
        good = good and fine
    if chosen.output:
        before = (
            chosen.output.read_text(encoding="utf-8").partition(MARK)[0] if chosen.output.exists() else ""
        )
        chosen.output.write_text(
            before + MARK + "\n```text\n" + "\n".join(lines) + "\n```\n", encoding="utf-8"
        )
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
