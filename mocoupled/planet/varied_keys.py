"""Keys of a case that enter the equations of a run as numbers, by name, with symbols in their place.

A symbol stands only for a key that is requested: without one the equations are those of the numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import sympy

from ..case import Case
from ..chemistry.gases_by_bands import band_gases
from ..chemistry.volatile_chemistry import Chemistry
from ..closures.law_types import Law
from ..closures.registry import find
from ..cumulates.of_case import apart, pile
from ..dae.declare.model import Model, Parameter
from ..interior.static_structure import Structure, structure
from .laws_of_case import VISCOSITY_LAW
from .radiation_by_bands import is_by_bands

ABSORPTION = "atmosphere.absorption."
NUCLIDES = "mantle.radionuclides."
OPACITY = "atmosphere.opacity_factor"
CRYSTALS, CONDUCTIVITY = "mantle.crystal_size", "mantle.conductivity"
MIXING, VISCOSITY = "mantle.mixing_length", "law:viscosity.factor"
EXCHANGE = "law:exchange_coefficient.factor"
Symbols = Mapping[str, sympy.Expr]  # dotted key -> symbol in its place


@dataclass(frozen=True)
class KeyNumber:
    """The number of a key, or of a law of the mantle. value: in `unit`. source: of a law."""

    name: str
    value: float
    unit: str
    meaning: str
    source: str = ""


def key_numbers(case: Case, chemistry: Chemistry, radiation: Law) -> dict[str, KeyNumber]:
    """Every key of a run whose number a symbol may replace, by its dotted name. radiation: the law of it."""
    rows = [*_of_mantle(case), *_of_column(case), *_of_iron(case), *_of_radiation(case, chemistry, radiation)]
    return {row.name: row for row in rows}


def _of_mantle(case: Case) -> Iterator[KeyNumber]:
    mantle = case.mantle
    yield KeyNumber("mantle.heating", mantle.heating, "W/kg", "constant internal heating of the mantle")
    if mantle.tidal_power:
        yield KeyNumber("mantle.tidal_power", mantle.tidal_power, "W", "tidal power at the start")
        if mantle.tidal_decay_time is not None:
            decay = mantle.tidal_decay_time
            yield KeyNumber("mantle.tidal_decay_time", decay, "s", "decay time of the tidal power")
    for nuclide, fraction in mantle.radionuclides.items():
        if fraction:
            title = f"mass fraction of {nuclide} in the mantle at the start"
            yield KeyNumber(f"{NUCLIDES}{nuclide}", fraction, "1", title)


def _of_column(case: Case) -> Iterator[KeyNumber]:
    """Numbers of the fluxes in a mantle with depth."""
    if case.mantle.model != "column":
        return
    mantle, inside, law = case.mantle, structure(case.planet), find("viscosity", VISCOSITY_LAW)
    yield KeyNumber(CRYSTALS, mantle.crystal_size, "m", "radius of the crystals")
    yield KeyNumber(CONDUCTIVITY, mantle.conductivity, "W/m/K", "thermal conductivity")
    yield KeyNumber(MIXING, mixing_length(case, inside), "m", "mixing length of the eddies")
    source = f"{law.name}: {law.reference}"
    yield KeyNumber(VISCOSITY, 1.0, "1", "factor on the viscosity of melt and mush", source)


def _of_iron(case: Case) -> Iterator[KeyNumber]:
    """The exchange of iron and magnesium between crystals and melt, where it is followed."""
    if case.cumulates.coupled and not apart(case):
        meaning = "factor on K_D of iron and magnesium between crystals and melt"
        exchange = pile(case).exchange
        source = exchange if isinstance(exchange, str) else f"K_D = {exchange:g}"
        yield KeyNumber(EXCHANGE, 1.0, "1", meaning, source)


def mixing_length(case: Case, inside: Structure) -> float:
    """The mixing length [m] of a column: by default a quarter of its depth."""
    return case.mantle.mixing_length or (inside.radius - inside.core_radius) / 4


def _of_radiation(case: Case, chemistry: Chemistry, radiation: Law) -> Iterator[KeyNumber]:
    if "T_eq" in radiation.arguments and case.planet.equilibrium_temperature is not None:
        temperature = case.planet.equilibrium_temperature
        yield KeyNumber("planet.equilibrium_temperature", temperature, "K", "equilibrium temperature")
    if "emissivity" in radiation.arguments and case.atmosphere.emissivity is not None:
        yield KeyNumber("atmosphere.emissivity", case.atmosphere.emissivity, "1", "emissivity")
    if is_by_bands(case) and band_gases(chemistry):
        title = "factor on the absorption of all gases"
        yield KeyNumber(OPACITY, case.atmosphere.opacity_factor, "1", title)
    if "optical_depth" in radiation.arguments:
        for gas in chemistry.solubility:
            value = chemistry.absorption[gas]
            if value > 0:
                title = f"absorption coefficient of {gas} at 101325 Pa"
                yield KeyNumber(f"{ABSORPTION}{gas}", value, "m^2/kg", title)


def symbols_of_keys(
    case: Case, chemistry: Chemistry, radiation: Law, names: Collection[str]
) -> tuple[Symbols, Chemistry, Model]:
    """The symbols of these keys, the chemistry with those that it has, and their model as parameters."""
    numbers = [row for name, row in key_numbers(case, chemistry, radiation).items() if name in names]
    if not numbers:
        return {}, chemistry, Model()
    parameters = [Parameter(row.name, row.value, row.unit, row.meaning) for row in numbers]
    symbols = {parameter.name: parameter.symbol for parameter in parameters}
    absorption = {gas: symbols.get(f"{ABSORPTION}{gas}", k) for gas, k in chemistry.absorption.items()}
    model = Model("keys of the case", parameters=tuple(parameters))
    return symbols, replace(chemistry, absorption=absorption), model
