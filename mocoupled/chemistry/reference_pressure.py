"""The pressure that a species' data are for, where its entry does not say so: one rule, stated once and recorded.

In this order: the entry's own `reference-pressure`; that at the head of the file in which the entry stands; that of the
phase or of the file which takes it in; 1 bar for a file whose description names one of the NASA reports in `REPORTS`
(Cantera's nasa_gas.yaml, nasa_condensed.yaml, graphite.yaml, airNASA9.yaml); else 1 atm, as Cantera reads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..constants import ATMOSPHERE, BAR

KEY = "reference-pressure"
REPORTS = {  # words of a file's description -> the report, whose data are for 1 bar
    r"TM-?\s?4513": "McBride, Gordon & Reno 1993, NASA TM-4513",
    r"TP-?\s?2002-211556": "McBride, Zehe & Gordon 2002, NASA TP 211556",
}


class DataWarning(UserWarning):
    """Something about a file of species' data that its user should know; the data are used."""


@dataclass(frozen=True)
class Assumed:
    """The pressure [Pa] taken for data that state none, and why, in words; short: for a list of references."""

    pressure: float
    reason: str
    short: str

    @property
    def text(self) -> str:
        """For a warning."""
        return f"{'1 bar' if self.pressure == BAR else '1 atm'} assumed: {self.reason}"


def report(document: Mapping[str, Any]) -> str:
    """The NASA report that a file's description names, or ""."""
    text = " ".join(str(document.get("description", "")).split())
    return next((name for words, name in REPORTS.items() if re.search(words, text)), "")


def assumed(document: Mapping[str, Any]) -> Assumed:
    """What is taken for the data of a file that state no pressure."""
    if found := report(document):
        return Assumed(
            BAR,
            f"the file states none, and its source, {found}, is for 1 bar",
            "1 bar assumed, by this source",
        )
    return Assumed(
        ATMOSPHERE, "the file states none, and Cantera takes 1 atm", "1 atm assumed, as Cantera does"
    )


def stated(
    entry: Mapping[str, Any], source: Mapping[str, Any], phase: Mapping[str, Any], file: Mapping[str, Any]
):
    """The `reference-pressure` that holds for an entry and the table it stands in, or (None, None)."""
    for table in (entry, source, phase, file):
        if KEY in table:
            return table[KEY], table
    return None, None
