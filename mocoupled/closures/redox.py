"""Oxygen fugacity: mineral buffers and meteorite gases as functions of T, and the reading of "IW+0.5"."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import sympy

from ..errors import InputError, nearest
from .law import Law, find, law, names

# O'Neill & Eggins 2002: their own value of R, so that log10 fO2 is theirs to the last digit
ONEILL_EGGINS_GAS_CONSTANT = 8.31441  # J/mol/K

LARGEST_OFFSET = 20.0  # dex; beyond it a number is a slip of the pen, not a planet
ABSOLUTE_RANGE = (-50.0, 5.0)  # log10 bar; same remark


@law(
    "buffer",
    "ONeillEggins2002",
    unit="log10 bar",
    reference="O'Neill & Eggins 2002, Chem. Geol. 186, 151; Eq. 7-8 of Bower et al. 2022, PSJ 3, 93",
    attributes={
        "family": "IW",
        "family_default": True,
        "reaction": "Fe(s) + 1/2 O2 = FeO(l)",
        "conditions": "1 bar; range not stated",
    },
)
def iron_wustite_liquid(*, T, **_):
    """log10 fO2 [bar] of solid iron with liquid FeO at 1 bar, from its Gibbs energy; T [K]. Range not stated."""
    gibbs_energy = -244118 + 115.559 * T - 8.474 * T * sympy.log(T)  # J per mol FeO
    return 2 * gibbs_energy / (math.log(10.0) * ONEILL_EGGINS_GAS_CONSTANT * T)


# log10 fO2 = A + B (1e3/T) + C (1e3/T)^2 + D (1e3/T)^3 + E (1e3/T)^4, bar and K
_SCHAEFER_FEGLEY = "Schaefer & Fegley 2017, ApJ 843, 120"
_FISCHER = "Fischer et al. 2011, Earth Planet. Sci. Lett. 304, 496"
_METEORITE = "gas in equilibrium with {} material; range not stated"
POLYNOMIALS = {
    # name: (family, coefficients A..E, reference, conditions)
    "Fischer2011": ("IW", (6.44059, -28.1808), _FISCHER, "Fe + 1/2 O2 = FeO; range not stated"),
    "SchaeferFegley2017-CI": (
        "CI", (2.4976, -9.8605, -17.0701, 7.5220, -1.0404), _SCHAEFER_FEGLEY, _METEORITE.format("CI chondritic"),
    ),
    "SchaeferFegley2017-CV": (
        "CV", (9.0621, -31.193, 5.1092, -1.8475, 0.2000), _SCHAEFER_FEGLEY, _METEORITE.format("CV chondritic"),
    ),
    "SchaeferFegley2017-H": (
        "H", (5.0743, -22.906, -5.6610, 2.0634, -0.2618), _SCHAEFER_FEGLEY, _METEORITE.format("H chondritic"),
    ),
    "SchaeferFegley2017-EH": (
        "EH", (4.9495, -24.024, -4.6236, 1.7177, -0.2332), _SCHAEFER_FEGLEY, _METEORITE.format("EH chondritic"),
    ),
    "SchaeferFegley2017-Eucrite": (
        "Eucrite", (5.4856, -25.127, -3.6580, 1.3014, -0.1650), _SCHAEFER_FEGLEY, _METEORITE.format("eucritic"),
    ),
}  # fmt: skip


def _register_polynomial(name: str) -> Law:
    """The Law of one row of POLYNOMIALS."""
    family, coefficients, reference, conditions = POLYNOMIALS[name]

    def polynomial(*, T, **_):
        """log10 fO2 [bar] = sum of c_n (1000/T)^n, T [K]; coefficients in POLYNOMIALS. Range not stated."""
        value = 0
        for coefficient in reversed(coefficients):
            value = value * (1000.0 / T) + coefficient
        return value

    attributes = {"family": family, "family_default": family != "IW", "conditions": conditions}
    return law("buffer", name, unit="log10 bar", reference=reference, attributes=attributes)(polynomial)


for _name in POLYNOMIALS:
    _register_polynomial(_name)


@dataclass(frozen=True)
class OxygenFugacity:
    """Oxygen fugacity as the user set it.

    buffer: name of a "buffer" Law, or None when the value is absolute.
    offset: dex relative to the buffer; without a buffer log10 fO2 [bar] itself, the same at every temperature.
    """

    buffer: str | None
    offset: float

    def log10(self, T):
        """log10 fO2 [bar] at T [K]: an expression of a sympy T, a number of a number."""
        if self.buffer is None:
            return sympy.Float(self.offset)
        return find("buffer", self.buffer)(T=T) + self.offset

    def evaluate(self, T):
        """log10 fO2 [bar] at T [K], number or array of any shape, from the expression of `log10`."""
        if self.buffer is None:
            return self.offset + 0.0 * T  # takes the shape of T
        return find("buffer", self.buffer).evaluate(T=T) + self.offset

    @property
    def label(self) -> str:
        """What a result must carry beside its numbers: "IW+0.5 (ONeillEggins2002)" or "log10 fO2 = -9.5"."""
        if self.buffer is None:
            return f"log10 fO2 = {self.offset:g}"
        return f"{find('buffer', self.buffer).attributes['family']}{self.offset:+g} ({self.buffer})"


def families() -> dict[str, tuple[str, ...]]:
    """Family of buffers -> names of its laws, the family's default first."""
    found: dict[str, list[str]] = {}
    for name in names("buffer"):
        attributes = find("buffer", name).attributes
        rows = found.setdefault(attributes["family"], [])
        rows.insert(0 if attributes.get("family_default") else len(rows), name)
    return {family: tuple(rows) for family, rows in sorted(found.items())}


_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|nan|inf"
_RELATIVE = re.compile(rf"(?P<family>[A-Za-z]+)(?:\s*(?P<sign>[+-])\s*(?P<size>{_NUMBER}))?")
_ABSOLUTE = re.compile(rf"log10\s+fO2\s*=\s*(?P<value>[+-]?(?:{_NUMBER}))")


def parse_oxygen_fugacity(text: str, buffer: str | None = None, where: str = "") -> OxygenFugacity:
    """Read an oxygen fugacity.

    text: "IW", "IW+0.5", "CI - 1" (family and dex), or the absolute "log10 fO2 = -9.5" (bar).
    buffer: name of the buffer Law to use for the family; None takes the family's default (IW: ONeillEggins2002).
    where: the place in the user's input, for the error.
    """
    place = where or f"oxygen_fugacity = {text!r}"
    known = families()
    allowed = f"a family ({', '.join(known)}) with an offset in dex, as 'IW+0.5', or 'log10 fO2 = -9.5' (bar)."
    read = text.strip().replace("\N{MINUS SIGN}", "-") if isinstance(text, str) else ""

    if absolute := _ABSOLUTE.fullmatch(read):
        if buffer is not None:
            raise InputError(
                place,
                f"an absolute oxygen fugacity cannot follow the buffer {buffer!r}.",
                allowed,
                "remove the buffer, or give the offset from it",
            )
        low, high = ABSOLUTE_RANGE
        value = _number(absolute["value"], low, high, place, f"a number from {low:g} to {high:g} (log10 bar)")
        return OxygenFugacity(None, value)

    relative = _RELATIVE.fullmatch(read)
    if not relative:
        cure = "write 'IW+0.5' for 0.5 dex above the buffer" if _looks_like_number(text) else ""
        raise InputError(place, "this is not an oxygen fugacity.", allowed, cure)
    family = relative["family"]
    if family not in known:
        raise InputError(place, f"no buffer family is called {family!r}.", allowed, nearest(family, known))
    bound = LARGEST_OFFSET
    signed = (relative["sign"] or "+") + (relative["size"] or "0")
    offset = _number(signed, -bound, bound, place, f"an offset from {-bound:g} to {bound:g} dex")
    if buffer is None:
        return OxygenFugacity(known[family][0], offset)
    meant = find("buffer", buffer, where).attributes["family"]
    if meant != family:
        raise InputError(
            place,
            f"the buffer {buffer!r} is of the family {meant}, not {family}.",
            f"buffers of {family}: {', '.join(known[family])}",
            f"write {meant!r} in place of {family!r}, or name a buffer of {family}",
        )
    return OxygenFugacity(buffer, offset)


def _number(text: str, low: float, high: float, place: str, allowed: str) -> float:
    """The number, refused when it is not finite or lies outside low..high."""
    value = float(text)
    if not math.isfinite(value) or not low <= value <= high:
        raise InputError(place, f"{value:g} is out of bounds.", allowed)
    return value


def _looks_like_number(text) -> bool:
    """Whether the user wrote the bare offset."""
    try:
        float(text)
    except (TypeError, ValueError):
        return False
    return True
