"""numpy text of functions on arrays, from a tape, which write into memory that is used again and again.

In numpy an operation on some thousand points costs as much to call as to compute.
New memory costs more than both, so that every operation writes into a row of a workspace.
A row is used again once its value is no longer needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..generate.python_module import function_lines
from ..leaves.external import LeafBase
from .function_text import BOOLEAN, Function, function_name, plan
from .nodes import Argument, Call, Exp, Inverse, Log, Node, One, Operation, Power, Product, Sum, Times
from .operations import ONE, Tape

KEPT = 10**6  # uses of what a function returns: its row is never free
OWN_MEMORY = (*BOOLEAN, "where")  # operations whose result numpy allocates


def array_function(
    tape: Tape,
    name: str,
    arguments: Sequence[str],
    roots: Sequence[int],
    hoisted: Mapping[int, int],
    filled: tuple[str, Sequence[int]] = ("", ()),
) -> Function:
    """A function that returns `roots` and fills the rows of the argument filled[0] with the nodes filled[1].

    hoisted: node -> its row in the argument h.
    """
    argument, rows = filled
    writer = _ArrayWriter(tape, [*roots, *rows], hoisted)
    early: dict[int, str] = {}
    for k, i in enumerate(rows):
        if tape.same(i) in writer.computed:
            early.setdefault(tape.same(i), f"{argument}[{k}]")
    for i in writer.plan:
        writer.compute(i, early.get(i))
    for k, i in enumerate(rows):
        target, same = f"{argument}[{k}]", tape.same(i)
        if early.get(same) != target:
            writer.lines.append(f"    {target}[...] = {writer.name(same)}")
    returned = [writer.name(tape.same(i)) for i in roots]
    body = [*writer.head(), *writer.lines]
    return Function(function_lines(name, arguments, body, [returned]), writer.registers, writer.called)


@dataclass(frozen=True)
class _Row:
    """A row under its name.

    free: whether it is a part of the sum in progress, which may be overwritten.
    nodes: the node that it contains otherwise.
    """

    name: str
    free: bool
    nodes: list[int] = field(default_factory=list)


class _ArrayWriter:
    """Lines of one function while they are written."""

    def __init__(self, tape: Tape, roots: Sequence[int], hoisted: Mapping[int, int]) -> None:
        self.tape, self.hoisted = tape, hoisted
        self.plan = [i for i in plan(tape, roots, hoisted) if tape.same(i) == i]
        self.lines: list[str] = []
        self.registers = 0
        self.called: dict[str, type[LeafBase]] = {}
        self._where: dict[int, str] = {}
        self._free: list[str] = []
        self._unpacked: dict[str, str] = {}
        self._fused = self._joined_divisors({tape.same(r) for r in roots})
        self.computed = set(self.plan) - self._fused
        self._left = self._uses(roots)

    def _joined_divisors(self, kept: set[int]) -> set[int]:
        """Divisors that are joined to the product that alone uses them."""
        used: dict[int, int] = {}
        for i in self.plan:
            for a in self._operands(i):
                used[a] = used.get(a, 0) + 1
        fused: set[int] = set()
        for i in self.plan:
            if isinstance(self.tape.nodes[i], Times):
                single = [
                    a
                    for a in self._operands(i)
                    if a not in kept
                    and a not in self.hoisted
                    and isinstance(self.tape.nodes[a], Inverse)
                    and used[a] == 1
                ]
                fused |= set(single[:1])
        return fused

    def _uses(self, roots: Iterable[int]) -> dict[int, int]:
        """Node -> how often it is still needed."""
        left: dict[int, int] = {}
        for i in self.plan:
            if i not in self._fused:
                for a in self._inputs(i):
                    left[a] = left.get(a, 0) + 1
        for r in roots:
            left[self.tape.same(r)] = left.get(self.tape.same(r), 0) + KEPT
        return left

    def _operands(self, i: int) -> list[int]:
        """Nodes that a node is computed from, repetitions resolved."""
        inputs = self.tape.nodes[i].inputs
        return [a for a in dict.fromkeys(self.tape.same(k) for k in inputs) if a != ONE]

    def _inputs(self, i: int) -> list[int]:
        """The operands; a joined divisor is replaced by its denominator."""
        inputs: dict[int, None] = {}
        for a in self._operands(i):
            inputs |= dict.fromkeys(self._operands(a) if a in self._fused else [a])
        return list(inputs)

    # -- names -------------------------------------------------------------------------------------------

    def name(self, i: int) -> str:
        """Text for the value of a node."""
        if i in self._where:
            return self._where[i]
        node = self.tape.nodes[i]
        if i in self.hoisted:
            return self._entry("h", self.hoisted[i])
        if isinstance(node, Argument):
            return self._entry(node.kind, node.position)
        if isinstance(node, One):
            return "1.0"
        raise KeyError(i)

    def _entry(self, argument: str, position: int) -> str:
        short = f"{argument}{position}"
        self._unpacked[short] = f"{argument}[{position}]"
        return short

    def head(self) -> list[str]:
        """The lines that unpack the arguments."""
        registers = [f"    r{k} = w[{k}]" for k in range(self.registers)]
        return [*(f"    {short} = {entry}" for short, entry in self._unpacked.items()), *registers]

    def _fresh(self) -> str:
        """A row of the workspace that is free."""
        if self._free:
            return self._free.pop()
        self.registers += 1
        return f"r{self.registers - 1}"

    def _target(self, operands: Iterable[int]) -> str:
        """A row to write to: that of an operand that is not needed any more, or a free one."""
        for a in operands:
            if self._left.get(a) == 1 and self._where.get(a, "").startswith("r"):
                self._left[a] = 0
                return self._where[a]
        return self._fresh()

    # -- lines -------------------------------------------------------------------------------------------

    def compute(self, i: int, target: str | None = None) -> None:
        """The lines for one node, written to `target` where it is prescribed."""
        if i in self._fused:
            return
        node, inputs = self.tape.nodes[i], self._inputs(i)
        if isinstance(node, Call) or (isinstance(node, Operation) and node.name in OWN_MEMORY):
            written = self._allocated(i, node, target)
        elif isinstance(node, Sum):
            written = self._sum(node, target)
        else:
            names, function = self._simple(node)
            written = target or self._target(inputs)
            if isinstance(node, Exp) and node.factor != 1.0:
                self.lines.append(f"    numpy.multiply({names}, {node.factor!r}, {written})")
                names = written
            out = f"out={written}" if function.endswith("imum") else written
            self.lines.append(f"    {function}({names}, {out})")
        for a in inputs:
            left = self._left.get(a, 0)
            self._left[a] = left - 1
            if left == 1 and self._where.get(a, "").startswith("r"):
                self._free.append(self._where[a])
        self._where[i] = written

    def _simple(self, node: Node) -> tuple[str, str]:
        """Operands and numpy function of a node that is one operation."""
        inputs = [self.tape.same(a) for a in node.inputs]
        names = ", ".join(self.name(a) for a in inputs) if not isinstance(node, Times) else ""
        match node:
            case Times():
                return self._product(inputs)
            case Inverse():
                return f"1.0, {names}", "numpy.divide"
            case Power():
                if node.exponent == 0.5:
                    return names, "numpy.sqrt"
                return f"{names}, {node.exponent!r}", "numpy.power"
            case Exp():
                return names, "numpy.exp"
            case Log():
                return names, "numpy.log"
            case Operation():
                return names, f"numpy.{node.name}"
            case One() | Argument() | Sum() | Product() | Call():
                raise ValueError(f"a node that is no single operation: {node}")

    def _product(self, inputs: Sequence[int]) -> tuple[str, str]:
        """Operands and numpy function of a product: a quotient, a square or a product."""
        for a, b in (inputs, inputs[::-1]):
            if b in self._fused:
                (divisor,) = self._operands(b)
                return f"{self.name(a)}, {self.name(divisor)}", "numpy.divide"
        if inputs[0] == inputs[1]:
            return self.name(inputs[0]), "numpy.square"
        return ", ".join(self.name(a) for a in inputs), "numpy.multiply"

    def _allocated(self, i: int, node: Operation | Call, target: str | None) -> str:
        """The line of a function that returns new memory; returns the name of the result."""
        inputs = ", ".join(self.name(self.tape.same(a)) for a in node.inputs)
        if isinstance(node, Operation):
            text = f"numpy.{node.name}({inputs})"
        else:
            text = f"{function_name(node.function, 'numpy', self.called)}({inputs})"
        self.lines.append(f"    {target}[...] = {text}" if target else f"    v{i} = {text}")
        return target or f"v{i}"

    def _sum(self, node: Sum, target: str | None) -> str:
        """The lines of a sum: terms with coefficients of one size are added up before they are multiplied."""
        constant = sum(c for i, c in node.terms if i == ONE)
        whole: _Row | None = None
        for size, plus, minus in self._by_size(node):
            part = self._group(size, plus, minus, target if whole is None else None)
            if whole is not None:
                whole = self._operation("add" if plus else "subtract", [whole, part], target)
            elif plus:
                whole = part
            elif constant:
                whole = self._operation("subtract", [_Row(repr(constant), False), part], target)
                constant = 0.0
            else:
                whole = self._operation("negative", [part], target)
        if whole is None:
            row = target or self._fresh()
            self.lines.append(f"    {row}[...] = {constant!r}")
            return row
        if constant or not whole.free:
            whole = self._operation("add", [whole, _Row(repr(constant), False)], target)
        return whole.name

    def _by_size(self, node: Sum) -> list[tuple[float, list[int], list[int]]]:
        """Sizes of coefficients, each with its nodes of + size and of - size.

        Groups with + come first, and size 1 before others.
        """
        total: dict[int, float] = {}
        for i, c in node.terms:
            if i != ONE:
                total[self.tape.same(i)] = total.get(self.tape.same(i), 0.0) + c
        groups: dict[float, tuple[list[int], list[int]]] = {}
        for i, c in total.items():
            plus, minus = groups.setdefault(abs(c), ([], []))
            (minus if c < 0 else plus).append(i)
        ordered = sorted(groups.items(), key=lambda group: (not group[1][0], group[0] != 1.0))
        return [(size, plus, minus) for size, (plus, minus) in ordered]

    def _group(self, size: float, plus: Sequence[int], minus: Sequence[int], target: str | None) -> _Row:
        """size * (plus - minus); size * minus where there is no plus."""
        first, *others = [_Row(self.name(i), False, [i]) for i in (plus or minus)]
        for other in others:
            first = self._operation("add", [first, other], target)
        for i in minus if plus else ():
            first = self._operation("subtract", [first, _Row(self.name(i), False, [i])], target)
        if size == 1.0:
            return first
        return self._operation("multiply", [first, _Row(repr(size), False)], target)

    def _operation(self, function: str, rows: Sequence[_Row], target: str | None) -> _Row:
        """The row of function(rows): one of them that may be overwritten, or another."""
        free = [row.name for row in rows if row.free]
        out = target or (free[0] if free else self._target([i for row in rows for i in row.nodes]))
        self.lines.append(f"    numpy.{function}({', '.join(row.name for row in rows)}, {out})")
        self._free += [name for name in free if name != out and name.startswith("r")]
        return _Row(out, True)
