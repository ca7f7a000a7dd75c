"""The values of a row of a table while it is read, and how a cell is read into them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from ...errors import InputError
from .column_titles import Column
from .printed_numbers import read_number, scaled, within
from .record import PRESSURES, TEMPERATURES, atomic_weights, molar_mass

Printed = tuple[float, float]  # a number, and half of its last printed digit


@dataclass
class RowValues:
    """The values of a row while it is read; SI. pressures, rounding, fugacities: of gases [Pa].

    fractions, amounts [mol], gas_activities: of gases, with half of the last printed digit.
    totals: element -> mol. condensates [mol] and activities: of condensates. keys: of a case, as text.
    phases: solution -> amount as printed. passed: what is not compared -> why. remarks: how the row was read.
    """

    passed: dict[str, str]
    remarks: list[str]
    temperature: float | None = None
    pressure: float | None = None
    pressure_unit: str = ""
    volume: float | None = None
    gas_moles: float | None = None
    melt_fraction: float | None = None
    log10_fO2: float | None = None
    case: str = ""
    program: str = ""
    pressures: dict[str, float] = field(default_factory=dict)
    rounding: dict[str, float] = field(default_factory=dict)
    fugacities: dict[str, float] = field(default_factory=dict)
    fractions: dict[str, Printed] = field(default_factory=dict)
    amounts: dict[str, Printed] = field(default_factory=dict)
    gas_activities: dict[str, Printed] = field(default_factory=dict)
    totals: dict[str, float] = field(default_factory=dict)
    condensates: dict[str, float] = field(default_factory=dict)
    activities: dict[str, float] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    phases: dict[str, str] = field(default_factory=dict)

    @property
    def planet(self) -> bool:
        """Whether the row is of a planet, not of a closed system."""
        return bool(self.keys) or self.melt_fraction is not None

    @property
    def without_gas(self) -> bool:
        """Whether the row has condensates or solutions and says that there is no gas."""
        condensed = any(n > 0 for n in self.condensates.values()) or any(self.phases.values())
        return self.gas_moles == 0 and condensed


def read_cell(where: str, column: Column, text: str, row: RowValues) -> None:
    """Read a cell into the row."""
    name, unit = column.name, column.unit
    match column.kind:
        case "key":
            row.keys[name] = text
        case "case":
            row.case = text
        case "program":
            row.program = text
        case "temperature":
            row.temperature = within(scaled(where, text, unit, "K"), TEMPERATURES, "K", where)
        case "pressure":
            row.pressure = within(scaled(where, text, unit, "Pa"), PRESSURES, "Pa", where)
            row.pressure_unit = unit
        case "volume":
            row.volume = scaled(where, text, unit, "m^3")
        case "gas amount":
            row.gas_moles, _ = read_number(text, where)
        case "melt fraction":
            row.melt_fraction = _share(where, text)
        case "log10 fO2":
            allowed = "log10 of the fugacity in bar, at least -100"
            row.log10_fO2, _ = read_number(text, where, -100.0, allowed)
        case _:
            _read_substance(where, column, text, row)


def _read_substance(where: str, column: Column, text: str, row: RowValues) -> None:
    """Read a cell of a species, an element or a phase into the row."""
    name, unit = column.name, column.unit
    match column.kind:
        case "phase":
            amount, _ = read_number(text, where)
            row.phases[name] = f"{text} {unit}" if amount > 0 else ""
        case "total":
            value, _ = read_number(text, where)
            row.totals[name] = value / (atomic_weights()[name] if unit == "kg" else 1.0)
        case "condensate":
            row.condensates[name], _ = _moles(where, text, name, unit)
        case "amount":
            row.amounts[name] = _moles(where, text, name, unit)
        case "solid activity":
            row.activities[name], _ = _unlogged(where, text, column.scale)
        case "fraction":
            row.fractions[name] = _share(where, text), read_number(text, where)[1]
        case "activity":
            row.gas_activities[name] = _unlogged(where, text, column.scale)
        case "fugacity":
            row.fugacities[name], _ = _pressure_of(where, column, text)
        case _:
            row.pressures[name], row.rounding[name] = _pressure_of(where, column, text)


def _pressure_of(where: str, column: Column, text: str) -> Printed:
    """A partial pressure or a fugacity, and half of its last digit [Pa]."""
    factor = scaled(where, "1", column.unit, "Pa")
    if column.scale:
        value, half = _unlogged(where, text, column.scale)
        return value * factor, half * factor
    return scaled(where, text, column.unit, "Pa"), read_number(text, where)[1] * factor


def _moles(where: str, text: str, name: str, unit: str) -> Printed:
    """Moles of an amount and half of its last digit.

    NaN for a mass, unless it is zero, of a species whose molar mass is not known here.
    """
    value, half = read_number(text, where)
    if unit == "mol" or value == 0:
        return value, half
    weight = molar_mass(name)
    factor = math.nan if weight is None else scaled(where, "1", unit, "kg") / weight
    return value * factor, half * factor


def _unlogged(where: str, text: str, scale: str) -> Printed:
    """The value, and half of its last digit, of a number or of its logarithm."""
    if not scale:
        return read_number(text, where)
    base = math.e if scale == "ln" else 10.0
    value, half = read_number(text, where, -1e4, f"the {scale} of a number")
    try:
        return base**value, base**value * math.log(base) * half
    except OverflowError:
        raise InputError(
            where, f"{scale} = {value:g} is too large.", "allowed: the logarithm of an activity"
        ) from None


def _share(where: str, text: str) -> float:
    """A fraction of 1."""
    value, _ = read_number(text, where, what="a fraction, 0 to 1")
    if value > 1:
        raise InputError(where, f"{value:g} is above 1.", "allowed: a fraction, 0 to 1")
    return value
