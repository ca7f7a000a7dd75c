"""The pile as the lower part of a column that loses heat at a prescribed rate: reports/pile.md.

    python validation/pile.py [-o FILE] [--cells N] [--again]

-o FILE: the table is written at the end of this file after each run. Runs that are in the file are not
repeated, so that an interrupted script continues; --again: repeat them. The table is always printed.
The surface loses heat at a constant rate, that of a mantle which is at its solidus after TAU; there is no
atmosphere. Fe# of the ocean is quoted at solid fractions of the pile, as in the prototype of this model.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import sympy
from pile_limit import limit

import mocoupled as mo
from mocoupled.closures.iron_magnesium import exchange
from mocoupled.constants import YEAR
from mocoupled.cumulates.of_case import pile
from mocoupled.dae.declare.field import Inflow
from mocoupled.dae.declare.model import Balance, Model, Parameter, join
from mocoupled.dae.solve.field_system import FieldSystem
from mocoupled.dae.solve.integrate import Event, Trajectory, march
from mocoupled.interior.silicate_eos import solid_phase
from mocoupled.interior.static_structure import structure
from mocoupled.planet import mantle_of_case
from mocoupled.planet.chemistry_of_case import resolve
from mocoupled.planet.laws_of_case import laws_of
from mocoupled.reservoirs.column_iron import melt_composition

MARK = "<!-- table, written by validation/pile.py -->\n"
SHARES = (0.5, 0.775, 0.9, 0.95, 0.97)
MOST_STEPS = 20000
FRONT = 0.4  # melt fraction of the front
# of the mass of the pile: melt that its compaction brings through the front, see FRONT
COMPACTION = 0.4
LIMIT, LIMIT_CELLS = "closed limit", 200
COLUMNS = (
    "planet", "variant", "TAU, Myr", "cells", *(f"Fe# at {share}" for share in SHARES), "last share",
    "melt there", "core, K", "pile iron, Fe#", "heat through the front, MJ/kg", "melt returned, mantles",
    "energy", "iron", "steps", "CPU, s",
)  # fmt: skip


@dataclass(frozen=True)
class Variant:
    """planet; TAU [Myr]; keys that differ from the shipped case."""

    name: str
    planet: str = "earth"
    tau: float = 10.0
    keys: Mapping[str, Any] = field(default_factory=dict)


def variants() -> list[Variant]:
    """The runs, the base of both planets first."""
    runs = []
    for planet in ("earth", "mars"):
        runs += [
            Variant("base, 1e18 Pa s", planet),
            Variant("no mixing of iron by the pile", planet, keys={"cumulates.mix_iron": False}),
            Variant("pile does not convect", planet, keys={"cumulates.remelting": False}),
        ]
        runs += [
            Variant(f"{viscosity:g} Pa s", planet, keys={"cumulates.viscosity": viscosity})
            for viscosity in (1e17, 1e19, 1e21)
        ]
        runs.append(Variant("fast", planet, tau=0.15))
    bulk = {"cumulates.melt_density": "bulk"}
    runs.append(Variant("densities of the bulk", keys=bulk))
    return runs


def system_of(variant: Variant, cells: int) -> FieldSystem:
    """The column with its core, without an atmosphere."""
    keys = {"cumulates.coupled": True, "mantle.cells": cells, **variant.keys}
    case = mo.Case.read(variant.planet).replace(keys | {"melt.composition": "BSE"})
    inside = structure(case.planet)
    laws = laws_of(case, resolve(case, inside.mantle_mass), inside)
    first = mantle_of_case.initial_temperature(case, inside, laws)
    mantle = mantle_of_case.mantle_of(case, inside, laws, pile(case), first)
    loss = Parameter("loss", 0.0, "W", "heat lost at the surface")
    lost = Model(
        parameters=(loss,),
        inflows=(Inflow("first", -loss.symbol, component="entropy"),),
        balances=(Balance("energy", source=-loss.symbol),),
    )
    return FieldSystem(join("pile", mantle.model, lost).check())


def losing_heat(variant: Variant, system: FieldSystem) -> FieldSystem:
    """The column with the constant heat loss after which it is at its solidus when TAU is over."""
    start = system.start().x
    solid = start.copy()
    solid[: system.inner : 2] = system.field.profiles["solid_entropy"]
    heat = system.state_value("mantle_heat")
    return system.at({"loss": (heat(start) - heat(solid)) / (variant.tau * 1e6 * YEAR)})


def marched(variant: Variant, system: FieldSystem) -> Trajectory:
    """The run to the last of SHARES."""
    share, tau = pile_share(system), variant.tau * 1e6 * YEAR
    end = Event("pile", "the pile has its last share", lambda _, x: SHARES[-1] - share(x))
    return march(
        system,
        system.start().x,
        3 * tau,
        events=[end],
        stabilisation=1 / YEAR,
        max_steps=MOST_STEPS,
        rtol=1e-6,
    )


def pile_share(system: FieldSystem) -> Any:
    """A function of the state: the share of the pile in the mass of the mantle."""
    mass, total = system.state_value("pile_mass"), float(np.sum(system.field.profiles["cell_mass"]))
    return lambda x: mass(x) / total


def row(variant: Variant, cells: int) -> str:
    """One run as a row of the table."""
    begun = time.process_time()
    system = losing_heat(variant, system_of(variant, cells))
    trajectory = marched(variant, system)
    spent = time.process_time() - begun
    names = [output.name for output in system.model.outputs]
    share = pile_share(system)
    solid = np.array([share(x) for x in trajectory.states])
    ocean = system.state_value("ocean_melt_iron"), system.state_value("ocean_melt")
    number = np.array([100 * ocean[0](x) / ocean[1](x) for x in trajectory.states])
    reached = [first_at(solid, number, s) for s in SHARES]
    last = dict(zip(names, system.outputs(trajectory.states[-1], time=trajectory.time[-1])[0]))
    iron = system.state_value("iron_mass")
    lost = abs(iron(trajectory.states[-1]) / iron(trajectory.states[0]) - 1)
    total = float(np.sum(system.field.profiles["cell_mass"]))
    energy = trajectory.balance_drift[:, [b.name for b in system.model.balances].index("energy")].max()
    heat, melt = through_front(system, trajectory)
    returned = melt / total - COMPACTION * solid.max()
    cells_of_row = (
        variant.planet, variant.name, f"{variant.tau:g}", str(cells),
        *("" if np.isnan(value) else f"{value:.1f}" for value in reached),
        f"{solid.max():.3f}", f"{last['melt_fraction']:.3f}", f"{last['core_mantle_temperature']:.0f}",
        f"{100 * last['pile_iron']:.2f}", f"{heat / total / 1e6:.3f}", f"{returned:.2f}",
        f"{energy:.0e}", f"{lost:.0e}", str(len(trajectory.time) - 1), f"{spent:.0f}",
    )  # fmt: skip
    return f"| {' | '.join(cells_of_row)} |"


def first_at(solid: np.ndarray, number: np.ndarray, share: float) -> float:
    """Fe# when the pile first has a share; NaN where it never does."""
    there = np.flatnonzero(solid >= share - 1e-9)
    if not there.size:
        return float("nan")
    k = int(there[0])
    return float(np.interp(share, solid[k - 1 : k + 1], number[k - 1 : k + 1])) if k else float(number[0])


def through_front(system: FieldSystem, trajectory: Trajectory) -> tuple[float, float]:
    """Heat [J] and melt [kg] that have passed the moving front, of melt fraction FRONT.

    While the front is at a face, the heat is what the cells below and the core lose (test_front_heat). Eddies
    end at a stable face: the melt is what takes the iron that these cells lose, X_l of the cell below
    less X_s of the cell above for each kilogram.
    """
    span = system.field.profiles
    names = [output.name for output in system.model.outputs]
    mantle, whole = system.state_value("mantle_heat"), names.index("heat")
    passed, before = np.zeros(2), None
    for time_of, x in zip(trajectory.time, trajectory.states):
        heat, iron = system.storages(x)
        core = system.outputs(x, time=time_of)[0][whole] - mantle(x)
        if before is not None:
            old_heat, old_iron, old_core, k, taken = before
            passed += (
                old_heat[k:].sum() - heat[k:].sum() + old_core - core,
                (old_iron[k:].sum() - iron[k:].sum()) / taken,
            )
        phi = (x[: system.inner : 2] - span["solid_entropy"]) / span["fusion_entropy"]
        below = np.flatnonzero(phi < FRONT)
        before = None
        if below.size and below[0] > 0:
            k, c = int(below[0]), x[1 : system.inner : 2]
            X = [melt_of(c[j], min(max(phi[j], 0.0), 1.0), span["exchange"][j]) for j in (k - 1, k)]
            before = (heat, iron, core, k, X[1] - float(exchange(X[0], span["exchange"][k])))
    return float(passed[0]), float(passed[1])


def melt_of(c: float, melt_fraction: float, K: float) -> float:
    """X_l of the melt of a cell."""
    return float(melt_composition(sympy.Float(c), sympy.Float(melt_fraction), sympy.Float(K)))


def row_of_limit(planet: str) -> str:
    """The closed limit of a planet as a row of the table."""
    variant = Variant(LIMIT, planet)
    begun = time.process_time()
    of_case = mo.Case.read(planet).replace({"cumulates.coupled": True, "melt.composition": "BSE"})
    bulk = pile(of_case).values["bulk_iron"]
    closed = limit(system_of(variant, LIMIT_CELLS), solid_phase(of_case.mantle.solid_eos), bulk)
    last = [float(np.interp(SHARES[-1], closed.share, row)) for row in (closed.heat, closed.returned)]
    iron = 100 * float(np.interp(SHARES[-1], closed.share, closed.pile_iron))
    cells_of_row = (
        planet, LIMIT, "", str(LIMIT_CELLS), *(f"{100 * closed.at(share):.1f}" for share in SHARES),
        f"{SHARES[-1]:.3f}", "", "", f"{iron:.2f}", f"{last[0] / 1e6:.3f}", f"{last[1]:.2f}", "", "", "",
        f"{time.process_time() - begun:.0f}",
    )  # fmt: skip
    return f"| {' | '.join(cells_of_row)} |"


def main() -> None:
    """Run what is missing, and write the table after each run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("-o", type=Path, default=None)
    parser.add_argument("--cells", type=int, default=40)
    parser.add_argument("--again", action="store_true")
    options = parser.parse_args()
    head, rows = "", {}
    if options.o is not None and options.o.exists():
        head, _, table = options.o.read_text().partition(MARK)
        for line in () if options.again else table.splitlines()[2:]:
            if line.startswith("|"):
                rows[tuple(cell.strip() for cell in line.split("|")[1:5])] = line
    wanted = {
        (planet, LIMIT, "", str(LIMIT_CELLS)): partial(row_of_limit, planet) for planet in ("earth", "mars")
    }
    for variant in variants():
        key = (variant.planet, variant.name, f"{variant.tau:g}", str(options.cells))
        wanted[key] = partial(row, variant, options.cells)
    for key, made in wanted.items():
        if key in rows:
            continue
        rows[key] = made()
        print(rows[key], flush=True)
        if options.o is not None:
            lines = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|", *rows.values()]
            options.o.write_text(head + MARK + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
