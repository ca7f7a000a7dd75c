"""Equilibrium of a closed system at temperature and pressure: gases and condensates that hold given elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .conditions import Layout, broadcast, check_range, dataset, layout, never_zero, solve
from .dae.batch import Batch, Points
from .element_balance import made_of
from .errors import ConvergenceError, InputError, nearest
from .planet import assemble_closed_system
from .thermochemistry import Mechanism, formula_matrix, minimise_free_energy, read_mechanism, temperature_limits

if TYPE_CHECKING:
    import xarray

ENGINES = ("kernel", "cantera", "both")
PRESSURES = (1e-10, 1e11)  # Pa


@dataclass(frozen=True)
class Problem:
    """A closed system, compiled: the mechanism, its species in order, elements, kernel and layout."""

    mechanism: Mechanism
    species: tuple[str, ...]
    condensates: tuple[str, ...]
    elements: tuple[str, ...]
    batch: Batch
    layout: Layout


def gas_equilibrium(
    temperature,
    pressure,
    moles: Mapping[str, object],
    species: str | Sequence[str] = "all",
    condensates: Sequence[str] = ("C(gr)",),
    *,
    mechanism: str = "volatiles",
    engine: str = "kernel",
    threads: int | None = None,
) -> xarray.Dataset:
    """Equilibrium of ideal gases and pure condensates in a closed system; array arguments broadcast.

    temperature [K], pressure [Pa]; moles: element -> mol. species: "all" gases of the mechanism that the elements
    make, or their names; condensates: those that may form (the ones the elements cannot make are left out).
    engine: "kernel" (ours), "cantera" (Cantera's own minimiser on the same phases, point by point), or "both": the
    kernel's result with `engine_difference`, the largest |ln| difference of the mole fractions above 1e-9.

    Returns a Dataset: pressure(species), mixing_ratio, gas_moles [mol], condensate_moles(condensate) [mol],
    condensate_activity, log10_fO2 (bar), residual, converged. Condensates have no volume, and their activity does
    not depend on pressure. Points that did not converge are NaN and counted in a warning; InputError for what cannot
    be asked.
    """
    if engine not in ENGINES:
        raise InputError(f"engine = {engine!r}", "no such engine.", f"allowed: {', '.join(ENGINES)}", nearest(engine, ENGINES))
    if not isinstance(moles, Mapping) or not moles:
        raise InputError("moles", "no elements are given.", "allowed: a table such as {'H': 2.0, 'O': 1.0}")
    conditions = broadcast({"temperature": temperature, "pressure": pressure, **{f"moles_{e}": n for e, n in moles.items()}})
    elements = tuple(e for e in moles if np.any(np.asarray(conditions.columns[f"moles_{e}"]) != 0))
    chosen = species if isinstance(species, str) else tuple(species)
    found = problem(mechanism, elements, chosen, tuple(condensates))
    _check(found, conditions.columns, moles)
    points = _with_cantera(found, conditions) if engine == "cantera" else _with_kernel(found, conditions, threads)
    units = {"temperature": "K", "pressure": "Pa"} | {f"moles_{e}": "mol" for e in moles}
    columns = {("total_pressure" if n == "pressure" else n): v for n, v in conditions.columns.items()}
    shown = type(conditions)(conditions.dimensions, conditions.shape, conditions.coordinates, columns)
    attributes = {"mechanism": found.mechanism.name, "mechanism_sha256": found.mechanism.checksum, "engine": engine, "thermochemistry": "nasa7"}
    reason = _why_not(found, conditions, points)
    if reason and not conditions.shape:
        raise InputError("moles", reason.strip(), cure="allow a condensate or another species")
    result = dataset(found.layout, points, shown, units | {"total_pressure": "Pa"}, attributes, reason)
    if engine == "both":
        difference = _difference(found, points, _with_cantera(found, conditions)).reshape(conditions.shape)
        label = {"units": "1", "long_name": "largest |ln| difference of mole fractions above 1e-9 between kernel and Cantera"}
        result["engine_difference"] = (conditions.dimensions, difference, label)
    return result


@lru_cache(maxsize=32)
def problem(mechanism: str, elements: tuple[str, ...], species: str | tuple[str, ...], condensates: tuple[str, ...]) -> Problem:
    """The compiled problem of these elements; InputError when it has no species or too few."""
    held = read_mechanism(mechanism, where="mechanism")
    if not elements:
        raise InputError("moles", "every element's amount is zero.", "allowed: at least one above zero")
    for name in (*condensates, *(() if isinstance(species, str) else species)):
        if name not in held.species:
            raise InputError(f"species {name!r}", f"the mechanism {held.name} does not have it.", f"known: {', '.join(held.species)}", nearest(name, held.species))
    if isinstance(species, str) and species != "all":
        raise InputError(f"species = {species!r}", "not a list of names.", "allowed: 'all', or a list of species")
    gases = [
        s.name
        for s in held.species.values()
        if s.phase == "gas" and set(s.composition) <= set(elements) and (species == "all" or s.name in species)
    ]
    pure = [c for c in condensates if set(held.species[c].composition) <= set(elements)]
    for element in elements:
        if not any(element in held.species[s].composition for s in gases):
            known = sorted({e for s in held.species.values() for e in s.composition})
            raise InputError(f"moles of {element}", f"no gas of the mechanism {held.name} holds it with the other elements.", f"elements of its species: {', '.join(known)}")
    model = assemble_closed_system(held, (*gases, *pure), elements, "nasa7")
    unknowns, rows = len(model.unknowns), len(model.starts) + len(model.constraints)
    if unknowns != rows:
        raise InputError("species", f"{', '.join(gases)} cannot hold any amounts of {', '.join(elements)}: they are tied to each other.", cure="add a species")
    batch = Batch(model, [p.name for p in model.parameters])
    return Problem(held, tuple(gases), tuple(pure), elements, batch, layout(model))


def _check(found, columns, moles):
    low, high = temperature_limits(found.mechanism, [*found.species, *found.condensates], "nasa7")
    check_range("temperature", columns["temperature"], low, high, "K")
    check_range("pressure", columns["pressure"], *PRESSURES, "Pa")
    for element in moles:
        check_range(f"moles_{element}", columns[f"moles_{element}"], 0.0, 1e60, "mol")


def _with_kernel(found, conditions, threads) -> Points:
    columns = conditions.columns
    total = sum(np.asarray(columns[f"moles_{e}"]) for e in found.elements)
    parameters, absent = {"temperature": columns["temperature"], "pressure": columns["pressure"]}, {}
    for element in found.elements:
        # amounts over their sum: the equilibrium does not depend on the size of the system
        share, empty = never_zero(columns[f"moles_{element}"] / np.where(total > 0, total, 1.0), 1.0)
        parameters[f"moles_{element}"] = share
        if empty is not None:
            absent[element] = np.broadcast_to(empty, conditions.size or 1)
    points = solve(found.batch, parameters, conditions.size, threads)
    for row, output in enumerate(found.batch.model.outputs):
        if output.name in ("gas_moles", "condensate_moles"):
            points.values[row] *= np.broadcast_to(total, conditions.size)
        for element, where in absent.items():
            if output.label and element in found.mechanism.species[output.label].composition:
                points.values[row, where & points.converged] = 0.0
    nothing = np.broadcast_to(total <= 0, conditions.size)
    points.values[:, nothing] = np.nan
    points.converged[nothing] = False
    return points


def _why_not(found, conditions, points) -> str:
    """Tells the points whose elements no amounts of the species can hold from those that failed."""
    missed = np.flatnonzero(~points.converged)
    if not len(missed):
        return ""
    names = (*found.species, *found.condensates)
    elements, matrix = formula_matrix(found.mechanism, names)
    columns = np.array([np.broadcast_to(conditions.columns[f"moles_{e}"], conditions.size)[missed] for e in elements])
    impossible = []
    for k, amounts in enumerate(columns.T):
        there = amounts > 0
        usable = ~(matrix[~there] > 0).any(axis=0)
        if not there.any() or made_of(matrix[there][:, usable], amounts[there]) is None:
            impossible.append(k)
    if not impossible:
        return ""
    sample = ", ".join(f"{e} {v:.6g}" for e, v in zip(elements, columns[:, impossible[0]]))
    return (
        f" {len(impossible)} of {conditions.size} points have no solution at all: no amounts of {', '.join(names)} hold these elements"
        f" (for instance {sample}; as when there is too little oxygen for the carbon)."
    )


def _with_cantera(found, conditions) -> Points:
    """The same outputs from Cantera's minimiser, one point after the other."""
    outputs, n = found.batch.model.outputs, conditions.size
    columns = {name: np.broadcast_to(values, n) for name, values in conditions.columns.items()}
    points = Points(np.full((len(outputs), n), np.nan), np.zeros(n, dtype=bool), np.full(n, np.nan), np.zeros(n, dtype=int))
    for k in range(n):
        amounts = {e: float(columns[f"moles_{e}"][k]) for e in found.elements}
        T, P = float(columns["temperature"][k]), float(columns["pressure"][k])
        try:
            moles = minimise_free_energy(found.mechanism, T, P, amounts, found.species, found.condensates)
        except ConvergenceError:
            continue
        gas = sum(moles[s] for s in found.species)
        values = {
            "pressure": lambda s, gas=gas: moles[s] / gas * P,
            "mixing_ratio": lambda s, gas=gas: moles[s] / gas,
            "gas_moles": lambda s: moles[s],
            "condensate_moles": lambda s: moles[s],
        }
        for row, output in enumerate(outputs):
            if output.name in values:
                points.values[row, k] = values[output.name](output.label)
            elif output.name == "log10_fO2" and moles["O2"] > 0:
                points.values[row, k] = np.log10(moles["O2"] / gas * P / 1e5)
        held = {e: sum(moles[s] * found.mechanism.species[s].composition.get(e, 0) for s in moles) for e in amounts}
        points.residual[k] = max(abs(np.log(held[e] / amounts[e])) for e in amounts if amounts[e] > 0)
        points.converged[k] = True
    return points


def _difference(found, one, other):
    """Largest |ln| difference of the gases' mole fractions where either is above 1e-9; NaN where one has none."""
    rows = [k for k, o in enumerate(found.batch.model.outputs) if o.name == "mixing_ratio"]
    a, b = one.values[rows], other.values[rows]
    counted = np.fmax(a, b) > 1e-9
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.where(counted, np.abs(np.log(a / b)), 0.0)
    return np.where(one.converged & other.converged, apart.max(axis=0), np.nan)
