"""Source text of a field's functions: numpy code over all cells or faces at once, its derivatives generated with it.

The length of the text does not depend on the number of cells, nor does the time to generate it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import sympy

from ..declare.field import ABOVE, BELOW, FIRST, HERE, LAST, SECOND
from ..declare.model import Model
from ..leaves.curve_tables import Column
from ..leaves.external import LeafBase
from .printers import ArrayPrinter
from .source_text import emit, identifier
from .straight_line_programs import Program, differentiate, program_with, prune

EDGES = (FIRST, SECOND, LAST)


@dataclass(frozen=True)
class Stencil:
    """The compiled functions of a field; arrays are (cells,) or (faces,). The levels follow each array argument, as numbers.

    cells(here) -> storage, d storage, source, totals, d totals; cells_curved(here) -> d2 storage, d source, d2 totals;
    with levels also the totals' derivatives by them, and then those of these by here and by the levels
    faces(above, below) -> flux, then the quantities of the face links
    faces_linear(above, below) -> the derivatives of each of these by above, by below and by the levels, in one list
    edges(e) -> values, gradients (3 and the levels each); edges_curved(e, v) -> gradients of (gradient . v)
    outputs(here) -> what is stored of every cell
    """

    source: str
    cells: Callable
    cells_curved: Callable
    faces: Callable
    faces_linear: Callable
    edges: Callable
    edges_curved: Callable
    outputs: Callable


def stencil(model: Model) -> Stencil:
    """Generate and compile the functions of the model's field."""
    field = model.field
    of = {
        kind: [link.expression for link in model.links if link.kind == kind]
        for kind in ("edge", "total", "face")
    }
    tables: dict[int, str] = {}
    text = [
        '"""Generated from the declaration of the field: do not edit."""',
        "import math",
        "import numpy",
        "",
        "",
    ]

    levels, named = list(field.levels), field.definitions
    cells = program_with(named, y=[field.storage], s=[field.source], m=of["total"])
    cells = differentiate(cells, cells.results["y"], [HERE], "dy", "_d")
    cells = differentiate(cells, cells.results["m"], [HERE], "dm", "_q")
    if levels:
        cells = differentiate(cells, cells.results["m"], levels, "ml", "_r")
    text += _arrays("cells", cells, "y dy s m dm" + " ml" * bool(levels), (HERE, *levels), tables)
    curved = differentiate(cells, cells.results["dy"], [HERE], "ddy", "_f")
    curved = differentiate(curved, curved.results["s"], [HERE], "ds", "_g")
    curved = differentiate(curved, curved.results["dm"], [HERE], "ddm", "_h")
    if levels:
        curved = differentiate(curved, curved.results["ml"], [HERE], "dml", "_i")
        curved = differentiate(curved, curved.results["ml"], levels, "mll", "_j")
    text += _arrays("cells_curved", curved, "ddy ds ddm" + " dml mll" * bool(levels), (HERE, *levels), tables)

    faces = program_with(named, f=[field.flux], k=of["face"])
    text += _arrays("faces", faces, "f k", (ABOVE, BELOW, *levels), tables)
    linear = differentiate(
        faces, [*faces.results["f"], *faces.results["k"]], [ABOVE, BELOW, *levels], "d", "_d"
    )
    text += _arrays("faces_linear", linear, "d", (ABOVE, BELOW, *levels), tables)
    text += _arrays(
        "outputs", program_with(named, o=[o.expression for o in field.outputs]), "o", (HERE, *levels), tables
    )

    seen = (*EDGES, *levels)
    v = [
        sympy.Symbol(name, real=True)
        for name in ("v_first", "v_second", "v_last", *(f"v_of_{level.name}" for level in levels))
    ]
    edges = program_with(named, z=of["edge"])
    edges = differentiate(edges, edges.results["z"], seen, "dz", "_d")
    text.append(
        emit(
            "edges",
            Program(edges.steps, {n: edges.results[n] for n in ("z", "dz")}),
            [("e", seen)],
            "Edge links and their gradients.",
        )
    )
    width = len(seen)
    along = [
        sympy.Add(*(g * w for g, w in zip(edges.results["dz"][width * k :], v)))
        for k in range(len(of["edge"]))
    ]
    bent = differentiate(edges, along, seen, "W", "_w")
    text.append(
        emit(
            "edges_curved",
            Program(bent.steps, {"W": bent.results["W"]}),
            [("e", seen), ("v", v)],
            "Gradients of the edge links' rates.",
        )
    )

    source = "\n".join(text)
    return Stencil(source, **_compiled(source, model, tables))


def _arrays(name, code, results, arguments, tables) -> list[str]:
    """Source lines of one function of arrays. Leaves of one table and argument share a look-up; tables: id -> name."""
    code = prune(Program(code.steps, {key: code.results[key] for key in results.split()}))
    shown = [e for key in results.split() for e in code.results[key]]
    order: dict[tuple[int, sympy.Expr], int] = {}
    for expression in [e for _, e in code.steps] + shown:
        for leaf in expression.atoms(LeafBase):
            key = _group(leaf)
            order[key] = max(order.get(key, 0), leaf.func.orders[0])
    looked: dict[tuple[int, sympy.Expr], str] = {}
    printer = _Printer(looked)
    lines = [f"def {name}({', '.join(a.name for a in arguments)}):"]

    def put(expression):
        for leaf in sorted(expression.atoms(LeafBase), key=str):
            key = _group(leaf)
            if key not in looked:
                table = tables.setdefault(key[0], f"table_{len(tables)}")
                looked[key] = f"look_{len(looked)}"
                lines.append(f"    {looked[key]} = {table}({printer.doprint(key[1])}, {order[key]})")
        return printer.doprint(expression)

    for symbol, expression in code.steps:
        text = put(expression)  # first: it may add the line of a look-up
        lines.append(f"    {identifier(symbol.name)} = {text}")

    def whole(expression):
        """The text of a result, which is an array even where it is one number."""
        text = put(expression)
        return f"numpy.full(len({arguments[0].name}), {text}, dtype=float)" if expression.is_number else text

    rows = [f"[{', '.join(whole(e) for e in code.results[key])}]" for key in results.split()]
    return [*lines, f"    return {', '.join(rows)}", "", ""]


class _Printer(ArrayPrinter):
    """numpy code in which a leaf of a table is an entry of its look-up. looked: group of leaves -> name of the look-up."""

    def __init__(self, looked):
        super().__init__()
        self._looked = looked

    def _print_LeafBase(self, leaf):
        return f"{self._looked[_group(leaf)]}[{leaf.func.orders[0]}][{_column(leaf).number}]"


def _column(leaf) -> Column:
    return leaf.func.external.function


def _group(leaf):
    return id(_column(leaf).table), leaf.args[0]


def _compiled(source, model, tables) -> dict[str, Callable]:
    """Run the generated module, with the tables, the profiles and the leaves of the edge links bound."""
    namespace: dict = {"__name__": "mocoupled.generated"}
    field = model.field
    namespace |= {
        identifier(name): np.asarray(values, dtype=float) for name, values in (field.profiles or {}).items()
    }
    for leaf in model.field_externals.values():
        function = leaf.external.function
        if isinstance(function, Column) and id(function.table) in tables:
            namespace[tables[id(function.table)]] = function.table
        elif not isinstance(function, Column):
            for extra in range(3):
                orders = (leaf.orders[0] + extra,)
                namespace[identifier(leaf.external.leaf(orders).__name__)] = partial(function, orders)
    exec(compile(source, "<generated field>", "exec"), namespace)  # our own generated text, never from a file
    names = ("cells", "cells_curved", "faces", "faces_linear", "edges", "edges_curved", "outputs")
    return {name: namespace[name] for name in names}
