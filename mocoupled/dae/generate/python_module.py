"""What every generated module shares: names, the frame of a function, the choice, its leaves, and running it.

Both generators use this file: that of one state (this folder) and that of many points (the kernel folder).
"""

from __future__ import annotations

import linecache
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from types import CodeType

import numpy as np
import sympy

from ..leaves.external import LeafBase, numerical

# what a generated function raises outside its domain, and a linear system without a solution
ARITHMETIC = (ArithmeticError, ValueError, np.linalg.LinAlgError)
TEXTS = 64  # of generated modules that are kept for the traceback, and whose bytecode is kept
_shown: deque[str] = deque()


def identifier(name: str) -> str:
    """A Python name for a symbol: what is not a letter, digit or underscore is spelled by its code."""
    return re.sub(r"\W", lambda m: f"_{ord(m.group()):x}_", name)


def function_lines(
    name: str, arguments: Sequence[str], body: Sequence[str], results: Sequence[Sequence[str]]
) -> list[str]:
    """The lines of one function, which returns its results as lists; two empty lines follow it."""
    returned = ", ".join(f"[{', '.join(row)}]" for row in results)
    return [f"def {name}({', '.join(arguments)}):", *body, f"    return {returned}", "", ""]


def branches(choice: sympy.Piecewise) -> tuple[list[tuple[sympy.Expr, sympy.Basic]], sympy.Expr]:
    """The cases (value, condition) of a Piecewise and its value otherwise; ValueError where it has none."""
    *cases, (otherwise, always) = choice.args
    if always != True:  # noqa: E712  (sympy's true is no bool)
        raise ValueError(f"a Piecewise without an 'otherwise' cannot be computed: {choice}")
    return list(cases), otherwise


def with_derivatives(leaves: Iterable[type[LeafBase]], order: int) -> dict[str, type[LeafBase]]:
    """The leaves and their derivatives up to this order in total, by their names in the text."""
    derived = {}
    for leaf in leaves:
        for extra in _orders_up_to(order, len(leaf.orders)):
            higher = leaf.external.leaf(tuple(a + b for a, b in zip(leaf.orders, extra)))
            derived[identifier(higher.__name__)] = higher
    return derived


def _orders_up_to(total: int, length: int) -> list[tuple[int, ...]]:
    if length == 0:
        return [()]
    return [(k, *rest) for k in range(total + 1) for rest in _orders_up_to(total - k, length - 1)]


def run(
    text: str,
    label: str,
    leaves: Mapping[str, type[LeafBase]],
    names: Mapping[str, object] | None = None,
) -> dict[str, Callable]:
    """The functions of a generated module by name.

    label: what the module is, for the traceback. leaves: name in the text -> leaf that it calls.
    names: further names that the text uses.
    """
    namespace: dict = {"__name__": "mocoupled.generated", **(names or {})}
    namespace |= {name: numerical(leaf) for name, leaf in leaves.items()}
    before = set(namespace)
    # the text is built from declared expressions in this process, never read from a file
    exec(_bytecode(text, label), namespace)
    return {name: value for name, value in namespace.items() if name not in before and callable(value)}


@lru_cache(maxsize=TEXTS)
def _bytecode(text: str, label: str) -> CodeType:
    """The compiled text; a traceback shows its lines."""
    filename = f"<generated {label} {abs(hash(text)):x}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    _shown.append(filename)
    if len(_shown) > TEXTS:
        linecache.cache.pop(_shown.popleft(), None)
    return compile(text, filename, "exec")
