"""Numbers as programs and spreadsheets print them: decimal points or commas, marks between thousands, units."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal

from ...errors import InputError
from ...units import to_si

EMPTY = re.compile(r"[-\N{EN DASH}\N{EM DASH}\s]*|n/?a|none|null|\.\.\.", re.I)  # a cell without a value
_GROUPS = "'\N{RIGHT SINGLE QUOTATION MARK}\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
TOKEN = re.compile(
    rf"(?<![\w.,])[+-]?(?:\d+(?:[.,{_GROUPS}]\d+)*\.?|[.,]\d+)(?:[eEdD][+-]?\d+)?(?!\w*\()(?![.,]?\d)(?!-[A-Za-z])"
)
_WHOLE = re.compile(rf"[+-]?(?P<body>\d+(?:[.,{_GROUPS}]\d+)*[.,]?|[.,]\d+)(?P<power>[eEdD][+-]?\d+)?")


def is_number(text: str) -> bool:
    """Whether a text is a number in any of the ways to print one."""
    return _WHOLE.fullmatch(_plain(text)) is not None


def _plain(text: str) -> str:
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    return re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", text)


def decimal_mark(texts: Iterable[tuple[str, str]], place: str, ambiguous: str = ".") -> str:
    """The decimal mark, "." or ",", of all numbers of a file: (where, text) of each.

    ambiguous: the mark where the numbers leave it open ("116,000"). InputError where some have commas and some points.
    """
    votes: dict[str, tuple[str, str]] = {}
    commas = False
    for where, text in texts:
        match = _WHOLE.fullmatch(_plain(text))
        if match is None:
            continue
        body = re.sub(f"[{_GROUPS}]", "", match["body"])
        marks = [c for c in body if c in ".,"]
        if not marks:
            continue
        if len(set(marks)) == 2:
            votes.setdefault(marks[-1], (where, text))
            continue
        first, last = body.split(marks[0])[0], body.split(marks[0])[-1]
        if len(marks) > 1:
            if len(last) == 3 and 0 < len(first) <= 3:
                votes.setdefault("." if marks[0] == "," else ",", (where, text))
        elif len(last) != 3 or len(first) > 3 or first in ("", "0") or match["power"]:
            votes.setdefault(marks[0], (where, text))
        else:
            commas |= marks[0] == ","
    if len(votes) == 2:
        (one, a), (two, b) = votes["."], votes[","]
        problem = f"some numbers have a decimal point ({short(a)}, {one}) and some a decimal comma ({short(b)}, {two})."
        raise InputError(place, problem, "allowed: the same mark in all numbers")
    return next(iter(votes)) if votes else ambiguous if commas else "."


def with_point(text: str, mark: str) -> str:
    """The number with a decimal point and nothing between its thousands; unchanged where it is none."""
    plain = _plain(text)
    match = _WHOLE.fullmatch(plain)
    if match is None:
        return text
    body = re.sub(f"[{_GROUPS}]", "", match["body"])
    other = "," if mark == "." else "."
    if other in body:
        if not re.fullmatch(rf"\d{{1,3}}(\{other}\d{{3}})+(\{mark}\d*)?", body):
            return text
        body = body.replace(other, "")
    if body.count(mark) > 1:
        return text
    return plain[: match.start("body")] + body.replace(mark, ".") + (match["power"] or "")


def read_number(
    text: str, place: str, low: float = 0.0, what: str = "a number that is not negative"
) -> tuple[float, float]:
    """The number, and half of its last printed digit; "<1E-20" is 0 with that for its half digit."""
    written = text.strip().replace("\N{MINUS SIGN}", "-")
    below = written.startswith("<")
    try:
        number = Decimal(re.sub(r"(?<=\d)[dD](?=[+-]?\d)", "e", written.lstrip("<").strip()))
    except ArithmeticError:
        raise InputError(place, f"{text.strip()!r} is not a number.", f"allowed: {what}") from None
    if not number.is_finite() or not math.isfinite(float(number)):
        raise InputError(place, f"{text.strip()!r} is not a finite number.", f"allowed: {what}")
    if number < low:
        raise InputError(place, f"{text.strip()} is below {low:g}.", f"allowed: {what}")
    if below:
        return 0.0, float(number)
    return float(number), 0.5 * 10.0 ** max(min(number.as_tuple().exponent, 308), -320)


def within(value, span, unit, place):
    if not span[0] < value < span[1]:
        raise InputError(
            place,
            f"{value:g} {unit} is out of range.",
            f"allowed: above {span[0]:g} and below {span[1]:g} {unit}",
        )
    return value


_UNITS = {"K": {"C": "degC", "°C": "degC", "F": "degF", "°F": "degF", "°K": "K", "deg C": "degC", "degK": "K", "kelvin": "K", "celsius": "degC"},
          "m^3": {"dm3": "dm^3", "cm3": "cm^3", "m3": "m^3", "l": "liter", "L": "liter", "litre": "liter", "litres": "liter", "liter": "liter"},
          "kg": {"gram": "g", "grams": "g", "tonne": "t"}}  # fmt: skip


def scaled(place: str, text: str, unit: str, si: str) -> float:
    """The number with its unit in SI; a bare C is the degree Celsius where a temperature is meant, dm3 a litre."""
    number, _ = read_number(text, place, low=-math.inf if si == "K" else 0.0)
    unit = _UNITS.get(si, {}).get(unit, unit)
    try:
        return to_si(f"{number!r} {unit}", si)
    except InputError as error:
        raise InputError(place, error.problem, error.allowed, error.cure) from None


def short(text: str) -> str:
    shown = repr(text)
    return shown if len(shown) <= 60 else shown[:57] + "..."
