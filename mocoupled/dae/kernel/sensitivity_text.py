"""Source text of the derivatives of a solved start with respect to its parameters, for numpy arrays.

The residuals F(u, p) = 0 determine the unknowns u. Along a direction of the parameters du = -F_u^-1 F_p.
The outputs o(u, p) change by o_u du + o_p.
The parameters that vary stand on the tape beside the unknowns, so that the same rules differentiate both.
The text of the kernel that solves for u is another: it does not depend on what is varied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from ..declare.direction import Direction, parameters_of
from ..leaves.external import LeafBase
from .array_text import array_function
from .elimination import Reduction
from .gradients import Gradient, Gradients
from .kernel_text import hoisted_nodes, outside_exponents
from .lowering import lower
from .nodes import Argument
from .operations import ONE, ZERO, Tape, Value


@dataclass(frozen=True)
class SensitivityText:
    """Generated text, and what its caller must know.

    moving: parameters that stand in the argument u behind the unknowns; still: those in p.
    hoisted, registers: rows of h and of the workspace. functions: name in the text -> leaf that it calls.
    """

    text: str
    moving: tuple[str, ...]
    still: tuple[str, ...]
    hoisted: int
    registers: int
    functions: dict[str, type[LeafBase]]


def generate(reduction: Reduction, vary: Sequence[str], directions: Sequence[Direction]) -> SensitivityText:
    """The module of a reduced start; vary: parameters that are arrays, the others are constants.

    hoist(p, h, w) fills the rows h.
    system(u, h, w) -> F_u row by row, then -F_p row by row, with a column for each direction.
    slopes(u, s, h, w, o) fills the rows o: of each output its changes along the directions.
    s: du of each unknown along each direction. Changes of an output that is no logarithm are relative to it.
    """
    model = reduction.model
    moving = parameters_of(directions, model)
    still = tuple(name for name in vary if name not in moving)
    start = _Start(reduction, vary, moving, still)
    size, m = len(reduction.unknowns), len(directions)
    ways = [start.way(direction) for direction in directions]
    gradients = [start.gradient(value) for value in start.residuals]
    system = [start.tape.node(g.get(j, ZERO)) for g in gradients for j in range(size)]
    system += [start.tape.node(start.negative(start.along(g, way))) for g in gradients for way in ways]
    steps = [[(1.0, start.tape.add(Argument("s", j * m + k), True)) for j in range(size)] for k in range(m)]
    rows = []
    for value, output in zip(start.outputs, model.outputs):
        gradient = start.gradient(value)
        for way, step in zip(ways, steps):
            change = start.sum([start.along(gradient, way), start.along(gradient, dict(enumerate(step)))])
            if not output.logarithm and change != ZERO:
                change = start.tape.times(start.tape.inverse(value), change)
            rows.append(start.tape.node(change))
    hoisted, _ = hoisted_nodes(start.tape, [system, rows])
    functions = [
        array_function(start.tape, "hoist", ["p", "h", "w"], [], {}, filled=("h", list(hoisted))),
        array_function(start.tape, "system", ["u", "h", "w"], system, hoisted),
        array_function(start.tape, "slopes", ["u", "s", "h", "w", "o"], [], hoisted, filled=("o", rows)),
    ]
    text = ['"""Generated sensitivities of the start of a model: do not edit."""', "import numpy", "", ""]
    text += [line for function in functions for line in function.lines]
    called = {name: leaf for function in functions for name, leaf in function.called.items()}
    registers = max(f.registers for f in functions)
    return SensitivityText("\n".join(text), moving, still, len(hoisted), registers, called)


class _Start:
    """A reduced start on a tape where unknowns and varied parameters are arguments of one kind."""

    def __init__(
        self, reduction: Reduction, vary: Sequence[str], moving: Sequence[str], still: Sequence[str]
    ) -> None:
        model, self.tape = reduction.model, Tape()
        symbols = {q.name: q.symbol for q in model.parameters}
        constants = {q.symbol: sympy.Float(q.value, 17) for q in model.parameters if q.name not in vary}
        constants = {symbol: value for symbol, value in constants.items() if symbol.name not in moving}
        unknowns = [unknown.symbol for unknown in reduction.unknowns]
        shown = [sympy.sympify(output.expression) for output in model.outputs]
        plain = outside_exponents([*reduction.left, *shown], reduction.solved)
        self.tape.declare(
            [*unknowns, *(symbols[name] for name in moving)],
            [symbols[name] for name in still],
            constants | reduction.solved,
            [u for u in unknowns if u not in plain],
        )
        self._size = len(unknowns)
        self._position = {name: self._size + k for k, name in enumerate(moving)}
        self._values = {name: self.tape.value(symbols[name]) for name in moving}
        self.residuals = [self.tape.value(sympy.sympify(row)) for row in reduction.left]
        self.outputs = [self.tape.value(expression) for expression in shown]
        nodes = [self.tape.node(value) for value in (*self.residuals, *self.outputs)]
        lower(self.tape, nodes)
        self._gradients = Gradients(self.tape, nodes)

    def gradient(self, value: Value) -> Gradient:
        """Derivatives of a value by position: the unknowns, then the varied parameters."""
        c, i = value
        return {j: (c * d, k) for j, (d, k) in self._gradients(i).items()}

    def way(self, direction: Direction) -> dict[int, Value]:
        """Position of a parameter -> its change along the direction."""
        ways = {}
        for name, weight in direction.weights.items():
            c, i = self._values[name] if direction.relative else (1.0, ONE)
            ways[self._position[name]] = (weight * c, i)
        return ways

    def along(self, gradient: Gradient, way: dict[int, Value]) -> Value:
        """The change of a value with this gradient along a way."""
        return self.sum([self.tape.times(g, way[j]) for j, g in gradient.items() if j in way])

    def sum(self, values: Sequence[Value]) -> Value:
        """Sum of values."""
        return self.tape.sum(values)

    @staticmethod
    def negative(value: Value) -> Value:
        """Minus a value."""
        return -value[0], value[1]
