"""Source text of the batch kernel of a reduced start, for numpy arrays or plain floats.

Logarithmic unknowns enter as powers of E = exp(u), so that one exponential per unknown serves every species; what
depends on parameters only is computed once per point (`hoist`) and not once per Newton iteration.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy.printing.numpy import NumPyPrinter
from sympy.printing.pycode import PythonCodePrinter

from .generate import Program, differentiate, identifier, program, prune
from .reduce import Reduction


def kernel_source(reduction: Reduction, vary: Sequence[str], kind: str) -> str:
    """The module's text; kind is "numpy" or "math".

    hoist(p) -> list h; newton(u, h) -> residuals, Jacobian row by row; residual(u, h) -> residuals; outputs(u, h) ->
    the model's outputs. p holds the parameters of `vary` in order; every other parameter is a constant.
    """
    model = reduction.model
    constants = {q.symbol: sympy.Float(q.value, 17) for q in model.parameters if q.name not in vary}
    p = [q.symbol for q in model.parameters if q.name in vary]
    p = sorted(p, key=lambda s: list(vary).index(s.name))
    u = [unknown.symbol for unknown in reduction.unknowns]
    powers = {symbol: sympy.Symbol(f"E_{k}", positive=True) for k, symbol in enumerate(u)}
    back = {power: symbol for symbol, power in powers.items()}

    def prepared(expression):
        expression = sympy.sympify(expression).xreplace(reduction.solved).xreplace(constants)
        return expression.replace(lambda e: isinstance(e, sympy.exp), lambda e: _as_powers(e, powers))

    rows = [prepared(row) for row in reduction.rows]
    shown = [prepared(output.expression) for output in model.outputs]
    exponentials = tuple((power, sympy.exp(symbol)) for power, symbol in back.items())

    solve = program(F=rows)
    solve = Program(exponentials + solve.steps, solve.results)
    solve = differentiate(solve, solve.results["F"], u, "J", "_d")
    show = program(o=shown)
    show = Program(exponentials + show.steps, show.results)
    miss = prune(Program(solve.steps, {"F": solve.results["F"]}))

    hoister = _Hoister(p)
    solve, miss, show = (hoister.split(code) for code in (prune(solve), miss, prune(show)))
    printer = _printer(kind)
    hoisted = [symbol for symbol in (*p, *(s for s, _ in hoister.steps)) if symbol in hoister.needed]
    text = [f'"""Generated {kind} kernel of the start of a model: do not edit."""', f"import {kind}", "", ""]
    text += _function(printer, "hoist", [("p", p)], hoister.steps, [hoisted])
    text += _function(printer, "newton", [("u", u), ("h", hoisted)], solve.steps, [solve.results["F"], solve.results["J"]])
    text += _function(printer, "residual", [("u", u), ("h", hoisted)], miss.steps, [miss.results["F"]])
    text += _function(printer, "outputs", [("u", u), ("h", hoisted)], show.steps, [show.results["o"]])
    return "\n".join(text)


def _as_powers(exponential, powers):
    """exp(2 u + w + rest) as E_u**2 E_w exp(rest)."""
    factors, rest = [], []
    for term in sympy.Add.make_args(sympy.expand_mul(exponential.args[0])):
        coefficient, symbol = term.as_coeff_Mul()
        if symbol in powers:
            factors.append(powers[symbol] ** sympy.nsimplify(coefficient, rational=True))
        else:
            rest.append(term)
    return sympy.Mul(*factors, sympy.exp(sympy.Add(*rest)))


class _Hoister:
    """Moves what depends on parameters only out of several programs into `steps`, each expression once."""

    def __init__(self, parameters):
        self.free = set(parameters)
        self.steps: list[tuple[sympy.Symbol, sympy.Expr]] = []
        self.needed: set[sympy.Symbol] = set()
        self._known: dict[sympy.Expr, sympy.Symbol] = {}

    def split(self, code: Program) -> Program:
        """The program without its parameter-only parts. Its symbols may be those of another program: they are renamed."""
        names: dict[sympy.Symbol, sympy.Symbol] = {}
        steps = []
        for symbol, expression in code.steps:
            expression = expression.xreplace(names)
            if expression.free_symbols <= self.free:
                names[symbol] = self._symbol(expression)
            else:
                steps.append((symbol, self._regrouped(expression)))
        results = {name: tuple(self._regrouped(e.xreplace(names)) for e in row) for name, row in code.results.items()}
        used = {s for _, e in steps for s in e.free_symbols} | {s for row in results.values() for e in row for s in e.free_symbols}
        self.needed |= used & self.free
        return Program(tuple(steps), results)

    def _regrouped(self, expression):
        """The expression with its parameter-only parts replaced by hoisted symbols."""
        if expression.is_Atom:
            return expression
        if expression.free_symbols <= self.free:
            return self._symbol(expression) if expression.free_symbols else expression
        if expression.is_Add or expression.is_Mul:
            fixed = [a for a in expression.args if a.free_symbols <= self.free]
            moving = [self._regrouped(a) for a in expression.args if not a.free_symbols <= self.free]
            part = expression.func(*fixed)
            return expression.func(self._symbol(part) if part.free_symbols else part, *moving)
        return expression.func(*(self._regrouped(a) for a in expression.args))

    def _symbol(self, expression):
        if expression.is_Atom:
            return expression
        if expression not in self._known:
            symbol = sympy.Symbol(f"_h{len(self._known)}", real=True)
            self._known[expression] = symbol
            self.steps.append((symbol, expression))
            self.free.add(symbol)
        return self._known[expression]


def _function(printer, name, arguments, steps, results):
    """Source lines of one function. Symbols are renamed to a few registers: a name is used again once its value is no
    longer needed, so that its memory is, and the arrays of a chunk stay in the cache."""
    lines = [f"def {name}({', '.join(a for a, _ in arguments)}):"]
    wanted = {s for row in results for e in row for s in e.free_symbols}
    used = {s for _, e in steps for s in e.free_symbols} | wanted
    registers: dict[sympy.Symbol, sympy.Symbol] = {}
    for argument, symbols in arguments:
        for k, symbol in enumerate(symbols):
            if symbol in used:
                registers[symbol] = sympy.Symbol(f"{argument}{k}")
                lines.append(f"    {argument}{k} = {argument}[{k}]")
    last = {s: k for k, (_, e) in enumerate(steps) for s in e.free_symbols}
    free: list[sympy.Symbol] = []
    count = 0
    for k, (symbol, expression) in enumerate(steps):
        text = printer.doprint(expression.xreplace(registers))
        for old in sorted(expression.free_symbols, key=lambda s: s.name):
            if last[old] == k and old not in wanted and registers[old].name.startswith("r"):
                free.append(registers.pop(old))
        if free:
            register = free.pop()
        else:
            register, count = sympy.Symbol(f"r{count}"), count + 1
        registers[symbol] = register
        lines.append(f"    {register} = {text}")
    rows = [f"[{', '.join(printer.doprint(e.xreplace(registers)) for e in row)}]" for row in results]
    return [*lines, f"    return {', '.join(rows)}", "", ""]


class _Powers:
    """Small whole powers as products, halves as square roots, externals by name: shared by both printers."""

    def _print_Pow(self, expression, **_):
        base, exponent = expression.args
        text = f"({self._print(base)})" if not base.is_Symbol else self._print(base)
        if exponent.is_Integer and 2 <= abs(exponent) <= 6:
            product = "*".join([text] * abs(int(exponent)))
            return f"({product})" if exponent > 0 else f"(1.0/({product}))"
        if exponent == -1:
            return f"(1.0/{text})"
        if exponent in (sympy.S.Half, 0.5):
            return f"{self._module}.sqrt({self._print(base)})"
        return f"{text}**({self._print(exponent)})"

    def _print_Symbol(self, symbol):
        return identifier(symbol.name)

    def _print_LeafBase(self, leaf):
        return f"{leaf.func.__name__}({', '.join(map(self._print, leaf.args))})"


class _NumpyPrinter(_Powers, NumPyPrinter):
    _module = "numpy"

    def _print_Piecewise(self, expression):
        *cases, (last, always) = expression.args
        if always != True:  # noqa: E712  (sympy's true)
            raise ValueError(f"a Piecewise without an 'otherwise' cannot be printed: {expression}")
        text = self._print(last)
        for value, condition in reversed(cases):
            text = f"numpy.where({self._print(condition)}, {self._print(value)}, {text})"
        return text


class _MathPrinter(_Powers, PythonCodePrinter):
    _module = "math"


def _printer(kind):
    made = _NumpyPrinter if kind == "numpy" else _MathPrinter
    return made({"fully_qualified_modules": True})
