"""One equilibrium of another program: what a table says of it, and how its names, numbers and units are read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from ..errors import InputError, nearest
from ..thermochemistry import read_mechanism, shipped_mechanisms
from ..units import to_si

GRAPHITE = "C(gr)"
TEMPERATURES = (0.0, 1e5)  # K, exclusive
PRESSURES = (0.0, 1e13)  # Pa, exclusive
ALLOWED = "allowed: a CSV table with a line of column names, or the text of a FactSage Equilib run"


@dataclass(frozen=True)
class Table:
    """What the head of a file says of all its rows.

    oxygen: where the oxygen of our own computation comes from: "buffer" (the row's redox.oxygen_fugacity), "own" (the
    row's own O2 or log10 fO2) or "closed" (the amounts of the elements). standard_pressure, zero: as text.
    """

    name: str
    path: str
    source: str = ""
    program: str = "FactSage"
    version: str = "not stated"
    species: str = "not stated"
    gas: str = "ideal"
    oxygen: str = ""
    standard_pressure: str = "not stated"
    zero: str = "not stated"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """One equilibrium as another program printed it; SI.

    pressures: species -> partial pressure [Pa], 0 where the table prints 0; rounding: half of the last printed digit
    of each [Pa]. pressure: total [Pa], None where it follows from a planet. moles: element -> mol of the whole system,
    {} where not given. case: dotted keys of a Case -> values as text, {} where there is no planet; melt_fraction goes
    with it. log10_fO2: of the row itself [bar], if it has it. condensates: amounts [mol]; activities: of condensates.
    """

    name: str
    program: str
    table: Table
    line: int
    temperature: float
    pressures: Mapping[str, float]
    rounding: Mapping[str, float]
    pressure: float | None = None
    moles: Mapping[str, float] = field(default_factory=dict)
    case: Mapping[str, str] = field(default_factory=dict)
    melt_fraction: float | None = None
    log10_fO2: float | None = None
    condensates: Mapping[str, float] = field(default_factory=dict)
    activities: Mapping[str, float] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """File and line, for messages."""
        return f"{Path(self.table.path).name} line {self.line}"


_GRAPHITE_NAMES = ("c(gr)", "c(s)", "c(s1)", "c_graphite(s)", "c_graphite(s1)", "c_graphite", "graphite", "c_cd", "c_solid_1_carbon")
_ATOM = re.compile(r"([A-Z][a-z]?)(\d{0,3})")


def library() -> tuple[Mapping[str, Mapping[str, int]], frozenset[str]]:
    """Species of the shipped mechanisms -> composition, and every element they weigh."""
    return _library(shipped_mechanisms())


@lru_cache(maxsize=4)
def _library(names):
    found, elements = {}, set()
    for name in names:
        mechanism = read_mechanism(name)
        found |= {s.name: s.composition for s in mechanism.species.values()}
        elements |= set(mechanism.atomic_weights)
    return MappingProxyType(found), frozenset(elements)


def composition(name: str) -> Mapping[str, int] | None:
    """Element -> atoms of a species, by its entry in a shipped mechanism or by its formula; None if it is no formula."""
    known, elements = library()
    if name in known:
        return known[name]
    formula = re.split(r"[(_,]", name, maxsplit=1)[0].rstrip("+-") if not name.startswith("(") else ""
    parts = _ATOM.findall(formula)
    if not parts or "".join(a + n for a, n in parts) != formula:
        return None
    found: dict[str, int] = {}
    for atom, count in parts:
        if atom not in elements or count == "0":
            return None
        found[atom] = found.get(atom, 0) + int(count or 1)
    return found


def species_name(text: str) -> str:
    """A species' name as our mechanisms have it.

    "H2O(g)" and "H2O_g" are H2O, "C_Graphite(s)" is C(gr), and "C2H2" is C2H2,acetylene where no other isomer is known.
    """
    name = text.strip()
    if name.casefold() in _GRAPHITE_NAMES:
        return GRAPHITE
    name = re.sub(r"(\(g\)|_g|\(gas\))$", "", name)
    known, _ = library()
    isomers = [s for s in known if s.partition(",")[0] == name]
    return isomers[0] if name not in known and len(isomers) == 1 else name


def unknown_species(place, text) -> InputError:
    known, elements = library()
    allowed = f"allowed: {', '.join(list(known)[:12])}{' and others' if len(known) > 12 else ''}, or a formula of {', '.join(sorted(elements))}"
    return InputError(f"{place} species {text!r}", "this is not the name of a species.", allowed, nearest(species_name(text), known))


def read_number(text: str, place: str, low: float = 0.0, what: str = "a number that is not negative") -> tuple[float, float]:
    """The number, and half of its last printed digit."""
    written = text.strip().replace("\N{MINUS SIGN}", "-")
    try:
        number = Decimal(re.sub(r"(?<=\d)[dD](?=[+-]?\d)", "e", written))
    except ArithmeticError:
        raise InputError(place, f"{text.strip()!r} is not a number.", f"allowed: {what}") from None
    if not number.is_finite() or not math.isfinite(float(number)):
        raise InputError(place, f"{text.strip()!r} is not a finite number.", f"allowed: {what}")
    if number < low:
        raise InputError(place, f"{text.strip()} is below {low:g}.", f"allowed: {what}")
    return float(number), 0.5 * 10.0 ** max(min(number.as_tuple().exponent, 308), -320)


def within(value, span, unit, place):
    if not span[0] < value < span[1]:
        raise InputError(place, f"{value:g} {unit} is out of range.", f"allowed: above {span[0]:g} and below {span[1]:g} {unit}")
    return value


def atomic_weights() -> Mapping[str, float]:
    """Element -> kg/mol over the shipped mechanisms."""
    found: dict[str, float] = {}
    for name in shipped_mechanisms():
        found |= read_mechanism(name).atomic_weights
    return found


def molar_mass(species: str) -> float:
    weights = atomic_weights()
    return math.fsum(n * weights[e] for e, n in composition(species).items())


def scaled(place: str, text: str, unit: str, si: str) -> float:
    """The number with its unit in SI; a bare C is the degree Celsius where a temperature is meant."""
    number, _ = read_number(text, place, low=-math.inf if si == "K" else 0.0)
    unit = {"C": "degC", "°C": "degC", "F": "degF"}.get(unit, unit) if si == "K" else unit
    try:
        return to_si(f"{number!r} {unit}", si)
    except InputError as error:
        raise InputError(place, error.problem, error.allowed, error.cure) from None


def short(text: str) -> str:
    shown = repr(text)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def elements_of(amounts: Mapping[str, float]) -> dict[str, float]:
    """Element -> mol in these species."""
    found: dict[str, float] = {}
    for species, n in amounts.items():
        for element, count in composition(species).items():
            found[element] = found.get(element, 0.0) + count * n
    return found
