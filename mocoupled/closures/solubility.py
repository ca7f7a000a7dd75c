"""Solubility of volatiles in silicate melt: registered laws, and laws read from a mechanism's `melt:` entries.

Every solubility law is called with keywords: p, fugacity of the species itself; p_<species>, fugacity of every
species; P, total pressure [all Pa]; T [K]; ln_fO2, natural logarithm of the oxygen fugacity in bar. It takes what it
needs, ignores the rest, and returns the mass fraction of the species in the melt, kg/kg: a sympy expression for symbols, a
number for numbers. A law or a range relative to iron-wustite names the buffer that it was calibrated with (attribute
`buffer`): what dissolves depends on the state alone, not on the buffer that a case names.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import sympy

from ..constants import BAR, GAS_CONSTANT
from ..errors import InputError, nearest
from ..units import FACTORS, spelled, to_si
from .expressions import parse
from .law import Law, find, law, names
from .redox import DEFAULT_IRON_WUSTITE, HIGHEST_PRESSURE, above_buffer

_POWER_LAW = ("coefficient", "exponent", "unit")
_RANGES = {
    "T": ("K", 0.0),
    "P": ("Pa", 0.0),
    "p": ("Pa", 0.0),
    "dIW": ("1", -math.inf),
}  # unit, what both ends must exceed
_CONDITIONS = (*_RANGES, "buffer", "buffer-pressure", "melt", "reference", "note")
FORMS = {  # form -> keys beside it
    "power-law": _POWER_LAW + _CONDITIONS,
    "expression": ("expression", "unit") + _CONDITIONS,
    "sum": ("of", "melt", "reference", "note"),
    "law": ("melt", "note"),
    "none": ("note",),
}
CONSTANTS = MappingProxyType({"bar": BAR, "GPa": 1e9, "R": GAS_CONSTANT})  # what an expression may name, SI
ARGUMENTS = MappingProxyType({  # what else it may name -> the arguments it takes for that
    "p": ("p",), "P": ("P",), "T": ("T",), "ln_fO2": ("ln_fO2",), "fO2": ("ln_fO2",), "DIW": ("ln_fO2", "T"),
})  # fmt: skip
TOTAL = "total"  # of `buffer-pressure`: the buffer at the total pressure, else at 1 bar
OF_A_SPECIES = "p_"  # and this before a species' name: its fugacity
ABSENT = 1e-30  # Pa; fugacity of a species that the planet has not
TRIED = ((1.0, 1e6), (1e5, 1e5), (1e7, 3e8))  # (p, P) [Pa] at which an expression must give a mass fraction

DIXON_SCALE = 3.8e-7  # mole fraction of carbonate per bar, at 1 bar
DIXON_VOLUME = 23.0  # cm3/mol, volume of carbonate in the melt less that of the melt it replaces
DIXON_GAS_CONSTANT = 83.15  # cm3 bar/mol/K, as printed
DIXON_MELT_MASS = 36.6  # g/mol, basalt per mole of one oxygen
DIXON_CO2_MASS = 44.0  # g/mol
_DIXON = "Dixon, Stolper & Holloway 1995, J. Petrology 36, 1607, eq. 6"
_CARBONATE = {"species": "CO2", "melt": "basalt (MORB)"}


@law(
    "solubility",
    "basalt-Dixon1995",
    unit="kg/kg",
    T=(1473.0, 1473.0),
    p_CO2=(210e5, 980e5),
    reference=f"{_DIXON}; Eq. 2-3 of Bower et al. 2022, PSJ 3, 93",
    attributes=_CARBONATE,
)
def carbonate_in_basalt(*, p_CO2, T, **_):
    """Mass fraction of CO2 in basaltic melt, all as carbonate; p_CO2 [Pa], T [K]; ideal gas.

    It turns over at p_CO2 = 83.15 T / 23 bar (5061 bar at 1400 K): computed there too, far outside the calibration.
    """
    return _carbonate(p_CO2 / BAR, p_CO2 / BAR, T)


@law(
    "solubility",
    "basalt-Dixon1995-total",
    unit="kg/kg",
    T=(1473.0, 1473.0),
    P=(210e5, 980e5),
    reference=f"{_DIXON}, with the total pressure on the melt where Bower et al. 2022 take the partial one",
    attributes=_CARBONATE,
)
def carbonate_in_basalt_at_total_pressure(*, p_CO2, P, T, **_):
    """Mass fraction of CO2 in basaltic melt, all as carbonate; fugacity p_CO2 and total pressure P [Pa], T [K]."""
    return _carbonate(p_CO2 / BAR, P / BAR, T)


def _carbonate(fugacity, pressure, T):
    """Dixon's law at a fugacity and a pressure [bar]. No guard for its denominator: where the fugacity does not exceed
    the pressure the mole fraction of carbonate stays below 5.1e-7 T/K, and 0.83 would take 1.6 million kelvin."""
    carbonate = (
        DIXON_SCALE * fugacity * _exp(-DIXON_VOLUME * (pressure - 1) / (DIXON_GAS_CONSTANT * T))
    )  # mole fraction
    return DIXON_CO2_MASS * carbonate / (DIXON_MELT_MASS - DIXON_CO2_MASS * carbonate)


def solubility_law(species: str, name: str, entry: Mapping[str, Any], where: str = "") -> Law:
    """The Law that a mechanism's entry `melt: {name: entry}` of a species describes.

    entry, by its `form`:
    power-law   `coefficient`, `exponent` and `unit`: fraction per pressure to the exponent, e.g. "ppmw/bar^0.5".
    expression  `expression`: text in the grammar of expressions.py, of p, P, T, fO2, ln_fO2, DIW, p_<species> and the
                constants bar, GPa, R (all SI, ln_fO2 for bar); `unit` of its value: kg/kg, ppmw or %.
    sum         `of`: {name: entry}, whose fractions add up (of sulfide and sulfate, for instance).
    law         the law registered under `name`.
    none        dissolves nothing.
    Where known also `T` [K], `P` (total pressure), `p` (its own fugacity), each [low, high] as text with unit or in SI,
    `dIW`, `melt` and `reference`. where: the place in the user's input, for errors.
    DIW and dIW are log10 fO2 less that of iron-wustite by the law `buffer` (ONeillEggins2002 where not named), at 1 bar, or
    with `buffer-pressure: total` at the total pressure.
    T, P, p and dIW become ranges of the Law, in SI; melt, buffer, form and a power law's numbers (SI) become attributes.
    Raises InputError for an unknown form, a missing or unknown key, a number, unit or expression that makes no sense.
    """
    place = f"{where + ': ' if where else ''}solubility law {name!r} of {species}"
    if not isinstance(entry, Mapping):
        raise InputError(place, f"{entry!r} is not a table.", "allowed: {form: ..., ...}")
    form = entry.get("form")
    if form not in FORMS:
        problem = (
            f"no solubility law has the form {form!r}." if "form" in entry else "the key 'form' is missing."
        )
        raise InputError(place, problem, f"known: {', '.join(FORMS)}", nearest(str(form), FORMS))
    for key in entry:
        if key != "form" and key not in FORMS[form]:
            allowed = f"keys of {form}: {', '.join(FORMS[form])}"
            raise InputError(
                place, f"the key {key!r} means nothing here.", allowed, nearest(key, FORMS[form])
            )
    read = {
        "power-law": _power_law,
        "expression": _expression,
        "sum": _sum,
        "law": _registered,
        "none": _none,
    }[form]
    return read(species, name, entry, place)


def _none(species, name, entry, place) -> Law:
    return Law(
        "solubility",
        name,
        "kg/kg",
        "dissolves nothing",
        _nothing,
        attributes=_frozen(species=species, form="none"),
    )


def _nothing(**_):
    """Dissolves nothing."""
    return 0.0


def _power_law(species, name, entry, place) -> Law:
    """A Law of the form coefficient * p^exponent."""
    _needed(entry, _POWER_LAW, "a power law", place)
    exponent = _positive(entry["exponent"], f"{place} exponent")
    number = _positive(entry["coefficient"], f"{place} coefficient")
    unit = str(entry["unit"])
    coefficient = _coefficient(number, unit, exponent, place)
    power = sympy.Rational(repr(exponent))  # exact: the root of exp(u) simplifies to exp(u/2)

    def dissolved(*, p, **_):
        return coefficient * p ** (power if isinstance(p, sympy.Basic) else exponent)

    dissolved.__doc__ = (
        f"Mass fraction of {species} in the melt, {number:g} {unit} times p^{exponent:g}; p [Pa]."
    )
    return _law(species, name, entry, place, dissolved, coefficient=coefficient, exponent=exponent)


def _coefficient(number, unit, exponent, place) -> float:
    """A power law's coefficient in kg/kg/Pa^exponent."""
    match = re.fullmatch(r"(ppmw|%|kg/kg)/([A-Za-z]+)(?:\^([0-9.]+))?", spelled(unit))
    if (
        match and float(match[3] or 1) == exponent and FACTORS.get(match[2], ("",))[0] == "Pa"
    ):  # saves importing pint
        return number * FACTORS.get(match[1], ("1", 1.0))[1] / FACTORS[match[2]][1] ** exponent
    try:
        return to_si(f"{number!r} {unit}", f"kg/kg/Pa^{exponent!r}", f"{place} unit")
    except InputError as error:
        cure = f"with exponent {exponent:g} a unit is, for instance, ppmw/bar^{exponent:g}"
        raise InputError(f"{place} unit = {unit!r}", error.problem, error.allowed, cure) from None


def _expression(species, name, entry, place) -> Law:
    """A Law whose formula stands in the entry."""
    _needed(entry, ("expression", "unit"), "an expression", place)
    formula = parse(entry["expression"], (*ARGUMENTS, *CONSTANTS), f"{place} expression", (OF_A_SPECIES,))
    unit = str(entry["unit"])
    try:
        factor = to_si(f"1 {unit}", "kg/kg")
    except InputError as error:
        raise InputError(f"{place} unit = {unit!r}", error.problem, "allowed: kg/kg, ppmw or %") from None

    relative = _buffer(entry, place, "DIW" in formula.names)

    def dissolved(**given):
        values = {
            one: distance(relative, given) if one == "DIW" else _named(one, given) for one in formula.names
        }
        return factor * formula(values)

    dissolved.__doc__ = (
        f"Mass fraction of {species} in the melt, in {unit}: {formula.text}; SI, ln_fO2 for bar."
    )
    arguments = tuple(dict.fromkeys(a for one in formula.names for a in _arguments(one)))
    if "DIW" in formula.names and relative.get("buffer_pressure") == TOTAL and "P" not in arguments:
        arguments += ("P",)
    found = _law(species, name, entry, place, dissolved, arguments=arguments, expression=formula.text)
    _try(found, place)
    return found


def _arguments(name) -> tuple[str, ...]:
    """The arguments of a law that a name in an expression stands for."""
    return () if name in CONSTANTS else ARGUMENTS.get(name, (name,))


def _named(name, given):
    """The value of a name in an expression, from the law's arguments."""
    if name in CONSTANTS:
        return CONSTANTS[name]
    if name == "fO2":
        return BAR * _exp(given["ln_fO2"])
    return given.get(name, ABSENT) if name.startswith(OF_A_SPECIES) else given[name]


def _buffer(entry, place, needed) -> dict[str, str]:
    """The buffer of iron-wustite that DIW and dIW of an entry refer to, and "total" where it is taken at that pressure, as
    attributes of the law; nothing for a law that refers to none."""
    keys = [key for key in ("buffer", "buffer-pressure") if key in entry]
    if not needed and "dIW" not in entry:
        if keys:
            raise InputError(
                f"{place} {keys[0]}",
                "nothing in this law is relative to a buffer.",
                "allowed: beside dIW, or DIW in the expression",
                f"remove {keys[0]}",
            )
        return {}
    name, pressure = str(entry.get("buffer", DEFAULT_IRON_WUSTITE)), entry.get("buffer-pressure")
    chosen = find("buffer", name, f"{place} buffer = {name!r}")
    if chosen.attributes["family"] != "IW":
        known = ", ".join(n for n in names("buffer") if find("buffer", n).attributes["family"] == "IW")
        raise InputError(
            f"{place} buffer = {name!r}",
            f"a buffer of {chosen.attributes['family']}; dIW and DIW are relative to iron-wustite.",
            f"known: {known}",
        )
    if pressure is None:
        return {"buffer": name}
    if pressure != TOTAL or not chosen.attributes.get("pressure"):
        allowed = f"allowed: {TOTAL!r}, with a buffer that has a pressure term; without this key the buffer is at 1 bar"
        raise InputError(f"{place} buffer-pressure = {pressure!r}", "not a pressure of this buffer.", allowed)
    return {"buffer": name, "buffer_pressure": TOTAL}


def distance(attributes, given):
    """log10 fO2 less that of iron-wustite, by the buffer that a law's attributes name; given: arguments T, P and ln_fO2 of the law.

    A buffer at the total pressure levels off at the end of its own range, far beyond that of any law: a step of the solver
    that goes astray must not meet the polynomial's far side. At 2 GPa that is 1e-9 of the pressure.
    """
    name, P = attributes.get("buffer", DEFAULT_IRON_WUSTITE), BAR
    if attributes.get("buffer_pressure") == TOTAL:
        highest = find("buffer", name).ranges.get("P", (BAR, HIGHEST_PRESSURE))[1]
        P = given["P"] / (1 + (given["P"] / highest) ** 8) ** 0.125
    return above_buffer(name, T=given["T"], ln_fO2=given["ln_fO2"], P=P)


def _try(law, place):
    """InputError where the law gives no mass fraction at ordinary conditions."""
    T = sum(law.ranges.get("T", (1500.0, 2500.0))) / 2
    for p, P in TRIED:
        values = {"T": T, "ln_fO2": -20.0, **{a: p for a in law.arguments if a[0] == "p"}, "P": P}
        try:
            found = law(**values)
        except (OverflowError, ZeroDivisionError, ValueError) as error:
            found = str(error)
        if isinstance(found, str) or not 0.0 <= found < math.inf:
            at = f"at p = {p / BAR:g} bar, P = {P / BAR:g} bar, T = {T:g} K, log10 fO2 = {-20 / math.log(10):.3g}"
            allowed = "allowed: a finite number >= 0"
            raise InputError(f"{place} expression", f"{at} it gives no mass fraction: {found}.", allowed)


def _sum(species, name, entry, place) -> Law:
    """A Law that adds up others: each argument's range is where all of them are calibrated."""
    parts = entry.get("of")
    if not isinstance(parts, Mapping) or not parts:
        raise InputError(
            f"{place} of", "this is not a table of laws.", "allowed: of: {name: {form: ...}, ...}"
        )
    for one in parts.values():
        if isinstance(one, Mapping) and one.get("form") == "sum":
            raise InputError(f"{place} of", "a sum of sums.", "allowed: laws of any other form")
    laws = [solubility_law(species, str(key), one, f"{place} of") for key, one in parts.items()]

    def dissolved(**given):
        return sum(one(**given) for one in laws)

    dissolved.__doc__ = f"Mass fraction of {species} in the melt: the sum of {', '.join(map(str, parts))}."
    arguments = tuple(dict.fromkeys(a for one in laws for a in one.arguments))
    own = {"reference": "; ".join(dict.fromkeys(one.reference for one in laws)), **entry}
    relative = {
        tuple((key, one.attributes[key]) for key in ("buffer", "buffer_pressure") if key in one.attributes)
        for one in laws
        if "dIW" in one.ranges
    }
    if len(relative) > 1:
        raise InputError(
            f"{place} of",
            "its laws have ranges dIW relative to different buffers.",
            "allowed: one buffer for all of them",
            "give them relative to one buffer",
        )
    ranges = {}
    for key, (low, high) in ((key, span) for one in laws for key, span in one.ranges.items()):
        before = ranges.get(key, (low, high))
        ranges[key] = max(before[0], low), min(before[1], high)
    found = _law(
        species,
        name,
        own,
        place,
        dissolved,
        arguments=arguments,
        of=tuple(map(str, parts)),
        **dict(*relative),
    )
    return replace(found, ranges=_frozen(**ranges))


def _law(species, name, entry, place, function, **attributes) -> Law:
    """The Law of an entry: its function, ranges and attributes."""
    ranges = {
        key: _range(entry[key], unit, f"{place} {key}", least)
        for key, (unit, least) in _RANGES.items()
        if key in entry
    }
    attributes |= {key: entry[key] for key in ("melt", "note") if key in entry}
    attributes |= (
        _buffer(entry, place, "DIW" in str(attributes.get("expression", "")))
        if entry["form"] != "sum"
        else {}
    )
    reference = str(entry.get("reference", "no reference given"))
    attributes = _frozen(species=species, form=entry["form"], **attributes)
    return Law("solubility", name, "kg/kg", reference, function, _frozen(**ranges), attributes)


def _registered(species, name, entry, place) -> Law:
    """The law of the registry, which must be one for this species."""
    found = find("solubility", name, f"{place} form = 'law'")
    if found.attributes.get("species", species) != species:
        known = [n for n in names("solubility") if find("solubility", n).attributes.get("species") == species]
        raise InputError(
            f"{place} form = 'law'",
            f"the law of this name is one for {found.attributes['species']}.",
            f"known for {species}: {', '.join(known) or 'none'}",
        )
    own = {key: entry[key] for key in FORMS["law"] if key in entry}
    return replace(
        found, attributes=_frozen(**{**found.attributes, "species": species, "form": "law", **own})
    )


def _needed(entry, keys, what, place):
    missing = [key for key in keys if key not in entry]
    if missing:
        raise InputError(place, f"{what} needs the key {missing[0]!r}.", f"needed: {', '.join(keys)}")


def _positive(value, place) -> float:
    number = to_si(value, "1", place)
    if number <= 0.0:
        raise InputError(
            f"{place} = {value!r}",
            "not a positive number.",
            "allowed: > 0",
            "for a species that does not dissolve write {form: none}",
        )
    return number


def _range(value, unit, place, least=-math.inf) -> tuple[float, float]:
    """[low, high] of an entry in SI; `least`: both must lie above it."""
    if isinstance(value, (str, Mapping)) or not hasattr(value, "__len__") or len(value) != 2:
        raise InputError(f"{place} = {value!r}", "not a range.", "allowed: [low, high]")
    low, high = (to_si(v, unit, f"{place} = {value!r}") for v in value)
    if not least < low <= high:
        floor = "" if least == -math.inf else f"{least:g} < "
        raise InputError(
            f"{place} = {value!r}", "not a range.", f"allowed: [low, high] with {floor}low <= high"
        )
    return low, high


def _exp(x):
    return sympy.exp(x) if isinstance(x, sympy.Basic) else math.exp(x)


def _frozen(**items) -> Mapping[str, Any]:
    return MappingProxyType(items)
