"""Cantera's minimisers of the free energy as an oracle for our equilibria; each result is checked.

Temperatures in K, pressures in Pa, amounts in mol.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ConvergenceError, InputError
from .cantera_gas import POTENTIAL_TOLERANCE, ClosedSystem, element_potentials, gas_agrees, gas_of
from .cantera_phases import gas_phase
from .components import equilibrium as equilibrium_in_components
from .element_balance import balanced, extreme, holds, made_of
from .equilibrium_constants import bad_temperature, temperature_limits
from .records import CHARGE, Mechanism, Species, known_species
from .stoichiometry import formula_matrix

if TYPE_CHECKING:
    import cantera

# Values of ln(gas/condensate) between which the amount of a condensate is bisected.
LOWER, UPPER = (0, -5, -10, -20, -30, -40), (0, 5, 10, 20, 30)


def minimise_free_energy(
    mechanism: Mechanism,
    temperature: float,
    pressure: float,
    moles: Mapping[str, float],
    species: Sequence[str] | None = None,
    condensates: Sequence[str] = (),
    condensed_volume: bool = False,
) -> dict[str, float]:
    """Moles of every species of a closed ideal gas with pure condensates, by Cantera's minimisers.

    temperature [K], pressure [Pa].
    moles: element -> mol; E: surplus electrons of the system (0 by default, of either sign).
    species: gas species, all by default.
    condensates: species that may form; those outside their temperature range do not.
    condensed_volume: count the condensates' V (p - 1 bar), as Cantera does; the fits of ln K have none.

    Each result is checked before it is returned: elements to 1e-9, chemical potentials to 1e-8 RT.
    Cantera's solvers are tried in turn. Where its multiphase solver fails, the amount of a single condensate
    is bisected over its gas solver. Where a few species contain the elements exactly, the traces follow from
    these.
    InputError for arguments without meaning. ConvergenceError if nothing converges (seen only at graphite
    saturation with C = O to nine digits).
    """
    if species is None:
        species = [s.name for s in mechanism.species.values() if s.phase == "gas"]
    gases, named = _names(mechanism, species, condensates)
    _check_numbers(mechanism, temperature, pressure, moles, gases or named)
    solids = tuple(s for s in named if not _outside(mechanism.species[s], temperature))
    amounts = dict(moles)
    if any(CHARGE in mechanism.species[s].composition for s in gases):
        amounts = {CHARGE: 0.0} | amounts
    present = {e for e, n in amounts.items() if n > 0 or e == CHARGE}
    inside = [
        tuple(s for s in names if set(mechanism.species[s].composition) <= present)
        for names in (gases, solids)
    ]
    names = (*inside[0], *inside[1])
    matrix, shares, total = _balances(mechanism, names, present, amounts, (*gases, *solids))
    system = ClosedSystem(
        mechanism, temperature, pressure, inside[0], inside[1], condensed_volume, matrix, shares
    )
    minimum = _minimum(system)
    return dict.fromkeys((*gases, *named), 0.0) | {s: float(n) * total for s, n in zip(names, minimum)}


def _names(
    mechanism: Mechanism, species: Sequence[str], condensates: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of gases and condensates. InputError for a species that is unknown or of the other phase."""
    gases, solids = known_species(mechanism, species), known_species(mechanism, condensates)
    for names, phase in ((gases, "gas"), (solids, "condensed")):
        for name in names:
            if mechanism.species[name].phase != phase:
                raise InputError(f"species {name!r}", f"it is {mechanism.species[name].phase}, not {phase}.")
    return gases, solids


def _check_numbers(
    mechanism: Mechanism,
    temperature: float,
    pressure: float,
    moles: Mapping[str, float],
    species: Sequence[str],
) -> None:
    """InputError for a temperature outside the data of the species, a pressure or an amount out of range."""
    low, high = temperature_limits(mechanism, species)
    if not low <= temperature <= high:
        raise bad_temperature(temperature, low, high, ", ".join(species))
    if not 0 < pressure < math.inf:
        raise InputError(f"pressure = {pressure} Pa", "not a positive number.")
    for element, n in moles.items():
        known = element in mechanism.atomic_weights
        if not known or not math.isfinite(n) or (n < 0 and element != CHARGE):
            raise InputError(
                f"moles {element} = {n}",
                "not a finite amount of a known element.",
                f"elements: {', '.join(mechanism.atomic_weights)}; mol >= 0",
            )


def _outside(species: Species, temperature: float) -> bool:
    """Whether the temperature [K] is outside the data of the species."""
    low, high = species.temperature_range
    return not low <= temperature <= high


def _balances(
    mechanism: Mechanism,
    species: tuple[str, ...],
    present: set[str],
    moles: Mapping[str, float],
    requested: tuple[str, ...],
) -> tuple[np.ndarray, np.ndarray, float]:
    """Atoms (element, species), amounts of the elements over their sum, and the sum [mol].

    species: those that the elements which are present make. requested: all of them, for errors.
    InputError where no amounts of the species have these elements.
    """
    elements, matrix = formula_matrix(mechanism, species)
    lacking = sorted(e for e in present - set(elements) if moles[e])
    listed = f"species: {', '.join(requested)}"
    if lacking:
        raise InputError("moles", f"none of the species contains {', '.join(lacking)}.", listed)
    if not present - {CHARGE}:
        raise InputError("moles", "there is nothing at all.", listed)
    total = math.fsum(moles[e] for e in elements if e != CHARGE)
    amounts = np.array([moles[e] / total for e in elements])
    if made_of(matrix, amounts) is None:
        problem = "no mixture of the species has these elements."
        raise InputError("moles", problem, listed, "add a condensate or a species")
    return matrix, amounts, total


# ---- the ways to the minimum


def _minimum(system: ClosedSystem) -> np.ndarray:
    """Moles of gases, then solids, by the first way whose result is proved."""
    matrix, amounts = system.matrix, system.amounts
    if not system.gases and len(system.solids) == 1:
        moles = made_of(matrix, amounts)
    else:
        moles = _by_cantera(system)
        if moles is None:
            moles = _by_components(system)
    if moles is None or not holds(matrix, amounts, moles):
        what = ", ".join([*system.gases, *system.solids])
        raise ConvergenceError(
            f"Cantera's minimisers found no equilibrium of {what} "
            f"at {system.temperature:g} K and {system.pressure:g} Pa."
        )
    return moles


def _by_cantera(system: ClosedSystem) -> np.ndarray | None:
    """Moles by Cantera's minimisers alone, or None.

    None also for charges, elements in a fixed ratio and several condensates: for these `_by_components` is
    compared with Cantera's result.
    """
    matrix, amounts = system.matrix, system.amounts
    if (amounts <= 0).any() or np.linalg.matrix_rank(matrix) < len(amounts) or len(system.solids) > 1:
        return None
    if not system.solids:
        return gas_of(system, matrix, amounts)[0]
    if not system.gases:
        return None
    pure = system.pure()
    potentials = np.array([phase.standard_gibbs_RT[0] for phase in pure])
    moles = _mixture(system, pure, potentials)
    return moles if moles is not None else _one_condensate(system, potentials[0])


def _by_components(system: ClosedSystem) -> np.ndarray | None:
    """Moles where rounding spoils Cantera's traces, and with them its potentials.

    Pure steam has 1e-15 of H2 and O2, less than Cantera's balances of H and O resolve. Traces and condensates
    follow from the balances of the main species. What is left for the gas goes to Cantera again, which must
    find the same mole fractions above 1e-9.
    """
    split = system.split
    gas, pure = system.gas(), system.pure()
    mixture = equilibrium_in_components(
        system.matrix[:, :split].astype(float),
        system.matrix[:, split:].astype(float),
        system.amounts,
        gas.standard_gibbs_RT,
        np.array([phase.standard_gibbs_RT[0] for phase in pure]),
        0.0,
    )
    if mixture is None:
        return None
    moles = np.append(mixture.gas, mixture.condensed)
    if not mixture.gas.sum() > 0 or gas_agrees(system, gas, mixture.gas):
        return moles
    return None


def _mixture(
    system: ClosedSystem, pure: Sequence[cantera.Solution], potentials: np.ndarray
) -> np.ndarray | None:
    """Moles by Cantera's multiphase solver, or None if it fails or its result is no equilibrium.

    Its other solver, vcs, prints when it fails and stops at 1e-6 RT: it is not used.
    """
    import cantera as ct

    matrix, amounts, split = system.matrix, system.amounts, system.split
    T, P = system.temperature, system.pressure
    gas = gas_phase(system.mechanism, system.gases)
    mixture = ct.Mixture([(gas, 1.0), *((phase, 1.0) for phase in pure)])
    mixture.T, mixture.P = T, P
    start = made_of(matrix, amounts)
    if start is None:
        return None
    mixture.species_moles = start
    try:
        mixture.equilibrate("TP", solver="gibbs", rtol=1e-12, max_steps=10000)
    except ct.CanteraError:
        return None
    moles = mixture.species_moles
    if not moles[:split].sum() > 0:
        return None
    moles = balanced(matrix, amounts, moles, split)
    gas.TPX = T, P, moles[:split] / moles[:split].sum()
    elements, departure, fractions = element_potentials(gas, matrix[:, :split])
    # Above 0 more of the condensate would form.
    excess = elements @ matrix[:, split:] - potentials
    proved = np.where(moles[split:] > 0, np.abs(excess), excess).max() <= POTENTIAL_TOLERANCE
    if not (proved and departure <= POTENTIAL_TOLERANCE and holds(matrix, amounts, moles)):
        return None
    return np.append(moles[:split].sum() * fractions, moles[split:])


# ---- one condensate by bisection


@dataclass(frozen=True)
class _Split:
    """A gas in equilibrium with a condensate.

    moles: of the gases. excess: mu/RT of the condensate's atoms in the gas over that of the condensate.
    condensed: mol of the condensate.
    """

    moles: np.ndarray
    excess: float
    condensed: float


def _one_condensate(system: ClosedSystem, potential: float) -> np.ndarray | None:
    """Moles of the gases and of the only condensate, whose amount is bisected until both are in equilibrium.

    potential: mu/RT of the condensate.
    """
    from scipy.optimize import brentq

    amounts, matrix = system.amounts, system.matrix[:, : system.split]
    column = system.matrix[:, system.split]
    least, most = (extreme(np.column_stack([matrix, column]), amounts, sign) for sign in (1, -1))
    if least is None or most is None:
        return None
    spread = column * (most - least)
    bottom, top = amounts - column * most, amounts - column * least
    bottom, top = bottom * (bottom > 1e-13 * amounts), top * (top > 1e-13 * amounts)
    if most - least < 1e-12:
        # The elements alone determine the amount.
        only, _ = gas_of(system, matrix, bottom)
        return None if only is None else np.append(only, most)

    def at(z: float) -> _Split:
        """z: ln of gas over condensate, of the amount that may be either. ConvergenceError without a gas."""
        left = bottom + spread / (1 + math.exp(-z)) if z < 0 else top - spread / (1 + math.exp(z))
        moles, elements = gas_of(system, matrix, left)
        if moles is None or elements is None:
            raise ConvergenceError
        condensed = most - (most - least) / (1 + math.exp(-z))
        return _Split(moles, elements @ column - potential, condensed)

    def excess(z: float) -> float:
        """The function whose zero is the equilibrium."""
        return at(z).excess

    if least < 1e-11:
        # There may be none of the condensate.
        moles, elements = gas_of(system, matrix, amounts)
        if moles is not None and elements is not None and elements @ column <= potential:
            return np.append(moles, 0.0)
    try:
        low = next((z for z in LOWER if excess(z) < 0), None)
        high = next((z for z in UPPER if excess(z) > 0), None)
        if low is None or high is None:
            return None
        state = at(brentq(excess, low, high, xtol=1e-13))
    except ConvergenceError:
        return None
    return np.append(state.moles, state.condensed) if abs(state.excess) <= POTENTIAL_TOLERANCE else None
