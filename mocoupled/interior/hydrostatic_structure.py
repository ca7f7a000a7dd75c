"""The mantle of a planet in hydrostatic balance: density, pressure, gravity and mass by radius."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import CubicHermiteSpline, PPoly

from ..constants import GRAVITATIONAL_CONSTANT
from ..errors import InputError
from .hydrostatic import HydrostaticPlanet, Layers, solve
from .radius_range import inside

# of the table in radius
NODES = 2001


class _Table(NamedTuple):
    """Functions of the radius [m]: pressure [Pa], mass below [kg], and the integral of that mass [kg m]."""

    pressure: PPoly
    mass: PPoly
    integral: PPoly


@dataclass(frozen=True)
class HydrostaticStructure:
    """The mantle of a planet whose layers are in hydrostatic balance, under the gravity of its masses.

    planet: mass, share of the core (above 0), and the materials. It has the properties of `AdamsWilliamson`.
    """

    planet: HydrostaticPlanet

    @cached_property
    def _layers(self) -> Layers:
        return solve(self.planet)

    @property
    def radius(self) -> float:
        """Of the surface [m]."""
        return self._layers.radius

    @property
    def core_radius(self) -> float:
        """Of the core-mantle boundary [m]."""
        return self._layers.boundary_radius

    @property
    def core_mass(self) -> float:
        """Mass of the core [kg]."""
        return self._layers.boundary_mass

    @property
    def gravity(self) -> float:
        """At the surface [m/s2]."""
        return GRAVITATIONAL_CONSTANT * self.planet.mass / self.radius**2

    @property
    def surface_density(self) -> float:
        """Density of the mantle at the surface [kg/m3]."""
        return self.planet.mantle.density(0.0)

    @cached_property
    def compressibility(self) -> float:
        """Mean growth of the density with depth [1/m]: ln of the ratio of base to surface, over the depth."""
        base = self.planet.mantle.density(self.core_mantle_pressure)
        return math.log(base / self.surface_density) / (self.radius - self.core_radius)

    @property
    def mantle_mass(self) -> float:
        """Mass [kg] between core and surface."""
        return self.planet.mass - self.core_mass

    @property
    def core_mantle_pressure(self) -> float:
        """Pressure [Pa] at the core."""
        return self._layers.boundary_pressure

    @property
    def central_pressure(self) -> float:
        """Pressure [Pa] at the centre."""
        return self._layers.central_pressure

    def density(self, r: ArrayLike) -> np.ndarray:
        """Density [kg/m3] at radius r [m], number or array; InputError outside the mantle."""
        return self.planet.mantle.densities(self.pressure(r))

    def pressure(self, r: ArrayLike) -> np.ndarray:
        """Pressure [Pa] of the mantle at radius r [m], number or array, without that of the atmosphere."""
        return np.maximum(self._table.pressure(self._inside(r)), 0.0)

    def gravity_at(self, r: ArrayLike) -> np.ndarray:
        """Gravity [m/s2] at radius r [m], number or array."""
        r = self._inside(r)
        return GRAVITATIONAL_CONSTANT * self._table.mass(r) / r**2

    def mass_between(self, r1: ArrayLike, r2: ArrayLike) -> np.ndarray:
        """Mass [kg] between the radii r1 and r2 [m], numbers or arrays; negative where r1 > r2."""
        return self._table.mass(self._inside(r2)) - self._table.mass(self._inside(r1))

    def shells(self, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Quadrature in depth: integral of f dm = sum(masses f(radii)), second order in 1/n.

        n shells of equal thickness, outermost first. Returns radii [m], the mean radius of each shell by
        mass, pressures [Pa] there, and masses [kg]; each an array of n.
        """
        if n < 1:
            raise InputError(
                f"shells = {n!r}", "a quadrature needs at least one shell.", "allowed: 1 or above"
            )
        bounds = np.linspace(self.radius, self.core_radius, n + 1)
        below, integral = self._table.mass(bounds), self._table.integral(bounds)
        masses = below[:-1] - below[1:]
        moments = bounds[:-1] * below[:-1] - bounds[1:] * below[1:] - (integral[:-1] - integral[1:])
        radii = np.clip(moments / masses, bounds[1:], bounds[:-1])
        return radii, self.pressure(radii), masses

    @cached_property
    def _table(self) -> _Table:
        """Cubics through the solution, with the slopes that the equations give."""
        layers, planet = self._layers, self.planet
        s = np.linspace(math.sqrt(layers.boundary_pressure), 0.0, NODES)
        r, m = _read(layers, s)
        P = s**2
        r[0], r[-1] = layers.boundary_radius, layers.radius
        rho = planet.mantle.densities(P)
        pressure = CubicHermiteSpline(r, P, -GRAVITATIONAL_CONSTANT * m * rho / r**2)
        mass = CubicHermiteSpline(r, m, 4 * np.pi * r**2 * rho)
        return _Table(pressure, mass, mass.antiderivative())

    def _inside(self, r: ArrayLike) -> np.ndarray:
        return inside(r, self.core_radius, self.radius)


def _read(layers: Layers, s: np.ndarray) -> np.ndarray:
    """Radius [m] and mass [kg] (2, n) of the outer layer at s = P^(1/2) (n,), which falls."""
    state = np.empty((2, s.size))
    start = np.inf
    for end, solution in layers.by_pressure:
        within = (s <= start) & (s >= end)
        state[:, within] = solution(s[within])
        start = end
    return state
