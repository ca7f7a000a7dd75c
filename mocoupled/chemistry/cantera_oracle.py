"""Cantera's minimisers of the free energy, as an oracle for our own equilibria; each result is proved.

Temperatures in K, pressures in Pa, amounts in mol. Cantera's phases have a state: each thread has its own.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Mapping, Sequence

import numpy as np

from ..errors import ConvergenceError, InputError
from .components import equilibrium as in_components
from .element_balance import balanced, extreme, holds, made_of
from .reactions import CHARGE, Mechanism, bad_temperature, formula_matrix, known_species, temperature_limits

TRACE = 1e-20  # mole fraction
ROUNDING = 1e-14  # of all moles: what the elements alone decide, and is less, is rounding
POTENTIAL_TOLERANCE = 1e-8  # of RT
GAS_SOLVERS = ("element_potential", "gibbs")  # Cantera's, most accurate first; vcs prints when it fails
PHASES = 256  # of Cantera's that a thread keeps


def minimise_free_energy(
    mechanism: Mechanism,
    temperature: float,
    pressure: float,
    moles: Mapping[str, float],
    species: Sequence[str] | None = None,
    condensates: Sequence[str] = (),
    condensed_volume: bool = False,
) -> dict[str, float]:
    """Moles of every species of a closed ideal gas with pure condensates, by Cantera's own minimisers.

    temperature [K], pressure [Pa], moles: element -> mol; E: of electrons that the system has too many (0 by default, of
    either sign). species: gas species, all by default. condensates: species that may form, those outside their
    temperature range do not. condensed_volume: count the condensates' V (p - 1 bar), as Cantera does; the fits of ln K have none.
    Each result is proved before it is returned: elements to 1e-9, chemical potentials to 1e-8 RT. Cantera's solvers
    are tried in turn; where its multiphase solver fails, a single condensate's amount is found by bisection over
    its gas solver; where a few species hold the elements exactly, the traces follow from these. Raises InputError for a request that means nothing, ConvergenceError if nothing converges (seen
    only at graphite saturation with C = O to nine digits).
    """
    gases = known_species(
        mechanism,
        [s.name for s in mechanism.species.values() if s.phase == "gas"] if species is None else species,
    )
    solids = known_species(mechanism, condensates)
    for names, phase in ((gases, "gas"), (solids, "condensed")):
        for s in names:
            if mechanism.species[s].phase != phase:
                raise InputError(f"species {s!r}", f"it is {mechanism.species[s].phase}, not {phase}.")
    low, high = temperature_limits(mechanism, gases or solids)
    if not low <= temperature <= high:
        raise bad_temperature(temperature, low, high, ", ".join(gases or solids))
    named = gases + solids
    solids = tuple(s for s in solids if not _outside(mechanism.species[s], temperature))
    if not 0 < pressure < math.inf:
        raise InputError(f"pressure = {pressure} Pa", "not a positive number.")
    for e, n in moles.items():
        if e not in mechanism.atomic_weights or not (0 <= n or e == CHARGE) or not math.isfinite(n):
            raise InputError(
                f"moles {e} = {n}",
                "not a finite amount of a known element.",
                f"elements: {', '.join(mechanism.atomic_weights)}; mol >= 0",
            )
    moles = (
        {CHARGE: 0.0} | dict(moles)
        if any(CHARGE in mechanism.species[s].composition for s in gases)
        else dict(moles)
    )
    present = {e for e, n in moles.items() if n > 0 or e == CHARGE}
    inside = [
        [s for s in names if set(mechanism.species[s].composition) <= present] for names in (gases, solids)
    ]
    elements, matrix = formula_matrix(mechanism, [*inside[0], *inside[1]])
    lacking = sorted(e for e in present - set(elements) if moles[e])
    if lacking or not present - {CHARGE}:
        what = f"none of the species can hold {', '.join(lacking)}" if lacking else "there is nothing at all"
        raise InputError("moles", f"{what}.", f"species: {', '.join(gases + solids)}")
    total = math.fsum(moles[e] for e in elements if e != CHARGE)
    amounts = np.array([moles[e] / total for e in elements])
    if made_of(matrix, amounts) is None:
        raise InputError(
            "moles",
            "no mixture of the species has these elements.",
            f"species: {', '.join(gases + solids)}",
            "add a condensate or a species",
        )
    found = _minimum(mechanism, temperature, pressure, *map(tuple, inside), condensed_volume, matrix, amounts)
    return {s: 0.0 for s in named} | {s: float(n) * total for s, n in zip([*inside[0], *inside[1]], found)}


def _outside(species, temperature) -> bool:
    return not species.temperature_range[0] <= temperature <= species.temperature_range[1]


def _minimum(mechanism, T, P, gases, solids, volume, matrix, amounts) -> np.ndarray:
    """Moles of gases, then solids; every element of `amounts` is present."""
    split = len(gases)
    if not gases and len(solids) == 1:
        return made_of(matrix, amounts)
    found = None
    if (amounts <= 0).any() or np.linalg.matrix_rank(matrix) < len(amounts) or len(solids) > 1:
        pass  # charges, elements in one ratio, several condensates: balances that Cantera's result is compared with
    elif not solids:
        found, _ = _gas(mechanism, gases, T, P, matrix, amounts)
    else:
        pure = [_condensed_phase(mechanism, s, volume) for s in solids]
        for phase in pure:
            phase.TP = T, P
        potentials = np.array([phase.standard_gibbs_RT[0] for phase in pure])
        found = (
            _mixture(_gas_phase(mechanism, gases), pure, potentials, T, P, matrix, amounts) if gases else None
        )
        if found is None and gases and len(solids) == 1:
            found = _one_condensate(
                mechanism, gases, potentials[0], T, P, matrix[:, :split], matrix[:, split], amounts
            )
    if found is None:
        found = _in_components(mechanism, gases, solids, volume, T, P, matrix, amounts)
    if found is None or not holds(matrix, amounts, found):
        what = ", ".join([*gases, *solids])
        raise ConvergenceError(
            f"Cantera's minimisers found no equilibrium of {what} at {T:g} K and {P:g} Pa."
        )
    return found


def _in_components(mechanism, gases, solids, volume, T, P, matrix, amounts) -> np.ndarray | None:
    """Moles where rounding spoils Cantera's traces, and with them its potentials: pure steam has 1e-15 of H2 and O2, less
    than Cantera's balances of H and O can tell. Traces and condensates follow from the balances of the main species;
    what is left for the gas is given to Cantera again, which must find the same mole fractions above 1e-9."""
    import cantera as ct

    split = len(gases)
    gas, pure = _gas_phase(mechanism, gases), [_condensed_phase(mechanism, s, volume) for s in solids]
    gas.TP = T, P
    for phase in pure:
        phase.TP = T, P
    own = np.array([phase.standard_gibbs_RT[0] for phase in pure])
    mixture = in_components(
        matrix[:, :split].astype(float),
        matrix[:, split:].astype(float),
        amounts,
        gas.standard_gibbs_RT,
        own,
        0.0,
    )
    if mixture is None:
        return None
    found = np.append(mixture.gas, mixture.condensed)
    if not mixture.gas.sum() > 0:
        return found
    x = mixture.gas / mixture.gas.sum()
    charge = (matrix < 0).any(axis=1) | (amounts <= 0)
    left = np.where(charge, amounts, matrix[:, :split] @ mixture.gas)
    rows = charge | (left > 0)
    start = made_of(matrix[:, :split][rows], left[rows])  # not x: a solver that does nothing must not agree
    if start is None:
        return None
    for solver in GAS_SOLVERS:
        gas.TPX = T, P, start
        try:
            gas.equilibrate("TP", solver=solver, rtol=1e-12, max_steps=10000)
        except ct.CanteraError:
            continue
        share = matrix[rows][:, :split]  # a trace element's balance is missed by rounding of the main ones
        theirs = balanced(share, left[rows], gas.X * (left[rows].sum() / (share @ gas.X).sum()), split)
        theirs = theirs / theirs.sum()
        main = np.maximum(theirs, x) > 1e-9
        if (
            np.abs(np.log(np.maximum(theirs, 1e-300)[main] / np.maximum(x, 1e-300)[main])).max()
            <= POTENTIAL_TOLERANCE
        ):
            return found
    return None


def _gas(mechanism, names, T, P, matrix, amounts) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Moles of the gas species and elements' potentials / RT by the first of Cantera's solvers whose result holds."""
    import cantera as ct

    present = amounts > 0
    if not present.all():
        used = ~matrix[~present].any(axis=0)
        rest = tuple(s for s, kept in zip(names, used) if kept)
        moles = np.zeros(len(names))
        if rest:
            found, _ = _gas(mechanism, rest, T, P, matrix[present][:, used], amounts[present])
            if found is None:
                return None, None
            moles[used] = found
        return moles, None
    start = made_of(matrix, amounts)
    if start is None:
        return None, None
    gas = _gas_phase(mechanism, names)
    fixed = np.linalg.matrix_rank(matrix) == len(names)  # the elements alone decide
    for solver in GAS_SOLVERS:
        gas.TPX = T, P, start
        try:
            if not fixed:
                gas.equilibrate("TP", solver=solver, rtol=1e-12, max_steps=10000)
        except ct.CanteraError:
            continue
        found = balanced(matrix, amounts, gas.X * (amounts.sum() / (matrix @ gas.X).sum()), len(names))
        gas.TPX = T, P, found
        potentials, departure, fractions = _potentials(gas, matrix)
        if holds(matrix, amounts, found) and fixed:
            return np.where(found < ROUNDING * found.sum(), 0.0, found), potentials
        if holds(matrix, amounts, found) and departure <= POTENTIAL_TOLERANCE:
            return found.sum() * fractions, potentials
    return None, None


def _potentials(gas, matrix) -> tuple[np.ndarray, float, np.ndarray]:
    """Element potentials / RT that fit the gas's chemical potentials, the largest departure, and the mole fractions.

    A species below TRACE is left out of the proof if it belongs there, and gets the mole fraction of the potentials:
    Cantera's solvers drop some of these.
    """
    x, standard = gas.X, gas.standard_gibbs_RT  # the latter at the gas's own pressure
    weight, ln_x = np.sqrt(x), np.log(np.maximum(x, 1e-300))
    found = np.linalg.lstsq((matrix * weight).T, (standard + ln_x) * weight, rcond=None)[0]
    implied = np.minimum(found @ matrix - standard, 1.0)
    trace = np.maximum(ln_x, implied) < math.log(TRACE)
    return found, float(np.abs(ln_x - implied)[~trace].max()), np.where(trace, np.exp(implied), x)


def _mixture(gas, pure, potentials, T, P, matrix, amounts) -> np.ndarray | None:
    """Moles by Cantera's multiphase solver, or None if it fails or its result is no equilibrium.

    Its other solver, vcs, prints when it fails and stops at 1e-6 RT: it is not used.
    """
    import cantera as ct

    split = gas.n_species
    mixture = ct.Mixture([(gas, 1.0), *((phase, 1.0) for phase in pure)])
    mixture.T, mixture.P = T, P
    mixture.species_moles = made_of(matrix, amounts)
    try:
        mixture.equilibrate("TP", solver="gibbs", rtol=1e-12, max_steps=10000)
    except ct.CanteraError:
        return None
    found = mixture.species_moles
    if not found[:split].sum() > 0:
        return None
    found = balanced(matrix, amounts, found, split)
    gas.TPX = T, P, found[:split] / found[:split].sum()
    elements, departure, fractions = _potentials(gas, matrix[:, :split])
    excess = elements @ matrix[:, split:] - potentials  # > 0: more of it would form
    proved = np.where(found[split:] > 0, np.abs(excess), excess).max() <= POTENTIAL_TOLERANCE
    if not (proved and departure <= POTENTIAL_TOLERANCE and holds(matrix, amounts, found)):
        return None
    return np.append(found[:split].sum() * fractions, found[split:])


def _one_condensate(mechanism, gases, potential, T, P, matrix, column, amounts) -> np.ndarray | None:
    """Moles of gases and of one condensate, whose amount is bisected until gas and condensate are in equilibrium."""
    from scipy.optimize import brentq

    least, most = (extreme(np.column_stack([matrix, column]), amounts, sign) for sign in (1, -1))
    if least is None or most is None:
        return None
    spread = column * (most - least)
    bottom, top = amounts - column * most, amounts - column * least
    bottom, top = bottom * (bottom > 1e-13 * amounts), top * (top > 1e-13 * amounts)
    if most - least < 1e-12:  # the elements alone decide
        moles, _ = _gas(mechanism, gases, T, P, matrix, bottom)
        return None if moles is None else np.append(moles, most)

    def state(z):  # z = ln of gas over condensate, of the amount that may be either
        left = bottom + spread / (1 + math.exp(-z)) if z < 0 else top - spread / (1 + math.exp(z))
        moles, elements = _gas(mechanism, gases, T, P, matrix, left)
        return (
            (moles, elements @ column - potential, most - (most - least) / (1 + math.exp(-z)))
            if moles is not None
            else None
        )

    def excess(z):
        if (found := state(z)) is None:
            raise ConvergenceError
        return found[1]

    if least < 1e-11:  # none of it may be the answer
        moles, elements = _gas(mechanism, gases, T, P, matrix, amounts)
        if moles is not None and elements @ column <= potential:
            return np.append(moles, 0.0)
    try:
        low = next((z for z in (0, -5, -10, -20, -30, -40) if excess(z) < 0), None)
        high = next((z for z in (0, 5, 10, 20, 30) if excess(z) > 0), None)
        found = None if low is None or high is None else state(brentq(excess, low, high, xtol=1e-13))
    except ConvergenceError:
        return None
    return np.append(found[0], found[2]) if found and abs(found[1]) <= POTENTIAL_TOLERANCE else None


def _gas_phase(mechanism, names):
    """Cantera's ideal gas of these species alone, with the file's data and atomic weights."""
    return _of_this_thread(("gas", mechanism, names), lambda: _phase(mechanism, "ideal-gas", names))


def _condensed_phase(mechanism, name, volume):
    """Cantera's pure phase of a condensate: the file's own, or one without volume (free energy as at 1 bar)."""

    def make():
        import cantera as ct

        if volume:
            return ct.Solution(
                str(mechanism.path), next(p for p, names in mechanism.phases.items() if name in names)
            )
        return _phase(
            mechanism, "fixed-stoichiometry", (name,), {"model": "constant-volume", "molar-volume": 1e-30}
        )

    return _of_this_thread(("condensed", mechanism, name, volume), make)


_phases = threading.local()  # Cantera's phases have a state: two threads must not share them


def _of_this_thread(key, make):
    """This thread's phase of that key, made when it is first needed; the last ones used are kept."""
    kept = _phases.__dict__.setdefault("kept", {})
    phase = kept.pop(key) if key in kept else make()
    kept[key] = phase
    if len(kept) > PHASES:
        del kept[next(iter(kept))]
    return phase


def _phase(mechanism, thermo, names, state=None):
    import cantera as ct

    elements, _ = formula_matrix(mechanism, names)
    entries = [
        {
            "name": s,
            "composition": {
                e: n if isinstance(n, int) else float(n) for e, n in mechanism.species[s].composition.items()
            },
            "thermo": dict(mechanism.species[s].thermo),
        }
        | ({"equation-of-state": state} if state else {})
        for s in names
    ]
    weights = [{"symbol": e, "atomic-weight": 1000 * mechanism.atomic_weights[e]} for e in elements]
    phases = [{"name": "phase", "thermo": thermo, "elements": list(elements), "species": list(names)}]
    return ct.Solution(
        yaml=json.dumps({"elements": weights, "phases": phases, "species": entries}), name="phase"
    )
