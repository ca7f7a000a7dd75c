"""Melt that a convecting pile of cumulates gives back to the magma ocean: the closures on arrays of states.

A column of rock rises at a distance from the axis of a plume and melts to a residue: the largest melt fraction along
its way counts. Because the melting temperature is linear in the share of the lens, the residue of a column follows from
the warmest point of the way for each share, so that one unknown a column is solved for, without marching upwards.
Distances from the axis are counted in widths of the plume: of the cell it is a thousandth or less, and a grid in units
of the cell gives wrong numbers that look right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy

from ..closures import iron_magnesium as fe_mg
from ..closures import solid_convection as convection
from ..closures.registry import find

WIDTHS = 4.5  # of the plume: beyond, its excess is below 2e-9 of that on the axis
LEAST_LOGIT = 45.0  # below the source: what is left of a parcel is then below 1e-8
ITERATIONS = 60
ACCURACY = 1e-10  # of the logit of a residue
RATES = ("rate", "iron_rate", "source_rate")  # of Remelting, in this order in tables too
MOLTEN = 1 - 1e-7  # melt fraction above which the ambient pile is no pile


@dataclass(frozen=True)
class Grid:
    """widths: quadrature points across the plume; heights: intervals along the way up."""

    widths: int = 10
    heights: int = 32


@dataclass(frozen=True)
class Remelting:
    """States (n,) of the pile, SI. rate [1/s]: melt returned, as a share of the whole mantle; iron_rate: the same times
    its Fe/(Fe + Mg); source_rate: the rock that melts for it, however little; ambient_melt_fraction and
    plume_melt_fraction (on the axis): of a parcel that has come to the top.

    Where nothing convects, rate is 0 and what belongs to convection is NaN. Where the ambient pile melts wholly on its way
    (ambient_melt_fraction above MOLTEN), all that comes up is returned: it is computed, but hardly a pile.
    """

    thickness: np.ndarray
    top_pressure: np.ndarray
    top_temperature: np.ndarray
    base_temperature: np.ndarray
    interior_temperature: np.ndarray
    rayleigh_number: np.ndarray
    velocity: np.ndarray
    topography: np.ndarray
    rate: np.ndarray
    iron_rate: np.ndarray
    source_rate: np.ndarray
    ambient_melt_fraction: np.ndarray
    plume_melt_fraction: np.ndarray


# ---- expressions, each declared once; derivatives are generated


def symbol(name: str) -> sympy.Symbol:
    return sympy.Symbol(name, real=True)


def fractions(f, readings: Mapping[str, str]):
    """Thickness [m] of the pile at a solid fraction f, and what turns a volume per area of its top into a share of the mantle [1/m]."""
    D, core = symbol("mantle_thickness"), symbol("core_radius")
    if readings["geometry"] == "cartesian":
        return f * D, 1 / D
    volume = (core + D) ** 3 - core**3
    top = sympy.cbrt(core**3 + f * volume)
    return top - core, 3 * top**2 / volume


def pile_thickness(solid_fraction, values: Mapping[str, float], readings: Mapping[str, str]) -> sympy.Expr:
    """Thickness [m] of the pile as an expression in that of its solid fraction, by the reading `geometry`."""
    expression, _ = fractions(symbol("solid_fraction"), readings)
    return expression.subs({symbol(name): values[name] for name in ("mantle_thickness", "core_radius")}).subs(
        symbol("solid_fraction"), solid_fraction
    )


COMPRESSIBILITY = "compressibility"  # [1/m] among the values where density grows with depth as exp(compressibility depth); without it, one density


def _overburden(depth, compressed: bool):
    """Pressure [Pa] at a depth [m] below the surface. `density` is the mean over the depth of the mantle: the pressure at the core is the same either way."""
    rho, g, D, b = map(symbol, ("density", "gravity", "mantle_thickness", COMPRESSIBILITY))
    return (
        rho * g * D * (sympy.exp(b * depth) - 1) / (sympy.exp(b * D) - 1) if compressed else rho * g * depth
    )


def _melting_temperature(share, pressure):
    names = ("magnesium_temperature", "magnesium_slope", "iron_temperature", "iron_slope")
    return fe_mg.melting_temperature(share, pressure, *map(symbol, names))


STATE = ("solid_fraction", "ocean_iron", "pile_iron")


def _state(readings, compressed):
    """Expressions of the state: what `_states` is compiled from. compressed: whether density grows with depth."""
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
        "thickness": d, "per_area": per_area, "above": sympy.sympify(above), "top_pressure": top_pressure, "top": top, "base": base,
        "interior": interior, "drop": drop, "rayleigh": Ra, "speed": speed, "transit": transit, "heat": heat, "start": start,
        "topography": lift if readings["topography"] == "yes" else sympy.S.Zero,
        "width": 2 * sympy.sqrt(kappa * (start + transit)), "source_logit": sympy.log(source / (1 - source)),
    }  # fmt: skip


def _way(compressed):
    """Of a point `depth` below the pile's top, reached after `time`: adiabat, T_Mg and T_Mg - T_Fe."""
    depth, above, pressure = map(symbol, ("depth", "above", "top_pressure"))
    g, alpha, cp, rho = map(symbol, ("gravity", "expansivity", "heat_capacity", "density"))
    P = pressure + rho * g * depth
    if compressed:  # the same law, counted from the top of the pile
        b, D = symbol(COMPRESSIBILITY), symbol("mantle_thickness")
        P = pressure + (pressure + rho * g * D / (sympy.exp(b * D) - 1)) * (sympy.exp(b * depth) - 1)
    magnesium, iron = _melting_temperature(0, P), _melting_temperature(1, P)
    return convection.adiabat(depth + above, g, alpha, cp), magnesium, magnesium - iron


def _residue(readings):
    """Of a residue with logit y: share of the lens and temperature lost to melting, their slopes, melt fraction and its iron."""
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
class _Compiled:
    names: tuple[str, ...]
    parameters: tuple[str, ...]
    state: object
    way: object
    excess: object
    reach: object
    slopes: object
    melt: object
    batch: bool
    way_names: tuple[str, ...]


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


@lru_cache(maxsize=64)
def _compiled(readings: tuple[tuple[str, str], ...], compressed: bool = False) -> _Compiled:
    chosen = dict(readings)
    state, way = (
        _state(chosen, compressed),
        (*WAY, *(("mantle_thickness", COMPRESSIBILITY) if compressed else ())),
    )
    free = sorted({s.name for e in state.values() for s in e.free_symbols} - set(STATE))

    def made(names, expressions):
        return sympy.lambdify([symbol(n) for n in names], expressions, modules="numpy", cse=True)

    slopes, melt = _residue(chosen)
    plume = ("x", "time", "heat", "diffusivity")
    x, *others = map(symbol, plume)
    return _Compiled(
        tuple(state), tuple(free), made((*STATE, *free), list(state.values())), made(way, _way(compressed)),
        made(plume, convection.plume_excess(x, *others)),
        made(("threshold", *plume[1:]), convection.plume_reach(symbol("threshold"), *others)),
        made(RESIDUE, slopes), made(RESIDUE, melt), chosen["melting"] == "batch", way,
    )  # fmt: skip


# ---- numbers


@lru_cache(maxsize=16)
def _quadrature(points):
    return np.polynomial.legendre.leggauss(points)


def remelt(
    solid_fraction,
    ocean_iron,
    pile_iron,
    values: Mapping[str, np.ndarray],
    readings: Mapping[str, str],
    grid: Grid = Grid(),
) -> Remelting:
    """Remelting of piles of cumulates; arrays (n,), values (SI) numbers or arrays (n,).

    With COMPRESSIBILITY among the values the pressure is that of a mantle which compresses itself, as in a run; else rho g z.
    """
    with np.errstate(all="ignore"):
        return _remelt(*np.broadcast_arrays(solid_fraction, ocean_iron, pile_iron), values, readings, grid)


def _remelt(f, X, X_pile, values, readings, grid):
    code = _compiled(tuple(sorted(readings.items())), COMPRESSIBILITY in values)
    n = f.size
    found = code.state(f, X, X_pile, *(values[name] for name in code.parameters))
    s = {name: np.broadcast_to(np.asarray(v, dtype=float), (n,)) for name, v in zip(code.names, found)}
    convects = (s["drop"] > 0) & np.isfinite(s["source_logit"])
    shown = {
        "thickness": s["thickness"],
        "top_pressure": s["top_pressure"],
        "top_temperature": s["top"],
        "base_temperature": s["base"],
    }
    moving = {
        "interior_temperature": s["interior"],
        "rayleigh_number": s["rayleigh"],
        "velocity": s["speed"],
        "topography": s["topography"],
    }
    shown |= {name: np.where(convects, v, np.nan) for name, v in moving.items()}
    melt = {name: np.full(n, np.nan) for name in ("ambient_melt_fraction", "plume_melt_fraction")} | {
        name: np.zeros(n) for name in RATES
    }
    if convects.any():
        columns = {name: v[convects] for name, v in s.items()}
        own = {name: np.broadcast_to(v, (n,))[convects] if np.ndim(v) else v for name, v in values.items()}
        for name, v in zip(
            (*RATES, "ambient_melt_fraction", "plume_melt_fraction"), _melt(code, columns, own, grid)
        ):
            melt[name][convects] = v
    return Remelting(**shown, **melt)


def _melt(code, s, values, grid):
    """Rates and melt fractions of piles that convect, (n,) each."""

    def column(v, axes=1):  # (n,) or a number -> with axes for distances and heights
        return np.asarray(v, dtype=float).reshape(-1, *[1] * axes) if np.ndim(v) else v

    height = np.append(np.linspace(0.0, 1.0, grid.heights + 1), 1.0)[
        None, :
    ]  # the last: where topography lifts it
    depth = column(s["thickness"]) * (1 - height)
    depth[:, -1] = -s["topography"]
    time = column(s["start"]) + height * column(s["transit"])
    adiabat, magnesium, gap = code.way(
        depth,
        column(s["above"]),
        column(s["top_pressure"]),
        *(column(values[name]) for name in code.way_names[3:]),
    )
    interior, heat, kappa = column(s["interior"]), column(s["heat"]), column(values["diffusivity"])

    KD, L, cp = (column(values[name]) for name in RESIDUE[2:])
    source = s["source_logit"][:, None]
    share = code.slopes(source, source, KD, L, cp)[0]
    solidus = magnesium - share * gap
    melts = (interior * adiabat - solidus).max(axis=1) > 0
    reach = code.reach(
        np.maximum(solidus / adiabat - interior, 1e-9), time, heat, kappa
    )  # squared; of the plume where the rest does not melt
    edge = np.sqrt(np.maximum(reach.max(axis=1), 0.0)) / s["width"]
    across = np.minimum(np.where(melts, WIDTHS, np.minimum(edge, WIDTHS)), 0.5 * s["thickness"] / s["width"])
    nodes, weights = _quadrature(grid.widths)
    x = np.concatenate([[0.0], 0.5 * (nodes + 1)])[None, :] * (across * s["width"])[:, None]
    excess = code.excess(x[:, :, None], time[:, None, :], heat[:, :, None], column(values["diffusivity"], 2))
    warmth = np.concatenate(
        [np.zeros_like(excess[:, :1]), excess], axis=1
    )  # first the ambient pile, then the axis
    warmth += interior[:, :, None]
    warmth *= adiabat[:, None, :]
    warmth -= magnesium[:, None, :]
    y = residue(code, warmth, gap[:, None, :], source, (KD, L, cp))
    F, iron = (np.broadcast_to(v, y.shape) for v in code.melt(y, source, KD, L, cp))
    F, iron = np.where(y < source, F, 0.0), np.where(y < source, iron, 0.0)

    def across_cell(v):
        plume = (0.5 * across * s["width"])[:, None] * weights * (v[:, 2:] - v[:, :1])
        return (
            convection.melt_flux(
                s["speed"], v[:, 0] * 0.5 * s["thickness"] + plume.sum(axis=1), s["thickness"]
            )
            * s["per_area"]
        )

    return across_cell(F), across_cell(iron), across_cell((F > 0).astype(float)), F[:, 0], F[:, 1]


def residue(code, warmth, gap, source, parameters):
    """Logit of what columns (n, s) melt down to; `source` where nothing melts, the least where nothing stays.

    warmth (n, s, z): temperature above the Mg end-member's; gap (n, 1, z): of the two end-members. The largest melt
    fraction on the way is that of the residue at which the warmest point of the way is just at its solidus.
    """
    shape, heights = warmth.shape[:2], warmth.shape[2]
    flat, rows = np.arange(shape[0] * shape[1]).reshape(shape), np.arange(shape[0])[:, None]
    warm = warmth.reshape(-1, heights)

    def value(y):
        """Temperature above the residue's solidus, of the warmest point, and its slope in y: it rises with y."""
        share, lost, share_slope, lost_slope = code.slopes(y, source, *parameters)
        at = (warmth + np.broadcast_to(share, shape)[:, :, None] * gap).argmax(axis=2)
        span = gap[rows, 0, at]
        return warm[flat, at] + share * span + lost, share_slope * span + lost_slope

    low = np.broadcast_to(source + (np.log(parameters[0]) if code.batch else -LEAST_LOGIT), shape)
    high = np.broadcast_to(source, shape)
    above, slope = value(high)
    cold, molten = above <= 0, value(low)[0] >= 0
    y = high
    for _ in range(ITERATIONS):
        step = y - above / slope
        following = np.where(
            cold,
            source,
            np.where(molten, low, np.where((step >= low) & (step <= high), step, 0.5 * (low + high))),
        )
        moved = np.abs(following - y).max()
        y = following
        if moved < ACCURACY:
            break
        above, slope = value(y)
        low, high = np.where(above > 0, low, y), np.where(above > 0, y, high)
    return y
