"""The two ways to solve a closed system at many points: our generated kernel, and Cantera's minimiser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np

from ..chemistry.cantera_oracle import minimise_free_energy
from ..chemistry.components import equilibrium as told_in_components
from ..chemistry.components import independent
from ..chemistry.element_balance import balanced
from ..chemistry.reactions import CHARGE, Mechanism
from ..closures.saturation import TRIPLE_TEMPERATURE
from ..constants import BAR
from ..dae.declare.model import Model
from ..dae.kernel.batch import ACCURACY, Batch, Points
from ..errors import ConvergenceError, InputError
from ..planet.closed_system import standard_potentials
from ..planet.species_declarations import WATER
from ..provenance.calibration import Watched
from .condensate_ranges import in_range
from .points import Layout, never_zero, solve

COLD = 1000.0  # K; above it dissociation leaves enough of every element's species for a balance by elements
FROZEN = (
    500.0  # K; below it amounts span so many decades that the kernel's Newton often fails: components at once
)
FEW = 12  # gases, among which there may be none that dissociation leaves enough of
SOLID = 1e-3  # moles of a compound condensate, of all atoms, from which its elements' balances may repeat each other
UNDERSATURATED = 0.99  # activity below which the smooth switch leaves less than 1e-12 of a condensate
IN_RATIO = 1e-10  # of an amount: how well amounts must have the only ratio that the species can hold
LOST = 1e-9  # smallest eigenvalue of the elements' balances below which rounding spoils the traces
CANTERA_GAS_CONSTANT = 8314.46261815324  # J/kmol/K


@dataclass(frozen=True)
class Problem:
    """A closed system: the mechanism, its species in order, elements (with E, the electrons, where there are charged
    species), declared equations and layout of the results. The kernel is generated when it is first used."""

    mechanism: Mechanism
    species: tuple[str, ...]
    condensates: tuple[str, ...]
    elements: tuple[str, ...]
    fugacity: str
    model: Model
    layout: Layout

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.species, *self.condensates)

    @cached_property
    def batch(self) -> Batch:
        """The compiled kernel. One attempt a point: where it fails, the components' balances are quicker than others."""
        return Batch(self.model, [p.name for p in self.model.parameters], patient=False)

    @cached_property
    def watched(self) -> Watched:
        """The arguments of the laws whose calibration is watched."""
        return Watched(self.model)

    @cached_property
    def real(self) -> np.ndarray:
        """Which of `elements` are elements, and not the charge."""
        return np.array([e != CHARGE for e in self.elements])

    @cached_property
    def repeated(self) -> list[int]:
        """Rows of `matrix` that follow from the others: the species hold these elements in one ratio only."""
        return sorted(set(range(len(self.elements))) - set(independent(self.matrix)))

    @cached_property
    def matrix(self) -> np.ndarray:
        """Atoms (element, species then condensate)."""
        return np.array(
            [[self.mechanism.species[s].composition.get(e, 0) for s in self.names] for e in self.elements],
            dtype=float,
        )

    @cached_property
    def potentials(self) -> Callable:
        """mu/RT of `names` with the fugacity coefficients in, of T [K] and P [Pa]."""
        return standard_potentials(self.mechanism, self.names, self.fugacity)

    @cached_property
    def ideal_potentials(self) -> Callable:
        """The same of an ideal gas."""
        return standard_potentials(self.mechanism, self.names, "ideal")

    @cached_property
    def oxygen(self) -> Callable | None:
        """mu/RT of the ideal gas O2 at 1 bar, of T [K]; None where the mechanism does not have it."""
        if "O2" not in self.mechanism.species:
            return None
        found = standard_potentials(self.mechanism, ("O2",), "ideal")
        return lambda T: float(np.asarray(found(T, BAR)).reshape(-1)[0])

    @cached_property
    def rows(self) -> Mapping[tuple[str, str], int]:
        """(output, label) -> row of the kernel's outputs."""
        return {(o.name, o.label): k for k, o in enumerate(self.model.outputs)}

    def amounts(self, columns, n: int) -> np.ndarray:
        """mol (element, point) from the conditions' columns; a charge that is not given is 0."""
        zero = np.zeros(n)
        return np.array(
            [
                np.broadcast_to(np.asarray(columns.get(f"moles_{e}", zero), dtype=float), n)
                for e in self.elements
            ]
        )


def with_liquid_water(mechanism: Mechanism) -> Mechanism:
    """The mechanism with H2O(l) as a condensate. It has no polynomials: its free energy is that of the saturated vapour
    (closures/saturation.py), from the triple point up to the critical temperature; above, it is not there."""
    steam = mechanism.species["H2O"]
    reference = f"saturated vapour: Wagner & Pruss 1993; vapour: {steam.reference}"
    liquid = replace(
        steam,
        name=WATER,
        phase="condensed",
        temperature_range=(TRIPLE_TEMPERATURE, steam.temperature_range[1]),
        reference=reference,
        melt=MappingProxyType({}),
        default_melt="none",
        radiation=None,
        gibbs=(),
    )
    return replace(mechanism, species=MappingProxyType({**mechanism.species, WATER: liquid}))


# ---- the kernel


def with_kernel(found: Problem, shares, conditions, threads) -> Points:
    """Points by the generated kernel. shares: (problem with the condensates that exist at these points, or None where
    nothing can hold the elements; mask of the points). Where a balance by elements is lost in rounding, or the kernel
    fails, the components' balances decide."""
    n = conditions.size
    columns = {name: np.broadcast_to(np.asarray(v, dtype=float), n) for name, v in conditions.columns.items()}
    points = _empty(found, n)
    for problem, where in shares:
        if problem is None or not where.any():
            continue
        part = _solved(problem, {name: v[where] for name, v in columns.items()}, int(where.sum()), threads)
        if problem is found and where.all():
            return part
        for key, row in problem.rows.items():
            if key in found.rows:
                points.values[found.rows[key], where] = part.values[row]
        points.converged[where], points.residual[where], points.iterations[where] = (
            part.converged,
            part.residual,
            part.iterations,
        )
        for name in set(found.condensates) - set(problem.condensates):
            points.values[found.rows["condensate_moles", name], where & points.converged] = 0.0
    return points


def _empty(found, n) -> Points:
    outputs = len(found.model.outputs)
    return Points(
        np.full((outputs, n), np.nan), np.zeros(n, dtype=bool), np.full(n, np.nan), np.zeros(n, dtype=int)
    )


def _solved(found, columns, n, threads) -> Points:
    amounts = found.amounts(columns, n)
    total = amounts[found.real].sum(axis=0)
    nothing = total <= 0
    # amounts over their sum: the equilibrium does not depend on the size of the system
    amounts = amounts / np.where(nothing, 1.0, total)
    parameters, absent = {"temperature": columns["temperature"], "pressure": columns["pressure"]}, {}
    for element, share in zip(found.elements, amounts):
        empty = None
        if element != CHARGE:
            share, empty = never_zero(share, 1.0)
        parameters[f"moles_{element}"] = share
        if empty is not None:
            absent[element] = empty
    warm = columns["temperature"] >= FROZEN
    points = _empty(found, n)
    if warm.all() and n:
        points = solve(found.batch, parameters, n, threads)
    elif warm.any():
        part = solve(
            found.batch,
            {name: np.broadcast_to(v, n)[warm] for name, v in parameters.items()},
            int(warm.sum()),
            threads,
        )
        points.values[:, warm], points.converged[warm], points.residual[warm] = (
            part.values,
            part.converged,
            part.residual,
        )
    for k in np.flatnonzero(
        ~nothing & (~points.converged | _lost(found, points, amounts, columns["temperature"]))
    ):
        _by_components(found, points, k, columns, amounts[:, k])
    for name in found.condensates:  # what the smooth switch leaves of a condensate that is not there
        tail = points.values[found.rows["condensate_activity", name]] < UNDERSATURATED
        points.values[found.rows["condensate_moles", name], tail & points.converged] = 0.0
    _without_absent(found, points, absent, amounts)
    for (name, _), row in found.rows.items():
        if name in ("gas_moles", "condensate_moles"):
            points.values[row] *= total
    points.values[:, nothing] = np.nan
    points.converged[nothing] = False
    return points


def _without_absent(found, points, absent, amounts):
    """Exactly nothing of what holds an element that is absent; of ions neither, where there is none of one sign."""
    for element, where in absent.items():
        for (name, label), row in found.rows.items():
            if label and element in found.mechanism.species[label].composition:
                points.values[row, where & points.converged] = 0.0
            elif name == "log10_fO2" and element == "O":
                points.values[row, where] = np.nan
    if CHARGE not in found.elements or not absent:
        return
    row = found.elements.index(CHARGE)
    neutral = points.converged & np.any([w for w in absent.values()], axis=0) & (amounts[row] == 0)
    for sign in (1, -1):
        ions = [s for j, s in enumerate(found.species) if sign * found.matrix[row, j] > 0]
        gone = neutral & (np.array([points.values[found.rows["gas_moles", s]] for s in ions]) == 0).all(
            axis=0
        )
        for (name, label), k in found.rows.items():
            if label in found.species and CHARGE in found.mechanism.species[label].composition:
                points.values[k, gone] = 0.0


def _lost(found, points, amounts, temperature) -> np.ndarray:
    """Where the elements' balances nearly repeat each other, so that the traces between them are rounding; and where the
    species hold an element in one ratio only, and the amounts are not in it."""
    lost = np.zeros(len(points.converged), dtype=bool)
    if len(found.elements) < 2:
        return lost
    moles = np.array(
        [
            points.values[found.rows["gas_moles" if s in found.species else "condensate_moles", s]]
            for s in found.names
        ]
    )
    if found.repeated:
        miss = np.abs(found.matrix[found.repeated] @ moles - amounts[found.repeated])
        lost = points.converged & (miss > ACCURACY * np.maximum(np.abs(amounts[found.repeated]), 1.0)).any(
            axis=0
        )
    compound = [
        j
        for j, s in enumerate(found.names)
        if j >= len(found.species) and len(found.mechanism.species[s].composition) > 1
    ]
    tight = (temperature < COLD) | (len(found.species) <= FEW) | (moles[compound] > SOLID).any(axis=0)
    rows = np.setdiff1d(np.arange(len(found.elements)), found.repeated)
    some = np.flatnonzero(points.converged & ~lost & tight)
    if not len(some) or len(rows) < 2:
        return lost
    balances = np.einsum("es,sn,fs->nef", found.matrix[rows], moles[:, some], found.matrix[rows])
    scale = np.sqrt(np.einsum("nee->ne", balances))
    balances = balances / np.maximum(scale[:, :, None] * scale[:, None, :], 1e-300)
    there = ((amounts[rows][:, some] > 1e-25) | ~found.real[rows][:, None]).all(axis=0)
    lost[some] = there & (np.linalg.eigvalsh(balances)[:, 0] < LOST)
    return lost


def _by_components(found, points, k, columns, amounts):
    """Put point k right by its components' balances; left as not converged where they have no solution either."""
    T, P = float(columns["temperature"][k]), float(columns["pressure"][k])
    points.converged[k], points.values[:, k], points.residual[k] = False, np.nan, np.nan
    there = (amounts > 0) | ~found.real
    inside = ~(found.matrix[~there] > 0).any(axis=0)
    gas = np.flatnonzero(inside[: len(found.species)])
    solid = np.array([j for j in range(len(found.species), len(found.names)) if inside[j]], dtype=int)
    mu = np.array(found.potentials(T, P), dtype=float)
    if not len(gas):
        return
    matrix, amounts = found.matrix[there], amounts[there]
    used = (matrix[:, inside] != 0).any(axis=1)
    if np.any(amounts[~used]):
        return
    matrix, amounts = matrix[used], amounts[used]
    mixture = told_in_components(
        matrix[:, gas], matrix[:, solid], amounts, mu[gas], mu[solid], np.log(P / BAR)
    )
    if mixture is None:
        return
    moles = np.zeros(len(found.names))
    moles[gas], moles[solid] = mixture.gas, mixture.condensed
    kept = independent(matrix[:, inside])
    miss = residual(matrix, amounts, moles)
    if miss[kept].max() > ACCURACY and mixture.gas.sum() > 0:
        better = np.zeros_like(moles)
        better[inside] = balanced(matrix[kept][:, inside], amounts[kept], moles[inside], len(gas))
        if residual(matrix, amounts, better)[kept].max() < miss[kept].max():
            moles, miss = better, residual(matrix, amounts, better)
    if miss[kept].max() > ACCURACY or miss.max() > IN_RATIO:
        return
    gases = moles[: len(found.species)]
    fractions = gases / gases.sum() if gases.sum() > 0 else gases
    with np.errstate(over="ignore"):
        activity = np.zeros(len(found.names))
        activity[solid] = np.exp(mixture.potentials @ matrix[:, solid] - mu[solid])
    _fill(found, points, k, moles, fractions, T, P, dict(zip(found.names, activity)))
    points.residual[k] = miss[kept].max()


def residual(matrix, amounts, moles) -> np.ndarray:
    """|ln(held/given)| of each element; for a charge, of what is held on both sides."""
    up = np.maximum(matrix, 0) @ moles + np.maximum(-amounts, 0)
    down = np.maximum(-matrix, 0) @ moles + np.maximum(amounts, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((up == 0) & (down == 0), 0.0, np.abs(np.log(up) - np.log(down)))


def _fill(found, points, k, moles, fractions, T, P, activity=None):
    """The outputs of point k from moles of all species and mole fractions of the gases."""
    ln_phi = np.array(found.potentials(T, P), dtype=float) - np.array(
        found.ideal_potentials(T, P), dtype=float
    )
    index = {s: j for j, s in enumerate(found.names)}
    values = {
        "pressure": lambda s: fractions[index[s]] * P,
        "mixing_ratio": lambda s: fractions[index[s]],
        "gas_moles": lambda s: moles[index[s]],
        "condensate_moles": lambda s: moles[index[s]],
        "condensate_activity": lambda s: (
            _activity(found, moles, fractions, T, P, s) if activity is None else activity[s]
        ),
        "fugacity_coefficient": lambda s: np.exp(ln_phi[index[s]]),
    }
    for (name, label), row in found.rows.items():
        if name in values:
            points.values[row, k] = values[name](label)
        elif name == "log10_fO2":
            points.values[row, k] = _log10_fO2(found, moles, fractions, T, P)
    points.converged[k] = True


def _log10_fO2(found, moles, fractions, T, P) -> float:
    """NaN where the species present do not determine it."""
    target = np.array([2.0 * (e == "O") for e in found.elements])
    return (_potential(found, moles, fractions, T, P, target) - found.oxygen(T)) / np.log(10)


def _activity(found, moles, fractions, T, P, name) -> float:
    """Of a condensate; NaN outside its range, or where the species present do not determine it."""
    if not in_range(found.mechanism, name, T):
        return np.nan
    k = found.names.index(name)
    mu = float(np.array(found.potentials(T, P), dtype=float)[k])
    return (
        1.0
        if moles[k] > 0
        else float(np.exp(_potential(found, moles, fractions, T, P, found.matrix[:, k]) - mu))
    )


def _potential(found, moles, fractions, T, P, target) -> float:
    """mu/RT of these atoms, from the most abundant species that together make them: of condensates alone where no gas is
    left; NaN where none do."""
    chosen: list[int] = []
    for j in np.argsort(-moles, kind="stable"):
        if (moles[j] > 0 or found.names[j] == "O2" and fractions[j] > 0) and np.linalg.matrix_rank(
            found.matrix[:, [*chosen, j]]
        ) > len(chosen):
            chosen.append(int(j))
    if not chosen:
        return np.nan
    columns = found.matrix[:, chosen]
    counts = np.linalg.lstsq(columns, target, rcond=None)[0]
    counts[np.abs(counts) < 1e-9] = 0.0
    if np.abs(columns @ counts - target).max() > 1e-9:
        return np.nan
    mu = np.array(found.potentials(T, P), dtype=float)[chosen]
    ln_a = [np.log(fractions[j] * P / BAR) if j < len(found.species) else 0.0 for j in chosen]
    return float(counts @ (mu + ln_a))


# ---- Cantera


def with_cantera(found: Problem, conditions) -> Points:
    """The same outputs from Cantera's minimiser on the same free energies, one point after the other."""
    n = conditions.size
    columns = {name: np.broadcast_to(np.asarray(v, dtype=float), n) for name, v in conditions.columns.items()}
    given = found.amounts(columns, n)
    points = _empty(found, n)
    for k in range(n):
        amounts = {e: float(v) for e, v in zip(found.elements, given[:, k])}
        T, P = float(columns["temperature"][k]), float(columns["pressure"][k])
        solids = tuple(c for c in found.condensates if in_range(found.mechanism, c, T))
        mechanism = found.mechanism
        if WATER in found.names or found.fugacity != "ideal":
            mechanism = _at(found, T, P)
        try:
            result = minimise_free_energy(mechanism, T, P, amounts, found.species, solids)
        except (ConvergenceError, InputError):  # InputError: no amounts of the species hold the elements
            continue
        moles = np.array([result.get(s, 0.0) for s in found.names])
        gases = moles[: len(found.species)]
        _fill(found, points, k, moles, gases / gases.sum() if gases.sum() > 0 else gases, T, P)
        kept = independent(found.matrix)
        points.residual[k] = residual(found.matrix, given[:, k], moles)[kept].max()
    return points


def _at(found, T, P) -> Mechanism:
    """The mechanism at one temperature and pressure: each species with the constant free energy that the kernel takes,
    the fugacity coefficient (a number at given T and P) in it; for Cantera's ideal gas and pure phases."""
    species = {}
    for name, mu in zip(found.names, np.array(found.potentials(T, P), dtype=float)):
        thermo = {
            "model": "constant-cp",
            "reference-pressure": BAR,
            "T0": T,
            "h0": float(mu) * CANTERA_GAS_CONSTANT * T,
            "s0": 0.0,
            "cp0": 0.0,
        }
        species[name] = replace(found.mechanism.species[name], thermo=thermo)
    return replace(found.mechanism, species=MappingProxyType(species))


def difference(found: Problem, one: Points, other: Points) -> np.ndarray:
    """Largest |ln| difference of the gases' mole fractions where either is above 1e-9; NaN where one has no result, 0
    where all has condensed in both (Cantera keeps a gas of rounding)."""
    rows = [k for (name, _), k in found.rows.items() if name == "mixing_ratio"]
    a, b = one.values[rows], other.values[rows]
    counted = np.fmax(a, b) > 1e-9
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.where(counted, np.abs(np.log(a / b)), 0.0)
    moles = [k for (name, _), k in found.rows.items() if name in ("gas_moles", "condensate_moles")]
    gases = [found.rows["gas_moles", s] for s in found.species]
    left = [p.values[gases].sum(axis=0) / p.values[moles].sum(axis=0) for p in (one, other)]
    apart[:, np.fmax(*left) < 1e-9] = 0.0
    return np.where(one.converged & other.converged, apart.max(axis=0), np.nan)
