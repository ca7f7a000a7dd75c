"""Formulas in data files: a small grammar of numbers, names and functions, parsed here and never executed.

    sum     = product { ("+" | "-") product }
    product = signed { ("*" | "/") signed }
    signed  = { "+" | "-" } power
    power   = atom [ "**" signed ]
    atom    = number | name | function "(" sum ")" | "(" sum ")"

A part that has numbers only is computed once, in double precision, when the text is read.
A result that is not a finite real number is an error there.
Limits (length, depth, exponents) keep reading and differentiating short.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import sympy

from ..errors import InputError, nearest

LONGEST = 1000  # characters
MOST = 300  # numbers, names and signs
DEEPEST = 30  # nested parentheses and powers
LARGEST_EXPONENT = 100.0  # of a name or a function
WINDOW = 60  # characters shown around a mistake

_MODULE = "functions stand without a module: sqrt(T), not math.sqrt(T)"
_CONDITION = "a formula has no conditions: write a smooth step with tanh"
# what people write -> what to write
CURES = {
    "^": "a power is written **",
    ",": "a decimal number has a point: 0.5",
    "ln": "the natural logarithm is log",
    "abs": "the absolute value of x is sqrt(x**2)",
    **dict.fromkeys((".", "math", "np", "numpy", "sympy"), _MODULE),
    **dict.fromkeys((">", "<", "=", "if", "else", "min", "max", "where"), _CONDITION),
}

_LN10 = math.log(10.0)
# name -> (of a number, of a sympy expression)
FUNCTIONS: Mapping[str, tuple[Callable[[float], float], Callable[[sympy.Expr], sympy.Expr]]] = {
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
class Tree:
    """A part of a formula.

    kind: "number", "name", "call" of a function, or an operator. number, name: of these; parts: the operands.
    """

    kind: str
    number: float = 0.0
    name: str = ""
    parts: tuple[Tree, ...] = ()


@dataclass(frozen=True)
class Expression:
    """A parsed formula.

    text: as written, on one line; names: those that it uses, in the order of their first use.
    """

    text: str
    names: tuple[str, ...]
    _tree: Tree = field(repr=False, compare=False)

    def __call__(self, values: Mapping[str, sympy.Expr]) -> sympy.Expr:
        """Its value for the values of its names: a sympy expression if any of these is one, else a number.

        Raises OverflowError, ZeroDivisionError or ValueError for a number that overflows, or has no logarithm
        or root.
        """
        symbolic = any(isinstance(values[name], sympy.Basic) for name in self.names)
        return _value(self._tree, values, symbolic)


def parse(text: object, names: Iterable[str], where: str = "", prefixes: tuple[str, ...] = ()) -> Expression:
    """The formula of a text.

    names: those that it may use, beside any name that begins with one of `prefixes`.
    where: the place in the user's input.
    Raises InputError, with the column, for everything that the grammar does not know.
    """
    names = tuple(names)
    if not isinstance(text, str):
        raise InputError(where, f"{str(text)[:40]!r} is not a formula in quotes.", _grammar(names, prefixes))
    if len(text) > LONGEST:
        raise InputError(where, f"the formula has {len(text)} characters.", f"allowed: {LONGEST}")
    reader = _Reader(text, names, prefixes, where)
    tree = reader.sum(0)
    if reader.kind != "end":
        raise reader.wrong(f"{reader.token!r} cannot stand here.")
    return Expression(" ".join(text.split()), tuple(dict.fromkeys(reader.used)), tree)


class _Reader:
    """Reads one formula from left to right; `token` is the next one, of `kind`, at character `start`."""

    def __init__(self, text: str, names: tuple[str, ...], prefixes: tuple[str, ...], where: str) -> None:
        self.text, self.names, self.prefixes, self.where = text, names, prefixes, where
        self.used: list[str] = []
        self.kind = self.token = ""
        self.start = self.end = self.count = 0
        self.next()

    def next(self) -> None:
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
            self.kind, self.token, self.end = str(match.lastgroup), match[0], match.end()
            if self.kind != "blank":
                self.count += 1
                if self.count > MOST:
                    raise self.wrong("the formula is too long.", f"allowed: {MOST} numbers, names and signs")
                return

    def sum(self, depth: int) -> Tree:
        """A sum of products, `depth` levels deep."""
        return self._row(depth, ("+", "-"), self.product)

    def product(self, depth: int) -> Tree:
        """A product of signed powers."""
        return self._row(depth, ("*", "/"), self.signed)

    def _row(self, depth: int, marks: tuple[str, ...], part: Callable[[int], Tree]) -> Tree:
        tree = part(depth)
        while self.kind == "mark" and self.token in marks:
            mark, at = self.token, self.start
            self.next()
            tree = self._joined(mark, tree, part(depth), at)
        return tree

    def signed(self, depth: int) -> Tree:
        """A power with any number of signs before it."""
        negative = False
        while self.kind == "mark" and self.token in "+-":
            negative ^= self.token == "-"
            self.next()
        at, tree = self.start, self.power(depth)
        return self._joined("*", Tree("number", number=-1.0), tree, at) if negative else tree

    def power(self, depth: int) -> Tree:
        """An atom, with or without an exponent; a numeric exponent of a name or a function is bounded."""
        tree = self.atom(depth)
        if self.token != "**":
            return tree
        at = self.start
        self.next()
        exponent = self.signed(self._deeper(depth))
        of_a_name = tree.kind != "number" and exponent.kind == "number"
        if of_a_name and abs(exponent.number) > LARGEST_EXPONENT:
            problem = f"the exponent {exponent.number:g} is too large."
            raise self.wrong(problem, f"allowed: up to {LARGEST_EXPONENT:g}", at)
        return self._joined("**", tree, exponent, at)

    def atom(self, depth: int) -> Tree:
        """A number, a name, a function of a sum, or a sum in parentheses."""
        kind, token, at = self.kind, self.token, self.start
        if kind == "number":
            self.next()
            return self._number(at, float, token)
        if kind == "name":
            self.next()
            if token in FUNCTIONS:
                return self._call(token, self._bracket(depth, f"write {token}(...)"), at)
            if not self._is_known(token):
                cure = CURES.get(token) or nearest(token[:40], [*self.names, *FUNCTIONS])
                raise self.wrong(f"{token[:40]!r} means nothing here.", cure, at)
            self.used.append(token)
            return Tree("name", name=token)
        if token == "(":
            return self._bracket(depth)
        what = "the formula ends" if kind == "end" else f"{token!r} stands"
        raise self.wrong(f"{what} where a number, a name or '(' is needed.")

    def _is_known(self, name: str) -> bool:
        prefixed = name.startswith(self.prefixes) and name not in self.prefixes
        return name in self.names or prefixed

    def _bracket(self, depth: int, cure: str = "") -> Tree:
        if self.token != "(":
            raise self.wrong("'(' is missing.", cure)
        self.next()
        tree = self.sum(self._deeper(depth))
        if self.token != ")":
            missing = "')' is missing."
            other = f"{self.token!r} stands where ')' is needed."
            raise self.wrong(missing if self.kind == "end" else other)
        self.next()
        return tree

    def _deeper(self, depth: int) -> int:
        if depth >= DEEPEST:
            raise self.wrong("it is nested too deeply.", f"allowed: {DEEPEST} levels")
        return depth + 1

    def _call(self, name: str, inner: Tree, at: int) -> Tree:
        if inner.kind != "number":
            return Tree("call", name=name, parts=(inner,))
        return self._number(at, FUNCTIONS[name][0], inner.number)

    def _joined(self, mark: str, left: Tree, right: Tree, at: int) -> Tree:
        if left.kind == right.kind == "number":
            return self._number(at, _OPERATORS[mark], left.number, right.number)
        return Tree(mark, parts=(left, right))

    def _number(self, at: int, function: Callable[..., float], *arguments: float | str) -> Tree:
        """The number that a function returns: finite and real, or an error at its place."""
        value: float | complex
        try:
            value = function(*arguments)
        except (OverflowError, ZeroDivisionError, ValueError):
            value = math.nan
        if isinstance(value, complex) or not math.isfinite(value):
            raise self.wrong("this is not a finite real number.", at=at)
        return Tree("number", number=value)

    def wrong(self, problem: str, cure: str = "", at: int | None = None) -> InputError:
        """The error, with the column, and the text around it with a caret below."""
        at = self.start if at is None else at
        first = max(0, min(at - WINDOW // 2, len(self.text) - WINDOW))
        shown = "".join(c if c.isprintable() else " " for c in self.text[first : first + WINDOW])
        picture = f"{shown}\n  {' ' * (at - first)}^"
        allowed = f"{picture}\n  {_grammar(self.names, self.prefixes)}"
        return InputError(f"{self.where} column {at + 1}".strip(), problem, allowed, cure)


def _grammar(names: Iterable[str], prefixes: Iterable[str]) -> str:
    known = [*names, *(f"{p}<species>" for p in prefixes)]
    return f"allowed: numbers, + - * / ** ( ), {', '.join(FUNCTIONS)}; {', '.join(known)}"


def _value(tree: Tree, values: Mapping[str, sympy.Expr], symbolic: bool) -> sympy.Expr:
    """The value of a tree: an expression of sympy if `symbolic`, else a number."""
    if tree.kind == "number":
        return tree.number
    if tree.kind == "name":
        return values[tree.name]
    if tree.kind == "call":
        inner = _value(tree.parts[0], values, symbolic)
        of_number, of_expression = FUNCTIONS[tree.name]
        return of_expression(inner) if symbolic and isinstance(inner, sympy.Basic) else of_number(inner)
    left, right = (_value(part, values, symbolic) for part in tree.parts)
    if tree.kind == "**" and symbolic:
        return _power(left, right)
    value = _OPERATORS[tree.kind](left, right)
    if isinstance(value, complex):
        raise ValueError("the root of a negative number")
    return value


def _power(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    """base ** exponent for sympy: the root of exp(u) must become exp(u/2), which takes an exact exponent."""
    if not isinstance(exponent, sympy.Basic):
        return base ** (sympy.Rational(repr(exponent)) if isinstance(base, sympy.Basic) else exponent)
    if not isinstance(base, sympy.Basic) and base > 0:
        return sympy.exp(math.log(base) * exponent)
    return base**exponent
