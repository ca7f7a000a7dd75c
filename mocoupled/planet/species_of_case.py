"""The species of the mechanism that a case can have; names and phases are checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ..case import Case
from ..chemistry.records import CHARGE, Mechanism, Reaction, Species
from ..closures.ferric_iron import OXIDES
from ..errors import InputError, nearest
from ..schema.species_names import joined_names

# the species whose fugacity the melt imposes
BUFFERED = "O2"
# elements of the gases that follow from it alone: O2, O, O3
OXYGEN = frozenset("O")
GRAPHITE = "C(gr)"
# pure liquids (of K2O the solid) to which the activities of a melt refer: no condensates of a planet
STANDARD_STATES = frozenset({*(f"{oxide}(L)" for oxide in OXIDES), "K2O(s)", "Mg2SiO4(L)"})


def species_of(
    case: Case,
    mechanism: Mechanism,
    present: Collection[str],
    budget: bool = False,
    iron: bool = False,
    further: Collection[str] = (),
) -> tuple[str, ...]:
    """Gases, graphite and further condensates that the planet can have.

    O2 is among them whatever chemistry.species lists.

    present: the elements of the planet; budget: whether oxygen is a budget; iron: whether its redox evolves.
    further: condensates beside graphite.
    With oxygen_in_gas = false and a buffer, O2, O and O3 are left out. With oxygen_in_gas = false and a
    budget of oxygen, O2 is a species only if it is listed.
    """
    names, oxygen = case.chemistry.species, case.chemistry.oxygen_in_gas
    listed = None if names is None else joined_names(names, mechanism.species)
    for name in listed or ():
        known_species(mechanism, name, f"{case.name} [chemistry] species")
    lists_oxygen = BUFFERED in (listed or ())
    if lists_oxygen and not oxygen and not budget:
        raise InputError(
            f"{case.name} [chemistry] oxygen_in_gas = false",
            f"{BUFFERED} is left out of the gas by this key, and listed in species.",
            "allowed: one of them",
            f"set chemistry.oxygen_in_gas = true, or remove {BUFFERED} from chemistry.species",
        )
    if not present and not case.melt.vapour:
        return ()
    gases = {s.name for s in mechanism.species.values() if s.phase == "gas"}
    chosen = gases if listed is None else gases & set(listed)
    if oxygen or iron or (budget and lists_oxygen):
        chosen = chosen | {BUFFERED}
    else:
        chosen = chosen - {BUFFERED}
    if case.chemistry.graphite:
        chosen = chosen | {GRAPHITE}
    chosen = chosen | {*further}
    in_order = [s for s in mechanism.species if s in chosen]
    species = _of_elements(mechanism, in_order, set(present), oxygen or budget)
    for element in present:
        if not any(element in mechanism.species[s].composition for s in species if s in gases):
            kind = "gases" if any(element in mechanism.species[s].composition for s in further) else "species"
            raise InputError(
                f"{case.name} [chemistry] species",
                f"element {element} is present, but none of the chosen {kind} contains it.",
                f"chosen: {', '.join(in_order) or 'none'}",
            )
    return species


def _of_elements(
    mechanism: Mechanism, chosen: Sequence[str], present: set[str], oxygen_alone: bool
) -> tuple[str, ...]:
    """Those of the chosen species that the elements can make.

    oxygen_alone: whether gases of oxygen alone are among them without an inventory of oxygen.
    """
    kept = []
    for name in chosen:
        elements = set(mechanism.species[name].composition)
        made = bool(elements & present) or (oxygen_alone and elements <= OXYGEN)
        if made and elements <= present | OXYGEN:
            kept.append(name)
    # carbon without a gas that contains it is an error, not a planet of graphite
    gases = [s for s in kept if mechanism.species[s].phase == "gas"]
    if not any("C" in mechanism.species[s].composition for s in gases):
        kept = [s for s in kept if s != GRAPHITE]
    return tuple(kept)


def check_phases(case: Case, mechanism: Mechanism, masses: Mapping[str, float]) -> None:
    """InputError for charged species and for condensates other than graphite that no key lists.

    These are the species that the case lists or, without a list, those of the mechanism that its elements
    make. Where chemistry.condensates lists some, the others do not form, and a result names those that would.
    """
    listed, where = case.chemistry.species, f"{case.name} [chemistry] species"
    concerned = []
    if listed is None:
        elements = _elements(case, mechanism, masses)
        made = [s for s in mechanism.species.values() if set(s.composition) <= elements]
        some = bool(case.chemistry.condensates)
        concerned = [s for s in made if s.name not in STANDARD_STATES and not (some and s.phase != "gas")]
        cure = "list it in chemistry.condensates, or the others in chemistry.species"
    else:
        concerned = [s for s in mechanism.species.values() if s.name in listed]
        cure = "leave it out, or name a condensate in chemistry.condensates"
    for s in concerned:
        _check_phase(s, f"{where} {s.name}", cure)


def _elements(case: Case, mechanism: Mechanism, masses: Mapping[str, float]) -> set[str]:
    """The elements of inventories, pressures and fugacities, with oxygen and charge."""
    elements = {*masses, "O", CHARGE}
    for name in (*case.volatiles.initial_pressure, *case.volatiles.initial_fugacity):
        if name in mechanism.species:
            elements |= set(mechanism.species[name].composition)
    return elements


def _check_phase(species: Species, where: str, cure: str) -> None:
    """InputError for a charged species, and for a condensate other than graphite."""
    if CHARGE in species.composition:
        problem = "it is charged, and the balances of a planet's volatiles have no charge."
        raise InputError(where, problem, "allowed: neutral species", cure)
    if species.phase != "gas" and species.name != GRAPHITE:
        problem = (
            f"it is a condensate, and of these a planet has {GRAPHITE}, liquid water (chemistry.water) "
            "and those in chemistry.condensates alone."
        )
        raise InputError(where, problem, f"allowed: gases and {GRAPHITE}", cure)


def check_freedom(
    case: Case, present: Collection[str], species: Sequence[str], formed: Sequence[Reaction]
) -> None:
    """InputError where the elements cannot be shared out freely among the species.

    formed: their reactions.
    """
    if len(species) - len(formed) != len(present):
        raise InputError(
            f"{case.name} [chemistry] species",
            f"{len(present)} elements ({', '.join(sorted(present))}) cannot be shared out freely among "
            f"{', '.join(species)}: {len(species) - len(formed)} independent amounts.",
            cure="add a species, or remove an inventory",
        )


def check_gas(mechanism: Mechanism, name: str, where: str) -> None:
    """InputError at `where` for a name that is no gas of the mechanism and therefore has no pressure."""
    known_species(mechanism, name, where)
    if mechanism.species[name].phase != "gas":
        raise InputError(
            where, f"{name} is not a gas, and has no partial pressure or fugacity.", "allowed: a gas species"
        )


def check_names(case: Case, mechanism: Mechanism) -> None:
    """InputError for species in the tables of the case that the mechanism does not know."""
    tables: dict[str, Mapping[str, object]] = {
        "volatiles.solubility": case.volatiles.solubility,
        "volatiles.partition_coefficient": case.volatiles.partition_coefficient,
        "atmosphere.absorption": case.atmosphere.absorption,
    }
    for section, table in tables.items():
        for name in table:
            known_species(mechanism, name, f"{case.name} [{section}] {name}")


def known_species(mechanism: Mechanism, name: str, where: str) -> None:
    """InputError at `where` for a name that the mechanism does not know."""
    if name not in mechanism.species:
        known = ", ".join(mechanism.species)
        raise InputError(
            where,
            f"the mechanism {mechanism.name} has no species {name!r}.",
            f"known: {known}",
            nearest(name, mechanism.species),
        )
