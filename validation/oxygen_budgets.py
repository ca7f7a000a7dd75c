"""Random equilibria with a budget of oxygen, each beside the closed system at its pressure; writes a report.

    python validation/oxygen_budgets.py [--states 20000] [--mechanism hco --mechanism chons]

The report is reports/oxygen_budgets.md. Resumable: each batch of 1000 states is stored in a folder (--store)
and not computed again. Counts the states that did not converge though the closed system did, and the largest
difference of a pressure where nothing is dissolved.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path

import numpy as np

import mocoupled as mo
from mocoupled.equilibria.planet_problem import SYMBOLS, prepare

REPORT = Path(__file__).parent / "reports" / "oxygen_budgets.md"
BATCH = 1000
SMALLEST = 1e-290  # Pa; below, floats lose digits (denormal numbers), and pressures are not compared
ELEMENTS = {
    "hco": ("hydrogen", "carbon", "oxygen"),
    "chons": ("hydrogen", "carbon", "nitrogen", "sulfur", "chlorine", "helium", "oxygen"),
}
AREA_PER_GRAVITY = 4 * np.pi * 6371e3**2 / 10.0  # m s2, of the case earth
SYMBOL = {name: symbol for symbol, name in SYMBOLS.items()}


def batch(mechanism: str, number: int) -> dict[str, float]:
    """Counts and largest differences of a batch of random states: half without melt, half with some."""
    random = np.random.default_rng([number, len(mechanism)])
    case = mo.Case.read("earth").replace(
        {
            "chemistry.mechanism": mechanism,
            "redox.oxygen": "1e21 kg",
            "redox.oxygen_fugacity": "none",
            "redox.buffer": "none",
        }
    )
    names = ELEMENTS[mechanism]
    prepared = prepare(case, names)
    low, high = prepared.planet.chemistry.temperature_limits
    weights = prepared.planet.chemistry.mechanism.atomic_weights
    temperature = random.uniform(max(low, 200.0), min(high, 5000.0), BATCH)
    masses = {name: 10 ** random.uniform(17.0, 23.0, BATCH) for name in names}
    melt = np.where(np.arange(BATCH) < BATCH // 2, 0.0, random.uniform(0.0, 1.0, BATCH))
    state = mo.equilibrium(case, temperature, melt, **masses)
    moles = {SYMBOL[name]: mass / weights[SYMBOL[name]] for name, mass in masses.items()}
    # Pa, of all volatiles in the gas: where the planet has no state.
    whole = sum(masses.values()) / AREA_PER_GRAVITY
    pressure = np.where(state.converged, state.surface_pressure, np.clip(whole, 1e-10, 1e11))
    closed = mo.gas_equilibrium(temperature, pressure, moles, mechanism=mechanism)
    ours, theirs = state.pressure.sel(species=closed.species).values, closed.pressure.values
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.where((ours > SMALLEST) & (theirs > SMALLEST), np.abs(np.log(ours / theirs)), 0.0)
    both = state.converged.values & closed.converged.values & (melt == 0.0)
    return {
        "low": max(low, 200.0),
        "high": min(high, 5000.0),
        "states": BATCH,
        "unconverged": int((~state.converged & closed.converged).sum()),
        "closed_unconverged": int((~closed.converged).sum()),
        "residual": float(state.residual.max()),
        "difference": float(apart[:, both].max(initial=0.0)),
    }


def main() -> None:
    """Compute the missing batches and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--states", type=int, default=20000)
    parser.add_argument("--mechanism", action="append", choices=tuple(ELEMENTS))
    parser.add_argument("--store", default="runs/oxygen_budgets")
    options = parser.parse_args()
    store = Path(options.store)
    store.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    rows = []
    for mechanism in options.mechanism or ELEMENTS:
        done = []
        for number in range(options.states // BATCH):
            file = store / f"{mechanism}-{number}.json"
            if not file.exists():
                file.write_text(json.dumps(batch(mechanism, number)), encoding="utf-8")
            done.append(json.loads(file.read_text(encoding="utf-8")))
            print(mechanism, number, done[-1], flush=True)
        counted = ("states", "unconverged", "closed_unconverged")
        total = {key: sum(counts[key] for counts in done) for key in counted}
        worst = {key: max(counts[key] for counts in done) for key in ("residual", "difference")}
        rows.append(
            f"| {mechanism} | {total['states']} | {done[0]['low']:g} to {done[0]['high']:g} K | "
            f"{total['unconverged']} | {total['closed_unconverged']} | {worst['residual']:.1e} | "
            f"{worst['difference']:.1e} |"
        )
    heads = (
        "mechanism",
        "states",
        "temperatures",
        "not converged, though the closed system is",
        "closed systems not converged",
        "largest residual",
        "largest ln difference of a pressure without melt",
    )
    table = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *rows]
    REPORT.write_text(
        "# Budgets of oxygen at random\n\n`python validation/oxygen_budgets.py` writes this page. The states "
        "are random. The mass of each element is log-uniform from 1e17 to 1e23 kg, on the planet of `earth`. "
        "The melt fraction is 0 in one half of the states and uniform in the other. Graphite is allowed. "
        "Each state is compared with a closed system that has the same elements at the resulting surface "
        f"pressure. Only pressures above {SMALLEST:g} Pa are compared, because smaller floats have fewer "
        "digits.\n\n" + "\n".join(table) + "\n",
        encoding="utf-8",
    )
    print("\n".join(rows))


if __name__ == "__main__":
    main()
