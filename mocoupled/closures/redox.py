"""Oxygen fugacity relative to a buffer or absolute: the reading of "IW+0.5", and its value at T and P."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import sympy

from ..constants import BAR
from ..errors import InputError, nearest
from .registry import find, names

LARGEST_OFFSET = 20.0  # dex; beyond it a number is a mistake in writing, not a planet
ABSOLUTE_RANGE = (-50.0, 5.0)  # log10 bar; same remark
# Pa; of a buffer whose pressure term has no stated range: below the transition zone its minerals are others
HIGHEST_PRESSURE = 25e9
# of a quantity relative to IW that names no buffer
DEFAULT_IRON_WUSTITE = "ONeillEggins2002"
Number = float | np.ndarray


def families() -> dict[str, tuple[str, ...]]:
    """Family of buffers -> names of its laws, the family's default first."""
    members: dict[str, list[str]] = {}
    for name in names("buffer"):
        minerals = find("buffer", name).mineral_buffer
        if minerals is None:  # never: a declaration without a family is refused
            continue
        rows = members.setdefault(minerals.family, [])
        rows.insert(0 if minerals.family_default else len(rows), name)
    return {family: tuple(rows) for family, rows in sorted(members.items())}


def above_buffer(
    buffer: str, *, T: sympy.Expr, ln_fO2: sympy.Expr, P: sympy.Expr | float = BAR
) -> sympy.Expr | float:
    """log10 fO2 less that of a named buffer at T [K] and P [Pa]; ln_fO2 of bar.

    Returns an expression of symbols, a number of numbers. Raises InputError for an unknown buffer.
    """
    value = find("buffer", buffer)(T=T, P=P)
    if not any(isinstance(x, sympy.Basic) and x.free_symbols for x in (T, P, ln_fO2)):
        value, ln_fO2 = float(value), float(ln_fO2)
    return ln_fO2 / math.log(10.0) - value


@dataclass(frozen=True)
class OxygenFugacity:
    """Oxygen fugacity as the user set it.

    buffer: name of a "buffer" law, or None when the value is absolute.
    offset: dex relative to the buffer; without a buffer log10 fO2 [bar] itself, the same at every
    temperature.
    pressure: at which the buffer's assemblage is taken [Pa].
    """

    buffer: str | None
    offset: float
    pressure: float = BAR

    def log10(self, T: sympy.Expr, P: sympy.Expr | float | None = None) -> sympy.Expr:
        """log10 fO2 [bar] at T [K] and the pressure P [Pa] (None: `pressure`).

        Returns an expression of sympy symbols, a number of numbers.
        """
        if self.buffer is None:
            return sympy.Float(self.offset)
        return find("buffer", self.buffer)(T=T, P=self.pressure if P is None else P) + self.offset

    def evaluate(self, T: Number, P: Number | None = None) -> Number:
        """log10 fO2 [bar] at T [K] and P [Pa] (None: `pressure`), numbers or arrays that broadcast."""
        P = self.pressure if P is None else P
        shaped = self.offset + 0.0 * T + 0.0 * P  # takes the shape of T and P
        return shaped if self.buffer is None else _compiled(self.buffer)(T, P) + shaped

    @property
    def label(self) -> str:
        """What a result must carry beside its numbers.

        Examples: "IW+0.5 (ONeillEggins2002)", "IW+0.5 (Frost1991-IW at 1 GPa)", "log10 fO2 = -9.5".
        """
        if self.buffer is None:
            return f"log10 fO2 = {self.offset:g}"
        at = "" if self.pressure == BAR else f" at {self.pressure / 1e9:g} GPa"
        return f"{find('buffer', self.buffer).family}{self.offset:+g} ({self.buffer}{at})"


@cache
def _compiled(buffer: str) -> Callable[..., np.ndarray]:
    """A buffer's expression as a function of T [K] and P [Pa] for numpy."""
    T, P = sympy.symbols("T P", positive=True)
    return sympy.lambdify([T, P], find("buffer", buffer)(T=T, P=P), modules="numpy", cse=True)


_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|nan|inf"
# ΔIW+2 and dIW+2 are IW+2
_DISTANCE = "(?:[\N{GREEK CAPITAL LETTER DELTA}\N{INCREMENT}]\\s*|d(?=[A-Z]))?"
_RELATIVE = re.compile(
    rf"{_DISTANCE}(?P<family>[A-Za-z]+)(?:(?:\s*(?P<sign>[+-])\s*|\s+)(?P<size>{_NUMBER}))?"
)
_OTHER_NAMES = {"FMQ": "QFM"}  # of a family
_MINUS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "\N{FULLWIDTH PLUS SIGN}": "+"})
_ABSOLUTE = re.compile(rf"log10\s+fO2\s*=\s*(?P<value>[+-]?(?:{_NUMBER}))")


def with_pressure(family: str = "") -> tuple[str, ...]:
    """Names of the buffers whose published form has a pressure term; of one family, or all."""
    laws = [find("buffer", name) for name in names("buffer")]
    return tuple(law.name for law in laws if law.pressure and family in ("", law.family))


def at_pressure(oxygen: OxygenFugacity, pressure: float | None, where: str = "") -> OxygenFugacity:
    """The same oxygen fugacity with its buffer at a pressure [Pa] (None: 1 bar).

    where: the place in the user's input. Raises InputError for an absolute fugacity, for a buffer without a
    pressure term, and for a pressure beyond its form (for Hirschmann2021 where hcp iron begins).
    A polynomial of another phase is not extrapolated.
    """
    if pressure is None or pressure == BAR:
        return oxygen
    place = where or f"buffer_pressure = {pressure:g} Pa"
    if oxygen.buffer is None:
        problem = "an absolute oxygen fugacity has no buffer whose pressure could be set."
        raise InputError(place, problem, cure="remove it")
    law = find("buffer", oxygen.buffer)
    if not law.pressure:
        same = ", ".join(with_pressure(law.family)) or "none"
        allowed = f"buffers with one: of {law.family}: {same}; of all: {', '.join(with_pressure())}"
        raise InputError(
            place,
            f"the buffer {oxygen.buffer!r} has no published pressure term.",
            allowed,
            "name one of these as buffer, or leave the pressure out",
        )
    low, high = law.ranges.get("P", (BAR, HIGHEST_PRESSURE))
    if not low <= pressure <= high:
        allowed = f"allowed: {low / 1e9:g} to {high / 1e9:g} GPa"
        raise InputError(
            place, f"{pressure / 1e9:g} GPa is beyond the pressure term of {oxygen.buffer!r}.", allowed
        )
    return replace(oxygen, pressure=pressure)


def parse_oxygen_fugacity(text: str, buffer: str | None = None, where: str = "") -> OxygenFugacity:
    """Read an oxygen fugacity.

    text: "IW", "IW+0.5", "CI - 1" (family and dex; also "ΔIW+0.5", "dIW+0.5", "IW 0.5", and FMQ for QFM),
    or the absolute "log10 fO2 = -9.5" (bar).
    buffer: name of the law to use for the family; None takes the family's default (IW: ONeillEggins2002).
    where: the place in the user's input, for the error.
    Raises InputError for any other text, an unknown family, a buffer of another family, and a value out of
    bounds.
    """
    place = where or f"oxygen_fugacity = {text!r}"
    known = families()
    offsets = "with an offset in dex, as 'IW+0.5'"
    allowed = f"a family ({', '.join(known)}) {offsets}, or 'log10 fO2 = -9.5' (bar)."
    read = text.strip().translate(_MINUS) if isinstance(text, str) else ""
    absolute = _ABSOLUTE.fullmatch(read)
    if absolute:
        return _absolute(absolute["value"], buffer, place, allowed)
    relative = _split(read)
    if not relative:
        raise InputError(place, "this is not an oxygen fugacity.", allowed, _cure(text, read))
    family, signed = relative
    if family not in known:
        raise InputError(place, f"no buffer family is called {family!r}.", allowed, nearest(family, known))
    bound = LARGEST_OFFSET
    offset = _number(signed, -bound, bound, place, f"an offset from {-bound:g} to {bound:g} dex")
    if buffer is None:
        return OxygenFugacity(known[family][0], offset)
    meant = find("buffer", buffer, where).family
    if meant != family:
        raise InputError(
            place,
            f"the buffer {buffer!r} is of the family {meant}, not {family}.",
            f"buffers of {family}: {', '.join(known[family])}",
            f"write {meant!r} in place of {family!r}, or name a buffer of {family}",
        )
    return OxygenFugacity(buffer, offset)


def _absolute(number: str, buffer: str | None, place: str, allowed: str) -> OxygenFugacity:
    """The absolute oxygen fugacity; InputError beside a buffer and out of bounds."""
    if buffer is not None:
        raise InputError(
            place,
            f"an absolute oxygen fugacity cannot follow the buffer {buffer!r}.",
            allowed,
            "remove the buffer, or give the offset from it",
        )
    low, high = ABSOLUTE_RANGE
    value = _number(number, low, high, place, f"a number from {low:g} to {high:g} (log10 bar)")
    return OxygenFugacity(None, value)


def _cure(text: object, read: str) -> str:
    """What to write in place of a text that is no oxygen fugacity."""
    if re.search(r"\d,\d", read):
        return f"write the decimal point: {read.replace(',', '.')!r}"
    if _looks_like_number(text):
        return "write 'IW+0.5' for 0.5 dex above the buffer"
    return ""


def _split(read: str) -> tuple[str, str] | None:
    """Family and signed offset as text, of an oxygen fugacity relative to a buffer; None for other text."""
    match = _RELATIVE.fullmatch(read)
    if match is None:
        return None
    family = _OTHER_NAMES.get(match["family"], match["family"])
    return family, (match["sign"] or "+") + (match["size"] or "0")


def relative_offset(text: object) -> tuple[str, float] | None:
    """Family and dex of an oxygen fugacity relative to a buffer, as a user writes it; None for other text."""
    parts = _split(text.strip().translate(_MINUS)) if isinstance(text, str) else None
    if parts is None or not math.isfinite(float(parts[1])):
        return None
    return parts[0], float(parts[1])


def is_absolute(text: object) -> bool:
    """Whether an oxygen fugacity, as the user writes it, is absolute and not relative to a buffer."""
    return isinstance(text, str) and _ABSOLUTE.fullmatch(text.strip().translate(_MINUS)) is not None


def _number(text: str, low: float, high: float, place: str, allowed: str) -> float:
    """The number; InputError when it is not finite or lies outside low..high."""
    value = float(text)
    if not math.isfinite(value) or not low <= value <= high:
        raise InputError(place, f"{value:g} is out of bounds.", allowed)
    return value


def _looks_like_number(text: object) -> bool:
    """Whether the user wrote the bare offset."""
    if not isinstance(text, (str, int, float)):
        return False
    try:
        float(text)
    except ValueError:
        return False
    return True
