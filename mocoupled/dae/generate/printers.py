"""sympy expressions as text of numpy code."""

from __future__ import annotations

import sympy
from sympy.printing.numpy import NumPyPrinter

from .source_text import identifier


class ArrayPrinter(NumPyPrinter):
    """numpy code: small whole powers as products, halves as square roots, a Piecewise as nested where."""

    def __init__(self):
        super().__init__({"fully_qualified_modules": True})

    def _print_Pow(self, expression, **_):
        base, exponent = expression.args
        text = f"({self._print(base)})" if not base.is_Symbol else self._print(base)
        if exponent.is_Integer and 2 <= abs(exponent) <= 6:
            product = "*".join([text] * abs(int(exponent)))
            return f"({product})" if exponent > 0 else f"(1.0/({product}))"
        if exponent == -1:
            return f"(1.0/{text})"
        if exponent in (sympy.S.Half, 0.5):
            return f"numpy.sqrt({self._print(base)})"
        return f"{text}**({self._print(exponent)})"

    def _print_Symbol(self, symbol):
        return identifier(symbol.name)

    def _print_Piecewise(self, expression):
        *cases, (last, always) = expression.args
        if always != True:  # noqa: E712  (sympy's true)
            raise ValueError(f"a Piecewise without an 'otherwise' cannot be printed: {expression}")
        text = self._print(last)
        for value, condition in reversed(cases):
            text = f"numpy.where({self._print(condition)}, {self._print(value)}, {text})"
        return text
