"""Files of YAML 1.2 by a reader in C (libyaml), where they have nothing but tables, lists, numbers and text.

What this reader does not know for certain it leaves to the exact one, which takes twenty times as long.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yaml import Node

# tags, anchors, aliases, directives, documents, merged tables, complex keys and tabs
UNUSUAL = re.compile(r"(?:^|[\s\[{,:-])[!&*](?=\S)|^%|^---|^\.\.\.|<<|(?:^|[\s\[{,])\?\s|\t", re.M)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+){2,}")
_FLOAT = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)")
# no number and no date of YAML has another letter or sign: "1 bar" is text
_NUMERICAL = frozenset("=0123456789+-._: \tabcdefABCDEFxoINnifTtZ")
_FIRST = frozenset("0123456789+-.=<~")  # what begins otherwise is text
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


class _Unknown(Exception):
    """Something that the exact reader has to read."""


def read(text: str) -> Any:
    """The tables of a text; None where the exact reader has to read it, an error included."""
    try:
        from yaml import CBaseLoader, YAMLError
    except ImportError:  # PyYAML without its library in C
        return None
    if UNUSUAL.search(text):
        return None
    loader = CBaseLoader(text)
    try:
        return _value(loader.get_single_node())
    except (_Unknown, YAMLError, RecursionError):
        return None
    finally:
        loader.dispose()


def _value(node: Node | None) -> Any:
    """The value of a node of any kind."""
    if node is None:
        raise _Unknown
    if node.id == "mapping":
        table = {}
        for key, value in node.value:
            name = _value(key) if key.id == "scalar" else None
            if not isinstance(name, str) or name in table:
                raise _Unknown
            table[name] = _value(value)
        return table
    if node.id == "sequence":
        return [_value(item) for item in node.value]
    return node.value if node.style else _plain(node.value)


def _plain(text: str) -> Any:
    """The value of text without quotation marks: a number, a logical value, nothing, or itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST or not _NUMERICAL.issuperset(text) or _VERSION.fullmatch(text):
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    raise _Unknown
