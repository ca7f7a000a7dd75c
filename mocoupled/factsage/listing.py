"""The text that a FactSage Equilib run prints, in its two layouts: a table of constituents, and formulas in brackets.

Table: lines "T = 1388.00 K", "P = 794.0 bar", STREAM CONSTITUENTS with amounts, "PHASE: gas_ideal mol bar" with amount,
mole fraction and fugacity of each constituent, then the pure condensates with amount and activity.
Brackets: "3.1 mol gas_ideal ( 0.58 H2O + 0.27 H2 … )" with "(1388.00 K, 794.0 bar, …)" beside it or "T = …" above,
and "+ 0.2 mol C_Graphite(s) (…, a=1.0)". The numbers in brackets may be mole fractions, pressures or moles: their sum tells.
Several runs may follow each other in one file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..constants import ATMOSPHERE, BAR
from ..errors import InputError
from .record import (
    GRAPHITE, PRESSURES, TEMPERATURES, Record, Table, composition, elements_of, read_number, scaled, short, species_name, unknown_species, within,
)  # fmt: skip

_NUM = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?|[+-]?(?:nan|inf\w*)"
_CONDITION = re.compile(rf"(?<![A-Za-z_])([TP])\s*=\s*({_NUM})\s*([A-Za-z°]*)", re.I)
_STREAM = re.compile(r"\s*STREAM\s+CONSTITUENTS\s+AMOUNT\s*/\s*(\S+)", re.I)
_PHASE = re.compile(r"\s*PHASE:\s*(\S+)(.*)", re.I)
_PURE = re.compile(r"\s*(\S+)\s+ACTIVITY\s*$", re.I)
_AMOUNT = re.compile(rf"\s*\+?\s*({_NUM})\s+([A-Za-z.%]+)\s+([A-Za-z]\S*)\s*(\(.*)?$", re.I)
_SHARE = re.compile(rf"\s*[(+]?\s*({_NUM})\s+([A-Za-z(]\S*?)\s*\)?\s*$", re.I)
_INSIDE = re.compile(rf"({_NUM})\s*([A-Za-z°]+)")
_ROW = re.compile(rf"\s*([A-Za-z(]\S*)\s+({_NUM})((?:\s+{_NUM})*)(?:\s+[A-Z])?\s*$", re.I)
SUMS = 0.02  # relative; how near the sum of a gas's constituents must come to 1, to P or to its moles


@dataclass
class _Block:
    """One run while it is read; numbers as (value, half of the last printed digit)."""

    line: int
    temperature: float | None = None
    pressure: float | None = None
    gas: str = ""
    gas_moles: float | None = None
    gas_line: int = 0
    shares: dict[str, tuple[float, float]] = field(default_factory=dict)
    fractions: bool = False
    stream: dict[str, float] = field(default_factory=dict)
    condensates: dict[str, float] = field(default_factory=dict)
    activities: dict[str, float] = field(default_factory=dict)


def is_listing(body: list[tuple[int, str]]) -> bool:
    """Whether these lines (number, text) are of an Equilib run and not of a CSV table."""

    def tells(line):
        named = re.search(r"\bgas_(ideal|real)\b", line) and "," not in line.split("(")[0]
        return named or re.match(rf"\s*T\s*=\s*{_NUM}", line, re.I) or _PHASE.match(line)

    return any(tells(line) for _, line in body)


def read_listing(file: Path, lines: list[str]) -> tuple[Record, ...]:
    """Every run of the text as a Record; the oxygen is that of the closed system."""
    blocks = list(_blocks(file.name, lines))
    if not blocks:
        raise InputError(file.name, "the text of the Equilib run has no gas phase.", "allowed: 'PHASE: gas_ideal …' or '… mol gas_ideal ( … )'")
    return tuple(_record(file, block, k if len(blocks) > 1 else 0) for k, block in enumerate(blocks, 1))


def _blocks(name: str, lines: list[str]) -> Iterator[_Block]:
    block, mode = _Block(1), ""
    for at, line in enumerate(lines, 1):
        place = f"{name} line {at}"
        if not line.strip():
            mode = "" if mode in ("stream", "pure") else mode
            continue
        found = _CONDITION.findall(line) if not line.lstrip().startswith("(") else []
        if found:
            if any(kind.upper() == "T" for kind, *_ in found) and block.gas:
                yield block
                block = _Block(at)
            for kind, text, unit in found:
                _condition(block, place, kind.upper(), text, unit)
            mode = ""
        elif match := _STREAM.match(line):
            _unit(place, match[1])
            if block.gas:
                yield block
                block = _Block(at)
            mode = "stream"
        elif match := _PHASE.match(line):
            _phase(block, place, at, match[1], match[2])
            mode = "gas"
        elif re.match(r"\s*TOTAL\s*:", line, re.I) or set(line.strip()) <= set("*-=_ "):
            mode = ""
        elif (match := _PURE.match(line)) and mode != "gas":
            _unit(place, match[1])
            mode = "pure"
        elif mode in ("stream", "gas", "pure") and (match := _ROW.match(line)):
            _row(block, place, mode, match[1], [match[2], *match[3].split()])
        elif match := _AMOUNT.match(line):
            if re.match(r"gas", match[3], re.I) and block.gas:
                yield block
                block = _Block(at)
            mode = _amount(block, place, at, *match.groups())
        elif mode in ("brackets", "condensate") and _is_condition(line):
            _inside(block, place, line, mode)
        elif mode == "brackets" and (match := _SHARE.match(line)):
            block.shares[_species(place, match[2])] = read_number(match[1], f"{place} {match[2]}")
    if block.gas:
        yield block


def _unit(place, unit):
    if unit.casefold() not in ("mol", "mole", "moles"):
        raise InputError(place, f"{short(unit)} is not a unit of amounts that can be read.", "allowed: mol", "let Equilib print moles")


def _species(place, text):
    name = species_name(text)
    if composition(name) is None:
        raise unknown_species(place, text)
    return name


def _condition(block, place, kind, text, unit):
    si, span, key = ("K", TEMPERATURES, "temperature") if kind == "T" else ("Pa", PRESSURES, "pressure")
    if not unit:
        raise InputError(f"{place} {kind} = {text}", "the unit is missing.", f"allowed: {'K, C' if kind == 'T' else 'bar, atm, Pa'}")
    value = scaled(f"{place} {kind} = {text} {unit}", text, unit, si)
    setattr(block, key, within(value, span, si, f"{place} {kind} = {text} {unit}"))


def _phase(block, place, line, name, units):
    if not name.casefold().startswith("gas"):
        problem = "only the gas and pure condensates can be compared, not this solution."
        raise InputError(f"{place} PHASE: {name}", problem, "allowed: gas_ideal, gas_real")
    first = units.split()[:1]
    if first:
        _unit(place, first[0])
    block.gas, block.gas_line, block.fractions = name, line, True


def _row(block, place, mode, name, numbers):
    species = _species(place, name)
    values = [read_number(text, f"{place} {name}") for text in numbers]
    if mode == "stream":
        block.stream[species] = block.stream.get(species, 0.0) + values[0][0]
    elif mode == "gas":
        if len(values) < 2:
            raise InputError(f"{place} {name}", "its mole fraction is missing.", "allowed: amount, mole fraction, fugacity")
        block.shares[species] = values[1]
        block.gas_moles = (block.gas_moles or 0.0) + values[0][0]
    else:
        block.condensates[species] = values[0][0]
        if len(values) > 1:
            block.activities[species] = values[-1][0]


def _amount(block, place, line, amount, unit, name, rest):
    """A line "3.1 mol gas_ideal" or "+ 0.2 mol C_Graphite(s)", perhaps with the first bracket behind it."""
    _unit(f"{place} {name}", unit)
    value, _ = read_number(amount, f"{place} {name}")
    if name.casefold().startswith("gas"):
        block.gas, block.gas_line, block.gas_moles = name, line, value
        if rest and (match := _SHARE.match(rest)):
            block.shares[_species(place, match[2])] = read_number(match[1], f"{place} {match[2]}")
        elif rest:
            _inside(block, place, rest, "brackets")
        return "brackets"
    species = _species(place, name)
    block.condensates[species] = value
    if rest:
        _inside(block, place, rest, "condensate")
    return "condensate"


def _is_condition(line) -> bool:
    return line.strip().startswith("(") and ("," in line or re.search(r"a\s*=", line) is not None)


def _inside(block, place, text, mode):
    """What stands in brackets beside a phase: temperature, pressure, activity."""
    for amount, unit in _INSIDE.findall(text):
        if unit in ("K", "C", "F") and block.temperature is None:
            _condition(block, place, "T", amount, unit)
        elif unit in ("bar", "atm", "Pa", "kPa", "MPa", "psi", "torr") and block.pressure is None:
            _condition(block, place, "P", amount, unit)
    if mode == "condensate" and (match := re.search(rf"\ba\s*=\s*({_NUM})", text)):
        block.activities[next(reversed(block.condensates))], _ = read_number(match[1], place)


def _record(file: Path, block: _Block, k: int) -> Record:
    place = f"{file.name} line {block.gas_line}"
    for what, example in (("temperature", "T = 1388.00 K"), ("pressure", "P = 794.0 bar")):
        if getattr(block, what) is None:
            raise InputError(place, f"the {what} of this run is missing.", f"allowed: a line '{example}'")
    if not block.shares:
        raise InputError(place, "the gas has no constituents.", "allowed: lines such as '0.46000  H2O'")
    total = math.fsum(value for value, _ in block.shares.values())
    scale = _scale_of(place, block, total)
    pressures = {s: value * scale for s, (value, _) in block.shares.items()}
    rounding = {s: half * scale for s, (_, half) in block.shares.items()}
    gas = block.gas_moles or 1.0
    moles = elements_of(block.stream) or elements_of({s: p / block.pressure * gas for s, p in pressures.items()} | block.condensates)
    name = f"{file.stem} {k}" if k else file.stem
    table = Table(file.stem, str(file), source=str(file), gas="real" if "real" in block.gas.casefold() else "ideal", oxygen="closed")
    log10_fO2 = math.log10(pressures["O2"] / BAR) if pressures.get("O2") else None
    condensates = {s: n for s, n in block.condensates.items() if n > 0 or s == GRAPHITE}
    return Record(
        name, table.program, table, block.gas_line, block.temperature, pressures, rounding, pressure=block.pressure, moles=moles,
        log10_fO2=log10_fO2, condensates=condensates, activities=block.activities,
    )  # fmt: skip


def _scale_of(place, block, total) -> float:
    """Pa for each unit of the constituents' numbers: mole fractions, pressures [bar or atm] or moles, by their sum."""
    if abs(total - 1) <= SUMS:
        return block.pressure
    if block.fractions:
        problem = f"the mole fractions of the gas add up to {total:.4g}."
        raise InputError(place, problem, "allowed: 1, but for what is below the cutoff", "is a constituent missing?")
    nearest_unit = min((BAR, ATMOSPHERE, 1.0), key=lambda unit: abs(total * unit / block.pressure - 1))
    if abs(total * nearest_unit / block.pressure - 1) <= SUMS:
        return nearest_unit
    if block.gas_moles and abs(total / block.gas_moles - 1) <= SUMS:
        return block.pressure / total
    raise InputError(
        place,
        f"the constituents of the gas add up to {total:.4g}, which is neither 1 (mole fractions), the pressure nor the moles of the gas.",
        "allowed: constituents that are complete but for traces",
    )
