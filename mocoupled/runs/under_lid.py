"""A lid closes: the state of a run at its lid becomes the start of the planet under the lid.

Temperature, cells and all balances of the mantle and the core go on as they are. The amounts of the gas and
its condensates become the totals of the closed system, and what is dissolved becomes a parameter. The state
is then projected onto these totals and the equilibria: it is the consistent start of the second march.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..dae.generate.python_module import ARITHMETIC
from ..dae.solve.field_system import FieldSystem
from ..dae.solve.integrate import End, Trajectory
from ..dae.solve.system import System
from ..errors import ConvergenceError
from ..planet.assembly import Planet
from ..planet.lid_state import StateAtLid, state_at_lid
from ..results.drifts import scale_number

Compiled = System | FieldSystem

# of a checkpoint of the march under the lid: what it holds of the march before
BEFORE = "before_lid_"
RECORD = (
    "time",
    "states",
    "accumulated",
    "balance_drift",
    "constraint_drift",
    "totals",
)
COUNTS = ("steps", "rates", "jacobians", "factorizations", "wall", "resumed")


@dataclass(frozen=True)
class LidStart:
    """The start of the march under the lid.

    system: with the amounts at the lid as parameters; state; time [s].
    totals (balances,): scaled storages; None: those of the state.
    """

    system: Compiled
    state: np.ndarray
    totals: np.ndarray | None
    time: float


def closed_at(planet: Planet, system: Compiled, under: Compiled, trajectory: Trajectory) -> LidStart:
    """The start under the lid that forms at the end of a trajectory.

    planet, system: before the lid; under: the equations under it.
    ConvergenceError where no state satisfies them.
    """
    time = float(trajectory.time[-1])
    try:
        return _closed_at(planet, system, under, trajectory)
    except ARITHMETIC as error:
        raise ConvergenceError(f"the gas under the lid at {time:.6g} s has no numbers: {error}") from None


def _closed_at(planet: Planet, system: Compiled, under: Compiled, trajectory: Trajectory) -> LidStart:
    """As `closed_at`; an arithmetic error where the state has no numbers."""
    time, state = float(trajectory.time[-1]), trajectory.states[-1]
    values, _ = system.outputs(state, time=time)
    outputs = {(o.name, o.label): v for o, v in zip(planet.model.outputs, values)}
    lid = state_at_lid(planet, outputs)
    under = under.at(lid.parameters)
    before = system.accumulated(trajectory.totals, trajectory.accumulated[-1])
    going_on = {b.name: float(total) for b, total in zip(system.model.balances, before)}
    totals = np.array(
        [
            lid.masses[b.name] / scale_number(b.scale, under) if b.name in lid.masses else going_on[b.name]
            for b in under.model.balances
        ]
    )
    start = under.project(_guess(system, under, state, lid), totals, time=time)
    return LidStart(under, start, totals, time)


def _guess(system: Compiled, under: Compiled, state: np.ndarray, lid: StateAtLid) -> np.ndarray:
    """The state before the lid in the unknowns under it. Reactions have no extent yet."""
    scalars = len(system.names)
    cells = state[: len(state) - scalars]
    known = dict(zip(system.names, state[len(cells) :].tolist()))
    new = {name: 0.0 for name in under.names if name.startswith("extent[")}
    return np.concatenate([cells, [(known | new | lid.unknowns)[name] for name in under.names]])


def is_under_lid(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether the arrays of a checkpoint are of a march under the lid."""
    return any(name.startswith(BEFORE) for name in arrays)


def of_this_march(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of a checkpoint without those of the march before the lid."""
    return {name: values for name, values in arrays.items() if not name.startswith(BEFORE)}


def stored(trajectory: Trajectory) -> dict[str, np.ndarray]:
    """The march before the lid as arrays of a checkpoint."""
    arrays = {name: np.asarray(getattr(trajectory, name)) for name in RECORD}
    arrays["counts"] = np.array([float(trajectory.statistics[name]) for name in COUNTS])
    return {BEFORE + name: values for name, values in arrays.items()}


def restored(arrays: Mapping[str, np.ndarray], end: End) -> Trajectory:
    """The march before the lid, from the arrays of a checkpoint; end: the lid."""
    record = {name: arrays[BEFORE + name] for name in RECORD}
    counts = arrays[BEFORE + "counts"].tolist()
    statistics = {n: v if n == "wall" else int(v) for n, v in zip(COUNTS, counts)}
    return Trajectory(
        time=record["time"],
        states=record["states"],
        accumulated=record["accumulated"],
        balance_drift=record["balance_drift"],
        constraint_drift=record["constraint_drift"],
        totals=record["totals"],
        end=end,
        statistics=statistics,
    )
