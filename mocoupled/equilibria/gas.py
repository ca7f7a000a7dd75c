"""Equilibrium of a closed system at temperature and pressure: gases and condensates that hold given elements."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..chemistry.element_balance import made_of
from ..closures.fugacity import KIND as FUGACITY
from ..closures.fugacity import PRESSURES as TABLE_PRESSURES
from ..closures.fugacity import TEMPERATURES as TABLE_TEMPERATURES
from ..closures.law import find as find_law
from ..closures.saturation import CRITICAL_PRESSURE, CRITICAL_TEMPERATURE
from ..dae.batch import Batch
from ..errors import InputError, nearest
from ..planet import WATER, assemble_closed_system
from ..results.calibration import Watched, extrapolations, warn
from ..results.sources import gas_sources
from ..thermochemistry import formula_matrix, limiting, read_mechanism, temperature_limits
from .conditions import broadcast, check_range, dataset, layout
from .gas_engines import Problem, difference, with_cantera, with_kernel, with_liquid_water
from .mechanism_choice import choose_mechanism, outside, shipped_with

if TYPE_CHECKING:
    import xarray

ENGINES = ("kernel", "cantera", "both")
NEGLIGIBLE = 1e-6  # mole fraction of a gas that may be left out where its data end
PRESSURES = (1e-10, 1e11)  # Pa
WATER_TRACE = 1e-9  # of the steam; less liquid is the tail of the smooth switch


def gas_equilibrium(
    temperature,
    pressure,
    moles: Mapping[str, object],
    species: str | Sequence[str] = "all",
    condensates: Sequence[str] = ("C(gr)",),
    *,
    mechanism: str | None = None,
    fugacity: str = "ideal",
    engine: str = "kernel",
    threads: int | None = None,
) -> xarray.Dataset:
    """Equilibrium of gases and pure condensates in a closed system; array arguments broadcast.

    temperature [K], pressure [Pa]; moles: element -> mol. mechanism: name or path; by default the smallest shipped one
    that has all shipped gases of the elements present (H, C, O: `hco`; `volatiles` has five of them and O2, and is taken
    where it is named); a gas whose data do not reach the temperatures is then left out, if it is a trace at the end of
    its data, and named in `attrs["gases_left_out"]`. species: "all" gases of the mechanism that the elements
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
    if engine not in ENGINES:
        raise InputError(f"engine = {engine!r}", "no such engine.", f"allowed: {', '.join(ENGINES)}", nearest(engine, ENGINES))
    if not isinstance(moles, Mapping) or not moles:
        raise InputError("moles", "no elements are given.", "allowed: a table such as {'H': 2.0, 'O': 1.0}")
    conditions = broadcast({"temperature": temperature, "pressure": pressure, **{f"moles_{e}": n for e, n in moles.items()}})
    elements = tuple(e for e in moles if np.any(np.asarray(conditions.columns[f"moles_{e}"]) != 0))
    chosen = species if isinstance(species, str) else tuple(species)
    if isinstance(condensates, str):
        raise InputError(f"condensates = {condensates!r}", "not a list of names.", "allowed: a list such as ['C(gr)', 'H2O(l)']")
    left_out = ()
    if mechanism is None:
        mechanism = choose_mechanism(elements)
        if isinstance(species, str) and species == "all":
            chosen, left_out = _within_data(mechanism, elements, conditions, moles, condensates, fugacity)
    found = problem(mechanism, elements, chosen, tuple(condensates), fugacity)
    _check(found, conditions.columns, moles)
    dry = None
    if WATER in found.condensates:
        dry = problem(mechanism, elements, chosen, tuple(c for c in condensates if c != WATER), fugacity)
    points = with_cantera(found, conditions) if engine == "cantera" else with_kernel(found, dry, conditions, threads)
    units = {"temperature": "K", "pressure": "Pa"} | {f"moles_{e}": "mol" for e in moles}
    columns = {("total_pressure" if n == "pressure" else n): v for n, v in conditions.columns.items()}
    shown = type(conditions)(conditions.dimensions, conditions.shape, conditions.coordinates, columns)
    attributes = {"mechanism": found.mechanism.name, "mechanism_sha256": found.mechanism.checksum, "engine": engine, "thermochemistry": "nasa7", "fugacity": fugacity}
    attributes["data"] = json.dumps(gas_sources(found.mechanism, found.names, fugacity, WATER in found.condensates))
    stretched = extrapolations(found.batch.model.watches, Watched(found.batch.model).values(conditions.columns, points.values))
    warn(stretched)
    attributes["extrapolations"] = json.dumps(stretched)
    if left_out:
        attributes["gases_left_out"] = ", ".join(left_out)
    reason = _why_not(found, conditions, points)
    if reason and not conditions.shape:
        raise InputError("moles", reason.strip(), cure="allow a condensate or another species")
    result = dataset(found.layout, points, shown, units | {"total_pressure": "Pa"}, attributes, reason)
    if engine == "both":
        apart = difference(found, points, with_cantera(found, conditions)).reshape(conditions.shape)
        label = {"units": "1", "long_name": "largest |ln| difference of mole fractions above 1e-9 between kernel and Cantera"}
        result["engine_difference"] = (conditions.dimensions, apart, label)
    if WATER in condensates:
        label = {"units": "1", "long_name": "state of the water: liquid where some is, vapour, or supercritical"}
        result["water_state"] = (conditions.dimensions, _water(found, conditions, points).reshape(conditions.shape), label)
    return result


def _within_data(mechanism, elements, conditions, moles, condensates, fugacity):
    """"all", or the gases whose data reach the temperatures when the others are traces; and the others' names.

    The others' amounts are computed at the temperature of their data next to that of each point."""
    T = np.asarray(conditions.columns["temperature"], dtype=float)
    T = T[np.isfinite(T)]
    lost = outside(mechanism, elements, float(T.min()), float(T.max())) if T.size and elements else {}
    if not lost:
        return "all", ()
    kept = [s.name for s in read_mechanism(mechanism).species.values() if s.phase == "gas" and set(s.composition) <= set(elements) and s.name not in lost]
    low, high = max(span[0] for span in lost.values()), min(span[1] for span in lost.values())
    amounts = {e: conditions.columns[f"moles_{e}"] for e in moles}
    edge = np.clip(np.broadcast_to(np.asarray(conditions.columns["temperature"], dtype=float), conditions.size), low, high)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of points that the caller counts itself
        there = gas_equilibrium(edge, conditions.columns["pressure"], amounts, "all", condensates, mechanism=mechanism, fugacity=fugacity)
    shares = there.mixing_ratio.sel(species=list(lost)).values
    return (tuple(kept), tuple(lost)) if np.nan_to_num(shares).max() < NEGLIGIBLE else ("all", ())


def _water(found, conditions, points) -> np.ndarray:
    """The state of the water at each point, in words; "" where there is none or the point did not converge."""
    n = conditions.size
    state = np.full(n, "", dtype="<U13")
    if WATER not in found.condensates:
        return state
    T = np.broadcast_to(np.asarray(conditions.columns["temperature"], dtype=float), n)
    steam, liquid = points.values[found.rows["gas_moles", "H2O"]], points.values[found.rows["condensate_moles", WATER]]
    there = points.converged & (steam + liquid > 0)
    dense = (T >= CRITICAL_TEMPERATURE) & (points.values[found.rows["pressure", "H2O"]] >= CRITICAL_PRESSURE)
    state[there] = "vapour"
    state[there & (liquid > WATER_TRACE * steam)] = "liquid"
    state[there & dense] = "supercritical"
    return state


@lru_cache(maxsize=32)
def problem(
    mechanism: str, elements: tuple[str, ...], species: str | tuple[str, ...], condensates: tuple[str, ...], fugacity: str = "ideal"
) -> Problem:
    """The compiled problem of these elements; InputError when it has no species or too few."""
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
            raise InputError(f"moles of {element}", f"no gas of the mechanism {held.name} holds it with the other elements.", f"elements of its species: {', '.join(known)}", shipped_with(element))
    model = assemble_closed_system(held, (*gases, *pure), elements, "nasa7", fugacity)
    unknowns, rows = len(model.unknowns), len(model.starts) + len(model.constraints)
    if unknowns != rows:
        raise InputError("species", f"{', '.join(gases)} cannot hold any amounts of {', '.join(elements)}: they are tied to each other.", cure="add a species")
    batch = Batch(model, [p.name for p in model.parameters])
    return Problem(held, tuple(gases), tuple(pure), elements, fugacity, batch, layout(model))


def _check(found, columns, moles):
    low, high = temperature_limits(found.mechanism, [*found.species, *found.condensates], "nasa7")
    pressures = PRESSURES
    if found.fugacity != "ideal":
        low, high, pressures = max(low, TABLE_TEMPERATURES[0]), min(high, TABLE_TEMPERATURES[1]), (PRESSURES[0], TABLE_PRESSURES[1])
    check_range("temperature", columns["temperature"], low, high, "K", limiting(found.mechanism, found.names, low, high))
    check_range("pressure", columns["pressure"], *pressures, "Pa")
    for element in moles:
        check_range(f"moles_{element}", columns[f"moles_{element}"], 0.0, 1e60, "mol")


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
