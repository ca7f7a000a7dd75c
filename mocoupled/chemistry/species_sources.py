"""How old a species' data are, where they come from, and its enthalpy of formation."""

from __future__ import annotations

import re

from ..constants import GAS_CONSTANT
from .reactions import Species, gibbs_value

TEMPERATURE = 298.15  # K
_EVALUATED = re.compile(
    r"TM-4513 \((?:[A-Z]+ ?\d{1,2}/|TPIS|BUR ?|CODA)(\d\d)\)"
)  # as in (L 7/88), (TPIS89), (BUR 84)
_ENTHALPY = re.compile(r"enthalpy of formation [^:]*: [^;(]*?((?:19|20)\d\d)")


def evaluation(species: Species) -> str:
    """The evaluation behind a shipped species' polynomial as NASA TM-4513 names it, e.g. "L 7/88"; "" if none is named."""
    found = re.search(r"TM-4513 \(([^)]*)\)", species.reference)
    return found[1] if found else ""


def later_source(species: Species) -> str:
    """The source of an enthalpy of formation that replaces that of the polynomial, with the value replaced; or ""."""
    found = re.search(r"at 298\.15 K: (.*?) \(TM-4513 has (.*?)\)", species.reference)
    return f"{found[1]} ({found[2]} in TM-4513)" if found else ""


def year(species: Species, enthalpy: bool = False) -> int:
    """Year of the evaluation behind a shipped species' polynomial, or (enthalpy) of its enthalpy of formation; 0 if none is named."""
    if enthalpy and (later := _ENTHALPY.search(species.reference)):
        return int(later[1])
    found = _EVALUATED.search(species.reference)
    return 1900 + int(found[1]) if found else 0


def enthalpy_of_formation(species: Species) -> float:
    """J/mol at 298.15 K, from the polynomial: H = -R T^2 d(mu0/RT)/dT. The data's zero is that of the elements."""
    row = species.gibbs[0][1]
    T, step = TEMPERATURE, 1e-2
    slope = (gibbs_value(row, T + step) - gibbs_value(row, T - step)) / (2 * step)
    return -GAS_CONSTANT * T**2 * slope
