"""Hydrodynamic escape of elements from the top of an atmosphere: `mo.escape`, for arrays of conditions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import sympy

from ..atmosphere.binary_diffusion import CARRIER, diffusion_law, molar_mass_of
from ..atmosphere.escape_flow import BY_ELEMENT, ENERGY, Atom, Top, flow_of
from ..broadcasting import Conditions, broadcast, check_range
from ..closures.law_types import symbolic
from ..closures.registry import find
from ..conditions import number, table
from ..constants import AVOGADRO_CONSTANT, GRAVITATIONAL_CONSTANT
from ..dae.declare.model import Model, Output, Parameter, join
from ..dae.kernel.batch import Batch, Points
from ..errors import InputError
from ..floating import usual_floats
from ..units import number_text, range_text, shown, written_unit
from .points import Layout, dataset, layout, nothing, solve, spread

if TYPE_CHECKING:
    import xarray

EXAMPLE = "{'H': 2, 'O': 1}"
# role -> kind and name
LAWS = {"escape": ("escape", BY_ELEMENT), "energy of escape": ("escape_energy", ENERGY)}
TITLES = (
    "flux of the atoms of an element to space, mean over the surface",
    "flux of an element over its amount, relative to hydrogen",
    "mass above which hydrogen drags no atoms that diffuse like the element",
)
# argument -> SI unit, lowest and highest value
ARGUMENTS: Mapping[str, tuple[str, float, float]] = {
    "xuv_flux": ("W/m^2", 1e-12, 1e8),
    "mass": ("kg", 1e20, 1e28),
    "radius": ("m", 1e5, 1e9),
    "efficiency": ("1", 1e-9, 1.0),
    "temperature": ("K", 50.0, 3e4),
    "xuv_radius": ("1", 1.0, 100.0),
    "hill_radius": ("m", 1e5, 1e15),
    "recombination_flux": ("W/m^2", 1e-6, 1e12),
}
# table by element -> SI unit, lowest and highest value
TABLES: Mapping[str, tuple[str, float, float]] = {
    "molar_masses": ("kg/mol", 1e-4, 1.0),
    "diffusion": ("1/(m*s)", 1e12, 1e30),
}
OPTIONAL = ("hill_radius", "recombination_flux")  # None: neither tides nor recombination
# of the sum of the atoms, in place of an element that is absent
ABSENT = 1e-30
LARGEST = 1e60  # amount of atoms


@usual_floats
def escape(
    atoms: Mapping[str, object],
    xuv_flux: object,
    *,
    mass: object = "1 M_earth",
    radius: object = "1 R_earth",
    efficiency: object = 0.15,
    temperature: object = 400.0,
    xuv_radius: object = 1.0,
    hill_radius: object = None,
    recombination_flux: object = 10.0,
    drag: bool = True,
    molar_masses: Mapping[str, object] | None = None,
    diffusion: Mapping[str, object] | None = None,
) -> xarray.Dataset:
    """Flux of every element that a wind of hydrogen carries off, driven by XUV; arrays broadcast.

    atoms: element or isotope ("H", "O", "D", "36Ar") -> amount of its atoms above the homopause, in any unit
    common to all; "H" is the carrier. xuv_flux [W/m2]: at the planet's orbit. mass [kg] and radius [m] of the
    planet. efficiency: share of the XUV that lifts gas, above 0 and at most 1. temperature [K]: of the
    homopause, for diffusion. xuv_radius: where XUV is absorbed, over radius. hill_radius [m]: of the Hill
    sphere; None: no tides. recombination_flux [W/m2]: above it escape grows as the square root of the flux
    (Murray-Clay et al. 2009); None: never.
    drag: whether hydrogen drags the others along; false: they stay, and hydrogen is limited by energy and by
    its diffusion through them.
    molar_masses: name -> kg/mol, in place of standard atomic weights. diffusion: name -> b [1/m/s] in
    hydrogen, for an element without a shipped coefficient or in place of it.

    Returns a Dataset along the conditions: escape_flux(element) [mol/m2/s]; along dragged_element, which
    leaves out hydrogen, crossover_mass [kg/mol] with the b of the element and fractionation, its flux over
    its amount relative to hydrogen's (of a trace where it stays); mass_flux [kg/m2/s]; residual, converged.
    InputError for arguments without meaning.
    Zahnle & Kasting 1986, Icarus 68, 462; Hunten et al. 1987, Icarus 69, 532.
    """
    amounts = _amounts(atoms)
    arguments: dict[str, object] = {f"atoms_{name}": amount for name, amount in amounts.items()}
    arguments |= {
        "xuv_flux": xuv_flux,
        "mass": mass,
        "radius": radius,
        "efficiency": efficiency,
        "temperature": temperature,
        "xuv_radius": xuv_radius,
        "hill_radius": hill_radius,
        "recombination_flux": recombination_flux,
    }
    arguments = {n: v for n, v in arguments.items() if v is not None or n not in OPTIONAL}
    units = {name: ARGUMENTS[name][0] if name in ARGUMENTS else "1" for name in arguments}
    conditions = broadcast(arguments, units)
    names = tuple(amounts)
    _check(conditions, names)
    masses = _numbers(molar_masses, names, "molar_masses")
    _check_masses(names, masses)
    problem = _problem(names, _logical(drag), masses, _numbers(diffusion, names, "diffusion"))
    points, laws = _solved(problem, names, conditions), {"laws": json.dumps(problem.sources)}
    return dataset(problem.layout, points, conditions, units, laws)


# ---- arguments


def _amounts(atoms: object) -> dict[str, object]:
    """Element -> amount; InputError without hydrogen."""
    amounts: dict[str, object] = dict(table(atoms, "atoms", EXAMPLE))
    if CARRIER not in amounts:
        raise InputError("atoms", "hydrogen, which carries the others, is missing.", f"allowed: {EXAMPLE}")
    return amounts


def _check(conditions: Conditions, names: tuple[str, ...]) -> None:
    """InputError for conditions out of range, with their place, and for a gas without atoms."""
    places = None
    if conditions.masked is not None and conditions.masked.any():
        places = np.flatnonzero(~conditions.masked)
        conditions = conditions.at(~conditions.masked)
    columns = conditions.columns
    for name, (unit, low, high) in ARGUMENTS.items():
        if name in columns:
            check_range(name, columns[name], low, high, unit, "", places, conditions.written.get(name, ""))
    for name in names:
        check_range(f"atoms of {name}", columns[f"atoms_{name}"], 0.0, LARGEST, "", "", places)
    if np.any(_sum(columns, names) <= 0.0):
        raise InputError("atoms", "there are none.", "allowed: an amount above 0")
    if "hill_radius" in columns:
        near = columns["xuv_radius"] * columns["radius"]
        if np.any(near >= columns["hill_radius"]):
            problem = "XUV is absorbed outside the Hill sphere: the planet does not keep this gas."
            raise InputError("hill_radius", problem, "allowed: above xuv_radius x radius")


def _numbers(
    values: Mapping[str, object] | None, names: tuple[str, ...], where: str
) -> tuple[tuple[str, float], ...]:
    """(name, SI value) of a table. InputError for a name that is not among the atoms, and out of range."""
    numbers, (unit, low, high) = [], TABLES[where]
    for name, value in table(values or {}, where, "{'O': ...}").items():
        if name not in names:
            raise InputError(f"{where} {name}", "it is not among the atoms.", f"known: {', '.join(names)}")
        read = number(value, unit, f"{where} {name}")
        if where == "diffusion" and name == CARRIER:
            raise InputError(f"{where} {name}", "hydrogen does not diffuse through itself.", cure="remove it")
        if not low <= read <= high:
            written = written_unit(value)
            raise InputError(
                f"{where} {name} = {number_text(read, unit, written)}",
                "out of range.",
                f"allowed: {range_text(low, high, unit, written)}",
            )
        numbers.append((name, read))
    return tuple(numbers)


def _check_masses(names: tuple[str, ...], stated: tuple[tuple[str, float], ...]) -> None:
    """InputError for an element that is not heavier than hydrogen, which carries it."""
    masses = {name: dict(stated).get(name) or molar_mass_of(name, f"atoms {name}") for name in names}
    for name, mass in masses.items():
        if name != CARRIER and mass <= masses[CARRIER]:
            problem = f"it is not heavier than hydrogen, of {masses[CARRIER]:g} kg/mol, which carries it."
            raise InputError(f"molar_masses {name} = {mass:g} kg/mol", problem, "allowed: heavier elements")


def _logical(drag: object) -> bool:
    """A logical value; InputError for anything else."""
    if not isinstance(drag, (bool, np.bool_)):
        raise InputError(f"drag = {shown(drag)}", "this is not a logical value.", "allowed: True or False")
    return bool(drag)


# ---- the equations


@dataclass(frozen=True)
class _Problem:
    """The declared flow of some elements, compiled when it is used. sources: role -> name and reference."""

    model: Model
    layout: Layout
    sources: Mapping[str, Mapping[str, str]]

    @cached_property
    def batch(self) -> Batch:
        """The compiled kernel."""
        return Batch(self.model, [p.name for p in self.model.parameters])


@lru_cache(maxsize=32)
def _problem(
    names: tuple[str, ...],
    drag: bool,
    masses: tuple[tuple[str, float], ...],
    coefficients: tuple[tuple[str, float], ...],
) -> _Problem:
    """The flow of these elements."""
    parameters = {name: Parameter(name, 1.0) for name in (*ARGUMENTS, *(f"fraction_{n}" for n in names))}
    p = {name: parameter.symbol for name, parameter in parameters.items()}
    T, stated = p["temperature"], dict(coefficients)
    energy = symbolic(find("escape_energy", ENERGY))
    sources = {role: find(kind, name) for role, (kind, name) in LAWS.items()}
    atoms = {}
    for name in names:
        where = f"atoms {name}"
        mass = dict(masses).get(name) or molar_mass_of(name, where)
        b = sympy.Float(stated[name]) if name in stated else sympy.S.One
        if name not in stated and name != CARRIER:
            coefficient = diffusion_law(name, where)
            b = coefficient(T=T, molar_mass=mass)
            sources[f"diffusion of {name}"] = coefficient
        atoms[name] = Atom(sympy.Float(mass), b)
    gravity = GRAVITATIONAL_CONSTANT * p["mass"] / p["radius"] ** 2
    mass_flux = energy(
        xuv_flux=p["xuv_flux"],
        efficiency=p["efficiency"],
        radius=p["radius"],
        gravity=gravity,
        xuv_radius=p["xuv_radius"],
        inverse_hill_radius=p["radius"] * p["hill_radius"],
        inverse_recombination_flux=p["recombination_flux"],
    )
    fractions = {name: p[f"fraction_{name}"] for name in names}
    flow = flow_of(atoms, fractions, Top(gravity, T, mass_flux), drag=drag)
    outputs = [Output("mass_flux", mass_flux, "kg/m^2/s", "mass that XUV can lift, mean over the surface")]
    for name in names:
        flux = flow.fluxes[name] / AVOGADRO_CONSTANT
        outputs.append(Output("escape_flux", flux, "mol/m^2/s", TITLES[0], "element", name))
        if name != CARRIER:
            share = flow.relative_flux(atoms[name]) / flow.symbol
            crossover = flow.crossover_mass(name)
            outputs += [
                Output("fractionation", share, "1", TITLES[1], "dragged_element", name),
                Output("crossover_mass", crossover, "kg/mol", TITLES[2], "dragged_element", name),
            ]
    declared = Model(parameters=tuple(parameters.values()), outputs=tuple(outputs))
    model = join("escape", flow.model, declared)
    about = {role: {"name": law.name, "reference": law.reference} for role, law in sources.items()}
    return _Problem(model, layout(model), about)


def _sum(columns: Mapping[str, float | np.ndarray], names: tuple[str, ...]) -> float | np.ndarray:
    """All atoms of each condition."""
    total: float | np.ndarray = 0.0
    for name in names:
        total = total + columns[f"atoms_{name}"]
    return total


def _solved(problem: _Problem, names: tuple[str, ...], conditions: Conditions) -> Points:
    """The points; those that are masked are NaN."""
    masked = conditions.masked
    at = conditions if masked is None else conditions.at(~masked)
    columns = dict(at.columns)
    for name in OPTIONAL:  # as their inverse: 0 stands for none
        columns[name] = 1 / columns[name] if name in columns else 0.0
    whole = _sum(columns, names)
    for name in names:
        columns[f"fraction_{name}"] = np.maximum(columns[f"atoms_{name}"] / whole, ABSENT)
    if not at.size:
        return spread(nothing(len(problem.model.outputs), 0), masked)
    return spread(solve(problem.batch, columns, at.size), masked)
