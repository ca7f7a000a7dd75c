"""Crystallisation of a FeO-MgO-SiO2 melt at one pressure, fractional or in batch, step by step.

One step takes a closed parcel to a smaller amount of melt:
the whole system in batch, in fractional crystallisation
the melt that is left. closed_parcel.py has its equations.
Which solids are present follows from amounts m_k >= 0 and saturation indices S_k <= 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import ConvergenceError, InputError
from .closed_parcel import Parcel, State, composition_of
from .end_members import OXIDES
from .mixing import PHASES
from .phase_diagrams import PhaseDiagram

FRACTIONAL, BATCH = "fractional", "batch"
MODES = (FRACTIONAL, BATCH)
EXHAUSTED = 1.0e-11  # mole fraction of the melt below which an oxide is used up
SLACK = 1.0e-9  # a solid appears, or is used up, beyond this
_SOLIDS = range(len(PHASES))


@dataclass(frozen=True)
class Path:
    """A sequence of states, from the liquidus on, and the sentence that says why it ends."""

    states: tuple[State, ...]
    end_reason: str


def _no_progress(fraction: float) -> None:
    """Nothing is shown."""


def crystallise(
    diagram: PhaseDiagram,
    bulk: Sequence[float] | np.ndarray,
    mode: str = FRACTIONAL,
    until: float = 0.01,
    step: float = 0.005,
    progress: Callable[[float], None] = _no_progress,
) -> Path:
    """From the liquidus of the melt `bulk` down to the melt fraction `until` (moles of oxides).

    bulk: mole fractions of FeO, MgO, SiO2.
    mode: "fractional" (solids are taken away as they form) or "batch" (all stay in equilibrium;
    `until` may be 0, the solidus). step: share of the melt (fractional) or of the system (batch) that
    crystallises in a step.
    A step ends where a solid appears or is used up.
    progress: called with the fraction of the path that is done.
    Raises InputError for a composition or number that makes no sense;
    ConvergenceError where no liquidus exists.
    """
    oxides = _checked(bulk, mode, until, step)
    state = _first(diagram, oxides)
    states, refused = [state], 0
    while state.melt > until * (1 + 1e-12) + 1e-15:
        active = state.x > EXHAUSTED
        if len(state.present) >= active.sum():
            return Path(tuple(states), _invariant_point(state, active))
        size = step * (state.melt if mode == FRACTIONAL else 1.0)
        new, reason = _halving(_Step(diagram, oxides, state, mode, active), size, until)
        if new is None:
            return _ended(states, reason)
        if new.melt == state.melt:  # another assemblage at the same melt
            refused += 1
            if refused > 4:
                return _ended(states, "no assemblage of solids is stable.")
            state = states[-1] = new
            continue
        refused = 0
        if not (new.temperature <= state.temperature + 1e-6):
            return _ended(states, "the temperature would rise.")
        if not bool(diagram.stable(new.x, new.temperature)):
            return _ended(states, "the melt would unmix.")
        state = new
        states.append(state)
        if len(states) % 20 == 0:
            progress((1 - state.melt) / (1 - until))
    reached = f"{100 * state.melt:.3g} % melt reached." if until > 0 else "solidus reached."
    return Path(tuple(states), reached)


def _first(diagram: PhaseDiagram, oxides: np.ndarray) -> State:
    """The state on the liquidus; ConvergenceError where there is none."""
    T, phase, converged = diagram.liquidus(oxides)
    if not converged:
        fractions = ", ".join(f"{v:.4g}" for v in oxides)
        raise ConvergenceError(
            f"no liquidus at {diagram.pressure / 1e9:g} GPa for FeO, MgO, SiO2 = {fractions}: "
            "the melt would unmix, or is outside the table."
        )
    values, _ = diagram.with_slopes(oxides, float(T))
    return State(1.0, oxides, float(T), values[3:], (int(phase),), np.zeros((3, 3)), np.zeros(3))


def _ended(states: list[State], why: str) -> Path:
    return Path(tuple(states), f"stopped at {100 * states[-1].melt:.3g} % melt: {why}")


def _invariant_point(state: State, active: np.ndarray) -> str:
    """The sentence on the end of a path where the remaining melt becomes solids at one temperature."""
    names = [OXIDES[k] for k in np.flatnonzero(active)]
    left = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
    solids = " and ".join(PHASES[k] for k in state.present)
    return (
        f"invariant point: the last {100 * state.melt:.3g} % of melt ({left}) become {solids} "
        f"at {state.temperature:.1f} K."
    )


def _checked(bulk: Sequence[float] | np.ndarray, mode: str, until: float, step: float) -> np.ndarray:
    """The composition (3,), with a sum of exactly 1; InputError for arguments that make no sense."""
    oxides = np.asarray(bulk, dtype=float)
    if mode not in MODES:
        raise InputError(
            f"mode {mode!r}", "no mode of crystallisation has this name.", f"allowed: {', '.join(MODES)}"
        )
    finite = oxides.shape == (3,) and np.isfinite(oxides).all()
    if not finite or (oxides < 0).any() or not abs(oxides.sum() - 1) < 1e-6:
        raise InputError(
            f"composition {oxides.tolist()}",
            "these are not mole fractions of FeO, MgO and SiO2.",
            "allowed: three numbers, not negative, whose sum is 1",
        )
    lowest, remark = 0.0, ""
    if mode == FRACTIONAL:
        lowest, remark = 1e-4, " (fractional crystallisation has no solidus)"
    if not lowest <= until < 1:
        problem = "no melt fraction at which the path can end."
        raise InputError(f"until = {until!r}", problem, f"allowed: {lowest:g} to below 1{remark}")
    if not 1e-4 <= step <= 0.1:
        problem = "no share of the melt to crystallise in a step."
        raise InputError(f"step = {step!r}", problem, "allowed: 0.0001 to 0.1")
    return oxides / oxides.sum()


@dataclass(frozen=True)
class _Change:
    """The largest violation of what an assemblage allows.

    excess: how far it is from being allowed; solid: whose; added: whether it must be added, else removed.
    """

    excess: float
    solid: int
    added: bool


@dataclass(frozen=True)
class _Step:
    """A step from a state to less melt; bulk (3,): oxides of the system; active (3,).

    Which oxides the melt has.
    """

    diagram: PhaseDiagram
    bulk: np.ndarray
    state: State
    mode: str
    active: np.ndarray

    def advance(self, target: float) -> State:
        """The state at `target` melt, or where, above it, a solid appears or is used up.

        Raises ConvergenceError where there is none.
        """
        parcel = self._parcel(target)
        new, index = self._at(parcel, target, self.state.present)
        change = self._worst(new, index, target)
        if change.excess <= SLACK:
            return new
        if change.added:
            assemblage = tuple(sorted((*self.state.present, change.solid)))
        else:
            assemblage = tuple(k for k in self.state.present if k != change.solid)
            if self.mode == FRACTIONAL:
                return replace(self.state, present=assemblage)
        located = self._locate(parcel, target, change)
        if located is None:
            return replace(self.state, present=assemblage)
        if len(assemblage) > 2 and self.mode == FRACTIONAL:
            return _invariant(self.diagram, located, assemblage, change.solid, self.active)
        return replace(located, present=assemblage)

    def _parcel(self, target: float) -> Parcel:
        """The parcel of the step: the system in batch, the melt in fractional crystallisation."""
        state = self.state
        if self.mode == BATCH:
            return Parcel(self.diagram, self.bulk, self.active, state, None)
        before = np.array([composition_of(k, state.iron, self.active) for k in _SOLIDS])
        grown = np.where(np.isin(_SOLIDS, state.present), state.melt - target, 0.0) / len(state.present)
        return Parcel(self.diagram, state.melt * state.x, self.active, replace(state, grown=grown), before)

    def _at(self, parcel: Parcel, amount: float, present: tuple[int, ...]) -> tuple[State, np.ndarray]:
        """The state at an amount of melt, with all solids crystallised so far, and its saturation indices."""
        new, index = parcel.solve(amount, present)
        if self.mode == FRACTIONAL:
            new = replace(new, solids=self.state.solids + new.solids)
        return new, index

    def _worst(self, new: State, index: np.ndarray, target: float) -> _Change:
        """The largest violation at `target`: of a solid that is missing, or one that is used up."""
        scale = max(1.0 - target, SLACK) if self.mode == BATCH else self.state.melt - target
        missing = [(float(index[k]), k, True) for k in _SOLIDS if k not in new.present]
        used = [(float(-new.grown[k] / scale), k, False) for k in new.present]
        return _Change(*max(max(missing, default=(-1.0, 0, True)), max(used)))

    def _locate(self, parcel: Parcel, target: float, change: _Change) -> State | None:
        """The state in which a solid appears or is used up; None where that is at the begin of the step.

        By regula falsi (Illinois) in the amount of melt. Raises ConvergenceError after 60 steps.
        """
        state, solid = self.state, change.solid
        scale = max(1.0 - target, SLACK)

        def excess_of(new: State, index: np.ndarray) -> float:
            return float(index[solid] if change.added else -new.grown[solid] / scale)

        begin = self.diagram.with_slopes(state.x, state.temperature)[0][:3]
        high, f_high = state.melt, excess_of(state, begin)
        low, f_low = target, change.excess
        if f_high >= -SLACK:  # at once
            return None
        for _ in range(60):
            amount = low - f_low * (high - low) / (f_high - f_low)
            new, index = self._at(parcel, amount, state.present)
            value = excess_of(new, index)
            if abs(value) < SLACK / 10:
                return new
            if value > 0:
                low, f_low, f_high = amount, value, f_high / 2
            else:
                high, f_high, f_low = amount, value, f_low / 2
        event = "appears" if change.added else "is used up"
        raise ConvergenceError(f"{PHASES[solid]}: the melt fraction at which it {event} was not found.")


def _halving(step: _Step, size: float, until: float) -> tuple[State | None, str]:
    """The state after a step of `size`, halved until it converges.

    Or None and the reason of the last failure.
    """
    reason = ""
    for halvings in range(12):
        try:
            return step.advance(max(until, step.state.melt - size / 2**halvings)), ""
        except ConvergenceError as error:
            reason = str(error)
    return None, reason


def _invariant(
    diagram: PhaseDiagram, state: State, three: tuple[int, ...], new: int, active: np.ndarray
) -> State:
    """The state with the pair of solids that goes on where three are saturated at once.

    new: the solid that has appeared; the pair has it. All three go on where no pair can (a eutectic).
    """
    values, slopes = diagram.with_slopes(state.x, state.temperature)
    for dropped in three:
        if dropped == new:
            continue
        pair = tuple(k for k in three if k != dropped)
        # an infinitesimal step: x' = x - c per mole crystallised, both saturated, T' free;
        # then the third must not grow
        differences = [state.x - composition_of(k, values[3:], active) for k in pair]
        columns = np.column_stack([slopes[list(pair), :3] @ difference for difference in differences])
        # shares a of the pair, sum 1, and dT: columns @ a + slope_T dT = 0
        matrix = np.zeros((3, 3))
        matrix[:2, :2], matrix[:2, 2], matrix[2, :2] = columns, slopes[list(pair), 3], 1.0
        try:
            a0, a1, dT = np.linalg.solve(matrix, [0.0, 0.0, 1.0])
        except np.linalg.LinAlgError:
            continue
        change = a0 * differences[0] + a1 * differences[1]
        growth = slopes[dropped, :3] @ change + slopes[dropped, 3] * dT
        if a0 >= 0 and a1 >= 0 and dT < 0 and growth <= 0:
            return replace(state, present=pair)
    return replace(state, present=three)
