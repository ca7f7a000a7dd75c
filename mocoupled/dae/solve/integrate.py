"""March a System in time with BDF: events, progress, interruption, continuation, and a Trajectory of projected states."""

from __future__ import annotations

import signal
import threading
import time as clock
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import brentq

from ...errors import ConvergenceError
from .bdf import FreshBDF
from .field_system import FieldSystem
from .march_state import PREFIX, first_step, put_back, solver_arrays, watched
from .one_thread import one_thread
from .system import ARITHMETIC, System


@dataclass(frozen=True)
class Event:
    """Where value(time, x) crosses zero from above, the march ends, or marks the first time and goes on.

    sentence tells a person what has happened.
    """

    name: str
    sentence: str
    value: Callable[[float, np.ndarray], float]
    ends: bool = True


@dataclass(frozen=True)
class End:
    """Why a march ended. kind: "event" (as asked), "time", "interrupted" or "failed"."""

    kind: str
    name: str
    sentence: str


@dataclass(frozen=True)
class Trajectory:
    """Projected states of a march.

    time (n,) [s]; states (n, unknowns); accumulated (n, sourced balances), the integrated sources in units of their
    balances' scales; balance_drift (n, balances), constraint_drift (n,): drift of the integrator's own state before
    projection, of each balance and of the worst constraint; totals: scaled storages at the start; marks: name of an
    event that the march went on after -> its time [s]; statistics: steps, right-hand sides, Jacobians, factorizations,
    wall [s], and how often the march was continued from a checkpoint.
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


def march(
    system: System | FieldSystem,
    start: np.ndarray,
    duration: float,
    *,
    events: Sequence[Event] = (),
    rtol: float = 1e-6,
    stabilisation: float = 0.0,
    parameters: Sequence[float] | None = None,
    progress: Callable[[float, np.ndarray], None] | None = None,
    max_steps: int = 1_000_000,
    checkpoint: Callable[[Callable[[], dict[str, np.ndarray]], bool], None] | None = None,
    keep_end: bool = False,
    resume: Mapping[str, np.ndarray] | None = None,
) -> Trajectory:
    """Integrate from time 0 to `duration` [s] or to the first event that ends it.

    start: a converged state. rtol: relative tolerance; the absolute one is rtol times each unknown's scale.
    stabilisation [1/s]: Baumgarte rate alpha. progress(time, state) is called after each step.
    An interruption (Ctrl-C) ends the march after the current step with what there is; a failing step does so too,
    with end.kind = "failed": neither is lost, and neither passes for a finished march.
    checkpoint(arrays, last) is called after each step that is not the end, and with last = True when the march was
    interrupted; arrays() is all that a later march of the same system takes as `resume` to go on from there. With keep_end
    it is called at the end too, with what was there before the step that came to the end: a march with other events or a
    longer duration goes on from it as if it had had them from the start.
    """
    p = system.parameters if parameters is None else parameters
    totals = system.totals(start, p)
    y = np.concatenate([start, np.zeros(len(system.sourced))])
    tolerance = rtol * np.concatenate([system.step_scales, np.ones(len(system.sourced))])
    begun = clock.perf_counter()
    record = _Record(system, p, totals)
    before, resumed = 0.0, 0
    if resume is None:
        record.add(0.0, y)
    else:
        record.put_back(resume)
        before, resumed = float(resume["wall"]), int(resume["resumed"]) + 1
    values = [event.value(record.time[-1], record.states[-1]) for event in events]
    end = next((End("event", e.name, e.sentence) for e, v in zip(events, values) if v <= 0 and e.ends), None)
    solver = None

    def arrays(length=None, marks=None, held=None):
        return (
            record.arrays(length, marks)
            | (held or solver_arrays(solver))
            | {"wall": np.array(before + clock.perf_counter() - begun), "resumed": np.array(resumed)}
        )

    with (
        _deferred_interrupt() as interrupted,
        one_thread(),
    ):  # on these small matrices more threads only wait for each other
        if end is None:
            jacobian = _Finite(lambda t, y: system.rate_jacobian(t, y, totals, stabilisation, p))
            solver = watched(
                FreshBDF(
                    lambda t, y: system.rate(t, y, totals, stabilisation, p),
                    0.0 if resume is None else float(resume[PREFIX + "t"]),
                    y if resume is None else resume[PREFIX + "y"],
                    duration,
                    rtol=rtol,
                    atol=tolerance,
                    jac=jacobian,
                    first_step=None if resume is None else first_step(resume, duration),
                )
            )
            if resume is not None and put_back(solver, resume):
                jacobian.last = solver.J
            while end is None:
                earlier = (len(record.time), dict(record.marks), solver_arrays(solver)) if keep_end else None
                end = _step(solver, record, events, values, progress)
                if end is None and interrupted():
                    end = End(
                        "interrupted",
                        "interrupted",
                        f"Interrupted at {record.time[-1]:.6g} s, before its end.",
                    )
                elif end is None and len(record.time) > max_steps:
                    end = End("failed", "too many steps", f"No end was reached within {max_steps} steps.")
                if checkpoint is not None and (end is None or end.kind == "interrupted"):
                    checkpoint(arrays, end is not None)
                elif checkpoint is not None and keep_end and end.kind in ("event", "time"):
                    checkpoint(lambda: arrays(*earlier), True)
    statistics = {
        "steps": len(record.time) - 1,
        "rates": solver.nfev if solver else 0,
        "jacobians": solver.njev if solver else 0,
        "factorizations": solver.nlu if solver else 0,
        "wall": before + clock.perf_counter() - begun,
        "resumed": resumed,
    }
    return record.trajectory(end, statistics)


class _Finite:
    """The Jacobian, or the last finite one where it is not finite: Newton then fails, and the step is shortened."""

    def __init__(self, jacobian):
        self.jacobian, self.last = jacobian, None

    def __call__(self, t, y):
        try:
            J = self.jacobian(t, y)
        except (*ARITHMETIC, np.linalg.LinAlgError):  # a predicted state outside the domain
            if self.last is None:
                raise
            return self.last
        if self.last is None or np.isfinite(J if isinstance(J, np.ndarray) else J.data).all():
            self.last = J
        return self.last


def _step(solver, record, events, values, progress) -> End | None:
    """One step of the solver, recorded; the End it came to, if any. `values` holds the events' values and is updated."""
    try:
        message = solver.step()
    except (
        ArithmeticError,
        ValueError,
        RuntimeError,
        np.linalg.LinAlgError,
    ) as error:  # splu raises RuntimeError
        return End("failed", "step failed", f"The step at {solver.t:.6g} s failed: {error}.")
    if solver.status == "failed":
        return End("failed", "step failed", f"The integrator stopped at {solver.t:.6g} s: {message}")
    try:
        settled = record.settle(solver.t, solver.y)
        state = settled[0]
        after = [event.value(solver.t, state) for event in events]
        crossed = [
            k
            for k, (e, now) in enumerate(zip(events, after))
            if now <= 0 and (e.ends or values[k] > 0) and e.name not in record.marks
        ]
        if crossed:
            dense = solver.dense_output()
            times = [
                (_root(events[k], record, dense, solver.t_old, solver.t, values[k], after[k]), k)
                for k in crossed
            ]
            for time, k in sorted(times):
                record.add(time, dense(time))
                if events[k].ends:
                    return End("event", events[k].name, events[k].sentence)
                record.marks[events[k].name] = time
        if not crossed or solver.t > record.time[-1]:
            record.add(solver.t, solver.y, settled)
    except ConvergenceError as error:
        return End("failed", "projection failed", f"{error}.")
    values[:] = after
    if progress is not None:
        progress(solver.t, state)
    if solver.status == "finished":
        return End("time", "end of time", "The end time of the case was reached.")
    return None


def _root(event, record, dense, before, after, value_before, value_after) -> float:
    """The time at which the event's value on the projected state is zero."""
    if value_after == 0 or value_before == 0:
        return after
    return brentq(
        lambda t: event.value(t, record.settle(t, dense(t))[0]), before, after, xtol=1e-12 * after, rtol=1e-12
    )


class _Record:
    """Collects projected states of one march."""

    def __init__(self, system, parameters, totals):
        self.system, self.parameters, self.totals = system, parameters, totals
        self.time, self.states, self.accumulated, self.drifts = [], [], [], []
        self.marks: dict[str, float] = {}

    def settle(self, time, y):
        """The projected state at y, and the drift that y had."""
        n = self.system.size
        return self.system.settle(y[:n], self.totals, y[n:], self.parameters, time)

    def add(self, time, y, settled=None):
        state, *drifts = self.settle(time, y) if settled is None else settled
        self.drifts.append(drifts)
        self.states.append(state)
        self.time.append(time)
        self.accumulated.append(np.array(y[self.system.size :]))

    def arrays(self, length=None, marks=None):
        """What was collected, as arrays; or its first `length` states, with the marks of that time."""
        balances, constraints = zip(*self.drifts[:length])
        marks = self.marks if marks is None else marks
        return {
            "time": np.array(self.time[:length]),
            "states": np.array(self.states[:length]),
            "accumulated": np.array(self.accumulated[:length]),
            "balance_drift": np.array(balances),
            "constraint_drift": np.array(constraints),
            "totals": np.array(self.totals),
            "mark_names": np.array(list(marks), dtype=str),
            "mark_times": np.array(list(marks.values()), dtype=float),
        }

    def put_back(self, arrays):
        """Take up what an earlier record collected."""
        self.time = arrays["time"].tolist()
        self.states, self.accumulated = list(arrays["states"]), list(arrays["accumulated"])
        self.drifts = list(zip(arrays["balance_drift"], arrays["constraint_drift"].tolist()))
        self.totals = arrays["totals"]
        self.marks = dict(zip(arrays["mark_names"].tolist(), arrays["mark_times"].tolist()))

    def trajectory(self, end, statistics):
        held = self.arrays()
        fields = ("time", "states", "accumulated", "balance_drift", "constraint_drift", "totals")
        return Trajectory(*(held[name] for name in fields), end, self.marks, statistics)


@contextmanager
def _deferred_interrupt():
    """Ctrl-C is remembered and not raised, so that a step is never cut in two; a second Ctrl-C is raised at once.

    Yields a function that tells whether it was pressed. Outside the main thread Ctrl-C is left alone.
    """
    pressed = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    previous = signal.getsignal(signal.SIGINT)

    def remember(number, frame):
        if pressed and callable(previous):
            previous(number, frame)
        pressed.append(number)

    signal.signal(signal.SIGINT, remember)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, previous)
