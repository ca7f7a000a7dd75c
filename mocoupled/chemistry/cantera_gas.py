"""Cantera's equilibrium of an ideal gas, checked by the potentials of its elements; records of the oracle."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from .cantera_phases import condensed_phase, gas_phase
from .element_balance import balanced, holds, made_of
from .records import Mechanism

if TYPE_CHECKING:
    import cantera

# Mole fraction of a trace.
TRACE = 1e-20
# Of all moles: what the elements alone determine, and is less, is rounding.
ROUNDING = 1e-14
# Of RT.
POTENTIAL_TOLERANCE = 1e-8
# Cantera's, the most accurate first; vcs prints when it fails.
GAS_SOLVERS: tuple[Literal["element_potential", "gibbs"], ...] = ("element_potential", "gibbs")
# Moles of the gases and potentials / RT of the elements; None where there are none.
GasResult = tuple[np.ndarray, np.ndarray | None] | tuple[None, None]


@dataclass(frozen=True)
class ClosedSystem:
    """A closed system in which every element is present.

    volume: whether the V (p - 1 bar) of the condensates counts.
    matrix: atoms (element, gas then condensate). amounts: mol of each element, 1 in all.
    """

    mechanism: Mechanism
    temperature: float
    pressure: float
    gases: tuple[str, ...]
    solids: tuple[str, ...]
    volume: bool
    matrix: np.ndarray
    amounts: np.ndarray

    @property
    def split(self) -> int:
        """Number of gases."""
        return len(self.gases)

    def gas(self) -> cantera.Solution:
        """Cantera's gas at the temperature and pressure."""
        gas = gas_phase(self.mechanism, self.gases)
        gas.TP = self.temperature, self.pressure
        return gas

    def pure(self) -> list[cantera.Solution]:
        """Cantera's condensates at the temperature and pressure."""
        phases = [condensed_phase(self.mechanism, name, self.volume) for name in self.solids]
        for phase in phases:
            phase.TP = self.temperature, self.pressure
        return phases


def gas_of(system: ClosedSystem, matrix: np.ndarray, amounts: np.ndarray) -> GasResult:
    """Moles of the gases and potentials / RT of the elements, by the first solver whose result holds.

    matrix, amounts: of the gas; the potentials are None where an element is absent, both where no solver
    does.
    """
    present = amounts > 0
    if present.all():
        return _complete_gas(system, matrix, amounts)
    used = ~matrix[~present].any(axis=0)
    rest = tuple(system.gases[k] for k in np.flatnonzero(used))
    moles = np.zeros(system.split)
    if rest:
        smaller = replace(system, gases=rest)
        part, _ = _complete_gas(smaller, matrix[present][:, used], amounts[present])
        if part is None:
            return None, None
        moles[used] = part
    return moles, None


def _complete_gas(system: ClosedSystem, matrix: np.ndarray, amounts: np.ndarray) -> GasResult:
    """The same where every element is present."""
    import cantera as ct

    start = made_of(matrix, amounts)
    if start is None:
        return None, None
    gas = gas_phase(system.mechanism, system.gases)
    # Whether the elements alone determine the moles.
    fixed = np.linalg.matrix_rank(matrix) == system.split
    for solver in GAS_SOLVERS:
        gas.TPX = system.temperature, system.pressure, start
        try:
            if not fixed:
                gas.equilibrate("TP", solver=solver, rtol=1e-12, max_steps=10000)
        except ct.CanteraError:
            continue
        moles = balanced(matrix, amounts, gas.X * (amounts.sum() / (matrix @ gas.X).sum()), system.split)
        gas.TPX = system.temperature, system.pressure, moles
        potentials, departure, fractions = element_potentials(gas, matrix)
        if not holds(matrix, amounts, moles):
            continue
        if fixed:
            return np.where(moles < ROUNDING * moles.sum(), 0.0, moles), potentials
        if departure <= POTENTIAL_TOLERANCE:
            return moles.sum() * fractions, potentials
    return None, None


def element_potentials(gas: cantera.Solution, matrix: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Element potentials / RT that fit the gas's chemical potentials, largest departure, mole fractions.

    Cantera's solvers drop some species below TRACE. Such a species is left out of the check if the potentials
    put it below TRACE too, and gets the mole fraction that follows from them.
    """
    # The standard potentials are at the pressure of the gas.
    x, standard = gas.X, gas.standard_gibbs_RT
    weight, ln_x = np.sqrt(x), np.log(np.maximum(x, 1e-300))
    potentials = np.linalg.lstsq((matrix * weight).T, (standard + ln_x) * weight, rcond=None)[0]
    implied = np.minimum(potentials @ matrix - standard, 1.0)
    trace = np.maximum(ln_x, implied) < math.log(TRACE)
    departure = float(np.abs(ln_x - implied)[~trace].max())
    return potentials, departure, np.where(trace, np.exp(implied), x)


def gas_agrees(system: ClosedSystem, gas: cantera.Solution, moles: np.ndarray) -> bool:
    """Whether Cantera finds the same mole fractions above 1e-9 of a gas with these moles."""
    import cantera as ct

    split, amounts = system.split, system.amounts
    atoms = system.matrix[:, :split]
    x = moles / moles.sum()
    charge = (system.matrix < 0).any(axis=1) | (amounts <= 0)
    left = np.where(charge, amounts, atoms @ moles)
    rows = charge | (left > 0)
    # Not x: a solver that does nothing must not agree.
    start = made_of(atoms[rows], left[rows])
    if start is None:
        return False
    for solver in GAS_SOLVERS:
        gas.TPX = system.temperature, system.pressure, start
        try:
            gas.equilibrate("TP", solver=solver, rtol=1e-12, max_steps=10000)
        except ct.CanteraError:
            continue
        # The balance of a trace element is missed by rounding of the main ones.
        share = system.matrix[rows][:, :split]
        theirs = balanced(share, left[rows], gas.X * (left[rows].sum() / (share @ gas.X).sum()), split)
        theirs = theirs / theirs.sum()
        main = np.maximum(theirs, x) > 1e-9
        apart = np.log(np.maximum(theirs, 1e-300)[main] / np.maximum(x, 1e-300)[main])
        if np.abs(apart).max() <= POTENTIAL_TOLERANCE:
            return True
    return False
