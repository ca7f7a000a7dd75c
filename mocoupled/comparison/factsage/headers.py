"""Titles of columns: ours ("H2O [bar]"), and those of FactSage's spreadsheets ("T(C)", "mol H2(g)", "log10 activity C_Graphite(s)")."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...errors import InputError
from ...units import to_si
from .names import (
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
from .numbers import scaled


@dataclass(frozen=True)
class Column:
    """A column: what it holds, the species, element or key it is for, its unit as written; `title` as it stands.

    kind: temperature, pressure, volume, case, program, melt fraction, log10 fO2, key, total, of a gas: species,
    fugacity, fraction, activity, amount; of what is condensed: condensate, solid activity; gas amount, phase; passed
    (then `name` is the reason), empty. scale: "", "log10" or "ln" of the value.
    """

    kind: str
    name: str = ""
    unit: str = ""
    title: str = ""
    scale: str = ""


PLAIN = {"case": "case", "program": "program", "melt fraction": "melt fraction", "log10 fo2": "log10 fO2", "log10(fo2)": "log10 fO2",
         "log fo2": "log10 fO2", "log(fo2)": "log10 fO2", "log10 f(o2)": "log10 fO2", "log10 p(o2)": "log10 fO2", "log10(po2)": "log10 fO2",
         "log10(p(o2))": "log10 fO2"}  # fmt: skip
CONDITIONS = {
    "temperature": ("temperature", "temp", "temp.", "t", "temperatur", "température", "temperatura"),
    "pressure": (
        "pressure",
        "p",
        "druck",
        "pression",
        "presión",
        "presion",
        "pressione",
        "ptot",
        "p total",
        "p_total",
        "p(total)",
        "total pressure",
        "p tot",
    ),
    "volume": ("volume", "vol", "v", "gas volume", "v(gas)", "volumen"),
}
SI = {"temperature": "K", "pressure": "Pa", "volume": "m^3"}
MOL, MASS = ("mol", "mole", "moles", "mols"), ("g", "gram", "grams", "kg", "mg")
_FRACTION = (
    "mole fraction",
    "mol fraction",
    "molefraction",
    "mole fractions",
    "mol/mol",
    "y",
    "x",
    "xi",
    "yi",
)
_MASS_FRACTION = (
    "wt%",
    "wt.%",
    "wt %",
    "wt.-%",
    "weight%",
    "weight %",
    "weight percent",
    "mass fraction",
    "mass%",
    "mass %",
    "w",
)
_ACTIVITY = ("activity", "activities", "act", "act.", "a")
_FUGACITY, _PRESSURE = ("fugacity", "f"), ("partial pressure", "p", "pp", "p_")
_QUANTITIES = {**{q: "amount" for q in (*MOL, *MASS, "n", "amount", "mass")}, **{q: "fraction" for q in _FRACTION}, **{q: "mass fraction" for q in _MASS_FRACTION},
               **{q: "activity" for q in _ACTIVITY}, **{q: "fugacity" for q in _FUGACITY}, **{q: "species" for q in _PRESSURE}}  # fmt: skip
_LOG = re.compile(r"(?P<log>log10|log|lg|ln)\s*[( ]\s*", re.I)
_THERMAL = re.compile(
    r"(delta[ _]?|Δ)?(h|g|s|u|cp|cv|a|q|energy|enthalpy|entropy|gibbs energy|heat capacity|density|viscosity)",
    re.I,
)
_ENERGY = re.compile(r"(k|M)?(J|cal|BTU|Wh|eV)([/ (].*)?|(g|kg)/.*|.*[/ ](K|C)", re.I)
_OTHER = ("page", "#", "no", "no.", "nr", "alpha", "<a>", "<alpha>", "index", "comment", "comments", "remark", "remarks", "phase transition", "transition", "stream", "system",
          "date", "time", "file", "total mass", "total", "message", "run", "row")  # fmt: skip
_PHASE_MARK = re.compile(r"(g|gas|l|liq|s\d*|l\d+|cr|aq|gr|solid|liquid|gas[_-]?(ideal|real)(#\d+)?)", re.I)


def read_column(place: str, title: str) -> Column:
    """The column of a title; InputError for one that is none, with what it could have been."""
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
    if match := re.fullmatch(r"(.*\S)\s*\[([^\[\]]*)\]", text):
        if not re.fullmatch(r"\d*[+-]+\d*", match[2].strip()):
            return match[1], match[2].strip()
    if match := re.fullmatch(r"(.*\S)\s*\(([^()]*)\)", text):
        inside, condition = match[2].strip(), _condition(match[1])
        if condition == "pressure" and composition(species_name(inside)) is not None and not _is_unit(inside):
            return text, ""  # "p(H2O)", the partial pressure of a gas
        if (
            condition
            or not (
                _PHASE_MARK.fullmatch(inside) or re.fullmatch(r"\d*[+-]+\d*", inside) or composition(inside)
            )
            and _is_unit(inside)
        ):
            return match[1], inside
        if inside in ("g", "gram") and (_GAS_MARKED.search(match[1]) or GAS_PHASE.fullmatch(match[1])):
            return match[1], inside
    if match := re.fullmatch(r"(.*[^\s,/])\s*[,/_ ]\s*(\S+)", text):
        if _condition(match[1]) and _is_unit(match[2]):
            return match[1], match[2]
    return text, ""


_GAS_MARKED = re.compile(r"\((g|gas)\)\s*$", re.I)


def _condition(name: str) -> str:
    folded = name.strip().casefold()
    return next((kind for kind, names in CONDITIONS.items() if folded in names), "")


def _is_unit(text: str) -> bool:
    folded = text.strip().casefold()
    if folded in (
        *MOL,
        *MASS,
        *_FRACTION,
        *_MASS_FRACTION,
        *_ACTIVITY,
        "1",
        "-",
        "°c",
        "deg c",
        "dm3",
        "cm3",
        "m3",
        "litre",
        "liter",
    ) or _ENERGY.fullmatch(text.strip()):
        return True
    for si in ("Pa", "K", "m^3", "mol"):
        try:
            scaled("", "1", text.strip(), si)
            return True
        except InputError:
            continue
    return False


def _plain(place, text, name, unit) -> Column | None:
    if kind := _condition(name):
        if kind == "volume" and not unit:
            return None
        if _ENERGY.fullmatch(unit) and kind != "temperature":
            return None
        scaled(place, "1", unit or SI[kind], SI[kind])
        return Column(kind, "", unit or SI[kind], text)
    kind = PLAIN.get(name.casefold()) or PLAIN.get(text.casefold())
    if kind is None:
        return None
    if unit not in ("", "1", "bar", "-") and PLAIN.get(text.casefold()) is None:
        raise InputError(place, f"{unit!r} is not a unit of {kind}.", "allowed: no unit")
    return Column(kind, title=text)


def _total(place, text, name, unit) -> Column | None:
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


def _quantity(place, text, name, unit) -> Column | None:
    """A title that says its quantity: "mol H2(g)", "Y H2(g)", "Activity (H2O)", "log10 a(H2O)", "H2(g) mol"."""
    scale, inner = "", name
    if match := _LOG.match(name):
        scale = "ln" if match["log"].casefold() == "ln" else "log10"
        inner = name[match.end() :]
        if inner.count(")") > inner.count("("):  # "log10(activity) H2O(g)", "log10(a(CH4))"
            named = re.match(r"([A-Za-z ]+)\)", inner)
            inner = named[1] + inner[named.end() :] if named else inner[:-1]
    ordered = sorted(_QUANTITIES, key=len, reverse=True)
    for words in ordered:
        for pattern in (
            rf"{re.escape(words)}(?:[\s_:-]+(?:of\s+)?|\s*(?=\())(?P<what>.+)",
            rf"(?P<what>.+\S)[\s:]+{re.escape(words)}",
        ):
            match = re.fullmatch(pattern, inner, re.I)
            if match and (what := _target(match["what"])):
                return _of(place, text, words, what, unit, scale)
    if (
        unit.casefold() in _QUANTITIES
        and _target(name)
        and unit.casefold() not in ("a", "f", "p", "n", "x", "y", "w", "mole fraction")
    ):
        if unit in MASS and not (
            _GAS_MARKED.search(name) or is_condensed(name) or composition(species_name(name)) is None
        ):
            return None
        return _of(place, text, unit.casefold(), name.strip(), "", scale)
    return None


def _target(text: str) -> str:
    """What a quantity is of: a species or a phase; "" where the text names neither."""
    what = text.strip()
    if (
        what.startswith("(")
        and what.endswith(")")
        and "(" not in what[1:].partition(")")[0]
        and (what.count("(") == 1 or what.endswith("))"))
    ):
        what = what[1:-1].strip()
    elif re.fullmatch(r"\(.*\([^()]*\)\)", what):
        what = what[1:-1].strip()
    return what if re.match(r"[A-Za-z(<]", what) and not re.search(r"\s{2,}|[=;]", what) else ""


def _of(place, text, words, what, unit, scale) -> Column:
    """The column of a quantity of a species or a phase."""
    quantity = _QUANTITIES[words]
    if scale and quantity not in ("activity", "fugacity", "species"):
        return Column("passed", "a logarithm of an amount, which is not compared", title=text)
    if GAS_PHASE.fullmatch(what):
        if quantity == "amount" and (words in MOL or unit in MOL):
            return Column("gas amount", "", "mol", text)
        return Column(
            "passed", "a quantity of the whole gas other than its moles, which is not compared", title=text
        )
    if quantity == "mass fraction":
        return Column("passed", "a mass fraction, which is not compared", title=text)
    name = species_name(what)
    inside = re.search(r"\(([^()]+)\)$", what)
    if (
        inside
        and not _PHASE_MARK.fullmatch(inside[1])
        and composition(what) is None
        and composition(what[: inside.start()]) is not None
    ):
        return Column(
            "passed", f"a constituent of the solution {inside[1]}, which is not modelled", title=text
        )
    condensed = is_condensed(what)
    if composition(name) is None:
        return Column(
            "phase" if quantity == "amount" else "passed",
            what if quantity == "amount" else "neither a gas nor a pure condensate",
            words,
            text,
        )
    if quantity == "amount":
        mass = words in MASS or unit in MASS
        measure = (
            (unit if unit in MASS else words if words in MASS else "g") if mass or words == "mass" else "mol"
        )
        return Column("condensate" if condensed else "amount", name, measure, text)
    if condensed:
        if quantity == "activity":
            return Column("solid activity", name, "", text, scale)
        return Column("passed", f"{quantity} of a condensate, which is not compared", title=text)
    if quantity in ("fugacity", "species"):
        scaled(place, "1", unit or "bar", "Pa")
        return Column(quantity, name, unit, text, scale)
    return Column(quantity, name, unit, text, scale)


def _thermal(place, text, name, unit) -> Column | None:
    folded = name.strip().casefold()
    if re.fullmatch(
        r"(enthalpy|entropy|density|viscosity|heat capacity|gibbs energy|energy|conductivity|thermal \w+)",
        re.sub(r"\s*[\[(].*$", "", folded),
    ):
        return Column("passed", "a property that is not compared", title=text)
    if (
        _THERMAL.fullmatch(name.strip())
        and (unit and _ENERGY.fullmatch(unit) or folded not in [e.casefold() for e in ELEMENTS])
        and not (unit and _pressure(unit))
    ):
        return Column(
            "passed", "an energy, entropy, heat capacity or mass, which is not compared", title=text
        )
    if folded in _OTHER or folded.startswith("unnamed"):
        return Column("passed", "not a quantity that is compared", title=text)
    return None


def _pressure(unit: str) -> bool:
    try:
        to_si("1 " + unit, "Pa")
        return True
    except InputError:
        return False


def _species(place, text, name, unit) -> Column:
    """Our own titles: "H2O [bar]", "CO2 [mole fraction]", "C(gr) [mol]"."""
    species = species_name(name)
    if composition(species) is None:
        allowed = f"allowed: temperature, pressure, {', '.join(sorted(set(PLAIN.values())))}, 'total H', a key of a case such as volatiles.hydrogen, a species"
        raise InputError(
            place,
            f"{name!r} is neither a species nor another column.",
            allowed,
            likely(name, [*PLAIN, "temperature", "pressure", *library()[0]]),
        )
    condensed = species in (GRAPHITE, WATER) or is_condensed(name)
    allowed = (
        ("mol", "kg", "g", "activity")
        if condensed
        else ("a pressure (bar, Pa, atm, ...)", "mole fraction", "mol")
    )
    if condensed and unit in allowed:
        return Column("solid activity" if unit == "activity" else "condensate", species, unit, text)
    if not condensed and unit in ("mole fraction", "mol/mol"):
        return Column("fraction", species, unit, text)
    if not condensed and unit and _pressure(unit):
        return Column("species", species, unit, text)
    problem = f"{unit!r} is not a unit of {name}." if unit else f"the unit of {name} is missing."
    raise InputError(
        place,
        problem,
        f"allowed: {', '.join(allowed)}",
        f"write it as {'C(gr) [mol]' if condensed else 'H2O [bar]'!r}, or as {'mol C_Graphite(s)' if condensed else 'mol H2O(g)'!r}",
    )


def is_header(cells: list[str]) -> bool:
    """Whether a row of cells names columns: a temperature, and another column."""
    titles = [c for c in cells if c.strip()]
    return (
        len(titles) > 1
        and any(
            _condition(_unit(re.sub(r"\s+", " ", c.strip().strip("\"'")))[0]) == "temperature" for c in titles
        )
        and known(cells) > 1
    )


def known(cells: list[str]) -> int:
    """How many of the cells are titles of columns."""
    count = 0
    for cell in cells:
        try:
            count += read_column("", cell).kind not in ("empty",) if cell.strip() else 0
        except InputError:
            continue
    return count
