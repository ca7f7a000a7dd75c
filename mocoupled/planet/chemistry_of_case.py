"""The chemistry of a case: elements, species, reactions and laws of its volatiles, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..case import Case
from ..chemistry.equilibrium_constants import sources, temperature_limits
from ..chemistry.mechanism import read_mechanism
from ..chemistry.records import Mechanism
from ..chemistry.stoichiometry import reactions
from ..chemistry.volatile_chemistry import Chemistry, FerricIron
from ..closures.ferric_iron import KIND as FERRIC_IRON
from ..closures.ferric_iron import Share
from ..closures.fugacity import KIND as FUGACITY
from ..closures.fugacity import TEMPERATURES
from ..closures.law_types import SymbolicLaw
from ..closures.partition import KIND as PARTITION
from ..closures.registry import find
from ..closures.saturation import TRIPLE_TEMPERATURE
from ..closures.solubility import solubility_law
from ..errors import InputError, nearest
from ..schema.melt_overrides import oxides_of
from ..units import to_si
from .condensates_of_case import further_condensates
from .ferric_of_column import oxides_of_pile
from .gases_of_melt import vapour_of_case
from .inventories_of_case import inventories_of, pressures_of
from .species_of_case import BUFFERED, OXYGEN, check_freedom, check_names, check_phases, species_of
from .vapour_of_melt import LOWEST_TEMPERATURE
from .varied_melt import VariedMelt

# m3/mol, at the density of Cantera's graphite.yaml, 2.16 g/cm3
GRAPHITE_VOLUME = 12.0107e-3 / 2160.0


def resolve(case: Case, mantle_mass: float, varied: VariedMelt | None = None) -> Chemistry:
    """The chemistry that a case specifies; InputError where the mechanism lacks something for it.

    mantle_mass [kg]. varied: a melt in symbols, in place of that of the case.
    """
    mechanism = read_mechanism(case.chemistry.mechanism, where=f"{case.name} [chemistry] mechanism")
    source = _source(case, mechanism)
    masses = inventories_of(case, mechanism, mantle_mass)
    check_phases(case, mechanism, masses)
    at_start = oxides_of(case.melt, case.redox)
    melt = at_start if varied is None else varied.mass_fractions
    iron = _iron(case, mechanism, melt, at_start)
    budget = case.redox.oxygen is not None or iron is not None
    pressures = pressures_of(case, mechanism, masses)
    present = {*masses, *pressures} | ({"O"} if iron is not None else set())
    if case.redox.oxygen is not None and "O" not in {*masses, *pressures}:
        raise InputError(
            f"{case.name} [redox] oxygen = {case.redox.oxygen.text!r}",
            "there is no oxygen.",
            "allowed: a budget above zero",
        )
    further = further_condensates(case, mechanism, present)
    species = species_of(case, mechanism, present, budget, iron is not None, further)
    alone = [s for s in species if not budget and set(mechanism.species[s].composition) == OXYGEN]
    imposed = {s: None if s == BUFFERED else reactions(mechanism, [s], BUFFERED)[0] for s in alone}
    balanced = [s for s in species if s not in imposed]
    formed = reactions(mechanism, balanced, None if budget else BUFFERED)
    rock = vapour_of_case(case, mechanism, source, {*masses, *pressures}, balanced)
    if rock is not None and varied is not None:
        rock = replace(rock, ln_moles={o: varied.ln_moles[o] for o in rock.composition.moles})
    check_freedom(case, present, balanced, formed)
    gases = [s for s in species if mechanism.species[s].phase == "gas"]
    every = [*gases, *(rock.gases if rock else ())]
    solubility = {s: _solubility(case, mechanism, s, melt) for s in gases}
    _check_oxygen(case, budget, gases, solubility)
    ranged = [*(s for s in species if s not in further), *every[len(gases) :]]
    low, high = _limits(case, mechanism, ranged, source)
    check_names(case, mechanism)
    return Chemistry(
        mechanism=mechanism,
        source=source,
        masses=masses,
        pressures=pressures,
        species=species,
        reactions=formed,
        solubility=solubility,
        absorption={s: _absorption(case, mechanism, s) for s in every},
        partition={s: partition_of(case, s) for s in gases},
        oxygen=None if budget else case.redox.imposed,
        temperature_limits=(low if rock is None else max(low, LOWEST_TEMPERATURE), high),
        fugacity=case.chemistry.fugacity,
        water=case.chemistry.water,
        graphite_volume=GRAPHITE_VOLUME if case.chemistry.graphite_pressure else 0.0,
        iron=iron,
        imposed=imposed,
        melt=at_start,
        rock=rock,
        watched_iron=_watched_iron(case, melt, at_start) if iron is None and rock is None else None,
    )


def _source(case: Case, mechanism: Mechanism) -> str:
    """The data set of the equilibrium constants; InputError for one that the mechanism does not have."""
    source = case.chemistry.thermochemistry
    if source not in sources(mechanism):
        raise InputError(
            f"{case.name} [chemistry] thermochemistry = {source!r}",
            f"the mechanism {mechanism.name} has no such data set.",
            f"known: {', '.join(sources(mechanism))}",
            nearest(source, sources(mechanism)),
        )
    return source


def _iron(
    case: Case, mechanism: Mechanism, melt: Mapping[str, Share], at_start: Mapping[str, float]
) -> FerricIron | None:
    """The iron of the case, where its redox evolves; InputError where it cannot.

    melt: by mass, numbers or symbols. at_start: that of the case.
    """
    redox = case.redox
    if redox.ferric_iron is None:
        return None
    where = f"{case.name} [redox] ferric_iron = {redox.ferric_iron!r}"
    if BUFFERED not in mechanism.species:
        raise InputError(
            where,
            f"it needs the gas {BUFFERED}, which the mechanism {mechanism.name} does not have.",
            cure="add it to the mechanism",
        )
    if not at_start.get("FeO"):
        raise InputError(
            f"{case.name} [melt] composition",
            "the melt has no iron, whose redox is to evolve.",
            "allowed: with redox.ferric_iron, FeO above 0",
        )
    return FerricIron(
        find(FERRIC_IRON, redox.ferric_iron, where),
        oxides_of_pile(case, at_start) if case.cumulates.coupled and melt is at_start else melt,
        redox.ferric_partition,
        redox.ferric_pressure,
        redox.imposed,
        redox.ferric_share,
        redox.iron_oxide_activity if redox.iron_metal else None,
        None if melt is at_start else at_start,
    )


def _watched_iron(
    case: Case, melt: Mapping[str, Share], at_start: Mapping[str, float]
) -> tuple[float, Mapping[str, Share]] | None:
    """The coefficient of FeO and the melt whose saturation in iron metal is recorded; None without FeO."""
    return (case.redox.iron_oxide_activity, melt) if at_start.get("FeO") else None


def _limits(case: Case, mechanism: Mechanism, species: Sequence[str], source: str) -> tuple[float, float]:
    """Temperatures [K] where the data of the species and the law of the fugacity coefficients are valid."""
    name = case.chemistry.fugacity
    law = find(FUGACITY, name, f"{case.name} [chemistry] fugacity = {name!r}")
    with_oxygen = list(dict.fromkeys([*species, BUFFERED]))
    low, high = temperature_limits(mechanism, with_oxygen, source)
    if case.chemistry.water and "H2O" in species:
        low = max(low, TRIPLE_TEMPERATURE)
    if law.name == "ideal":
        return low, high
    return max(low, TEMPERATURES[0]), min(high, TEMPERATURES[1])


def _check_oxygen(
    case: Case, budget: bool, gases: Sequence[str], solubility: Mapping[str, SymbolicLaw]
) -> None:
    """InputError for a law that needs the oxygen fugacity, where neither a buffer nor the gas O2 gives it."""
    if not budget or BUFFERED in gases:
        return
    for name, law in solubility.items():
        if "ln_fO2" in law.arguments:
            raise InputError(
                f"{case.name} [volatiles.solubility] {name} = {law.name!r}",
                "the law needs the oxygen fugacity, which with a budget of oxygen is that of the gas O2.",
                cure="set chemistry.oxygen_in_gas = true",
            )


def _solubility(case: Case, mechanism: Mechanism, name: str, melt: Mapping[str, Share]) -> SymbolicLaw:
    """The solubility law of a gas for the melt: that of the case, or the default of the mechanism."""
    species = mechanism.species[name]
    choice = case.volatiles.solubility.get(name, species.default_melt)
    where = f"{case.name} [volatiles.solubility] {name} = {choice!r}"
    known = [*species.melt] if "none" in species.melt else [*species.melt, "none"]
    if choice not in known:
        raise InputError(
            where,
            "no solubility law has this name.",
            f"known for {name}: {', '.join(known)}",
            nearest(choice, known),
        )
    return solubility_law(name, choice, species.melt.get(choice, {"form": "none"}), where, melt)


def partition_of(case: Case, name: str) -> float:
    """Mass fraction of a gas in the crystals over that in the melt: a number, or that of a law."""
    stated = case.volatiles.partition_coefficient.get(name, 0.0)
    if not isinstance(stated, str):
        return stated
    where = f"{case.name} [volatiles.partition_coefficient] {name} = {stated!r}"
    law = find(PARTITION, stated, where)
    if law.species != name:
        raise InputError(where, f"the law of this name is for {law.species}.", "allowed: a number from 0")
    return float(law())


def _absorption(case: Case, mechanism: Mechanism, name: str) -> float:
    """The absorption coefficient of a gas [m2/kg at 101325 Pa]: of the case, or of the mechanism, or 0."""
    override = case.atmosphere.absorption.get(name)
    if override is not None:
        return override
    entry = mechanism.species[name].radiation
    if not entry:
        return 0.0
    return to_si(entry["absorption"], "m^2/kg", f"{mechanism.name} species {name} radiation")
