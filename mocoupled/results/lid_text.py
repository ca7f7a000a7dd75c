"""When the lid of a stored run closed, and what that means in a sentence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..constants import YEAR

if TYPE_CHECKING:
    import xarray

# attribute of a result whose lid closed
LID = "lid"
EVENT = "surface lid"


def lid_sentence(time: float, temperature: float) -> str:
    """The attribute. time [s] and surface temperature [K] at which the lid closed."""
    return (
        f"The lid closed at {time / YEAR:.5g} yr and {temperature:g} K: from then on the mantle keeps what is"
        " dissolved in it, and the gas is a closed system in chemical equilibrium at the surface temperature."
    )


def lid_closed(result: xarray.Dataset) -> float | None:
    """The time at which the lid closed [yr]; None for a run without such a lid."""
    if LID not in result.attrs:
        return None
    return float(json.loads(result.attrs["passed"])[EVENT]) / YEAR


def lid_left_open(result: xarray.Dataset) -> float | None:
    """The time [yr] at which a surface lid formed in a run that goes on without one; None where none did."""
    if LID in result.attrs:
        return None
    passed = json.loads(result.attrs.get("passed", "{}"))
    return float(passed[EVENT]) / YEAR if EVENT in passed else None
