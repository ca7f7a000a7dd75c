"""Equilibrium of a planet's gas, melt and condensates at one or a million conditions."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .case import Case
from .conditions import Layout, broadcast, check_range, dataset, layout, never_zero, solve
from .dae.batch import Batch
from .errors import InputError, nearest
from .planet import Planet, assemble_equilibrium
from .quantities import ELEMENTS

if TYPE_CHECKING:
    import xarray

OCEAN_MOLES = 1.5e23  # mol of H in an ocean: the scale of what is next to nothing
INVENTORIES = {**ELEMENTS, "oxygen": "O"}
UNITS = {"temperature": "K", "melt_fraction": "1", "oxygen_fugacity_offset": "1"}


@dataclass(frozen=True)
class Prepared:
    """A case's equilibrium, compiled. mantle_mass in kg: what its structure integrates, once."""

    planet: Planet
    mantle_mass: float
    batch: Batch
    layout: Layout
    attributes: Mapping[str, str]


_prepared: dict[int, tuple] = {}  # id(case) -> (weak reference, {elements given as arrays -> Prepared})


def equilibrium(
    case: Case,
    temperature,
    melt_fraction,
    *,
    oxygen_fugacity_offset=None,
    threads: int | None = None,
    **inventories,
) -> xarray.Dataset:
    """Gas, melt and condensates in equilibrium at given conditions; array arguments broadcast against each other.

    temperature [K]; melt_fraction of the mantle (0 to 1, by mass); oxygen_fugacity_offset: dex from the case's buffer
    (log10 fO2 itself where the case gives it absolute); hydrogen, carbon, ...: inventories [kg] in place of the
    case's (a ratio such as C/H in the case holds to the given one). Numbers, numpy arrays (dimension `point`, or
    `point_0`, `point_1`, ... for more than one) or xarray.DataArrays (their own dimensions).
    threads: for large batches (default: the processors this process may use).

    Returns a Dataset with pressure(species, ...) [Pa], mixing_ratio, gas_mass and dissolved_mass [kg],
    surface_pressure, mean_molar_mass, log10_fO2, graphite_mass and graphite_activity where there is carbon, residual
    (largest logarithmic residual) and converged. A point that did not converge is NaN, and is counted in a warning.
    InputError: outside the species' data, not finite, negative, or an element that the case's mechanism lacks.
    """
    given = {"temperature": temperature, "melt_fraction": melt_fraction}
    if oxygen_fugacity_offset is not None:
        if "oxygen" in inventories or case.redox.oxygen is not None:
            raise InputError("oxygen_fugacity_offset=", "the oxidation state is given twice: by an offset and by a budget of oxygen.")
        given["oxygen_fugacity_offset"] = oxygen_fugacity_offset
    for name, value in inventories.items():
        if name not in INVENTORIES:
            raise InputError(f"{name}=", "not an argument of equilibrium.", f"allowed: {', '.join(INVENTORIES)}", nearest(name, INVENTORIES))
        given[name] = value
    conditions = broadcast(given)
    prepared = prepare(case, tuple(inventories))
    _check(prepared, conditions.columns)
    parameters, absent = _parameters(prepared, conditions.columns)
    points = solve(prepared.batch, parameters, conditions.size, threads)
    for element, where in absent.items():
        _remove(prepared, points, element, where)
    return dataset(prepared.layout, points, conditions, UNITS | dict.fromkeys(INVENTORIES, "kg"), prepared.attributes)


def prepare(case: Case, elements: tuple[str, ...] = ()) -> Prepared:
    """The compiled equilibrium of a case, kept as long as the case is; elements: names of those given as arrays."""
    entry = _prepared.get(id(case))
    if entry is None or entry[0]() is not case:
        entry = (weakref.ref(case, lambda _, key=id(case), held=_prepared: held.pop(key, None)), {})
        _prepared[id(case)] = entry
    if elements not in entry[1]:
        missing = {f"volatiles.{e}": "1 kg" for e in elements if e != "oxygen" and getattr(case.volatiles, e).amount == 0}
        if "oxygen" in elements:
            missing |= {"redox.oxygen": "1 kg", "redox.oxygen_fugacity": "none"}
        planet = assemble_equilibrium(case.replace(missing) if missing else case, 1500.0, 0.5)
        entry[1][elements] = _compiled(planet)
    return entry[1][elements]


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
    }
    shown = tuple(o for o in planet.model.outputs if o.name not in ("reaction_mass", "element_moles"))
    model = replace(planet.model, outputs=shown)
    return Prepared(planet, planet.structure.mantle_mass, Batch(model, [p.name for p in model.parameters]), layout(model), attributes)


def _check(prepared, columns):
    low, high = prepared.planet.chemistry.temperature_limits
    mantle = prepared.mantle_mass
    ranges = {"temperature": (low, high, "K"), "melt_fraction": (0.0, 1.0, ""), "oxygen_fugacity_offset": (-20.0, 20.0, "dex")}
    for name, values in columns.items():
        check_range(name, values, *ranges.get(name, (0.0, mantle, "kg")))


def _parameters(prepared, columns):
    """Parameter columns for the kernel, and element -> mask of the points where it is absent."""
    planet = prepared.planet
    inventories = planet.case.volatiles
    names = {symbol: name for name, symbol in INVENTORIES.items()}

    def mass(symbol):
        name = names[symbol]
        if name in columns:
            return columns[name]
        inventory = planet.case.redox.oxygen if symbol == "O" else getattr(inventories, name)
        if inventory.reference:
            return inventory.amount * mass(inventory.reference)
        return inventory.amount * (1.0 if inventory.unit == "kg" else prepared.mantle_mass)

    found, absent = {}, {}
    for parameter in planet.model.parameters:
        element = parameter.name.removeprefix("moles_")
        if element == parameter.name or element in planet.chemistry.pressures:
            found[parameter.name] = columns.get(parameter.name, parameter.value)
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
