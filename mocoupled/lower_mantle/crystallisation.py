"""Crystallisation of a FeO-MgO-SiO2 melt at one pressure, fractional or in batch: the melt, its solids, step by step.

One step takes a closed parcel (the whole system in batch; the melt left over in fractional crystallisation) from its oxides b
to a smaller amount N of melt with each solid k that is present saturated:

    b_i = N x_i + sum_k m_k c_ki (three oxides),   S_k(x, T) = 0 (each solid),   sum_i x_i = 1

for the melt's mole fractions x, T and the amounts m_k. In batch the solids have the composition c_k(x, T) of the end of
the step; in fractional crystallisation the mean of those at its begin and end (second order in the step). Newton's matrix is
generated (`fms_mixing.programs`). Which solids are present follows from m_k >= 0 and S_k <= 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..errors import ConvergenceError, InputError
from .end_members import OXIDES
from .phase_diagram import BRIDGMANITE, FERROPERICLASE, PHASES, STISHOVITE, PhaseDiagram, solid_oxides

FRACTIONAL, BATCH = "fractional", "batch"
MODES = (FRACTIONAL, BATCH)
EXACT = 1.0e-12  # of residuals: oxides [mol per mol of the system], saturation indices
EXHAUSTED = 1.0e-11  # mole fraction of the melt below which an oxide is used up
SLACK = 1.0e-9  # a solid appears, or is used up, beyond this
_MINERAL_SLOPE = {
    FERROPERICLASE: np.array([1.0, -1.0, 0.0]),
    BRIDGMANITE: np.array([0.5, -0.5, 0.0]),
    STISHOVITE: np.zeros(3),
}  # dc/dy


@dataclass(frozen=True)
class State:
    """A melt and what stands beside it. Amounts are moles of oxides, of one mole of the system.

    melt: amount N; x: its mole fractions (FeO, MgO, SiO2); temperature [K]; iron (2,): Fe/(Fe + Mg) of ferropericlase and
    bridgmanite in equilibrium with it; present: solids in equilibrium, indices of PHASES; solids (3, 3): oxides of
    each of PHASES crystallised so far; grown (3,): oxides of each of PHASES crystallised in the last step.
    """

    melt: float
    x: np.ndarray
    temperature: float
    iron: np.ndarray
    present: tuple[int, ...]
    solids: np.ndarray
    grown: np.ndarray


@dataclass(frozen=True)
class Path:
    """A sequence of states, from the liquidus on, and the sentence that says why it ends."""

    states: tuple[State, ...]
    end_reason: str


def _composition(phase, iron, active):
    """Oxides (3,) of a solid; an oxide that the system lacks is none of it (the melt's trace stands for zero)."""
    y = 0.0 if phase == STISHOVITE else 1.0 if not active[1] else iron[phase] if active[0] else 0.0
    return solid_oxides(phase, y)


def _solve(diagram, oxides, amount, present, start, before, active) -> tuple[State, np.ndarray]:
    """The parcel of `oxides` (3,) with `amount` of melt and the solids `present`: (State, saturation indices).

    start: State to begin from; before: compositions (3, 3) of the solids at the begin of the step, or None for batch;
    active (3,): which oxides there are (equations of the others are left out). ConvergenceError without a solution.
    """
    weight = 1.0 if before is None else 0.5
    there, count = np.flatnonzero(active), len(present)
    n = len(there)
    x, T, m = (
        np.where(active, start.x, 0.0),
        start.temperature,
        np.array([max(start.grown[k], 0.0) for k in present]),
    )
    for _ in range(40):
        values, slopes = diagram.with_slopes(x, T)
        index, iron = values[:3], values[3:]
        residual = np.zeros(n + 1 + count)
        matrix = np.zeros((n + 1 + count, n + 1 + count))  # rows: oxides, solids, sum; columns: x, T, amounts
        residual[:n] = (amount * x - oxides)[there]
        matrix[:n, :n] = amount * np.eye(n)
        along = [*there, 3]
        mean = {
            k: weight * _composition(k, iron, active) + (0.0 if before is None else 0.5 * before[k])
            for k in range(3)
        }
        for j, k in enumerate(present):
            residual[:n] += m[j] * mean[k][there]
            matrix[:n, n + 1 + j] = mean[k][there]
            if k != STISHOVITE and active[:2].all():
                matrix[:n, : n + 1] += (
                    weight * m[j] * np.outer(_MINERAL_SLOPE[k][there], slopes[3 + k, along])
                )
            residual[n + j], matrix[n + j, : n + 1] = index[k], slopes[k, along]
        residual[-1], matrix[-1, :n] = x.sum() - 1.0, 1.0
        if np.abs(residual).max() < EXACT:
            grown = np.zeros(3)
            grown[list(present)] = m
            return State(
                amount, x, T, iron, present, np.array([grown[k] * mean[k] for k in range(3)]), grown
            ), index
        try:
            step = np.linalg.solve(matrix, -residual)
        except np.linalg.LinAlgError:
            break
        # never a negative amount of an oxide, and a bounded change of temperature
        falling = step[:n] < 0
        scale = min(1.0, 300.0 / max(abs(step[n]), 1e-300), *(0.9 * x[there][falling] / -step[:n][falling]))
        x[there] += scale * step[:n]
        T, m = T + scale * step[n], m + scale * step[n + 1 :]
    raise ConvergenceError(
        f"no equilibrium of {amount:.4g} mol of melt with {', '.join(PHASES[k] for k in present)} was found."
    )


def crystallise(
    diagram: PhaseDiagram, bulk, mode: str = FRACTIONAL, until: float = 0.01, step: float = 0.005,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Path:  # fmt: skip
    """From the liquidus of the melt `bulk` (mole fractions of FeO, MgO, SiO2) down to the melt fraction `until` (moles of oxides).

    mode: "fractional" (solids are taken away as they form) or "batch" (all stay in equilibrium; `until` may be 0, the solidus).
    step: share of the melt (fractional) or of the system (batch) that crystallises in a step. A step ends where a solid
    appears or is used up. InputError for a composition or number that makes no sense; ConvergenceError where no liquidus exists.
    """
    bulk = _checked(bulk, mode, until, step)
    T, phase, converged = diagram.liquidus(bulk)
    if not converged:
        raise ConvergenceError(
            f"no liquidus at {diagram.pressure / 1e9:g} GPa for FeO, MgO, SiO2 = {', '.join(f'{v:.4g}' for v in bulk)}: the melt would unmix, or is outside the table."
        )
    values, _ = diagram.with_slopes(bulk, float(T))
    state = State(1.0, bulk, float(T), values[3:], (int(phase),), np.zeros((3, 3)), np.zeros(3))
    states, refused = [state], 0

    def ended(why):
        return Path(tuple(states), f"stopped at {100 * state.melt:.3g} % melt: {why}")

    while state.melt > until * (1 + 1e-12) + 1e-15:
        active = state.x > EXHAUSTED
        if len(state.present) >= active.sum():
            left = " and ".join(
                [", ".join(names[:-1]), names[-1]]
                if (names := [OXIDES[k] for k in np.flatnonzero(active)])[1:]
                else names
            )
            solids = " and ".join(PHASES[k] for k in state.present)
            return Path(
                tuple(states),
                f"invariant point: the last {100 * state.melt:.3g} % of melt ({left}) become {solids} at {state.temperature:.1f} K.",
            )
        size = step * (state.melt if mode == FRACTIONAL else 1.0)
        for halvings in range(12):
            try:
                new = _advance(
                    diagram, bulk, state, max(until, state.melt - size / 2**halvings), mode, active
                )
                break
            except ConvergenceError as error:
                reason = str(error)
        else:
            return ended(reason)
        if new.melt == state.melt:  # another assemblage at the same melt
            refused += 1
            if refused > 4:
                return ended("no assemblage of solids is stable.")
            state = states[-1] = new
            continue
        refused = 0
        if not (new.temperature <= state.temperature + 1e-6):
            return ended("the temperature would rise.")
        if not bool(diagram.stable(new.x, new.temperature)):
            return ended("the melt would unmix.")
        state = new
        states.append(state)
        if len(states) % 20 == 0:
            progress((1 - state.melt) / (1 - until))
    return Path(tuple(states), f"{100 * state.melt:.3g} % melt reached." if until > 0 else "solidus reached.")


def _checked(bulk, mode, until, step):
    bulk = np.asarray(bulk, dtype=float)
    if mode not in MODES:
        raise InputError(f"mode {mode!r}", "no such crystallisation.", f"allowed: {', '.join(MODES)}")
    if (
        bulk.shape != (3,)
        or not np.isfinite(bulk).all()
        or (bulk < 0).any()
        or not abs(bulk.sum() - 1) < 1e-6
    ):
        raise InputError(
            f"composition {bulk.tolist()}",
            "these are not mole fractions of FeO, MgO and SiO2.",
            "allowed: three numbers, not negative, whose sum is 1",
        )
    lowest = 0.0 if mode == BATCH else 1e-4
    if not lowest <= until < 1:
        raise InputError(
            f"until = {until!r}",
            "no melt fraction at which the path can end.",
            f"allowed: {lowest:g} to below 1"
            + (" (fractional crystallisation has no solidus)" if mode == FRACTIONAL else ""),
        )
    if not 1e-4 <= step <= 0.1:
        raise InputError(
            f"step = {step!r}", "no share of the melt to crystallise in a step.", "allowed: 0.0001 to 0.1"
        )
    return bulk / bulk.sum()


def _advance(diagram, bulk, state, target, mode, active):
    """The State at `target` melt, or where, above it, a solid appears or is used up."""
    if mode == BATCH:
        oxides, before = bulk, None
        start = state
    else:
        oxides = state.melt * state.x
        before = np.array([_composition(k, state.iron, active) for k in range(3)])
        start = replace(
            state,
            grown=np.where(np.isin(range(3), state.present), state.melt - target, 0.0) / len(state.present),
        )

    def at(amount, present):
        found, index = _solve(diagram, oxides, amount, present, start, before, active)
        if mode == FRACTIONAL:
            found = replace(found, solids=state.solids + found.solids)
        return found, index

    def worst(found, index):
        """(how far the assemblage is from being allowed, the solid, whether it must be added)."""
        missing = [k for k in range(3) if k not in found.present]
        over = max(((index[k], k, True) for k in missing), default=(-1.0, 0, True))
        used = max(
            (
                (
                    -found.grown[k] / max(1.0 - target, SLACK)
                    if mode == BATCH
                    else -found.grown[k] / (state.melt - target),
                    k,
                    False,
                )
                for k in found.present
            )
        )
        return max(over, used)

    new, index = at(target, state.present)
    excess, solid, added = worst(new, index)
    if excess <= SLACK:
        return new
    changed = (
        tuple(sorted((*state.present, solid))) if added else tuple(k for k in state.present if k != solid)
    )
    if not added and mode == FRACTIONAL:
        return replace(state, present=changed)
    # locate where the excess vanishes: regula falsi (Illinois) in the amount of melt
    high, f_high = state.melt, -excess
    low, f_low = target, excess
    begin, index0 = (state, diagram.with_slopes(state.x, state.temperature)[0][:3])
    f_high = index0[solid] if added else -begin.grown[solid] / max(1.0 - target, SLACK)
    if f_high >= -SLACK:  # at once
        return replace(state, present=changed)
    for _ in range(60):
        amount = low - f_low * (high - low) / (f_high - f_low)
        found, index = at(amount, state.present)
        value = index[solid] if added else -found.grown[solid] / max(1.0 - target, SLACK)
        if abs(value) < SLACK / 10:
            break
        if value > 0:
            low, f_low, f_high = amount, value, f_high / 2
        else:
            high, f_high, f_low = amount, value, f_low / 2
    else:
        raise ConvergenceError(
            f"{PHASES[solid]}: the melt fraction at which it {'appears' if added else 'is used up'} was not found."
        )
    if len(changed) > 2 and mode == FRACTIONAL:
        return _invariant(diagram, found, changed, solid, active)
    return replace(found, present=changed)


def _invariant(diagram, found, three, new, active):
    """Three solids at once: the pair with the new one that goes on, or all three where none does (a eutectic)."""
    values, slopes = diagram.with_slopes(found.x, found.temperature)
    for dropped in three:
        if dropped == new:
            continue
        pair = tuple(k for k in three if k != dropped)
        # an infinitesimal step: x' = x - c (per mole crystallised), both saturated, T' free; then the third must not grow
        columns = np.column_stack(
            [slopes[list(pair), :3] @ (found.x - _composition(k, values[3:], active)) for k in pair]
        )
        try:
            # shares a of the pair, sum 1, and dT: columns @ a + slope_T dT = 0
            matrix = np.zeros((3, 3))
            matrix[:2, :2], matrix[:2, 2], matrix[2, :2] = columns, slopes[list(pair), 3], 1.0
            a0, a1, dT = np.linalg.solve(matrix, [0.0, 0.0, 1.0])
        except np.linalg.LinAlgError:
            continue
        change = a0 * (found.x - _composition(pair[0], values[3:], active)) + a1 * (
            found.x - _composition(pair[1], values[3:], active)
        )
        if a0 >= 0 and a1 >= 0 and dT < 0 and slopes[dropped, :3] @ change + slopes[dropped, 3] * dT <= 0:
            return replace(found, present=pair)
    return replace(found, present=three)
