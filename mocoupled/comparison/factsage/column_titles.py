"""Titles of columns: ours ("H2O [bar]"), and those of FactSage's spreadsheets ("T(C)", "mol H2(g)")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import InputError
from ...units import to_si
from .printed_numbers import scaled
from .species_names import (
    ELEMENTS,
    GAS_PHASE,
    GRAPHITE,
    WATER,
    composition,
    is_condensed,
    library,
    likely,
    species_name,
)
from .title_words import (
    CONDITIONS,
    ENERGY,
    LOGARITHM,
    MASS,
    MOL,
    NOT_COMPARED,
    PLAIN,
    QUANTITIES,
    SI,
    THERMAL,
    TOO_SHORT,
    UNITS,
)


@dataclass(frozen=True)
class Column:
    """A column: its kind, the species, element or key that it is for, its unit as written, its title as
    written.

    kind: temperature, pressure, volume, case, program, melt fraction, log10 fO2, key, total; of a gas:
    species (its partial pressure), fugacity, fraction, activity, amount; of a condensate: condensate, solid
    activity; gas amount, phase; passed (then `name` is the reason), empty. scale: "", "log10" or "ln" of the
    value.
    """

    kind: str
    name: str = ""
    unit: str = ""
    title: str = ""
    scale: str = ""


_GAS_MARKED = re.compile(r"\((g|gas)\)\s*$", re.I)
_PHASE_MARK = re.compile(r"(g|gas|l|liq|s\d*|l\d+|cr|aq|gr|solid|liquid|gas[_-]?(ideal|real)(#\d+)?)", re.I)


def read_column(place: str, title: str) -> Column:
    """The column of a title; InputError, with likely columns, for a text that is not a title of a column."""
    text = re.sub(r"\s+", " ", title.strip().strip("\"'").replace("\N{NO-BREAK SPACE}", " "))
    if not text:
        return Column("empty", title=title)
    if re.fullmatch(r"[a-z_]+(\.[A-Za-z_0-9]+)+", text):
        return Column("key", text, title=text)
    name, unit = _unit(text)
    for read in (_plain, _total, _quantity, _thermal):
        if column := read(place, text, name, unit):
            return column
    return _species(place, text, name, unit)


def _unit(text: str) -> tuple[str, str]:
    """The title without its unit, and the unit: in brackets, in parentheses, or behind a comma or "/"."""
    match = re.fullmatch(r"(.*\S)\s*\[([^\[\]]*)\]", text)
    if match and not _is_charge(match[2].strip()):
        return match[1], match[2].strip()
    if match := re.fullmatch(r"(.*\S)\s*\(([^()]*)\)", text):
        name, inside = match[1], match[2].strip()
        condition = _condition(name)
        if condition == "pressure" and composition(species_name(inside)) is not None and not _is_unit(inside):
            return text, ""  # "p(H2O)", the partial pressure of a gas
        of_species = _PHASE_MARK.fullmatch(inside) or _is_charge(inside) or composition(inside)
        if condition or (not of_species and _is_unit(inside)):
            return name, inside
        if inside in ("g", "gram") and (_GAS_MARKED.search(name) or GAS_PHASE.fullmatch(name)):
            return name, inside
    match = re.fullmatch(r"(.*[^\s,/])\s*[,/_ ]\s*(\S+)", text)
    if match and _condition(match[1]) and _is_unit(match[2]):
        return match[1], match[2]
    return text, ""


def _is_charge(text: str) -> bool:
    """Whether a text is a charge, such as + or 2-."""
    return re.fullmatch(r"\d*[+-]+\d*", text) is not None


def _condition(name: str) -> str:
    """Temperature, pressure or volume, where a name is one of theirs; else ""."""
    folded = name.strip().casefold()
    return next((kind for kind, names in CONDITIONS.items() if folded in names), "")


def _is_unit(text: str) -> bool:
    """Whether a text is a unit."""
    if text.strip().casefold() in UNITS or ENERGY.fullmatch(text.strip()):
        return True
    for si in ("Pa", "K", "m^3", "mol"):
        try:
            scaled("", "1", text.strip(), si)
            return True
        except InputError:
            continue
    return False


def _plain(place: str, text: str, name: str, unit: str) -> Column | None:
    """A condition, or a column that has a name alone."""
    if kind := _condition(name):
        if kind == "volume" and not unit:
            return None
        if ENERGY.fullmatch(unit) and kind != "temperature":
            return None
        scaled(place, "1", unit or SI[kind], SI[kind])
        return Column(kind, "", unit or SI[kind], text)
    plain = PLAIN.get(name.casefold()) or PLAIN.get(text.casefold())
    if plain is None:
        return None
    if unit not in ("", "1", "bar", "-") and PLAIN.get(text.casefold()) is None:
        raise InputError(place, f"{unit!r} is not a unit of {plain}.", "allowed: no unit")
    return Column(plain, title=text)


def _total(place: str, text: str, name: str, unit: str) -> Column | None:
    """The total amount of an element: "total H [mol]"."""
    match = re.fullmatch(r"total\s+(\w+)", name)
    if match is None:
        return None
    if match[1] not in library()[1]:
        raise InputError(
            place, f"no element is called {match[1]!r}.", f"allowed: {', '.join(sorted(library()[1]))}"
        )
    if unit not in ("mol", "kg"):
        raise InputError(place, f"{unit!r} is not a unit of the amount of an element.", "allowed: mol, kg")
    return Column("total", match[1], unit, text)


def _quantity(place: str, text: str, name: str, unit: str) -> Column | None:
    """A title that says its quantity: "mol H2(g)", "Y H2(g)", "Activity (H2O)", "log10 a(H2O)", "H2(g)
    mol"."""
    scale, inner = _without_log(name)
    for words in sorted(QUANTITIES, key=len, reverse=True):
        for pattern in (
            rf"{re.escape(words)}(?:[\s_:-]+(?:of\s+)?|\s*(?=\())(?P<what>.+)",
            rf"(?P<what>.+\S)[\s:]+{re.escape(words)}",
        ):
            match = re.fullmatch(pattern, inner, re.I)
            if match and (what := _target(match["what"])):
                return _of(place, text, words, what, unit, scale)
    words = unit.casefold()
    if words not in QUANTITIES or words in TOO_SHORT or not _target(name):
        return None
    if unit in MASS and not _has_phase(name):
        return None
    return _of(place, text, words, name.strip(), "", scale)


def _without_log(name: str) -> tuple[str, str]:
    """The scale of a name that begins with a logarithm ("log10", "ln" or ""), and the name without it."""
    match = LOGARITHM.match(name)
    if match is None:
        return "", name
    scale = "ln" if match["log"].casefold() == "ln" else "log10"
    inner = name[match.end() :]
    if inner.count(")") > inner.count("("):  # "log10(activity) H2O(g)", "log10(a(CH4))"
        named = re.match(r"([A-Za-z ]+)\)", inner)
        inner = named[1] + inner[named.end() :] if named else inner[:-1]
    return scale, inner


def _has_phase(name: str) -> bool:
    """Whether a name has a mark of its phase, or is no formula, so that a mass behind it is not ambiguous."""
    return (
        _GAS_MARKED.search(name) is not None or is_condensed(name) or composition(species_name(name)) is None
    )


def _target(text: str) -> str:
    """What a quantity is of: a species or a phase; "" where the text names neither."""
    what = text.strip()
    bracketed = what.startswith("(") and what.endswith(")") and "(" not in what[1:].partition(")")[0]
    whole = bracketed and (what.count("(") == 1 or what.endswith("))"))
    if whole or re.fullmatch(r"\(.*\([^()]*\)\)", what):
        what = what[1:-1].strip()
    return what if re.match(r"[A-Za-z(<]", what) and not re.search(r"\s{2,}|[=;]", what) else ""


def _passed(title: str, reason: str) -> Column:
    """A column that is read and not compared."""
    return Column("passed", reason, title=title)


def _of(place: str, text: str, words: str, what: str, unit: str, scale: str) -> Column:
    """The column of a quantity of a species or a phase."""
    quantity = QUANTITIES[words]
    if scale and quantity not in ("activity", "fugacity", "species"):
        return _passed(text, "a logarithm of an amount, which is not compared")
    if GAS_PHASE.fullmatch(what):
        if quantity == "amount" and (words in MOL or unit in MOL):
            return Column("gas amount", "", "mol", text)
        return _passed(text, "a quantity of the whole gas other than its moles, which is not compared")
    if quantity == "mass fraction":
        return _passed(text, "a mass fraction, which is not compared")
    if solution := _solution(what):
        return _passed(text, f"a constituent of the solution {solution}, which is not modelled")
    name, condensed = species_name(what), is_condensed(what)
    if composition(name) is None:
        if quantity == "amount":
            return Column("phase", what, words, text)
        return Column("passed", "neither a gas nor a pure condensate", words, text)
    if quantity == "amount":
        return Column("condensate" if condensed else "amount", name, _measure(words, unit), text)
    if condensed:
        if quantity == "activity":
            return Column("solid activity", name, "", text, scale)
        return _passed(text, f"{quantity} of a condensate, which is not compared")
    if quantity in ("fugacity", "species"):
        scaled(place, "1", unit or "bar", "Pa")
    return Column(quantity, name, unit, text, scale)


def _solution(what: str) -> str:
    """The solution in parentheses behind a constituent, "Slag" of "FeO(Slag)"; "" where there is none."""
    inside = re.search(r"\(([^()]+)\)$", what)
    if inside is None or _PHASE_MARK.fullmatch(inside[1]) or composition(what) is not None:
        return ""
    return inside[1] if composition(what[: inside.start()]) is not None else ""


def _measure(words: str, unit: str) -> str:
    """The unit of an amount: mol, or that of a mass."""
    if unit in MASS:
        return unit
    if words in MASS:
        return words
    return "g" if words == "mass" else "mol"


def _thermal(place: str, text: str, name: str, unit: str) -> Column | None:
    """A property, an energy or another column that is read and not compared."""
    folded = name.strip().casefold()
    if re.fullmatch(
        r"(enthalpy|entropy|density|viscosity|heat capacity|gibbs energy|energy|conductivity|thermal \w+)",
        re.sub(r"\s*[\[(].*$", "", folded),
    ):
        return _passed(text, "a property that is not compared")
    element = folded in [e.casefold() for e in ELEMENTS]
    of_energy = unit != "" and ENERGY.fullmatch(unit) is not None
    of_pressure = unit != "" and _is_pressure(unit)
    if THERMAL.fullmatch(name.strip()) and (of_energy or not element) and not of_pressure:
        return _passed(text, "an energy, entropy, heat capacity or mass, which is not compared")
    if folded in NOT_COMPARED or folded.startswith("unnamed"):
        return _passed(text, "not a quantity that is compared")
    return None


def _is_pressure(unit: str) -> bool:
    """Whether a unit is one of pressure."""
    try:
        to_si("1 " + unit, "Pa")
        return True
    except InputError:
        return False


def _species(place: str, text: str, name: str, unit: str) -> Column:
    """Our own titles: "H2O [bar]", "CO2 [mole fraction]", "C(gr) [mol]"."""
    species = species_name(name)
    if composition(species) is None:
        plain = ", ".join(sorted(set(PLAIN.values())))
        allowed = (
            f"allowed: temperature, pressure, {plain}, 'total H', a key of a case such as "
            "volatiles.hydrogen, a species"
        )
        raise InputError(
            place,
            f"{name!r} is neither a species nor another column.",
            allowed,
            likely(name, [*PLAIN, "temperature", "pressure", *library()[0]]),
        )
    condensed = species in (GRAPHITE, WATER) or is_condensed(name)
    units: tuple[str, ...] = ("a pressure (bar, Pa, atm, ...)", "mole fraction", "mol")
    cure = "write it as 'H2O [bar]', or as 'mol H2O(g)'"
    if condensed:
        units = ("mol", "kg", "g", "activity")
        cure = "write it as 'C(gr) [mol]', or as 'mol C_Graphite(s)'"
    if condensed and unit in units:
        return Column("solid activity" if unit == "activity" else "condensate", species, unit, text)
    if not condensed and unit in ("mole fraction", "mol/mol"):
        return Column("fraction", species, unit, text)
    if not condensed and unit and _is_pressure(unit):
        return Column("species", species, unit, text)
    problem = f"{unit!r} is not a unit of {name}." if unit else f"the unit of {name} is missing."
    raise InputError(place, problem, f"allowed: {', '.join(units)}", cure)


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row of cells names columns: a temperature, and another column."""
    titles = [c for c in cells if c.strip()]
    return len(titles) > 1 and any(_is_temperature(c) for c in titles) and known(cells) > 1


def _is_temperature(title: str) -> bool:
    name, _ = _unit(re.sub(r"\s+", " ", title.strip().strip("\"'")))
    return _condition(name) == "temperature"


def known(cells: Sequence[str]) -> int:
    """How many of the cells are titles of columns."""
    return sum(_is_title(cell) for cell in cells)


def _is_title(cell: str) -> bool:
    if not cell.strip():
        return False
    try:
        return read_column("", cell).kind != "empty"
    except InputError:
        return False
