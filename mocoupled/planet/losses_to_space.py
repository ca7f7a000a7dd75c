"""What a planet loses to space: heat through its atmosphere, and gas."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import sympy

from ..atmosphere.bands.opacity import LINE_P, LINE_T
from ..atmosphere.escape_flow import BY_ELEMENT
from ..atmosphere.radiation import effective_absorption, optical_depth
from ..case import Case
from ..chemistry.volatile_chemistry import Chemistry
from ..closures.law_types import Law
from ..dae.declare.field import Inflow
from ..dae.declare.model import Balance, Model, Output, Parameter, Watch
from ..errors import InputError
from ..interior.static_structure import Structure
from ..reservoirs.mantle import Mantle
from ..reservoirs.volatiles import Volatiles
from .escape_of_case import elements_to_space
from .light_of_star import albedo_law
from .radiation_by_bands import band_fluxes, check_keys, is_by_bands
from .varied_keys import OPACITY, Symbols

# the species that is lost by laws of H2 alone
ESCAPING = "H2"


def radiation_to_space(
    case: Case,
    inside: Structure,
    chemistry: Chemistry,
    law: Law,
    mantle: Mantle,
    air: Volatiles,
    symbols: Symbols,
) -> Model:
    """Heat lost to space through the atmosphere. symbols: in place of numbers of keys."""
    check_keys(case)
    if is_by_bands(case):
        return _by_bands(case, inside, chemistry, law, mantle, air, symbols)
    T = mantle.surface_temperature
    absorptions = [effective_absorption(chemistry.absorption[s], inside.gravity) for s in air.pressures]
    depth = optical_depth(list(air.pressures.values()), absorptions, inside.gravity)
    extra = _emissivity(case, law, symbols)
    T_eq = symbols.get("planet.equilibrium_temperature", case.planet.equilibrium_temperature)
    flux = law(optical_depth=depth, T=T, T_eq=T_eq, **extra)
    area = 4 * math.pi * inside.radius**2
    loss = -area * flux
    return Model(
        inflows=(Inflow("first", loss, component="entropy"),) if mantle.model.field is not None else (),
        balances=(Balance("energy", source=loss),),
        outputs=(
            Output("flux", sympy.sympify(flux), "W/m^2", "heat flux to space"),
            Output("optical_depth", sympy.sympify(depth), "1", "optical depth of the atmosphere"),
        ),
        watches=tuple(_watches("radiation", law, {"T": (T, "K"), "optical_depth": (depth, "1")})),
    )


def _by_bands(
    case: Case,
    inside: Structure,
    chemistry: Chemistry,
    law: Law,
    mantle: Mantle,
    air: Volatiles,
    symbols: Symbols,
) -> Model:
    """Outgoing radiation and absorbed starlight, as two terms of the energy balance."""
    _emissivity(case, law, {})
    T = mantle.surface_temperature
    fluxes = band_fluxes(case, inside, chemistry, T, air, symbols.get(OPACITY))
    light = fluxes.light
    area = 4 * math.pi * inside.radius**2
    terms = (-area * fluxes.outgoing, area * light.flux)
    net = law(outgoing=fluxes.outgoing, absorbed=light.flux)
    arguments = {
        "T": (T, "K"),
        "P": (air.surface_pressure, "Pa"),
        "gravity": (sympy.Float(inside.gravity), "m/s^2"),
    }
    if case.atmosphere.stratosphere is not None:  # one that follows the light stays in the range
        arguments["stratosphere"] = (sympy.Float(case.atmosphere.stratosphere), "K")
    watches = (
        [*_watches("radiation", law, arguments), *_line_watches(law, arguments)] if air.pressures else []
    )
    outputs = [
        Output("flux", sympy.sympify(net), "W/m^2", "heat flux to space"),
        Output("outgoing_flux", fluxes.outgoing, "W/m^2", "outgoing radiation"),
        Output("absorbed_flux", light.flux, "W/m^2", "absorbed starlight"),
        Output("stellar_luminosity", light.star.luminosity, "W", "luminosity of the star"),
    ]
    reflecting = albedo_law(case)
    if reflecting is not None and light.star.temperature is not None:
        outputs.append(Output("albedo", light.albedo, "1", "Bond albedo of the planet"))
        watches += _watches("albedo", reflecting, {"star_temperature": (light.star.temperature, "K")})
    of_cells = mantle.model.field is not None
    return Model(
        inflows=tuple(Inflow("first", term, component="entropy") for term in terms) if of_cells else (),
        balances=tuple(Balance("energy", source=term) for term in terms),
        outputs=tuple(outputs),
        watches=tuple(watches),
    )


def _line_watches(law: Law, arguments: Mapping[str, tuple[sympy.Expr, str]]) -> Iterator[Watch]:
    """The ranges of the opacities of lines at the surface. arguments: name -> (expression, unit)."""
    for name, (low, high) in {"T": LINE_T, "P": LINE_P}.items():
        expression, unit = arguments[name]
        yield Watch("opacity of lines", name, sympy.sympify(expression), low, high, unit, law.reference)


def _emissivity(case: Case, law: Law, symbols: Symbols) -> dict[str, float | sympy.Expr]:
    """The emissivity as an argument of a law that takes one.

    InputError where it is missing or has no effect.
    """
    emissivity = case.atmosphere.emissivity
    where = f"{case.name} [atmosphere] radiation = {law.name!r}"
    if "emissivity" in law.arguments:
        if emissivity is None:
            cure = "set atmosphere.emissivity"
            raise InputError(where, "the law needs an emissivity.", "allowed: 0 to 1", cure)
        return {"emissivity": symbols.get("atmosphere.emissivity", emissivity)}
    if emissivity is not None:
        problem = f"the law takes the emissivity from the gas; that of {emissivity:g} would act on nothing."
        raise InputError(where, problem, "", "set atmosphere.radiation = 'constant-emissivity'")
    return {}


def _watches(role: str, law: Law, arguments: Mapping[str, tuple[sympy.Expr, str]]) -> Iterator[Watch]:
    """The ranges in which a law is calibrated. arguments: name -> (expression, unit)."""
    for name, (expression, unit) in arguments.items():
        if name in law.ranges:
            low, high = law.ranges[name]
            label = f"{role}: {law.name}"
            yield Watch(label, name, sympy.sympify(expression), low, high, unit, law.reference)


def escape_to_space(
    case: Case, inside: Structure, chemistry: Chemistry, law: Law, mantle: Mantle, air: Volatiles
) -> Model:
    """Loss of gas to space: of every element, or of H2 alone."""
    if law.name == "none" or not air.pressures:
        return Model()
    if law.name == BY_ELEMENT:
        return elements_to_space(case, inside, chemistry, air, mantle.model.field is not None)
    if ESCAPING not in air.pressures:
        if "H" in chemistry.elements:
            raise InputError(
                f"{case.name} [escape] law = {law.name!r}",
                f"it needs the species {ESCAPING}.",
                cure=f"add {ESCAPING} to [chemistry] species",
            )
        return Model()
    ratio = air.pressures[ESCAPING] / air.surface_pressure
    xuv = Parameter("xuv", case.escape.xuv, "1", "stellar XUV flux over that at Earth today")
    prefactor = Parameter("escape_prefactor", case.escape.prefactor, "1", "factor on the escape flux")
    flux = law(mixing_ratio_H2=ratio, xuv=xuv.symbol, prefactor=prefactor.symbol)
    rate = 4 * math.pi * inside.radius**2 * chemistry.molar_mass(ESCAPING) * flux
    return Model(
        parameters=(xuv, prefactor),
        balances=(Balance(ESCAPING, source=-rate),),
        outputs=(Output("escape_rate", rate, "kg/s", "mass of H2 lost to space per second"),),
    )
