"""A closed system at many points by Cantera's minimiser on the free energies of the kernel."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np

from ..broadcasting import Conditions
from ..chemistry.cantera_oracle import minimise_free_energy
from ..chemistry.components import independent
from ..chemistry.records import Mechanism
from ..constants import BAR
from ..dae.kernel.batch import Points
from ..errors import ConvergenceError, InputError
from ..planet.species_declarations import WATER
from .closed_outputs import State, fill, residual
from .closed_problem import Problem
from .condensate_ranges import in_range
from .points import nothing

# J/kmol/K; Cantera's.
CANTERA_GAS_CONSTANT = 8314.46261815324


def with_cantera(problem: Problem, conditions: Conditions) -> Points:
    """The outputs of the kernel, computed by Cantera's minimiser point by point."""
    n = conditions.size
    columns = {
        name: np.broadcast_to(np.asarray(values, dtype=float), n)
        for name, values in conditions.columns.items()
    }
    prescribed = problem.amounts(columns, n)
    points = nothing(len(problem.model.outputs), n)
    rows = independent(problem.matrix)
    for k in range(n):
        amounts = {element: float(v) for element, v in zip(problem.elements, prescribed[:, k])}
        T, P = float(columns["temperature"][k]), float(columns["pressure"][k])
        solids = tuple(c for c in problem.condensates if in_range(problem.mechanism, c, T))
        mechanism = problem.mechanism
        if WATER in problem.names or problem.fugacity != "ideal":
            mechanism = _mechanism_at(problem, T, P)
        try:
            result = minimise_free_energy(mechanism, T, P, amounts, problem.species, solids)
        except (ConvergenceError, InputError):
            # InputError: no amounts of the species hold the elements.
            continue
        moles = np.array([result.get(name, 0.0) for name in problem.names])
        fill(points, k, State(problem, moles, T, P))
        points.residual[k] = residual(problem.matrix, prescribed[:, k], moles)[rows].max()
    return points


def _mechanism_at(problem: Problem, T: float, P: float) -> Mechanism:
    """The mechanism at one temperature [K] and pressure [Pa], for Cantera's ideal gas and pure phases.

    Each species has the constant free energy that the kernel takes, its fugacity coefficient (a number at T
    and P) included.
    """
    species = {}
    for name, mu in zip(problem.names, np.array(problem.potentials(T, P), dtype=float)):
        thermo = {
            "model": "constant-cp",
            "reference-pressure": BAR,
            "T0": T,
            "h0": float(mu) * CANTERA_GAS_CONSTANT * T,
            "s0": 0.0,
            "cp0": 0.0,
        }
        species[name] = replace(problem.mechanism.species[name], thermo=thermo)
    return replace(problem.mechanism, species=MappingProxyType(species))


def difference(problem: Problem, kernel: Points, cantera: Points) -> np.ndarray:
    """Largest |ln| difference of the gases' mole fractions where either is above 1e-9, at each point.

    NaN where either has no result; 0 where everything has condensed in both: Cantera then keeps a gas of
    the size of rounding.
    """
    rows = problem.rows_of("mixing_ratio")
    a, b = kernel.values[rows], cantera.values[rows]
    counted = np.fmax(a, b) > 1e-9
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.where(counted, np.abs(np.log(a / b)), 0.0)
    moles = problem.rows_of("gas_moles", "condensate_moles")
    gases = [problem.rows["gas_moles", s] for s in problem.species]
    left = [p.values[gases].sum(axis=0) / p.values[moles].sum(axis=0) for p in (kernel, cantera)]
    apart[:, np.fmax(*left) < 1e-9] = 0.0
    return np.where(kernel.converged & cantera.converged, apart.max(axis=0), np.nan)
