"""Options that several commands share, and their numbers: '1650 K', '1400,1650 K', '1400:3000:17'."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

import click

from ..errors import InputError
from .bare_numbers import note_bare
from .completion import complete_setting

Command = TypeVar("Command", bound=Callable[..., object])
MOST_VALUES = 10_000_000  # of one range

QUIET = click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
SET_HELP = (
    "Replace a key of the case, e.g. --set volatiles.hydrogen='1 ocean'; may be repeated. "
    "Keys: mocoupled show CASE --keys."
)


def set_option(text: str = SET_HELP, keys_of_case: bool = True) -> Callable[[Command], Command]:
    """The option --set KEY=VALUE with this help text; the function receives `settings`, a tuple of text.

    keys_of_case: whether a shell completes the keys of a case.
    """
    return click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEY=VALUE",
        help=text,
        shell_complete=complete_setting if keys_of_case else None,
    )


def values(text: str, unit: str, where: str) -> list[float]:
    """Numbers in `unit` from '1650 K', '1400,1650 K' (the last unit is that of all) or 'first:last:number'.

    unit: SI unit of the result. where: the option, for errors. InputError for text that is no number of this
    kind.
    """
    from ..units import split, to_si

    interval = re.fullmatch(r"([^:]+):([^:]+):\s*(\d{1,9})", text.strip())
    if interval:
        return _interval(interval[1].strip(), interval[2].strip(), int(interval[3]), text, unit, where)
    parts = [part.strip() for part in text.split(",")]
    suffix = (split(parts[-1]) or (0.0, ""))[1]
    numbers = []
    if not suffix:
        note_bare(parts[-1], unit, where)
    for part in parts:
        bare = (split(part) or (0.0, "?"))[1] == ""
        numbers.append(to_si(f"{part} {suffix}" if suffix and bare else part, unit, where))
    return numbers


def _interval(first: str, last: str, count: int, text: str, unit: str, where: str) -> list[float]:
    """`count` numbers at even distances; the unit of `last` is that of a bare `first`."""
    from ..units import split, to_si

    if not 2 <= count <= MOST_VALUES:
        raise InputError(
            f"{where} {text!r}",
            "a range needs from 2 to 10 000 000 values.",
            "allowed: first:last:number",
        )
    bare = (split(first) or (0.0, "?"))[1] == ""
    shared = (split(last) or (0.0, ""))[1] if bare else ""
    note_bare(last, unit, where)
    low, high = to_si(f"{first} {shared}".strip(), unit, where), to_si(last, unit, where)
    return [low + (high - low) * k / (count - 1) for k in range(count)]


def whole_number(text: str, where: str, cure: str = "") -> int:
    """A whole number from the text of an option; InputError for anything else."""
    try:
        return int(text)
    except ValueError:
        raise InputError(f"{where} {text}", "this is not a whole number.", cure) from None
