"""The one assembly: a Case becomes a Model, with its laws, its chemistry and its temperature range.

A planet is mantle + volatiles + oxygen + losses to space + iron of the magma ocean, each declared in a
separate file and joined here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import sympy

from ..case import Case
from ..chemistry.volatile_chemistry import Chemistry
from ..closures.law_types import Law
from ..cumulates.of_case import apart, in_column
from ..cumulates.of_case import pile as pile_below
from ..dae.declare.model import Model, Parameter, join
from ..errors import InputError
from ..interior.static_structure import Structure, structure
from ..reservoirs.mantle import Mantle
from ..reservoirs.volatiles import Volatiles
from ..schema.buffering_case import BufferingCase
from .chemistry_of_case import resolve
from .closed_lid import check_oxygen, closed_gas, closes
from .ferric_of_column import ferric_at_start, iron_watches
from .ferric_of_ocean import with_ferric_pile, with_ocean
from .ferric_start import follows_from_gas, share_at_start
from .idle_keys import check_idle_keys
from .laws_of_case import laws_of
from .losses_to_space import escape_to_space, radiation_to_space
from .mantle_of_case import check_depth, depth_watches, initial_temperature, mantle_of
from .oxygen import surroundings
from .pile_apart_of_case import pile_apart
from .pile_of_case import Ocean, cooling_pile, iron_of_ocean
from .varied_keys import EXCHANGE, symbols_of_keys
from .varied_laws import with_symbols
from .varied_melt import VariedMelt
from .volatiles_of_case import volatiles_of


@dataclass(frozen=True)
class Planet:
    """A case as equations.

    model: the equations to solve; chemistry: the species in it; laws: every law by its role.
    temperature_range [K]: of the surface, where tables and data are valid.
    initial_temperature [K]: of the surface at the start, or of the equilibrium.
    below: the pile of cumulates at the start of a run that follows its iron; None for other runs.
    under_lid: the planet after a lid that closes (run.after_lid); None for other runs.
    """

    case: Case
    model: Model
    structure: Structure
    chemistry: Chemistry
    laws: Mapping[str, Law]
    temperature_range: tuple[float, float]
    initial_temperature: float
    below: BufferingCase | None = None
    under_lid: Planet | None = None


def assemble(case: Case, varied: Collection[str] = ()) -> Planet:
    """The evolving planet. InputError for a case that cannot be computed.

    varied: numbers of laws and of keys (see varied_laws.py, varied_keys.py) that are parameters of the model.
    """
    planet = _assembled(case, varied)
    if planet.below is None or not follows_from_gas(case, planet.chemistry):
        return planet
    bulk_iron = planet.below.values["bulk_iron"]
    return _assembled(case, varied, share_at_start(case, planet.chemistry, planet.model, bulk_iron))


def _assembled(case: Case, varied: Collection[str], ferric_share: float | None = None) -> Planet:
    """The evolving planet. ferric_share: of the cells at the start, where it follows from the gas."""
    check_idle_keys(case)
    inside = structure(case.planet)
    chemistry, coefficients = with_symbols(resolve(case, inside.mantle_mass), varied)
    laws = laws_of(case, chemistry, inside)
    symbols, chemistry, keys = symbols_of_keys(case, chemistry, laws["radiation"], varied)
    check_depth(case, inside)
    below = pile_below(case) if case.cumulates.coupled else None
    first = initial_temperature(case, inside, laws)
    redox = ferric_at_start(case, chemistry, first, ferric_share)
    mantle = mantle_of(case, inside, laws, below, first, redox, symbols)
    iron, ocean = _below(case, below, inside, laws, mantle, symbols.get(EXCHANGE))
    mantle = with_ocean(chemistry, mantle, ocean)
    oxygen = surroundings(inside, chemistry, mantle, first if case.run.initial_entropy is None else None)
    air = volatiles_of(chemistry, oxygen.surroundings, oxygen.ln_fO2_at_start)
    low = max(mantle.temperature_range[0], chemistry.temperature_limits[0])
    high = min(mantle.temperature_range[1], chemistry.temperature_limits[1])
    _check_temperatures(case, first, low, high)
    watched = Model(watches=(*depth_watches(inside, laws, mantle), *iron_watches(chemistry, mantle)))

    def joined(air: Volatiles, data: Model) -> Model:
        """Mantle, iron and losses to space, with this gas and the data of its oxygen."""
        lost = (
            radiation_to_space(case, inside, chemistry, laws["radiation"], mantle, air, symbols),
            escape_to_space(case, inside, chemistry, laws["escape"], mantle, air),
        )
        numbers = (coefficients, keys)
        whole = join(case.name, mantle.model, watched, air.model, data, *lost, iron, *numbers)
        return with_ferric_pile(whole, inside, mantle, ocean, air).check()

    model = joined(air, oxygen.model)
    planet = Planet(case, model, inside, chemistry, laws, (low, high), first, below)
    if not closes(case):
        return planet
    check_oxygen(case, chemistry)
    under_lid = replace(planet, model=joined(*closed_gas(inside, chemistry, mantle)))
    return replace(planet, under_lid=under_lid)


def _below(
    case: Case,
    below: BufferingCase | None,
    inside: Structure,
    laws: Mapping[str, Law],
    mantle: Mantle,
    varied: sympy.Expr | None,
) -> tuple[Model, Ocean | None]:
    """The iron of one ocean with its pile; nothing where each cell of a column has iron.

    varied: factor on K_D; None for none.
    """
    if below is None or in_column(case):
        return Model(), None
    ocean = Ocean(cooling_pile(case, below, inside, mantle, varied), case.cumulates.crystals == "settle")
    if not apart(case):
        return iron_of_ocean(ocean), ocean
    melts, heat = pile_apart(case, below, inside, laws, mantle, ocean.pile)
    ocean = replace(ocean, returned=melts)
    return join("iron and pile", iron_of_ocean(ocean), heat), ocean


def assemble_equilibrium(
    case: Case,
    temperature: float,
    melt_fraction: float,
    varied: Collection[str] = (),
    oxides: tuple[str, ...] = (),
) -> Planet:
    """Gas and melt alone, at a temperature [K] and melt fraction that are parameters of the model.

    varied: numbers of laws (see varied_laws.py) that are parameters too. oxides: of the melt, where its
    composition is a parameter; then all those of the case's composition.
    """
    inside = structure(case.planet)
    melted = VariedMelt(oxides) if oxides else None
    chemistry, numbers = with_symbols(resolve(case, inside.mantle_mass, melted), varied)
    if melted is not None:
        listed = chemistry.rock.liquids if chemistry.rock else None
        numbers = join("parameters", numbers, melted.declared(listed))
    if not 0.0 <= melt_fraction <= 1.0:
        raise InputError(f"melt_fraction = {melt_fraction}", "not a fraction.", "allowed: 0 to 1")
    low, high = chemistry.temperature_limits
    if not low <= temperature <= high:
        raise InputError(
            f"temperature = {temperature} K",
            "outside the thermochemical data of the species.",
            f"allowed: {low:g} to {high:g} K with {chemistry.source} of {chemistry.mechanism.name}",
        )
    T = Parameter("temperature", temperature, "K", "temperature of melt and gas")
    phi = Parameter("melt_fraction", melt_fraction, "1", "melt fraction of the mantle")
    melt = phi.symbol * inside.mantle_mass
    mantle = Mantle(Model(parameters=(T, phi)), T.symbol, melt, inside.mantle_mass - melt, (low, high))
    oxygen = surroundings(inside, chemistry, mantle)
    air = volatiles_of(chemistry, oxygen.surroundings, oxygen.ln_fO2_at_start)
    model = join(case.name, mantle.model, air.model, oxygen.model, numbers)
    laws = {
        role: law
        for role, law in laws_of(case, chemistry, inside).items()
        if role.startswith(("solubility", "oxygen", "ferric", "partition", "activities", "iron metal"))
    }
    return Planet(case, model.check(), inside, chemistry, laws, (low, high), temperature)


def _check_temperatures(case: Case, first: float, low: float, high: float) -> None:
    """InputError for a temperature of [run] outside the valid range of tables and data, low to high [K].

    first [K]: at the start.
    """
    ends = {"initial_surface_temperature": first, "end_surface_temperature": case.run.end_surface_temperature}
    for key, value in ends.items():
        if not low <= value <= high:
            raise InputError(
                f"{case.name} [run] {key} = {value:g} K",
                "outside what the mantle's tables and the species' data cover.",
                f"allowed: {low:.0f} to {high:.0f} K",
            )
