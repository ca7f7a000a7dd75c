"""Tables of equilibria in CSV: ours under validation/factsage, and a user's own."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ..constants import BAR
from ..errors import InputError, nearest
from ..units import to_si
from .record import (
    ALLOWED, GRAPHITE, PRESSURES, TEMPERATURES, Record, Table, composition, library, molar_mass, read_number, scaled, short, species_name,
    atomic_weights, within,
)  # fmt: skip

OXYGEN = ("buffer", "own", "closed")
GAS = ("ideal", "real")
INCOMPLETE = 0.02  # of the total pressure; what the printed species of a closed gas may lack
HEADER = ("table", "source", "program", "version", "species", "gas", "oxygen", "standard pressure", "zero", "note")


@dataclass(frozen=True)
class _Column:
    """A column: what it holds, the species, element or key it is for, its unit as written."""

    kind: str
    name: str
    unit: str = ""


_PLAIN = {"case": "case", "program": "program", "temperature": "temperature", "t": "temperature", "pressure": "pressure", "p": "pressure",
          "melt fraction": "melt fraction", "log10 fo2": "log10 fO2"}  # fmt: skip


def read_csv(file: Path, lines: list[str], body) -> tuple[Record, ...]:
    table = _head(file, lines)
    at, titles = body[0]
    separator = next((mark for mark in (",", ";", "\t") if mark in titles), None)
    if separator is None:
        raise InputError(f"{file.name} line {at}", f"{short(titles)} is neither a line of column names nor of an Equilib run.", ALLOWED)
    columns = _columns(f"{file.name} line {at}", next(csv.reader([titles], delimiter=separator)))
    records = []
    for number, line in body[1:]:
        cells = next(csv.reader([line], delimiter=separator))
        place = f"{file.name} line {number}"
        if len(cells) != len(columns):
            problem = f"it has {len(cells)} cells, and line {at} names {len(columns)} columns."
            raise InputError(place, problem, cure="write nothing between two separators where there is no value")
        records.append(_row(place, number, table, [(c, cell.strip()) for c, cell in zip(columns, cells) if cell.strip()]))
    if not records:
        raise InputError(file.name, "there is a line of column names and no row.")
    return tuple(records)


def _head(file: Path, lines: Iterable[str]) -> Table:
    """The Table of the lines `# key: value`."""
    found: dict[str, str] = {}
    notes = []
    for number, line in enumerate(lines, 1):
        if not (match := re.fullmatch(r"#\s*([A-Za-z][A-Za-z ]*):(.*)", line.strip())):
            continue
        title, value = match[1].strip(), match[2].strip()
        key = title.casefold()
        place = f"{file.name} line {number} {title} = {short(value)}"
        if key not in HEADER:
            raise InputError(place, "the head of a table has no such key.", f"allowed: {', '.join(HEADER)}", nearest(key, HEADER))
        if key == "note":
            notes.append(value)
            continue
        if key in found:
            raise InputError(place, "this key stands twice.")
        for name, allowed in (("oxygen", OXYGEN), ("gas", GAS)):
            if key == name and value not in allowed:
                raise InputError(place, "this is not one of the choices.", f"allowed: {', '.join(allowed)}", nearest(value, allowed))
        found[key] = value
    names = {"table": "name", "standard pressure": "standard_pressure"}
    given = {names.get(key, key): value for key, value in found.items()}
    return Table(**({"name": file.stem} | given), path=str(file), notes=tuple(notes))


def _columns(place: str, titles: list[str]) -> list[_Column]:
    found: list[_Column] = []
    for title in titles:
        text = title.strip()
        name, bracket, unit = text.removesuffix("]").rpartition("[")
        name, unit = (name.strip(), unit.strip()) if bracket and text.endswith("]") else (text, "")
        column = _column(f"{place} column {short(title.strip())}", name, unit)
        if any((c.kind, c.name) == (column.kind, column.name) for c in found):
            raise InputError(f"{place} column {short(title.strip())}", "this column stands twice.")
        found.append(column)
    if not any(c.kind == "temperature" for c in found):
        raise InputError(place, "no column has the temperature.", "allowed: a column 'temperature [K]'")
    return found


def _column(place: str, name: str, unit: str) -> _Column:
    plain = _PLAIN.get(name.casefold())
    if plain in ("temperature", "pressure"):
        si = "K" if plain == "temperature" else "Pa"
        scaled(place, "1", unit or si, si)
        return _Column(plain, "", unit or si)
    if plain is not None:
        if unit not in ("", "1", "bar"):
            raise InputError(place, f"{unit!r} is not a unit of {plain}.", "allowed: no unit")
        return _Column(plain, "")
    if match := re.fullmatch(r"total\s+(\w+)", name):
        if match[1] not in library()[1]:
            raise InputError(place, f"no element is called {match[1]!r}.", f"allowed: {', '.join(sorted(library()[1]))}")
        if unit not in ("mol", "kg"):
            raise InputError(place, f"{unit!r} is not a unit of the amount of an element.", "allowed: mol, kg")
        return _Column("total", match[1], unit)
    if "." in name and not unit:
        return _Column("key", name)
    species = species_name(name)
    if composition(species) is None:
        allowed = f"allowed: {', '.join(sorted(set(_PLAIN.values())))}, 'total H', a key of a case such as volatiles.hydrogen, a species"
        known = [*_PLAIN, *library()[0]]
        raise InputError(place, f"{name!r} is neither a species nor another column.", allowed, nearest(name, known))
    condensed = species == GRAPHITE
    allowed = ("mol", "kg", "activity") if condensed else ("a pressure (bar, Pa, atm, ...)", "mole fraction")
    if condensed and unit in allowed:
        return _Column("activity" if unit == "activity" else "condensate", species, unit)
    if not condensed and unit in ("mole fraction", "mol/mol"):
        return _Column("fraction", species, unit)
    if not condensed and unit:
        try:
            to_si("1 " + unit, "Pa")
            return _Column("species", species, unit)
        except InputError:
            pass
    problem = f"{unit!r} is not a unit of {name}." if unit else f"the unit of {name} is missing."
    raise InputError(place, problem, f"allowed: {', '.join(allowed)}", "write it as 'H2O [bar]'")


def _row(place: str, line: int, table: Table, cells: list[tuple[_Column, str]]) -> Record:
    held: dict[str, dict] = {kind: {} for kind in ("species", "rounding", "total", "condensate", "activity", "key")}
    found: dict[str, object] = {}
    for column, text in cells:
        _cell(f"{place} {column.name or column.kind} = {short(text)}", column, text, held, found)
    if "temperature" not in found:
        raise InputError(place, "the temperature is missing.", "allowed: a number above 0 K")
    planet = bool(held["key"]) or "melt_fraction" in found
    pressure = found.get("pressure")
    if pressure is None and not planet:
        allowed = "allowed: a column 'pressure [bar]', or the planet: 'melt fraction' and keys such as volatiles.hydrogen"
        raise InputError(place, "the total pressure is missing.", allowed)
    for name, value in held["species"].items():
        if isinstance(value, _Fraction):
            if pressure is None:
                raise InputError(place, "mole fractions need the total pressure.", "allowed: a column 'pressure [bar]'")
            held["species"][name], held["rounding"][name] = value * pressure, held["rounding"][name] * pressure
    pressures = held["species"]
    if not pressures:
        raise InputError(place, "no species has a value.", "allowed: at least one partial pressure")
    if planet:
        found.setdefault("melt_fraction", 0.0)
    if "log10_fO2" not in found and pressures.get("O2"):
        found["log10_fO2"] = math.log10(pressures["O2"] / BAR)
    oxygen = _oxygen(place, table, found, held)
    moles = _closed(place, pressure, held) if oxygen == "closed" else held["total"]
    name = str(found.pop("case", "")) or f"line {line}"
    return Record(
        name, str(found.pop("program", table.program)), replace(table, oxygen=oxygen), line, pressures=pressures, rounding=held["rounding"],
        moles=moles, case=held["key"], condensates=held["condensate"], activities=held["activity"], **found,
    )  # fmt: skip


class _Fraction(float):
    """A mole fraction, which becomes a pressure once the total is known."""


def _cell(where, column, text, held, found):
    """Read one cell into `held` (by kind and name) or `found`."""
    kind, name, unit = column.kind, column.name, column.unit
    match kind:
        case "key":
            held["key"][name] = text
        case "case" | "program":
            found[kind] = text
        case "temperature":
            found[kind] = within(scaled(where, text, unit, "K"), TEMPERATURES, "K", where)
        case "pressure":
            found[kind] = within(scaled(where, text, unit, "Pa"), PRESSURES, "Pa", where)
        case "melt fraction":
            found["melt_fraction"] = _share(where, text)
        case "log10 fO2":
            found["log10_fO2"], _ = read_number(text, where, -100.0, "log10 of the fugacity in bar, at least -100")
        case "activity":
            held[kind][name], _ = read_number(text, where)
        case "total" | "condensate":
            value, _ = read_number(text, where)
            one = molar_mass(name) if kind == "condensate" else atomic_weights()[name]
            held[kind][name] = value / (one if unit == "kg" else 1.0)
        case "fraction":
            held["species"][name] = _Fraction(_share(where, text))
            held["rounding"][name] = read_number(text, where)[1]
        case _:
            held["species"][name] = scaled(where, text, unit, "Pa")
            held["rounding"][name] = read_number(text, where)[1] * to_si("1 " + unit, "Pa")


def _share(where, text) -> float:
    value, _ = read_number(text, where, what="a fraction, 0 to 1")
    if value > 1:
        raise InputError(where, f"{value:g} is above 1.", "allowed: a fraction, 0 to 1")
    return value


def _oxygen(place, table, found, held) -> str:
    """Where the row's oxygen comes from, also where the head is silent; InputError where the row lacks what it takes."""
    own = found.get("log10_fO2") is not None
    oxygen = table.oxygen or ("closed" if "melt_fraction" not in found else "own" if own else "buffer")
    if oxygen == "own" and not own:
        allowed = "allowed: a column 'O2 [bar]' or 'log10 fO2' with a value above zero"
        raise InputError(place, "the row has no oxygen fugacity of its own.", allowed, "or write '# oxygen: buffer' or '# oxygen: closed'")
    if oxygen == "buffer" and "redox.oxygen_fugacity" not in held["key"]:
        raise InputError(place, "the row names no buffer.", "allowed: a column redox.oxygen_fugacity with a value such as 'IW+0.5'")
    if oxygen != "closed" and "melt_fraction" not in found:
        allowed = "allowed: columns such as 'melt fraction' and volatiles.hydrogen"
        raise InputError(place, f"there is no planet whose oxygen could be '{oxygen}'.", allowed, "or write '# oxygen: closed'")
    return oxygen


def _closed(place, pressure, held) -> dict[str, float]:
    """Element -> mol of a closed system: the totals as given, or what a gas without condensates holds."""
    if pressure is None:
        raise InputError(place, "the total pressure is missing.", "allowed: a column 'pressure [bar]'")
    gas: dict[str, float] = {}
    for species, p in held["species"].items():
        for element, count in composition(species).items():
            gas[element] = gas.get(element, 0.0) + count * p / pressure
    lacking = sorted(e for e, n in gas.items() if n > 0 and e not in held["total"])
    if not lacking:
        return held["total"]
    if held["total"] or any(n > 0 for n in held["condensate"].values()):
        raise InputError(place, f"the amount of {', '.join(lacking)} is missing.", f"allowed: a column 'total {lacking[0]} [mol]'")
    total = math.fsum(held["species"].values())
    if abs(total / pressure - 1) > INCOMPLETE:
        problem = f"the species add up to {total / BAR:.6g} bar of {pressure / BAR:.6g} bar, so that the amounts of the elements do not follow."
        raise InputError(place, problem, f"allowed: within {INCOMPLETE:.0%}, or columns such as 'total H [mol]'")
    return gas
