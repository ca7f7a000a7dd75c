"""Tables of equilibria, ours and a user's own, from CSV files and workbooks: the head, and a Record of each row."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ...constants import ATMOSPHERE, BAR
from ...errors import InputError
from .grid import Grid, grids, split
from .headers import Column
from .heads import read_head
from .names import elements_of
from .numbers import read_number, scaled, short, within
from .record import PRESSURES, TEMPERATURES, Record, Table, atomic_weights, molar_mass

INCOMPLETE = 0.02  # of the total pressure; what the printed species of a closed gas may lack
CLOSE = (
    0.003  # relative; how near the activities of a gas must add up to the pressure for their unit to be plain
)
_REAL = re.compile(r"\bgas[_ -]?real\b|\bgas[_ -]?real(?=#)", re.I)  # in the title of a column
APART = 0.01  # relative; two quantities of a species that differ by more are named


def read_csv(file: Path, lines: list[str], body) -> tuple[Record, ...]:
    """The rows of a CSV table."""
    table = read_head(file, lines)
    rows, separator = split(body)
    return read_grids(file, table, grids(file.name, rows, "line", "." if separator == "," else ","), "line")


def read_grids(file: Path, table: Table, found: list[Grid], word: str) -> tuple[Record, ...]:
    """Records of every row of the grids; InputError where there is none."""
    records = []
    for grid in found:
        skipped = {c.title: c.name for c in grid.columns if c.kind == "passed"}
        remarks = (
            (f"passed over above the names of the columns: {'; '.join(short(t) for t in grid.above[:4])}",)
            if grid.above
            else ()
        )
        for number, cells in grid.rows:
            place = f"{file.name} {word} {number}"
            filled = [
                (c, cell)
                for c, cell in zip(grid.columns, cells)
                if cell and c.kind not in ("passed", "empty")
            ]
            if filled:
                kept = {
                    t: why
                    for t, why in skipped.items()
                    if any(c.title == t and cell for c, cell in zip(grid.columns, cells))
                }
                records.append(_row(place, number, table, filled, kept, remarks))
    if not records:
        raise InputError(file.name, "there is a line of column names and no row.")
    return tuple(records)


def _row(
    place: str, line: int, table: Table, cells: list[tuple[Column, str]], passed: dict[str, str], remarks
) -> Record:
    kinds = (
        "species",
        "rounding",
        "total",
        "condensate",
        "solid activity",
        "key",
        "fugacity",
        "fraction",
        "activity",
        "amount",
        "phase",
    )
    read: dict[str, dict] = {kind: {} for kind in kinds}
    found: dict[str, object] = {}
    units: dict[str, str] = {}
    of_pressure = next((c.unit for c, _ in cells if c.kind == "pressure"), "bar")
    bare = [c.title for c, _ in cells if c.kind in ("species", "fugacity") and not c.unit]
    cells = [(replace(c, unit=of_pressure) if c.title in bare else c, text) for c, text in cells]
    if any(_REAL.search(c.title) for c, _ in cells):
        table = replace(table, gas="real")
    for column, text in cells:
        units[column.kind] = column.unit
        _cell(f"{place} {column.name or column.kind} = {short(text)}", column, text, read, found)
    if "temperature" not in found:
        raise InputError(place, "the temperature is missing.", "allowed: a number above 0 K")
    planet = bool(read["key"]) or "melt_fraction" in found
    pressure = found.get("pressure")
    if pressure is None and not planet:
        allowed = "allowed: a column 'pressure [bar]', or the planet: 'melt fraction' and keys such as volatiles.hydrogen"
        raise InputError(place, "the total pressure is missing.", allowed)
    if bare:
        others = f" and {len(bare) - 1} more have" if len(bare) > 1 else " has"
        remarks = (
            *remarks,
            f"{short(bare[0])}{others} no unit: {of_pressure} is taken, the unit of the pressure.",
        )
    remarks = [*remarks, *_pressures(place, table, pressure, units.get("pressure", ""), read, found, passed)]
    pressures = read["species"]
    if not pressures and not _condensed(read, found):
        raise InputError(
            place,
            f"no species has a value{_instead(passed)}.",
            "allowed: at least one partial pressure, mole fraction or amount",
        )
    if planet:
        found.setdefault("melt_fraction", 0.0)
    if "log10_fO2" not in found and pressures.get("O2"):
        found["log10_fO2"] = math.log10(pressures["O2"] / BAR)
    oxygen = _oxygen(place, table, found, read)
    moles = _closed(place, pressure, read, found) if oxygen == "closed" else read["total"]
    name = str(found.pop("case", "")) or f"line {line}"
    return Record(
        name, str(found.pop("program", table.program)), replace(table, oxygen=oxygen), line, pressures=pressures, rounding=read["rounding"],
        moles=moles, case=read["key"], condensates=read["condensate"], activities=read["solid activity"], fugacities=read["fugacity"],
        phases=read["phase"], passed=passed, remarks=tuple(remarks), **found,
    )  # fmt: skip


def _condensed(read, found) -> bool:
    """Whether the row has condensates or solutions and says that there is no gas."""
    return found.get("gas_moles") == 0 and (
        any(n > 0 for n in read["condensate"].values()) or any(read["phase"].values())
    )


def _instead(passed) -> str:
    """What a row has instead of values that can be compared."""
    return (
        f"; passed over: {'; '.join(f'{title} ({why})' for title, why in list(passed.items())[:3])}"
        if passed
        else ""
    )


def _cell(where, column, text, read, found):
    """Read one cell into `read` (by kind and name) or `found`."""
    kind, name, unit = column.kind, column.name, column.unit
    match kind:
        case "key":
            read["key"][name] = text
        case "case" | "program":
            found[kind] = text
        case "temperature":
            found[kind] = within(scaled(where, text, unit, "K"), TEMPERATURES, "K", where)
        case "pressure":
            found[kind] = within(scaled(where, text, unit, "Pa"), PRESSURES, "Pa", where)
        case "volume":
            found[kind] = scaled(where, text, unit, "m^3")
        case "gas amount":
            found["gas_moles"], _ = read_number(text, where)
        case "melt fraction":
            found["melt_fraction"] = _share(where, text)
        case "log10 fO2":
            found["log10_fO2"], _ = read_number(
                text, where, -100.0, "log10 of the fugacity in bar, at least -100"
            )
        case "phase":
            amount, _ = read_number(text, where)
            read["phase"][name] = f"{text} {unit}" if amount > 0 else ""
        case "total":
            value, _ = read_number(text, where)
            read["total"][name] = value / (atomic_weights()[name] if unit == "kg" else 1.0)
        case "condensate":
            read[kind][name] = _moles(where, text, name, unit)[0]
        case "amount":
            read[kind][name] = _moles(where, text, name, unit)
        case "solid activity":
            read[kind][name], _ = _unlogged(where, text, column.scale)
        case "fraction":
            read["fraction"][name] = _share(where, text), read_number(text, where)[1]
        case "activity":
            read["activity"][name] = _unlogged(where, text, column.scale)
        case "species" | "fugacity" if column.scale:
            factor = scaled(where, "1", unit, "Pa")
            value, half = _unlogged(where, text, column.scale)
            _put(read, kind, name, value * factor, half * factor)
        case _:
            _put(
                read,
                kind,
                name,
                scaled(where, text, unit, "Pa"),
                read_number(text, where)[1] * scaled(where, "1", unit, "Pa"),
            )


def _put(read, kind, name, value, half):
    read[kind][name] = value
    if kind == "species":
        read["rounding"][name] = half


def _moles(where, text, name, unit) -> tuple[float, float]:
    """Moles of an amount and half of its last digit; NaN of a mass of what has no molar mass here, unless it is zero."""
    value, half = read_number(text, where)
    if unit == "mol" or value == 0:
        return value, half
    weight = molar_mass(name)
    factor = math.nan if weight is None else scaled(where, "1", unit, "kg") / weight
    return value * factor, half * factor


def _unlogged(where, text, scale) -> tuple[float, float]:
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


def _share(where, text) -> float:
    value, _ = read_number(text, where, what="a fraction, 0 to 1")
    if value > 1:
        raise InputError(where, f"{value:g} is above 1.", "allowed: a fraction, 0 to 1")
    return value


def _pressures(place, table, pressure, unit, read, found, passed) -> list[str]:
    """Fill the partial pressures from mole fractions, amounts, fugacities or activities, whichever comes first, and the
    fugacities from activities; the sentences on what was done. What is told twice and differs is named."""
    remarks: list[str] = []
    ways: list[tuple[str, Mapping[str, tuple[float, float]]]] = []
    if read["fraction"]:
        if pressure is None:
            raise InputError(
                place, "mole fractions need the total pressure.", "allowed: a column 'pressure [bar]'"
            )
        ways.append(
            ("mole fractions", {s: (x * pressure, h * pressure) for s, (x, h) in read["fraction"].items()})
        )
    if read["amount"]:
        ways.append(("amounts", _by_amount(place, pressure, read, found, remarks, passed)))
    if read["activity"]:
        read["fugacity"] |= _by_activity(pressure, unit, read, remarks)
    for what, values in ways:
        for species, (p, half) in values.items():
            known = read["species"].get(species)
            if known is None:
                read["species"][species], read["rounding"][species] = p, half
            elif abs(p - known) > APART * max(p, known) + half + read["rounding"][species]:
                remarks.append(f"{species}: {known / BAR:.5g} bar, but {p / BAR:.5g} bar by the {what}.")
    for species in [s for s in read["fugacity"] if s not in read["species"]]:
        if table.gas == "real":
            passed[f"fugacity of {species}"] = "a fugacity of a real gas, whose partial pressure is not given"
        else:
            read["species"][species], read["rounding"][species] = read["fugacity"][species], 0.0
    if found.get("gas_moles") == 0:
        _no_gas(read, remarks)
    return remarks


def _by_amount(place, pressure, read, found, remarks, passed) -> dict[str, tuple[float, float]]:
    """Partial pressures of the moles of each gas, over the moles of the gas or the sum of those that are listed."""
    halves = {s: half for s, (_, half) in read["amount"].items()}
    listed = {s: n for s, (n, _) in read["amount"].items() if not math.isnan(n)}
    for species in read["amount"].keys() - listed.keys():
        passed[species] = "a mass of a species whose molar mass is not known here"
    total = math.fsum(listed.values())
    if "gas_moles" not in found:
        others = sorted((read["species"].keys() | read["fraction"].keys()) - listed.keys())
        if others and total > 0:
            problem = f"the amounts of {', '.join(listed)} and the pressures of {', '.join(others)} do not make a mixture."
            raise InputError(place, problem, "allowed: amounts of all gases, or a column 'mol gas_ideal'")
        found["gas_moles"] = total
        if total > 0 and not read["species"] and not read["fraction"]:
            remarks.append("the listed amounts are taken for the whole gas.")
    if found["gas_moles"] == 0 or pressure is None:
        return {}
    if total > found["gas_moles"] * (1 + INCOMPLETE):
        raise InputError(
            place,
            f"the gases add up to {total:.6g} mol, and the gas has {found['gas_moles']:.6g} mol.",
            "allowed: at most the moles of the gas",
        )
    scale = pressure / found["gas_moles"]
    return {s: (n * scale, halves[s] * scale) for s, n in listed.items()}


def _by_activity(pressure, unit, read, remarks) -> dict[str, float]:
    """Fugacities [Pa] of the activities of gases, in the unit of the pressure or the one in which they add up to it."""
    values = {s: a for s, (a, _) in read["activity"].items()}
    total = math.fsum(values.values())
    name, factor = ("atm", ATMOSPHERE) if unit == "atm" else ("bar", BAR)
    for other, size in (("bar", BAR), ("atm", ATMOSPHERE)):
        if pressure and abs(total * size / pressure - 1) < CLOSE:
            name, factor = other, size
            break
    remarks.append(f"activities of gases are taken as fugacities in {name}.")
    return {s: a * factor for s, a in values.items()}


def _no_gas(read, remarks):
    """Empty the gas of a row that has none."""
    remarks.append(
        "there is no gas (0 mol): what is printed of it belongs to a gas that is not there, and is not compared."
    )
    for kind in ("species", "rounding", "fugacity"):
        read[kind].clear()


def _oxygen(place, table, found, read) -> str:
    """Where the row's oxygen comes from, also where the head is silent; InputError where the row lacks what it takes."""
    own = found.get("log10_fO2") is not None
    oxygen = table.oxygen or ("closed" if "melt_fraction" not in found else "own" if own else "buffer")
    if oxygen == "own" and not own:
        allowed = "allowed: a column 'O2 [bar]' or 'log10 fO2' with a value above zero"
        raise InputError(
            place,
            "the row has no oxygen fugacity of its own.",
            allowed,
            "or write '# oxygen: buffer' or '# oxygen: closed'",
        )
    if oxygen == "buffer" and "redox.oxygen_fugacity" not in read["key"]:
        raise InputError(
            place,
            "the row names no buffer.",
            "allowed: a column redox.oxygen_fugacity with a value such as 'IW+0.5'",
        )
    if oxygen != "closed" and "melt_fraction" not in found:
        allowed = "allowed: columns such as 'melt fraction' and volatiles.hydrogen"
        raise InputError(
            place,
            f"there is no planet whose oxygen could be '{oxygen}'.",
            allowed,
            "or write '# oxygen: closed'",
        )
    return oxygen


def _closed(place, pressure, read, found) -> dict[str, float]:
    """Element -> mol of a closed system: the totals as given, or what gas and condensates hold."""
    if pressure is None:
        raise InputError(place, "the total pressure is missing.", "allowed: a column 'pressure [bar]'")
    gas = elements_of({s: p / pressure for s, p in read["species"].items()})
    lacking = sorted(e for e, n in gas.items() if n > 0 and e not in read["total"])
    if not lacking and read["total"]:
        return read["total"]
    solid = {s: n for s, n in read["condensate"].items() if n > 0}
    amount = found.get("gas_moles")
    if read["total"] or (solid and amount is None):
        lacking = lacking or sorted(elements_of(solid))
        raise InputError(
            place,
            f"the amount of {', '.join(lacking)} is missing.",
            f"allowed: a column 'total {lacking[0]} [mol]', or amounts of the gases in mol",
        )
    total = math.fsum(read["species"].values())
    if amount != 0 and abs(total / pressure - 1) > INCOMPLETE:
        problem = f"the species add up to {total / BAR:.6g} bar of {pressure / BAR:.6g} bar, so that the amounts of the elements do not follow."
        raise InputError(
            place, problem, f"allowed: within {INCOMPLETE:.0%}, or columns such as 'total H [mol]'"
        )
    scale = 1.0 if amount is None else amount
    return elements_of({s: p / pressure * scale for s, p in read["species"].items()} | solid)
