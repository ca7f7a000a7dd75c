"""The two ways to state the start of a run: by the temperature of the surface, or by an entropy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InputError
from .quantities import nothing

TEMPERATURE, ENTROPY = "run.initial_surface_temperature", "run.initial_entropy"


def one_start(document: dict[str, Any], changes: Mapping[str, object], origin: str) -> None:
    """Remove the entropy of the start from a document where changes, by dotted key, name the temperature.

    InputError at the place `origin` where they name both.
    """
    if TEMPERATURE not in changes:
        return
    if nothing(changes.get(ENTROPY)) is not None:
        raise InputError(
            f"{origin} {ENTROPY}",
            f"the start is stated twice: by this key and by {TEMPERATURE}.",
            "allowed: one of them.",
        )
    section, _, key = ENTROPY.partition(".")
    if key in document.get(section, {}):
        document[section][key] = "none"
