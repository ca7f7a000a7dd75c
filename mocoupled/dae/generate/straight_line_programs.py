"""Expressions as straight-line programs, and their derivatives by the chain rule along the steps.

The cost grows with the length of the program and not with the size of the expanded expressions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy


@dataclass(frozen=True)
class Program:
    """A straight-line program: steps `symbol = expression` in order, then named lists of results."""

    steps: tuple[tuple[sympy.Symbol, sympy.Expr], ...]
    results: dict[str, tuple[sympy.Expr, ...]]


def program(**results: Sequence[sympy.Expr]) -> Program:
    """The named lists of expressions as a program with common subexpressions taken out, in small steps."""
    flat = [sympy.sympify(e) for row in results.values() for e in row]
    steps, reduced = sympy.cse(flat, symbols=sympy.numbered_symbols("_c", real=True), order="canonical")
    rest = iter(reduced)
    return _small_steps(
        Program(tuple(steps), {name: tuple(next(rest) for _ in row) for name, row in results.items()})
    )


def program_with(
    definitions: Sequence[tuple[sympy.Symbol, sympy.Expr]], **results: Sequence[sympy.Expr]
) -> Program:
    """The same, where the expressions may also use the symbols of definitions, and these each other.

    Long expressions that are used in many places are quicker to handle, and their derivatives shorter, by such a name.
    """
    used = _needed(definitions, [sympy.sympify(e) for row in results.values() for e in row])
    definitions = [(symbol, e) for symbol, e in definitions if symbol in used]
    if not definitions:
        return program(**results)
    code = program(**results, definitions=[e for _, e in definitions])
    told = dict(zip((symbol for symbol, _ in definitions), code.results["definitions"]))
    waiting = dict(code.steps) | told
    steps: list[tuple[sympy.Symbol, sympy.Expr]] = []
    done: set[sympy.Symbol] = set()

    def put(symbol):
        if symbol in waiting and symbol not in done:
            done.add(symbol)
            for other in sorted(waiting[symbol].free_symbols, key=lambda s: s.name):
                put(other)
            steps.append((symbol, waiting[symbol]))

    for symbol in waiting:
        put(symbol)
    return Program(tuple(steps), {name: row for name, row in code.results.items() if name != "definitions"})


def _small_steps(code: Program) -> Program:
    """The same program with one operation a step, so that its derivatives are short and share their parts."""
    steps: list[tuple[sympy.Symbol, sympy.Expr]] = []
    known: dict[sympy.Expr, sympy.Symbol] = {}
    counter = sympy.numbered_symbols("_e", real=True)

    def name(expression):
        if expression not in known:
            known[expression] = next(counter)
            steps.append((known[expression], expression))
        return known[expression]

    def small(expression, inside):
        """The expression on atoms, or (inside another) the symbol that holds it."""
        if (
            expression.is_Atom
            or isinstance(expression, sympy.Piecewise)
            or not isinstance(expression, sympy.Expr)
        ):
            return expression
        if (
            expression.is_Mul and len(expression.args) == 2 and expression.args[0].is_Number
        ):  # 3 x in a sum stays there
            return expression.args[0] * small(expression.args[1], True)
        if expression.is_Pow and not expression.args[1].is_Number:
            parts = [small(a, True) for a in expression.args]
        elif expression.is_Pow:
            parts = [small(expression.args[0], True), expression.args[1]]
        else:
            whole = [
                expression.is_Mul and a.is_Pow and a.args[0].is_Symbol and a.args[1].is_Integer
                for a in expression.args
            ]
            parts = [a if kept else small(a, True) for a, kept in zip(expression.args, whole)]
        made = expression.func(*parts)
        return name(made) if inside and not made.is_Atom else made

    for symbol, expression in code.steps:
        made = small(expression, False)
        steps.append((symbol, made))
        known.setdefault(made, symbol)
    results = {key: tuple(small(e, False) for e in row) for key, row in code.results.items()}
    return Program(tuple(steps), results)


def differentiate(
    code: Program,
    rows: Sequence[sympy.Expr],
    wrt: Sequence[sympy.Symbol],
    name: str,
    prefix: str,
    along: Sequence[sympy.Expr] | None = None,
) -> Program:
    """The program with one more result `name`: the Jacobian of `rows` (row by row) with respect to `wrt`.

    `rows` are written in the program's symbols. Derivatives are carried forward through the steps (chain rule);
    equal subexpressions among them are shared. `prefix` names the new symbols.
    """
    seeds = {
        s: {j: sympy.S.One} if along is None else {0: along[j]} for j, s in enumerate(wrt)
    }  # ds/d(column)
    width = len(wrt) if along is None else 1
    tangent: dict[sympy.Symbol, dict[int, sympy.Expr]] = {}
    steps: list[tuple[sympy.Symbol, sympy.Expr]] = []
    shared: dict[sympy.Expr, sympy.Symbol] = {}
    exponentials: dict[
        sympy.Symbol, sympy.Symbol
    ] = {}  # symbols that are exp(u): what is proportional to a power of one
    counter = sympy.numbered_symbols(prefix, real=True)  # has its derivative at hand

    def stored(expression):
        if expression.is_Atom:
            return expression
        if expression not in shared:
            shared[expression] = next(counter)
            steps.append((shared[expression], expression))
        return shared[expression]

    def gradient(expression, own=None) -> dict[int, sympy.Expr]:
        """Derivatives of an expression, whose value `own` holds where it is a step of the program."""
        if not isinstance(
            expression, sympy.Expr
        ):  # the condition of a Piecewise, taken out as a step of its own
            return {}
        terms: dict[int, list[sympy.Expr]] = {}
        for symbol in sorted(expression.free_symbols, key=lambda s: s.name):
            if symbol in seeds:
                partial, inside = expression.diff(symbol), seeds[symbol]
            elif symbol in exponentials and _power_of(symbol, expression) is not None:
                own = stored(expression) if own is None else own
                partial, inside = _power_of(symbol, expression) * own, seeds[exponentials[symbol]]
            elif tangent.get(symbol):
                partial, inside = stored(_partial(expression, symbol, own)), tangent[symbol]
            else:
                continue
            for j, inner in inside.items():
                terms.setdefault(j, []).append(partial * inner)
        sums = {j: sympy.Add(*parts) for j, parts in terms.items()}
        return {j: total for j, total in sums.items() if total != 0}

    needed = _needed(code.steps, [sympy.sympify(row) for row in rows])
    for symbol, expression in code.steps:
        steps.append((symbol, expression))
        shared.setdefault(expression, symbol)
        if symbol not in needed:
            continue
        if isinstance(expression, sympy.exp) and expression.args[0] in seeds:
            exponentials[symbol] = expression.args[0]
        tangent[symbol] = {j: stored(total) for j, total in gradient(expression, symbol).items()}
    jacobian = []
    for row in rows:
        entries = gradient(sympy.sympify(row))
        jacobian += [entries.get(j, sympy.S.Zero) for j in range(width)]
    return Program(tuple(steps), {**code.results, name: tuple(jacobian)})


def _power_of(symbol, expression):
    """The number a for which the expression is symbol**a times something without it, or None."""
    for factor in sympy.Mul.make_args(expression):
        base, exponent = factor.as_base_exp()
        if base == symbol and exponent.is_Number:
            return exponent
    return None


def _partial(expression, symbol, own):
    """d(expression)/d(symbol); of 1/x and x**a from the value itself, which saves a division or a root."""
    if own is not None and expression.is_Pow and expression.args[0] == symbol:
        exponent = expression.args[1]
        if exponent == -1:
            return -(own**2)
        if exponent.is_Number and not exponent.is_Integer:
            return exponent * own / symbol
    return expression.diff(symbol)


def _needed(steps, rows) -> set[sympy.Symbol]:
    """The symbols that the rows use, themselves or through the steps."""
    needed = {s for row in rows for s in row.free_symbols}
    for symbol, expression in reversed(steps):
        if symbol in needed:
            needed |= expression.free_symbols
    return needed


def prune(code: Program) -> Program:
    """The program without the steps that no result uses."""
    needed = _needed(code.steps, [e for row in code.results.values() for e in row])
    return Program(tuple((symbol, e) for symbol, e in code.steps if symbol in needed), code.results)
