"""Numbers of an entry in SI units: the units of its file, its mistakes, and what counts as a number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from ..errors import InputError
from ..units import to_si
from .records import RawTable

ENERGY = "J/mol"
ENTROPY = "J/mol/K"


class ErrorAt(Protocol):
    """The InputError for a mistake under these keys of an entry."""

    def __call__(self, keys: tuple[str, ...], problem: str, allowed: str = "", cure: str = "") -> InputError:
        """The error, with file, line and species."""


@dataclass(frozen=True)
class ThermoEntry:
    """A `thermo` entry and what is needed to read its numbers.

    table: the entry.
    units: the `units` of its file.
    error_at: the InputError for a mistake in it.
    """

    table: RawTable
    units: RawTable
    error_at: ErrorAt

    def number(self, key: str, value: Any, unit: str) -> float:
        """A number in the SI unit `unit`.

        value: text with its unit, or a bare number in the units of the file.

        InputError at `key` for anything else: therefore `Any`.
        """
        try:
            if isinstance(value, str):
                return to_si(value, unit)
            return to_si(value, unit) * self._factor(unit)
        except InputError as error:
            raise self.error_at((key,), error.problem, error.allowed, error.cure) from None

    def _factor(self, unit: str) -> float:
        """The unit of the file of this kind over the SI unit; Cantera's defaults are Pa, J and kmol."""
        if unit == "Pa":
            return to_si(f"1 {self.units.get('pressure', 'Pa')}", "Pa")
        if unit in (ENERGY, ENTROPY):
            energy, quantity = self.units.get("energy", "J"), self.units.get("quantity", "kmol")
            return to_si(f"1 {energy}/{quantity}", ENERGY)
        return 1.0


def units_of(table: RawTable) -> RawTable:
    """The `units` of a file or an entry; empty if there are none."""
    units = table.get("units") or {}
    return units if isinstance(units, Mapping) else {}


def kilograms(grams: float) -> float:
    """A mass in g as kg, rounded once: 1.00794 becomes 0.00100794."""
    return float(Decimal(repr(float(grams))) / 1000)


def is_finite(x: object) -> bool:
    """Whether a value is a finite number, and neither a logical value nor text."""
    return isinstance(x, (int, float)) and not isinstance(x, bool) and math.isfinite(x)
