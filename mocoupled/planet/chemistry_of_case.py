"""The chemistry of a case: which elements, species, reactions and laws its volatiles have, checked before computing."""

from __future__ import annotations

from ..case import Case
from ..chemistry.equilibrium_constants import sources, temperature_limits
from ..chemistry.mechanism import read_mechanism
from ..chemistry.mechanism_paths import shipped_mechanisms
from ..chemistry.records import CHARGE, Mechanism
from ..chemistry.stoichiometry import reactions
from ..chemistry.volatile_chemistry import Chemistry, FerricIron
from ..closures.ferric_iron import KIND as FERRIC_IRON
from ..closures.ferric_iron import with_iron
from ..closures.fugacity import KIND as FUGACITY
from ..closures.fugacity import TEMPERATURES
from ..closures.law_types import SymbolicLaw
from ..closures.registry import find as find_law
from ..closures.saturation import TRIPLE_TEMPERATURE
from ..closures.solubility import solubility_law
from ..errors import InputError, nearest
from ..schema.quantities import ELEMENTS
from ..schema.species_names import joined_names
from ..units import to_si
from .degrees_of_freedom import assign

BUFFERED = "O2"  # the species whose fugacity the melt imposes
OXYGEN = frozenset("O")  # elements of the gases that follow from it alone: O2, O, O3
GRAPHITE = "C(gr)"
GRAPHITE_VOLUME = 12.0107e-3 / 2160.0  # m3/mol, at the density of Cantera's graphite.yaml, 2.16 g/cm3


def resolve(case: Case, mantle_mass: float) -> Chemistry:
    """The chemistry that a case asks for; InputError where the mechanism cannot give it. mantle_mass in kg."""
    mechanism = read_mechanism(case.chemistry.mechanism, where=f"{case.name} [chemistry] mechanism")
    source = case.chemistry.thermochemistry
    if source not in sources(mechanism):
        raise InputError(
            f"{case.name} [chemistry] thermochemistry = {source!r}",
            f"the mechanism {mechanism.name} has no such data set.",
            f"known: {', '.join(sources(mechanism))}",
            nearest(source, sources(mechanism)),
        )
    masses = _inventories(case, mechanism, mantle_mass)
    _check_phases(case, mechanism, masses)
    iron = _iron(case, mechanism)
    budget = case.redox.oxygen is not None or iron is not None
    pressures = _pressures(case, mechanism, masses)
    present = set(masses) | set(pressures) | ({"O"} if iron is not None else set())
    if case.redox.oxygen is not None and "O" not in {*masses, *pressures}:
        raise InputError(
            f"{case.name} [redox] oxygen = {case.redox.oxygen.text!r}",
            "there is no oxygen.",
            "allowed: a budget above zero",
        )
    species = _species(case, mechanism, present, budget, iron is not None)
    alone = [s for s in species if not budget and set(mechanism.species[s].composition) == OXYGEN]
    imposed = {s: None if s == BUFFERED else reactions(mechanism, [s], BUFFERED)[0] for s in alone}
    balanced = [s for s in species if s not in imposed]
    found = reactions(mechanism, balanced, None if budget else BUFFERED)
    _check_freedom(case, mechanism, present, balanced, found)
    gases = [s for s in species if mechanism.species[s].phase == "gas"]
    solubility = {s: _solubility(case, mechanism, s) for s in gases}
    _check_oxygen(case, budget, gases, solubility)
    return Chemistry(
        mechanism=mechanism,
        source=source,
        masses=masses,
        pressures=pressures,
        species=species,
        reactions=found,
        solubility=solubility,
        absorption={s: _absorption(case, mechanism, s) for s in gases},
        partition={s: case.volatiles.partition_coefficient.get(s, 0.0) for s in gases},
        oxygen=None if budget else case.redox.imposed,
        temperature_limits=_limits(case, mechanism, species, source),
        fugacity=case.chemistry.fugacity,
        water=case.chemistry.water,
        graphite_volume=GRAPHITE_VOLUME if case.chemistry.graphite_pressure else 0.0,
        iron=iron,
        imposed=imposed,
    )


def _check_phases(case, mechanism, masses):
    """InputError for charged species and for condensates other than graphite, which a planet's balances do not have: those
    that the case names or, without a list of species, those of the mechanism that its elements make."""
    listed, where = case.chemistry.species, f"{case.name} [chemistry] species"
    given = [
        s
        for s in (*case.volatiles.initial_pressure, *case.volatiles.initial_fugacity)
        if s in mechanism.species
    ]
    elements = {*masses, "O", CHARGE}.union(*(mechanism.species[s].composition for s in given))
    concerned = [
        s
        for s in mechanism.species.values()
        if (set(s.composition) <= elements if listed is None else s.name in listed)
    ]
    cure = (
        "list the others in chemistry.species; mo.gas_equilibrium takes these"
        if listed is None
        else "leave it out; mo.gas_equilibrium takes it"
    )
    for s in concerned:
        if CHARGE in s.composition:
            raise InputError(
                f"{where} {s.name}",
                "it is charged, and the balances of a planet's volatiles have no charge.",
                "allowed: neutral species",
                cure,
            )
        if s.phase != "gas" and s.name != GRAPHITE:
            problem = f"it is a condensate, and of these a planet has {GRAPHITE} and liquid water (chemistry.water) alone."
            raise InputError(f"{where} {s.name}", problem, f"allowed: gases and {GRAPHITE}", cure)


def _iron(case, mechanism) -> FerricIron | None:
    """The iron of the case, where its redox evolves; InputError where it cannot."""
    redox = case.redox
    if redox.ferric_iron is None:
        return None
    where = f"{case.name} [redox] ferric_iron = {redox.ferric_iron!r}"
    if case.cumulates.coupled:
        raise InputError(
            where,
            "the redox of the iron and the iron of the ocean (cumulates.coupled) are not coupled to each other.",
            "allowed: one of them",
            "set cumulates.coupled = false",
        )
    if BUFFERED not in mechanism.species:
        raise InputError(
            where,
            f"it needs the gas {BUFFERED}, which the mechanism {mechanism.name} does not have.",
            cure="add it to the mechanism",
        )
    oxides = with_iron(redox.total_iron, redox.melt_oxides)
    return FerricIron(
        find_law(FERRIC_IRON, redox.ferric_iron, where),
        oxides,
        redox.ferric_partition,
        redox.ferric_pressure,
        redox.imposed,
        redox.ferric_share,
    )


def _limits(case, mechanism, species, source) -> tuple[float, float]:
    """Where the species' data and the law of the fugacity coefficients hold."""
    law = find_law(
        FUGACITY, case.chemistry.fugacity, f"{case.name} [chemistry] fugacity = {case.chemistry.fugacity!r}"
    )
    low, high = temperature_limits(mechanism, list(dict.fromkeys([*species, BUFFERED])), source)
    if case.chemistry.water and "H2O" in species:
        low = max(low, TRIPLE_TEMPERATURE)
    return (low, high) if law.name == "ideal" else (max(low, TEMPERATURES[0]), min(high, TEMPERATURES[1]))


def _inventories(case, mechanism, mantle_mass) -> dict[str, float]:
    masses = {e: m for e, m in case.volatiles.masses(mantle_mass).items() if m > 0}
    budget = case.redox.oxygen
    if budget is not None:
        if budget.amount and budget.reference and budget.reference not in masses:
            where = f"{case.name} [redox] oxygen = {budget.text!r}"
            raise InputError(
                where,
                f"the ratio refers to {budget.reference}, of which no inventory is given.",
                "allowed: a mass, or a ratio to another element",
            )
        unit = (
            masses[budget.reference]
            if budget.amount and budget.reference
            else 1.0
            if budget.unit == "kg"
            else mantle_mass
        )
        if budget.amount:
            masses["O"] = budget.amount * unit
    for element in masses:
        if not any(element in s.composition for s in mechanism.species.values()):
            name = next(name for name, symbol in (ELEMENTS | {"oxygen": "O"}).items() if symbol == element)
            raise InputError(
                f"{case.name} [volatiles] {name}",
                f"element {element} has an inventory, but no species of the mechanism {mechanism.name} holds it.",
                f"elements of its species: {', '.join(_elements(mechanism))}",
                _with_element(element),
            )
    total = sum(masses.values())
    if total > mantle_mass:
        raise InputError(
            f"{case.name} [volatiles]",
            f"the volatiles weigh {total:.4g} kg, more than the mantle that dissolves them ({mantle_mass:.4g} kg).",
            "allowed: less than the mass of the mantle",
            "check the units: 'ocean' is 1.55e20 kg of hydrogen, 'ppmw' is of the mantle",
        )
    return masses


def _with_element(element) -> str:
    """The shipped mechanisms that have an element, as a cure, the smallest first."""
    small, *larger = sorted(
        (len(held.species), name)
        for name in shipped_mechanisms()
        if element in _elements(held := read_mechanism(name))
    ) or [(0, "")]
    if not small[0]:
        return f"set it to 0, or name a mechanism with {element} in [chemistry] mechanism"
    return f"chemistry.mechanism = {small[1]!r} has {element}" + "".join(
        f", {name!r} too" for _, name in larger
    )


def _elements(mechanism) -> list[str]:
    held = {e for s in mechanism.species.values() for e in s.composition}
    return [e for e in mechanism.atomic_weights if e in held]


def _pressures(case, mechanism, masses) -> dict[str, tuple[str, str, float]]:
    """Element -> (kind, species, Pa): each given pressure or fugacity takes the place of one element's inventory."""
    given = {("pressure", s): p for s, p in case.volatiles.initial_pressure.items()}
    given |= {("fugacity", s): f for s, f in case.volatiles.initial_fugacity.items()}
    if not given:
        return {}
    where = {(kind, s): f"{case.name} [volatiles.initial_{kind}] {s}" for kind, s in given}
    for one, place in where.items():
        check_gas(mechanism, one[1], place)
    compositions = {s: mechanism.species[s].composition for _, s in given}
    found = assign(list(given), compositions, set(masses), (), case.redox.oxygen is None, where)
    return {element: (*one, given[one]) for element, one in found.items()}


def check_gas(mechanism: Mechanism, name: str, where: str):
    """InputError at `where` for what is no gas of the mechanism, and so has no pressure."""
    known_species(mechanism, name, where)
    if mechanism.species[name].phase != "gas":
        raise InputError(
            where, f"{name} is no gas, and has no partial pressure or fugacity.", "allowed: a gas species"
        )


def _species(case, mechanism, present, budget=False, iron=False) -> tuple[str, ...]:
    """Gases and graphite that the planet can have. O2 is one of them whatever chemistry.species lists, unless oxygen_in_gas is
    false: then it is left out with a buffer, and with it O and O3, which follow from it; with a budget of oxygen it must be listed."""
    asked, oxygen = case.chemistry.species, case.chemistry.oxygen_in_gas
    asked = None if asked is None else joined_names(asked, mechanism.species)
    for name in asked or ():
        known_species(mechanism, name, f"{case.name} [chemistry] species")
    if not oxygen and not budget and BUFFERED in (asked or ()):
        raise InputError(
            f"{case.name} [chemistry] oxygen_in_gas = false",
            f"{BUFFERED} is left out of the gas by this key, and listed in species.",
            "allowed: one of them",
            f"set chemistry.oxygen_in_gas = true, or remove {BUFFERED} from chemistry.species",
        )
    if not present:
        return ()
    listed = {
        s.name for s in mechanism.species.values() if s.phase == "gas" and (asked is None or s.name in asked)
    }
    listed = (
        listed | {BUFFERED}
        if oxygen or iron or (budget and BUFFERED in (asked or ()))
        else listed - {BUFFERED}
    )
    chosen = [s for s in mechanism.species if s in listed or (s == GRAPHITE and case.chemistry.graphite)]
    held = {s: set(mechanism.species[s].composition) for s in chosen}
    free = (
        OXYGEN if oxygen or budget else frozenset()
    )  # elements that alone may make up a gas without an inventory of it
    kept = [s for s in chosen if (held[s] & present or held[s] <= free) and held[s] <= present | OXYGEN]
    if not any("C" in mechanism.species[s].composition for s in kept if s != GRAPHITE):
        kept = [
            s for s in kept if s != GRAPHITE
        ]  # carbon that no gas holds is an error, not a planet of graphite
    for element in present:
        if not any(element in mechanism.species[s].composition for s in kept):
            raise InputError(
                f"{case.name} [chemistry] species",
                f"element {element} is present, but none of the chosen species holds it.",
                f"chosen: {', '.join(chosen) or 'none'}",
            )
    return tuple(kept)


def _check_freedom(case, mechanism, present, species, found):
    if len(species) - len(found) != len(present):
        raise InputError(
            f"{case.name} [chemistry] species",
            f"{len(present)} elements ({', '.join(sorted(present))}) cannot be shared out freely among "
            f"{', '.join(species)}: {len(species) - len(found)} independent amounts.",
            cure="add a species, or remove an inventory",
        )


def _check_oxygen(case, budget, gases, solubility):
    """InputError for a law that needs the oxygen fugacity, where neither a buffer nor the gas O2 tells it."""
    for name, law in solubility.items():
        if budget and BUFFERED not in gases and "ln_fO2" in law.arguments:
            where = f"{case.name} [volatiles.solubility] {name} = {law.name!r}"
            raise InputError(
                where,
                "the law needs the oxygen fugacity, which with a budget of oxygen is that of the gas O2.",
                cure="set chemistry.oxygen_in_gas = true",
            )


def _solubility(case, mechanism, name) -> SymbolicLaw:
    species = mechanism.species[name]
    asked = case.volatiles.solubility.get(name, species.default_melt)
    where = f"{case.name} [volatiles.solubility] {name} = {asked!r}"
    known = [*species.melt] if "none" in species.melt else [*species.melt, "none"]
    if asked not in known:
        raise InputError(
            where,
            "no solubility law has this name.",
            f"known for {name}: {', '.join(known)}",
            nearest(asked, known),
        )
    return solubility_law(name, asked, species.melt.get(asked, {"form": "none"}), where)


def _absorption(case, mechanism, name) -> float:
    override = case.atmosphere.absorption.get(name)
    entry = mechanism.species[name].radiation
    if override is not None:
        return override
    return (
        to_si(entry["absorption"], "m^2/kg", f"{mechanism.name} species {name} radiation") if entry else 0.0
    )


def check_names(case: Case, chemistry: Chemistry):
    """InputError for species named in the case that the mechanism does not know."""
    tables = {
        "volatiles.solubility": case.volatiles.solubility,
        "volatiles.partition_coefficient": case.volatiles.partition_coefficient,
        "atmosphere.absorption": case.atmosphere.absorption,
    }
    for section, table in tables.items():
        for name in table:
            known_species(chemistry.mechanism, name, f"{case.name} [{section}] {name}")


def known_species(mechanism: Mechanism, name: str, where: str):
    """InputError at `where` for a name that the mechanism does not know."""
    if name not in mechanism.species:
        known = ", ".join(mechanism.species)
        raise InputError(
            where,
            f"the mechanism {mechanism.name} has no species {name!r}.",
            f"known: {known}",
            nearest(name, mechanism.species),
        )
