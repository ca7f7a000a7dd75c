"""Keys of a case under another name: former keys, with the meaning that they had, and symbols of elements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic_core import PydanticCustomError

from ..errors import InputError
from ..units import shown
from .element_names import ELEMENTS
from .quantities import refusal


class Former(NamedTuple):
    """Another name of a key: the key in its place, and what its values are there (None: the same)."""

    key: str
    values: Mapping[Any, str] | None = None


# by section and name: a former key, and the symbols of the elements
FORMER = {
    ("run", "continue_past_lid"): Former("after_lid", {True: "open", False: "end"}),
    **{("volatiles", symbol): Former(name) for name, symbol in ELEMENTS.items()},
}
# what a file, or a text of the command line, has for a logical value
LOGICAL = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(("false", "no", "off", "0"), False)


def former_names() -> dict[str, str]:
    """Dotted former key -> dotted key of today."""
    return {f"{section}.{old}": f"{section}.{new.key}" for (section, old), new in FORMER.items()}


def with_present_keys(section: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """The table of a section with the keys of today.

    A refusal for a former key with a value that it did not take, and where its meaning is not that of the
    present key in the same table.
    """
    present = dict(table)
    for (home, old), new in FORMER.items():
        if home != section or old not in table:
            continue
        value = present.pop(old)
        if new.values is None:
            if new.key in present:
                raise refusal(
                    f"{new.key} and {old} are the same element.",
                    "allowed: one of them.",
                    f"remove {old}",
                    key=old,
                )
            present[new.key] = value
            continue
        meaning = new.values.get(_logical(value))
        allowed = " or ".join(f"{new.key} = {text!r}" for text in new.values.values())
        if meaning is None:
            problem = "true or false is expected."
            raise refusal(problem, f"allowed: {allowed}, in place of this former key.", key=old)
        if present.setdefault(new.key, meaning) != meaning:
            raise refusal(
                f"the key is the former name of {new.key}, which is {present[new.key]!r} here;"
                f" {str(_logical(value)).lower()} means {meaning!r}.",
                "allowed: one of them.",
                f"remove {old}",
                key=old,
            )
    return present


def changes_with_present_keys(changes: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """Dotted keys and values with the keys of today, in their order.

    InputError at the place `origin` where `with_present_keys` refuses one.
    """
    present: dict[str, Any] = {}
    former = former_names()
    for dotted, value in changes.items():
        if dotted not in former:
            present[dotted] = value
            continue
        section, _, old = dotted.partition(".")
        new = former[dotted]
        key = new.partition(".")[2]
        both = {old: value} | ({key: changes[new]} if new in changes else {})
        try:
            present[new] = with_present_keys(section, both)[key]
        except PydanticCustomError as refused:
            context = refused.context or {}
            words = [context[part] for part in ("problem", "allowed", "cure")]
            raise InputError(f"{origin} {dotted} = {shown(value)}", *words) from None
    return present


def _logical(value: object) -> object:
    """The logical value that a file or a text of the command line names; None for what is none."""
    if isinstance(value, str):
        return LOGICAL.get(value.strip().lower())
    return bool(value) if isinstance(value, int) and value in (0, 1) else None
