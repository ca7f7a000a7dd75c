"""Static structure of a mantle in self-compression.

Density, pressure and mass by the Adams-Williamson law.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from .radius_range import inside

_NODES, _WEIGHTS = (np.polynomial.legendre.leggauss(24) + np.array([[1.0], [0.0]])) / 2  # on 0 to 1


def _moment(k: int, x: np.ndarray) -> np.ndarray:
    """Integral of s^k exp(-x s) over 0 <= s <= 1 by Gauss-Legendre.

    Exact to rounding for x up to 3, and no 0/0 at 0.
    """
    return np.tensordot(_WEIGHTS, _NODES**k * np.exp(-np.multiply.outer(x, _NODES)), axes=(0, -1))


def _exprel(x: np.ndarray) -> np.ndarray:
    """(exp(x) - 1)/x, which is 1 at 0."""
    return np.where(x == 0.0, 1.0, np.expm1(x) / np.where(x == 0.0, 1.0, x))


@dataclass(frozen=True)
class AdamsWilliamson:
    """Mantle whose density grows with depth as exp(b depth), under constant gravity.

    surface_density [kg/m3]; compressibility b [1/m], 0 for a uniform mantle; radius, core_radius [m];
    gravity [m/s2].
    Adams & Williamson 1923; for the Earth fitted to the lower mantle of PREM (Bower et al. 2018, 2022):
    4078.95095544 kg/m3 and 1.1115348931e-7 1/m with 6.371e6 m, 3.50405e6 m and 10 m/s2.
    """

    surface_density: float
    compressibility: float
    radius: float
    core_radius: float
    gravity: float

    def __post_init__(self) -> None:
        limits = {
            "surface_density": (self.surface_density > 0, "above 0 kg/m3"),
            "compressibility": (self.compressibility >= 0, "0 or above (1/m)"),
            "radius": (self.radius > 0, "above 0 m"),
            "core_radius": (0 <= self.core_radius < self.radius, "from 0 to below the radius (m)"),
            "gravity": (self.gravity > 0, "above 0 m/s2"),
        }
        for name, (holds, allowed) in limits.items():
            value = getattr(self, name)
            if not (holds and math.isfinite(value)):
                raise InputError(
                    f"{name} = {value!r}", "no planet of this kind can be computed.", f"allowed: {allowed}"
                )

    def density(self, r: ArrayLike) -> np.ndarray:
        """Density [kg/m3] at radius r [m], number or array; InputError outside the mantle."""
        return self.surface_density * np.exp(self.compressibility * self._depth(r))

    def pressure(self, r: ArrayLike) -> np.ndarray:
        """Pressure [Pa] of the mantle at radius r [m], number or array; dP/dr = -g density.

        The pressure of the atmosphere is not in it.
        """
        depth = self._depth(r)
        return self.surface_density * self.gravity * depth * _exprel(self.compressibility * depth)

    def gravity_at(self, r: ArrayLike) -> np.ndarray:
        """Gravity [m/s2] at radius r [m], number or array: the same everywhere."""
        return np.full(self._inside(r).shape, self.gravity)

    def mass_between(self, r1: ArrayLike, r2: ArrayLike) -> np.ndarray:
        """Mass [kg] between the radii r1 and r2 [m], numbers or arrays; negative where r1 > r2."""
        low, high = np.minimum(r1, r2), np.maximum(r1, r2)
        return np.where(np.asarray(r1) > r2, -1.0, 1.0) * self._moments(low, high)[0]

    @property
    def mantle_mass(self) -> float:
        """Mass [kg] between core and surface."""
        return float(self.mass_between(self.core_radius, self.radius))

    @property
    def core_mantle_pressure(self) -> float:
        """Pressure [Pa] at the core."""
        return float(self.pressure(self.core_radius))

    def shells(self, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Quadrature in depth: integral of f dm = sum(masses f(radii)), second order in 1/n.

        n shells of equal thickness, outermost first. Returns radii [m], the mean radius of each shell by mass
        (so that f linear in r is exact), pressures [Pa] there, and masses [kg], exact; each an array of n.
        """
        if n < 1:
            raise InputError(
                f"shells = {n!r}", "a quadrature needs at least one shell.", "allowed: 1 or above"
            )
        bounds = np.linspace(self.radius, self.core_radius, n + 1)
        masses, first = self._moments(bounds[1:], bounds[:-1])
        radii = first / masses
        return radii, self.pressure(radii), masses

    def _moments(self, low: ArrayLike, high: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Integrals of dm and r dm from radius low up to high [m]."""
        low, high = self._inside(low), self._inside(high)
        thickness = high - low
        x = self.compressibility * thickness
        m = [_moment(k, x) for k in range(4)]
        scale = 4.0 * np.pi * self.density(low) * thickness
        # r = low + thickness s, so r^2 and r^3 are binomials in s
        mass = low**2 * m[0] + 2.0 * low * thickness * m[1] + thickness**2 * m[2]
        first = (
            low**3 * m[0]
            + 3.0 * low**2 * thickness * m[1]
            + 3.0 * low * thickness**2 * m[2]
            + thickness**3 * m[3]
        )
        return scale * mass, scale * first

    def _depth(self, r: ArrayLike) -> np.ndarray:
        return self.radius - self._inside(r)

    def _inside(self, r: ArrayLike) -> np.ndarray:
        return inside(r, self.core_radius, self.radius)
