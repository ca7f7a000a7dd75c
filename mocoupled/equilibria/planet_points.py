"""Points of a planet's equilibrium: their parameters, ranges and solution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from ..broadcasting import Conditions
from ..chemistry.equilibrium_constants import limiting
from ..chemistry.volatile_chemistry import Chemistry
from ..closures.fugacity import ends_of_tables, highest_pressure
from ..closures.redox import ABSOLUTE_RANGE, LARGEST_OFFSET
from ..dae.kernel.batch import Points
from ..errors import ModelError
from ..melt.associated_solution import OF_CATION
from ..planet.degrees_of_freedom import Prescribed
from ..planet.species_declarations import WATER
from ..planet.species_of_case import GRAPHITE
from ..planet.unformed_condensates import needs
from ..schema.quantities import Inventory
from .cold_budgets import solve_cold
from .kernel_engine import least_activity
from .melt_arguments import absent_oxides
from .planet_problem import SYMBOLS, Prepared
from .points import Range, check_columns, never_zero, solve

# mol of H in an ocean: the scale of what is next to nothing.
OCEAN_MOLES = 1.5e23
# Pa; of a prescribed pressure or fugacity. Beyond, a typing error.
PRESSURES = (1e-60, 1e11)

# Output that is the mass of a condensate -> the condensate; "" for one with a label.
MASSES = {"graphite_mass": GRAPHITE, "water_mass": WATER, "condensate_mass": "", "metal_mass": ""}

Columns = Mapping[str, float | np.ndarray]
Parameters = dict[str, float | np.ndarray]
# (whether it is of the logarithm, change (points,))
Changes = Sequence[tuple[bool, np.ndarray]]


def check_conditions(
    prepared: Prepared, conditions: Conditions, pressures: tuple[Prescribed, ...], places: np.ndarray | None
) -> None:
    """InputError for a condition that is not finite or out of range.

    places: number of each point in the user's array, where the conditions are some of its points.
    """
    chemistry = prepared.planet.chemistry
    low, high = chemistry.temperature_limits
    reason = why = ""
    if chemistry.source == "nasa7":
        reason = limiting(chemistry.mechanism, (*chemistry.species, *chemistry.all_gases, "O2"), low, high)
    least, most = PRESSURES
    if chemistry.fugacity != "ideal":
        most, why = highest_pressure(chemistry.fugacity), ends_of_tables(chemistry.fugacity)
    ranges = {
        "temperature": Range(low, high, "K", "; ".join(filter(None, (reason, why)))),
        # A run has 1 to rounding.
        "melt_fraction": Range(0.0, 1.0 + 1e-12, ""),
        "oxygen_fugacity_offset": _offsets(chemistry),
    }
    ranges |= {f"{kind}_{species}": Range(least, most, "Pa", why) for kind, species in pressures}
    masses = Range(0.0, prepared.mantle_mass, "kg")
    columns = conditions.columns
    check_columns(columns, {name: ranges.get(name, masses) for name in columns}, places, conditions.written)


def _offsets(chemistry: Chemistry) -> Range:
    """The range of oxygen_fugacity_offset: of log10 fO2 where the case prescribes it without a buffer."""
    oxygen = chemistry.oxygen or (chemistry.iron.fugacity if chemistry.iron else None)
    if oxygen is not None and oxygen.buffer is None:
        return Range(*ABSOLUTE_RANGE, "log10 bar")
    return Range(-LARGEST_OFFSET, LARGEST_OFFSET, "dex")


def solved(
    prepared: Prepared,
    conditions: Conditions,
    threads: int | None = None,
    moved: Mapping[str, Changes] = MappingProxyType({}),
) -> tuple[Points, Parameters]:
    """The solved points, with exact zeros for absent elements, and the parameters of the kernel.

    moved: parameter of the kernel -> its changes.
    """
    parameters, absent = _parameters(prepared, conditions.columns)
    absent |= _absent_metals(prepared, conditions.columns)
    for name, changes in moved.items():
        for relative, change in changes:
            parameters[name] = parameters[name] * np.exp(change) if relative else parameters[name] + change
    points = solve(prepared.batch, parameters, conditions.size, threads)
    if not points.converged.all() and prepared.closed is not None:
        solve_cold(prepared.closed, prepared.batch, points, parameters, conditions.size)
    for element, where in absent.items():
        _remove(prepared, points, element, where)
    # Below some activity the mass is the tail of a smooth switch, and rounding of the inventory.
    for (name, label), row in prepared.rows.items():
        if name in MASSES:
            activity = points.values[prepared.rows[name.replace("mass", "activity"), label]]
            points.values[row, activity < least_activity(MASSES[name] or label)] = 0.0
    return points, parameters


def _parameters(prepared: Prepared, columns: Columns) -> tuple[Parameters, dict[str, np.ndarray]]:
    """Parameters of the kernel by name, and element -> mask of the points where it is absent."""
    planet, chemistry = prepared.planet, prepared.planet.chemistry
    # Parameter of a pressure or fugacity -> its column.
    column_of = {f"{kind}[{s}]": f"{kind}_{s}" for kind, s, _ in chemistry.pressures.values()}
    parameters: Parameters = {}
    absent = {}
    for parameter in planet.model.parameters:
        name = parameter.name
        element = name.removeprefix("moles_")
        if element in chemistry.pressures:
            # A scale only: as much as that gas would hold.
            kind, species, usual = chemistry.pressures[element]
            parameters[name] = parameter.value * (columns.get(f"{kind}_{species}", usual) / usual)
        elif element == name:
            parameters[name] = columns.get(column_of.get(name, name), parameter.value)
        elif element == "O" and planet.case.redox.oxygen is None:
            # A scale only: the start of ferric iron sets its amount.
            parameters[name] = parameter.value
        else:
            moles = _mass(prepared, columns, element) / chemistry.mechanism.atomic_weights[element]
            parameters[name], empty = never_zero(moles, OCEAN_MOLES)
            # no oxygen beyond that of the melt's oxides leaves gases with oxygen
            if empty is not None and not (element == "O" and chemistry.rock is not None):
                absent[element] = empty
    return parameters, absent


def _absent_metals(prepared: Prepared, columns: Columns) -> dict[str, np.ndarray]:
    """Metal of the melt -> mask of the points whose melt is without its oxide."""
    rock = prepared.planet.chemistry.rock
    liquids = rock.liquids if rock is not None else {}
    species = prepared.planet.chemistry.mechanism.species
    absent: dict[str, np.ndarray] = {}
    for oxide, mask in absent_oxides(columns).items():
        metals = set(species[liquids[oxide]].composition) if oxide in liquids else set()
        absent |= dict.fromkeys(metals - {"O"}, mask)
    return absent


def _mass(prepared: Prepared, columns: Columns, symbol: str) -> float | np.ndarray:
    """Mass of an element [kg].

    An argument, or the inventory of the case, which may be a ratio to another element.
    """
    name = SYMBOLS[symbol]
    if name in columns:
        return columns[name]
    case = prepared.planet.case
    inventory: Inventory | None = case.redox.oxygen if symbol == "O" else getattr(case.volatiles, name)
    if inventory is None:
        raise ModelError(f"{case.name} has no inventory of {name}")
    if inventory.reference:
        return inventory.amount * _mass(prepared, columns, inventory.reference)
    return inventory.amount * (1.0 if inventory.unit == "kg" else prepared.mantle_mass)


def _remove(prepared: Prepared, points: Points, element: str, where: np.ndarray) -> None:
    """Set the species of an absent element to exactly 0. where: mask of the points without it."""
    gone = np.broadcast_to(where, points.converged.shape) & points.converged
    mechanism = prepared.planet.chemistry.mechanism
    for row, output in enumerate(prepared.batch.model.outputs):
        if output.dimension in ("species", "condensate"):
            name = "H2O" if output.label == WATER else output.label
            concerned = element in mechanism.species[name].composition
        elif output.dimension == "oxide":
            concerned = OF_CATION.get(element, ("",))[0] == output.label
        elif needs(output, element):
            concerned = True
        else:
            concerned = element == "C" and output.name in ("graphite_mass", "graphite_activity")
        if concerned:
            points.values[row, gone] = 0.0
