"""Source text of the batch kernel of a reduced start, for numpy arrays or plain floats.

Both forms come from one tape.
What depends on parameters only is computed once per point (`hoist`) and not once per Newton iteration.
A row that is the logarithm of a sum is multiplied by the sum, which saves its division.
The form for numpy solves for the Newton step too, and writes every result into memory that it receives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import sympy

from ..declare.matching import place
from ..leaves.external import LeafBase
from .array_text import array_function
from .elimination import Reduction
from .float_text import float_function
from .function_text import Function
from .gradients import Gradients
from .lowering import lower, share_sums
from .nodes import Log, Sum, Times
from .operations import ONE, ZERO, Tape, Value


@dataclass(frozen=True)
class Kernel:
    """Generated text, and what its caller must know.

    hoisted: number of rows that `hoist` fills; moving: those of them that `step` uses.
    registers: rows of the workspace of each function. functions: name in the text -> leaf that it calls.
    """

    text: str
    hoisted: int
    moving: tuple[int, ...]
    registers: int
    functions: dict[str, type[LeafBase]]


@dataclass(frozen=True)
class _Start:
    """A reduced start on a tape: nodes of residuals and outputs, and J s = r for the Newton step -s."""

    tape: Tape
    residuals: list[int]
    outputs: list[int]
    r: list[Value]
    J: list[Value]

    @property
    def shown(self) -> list[int]:
        """Residuals and outputs."""
        return [*self.residuals, *self.outputs]


def kernel(
    reduction: Reduction, vary: Sequence[str], kind: Literal["numpy", "math"], pivoted: bool = False
) -> Kernel:
    """The module of one kind; p has the parameters of `vary` in order; others are constants.

    pivoted: of numpy, newton(u, h, w) -> r, J row by row, in place of step: the caller solves J s = r.

    math: hoist(p) -> h; newton(u, h) -> r, J with J s = r for the Newton step -s;
        finish(u, h) -> residuals, outputs.
    numpy: hoist(p, h, w) fills the rows h; step(u, h, w) -> s by unknown, the largest of them;
        finish(u, h, w, o) -> residuals, and fills the rows o with outputs.
        w: workspace, rows as long as there are points.
    """
    start = _start(reduction, vary)
    functions, hoisted, moving = _floats(start) if kind == "math" else _arrays(start, pivoted)
    text = [f'"""Generated {kind} kernel of the start of a model: do not edit."""', f"import {kind}", "", ""]
    text += [line for function in functions for line in function.lines]
    called = {name: leaf for function in functions for name, leaf in function.called.items()}
    return Kernel("\n".join(text), hoisted, moving, max(f.registers for f in functions), called)


def _start(reduction: Reduction, vary: Sequence[str]) -> _Start:
    """The start on a new tape, lowered, with its linear system."""
    model = reduction.model
    tape = Tape()
    symbols = {q.name: q.symbol for q in model.parameters}
    constants = {q.symbol: sympy.Float(q.value, 17) for q in model.parameters if q.name not in vary}
    unknowns = [unknown.symbol for unknown in reduction.unknowns]
    rows = reduction.left
    plain = outside_exponents([*rows, *(o.expression for o in model.outputs)], reduction.solved)
    tape.declare(
        unknowns,
        [symbols[name] for name in vary],
        constants | reduction.solved,
        [u for u in unknowns if u not in plain],
    )
    F = [tape.value(sympy.sympify(row)) for row in rows]
    shown = [tape.value(sympy.sympify(output.expression)) for output in model.outputs]
    residuals, outputs = [tape.node(v) for v in F], [tape.node(v) for v in shown]
    lower(tape, [*residuals, *outputs])
    r, J = _linear_system(tape, F, len(unknowns))
    return _Start(tape, residuals, outputs, r, J)


def _floats(start: _Start) -> tuple[list[Function], int, tuple[int, ...]]:
    """The functions on plain floats, the number of hoisted values, and which of them move (not needed)."""
    tape, shown = start.tape, start.shown
    r, J = [tape.node(v) for v in start.r], [tape.node(v) for v in start.J]
    hoisted, _ = hoisted_nodes(tape, [[*r, *J], shown])
    functions = [
        float_function(tape, "hoist", ["p"], {}, [list(hoisted)]),
        float_function(tape, "newton", ["u", "h"], hoisted, [r, J]),
        float_function(tape, "finish", ["u", "h"], hoisted, [start.residuals, start.outputs]),
    ]
    return functions, len(hoisted), ()


def _arrays(start: _Start, pivoted: bool) -> tuple[list[Function], int, tuple[int, ...]]:
    """The functions on numpy arrays, the number of hoisted rows, and those of them that `step` uses."""
    tape = start.tape
    system = tape.order(i for _, i in (*start.r, *start.J))
    share_sums(tape, [i for i in system if tape.moving[i] and isinstance(tape.nodes[i], Sum)])
    if pivoted:
        steps = [tape.node(v) for v in (*start.r, *start.J)]
    else:
        steps = [tape.node(v) for v in _eliminated(tape, start.r, start.J)]
        steps += [_largest(tape, steps)] if steps else []
    hoisted, moving = hoisted_nodes(tape, [steps, start.shown])
    functions = [
        array_function(tape, "hoist", ["p", "h", "w"], [], {}, filled=("h", list(hoisted))),
        array_function(tape, "newton" if pivoted else "step", ["u", "h", "w"], steps, hoisted),
        array_function(
            tape, "finish", ["u", "h", "w", "o"], start.residuals, hoisted, filled=("o", start.outputs)
        ),
    ]
    return functions, len(hoisted), moving


def outside_exponents(
    expressions: Iterable[sympy.Expr], solved: Mapping[sympy.Symbol, sympy.Expr]
) -> set[sympy.Symbol]:
    """Symbols that occur elsewhere than in the arguments of exponentials."""
    symbols: set[sympy.Symbol] = set()
    seen: set[sympy.Basic] = set()
    stack = [sympy.sympify(e) for e in expressions]
    while stack:
        e = stack.pop()
        if e in seen or isinstance(e, sympy.exp):
            continue
        seen.add(e)
        if e.is_Symbol:
            symbols.add(e)
            stack += [sympy.sympify(solved[e])] if e in solved else []
        stack += e.args
    return symbols


def _linear_system(tape: Tape, F: Sequence[Value], size: int) -> tuple[list[Value], list[Value]]:
    """r and J, row by row, of J s = r for the Newton step -s. A row log(h S) becomes S' s = S log(h S)."""
    gradients = Gradients(tape, [i for _, i in F])
    r: list[Value] = []
    J: list[Value] = []
    for c, i in F:
        factor: Value = (1.0, ONE)
        node = tape.nodes[i]
        differentiated = i
        if isinstance(node, Log):
            factor = _moving_factor(tape, node.a)
            differentiated = factor[1]
        gradient = {j: (c * g, k) for j, (g, k) in gradients(differentiated).items()}
        r.append(tape.times((c, i), factor))
        J += [gradient.get(j, ZERO) for j in range(size)]
    return r, J


def _moving_factor(tape: Tape, i: int) -> Value:
    """The part of a product that moves: the derivative of its logarithm does not depend on the rest."""
    node = tape.nodes[i]
    if isinstance(node, Times):
        moving = [k for k in node.inputs if tape.moving[k]]
        if len(moving) == 1:
            return _moving_factor(tape, moving[0])
    if isinstance(node, Sum) and len(node.terms) == 1:
        return _moving_factor(tape, node.terms[0][0])
    return 1.0, i


def _eliminated(tape: Tape, right: Sequence[Value], J: Sequence[Value]) -> list[Value]:
    """s of J s = r, by elimination without numerical pivoting.

    Rows are element sums, whose Jacobian with respect to logarithms is close to a symmetric positive one.
    Each unknown first gets a row that has it on the diagonal.
    """
    k = len(right)
    order = _matched([{j for j in range(k) if J[i * k + j] != ZERO} for i in range(k)])
    A, r = [list(J[i * k : (i + 1) * k]) for i in order], [right[i] for i in order]

    def minus(a: Value, m: Value, b: Value) -> Value:
        """a - m b."""
        return tape.sum([a, tape.times((-m[0], m[1]), b)])

    inverses = []
    for i in range(k):
        inverses.append(tape.inverse(A[i][i]))
        for j in range(i + 1, k):
            if A[j][i] != ZERO:
                m = tape.times(A[j][i], inverses[i])
                A[j][i + 1 :] = [minus(a, m, b) for a, b in zip(A[j][i + 1 :], A[i][i + 1 :])]
                r[j] = minus(r[j], m, r[i])
    for i in reversed(range(k)):
        for j in range(i + 1, k):
            r[i] = minus(r[i], A[i][j], r[j])
        r[i] = tape.times(r[i], inverses[i])
    return r


def _matched(rows: Sequence[set[int]]) -> list[int]:
    """For each unknown a row that contains it, all different: row number j for unknown j where possible."""
    owner: dict[int, int] = {j: j for j, columns in enumerate(rows) if j in columns}
    reach = [sorted(columns) for columns in rows]
    for row in sorted(set(range(len(rows))) - set(owner.values())):
        if not place(row, reach, owner, set()):
            raise ValueError(
                "the equations do not determine the unknowns: their Jacobian is singular by its structure"
            )
    return [owner[j] for j in range(len(rows))]


def _largest(tape: Tape, nodes: Iterable[int]) -> int:
    """Node of the largest magnitude among nodes."""
    first, *others = [tape.operation("absolute", (i,)) for i in nodes]
    for other in others:
        first = tape.operation("maximum", (first, other))
    return first


def hoisted_nodes(tape: Tape, groups: Sequence[Sequence[int]]) -> tuple[dict[int, int], tuple[int, ...]]:
    """Node -> position of what the groups of results need and does not move.

    The second result are the positions that the first group needs.
    """
    positions: dict[int, int] = {}
    borders = [[i for i in tape.border(group) if i != ONE] for group in groups]
    for border in borders:
        for i in border:
            positions.setdefault(i, len(positions))
    return positions, tuple(sorted({positions[i] for i in borders[0]}))
