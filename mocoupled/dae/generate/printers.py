"""sympy expressions as text of Python code: for plain floats and for numpy arrays."""

from __future__ import annotations

import sympy
from sympy.printing.numpy import NumPyPrinter
from sympy.printing.pycode import PythonCodePrinter

from ..leaves.external import LeafBase
from .python_module import branches, identifier


class FloatPrinter(PythonCodePrinter):
    """Plain `math` code; external leaves are called by name."""

    def __init__(self) -> None:
        super().__init__({"fully_qualified_modules": True, "standard": "python3"})

    def _print_LeafBase(self, leaf: LeafBase) -> str:
        return f"{identifier(leaf.func.__name__)}({', '.join(map(self._print, leaf.args))})"

    def _print_Symbol(self, symbol: sympy.Symbol) -> str:
        return identifier(symbol.name)


class ArrayPrinter(NumPyPrinter):
    """numpy code: small whole powers as products, halves as square roots, a Piecewise as nested where."""

    def __init__(self) -> None:
        super().__init__({"fully_qualified_modules": True})

    def _print_Pow(self, expression: sympy.Pow, **_: object) -> str:
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

    def _print_Symbol(self, symbol: sympy.Symbol) -> str:
        return identifier(symbol.name)

    def _print_Piecewise(self, expression: sympy.Piecewise) -> str:
        cases, otherwise = branches(expression)
        text: str = self._print(otherwise)
        for value, condition in reversed(cases):
            text = f"numpy.where({self._print(condition)}, {self._print(value)}, {text})"
        return text
