"""Source text of the batch kernel of a reduced start, for numpy arrays or plain floats.

Both forms come from one tape. What depends on parameters only is computed once per point (`hoist`) and not once per
Newton iteration; a row that is the logarithm of a sum is multiplied by the sum, which saves its division. The form for
numpy solves for the Newton step too and writes every result into memory that is handed to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from .elimination import Reduction
from .gradients import Gradients
from .lowering import lower, share_sums
from .operations import ONE, ZERO, Tape, Value
from .python_text import math_function, numpy_function


@dataclass(frozen=True)
class Kernel:
    """Generated text, and what its caller must know.

    hoisted: number of rows that `hoist` fills; moving: those of them that `step` uses; registers: rows of the
    workspace of each function; functions: name in the text -> sympy function that it calls.
    """

    text: str
    hoisted: int
    moving: tuple[int, ...]
    registers: int
    functions: dict[str, type]


def kernel(reduction: Reduction, vary: Sequence[str], kind: str) -> Kernel:
    """The module; kind is "numpy" or "math". p holds the parameters of `vary` in order; others are constants.

    math: hoist(p) -> h; newton(u, h) -> r, J with J s = r for the Newton step -s; finish(u, h) -> residuals, outputs.
    numpy: hoist(p, h, w) fills the rows h; step(u, h, w) -> s by unknown, the largest of them; finish(u, h, w, o)
    -> residuals, the rows o filled with outputs. w: workspace, rows of the points' number.
    """
    model = reduction.model
    tape = Tape()
    declared = {q.name: q.symbol for q in model.parameters}
    known = {
        q.symbol: sympy.Float(q.value, 17) for q in model.parameters if q.name not in vary
    } | reduction.solved
    unknowns = [unknown.symbol for unknown in reduction.unknowns]
    rows = reduction.left
    plain = _outside_exponents([*rows, *(o.expression for o in model.outputs)], reduction.solved)
    tape.declare(unknowns, [declared[name] for name in vary], known, [u for u in unknowns if u not in plain])
    F = [tape.value(sympy.sympify(row)) for row in rows]
    shown = [tape.value(sympy.sympify(output.expression)) for output in model.outputs]
    residuals, outputs = [tape.node(v) for v in F], [tape.node(v) for v in shown]
    lower(tape, [*residuals, *outputs])
    r, J = _linear_system(tape, F, len(unknowns))
    if kind == "math":
        newton = [tape.node(v) for v in (*r, *J)]
        hoisted, _ = _hoisted(tape, [newton, [*residuals, *outputs]])
        functions = [
            math_function(tape, "hoist", hoisted, {}, [hoisted]),
            math_function(tape, "newton", newton, hoisted, [newton[: len(r)], newton[len(r) :]]),
            math_function(tape, "finish", [*residuals, *outputs], hoisted, [residuals, outputs]),
        ]
        moving = ()
    else:
        share_sums(
            tape,
            [i for i in tape.order(i for _, i in (*r, *J)) if tape.moving[i] and tape.nodes[i][0] == "sum"],
        )
        steps = [tape.node(v) for v in _eliminated(tape, r, J)]
        steps += [_largest(tape, steps)] if steps else []
        hoisted, moving = _hoisted(tape, [steps, [*residuals, *outputs]])
        functions = [
            numpy_function(tape, "hoist", [], {}, filled=("h", list(hoisted))),
            numpy_function(tape, "step", steps, hoisted),
            numpy_function(tape, "finish", residuals, hoisted, filled=("o", outputs)),
        ]
    text = [f'"""Generated {kind} kernel of the start of a model: do not edit."""', f"import {kind}", "", ""]
    text += [line for function in functions for line in function.lines]
    called = {name: f for function in functions for name, f in function.called.items()}
    return Kernel("\n".join(text), len(hoisted), moving, max(f.registers for f in functions), called)


def _outside_exponents(expressions, solved) -> set[sympy.Symbol]:
    """Symbols that occur elsewhere than in the arguments of exponentials."""
    found, seen, stack = set(), set(), [sympy.sympify(e) for e in expressions]
    while stack:
        e = stack.pop()
        if e in seen or isinstance(e, sympy.exp):
            continue
        seen.add(e)
        if e.is_Symbol:
            found.add(e)
            stack += [sympy.sympify(solved[e])] if e in solved else []
        stack += e.args
    return found


def _linear_system(tape: Tape, F: Sequence[Value], size: int) -> tuple[list[Value], list[Value]]:
    """r and J, row by row, of J s = r for the Newton step -s. A row log(h S) becomes S' s = S log(h S)."""
    gradients, r, J = Gradients(tape, [i for _, i in F]), [], []
    for value in F:
        c, i = value
        factor: Value = (1.0, ONE)
        if tape.nodes[i][0] == "log":
            factor = _moving_factor(tape, tape.nodes[i][1])
            gradient = gradients(factor[1])
            gradient = {j: (c * g, k) for j, (g, k) in gradient.items()}
        else:
            gradient = {j: (c * g, k) for j, (g, k) in gradients(i).items()}
        r.append(tape.times((c, i), factor))
        J += [gradient.get(j, ZERO) for j in range(size)]
    return r, J


def _moving_factor(tape, i) -> Value:
    """The part of a product that moves: the derivative of its logarithm does not depend on the rest."""
    content = tape.nodes[i]
    if content[0] == "mul":
        moving = [k for k in content[1:] if tape.moving[k]]
        if len(moving) == 1:
            return _moving_factor(tape, moving[0])
    if content[0] == "sum" and len(content[1]) == 1:
        return _moving_factor(tape, content[1][0][0])
    return 1.0, i


def _eliminated(tape: Tape, r, J) -> list[Value]:
    """s of J s = r, by elimination without numerical pivoting: rows are element sums, whose Jacobian with respect to
    logarithms is close to a symmetric positive one once each unknown has a row that holds it on the diagonal."""
    k = len(r)
    order = _matched([{j for j in range(k) if J[i * k + j] != ZERO} for i in range(k)])
    A, r = [list(J[i * k : (i + 1) * k]) for i in order], [r[i] for i in order]
    minus = lambda a, m, b: tape.sum([a, tape.times((-m[0], m[1]), b)])  # noqa: E731
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
    """For each unknown a row that holds it, all different: its own where that does, else by augmenting paths."""
    owner: dict[int, int] = {j: j for j, held in enumerate(rows) if j in held}

    def place(row: int, tried: set[int]) -> bool:
        for j in sorted(rows[row] - tried):
            tried.add(j)
            if j not in owner or place(owner[j], tried):
                owner[j] = row
                return True
        return False

    for row in sorted(set(range(len(rows))) - set(owner.values())):
        if not place(row, set()):
            raise ValueError(
                "the equations do not determine the unknowns: their Jacobian is singular by its structure"
            )
    return [owner[j] for j in range(len(rows))]


def _largest(tape, nodes) -> int:
    """Node of the largest magnitude among nodes."""
    first, *others = (tape.call("absolute", (i,)) for i in nodes)
    for other in others:
        first = tape.call("maximum", (first, other))
    return first


def _hoisted(tape: Tape, groups) -> tuple[dict[int, int], tuple[int, ...]]:
    """Node -> position of what the groups of results need and does not move; positions that the first group needs."""
    found: dict[int, int] = {}
    borders = [[i for i in tape.border(group) if i != ONE] for group in groups]
    for border in borders:
        for i in border:
            found.setdefault(i, len(found))
    return found, tuple(sorted({found[i] for i in borders[0]}))
