"""Python text of functions on plain floats, from a tape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..generate.python_module import function_lines
from ..leaves.external import LeafBase
from .function_text import LOGICAL, Function, function_name, plan
from .nodes import Argument, Call, Exp, Inverse, Log, Node, One, Operation, Power, Product, Sum, Times
from .operations import COMPARISONS, ONE, Tape

IN_PYTHON = (
    {name: f"({{}} {sign} {{}})" for sign, name in COMPARISONS.items()}
    | {name: f"({{}} {word} {{}})" for name, word in LOGICAL.items()}
    | {"where": "({1} if {0} else {2})", "minimum": "min({}, {})", "maximum": "max({}, {})"}
    | {"absolute": "abs({})"}
)


def float_function(
    tape: Tape,
    name: str,
    arguments: Sequence[str],
    hoisted: Mapping[int, int],
    results: Sequence[Sequence[int]],
) -> Function:
    """A function on plain floats that returns lists of nodes.

    hoisted: node -> its position in the argument h.
    A value that only one branch of a choice needs is NaN where it cannot be computed.
    """
    writer = _FloatWriter(tape, hoisted)
    roots = [i for row in results for i in row]
    certain = set(tape.order(roots, hoisted, branches=False))
    body = []
    for i in plan(tape, roots, hoisted):
        if tape.same(i) == i:
            body.append(f"    n{i} = {writer.computed(tape.nodes[i], i in certain)}")
    returned = [[writer.name(i) for i in row] for row in results]
    head = [f"    {short} = {entry}" for short, entry in writer.unpacked.items()]
    return Function(function_lines(name, arguments, [*head, *body], returned), 0, writer.called)


class _FloatWriter:
    """The text of nodes; it notes which entries of the arguments and which leaves the text uses."""

    def __init__(self, tape: Tape, hoisted: Mapping[int, int]) -> None:
        self._tape, self._hoisted = tape, hoisted
        self.unpacked: dict[str, str] = {}  # short name -> entry of an argument
        self.called: dict[str, type[LeafBase]] = {}

    def name(self, i: int) -> str:
        """The text of a node's value where it is used."""
        i = self._tape.same(i)
        node = self._tape.nodes[i]
        if isinstance(node, One):
            return "1.0"
        if i in self._hoisted:
            return self._entry("h", self._hoisted[i])
        if isinstance(node, Argument):
            return self._entry(node.kind, node.position)
        return f"n{i}"

    def _entry(self, argument: str, position: int) -> str:
        short = f"{argument}{position}"
        self.unpacked[short] = f"{argument}[{position}]"
        return short

    def computed(self, node: Node, certain: bool) -> str:
        """The text that computes a node; certain: whether its value is always needed."""
        if isinstance(node, Sum):
            return "".join(self._term(k, c) for k, c in node.terms).removeprefix(" + ")
        inputs = [self.name(a) for a in node.inputs]
        if isinstance(node, Inverse) and not certain:
            return f"guarded(truediv, 1.0, {inputs[0]})"
        text = self._operation(node, inputs)
        if not certain and text.startswith("math."):
            return "guarded(" + text.replace("(", ", ", 1)
        return text

    def _operation(self, node: Node, inputs: Sequence[str]) -> str:
        match node:
            case Times():
                return f"{inputs[0]}*{inputs[1]}"
            case Inverse():
                return f"1.0/{inputs[0]}"
            case Power():
                if node.exponent == 0.5:
                    return f"math.sqrt({inputs[0]})"
                return f"math.pow({inputs[0]}, {node.exponent!r})"
            case Exp():
                argument = inputs[0] if node.factor == 1.0 else f"{node.factor!r}*{inputs[0]}"
                return f"math.exp({argument})"
            case Log():
                return f"math.log({inputs[0]})"
            case Operation():
                return IN_PYTHON[node.name].format(*inputs)
            case Call():
                return f"{function_name(node.function, 'math', self.called)}({', '.join(inputs)})"
            case One() | Argument() | Sum() | Product():
                raise ValueError(f"a node that is no operation of a lowered tape: {node}")

    def _term(self, i: int, c: float) -> str:
        """A term of a sum with its sign."""
        sign = " - " if c < 0 else " + "
        if i == ONE:
            return f"{sign}{abs(c)!r}"
        if abs(c) == 1.0:
            return f"{sign}{self.name(i)}"
        return f"{sign}{abs(c)!r}*{self.name(i)}"
