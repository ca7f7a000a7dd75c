"""Equilibrium of a planet's gas, melt and condensates at one or a million conditions."""

from __future__ import annotations

import json
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..case import Case
from ..chemistry.chemistry import check_gas, resolve
from ..chemistry.element_balance import made_of
from ..chemistry.freedom import Told, assign
from ..closures.redox import ABSOLUTE_RANGE, LARGEST_OFFSET
from ..closures.saturation import CRITICAL_TEMPERATURE, saturation_pressure
from ..constants import BAR
from ..dae.batch import Batch
from ..errors import InputError, nearest
from ..planet import Planet, assemble_equilibrium, structure
from ..quantities import ELEMENTS
from ..results.calibration import Watched, extrapolations, warn
from ..results.sources import data_sources
from ..thermochemistry import limiting
from .conditions import Layout, broadcast, check_range, dataset, layout, never_zero, solve

if TYPE_CHECKING:
    import xarray

OCEAN_MOLES = 1.5e23  # mol of H in an ocean: the scale of what is next to nothing
INVENTORIES = {**ELEMENTS, "oxygen": "O"}
SYMBOLS = {symbol: name for name, symbol in INVENTORIES.items()}
UNITS = {"temperature": "K", "melt_fraction": "1", "oxygen_fugacity_offset": "1"} | dict.fromkeys(INVENTORIES, "kg")
PRESSURES = (1e-60, 1e11)  # Pa; of a given pressure or fugacity: beyond, a slip of the pen
REAL_PRESSURES = (1e-60, 2e9)  # Pa; the same where fugacity coefficients are tabulated


@dataclass(frozen=True)
class Prepared:
    """A case's equilibrium, compiled. mantle_mass in kg: what its structure integrates, once."""

    planet: Planet
    mantle_mass: float
    batch: Batch
    layout: Layout
    attributes: Mapping[str, str]
    watched: Watched


_prepared: dict[int, tuple] = {}  # id(case) -> (weak reference, {what is given in the case's place -> Prepared})


def equilibrium(
    case: Case,
    temperature,
    melt_fraction,
    *,
    oxygen_fugacity_offset=None,
    pressure: Mapping[str, object] | None = None,
    fugacity: Mapping[str, object] | None = None,
    threads: int | None = None,
    **inventories,
) -> xarray.Dataset:
    """Gas, melt and condensates in equilibrium at given conditions; array arguments broadcast against each other.

    temperature [K]; melt_fraction of the mantle (0 to 1, by mass); oxygen_fugacity_offset: dex from the case's buffer
    (log10 fO2 itself where the case gives it absolute); hydrogen, carbon, ...: inventories [kg] in place of the
    case's (a ratio such as C/H in the case holds to the given one). pressure, fugacity: {species: Pa}, each in place of
    the case's inventory of one of the species' elements, which is then a result (element_moles, element_mass); an
    inventory given as an argument stays. With an ideal gas the two are the same. Numbers, numpy arrays (dimension `point`, or
    `point_0`, `point_1`, ... for more than one) or xarray.DataArrays (their own dimensions).
    threads: for large batches (default: the processors this process may use).

    Returns a Dataset with pressure(species, ...) [Pa], mixing_ratio, gas_mass and dissolved_mass [kg],
    surface_pressure, mean_molar_mass, log10_fO2, oxygen_mass with a buffer, graphite_mass and graphite_activity where there is carbon, residual
    (largest logarithmic residual) and converged. A point that did not converge is NaN, and is counted in a warning,
    with the reason where none can exist (a pressure beyond the saturation of graphite or water).
    InputError: outside the species' data, not finite, negative, an element that the case's mechanism lacks, or given
    amounts, pressures and fugacities that are not one for each element. Laws used outside their calibration are told
    in a CalibrationWarning, and with the ranges reached in attrs["extrapolations"] (JSON).
    """
    given = {"temperature": temperature, "melt_fraction": melt_fraction}
    if oxygen_fugacity_offset is not None:
        if "oxygen" in inventories or case.redox.oxygen is not None:
            raise InputError("oxygen_fugacity_offset=", "the oxidation state is given twice: by an offset and by a budget of oxygen.")
        if case.redox.ferric_share is not None:
            raise InputError("oxygen_fugacity_offset=", "the oxidation state is given twice: by an offset and by the case's ferric_share.")
        given["oxygen_fugacity_offset"] = oxygen_fugacity_offset
    for name, value in inventories.items():
        if name not in INVENTORIES:
            raise InputError(f"{name}=", "not an argument of equilibrium.", f"allowed: {', '.join(INVENTORIES)}", nearest(name, INVENTORIES))
        given[name] = value
    told = _told(pressure, fugacity)
    given |= {f"{kind}_{species}": value for (kind, species), value in told.items()}
    conditions = broadcast(given)
    prepared = prepare(case, tuple(inventories), tuple(told))
    _check(prepared, conditions.columns, told)
    points, parameters = _solved(prepared, conditions, threads)
    reason = ""
    if not points.converged.all():
        reason = _why_not(case, prepared, conditions, points, tuple(inventories), told) if told else _impossible(prepared, points, parameters)
    if reason and not conditions.shape:
        where = ", ".join(f"{kind}={{{s!r}: ...}}" for kind, s in told) or f"{case.name} [volatiles]"
        cure = "ask for less of it, or for an inventory in its place" if told else "allow graphite or another species, or change the inventories"
        raise InputError(where, f"there is no such equilibrium.{reason}", cure=cure)
    units = UNITS | {f"{kind}_{species}": "Pa" for kind, species in told} if told else UNITS
    stretched = extrapolations(prepared.planet.model.watches, prepared.watched.values(parameters, points.values))
    if points.converged.any():
        warn(stretched)
    attributes = {**prepared.attributes, "extrapolations": json.dumps(stretched)}
    result = dataset(prepared.layout, points, conditions, units, attributes, reason)
    return _with_masses(result, prepared) if "element_moles" in result else result


def _told(pressure, fugacity) -> dict[Told, object]:
    """("pressure" or "fugacity", species) -> what was given."""
    for name, table in (("pressure", pressure), ("fugacity", fugacity)):
        if table is not None and not isinstance(table, Mapping):
            raise InputError(f"{name}=", "not a table.", f"allowed: {name}={{'H2O': 5e7}}, in Pa")
    return {(kind, str(s)): v for kind, table in (("pressure", pressure), ("fugacity", fugacity)) for s, v in (table or {}).items()}


def _solved(prepared, conditions, threads=None):
    parameters, absent = _parameters(prepared, conditions.columns)
    points = solve(prepared.batch, parameters, conditions.size, threads)
    for element, where in absent.items():
        _remove(prepared, points, element, where)
    return points, parameters


def _with_masses(result, prepared):
    """The Dataset with what the elements weigh, where their amounts are results."""
    weights = [prepared.planet.chemistry.mechanism.atomic_weights[str(e)] for e in result.element.values]
    moles = result.element_moles
    shaped = np.reshape(weights, (-1, *[1] * (moles.ndim - 1)))
    result["element_mass"] = (moles.dims, moles.values * shaped, {"units": "kg", "long_name": "mass in gas, melt and graphite"})
    return result


def prepare(case: Case, elements: tuple[str, ...] = (), told: tuple[Told, ...] = ()) -> Prepared:
    """The compiled equilibrium of a case, kept as long as the case is; elements: names of those given as arrays; told:
    the pressures and fugacities that are."""
    entry = _prepared.get(id(case))
    if entry is None or entry[0]() is not case:
        entry = (weakref.ref(case, lambda _, key=id(case), held=_prepared: held.pop(key, None)), {})
        _prepared[id(case)] = entry
    key = (elements, told)
    if key not in entry[1]:
        changes = _changes(case, elements, told)
        planet = assemble_equilibrium(case.replace(changes) if changes else case, 1500.0, 0.5)
        entry[1][key] = _compiled(planet)
    return entry[1][key]


def _changes(case, elements, told) -> dict[str, object]:
    """Changes of the case that make room for what is given in its place; InputError where the degrees of freedom do
    not come out."""
    given = [e for e in elements if e != "oxygen"]
    changes = {f"volatiles.{e}": "1 kg" for e in given if told or getattr(case.volatiles, e).amount == 0}
    if "oxygen" in elements:
        changes |= {"redox.oxygen": "1 kg"} | dict.fromkeys(("redox.oxygen_fugacity", "redox.buffer", "redox.buffer_pressure", "redox.ferric_share"), "none")
    if not told and not (case.volatiles.initial_pressure or case.volatiles.initial_fugacity):
        return changes
    own = resolve(case, structure(case).mantle_mass)
    where = {(kind, s): f"{kind}={{{s!r}: ...}}" for kind, s in told}
    for kind, species in told:
        check_gas(own.mechanism, species, where[kind, species])
    fixed = {INVENTORIES[e] for e in elements}
    buffered = case.redox.oxygen is None and "O" not in fixed
    compositions = {s: own.mechanism.species[s].composition for _, s in told}
    replaced = assign(told, compositions, fixed, {*own.masses, *own.pressures} - fixed, buffered, where)
    kept = {e: one for e, one in own.pressures.items() if e not in replaced and e not in fixed}
    for kind in ("pressure", "fugacity"):
        table = {s: p for k, s, p in kept.values() if k == kind} | {s: "1 bar" for k, s in told if k == kind}
        changes[f"volatiles.initial_{kind}"] = table
    for e in replaced:
        changes["redox.oxygen" if e == "O" else f"volatiles.{SYMBOLS[e]}"] = "0 kg"
    _check_ratios(case, {*elements, *(SYMBOLS[e] for e in replaced)}, replaced)
    return changes


def _check_ratios(case, given, replaced):
    """InputError for an inventory that the case tells as a ratio to an element whose amount is now a result."""
    inventories = {name: getattr(case.volatiles, name) for name in ELEMENTS} | {"oxygen": case.redox.oxygen}
    for name, inventory in inventories.items():
        if inventory is None or not inventory.amount or name in given or inventory.reference not in replaced:
            continue
        kind, species = replaced[inventory.reference]
        raise InputError(
            f"{case.name} {name} = {inventory.text!r}",
            f"the amount of {SYMBOLS[inventory.reference]} follows from the {kind} of {species}: a ratio to it gives no inventory of {name}.",
            f"allowed: one inventory, pressure or fugacity for each element",
            f"give {name} in kg or ppmw ({name}=, or --set {'redox.oxygen' if name == 'oxygen' else f'volatiles.{name}'}='4e20 kg'), or a pressure of one of its species",
        )


def _compiled(planet: Planet) -> Prepared:
    chemistry = planet.chemistry
    if not chemistry.species:
        raise InputError(f"{planet.case.name} [volatiles]", "there are no volatiles.", cure="give an inventory")
    attributes = {
        "case_name": planet.case.name,
        "mechanism": chemistry.mechanism.name,
        "mechanism_sha256": chemistry.mechanism.checksum,
        "thermochemistry": chemistry.source,
        "oxygen_fugacity": chemistry.oxygen_label,
        "laws": json.dumps({role: {"name": one.name, "reference": one.reference} for role, one in planet.laws.items()}),
        "data": json.dumps(data_sources(planet, radiates=False)),
    }
    hidden = ("reaction_mass",) if chemistry.pressures or chemistry.iron else ("reaction_mass", "element_moles")
    shown = tuple(o for o in planet.model.outputs if o.name not in hidden)
    model = replace(planet.model, outputs=shown)
    return Prepared(planet, planet.structure.mantle_mass, Batch(model, [p.name for p in model.parameters]), layout(model), attributes, Watched(model))


def _check(prepared, columns, told=()):
    chemistry = prepared.planet.chemistry
    low, high = chemistry.temperature_limits
    mantle = prepared.mantle_mass
    ranges = {"temperature": (low, high, "K"), "melt_fraction": (0.0, 1.0, ""), "oxygen_fugacity_offset": _offsets(chemistry)}
    limits = PRESSURES if chemistry.fugacity == "ideal" else REAL_PRESSURES
    ranges |= {f"{kind}_{species}": (*limits, "Pa") for kind, species in told}
    for name, values in columns.items():
        why = limiting(chemistry.mechanism, (*chemistry.species, "O2"), low, high) if name == "temperature" and chemistry.source == "nasa7" else ""
        check_range(name, values, *ranges.get(name, (0.0, mantle, "kg")), why)


def _offsets(chemistry) -> tuple[float, float, str]:
    """Lowest and highest of oxygen_fugacity_offset, with its unit: log10 fO2 itself where the case gives it absolute."""
    oxygen = chemistry.oxygen or (chemistry.iron.fugacity if chemistry.iron else None)
    return (*ABSOLUTE_RANGE, "log10 bar") if oxygen is not None and oxygen.buffer is None else (-LARGEST_OFFSET, LARGEST_OFFSET, "dex")


def _parameters(prepared, columns):
    """Parameter columns for the kernel, and element -> mask of the points where it is absent."""
    planet = prepared.planet
    inventories = planet.case.volatiles
    pressures = planet.chemistry.pressures
    told = {f"{kind}[{s}]": f"{kind}_{s}" for kind, s, _ in pressures.values()}  # parameter -> column

    def mass(symbol):
        name = SYMBOLS[symbol]
        if name in columns:
            return columns[name]
        inventory = planet.case.redox.oxygen if symbol == "O" else getattr(inventories, name)
        if inventory.reference:
            return inventory.amount * mass(inventory.reference)
        return inventory.amount * (1.0 if inventory.unit == "kg" else prepared.mantle_mass)

    found, absent = {}, {}
    for parameter in planet.model.parameters:
        element = parameter.name.removeprefix("moles_")
        if element in pressures:  # a scale only: as much as that gas would hold
            kind, species, usual = pressures[element]
            found[parameter.name] = parameter.value * (columns.get(f"{kind}_{species}", usual) / usual)
            continue
        if element == parameter.name:
            found[parameter.name] = columns.get(told.get(element, element), parameter.value)
            continue
        if element == "O" and planet.case.redox.oxygen is None:  # a scale only: the start of ferric iron sets its amount
            found[parameter.name] = parameter.value
            continue
        moles = mass(element) / planet.chemistry.mechanism.atomic_weights[element]
        found[parameter.name], empty = never_zero(moles, OCEAN_MOLES)
        if empty is not None:
            absent[element] = empty
    return found, absent


def _remove(prepared, points, element, where):
    """Exactly nothing of an absent element: its species are 0."""
    where = np.broadcast_to(where, points.converged.shape)
    mechanism = prepared.planet.chemistry.mechanism
    for row, output in enumerate(prepared.batch.model.outputs):
        held = output.dimension == "species" and element in mechanism.species[output.label].composition
        if held or (element == "C" and output.name in ("graphite_mass", "graphite_activity")):
            points.values[row, where & points.converged] = 0.0


def _impossible(prepared, points, parameters) -> str:
    """Tells the points whose elements no amounts of the species can hold from those that failed."""
    chemistry = prepared.planet.chemistry
    elements = chemistry.elements
    if chemistry.oxygen is not None or chemistry.pressures or chemistry.iron:  # a buffer, and iron, give and take oxygen: any amounts can be held
        return ""
    matrix = np.array([[chemistry.mechanism.species[s].composition.get(e, 0) for s in chemistry.species] for e in elements])
    missed = np.flatnonzero(~points.converged)
    columns = np.array([np.broadcast_to(parameters[f"moles_{e}"], len(points.converged))[missed] for e in elements])
    without = [k for k, amounts in enumerate(columns.T) if made_of(matrix, amounts) is None]
    if not without:
        return ""
    sample = ", ".join(f"{e} {v:.4g} mol" for e, v in zip(elements, columns[:, without[0]]))
    return (
        f" {len(without)} of {len(points.converged)} points have no solution at all: no amounts of {', '.join(chemistry.species)} hold these"
        f" elements (for instance {sample}; as when there is too little oxygen for the carbon)."
    )


def _why_not(case, prepared, conditions, points, elements, told) -> str:
    """Tells the points at which a given pressure or fugacity has no equilibrium from those that failed: without
    condensates they have a state, supersaturated in one."""
    missed = np.flatnonzero(~points.converged)
    tables = "" if case.chemistry.fugacity == "ideal" else " The tables of fugacity coefficients end at 20 kbar; is the surface pressure beyond?"
    if not len(missed) or not (case.chemistry.graphite or case.chemistry.water):
        return "" if conditions.shape == () else tables
    relaxed = prepare(case.replace({"chemistry.graphite": False, "chemistry.water": False}), elements, tuple(told))
    columns = {name: np.broadcast_to(values, conditions.size)[missed] for name, values in conditions.columns.items()}
    found, _ = _solved(relaxed, type(conditions)(("point",), (len(missed),), {}, columns))
    rows = {(o.name, o.label): k for k, o in enumerate(relaxed.batch.model.outputs)}
    reasons = []
    if case.chemistry.graphite and ("graphite_activity", "") in rows:
        activity = found.values[rows["graphite_activity", ""]]
        over = found.converged & (activity > 1.0)
        if over.any():
            reasons.append(f"at {np.count_nonzero(over)} of them graphite would form (activity of carbon up to {activity[over].max():.3g})")
    if case.chemistry.water and ("pressure", "H2O") in rows:
        limit = saturation_pressure(np.minimum(columns["temperature"], CRITICAL_TEMPERATURE))
        over = found.converged & (found.values[rows["pressure", "H2O"]] > limit) & (columns["temperature"] < CRITICAL_TEMPERATURE)
        if over.any():
            reasons.append(f"at {np.count_nonzero(over)} of them water would condense (above {limit[over].min() / BAR:.4g} bar)")
    if not reasons and conditions.shape:
        return tables
    return f" The given {' and '.join(f'{k} of {s}' for k, s in told)} cannot exist there: {'; '.join(reasons)}." if reasons else ""
