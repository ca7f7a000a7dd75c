"""Random H-C-O states by the default call of mo.gas_equilibrium beside NASA CEA: differences of pressures.

States: temperature 1200 to 3000 K (uniform), pressure 0.1 to 2000 bar, C/H 0.003 to 16 and O/H 0.01 to 28 by
moles (uniform in their logarithms), from a seed. Of each state every gas above 0.1 % of the total pressure by
either program is compared. It fails where one is off by more than 5 % (those with a known reason: more than
stands there), or our kernel does not converge. States that CEA does not solve are counted, and others drawn
in their place.

    python validation/cea_states.py [--states N] [--seed N] [--mechanism NAME] [-o FILE] [--work FOLDER]

It can be stopped: finished states are lines of JSON in the work folder (default validation/work), and are not
computed again. -o FILE: the table is written at the end of this file, in place of the one it has.
Needs `pip install 'mocoupled[cea]'`.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Iterator
from importlib import metadata
from itertools import islice
from pathlib import Path

import numpy as np

import mocoupled as mo
from mocoupled.comparison.cea import by_cea
from mocoupled.constants import BAR

TEMPERATURES, PRESSURES, CARBON, OXYGEN = (1200.0, 3000.0), (0.1, 2000.0), (0.003, 16.0), (0.01, 28.0)
SHARE, ALLOWED = 1e-3, 5.0  # of the total pressure; per cent
MARK = "<!-- table, written by validation/cea_states.py -->\n"


def draw(seed: int) -> Iterator[dict]:
    """States without end: temperature [K], pressure [Pa], element -> mol."""
    chance = np.random.default_rng(seed)
    while True:
        T = float(chance.uniform(*TEMPERATURES))
        P, c, o = (float(np.exp(chance.uniform(*np.log(span)))) for span in (PRESSURES, CARBON, OXYGEN))
        yield {"temperature": T, "pressure": P * BAR, "moles": {"H": 1.0, "C": c, "O": o}}


def both(state: dict, mechanism: str | None) -> dict:
    """Partial pressures [Pa] of the gases above the share by either program, and graphite [mol]."""
    named = {} if mechanism is None else {"mechanism": mechanism}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # points without a result are counted
        ours = mo.gas_equilibrium(**state, **named)
    theirs = by_cea(state["temperature"], state["pressure"], state["moles"])
    if theirs.silent or not bool(ours.converged):
        return state | (
            {"failed": "our kernel did not converge"}
            if not bool(ours.converged)
            else {"unsolved": theirs.silent}
        )
    mine = {str(s): float(ours.pressure.sel(species=s)) for s in ours.species.values}
    rows = {s: (mine.get(s, 0.0), theirs.pressures.get(s, 0.0)) for s in {*mine, *theirs.pressures}}
    larger = {s: pair for s, pair in sorted(rows.items()) if max(pair) > SHARE * state["pressure"]}
    solid = float(ours.condensate_moles.sel(condensate="C(gr)"))
    return state | {
        "pressures": larger,
        "graphite": (solid, theirs.condensates.get("C(gr)", 0.0)),
        "mechanism": str(ours.attrs["mechanism"]),
    }


def percent(pair) -> float:
    """Ours less CEA's, in per cent of CEA's."""
    ours, theirs = pair
    return 100.0 * (ours / theirs - 1.0) if theirs > 0 else np.inf


def lines(results: list[dict], seed: int) -> tuple[list[str], bool]:
    """The table of the results, and whether they are good."""
    failed, unsolved = ([r for r in results if key in r] for key in ("failed", "unsolved"))
    rows = [(s, percent(pair), r) for r in results if "pressures" in r for s, pair in r["pressures"].items()]
    apart = np.abs([p for _, p, _ in rows])
    used = ", ".join(sorted({r["mechanism"] for r in results if "mechanism" in r}))
    text = [
        (
            f"{len(results) - len(unsolved)} states, seed {seed}, mechanism {used}, NASA CEA "
            f"{metadata.version('cea')}: {len(failed)} that our kernel does not solve, and {len(unsolved)} "
            "more that CEA does not"
        ),
        f"{len(rows)} pressures above {SHARE:.1%} of the total; off by more than 1 %: "
        f"{int((apart > 1).sum())}, 2 %: {int((apart > 2).sum())}, "
        f"5 %: {int((apart > ALLOWED).sum())}; largest {apart.max():.2f} %, median {np.median(apart):.3f} %",
        "",
        f"{'gas':<10}{'states':>7}{'largest, %':>12}{'median, %':>11}   where it is largest",
    ]
    for species in sorted({s for s, _, _ in rows}, key=lambda s: -sum(r[0] == s for r in rows)):
        of_species = [(p, r) for s, p, r in rows if s == species]
        worst, state = max(of_species, key=lambda pair: abs(pair[0]))
        moles = state["moles"]
        place = (
            f"{state['temperature']:.0f} K, {state['pressure'] / BAR:.3g} bar, C/H {moles['C']:.3g}, "
            f"O/H {moles['O']:.3g}"
        )
        median = np.median([p for p, _ in of_species])
        text.append(f"{species:<10}{len(of_species):>7}{worst:>+12.2f}{median:>+11.3f}   {place}")
    solid = [
        r["graphite"] for r in results if "graphite" in r and max(r["graphite"]) > 1e-6 * r["moles"]["C"]
    ]
    if solid:
        text += [
            "",
            (
                f"graphite in {len(solid)} states: largest difference "
                f"{max(abs(percent(pair)) for pair in solid):.2f} %"
            ),
        ]
    far = {s: max(abs(p) for name, p, _ in rows if name == s) for s, p, _ in rows if abs(p) > ALLOWED}
    text += [""] + [f"{s}, {far[s]:.2f} %: more than {ALLOWED:g} %" for s in far]
    return text, not failed and not far


def main() -> int:
    """Compute what is missing, print the table; 1 if a pressure is off by more than is allowed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--states", type=int, default=400)
    parser.add_argument("--seed", type=int, default=20261129)
    parser.add_argument("--mechanism", help="another mechanism than the default call's")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        help="write the table at the end of this file, in place of the one it has",
    )
    parser.add_argument("--work", type=Path, default=Path(__file__).parent / "work")
    chosen = parser.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    kept = chosen.work / f"cea_states-{chosen.seed}-{chosen.mechanism or 'default'}.jsonl"
    results = (
        [json.loads(line) for line in kept.read_text().splitlines() if line.endswith("}")]
        if kept.exists()
        else []
    )
    states = draw(chosen.seed)
    results = [r for r, s in zip(results, states) if all(r[key] == s[key] for key in s)]
    kept.write_text("".join(json.dumps(r) + "\n" for r in results))
    states = islice(draw(chosen.seed), len(results), None)
    with kept.open("a") as file:
        while sum("unsolved" not in r for r in results) < chosen.states:
            results.append(both(next(states), chosen.mechanism))
            file.write(json.dumps(results[-1]) + "\n")
            file.flush()
    text, good = lines(results, chosen.seed)
    print("\n".join(text))
    if chosen.output:
        before = (
            chosen.output.read_text(encoding="utf-8").partition(MARK)[0] if chosen.output.exists() else ""
        )
        chosen.output.write_text(
            before + MARK + "\n```text\n" + "\n".join(text) + "\n```\n", encoding="utf-8"
        )
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
