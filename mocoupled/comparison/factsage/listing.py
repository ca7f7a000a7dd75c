"""The text that a FactSage Equilib run prints, in its two layouts: a table of constituents, and formulas in brackets.

Table: lines "T = 1388.00 K", "P = 794.0 bar", "V = 0.24 dm3", STREAM CONSTITUENTS with amounts, "PHASE: gas_ideal mol bar"
with amount, mole fraction and fugacity of each constituent, other phases likewise, then the pure condensates with amount
and activity. Brackets: "3.1 mol gas_ideal ( 0.58 H2O + 0.27 H2 … )" with "(1388.00 K, 794.0 bar, …)" beside it or "T = …"
above, and "+ 0.2 mol C_Graphite(s) (…, a=1.0)". The numbers in brackets may be mole fractions, pressures or moles: their
sum tells. Several runs may follow each other in one file. Solutions other than the gas, and lines that are none of these,
are passed over by name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ...constants import ATMOSPHERE, BAR
from ...errors import InputError
from .blocks import Block, record
from .heads import read_head
from .names import GAS_PHASE, SOLUTION, composition, species_name
from .numbers import TOKEN, decimal_mark, read_number, scaled, short, with_point, within
from .record import PRESSURES, TEMPERATURES, Record, molar_mass

_NUM = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?|[+-]?(?:nan|inf\w*)"
_CONDITION = re.compile(
    rf"(?<![A-Za-z_])(T|P|V|Temperature|Pressure|Volume)\s*[=:]\s*({_NUM})\s*([A-Za-z°]*\d?)", re.I
)
_STREAM = re.compile(r"\s*STREAM\s+CONSTITUENTS\s+AMOUNT\s*/\s*(\S+)", re.I)
_HEAD = re.compile(r"\s*(?:EQUIL\.?\s+)?AMOUNT\s+(MOLE|MASS|WEIGHT)\s+FRACTION", re.I)
_PHASE = re.compile(r"\s*PHASE:\s*(\S+)(.*)", re.I)
_PURE = re.compile(r"\s*(\S+)\s+ACTIVITY\s*$", re.I)
_AMOUNT = re.compile(rf"\s*\+?\s*({_NUM})\s+([A-Za-z.%]+)\s+([A-Za-z(]\S*)(?:\s+([A-Z]))?\s*(\(.*)?$", re.I)
_SHARE = re.compile(rf"\s*[(+]?\s*({_NUM})\s+(?:(mol|wt\.?%|mass%)\s+)?([A-Za-z(]\S*?)\s*\)?\s*$", re.I)
_INSIDE = re.compile(rf"({_NUM})\s*([A-Za-z°]+)")
_ROW = re.compile(rf"\s*([A-Za-z(]\S*)\s+(?:([A-Z])\s+)?({_NUM})((?:\s+{_NUM})*)(?:\s+([A-Z]))?\s*$", re.I)
_REACTANTS = re.compile(
    rf"\s*(?:\((?:gram|mol)\)\s*)?{_NUM}\s+[A-Za-z(]\S*(?:\s*\+\s*(?:{_NUM})\s+[A-Za-z(]\S*)*\s*[=+]\s*$",
    re.I,
)
_VERSION = re.compile(
    r"\b(?:[A-Za-z]*[a-z][A-Za-z]*)\s+\d+[.,]\d+\b"
)  # "FactPS 8.2", which says nothing of the decimal mark
_CUTOFF = re.compile(r"cutoff\s+limit.*?(\d\S*)\s*$", re.I)
_UNITS = {"mol": ("mol", "mole", "moles"), "g": ("gram", "grams", "g"), "kg": ("kg",)}


def is_listing(body: list[tuple[int, str]]) -> bool:
    """Whether these lines (number, text) are of an Equilib run and not of a CSV table."""

    def tells(line):
        named = re.search(r"\bgas_(ideal|real)\b", line) and "," not in line.split("(")[0]
        return named or re.match(r"\s*T\s*=\s*[+-]?[\d.,]", line, re.I) or _PHASE.match(line)

    return any(tells(line) for _, line in body)


def read_listing(file: Path, lines: list[str]) -> tuple[Record, ...]:
    """Every run of the text as a Record; the oxygen is that of the closed system."""
    lines = _with_points(file.name, lines)
    blocks = list(_blocks(file.name, lines))
    if not blocks:
        allowed = "allowed: 'PHASE: gas_ideal …', '… mol gas_ideal ( … )', or pure condensates"
        raise InputError(
            file.name, "the text of the Equilib run has no gas phase and no condensate.", allowed
        )
    cutoffs = dict.fromkeys(match[1] for line in lines if (match := _CUTOFF.search(line)))
    table = read_head(file, lines, listing=True)
    if cutoffs and table.zero == "not stated":
        table = replace(table, zero=f"below the cutoff of {', '.join(cutoffs)}")
    return tuple(record(file, block, k if len(blocks) > 1 else 0, table) for k, block in enumerate(blocks, 1))


def _with_points(name: str, lines: list[str]) -> list[str]:
    """The lines with decimal points, whatever the file has."""
    bare = [
        (k, _VERSION.sub(" ", line)) for k, line in enumerate(lines, 1) if not line.lstrip().startswith("#")
    ]
    texts = [(f"line {k}", t) for k, line in bare for t in TOKEN.findall(line)]
    mark = decimal_mark(texts, name, ",")
    return [
        line if line.lstrip().startswith("#") else TOKEN.sub(lambda m: with_point(m[0], mark), line)
        for line in lines
    ]


def _blocks(name: str, lines: list[str]) -> Iterator[Block]:
    block, mode, depth = Block(1), "", 0
    for at, line in enumerate(lines, 1):
        place = f"{name} line {at}"
        if not line.strip() or line.lstrip().startswith("#"):
            mode = "" if mode in ("stream", "pure", "components") else mode
            continue
        inside = mode in ("brackets", "solution brackets") and depth > 0
        if mode in ("brackets", "solution brackets"):
            depth = max(depth + line.count("(") - line.count(")"), 0)
        if _starts(line, block, inside):
            yield block
            block, mode = Block(at), ""
        mode = _line(block, place, at, line, mode, inside)
        if _AMOUNT.match(line) and not inside and mode in ("brackets", "solution brackets"):
            depth = max(line.count("(") - line.count(")"), 0)
    if block.begun:
        yield block


def _starts(line, block, inside) -> bool:
    """Whether a line begins another run."""
    if not block.begun:
        return False
    if not line.lstrip().startswith("(") and any(
        kind[0].upper() == "T" for kind, *_ in _CONDITION.findall(line)
    ):
        return True
    if _STREAM.match(line) or (_REACTANTS.match(line) and not inside):
        return True
    match = _AMOUNT.match(line)
    return (
        match is not None
        and not inside
        and bool(GAS_PHASE.fullmatch(match[3]))
        and bool(block.gas)
        and not line.lstrip().startswith("+")
    )


def _line(block: Block, place: str, at: int, line: str, mode: str, inside: bool) -> str:
    """Read a line into the block; the mode for the next one."""
    found = _CONDITION.findall(line) if not line.lstrip().startswith("(") else []
    if found:
        for kind, text, unit in found:
            _condition(block, place, kind[0].upper(), text, unit)
        return ""
    if match := _STREAM.match(line):
        return f"stream {_unit(place, match[1])}"
    if match := _HEAD.match(line):
        block.by_mass = block.by_mass or (match[1].upper() != "MOLE" and not block.gas)
        return mode
    if match := _PHASE.match(line):
        return _phase(block, place, at, match[1], match[2])
    if re.match(r"\s*TOTAL\s*:", line, re.I) or set(line.strip()) <= set("*-=_ "):
        if mode == "solution":
            _solution_total(block, line)
        return ""
    if re.match(r"\s*System\s+component", line, re.I):
        block.passed["the table of system components"] = (
            "amounts of elements in each phase, which are not compared"
        )
        return "components"
    if (match := _PURE.match(line)) and mode != "gas":
        return f"pure {_unit(place, match[1])}"
    if mode == "components":
        return mode
    if (
        mode.split(" ")[0] in ("stream", "gas", "pure", "solution")
        and mode != "solution brackets"
        and (match := _ROW.match(line))
    ):
        _row(block, place, mode, match[1], [match[3], *match[4].split()], match[2] or match[5] or "")
        return mode
    if inside and mode == "solution brackets":
        return mode
    if (match := _AMOUNT.match(line)) and not inside:
        return _amount(block, place, at, *match.groups())
    if mode in ("brackets", "condensate", "solution brackets") and _is_condition(line):
        _inside(block, place, line, mode)
        return mode
    if mode == "brackets" and (match := _SHARE.match(line)):
        _share(block, place, match)
        return mode
    if mode == "solution brackets" and (_SHARE.match(line) or line.lstrip().startswith("(")):
        return mode
    if _REACTANTS.match(line):
        _reactants(block, place, line)
        return ""
    if re.search(r"[A-Za-z]{2}", line) and not _CUTOFF.search(line):
        block.unread.append(f"line {at} {short(line.strip()[:40])}")
    return mode


def _unit(place, unit) -> str:
    """mol, g or kg of an amount as written."""
    for name, words in _UNITS.items():
        if unit.casefold().strip(".") in words:
            return name
    raise InputError(
        place,
        f"{short(unit)} is not a unit of amounts that can be read.",
        "allowed: mol, gram",
        "let Equilib print moles",
    )


def _condition(block, place, kind, text, unit):
    si, span, key = {
        "T": ("K", TEMPERATURES, "temperature"),
        "P": ("Pa", PRESSURES, "pressure"),
        "V": ("m^3", None, "volume"),
    }[kind]
    if not unit:
        raise InputError(
            f"{place} {kind} = {text}",
            "the unit is missing.",
            f"allowed: {'K, C' if kind == 'T' else 'bar, atm, Pa' if kind == 'P' else 'dm3, m3'}",
        )
    value = scaled(f"{place} {kind} = {text} {unit}", text, unit, si)
    if span:
        within(value, span, si, f"{place} {kind} = {text} {unit}")
    setattr(block, key, value)
    if kind == "P":
        block.pressure_unit = ATMOSPHERE if unit == "atm" else BAR


def _phase(block, place, line, name, units) -> str:
    words = units.split()
    if GAS_PHASE.fullmatch(name):
        if block.gas:
            block.phases[name] = "a second gas"
            return "solution"
        block.gas, block.gas_line, block.fractions = name, line, True
        unit = _unit(place, words[0]) if words else "mol"
        block.gas_moles, block.gas_mass = (0.0, None) if unit == "mol" else (None, 0.0)
        return f"gas {unit} {words[1] if len(words) > 1 else ''}".rstrip()
    block.phase, block.phase_unit = name, words[0] if words else ""
    block.phases[name] = ""
    return "solution"


def _solution_total(block, line):
    """The amount of a solution from its TOTAL line; "" of one that is not there."""
    numbers = re.findall(_NUM, line.partition(":")[2])
    if numbers and block.phase and float(numbers[0]) > 0:
        block.phases[block.phase] = f"{numbers[0]} {block.phase_unit}".strip()
    elif block.phase and numbers:
        block.phases[block.phase] = ""


def _row(block, place, mode, name, numbers, flag):
    """A row of the table: of the stream, of a phase, or a pure condensate."""
    kind, unit = mode.split(" ")[0], (mode.split(" ") + ["mol"])[1]
    if kind == "solution":
        value, _ = read_number(numbers[0], f"{place} {name}")
        if value > 0 and block.phase:
            block.phases[block.phase] = block.phases[block.phase] or "some"
        return
    values = [read_number(text, f"{place} {name}") for text in numbers]
    if kind == "stream":
        _stream(block, name, values[0][0], unit)
    elif kind == "gas":
        if len(values) < 2:
            raise InputError(
                f"{place} {name}", "its mole fraction is missing.", "allowed: amount, mole fraction, fugacity"
            )
        species = block.gas_species(place, name, values[1][0])
        if species:
            block.shares[species] = values[1]
            if len(values) > 2:
                block.fugacities[species] = values[2][0] * _pressure_unit(block, place, mode)
        if unit == "mol":
            block.gas_moles += values[0][0]
        else:
            block.gas_mass += values[0][0] * (1.0 if unit == "kg" else 1e-3)
        block.flag(name, flag)
    else:
        _condensate(block, name, values[0][0], unit, flag)
        if len(values) > 1 and species_name(name) in block.condensates:
            block.activities[species_name(name)] = values[-1][0]


def _pressure_unit(block, place, mode) -> float:
    """Pa for the unit of the fugacities, which stands beside the phase."""
    words = mode.split(" ")
    return scaled(place, "1", words[2], "Pa") if len(words) > 2 else block.pressure_unit


def _stream(block, name, value, unit):
    species = species_name(name)
    weight = 1.0 if unit == "mol" else molar_mass(species)
    if composition(species) is None or weight is None:
        block.lost_stream = (
            f"the elements or the molar mass of {name} are not known here, so that the products are taken"
        )
        return
    amount = value if unit == "mol" else value * (1.0 if unit == "kg" else 1e-3) / weight
    block.stream[species] = block.stream.get(species, 0.0) + amount


def _condensate(block, name, value, unit, flag):
    """A pure condensate; its moles, NaN where only a mass is known."""
    species = species_name(name)
    if SOLUTION.fullmatch(name):
        block.phases[name] = f"{value:g} {unit}" if value > 0 else ""
        return
    weight = 1.0 if unit == "mol" or value == 0 else molar_mass(species)
    block.condensates[species] = (
        math.nan
        if weight is None
        else value
        if unit == "mol"
        else value * (1.0 if unit == "kg" else 1e-3) / weight
    )
    block.flag(name, flag)


def _amount(block, place, line, amount, unit, name, flag, rest) -> str:
    """A line "3.1 mol gas_ideal" or "+ 0.2 mol C_Graphite(s)", perhaps with the first bracket behind it."""
    measure = _unit(f"{place} {name}", unit)
    value, _ = read_number(amount, f"{place} {name}")
    if GAS_PHASE.fullmatch(name):
        if block.gas:
            block.phases[name] = f"{amount} {unit}" if value > 0 else ""
            return "solution brackets"
        block.gas, block.gas_line = name, line
        if measure == "mol":
            block.gas_moles = value
        else:
            block.gas_mass = value * (1.0 if measure == "kg" else 1e-3)
        if rest and (match := _SHARE.match(rest)):
            _share(block, place, match)
        elif rest:
            _inside(block, place, rest, "brackets")
        return "brackets"
    if composition(species_name(name)) is None or re.search(r"#\d+$", name):
        block.phases[name] = f"{amount} {unit}" if value > 0 else ""
        return "solution brackets"
    _condensate(block, name, value, measure, flag or "")
    if rest:
        _inside(block, place, rest, "condensate")
    return "condensate"


def _share(block, place, match):
    """A constituent of the gas in brackets."""
    value = read_number(match[1], f"{place} {match[3]}")
    if match[2] and match[2].casefold() != "mol":
        block.by_mass = True
        value = (value[0] / 100, value[1] / 100)
    if species := block.gas_species(place, match[3], value[0]):
        block.shares[species] = value


def _is_condition(line) -> bool:
    return line.strip().startswith("(") and ("," in line or re.search(r"a\s*=", line) is not None)


def _inside(block, place, text, mode):
    """What stands in brackets beside a phase: temperature, pressure, activity."""
    for amount, unit in _INSIDE.findall(text):
        if unit in ("K", "C", "F") and block.temperature is None:
            _condition(block, place, "T", amount, unit)
        elif unit in ("bar", "atm", "Pa", "kPa", "MPa", "psi", "torr") and block.pressure is None:
            _condition(block, place, "P", amount, unit)
    if (
        mode == "condensate"
        and block.condensates
        and (match := re.search(rf"\ba\s*=\s*({_NUM})(?:\s+([A-Z])\b)?", text))
    ):
        name = next(reversed(block.condensates))
        block.activities[name], _ = read_number(match[1], place)
        block.flag(name, match[2] or "")


def _reactants(block, place, line):
    """The input as a formula: "1 H2 + 0.5 CO + 2 CH4 ="."""
    unit = "g" if re.match(r"\s*\(gram\)", line, re.I) else "mol"
    for amount, name in re.findall(
        rf"({_NUM})\s+([A-Za-z(]\S*)", re.sub(r"^\s*\((gram|mol)\)", "", line, flags=re.I)
    ):
        _stream(block, name, read_number(amount, f"{place} {name}")[0], unit)
