"""Equilibrium of a closed system at temperature and pressure: gases and condensates that hold given elements."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..chemistry.element_balance import made_of
from ..chemistry.mechanism_file import find_mechanism, versions
from ..closures.fugacity import KIND as FUGACITY
from ..closures.fugacity import PRESSURES as TABLE_PRESSURES
from ..closures.fugacity import TEMPERATURES as TABLE_TEMPERATURES
from ..closures.law import find as find_law
from ..closures.saturation import CRITICAL_PRESSURE, CRITICAL_TEMPERATURE
from ..conditions import choice, plain, table, whole
from ..dae.batch import Batch
from ..errors import InputError, nearest
from ..planet import WATER, assemble_closed_system
from ..results.calibration import Watched, extrapolations, warn
from ..results.sources import gas_sources
from ..thermochemistry import formula_matrix, limiting, read_mechanism, temperature_limits
from .amounts import by_elements, composition_of, present
from .conditions import broadcast, check_range, dataset, layout, nothing, spread
from .gas_engines import Problem, difference, with_cantera, with_kernel, with_liquid_water

if TYPE_CHECKING:
    import xarray

ENGINES = ("kernel", "cantera", "both")
PRESSURES = (1e-10, 1e11)  # Pa
UNITS = {"temperature": "K", "pressure": "Pa", "total_pressure": "Pa"}
ADDED = ("engine_difference", "water_state", "pressure")  # names in the result beside the kernel's outputs
WATER_TRACE = 1e-9  # of the steam; less liquid is the tail of the smooth switch


def gas_equilibrium(
    temperature=None,
    pressure=None,
    moles: Mapping[str, object] | None = None,
    species: str | Sequence[str] = "all",
    condensates: Sequence[str] = ("C(gr)",),
    *,
    mechanism: str = "volatiles",
    fugacity: str = "ideal",
    engine: str = "kernel",
    threads: int | None = None,
) -> xarray.Dataset:
    """Equilibrium of gases and pure condensates in a closed system; array arguments broadcast.

    temperature [K], pressure [Pa]; moles: element, species or formula -> mol ({"H2O": 1, "C": 0.1}); numbers in SI, text
    with units, quantities or arrays, as for `equilibrium` (docs/library.md). species: "all" gases of the mechanism that the elements
    make, or their names; condensates: those that may form (the ones the elements cannot make are left out): condensed
    species of the mechanism, and "H2O(l)", whose free energy is that of saturated vapour (Wagner & Pruss 1993) from the
    triple point to the critical temperature; above that it is absent. fugacity: law of the gases' fugacity coefficients,
    for those that it covers (as [chemistry] fugacity of a case). engine: "kernel" (ours), "cantera" (Cantera's own
    minimiser on the same free energies, point by point), or "both": the kernel's result with `engine_difference`, the
    largest |ln| difference of the mole fractions above 1e-9.

    Returns a Dataset: pressure(species), mixing_ratio, gas_moles [mol], condensate_moles(condensate) [mol],
    condensate_activity, log10_fO2 (bar), residual, converged; fugacity_coefficient(species) of a real gas; with H2O(l)
    water_state: "liquid" (some is there), "vapour", or "supercritical" above both critical values. Condensates have no
    volume, and their activity does not depend on pressure. Where everything condenses the gas's amounts and pressures
    are 0, and log10_fO2 is NaN, as it is without oxygen. Points that did not converge are NaN and counted in a warning;
    InputError for what cannot be asked. Fugacity laws used outside their calibration are told in a CalibrationWarning.
    """
    engine = choice(engine, ENGINES, "engine =", "no such engine.")
    conditions, moles = _conditions(mechanism, temperature, pressure, moles)
    threads = None if threads is None else whole(threads, "threads", 1, 4096)
    chosen, condensates = _chosen(species, condensates, fugacity)
    masked = conditions.masked
    there = conditions if masked is None or not masked.any() else conditions.at(~masked)
    files = versions(find_mechanism(mechanism, "mechanism"))
    elements = present(there)
    found = problem(mechanism, elements, chosen, condensates, fugacity, files)
    _check(found, there.columns, moles, None if there is conditions else np.flatnonzero(~masked))
    dry = None
    if WATER in found.condensates:
        dry = problem(mechanism, elements, chosen, tuple(c for c in condensates if c != WATER), fugacity, files)
    return _result(found, dry, conditions, there, moles, engine, threads, WATER in condensates)


def _result(found, dry, conditions, there, moles, engine, threads, with_water) -> xarray.Dataset:
    """The Dataset of a problem. there: the conditions that are not masked; dry: the problem without liquid water."""
    masked, fugacity = conditions.masked, found.fugacity
    if not there.size:
        points = nothing(len(found.batch.model.outputs), 0)
    else:
        points = with_cantera(found, there) if engine == "cantera" else with_kernel(found, dry, there, threads)
    units = UNITS | {f"moles_{e}": "mol" for e in moles}
    columns = {("total_pressure" if n == "pressure" else n): v for n, v in conditions.columns.items()}
    shown = replace(conditions, columns=columns)
    attributes = {"mechanism": found.mechanism.name, "mechanism_sha256": found.mechanism.checksum, "engine": engine, "thermochemistry": "nasa7", "fugacity": fugacity}
    attributes["data"] = json.dumps(gas_sources(found.mechanism, found.names, fugacity, WATER in found.condensates))
    stretched = extrapolations(found.batch.model.watches, Watched(found.batch.model).values(there.columns, points.values)) if there.size else []
    warn(stretched)
    attributes["extrapolations"] = json.dumps(stretched)
    reason = _why_not(found, there, points)
    if reason and not conditions.shape:
        raise InputError("moles", reason.strip(), cure="allow a condensate or another species")
    apart = difference(found, points, with_cantera(found, there)) if engine == "both" else None
    water = _water(found, there, points) if with_water else None
    result = dataset(found.layout, spread(points, masked), shown, units, attributes, reason, ADDED, {"pressure": "total_pressure"})
    dimensions = result.converged.dims
    if apart is not None:
        label = {"units": "1", "long_name": "largest |ln| difference of mole fractions above 1e-9 between kernel and Cantera"}
        result["engine_difference"] = (dimensions, _whole(apart, masked, np.nan).reshape(conditions.shape), label)
    if water is not None:
        label = {"units": "1", "long_name": "state of the water: liquid where some is, vapour, or supercritical"}
        result["water_state"] = (dimensions, _whole(water, masked, "").reshape(conditions.shape), label)
    return result


def _conditions(mechanism, temperature, pressure, moles):
    """What is given, with moles of the elements, and the elements."""
    for name, value, example in (("temperature", temperature, "1500.0 (K)"), ("pressure", pressure, "1e7 (Pa), or '100 bar'"), ("moles", moles, "{'H': 2.0, 'O': 1.0}")):
        if value is None:
            raise InputError(f"{name}=", "it is not given.", f"for example: {name}={example}")
    given = table(moles, "moles", "a table such as {'H': 2.0, 'O': 1.0}")
    if not given:
        raise InputError("moles", "no elements are given.", "allowed: a table such as {'H': 2.0, 'O': 1.0}")
    held = read_mechanism(mechanism, where="mechanism")
    for name in given:
        composition_of(name, held)  # refuses what is none, before the numbers are looked at
    units = UNITS | {f"moles_{name}": "mol" for name in given}
    conditions = broadcast({"temperature": temperature, "pressure": pressure, **{f"moles_{name}": n for name, n in given.items()}}, units)
    for name in given:
        check_range(f"moles_{name}", conditions.columns[f"moles_{name}"], 0.0, 1e60, "mol")
    conditions = by_elements(conditions, given, held)
    return conditions, tuple(name.removeprefix("moles_") for name in conditions.columns if name.startswith("moles_"))


def _chosen(species, condensates, fugacity):
    """Names of the gases ("all", or a tuple) and of the condensates."""
    if not isinstance(fugacity, str):
        raise InputError(f"fugacity = {fugacity!r}", "not the name of a law.", "for example: 'PengRobinson1976', or 'ideal'")
    if isinstance(condensates, str):
        raise InputError(f"condensates = {condensates!r}", "not a list of names.", "allowed: a list such as ['C(gr)', 'H2O(l)']")
    return species if isinstance(species, str) else _names(species, "species"), _names(condensates, "condensates")


def _names(names, where) -> tuple[str, ...]:
    """Names of species as a list, tuple or array of text."""
    listed = plain(names, where)
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise InputError(where, "not a list of names.", "allowed: a list such as ['H2', 'H2O']")
    return tuple(listed)


def _whole(values, masked, empty):
    """Values of the points that are not masked, among the masked ones."""
    if masked is None or not masked.any():
        return values
    found = np.full(masked.size, empty, dtype=values.dtype)
    found[~masked] = values
    return found


def _water(found, conditions, points) -> np.ndarray:
    """The state of the water at each point, in words; "" where there is none or the point did not converge."""
    n = conditions.size
    state = np.full(n, "", dtype="<U13")
    if WATER not in found.condensates:
        return state
    T = np.broadcast_to(conditions.columns["temperature"], n)
    steam, liquid = points.values[found.rows["gas_moles", "H2O"]], points.values[found.rows["condensate_moles", WATER]]
    there = points.converged & (steam + liquid > 0)
    dense = (T >= CRITICAL_TEMPERATURE) & (points.values[found.rows["pressure", "H2O"]] >= CRITICAL_PRESSURE)
    state[there] = "vapour"
    state[there & (liquid > WATER_TRACE * steam)] = "liquid"
    state[there & dense] = "supercritical"
    return state


@lru_cache(maxsize=32)
def problem(
    mechanism: str, elements: tuple[str, ...], species: str | tuple[str, ...], condensates: tuple[str, ...], fugacity: str = "ideal", files=()
) -> Problem:
    """The compiled problem of these elements; InputError when it has no species or too few. files: versions of the
    mechanism's files, so that one that has changed is read anew."""
    held = read_mechanism(mechanism, where="mechanism")
    find_law(FUGACITY, fugacity, f"fugacity = {fugacity!r}")
    if WATER in condensates and WATER not in held.species:
        if "H2O" not in held.species or not (isinstance(species, str) or "H2O" in species):
            raise InputError(f"condensates {WATER!r}", "it condenses from the gas H2O, which is not among the species.", cure="add H2O to the species")
        held = with_liquid_water(held)
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
    for name in condensates:
        if held.species[name].phase == "gas":
            known = ", ".join(s.name for s in held.species.values() if s.phase != "gas")
            raise InputError(f"condensates {name!r}", "it is a gas.", f"known: {', '.join(dict.fromkeys([*known.split(', '), WATER]))}")
    pure = [c for c in condensates if set(held.species[c].composition) <= set(elements)]
    for element in elements:
        if not any(element in held.species[s].composition for s in gases):
            known = sorted({e for s in held.species.values() for e in s.composition})
            raise InputError(f"moles of {element}", f"no gas of the mechanism {held.name} holds it with the other elements.", f"elements of its species: {', '.join(known)}")
    model = assemble_closed_system(held, (*gases, *pure), elements, "nasa7", fugacity)
    unknowns, rows = len(model.unknowns), len(model.starts) + len(model.constraints)
    if unknowns != rows:
        raise InputError("species", f"{', '.join(gases)} cannot hold any amounts of {', '.join(elements)}: they are tied to each other.", cure="add a species")
    batch = Batch(model, [p.name for p in model.parameters])
    return Problem(held, tuple(gases), tuple(pure), elements, fugacity, batch, layout(model))


def _check(found, columns, moles, places=None):
    low, high = temperature_limits(found.mechanism, [*found.species, *found.condensates], "nasa7")
    pressures = PRESSURES
    if found.fugacity != "ideal":
        low, high, pressures = max(low, TABLE_TEMPERATURES[0]), min(high, TABLE_TEMPERATURES[1]), (PRESSURES[0], TABLE_PRESSURES[1])
    check_range("temperature", columns["temperature"], low, high, "K", limiting(found.mechanism, found.names, low, high), places)
    check_range("pressure", columns["pressure"], *pressures, "Pa", "", places)
    for element in moles:
        check_range(f"moles_{element}", columns[f"moles_{element}"], 0.0, 1e60, "mol", "", places)


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
