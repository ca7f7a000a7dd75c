"""Names of species and phases as FactSage and others write them: our name, elements, charge and phase of
each."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

from ...chemistry.mechanism import read_mechanism
from ...chemistry.mechanism_paths import gas_mechanisms
from ...errors import InputError

GRAPHITE, WATER = "C(gr)", "H2O(l)"
GAS_PHASE = re.compile(r"gas([_ -]?(ideal|real))?(#\d+)?", re.I)
_SYMBOLS = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb "
    "Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu "
    "Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am"
)
ELEMENTS = frozenset(_SYMBOLS.split())
_GRAPHITE_NAMES = (
    "c(gr)",
    "c(s)",
    "c(s1)",
    "c_graphite(s)",
    "c_graphite(s1)",
    "c_graphite",
    "graphite",
    "c_cd",
    "c_solid_1_carbon",
    "c_graphite_(s)",
)
_WATER_NAMES = (
    "h2o(l)",
    "h2o(liq)",
    "h2o_liquid(liq)",
    "h2o_liquid(l)",
    "h2o_water(liq)",
    "h2o_water(l)",
    "h2o_liquid",
    "h2o_water",
)
_GAS_MARK = re.compile(r"(\((g|gas|gas[_-]?ideal(#\d+)?|gas[_-]?real(#\d+)?)\)|_g)$", re.I)
_CONDENSED = re.compile(r"\((s\d*|l\d*|liq|cr|aq|solid|liquid|gr)\)$", re.I)
# Names of solid solutions that read as formulas: FCC_A1 is not F + 2 C, nor is BCC_A2#1 a gas of B and C.
SOLUTION = re.compile(
    r"(\w+[_-])?((F|B|CB)CC|D?HCP|CUB)(_\w+|[SN])?(#\d+)?"
    r"|\w+_([A-Z]{1,2}\d+|[A-Z]{3,})(_\w+)?(#\d+)?"
    r"|[^(]+#\d+"
)
_CHARGE = re.compile(r"(?P<base>.+?)(?:[\[(<](?P<inside>\d*[+-]+\d*)[\])>]|(?P<bare>[+-]+))$")
_ELECTRON = ("e", "electron", "elec")
_TOKEN = re.compile(r"([A-Z][a-z]?)(\d{0,3})|(\()|\)(\d{0,3})")


def library() -> tuple[Mapping[str, Mapping[str, int | Fraction]], frozenset[str]]:
    """Species of the shipped mechanisms -> composition, and the elements whose weight they know."""
    return _library(gas_mechanisms())


@lru_cache(maxsize=4)
def _library(names: tuple[str, ...]) -> tuple[Mapping[str, Mapping[str, int | Fraction]], frozenset[str]]:
    compositions: dict[str, Mapping[str, int | Fraction]] = {}
    elements: set[str] = set()
    for name in names:
        mechanism = read_mechanism(name)
        compositions |= {s.name: s.composition for s in mechanism.species.values()}
        elements |= set(mechanism.atomic_weights)
    return MappingProxyType(compositions), frozenset(elements)


def composition(name: str) -> Mapping[str, int | Fraction] | None:
    """Element -> atoms of a species, by its entry in a shipped mechanism or by its formula.

    {} for the electron; None for a name that is not a formula.
    """
    known, _ = library()
    if name in known:
        return known[name]
    if SOLUTION.fullmatch(name) and name != "HCP":  # HCP is a gas too, and has no phase without a suffix here
        return None
    base, number = _charged(name)
    if number and base.casefold() in _ELECTRON:
        return {}
    base = re.split(r"[_,]", _CONDENSED.sub("", _GAS_MARK.sub("", base)), maxsplit=1)[0]
    return _atoms(base)


def _atoms(formula: str) -> dict[str, int] | None:
    """Element -> atoms of a formula with brackets, such as Fe(CO)5; None for a text that is not a formula."""
    layers: list[dict[str, int]] = [{}]
    at = 0
    while at < len(formula):
        match = _TOKEN.match(formula, at)
        if match is None:
            return None
        at = match.end()
        if match[1]:
            if match[1] not in ELEMENTS or match[2] == "0":
                return None
            layers[-1][match[1]] = layers[-1].get(match[1], 0) + int(match[2] or 1)
        elif match[3]:
            layers.append({})
        else:
            if len(layers) < 2 or not layers[-1] or match[4] == "0":
                return None
            inner = layers.pop()
            for element, count in inner.items():
                layers[-1][element] = layers[-1].get(element, 0) + count * int(match[4] or 1)
    return layers[0] if len(layers) == 1 and layers[0] else None


def _charged(name: str) -> tuple[str, int]:
    """The name without its charge, and the charge: "H3O[+]" -> ("H3O", 1), "e(-)" -> ("e", -1)."""
    match = _CHARGE.fullmatch(_GAS_MARK.sub("", name.strip()))
    if match is None:
        return name, 0
    text = match["inside"] or match["bare"]
    digits = re.sub(r"\D", "", text)
    signs = text.count("+") - text.count("-")
    size = int(digits) if digits else abs(signs)
    return match["base"], size if signs > 0 else -size


def charge(name: str) -> int:
    """The charge of a species in elementary charges; 0 for a name that is not of an ion."""
    base, value = _charged(name)
    return value if base.casefold() in _ELECTRON or _atoms(re.split("[_,]", base)[0]) else 0


def species_name(text: str) -> str:
    """A species' name as our mechanisms have it.

    "H2O(g)" and "H2O_g" are H2O, "C_Graphite(s)" is C(gr), "H2O_liquid(liq)" is H2O(l), "H3O[+]" is H3O+, and
    "C2H2" is C2H2,acetylene where no other isomer is known.
    """
    name = text.strip()
    if name.casefold() in _GRAPHITE_NAMES:
        return GRAPHITE
    if name.casefold() in _WATER_NAMES:
        return WATER
    name = _GAS_MARK.sub("", name)
    if value := charge(name):
        base = _charged(name)[0]
        ion = "e" if base.casefold() in _ELECTRON else base
        number = "" if abs(value) == 1 else str(abs(value))
        return f"{ion}{number}{'+' if value > 0 else '-'}"
    known, _ = library()
    isomers = [s for s in known if s.partition(",")[0] == name]
    return isomers[0] if name not in known and len(isomers) == 1 else name


def is_condensed(text: str) -> bool:
    """Whether a name is that of a pure solid or liquid: "SiO2_Quartz(s)", "C(gr)", "MgO_Periclase"."""
    name = text.strip()
    if species_name(name) in (GRAPHITE, WATER) or _CONDENSED.search(name):
        return True
    return (
        not _GAS_MARK.search(name)
        and re.fullmatch(r"[A-Z][A-Za-z0-9()]*_[A-Z][a-z]\w*", name) is not None
        and composition(name) is not None
    )


def unknown_species(place: str, text: str) -> InputError:
    """The error of a text that is not the name of a species."""
    known, _ = library()
    others = " and others" if len(known) > 12 else ""
    allowed = f"allowed: {', '.join(list(known)[:12])}{others}, or a formula of elements"
    return InputError(
        f"{place} species {text!r}",
        "this is not the name of a species.",
        allowed,
        likely(species_name(text), known),
    )


def likely(name: str, known: Iterable[str]) -> str:
    """ "did you mean 'x'?" for a known name that is nearly the same; "" for one that only shares letters with
    it."""
    folded = {k.casefold(): k for k in known}
    match = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.7)
    return f"did you mean {folded[match[0]]!r}?" if match else ""


def elements_of(amounts: Mapping[str, float]) -> dict[str, float]:
    """Element -> mol in amounts of species [mol]."""
    elements: dict[str, float] = {}
    for species, n in amounts.items():
        for element, count in (composition(species) or {}).items():
            elements[element] = elements.get(element, 0.0) + count * n
    return elements
