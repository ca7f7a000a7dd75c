"""The declaration of a differential-algebraic model: unknowns, balances, constraints; nothing is solved here.

A Balance says d(storage)/dt = source.
A Constraint says residual = 0 at every instant; a Start says residual = 0 at the start only.
Models are frozen. `join` adds them up, and balances of the same name add their terms.
In this way one part of a planet acts on another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import sympy

from ...errors import ModelError
from ..leaves.external import LeafBase
from .field import Field, Inflow, Link
from .matching import place
from .repeated_parts import free_symbols

TIME = sympy.Symbol("time", real=True)


@dataclass(frozen=True)
class Unknown:
    """An unknown of the model.

    guess: where a cold start begins.
    scale: the size below which a change does not matter (absolute tolerance is rtol * scale).
    step: largest change in one Newton step, for logarithms (None: unlimited).
    kink: a value where the equations bend sharply; a Newton step that would cross it stops there.
    high: the unknown's upper bound; a Newton step stops there too.
    follows: determined algebraically by the field; excluded from error control.
    unit, long_name: text.
    """

    name: str
    unit: str = "1"
    guess: float = 0.0
    scale: float = 1.0
    step: float | None = None
    kink: float | None = None
    high: float | None = None
    follows: bool = False
    long_name: str = ""

    @property
    def symbol(self) -> sympy.Symbol:
        """The symbol by which expressions use it."""
        return sympy.Symbol(self.name, real=True)


@dataclass(frozen=True)
class Parameter:
    """A number that may change between solves without a new generation of code.

    error: published uncertainty (+-) in `unit`, or None. source: where the value is from.
    """

    name: str
    value: float
    unit: str = "1"
    long_name: str = ""
    error: float | None = None
    source: str = ""

    @property
    def symbol(self) -> sympy.Symbol:
        """The symbol by which expressions use it."""
        return sympy.Symbol(self.name, real=True)


@dataclass(frozen=True)
class Balance:
    """d(storage)/dt = source + carried.

    scale: the size by which the storage is divided (a number or an expression of parameters; None: 1).
    carried: linear in the rates of edge and total links (Link.rate); it is accumulated apart from the source.
    Only balances of unknowns that follow from a field may have it.
    """

    name: str
    storage: sympy.Expr = sympy.S.Zero
    source: sympy.Expr = sympy.S.Zero
    scale: sympy.Expr | float | None = None
    unit: str = "1"
    carried: sympy.Expr = sympy.S.Zero


@dataclass(frozen=True)
class Constraint:
    """residual = 0 at every instant; the residual is of order one when it is badly violated."""

    name: str
    residual: sympy.Expr


@dataclass(frozen=True)
class Start:
    """residual = 0 at the start; a model has as many starts as balances."""

    name: str
    residual: sympy.Expr


@dataclass(frozen=True)
class Output:
    """A quantity to store: variable `name`, or its entry `label` along `dimension`.

    mean_rate: what is stored is the change of the expression since the previous stored time, over the time
    passed; at the first time, that until the next one. `unit` is then that of the rate.
    logarithm: whether it is a logarithm itself, so that its changes are not counted relative to it.
    """

    name: str
    expression: sympy.Expr
    unit: str
    long_name: str
    dimension: str = ""
    label: str = ""
    mean_rate: bool = False
    logarithm: bool = False


@dataclass(frozen=True)
class Watch:
    """A range outside which a law is extrapolated: recorded with every run, never silent.

    buffer: the oxygen buffer to which argument and range are relative, or "".
    """

    law: str
    argument: str
    expression: sympy.Expr
    low: float
    high: float
    unit: str
    reference: str
    buffer: str = ""


@dataclass(frozen=True)
class Model:
    """A page of equations. Well-posedness is checked by `check`, which every System calls.

    field: unknowns along a line of cells.
    links: what the other equations see of the field, as symbols. inflows: what enters the field from outside.
    """

    name: str = ""
    unknowns: tuple[Unknown, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    balances: tuple[Balance, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    starts: tuple[Start, ...] = ()
    outputs: tuple[Output, ...] = ()
    watches: tuple[Watch, ...] = ()
    field: Field | None = None
    links: tuple[Link, ...] = ()
    inflows: tuple[Inflow, ...] = ()

    @property
    def expressions(self) -> list[sympy.Expr]:
        """Every expression of the model outside the field."""
        rows = [e for b in self.balances for e in (b.storage, b.source, b.scale)]
        rows += [c.residual for c in self.constraints] + [s.residual for s in self.starts]
        rows += [o.expression for o in self.outputs] + [w.expression for w in self.watches]
        rows += [i.expression for i in self.inflows]
        return [sympy.sympify(e) for e in rows if e is not None]

    @cached_property
    def externals(self) -> dict[str, type[LeafBase]]:
        """Leaves outside the field by name: values, and those derivatives that occur explicitly."""
        return _leaves([*self.expressions, *(sympy.sympify(b.carried) for b in self.balances)])

    @property
    def field_externals(self) -> dict[str, type[LeafBase]]:
        """Leaves of the field and its links by name."""
        if self.field is None:
            return {}
        rows = [*self.field.expressions, *(link.expression for link in self.links)]
        return _leaves(map(sympy.sympify, rows))

    @property
    def symbols(self) -> dict[str, sympy.Symbol]:
        """Symbols of unknowns, links and parameters by name, in this order.

        ModelError where two of them have one name.
        """
        named = [(u.name, u.symbol) for u in self.unknowns]
        named += [(link.name, link.symbol) for link in self.links]
        named += [(p.name, p.symbol) for p in self.parameters]
        _unique("symbols", [name for name, _ in named])
        return dict(named)

    def check(self) -> Model:
        """Return the model; raise ModelError unless it is well posed."""
        for kind in ("unknowns", "parameters", "balances", "constraints", "starts"):
            _unique(kind, [item.name for item in getattr(self, kind)])
        declared = set(self.symbols.values()) | {TIME}
        self._check_numbers()
        self._check_symbols(declared)
        if self.field is not None:
            names = {u.symbol for u in self.unknowns}
            odd = [level.name for level in self.field.levels if level not in names]
            if odd:
                raise ModelError(f"model {self.name}: the field's level {odd[0]!r} is no unknown")
            values = {parameter.name: parameter.value for parameter in self.parameters}
            for name, number in self.field.numbers.items():
                if values.get(name) != number:
                    raise ModelError(f"model {self.name}: no parameter {name!r} has the field's {number!r}")
            self.field.check(self.links)
            for inflow in self.inflows:
                entered = self.field.components[self.field.component(inflow.component)]
                if entered.conserved:
                    raise ModelError(f"model {self.name}: {entered.name} is conserved, but has an inflow")
        self._check_structure()
        return self

    def _check_numbers(self) -> None:
        """As many rows as unknowns, as many starts as balances, and no links without a field."""
        rows, columns = len(self.balances) + len(self.constraints), len(self.unknowns)
        if rows != columns:
            raise ModelError(
                f"model {self.name}: {len(self.balances)} balances and {len(self.constraints)} constraints "
                f"for {columns} unknowns ({', '.join(u.name for u in self.unknowns)})"
            )
        if len(self.starts) != len(self.balances):
            raise ModelError(
                f"model {self.name}: {len(self.starts)} starts for {len(self.balances)} balances"
            )
        if self.field is None and (self.links or self.inflows):
            raise ModelError(f"model {self.name}: links or inflows without a field")

    def _check_symbols(self, declared: set[sympy.Symbol]) -> None:
        """Every symbol outside the field is declared; only `carried` may have rates of links."""
        moving = declared | {link.rate for link in self.links if link.kind != "face"}
        loose = sorted(s.name for s in free_symbols(b.carried for b in self.balances) - moving)
        if loose:
            raise ModelError(f"model {self.name}: undeclared symbols in what is carried: {', '.join(loose)}")
        loose = sorted({s.name for s in free_symbols(self.expressions) - declared})
        if loose:
            raise ModelError(f"model {self.name}: undeclared symbols {', '.join(loose)}")

    def _check_structure(self) -> None:
        """Each unknown needs a row in which it occurs, all different (a perfect matching)."""
        columns = {u.symbol: j for j, u in enumerate(self.unknowns)}
        rows = [(b.name, sympy.sympify(b.storage)) for b in self.balances]
        rows += [(c.name, sympy.sympify(c.residual)) for c in self.constraints]
        reach = [[columns[s] for s in free_symbols([e]) if s in columns] for _, e in rows]
        owner: dict[int, int] = {}
        for row, (name, _) in enumerate(rows):
            if not place(row, reach, owner, set()):
                raise ModelError(
                    f"model {self.name}: no unknown is left for the row '{name}': it repeats other rows"
                )


def _leaves(expressions: Iterable[sympy.Expr]) -> dict[str, type[LeafBase]]:
    """The leaves in the expressions by name, sorted."""
    seen: set[sympy.Basic] = set()
    waiting: list[sympy.Basic] = list(expressions)
    while waiting:  # many expressions share their parts
        part = waiting.pop()
        if part not in seen:
            seen.add(part)
            waiting += part.args
    leaves = {part.func for part in seen if isinstance(part, LeafBase)}
    return {leaf.__name__: leaf for leaf in sorted(leaves, key=lambda leaf: leaf.__name__)}


def _unique(kind: str, names: Sequence[str]) -> None:
    """ModelError for names that occur twice."""
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise ModelError(f"{kind} declared twice: {', '.join(twice)}")


def join(name: str, *models: Model) -> Model:
    """The sum of models: their declarations side by side, balances of the same name added up."""
    merged: dict[str, Balance] = {}
    for balance in (b for m in models for b in m.balances):
        if balance.name not in merged:
            merged[balance.name] = balance
            continue
        first = merged[balance.name]
        merged[balance.name] = replace(
            first,
            storage=first.storage + balance.storage,
            source=first.source + balance.source,
            carried=first.carried + balance.carried,
            scale=first.scale if first.scale is not None else balance.scale,
        )
    others = {
        f.name: tuple(item for m in models for item in getattr(m, f.name))
        for f in fields(Model)
        if f.name not in ("name", "balances", "field")
    }
    present = [m.field for m in models if m.field is not None]
    if len(present) > 1:
        raise ModelError(f"model {name}: more than one field ({', '.join(f.name for f in present)})")
    field = present[0] if present else None
    return Model(name=name, balances=tuple(merged.values()), field=field, **others)
