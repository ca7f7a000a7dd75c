"""Rows of tables of equilibria, from CSV files and workbooks: a Record of each row."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ...constants import ATMOSPHERE, BAR
from ...errors import InputError
from .column_titles import Column
from .file_head import read_head
from .grid import Grid, grids, split
from .printed_numbers import short
from .record import Record, Table
from .row_values import Printed, RowValues, read_cell
from .species_names import elements_of

INCOMPLETE = 0.02  # of the total pressure; the species of a closed gas may lack this much
# Relative; as near must the activities of a gas add up to the pressure for their unit to be plain.
CLOSE = 0.003
APART = 0.01  # relative; two values of the same quantity that differ by more are named
_REAL = re.compile(r"\bgas[_ -]?real\b|\bgas[_ -]?real(?=#)", re.I)  # in the title of a column


def read_csv(file: Path, lines: Sequence[str], body: Sequence[tuple[int, str]]) -> tuple[Record, ...]:
    """The rows of a CSV table. lines: of the file; body: (number, text) of those that are not comments."""
    table = read_head(file, lines)
    rows, separator = split(body)
    return read_grids(file, table, grids(file.name, rows, "line", "." if separator == "," else ","), "line")


def read_grids(file: Path, table: Table, tables: Sequence[Grid], word: str) -> tuple[Record, ...]:
    """Records of every row of the grids; InputError where there is none. word: what a row is called in
    messages."""
    records = []
    for grid in tables:
        for number, cells in grid.rows:
            record = _record_of_cells(f"{file.name} {word} {number}", number, table, grid, cells)
            if record is not None:
                records.append(record)
    if not records:
        raise InputError(file.name, "there is a line of column names and no row.")
    return tuple(records)


def _record_of_cells(
    place: str, number: int, table: Table, grid: Grid, cells: Sequence[str]
) -> Record | None:
    """The Record of a row; None where it has no value that is compared."""
    filled = [(column, cell) for column, cell in zip(grid.columns, cells) if cell]
    compared = [(column, cell) for column, cell in filled if column.kind not in ("passed", "empty")]
    if not compared:
        return None
    titles = {column.title for column, _ in filled}
    passed = {c.title: c.name for c in grid.columns if c.kind == "passed" and c.title in titles}
    remarks = []
    if grid.above:
        listed = "; ".join(short(text) for text in grid.above[:4])
        remarks.append(f"passed over above the names of the columns: {listed}")
    return _record(place, number, table, compared, RowValues(passed, remarks))


def _record(
    place: str, line: int, table: Table, cells: Sequence[tuple[Column, str]], row: RowValues
) -> Record:
    """The Record of the cells of a row. row: without values, which are read into it."""
    of_pressure = next((c.unit for c, _ in cells if c.kind == "pressure"), "bar")
    bare = [c.title for c, _ in cells if c.kind in ("species", "fugacity") and not c.unit]
    if any(_REAL.search(c.title) for c, _ in cells):
        table = replace(table, gas="real")
    for column, text in cells:
        with_unit = replace(column, unit=of_pressure) if column.title in bare else column
        where = f"{place} {column.name or column.kind} = {short(text)}"
        read_cell(where, with_unit, text, row)
    if row.temperature is None:
        raise InputError(place, "the temperature is missing.", "allowed: a number above 0 K")
    if row.pressure is None and not row.planet:
        allowed = (
            "allowed: a column 'pressure [bar]', or the planet: 'melt fraction' and keys such as "
            "volatiles.hydrogen"
        )
        raise InputError(place, "the total pressure is missing.", allowed)
    if bare:
        others = f" and {len(bare) - 1} more have" if len(bare) > 1 else " has"
        row.remarks.append(
            f"{short(bare[0])}{others} no unit: {of_pressure} is taken, the unit of the pressure."
        )
    _fill_pressures(place, table, row)
    if not row.pressures and not row.without_gas:
        raise InputError(
            place,
            f"no species has a value{_instead(row.passed)}.",
            "allowed: at least one partial pressure, mole fraction or amount",
        )
    if row.planet and row.melt_fraction is None:
        row.melt_fraction = 0.0
    if row.log10_fO2 is None and row.pressures.get("O2"):
        row.log10_fO2 = math.log10(row.pressures["O2"] / BAR)
    oxygen = _oxygen(place, table, row)
    return Record(
        name=row.case or f"line {line}",
        program=row.program or table.program,
        table=replace(table, oxygen=oxygen),
        line=line,
        temperature=row.temperature,
        pressures=row.pressures,
        rounding=row.rounding,
        pressure=row.pressure,
        moles=_closed(place, row) if oxygen == "closed" else row.totals,
        case=row.keys,
        melt_fraction=row.melt_fraction,
        log10_fO2=row.log10_fO2,
        condensates=row.condensates,
        activities=row.activities,
        fugacities=row.fugacities,
        gas_moles=row.gas_moles,
        volume=row.volume,
        phases=row.phases,
        passed=row.passed,
        remarks=tuple(row.remarks),
    )


def _instead(passed: dict[str, str]) -> str:
    """What a row has instead of values that can be compared."""
    if not passed:
        return ""
    listed = "; ".join(f"{title} ({why})" for title, why in list(passed.items())[:3])
    return f"; passed over: {listed}"


def _fill_pressures(place: str, table: Table, row: RowValues) -> None:
    """Fill partial pressures from mole fractions, amounts, fugacities or activities, whichever comes first.

    Fugacities are filled from activities. Values of the same quantity that differ are named.
    """
    ways: list[tuple[str, dict[str, Printed]]] = []
    if row.fractions:
        if row.pressure is None:
            raise InputError(
                place, "mole fractions need the total pressure.", "allowed: a column 'pressure [bar]'"
            )
        total = row.pressure
        ways.append(("mole fractions", {s: (x * total, h * total) for s, (x, h) in row.fractions.items()}))
    if row.amounts:
        ways.append(("amounts", _by_amount(place, row)))
    if row.gas_activities:
        row.fugacities |= _by_activity(row)
    for quantity, values in ways:
        _add_pressures(quantity, values, row)
    for species in [s for s in row.fugacities if s not in row.pressures]:
        if table.gas == "real":
            row.passed[f"fugacity of {species}"] = (
                "a fugacity of a real gas, whose partial pressure is not given"
            )
        else:
            row.pressures[species], row.rounding[species] = row.fugacities[species], 0.0
    if row.gas_moles == 0:
        row.remarks.append(
            "there is no gas (0 mol): what is printed of it belongs to a gas that is not there, and is not "
            "compared."
        )
        for of_gas in (row.pressures, row.rounding, row.fugacities):
            of_gas.clear()


def _add_pressures(quantity: str, values: dict[str, Printed], row: RowValues) -> None:
    """Add partial pressures [Pa] that follow from another quantity; name those that differ from the row's."""
    for species, (pressure, half) in values.items():
        known = row.pressures.get(species)
        if known is None:
            row.pressures[species], row.rounding[species] = pressure, half
        elif abs(pressure - known) > APART * max(pressure, known) + half + row.rounding[species]:
            row.remarks.append(
                f"{species}: {known / BAR:.5g} bar, but {pressure / BAR:.5g} bar by the {quantity}."
            )


def _by_amount(place: str, row: RowValues) -> dict[str, Printed]:
    """Partial pressures [Pa] from the moles of each gas, over the moles of the gas or the sum of those
    listed."""
    listed = {s: n for s, (n, _) in row.amounts.items() if not math.isnan(n)}
    for species in row.amounts.keys() - listed.keys():
        row.passed[species] = "a mass of a species whose molar mass is not known here"
    total = math.fsum(listed.values())
    if row.gas_moles is None:
        others = sorted((row.pressures.keys() | row.fractions.keys()) - listed.keys())
        if others and total > 0:
            problem = (
                f"the amounts of {', '.join(listed)} and the pressures of {', '.join(others)} do not make a "
                "mixture."
            )
            raise InputError(place, problem, "allowed: amounts of all gases, or a column 'mol gas_ideal'")
        row.gas_moles = total
        if total > 0 and not row.pressures and not row.fractions:
            row.remarks.append("the listed amounts are taken for the whole gas.")
    if row.gas_moles == 0 or row.pressure is None:
        return {}
    if total > row.gas_moles * (1 + INCOMPLETE):
        raise InputError(
            place,
            f"the gases add up to {total:.6g} mol, and the gas has {row.gas_moles:.6g} mol.",
            "allowed: at most the moles of the gas",
        )
    scale = row.pressure / row.gas_moles
    return {s: (n * scale, row.amounts[s][1] * scale) for s, n in listed.items()}


def _by_activity(row: RowValues) -> dict[str, float]:
    """Fugacities [Pa] from activities of gases, in the unit of the pressure or that in which they add up to
    it."""
    values = {s: a for s, (a, _) in row.gas_activities.items()}
    total = math.fsum(values.values())
    name, factor = ("atm", ATMOSPHERE) if row.pressure_unit == "atm" else ("bar", BAR)
    for other, size in (("bar", BAR), ("atm", ATMOSPHERE)):
        if row.pressure and abs(total * size / row.pressure - 1) < CLOSE:
            name, factor = other, size
            break
    row.remarks.append(f"activities of gases are taken as fugacities in {name}.")
    return {s: a * factor for s, a in values.items()}


def _oxygen(place: str, table: Table, row: RowValues) -> str:
    """Where the oxygen of the row comes from: as the head says, else by what the row has.

    Raises InputError where the row lacks what that needs.
    """
    oxygen = table.oxygen or _likely_oxygen(row)
    if oxygen == "own" and row.log10_fO2 is None:
        allowed = "allowed: a column 'O2 [bar]' or 'log10 fO2' with a value above zero"
        raise InputError(
            place,
            "the row has no oxygen fugacity.",
            allowed,
            "or write '# oxygen: buffer' or '# oxygen: closed'",
        )
    if oxygen == "buffer" and "redox.oxygen_fugacity" not in row.keys:
        raise InputError(
            place,
            "the row names no buffer.",
            "allowed: a column redox.oxygen_fugacity with a value such as 'IW+0.5'",
        )
    if oxygen != "closed" and row.melt_fraction is None:
        allowed = "allowed: columns such as 'melt fraction' and volatiles.hydrogen"
        raise InputError(
            place,
            f"there is no planet whose oxygen could be '{oxygen}'.",
            allowed,
            "or write '# oxygen: closed'",
        )
    return oxygen


def _likely_oxygen(row: RowValues) -> str:
    """Where the oxygen of a row comes from, if the head does not say it."""
    if row.melt_fraction is None:
        return "closed"
    return "buffer" if row.log10_fO2 is None else "own"


def _closed(place: str, row: RowValues) -> dict[str, float]:
    """Element -> mol of a closed system: the totals of the row, or the elements of its gas and
    condensates."""
    pressure = row.pressure
    if pressure is None:
        raise InputError(place, "the total pressure is missing.", "allowed: a column 'pressure [bar]'")
    gas = elements_of({s: p / pressure for s, p in row.pressures.items()})
    lacking = sorted(e for e, n in gas.items() if n > 0 and e not in row.totals)
    if not lacking and row.totals:
        return row.totals
    solid = {s: n for s, n in row.condensates.items() if n > 0}
    if row.totals or (solid and row.gas_moles is None):
        lacking = lacking or sorted(elements_of(solid))
        raise InputError(
            place,
            f"the amount of {', '.join(lacking)} is missing.",
            f"allowed: a column 'total {lacking[0]} [mol]', or amounts of the gases in mol",
        )
    total = math.fsum(row.pressures.values())
    if row.gas_moles != 0 and abs(total / pressure - 1) > INCOMPLETE:
        problem = (
            f"the species add up to {total / BAR:.6g} bar of {pressure / BAR:.6g} bar, so that the amounts "
            "of the elements do not follow."
        )
        raise InputError(
            place, problem, f"allowed: within {INCOMPLETE:.0%}, or columns such as 'total H [mol]'"
        )
    scale = 1.0 if row.gas_moles is None else row.gas_moles
    return elements_of({s: p / pressure * scale for s, p in row.pressures.items()} | solid)
