"""From a declared Model to the source text of a Python module: H, A, sources, curvature, start, outputs.

The expressions become straight-line programs (see symbolic.py), of which derivatives are taken along the steps.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

import sympy
from sympy.printing.pycode import PythonCodePrinter

from ..declare.model import TIME, Model
from ..leaves.external import LeafBase
from .straight_line_programs import Program, differentiate, program, prune


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
    carried = [b.carried for b in model.balances if b.carried != 0]
    text = "\n".join([*names, *map(str, model.expressions), *map(str, carried)])
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
            emit(
                "linear",
                keep(linear, "H", "A", "s", "H_t", "i"),
                [*state, time],
                "H, A = dH/dx, sources, dH/dtime, inflows.",
            ),
            emit(
                "curvature",
                keep(curved, "H", "A", "s", "G", "S", "I"),
                [state[0], ("v", v), state[1], time],
                "H, A, sources, d(A v - sources + dH/dtime)/dx, d(sources)/dx, d(inflows)/dx.",
            ),
            emit("start", begin, [*state, time], "Residuals of the start and their Jacobian."),
            emit("outputs", shown, [*state, time], "Outputs and watched arguments."),
            *_carried(model, x, v, [state[0], ("v", v), state[1], time]),
        ]
    )


def _carried(model, x, v, arguments):
    """Text of `carried`, where something is: what comes with the rates v of x, its derivatives by x and by these rates."""
    rows = [b.carried / (1 if b.scale is None else b.scale) for b in model.balances if b.carried != 0]
    if not rows:
        return []
    code = program(c=rows)
    code = differentiate(code, code.results["c"], x, "C", "_d")
    code = differentiate(code, code.results["c"], v, "C_v", "_v")
    return [
        emit(
            "carried", code, arguments, "What is carried with the rates v, and its derivatives by x and by v."
        )
    ]


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
