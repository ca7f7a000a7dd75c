"""Radii in a mantle, checked."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError


def inside(r: ArrayLike, low: float, high: float) -> np.ndarray:
    """r [m] as an array, refused outside low..high [m]; NaN is outside."""
    r = np.asarray(r, dtype=float)
    slack = 1e-12 * high  # rounding of a mesh built elsewhere
    if not ((r >= low - slack) & (r <= high + slack)).all():
        raise InputError(
            "radius in the mantle",
            f"{r.min():g} to {r.max():g} m leaves the mantle.",
            f"allowed: {low:g} to {high:g} m",
        )
    return r
