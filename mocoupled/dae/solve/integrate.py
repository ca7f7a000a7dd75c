"""March a System in time with BDF: events, progress, interruption, continuation; returns a Trajectory."""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from ...errors import ConvergenceError
from ..generate.python_module import ARITHMETIC
from .bdf import FreshBDF
from .blas_threads import one_thread
from .field_system import FieldSystem
from .interruption import deferred_interrupt
from .march_rates import Finite, MarchRates
from .march_record import Record
from .march_state import PREFIX, first_step, restore, solver_arrays, with_matrix
from .sensitivity_march import Equations, Slopes, Staggered
from .system import System

if TYPE_CHECKING:
    pass

Arrays = dict[str, np.ndarray]
Progress = Callable[[float, np.ndarray], None]
Checkpoint = Callable[[Callable[[], Arrays], bool], None]


@dataclass(frozen=True)
class Event:
    """Where value(time, x) crosses zero from above, the march ends, or marks the first time and continues.

    sentence: what has happened, for a person.
    from_above: whether an event that ends the march needs a value above zero before; else a march that begins
    below zero ends at once.
    counts: whether a crossing at this time and state counts; None: every one.
    quantity(time, x): name of the output of which the value is an affine function there; None: not known.
    """

    name: str
    sentence: str
    value: Callable[[float, np.ndarray], float]
    ends: bool = True
    from_above: bool = False
    counts: Callable[[float, np.ndarray], bool] | None = None
    quantity: Callable[[float, np.ndarray], str] | None = None

    def is_past(self, value: float) -> bool:
        """Whether a march that begins with this value has ended already."""
        return self.ends and not self.from_above and value <= 0


@dataclass(frozen=True)
class End:
    """Why a march ended. kind: "event" (a prescribed one), "time", "interrupted" or "failed"."""

    kind: str
    name: str
    sentence: str


@dataclass(frozen=True)
class Trajectory:
    """Projected states of a march.

    time (n,) [s]; states (n, unknowns).
    accumulated (n, sourced balances): the integrated sources in units of their balances' scales.
    balance_drift (n, balances), constraint_drift (n,): drift of the integrator's state before projection.
    They are those of each balance, then of each conserved component of a field, and of the worst constraint.
    totals: scaled storages at the start. marks: name of an event that the march passed -> its time [s].
    statistics: steps, rates, Jacobians, factorizations, wall [s], and the number of continuations.
    slopes: derivatives by parameters, where these were requested.
    """

    time: np.ndarray
    states: np.ndarray
    accumulated: np.ndarray
    balance_drift: np.ndarray
    constraint_drift: np.ndarray
    totals: np.ndarray
    end: End
    marks: dict[str, float] = field(default_factory=dict)
    statistics: dict[str, float] = field(default_factory=dict)
    slopes: Slopes | None = None


def march(
    system: System | FieldSystem,
    start: np.ndarray,
    duration: float,
    *,
    events: Sequence[Event] = (),
    rtol: float = 1e-6,
    stabilisation: float = 0.0,
    parameters: Sequence[float] | None = None,
    begin: float = 0.0,
    totals: np.ndarray | None = None,
    progress: Progress | None = None,
    max_steps: int = 1_000_000,
    checkpoint: Checkpoint | None = None,
    keep_end: bool = False,
    resume: Mapping[str, np.ndarray] | None = None,
    interrupted: Callable[[], bool] | None = None,
    varied: Equations | None = None,
) -> Trajectory:
    """Integrate from the time `begin` to `duration` [s] or to the first event that ends it.

    totals (balances,): scaled storages at the start; None: those of the state.
    start: a converged state. rtol: relative tolerance; the absolute one is rtol times each unknown's scale.
    stabilisation [1/s]: Baumgarte rate alpha. progress(time, state) is called after each step.
    An interruption (Ctrl-C) ends the march after the present step; a step that fails ends it too ("failed").
    checkpoint(arrays, last) is called after each step that is not the end, and after an interruption (last).
    arrays() is all that a later march of the same system takes as `resume` to continue.
    interrupted(): whether Ctrl-C was pressed, of a caller that defers it; None: it is deferred here.
    With keep_end, checkpoint is called at the end too, with the state before the last step.
    A march with other events or a longer duration continues from that as if it had had them from the start.
    varied: whose derivatives are computed beside the march; they do not change it.
    """
    p = system.parameters if parameters is None else parameters
    if totals is None:
        totals = system.totals(start, p)
    rates = MarchRates(system, totals, stabilisation, p)
    beside = None if varied is None else Staggered(varied, rates.both, stabilisation)
    record = Record(system, p, totals, beside)
    y = np.concatenate([start, np.zeros(len(system.sourced))])
    if resume is None:
        record.add(begin, y)
    else:
        record.restore(resume)
    progressing = _March(record, events, progress, _Clock.begun(resume))
    end = progressing.ended_at_start()
    deferred = deferred_interrupt() if interrupted is None else nullcontext(interrupted)
    with deferred as stopped, one_thread():
        if end is None:
            progressing.solver = _solver(rates, y, (begin, duration), rtol, resume, beside)
        while end is None:
            before = progressing.moment() if keep_end else None
            end = progressing.step()
            if end is None and stopped():
                sentence = f"Interrupted at {record.time[-1]:.6g} s, before its end."
                end = End("interrupted", "interrupted", sentence)
            elif end is None and len(record.time) > max_steps:
                end = End("failed", "too many steps", f"No end was reached within {max_steps} steps.")
            if checkpoint is not None:
                progressing.offer(checkpoint, end, before)
    return progressing.trajectory(end)


@dataclass(frozen=True)
class _Clock:
    """Wall time of a march and of those that it continues."""

    start: float
    before: float
    resumed: int

    @classmethod
    def begun(cls, resume: Mapping[str, np.ndarray] | None) -> _Clock:
        """A clock that starts now."""
        if resume is None:
            return cls(clock.perf_counter(), 0.0, 0)
        return cls(clock.perf_counter(), float(resume["wall"]), int(resume["resumed"]) + 1)

    @property
    def wall(self) -> float:
        """Seconds, those of the continued marches included."""
        return self.before + clock.perf_counter() - self.start


def _solver(
    rates: MarchRates,
    y: np.ndarray,
    span: tuple[float, float],
    rtol: float,
    resume: Mapping[str, np.ndarray] | None,
    beside: Staggered | None,
) -> FreshBDF:
    """The integrator at the start, or as it was stored. span [s]: times of the start and of the end."""
    begin, duration = span
    system, jacobian = rates.system, Finite(rates.jacobian)
    solver = with_matrix(
        FreshBDF(
            rates.rate,
            begin if resume is None else float(resume[PREFIX + "t"]),
            y if resume is None else resume[PREFIX + "y"],
            duration,
            rtol=rtol,
            atol=rtol * np.concatenate([system.step_scales, np.ones(len(system.sourced))]),
            jac=jacobian,
            first_step=None if resume is None else first_step(resume, duration),
        )
    )
    restored = resume is not None and restore(solver, resume)
    if restored:
        jacobian.last = solver.J
    if beside is not None:
        beside.attach(solver, restored)
    return solver


@dataclass(frozen=True)
class _Moment:
    """A march between two steps: number of states, marks, and the arrays of the solver and beside it."""

    length: int
    marks: Mapping[str, float]
    solver: Arrays


class _March:
    """A march in progress: solver, record and the events' values at the last state."""

    def __init__(
        self, record: Record, events: Sequence[Event], progress: Progress | None, clock: _Clock
    ) -> None:
        self.record, self.events, self.progress, self.clock = record, events, progress, clock
        self.values = [event.value(record.time[-1], record.states[-1]) for event in events]
        self.solver: FreshBDF | None = None

    def ended_at_start(self) -> End | None:
        """The end by the first event that is true before any step."""
        for event, value in zip(self.events, self.values):
            if event.is_past(value):
                return End("event", event.name, event.sentence)
        return None

    def moment(self) -> _Moment:
        """The march before its next step."""
        return _Moment(len(self.record.time), dict(self.record.marks), self._now())

    def _now(self) -> Arrays:
        """The solver and what goes beside it, as arrays."""
        return solver_arrays(self._solver) | self.record.moment()

    def arrays(self, moment: _Moment | None = None) -> Arrays:
        """All that a later march needs to continue from now, or from an earlier moment."""
        if moment is None:
            arrays = self.record.arrays() | self._now()
        else:
            arrays = self.record.arrays(moment.length, moment.marks) | moment.solver
        return arrays | {"wall": np.array(self.clock.wall), "resumed": np.array(self.clock.resumed)}

    def offer(self, checkpoint: Checkpoint, end: End | None, before: _Moment | None) -> None:
        """Call the checkpoint after a step; before: the moment before it, where its end is to be stored."""
        if end is None or end.kind == "interrupted":
            checkpoint(self.arrays, end is not None)
        elif before is not None and end.kind in ("event", "time"):
            checkpoint(partial(self.arrays, before), True)

    @property
    def _solver(self) -> FreshBDF:
        assert self.solver is not None, "a march without a solver has ended at its start"
        return self.solver

    def step(self) -> End | None:
        """One step of the solver, recorded; the End that it reached, if any."""
        solver = self._solver
        try:
            message = solver.step()
        except (*ARITHMETIC, RuntimeError) as error:  # scipy's sparse factorization raises RuntimeError
            return End("failed", "step failed", f"The step at {solver.t:.6g} s failed: {error}.")
        if solver.status == "failed":
            return End("failed", "step failed", f"The integrator stopped at {solver.t:.6g} s: {message}")
        try:
            self.record.advance(solver)
            settled = self.record.settle(solver.t, solver.y)
            after = [event.value(solver.t, settled[0]) for event in self.events]
            crossed = self._crossed(after)
            end = self._mark(crossed, after) if crossed else None
            if end is not None:
                return end
            if not crossed or solver.t > self.record.time[-1]:
                self.record.add(solver.t, solver.y, settled)
        except ConvergenceError as error:
            return End("failed", "projection failed", f"{error}.")
        self.values = after
        if self.progress is not None:
            self.progress(solver.t, settled[0])
        if solver.status == "finished":
            return End("time", "end of time", "The end time of the case was reached.")
        return None

    def _crossed(self, after: Sequence[float]) -> list[int]:
        """Numbers of the events that the last step has reached."""
        crossed = []
        for k, (event, now) in enumerate(zip(self.events, after)):
            new = (event.ends and not event.from_above) or self.values[k] > 0
            if now <= 0 and new and event.name not in self.record.marks:
                crossed.append(k)
        return crossed

    def _mark(self, crossed: Sequence[int], after: Sequence[float]) -> End | None:
        """Record the states at the events in the order of their times; the End by the first that ends."""
        dense = self._solver.dense_output()
        times = [(self._root(self.events[k], dense, self.values[k], after[k]), k) for k in crossed]
        for time, k in sorted(times):
            event = self.events[k]
            if event.counts and not event.counts(time, self.record.settle(time, dense(time))[0]):
                continue
            self.record.add(time, dense(time))
            if event.ends:
                return End("event", event.name, event.sentence)
            self.record.marks[event.name] = time
        return None

    def _root(
        self, event: Event, dense: Callable[[float], np.ndarray], value_before: float, value_after: float
    ) -> float:
        """The time in the last step at which the event's value on the projected state is zero."""
        before, after = self._solver.t_old, self._solver.t
        if value_after == 0 or value_before == 0:
            return after

        def value(t: float) -> float:
            """The event's value at a time within the step."""
            return event.value(t, self.record.settle(t, dense(t))[0])

        root: float = brentq(value, before, after, xtol=1e-12 * after, rtol=1e-12)
        return root

    def trajectory(self, end: End) -> Trajectory:
        """The march as a result."""
        arrays, solver = self.record.arrays(), self.solver
        statistics = {
            "steps": len(self.record.time) - 1,
            "rates": solver.nfev if solver else 0,
            "jacobians": solver.njev if solver else 0,
            "factorizations": solver.nlu if solver else 0,
            "wall": self.clock.wall,
            "resumed": self.clock.resumed,
        }
        return Trajectory(
            time=arrays["time"],
            states=arrays["states"],
            accumulated=arrays["accumulated"],
            balance_drift=arrays["balance_drift"],
            constraint_drift=arrays["constraint_drift"],
            totals=arrays["totals"],
            end=end,
            marks=self.record.marks,
            statistics=statistics,
            slopes=self.record.slopes(),
        )
