"""Expressions as straight-line programs, and their derivatives by the chain rule along the steps.

The cost grows with the length of the program and not with the size of the expanded expressions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sympy

Step = tuple[sympy.Symbol, sympy.Expr]
DERIVATIVES = 10_000  # of single steps that are remembered
Gradient = dict[int, sympy.Expr]  # column -> derivative; zeros are left out


@dataclass(frozen=True)
class Program:
    """A straight-line program: steps `symbol = expression` in order, then named lists of results."""

    steps: tuple[Step, ...]
    results: dict[str, tuple[sympy.Expr, ...]]

    def keep(self, *names: str) -> Program:
        """The program with these results alone, in this order."""
        return Program(self.steps, {name: self.results[name] for name in names})


def program(**results: Sequence[sympy.Expr]) -> Program:
    """The named lists of expressions as a program with common subexpressions taken out, in small steps."""
    flat = [sympy.sympify(e) for row in results.values() for e in row]
    steps, reduced = sympy.cse(flat, symbols=sympy.numbered_symbols("_c", real=True), order="canonical")
    rest = iter(reduced)
    rows = {name: tuple(next(rest) for _ in row) for name, row in results.items()}
    return _small_steps(Program(tuple(steps), rows))


def program_with(definitions: Sequence[Step], **results: Sequence[sympy.Expr]) -> Program:
    """The program of expressions that may use the symbols of definitions, as these may use each other.

    A long expression that is used in many places takes less time by such a name.
    Its derivatives are shorter too.
    """
    used = _needed(definitions, [sympy.sympify(e) for row in results.values() for e in row])
    definitions = [(symbol, e) for symbol, e in definitions if symbol in used]
    if not definitions:
        return program(**results)
    code = program(**results, definitions=[e for _, e in definitions])
    defined = dict(zip((symbol for symbol, _ in definitions), code.results["definitions"]))
    waiting = dict(code.steps) | defined
    steps: list[Step] = []
    done: set[sympy.Symbol] = set()

    def put(symbol: sympy.Symbol) -> None:
        """Add the step of the symbol, after those that it needs."""
        if symbol in waiting and symbol not in done:
            done.add(symbol)
            for other in sorted(waiting[symbol].free_symbols, key=lambda s: s.name):
                put(other)
            steps.append((symbol, waiting[symbol]))

    for symbol in waiting:
        put(symbol)
    return Program(tuple(steps), {name: row for name, row in code.results.items() if name != "definitions"})


def _small_steps(code: Program) -> Program:
    """The same program with one operation a step: its derivatives are short and share their parts."""
    splitter = _Splitter()
    for symbol, expression in code.steps:
        splitter.add(symbol, expression)
    results = {key: tuple(splitter.small(e, False) for e in row) for key, row in code.results.items()}
    return Program(tuple(splitter.steps), results)


class _Splitter:
    """Steps of one operation each, while they are written."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._known: dict[sympy.Expr, sympy.Symbol] = {}
        self._counter = sympy.numbered_symbols("_e", real=True)

    def add(self, symbol: sympy.Symbol, expression: sympy.Expr) -> None:
        """The step `symbol = expression`, after the steps of its parts."""
        made = self.small(expression, False)
        self.steps.append((symbol, made))
        self._known.setdefault(made, symbol)

    def small(self, expression: sympy.Basic, inside: bool) -> sympy.Basic:
        """The expression on atoms, or (inside another expression) the symbol of the step that computes it."""
        if expression.is_Atom or isinstance(expression, sympy.Piecewise):
            return expression
        if not isinstance(expression, sympy.Expr):
            return expression
        if expression.is_Mul and len(expression.args) == 2 and expression.args[0].is_Number:
            return expression.args[0] * self.small(expression.args[1], True)  # 3 x in a sum stays there
        made = expression.func(*self._parts(expression))
        return self._named(made) if inside and not made.is_Atom else made

    def _parts(self, expression: sympy.Expr) -> list[sympy.Basic]:
        """The arguments of an expression as atoms; numeric exponents and whole powers in a product stay."""
        if expression.is_Pow and expression.args[1].is_Number:
            return [self.small(expression.args[0], True), expression.args[1]]
        parts = []
        for argument in expression.args:
            whole = expression.is_Mul and argument.is_Pow
            whole = whole and argument.args[0].is_Symbol and argument.args[1].is_Integer
            parts.append(argument if whole else self.small(argument, True))
        return parts

    def _named(self, expression: sympy.Expr) -> sympy.Symbol:
        if expression not in self._known:
            self._known[expression] = next(self._counter)
            self.steps.append((self._known[expression], expression))
        return self._known[expression]


def differentiate(
    code: Program,
    rows: Sequence[sympy.Expr],
    wrt: Sequence[sympy.Symbol],
    name: str,
    prefix: str,
    along: Sequence[sympy.Expr] | None = None,
) -> Program:
    """The program with one more result `name`: the Jacobian of `rows` (row by row) with respect to `wrt`.

    `rows` are written in the program's symbols.
    Derivatives are carried forward through the steps (chain rule).
    Equal subexpressions among them are shared.
    `prefix` names the new symbols, none of which the program has.
    along: the derivative along this vector instead of the Jacobian.
    """
    seeds: dict[sympy.Symbol, Gradient]  # ds/d(column)
    if along is None:
        seeds, width = {s: {j: sympy.S.One} for j, s in enumerate(wrt)}, len(wrt)
    else:
        seeds, width = {s: {0: direction} for s, direction in zip(wrt, along)}, 1
    needed = _needed(code.steps, [sympy.sympify(row) for row in rows])
    forward = _Forward(seeds, prefix, [symbol for symbol, _ in code.steps])
    for symbol, expression in code.steps:
        forward.add(symbol, expression, symbol in needed)
    jacobian: list[sympy.Expr] = []
    for row in rows:
        entries = forward.gradient(sympy.sympify(row))
        jacobian += [entries.get(j, sympy.S.Zero) for j in range(width)]
    return Program(tuple(forward.steps), {**code.results, name: tuple(jacobian)})


class _Forward:
    """The steps of a program while those of its derivatives are added to them."""

    def __init__(
        self, seeds: dict[sympy.Symbol, Gradient], prefix: str, taken: Sequence[sympy.Symbol]
    ) -> None:
        """seeds: derivatives of the symbols with respect to which is differentiated.

        prefix: of new symbols. taken: symbols of the program, which no new one may be.
        """
        self.steps: list[Step] = []
        self._seeds = seeds
        self._tangent: dict[sympy.Symbol, Gradient] = {}
        self._shared: dict[sympy.Expr, sympy.Symbol] = {}
        # symbol that is exp(u) -> u: an expression proportional to a power of it needs no new derivative
        self._exponentials: dict[sympy.Symbol, sympy.Symbol] = {}
        self._counter = sympy.numbered_symbols(prefix, real=True, exclude=taken)

    def add(self, symbol: sympy.Symbol, expression: sympy.Expr, needed: bool) -> None:
        """A step of the program and, where it is needed, the steps of its derivatives."""
        self.steps.append((symbol, expression))
        self._shared.setdefault(expression, symbol)
        if not needed:
            return
        if isinstance(expression, sympy.exp) and expression.args[0] in self._seeds:
            self._exponentials[symbol] = expression.args[0]
        gradient = self.gradient(expression, symbol)
        self._tangent[symbol] = {j: self._stored(total) for j, total in gradient.items()}

    def gradient(self, expression: sympy.Basic, value: sympy.Expr | None = None) -> Gradient:
        """Derivatives of an expression; value: the symbol of its value, where it is a step of the program."""
        if not isinstance(expression, sympy.Expr):
            return {}  # the condition of a Piecewise, taken out as a separate step
        terms: dict[int, list[sympy.Expr]] = {}
        for symbol in sorted(expression.free_symbols, key=lambda s: s.name):
            power = _power_of(symbol, expression) if symbol in self._exponentials else None
            if symbol in self._seeds:
                partial, inside = _derivative(expression, symbol), self._seeds[symbol]
            elif power is not None:
                value = self._stored(expression) if value is None else value
                partial, inside = power * value, self._seeds[self._exponentials[symbol]]
            elif self._tangent.get(symbol):
                partial, inside = self._stored(_partial(expression, symbol, value)), self._tangent[symbol]
            else:
                continue
            for j, inner in inside.items():
                terms.setdefault(j, []).append(partial * inner)
        sums = {j: sympy.Add(*parts) for j, parts in terms.items()}
        return {j: total for j, total in sums.items() if total != 0}

    def _stored(self, expression: sympy.Expr) -> sympy.Expr:
        """An atom, or the symbol of the step that computes the expression."""
        if expression.is_Atom:
            return expression
        if expression not in self._shared:
            self._shared[expression] = next(self._counter)
            self.steps.append((self._shared[expression], expression))
        return self._shared[expression]


def _power_of(symbol: sympy.Symbol, expression: sympy.Expr) -> sympy.Expr | None:
    """The number a for which the expression is symbol**a times something without it, or None."""
    for factor in sympy.Mul.make_args(expression):
        base, exponent = factor.as_base_exp()
        if base == symbol and exponent.is_Number:
            return exponent
    return None


def _partial(expression: sympy.Expr, symbol: sympy.Symbol, value: sympy.Expr | None) -> sympy.Expr:
    """d(expression)/d(symbol); of 1/x and x**a from the value itself, which saves a division or a root."""
    if value is not None and expression.is_Pow and expression.args[0] == symbol:
        exponent = expression.args[1]
        if exponent == -1:
            return -(value**2)
        if exponent.is_Number and not exponent.is_Integer:
            return exponent * value / symbol
    return _derivative(expression, symbol)


@lru_cache(maxsize=DERIVATIVES)
def _derivative(expression: sympy.Expr, symbol: sympy.Symbol) -> sympy.Expr:
    """d(expression)/d(symbol): a step is differentiated by several programs, and sympy does it once.

    `diff` does the same, and asks on the way whether the derivative is zero: half of its time.
    """
    return expression._eval_derivative(symbol) if expression.args else expression.diff(symbol)


def _needed(steps: Sequence[Step], rows: Iterable[sympy.Expr]) -> set[sympy.Symbol]:
    """The symbols that the rows use, themselves or through the steps."""
    needed: set[sympy.Symbol] = {s for row in rows for s in row.free_symbols}
    for symbol, expression in reversed(steps):
        if symbol in needed:
            needed |= expression.free_symbols
    return needed


def prune(code: Program) -> Program:
    """The program without the steps that no result uses."""
    needed = _needed(code.steps, [e for row in code.results.values() for e in row])
    return Program(tuple((symbol, e) for symbol, e in code.steps if symbol in needed), code.results)
