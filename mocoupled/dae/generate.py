"""From a declared Model to the source text of a Python module: H, A, sources, curvature, start, outputs.

Common subexpressions are taken out first and the chain rule is then applied to the resulting straight-line program,
so the cost of generation grows with the length of the program and not with the size of the expanded expressions.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy
from sympy.printing.pycode import PythonCodePrinter

from .model import TIME, LeafBase, Model


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
    return _small_steps(Program(tuple(steps), {name: tuple(next(rest) for _ in row) for name, row in results.items()}))


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
        if expression.is_Atom or isinstance(expression, sympy.Piecewise) or not isinstance(expression, sympy.Expr):
            return expression
        if expression.is_Mul and len(expression.args) == 2 and expression.args[0].is_Number:  # 3 x in a sum stays there
            return expression.args[0] * small(expression.args[1], True)
        if expression.is_Pow and not expression.args[1].is_Number:
            parts = [small(a, True) for a in expression.args]
        elif expression.is_Pow:
            parts = [small(expression.args[0], True), expression.args[1]]
        else:
            whole = [expression.is_Mul and a.is_Pow and a.args[0].is_Symbol and a.args[1].is_Integer for a in expression.args]
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
    seeds = {s: {j: sympy.S.One} if along is None else {0: along[j]} for j, s in enumerate(wrt)}  # ds/d(column)
    width = len(wrt) if along is None else 1
    tangent: dict[sympy.Symbol, dict[int, sympy.Expr]] = {}
    steps: list[tuple[sympy.Symbol, sympy.Expr]] = []
    shared: dict[sympy.Expr, sympy.Symbol] = {}
    exponentials: dict[sympy.Symbol, sympy.Symbol] = {}  # symbols that are exp(u): what is proportional to a power of one
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
        if not isinstance(expression, sympy.Expr):  # the condition of a Piecewise, taken out as a step of its own
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


class _Printer(PythonCodePrinter):
    """Plain `math` code; external leaves are called by name."""

    def _print_LeafBase(self, leaf):
        return f"{leaf.func.__name__}({', '.join(map(self._print, leaf.args))})"

    def _print_Symbol(self, symbol):
        return identifier(symbol.name)


def identifier(name: str) -> str:
    """A Python name for a symbol: what is not a letter, digit or underscore is spelled by its code."""
    return re.sub(r"\W", lambda m: f"_{ord(m.group()):x}_", name)


def emit(name: str, code: Program, arguments: Sequence[tuple[str, Iterable[sympy.Symbol]]], doc: str) -> str:
    """Source text of one function. Each argument is a sequence that is unpacked into its symbols."""
    code = prune(code)
    printer = _Printer({"fully_qualified_modules": True, "standard": "python3"})
    used = {s for row in code.results.values() for e in row for s in e.free_symbols}
    used |= {s for _, e in code.steps for s in e.free_symbols}
    lines = [f"def {name}({', '.join(a for a, _ in arguments)}):", f'    """{doc}"""']
    for argument, symbols in arguments:
        for position, symbol in enumerate(symbols):
            if symbol in used:
                lines.append(f"    {identifier(symbol.name)} = {argument}[{position}]")
    lines += [f"    {identifier(s.name)} = {printer.doprint(e)}" for s, e in code.steps]
    rows = [f"[{', '.join(printer.doprint(e) for e in row)}]" for row in code.results.values()]
    return "\n".join([*lines, f"    return {', '.join(rows)}", "", ""])


def scaled_rows(model: Model) -> tuple[list, list]:
    """Scaled storage rows and sources of the balances, each divided by the balance's scale."""
    scales = [sympy.sympify(1 if b.scale is None else b.scale) for b in model.balances]
    storage = [b.storage / s for b, s in zip(model.balances, scales)]
    return storage, [b.source / s for b, s in zip(model.balances, scales)]


_generated: dict[str, str] = {}  # fingerprint -> source text, of this process


def fingerprint(model: Model) -> str:
    """What the generated text depends on: names and expressions, but not the values of parameters."""
    names = [i.name for i in (*model.unknowns, *model.links, *model.parameters, *model.balances)]
    text = "\n".join([*names, *map(str, model.expressions)])
    return hashlib.sha256(text.encode()).hexdigest()


def source(model: Model) -> str:
    """Source text of the module for a checked Model; models that differ in parameters only share one generation."""
    key = fingerprint(model)
    if key not in _generated:
        _generated[key] = _source(model)
    return _generated[key]


def _source(model: Model) -> str:
    """Source text of the module.

    Functions (x unknowns and then links, p parameters, t = [time], v = dx/dt; all flat lists of floats):
    storage(x, p, t)      -> H                        scaled storage of the balances, then residuals of the constraints
    linear(x, p, t)       -> H, A, sources, H_t, i    A = dH/dx row by row; H_t = dH/dtime; i = inflows into the field
    curvature(x, v, p, t) -> H, A, sources, G, S, I   G = d(A v - [sources; 0] + H_t)/dx; S = d(sources)/dx; I = di/dx
    start(x, p, t)        -> F, dF/d(unknowns)        rows: starts, then constraints
    outputs(x, p, t)      -> outputs, then the watched arguments
    """
    unknowns = [u.symbol for u in model.unknowns]
    x = unknowns + [link.symbol for link in model.links]
    v = [sympy.Symbol(f"rate_of_{s.name}", real=True) for s in x]
    p = [q.symbol for q in model.parameters]
    state, time = [("x", x), ("p", p)], ("t", [TIME])
    storage, sources = scaled_rows(model)
    rows = storage + [c.residual for c in model.constraints]

    base = program(H=rows, s=sources, i=[i.expression for i in model.inflows])
    linear = differentiate(base, base.results["H"], x, "A", "_d")
    linear = differentiate(linear, base.results["H"], [TIME], "H_t", "_h")
    moved = differentiate(linear, linear.results["H"], x, "Av", "_v", along=v)  # A v at the cost of H itself
    s = [*moved.results["s"], *[0] * (len(rows) - len(sources))]
    pull = [Av + H_t - source for Av, H_t, source in zip(moved.results["Av"], moved.results["H_t"], s)]
    curved = differentiate(moved, pull, x, "G", "_g")
    curved = differentiate(curved, curved.results["s"], x, "S", "_k")
    curved = differentiate(curved, curved.results["i"], x, "I", "_j")
    begin = program(F=[s.residual for s in model.starts] + [c.residual for c in model.constraints])
    begin = differentiate(begin, begin.results["F"], unknowns, "J", "_d")
    shown = program(o=[o.expression for o in model.outputs], w=[w.expression for w in model.watches])

    keep = lambda code, *names: Program(code.steps, {name: code.results[name] for name in names})  # noqa: E731
    return "\n".join(
        [
            '"""Generated from the declaration of the model: do not edit."""',
            "import math",
            "",
            "",
            emit("storage", keep(base, "H"), [*state, time], "Scaled storage and residuals."),
            emit("linear", keep(linear, "H", "A", "s", "H_t", "i"), [*state, time], "H, A = dH/dx, sources, dH/dtime, inflows."),
            emit(
                "curvature",
                keep(curved, "H", "A", "s", "G", "S", "I"),
                [state[0], ("v", v), state[1], time],
                "H, A, sources, d(A v - sources + dH/dtime)/dx, d(sources)/dx, d(inflows)/dx.",
            ),
            emit("start", begin, [*state, time], "Residuals of the start and their Jacobian."),
            emit("outputs", shown, [*state, time], "Outputs and watched arguments."),
        ]
    )


def leaves(model: Model) -> dict[str, type[LeafBase]]:
    """Every external leaf the generated code may call: those in use and their derivatives up to second order."""
    found = {}
    for leaf in model.externals.values():
        for extra in _orders_up_to(2, len(leaf.orders)):
            orders = tuple(a + b for a, b in zip(leaf.orders, extra))
            derived = leaf.external.leaf(orders)
            found[derived.__name__] = derived
    return found


def _orders_up_to(total: int, length: int) -> list[tuple[int, ...]]:
    if length == 0:
        return [()]
    return [(k, *rest) for k in range(total + 1) for rest in _orders_up_to(total - k, length - 1)]
