"""A closed parcel of melt with the solids that are saturated in it, at one pressure.

The parcel has the oxides b, and a prescribed amount N of melt with each solid k that is present saturated:

    b_i = N x_i + sum_k m_k c_ki (three oxides),   S_k(x, T) = 0 (each solid),   sum_i x_i = 1

for the melt's mole fractions x, T and the amounts m_k.
Without solids of an earlier step (batch) the solids have the composition c_k(x, T).
With them (fractional) they have the mean of the compositions at begin and end, which is second order in the
step.
Newton's matrix is generated (`mixing.programs`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ConvergenceError
from .mixing import PHASES
from .phase_diagrams import BRIDGMANITE, FERROPERICLASE, STISHOVITE, PhaseDiagram, solid_oxides

EXACT = 1.0e-12  # of residuals: oxides [mol per mol of the system], saturation indices
_SOLIDS = range(len(PHASES))
# dc/dy of each solid: its oxides along its Fe/(Fe + Mg)
_MINERAL_SLOPE = {
    FERROPERICLASE: np.array([1.0, -1.0, 0.0]),
    BRIDGMANITE: np.array([0.5, -0.5, 0.0]),
    STISHOVITE: np.zeros(3),
}


@dataclass(frozen=True)
class State:
    """A melt and its solids. Amounts are moles of oxides, of one mole of the system.

    melt: amount N; x: its mole fractions (FeO, MgO, SiO2); temperature [K].
    iron (2,): Fe/(Fe + Mg) of ferropericlase and bridgmanite in equilibrium with it.
    present: solids in equilibrium, indices of PHASES.
    solids (3, 3): oxides of each of PHASES crystallised so far; grown (3,):
    moles of each crystallised in the last step.
    """

    melt: float
    x: np.ndarray
    temperature: float
    iron: np.ndarray
    present: tuple[int, ...]
    solids: np.ndarray
    grown: np.ndarray


def composition_of(phase: int, iron: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Oxides (3,) of a solid; iron (2,) as in State; active (3,): which oxides the system has.

    An oxide that the system lacks is not in the solid: the melt's trace stands for zero.
    """
    if phase == STISHOVITE:
        y = 0.0
    elif not active[1]:
        y = 1.0
    else:
        y = iron[phase] if active[0] else 0.0
    return solid_oxides(phase, y)


@dataclass(frozen=True)
class Parcel:
    """A parcel to be solved for.

    oxides (3,): moles; active (3,): which of them there are: the equations of the others are left out.
    start: the state from which the search begins.
    before (3, 3): compositions of the solids at the begin of the step, None for batch.
    """

    diagram: PhaseDiagram
    oxides: np.ndarray
    active: np.ndarray
    start: State
    before: np.ndarray | None

    def solve(self, amount: float, present: tuple[int, ...]) -> tuple[State, np.ndarray]:
        """The state with `amount` of melt and the solids `present`, and the saturation indices (3,).

        Raises ConvergenceError where there is no solution.
        """
        there = np.flatnonzero(self.active)
        n = len(there)
        x, T = np.where(self.active, self.start.x, 0.0), self.start.temperature
        m = np.array([max(self.start.grown[k], 0.0) for k in present])
        for _ in range(40):
            values, slopes = self.diagram.with_slopes(x, T)
            mean = self._solids(values[3:])
            residual, matrix = self._equations(amount, present, (x, m), (values, slopes), mean)
            if np.abs(residual).max() < EXACT:
                grown = np.zeros(len(PHASES))
                grown[list(present)] = m
                solids = np.array([grown[k] * mean[k] for k in _SOLIDS])
                return State(amount, x, T, values[3:], present, solids, grown), values[:3]
            try:
                step = np.linalg.solve(matrix, -residual)
            except np.linalg.LinAlgError:
                break
            # never a negative amount of an oxide, and a bounded change of temperature
            falling = step[:n] < 0
            bounds = 0.9 * x[there][falling] / -step[:n][falling]
            scale = min(1.0, 300.0 / max(abs(step[n]), 1e-300), *bounds)
            x[there] += scale * step[:n]
            T, m = T + scale * step[n], m + scale * step[n + 1 :]
        names = ", ".join(PHASES[k] for k in present)
        raise ConvergenceError(f"no equilibrium of {amount:.4g} mol of melt with {names} was found.")

    def _solids(self, iron: np.ndarray) -> list[np.ndarray]:
        """Compositions (3,) of PHASES in the step."""
        ends = [composition_of(k, iron, self.active) for k in _SOLIDS]
        if self.before is None:
            return [1.0 * end + 0.0 for end in ends]
        return [0.5 * end + 0.5 * self.before[k] for k, end in enumerate(ends)]

    def _equations(
        self,
        amount: float,
        present: tuple[int, ...],
        point: tuple[np.ndarray, np.ndarray],
        saturation: tuple[np.ndarray, np.ndarray],
        mean: list[np.ndarray],
    ) -> tuple[np.ndarray, np.ndarray]:
        """Residual and matrix of Newton's method; rows: oxides, solids, sum; columns: x, T, amounts.

        point: x (3,) and amounts of the solids present; saturation: values and slopes as in `with_slopes`.
        """
        (x, m), (values, slopes) = point, saturation
        there = np.flatnonzero(self.active)
        n, size = len(there), len(there) + 1 + len(present)
        residual, matrix = np.zeros(size), np.zeros((size, size))
        residual[:n] = (amount * x - self.oxides)[there]
        matrix[:n, :n] = amount * np.eye(n)
        along = [*there, 3]
        weight = 1.0 if self.before is None else 0.5
        for j, k in enumerate(present):
            residual[:n] += m[j] * mean[k][there]
            matrix[:n, n + 1 + j] = mean[k][there]
            if k != STISHOVITE and self.active[:2].all():
                change = np.outer(_MINERAL_SLOPE[k][there], slopes[3 + k, along])
                matrix[:n, : n + 1] += weight * m[j] * change
            residual[n + j], matrix[n + j, : n + 1] = values[k], slopes[k, along]
        residual[-1], matrix[-1, :n] = x.sum() - 1.0, 1.0
        return residual, matrix
