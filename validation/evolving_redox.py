"""Redox that evolves beside buffered runs of earth at IW-2, IW+0.5 and IW+4; writes the tables of the report.

    python validation/evolving_redox.py [--cells N] [-o FILE]

The runs are without and with strong escape. The mantle is lumped unless --cells names a column; case L of
Bower et al. 2022 is run on a column of 40 cells. Exit status 1 if a run does not reach its lid, or if a
stored state is not an equilibrium or does not conserve an element.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import xarray
from grey import grey

import mocoupled as mo
from mocoupled.closures.registry import names
from mocoupled.constants import YEAR

ESCAPE = {"none": {}, "strong": {"escape.law": "Zahnle2019", "escape.prefactor": 1000.0, "escape.xuv": 40.0}}
REDOX = {
    "buffered": {},
    "Sossi2020": {"redox.ferric_iron": "Sossi2020"},
    "Hirschmann2022": {"redox.ferric_iron": "Hirschmann2022"},
}
MARK = "<!-- tables, written by validation/evolving_redox.py -->\n"
OFFSETS = (-2.0, 0.5, 4.0)
HEAD = (
    "start",
    "escape",
    "redox",
    "ΔIW at the end",
    "log10 fO2",
    "Fe3+/Fe, start",
    "end",
    "H lost",
    "H2, bar",
    "H2O, bar",
    "CO, bar",
    "CO2, bar",
    "total, bar",
    "lifetime, kyr",
)


def row(run: xarray.Dataset, offset: float) -> list[str]:
    """The end of a run in the columns of HEAD after the third."""
    last, ferric = run.isel(time=-1), "ferric_share" in run
    distance = float(last.delta_IW) if ferric else offset
    lost = float(last.escaped_mass) / 2.01588e-3 * 2 if "escaped_mass" in run else 0.0
    hydrogen = float(run.element_moles.sel(element="H")[0])
    bars = [float(last.pressure.sel(species=s)) / 1e5 for s in ("H2", "H2O", "CO", "CO2")] + [
        float(last.surface_pressure) / 1e5
    ]
    shares = [f"{float(run.ferric_share[k]):.4f}" for k in (0, -1)] if ferric else ["", ""]
    return [
        f"{distance:+.2f}",
        f"{float(last.log10_fO2):.2f}",
        *shares,
        f"{lost / hydrogen:.1%}",
        *(f"{p:.4g}" for p in bars),
        f"{float(last.time) / YEAR / 1e3:.4g}",
    ]


def drifts(run: xarray.Dataset) -> tuple[float, float]:
    """The largest drift of an element and of an equilibrium at any stored time.

    Infinite for a run that does not reach its lid.
    """
    if run.attrs["end_name"] != "surface lid":
        return float("inf"), float("inf")
    return float(run.element_drift.max()), float(run.equilibrium_drift.max())


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *body)]
    return "\n".join(lines)


def main() -> int:
    """Run the cases and write the tables; 1 if a run was not good."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, help="a column of N cells in place of the lumped mantle")
    parser.add_argument(
        "-o", "--output", type=Path, help="write the tables at the end of this file, in place of those it has"
    )
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    earth = grey("earth").replace(
        {"mantle.model": "column", "mantle.cells": chosen.cells}
        if chosen.cells
        else {"mantle.model": "lumped"}
    )
    body, worst = [], []
    for offset in OFFSETS:
        for escape, lossy in ESCAPE.items():
            for redox, iron in REDOX.items():
                run = mo.run(earth.replace({"redox.oxygen_fugacity": f"IW{offset:+g}"} | lossy | iron))
                worst.append(drifts(run))
                body.append([f"IW{offset:+g}", escape, redox, *row(run, offset)])
    parts = [table(HEAD, body)]
    body = []
    for name in names("ferric_iron"):
        for partition in (1.0, 0.3) if name == "Sossi2020" else (1.0,):
            run = mo.run(earth.replace({"redox.ferric_iron": name, "redox.ferric_partition": partition}))
            worst.append(drifts(run))
            body.append([name, f"{partition:g}", *row(run, 0.5)])
    parts += [table(("law, from IW+0.5 without escape", "crystals over melt", *HEAD[3:]), body)]
    body = []
    for redox, iron in REDOX.items():
        run = mo.run(mo.Case.read("L").replace({"mantle.cells": 40} | iron))
        worst.append(drifts(run))
        distance, *_, lifetime = row(run, 0.5)
        body.append([redox, distance, f"{float(run.escaped_mass[-1]):.2e}", lifetime])
    parts += [table(("case L, column of 40 cells", "ΔIW at the end", "H2 lost, kg", "lifetime, kyr"), body)]
    element, equilibrium = (max(drift) for drift in zip(*worst))
    parts += [
        f"{len(worst)} runs; largest drift of an element {element:.0e}, of an equilibrium {equilibrium:.0e}."
    ]
    text = "\n\n".join(parts) + "\n"
    print(text)
    if chosen.output:
        before = (
            chosen.output.read_text(encoding="utf-8").partition(MARK)[0] if chosen.output.exists() else ""
        )
        chosen.output.write_text(before + MARK + "\n" + text, encoding="utf-8")
    return 0 if element < 1e-10 and equilibrium < 1e-8 else 1


if __name__ == "__main__":
    raise SystemExit(main())
