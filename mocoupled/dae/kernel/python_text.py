"""Python text of functions on a tape: for numpy, into memory that is used again and again; for plain floats.

In numpy an operation on some thousand points costs as much to call as to compute, and memory that is new costs more than
both: every operation writes into a row of a workspace, and a row is used again once its value is no longer needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .operations import ONE, Tape, arguments

BOOLEAN = (
    "less",
    "less_equal",
    "greater",
    "greater_equal",
    "equal",
    "not_equal",
    "logical_and",
    "logical_or",
)
IN_PYTHON = {
    "less": "({} < {})", "less_equal": "({} <= {})", "greater": "({} > {})", "greater_equal": "({} >= {})",
    "equal": "({} == {})", "not_equal": "({} != {})", "logical_and": "({} and {})", "logical_or": "({} or {})",
    "where": "({1} if {0} else {2})", "minimum": "min({}, {})", "maximum": "max({}, {})", "absolute": "abs({})",
}  # fmt: skip
NAMES = {"Abs": ("absolute", "fabs")} | {
    name: (name, name) for name in ("tanh", "cosh", "sinh", "sin", "cos")
}  # numpy's, math's


@dataclass(frozen=True)
class Function:
    """Lines of one function; registers: rows of workspace it uses; called: name -> sympy function that it calls."""

    lines: list[str]
    registers: int = 0
    called: dict[str, type] = field(default_factory=dict)


def _plan(tape: Tape, roots, hoisted) -> list[int]:
    """The nodes to compute, in order: those behind the roots that are neither hoisted nor given."""
    return [
        i
        for i in tape.order(roots, hoisted)
        if i != ONE and i not in hoisted and tape.nodes[i][0] != "symbol"
    ]


def _called(function, position):
    """Name of a sympy function in numpy or math (0 or 1), and whether it is called by its own name."""
    name = function.__name__
    if hasattr(function, "external"):
        return name, True
    if name not in NAMES:
        raise ValueError(f"the function {name} has no counterpart in a kernel")
    return ("numpy.", "math.")[position] + NAMES[name][position], False


# -- numpy -------------------------------------------------------------------------------------------------------------


def numpy_function(
    tape: Tape,
    name: str,
    roots: Sequence[int],
    hoisted: Mapping[int, int],
    filled: tuple[str, list[int]] = ("", []),
) -> Function:
    """A function that returns `roots` and fills the rows of the argument filled[0] with the nodes filled[1]."""
    made = _Numpy(tape, [*roots, *filled[1]], hoisted)
    early: dict[int, str] = {}
    for k, i in enumerate(filled[1]):
        if tape.same(i) in made.computed:
            early.setdefault(tape.same(i), f"{filled[0]}[{k}]")
    for i in made.plan:
        made.compute(i, early.get(i))
    for k, i in enumerate(filled[1]):
        target, same = f"{filled[0]}[{k}]", tape.same(i)
        if early.get(same) != target:
            made.lines.append(f"    {target}[...] = {made.name(same)}")
    arguments = ["p", "h", "w"] if name == "hoist" else ["u", "h", "w", *([filled[0]] if filled[0] else [])]
    lines = [f"def {name}({', '.join(arguments)}):", *made.head(), *made.lines]
    return Function(
        [*lines, f"    return [{', '.join(made.name(tape.same(i)) for i in roots)}]", "", ""],
        made.registers,
        made.called,
    )


class _Numpy:
    """Lines of one function while they are written."""

    def __init__(self, tape: Tape, roots, hoisted):
        self.tape, self.hoisted = tape, hoisted
        self.plan = [i for i in _plan(tape, roots, hoisted) if tape.same(i) == i]
        self.lines: list[str] = []
        self.registers, self.called = 0, {}
        self._where: dict[int, str] = {}
        self._free: list[str] = []
        self._given: dict[str, str] = {}
        used: dict[int, int] = {}
        for i in self.plan:
            for a in self._operands(i):
                used[a] = used.get(a, 0) + 1
        kept = {tape.same(r) for r in roots}
        self.fused: set[int] = set()  # divisors that are joined to their product
        for i in self.plan:
            if tape.nodes[i][0] == "mul":
                single = [
                    a
                    for a in self._operands(i)
                    if a not in kept and a not in hoisted and tape.nodes[a][0] == "inv" and used[a] == 1
                ]
                self.fused |= set(single[:1])
        self.computed = set(self.plan) - self.fused
        self.left: dict[int, int] = {}
        for i in self.plan:
            if i not in self.fused:
                for a in self._inputs(i):
                    self.left[a] = self.left.get(a, 0) + 1
        for r in roots:
            self.left[tape.same(r)] = self.left.get(tape.same(r), 0) + 10**6

    def _operands(self, i):
        """Nodes that a node is computed from, repetitions resolved."""
        inside = arguments(self.tape.nodes[i])
        return [a for a in dict.fromkeys(self.tape.same(k) for k in inside) if a != ONE]

    def _inputs(self, i):
        """The same with a division that is joined to its product seen through."""
        return list(
            dict.fromkeys(
                b for a in self._operands(i) for b in (self._operands(a) if a in self.fused else [a])
            )
        )

    def name(self, i) -> str:
        """Text for the value of a node."""
        if i in self._where:
            return self._where[i]
        content = self.tape.nodes[i]
        if i in self.hoisted:
            return self._argument(f"h{self.hoisted[i]}", f"h[{self.hoisted[i]}]")
        if content[0] == "symbol":
            return self._argument(f"{content[1]}{content[2]}", f"{content[1]}[{content[2]}]")
        if content == ("one",):
            return "1.0"
        raise KeyError(i)

    def _argument(self, short, text):
        self._given[short] = text
        return short

    def head(self) -> list[str]:
        """The lines that unpack the arguments."""
        registers = [f"    r{k} = w[{k}]" for k in range(self.registers)]
        return [*(f"    {short} = {text}" for short, text in self._given.items()), *registers]

    def _fresh(self):
        if self._free:
            return self._free.pop()
        self.registers += 1
        return f"r{self.registers - 1}"

    def _target(self, first):
        """A row to write to: that of an operand of the first operation if it is not needed any more, or a free one."""
        for a in first:
            if self.left.get(a) == 1 and self._where.get(a, "").startswith("r"):
                self.left[a] = 0
                return self._where[a]
        return self._fresh()

    def compute(self, i, target=None):
        """The lines for one node, written to `target` where it is given."""
        if i in self.fused:
            return
        content, inputs = self.tape.nodes[i], self._inputs(i)
        kind = content[0]
        if kind == "call" and (
            content[1] in BOOLEAN or content[1] == "where" or not isinstance(content[1], str)
        ):
            written = self._call(i, content, target)
        elif kind == "sum":
            written = self._sum(content[1], target)
        else:
            names, function = self._simple(content)
            written = target or self._target(inputs)
            if kind == "exp" and content[2] != 1.0:
                self.lines.append(f"    numpy.multiply({names}, {content[2]!r}, {written})")
                names = written
            self.lines.append(
                f"    {function}({names}, {'out=' if function.endswith('imum') else ''}{written})"
            )
        for a in inputs:
            left = self.left.get(a, 0)
            self.left[a] = left - 1
            if left == 1 and self._where.get(a, "").startswith("r"):
                self._free.append(self._where[a])
        self._where[i] = written

    def _simple(self, content):
        """Operands and numpy function of a node that is one operation."""
        kind = content[0]
        inside = [
            self.tape.same(a)
            for a in (content[2] if kind == "call" else content[1:3] if kind == "mul" else content[1:2])
        ]
        if kind == "mul":
            for a, b in (inside, inside[::-1]):
                if b in self.fused:
                    (x,) = self._operands(b)
                    return f"{self.name(a)}, {self.name(x)}", "numpy.divide"
            if inside[0] == inside[1]:
                return self.name(inside[0]), "numpy.square"
        if kind == "inv":
            return f"1.0, {self.name(inside[0])}", "numpy.divide"
        if kind == "pow":
            exponent = content[2]
            return (
                (self.name(inside[0]), "numpy.sqrt")
                if exponent == 0.5
                else (f"{self.name(inside[0])}, {exponent!r}", "numpy.power")
            )
        names = ", ".join(self.name(a) for a in inside)
        return names, f"numpy.{content[1]}" if kind == "call" else {"mul": "numpy.multiply"}.get(
            kind, f"numpy.{kind}"
        )

    def _call(self, i, content, target):
        """A function that makes memory of its own."""
        inside = ", ".join(self.name(self.tape.same(a)) for a in content[2])
        if isinstance(content[1], str):
            text = f"numpy.{content[1]}({inside})"
        else:
            name, own = _called(content[1], 0)
            if own:
                self.called[name] = content[1]
            text = f"{name}({inside})"
        self.lines.append(f"    {target}[...] = {text}" if target else f"    v{i} = {text}")
        return target or f"v{i}"

    def _sum(self, terms, target):
        """Terms with coefficients of one size are added up before they are multiplied."""
        constant = sum(c for i, c in terms if i == ONE)
        total: dict[int, float] = {}
        for i, c in terms:
            if i != ONE:
                total[self.tape.same(i)] = total.get(self.tape.same(i), 0.0) + c
        groups: dict[float, tuple[list[int], list[int]]] = {}
        for i, c in total.items():
            groups.setdefault(abs(c), ([], []))[c < 0].append(i)
        whole = None
        for size, (plus, minus) in sorted(groups.items(), key=lambda g: (not g[1][0], g[0] != 1.0)):
            part = self._group(size, plus, minus, target if whole is None else None)
            if whole is None:
                if plus:
                    whole = part
                elif constant:
                    whole, constant = (
                        self._operation("subtract", [_Row(repr(constant), False, []), part], target),
                        0.0,
                    )
                else:
                    whole = self._operation("negative", [part], target)
            else:
                whole = self._operation("add" if plus else "subtract", [whole, part], target)
        if whole is None:
            row = target or self._fresh()
            self.lines.append(f"    {row}[...] = {constant!r}")
            return row
        if constant or not whole.own:
            whole = self._operation("add", [whole, _Row(repr(constant), False, [])], target)
        return whole.name

    def _group(self, size, plus, minus, target):
        """size * (plus - minus), of minus alone where there is no plus."""
        first, *others = [_Row(self.name(i), False, [i]) for i in (plus or minus)]
        for other in others:
            first = self._operation("add", [first, other], target)
        for i in minus if plus else ():
            first = self._operation("subtract", [first, _Row(self.name(i), False, [i])], target)
        return (
            first
            if size == 1.0
            else self._operation("multiply", [first, _Row(repr(size), False, [])], target)
        )

    def _operation(self, function, rows, target):
        """The row that holds function(rows): one of them that may be written to, or another."""
        own = [row.name for row in rows if row.own]
        out = target or (own[0] if own else self._target([i for row in rows for i in row.nodes]))
        self.lines.append(f"    numpy.{function}({', '.join(row.name for row in rows)}, {out})")
        self._free += [name for name in own if name != out and name.startswith("r")]
        return _Row(out, True, [])


@dataclass(frozen=True)
class _Row:
    """A row under its name; own: a part of the sum at hand, which may be written to; nodes: the node it else holds."""

    name: str
    own: bool
    nodes: list[int]


# -- plain floats ------------------------------------------------------------------------------------------------------


def math_function(
    tape: Tape, name: str, roots: Sequence[int], hoisted: Mapping[int, int], results: Sequence[Sequence[int]]
) -> Function:
    """A function on plain floats that returns lists of nodes. What only one branch of a choice needs gives NaN where it
    has no value."""
    plan = _plan(tape, roots, hoisted)
    certain = set(tape.order(roots, hoisted, branches=False))
    given: dict[str, str] = {}
    called: dict[str, type] = {}

    def text(i):
        i = tape.same(i)
        content = tape.nodes[i]
        if i == ONE:
            return "1.0"
        if i in hoisted:
            given[f"h{hoisted[i]}"] = f"h[{hoisted[i]}]"
            return f"h{hoisted[i]}"
        if content[0] == "symbol":
            given[f"{content[1]}{content[2]}"] = f"{content[1]}[{content[2]}]"
            return f"{content[1]}{content[2]}"
        return f"n{i}"

    lines = []
    for i in plan:
        if tape.same(i) != i:
            continue
        content = tape.nodes[i]
        kind, safe = content[0], i in certain
        inside = [
            text(a)
            for a in (
                content[2]
                if kind == "call"
                else content[1:3]
                if kind == "mul"
                else []
                if kind == "sum"
                else content[1:2]
            )
        ]
        if kind == "sum":
            made = "".join(_term(c, text(k), k == ONE) for k, c in content[1]).removeprefix(" + ")
        elif kind == "mul":
            made = f"{inside[0]}*{inside[1]}"
        elif kind == "inv":
            made = f"1.0/{inside[0]}" if safe else f"guarded(truediv, 1.0, {inside[0]})"
        elif kind == "pow":
            made = (
                f"math.sqrt({inside[0]})" if content[2] == 0.5 else f"math.pow({inside[0]}, {content[2]!r})"
            )
        elif kind in ("exp", "log"):
            argument = inside[0] if kind == "log" or content[2] == 1.0 else f"{content[2]!r}*{inside[0]}"
            made = f"math.{kind}({argument})"
        elif isinstance(content[1], str):
            made = IN_PYTHON[content[1]].format(*inside)
        else:
            function, own = _called(content[1], 1)
            if own:
                called[function] = content[1]
            made = f"{function}({', '.join(inside)})"
        if not safe and made.startswith("math."):
            made = "guarded(" + made.replace("(", ", ", 1)
        lines.append(f"    n{i} = {made}")
    shown = [f"[{', '.join(map(text, row))}]" for row in results]
    arguments = "p" if hoisted == {} else "u, h"
    head = [f"    {short} = {long}" for short, long in given.items()]
    return Function(
        [f"def {name}({arguments}):", *head, *lines, f"    return {', '.join(shown)}", "", ""], 0, called
    )


def _term(c, name, constant):
    sign = " - " if c < 0 else " + "
    return (
        f"{sign}{abs(c)!r}" if constant else f"{sign}{name}" if abs(c) == 1.0 else f"{sign}{abs(c)!r}*{name}"
    )
