"""The declaration of a field: one unknown along a line of cells, its balance as a stencil, and its links to the rest.

A cell's balance is d(storage)/dt = flux from below - flux to above + source, where the flux is told once, for the face
between a cell (`above`) and the next (`below`). Cells are counted from the top. The rest of the model sees the field
through links (a function of the outermost cells, a sum over the cells, a quantity at a face) and acts on it through
inflows into the first cell, the last one or all, and by its levels: scalar unknowns in the flux and the links themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import sympy

from ...errors import ModelError

HERE, ABOVE, BELOW = sympy.symbols(
    "here above below", real=True
)  # of a cell; of a face: the cells it lies between
FIRST, SECOND, LAST = sympy.symbols("first second last", real=True)  # the outermost cells
CELL, FACE = {HERE}, {ABOVE, BELOW}
EDGE = {FIRST, SECOND, LAST}


@dataclass(frozen=True)
class FieldOutput:
    """A quantity of every cell to store, as an expression in HERE."""

    name: str
    expression: sympy.Expr
    unit: str
    long_name: str


@dataclass(frozen=True)
class Field:
    """An unknown along cells, from the top down.

    start (n,): its values at the start. storage, source: expressions in HERE; flux: in ABOVE and BELOW, positive
    upwards. profiles: name -> array along the cells (n,) or the faces (n - 1,), used as real symbols of that name.
    levels: scalar unknowns on which flux, links and outputs depend too, the same for all cells; storage and source may not.
    definitions: (symbol, expression) that flux, links and outputs may use, and each other those before.
    low, high: where the tables of the expressions end; beyond, the rates are NaN, which makes the integrator shorten
    its step. scale: the size below which a change does not matter (absolute tolerance is rtol * scale).
    coordinates: name -> (values (n,), unit, long_name), what a reader needs to place the cells.
    """

    name: str
    unit: str
    long_name: str
    start: np.ndarray
    storage: sympy.Expr
    flux: sympy.Expr
    source: sympy.Expr = sympy.S.Zero
    profiles: Mapping[str, np.ndarray] = None
    low: float = -np.inf
    high: float = np.inf
    scale: float = 1.0
    outputs: tuple[FieldOutput, ...] = ()
    coordinates: Mapping[str, tuple[np.ndarray, str, str]] = None
    levels: tuple[sympy.Symbol, ...] = ()
    definitions: tuple[tuple[sympy.Symbol, sympy.Expr], ...] = ()

    @property
    def cells(self) -> int:
        return len(self.start)

    def check(self, links):
        """ModelError for an expression in symbols that it may not have, or a profile of the wrong length."""
        n = self.cells
        lengths = {name: len(values) for name, values in (self.profiles or {}).items()}
        if n < 3:
            raise ModelError(f"field {self.name}: {n} cells; at least 3 are needed")
        told = [
            ("storage", self.storage, CELL, n),
            ("source", self.source, CELL, n),
            ("flux", self.flux, FACE, n - 1),
        ]
        told += [(f"output {o.name}", o.expression, CELL, n) for o in self.outputs]
        told += [(f"link {link.name}", link.expression, *link.domain(n)) for link in links]
        for what, expression, symbols, length in told:
            allowed = symbols if what in ("storage", "source") else symbols | set(self.levels)
            for symbol in self._free(expression) - allowed:
                if lengths.get(symbol.name) != length:
                    raise ModelError(
                        f"field {self.name}: the {what} uses {symbol.name}, which is neither its argument nor a profile of {length} values"
                    )

    def _free(self, expression) -> set[sympy.Symbol]:
        """The symbols of an expression, with those of the definitions that it uses in place of their names."""
        free = set(sympy.sympify(expression).free_symbols)
        for symbol, told in reversed(self.definitions):
            if symbol in free:
                free = free - {symbol} | told.free_symbols
        return free


def profile(name: str) -> sympy.Symbol:
    """The symbol of a profile."""
    return sympy.Symbol(name, real=True)


@dataclass(frozen=True)
class Link:
    """A number that the rest of the model sees of the field, as the symbol of that name.

    kind "edge": expression in FIRST, SECOND and LAST; "total": sum over the cells of an expression in HERE; "face": an
    expression in ABOVE and BELOW at face number `face`.
    """

    name: str
    kind: Literal["edge", "total", "face"]
    expression: sympy.Expr
    unit: str = "1"
    long_name: str = ""
    face: int = 0

    @property
    def symbol(self) -> sympy.Symbol:
        return sympy.Symbol(self.name, real=True)

    @property
    def rate(self) -> sympy.Symbol:
        """Its change per second, for what is carried: see Balance."""
        return sympy.Symbol(f"rate_of_{self.name}", real=True)

    def domain(self, cells: int):
        """The symbols its expression may have, and the length of its profiles."""
        return {"edge": (EDGE, 0), "total": (CELL, cells), "face": (FACE, cells - 1)}[self.kind]


@dataclass(frozen=True)
class Inflow:
    """What enters cells from outside, per second, in the unit of the storage.

    at: the first or the last cell; or all of them, each by its share (n,) of the expression, which then depends on time and parameters alone.
    """

    at: Literal["first", "last", "all"]
    expression: sympy.Expr
    share: np.ndarray | None = None
