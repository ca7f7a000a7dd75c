"""The projected states of one march while they are collected, and as arrays for a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .bdf import FreshBDF
from .field_system import FieldSystem
from .sensitivity_march import Slopes, Staggered
from .system import Settled, System


class Record:
    """Collects projected states of one march.

    time [s]; states (unknowns,); accumulated (sourced balances,).
    drifts: of each balance and the largest one of a constraint, before projection.
    marks: name of an event that the march passed -> its time [s].
    beside: sensitivities that are recorded too, or None.
    """

    def __init__(
        self,
        system: System | FieldSystem,
        parameters: Sequence[float],
        totals: np.ndarray,
        beside: Staggered | None = None,
    ) -> None:
        self.system, self.parameters, self.totals, self.beside = system, parameters, totals, beside
        self.time: list[float] = []
        self.states: list[np.ndarray] = []
        self.accumulated: list[np.ndarray] = []
        self.drifts: list[tuple[np.ndarray, float]] = []
        self.marks: dict[str, float] = {}

    def settle(self, time: float, y: np.ndarray) -> Settled:
        """The projected state at y, and the drift that y had."""
        n = self.system.size
        return self.system.settle(y[:n], self.totals, y[n:], self.parameters, time)

    def add(self, time: float, y: np.ndarray, settled: Settled | None = None) -> None:
        """Add the state at y; settled: what `settle` returned for it, where that is known."""
        state, balances, constraints = self.settle(time, y) if settled is None else settled
        self.drifts.append((balances, constraints))
        self.states.append(state)
        self.time.append(time)
        self.accumulated.append(np.array(y[self.system.size :]))
        if self.beside is not None:
            self.beside.add(time, state)

    def advance(self, solver: FreshBDF) -> None:
        """Take what goes beside the march through the step that the solver has taken."""
        if self.beside is not None:
            self.beside.advance(solver)

    def slopes(self) -> Slopes | None:
        """The derivatives that were recorded."""
        return None if self.beside is None else self.beside.slopes()

    def moment(self) -> dict[str, np.ndarray]:
        """What goes beside the march, between two steps, as arrays."""
        return {} if self.beside is None else self.beside.moment()

    def arrays(
        self, length: int | None = None, marks: Mapping[str, float] | None = None
    ) -> dict[str, np.ndarray]:
        """The record as arrays; or its first `length` states, with the marks of that time."""
        balances, constraints = zip(*self.drifts[:length])
        marks = self.marks if marks is None else marks
        beside = {} if self.beside is None else self.beside.arrays(length)
        return beside | {
            "time": np.array(self.time[:length]),
            "states": np.array(self.states[:length]),
            "accumulated": np.array(self.accumulated[:length]),
            "balance_drift": np.array(balances),
            "constraint_drift": np.array(constraints),
            "totals": np.array(self.totals),
            "mark_names": np.array(list(marks), dtype=str),
            "mark_times": np.array(list(marks.values()), dtype=float),
        }

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Continue the record of an earlier march."""
        self.time = arrays["time"].tolist()
        self.states, self.accumulated = list(arrays["states"]), list(arrays["accumulated"])
        self.drifts = list(zip(arrays["balance_drift"], arrays["constraint_drift"].tolist()))
        self.totals = arrays["totals"]
        self.marks = dict(zip(arrays["mark_names"].tolist(), arrays["mark_times"].tolist()))
        if self.beside is not None:
            self.beside.restore(arrays)
