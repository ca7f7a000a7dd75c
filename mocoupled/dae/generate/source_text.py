"""From a declared Model to the source text of a Python module: H, A, sources, curvature, start, outputs.

The expressions become straight-line programs (straight_line_programs.py).
Derivatives are taken along the steps of these programs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

import sympy
from sympy.printing.str import StrPrinter

from ..declare.model import TIME, Model
from ..leaves.external import LeafBase
from .printers import FloatPrinter
from .python_module import function_lines, identifier, with_derivatives
from .straight_line_programs import Program, differentiate, program, prune

Arguments = Sequence[tuple[str, Iterable[sympy.Symbol]]]
TEXTS = 10_000  # of expressions that are remembered

_generated: dict[str, str] = {}  # fingerprint -> source text, of this process


def emit(name: str, code: Program, arguments: Arguments, doc: str) -> str:
    """Source text of one function. Each argument is a sequence that is unpacked into its symbols."""
    code = prune(code)
    used = {s for row in code.results.values() for e in row for s in e.free_symbols}
    used |= {s for _, e in code.steps for s in e.free_symbols}
    lines = [f'    """{doc}"""']
    for argument, symbols in arguments:
        for position, symbol in enumerate(symbols):
            if symbol in used:
                lines.append(f"    {identifier(symbol.name)} = {argument}[{position}]")
    lines += [f"    {identifier(s.name)} = {_text(e)}" for s, e in code.steps]
    rows = [[_text(e) for e in row] for row in code.results.values()]
    return "\n".join(function_lines(name, [argument for argument, _ in arguments], lines, rows))


@lru_cache(maxsize=TEXTS)
def _text(expression: sympy.Expr) -> str:
    """The text of an expression on floats: the functions of a module have most of their steps in common."""
    text: str = FloatPrinter().doprint(expression)
    return text


def scaled_rows(model: Model) -> tuple[list[sympy.Expr], list[sympy.Expr]]:
    """Storage rows and sources of the balances, each divided by the balance's scale."""
    scales = [sympy.sympify(1 if b.scale is None else b.scale) for b in model.balances]
    storage = [b.storage / s for b, s in zip(model.balances, scales)]
    return storage, [b.source / s for b, s in zip(model.balances, scales)]


class ShortPrinter(StrPrinter):
    """Text of expressions whose parts are written once, with terms as they stand: sorting them takes long."""

    def __init__(self) -> None:
        super().__init__({"order": "none"})
        self._written: dict[sympy.Basic, str] = {}

    def _print(self, expr: object, **settings: object) -> str:
        if settings or not isinstance(expr, sympy.Expr) or expr.is_Atom:
            return str(super()._print(expr, **settings))
        if expr not in self._written:
            self._written[expr] = super()._print(expr)
        return self._written[expr]


def fingerprint(model: Model) -> str:
    """The input that determines the generated text: names and expressions, not the values of parameters."""
    names = [*(u.name for u in model.unknowns), *(link.name for link in model.links)]
    names += [*(p.name for p in model.parameters), *(b.name for b in model.balances)]
    carried = [b.carried for b in model.balances if b.carried != 0]
    names += ["costly"] if _is_costly(model) else []
    written = ShortPrinter().doprint
    text = "\n".join([*names, *map(written, model.expressions), *map(written, carried)])
    return hashlib.sha256(text.encode()).hexdigest()


def source(model: Model) -> str:
    """Source text of the module for a checked Model.

    Models that differ in the values of parameters only share one generation.
    """
    key = fingerprint(model)
    if key not in _generated:
        _generated[key] = _source(model)
    return _generated[key]


def leaves(model: Model) -> dict[str, type[LeafBase]]:
    """Every external leaf the generated code may call: those in use and their derivatives to second order."""
    return with_derivatives(model.externals.values(), 2)


def _source(model: Model) -> str:
    """Source text of the module.

    Functions (x unknowns and then links, p parameters, t = [time], v = dx/dt; all flat lists of floats):
    storage(x, p, t)      -> H                        scaled storages, then residuals of the constraints
    linear(x, p, t)       -> H, A, sources, H_t, i    A = dH/dx row by row; H_t = dH/dtime; i = inflows
    curvature(x, v, p, t) -> H, A, sources, G, S, I   G = d(A v - [sources; 0] + H_t)/dx; S = d(sources)/dx;
                                                      I = di/dx
    start(x, p, t)        -> F, dF/d(unknowns)        rows: starts, then constraints
    outputs(x, p, t)      -> outputs, then the watched arguments
    rows(x, p, t)         -> H, A                     of a model with a costly leaf alone
    """
    unknowns = [u.symbol for u in model.unknowns]
    x = unknowns + [link.symbol for link in model.links]
    v = rates_of(model)
    p = [q.symbol for q in model.parameters]
    at_rest: Arguments = [("x", x), ("p", p), ("t", [TIME])]
    moving: Arguments = [("x", x), ("v", v), ("p", p), ("t", [TIME])]
    base, linear, curved = _march_programs(model, x, v)
    begin = program(F=[s.residual for s in model.starts] + [c.residual for c in model.constraints])
    begin = differentiate(begin, begin.results["F"], unknowns, "J", "_d")
    shown = program(o=[o.expression for o in model.outputs], w=[w.expression for w in model.watches])
    linear_doc = "H, A = dH/dx, sources, dH/dtime, inflows."
    curved_doc = "H, A, sources, d(A v - sources + dH/dtime)/dx, d(sources)/dx, d(inflows)/dx."
    return "\n".join(
        [
            '"""Generated from the declaration of the model: do not edit."""',
            "import math",
            "",
            "",
            emit("storage", base.keep("H"), at_rest, "Scaled storage and residuals."),
            emit("linear", linear.keep("H", "A", "s", "H_t", "i"), at_rest, linear_doc),
            emit("curvature", curved.keep("H", "A", "s", "G", "S", "I"), moving, curved_doc),
            emit("start", begin, at_rest, "Residuals of the start and their Jacobian."),
            emit("outputs", shown, at_rest, "Outputs and watched arguments."),
            *([emit("rows", linear.keep("H", "A"), at_rest, "H, A = dH/dx.")] if _is_costly(model) else []),
            *_carried(model, x, v, moving),
        ]
    )


def _is_costly(model: Model) -> bool:
    """Whether a leaf of the model takes longer than all its other equations."""
    return any(leaf.external.costly for leaf in model.externals.values())


def rates_of(model: Model) -> list[sympy.Symbol]:
    """Symbols of the rates of the unknowns and then the links."""
    names = [*(u.name for u in model.unknowns), *(link.name for link in model.links)]
    return [sympy.Symbol(f"rate_of_{name}", real=True) for name in names]


def moved_program(
    model: Model, x: Sequence[sympy.Symbol], v: Sequence[sympy.Symbol]
) -> tuple[Program, Program, Program, list[sympy.Expr]]:
    """The programs of storage, of linear, and of A v too; then the rows A v - [sources; 0] + dH/dtime.

    x: unknowns and then links, v: their rates. The rows are written in the symbols of the third program.
    """
    storage, sources = scaled_rows(model)
    rows = storage + [c.residual for c in model.constraints]
    base = program(H=rows, s=sources, i=[i.expression for i in model.inflows])
    linear = differentiate(base, base.results["H"], x, "A", "_d")
    linear = differentiate(linear, base.results["H"], [TIME], "H_t", "_h")
    # A v at the cost of H itself
    moved = differentiate(linear, linear.results["H"], x, "Av", "_v", along=v)
    s = [*moved.results["s"], *[0] * (len(rows) - len(sources))]
    pull = [Av + H_t - source for Av, H_t, source in zip(moved.results["Av"], moved.results["H_t"], s)]
    return base, linear, moved, pull


def _march_programs(
    model: Model, x: Sequence[sympy.Symbol], v: Sequence[sympy.Symbol]
) -> tuple[Program, Program, Program]:
    """The programs of storage, linear and curvature; x: unknowns and then links, v: their rates."""
    base, linear, moved, pull = moved_program(model, x, v)
    curved = differentiate(moved, pull, x, "G", "_g")
    curved = differentiate(curved, curved.results["s"], x, "S", "_k")
    curved = differentiate(curved, curved.results["i"], x, "I", "_j")
    return base, linear, curved


def carried_rows(model: Model) -> list[sympy.Expr]:
    """What is carried of the balances that have it, each divided by the balance's scale."""
    return [b.carried / (1 if b.scale is None else b.scale) for b in model.balances if b.carried != 0]


def _carried(
    model: Model, x: Sequence[sympy.Symbol], v: Sequence[sympy.Symbol], arguments: Arguments
) -> list[str]:
    """Text of `carried`, where a balance has it: c at the rates v of x, and its derivatives by x and by v."""
    rows = carried_rows(model)
    if not rows:
        return []
    code = program(c=rows)
    code = differentiate(code, code.results["c"], x, "C", "_d")
    code = differentiate(code, code.results["c"], v, "C_v", "_v")
    doc = "What is carried with the rates v, and its derivatives by x and by v."
    return [emit("carried", code, arguments, doc)]
