"""Black-body emission of each spectral band as a smooth function of temperature, with its derivative."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ...constants import BOLTZMANN_CONSTANT, LIGHT_SPEED, PLANCK_CONSTANT

# of the table: lowest and highest temperature [K], points even in ln T, terms of the series
LOWEST, HIGHEST, POINTS, TERMS = 100.0, 6000.0, 600, 150
LN_LOWEST = math.log(LOWEST)
STEP = math.log(HIGHEST / LOWEST) / (POINTS - 1)  # of the table in ln T


@dataclass(frozen=True, eq=False)
class BandEmission:
    """Emission into a half space [W/m2] of every band: cubics in ln T between the points of a table.

    cubics: coefficients of the position within an interval, (interval, power, band).
    The largest error within an interval is 1e-6 of the emission of all bands.
    """

    cubics: np.ndarray

    def __call__(self, ln_T: np.ndarray) -> np.ndarray:
        """Emission [W/m2] at ln(T/K), (temperature, band); T is between 100 and 6000 K."""
        cubics, u = self._cubics(ln_T)
        powers = np.empty((len(u), 1, 4))
        powers[:, 0, 0], powers[:, 0, 1] = 1.0, u
        powers[:, 0, 2] = u * u
        powers[:, 0, 3] = powers[:, 0, 2] * u
        return (powers @ cubics)[:, 0]

    def slope(self, ln_T: np.ndarray) -> np.ndarray:
        """Derivative of the emission with respect to ln T [W/m2], (temperature, band)."""
        cubics, u = self._cubics(ln_T)
        powers = np.zeros((len(u), 1, 4))
        powers[:, 0, 1], powers[:, 0, 2] = 1.0, 2.0 * u
        powers[:, 0, 3] = 3.0 * u * u
        return (powers @ cubics)[:, 0] / STEP

    def brightness(self, emission: np.ndarray) -> np.ndarray:
        """Temperature [K] at which a black body emits this [W/m2] in each band, (band,); NaN for nothing.

        Between 100 and 6000 K; the ends for what lies beyond.
        """
        grid = LN_LOWEST + STEP * np.arange(POINTS)
        points = self(grid)
        with np.errstate(divide="ignore"):
            wanted, stored = np.log(emission), np.log(points)
        ln_T = np.array([np.interp(w, column, grid) for w, column in zip(wanted, stored.T)])
        for _ in range(2):  # Newton's method on ln of the emission
            value, slope = np.diagonal(self(ln_T)), np.diagonal(self.slope(ln_T))
            ln_T = ln_T - np.where(emission > 0.0, (np.log(value) - wanted) * value / slope, 0.0)
            ln_T = np.clip(ln_T, grid[0], grid[-1])
        return np.where(emission > 0.0, np.exp(ln_T), np.nan)

    def _cubics(self, ln_T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The cubics of each temperature, and its position within its interval."""
        place = (ln_T - LN_LOWEST) / STEP
        interval = np.minimum(place.astype(int), POINTS - 2)
        return self.cubics.take(interval, axis=0), place - interval


@lru_cache(maxsize=4)
def band_emission(edges: tuple[float, ...]) -> BandEmission:
    """The emission of the bands between these wavelengths [m], ascending."""
    T = np.exp(np.linspace(np.log(LOWEST), np.log(HIGHEST), POINTS))
    below, slope_below = np.array([_up_to(edge, T) for edge in edges]).swapaxes(0, 1)
    value, slope = np.diff(below, axis=0).T, np.diff(slope_below, axis=0).T * STEP
    first, last, left, right = value[:-1], value[1:], slope[:-1], slope[1:]
    rise = last - first
    cubics = np.stack([first, left, 3.0 * rise - 2.0 * left - right, left + right - 2.0 * rise], axis=1)
    return BandEmission(np.ascontiguousarray(cubics))


def _up_to(wavelength: float, T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Emission [W/m2] at wavelengths below this one [m], and its derivative with respect to ln T.

    The integral of Planck's law as a series in exp(-h nu/kT), term by term.
    """
    u = PLANCK_CONSTANT * LIGHT_SPEED / (wavelength * BOLTZMANN_CONSTANT * T)
    n = np.arange(1.0, TERMS + 1.0)[:, None]
    damped = np.exp(-n * u)
    integral = (damped * (u**3 / n + 3.0 * u**2 / n**2 + 6.0 * u / n**3 + 6.0 / n**4)).sum(axis=0)
    size = 2.0 * np.pi * (BOLTZMANN_CONSTANT * T) ** 4 / (PLANCK_CONSTANT**3 * LIGHT_SPEED**2)
    # d integral/d ln T = u^4/(exp(u) - 1): the integrand at its lower end, which falls with T
    return size * integral, size * (4.0 * integral + u**4 * damped.sum(axis=0))
