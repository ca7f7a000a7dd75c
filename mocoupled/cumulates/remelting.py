"""Melt that a convecting pile of cumulates gives back to the magma ocean: the closures on arrays of states.

A column of rock rises at a distance from the axis of a plume and melts to a residue: the largest melt
fraction along its way counts. Because the melting temperature is linear in the share of the lens, the
residue of a column follows from the warmest point of the way for each share, so that one unknown a column is
solved for, without marching upwards.
Distances from the axis are counted in widths of the plume: of the cell it is a thousandth or less, and a
grid in units of the cell gives wrong numbers that look right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ..closures import solid_convection as convection
from .local_exchange import Values, with_exchange
from .remelting_equations import COMPRESSIBILITY, RESIDUE, Compiled, compiled

# of the plume: beyond, its excess is below 2e-9 of that on the axis
WIDTHS = 4.5
# below the source: what is left of a parcel is then below 1e-8
LEAST_LOGIT = 45.0
ITERATIONS = 60
# of the logit of a residue
ACCURACY = 1e-10
# of Remelting, in this order in tables too
RATES = ("rate", "iron_rate")
# melt fraction above which the ambient pile is no pile
MOLTEN = 1 - 1e-7


@dataclass(frozen=True)
class Grid:
    """widths: quadrature points across the plume; heights: intervals along the way up."""

    widths: int = 10
    heights: int = 32


@dataclass(frozen=True)
class Remelting:
    """States (n,) of the pile, SI.

    rate [1/s]: melt returned, as a share of the whole mantle.
    iron_rate [1/s]: the same times its Fe/(Fe + Mg).
    ambient_melt_fraction, plume_melt_fraction (on the axis): of a parcel that has come to the top.

    Where nothing convects, rate is 0 and what belongs to convection is NaN. Where the ambient pile melts
    wholly on its way (ambient_melt_fraction above MOLTEN), all that comes up is returned: it is computed,
    but hardly a pile.
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
    ambient_melt_fraction: np.ndarray
    plume_melt_fraction: np.ndarray


@lru_cache(maxsize=16)
def _quadrature(points: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of Gauss and Legendre."""
    return np.polynomial.legendre.leggauss(points)


def remelt(
    solid_fraction: np.ndarray,
    ocean_iron: np.ndarray,
    pile_iron: np.ndarray,
    values: Values,
    readings: Mapping[str, str],
    grid: Grid | None = None,
) -> Remelting:
    """Remelting of piles of cumulates; arrays (n,), values (SI) numbers or arrays (n,).

    With COMPRESSIBILITY among the values the pressure is that of a mantle which compresses itself, as in a
    run; else it is rho g z.
    """
    f, X, X_pile = np.broadcast_arrays(solid_fraction, ocean_iron, pile_iron)
    with np.errstate(all="ignore"):
        return _remelt(f, X, X_pile, values, readings, grid or Grid())


def _remelt(
    f: np.ndarray,
    X: np.ndarray,
    X_pile: np.ndarray,
    values: Values,
    readings: Mapping[str, str],
    grid: Grid,
) -> Remelting:
    code = compiled(readings, COMPRESSIBILITY in values)
    n, values = f.size, with_exchange(f, values, readings)
    computed = code.state(f, X, X_pile, *(values[name] for name in code.parameters))
    s = {name: np.broadcast_to(np.asarray(v, dtype=float), (n,)) for name, v in zip(code.names, computed)}
    convects = (s["drop"] > 0) & np.isfinite(s["source_logit"])
    quantities = {
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
    quantities |= {name: np.where(convects, v, np.nan) for name, v in moving.items()}
    melt = {name: np.full(n, np.nan) for name in ("ambient_melt_fraction", "plume_melt_fraction")} | {
        name: np.zeros(n) for name in RATES
    }
    if convects.any():
        columns = {name: v[convects] for name, v in s.items()}
        chosen: Values = {
            name: np.broadcast_to(v, (n,))[convects] if np.ndim(v) else v for name, v in values.items()
        }
        melts = _melt(code, columns, chosen, grid)
        for name, v in zip((*RATES, "ambient_melt_fraction", "plume_melt_fraction"), melts):
            melt[name][convects] = v
    return Remelting(**quantities, **melt)


def _column(v: float | np.ndarray, axes: int = 1) -> Any:  # a number stays a number
    """A number, or an array (n,) with more axes for distances and heights."""
    return np.asarray(v, dtype=float).reshape(-1, *[1] * axes) if np.ndim(v) else v


def _melt(
    code: Compiled, s: Mapping[str, np.ndarray], values: Values, grid: Grid
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rates and melt fractions of piles that convect, (n,) each."""
    column = _column
    # the last height: to where topography lifts the top
    height = np.append(np.linspace(0.0, 1.0, grid.heights + 1), 1.0)[None, :]
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
    # squared; of the plume where the rest does not melt
    reach = code.reach(np.maximum(solidus / adiabat - interior, 1e-9), time, heat, kappa)
    edge = np.sqrt(np.maximum(reach.max(axis=1), 0.0)) / s["width"]
    across = np.minimum(np.where(melts, WIDTHS, np.minimum(edge, WIDTHS)), 0.5 * s["thickness"] / s["width"])
    nodes, weights = _quadrature(grid.widths)
    x = np.concatenate([[0.0], 0.5 * (nodes + 1)])[None, :] * (across * s["width"])[:, None]
    excess = code.excess(x[:, :, None], time[:, None, :], heat[:, :, None], column(values["diffusivity"], 2))
    # first the ambient pile, then the axis
    warmth = np.concatenate([np.zeros_like(excess[:, :1]), excess], axis=1)
    warmth += interior[:, :, None]
    warmth *= adiabat[:, None, :]
    warmth -= magnesium[:, None, :]
    y = residue(code, warmth, gap[:, None, :], source, (KD, L, cp))
    F, iron = (np.broadcast_to(v, y.shape) for v in code.melt(y, source, KD, L, cp))
    F, iron = np.where(y < source, F, 0.0), np.where(y < source, iron, 0.0)

    def across_cell(v: np.ndarray) -> np.ndarray:
        """The flux of a quantity over the whole cell, as a share of the mantle [1/s]."""
        plume = (0.5 * across * s["width"])[:, None] * weights * (v[:, 2:] - v[:, :1])
        return (
            convection.melt_flux(
                s["speed"], v[:, 0] * 0.5 * s["thickness"] + plume.sum(axis=1), s["thickness"]
            )
            * s["per_area"]
        )

    return across_cell(F), across_cell(iron), F[:, 0], F[:, 1]


def residue(
    code: Compiled,
    warmth: np.ndarray,
    gap: np.ndarray,
    source: np.ndarray,
    parameters: Sequence[Any],  # exchange coefficient, latent heat, heat capacity: numbers or arrays (n, 1)
) -> np.ndarray:
    """Logit of what columns (n, s) melt down to; `source` where nothing melts, the least where nothing stays.

    warmth (n, s, z): temperature above that of the Mg end-member; gap (n, 1, z): of the two end-members.
    The largest melt fraction on the way is that of the residue at which the warmest point of the way is just
    at its solidus.
    """
    shape, heights = warmth.shape[:2], warmth.shape[2]
    flat, rows = np.arange(shape[0] * shape[1]).reshape(shape), np.arange(shape[0])[:, None]
    warm = warmth.reshape(-1, heights)

    def value(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Temperature of the warmest point above the solidus of the residue, and its slope in y.

        It rises with y.
        """
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
