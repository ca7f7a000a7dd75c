"""The rheological front, where a liquid with crystals turns into a mush, and melt below one in mid-mantle."""

from __future__ import annotations

import numpy as np

# melt fraction at which the viscosity rises by many orders
from ..closures.rheology import TRANSITION as CRITICAL


def rheological_front(
    melt_fraction: np.ndarray, position: np.ndarray, bottom: float, top: float, critical: float = CRITICAL
) -> np.ndarray:
    """Position of the rheological front: the top of what has frozen from the base upwards.

    melt_fraction: (..., cells) from the surface down; position (cells,): pressure or depth of the cells.
    bottom: position of the base of the mantle, the result while the lowest cell is above the critical melt
    fraction. top: position of the surface, the result when no cell is above it.
    In between, linear between the two cells around the front.
    """
    molten = np.asarray(melt_fraction) >= critical
    position = np.asarray(position, dtype=float)
    n = molten.shape[-1]
    # the lowest molten cell, n - 1 where there is none
    deepest = n - 1 - np.argmax(molten[..., ::-1], axis=-1)
    above = np.take_along_axis(melt_fraction, deepest[..., None], -1)[..., 0]
    lower = np.minimum(deepest + 1, n - 1)
    below = np.take_along_axis(melt_fraction, lower[..., None], -1)[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (above - critical) / (above - below)
        between = position[deepest] + share * (position[lower] - position[deepest])
    return np.where(~molten.any(axis=-1), top, np.where(deepest == n - 1, bottom, between))


def melt_below(
    melt_fraction: np.ndarray, position: np.ndarray, bottom: float, critical: float = CRITICAL
) -> np.ndarray:
    """Thickness of the melt at the base below a mush that has formed in mid-mantle; 0 without such a mush.

    melt_fraction: (..., cells) from the surface down; position (cells,): depth of the cells; bottom: of the
    base. Above the mush there is melt too, so that a crust at the surface does not count.
    """
    molten = np.asarray(melt_fraction) >= critical
    position = np.asarray(position, dtype=float)
    n = molten.shape[-1]
    # the lowest cell of mush, and whether there is one with melt above and below it
    lowest = n - 1 - np.argmax(~molten[..., ::-1], axis=-1)
    between = ~molten.all(axis=-1) & (lowest < n - 1) & (np.argmax(molten, axis=-1) < lowest)
    below = np.minimum(lowest + 1, n - 1)
    mush, melt = (np.take_along_axis(melt_fraction, k[..., None], -1)[..., 0] for k in (lowest, below))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (critical - mush) / (melt - mush)
        top = position[lowest] + share * (position[below] - position[lowest])
    return np.where(between, bottom - top, 0.0)
