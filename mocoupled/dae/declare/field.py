"""The declaration of a field: an unknown along a line of cells, its balance as a stencil, its links.

A cell's balance is d(storage)/dt = flux from below - flux to above + source.
The flux is declared once, for the face between a cell (`above`) and the next cell (`below`).
Cells are counted from the top.
The rest of the model sees the field through links.
A link is a function of the outermost cells, a sum over the cells, or a quantity at a face.
The rest acts on the field through inflows into the first cell, the last cell or all cells.
It acts through levels too: scalar unknowns on which the flux and the links themselves depend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import sympy

from ...errors import ModelError

# of a cell; of a face: the cells above it and below it
HERE, ABOVE, BELOW = sympy.symbols("here above below", real=True)
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

    start (n,): its values at the start.
    storage, source: expressions in HERE; flux: in ABOVE and BELOW, positive upwards.
    profiles: name -> array along the cells (n,) or the faces (n - 1,), used as real symbols of that name.
    levels: scalar unknowns, the same for all cells, on which flux, links and outputs may depend.
    Storage and source may not depend on levels.
    definitions: (symbol, expression) that flux, links and outputs may use; each may use those before it.
    low, high: the limits of the tables in the expressions.
    Outside them the rates are NaN, which makes the integrator shorten its step.
    scale: the size below which a change does not matter (absolute tolerance is rtol * scale).
    coordinates: name -> (values (n,), unit, long_name), which place the cells for a reader.
    """

    name: str
    unit: str
    long_name: str
    start: np.ndarray
    storage: sympy.Expr
    flux: sympy.Expr
    source: sympy.Expr = sympy.S.Zero
    profiles: Mapping[str, np.ndarray] = field(default_factory=dict)
    low: float = -np.inf
    high: float = np.inf
    scale: float = 1.0
    outputs: tuple[FieldOutput, ...] = ()
    coordinates: Mapping[str, tuple[np.ndarray, str, str]] = field(default_factory=dict)
    levels: tuple[sympy.Symbol, ...] = ()
    definitions: tuple[tuple[sympy.Symbol, sympy.Expr], ...] = ()

    @property
    def cells(self) -> int:
        """Number of cells."""
        return len(self.start)

    def check(self, links: Sequence[Link]) -> None:
        """Raise ModelError for symbols that an expression may not have, and for profiles of wrong length."""
        n = self.cells
        lengths = {name: len(values) for name, values in self.profiles.items()}
        if n < 3:
            raise ModelError(f"field {self.name}: {n} cells; at least 3 are needed")
        rows = [
            ("storage", self.storage, CELL, n),
            ("source", self.source, CELL, n),
            ("flux", self.flux, FACE, n - 1),
        ]
        rows += [(f"output {o.name}", o.expression, CELL, n) for o in self.outputs]
        rows += [(f"link {link.name}", link.expression, *link.domain(n)) for link in links]
        for what, expression, symbols, length in rows:
            allowed = symbols if what in ("storage", "source") else symbols | set(self.levels)
            for symbol in self._free(expression) - allowed:
                if lengths.get(symbol.name) != length:
                    raise ModelError(
                        f"field {self.name}: the {what} uses {symbol.name}, which is neither its argument "
                        f"nor a profile of {length} values"
                    )

    def _free(self, expression: sympy.Expr) -> set[sympy.Symbol]:
        """The symbols of an expression, with each definition replaced by the symbols that it uses."""
        free: set[sympy.Symbol] = set(sympy.sympify(expression).free_symbols)
        for symbol, defined in reversed(self.definitions):
            if symbol in free:
                free = free - {symbol} | defined.free_symbols
        return free


def profile(name: str) -> sympy.Symbol:
    """The symbol of a profile."""
    return sympy.Symbol(name, real=True)


@dataclass(frozen=True)
class Link:
    """A number that the rest of the model sees of the field, as the symbol of that name.

    kind "edge": an expression in FIRST, SECOND and LAST.
    kind "total": the sum over the cells of an expression in HERE.
    kind "face": an expression in ABOVE and BELOW at face number `face`.
    """

    name: str
    kind: Literal["edge", "total", "face"]
    expression: sympy.Expr
    unit: str = "1"
    long_name: str = ""
    face: int = 0

    @property
    def symbol(self) -> sympy.Symbol:
        """The symbol by which other expressions use the link."""
        return sympy.Symbol(self.name, real=True)

    @property
    def rate(self) -> sympy.Symbol:
        """The symbol of its change per second, for Balance.carried."""
        return sympy.Symbol(f"rate_of_{self.name}", real=True)

    def domain(self, cells: int) -> tuple[set[sympy.Symbol], int]:
        """The symbols that its expression may have, and the length of its profiles."""
        return {"edge": (EDGE, 0), "total": (CELL, cells), "face": (FACE, cells - 1)}[self.kind]


@dataclass(frozen=True)
class Inflow:
    """What enters cells from outside, per second, in the unit of the storage.

    at: the first cell, the last cell, or all cells.
    With "all", each cell receives its share (n,) of the expression.
    The expression may then depend on time and parameters alone.
    """

    at: Literal["first", "last", "all"]
    expression: sympy.Expr
    share: np.ndarray | None = None
