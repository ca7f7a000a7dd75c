"""Lists of species as one text: names may hold commas (C2H2,acetylene) and stand in quotes."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_NAME = re.compile(r""""(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<plain>(?:\([^()\s]*\)|[^\s,"'])+)""")


def split_names(text: str, known: Collection[str] = ()) -> list[str]:
    """The names in a text, separated by commas or blanks: "H2, 'C2H2,acetylene'".

    Commas in quotes and within round brackets belong to the name. So do those that make one of `known`, and a
    text that is a known name is that name.
    """
    if text.strip() in known:
        return [text.strip()]
    names = [(m["double"] or m["single"] or m["plain"] or "").strip() for m in _NAME.finditer(text)]
    return joined_names([name for name in names if name], known)


def joined_names(names: Sequence[str], known: Collection[str]) -> list[str]:
    """The names with neighbours joined by a comma where that makes a known name, the longest first."""
    joined: list[str] = []
    k = 0
    while k < len(names):
        end = next((end for end in range(len(names), k + 1, -1) if ",".join(names[k:end]) in known), k + 1)
        joined.append(",".join(names[k:end]))
        k = end
    return joined
