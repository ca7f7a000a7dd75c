"""Fewer unknowns for a start: rows that are linear in some unknowns are solved for them exactly, in sympy."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sympy

from ..declare.model import Model, Unknown

Coefficients = dict[sympy.Symbol, sympy.Expr]


@dataclass(frozen=True)
class Reduction:
    """The start of a model on fewer unknowns.

    unknowns: those that are left; left: their residuals as declared; names: of the residuals.
    solved: eliminated symbol -> expression in the unknowns that are left and the parameters.
    """

    model: Model
    unknowns: tuple[Unknown, ...]
    left: tuple[sympy.Expr, ...]
    names: tuple[str, ...]
    solved: dict[sympy.Symbol, sympy.Expr]

    @property
    def rows(self) -> tuple[sympy.Expr, ...]:
        """The residuals with the eliminated symbols replaced."""
        return tuple(row.xreplace(self.solved) for row in self.left)


def reduce(model: Model, keep: Sequence[str] = ()) -> Reduction:
    """Eliminate what the starts and constraints determine linearly.

    A row is usable when it is c u + rest with a constant c, and u does not occur in the rest.
    Unknowns are eliminated last declared first.
    Those that were declared first, or that are named in `keep`, are the ones left.
    """
    order = {u.symbol: k for k, u in enumerate(model.unknowns)}
    kept = {u.symbol for u in model.unknowns if u.name in keep}
    rows = [(s.name, sympy.sympify(s.residual)) for s in model.starts]
    rows += [(c.name, sympy.sympify(c.residual)) for c in model.constraints]
    solved: dict[sympy.Symbol, sympy.Expr] = {}
    left = []
    parts = [_linear_part(row, order) for _, row in rows]
    for (declared, constant), (name, row) in zip(parts, rows):
        coefficients, rest = _substitute(declared, constant, solved, order)
        usable = [u for u in coefficients if u not in kept and u not in rest.free_symbols]
        if not usable:
            left.append((name, row))
            continue
        pivot = max(usable, key=lambda u: order[u])
        c = coefficients.pop(pivot)
        expression = -sympy.Add(*(d * u for u, d in coefficients.items()), rest) / c
        solved = {u: e.xreplace({pivot: expression}) for u, e in solved.items()} | {pivot: expression}
    remaining = tuple(u for u in model.unknowns if u.symbol not in solved)
    return Reduction(model, remaining, tuple(row for _, row in left), tuple(name for name, _ in left), solved)


def _linear_part(row: sympy.Expr, order: Container[sympy.Symbol]) -> tuple[Coefficients, sympy.Expr]:
    """The terms c*u of a sum with constant c, and the rest."""
    coefficients: Coefficients = {}
    rest = []
    for term in sympy.Add.make_args(sympy.expand_mul(row) if row.is_Mul else row):
        factor, symbol = term.as_coeff_Mul()
        if symbol in order:
            coefficients[symbol] = coefficients.get(symbol, 0) + factor
        else:
            rest.append(term)
    return {u: c for u, c in coefficients.items() if c != 0}, sympy.Add(*rest)


def _substitute(
    coefficients: Coefficients,
    rest: sympy.Expr,
    solved: Mapping[sympy.Symbol, sympy.Expr],
    order: Container[sympy.Symbol],
) -> tuple[Coefficients, sympy.Expr]:
    """The row with the solved symbols replaced, and its linear part determined again."""
    if not solved or not (set(coefficients) | rest.free_symbols) & set(solved):
        return coefficients, rest
    row = sympy.Add(*(c * solved.get(u, u) for u, c in coefficients.items()), rest.xreplace(solved))
    if not any(symbol in order for symbol in _outside_functions(row)):
        return {}, row  # the logarithm of an amount: not to be expanded
    return _linear_part(sympy.expand_mul(row), order)


def _outside_functions(expression: sympy.Expr) -> Iterator[sympy.Symbol]:
    """The symbols that stand in sums, products and powers, and in no function."""
    if expression.is_Symbol:
        yield expression
    elif expression.is_Add or expression.is_Mul or expression.is_Pow:
        for part in expression.args:
            yield from _outside_functions(part)
