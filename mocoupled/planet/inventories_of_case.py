"""How much of each element a case has: inventories, budget of oxygen, prescribed pressures and fugacities."""

from __future__ import annotations

from collections.abc import Mapping

from ..case import Case
from ..chemistry.mechanism import read_mechanism
from ..chemistry.mechanism_paths import mechanisms_by_gases
from ..chemistry.records import Mechanism
from ..errors import InputError
from ..schema.element_names import ELEMENTS
from ..schema.quantities import CONGRUENT, Inventory
from .degrees_of_freedom import assign
from .species_of_case import check_gas


def inventories_of(case: Case, mechanism: Mechanism, mantle_mass: float) -> dict[str, float]:
    """Element -> kg, without absent elements. mantle_mass [kg].

    InputError for an element of no species, and for volatiles that weigh more than the mantle.
    """
    masses = {e: m for e, m in case.volatiles.masses(mantle_mass).items() if m > 0}
    budget = case.redox.oxygen
    if budget is not None and budget.unit == CONGRUENT:
        masses["O"] = 0.0
    elif budget is not None and budget.amount:
        masses["O"] = budget.amount * _unit_of_oxygen(case, budget, masses, mantle_mass)
    for element in masses:
        _check_element(case, mechanism, element)
    total = sum(masses.values())
    if total > mantle_mass:
        raise InputError(
            f"{case.name} [volatiles]",
            f"the volatiles weigh {total:.4g} kg, more than the mantle that dissolves them "
            f"({mantle_mass:.4g} kg).",
            "allowed: less than the mass of the mantle",
            "check the units: 'ocean' is 1.55e20 kg of hydrogen, 'ppmw' is of the mantle",
        )
    return masses


def _unit_of_oxygen(case: Case, budget: Inventory, masses: Mapping[str, float], mantle_mass: float) -> float:
    """The unit of mass [kg] in which a budget of oxygen is counted."""
    if budget.reference:
        if budget.reference not in masses:
            raise InputError(
                f"{case.name} [redox] oxygen = {budget.text!r}",
                f"the ratio refers to {budget.reference}, which has no inventory.",
                "allowed: a mass, or a ratio to another element",
            )
        return masses[budget.reference]
    return 1.0 if budget.unit == "kg" else mantle_mass


def _check_element(case: Case, mechanism: Mechanism, element: str) -> None:
    """InputError for an element that no species of the mechanism contains."""
    if element in elements_of(mechanism):
        return
    name = next(name for name, symbol in (ELEMENTS | {"oxygen": "O"}).items() if symbol == element)
    raise InputError(
        f"{case.name} [volatiles] {name}",
        f"element {element} has an inventory, but no species of the mechanism {mechanism.name} contains it.",
        f"elements of its species: {', '.join(elements_of(mechanism))}",
        _with_element(element),
    )


def _with_element(element: str) -> str:
    """The shipped mechanisms that have an element, as a cure, the smallest first."""
    sizes = []
    for name in mechanisms_by_gases():
        mechanism = read_mechanism(name)
        if element in elements_of(mechanism):
            sizes.append((len(mechanism.species), name))
    if not sizes:
        return f"set it to 0, or name a mechanism with {element} in [chemistry] mechanism"
    (_, smallest), *larger = sorted(sizes)
    others = "".join(f", {name!r} too" for _, name in larger)
    return f"chemistry.mechanism = {smallest!r} has {element}{others}"


def elements_of(mechanism: Mechanism) -> list[str]:
    """The elements of the species of a mechanism, in its order."""
    elements = {e for s in mechanism.species.values() for e in s.composition}
    return [e for e in mechanism.atomic_weights if e in elements]


def pressures_of(
    case: Case, mechanism: Mechanism, masses: Mapping[str, float]
) -> dict[str, tuple[str, str, float]]:
    """Element -> (kind, species, Pa) of the pressure or fugacity that replaces its inventory."""
    prescribed = {("pressure", s): p for s, p in case.volatiles.initial_pressure.items()}
    prescribed |= {("fugacity", s): f for s, f in case.volatiles.initial_fugacity.items()}
    if not prescribed:
        return {}
    where = {(kind, s): f"{case.name} [volatiles.initial_{kind}] {s}" for kind, s in prescribed}
    for (_, species), place in where.items():
        check_gas(mechanism, species, place)
    compositions = {s: mechanism.species[s].composition for _, s in prescribed}
    assigned = assign(list(prescribed), compositions, set(masses), (), case.redox.oxygen is None, where)
    return {
        element: (kind, species, prescribed[kind, species]) for element, (kind, species) in assigned.items()
    }
