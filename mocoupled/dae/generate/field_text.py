"""Source text of a field's functions: numpy code over all cells or faces at once, with its derivatives.

The length of the text does not depend on the number of cells, nor does the time to generate it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sympy

from ..declare.field import Field, profile
from ..declare.model import Model
from ..leaves.curve_tables import Column, LevelTable, Table
from ..leaves.external import LeafBase
from .printers import ArrayPrinter
from .python_module import TEXTS, function_lines, identifier, run, with_derivatives
from .source_text import ShortPrinter, emit
from .straight_line_programs import Program, differentiate, program_with, prune

HEAD = [
    '"""Generated from the declaration of the field: do not edit."""',
    "import math",
    "import numpy",
    "",
    "",
]

Group = tuple[int, sympy.Expr]  # of leaves that share a look-up: identity of the table, argument


@dataclass(frozen=True)
class Stencil:
    """The compiled functions of a field; arrays are (cells,) or (faces,).

    here, above and below stand for one array of each component. The levels follow them, as numbers.
    Derivatives by several arguments are in one list, those of the first row first.

    cells(here) -> storages, d storages, sources, totals, d totals
        and with levels: the totals' derivatives by the levels
    cells_curved(here) -> d2 storages, d sources, d2 totals
        and with levels: the derivatives of the totals' derivatives by levels, by here and by the levels
    faces(above, below) -> fluxes, then the quantities of the face links
    faces_linear(above, below) -> for each of these its derivatives by above, by below and by the levels
    edges(e) -> values, gradients (by e, which are the components of three cells and the levels)
    edges_curved(e, v) -> gradients of (gradient . v)
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


@dataclass(frozen=True)
class _Generated:
    """A generated text; tables: name of each in the text -> its number, see `_tables`."""

    source: str
    tables: dict[str, int]


_generated: OrderedDict[str, _Generated] = OrderedDict()  # fingerprint -> text, of this process


def stencil(model: Model, field: Field) -> Stencil:
    """Generate and compile the functions of the model's field.

    Fields that differ in profiles, starts and the numbers of their tables only share one generation.
    """
    leaves = model.field_externals
    tables = _tables(leaves.values())
    key = _fingerprint(model, field, leaves, tables)
    if key not in _generated:
        _generated[key] = _text(model, field, tables)
        if len(_generated) > TEXTS:
            _generated.popitem(last=False)
    text = _generated[key]
    numbered = {number: table for table, number in tables.values()}
    bound = {name: numbered[number] for name, number in text.tables.items()}
    return Stencil(text.source, **_compiled(text.source, leaves.values(), field, bound))


def _tables(leaves: Iterable[type[LeafBase]]) -> dict[int, tuple[Table | LevelTable, int]]:
    """Identity of each table of the leaves -> the table, and its number in their order."""
    tables: dict[int, tuple[Table | LevelTable, int]] = {}
    for leaf in leaves:
        function = leaf.external.function
        if isinstance(function, Column):
            tables.setdefault(id(function.table), (function.table, len(tables)))
    return tables


def _fingerprint(
    model: Model,
    field: Field,
    leaves: Mapping[str, type[LeafBase]],
    tables: Mapping[int, tuple[Table | LevelTable, int]],
) -> str:
    """The input that determines the generated text: names and expressions, and which leaves share a table."""
    written = ShortPrinter().doprint
    parts = [component.name for component in field.components] + [level.name for level in field.levels]
    parts += [symbol.name for symbol, _ in field.definitions] + [str(len(field.outputs)), *field.numbers]
    parts += [written(sympy.sympify(e)) for e in field.expressions]
    parts += [f"{link.kind} {written(sympy.sympify(link.expression))}" for link in model.links]
    for name, leaf in leaves.items():
        function = leaf.external.function
        shared = f"{tables[id(function.table)][1]} {function.number}" if isinstance(function, Column) else ""
        parts.append(f"{name} {leaf.orders} {shared}")
    return "\n".join(parts)


def _text(model: Model, field: Field, tables: Mapping[int, tuple[Table | LevelTable, int]]) -> _Generated:
    """The text of the functions of the model's field."""
    expressions = {
        kind: [link.expression for link in model.links if link.kind == kind]
        for kind in ("edge", "total", "face")
    }
    writer = _ArrayWriter()
    lines = [
        *HEAD,
        *_cells(field, expressions["total"], writer),
        *_faces(field, expressions["face"], writer),
        *_edges(field, expressions["edge"]),
    ]
    return _Generated("\n".join(lines), {name: tables[key][1] for key, name in writer.tables.items()})


def slopes_of_outputs(model: Model, field: Field) -> Callable:
    """A function of here and levels: the derivatives of each stored quantity by all of these, (cells,)."""
    writer, arguments = _ArrayWriter(), (*field.here, *field.levels)
    code = program_with(field.definitions, o=[output.expression for output in field.stored])
    code = differentiate(code, code.results["o"], arguments, "d", "_d")
    source = "\n".join([*HEAD, *writer.function("slopes", code.keep("d"), arguments)])
    leaves = model.field_externals.values()
    tables = _tables(leaves)
    bound = {name: tables[key][0] for key, name in writer.tables.items()}
    slopes: Callable = _compiled(source, leaves, field, bound)["slopes"]
    return slopes


def slopes_by_numbers(model: Model, field: Field, names: Sequence[str]) -> dict[str, Callable]:
    """Derivatives by numbers of the field, those of the first row first; arguments as those of Stencil.

    cells(here) -> of the totals, of their derivatives by here and by the levels
    faces(above, below) -> of the fluxes, of the face links
    outputs(here) -> of what is stored of every cell
    """
    writer, by = _ArrayWriter(), [profile(name) for name in names]
    here, at_face, levels = field.here, field.at_face, field.levels
    expressions = {
        kind: [link.expression for link in model.links if link.kind == kind] for kind in ("total", "face")
    }
    cells = program_with(field.definitions, m=expressions["total"])
    cells = differentiate(cells, cells.results["m"], here, "dm", "_q")
    cells = differentiate(cells, cells.results["m"], levels, "ml", "_r")
    for name, prefix in (("m", "_d"), ("dm", "_f"), ("ml", "_g")):
        cells = differentiate(cells, cells.results[name], by, f"{name}_p", prefix)
    faces = program_with(field.definitions, f=[c.flux for c in field.components], k=expressions["face"])
    for name, prefix in (("f", "_d"), ("k", "_f")):
        faces = differentiate(faces, faces.results[name], by, f"{name}_p", prefix)
    outputs = program_with(field.definitions, o=[output.expression for output in field.stored])
    outputs = differentiate(outputs, outputs.results["o"], by, "o_p", "_d")
    lines = [
        *HEAD,
        *writer.function("cells", cells.keep("m_p", "dm_p", "ml_p"), (*here, *levels)),
        *writer.function("faces", faces.keep("f_p", "k_p"), (*at_face, *levels)),
        *writer.function("outputs", outputs.keep("o_p"), (*here, *levels)),
    ]
    leaves = model.field_externals.values()
    tables = _tables(leaves)
    bound = {name: tables[key][0] for key, name in writer.tables.items()}
    return _compiled("\n".join(lines), leaves, field, bound)


def _cells(field: Field, totals: Sequence[sympy.Expr], writer: _ArrayWriter) -> list[str]:
    """Text of the functions `cells` and `cells_curved`."""
    levels, here, components = list(field.levels), field.here, field.components
    arguments = (*here, *levels)
    storages, sources = [c.storage for c in components], [c.source for c in components]
    cells = program_with(field.definitions, y=storages, s=sources, m=totals)
    cells = differentiate(cells, cells.results["y"], here, "dy", "_d")
    cells = differentiate(cells, cells.results["m"], here, "dm", "_q")
    first = ["y", "dy", "s", "m", "dm"]
    if levels:
        cells = differentiate(cells, cells.results["m"], levels, "ml", "_r")
        first += ["ml"]
    text = writer.function("cells", cells.keep(*first), arguments)
    curved = differentiate(cells, cells.results["dy"], here, "ddy", "_f")
    curved = differentiate(curved, curved.results["s"], here, "ds", "_g")
    curved = differentiate(curved, curved.results["dm"], here, "ddm", "_h")
    second = ["ddy", "ds", "ddm"]
    if levels:
        curved = differentiate(curved, curved.results["ml"], here, "dml", "_i")
        curved = differentiate(curved, curved.results["ml"], levels, "mll", "_j")
        second += ["dml", "mll"]
    return text + writer.function("cells_curved", curved.keep(*second), arguments)


def _faces(field: Field, quantities: Sequence[sympy.Expr], writer: _ArrayWriter) -> list[str]:
    """Text of the functions `faces`, `faces_linear` and `outputs`."""
    arguments = (*field.at_face, *field.levels)
    faces = program_with(field.definitions, f=[c.flux for c in field.components], k=quantities)
    both = [*faces.results["f"], *faces.results["k"]]
    linear = differentiate(faces, both, arguments, "d", "_d")
    outputs = program_with(field.definitions, o=[output.expression for output in field.stored])
    return [
        *writer.function("faces", faces.keep("f", "k"), arguments),
        *writer.function("faces_linear", linear.keep("d"), arguments),
        *writer.function("outputs", outputs.keep("o"), (*field.here, *field.levels)),
    ]


def _edges(field: Field, links: Sequence[sympy.Expr]) -> list[str]:
    """Text of the functions `edges` and `edges_curved`."""
    seen = (*field.at_edges, *field.levels)
    width = len(seen)
    names = [f"v_{symbol.name}" for symbol in field.at_edges]
    names += [f"v_of_{level.name}" for level in field.levels]
    v = [sympy.Symbol(name, real=True) for name in names]
    edges = program_with(field.definitions, z=links)
    edges = differentiate(edges, edges.results["z"], seen, "dz", "_d")
    gradients = [edges.results["dz"][width * k : width * (k + 1)] for k in range(len(links))]
    along = [sympy.Add(*(g * w for g, w in zip(gradient, v))) for gradient in gradients]
    bent = differentiate(edges, along, seen, "W", "_w")
    values_doc, rates_doc = "Edge links and their gradients.", "Gradients of the edge links' rates."
    return [
        emit("edges", edges.keep("z", "dz"), [("e", seen)], values_doc),
        emit("edges_curved", bent.keep("W"), [("e", seen), ("v", v)], rates_doc),
    ]


class _ArrayWriter:
    """Writes functions of arrays. Leaves of one table and argument share a look-up."""

    def __init__(self) -> None:
        self.tables: dict[int, str] = {}  # identity of a table -> its name in the text

    def function(self, name: str, code: Program, arguments: Sequence[sympy.Symbol]) -> list[str]:
        """The lines of one function, which returns the results of the program."""
        code = prune(code)
        shown = [e for row in code.results.values() for e in row]
        order: dict[Group, int] = {}
        for expression in [*(e for _, e in code.steps), *shown]:
            for leaf in expression.atoms(LeafBase):
                key = _group(leaf)
                order[key] = max(order.get(key, 0), leaf.func.orders[0])
        looked: dict[Group, str] = {}
        printer = _TablePrinter(looked)
        lines: list[str] = []

        def put(expression: sympy.Expr) -> str:
            """The text of an expression; the lines of look-ups that it needs are added."""
            for leaf in sorted(expression.atoms(LeafBase), key=str):
                key = _group(leaf)
                if key not in looked:
                    table = self.tables.setdefault(key[0], f"table_{len(self.tables)}")
                    looked[key] = f"look_{len(looked)}"
                    lines.append(f"    {looked[key]} = {table}({printer.doprint(key[1])}, {order[key]})")
            return printer.doprint(expression)

        def whole(expression: sympy.Expr) -> str:
            """The text of a result, which is an array even where it is a number."""
            text = put(expression)
            if expression.is_number:
                return f"numpy.full(len({arguments[0].name}), {text}, dtype=float)"
            return text

        for symbol, expression in code.steps:
            text = put(expression)  # first: it may add the line of a look-up
            lines.append(f"    {identifier(symbol.name)} = {text}")
        rows = [[whole(e) for e in row] for row in code.results.values()]
        return function_lines(name, [a.name for a in arguments], lines, rows)


class _TablePrinter(ArrayPrinter):
    """numpy code in which a leaf of a table is an entry of its look-up."""

    def __init__(self, looked: dict[Group, str]) -> None:
        """looked: group of leaves -> name of the look-up."""
        super().__init__()
        self._looked = looked

    def _print_LeafBase(self, leaf: LeafBase) -> str:
        return f"{self._looked[_group(leaf)]}[{leaf.func.orders[0]}][{_column(leaf).number}]"


def _column(leaf: LeafBase) -> Column:
    column: Column = leaf.func.external.function
    return column


def _group(leaf: LeafBase) -> Group:
    return id(_column(leaf).table), leaf.args[0]


def _compiled(
    source: str,
    leaves: Iterable[type[LeafBase]],
    field: Field,
    tables: Mapping[str, Table | LevelTable],
) -> dict[str, Callable]:
    """Run the generated module, with the tables, the profiles and the leaves of the edge links bound."""
    names: dict[str, np.ndarray | Table | LevelTable] = {
        identifier(name): np.asarray(values, dtype=float)
        for name, values in (*field.profiles.items(), *field.numbers.items())
    }
    called = [leaf for leaf in leaves if not isinstance(leaf.external.function, Column)]
    return run(source, "field", with_derivatives(called, 2), {**names, **tables})
