"""The radiation law "bands" in a planet: outgoing and absorbed flux as two terms of the energy balance."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from ..atmosphere.bands.columns import Environment
from ..atmosphere.bands.emitter import Emitter, emitter_of
from ..atmosphere.bands.leaf import outgoing_flux
from ..case import Case
from ..chemistry.gases_by_bands import band_gases
from ..chemistry.volatile_chemistry import Chemistry
from ..constants import STEFAN_BOLTZMANN_CONSTANT
from ..errors import InputError
from ..interior.static_structure import Structure
from ..reservoirs.volatiles import Volatiles

BANDS = "bands"
# K; the stratosphere that follows the absorbed flux is kept within these: see docs/radiation.md
STRATOSPHERE = (150.0, 450.0)


@dataclass(frozen=True)
class BandFluxes:
    """outgoing, absorbed: W/m2, in symbols."""

    outgoing: sympy.Expr
    absorbed: sympy.Expr


def absorbed_flux(case: Case) -> float:
    """Starlight that the planet absorbs [W/m2]: that of a black body at its equilibrium temperature."""
    return float(STEFAN_BOLTZMANN_CONSTANT * case.planet.equilibrium_temperature**4)


def stratosphere(case: Case) -> float:
    """Temperature of the stratosphere [K]: of the case, or that of a thin layer above the absorbed flux."""
    stated = case.atmosphere.stratosphere
    if stated is not None:
        return float(stated)
    skin = (absorbed_flux(case) / (2.0 * STEFAN_BOLTZMANN_CONSTANT)) ** 0.25
    return min(max(skin, STRATOSPHERE[0]), STRATOSPHERE[1])


def emitter_of_planet(case: Case, inside: Structure, chemistry: Chemistry) -> Emitter:
    """The outgoing radiation of the planet's gas. InputError for a planet without gases."""
    gases = band_gases(chemistry)
    if not gases:
        raise InputError(
            f"{case.name} [atmosphere] radiation = {BANDS!r}",
            "the planet has no gas.",
            cure="set atmosphere.radiation = 'blackbody'",
        )
    around = Environment(float(inside.gravity), stratosphere(case))
    return emitter_of(gases, around, case.atmosphere.opacity_factor)


def band_fluxes(
    case: Case, inside: Structure, chemistry: Chemistry, T: sympy.Expr, air: Volatiles
) -> BandFluxes:
    """The fluxes over a surface at T [K] under the gas of the planet."""
    emitter = emitter_of_planet(case, inside, chemistry)
    ln_p = [sympy.expand_log(sympy.log(air.pressures[name]), force=True) for name in emitter.names]
    outgoing = outgoing_flux(emitter)(T, *ln_p)
    return BandFluxes(outgoing, sympy.Float(absorbed_flux(case)))


def check_keys(case: Case) -> None:
    """InputError for keys of [atmosphere] that would act on nothing with the radiation law of the case."""
    air = case.atmosphere
    where = f"{case.name} [atmosphere]"
    if is_by_bands(case):
        if air.absorption:
            raise InputError(
                f"{where} absorption",
                "the law 'bands' takes opacity from the mechanism (`bands`); this would act on nothing.",
                cure="remove it, or set atmosphere.radiation = 'AbeMatsui1985'",
            )
        cold, last = stratosphere(case), case.run.end_surface_temperature
        if last <= cold:
            raise InputError(
                f"{case.name} [run] end_surface_temperature = {last:g} K",
                f"the surface would be colder than the stratosphere, {cold:g} K.",
                "allowed: more than atmosphere.stratosphere",
            )
        return
    idle = [
        name
        for name, present in (
            ("opacity_factor", air.opacity_factor != 1.0),
            ("stratosphere", air.stratosphere is not None),
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
