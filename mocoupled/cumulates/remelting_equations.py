"""The equations of a convecting pile of cumulates, each declared once in sympy; derivatives are generated.

The state of the pile, the way of a column of rock up to its top, and the residue to which the column melts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import sympy

from ..closures import iron_magnesium as fe_mg
from ..closures import solid_convection as convection
from ..closures.registry import find

# [1/m] among the values where density grows with depth as exp(compressibility depth); without it, one density
COMPRESSIBILITY = "compressibility"
STATE = ("solid_fraction", "ocean_iron", "pile_iron")
WAY = (
    "depth",
    "above",
    "top_pressure",
    "gravity",
    "expansivity",
    "heat_capacity",
    "density",
    "magnesium_temperature",
    "magnesium_slope",
    "iron_temperature",
    "iron_slope",
)
RESIDUE = ("y", "y_source", "exchange_coefficient", "latent_heat", "heat_capacity")
# readings on which the equations depend
USED = (
    "geometry",
    "lens",
    "source",
    "top",
    "reference",
    "interior",
    "feeding_layers",
    "topography",
    "melting",
    "latent_heat_of",
)
Function = Callable[..., Sequence[np.ndarray]]


def symbol(name: str) -> sympy.Symbol:
    """The symbol of a value or state."""
    return sympy.Symbol(name, real=True)


def fractions(f: sympy.Expr, readings: Mapping[str, str]) -> tuple[sympy.Expr, sympy.Expr]:
    """Thickness [m] of the pile at a solid fraction f, and a factor [1/m].

    The factor turns a volume per area of the top of the pile into a share of the mantle.
    """
    D, core = symbol("mantle_thickness"), symbol("core_radius")
    if readings["geometry"] == "cartesian":
        return f * D, 1 / D
    volume = (core + D) ** 3 - core**3
    top = sympy.cbrt(core**3 + f * volume)
    return top - core, 3 * top**2 / volume


def pile_thickness(
    solid_fraction: sympy.Expr, values: Mapping[str, float], readings: Mapping[str, str]
) -> sympy.Expr:
    """Thickness [m] of the pile as an expression in that of its solid fraction, by the reading `geometry`."""
    expression, _ = fractions(symbol("solid_fraction"), readings)
    lengths = {symbol(name): values[name] for name in ("mantle_thickness", "core_radius")}
    return expression.subs(lengths).subs(symbol("solid_fraction"), solid_fraction)


def _overburden(depth: sympy.Expr, compressed: bool) -> sympy.Expr:
    """Pressure [Pa] at a depth [m] below the surface.

    `density` is the mean over the depth of the mantle: the pressure at the core is the same either way.
    """
    rho, g, D, b = map(symbol, ("density", "gravity", "mantle_thickness", COMPRESSIBILITY))
    if not compressed:
        return rho * g * depth
    return rho * g * D * (sympy.exp(b * depth) - 1) / (sympy.exp(b * D) - 1)


def front_pressure(readings: Mapping[str, str], compressed: bool) -> sympy.Expr:
    """Pressure [Pa] at the top of the pile, an expression in the solid fraction and the values."""
    thickness, _ = fractions(symbol("solid_fraction"), readings)
    return _overburden(symbol("mantle_thickness") - thickness, compressed)


def _melting_temperature(share: sympy.Expr, pressure: sympy.Expr) -> sympy.Expr:
    """Melting temperature [K] of a share of the lens at a pressure [Pa]."""
    names = ("magnesium_temperature", "magnesium_slope", "iron_temperature", "iron_slope")
    return fe_mg.melting_temperature(share, pressure, *map(symbol, names))


def pile_state(readings: Mapping[str, str], compressed: bool = False) -> dict[str, sympy.Expr]:
    """Expressions of the state of a pile. compressed: whether density grows with depth."""
    f, X, X_pile = map(symbol, STATE)
    KD, rho, g, alpha, cp = map(
        symbol, ("exchange_coefficient", "density", "gravity", "expansivity", "heat_capacity")
    )
    kappa, eta, D = map(symbol, ("diffusivity", "viscosity", "mantle_thickness"))
    lens = find("melting_lens", readings["lens"])
    d, per_area = fractions(f, readings)
    X_crystals = fe_mg.exchange(X, KD)
    source = {"pile": X_pile, "bulk": symbol("bulk_iron"), "newest-crystals": X_crystals}[readings["source"]]
    top_pressure = _overburden(D - d, compressed)
    mean_density = (_overburden(D, compressed) - top_pressure) / (g * d) if compressed else rho  # of the pile
    at_solidus = {"pile-solidus": source, "ocean-liquidus": X_crystals}[readings["top"]]
    above = {"pile-top": 0, "surface": D - d}[
        readings["reference"]
    ]  # from where potential temperatures count down
    top = _melting_temperature(lens(X=at_solidus, KD=KD), top_pressure) / convection.adiabat(
        above, g, alpha, cp
    )
    base = symbol("core_temperature") / convection.adiabat(d + above, g, alpha, cp)
    drop = base - top
    interior = {"mean": (base + top) / 2, "top": top}[readings["interior"]]
    Ra = convection.rayleigh_number(drop, d, mean_density, g, alpha, eta, kappa)
    speed = convection.velocity(Ra, d, kappa, symbol("velocity_prefactor"))
    lift = convection.topography(
        Ra, d, eta, kappa, symbol("density_contrast"), g, symbol("topography_prefactor")
    )
    transit = d / speed
    heat = convection.plume_heat(
        base - interior, transit, kappa, {"one": 1, "two": 2}[readings["feeding_layers"]]
    )
    start = convection.plume_start(base - interior, heat, kappa)
    return {
        "thickness": d,
        "per_area": per_area,
        "above": sympy.sympify(above),
        "top_pressure": top_pressure,
        "top": top,
        "base": base,
        "interior": interior,
        "drop": drop,
        "rayleigh": Ra,
        "speed": speed,
        "transit": transit,
        "heat": heat,
        "start": start,
        "topography": lift if readings["topography"] == "yes" else sympy.S.Zero,
        "width": 2 * sympy.sqrt(kappa * (start + transit)),
        "source_logit": sympy.log(source / (1 - source)),
    }


def _way(compressed: bool) -> tuple[sympy.Expr, sympy.Expr, sympy.Expr]:
    """Of a point `depth` below the top of the pile: adiabat, T_Mg and T_Mg - T_Fe."""
    depth, above, pressure = map(symbol, ("depth", "above", "top_pressure"))
    g, alpha, cp, rho = map(symbol, ("gravity", "expansivity", "heat_capacity", "density"))
    P = pressure + rho * g * depth
    if compressed:  # the same law, counted from the top of the pile
        b, D = symbol(COMPRESSIBILITY), symbol("mantle_thickness")
        P = pressure + (pressure + rho * g * D / (sympy.exp(b * D) - 1)) * (sympy.exp(b * depth) - 1)
    magnesium, iron = _melting_temperature(0, P), _melting_temperature(1, P)
    return convection.adiabat(depth + above, g, alpha, cp), magnesium, magnesium - iron


def _residue(
    readings: Mapping[str, str],
) -> tuple[tuple[sympy.Expr, ...], tuple[sympy.Expr, sympy.Expr]]:
    """A residue with logit y, in two tuples.

    The first has the share of the lens, the temperature lost to melting, and the slopes of both.
    The second has melt fraction and Fe/(Fe + Mg) of the melt.
    """
    y, y_source, KD = map(symbol, ("y", "y_source", "exchange_coefficient"))
    X, X_source = 1 / (1 + sympy.exp(-y)), 1 / (1 + sympy.exp(-y_source))
    share = find("melting_lens", readings["lens"])(X=X, KD=KD)
    melt = find("melt_fraction", readings["melting"])(X=X, X_source=X_source, KD=KD)
    law = find(
        "melting_temperature", {"parcel": "linear", "residue": "logarithmic"}[readings["latent_heat_of"]]
    )
    lost = law(
        temperature=0,
        melt_fraction=melt,
        latent_heat=symbol("latent_heat"),
        heat_capacity=symbol("heat_capacity"),
    )
    return (share, lost, sympy.diff(share, y), sympy.diff(lost, y)), (
        melt,
        fe_mg.melt_iron(X, X_source, melt),
    )


@dataclass(frozen=True)
class Compiled:
    """The expressions as functions of numbers.

    state: its values, in the order of `names`, of STATE and `parameters`.
    way: of `way_names`; excess, reach: of the plume; slopes, melt: of RESIDUE, see _residue.
    batch: whether melting is batch melting.
    """

    names: tuple[str, ...]
    parameters: tuple[str, ...]
    state: Function
    way: Function
    excess: Callable[..., np.ndarray]
    reach: Callable[..., np.ndarray]
    slopes: Function
    melt: Function
    batch: bool
    way_names: tuple[str, ...]


def compiled(readings: Mapping[str, str], compressed: bool = False) -> Compiled:
    """The functions for some readings, name -> choice.

    compressed: whether density grows with depth. Readings that the equations do not use, such as the law of
    the exchange coefficient, do not count: cases that differ in these share the functions.
    """
    return _compiled(tuple((name, readings[name]) for name in USED), compressed)


@lru_cache(maxsize=64)
def _compiled(readings: tuple[tuple[str, str], ...], compressed: bool) -> Compiled:
    """As `compiled`. readings: pairs of name and choice."""
    chosen = dict(readings)
    state = pile_state(chosen, compressed)
    way = (*WAY, "mantle_thickness", COMPRESSIBILITY) if compressed else WAY
    parameters = sorted({s.name for e in state.values() for s in e.free_symbols} - set(STATE))

    def function(names: Sequence[str], expressions: object) -> Callable[..., Any]:
        return sympy.lambdify([symbol(n) for n in names], expressions, modules="numpy", cse=True)

    slopes, melt = _residue(chosen)
    plume = ("x", "time", "heat", "diffusivity")
    x, *others = map(symbol, plume)
    threshold = symbol("threshold")
    return Compiled(
        names=tuple(state),
        parameters=tuple(parameters),
        state=function((*STATE, *parameters), list(state.values())),
        way=function(way, _way(compressed)),
        excess=function(plume, convection.plume_excess(x, *others)),
        reach=function(("threshold", *plume[1:]), convection.plume_reach(threshold, *others)),
        slopes=function(RESIDUE, slopes),
        melt=function(RESIDUE, melt),
        batch=chosen["melting"] == "batch",
        way_names=way,
    )
