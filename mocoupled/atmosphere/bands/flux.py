"""The flux at the top of a column of given optical depths, and its adjoint."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .data_file import QUANTILES
from .opacity import Depths

DIFFUSIVITY = 1.66  # slant of the mean ray (Elsasser 1942)


@dataclass(frozen=True, eq=False)
class Flux:
    """The outgoing flux of one column by band [W/m2], and what its adjoint needs, (level, band).

    transmission: from each level to space, (level, quantile, band). sources: emission of the levels [W/m2]
    seen through the scattering gas above them. veil: 1 + half the slant optical depth of this gas.
    between: source of the layers between levels. above: emission of the layer above the last level.
    """

    bands: np.ndarray
    transmission: np.ndarray
    mean: np.ndarray
    sources: np.ndarray
    veil: np.ndarray
    between: np.ndarray
    above: np.ndarray

    @property
    def total(self) -> float:
        """Outgoing flux of all bands [W/m2]."""
        return float(self.bands.sum())


@lru_cache(maxsize=64)
def sums_above(layers: int) -> np.ndarray:
    """The matrix that adds up, for each layer, this layer and those above it."""
    return np.triu(np.ones((layers, layers)))


@lru_cache(maxsize=8)
def mean_of_quantiles(bands: int) -> np.ndarray:
    """The matrix that takes the mean over the quantiles, (quantile * band, band)."""
    return np.tile(np.eye(bands), (QUANTILES, 1)) / QUANTILES


def outgoing(emission: np.ndarray, above: np.ndarray, depths: Depths, factor: float) -> Flux:
    """The flux of one column over a black surface.

    emission: of the levels [W/m2], (level, band). above: of the isothermal layer on top, (band,).
    factor: on all optical depths of absorption, not on those of scattering.
    """
    layers, bands_count = depths.scattering.shape
    above_each = sums_above(layers)
    absorbed = above_each @ depths.absorption.reshape(layers, -1)
    absorbed *= -DIFFUSIVITY * factor
    transmission = np.exp(absorbed, out=absorbed)
    mean = transmission @ mean_of_quantiles(bands_count)
    veil = 1.0 + (0.5 * DIFFUSIVITY) * (above_each @ depths.scattering)
    sources = emission / veil
    between = np.sqrt(sources[1:] * sources[:-1])
    bands = sources[0] * mean[0] + above * (1.0 - mean[-1])
    bands = bands + (between * (mean[1:] - mean[:-1])).sum(axis=0)
    transmission = transmission.reshape(layers, QUANTILES, bands_count)
    return Flux(bands, transmission, mean, sources, veil, between, above)


def adjoint(flux: Flux, factor: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Derivatives of the total flux by the emission of the levels, by absorption and by scattering.

    Written by hand; a test compares it with a complex step through `outgoing`.
    """
    weights = np.empty_like(flux.sources)
    weights[0] = flux.sources[0]
    weights[1:] = flux.between
    weights[:-1] -= flux.between
    weights[-1] -= flux.above
    layers, quantiles, _ = flux.transmission.shape
    below_each = sums_above(layers).T
    weighted = (weights[:, None] * flux.transmission).reshape(layers, -1)
    by_absorption = (-DIFFUSIVITY * factor / quantiles) * (below_each @ weighted)
    by_absorption = by_absorption.reshape(flux.transmission.shape)
    half = 0.5 * flux.between * (flux.mean[1:] - flux.mean[:-1])
    by_ln_source = np.zeros_like(flux.sources)
    by_ln_source[0] = flux.sources[0] * flux.mean[0]
    by_ln_source[:-1] += half
    by_ln_source[1:] += half
    by_emission = by_ln_source / (flux.sources * flux.veil)
    by_scattering = below_each @ (by_ln_source * (-0.5 * DIFFUSIVITY) / flux.veil)
    return by_emission, by_absorption, by_scattering
