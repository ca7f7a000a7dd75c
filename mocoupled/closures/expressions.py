"""Formulas in data files: a small grammar of numbers, given names and given functions, parsed here and never executed.

    sum     = product { ("+" | "-") product }
    product = signed { ("*" | "/") signed }
    signed  = { "+" | "-" } power
    power   = atom [ "**" signed ]
    atom    = number | name | function "(" sum ")" | "(" sum ")"

What holds numbers only is computed once, in double precision, when the text is read; a result that is not a finite
real number is an error there. Limits (length, depth, exponents) keep reading and differentiating short.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy

from ..errors import InputError, nearest

LONGEST = 1000  # characters
MOST = 300  # numbers, names and signs
DEEPEST = 30  # nested parentheses and powers
LARGEST_EXPONENT = 100.0  # of what is no number
WINDOW = 60  # characters shown around a mistake

_MODULE = "functions stand without a module: sqrt(T), not math.sqrt(T)"
_CONDITION = "a formula has no conditions: write a smooth step with tanh"
CURES = {  # what people write -> what to write
    "^": "a power is written **", ",": "a decimal number has a point: 0.5", "ln": "the natural logarithm is log", "abs": "the absolute value of x is sqrt(x**2)",
    **dict.fromkeys((".", "math", "np", "numpy", "sympy"), _MODULE), **dict.fromkeys((">", "<", "=", "if", "else", "min", "max", "where"), _CONDITION),
}  # fmt: skip

_LN10 = math.log(10.0)
FUNCTIONS = {  # name -> (of a number, of a sympy expression)
    "exp": (math.exp, sympy.exp),
    "log": (math.log, sympy.log),
    "log10": (math.log10, lambda x: sympy.log(x) / _LN10),
    "sqrt": (math.sqrt, sympy.sqrt),
    "tanh": (math.tanh, sympy.tanh),
}
_OPERATORS = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
}  # fmt: skip
_TOKEN = re.compile(
    r"(?P<blank>[ \t\r\n]+)|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<mark>\*\*|[-+*/()])"
)


@dataclass(frozen=True)
class Expression:
    """A parsed formula. text: as written, on one line; names: those it uses, in the order of their first use."""

    text: str
    names: tuple[str, ...]
    _tree: Any = field(repr=False, compare=False)

    def __call__(self, values: Mapping[str, Any]):
        """Its value where each name has the given one: a sympy expression if any of these is one, else a number.

        A number that overflows, or has no logarithm or root, raises OverflowError, ZeroDivisionError or ValueError.
        """
        symbolic = any(isinstance(values[name], sympy.Basic) for name in self.names)
        return _value(self._tree, values, 1 if symbolic else 0)


def parse(text: str, names: Iterable[str], where: str = "", prefixes: tuple[str, ...] = ()) -> Expression:
    """The formula that a text holds. names: those it may use, and any name that begins with one of `prefixes`.

    where: the place in the user's input. Raises InputError with the column for whatever the grammar does not know.
    """
    if not isinstance(text, str):
        raise InputError(where, f"{str(text)[:40]!r} is not a formula in quotes.", _grammar(names, prefixes))
    if len(text) > LONGEST:
        raise InputError(where, f"the formula has {len(text)} characters.", f"allowed: {LONGEST}")
    reader = _Reader(text, tuple(names), prefixes, where)
    tree = reader.sum(0)
    if reader.kind != "end":
        raise reader.wrong(f"{reader.token!r} cannot stand here.")
    return Expression(" ".join(text.split()), tuple(dict.fromkeys(reader.used)), tree)


class _Reader:
    """Reads one formula from left to right; `token` is the next one, of `kind`, at character `start`."""

    def __init__(self, text, names, prefixes, where):
        self.text, self.names, self.prefixes, self.where = text, names, prefixes, where
        self.used: list[str] = []
        self.end = self.count = 0
        self.next()

    def next(self):
        """Go on to the next token."""
        while True:
            self.start = self.end
            if self.start == len(self.text):
                self.kind, self.token = "end", ""
                return
            match = _TOKEN.match(self.text, self.start)
            if match is None:
                self.token = self.text[self.start]
                cure = CURES.get(self.token, "")
                raise self.wrong(f"{self.token!r} means nothing here.", cure)
            self.kind, self.token, self.end = match.lastgroup, match[0], match.end()
            if self.kind != "blank":
                self.count += 1
                if self.count > MOST:
                    raise self.wrong("the formula is too long.", f"allowed: {MOST} numbers, names and signs")
                return

    def sum(self, depth):
        return self._row(depth, ("+", "-"), self.product)

    def product(self, depth):
        return self._row(depth, ("*", "/"), self.signed)

    def _row(self, depth, marks, part):
        tree = part(depth)
        while self.kind == "mark" and self.token in marks:
            mark, at = self.token, self.start
            self.next()
            tree = self._joined(mark, tree, part(depth), at)
        return tree

    def signed(self, depth):
        negative = False
        while self.kind == "mark" and self.token in "+-":
            negative ^= self.token == "-"
            self.next()
        at, tree = self.start, self.power(depth)
        return self._joined("*", ("number", -1.0), tree, at) if negative else tree

    def power(self, depth):
        tree = self.atom(depth)
        if self.token != "**":
            return tree
        at = self.start
        self.next()
        exponent = self.signed(self._deeper(depth))
        if tree[0] != "number" and exponent[0] == "number" and abs(exponent[1]) > LARGEST_EXPONENT:
            raise self.wrong(
                f"the exponent {exponent[1]:g} is too large.", f"allowed: up to {LARGEST_EXPONENT:g}", at
            )
        return self._joined("**", tree, exponent, at)

    def atom(self, depth):
        kind, token, at = self.kind, self.token, self.start
        if kind == "number":
            self.next()
            return self._number(float(token), at)
        if kind == "name":
            self.next()
            if token in FUNCTIONS:
                return self._call(token, self._bracket(depth, f"write {token}(...)"), at)
            if token not in self.names and not (
                token.startswith(self.prefixes) and token not in self.prefixes
            ):
                known = [*self.names, *FUNCTIONS]
                raise self.wrong(
                    f"{token[:40]!r} means nothing here.", CURES.get(token) or nearest(token[:40], known), at
                )
            self.used.append(token)
            return "name", token
        if token == "(":
            return self._bracket(depth)
        what = "the formula ends" if kind == "end" else f"{token!r} stands"
        raise self.wrong(f"{what} where a number, a name or '(' is needed.")

    def _bracket(self, depth, cure=""):
        if self.token != "(":
            raise self.wrong("'(' is missing.", cure)
        self.next()
        tree = self.sum(self._deeper(depth))
        if self.token != ")":
            raise self.wrong(
                "')' is missing." if self.kind == "end" else f"{self.token!r} stands where ')' is needed."
            )
        self.next()
        return tree

    def _deeper(self, depth):
        if depth >= DEEPEST:
            raise self.wrong("it is nested too deeply.", f"allowed: {DEEPEST} levels")
        return depth + 1

    def _call(self, name, inner, at):
        return (
            self._number(FUNCTIONS[name][0], at, inner[1]) if inner[0] == "number" else ("call", name, inner)
        )

    def _joined(self, mark, left, right, at):
        if left[0] == right[0] == "number":
            return self._number(_OPERATORS[mark], at, left[1], right[1])
        return mark, left, right

    def _number(self, made, at, *arguments):
        """A number, or what a function makes of numbers: finite and real, or an error at its place."""
        try:
            value = made(*arguments) if arguments else made
        except (OverflowError, ZeroDivisionError, ValueError):
            value = math.nan
        if isinstance(value, complex) or not math.isfinite(value):
            raise self.wrong("this is not a finite real number.", at=at)
        return "number", value

    def wrong(self, problem, cure="", at=None) -> InputError:
        """The error, with the column, and the text around it with a caret below."""
        at = self.start if at is None else at
        first = max(0, min(at - WINDOW // 2, len(self.text) - WINDOW))
        shown = "".join(c if c.isprintable() else " " for c in self.text[first : first + WINDOW])
        picture = f"{shown}\n  {' ' * (at - first)}^"
        allowed = f"{picture}\n  {_grammar(self.names, self.prefixes)}"
        return InputError(f"{self.where} column {at + 1}".strip(), problem, allowed, cure)


def _grammar(names, prefixes) -> str:
    known = [*names, *(f"{p}<species>" for p in prefixes)]
    return f"allowed: numbers, + - * / ** ( ), {', '.join(FUNCTIONS)}; {', '.join(known)}"


def _value(tree, values, symbolic):
    """The value of a tree; symbolic: 1 for sympy, 0 for numbers."""
    kind, *rest = tree
    if kind == "number":
        return rest[0]
    if kind == "name":
        return values[rest[0]]
    if kind == "call":
        inner = _value(rest[1], values, symbolic)
        return FUNCTIONS[rest[0]][symbolic and isinstance(inner, sympy.Basic)](inner)
    left, right = (_value(part, values, symbolic) for part in rest)
    if kind == "**" and symbolic:
        return _power(left, right)
    found = _OPERATORS[kind](left, right)
    if isinstance(found, complex):
        raise ValueError("the root of a negative number")
    return found


def _power(base, exponent):
    """base ** exponent for sympy: the root of exp(u) must become exp(u/2), which takes an exact exponent."""
    if not isinstance(exponent, sympy.Basic):
        return base ** (sympy.Rational(repr(exponent)) if isinstance(base, sympy.Basic) else exponent)
    if not isinstance(base, sympy.Basic) and base > 0:
        return sympy.exp(math.log(base) * exponent)
    return base**exponent
