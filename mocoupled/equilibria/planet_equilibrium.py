"""Equilibrium of a planet's gas, melt and condensates at one or a million conditions."""

from __future__ import annotations

import json
import os
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..broadcasting import broadcast, check_range
from ..case import Case, taken
from ..chemistry.element_balance import made_of, why_not
from ..chemistry.mechanism_file import find_mechanism, versions
from ..chemistry.reactions import limiting
from ..closures.fugacity import PRESSURES as TABLE_PRESSURES
from ..closures.redox import ABSOLUTE_RANGE, LARGEST_OFFSET
from ..closures.saturation import CRITICAL_TEMPERATURE, saturation_pressure
from ..conditions import table, whole
from ..constants import BAR
from ..dae.kernel.batch import Batch
from ..errors import InputError, nearest
from ..floating import usual_floats
from ..interior.static_structure import structure
from ..planet.assembly import Planet, assemble_equilibrium
from ..planet.chemistry_of_case import resolve
from ..planet.degrees_of_freedom import Prescribed, assign
from ..planet.species_of_case import check_gas
from ..provenance import omissions as left_out
from ..provenance.calibration import Watched, extrapolations, warn
from ..provenance.sources import data_sources
from ..schema.quantities import ELEMENTS
from .amounts import inventories_of, offset_of
from .cold_budgets import ClosedSystem, closed_system, solve_cold
from .gas_engines import UNDERSATURATED
from .points import Layout, dataset, layout, never_zero, nothing, solve, spread

if TYPE_CHECKING:
    import xarray

OCEAN_MOLES = 1.5e23  # mol of H in an ocean: the scale of what is next to nothing
INVENTORIES = {**ELEMENTS, "oxygen": "O"}
SYMBOLS = {symbol: name for name, symbol in INVENTORIES.items()}
UNITS = {"temperature": "K", "melt_fraction": "1", "oxygen_fugacity_offset": "1"} | dict.fromkeys(
    INVENTORIES, "kg"
)
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

    @cached_property
    def closed(self) -> ClosedSystem | None:
        """The closed system of the same elements, for points that the kernel does not reach."""
        return closed_system(self.planet)

    omissions: tuple[left_out.Omission, ...]

    @cached_property
    def mixing_rows(self) -> list[int]:
        """Rows of the kernel's outputs that hold the gases' mole fractions, in the order of the chemistry's gases."""
        rows = {o.label: k for k, o in enumerate(self.batch.model.outputs) if o.name == "mixing_ratio"}
        return [rows[s] for s in self.planet.chemistry.gases]

    @cached_property
    def pressure_row(self) -> int:
        """Row of the kernel's outputs that holds the total pressure."""
        return next(k for k, o in enumerate(self.batch.model.outputs) if o.name == "surface_pressure")


_prepared: dict[
    int, tuple
] = {}  # id(case) -> (weak reference, {what is given in the case's place -> Prepared})


@usual_floats
def equilibrium(
    case: Case | str | os.PathLike,
    temperature=None,
    melt_fraction=1.0,
    *,
    oxygen_fugacity_offset=None,
    pressure: Mapping[str, object] | None = None,
    fugacity: Mapping[str, object] | None = None,
    threads: int | None = None,
    **inventories,
) -> xarray.Dataset:
    """Gas, melt and condensates in equilibrium at given conditions; array arguments broadcast against each other.

    case: a Case, a shipped case's name or a path. temperature [K]; melt_fraction of the mantle (0 to 1, by mass; 1);
    oxygen_fugacity_offset: dex from the case's buffer (log10 fO2 itself where the case gives it absolute), or "IW+0.5"
    of the same buffer; hydrogen, carbon, ...: inventories [kg] in place of the case's (a ratio such as C/H in the case
    holds to the given one), or text as in a case. pressure, fugacity: {species: Pa}, each in place of
    the case's inventory of one of the species' elements, which is then a result (element_moles, element_mass); an
    inventory given as an argument stays. With an ideal gas the two are the same.
    All of them: numbers in SI, text with units, quantities (pint, astropy), or arrays of these: numpy (dimension `point`,
    or `point_0`, `point_1`, ... for more than one), masked arrays (masked points are not solved), xarray.DataArrays and
    pandas.Series (their own dimensions; docs/library.md). threads: for large batches (default: this process's processors).

    Returns a Dataset with pressure(species, ...) [Pa], mixing_ratio, gas_mass and dissolved_mass [kg],
    surface_pressure, mean_molar_mass, log10_fO2, oxygen_mass with a buffer, graphite_mass and graphite_activity where there is carbon, residual
    (largest logarithmic residual) and converged. A point that did not converge is NaN, and is counted in a warning,
    with the reason where none can exist (a pressure beyond the saturation of graphite or water).
    InputError: outside the species' data, not finite, negative, an element that the case's mechanism lacks, or given
    amounts, pressures and fugacities that are not one for each element. Laws used outside their calibration are told
    in a CalibrationWarning, and with the ranges reached in attrs["extrapolations"] (JSON). What matters and is left out is
    named in an OmissionWarning and in attrs["left_out"] (JSON).
    """
    case = taken(case)
    threads = None if threads is None else whole(threads, "threads", 1, 4096)
    given, case, inventories = _given(case, temperature, melt_fraction, oxygen_fugacity_offset, inventories)
    told = _told(pressure, fugacity)
    given |= {f"{kind}_{species}": value for (kind, species), value in told.items()}
    units = UNITS | {f"{kind}_{species}": "Pa" for kind, species in told} if told else UNITS
    conditions = broadcast(given, units)
    prepared = prepare(case, inventories, tuple(told))
    conditions, there, places = _unmasked(conditions)
    _check(prepared, there.columns, told, places)
    reason, stretched, omitted = "", [], []
    if there.size:
        points, parameters = _solved(prepared, there, threads)
        if not points.converged.all():
            reason = (
                _why_not(case, prepared, there, points, inventories, told)
                if told
                else _impossible(prepared, points, parameters)
            )
            reason = reason or _too_dense(case, there, points, inventories, tuple(told))
        if reason and not conditions.shape:
            raise _refused(case, told, reason)
        stretched = extrapolations(
            prepared.planet.model.watches, prepared.watched.values(parameters, points.values)
        )
        omitted = _left_out(prepared, points)
        if points.converged.any():
            warn(stretched)
            left_out.warn(omitted)
    else:
        points = nothing(len(prepared.batch.model.outputs), 0)
    attributes = {
        **prepared.attributes,
        "extrapolations": json.dumps(stretched),
        "left_out": json.dumps(omitted),
    }
    also = ("element_mass",) if "element_moles" in (name for name, *_ in prepared.layout.variables) else ()
    result = dataset(
        prepared.layout, spread(points, conditions.masked), conditions, units, attributes, reason, also
    )
    return _with_masses(result, prepared) if also else result


def _given(case, temperature, melt_fraction, offset, inventories):
    """Name -> what is given, the case with what can only be said in a case, and the inventories that are given as numbers."""
    if temperature is None:
        raise InputError(
            "temperature=", "it is not given.", "for example: temperature=1650.0 (K), or temperature='1650 K'"
        )
    given = {"temperature": temperature, "melt_fraction": 1.0 if melt_fraction is None else melt_fraction}
    if offset is not None:
        if "oxygen" in inventories or case.redox.oxygen is not None:
            raise InputError(
                "oxygen_fugacity_offset=",
                "the oxidation state is given twice: by an offset and by a budget of oxygen.",
            )
        if case.redox.ferric_share is not None:
            raise InputError(
                "oxygen_fugacity_offset=",
                "the oxidation state is given twice: by an offset and by the case's ferric_share.",
            )
        given["oxygen_fugacity_offset"] = offset_of(case, offset)
    for name in inventories:
        if name not in INVENTORIES:
            cure = f"did you mean {SYMBOLS[name]}=?" if name in SYMBOLS else nearest(name, INVENTORIES)
            raise InputError(
                f"{name}=", "not an argument of equilibrium.", f"allowed: {', '.join(INVENTORIES)}", cure
            )
    case, numbers = inventories_of(case, inventories)
    return given | numbers, case, tuple(numbers)


def _refused(case, told, reason) -> InputError:
    """The refusal of a single state that does not exist, with its reason."""
    where = ", ".join(f"{kind}={{{s!r}: ...}}" for kind, s in told) or f"{case.name} [volatiles]"
    cure = (
        "prescribe less of it, or an inventory in its place"
        if told
        else "allow graphite or another species, or change the inventories"
    )
    if "fugacity coefficients" in reason:
        cure = "set chemistry.fugacity = 'ideal', or lower the inventories"
    return InputError(where, f"there is no such equilibrium.{reason}", cure=cure)


def _left_out(prepared, points) -> list[dict]:
    """What the states leave out, with the largest share of the gas that it concerns."""
    shares = left_out.largest(points.values[prepared.mixing_rows], prepared.planet.chemistry.gases)
    return left_out.weighed(
        prepared.omissions, shares, np.fmax.reduce(points.values[prepared.pressure_row], initial=0.0)
    )


def _unmasked(conditions):
    """The conditions, the same without masked points, and the numbers of those left in the user's array (None: all)."""
    masked = conditions.masked
    if masked is None or not masked.any():
        return conditions, conditions, None
    return conditions, conditions.at(~masked), np.flatnonzero(~masked)


def _told(pressure, fugacity) -> dict[Prescribed, object]:
    """("pressure" or "fugacity", species) -> what was given."""
    found = {}
    for kind, given in (("pressure", pressure), ("fugacity", fugacity)):
        if given is not None:
            found |= {
                (kind, species): value
                for species, value in table(given, f"{kind}=", f"{kind}={{'H2O': 5e7}}, in Pa").items()
            }
    return found


def _solved(prepared, conditions, threads=None):
    parameters, absent = _parameters(prepared, conditions.columns)
    points = solve(prepared.batch, parameters, conditions.size, threads)
    if not points.converged.all() and prepared.closed is not None:
        solve_cold(prepared.closed, prepared.batch, points, parameters, conditions.size)
    for element, where in absent.items():
        _remove(prepared, points, element, where)
    rows = {output.name: k for k, output in enumerate(prepared.batch.model.outputs)}
    for condensate in (
        "graphite",
        "water",
    ):  # below this activity the mass is the tail of its smooth switch, and rounding of the inventory
        if f"{condensate}_mass" in rows:
            points.values[
                rows[f"{condensate}_mass"], points.values[rows[f"{condensate}_activity"]] < UNDERSATURATED
            ] = 0.0
    return points, parameters


def _with_masses(result, prepared):
    """The Dataset with what the elements weigh, where their amounts are results."""
    weights = [prepared.planet.chemistry.mechanism.atomic_weights[str(e)] for e in result.element.values]
    moles = result.element_moles
    shaped = np.reshape(weights, (-1, *[1] * (moles.ndim - 1)))
    result["element_mass"] = (
        moles.dims,
        moles.values * shaped,
        {"units": "kg", "long_name": "mass in gas, melt and graphite"},
    )
    return result


def prepare(case: Case, elements: tuple[str, ...] = (), told: tuple[Prescribed, ...] = ()) -> Prepared:
    """The compiled equilibrium of a case, kept as long as the case is; elements: names of those given as arrays; told:
    the pressures and fugacities that are."""
    entry = _prepared.get(id(case))
    if entry is None or entry[0]() is not case:
        entry = (weakref.ref(case, lambda _, key=id(case), held=_prepared: held.pop(key, None)), {})
        _prepared[id(case)] = entry
    key = (
        elements,
        told,
        versions(find_mechanism(case.chemistry.mechanism)),
    )  # a file may change, or the folder it is looked for in
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
        changes |= {"redox.oxygen": "1 kg"} | dict.fromkeys(
            ("redox.oxygen_fugacity", "redox.buffer", "redox.buffer_pressure", "redox.ferric_share"), "none"
        )
    if not told and not (case.volatiles.initial_pressure or case.volatiles.initial_fugacity):
        return changes
    own = resolve(case, structure(case.planet).mantle_mass)
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
            "allowed: one inventory, pressure or fugacity for each element",
            f"give {name} in kg or ppmw ({name}=, or --set {'redox.oxygen' if name == 'oxygen' else f'volatiles.{name}'}='4e20 kg'), or a pressure of one of its species",
        )


def _compiled(planet: Planet) -> Prepared:
    chemistry = planet.chemistry
    if not chemistry.species:
        raise InputError(
            f"{planet.case.name} [volatiles]", "there are no volatiles.", cure="give an inventory"
        )
    attributes = {
        "case_name": planet.case.name,
        "mechanism": chemistry.mechanism.name,
        "mechanism_sha256": chemistry.mechanism.checksum,
        "thermochemistry": chemistry.source,
        "oxygen_fugacity": chemistry.oxygen_label,
        "laws": json.dumps(
            {role: {"name": one.name, "reference": one.reference} for role, one in planet.laws.items()}
        ),
        "data": json.dumps(data_sources(planet.case, planet.chemistry, planet.below, radiates=False)),
    }
    hidden = (
        ("reaction_mass",) if chemistry.pressures or chemistry.iron else ("reaction_mass", "element_moles")
    )
    shown = tuple(o for o in planet.model.outputs if o.name not in hidden)
    model = replace(planet.model, outputs=shown)
    return Prepared(
        planet,
        planet.structure.mantle_mass,
        Batch(model, [p.name for p in model.parameters]),
        layout(model),
        attributes,
        Watched(model),
        left_out.omissions(planet.case, planet.chemistry, planet.laws),
    )


def _check(prepared, columns, told=(), places=None):
    chemistry = prepared.planet.chemistry
    low, high = chemistry.temperature_limits
    mantle = prepared.mantle_mass
    ranges = {
        "temperature": (low, high, "K"),
        "melt_fraction": (0.0, 1.0 + 1e-12, ""),
        "oxygen_fugacity_offset": _offsets(chemistry),
    }  # a run has 1 to rounding
    limits = PRESSURES if chemistry.fugacity == "ideal" else REAL_PRESSURES
    ranges |= {f"{kind}_{species}": (*limits, "Pa") for kind, species in told}
    for name, values in columns.items():
        why = (
            limiting(chemistry.mechanism, (*chemistry.species, "O2"), low, high)
            if name == "temperature" and chemistry.source == "nasa7"
            else ""
        )
        check_range(name, values, *ranges.get(name, (0.0, mantle, "kg")), why, places)


def _offsets(chemistry) -> tuple[float, float, str]:
    """Lowest and highest of oxygen_fugacity_offset, with its unit: log10 fO2 itself where the case gives it absolute."""
    oxygen = chemistry.oxygen or (chemistry.iron.fugacity if chemistry.iron else None)
    return (
        (*ABSOLUTE_RANGE, "log10 bar")
        if oxygen is not None and oxygen.buffer is None
        else (-LARGEST_OFFSET, LARGEST_OFFSET, "dex")
    )


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
        if (
            element == "O" and planet.case.redox.oxygen is None
        ):  # a scale only: the start of ferric iron sets its amount
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
    if (
        chemistry.oxygen is not None or chemistry.pressures or chemistry.iron
    ):  # a buffer, and iron, give and take oxygen: any amounts can be held
        return ""
    matrix = np.array(
        [[chemistry.mechanism.species[s].composition.get(e, 0) for s in chemistry.species] for e in elements],
        dtype=float,
    )
    missed = np.flatnonzero(~points.converged)
    columns = np.array(
        [np.broadcast_to(parameters[f"moles_{e}"], len(points.converged))[missed] for e in elements]
    )
    without = [k for k, amounts in enumerate(columns.T) if made_of(matrix, amounts) is None]
    if not without:
        return ""
    return no_amounts(
        len(without), len(points.converged), chemistry.species, elements, matrix, columns[:, without[0]]
    )


def no_amounts(missed: int, of: int, species, elements, matrix, amounts) -> str:
    """The sentence for points whose elements no amounts of the species hold; amounts: mol of each element at one of them."""
    sample = ", ".join(f"{e} {v:.4g} mol" for e, v in zip(elements, amounts))
    points = " No" if of == 1 else f" {missed} of {of} points have no solution at all: no"
    reason = why_not(matrix, amounts, elements)
    return f"{points} amounts of {', '.join(species)} hold these elements ({'for instance ' if of > 1 else ''}{sample}{f'; {reason}' if reason else ''})."


def _too_dense(case, conditions, points, elements, told) -> str:
    """Names the points without a result whose pressure lies beyond the tables of fugacity coefficients."""
    if case.chemistry.fugacity == "ideal":
        return ""
    ideal = prepare(case.replace({"chemistry.fugacity": "ideal"}), elements, told)
    solved, _ = _solved(ideal, conditions.at(~points.converged))
    row = next(k for k, o in enumerate(ideal.batch.model.outputs) if o.name == "surface_pressure")
    dense = solved.values[row][
        solved.values[row] > TABLE_PRESSURES[1] / 4
    ]  # real gases are at most some times off
    if not len(dense):
        return ""
    few = f"{len(dense)} of {len(points.converged)} points have" if conditions.shape else "it has"
    return (
        f" The tables of fugacity coefficients ({case.chemistry.fugacity}) end at {TABLE_PRESSURES[1] / BAR:g} bar;"
        f" {few} a surface pressure of up to {dense.max() / BAR:.4g} bar as ideal gases."
    )


def _why_not(case, prepared, conditions, points, elements, told) -> str:
    """Tells the points at which a given pressure or fugacity has no equilibrium from those that failed: without
    condensates they have a state, supersaturated in one."""
    missed = np.flatnonzero(~points.converged)
    tables = (
        ""
        if case.chemistry.fugacity == "ideal"
        else " The tables of fugacity coefficients end at 20 kbar; is the surface pressure beyond?"
    )
    if not len(missed) or not (case.chemistry.graphite or case.chemistry.water):
        return "" if conditions.shape == () else tables
    relaxed = prepare(
        case.replace({"chemistry.graphite": False, "chemistry.water": False}), elements, tuple(told)
    )
    some = conditions.at(missed)
    columns = some.columns
    found, _ = _solved(relaxed, some)
    rows = {(o.name, o.label): k for k, o in enumerate(relaxed.batch.model.outputs)}
    reasons = []
    if case.chemistry.graphite and ("graphite_activity", "") in rows:
        activity = found.values[rows["graphite_activity", ""]]
        over = found.converged & (activity > 1.0)
        if over.any():
            reasons.append(
                f"at {np.count_nonzero(over)} of them graphite would form (activity of carbon up to {activity[over].max():.3g})"
            )
    if case.chemistry.water and ("pressure", "H2O") in rows:
        limit = saturation_pressure(np.minimum(columns["temperature"], CRITICAL_TEMPERATURE))
        over = (
            found.converged
            & (found.values[rows["pressure", "H2O"]] > limit)
            & (columns["temperature"] < CRITICAL_TEMPERATURE)
        )
        if over.any():
            reasons.append(
                f"at {np.count_nonzero(over)} of them water would condense (above {limit[over].min() / BAR:.4g} bar)"
            )
    if not reasons and conditions.shape:
        return tables
    return (
        f" The given {' and '.join(f'{k} of {s}' for k, s in told)} cannot exist there: {'; '.join(reasons)}."
        if reasons
        else ""
    )
