"""30 planets of random mass, core, inventory, redox and crystals, to their lid: reports/random_planets.md.

    python validation/random_planets.py [-o FILE] [--again] [--seconds N] [NUMBER ...]

NUMBER: planets to run; by default all. Planets 1 to 10 have a prescribed redox, 11 to 20 ferric iron, and
21 to 30 iron of the magma ocean that is coupled to the column; of these the odd ones have ferric iron in
their cells too. Each is drawn from its number alone.
-o FILE: the table is written at the end of this file after each run. Planets that are in the file are not
repeated, so that an interrupted script continues; --again: repeat them. The table is always printed.
--seconds: a run that needs more processor seconds is a hang, and is ended.
Exit status 1 if a planet crashed, hung or drifted above the limits.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path

import mocoupled as mo
from mocoupled.constants import YEAR

MARK = "<!-- tables, written by validation/random_planets.py -->\n"
SEED = "mocoupled 14"
PLANETS, FERRIC_FROM, COUPLED_FROM = 30, 11, 21
CELLS = 40
# Earth masses; no surface temperature melts the whole mantle of a larger planet with any share of the core
MOLTEN_TO, HOT_START = 2.5, "3400 K"
FERRIC = ("Sossi2020", "Hirschmann2022", "KressCarmichael1991")
SECONDS = 600
# of the stored states, and of the integrator in tolerances of the run
LIMITS = {"energy_drift": 1e-10, "element_drift": 1e-10, "iron_drift": 1e-10, "equilibrium_drift": 1e-8}
INTEGRATOR = 10.0
HEADS = (
    "planet", "mass, M_earth", "core", "H, ppmw", "C/H", "redox", "crystals, mm", "T_eq, K", "iron",
    "outcome", "time, yr", "melt", "gas, bar", "core, K", "element drift", "integrator's energy",
    "steps", "CPU, s",
)  # fmt: skip
SOUND = ("surface lid", "end of time")


def drawn(number: int) -> dict[str, object]:
    """The changes of the earth case for the planet of a number."""
    rng = random.Random(f"{SEED} {number}")
    mass = 10 ** rng.uniform(-2.0, 1.0)
    changes: dict[str, object] = {
        "planet.mass": f"{mass:.4g} M_earth",
        "planet.core_mass_fraction": round(rng.uniform(0.05, 0.6), 3),
        "atmosphere.radiation": "AbeMatsui1985",
        "planet.equilibrium_temperature": round(rng.uniform(150.0, 800.0), 1),
        "volatiles.hydrogen": f"{10 ** rng.uniform(1.0, 3.3):.4g} ppmw",
        "volatiles.carbon": f"{10 ** rng.uniform(-1.0, 0.7):.3g} C/H",
        "mantle.crystal_size": f"{10 ** rng.uniform(-3.0, -1.0):.3g} m",
        "mantle.cells": CELLS,
        "run.initial_surface_temperature": "molten" if mass < MOLTEN_TO else HOT_START,
    }
    offset, law = rng.uniform(-4.0, 4.0), rng.choice(FERRIC)
    changes["redox.oxygen_fugacity"] = f"IW{offset:+.2f}"
    coupled = number >= COUPLED_FROM
    if number >= FERRIC_FROM and (not coupled or number % 2):
        changes["redox.ferric_iron"] = law
    if coupled:
        changes["cumulates.coupled"] = True
    return changes


def described(number: int) -> list[str]:
    """The first cells of a row: the planet as drawn."""
    changes = drawn(number)

    def bare(key: str) -> str:
        return str(changes[key]).split()[0]

    irons = ["coupled"] if "cumulates.coupled" in changes else []
    irons += [str(changes[key]) for key in ("redox.ferric_iron",) if key in changes]
    iron = ", ".join(irons) or "no"
    size = 1e3 * float(bare("mantle.crystal_size"))
    return [
        str(number),
        bare("planet.mass"),
        bare("planet.core_mass_fraction"),
        bare("volatiles.hydrogen"),
        bare("volatiles.carbon"),
        bare("redox.oxygen_fugacity"),
        f"{size:.3g}",
        bare("planet.equilibrium_temperature"),
        iron,
    ]


def outcome(number: int) -> list[str]:
    """The last cells of a row: the run of a planet to its end."""
    begun = time.process_time()
    empty = [""] * (len(HEADS) - len(described(number)) - 2)
    try:
        case = mo.Case.read("earth").replace(drawn(number))
        result = mo.run(case)
    except mo.InputError as error:
        return [f"refused: {_sentence(error)}", *empty, f"{time.process_time() - begun:.0f}"]
    except Exception as error:  # noqa: BLE001 - whatever a run raises is what this table is about
        return [
            f"crash: {type(error).__name__}: {_sentence(error)}",
            *empty,
            f"{time.process_time() - begun:.0f}",
        ]
    last = result.isel(time=-1)
    drifts = {name: float(result[name].max()) for name in LIMITS if name in result}
    integrator = float(result.integrator_energy_drift.max())
    above = [f"{name} {drift:.0e}" for name, drift in drifts.items() if not drift < LIMITS[name]]
    if not integrator < INTEGRATOR * case.run.rtol:
        above.append(f"integrator {integrator:.0e}")
    end = result.attrs["end_name"] + (f"; DRIFT: {', '.join(above)}" if above else "")
    return [
        end,
        f"{float(last.time) / YEAR:.4g}",
        f"{float(last.melt_fraction):.4f}",
        f"{float(last.surface_pressure) / 1e5:.4g}",
        f"{float(last.core_mantle_temperature):.0f}",
        f"{drifts['element_drift']:.0e}",
        f"{integrator:.0e}",
        str(json.loads(result.attrs["statistics"])["steps"]),
        f"{time.process_time() - begun:.0f}",
    ]


def _sentence(error: Exception) -> str:
    """The message of an error on one line of a table."""
    return " ".join(str(error).split()).replace("|", "/")[:200]


def apart(number: int, seconds: int) -> list[str]:
    """`outcome` in a process that ends after some processor seconds, which counts as a hang."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))

    command = [sys.executable, __file__, "--inside", str(number)]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limited, check=False)
    if done.returncode == 0:
        cells: list[str] = json.loads(done.stdout.splitlines()[-1])
        return cells
    empty = [""] * (len(HEADS) - len(described(number)) - 2)
    if done.returncode < 0 and "error" not in done.stderr.lower():
        return [f"hang: more than {seconds} processor seconds", *empty, f"{seconds}"]
    return [f"crash: {_sentence(RuntimeError(done.stderr))}", *empty, ""]


def sound(row: str) -> bool:
    """Whether a row has no crash, no hang and no drift above the limits."""
    end = row.split(" | ")[9]
    return end in SOUND or end.startswith("refused")


def main() -> None:
    """Run what is missing, and write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("numbers", nargs="*", type=int, metavar="NUMBER", help="planets; by default all")
    parser.add_argument("-o", dest="file", type=Path, help="file whose table is replaced")
    parser.add_argument("--again", action="store_true", help="repeat what is in the file")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="limit of a run; default %(default)s")
    parser.add_argument("--inside", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside is not None:
        warnings.simplefilter("ignore")
        print(json.dumps(outcome(arguments.inside)))
        return
    text, before = "", ""
    if arguments.file is not None and arguments.file.exists():
        text, _, before = arguments.file.read_text(encoding="utf-8").partition(MARK)
    rows = {int(n): f"| {n} | {rest}" for n, rest in re.findall(r"^\| (\d+) \| (.*)$", before, re.M)}
    head = f"| {' | '.join(HEADS)} |\n{'|---' * len(HEADS)}|"
    print(head, flush=True)
    for number in arguments.numbers or range(1, PLANETS + 1):
        if arguments.again or number not in rows:
            cells = [*described(number), *apart(number, arguments.seconds)]
            rows[number] = f"| {' | '.join(cells)} |"
        print(rows[number], flush=True)
        if arguments.file is not None:
            table = "\n".join([head, *(rows[n] for n in sorted(rows))])
            arguments.file.write_text(f"{text}{MARK}\n{table}\n", encoding="utf-8")
    sys.exit(0 if all(sound(row) for row in rows.values()) else 1)


if __name__ == "__main__":
    main()
