"""Derivatives of long expressions of symbols with assumptions, as `diff` has them, in less time."""

from __future__ import annotations

import sympy


def derivative(expression: sympy.Expr, *symbols: sympy.Symbol) -> sympy.Expr:
    """The expression differentiated by these symbols, one after the other.

    sympy asks of every derivative on the way whether it is zero. Of a polynomial in a positive symbol it then
    looks for the roots, which takes most of the time: it differentiates by symbols without assumptions.
    """
    bare = {symbol: sympy.Symbol(symbol.name) for symbol in expression.free_symbols}
    result = expression.xreplace(bare).diff(*(bare.get(symbol, symbol) for symbol in symbols))
    return result.xreplace({without: symbol for symbol, without in bare.items()})
