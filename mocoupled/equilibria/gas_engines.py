"""The two ways to solve a closed system at many points: our generated kernel, and Cantera's minimiser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np

from ..closures.saturation import CRITICAL_TEMPERATURE, TRIPLE_TEMPERATURE
from ..constants import BAR
from ..dae.batch import ACCURACY, Batch, Points
from ..errors import ConvergenceError
from ..planet import WATER, standard_potentials
from ..thermochemistry import Mechanism, minimise_free_energy
from .components import equilibrium as told_in_components
from .conditions import Layout, never_zero, solve

COLD = 1000.0  # K; above it dissociation leaves enough of every element's species for a balance by elements
FROZEN = 500.0  # K; below it amounts span so many decades that the kernel's Newton often fails: components at once
LOST = 1e-9  # smallest eigenvalue of the elements' balances below which rounding spoils the traces
CANTERA_GAS_CONSTANT = 8314.46261815324  # J/kmol/K


@dataclass(frozen=True)
class Problem:
    """A closed system, compiled: the mechanism, its species in order, elements, kernel and layout."""

    mechanism: Mechanism
    species: tuple[str, ...]
    condensates: tuple[str, ...]
    elements: tuple[str, ...]
    fugacity: str
    batch: Batch
    layout: Layout

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.species, *self.condensates)

    @cached_property
    def matrix(self) -> np.ndarray:
        """Atoms (element, species then condensate)."""
        return np.array([[self.mechanism.species[s].composition.get(e, 0) for s in self.names] for e in self.elements], dtype=float)

    @cached_property
    def potentials(self) -> Callable:
        """mu/RT of `names` with the fugacity coefficients in, of T [K] and P [Pa]."""
        return standard_potentials(self.mechanism, self.names, self.fugacity)

    @cached_property
    def ideal_potentials(self) -> Callable:
        """The same of an ideal gas."""
        return standard_potentials(self.mechanism, self.names, "ideal")

    @cached_property
    def rows(self) -> Mapping[tuple[str, str], int]:
        """(output, label) -> row of the kernel's outputs."""
        return {(o.name, o.label): k for k, o in enumerate(self.batch.model.outputs)}


def with_liquid_water(mechanism: Mechanism) -> Mechanism:
    """The mechanism with H2O(l) as a condensate. It has no polynomials: its free energy is that of the saturated vapour
    (closures/saturation.py), from the triple point up to the critical temperature; above, it is not there."""
    steam = mechanism.species["H2O"]
    reference = f"saturated vapour: Wagner & Pruss 1993; vapour: {steam.reference}"
    liquid = replace(steam, name=WATER, phase="condensed", temperature_range=(TRIPLE_TEMPERATURE, steam.temperature_range[1]), reference=reference, melt=MappingProxyType({}), default_melt="none", radiation=None, gibbs=())
    return replace(mechanism, species=MappingProxyType({**mechanism.species, WATER: liquid}))


# ---- the kernel


def with_kernel(found: Problem, dry: Problem | None, conditions, threads) -> Points:
    """Points by the generated kernel. dry: the same problem without liquid water, for points above its critical
    temperature. Where a balance by elements is lost in rounding, or the kernel fails, the components' balances decide."""
    n = conditions.size
    columns = {name: np.broadcast_to(np.asarray(v, dtype=float), n) for name, v in conditions.columns.items()}
    if dry is None:
        return _solved(found, columns, n, threads)
    hot = columns["temperature"] >= CRITICAL_TEMPERATURE
    points = _empty(found, n)
    for problem, where in ((found, ~hot), (dry, hot)):
        if where.any():
            part = _solved(problem, {name: v[where] for name, v in columns.items()}, int(where.sum()), threads)
            for (name, label), row in problem.rows.items():
                points.values[found.rows[name, label], where] = part.values[row]
            points.converged[where], points.residual[where], points.iterations[where] = part.converged, part.residual, part.iterations
    points.values[found.rows["condensate_moles", WATER], hot & points.converged] = 0.0
    return points


def _empty(found, n) -> Points:
    outputs = len(found.batch.model.outputs)
    return Points(np.full((outputs, n), np.nan), np.zeros(n, dtype=bool), np.full(n, np.nan), np.zeros(n, dtype=int))


def _solved(found, columns, n, threads) -> Points:
    total = sum(columns[f"moles_{e}"] for e in found.elements)
    parameters, absent = {"temperature": columns["temperature"], "pressure": columns["pressure"]}, {}
    for element in found.elements:
        # amounts over their sum: the equilibrium does not depend on the size of the system
        share, empty = never_zero(columns[f"moles_{element}"] / np.where(total > 0, total, 1.0), 1.0)
        parameters[f"moles_{element}"] = share
        if empty is not None:
            absent[element] = empty
    nothing = total <= 0
    warm = columns["temperature"] >= FROZEN
    if warm.all():
        points = solve(found.batch, parameters, n, threads)
    else:
        points = _empty(found, n)
        if warm.any():
            part = solve(found.batch, {name: np.broadcast_to(v, n)[warm] for name, v in parameters.items()}, int(warm.sum()), threads)
            points.values[:, warm], points.converged[warm], points.residual[warm] = part.values, part.converged, part.residual
    for k in np.flatnonzero(~nothing & (~points.converged | _lost(found, points, parameters, columns))):
        _by_components(found, points, k, columns, total[k])
    for (name, label), row in found.rows.items():
        if name in ("gas_moles", "condensate_moles"):
            points.values[row] *= total
        for element, where in absent.items():
            if label and element in found.mechanism.species[label].composition:
                points.values[row, where & points.converged] = 0.0
            elif name == "log10_fO2" and element == "O":
                points.values[row, where] = np.nan
    points.values[:, nothing] = np.nan
    points.converged[nothing] = False
    return points


def _lost(found, points, parameters, columns) -> np.ndarray:
    """Where the elements' balances nearly repeat each other, so that the traces between them are rounding."""
    lost = np.zeros(len(points.converged), dtype=bool)
    cold = np.flatnonzero(points.converged & (columns["temperature"] < COLD))
    if not len(cold) or len(found.elements) < 2:
        return lost
    moles = np.array([points.values[found.rows["gas_moles" if s in found.species else "condensate_moles", s], cold] for s in found.names])
    amounts = np.array([np.broadcast_to(parameters[f"moles_{e}"], len(lost))[cold] for e in found.elements])
    balances = np.einsum("es,sn,fs->nef", found.matrix, moles, found.matrix)
    scale = np.sqrt(np.einsum("nee->ne", balances))
    balances = balances / np.maximum(scale[:, :, None] * scale[:, None, :], 1e-300)
    there = (amounts > 1e-25).all(axis=0)
    lost[cold] = there & (np.linalg.eigvalsh(balances)[:, 0] < LOST)
    return lost


def _by_components(found, points, k, columns, total):
    """Put point k right by its components' balances; left as not converged where they have no solution either."""
    T, P = float(columns["temperature"][k]), float(columns["pressure"][k])
    amounts = np.array([columns[f"moles_{e}"][k] for e in found.elements]) / total
    there = amounts > 0
    inside = ~(found.matrix[~there] > 0).any(axis=0)
    gas = np.flatnonzero(inside[: len(found.species)])
    solid = np.array([j for j in range(len(found.species), len(found.names)) if inside[j]], dtype=int)
    mu = np.array(found.potentials(T, P), dtype=float)
    points.converged[k], points.values[:, k], points.residual[k] = False, np.nan, np.nan
    if not len(gas):
        return
    matrix = found.matrix[there]
    mixture = told_in_components(matrix[:, gas], matrix[:, solid], amounts[there], mu[gas], mu[solid], np.log(P / BAR))
    if mixture is None:
        return
    moles = np.zeros(len(found.names))
    moles[gas], moles[solid] = mixture.gas, mixture.condensed
    if np.abs(np.log(matrix @ moles / amounts[there])).max() > ACCURACY:
        return
    gases = moles[: len(found.species)]
    fractions = gases / gases.sum() if gases.sum() > 0 else gases
    with np.errstate(over="ignore"):
        activity = np.zeros(len(found.names))
        activity[solid] = np.exp(mixture.potentials @ matrix[:, solid] - mu[solid])
    _fill(found, points, k, moles, fractions, T, P, dict(zip(found.names, activity)))
    points.residual[k] = np.abs(np.log(matrix @ moles / amounts[there])).max()


def _fill(found, points, k, moles, fractions, T, P, activity=None):
    """The outputs of point k from moles of all species and mole fractions of the gases."""
    ln_phi = np.array(found.potentials(T, P), dtype=float) - np.array(found.ideal_potentials(T, P), dtype=float)
    index = {s: j for j, s in enumerate(found.names)}
    values = {
        "pressure": lambda s: fractions[index[s]] * P,
        "mixing_ratio": lambda s: fractions[index[s]],
        "gas_moles": lambda s: moles[index[s]],
        "condensate_moles": lambda s: moles[index[s]],
        "condensate_activity": lambda s: np.nan if activity is None else activity[s],
        "fugacity_coefficient": lambda s: np.exp(ln_phi[index[s]]),
    }
    for (name, label), row in found.rows.items():
        if name in values:
            points.values[row, k] = values[name](label)
        elif name == "log10_fO2" and fractions[index["O2"]] > 0:
            points.values[row, k] = np.log10(fractions[index["O2"]] * P / BAR) + ln_phi[index["O2"]] / np.log(10)
    points.converged[k] = True


# ---- Cantera


def with_cantera(found: Problem, conditions) -> Points:
    """The same outputs from Cantera's minimiser on the same free energies, one point after the other."""
    n = conditions.size
    columns = {name: np.broadcast_to(np.asarray(v, dtype=float), n) for name, v in conditions.columns.items()}
    points = _empty(found, n)
    for k in range(n):
        amounts = {e: float(columns[f"moles_{e}"][k]) for e in found.elements}
        T, P = float(columns["temperature"][k]), float(columns["pressure"][k])
        solids = tuple(c for c in found.condensates if c != WATER or T < CRITICAL_TEMPERATURE)
        mechanism = found.mechanism
        if WATER in found.names or found.fugacity != "ideal":
            mechanism = _at(found, T, P)
        try:
            given = minimise_free_energy(mechanism, T, P, amounts, found.species, solids)
        except ConvergenceError:
            continue
        moles = np.array([given.get(s, 0.0) for s in found.names])
        gases = moles[: len(found.species)]
        _fill(found, points, k, moles, gases / gases.sum() if gases.sum() > 0 else gases, T, P)
        held = dict(zip(found.elements, found.matrix @ moles))
        points.residual[k] = max(abs(np.log(held[e] / amounts[e])) for e in amounts if amounts[e] > 0)
    return points


def _at(found, T, P) -> Mechanism:
    """The mechanism at one temperature and pressure: each species with the constant free energy that the kernel takes,
    the fugacity coefficient (a number at given T and P) in it; for Cantera's ideal gas and pure phases."""
    species = {}
    for name, mu in zip(found.names, np.array(found.potentials(T, P), dtype=float)):
        thermo = {"model": "constant-cp", "reference-pressure": BAR, "T0": T, "h0": float(mu) * CANTERA_GAS_CONSTANT * T, "s0": 0.0, "cp0": 0.0}
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
