"""The volatiles of a case: gas, melt and condensates, with the oxygen of a buffer or of ferric iron."""

from __future__ import annotations

from dataclasses import replace

from ..chemistry.stoichiometry import reactions
from ..chemistry.volatile_chemistry import Chemistry, MeltVapour
from ..dae.declare.model import Model, join
from ..reservoirs.gas_state import Surroundings
from ..reservoirs.volatile_species import Reaction, Volatile
from ..reservoirs.volatiles import Diagnostics, Inventory, Volatiles, declare_volatiles
from .condensates_of_case import left_out_watches, range_watches
from .evaporating_melt import rough_vapour, with_melt_gases
from .metal_of_melt import metal_beside_vapour, unformed_metal
from .oxygen import (
    LnFugacity,
    imposed_fugacity,
    rough_ferric_oxygen,
    with_iron,
    with_oxygen_mass,
)
from .species_declarations import (
    coefficient_watches,
    declared,
    fugacity_coefficient,
    liquid_water,
    oxygen_reaction,
)
from .species_of_case import BUFFERED, GRAPHITE
from .unformed_condensates import watched_condensates


def volatiles_of(chemistry: Chemistry, around: Surroundings, ln_fO2_at_start: LnFugacity = None) -> Volatiles:
    """Gas, melt and condensates, with ferric iron where its redox evolves.

    ln_fO2_at_start: ln fO2 with which ferric iron starts, None where it starts otherwise.
    """
    mechanism, source, T = chemistry.mechanism, chemistry.source, around.temperature
    species = [_volatile(chemistry, s, around) for s in chemistry.species]
    more = Model()
    if chemistry.rock is not None:
        around, gases, more = with_melt_gases(chemistry, chemistry.rock, around)
        species += gases
    declarations = [declared(mechanism, r, T, source) for r in chemistry.reactions]
    if chemistry.water and "H2O" in chemistry.species:
        liquid, condensation = liquid_water(next(v for v in species if v.name == "H2O"), T)
        species.append(liquid)
        declarations.append(condensation)
    oxygen = None
    if around.ln_fO2 is None:
        oxygen = oxygen_reaction(mechanism, chemistry.species, source, T)
    diagnostics = Diagnostics(_graphite_reaction(chemistry, around), oxygen)
    air = declare_volatiles(species, declarations, around, _inventory(chemistry, around), diagnostics)
    if not air.pressures:
        return air
    if chemistry.iron is None:
        air = with_oxygen_mass(chemistry, air)
    else:
        air = with_iron(chemistry, around, air, ln_fO2_at_start)
    watches = (
        *coefficient_watches(chemistry.fugacity, species, T, air.surface_pressure),
        *range_watches(chemistry, T),
        *left_out_watches(chemistry, air.activity, T),
        *unformed_metal(chemistry, air.ln_fO2, T),
    )
    model: Model = replace(air.model, watches=air.model.watches + watches)
    if chemistry.rock is not None:
        rock = chemistry.rock
        model = join(model.name, model, more, _iron_metal(chemistry, rock, around, air))
        if air.ln_fO2 is not None:
            ln_f = {s: air.activity[s] for s in chemistry.gases} | {BUFFERED: air.ln_fO2}
            watched = watched_condensates(mechanism, rock.liquids, around.ln_activity, ln_f, T)
            model = join(model.name, model, watched)
    return replace(air, model=model)


def _iron_metal(chemistry: Chemistry, rock: MeltVapour, around: Surroundings, air: Volatiles) -> Model:
    """The activity of iron in a melt that evaporates, unless that of a melt with ferric iron is there."""
    if chemistry.iron is not None or "FeO" not in rock.liquids or air.ln_fO2 is None:
        return Model()
    return metal_beside_vapour(around.ln_activity[rock.liquids["FeO"]], air.ln_fO2, around.temperature)


def _volatile(chemistry: Chemistry, name: str, around: Surroundings) -> Volatile:
    """One species of the chemistry as the balances need it."""
    species = chemistry.mechanism.species[name]
    mixed = [gas for gas in chemistry.gases if gas not in chemistry.imposed]
    return Volatile(
        name,
        species.composition,
        chemistry.molar_mass(name),
        chemistry.solubility.get(name),
        chemistry.partition.get(name, 0.0),
        condensed=species.phase != "gas",
        ln_phi=fugacity_coefficient(chemistry.mechanism, name, chemistry.fugacity, mixed),
        volume=chemistry.graphite_volume if name == GRAPHITE else 0.0,
        ln_fugacity=imposed_fugacity(chemistry, name, around),
    )


def _inventory(chemistry: Chemistry, around: Surroundings) -> Inventory:
    """The amounts of the elements, with a rough size where only a pressure or a fugacity is prescribed."""
    moles = dict(chemistry.moles)
    moles |= {e: _rough_moles(chemistry, around, e) for e in chemistry.pressures}
    if chemistry.iron is not None and "O" not in moles:  # a scale only
        moles["O"] = sum(moles.values()) / 2 + rough_ferric_oxygen(chemistry.iron, around)
    sizes = {}
    if chemistry.rock is not None and chemistry.rock.congruent:
        sizes["O"] = rough_vapour(chemistry, around)
    return Inventory({e: moles[e] for e in chemistry.elements}, chemistry.pressures, sizes)


def _rough_moles(chemistry: Chemistry, around: Surroundings, element: str) -> float:
    """The size of the amount of an element of which only a pressure or a fugacity is prescribed [mol].

    It is what that gas contains.
    """
    _, name, pressure = chemistry.pressures[element]
    count = chemistry.mechanism.species[name].composition[element]
    return float(count) * around.area_per_gravity * pressure / chemistry.molar_mass(name)


def _graphite_reaction(chemistry: Chemistry, around: Surroundings) -> Reaction | None:
    """The reaction that gives the activity of graphite, for a gas with carbon where it is not modelled."""
    mechanism = chemistry.mechanism
    if GRAPHITE in chemistry.species or GRAPHITE not in mechanism.species:
        return None
    for carrier in chemistry.gases:
        elements = set(mechanism.species[carrier].composition)
        if "C" in elements and elements <= {"C", "O"}:
            (reaction,) = reactions(mechanism, [carrier, GRAPHITE], BUFFERED)
            return declared(mechanism, reaction, around.temperature, chemistry.source)
    return None
