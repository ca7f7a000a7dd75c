"""Equilibria of a planet with a budget of oxygen where the kernel does not converge, mostly below 500 K.

There the amounts span so many decades that rounding stops Newton's method on the balances of the elements.
Instead the closed system of the same elements is solved by components (chemistry/components.py). Its free
energies are shifted by the dissolved amount of each species. This is repeated until the pressure and the
dissolved amounts agree with the solution.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..chemistry.components import equilibrium as equilibrium_in_components
from ..constants import BAR, GAS_CONSTANT
from ..dae.kernel.batch import Batch, Points
from ..planet.assembly import Planet
from ..planet.closed_system import standard_potentials
from ..planet.species_declarations import WATER
from ..planet.species_of_case import GRAPHITE

# Repetitions at most.
ROUNDS = 200
# Change of ln of the pressure and of the dissolved amounts between two repetitions.
AGREED = 1e-14
# The same, where rounding prevents a smaller one.
ROUNDING = 1e-12
# Share of a change that is taken once the changes no longer shrink.
FACTOR = 0.5

# Outputs, residual and number of iterations of a point.
Solution = tuple[Sequence[float], float, int]


@dataclass(frozen=True)
class ClosedSystem:
    """The elements of a planet as a closed system.

    gas_atoms (element, gas), pure_atoms (element, condensate).
    atomic_weights of the elements and molar_masses of the gases [kg/mol].
    potentials: mu/RT of gases, then condensates, as a function of T [K] and P [Pa].
    graphite_volume [m3/mol]. area_per_gravity [m s2]: of the surface.
    """

    gases: tuple[str, ...]
    pure: tuple[str, ...]
    elements: tuple[str, ...]
    gas_atoms: np.ndarray
    pure_atoms: np.ndarray
    atomic_weights: np.ndarray
    molar_masses: np.ndarray
    potentials: Callable[[float, float], Sequence[float]]
    graphite_volume: float
    area_per_gravity: float


def closed_system(planet: Planet) -> ClosedSystem | None:
    """The closed system behind a planet's equilibrium.

    None where the amounts of the elements, oxygen among them, are not all prescribed, where the melt supplies
    some, or where the data set has no free energies of single species.
    """
    chemistry = planet.chemistry
    budget = "O" in chemistry.elements and not chemistry.pressures and chemistry.iron is None
    if not budget or chemistry.rock is not None or chemistry.source != "nasa7":
        return None
    mechanism, gases = chemistry.mechanism, chemistry.gases
    water = (WATER,) if chemistry.water and "H2O" in gases else ()
    pure = (*(s for s in chemistry.species if s not in gases), *water)
    compositions = [mechanism.species["H2O" if s == WATER else s].composition for s in (*gases, *pure)]
    atoms = np.array([[c.get(e, 0) for c in compositions] for e in chemistry.elements], dtype=float)
    return ClosedSystem(
        gases=gases,
        pure=pure,
        elements=chemistry.elements,
        gas_atoms=atoms[:, : len(gases)],
        pure_atoms=atoms[:, len(gases) :],
        atomic_weights=np.array([mechanism.atomic_weights[e] for e in chemistry.elements]),
        molar_masses=np.array([chemistry.molar_mass(s) for s in gases]),
        potentials=standard_potentials(mechanism, (*gases, *pure), chemistry.fugacity),
        graphite_volume=chemistry.graphite_volume,
        area_per_gravity=4 * math.pi * planet.structure.radius**2 / planet.structure.gravity,
    )


def solve_cold(
    system: ClosedSystem, batch: Batch, points: Points, parameters: Mapping[str, ArrayLike], size: int
) -> None:
    """Set, in place, those points without a result that have one by components."""
    columns = {
        name: np.broadcast_to(np.asarray(value, dtype=float), size) for name, value in parameters.items()
    }
    for k in np.flatnonzero(~points.converged):
        values = {name: float(column[k]) for name, column in columns.items()}
        with np.errstate(all="ignore"):
            solution = _solution(system, batch, values)
        if solution is not None:
            points.values[:, k], points.residual[k], points.iterations[k] = solution
            points.converged[k] = True


def _solution(system: ClosedSystem, batch: Batch, values: Mapping[str, float]) -> Solution | None:
    """The solution at these parameters, or None."""
    T, amounts = values["temperature"], np.array([values[f"moles_{e}"] for e in system.elements])
    p = [values[name] for name in batch.vary]
    gas_rows = _rows(batch, "gas_mass")
    melt_rows = _rows(batch, "dissolved_mass")
    ln_P = math.log(amounts @ system.atomic_weights / system.area_per_gravity / BAR)
    # ln of P/bar, of sum(weight p)/P, and of the weights (gas + melt)/gas.
    state = np.array([ln_P, 0.0, *np.zeros(len(system.gases))])
    last = math.inf
    for repetition in range(1, ROUNDS + 1):
        closed = _closed(system, T, amounts, state)
        if closed is None:
            return None
        unknowns, moles = closed
        outputs = batch.outputs_at(p, unknowns)
        if not outputs:
            return None
        gas = np.array([outputs[row] for row in gas_rows])
        melt = np.array([outputs[row] for row in melt_rows])
        weights = 1.0 + np.where(gas > 0, melt / gas, 0.0)
        outside = moles / weights
        if not outside.sum() > 0:
            return None
        ln_P = math.log(outside @ system.molar_masses / system.area_per_gravity / BAR)
        step = np.array([ln_P, math.log(moles.sum() / outside.sum()), *np.log(weights)]) - state
        change = np.abs(step).max()
        if change < AGREED or repetition == ROUNDS:
            break
        state = state + step * (1.0 if change < last or repetition < 5 else FACTOR)
        last = change
    return batch.polished(p, unknowns, repetition) if change < ROUNDING else None


def _rows(batch: Batch, name: str) -> list[int]:
    """Rows of the outputs with this name."""
    return [row for row, output in enumerate(batch.model.outputs) if output.name == name]


def _closed(
    system: ClosedSystem, T: float, amounts: np.ndarray, state: np.ndarray
) -> tuple[dict[str, float], np.ndarray] | None:
    """The kernel's unknowns by name, and the moles of each gas, those in the melt included.

    None without an equilibrium.
    """
    ln_P, excess, ln_weights = state[0], state[1], state[2:]
    P, total, split = BAR * math.exp(ln_P), amounts.sum(), len(system.gases)
    mu = np.array(system.potentials(T, P), dtype=float)
    if GRAPHITE in system.pure:
        mu[split + system.pure.index(GRAPHITE)] += system.graphite_volume * (P - BAR) / (GAS_CONSTANT * T)
    mixture = equilibrium_in_components(
        system.gas_atoms,
        system.pure_atoms,
        amounts / total,
        mu[:split] - ln_weights,
        mu[split:],
        ln_P + excess,
    )
    if mixture is None:
        return None
    ln_p = mixture.potentials @ system.gas_atoms - mu[:split]
    unknowns = {f"ln_p[{gas}]": x for gas, x in zip(system.gases, ln_p)}
    ln_a = mixture.potentials @ system.pure_atoms - mu[split:]
    for k, name in enumerate(system.pure):
        counts = system.pure_atoms[:, k]
        most = (amounts[counts > 0] / counts[counts > 0]).min() / total
        unknowns[f"s[{name}]"] = mixture.condensed[k] / most if mixture.condensed[k] > 0 else ln_a[k]
    return unknowns | {"ln_P": ln_P}, mixture.gas * total
