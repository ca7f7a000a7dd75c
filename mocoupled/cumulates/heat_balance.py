"""Heat of a growing pile as expressions: what it stores, what joins it, and what its boundary layers pass."""

from __future__ import annotations

from functools import lru_cache

import sympy

from ..closures import solid_convection as convection
from ..closures.iron_magnesium import composition
from ..reservoirs.cumulates import OCEAN, SOLID
from ..reservoirs.warm_pile import PileHeat, core_temperature, pile_temperature
from ..schema.buffering_case import BufferingCase
from .remelting_equations import fractions, pile_state, symbol


def pile_heat(case: BufferingCase) -> PileHeat:
    """The heat of the pile of a case, in the unknowns of a growing pile.

    The pile lies on its adiabat, so that its heat is c_p T times the mean of exp(alpha g z/c_p) over its
    mass. Drops of boundary layers are of potential temperature, as in the laws of the pile's convection.
    The expressions are kept for the next timescale of the same case.
    """
    return _pile_heat(tuple(sorted(case.values.items())), tuple(sorted(case.readings.items())))


@lru_cache(maxsize=8)
def _pile_heat(values: tuple[tuple[str, float], ...], readings: tuple[tuple[str, str], ...]) -> PileHeat:
    case = BufferingCase("pile", "a pile that grows", dict(values), dict(readings))
    state = pile_state(case.readings)
    of_ocean = {symbol("ocean_iron"): composition(sympy.Symbol(OCEAN, real=True))}
    numbers = {symbol(name): value for name, value in case.values.items()}

    def in_unknowns(expression: sympy.Expr) -> sympy.Expr:
        return expression.subs(of_ocean).subs(numbers)

    g, alpha, cp, rho = map(symbol, ("gravity", "expansivity", "heat_capacity", "density"))
    lift = convection.adiabat(state["above"], g, alpha, cp)  # at the top, over the potential temperature
    T, top = pile_temperature(), state["top"]
    core_potential = state["base"] / symbol("core_temperature") * core_temperature()
    eta, kappa, speed = map(symbol, ("viscosity", "diffusivity", "velocity_prefactor"))
    layer = (rho, g, alpha, cp, eta, kappa, speed)
    _, per_base = fractions(sympy.S.Zero, case.readings)
    boundary = symbol("boundary_layer_prefactor")
    core_flux = boundary * convection.boundary_layer_heat(core_potential - T, *layer)
    top_flux = boundary * convection.boundary_layer_heat(T - top, *layer)
    return PileHeat(
        capacity=in_unknowns(cp * lift * _adiabats(case)),
        arriving=in_unknowns(cp * lift * top),
        top=in_unknowns(top),
        latent_heat=case.values["latent_heat"],
        core_capacity=case.values["core_heat_capacity"],
        core_temperature=case.values["core_temperature"],
        from_core=in_unknowns(core_flux * per_base / rho),
        to_ocean=in_unknowns(top_flux * state["per_area"] / rho),
        core_flux=in_unknowns(core_flux),
    )


def _adiabats(case: BufferingCase) -> sympy.Expr:
    """Integral of exp(alpha g z/c_p) over the mass of the pile, z below its top, as a share of the mantle."""
    g, alpha, cp, D, core = map(
        symbol, ("gravity", "expansivity", "heat_capacity", "mantle_thickness", "core_radius")
    )
    height, rate = sympy.symbols("height rate", positive=True)
    f = symbol(SOLID)
    d, _ = fractions(f, case.readings)
    if case.readings["geometry"] == "cartesian":
        share = sympy.S.One / D
    else:
        share = 3 * (core + height) ** 2 / ((core + D) ** 3 - core**3)
    top = sympy.Symbol("top", positive=True)
    total = sympy.integrate(sympy.exp(rate * (top - height)) * share, (height, 0, top))
    return total.subs({rate: alpha * g / cp, top: d})
