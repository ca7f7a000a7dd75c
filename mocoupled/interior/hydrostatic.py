"""The hydrostatic structure of a planet: a core below a mantle, from its mass and the share of its core.

The equations are dm/dr = 4 pi r^2 rho and dP/dr = -G m rho/r^2, with rho(P) of the material of each layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np
import sympy

from ..constants import GRAVITATIONAL_CONSTANT
from ..dae.solve.initial_value import Dense, integrate_rates, shoot
from ..errors import InputError
from .compression import Material

RTOL = 1e-11
# of the mass, and of the radius where it is prescribed
SMALL = 1e-12
# share of the mass in which the integration starts, by the series about the centre
_SEED = 1e-12
# of the central pressure; in a trial whose pressure falls to this, the layer ends
_SURFACE = 1e-9
# of the mass: without a core, the part below which the mass is the variable, and above which the pressure is
_INNER = 0.5
# Pa; where the search for the central pressure ends
_LOWEST, _HIGHEST = 1e3, 1e17
# the last P^(1/2) over that of the boundary, of a layer without density at the surface
_LEAST_ROOT = 1e-9
Rates = Callable[[float, float, float, float], tuple[float, float]]
Density = Callable[[float], float]


@cache
def _rates() -> tuple[Rates, Rates]:
    """Rates of (r, P) with x = m^(1/3), and of (r, m) with s = P^(1/2), of (x or s, r, the other, rho).

    The root of P makes the surface of a polytrope smooth, the cube root of m the centre.
    """
    r, m, P, rho, x, s = sympy.symbols("r m P rho x s", positive=True)
    slope_m = 4 * sympy.pi * r**2 * rho
    slope_P = -GRAVITATIONAL_CONSTANT * m * rho / r**2
    by_mass = [(rate / slope_m).subs(m, x**3) * sympy.diff(x**3, x) for rate in (sympy.S.One, slope_P)]
    by_pressure = [(rate / slope_P) * sympy.diff(s**2, s) for rate in (sympy.S.One, slope_m)]
    return (
        sympy.lambdify((x, r, P, rho), by_mass, modules="math", cse=True),
        sympy.lambdify((s, r, m, rho), by_pressure, modules="math", cse=True),
    )


@dataclass(frozen=True)
class Layers:
    """A solution: radius and pressure of mass inside, radius and mass of pressure outside.

    central_pressure [Pa]. boundary_mass [kg], boundary_radius [m], boundary_pressure [Pa]: between them.
    radius [m]; mass [kg].
    by_pressure: the parts of the outer one from the boundary on, each with s = P^(1/2) at its end and s (n,)
    -> (r, m) (2, n); none for a trial.
    """

    central_pressure: float
    boundary_mass: float
    boundary_radius: float
    boundary_pressure: float
    radius: float
    mass: float
    by_pressure: tuple[tuple[float, Dense], ...] = ()


@dataclass(frozen=True)
class HydrostaticPlanet:
    """What a structure is computed from.

    mass [kg]; core_mass_fraction: from 0 to below 1; core, mantle: materials.
    """

    mass: float
    core_mass_fraction: float
    core: Material
    mantle: Material

    def __post_init__(self) -> None:
        if not (self.mass > 0 and math.isfinite(self.mass)):
            raise InputError(f"mass = {self.mass!r}", "no planet has this mass.", "allowed: above 0 kg")
        if not 0 <= self.core_mass_fraction < 1:
            raise InputError(
                f"core_mass_fraction = {self.core_mass_fraction!r}",
                "the core is as heavy as its planet, or heavier."
                if self.core_mass_fraction >= 1
                else "no core has a negative mass.",
                "allowed: from 0 to below 1",
            )

    def outward(self, central_pressure: float, rtol: float = RTOL, dense: bool = False) -> Layers:
        """The planet of a central pressure [Pa]; of less mass than its core where the pressure ends there.

        rtol: of the integration; dense: whether the outer layer is stored.
        """
        has_core = self.core_mass_fraction > 0
        inner = self.core if has_core else self.mantle
        boundary = self.mass * (self.core_mass_fraction if has_core else _INNER)
        by_mass, _ = _rates()
        x0 = (_SEED * self.mass) ** (1 / 3)
        end = boundary ** (1 / 3)
        least = _SURFACE * central_pressure

        def inside(x: float, state: np.ndarray) -> tuple[float, float]:
            r, P = state.tolist()
            return by_mass(x, r, P, inner.density(max(P, least)))

        rho = inner.density(central_pressure)
        r0 = x0 * (3 / (4 * math.pi * rho)) ** (1 / 3)
        P0 = central_pressure - 2 / 3 * math.pi * GRAVITATIONAL_CONSTANT * rho**2 * r0**2

        def above_surface(x: float, state: np.ndarray) -> float:
            return float(state[1]) - least

        x, (r, P), _ = integrate_rates(inside, (x0, (r0, P0)), end, rtol, above_surface, dense=False)
        if x < end:
            return Layers(central_pressure, x**3, float(r), float(P), float(r), x**3)
        radius, mass, parts = self._outside(float(r), boundary, float(P), rtol, dense)
        return Layers(central_pressure, boundary, float(r), float(P), radius, mass, parts)

    def _outside(
        self, r: float, m: float, P: float, rtol: float, dense: bool
    ) -> tuple[float, float, tuple[tuple[float, Dense], ...]]:
        """Radius [m], mass [kg] and parts of the outer layer, from its base on: r [m], m [kg], P [Pa].

        Each part of its material is integrated by itself, since the density jumps between them.
        """
        _, by_pressure = _rates()
        parts = []
        s = math.sqrt(P)
        for part, top in self.mantle.outward(P):
            end = math.sqrt(top) if top > 0.0 or part.density(0.0) > 0 else s * _LEAST_ROOT
            density = part.density

            def outside(s: float, state: np.ndarray, density: Density = density) -> tuple[float, float]:
                r, m = state.tolist()
                return by_pressure(s, r, m, density(s * s))

            s, (r, m), solution = integrate_rates(outside, (s, (r, m)), end, rtol, dense=dense)
            if solution is not None:
                parts.append((s, solution))
        return float(r), float(m), tuple(parts)


@lru_cache(maxsize=128)
def solve(planet: HydrostaticPlanet) -> Layers:
    """The structure of a planet. InputError where no central pressure gives the mass."""

    def excess(z: np.ndarray, rtol: float) -> np.ndarray:
        return np.array([math.log(planet.outward(math.exp(z[0]), rtol).mass / planet.mass)])

    solution = shoot(excess, np.array([_first_pressure(planet)]), RTOL, SMALL)
    ln_pressure = _bracketed(planet) if solution is None else float(solution[0])
    return planet.outward(math.exp(ln_pressure), dense=True)


def core_of_radius(planet: HydrostaticPlanet, radius: float) -> float | None:
    """The share of the core at which a planet of this mass has a radius [m], or None where none is found.

    planet: its share of the core is the first guess.
    """

    def apart(z: np.ndarray, rtol: float) -> np.ndarray:
        made = replace(planet, core_mass_fraction=1 / (1 + math.exp(-z[1]))).outward(math.exp(z[0]), rtol)
        return np.array([math.log(made.mass / planet.mass), math.log(made.radius / radius)])

    share = planet.core_mass_fraction
    guess = np.array([_first_pressure(planet), math.log(share / (1 - share))])
    try:
        solution = shoot(apart, guess, RTOL, SMALL)
    except (InputError, OverflowError):
        return None
    return None if solution is None else float(1 / (1 + math.exp(-solution[1])))


def _first_pressure(planet: HydrostaticPlanet) -> float:
    """ln of a rough central pressure [Pa]: of a planet of one density."""
    density = planet.core.density(1e11) if planet.core_mass_fraction else planet.mantle.density(1e11)
    radius = (3 * planet.mass / (4 * math.pi * density)) ** (1 / 3)
    return math.log(3 * GRAVITATIONAL_CONSTANT * planet.mass**2 / (8 * math.pi * radius**4))


def _bracketed(planet: HydrostaticPlanet) -> float:
    """ln of the central pressure [Pa] by Brent's method. InputError where none gives the mass."""
    from scipy.optimize import brentq  # on use: it takes 0.2 s to import

    def excess(ln_pressure: float) -> float:
        return math.log(planet.outward(math.exp(ln_pressure)).mass / planet.mass)

    first = _first_pressure(planet)
    low, high = first - 0.4, first + 0.4
    while excess(low) > 0 and low > math.log(_LOWEST):
        low, high = low - 0.8, low
    while excess(high) < 0 and high < math.log(_HIGHEST):
        low, high = high, high + 0.8
    if excess(low) > 0 or excess(high) < 0:
        raise InputError(f"mass = {planet.mass:g} kg", "no central pressure gives a planet of this mass.")
    return float(brentq(excess, low, high, xtol=1e-13, rtol=1e-14))
