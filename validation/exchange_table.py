"""K_D of iron and magnesium of what crystallises in MgO-FeO-SiO2, 25-136 GPa, for the laws of the package.

Writes mocoupled/closures/exchange_fms.toml. For each reading of the liquid's mixing law and each pressure:
the melt of COMPOSITION crystallises fractionally; where its second solid appears, K_D is (Fe/Mg) of all that
crystallises in a small step over (Fe/Mg) of the melt.

    python validation/exchange_table.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mocoupled.lower_mantle.crystallisation import crystallise
from mocoupled.lower_mantle.phase_diagrams import phase_diagram

TARGET = Path(__file__).parents[1] / "mocoupled" / "closures" / "exchange_fms.toml"
READINGS = ("fitted", "full", "anchored")
# mole fractions of FeO, MgO, SiO2
COMPOSITION = (0.07, 0.508, 0.422)
BULK = ", ".join(map(str, COMPOSITION))
PRESSURES = (25.0, 26.0, 28.0, 31.0, 36.0, 44.0, 52.0, 60.0, 70.0, 85.0, 100.0, 115.0, 129.0, 136.0)  # GPa
# share of the melt that crystallises in a step
STEP = 0.001


def at_onset(pressure: float, mixing: str) -> float:
    """K_D of what crystallises where the second solid appears; pressure [Pa]."""
    states = crystallise(phase_diagram(pressure, mixing), COMPOSITION, until=0.4, step=STEP).states
    first = next(k for k, state in enumerate(states) if len(state.present) == 2)
    before, after = states[first], states[first + 1]
    grown = after.solids.sum(axis=0) - before.solids.sum(axis=0)
    melt = 0.5 * (before.x + after.x)
    return float((grown[0] / grown[1]) / (melt[0] / melt[1]))


def main() -> None:
    """Compute the table and write it."""
    lines = [
        "# (Fe/Mg of all that crystallises)/(Fe/Mg of the melt) in MgO-FeO-SiO2 where the second solid",
        f"# appears, of the melt FeO, MgO, SiO2 = {BULK}, by reading of the mixing law.",
        "# Made by validation/exchange_table.py; pressures in GPa.",
        f"pressure = {list(PRESSURES)}",
    ]
    for mixing in READINGS:
        values = [round(at_onset(P * 1e9, mixing), 5) for P in PRESSURES]
        print(mixing, dict(zip(PRESSURES, np.round(values, 3).tolist())))
        lines.append(f"{mixing} = {values}")
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
