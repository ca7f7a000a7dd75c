"""Fugacity coefficients of mixtures beside the mixture classes of `thermo` at random states; writes a report.

    python validation/gas_mixtures.py [--states 1000]

The report is reports/gas_mixtures.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import sympy
import thermo

from mocoupled.chemistry.real_gases import critical_point
from mocoupled.chemistry.real_mixtures import interaction_parameters, mixture_of
from mocoupled.closures.fugacity import CAS
from mocoupled.dae.leaves.external import numeric

REPORT = Path(__file__).parent / "reports" / "gas_mixtures.md"
CLASSES = {"PengRobinson1976-mixture": thermo.PRMIX, "SoaveRedlichKwong1972-mixture": thermo.SRKMIX}


def difference(law: str, states: int) -> tuple[float, int]:
    """The largest difference of ln phi at random states, and the number of known pairs of gases."""
    gases = tuple(CAS)
    random = np.random.default_rng(len(law))
    x = random.dirichlet(np.full(len(gases), 0.3), states)
    T = np.exp(random.uniform(np.log(300.0), np.log(4000.0), states))
    P = np.exp(random.uniform(np.log(1e3), np.log(2e9), states))
    symbols = sympy.symbols(f"T P x:{len(gases)}", positive=True)
    ln_phi = mixture_of(law, gases).ln_phi(symbols[0], symbols[1], symbols[2:])
    ours = np.array(numeric(symbols, ln_phi)(T, P, *x.T)).T
    known = interaction_parameters(law, gases)
    k = [[known.get((a, b), known.get((b, a))) or 0.0 for b in gases] for a in gases]
    points = [critical_point(name) for name in gases]
    constants = {
        "Tcs": [gas.critical_temperature for gas in points],
        "Pcs": [gas.critical_pressure for gas in points],
        "omegas": [gas.acentric_factor for gas in points],
        "kijs": k,
    }
    worst = 0.0
    for number in range(states):
        state = CLASSES[law](T=T[number], P=P[number], zs=x[number].tolist(), **constants)
        theirs = state.lnphis_g if hasattr(state, "lnphis_g") else state.lnphis_l
        worst = max(worst, float(np.abs(ours[number] - np.array(theirs)).max()))
    return worst, sum(value is not None for value in known.values())


def main() -> None:
    """Compare at random states and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--states", type=int, default=1000)
    options = parser.parse_args()
    heads = (
        "law",
        "gases",
        "states",
        "pairs with a known interaction parameter",
        "largest difference of ln phi",
    )
    rows = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for law in CLASSES:
        worst, known = difference(law, options.states)
        pairs = len(CAS) * (len(CAS) - 1) // 2
        rows.append(f"| {law} | {len(CAS)} | {options.states} | {known} of {pairs} | {worst:.1e} |")
    REPORT.write_text(TEXT + "\n".join(rows) + "\n", encoding="utf-8")
    print("\n".join(rows))


TEXT = """# Mixtures of real gases

`python validation/gas_mixtures.py` writes this page. Compositions are random (Dirichlet, 0.3), temperatures
log-uniform from 300 to 4000 K, pressures from 0.01 bar to 20 kbar. The oracles are the classes PRMIX and
SRKMIX of `thermo`, with the same critical points and interaction parameters. Both take the root of the gas,
which is the only one of many states.

"""


if __name__ == "__main__":
    main()
