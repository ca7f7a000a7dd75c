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
from ..dae.declare.model import Model, Parameter
from .radiation_by_bands import is_by_bands

ABSORPTION = "atmosphere.absorption."
NUCLIDES = "mantle.radionuclides."
OPACITY = "atmosphere.opacity_factor"
Symbols = Mapping[str, sympy.Expr]  # dotted key -> symbol in its place


@dataclass(frozen=True)
class KeyNumber:
    """The number of a key. value: in `unit`."""

    name: str
    value: float
    unit: str
    meaning: str


def key_numbers(case: Case, chemistry: Chemistry, radiation: Law) -> dict[str, KeyNumber]:
    """Every key of a run whose number a symbol may replace, by its dotted name. radiation: the law of it."""
    rows = [*_of_mantle(case), *_of_radiation(case, chemistry, radiation)]
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
