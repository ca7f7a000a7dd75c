"""How old the data of a species are, where they come from, and its enthalpy of formation."""

from __future__ import annotations

import math
import re

from ..constants import GAS_CONSTANT
from .free_energies import gibbs_value
from .records import Species

# K.
TEMPERATURE = 298.15
# K; data that begin above are of a liquid.
HIGHEST_START = 500.0
# As in (L 7/88), (TPIS89), (BUR 84).
_EVALUATED = re.compile(r"TM-4513 \((?:[A-Z]+ ?\d{1,2}/|TPIS|BUR ?|CODA)(\d\d)\)")
_ENTHALPY = re.compile(r"enthalpy of formation [^:]*: [^;(]*?((?:19|20)\d\d)")


def evaluation(species: Species) -> str:
    """The evaluation behind the polynomial of a shipped species, for example "L 7/88" in NASA TM-4513.

    "" if none is named.
    """
    match = re.search(r"TM-4513 \(([^)]*)\)", species.reference)
    return match[1] if match else ""


def later_source(species: Species) -> str:
    """The source of an enthalpy of formation that replaces that of the polynomial, with the replaced value.

    "" where nothing is replaced.
    """
    match = re.search(r"at 298\.15 K: (.*?) \(TM-4513 has (.*?)\)", species.reference)
    return f"{match[1]} ({match[2]} in TM-4513)" if match else ""


def year(species: Species, enthalpy: bool = False) -> int:
    """Year of the evaluation behind the polynomial of a shipped species; 0 if none is named.

    enthalpy: of its enthalpy of formation instead.
    """
    later = _ENTHALPY.search(species.reference) if enthalpy else None
    if later:
        return int(later[1])
    match = _EVALUATED.search(species.reference)
    return 1900 + int(match[1]) if match else 0


def enthalpy_of_formation(species: Species) -> float:
    """J/mol at 298.15 K, from the polynomial: H = -R T^2 d(mu0/RT)/dT.

    The zero of the data is that of the elements. NaN for a liquid, whose data begin where it melts.
    """
    if species.temperature_range[0] > HIGHEST_START:
        return math.nan
    row = species.gibbs[0][1]
    T, step = TEMPERATURE, 1e-2
    slope = (gibbs_value(row, T + step) - gibbs_value(row, T - step)) / (2 * step)
    return -GAS_CONSTANT * T**2 * slope
