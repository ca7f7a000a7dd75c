"""What a planet loses to space: heat through its atmosphere, and hydrogen."""

from __future__ import annotations

import math

import sympy

from ..atmosphere.radiation import effective_absorption, optical_depth
from ..dae.declare.field import Inflow
from ..dae.declare.model import Balance, Model, Output, Parameter, Watch
from ..errors import InputError

ESCAPING = "H2"  # the species that is lost


def radiation_to_space(case, inside, chemistry, law, mantle, air) -> Model:
    """Heat lost to space through the atmosphere."""
    T, names = mantle.surface_temperature, tuple(air.pressures)
    absorptions = [effective_absorption(chemistry.absorption[s], inside.gravity) for s in names]
    depth = optical_depth([air.pressures[s] for s in names], absorptions, inside.gravity)
    given = case.atmosphere.emissivity
    if ("emissivity" in law.arguments) != (given is not None):
        where = f"{case.name} [atmosphere] radiation = {law.name!r}"
        if given is None:
            raise InputError(
                where, "the law needs an emissivity.", "allowed: 0 to 1", "set atmosphere.emissivity"
            )
        raise InputError(
            where,
            f"the law takes the emissivity from the gas; that of {given:g} would act on nothing.",
            "",
            "set atmosphere.radiation = 'constant-emissivity'",
        )
    extra = {} if given is None else {"emissivity": given}
    flux = law(optical_depth=depth, T=T, T_eq=case.planet.equilibrium_temperature, **extra)
    area = 4 * math.pi * inside.radius**2
    return Model(
        inflows=(Inflow("first", -area * flux),) if mantle.model.field is not None else (),
        balances=(Balance("energy", source=-area * flux),),
        outputs=(
            Output("flux", sympy.sympify(flux), "W/m^2", "heat flux to space"),
            Output("optical_depth", sympy.sympify(depth), "1", "optical depth of the atmosphere"),
        ),
        watches=_watched("radiation", law, {"T": (T, "K"), "optical_depth": (depth, "1")}),
    )


def _watched(role, law, arguments):
    """Where a law of one's own is calibrated, of its arguments name -> (expression, unit)."""
    return tuple(
        Watch(f"{role}: {law.name}", name, sympy.sympify(expression), *law.ranges[name], unit, law.reference)
        for name, (expression, unit) in arguments.items()
        if name in law.ranges
    )


def escape_to_space(case, inside, chemistry, law, air) -> Model:
    """Loss of H2 to space."""
    if law.name == "none" or not air.pressures:
        return Model()
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
