"""The omissions of a stored result: which of them matter, and their sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from ..constants import BAR

NOTABLE = 0.03  # mole fraction of the gas from which an omission is worth a warning
# Pa; total pressure from which ideal gases are worth a warning: fugacity coefficients leave 1 by tens of per
# cent
DENSE = 1000 * BAR
START = "crystals at the start"
SINKING = "convection below dense melt"
FROZEN = "a lid on melt"
STIFF = "convection of the pile"
INERT = "vapour of some oxides"
# what is said whatever its share of the gas
ALWAYS = (START, SINKING, FROZEN, STIFF, INERT)


class WeighedOmission(TypedDict):
    """An omission as a result stores it.

    share: of the gas that it concerns, of all gases taken as ideal 1, of START the solid share of the mantle;
    pressure_bar: largest total pressure.
    """

    what: str
    species: list[str]
    sentence: str
    chosen: bool
    share: float
    pressure_bar: float


def matters(records: Sequence[WeighedOmission]) -> list[WeighedOmission]:
    """The omissions that matter to the result and that the case does not prescribe itself."""
    important = []
    for record in records:
        large = record["share"] >= NOTABLE
        dense = record["pressure_bar"] * BAR > DENSE
        if record["what"] in ALWAYS or not record["chosen"] and large and (record["species"] or dense):
            important.append(record)
    return important


def notable(records: Sequence[WeighedOmission]) -> list[str]:
    """The omissions that matter, a sentence each."""
    return [_with_share(record) for record in matters(records)]


def short(record: WeighedOmission) -> str:
    """An omission in a few words, for a caption."""
    if record["what"] in (SINKING, FROZEN, STIFF, INERT):
        return record["what"]
    if record["what"] == START:
        return f"{START}, {100 * record['share']:.2g} % of the mantle"
    return f"{record['what']} of {', '.join(record['species']) or 'the mixture'}"


def _with_share(record: WeighedOmission) -> str:
    """The sentence of an omission, with the share of the gas or the pressure."""
    if record["what"] in ("condensates", *ALWAYS):
        return record["sentence"]
    sentence = record["sentence"].rstrip(".")
    if not record["species"]:
        return f"{sentence}, at up to {record['pressure_bar']:.4g} bar."
    most = "" if len(record["species"]) == 1 else " for the most abundant"
    return f"{sentence}: up to {record['share']:.2g} of the gas{most}."
