"""Solubility of volatiles in silicate melt.

The laws of the registry, and laws read from a mechanism's `melt:` entries.

Every solubility law is called with keywords:
p, fugacity of the species itself; p_<species>, fugacity of every species; P, total pressure [all Pa]; T [K];
ln_fO2, natural logarithm of the oxygen fugacity in bar.
It takes what it needs, ignores the rest, and returns the mass fraction of the species in the melt [kg/kg]:
a sympy expression for symbols, a number for numbers.
A law or a range relative to iron-wustite names the buffer that it was calibrated with (`iron_wustite`):
what dissolves depends on the state alone, not on the buffer that a case names.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import sympy

from ..constants import BAR, GAS_CONSTANT
from ..errors import InputError
from ..units import to_si
from .expressions import parse
from .ferric_iron import BULK_SILICATE_EARTH, OXIDES, Share, mole_fractions
from .iron_wustite import distance
from .law_types import (
    TOTAL,
    Coefficient,
    Dissolution,
    IronWustite,
    LawFunction,
    Range,
    SymbolicLaw,
    arguments_of,
)
from .redox import DEFAULT_IRON_WUSTITE
from .registry import find, names
from .solubility_entries import (
    POWER_LAW,
    Place,
    check_entry,
    check_keys,
    coefficient_in_si,
    error_of,
    positive,
    pressure_unit,
    ranges_of,
)

# what an expression may name, SI
CONSTANTS = MappingProxyType({"bar": BAR, "GPa": 1e9, "R": GAS_CONSTANT})
# what else it may name -> the arguments that it takes for that
ARGUMENTS = MappingProxyType({
    "p": ("p",), "P": ("P",), "T": ("T",), "ln_fO2": ("ln_fO2",), "fO2": ("ln_fO2",), "DIW": ("ln_fO2", "T"),
})  # fmt: skip
OF_A_SPECIES = "p_"  # and this before a species' name: its fugacity
OXIDE = "X_"  # and this before an oxide: its mole fraction in the melt, all iron as FeO
_OXIDES = tuple(OXIDE + oxide for oxide in OXIDES)
ABSENT = 1e-30  # Pa; fugacity of a species that the planet has not
TRIED = ((1.0, 1e6), (1e5, 1e5), (1e7, 3e8))  # (p, P) [Pa] at which an expression must give a mass fraction
UNKNOWN = "no reference given"


def solubility_law(
    species: str,
    name: str,
    entry: Mapping[str, object],
    where: str = "",
    composition: Mapping[str, Share] = BULK_SILICATE_EARTH,
) -> SymbolicLaw:
    """The law that a mechanism's entry `melt: {name: entry}` of a species describes.

    entry, by its `form`:
    power-law   `coefficient`, `exponent` and `unit`: fraction per pressure to the exponent, e.g.
    "ppmw/bar^0.5".
    expression  `expression`: text in the grammar of expressions.py, of p, P, T, fO2, ln_fO2, DIW,
                p_<species>, the mole fraction X_<oxide> of the melt and the constants bar, GPa, R (all SI,
                ln_fO2 for bar); `unit` of its value: kg/kg, ppmw or %.
    sum         `of`: {name: entry}, whose fractions add up (of sulfide and sulfate, for instance).
    law         the law registered under `name`.
    none        dissolves nothing.
    Where known also `T` [K], `P` (total pressure), `p` (fugacity of the species), each [low, high] as text
    with unit or in SI, `dIW`, `melt`, `note`, `reference`, and the publication's BibTeX `key` and `doi`.
    DIW and dIW are log10 fO2 less that of iron-wustite by the law `buffer` (ONeillEggins2002 where not
    named), at 1 bar, or with `buffer-pressure: total` at the total pressure.
    where: the place in the user's input, for errors. composition: of the melt, oxide -> mass fraction.
    T, P, p and dIW become ranges of the law, in SI; the rest becomes its fields.
    Raises InputError for an unknown form, a missing or unknown key, and a number, unit or expression that is
    invalid.
    """
    place = Place(species, name, f"{where + ': ' if where else ''}solubility law {name!r} of {species}")
    form = check_entry(entry, place.text)
    if form == "power-law":
        return _power_law(place, entry)
    if form == "expression":
        return _expression(place, entry, composition)
    if form == "sum":
        return _sum(place, entry, composition)
    if form == "law":
        return _registered(place, entry, composition)
    return _none(place)


def _none(place: Place) -> SymbolicLaw:
    return SymbolicLaw(
        "solubility",
        place.law,
        "kg/kg",
        "dissolves nothing",
        _nothing,
        (),
        species=place.species,
        dissolution=Dissolution("none"),
    )


def _nothing(**_: object) -> float:
    """Dissolves nothing."""
    return 0.0


def _power_law(place: Place, entry: Mapping[str, object]) -> SymbolicLaw:
    """A law of the form coefficient * p^exponent."""
    check_keys(entry, POWER_LAW, "a power law", place.text)
    exponent = positive(entry["exponent"], f"{place.text} exponent")
    number = positive(entry["coefficient"], f"{place.text} coefficient")
    unit = str(entry["unit"])
    coefficient = coefficient_in_si(number, unit, exponent, place.text)
    power = sympy.Rational(repr(exponent))  # exact: the root of exp(u) simplifies to exp(u/2)
    pressure = pressure_unit(unit)
    numbers = {
        "coefficient": Coefficient(number, unit, "coefficient of the power law", error_of(entry, place.text)),
        "exponent": Coefficient(exponent, "1", "exponent of the power law, at a fixed coefficient"),
    }

    def dissolved(*, p: sympy.Expr, **varied: sympy.Expr) -> sympy.Expr:
        value = coefficient * p ** (power if isinstance(p, sympy.Basic) else exponent)
        if "coefficient" in varied:
            value = value / number * varied["coefficient"]
        if "exponent" in varied:  # with the coefficient in its unit: the pressure is counted in that unit
            value = value * sympy.exp((varied["exponent"] - exponent) * sympy.log(p / pressure))
        return value

    dissolved.__doc__ = (
        f"Mass fraction of {place.species} in the melt, {number:g} {unit} times p^{exponent:g}; p [Pa]."
    )
    record = Dissolution("power-law", coefficient=coefficient, exponent=exponent)
    law = _law(place, entry, dissolved, ("p",), record, _buffer(entry, place.text, False))
    return replace(law, coefficients=MappingProxyType(numbers))


def _expression(place: Place, entry: Mapping[str, object], composition: Mapping[str, Share]) -> SymbolicLaw:
    """A law whose formula stands in the entry."""
    check_keys(entry, ("expression", "unit"), "an expression", place.text)
    where = f"{place.text} expression"
    formula = parse(entry["expression"], (*ARGUMENTS, *CONSTANTS, *_OXIDES), where, (OF_A_SPECIES,))
    X = {OXIDE + oxide: share for oxide, share in mole_fractions(composition).items()}
    unit = str(entry["unit"])
    try:
        factor = to_si(f"1 {unit}", "kg/kg")
    except InputError as error:
        allowed = "allowed: kg/kg, ppmw or %"
        raise InputError(f"{place.text} unit = {unit!r}", error.problem, allowed) from None
    relative = _buffer(entry, place.text, "DIW" in formula.names)

    def dissolved(**state: sympy.Expr) -> sympy.Expr:
        values = {}
        for name in formula.names:
            if name in X:
                values[name] = X[name]
            else:
                values[name] = distance(relative, state) if name == "DIW" else _named(name, state)
        return factor * formula(values)

    dissolved.__doc__ = (
        f"Mass fraction of {place.species} in the melt, in {unit}: {formula.text}; SI, ln_fO2 for bar."
    )
    arguments = tuple(dict.fromkeys(a for name in formula.names for a in _arguments(name)))
    at_total = relative is not None and relative.total_pressure
    if "DIW" in formula.names and at_total and "P" not in arguments:
        arguments += ("P",)
    record = Dissolution("expression", expression=formula.text)
    law = _law(place, entry, dissolved, arguments, record, relative)
    if _in_symbols(composition):
        return replace(law, composition=composition)
    _try(law, place.text)
    return law


def _in_symbols(composition: Mapping[str, Share]) -> bool:
    """Whether a composition is a parameter of the equations."""
    return any(isinstance(share, sympy.Basic) for share in composition.values())


def _arguments(name: str) -> tuple[str, ...]:
    """The arguments of a law that a name in an expression stands for."""
    return () if name in CONSTANTS or name in _OXIDES else ARGUMENTS.get(name, (name,))


def _named(name: str, state: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """The value of a name in an expression, from the law's arguments."""
    if name in CONSTANTS:
        return CONSTANTS[name]
    if name == "fO2":
        return BAR * _exp(state["ln_fO2"])
    return state.get(name, ABSENT) if name.startswith(OF_A_SPECIES) else state[name]


def _buffer(entry: Mapping[str, object], place: str, needed: bool) -> IronWustite | None:
    """The buffer of iron-wustite that DIW and dIW of an entry refer to; None for a law that refers to none.

    needed: whether the formula has DIW. Raises InputError for a buffer without use, or of another family,
    and for a pressure that it does not have.
    """
    keys = [key for key in ("buffer", "buffer-pressure") if key in entry]
    if not needed and "dIW" not in entry:
        if keys:
            raise InputError(
                f"{place} {keys[0]}",
                "nothing in this law is relative to a buffer.",
                "allowed: beside dIW, or DIW in the expression",
                f"remove {keys[0]}",
            )
        return None
    name, pressure = str(entry.get("buffer", DEFAULT_IRON_WUSTITE)), entry.get("buffer-pressure")
    chosen = find("buffer", name, f"{place} buffer = {name!r}")
    if chosen.family != "IW":
        known = ", ".join(n for n in names("buffer") if find("buffer", n).family == "IW")
        raise InputError(
            f"{place} buffer = {name!r}",
            f"a buffer of {chosen.family}; dIW and DIW are relative to iron-wustite.",
            f"known: {known}",
        )
    if pressure is None:
        return IronWustite(name)
    if pressure != TOTAL or not chosen.pressure:
        allowed = (
            f"allowed: {TOTAL!r}, with a buffer that has a pressure term; "
            "without this key the buffer is at 1 bar"
        )
        raise InputError(f"{place} buffer-pressure = {pressure!r}", "not a pressure of this buffer.", allowed)
    return IronWustite(name, total_pressure=True)


def _try(law: SymbolicLaw, place: str) -> None:
    """InputError where the law gives no mass fraction at ordinary conditions."""
    T = sum(law.ranges.get("T", (1500.0, 2500.0))) / 2
    for p, P in TRIED:
        fugacities = {name: p for name in law.arguments if name[0] == "p"}
        state = {"T": T, "ln_fO2": -20.0, **fugacities, "P": P}
        problem = ""
        try:
            fraction = law(**state)
        except (OverflowError, ZeroDivisionError, ValueError) as error:
            problem = str(error)
        else:
            if not 0.0 <= fraction < math.inf:
                problem = str(fraction)
        if problem:
            log10_fO2 = -20 / math.log(10)
            at = f"at p = {p / BAR:g} bar, P = {P / BAR:g} bar, T = {T:g} K, log10 fO2 = {log10_fO2:.3g}"
            allowed = "allowed: a finite number >= 0"
            raise InputError(f"{place} expression", f"{at} it gives no mass fraction: {problem}.", allowed)


def _sum(place: Place, entry: Mapping[str, object], composition: Mapping[str, Share]) -> SymbolicLaw:
    """A law that adds up others: each argument's range is where all of them are calibrated."""
    parts = entry.get("of")
    where = f"{place.text} of"
    if not isinstance(parts, Mapping) or not parts:
        allowed = "allowed: of: {name: {form: ...}, ...}"
        raise InputError(where, "this is not a table of laws.", allowed)
    for part in parts.values():
        if isinstance(part, Mapping) and part.get("form") == "sum":
            raise InputError(where, "a sum of sums.", "allowed: laws of any other form")
    laws = [solubility_law(place.species, str(key), part, where, composition) for key, part in parts.items()]

    def dissolved(**state: sympy.Expr) -> sympy.Expr:
        return sum(_with_numbers_of(law, state)(**state) for law in laws)

    listed = tuple(map(str, parts))
    dissolved.__doc__ = f"Mass fraction of {place.species} in the melt: the sum of {', '.join(listed)}."
    arguments = tuple(dict.fromkeys(name for law in laws for name in law.arguments))
    references = "; ".join(dict.fromkeys(law.reference for law in laws))
    keys = tuple(dict.fromkeys(key for law in laws for key in law.keys))
    relative = {law.iron_wustite for law in laws if "dIW" in law.ranges}
    if len(relative) > 1:
        raise InputError(
            where,
            "its laws have ranges dIW relative to different buffers.",
            "allowed: one buffer for all of them",
            "give them relative to one buffer",
        )
    stated = {"reference": references, **entry}
    record = Dissolution("sum", parts=listed)
    law = _law(place, stated, dissolved, arguments, record, next(iter(relative), None))
    if not law.key and keys and "reference" not in entry:
        law = replace(law, key=keys[0], further_keys=keys[1:])
    numbers = {f"{law.name}.{name}": row for law in laws for name, row in law.coefficients.items()}
    made = replace(law, ranges=MappingProxyType(_common_ranges(laws)), coefficients=MappingProxyType(numbers))
    return replace(made, composition=composition) if _in_symbols(composition) else made


def _with_numbers_of(law: SymbolicLaw, state: Mapping[str, sympy.Expr]) -> SymbolicLaw:
    """A law of a sum with those of its coefficients that stand in the state, as "law.coefficient"."""
    names = {name: f"{law.name}.{name}" for name in law.coefficients}
    symbols = {name: state[full] for name, full in names.items() if full in state}
    return law.with_symbols(symbols) if symbols else law


def _common_ranges(laws: list[SymbolicLaw]) -> dict[str, Range]:
    """For each argument the range in which all laws are calibrated."""
    ranges: dict[str, Range] = {}
    for law in laws:
        for name, (low, high) in law.ranges.items():
            before = ranges.get(name, (low, high))
            ranges[name] = max(before[0], low), min(before[1], high)
    return ranges


def _law(
    place: Place,
    entry: Mapping[str, object],
    function: LawFunction,
    arguments: tuple[str, ...],
    record: Dissolution,
    relative: IronWustite | None,
) -> SymbolicLaw:
    """The law of an entry: its function, ranges and publication."""
    return SymbolicLaw(
        "solubility",
        place.law,
        "kg/kg",
        str(entry.get("reference", UNKNOWN)),
        function,
        arguments,
        MappingProxyType(ranges_of(entry, place.text)),
        key=str(entry.get("key", "")),
        doi=str(entry.get("doi", "")),
        note=str(entry.get("note", "")),
        species=place.species,
        iron_wustite=relative,
        dissolution=replace(record, melt=str(entry.get("melt", ""))),
    )


def _registered(place: Place, entry: Mapping[str, object], composition: Mapping[str, Share]) -> SymbolicLaw:
    """The law of the registry, which must be a law for this species, for this melt."""
    law = find("solubility", place.law, f"{place.text} form = 'law'")
    if law.species not in ("", place.species):
        every = [find("solubility", name) for name in names("solubility")]
        known = [other.name for other in every if other.species == place.species]
        raise InputError(
            f"{place.text} form = 'law'",
            f"the law of this name is for {law.species}.",
            f"known for {place.species}: {', '.join(known) or 'none'}",
        )
    before = law.dissolution or Dissolution()
    record = replace(before, form="law", melt=str(entry.get("melt", before.melt)))
    note = str(entry.get("note", law.note))
    of_melt = composition if "composition" in arguments_of(law.function) else None
    return replace(law, species=place.species, note=note, dissolution=record, composition=of_melt)


def _exp(x: sympy.Expr) -> sympy.Expr:
    return sympy.exp(x) if isinstance(x, sympy.Basic) else math.exp(x)
