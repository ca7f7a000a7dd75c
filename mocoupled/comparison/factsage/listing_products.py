"""Products, input and conditions of an Equilib listing, read line by line into its run."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from ...constants import ATMOSPHERE, BAR
from ...errors import InputError
from .listing_lines import INSIDE, NUMBER, SHARE, UNITS
from .listing_run import Run
from .printed_numbers import read_number, scaled, short, within
from .record import PRESSURES, TEMPERATURES, molar_mass
from .species_names import GAS_PHASE, SOLUTION, composition, species_name


def measure(place: str, unit: str) -> str:
    """mol, g or kg, of a unit of amounts as written; InputError for another unit."""
    for name, words in UNITS.items():
        if unit.casefold().strip(".") in words:
            return name
    raise InputError(
        place,
        f"{short(unit)} is not a unit of amounts that can be read.",
        "allowed: mol, gram",
        "let Equilib print moles",
    )


def read_condition(run: Run, place: str, kind: str, text: str, unit: str) -> None:
    """A temperature (kind T), pressure (P) or volume (V) of the run."""
    where = f"{place} {kind} = {text} {unit}"
    if not unit:
        units = {"T": "K, C", "P": "bar, atm, Pa", "V": "dm3, m3"}[kind]
        raise InputError(f"{place} {kind} = {text}", "the unit is missing.", f"allowed: {units}")
    match kind:
        case "T":
            run.temperature = within(scaled(where, text, unit, "K"), TEMPERATURES, "K", where)
        case "P":
            run.pressure = within(scaled(where, text, unit, "Pa"), PRESSURES, "Pa", where)
            run.pressure_unit = ATMOSPHERE if unit == "atm" else BAR
        case _:
            run.volume = scaled(where, text, unit, "m^3")


def read_phase(run: Run, place: str, line: int, name: str, units: str) -> str:
    """A line "PHASE: gas_ideal mol bar"; the mode for the next lines."""
    words = units.split()
    if GAS_PHASE.fullmatch(name):
        if run.gas:
            run.phases[name] = "a second gas"
            return "solution"
        run.gas, run.gas_line, run.fractions = name, line, True
        unit = measure(place, words[0]) if words else "mol"
        run.gas_moles, run.gas_mass = (0.0, None) if unit == "mol" else (None, 0.0)
        return f"gas {unit} {words[1]}" if len(words) > 1 else f"gas {unit}"
    run.phase, run.phase_unit = name, words[0] if words else ""
    run.phases[name] = ""
    return "solution"


def read_solution_total(run: Run, line: str) -> None:
    """The amount of a solution from its TOTAL line; "" for a solution that is not there."""
    numbers = re.findall(NUMBER, line.partition(":")[2])
    if numbers and run.phase and float(numbers[0]) > 0:
        run.phases[run.phase] = f"{numbers[0]} {run.phase_unit}".strip()
    elif run.phase and numbers:
        run.phases[run.phase] = ""


def read_row(run: Run, place: str, mode: str, name: str, numbers: Sequence[str], flag: str) -> None:
    """A row of the table: of the stream, of a phase, or a pure condensate."""
    words = mode.split(" ")
    kind, unit = words[0], words[1] if len(words) > 1 else "mol"
    if kind == "solution":
        value, _ = read_number(numbers[0], f"{place} {name}")
        if value > 0 and run.phase:
            run.phases[run.phase] = run.phases[run.phase] or "some"
        return
    values = [read_number(text, f"{place} {name}") for text in numbers]
    if kind == "stream":
        _stream(run, name, values[0][0], unit)
    elif kind == "gas":
        _gas_row(run, place, mode, name, values)
        run.flag(name, flag)
    else:
        _condensate(run, name, values[0][0], unit, flag)
        if len(values) > 1 and species_name(name) in run.condensates:
            run.activities[species_name(name)] = values[-1][0]


def _gas_row(run: Run, place: str, mode: str, name: str, values: Sequence[tuple[float, float]]) -> None:
    """A constituent of the gas: amount, mole fraction and, where it is printed, fugacity."""
    if len(values) < 2:
        raise InputError(
            f"{place} {name}", "its mole fraction is missing.", "allowed: amount, mole fraction, fugacity"
        )
    species = run.gas_species(place, name, values[1][0])
    if species:
        run.shares[species] = values[1]
        if len(values) > 2:
            run.fugacities[species] = values[2][0] * _pressure_unit(run, place, mode)
    if run.gas_moles is not None:
        run.gas_moles += values[0][0]
    elif run.gas_mass is not None:
        run.gas_mass += values[0][0] * (1.0 if mode.split(" ")[1] == "kg" else 1e-3)


def _pressure_unit(run: Run, place: str, mode: str) -> float:
    """Pa for the unit of the fugacities, which is printed beside the phase."""
    words = mode.split(" ")
    return scaled(place, "1", words[2], "Pa") if len(words) > 2 else run.pressure_unit


def _stream(run: Run, name: str, value: float, unit: str) -> None:
    """Add a species of the input stream. value: in the unit, mol, g or kg."""
    species = species_name(name)
    weight = 1.0 if unit == "mol" else molar_mass(species)
    if composition(species) is None or weight is None:
        run.lost_stream = (
            f"the elements or the molar mass of {name} are not known here, so that the products are taken"
        )
        return
    run.stream[species] = run.stream.get(species, 0.0) + _in_moles(value, unit, weight)


def _in_moles(value: float, unit: str, weight: float) -> float:
    """Moles of an amount in mol, g or kg of a molar mass [kg/mol]."""
    if unit == "mol":
        return value
    return value * (1.0 if unit == "kg" else 1e-3) / weight


def _condensate(run: Run, name: str, value: float, unit: str, flag: str) -> None:
    """A pure condensate: its moles, NaN where only a mass is known."""
    species = species_name(name)
    if SOLUTION.fullmatch(name):
        run.phases[name] = f"{value:g} {unit}" if value > 0 else ""
        return
    weight = 1.0 if unit == "mol" or value == 0 else molar_mass(species)
    run.condensates[species] = math.nan if weight is None else _in_moles(value, unit, weight)
    run.flag(name, flag)


def read_amount(run: Run, place: str, line: int, match: re.Match[str]) -> str:
    """A line "3.1 mol gas_ideal" or "+ 0.2 mol C_Graphite(s)", perhaps with the first bracket behind it.

    match: of AMOUNT. Returns the mode for the next lines.
    """
    amount, unit, name, flag, rest = match.groups()
    as_measured = measure(f"{place} {name}", unit)
    value, _ = read_number(amount, f"{place} {name}")
    if GAS_PHASE.fullmatch(name):
        if run.gas:
            run.phases[name] = f"{amount} {unit}" if value > 0 else ""
            return "solution brackets"
        run.gas, run.gas_line = name, line
        if as_measured == "mol":
            run.gas_moles = value
        else:
            run.gas_mass = value * (1.0 if as_measured == "kg" else 1e-3)
        if rest and (first := SHARE.match(rest)):
            read_share(run, place, first)
        elif rest:
            read_inside(run, place, rest, "brackets")
        return "brackets"
    if composition(species_name(name)) is None or re.search(r"#\d+$", name):
        run.phases[name] = f"{amount} {unit}" if value > 0 else ""
        return "solution brackets"
    _condensate(run, name, value, as_measured, flag or "")
    if rest:
        read_inside(run, place, rest, "condensate")
    return "condensate"


def read_share(run: Run, place: str, match: re.Match[str]) -> None:
    """A constituent of the gas in brackets."""
    value = read_number(match[1], f"{place} {match[3]}")
    if match[2] and match[2].casefold() != "mol":
        run.by_mass = True
        value = (value[0] / 100, value[1] / 100)
    if species := run.gas_species(place, match[3], value[0]):
        run.shares[species] = value


def is_condition(line: str) -> bool:
    """Whether a line in brackets has conditions or an activity."""
    return line.strip().startswith("(") and ("," in line or re.search(r"a\s*=", line) is not None)


def read_inside(run: Run, place: str, text: str, mode: str) -> None:
    """The text in brackets beside a phase: temperature, pressure, activity."""
    for amount, unit in INSIDE.findall(text):
        if unit in ("K", "C", "F") and run.temperature is None:
            read_condition(run, place, "T", amount, unit)
        elif unit in ("bar", "atm", "Pa", "kPa", "MPa", "psi", "torr") and run.pressure is None:
            read_condition(run, place, "P", amount, unit)
    if mode != "condensate" or not run.condensates:
        return
    if match := re.search(rf"\ba\s*=\s*({NUMBER})(?:\s+([A-Z])\b)?", text):
        name = next(reversed(run.condensates))
        run.activities[name], _ = read_number(match[1], place)
        run.flag(name, match[2] or "")


def read_reactants(run: Run, place: str, line: str) -> None:
    """The input as a formula: "1 H2 + 0.5 CO + 2 CH4 ="."""
    unit = "g" if re.match(r"\s*\(gram\)", line, re.I) else "mol"
    formula = re.sub(r"^\s*\((gram|mol)\)", "", line, flags=re.I)
    for amount, name in re.findall(rf"({NUMBER})\s+([A-Za-z(]\S*)", formula):
        _stream(run, name, read_number(amount, f"{place} {name}")[0], unit)
