"""The pressure for which the data of a species are, where its entry does not say so: one rule.

In this order:
1. the `reference-pressure` of the entry,
2. that at the head of the file in which the entry stands,
3. that of the phase or of the file that includes it,
4. 1 bar for a file whose description names one of the NASA reports in `REPORTS`
   (Cantera's nasa_gas.yaml, nasa_condensed.yaml, graphite.yaml, airNASA9.yaml),
5. 1 atm, as Cantera reads it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from ..constants import ATMOSPHERE, BAR
from .entry_numbers import ThermoEntry, units_of
from .mechanism_file import MechanismFile
from .phase_entries import SpeciesEntry
from .records import RawTable

KEY = "reference-pressure"
# Words of a file's description -> the report, whose data are for 1 bar.
REPORTS = {
    r"TM-?\s?4513": "McBride, Gordon & Reno 1993, NASA TM-4513",
    r"TP-?\s?2002-211556": "McBride, Zehe & Gordon 2002, NASA TP 211556",
}


class DataWarning(UserWarning):
    """A peculiarity of a file of species' data that its user should know; the data are used."""


@dataclass(frozen=True)
class AssumedPressure:
    """The pressure [Pa] that is assumed for data which state none.

    reason: why, in words. short: the same for a list of references.
    """

    pressure: float
    reason: str
    short: str

    @property
    def text(self) -> str:
        """The assumption in the words of a warning."""
        return f"{'1 bar' if self.pressure == BAR else '1 atm'} assumed: {self.reason}"


def pressure_of(
    file: MechanismFile, species: SpeciesEntry, thermo: ThermoEntry
) -> tuple[float, AssumedPressure | None]:
    """The reference pressure [Pa] of a species, and the assumption where nothing states it.

    file: the file that includes the species. InputError for a pressure that is not above 0 Pa.
    """
    source = species.source.document
    for table in (species.table["thermo"], source, species.phase, file.document):
        if KEY not in table:
            continue
        inside = table is species.table["thermo"] or table is source
        units = thermo.units if inside else units_of(file.document)
        return _checked(ThermoEntry(thermo.table, units, thermo.error_at), table[KEY]), None
    assumed = _assumed(source)
    return assumed.pressure, assumed


def _checked(thermo: ThermoEntry, value: object) -> float:
    """A reference pressure in Pa. InputError unless it is above zero."""
    pressure = thermo.number(KEY, value, "Pa")
    if not 0 < pressure < math.inf:
        raise thermo.error_at(
            (KEY,),
            f"its reference-pressure is {pressure:g} Pa.",
            "allowed: above 0 Pa",
            "most data are for 1 bar",
        )
    return pressure


def report(document: RawTable) -> str:
    """The NASA report that the description of a file names, or ""."""
    text = " ".join(str(document.get("description", "")).split())
    return next((name for words, name in REPORTS.items() if re.search(words, text)), "")


def _assumed(document: RawTable) -> AssumedPressure:
    """The assumption for the data of a file that states no pressure."""
    source = report(document)
    if source:
        return AssumedPressure(
            BAR,
            f"the file states none, and its source, {source}, is for 1 bar",
            "1 bar assumed, by this source",
        )
    return AssumedPressure(
        ATMOSPHERE, "the file states none, and Cantera takes 1 atm", "1 atm assumed, as Cantera does"
    )
