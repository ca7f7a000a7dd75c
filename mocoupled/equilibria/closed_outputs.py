"""The outputs of a closed system's kernel from amounts of its species that another solver gives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..constants import BAR
from ..dae.kernel.batch import Points
from .closed_problem import Problem
from .condensate_ranges import in_range


@dataclass(frozen=True)
class State:
    """The equilibrium of a closed system at a temperature [K] and a pressure [Pa].

    moles: mol of all species of the problem, gases first.
    activities: of all species, those of the condensates are read; None where they are computed here.
    """

    problem: Problem
    moles: np.ndarray
    temperature: float
    pressure: float
    activities: np.ndarray | None = None

    @cached_property
    def fractions(self) -> np.ndarray:
        """Mole fractions of the gases; 0 where there is no gas."""
        gases = self.moles[: len(self.problem.species)]
        return gases / gases.sum() if gases.sum() > 0 else gases

    @cached_property
    def potentials(self) -> np.ndarray:
        """mu/RT of all species."""
        return np.array(self.problem.potentials(self.temperature, self.pressure), dtype=float)

    @cached_property
    def ln_phi(self) -> np.ndarray:
        """Logarithms of the fugacity coefficients."""
        ideal = self.problem.ideal_potentials(self.temperature, self.pressure)
        return self.potentials - np.array(ideal, dtype=float)

    def output(self, name: str, label: str) -> float | None:
        """An output of the kernel for a species (label); None for outputs that are none of these."""
        if name == "log10_fO2":
            return self._log10_fO2()
        if not label:
            return None
        k = self.problem.names.index(label)
        if name == "pressure":
            return self.fractions[k] * self.pressure
        if name == "mixing_ratio":
            return self.fractions[k]
        if name in ("gas_moles", "condensate_moles"):
            return self.moles[k]
        if name == "condensate_activity":
            return self._activity(k) if self.activities is None else self.activities[k]
        if name == "fugacity_coefficient":
            return np.exp(self.ln_phi[k])
        return None

    def _log10_fO2(self) -> float:
        """log10 fO2 [bar]; NaN where the species that are present do not determine it."""
        problem = self.problem
        if problem.oxygen is None:
            return np.nan
        target = np.array([2.0 * (element == "O") for element in problem.elements])
        return (self._potential(target) - problem.oxygen(self.temperature)) / np.log(10)

    def _activity(self, k: int) -> float:
        """Activity of condensate k.

        NaN outside its range, or where the species present do not determine it.
        """
        problem = self.problem
        if not in_range(problem.mechanism, problem.names[k], self.temperature):
            return np.nan
        if self.moles[k] > 0:
            return 1.0
        return float(np.exp(self._potential(problem.matrix[:, k]) - float(self.potentials[k])))

    def _potential(self, target: np.ndarray) -> float:
        """mu/RT of these atoms, from the most abundant species that together make them; NaN where none do.

        Of condensates alone where no gas is left.
        """
        problem, moles = self.problem, self.moles
        split = len(problem.species)
        chosen: list[int] = []
        for j in np.argsort(-moles, kind="stable"):
            present = moles[j] > 0 or (problem.names[j] == "O2" and self.fractions[j] > 0)
            if present and np.linalg.matrix_rank(problem.matrix[:, [*chosen, j]]) > len(chosen):
                chosen.append(int(j))
        if not chosen:
            return np.nan
        columns = problem.matrix[:, chosen]
        counts = np.linalg.lstsq(columns, target, rcond=None)[0]
        counts[np.abs(counts) < 1e-9] = 0.0
        if np.abs(columns @ counts - target).max() > 1e-9:
            return np.nan
        mu = self.potentials[chosen]
        ln_a = [np.log(self.fractions[j] * self.pressure / BAR) if j < split else 0.0 for j in chosen]
        return float(counts @ (mu + ln_a))


def fill(points: Points, k: int, state: State) -> None:
    """Set the outputs of point k to those of a state."""
    for (name, label), row in state.problem.rows.items():
        value = state.output(name, label)
        if value is not None:
            points.values[row, k] = value
    points.converged[k] = True


def residual(matrix: np.ndarray, amounts: np.ndarray, moles: np.ndarray) -> np.ndarray:
    """|ln(content/amount)| of each element; for a charge, of the ions of both signs.

    matrix: atoms (element, species). amounts: mol of each element. moles: of each species.
    """
    up = np.maximum(matrix, 0) @ moles + np.maximum(-amounts, 0)
    down = np.maximum(-matrix, 0) @ moles + np.maximum(amounts, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((up == 0) & (down == 0), 0.0, np.abs(np.log(up) - np.log(down)))
