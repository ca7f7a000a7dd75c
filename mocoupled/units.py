"""Numbers with units as text, read into SI floats: "2700 K", "3 ocean", "534 ppmw/bar^0.5"."""

from __future__ import annotations

import math
import numbers
import re
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from .constants import (
    ASTRONOMICAL_UNIT,
    ATMOSPHERE,
    BAR,
    EARTH_MASS,
    EARTH_RADIUS,
    JUPITER_MASS,
    JUPITER_RADIUS,
    OCEAN_HYDROGEN,
    SOLAR_LUMINOSITY,
    SOLAR_MASS,
    YEAR,
)
from .errors import InputError, nearest
from .loading import let_in

if TYPE_CHECKING:
    import numpy as np
    from pint import Unit, UnitRegistry

# a number or an array: what is converted has the same form as what is returned
Number = TypeVar("Number", float, "np.ndarray")

# The common units, so that a case is read without importing pint (0.2 s); tests compare each with pint.
FACTORS = MappingProxyType({
    "m": ("m", 1.0), "km": ("m", 1e3), "cm": ("m", 1e-2), "mm": ("m", 1e-3), "um": ("m", 1e-6),
    "kg": ("kg", 1.0), "g": ("kg", 1e-3), "ocean": ("kg", OCEAN_HYDROGEN), "oceans": ("kg", OCEAN_HYDROGEN),
    "s": ("s", 1.0), "d": ("s", 86400.0), "yr": ("s", YEAR), "kyr": ("s", 1e3 * YEAR),
    "Myr": ("s", 1e6 * YEAR), "Gyr": ("s", 1e9 * YEAR), "year": ("s", YEAR), "years": ("s", YEAR),
    "1/yr": ("1/s", 1 / YEAR), "K": ("K", 1.0), "Pa": ("Pa", 1.0), "MPa": ("Pa", 1e6), "GPa": ("Pa", 1e9),
    "bar": ("Pa", BAR), "kbar": ("Pa", 1e3 * BAR), "atm": ("Pa", ATMOSPHERE),
    "g/cm^3": ("kg/m^3", 1e3), "cm^2/g": ("m^2/kg", 0.1),
    "ppmw": ("1", 1e-6), "%": ("1", 1e-2), "mol": ("mol", 1.0),
    "R_earth": ("m", EARTH_RADIUS), "M_earth": ("kg", EARTH_MASS),
    "R_jup": ("m", JUPITER_RADIUS), "M_jup": ("kg", JUPITER_MASS),
    "au": ("m", ASTRONOMICAL_UNIT), "M_sun": ("kg", SOLAR_MASS),
    "W": ("W", 1.0), "L_sun": ("W", SOLAR_LUMINOSITY),
})  # fmt: skip
# Spellings of other programs, and of people.
ALIASES = MappingProxyType({
    "R_Earth": "R_earth", "M_Earth": "M_earth", "earthRad": "R_earth", "earthMass": "M_earth",
    "Rearth": "R_earth", "Mearth": "M_earth", "REarth": "R_earth", "MEarth": "M_earth",
    "R_E": "R_earth", "M_E": "M_earth", "R_Jup": "R_jup", "M_Jup": "M_jup", "Rjup": "R_jup", "Mjup": "M_jup",
    "RJup": "R_jup", "MJup": "M_jup", "R_jupiter": "R_jup", "M_jupiter": "M_jup", "jupiterRad": "R_jup",
    "jupiterMass": "M_jup", "R_⊕": "R_earth", "M_⊕": "M_earth", "R⊕": "R_earth", "M⊕": "M_earth",
    "M_Sun": "M_sun", "Msun": "M_sun", "M_☉": "M_sun", "M☉": "M_sun", "L_Sun": "L_sun", "Lsun": "L_sun",
    "L_☉": "L_sun", "L☉": "L_sun", "AU": "au", "deg_C": "degC", "deg_F": "degF", "atmosphere": "atm",
})  # fmt: skip
# Names of other units that many tables use for a temperature: for pint "1650 C" is 1650 coulomb.
MEANT = MappingProxyType(
    {("C", "K"): "degC", ("F", "K"): "degF", ("c", "K"): "degC", ("f", "K"): "degF", ("k", "K"): "K"}
)
LONGEST = 300  # characters of a number with its unit

# Units that pint knows, but that are surely typing errors: for pint "100 myr" is a tenth of a year.
SLIPS = MappingProxyType({"myr": "Myr", "ma": "Ma", "Gpa": "GPa", "Mpa": "MPa"})

_NUMBER = re.compile(
    r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?(?:nan|inf(?:inity)?)(?![a-z]))\s*(.*)",
    re.I | re.S,
)
_COMMA = re.compile(r"([+-]?[0-9]+),([0-9]+)(?![0-9,])")
_LETTER = r"A-Za-zµμ°Å%"
# The characters of a unit. A power is allowed only on a name, never on a number or on a power,
# so that no text makes pint compute something huge.
_UNIT = re.compile(rf"[{_LETTER}_0-9 ^*/().+-]{{0,80}}")
_POWER = re.compile(
    r"(?<=[A-Za-z])\^(?:[+-]?[0-9]{1,2}(?:\.[0-9]{1,4})?|\([+-]?[0-9]{1,2}(?:\.[0-9]{1,4}|/[0-9]{1,2})?\))(?![0-9.^])"
)


def split(text: str) -> tuple[float, str] | None:
    """The number and the unit of "<number> <unit>", as written ("" for a bare number).

    None if no number leads.
    """
    text = text.strip()
    match = _NUMBER.fullmatch(text) if len(text) <= LONGEST else None
    return (float(match[1]), match[2]) if match else None


# wt%, wt.%, wt-%, weight %, mass% as in tables of analyses; wt is no unit, and % is one
_BY_MASS = re.compile(r"(?<![A-Za-z])(?:wt|weight|mass)[. -]*%")
_RAISED = {ord(a): b for a, b in zip("⁻²³¹⁴", "-2314")}  # m·s⁻² is read as m*s-2 is


def spelled(unit: str) -> str:
    """A unit in one spelling: no blanks, powers by `^` ("m/s2" -> "m/s^2").

    "1/yr" for "/yr", "1" for a pure number, and "%" for "wt%".
    """
    unit = unit.strip()
    if len(unit) > LONGEST:  # no unit that anyone writes, and the patterns below would take long
        return unit[:LONGEST]
    unit = _BY_MASS.sub("%", unit)
    if unit in ALIASES:
        return ALIASES[unit]
    unit = unit.replace("**", "^").replace("·", "*").replace("⋅", "*").translate(_RAISED)
    unit = re.sub(rf"(?<=[{_LETTER}])([+-]?[0-9]+(?:\.[0-9]+)?)(?![\w.])", r"^\1", unit)
    unit = re.sub(r"\s*([*/^()])\s*", r"\1", unit)
    unit = re.sub(r"\s+", "*", unit)
    if unit.startswith("/"):
        unit = "1" + unit
    return "1" if unit in ("", "kg/kg", "dimensionless") else unit


def by_mass(unit: str) -> bool:
    """Whether a unit, as a user wrote it, is a share by mass: wt%, ppmw, mg/kg."""
    return bool(_BY_MASS.fullmatch(unit.strip())) or unit.strip().endswith(("ppmw", "/kg"))


def to_si(text_or_number: object, unit: str, where: str = "") -> float:
    """The number in the SI unit `unit`.

    text_or_number: "<number> <unit>" with any unit of the same dimension, or a bare number, taken to be in
    `unit`.
    unit: SI unit of the result, as text; "1" for a pure number.
    where: the place in the user's input, for the error.
    Raises InputError for anything else: wrong dimension, unknown unit, NaN, infinity, a logical value, no
    number.
    """
    value = text_or_number
    where = where or shown(value)
    target = spelled(unit)
    allowed = _allowed(unit, target)
    if isinstance(value, bool) or not isinstance(value, (str, numbers.Real)):
        raise InputError(where, f"{shown(value)} is not a number with a unit.", allowed)
    if isinstance(value, str):
        number, written = _parts(value, where, allowed, target)
    else:
        try:
            number, written = float(value), target
        except (OverflowError, ValueError):
            number, written = math.inf, target
    result = (
        number
        if written == target or not math.isfinite(number)
        else float(converted(number, written, unit, where))
    )
    if not math.isfinite(result):
        raise InputError(where, f"{shown(value)} is not a finite number.", allowed)
    return result


def _parts(text: str, where: str, allowed: str, target: str) -> tuple[float, str]:
    """Number and unit, as `spelled`, of text; InputError with the cure for what cannot be read."""
    parts = split(text)
    if parts is None:
        if len(text.strip()) > LONGEST:
            raise InputError(where, f"a number with a unit has {len(text)} characters.", allowed)
        cure = "a number looks like 2700, 1.5 or 4.65e20"
        raise InputError(where, f"{shown(text)} does not begin with a number.", allowed, cure)
    if parts[1].startswith(",") and (comma := _COMMA.match(text.strip())):
        point = f"{comma[1]}.{comma[2]}"
        cure = (
            f"write {comma[1]}{comma[2]}, or {point} where the comma is a decimal one"
            if len(comma[2]) == 3
            else f"write {point}: a point for the decimal comma"
        )
        raise InputError(where, f"{shown(text)} has a comma, which cannot be read as a unit.", allowed, cure)
    if parts[1] and not re.search(f"[{_LETTER}]", parts[1]):
        raise InputError(where, f"{shown(text)} cannot be read as a number and a unit.", allowed)
    return parts[0], spelled(parts[1]) if parts[1] else target


def converted(values: Number, written: str, unit: str, where: str) -> Number:
    """A number or an array in the unit `written`, converted to the SI unit `unit`. written: as `spelled`.

    InputError for another dimension.
    """
    target = spelled(unit)
    if written == target:
        return values
    if FACTORS.get(written, ("",))[0] == target:
        return values * FACTORS[written][1]
    return _by_pint(values, written, target, unit, where, _allowed(unit, target))


def si_text(value: float, unit: str) -> str | float:
    """The inverse of `to_si`: text that reads back to exactly this value.

    It is the number itself when it has no unit.
    """
    return float(value) if spelled(unit) == "1" else f"{float(value)!r} {unit}"


@cache
def registry() -> UnitRegistry[Any]:
    """pint's registry with ppmw, ocean (of hydrogen) and the Julian year; made at the first use."""
    let_in("pint")
    import pint

    units: UnitRegistry[Any] = pint.UnitRegistry()
    for line in (
        f"ocean = {OCEAN_HYDROGEN!r} kg",
        "ppmw = 1e-6",
        f"R_earth = {EARTH_RADIUS!r} m",
        f"M_earth = {EARTH_MASS!r} kg",
        f"R_jup = {JUPITER_RADIUS!r} m",
        f"M_jup = {JUPITER_MASS!r} kg",
        f"M_sun = {SOLAR_MASS!r} kg",
        f"L_sun = {SOLAR_LUMINOSITY!r} W",
    ):
        units.define(line)
    return units


def shown(value: object) -> str:
    """A value in the form of a message, shortened."""
    try:
        text = " ".join(repr(value[:80] if isinstance(value, (str, bytes, list, tuple)) else value).split())
    except Exception:  # a class whose repr fails
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."


def _by_pint(number: Number, written: str, target: str, unit: str, where: str, allowed: str) -> Number:
    """`number` (or an array) in the unit `written` in terms of `target`, by pint.

    InputError when it cannot be.
    """
    unreadable = InputError(
        where, f"{shown(written)} cannot be read as a unit.", allowed, "write units as in 'J/kg/K' or 'm/s^2'"
    )
    if written in SLIPS:
        raise InputError(
            where,
            f"{written!r} is probably a typing error for {SLIPS[written]!r}.",
            allowed,
            f"did you mean {SLIPS[written]!r}?",
        )
    if "delta_" in written and target == "K":
        raise InputError(
            where,
            f"{written!r} is a difference of temperatures.",
            allowed,
            "write a temperature in K or degC",
        )
    if not _UNIT.fullmatch(written) or len(_POWER.findall(written)) != written.count("^"):
        raise unreadable
    units = registry()
    import pint

    try:
        quantity = units.Quantity(number, units.parse_units(written))
        result: Any = quantity.to(units.parse_units(target)).magnitude  # of the form of `number`
        if not hasattr(number, "dtype"):
            result = float(result)
        return result
    except pint.UndefinedUnitError as error:
        names = error.unit_names
        name = names if isinstance(names, str) else next(iter(names))
        cure = _cure_of_name(name, written, unit, target)
        raise InputError(where, f"no unit is called {name!r}.", allowed, cure) from None
    except pint.DimensionalityError:
        kind, needed = (_kind(units.parse_units(u)) for u in (written, target))
        cure = _cure_of_dimension(written, target, unit)
        raise InputError(
            where, f"{written!r} is a unit of {kind}; one of {needed} is needed.", allowed, cure
        ) from None
    except Exception:  # pint's parser fails in many ways on text that is no unit
        raise unreadable from None


def _cure_of_name(name: str, written: str, unit: str, target: str) -> str:
    """A suggestion for the unknown name of a unit in `written`, where `unit`, in SI `target`, is needed."""
    if cure := _cure_of_species(written):
        return cure
    known = [n for n in dir(registry()) if not n.startswith("_") and n.isascii()]
    of_kind = [factor for factor, (si, _) in FACTORS.items() if si == target]
    return nearest(name, [unit, *of_kind]) or nearest(name, FACTORS) or nearest(name, known)


def _cure_of_species(written: str) -> str:
    """A suggestion where a species stands among the units of `written`.

    Some versions of pint have a unit with the name of a species (H2O, a density).
    """
    for word in re.split(r"[*/]", written.replace("^", "")):
        if re.fullmatch(r"(?:[A-Z][a-z]?[0-9]*)+", word) and re.search("[0-9]", word):
            return f"{word} is a species: write a unit of its amount"
    return ""


def _cure_of_dimension(written: str, target: str, unit: str) -> str:
    """A suggestion for a unit of another dimension than that of `target`."""
    if meant := MEANT.get((written, target)):
        if meant == "K":
            return "did you mean 'K'?"
        return f"write {meant}: {written} is {registry().parse_units(written)}"
    if cure := _cure_of_species(written):
        return cure
    if written in ("ppm", "wtppm") and target == "kg":
        return "did you mean 'ppmw', parts per million by mass?"
    if written == "%" and target == "kg":
        return "did you mean 'wt%', by mass?"
    spellings = [unit, *(name for name, (si, _) in FACTORS.items() if si == target)]
    return next((f"did you mean {n!r}?" for n in spellings if n.casefold() == written.casefold()), "")


def _allowed(unit: str, target: str) -> str:
    """The forms in which a quantity is allowed, as a sentence."""
    if target == "1":
        return "allowed: a number."
    kin = [name for name, (si, _) in FACTORS.items() if si == target][:5]
    if target == "K":
        kin.append("degC")
    units = ", ".join(dict.fromkeys([unit, *kin]))
    return f"allowed: a number in {unit}, or with a unit: {units}, or another of the kind."


def _kind(unit: Unit) -> str:
    """The dimension of a pint unit in words: "temperature", "length/time^2", "no dimension"."""
    text = str(unit.dimensionality).replace("[", "").replace("]", "").replace(" ", "").replace("**", "^")
    return "no dimension" if text == "dimensionless" else text
