"""The radiation law "bands" in a planet: outgoing and absorbed flux as two terms of the energy balance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from ..atmosphere.bands.columns import Environment
from ..atmosphere.bands.emitter import Emitter, emitter_of
from ..atmosphere.bands.leaf import FACTOR, STRATOSPHERE, outgoing_flux
from ..case import Case
from ..chemistry.gases_by_bands import band_gases
from ..chemistry.volatile_chemistry import Chemistry
from ..constants import STEFAN_BOLTZMANN_CONSTANT
from ..errors import InputError
from ..interior.static_structure import Structure
from ..reservoirs.volatiles import Volatiles
from .light_of_star import AbsorbedLight, absorbed_light, highest_stratosphere

BANDS = "bands"


@dataclass(frozen=True)
class BandFluxes:
    """outgoing: W/m2, in symbols. light: the absorbed flux, and what it follows from."""

    outgoing: sympy.Expr
    light: AbsorbedLight


def emitter_of_planet(case: Case, inside: Structure, chemistry: Chemistry) -> Emitter | None:
    """The outgoing radiation of the planet's gas; None without gases, where the black surface radiates.

    Without a stratosphere in the case, its temperature is an argument of each flux.
    """
    gases = band_gases(chemistry)
    if not gases:
        return None
    around = Environment(float(inside.gravity))
    if case.atmosphere.stratosphere is not None:
        around = Environment(float(inside.gravity), case.atmosphere.stratosphere)
    return emitter_of(gases, around, case.atmosphere.opacity_factor)


def band_fluxes(
    case: Case,
    inside: Structure,
    chemistry: Chemistry,
    T: sympy.Expr,
    air: Volatiles,
    factor: sympy.Expr | None = None,
) -> BandFluxes:
    """The fluxes over a surface at T [K] under the gas of the planet.

    factor: in place of the number of atmosphere.opacity_factor.
    """
    emitter = emitter_of_planet(case, inside, chemistry)
    light = absorbed_light(case, T, air.pressures)
    if emitter is None:
        return BandFluxes(STEFAN_BOLTZMANN_CONSTANT * T**4, light)
    arguments = [T, *(_ln(air.pressures, name) for name in emitter.names)]
    further = {STRATOSPHERE: light.stratosphere, FACTOR: factor}
    further = {name: value for name, value in further.items() if value is not None}
    return BandFluxes(outgoing_flux(emitter, further=tuple(further))(*arguments, *further.values()), light)


def _ln(pressures: Mapping[str, sympy.Expr], name: str) -> sympy.Expr:
    return sympy.expand_log(sympy.log(pressures[name]), force=True)


def check_keys(case: Case) -> None:
    """InputError for keys of [atmosphere] that would act on nothing with the radiation law of the case."""
    air = case.atmosphere
    where = f"{case.name} [atmosphere]"
    if is_by_bands(case):
        if air.absorption:
            raise InputError(
                f"{where} absorption",
                "the law 'bands' takes opacity from the mechanism (`bands`); this would act on nothing.",
                cure="remove it, or set atmosphere.radiation = 'AbeMatsui1985' and "
                "planet.equilibrium_temperature",
            )
        cold, last = highest_stratosphere(case), case.run.end_surface_temperature
        if last <= cold:
            raise InputError(
                f"{case.name} [run] end_surface_temperature = {last:g} K",
                f"the surface would be colder than the stratosphere, {cold:.4g} K.",
                "allowed: more than atmosphere.stratosphere",
            )
        return
    idle = [
        name
        for name, present in (
            ("opacity_factor", air.opacity_factor != 1.0),
            ("stratosphere", air.stratosphere is not None),
            ("albedo", air.albedo != 0.1),
        )
        if present
    ]
    if idle:
        raise InputError(
            f"{where} {idle[0]}",
            f"the law {str(air.radiation)!r} has no such quantity; it would act on nothing.",
            cure="remove it, or set atmosphere.radiation = 'bands'",
        )


def is_by_bands(case: Case) -> bool:
    """Whether the case radiates by bands."""
    return str(case.atmosphere.radiation) == BANDS
