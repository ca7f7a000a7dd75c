"""Formulas as MathML, by sympy's printer: names as a reader expects them, numbers with the declared
digits."""

from __future__ import annotations

import re
from html import escape
from xml.dom.minidom import Element

import sympy
from mpmath.libmp import prec_to_dps
from sympy.printing.mathml import MathMLPresentationPrinter

LONG = 45  # operations; a longer formula is written in steps
SPACE = '<mspace width="0.17em"/>'
DIGITS = 8  # significant, of a number
_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_GREEK = {"mu": "μ", "tau": "τ", "phi": "φ"}
_SHORT = re.compile(r"([A-Za-z]|ln_f|mu|tau|phi)_(\w[\w()]*)")  # names printed as a letter with an index


class _Printer(MathMLPresentationPrinter):
    """Symbols of several letters are words; ln for the natural logarithm; floats without a tail of zeros."""

    def _print_Symbol(self, symbol: sympy.Symbol, style: str = "plain") -> Element:
        name = symbol.name
        short = _SHORT.fullmatch(name)
        if short:
            pair = self.dom.createElement("msub")
            pair.appendChild(self._text("mi", _GREEK.get(short[1], short[1].replace("_", " "))))
            pair.appendChild(self._text("mtext", _formula(short[2])))
            return pair
        if len(name) == 1 or name in _GREEK:
            return self._text("mi", _GREEK.get(name, name))
        return self._text("mtext", "fO₂" if name == "fO2" else name.replace("_", " "))

    _print_Dummy = _print_Symbol

    def _print_Float(self, number: sympy.Float) -> Element:
        return self._number(float(number), min(DIGITS, prec_to_dps(number._prec)))

    def _print_Integer(self, number: sympy.Integer) -> Element:
        value = int(number)
        return self._number(value if abs(value) < 10**6 else float(value))

    def _print_Rational(self, number: sympy.Rational) -> Element:
        """Exponents such as 0.876, which the solver stores as 219/250, as they were declared."""
        return super()._print_Rational(number) if number.q <= 12 else self._number(float(number))

    def _print_Exp1(self, number: sympy.Expr) -> Element:
        return self._text("mi", "e")

    def _number(self, value: float, digits: int = DIGITS) -> Element:
        mantissa, _, power = f"{value:.{digits}g}".replace("-", "−").partition("e")
        if not power:
            return self._text("mn", mantissa)
        row = self.dom.createElement("mrow")
        if mantissa != "1":
            row.appendChild(self._text("mn", mantissa))
            row.appendChild(self._text("mo", "·"))
        ten = self.dom.createElement("msup")
        ten.appendChild(self._text("mn", "10"))
        ten.appendChild(self._text("mn", power[:1].replace("+", "") + power[1:].lstrip("0")))
        row.appendChild(ten)
        return row

    def _print_Function(self, function: sympy.Function) -> Element:
        row = self.dom.createElement("mrow")
        if isinstance(function, sympy.log):
            name = "ln"
        else:
            name = function.func.__name__.replace("_", " ")
        row.appendChild(self._text("mi", name))
        row.appendChild(self._text("mo", "("))
        for k, argument in enumerate(function.args):
            if k:
                row.appendChild(self._text("mo", ","))
            row.appendChild(self._print(argument))
        row.appendChild(self._text("mo", ")"))
        return row

    _print_log = _print_Function

    def _print_Piecewise(self, cases: sympy.Piecewise) -> Element:
        table = self.dom.createElement("mtable")
        for value, condition in cases.args:
            row = self.dom.createElement("mtr")
            if condition is sympy.true:
                when = self._text("mtext", "else")
            else:
                when = self._print(condition)
            for part in (self._print(value), when):
                cell = self.dom.createElement("mtd")
                cell.setAttribute("style", "text-align: left")
                cell.appendChild(part)
                row.appendChild(cell)
            table.appendChild(row)
        whole = self.dom.createElement("mrow")
        whole.appendChild(self._text("mo", "{"))
        whole.appendChild(table)
        return whole

    def _text(self, tag: str, text: str) -> Element:
        element = self.dom.createElement(tag)
        element.appendChild(self.dom.createTextNode(text))
        return element


def _formula(text: str) -> str:
    """A chemical formula with its numbers below the line; any other name with blanks."""
    if re.fullmatch(r"(?:[A-Z][a-z]?\d*)+", text):
        return text.translate(_BELOW)
    return text.replace("_", " ")


def _whole(value: sympy.Expr | float) -> sympy.Expr:
    """The expression with floats that are small whole numbers replaced by integers."""
    expression = sympy.sympify(value)
    whole = [f for f in expression.atoms(sympy.Float) if float(f).is_integer() and abs(f) < 1e6]
    return expression.xreplace({f: sympy.Integer(int(f)) for f in whole})


def inner(expression: sympy.Expr | float) -> str:
    """The MathML of an expression, without the element <math>."""
    printer = _Printer()
    text = printer._print(_whole(expression)).toxml()
    return text.replace("<mo>&InvisibleTimes;</mo>", SPACE).replace("<mo>-</mo>", "<mo>−</mo>")


def word(text: str) -> str:
    """A name on the left of an equation."""
    return f"<mtext>{escape(text)}</mtext>"


def block(left: str, right: str) -> str:
    """left = right on a separate line; both MathML. In a div, which Markdown does not change."""
    equals = "<mo>=</mo>" if left else ""
    math = f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{left}{equals}{right}</math>'
    return f'<div class="equation">{math}</div>'


def equation(left: str, value: sympy.Expr | float) -> str:
    """The formula of a quantity as HTML; a long one in steps a₀, a₁, … (each common part is written once)."""
    expression = _whole(value)
    if expression.count_ops() <= LONG:
        return block(word(left), inner(expression))
    steps, (last,) = sympy.cse(expression, symbols=sympy.numbered_symbols("a_"), order="canonical")
    return "\n".join(
        [*(block(inner(name), inner(step)) for name, step in steps), block(word(left), inner(last))]
    )


def derivative(inside: str) -> str:
    """d/dt of an expression, in brackets; MathML."""
    return (
        f"<mfrac><mi>d</mi><mrow><mi>d</mi><mi>t</mi></mrow></mfrac><mrow><mo>[</mo>{inside}<mo>]</mo></mrow>"
    )
