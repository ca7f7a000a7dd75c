"""Fractional crystallisation of a magma ocean without remelting.

Its path, the profile of its cumulates, their melts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import sympy

from ..constants import GRAVITATIONAL_CONSTANT
from . import iron_magnesium as fe_mg

ITERATIONS = 100
# of the integration with a K_D that changes
STEPS = 200
LOGIT = 700.0  # beyond, a composition is 0 or 1 in floating point
Values = float | np.ndarray


@cache
def _distillation() -> Callable[..., list[np.ndarray]]:
    """ln of the fraction left and its slope, as functions of (y, y_start, K)."""
    y, y_start, K = (sympy.Symbol(name, real=True) for name in ("y", "y_start", "K"))
    left = fe_mg.ln_remaining_logit(y, y_start, K)
    return sympy.lambdify([y, y_start, K], [left, sympy.diff(left, y)], modules="numpy", cse=True)


@cache
def _rate() -> Callable[..., np.ndarray]:
    """d(logit)/d(ln of the fraction left) as a function of (y, K): of the closed form, whatever its start."""
    y, y_start, K = (sympy.Symbol(name, real=True) for name in ("y", "y_start", "K"))
    slope = sympy.diff(fe_mg.ln_remaining_logit(y, y_start, K), y)
    return sympy.lambdify([y, K], sympy.simplify(1 / slope), modules="numpy", cse=True)


def distilled(fraction_left: Values, X_start: Values, K: Values) -> np.ndarray:
    """Fe/(Fe + Mg) of a reservoir of which a fraction is left, by Rayleigh distillation; arrays broadcast.

    What leaves has K times its Fe/Mg: K < 1 for a magma ocean that loses crystals (K = KD), K > 1 for a
    residue that loses melt (K = 1/KD). Newton on the logit of the closed form (corrected eq. B6), monotone
    as the form is convex.
    """
    fraction_left, X_start, K = np.broadcast_arrays(
        *(np.asarray(v, dtype=float) for v in (fraction_left, X_start, K))
    )
    target, start = np.log(fraction_left), np.log(X_start / (1 - X_start))
    form, y = _distillation(), start.copy()
    with np.errstate(over="ignore"):
        for _ in range(ITERATIONS):
            left, slope = form(y, start, K)
            following = np.clip(y - (left - target) / slope, -LOGIT, LOGIT)
            moved = np.abs(following - y).max(initial=0.0)
            y = following
            if moved < 1e-12 * (1 + np.abs(y).max(initial=0.0)):
                break
        return 1 / (1 + np.exp(-y))


def distilled_along(
    fraction_left: Values, X_start: Values, exchange: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """As `distilled`, with an exchange coefficient that changes on the way.

    exchange: K_D of the fraction that has left, arrays of the shape of the others, perhaps with leading axes.
    The slope of the closed form at one K_D, integrated by the rule of Runge and Kutta.
    """
    left, X_start = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (fraction_left, X_start)))
    end, rate = np.log(left), _rate()
    # ends and middles of the steps
    shares = np.linspace(0.0, 1.0, 2 * STEPS + 1).reshape(-1, *[1] * left.ndim)
    K = exchange(-np.expm1(shares * end))
    y, h = np.log(X_start / (1 - X_start)), end / STEPS

    for k in range(0, 2 * STEPS, 2):
        a = rate(y, K[k])
        b = rate(y + 0.5 * h * a, K[k + 1])
        c = rate(y + 0.5 * h * b, K[k + 1])
        y = y + h / 6 * (a + 2 * b + 2 * c + rate(y + h * c, K[k + 2]))
    return 1 / (1 + np.exp(-y))


def pile_iron(solid_fraction: Values, X_ocean: Values, X_bulk: Values) -> np.ndarray:
    """Mean Fe/(Fe + Mg) of all crystals beside an ocean, by mass balance."""
    return fe_mg.crystallised_composition(X_ocean, X_bulk, 1 - np.asarray(solid_fraction, dtype=float))


def melted(melt_fraction: Values, X_source: Values, KD: Values, batch: bool) -> np.ndarray:
    """Fe/(Fe + Mg) of all melt of a source of which a fraction above 0 has melted.

    batch: whether it melts at once, or increment by increment.
    """
    F, X, KD = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (melt_fraction, X_source, KD)))
    if not batch:
        return fe_mg.melt_iron(distilled(1 - F, X, 1 / KD), X, F) / F
    # Lever rule X = F X_l + (1 - F) M_KD(X_l): a quadratic in X_l, whose root between 0 and 1 is this one.
    a, b = F * (1 - KD), F + (1 - F) * KD + X * (1 - KD)
    root = np.sqrt(b * b - 4 * a * X)
    return 2 * X / (b + root)


@dataclass(frozen=True)
class Planet:
    """A planet whose density grows exponentially with depth.

    radius [m], mass [kg]; density surface_density * exp(compressibility * depth) [kg/m3, 1/m].
    """

    radius: float
    mass: float
    surface_density: float
    compressibility: float


def hydrostatic(depth: np.ndarray, mantle_thickness: float, planet: Planet) -> tuple[np.ndarray, np.ndarray]:
    """Pressure [Pa] at depths [m], and mass fraction of the mantle below each.

    Gravity is that of the mass inside.

    depth: increasing, from 0 to mantle_thickness [m].
    """
    z = np.linspace(0.0, mantle_thickness, 4001)
    rho = planet.surface_density * np.exp(planet.compressibility * z)
    shell = 4 * np.pi * (planet.radius - z) ** 2 * rho
    above = np.concatenate([[0.0], np.cumsum(0.5 * (shell[1:] + shell[:-1]) * np.diff(z))])
    weight = rho * GRAVITATIONAL_CONSTANT * (planet.mass - above) / (planet.radius - z) ** 2
    pressure = np.concatenate([[0.0], np.cumsum(0.5 * (weight[1:] + weight[:-1]) * np.diff(z))])
    return np.interp(depth, z, pressure), 1 - np.interp(depth, z, above) / above[-1]


# Mars for the overturn: mass of Konopliv et al. 2016, radius of Seidelmann et al. 2007.
# The density gives 20.3 GPa at a core of 1675 km, and 18.5 GPa at a core of 1830 km.
MARS = Planet(radius=3389.5e3, mass=6.417e23, surface_density=3420.0, compressibility=9e-8)


def overturned_cumulates(
    bulk_magnesium: Values = 0.75,
    exchange_coefficient: Values = 0.3,
    core_radius: Values = 1675e3,
    pressure: Values = 13e9,
    melt_fraction: Values = 0.6,
) -> dict[str, np.ndarray]:
    """Mg/(Fe + Mg), molar, of the deepest cumulates of a Martian magma ocean and of their melts.

    The melts form after an overturn.

    bulk_magnesium: Mg/(Fe + Mg) of the mantle; core_radius [m].
    pressure [Pa]: the cumulates from there to the core turn over; melt_fraction: their fraction that melts.
    Arrays broadcast. Keys: `base` (first cumulates), `at_pressure` (those of that pressure), `mean` (all
    deeper ones);
    `batch_melt` of the mean and `batch_melt_of_layer` of those at_pressure;
    `fractional_melt`, all increments of the mean together; `mass_fraction` of the mantle that is deeper, 1.
    Fractional crystallisation from the core upwards, mass fractions taken for molar ones.
    """
    arguments = (1 - np.asarray(bulk_magnesium), exchange_coefficient, core_radius, pressure, melt_fraction)
    X, KD, core, P, F = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in arguments))
    deeper = np.empty(X.shape)
    for k in np.ndindex(X.shape):
        thickness = MARS.radius - float(core[k])
        depth = np.linspace(0.0, thickness, 2001)
        pressures, below = hydrostatic(depth, thickness, MARS)
        deeper[k] = np.interp(P[k], pressures, below, right=0.0)
    ocean = distilled(1 - deeper, X, KD)
    layer, mean = fe_mg.exchange(ocean, KD), pile_iron(deeper, ocean, X)
    iron = {
        "base": fe_mg.exchange(X, KD),
        "at_pressure": layer,
        "mean": mean,
        "batch_melt": melted(F, mean, KD, True),
        "batch_melt_of_layer": melted(F, layer, KD, True),
        "fractional_melt": melted(F, mean, KD, False),
    }
    return {name: 1 - values for name, values in iron.items()} | {"mass_fraction": deeper}
