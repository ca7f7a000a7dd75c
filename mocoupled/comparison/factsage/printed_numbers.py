"""Numbers as programs and spreadsheets print them: decimal points or commas, marks between thousands,
units."""

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
    rf"(?<![\w.,])[+-]?(?:\d+(?:[.,{_GROUPS}]\d+)*\.?|[.,]\d+)(?:[eEdD][+-]?\d+)?"
    r"(?!\w*\()(?![.,]?\d)(?!-[A-Za-z])"
)
_WHOLE = re.compile(rf"[+-]?(?P<body>\d+(?:[.,{_GROUPS}]\d+)*[.,]?|[.,]\d+)(?P<power>[eEdD][+-]?\d+)?")


def is_number(text: str) -> bool:
    """Whether a text is a number in any of the ways to print one."""
    return _WHOLE.fullmatch(_plain(text)) is not None


def _plain(text: str) -> str:
    """The number with a hyphen for a minus sign and without spaces between thousands."""
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    return re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", text)


def decimal_mark(texts: Iterable[tuple[str, str]], place: str, ambiguous: str = ".") -> str:
    """The decimal mark, "." or ",", of all numbers of a file: (where, text) of each.

    ambiguous: the mark where the numbers do not determine it ("116,000").
    Raises InputError where some numbers have commas and some have points.
    """
    votes: dict[str, tuple[str, str]] = {}  # mark -> the first number that has it
    commas = False
    for where, text in texts:
        match = _WHOLE.fullmatch(_plain(text))
        if match is None:
            continue
        body = re.sub(f"[{_GROUPS}]", "", match["body"])
        mark = _mark_of(body, bool(match["power"]))
        if mark:
            votes.setdefault(mark, (where, text))
        elif body.count(",") == 1 and "." not in body:
            commas = True
    if len(votes) == 2:
        (where_point, point_text), (where_comma, comma_text) = votes["."], votes[","]
        problem = (
            f"some numbers have a decimal point ({short(point_text)}, {where_point}) and some a decimal "
            f"comma ({short(comma_text)}, {where_comma})."
        )
        raise InputError(place, problem, "allowed: the same mark in all numbers")
    if votes:
        return next(iter(votes))
    return ambiguous if commas else "."


def _mark_of(body: str, power: bool) -> str:
    """The decimal mark of a printed number; "" where its digits do not determine the mark.

    power: whether the number has a power of ten.
    """
    marks = [c for c in body if c in ".,"]
    if not marks:
        return ""
    if len(set(marks)) == 2:
        return marks[-1]
    parts = body.split(marks[0])
    first, last = parts[0], parts[-1]
    if len(marks) > 1:  # marks between thousands, so that the other mark is the decimal one
        other = "." if marks[0] == "," else ","
        return other if len(last) == 3 and 0 < len(first) <= 3 else ""
    if len(last) != 3 or len(first) > 3 or first in ("", "0") or power:
        return marks[0]
    return ""


def with_point(text: str, mark: str) -> str:
    """The number with a decimal point and nothing between its thousands; a text that is not a number
    unchanged."""
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
    """The number, and half of its last printed digit. "<1E-20" is 0, with 1E-20 as the half digit.

    low: lowest allowed number; what: what is allowed, for messages.
    """
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
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)  # of a finite number; it is a letter for infinity only
    return float(number), 0.5 * 10.0 ** max(min(exponent, 308), -320)


def within(value: float, span: tuple[float, float], unit: str, place: str) -> float:
    """The value; InputError where it is not inside the span, whose ends are excluded."""
    if not span[0] < value < span[1]:
        raise InputError(
            place,
            f"{value:g} {unit} is out of range.",
            f"allowed: above {span[0]:g} and below {span[1]:g} {unit}",
        )
    return value


# SI unit -> unit as written -> unit that pint knows.
_UNITS = {
    "K": {
        "C": "degC",
        "°C": "degC",
        "F": "degF",
        "°F": "degF",
        "°K": "K",
        "deg C": "degC",
        "degK": "K",
        "kelvin": "K",
        "celsius": "degC",
    },
    "m^3": {
        "dm3": "dm^3",
        "cm3": "cm^3",
        "m3": "m^3",
        "l": "liter",
        "L": "liter",
        "litre": "liter",
        "litres": "liter",
        "liter": "liter",
    },
    "kg": {"gram": "g", "grams": "g", "tonne": "t"},
}


def scaled(place: str, text: str, unit: str, si: str) -> float:
    """The number in the SI unit. C is the degree Celsius where the SI unit is K; dm3 is a litre."""
    number, _ = read_number(text, place, low=-math.inf if si == "K" else 0.0)
    known_unit = _UNITS.get(si, {}).get(unit, unit)
    try:
        return to_si(f"{number!r} {known_unit}", si)
    except InputError as error:
        raise InputError(place, error.problem, error.allowed, error.cure) from None


def short(text: str) -> str:
    """The text in quotes, shortened to 60 characters."""
    shown = repr(text)
    return shown if len(shown) <= 60 else shown[:57] + "..."
