"""Where a mantle begins to crystallise, the coldest one molten at all depths, and how hot a melt can be."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..closures.law_types import NumericLaw
from ..errors import InputError
from ..stored_tables import key_of, table
from .silicate_eos import COMPUTED_TO, Phase

# what a case states as its initial surface temperature
MOLTEN = "molten"
# K; added to the lowest temperature at which all depths are molten
MARGIN = 20.0
# K and K/Pa: the equation of state has no dense melt above 3877 K at P = 0, nor above 790 K more per GPa
HOTTEST_MELT, HOTTEST_SLOPE = 3860.0, 700.0e-9
# pressures at which the liquidus is compared with the isentrope
_COMPARED = 2001
# J/kg/K; a liquidus whose entropy at the base is this close to its highest crystallises from the base
ALIKE = 0.1
_GPA = 1.0e9


def hottest_melt(P: ArrayLike) -> np.ndarray:
    """The highest temperature [K] at which a melt is computed at P [Pa], number or array."""
    return np.minimum(HOTTEST_MELT + HOTTEST_SLOPE * np.asarray(P, dtype=float), COMPUTED_TO["T"])


def first_crystals(base: float, melt: Phase, liquidus: NumericLaw) -> tuple[float, float]:
    """Pressure [Pa] at which a cooling melt reaches its liquidus first, and its entropy there [J/kg/K].

    base [Pa]: pressure of the deepest mantle. On an isentrope this is where the liquidus has its highest
    entropy: the base, or mid-mantle where the liquidus is flatter than the isentropes below.
    """
    P = np.linspace(0.0, base, _COMPARED)
    entropy = melt.state(P, liquidus(P=P)).entropy
    at = int(np.argmax(entropy))
    if entropy[at] - entropy[-1] < ALIKE:
        at = P.size - 1
    return float(P[at]), float(entropy.max())


def molten_surface(base: float, melt: Phase, liquidus: NumericLaw, where: str = "") -> float:
    """Surface temperature [K] whose isentrope is MARGIN above one that meets the liquidus, at one depth.

    base [Pa]: pressure of the deepest mantle. The isentrope of the melt is that of T(P = 0).
    InputError at `where` for a mantle that is molten only on isentropes without a dense melt at P = 0.
    """
    at, entropy = first_crystals(base, melt, liquidus)
    surface = _surface_of(entropy, melt, float(liquidus(P=0.0)))
    if surface is None:
        raise InputError(
            f"{where} initial_surface_temperature = {MOLTEN!r}".strip(),
            f"no surface temperature melts this mantle down to {base / _GPA:.0f} GPa: at {at / _GPA:.0f} GPa "
            f"the liquidus {liquidus.name} is above the hottest isentrope of {melt.name}, which has no "
            f"dense melt above {HOTTEST_MELT:g} K at the surface.",
            f"allowed: a temperature up to {HOTTEST_MELT:g} K, with crystals in the deep mantle at the start",
            f"set run.initial_surface_temperature = '{HOTTEST_MELT:g} K', or another mantle.liquidus",
        )
    return surface + MARGIN


def _surface_of(entropy: float, melt: Phase, first: float) -> float | None:
    """Temperature [K] at P = 0 of a melt of this entropy [J/kg/K]; None above MARGIN below the hottest melt.

    first [K]: where the search starts. The result is stored between processes: for this number alone a
    process would have to derive the properties of the melt from its free energy.
    """

    def compute() -> np.ndarray:
        if entropy > float(melt.state(0.0, HOTTEST_MELT - MARGIN).entropy):
            return np.array(np.nan)
        return melt.temperature(0.0, entropy, first, HOTTEST_MELT)

    if melt.text is None:
        surface = float(compute())
    else:
        surface = float(table(key_of("surface of a melt", melt.text, np.array([entropy, first])), compute))
    return None if np.isnan(surface) else surface
