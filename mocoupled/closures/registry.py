"""Laws: published closures, each with unit, valid range and publication, in the one registry of them.

`law` declares one, `find` returns one by kind and name. A law is one of the two types of law_types.py.
A look-up imports the files that declare the shipped laws of the kind: shipped_laws.py lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypedDict, TypeVar, overload

from ..errors import InputError, nearest
from .law_call import check_ranges, place_of
from .law_types import (
    MELTING_CURVES,
    NUMERIC_KINDS,
    TOTAL,
    Coefficient,
    Dissolution,
    IronWustite,
    Law,
    LawFunction,
    MineralBuffer,
    NumericLaw,
    PublishedLaw,
    Range,
    Ranges,
    RealGases,
    SymbolicLaw,
    arguments_of,
)
from .shipped_laws import DECLARED_IN

if TYPE_CHECKING:
    import numpy as np

NumericKind = Literal["fugacity", "solidus", "liquidus"]
SymbolicKind = Literal[
    "albedo", "binary_diffusion", "buffer", "compression", "core_melting", "cumulate_density",
    "cumulate_energy", "dissolution", "eddy_diffusivity", "end_member_energy", "equation_of_state", "escape",
    "escape_energy", "ferric_iron", "graphite_saturation", "heating", "iron_magnesium_exchange",
    "liquid_mixing",
    "liquid_mixing_iron", "luminosity", "melt_activity", "melt_fraction", "melting_lens",
    "melting_temperature", "metal_activity", "miscibility", "partition", "radiation", "saturation",
    "separation", "silicate_mixing", "solubility", "sublimation", "sulfide_saturation", "surface_pressure",
    "two_component_energy", "viscosity", "xuv",
]  # fmt: skip
L = TypeVar("L", bound=PublishedLaw)
_GUIDE = "see docs/add-a-law.md"

# ---- declaration: what the decorator accepts, and the typed fields that follow from it


class Attributes(TypedDict, total=False):
    """What a declaration may say in `attributes`; the fields of the types of a law explain the names.

    species: one species, or for "fugacity" a tuple of gases. buffer: the iron-wustite buffer of dIW.
    buffer_pressure: "total". coefficients: numbers that the function takes by name. ranges and reduced_T: of
    the gases of a law of fugacity coefficients.
    """

    arguments: tuple[str, ...]
    conditions: str
    outside: str
    note: str
    species: str | tuple[str, ...]
    pressure: bool
    family: str
    family_default: bool
    reaction: str
    buffer: str
    buffer_pressure: str
    melt: str
    volumes: tuple[float, float]
    coefficients: Mapping[str, Coefficient]
    slope: Callable[[np.ndarray], np.ndarray]
    ranges: Mapping[str, Ranges]
    reduced_T: Range


_OF_ANY_LAW = ("arguments", "conditions", "outside", "note")
_OF_MELTING_CURVES = (*_OF_ANY_LAW, "slope")
_OF_FUGACITY = (*_OF_ANY_LAW, "species", "ranges", "reduced_T")
_OF_SYMBOLIC_LAWS = tuple(
    name for name in Attributes.__annotations__ if name not in ("slope", "ranges", "reduced_T")
)


def _check_attributes(kind: str, place: str, attributes: Attributes) -> None:
    """InputError for an attribute that no law of the kind has, or one that is missing or of another type."""
    known = _OF_SYMBOLIC_LAWS
    if kind in NUMERIC_KINDS:
        known = _OF_MELTING_CURVES if kind in MELTING_CURVES else _OF_FUGACITY
    for name in attributes:
        if name not in known:
            problem = f"a {kind} law has no attribute {name!r}."
            raise InputError(place, problem, f"known: {', '.join(known)}", nearest(name, known))
    if kind == "buffer":
        _check_attribute(kind, place, attributes, "family")
    if kind in MELTING_CURVES:
        _check_attribute(kind, place, attributes, "slope")


def _check_attribute(kind: str, place: str, attributes: Attributes, name: Literal["family", "slope"]) -> None:
    if name not in attributes:
        problem = f"a {kind} needs the attribute {name!r}."
        raise InputError(place, problem, f"write attributes={{{name!r}: ...}} in @law(...)", _GUIDE)
    value: object = attributes[name]
    if name == "slope":
        valid, allowed = callable(value), "allowed: a function of P, the derivative in K/Pa"
    else:
        valid, allowed = isinstance(value, str), "allowed: a family's name, such as 'IW'"
    if not valid:
        raise InputError(place, f"its attribute {name!r} is {str(value)[:40]!r}.", allowed, _GUIDE)


@dataclass(frozen=True)
class _Declaration:
    """The fixed part of a declaration, before its function is known."""

    kind: str
    name: str
    unit: str
    reference: str
    key: str
    further_keys: tuple[str, ...]
    doi: str
    attributes: Attributes
    ranges: Ranges

    def law(self, function: LawFunction) -> Law:
        """The typed law; InputError for a declaration that cannot be used."""
        place = place_of(self.kind, self.name, function)
        _check_attributes(self.kind, place, self.attributes)
        check_ranges(place, self.ranges)
        return self._numeric(function) if self.kind in NUMERIC_KINDS else self._symbolic(function)

    def _arguments(self, function: Callable[..., object]) -> tuple[str, ...]:
        stated = self.attributes.get("arguments")
        if stated is not None:
            return tuple(stated)
        return arguments_of(function, self.attributes.get("coefficients", ()))

    def _published(self, law_type: type[L], function: LawFunction) -> L:
        """A law of the type with the fields that every law has; the others have their defaults."""
        stated = self.attributes
        return law_type(
            self.kind,
            self.name,
            self.unit,
            self.reference,
            function,
            self._arguments(function),
            self.ranges,
            self.key,
            self.further_keys,
            self.doi,
            conditions=stated.get("conditions", ""),
            outside=stated.get("outside", ""),
            note=stated.get("note", ""),
        )

    def _symbolic(self, function: LawFunction) -> SymbolicLaw:
        stated = self.attributes
        minerals = relative = dissolution = None
        if "family" in stated:
            default, reaction = stated.get("family_default", False), stated.get("reaction", "")
            minerals = MineralBuffer(stated["family"], default, reaction)
        if "buffer" in stated:
            relative = IronWustite(stated["buffer"], stated.get("buffer_pressure") == TOTAL)
        if self.kind == "solubility":
            dissolution = Dissolution(melt=stated.get("melt", ""))
        return replace(
            self._published(SymbolicLaw, function),
            species=str(stated.get("species", "")),
            pressure=bool(stated.get("pressure", False)),
            mineral_buffer=minerals,
            iron_wustite=relative,
            dissolution=dissolution,
            volumes=stated.get("volumes"),
            melt="" if dissolution else stated.get("melt", ""),
            coefficients=stated.get("coefficients", {}),
        )

    def _numeric(self, function: LawFunction) -> NumericLaw:
        stated = self.attributes
        gases = None
        if self.kind == "fugacity":
            gases = RealGases(
                tuple(stated.get("species", ())), stated.get("ranges", {}), stated.get("reduced_T")
            )
        return replace(self._published(NumericLaw, function), slope=stated.get("slope"), gases=gases)


# ---- the registry

_registry: dict[tuple[str, str], Law] = {}
_imported: set[str] = set()  # kinds whose shipped laws are in the registry


def law(
    kind: str,
    name: str,
    *,
    unit: str,
    reference: str,
    key: str = "",
    further_keys: tuple[str, ...] = (),
    doi: str = "",
    attributes: Attributes | None = None,
    **ranges: Range,
) -> Callable[[LawFunction], Law]:
    """Register the decorated function as the law (kind, name), and return the law in its place.

    unit: of the result. reference: the paper, with table or equation.
    key, further_keys: BibTeX keys of the publications.
    doi: of the first. attributes: see `Attributes`. Other keywords are ranges in SI: T=(1473, 1473).
    Raises ValueError if the name exists, InputError for an unknown or missing attribute and for an invalid
    range.
    """
    frozen = MappingProxyType(ranges)
    declaration = _Declaration(kind, name, unit, reference, key, further_keys, doi, attributes or {}, frozen)

    def register(function: LawFunction) -> Law:
        if (kind, name) in _registry:
            raise ValueError(f"law {kind} {name} is declared twice")
        declared = declaration.law(function)
        _registry[kind, name] = declared
        return declared

    return register


def _import_shipped(kind: str) -> None:
    """Import the files that declare the shipped laws of a kind; nothing for a kind without shipped laws."""
    if kind in _imported:
        return
    for path in DECLARED_IN.get(kind, ()):
        import_module(f"..{path}", __package__)
    _imported.add(kind)


def names(kind: str) -> tuple[str, ...]:
    """Names of the laws of a kind, sorted: the shipped laws, and those of a user."""
    _import_shipped(kind)
    return tuple(sorted(n for k, n in _registry if k == kind))


def registered() -> tuple[Law, ...]:
    """Every law of the registry by kind and name: the shipped laws, and those of a user."""
    for kind in DECLARED_IN:
        _import_shipped(kind)
    return tuple(_registry[key] for key in sorted(_registry))


@overload
def find(kind: NumericKind, name: str, where: str = "") -> NumericLaw: ...


@overload
def find(kind: SymbolicKind, name: str, where: str = "") -> SymbolicLaw: ...


@overload
def find(kind: str, name: str, where: str = "") -> Law: ...


def find(kind: str, name: str, where: str = "") -> Law:
    """The registered law. where: the place in the user's input.

    Raises InputError, with the known names, for a name that no law of the kind has.
    """
    _import_shipped(kind)
    try:
        return _registry[kind, name]
    except KeyError:
        raise InputError(
            where or f"{kind} = {name!r}",
            f"no {kind} law has this name.",
            f"known: {', '.join(names(kind)) or 'none'}",
            nearest(name, names(kind)),
        ) from None
