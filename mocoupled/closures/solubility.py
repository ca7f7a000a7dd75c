"""Solubility of volatiles in silicate melt: registered laws, and laws read from a mechanism's `melt:` entries.

Every solubility law is called with keywords: p, fugacity of the species itself; p_<species>, fugacity of every
species; P, total pressure [all Pa]; T [K]; ln_fO2, natural logarithm of the oxygen fugacity in bar. It takes what it
needs, ignores the rest, and returns the mass fraction of the species in the melt, kg/kg: a sympy expression for
symbols, a number for numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import sympy

from ..constants import BAR
from ..errors import InputError, nearest
from ..units import to_si
from .law import Law, find, law, names

_NUMBERS = ("coefficient", "exponent", "unit")
_CONDITIONS = ("T", "P", "dIW", "melt", "reference", "note")
FORMS = {"power-law": _NUMBERS + _CONDITIONS, "law": ("melt", "note"), "none": ("note",)}  # form -> keys beside it

DIXON_SCALE = 3.8e-7  # mole fraction of carbonate per bar, at 1 bar
DIXON_VOLUME = 23.0  # cm3/mol, volume of carbonate in the melt less that of the melt it replaces
DIXON_GAS_CONSTANT = 83.15  # cm3 bar/mol/K, as printed
DIXON_MELT_MASS = 36.6  # g/mol, basalt per mole of one oxygen
DIXON_CO2_MASS = 44.0  # g/mol


@law(
    "solubility",
    "basalt-Dixon1995",
    unit="kg/kg",
    T=(1473.0, 1473.0),
    p_CO2=(210e5, 980e5),
    reference="Dixon, Stolper & Holloway 1995, J. Petrology 36, 1607, eq. 6; Eq. 2-3 of Bower et al. 2022, PSJ 3, 93",
    attributes={"species": "CO2", "melt": "basalt (MORB)"},
)
def carbonate_in_basalt(*, p_CO2, T, **_):
    """Mass fraction of CO2 in basaltic melt, all as carbonate; p_CO2 [Pa], T [K]; ideal gas.

    It turns over at p_CO2 = 83.15 T / 23 bar (5061 bar at 1400 K): computed there too, far outside the calibration.
    """
    p = p_CO2 / BAR
    carbonate = DIXON_SCALE * p * _exp(-DIXON_VOLUME * (p - 1) / (DIXON_GAS_CONSTANT * T))  # mole fraction
    return DIXON_CO2_MASS * carbonate / (DIXON_MELT_MASS - DIXON_CO2_MASS * carbonate)


def solubility_law(species: str, name: str, entry: Mapping[str, Any], where: str = "") -> Law:
    """The Law that a mechanism's entry `melt: {name: entry}` of a species describes.

    entry: `form: power-law` with `coefficient`, `exponent` and `unit` (fraction per pressure to the exponent, e.g.
    "ppmw/bar^0.5"), and where known `T` [K], `P` (total pressure, [low, high] as text with unit or Pa), `dIW`, `melt`
    and `reference`; `form: law`, the law registered under `name`; or `form: none`, which dissolves nothing.
    where: the place in the user's input, for errors.
    T and P become ranges of the Law, in SI; dIW, melt, form and a power law's numbers (SI) become attributes.
    Raises InputError for an unknown form, a missing or unknown key, a number or unit that makes no sense.
    """
    place = f"{where + ': ' if where else ''}solubility law {name!r} of {species}"
    if not isinstance(entry, Mapping):
        raise InputError(place, f"{entry!r} is not a table.", "allowed: {form: ..., ...}")
    form = entry.get("form")
    if form not in FORMS:
        problem = f"no solubility law has the form {form!r}." if "form" in entry else "the key 'form' is missing."
        raise InputError(place, problem, f"known: {', '.join(FORMS)}", nearest(str(form), FORMS))
    for key in entry:
        if key != "form" and key not in FORMS[form]:
            allowed = f"keys of {form}: {', '.join(FORMS[form])}"
            raise InputError(place, f"the key {key!r} means nothing here.", allowed, nearest(key, FORMS[form]))
    if form == "none":
        return Law("solubility", name, "kg/kg", "dissolves nothing", _nothing, attributes=_frozen(species=species, form=form))
    if form == "law":
        return _registered(species, name, entry, place)
    return _power_law(species, name, entry, place)


def _power_law(species, name, entry, place) -> Law:
    """A Law of the form coefficient * p^exponent."""
    missing = [key for key in _NUMBERS if key not in entry]
    if missing:
        raise InputError(place, f"a power law needs the key {missing[0]!r}.", f"needed: {', '.join(_NUMBERS)}")
    exponent = _positive(entry["exponent"], f"{place} exponent")
    number = _positive(entry["coefficient"], f"{place} coefficient")
    unit = str(entry["unit"])
    try:
        coefficient = to_si(f"{number!r} {unit}", f"kg/kg/Pa^{exponent!r}", f"{place} unit")
    except InputError as error:
        cure = f"with exponent {exponent:g} a unit is, for instance, ppmw/bar^{exponent:g}"
        raise InputError(f"{place} unit = {unit!r}", error.problem, error.allowed, cure) from None
    power = sympy.Rational(repr(exponent))  # exact: the root of exp(u) simplifies to exp(u/2)

    def dissolved(*, p, **_):
        return coefficient * p ** (power if isinstance(p, sympy.Basic) else exponent)

    dissolved.__doc__ = f"Mass fraction of {species} in the melt, {number:g} {unit} times p^{exponent:g}; p [Pa]."
    ranges = {}
    if "T" in entry:
        ranges["T"] = _range(entry["T"], "K", f"{place} T", least=0.0)
    if "P" in entry:
        ranges["P"] = _range(entry["P"], "Pa", f"{place} P", least=0.0)
    attributes = {"form": "power-law", "coefficient": coefficient, "exponent": exponent}
    if "dIW" in entry:
        attributes["dIW"] = _range(entry["dIW"], "1", f"{place} dIW")
    attributes |= {key: entry[key] for key in ("melt", "note") if key in entry}
    reference = str(entry.get("reference", "no reference given"))
    return Law("solubility", name, "kg/kg", reference, dissolved, _frozen(**ranges), _frozen(species=species, **attributes))


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
    return replace(found, attributes=_frozen(**{**found.attributes, "species": species, "form": "law", **own}))


def _nothing(**_):
    """Dissolves nothing."""
    return 0.0


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
        raise InputError(f"{place} = {value!r}", "not a range.", f"allowed: [low, high] with {floor}low <= high")
    return low, high


def _exp(x):
    return sympy.exp(x) if isinstance(x, sympy.Basic) else math.exp(x)


def _frozen(**items) -> Mapping[str, Any]:
    return MappingProxyType(items)
