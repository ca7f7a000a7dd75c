"""Vapour of a melt for a list of prescriptions of its oxygen: buffers, and the congruent vapour."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError

if TYPE_CHECKING:
    import xarray

DIMENSION = "oxygen"
# attributes that differ between the vapours: lists and tables of JSON
_JOINED = ("extrapolations", "left_out", "laws")


def texts_of(oxygen: object) -> list[str]:
    """The prescriptions of a list of them; [] for anything else, as a single one and a list of numbers.

    InputError for numbers among texts.
    """
    if isinstance(oxygen, np.ndarray):
        oxygen = oxygen.tolist()
    if not isinstance(oxygen, list | tuple) or not any(isinstance(entry, str) for entry in oxygen):
        return []
    for entry in oxygen:
        if not isinstance(entry, str):
            raise InputError(
                f"oxygen = {entry!r}",
                "a number among texts.",
                "allowed: texts such as 'IW+0.5' and 'congruent', or numbers (log10 fO2 in bar)",
            )
    return list(oxygen)


def vapours(
    vapour: Callable[..., xarray.Dataset],
    oxygen: Sequence[str],
    buffer: str | None,
    loss: object = None,
) -> xarray.Dataset:
    """The vapours by each text of `oxygen`, joined along the dimension `oxygen`.

    vapour: takes one text as `oxygen`, and the law of its `buffer`.
    oxygen: "congruent" and buffers such as "IW+0.5"; a congruent vapour takes no `buffer`.
    InputError for a text that stands twice, and for losses, which are congruent.
    """
    import xarray

    for text in oxygen:
        if list(oxygen).count(text) > 1:
            raise InputError(f"oxygen = {text!r}", "it stands twice.", cure="leave one out")
    if loss is not None:
        raise InputError("loss=", "a melt that loses its vapour is congruent.", cure="leave oxygen out")
    parts = []
    for text in oxygen:
        law = None if text.strip().casefold() == "congruent" else buffer
        parts.append(vapour(oxygen=text, buffer=law))
    joined = xarray.concat(
        parts, dim=DIMENSION, combine_attrs="override", coords="minimal", compat="override"
    )
    joined = joined.assign_coords({DIMENSION: list(oxygen)})
    # that of the equilibria is the same for each
    joined["temperature"] = parts[0].temperature
    joined.attrs["oxygen_fugacity"] = "; ".join(part.attrs["oxygen_fugacity"] for part in parts)
    for name in _JOINED:
        joined.attrs[name] = _together(name, [json.loads(part.attrs[name]) for part in parts], oxygen)
    return joined


def _together(name: str, parts: Sequence[Any], oxygen: Sequence[str]) -> str:
    """JSON of all entries: of lists those that differ, of tables all, with the oxygen that they belong to."""
    if name == "laws":
        laws = {}
        for text, table in zip(oxygen, parts):
            for role, law in table.items():
                laws[f"{role} ({text})" if role == "oxygen fugacity" else role] = law
        return json.dumps(laws)
    entries = [entry for part in parts for entry in part]
    return json.dumps([entry for k, entry in enumerate(entries) if entry not in entries[:k]])
