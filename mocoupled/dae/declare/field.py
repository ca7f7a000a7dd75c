"""The declaration of a field: unknowns along a line of cells, their balances as stencils, their links.

A field has one or more components, each an unknown of every cell with a balance:
d(storage)/dt = flux from below - flux to above + source.
The storage and the source of each may depend on all components of the cell.
The flux is declared once, for the face between a cell (`above`) and the next cell (`below`).
It may depend on all components of both cells.
Cells are counted from the top.
The rest of the model sees the field through links.
A link is a function of the outermost cells, a sum over the cells, or a quantity at a face.
The rest acts on the field through inflows into the first cell, the last cell or all cells.
It acts through levels too: scalar unknowns on which the fluxes and the links themselves depend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import sympy

from ...errors import ModelError
from .matching import place


@dataclass(frozen=True)
class Places:
    """The symbols of one component.

    here: in a cell. above, below: in the cells above and below a face.
    first, second, last: in the outermost cells.
    """

    here: sympy.Symbol
    above: sympy.Symbol
    below: sympy.Symbol
    first: sympy.Symbol
    second: sympy.Symbol
    last: sympy.Symbol

    @property
    def at_face(self) -> tuple[sympy.Symbol, ...]:
        """above, below."""
        return self.above, self.below

    @property
    def at_edges(self) -> tuple[sympy.Symbol, ...]:
        """first, second, last."""
        return self.first, self.second, self.last


def places(*names: str) -> tuple[Places, ...]:
    """The symbols of the components of these names, for the expressions of one field.

    Those of an only component are `here`, `above`, …; those of several are `here_NAME`, `above_NAME`, ….
    """
    endings = [""] if len(names) == 1 else [f"_{name}" for name in names]
    words = ("here", "above", "below", "first", "second", "last")
    return tuple(Places(*(sympy.Symbol(word + ending, real=True) for word in words)) for ending in endings)


# the symbols of an only component
(ONLY,) = places("only")
HERE, ABOVE, BELOW, FIRST, SECOND, LAST = ONLY.here, *ONLY.at_face, *ONLY.at_edges


@dataclass(frozen=True)
class FieldOutput:
    """A quantity of every cell to store, as an expression in `here` of the components."""

    name: str
    expression: sympy.Expr
    unit: str
    long_name: str


@dataclass(frozen=True)
class Component:
    """An unknown of every cell, with its balance. The name is that of the stored variable too.

    start (n,): its values at the start.
    storage, source: expressions in `here` of all components.
    flux: an expression in `above` and `below` of all components, positive upwards.
    low, high: the limits of the tables in the expressions.
    Outside them the rates are NaN, which makes the integrator shorten its step.
    scale: the size below which a change does not matter (absolute tolerance is rtol * scale).
    conserved: whether its sum over the cells, which nothing may change from outside, is restored in every
    stored state. Its storage is then proportional to it.
    start_slopes: parameter of the model -> d(start)/d(parameter) (n,).
    """

    name: str
    unit: str
    long_name: str
    start: np.ndarray
    storage: sympy.Expr
    flux: sympy.Expr
    source: sympy.Expr = sympy.S.Zero
    low: float = -np.inf
    high: float = np.inf
    scale: float = 1.0
    conserved: bool = False
    start_slopes: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Field:
    """Unknowns along cells, from the top down, that share faces, profiles, levels, definitions and links.

    In the state vector the components of a cell stand side by side, in the order of their declaration:
    those of the first cell, those of the second, ….
    profiles: name -> array along the cells (n,) or the faces (n - 1,), used as real symbols of that name.
    levels: scalar unknowns, the same for all cells, on which fluxes, links and outputs may depend.
    Storages and sources may not depend on levels.
    definitions: (symbol, expression) that all expressions may use; each may use those before it.
    numbers: name of a parameter of the model -> its value, for the fluxes, the outputs, and the links of sums
    and faces. Storages, sources and the links of the outermost cells may not depend on them.
    outputs: what is stored of every cell beside the components themselves.
    coordinates: name -> (values (n,), unit, long_name), which place the cells for a reader.
    """

    components: tuple[Component, ...]
    profiles: Mapping[str, np.ndarray] = field(default_factory=dict)
    levels: tuple[sympy.Symbol, ...] = ()
    definitions: tuple[tuple[sympy.Symbol, sympy.Expr], ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)
    outputs: tuple[FieldOutput, ...] = ()
    coordinates: Mapping[str, tuple[np.ndarray, str, str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The names of the components, for messages."""
        return ", ".join(component.name for component in self.components)

    @property
    def cells(self) -> int:
        """Number of cells."""
        return len(self.components[0].start)

    @property
    def places(self) -> tuple[Places, ...]:
        """The symbols of each component."""
        return places(*(component.name for component in self.components))

    @property
    def here(self) -> tuple[sympy.Symbol, ...]:
        """The components of a cell."""
        return tuple(at.here for at in self.places)

    @property
    def at_face(self) -> tuple[sympy.Symbol, ...]:
        """The components above a face, then those below it."""
        return tuple(symbol for row in zip(*(at.at_face for at in self.places)) for symbol in row)

    @property
    def at_edges(self) -> tuple[sympy.Symbol, ...]:
        """The components of the first cell, those of the second and those of the last."""
        return tuple(symbol for row in zip(*(at.at_edges for at in self.places)) for symbol in row)

    @property
    def start(self) -> np.ndarray:
        """The values at the start in the order of the state vector (cells * components,)."""
        starts = [np.asarray(component.start, dtype=float) for component in self.components]
        return np.stack(starts, axis=1).ravel()

    @property
    def stored(self) -> tuple[FieldOutput, ...]:
        """What is stored of every cell: the components, then the outputs."""
        components = [
            FieldOutput(c.name, symbol, c.unit, c.long_name) for c, symbol in zip(self.components, self.here)
        ]
        return (*components, *self.outputs)

    @property
    def expressions(self) -> list[sympy.Expr]:
        """Every expression of the field."""
        rows = [e for c in self.components for e in (c.storage, c.flux, c.source)]
        return [*rows, *(o.expression for o in self.outputs), *(e for _, e in self.definitions)]

    def component(self, name: str) -> int:
        """The number of the component of this name; "" stands for an only component.

        ModelError where there is none.
        """
        names = [component.name for component in self.components]
        if name == "" and len(names) == 1:
            return 0
        if name not in names:
            text = f"component {name!r} is unknown" if name else "no component is named"
            raise ModelError(f"field {self.name}: {text}; allowed: {', '.join(names)}")
        return names.index(name)

    def check(self, links: Sequence[Link]) -> None:
        """Raise ModelError for symbols that an expression may not have, and for arrays of wrong length."""
        self._check_components()
        self._check_names()
        n = self.cells
        lengths = {name: len(values) for name, values in self.profiles.items()}
        several = len(self.components) > 1
        cell, face, edge = set(self.here), set(self.at_face), set(self.at_edges)
        numbers = {profile(name) for name in self.numbers}
        rows = []
        for component in self.components:
            of = f" of {component.name}" if several else ""
            rows.append((f"storage{of}", component.storage, cell, n))
            rows.append((f"source{of}", component.source, cell, n))
            rows.append((f"flux{of}", component.flux, face | set(self.levels) | numbers, n - 1))
        cell, face, edge = (symbols | set(self.levels) for symbols in (cell, face, edge))
        cell, face = cell | numbers, face | numbers
        rows += [(f"output {o.name}", o.expression, cell, n) for o in self.outputs]
        domains = {"edge": (edge, 0), "total": (cell, n), "face": (face, n - 1)}
        rows += [(f"link {link.name}", link.expression, *domains[link.kind]) for link in links]
        for what, expression, allowed, length in rows:
            for symbol in self._free(expression) - allowed:
                if lengths.get(symbol.name) != length:
                    raise ModelError(
                        f"field {self.name}: the {what} uses {symbol.name}, which is neither its argument "
                        f"nor a profile of {length} values"
                    )
        self._check_storages()
        self._check_conserved()

    def _check_components(self) -> None:
        """There are components, with different names that code may use, and as many values at the start."""
        if not self.components:
            raise ModelError("a field has no component; at least 1 is needed")
        for component in self.components:
            if not component.name.isidentifier():
                raise ModelError(
                    f"field {self.name}: a component is named {component.name!r}; "
                    "allowed: letters, digits and _, with a letter first"
                )
            if np.shape(component.start) != (self.cells,):
                raise ModelError(
                    f"field {self.name}: {component.name} starts with values of shape "
                    f"{np.shape(component.start)}; {self.components[0].name} has {self.cells} cells"
                )
        if self.cells < 3:
            raise ModelError(f"field {self.name}: {self.cells} cells; at least 3 are needed")

    def _check_names(self) -> None:
        """No two of what is stored, and no two symbols, have one name."""
        symbols = [s.name for s in (*self.here, *self.at_face, *self.at_edges, *self.levels)]
        symbols += [*self.profiles, *self.numbers, *(symbol.name for symbol, _ in self.definitions)]
        for what, names in (("stored variables", [o.name for o in self.stored]), ("symbols", symbols)):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ModelError(f"field {self.name}: {what} declared twice: {', '.join(twice)}")

    def _check_storages(self) -> None:
        """The storages determine the components: each needs one on which it depends, all different."""
        columns = {symbol: j for j, symbol in enumerate(self.here)}
        reach = [[columns[s] for s in self._free(c.storage) if s in columns] for c in self.components]
        owner: dict[int, int] = {}
        for row, component in enumerate(self.components):
            if not place(row, reach, owner, set()):
                raise ModelError(
                    f"field {self.name}: no component is left for the storage of {component.name}, "
                    "so that the rates of the components are not determined"
                )

    def _check_conserved(self) -> None:
        """A conserved component has no source, and a storage proportional to it."""
        for component, here in zip(self.components, self.here):
            if not component.conserved:
                continue
            slope = sympy.sympify(component.storage) / here
            if component.source != 0 or self._free(sympy.cancel(slope)) & set(self.here):
                raise ModelError(
                    f"field {self.name}: {component.name} is conserved, but has a source or a storage "
                    "that is not proportional to it"
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

    kind "edge": an expression in `first`, `second` and `last` of the components.
    kind "total": the sum over the cells of an expression in `here` of the components.
    kind "face": an expression in `above` and `below` of the components, at face number `face`.
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


@dataclass(frozen=True)
class Inflow:
    """What enters cells from outside, per second, in the unit of the storage.

    at: the first cell, the last cell, or all cells.
    With "all", each cell receives its share (n,) of the expression.
    The expression may then depend on time and parameters alone.
    component: the name of the component whose balance it enters; a field of one component needs none.
    """

    at: Literal["first", "last", "all"]
    expression: sympy.Expr
    share: np.ndarray | None = None
    component: str = ""
