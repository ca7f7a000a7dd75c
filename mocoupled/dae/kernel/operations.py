"""Expressions as a tape of small operations, each stored once; what varies with the unknowns is marked.

sympy has the declaration; the batch kernel needs it with few operations, generated at once.
A value is (c, i): the number c times node i.
Nodes that depend on an unknown are `moving`; the others are computed once per point.
Exponentials of sums of logarithms become products of powers of one exponential per unknown.
The derivatives of these products are multiples of the products.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence

import sympy
from sympy.core.relational import Relational

from ..generate.python_module import branches
from .nodes import Argument, Call, Exp, Inverse, Log, Node, One, Operation, Product, Sum, Terms, Times

Value = tuple[float, int]
ONE = 0
ZERO: Value = (0.0, ONE)
LARGEST_EXPONENT = 700.0  # whose exponential is a number
COMPARISONS = {
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "==": "equal",
    "!=": "not_equal",
}


class Tape:
    """The nodes by number. Equal nodes have one number."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.moving: list[bool] = []
        self.lowered = False
        self._known: dict[Node, int] = {}
        self._values: dict[sympy.Basic, Value] = {}
        self._symbols: dict[sympy.Symbol, Value | sympy.Expr] = {}
        self._logarithmic: set[int] = set()
        self.add(One(), False)

    def add(self, node: Node, moving: bool | None = None) -> int:
        """The number of a node; moving: whether it depends on an unknown, for a node without inputs."""
        if node not in self._known:
            self._known[node] = len(self.nodes)
            self.nodes.append(node)
            self.moving.append(any(self.moving[a] for a in node.inputs) if moving is None else moving)
        return self._known[node]

    # -- declaration -------------------------------------------------------------------------------------

    def declare(
        self,
        unknowns: Sequence[sympy.Symbol],
        parameters: Sequence[sympy.Symbol],
        known: Mapping[sympy.Symbol, sympy.Expr],
        logarithmic: Sequence[sympy.Symbol],
    ) -> None:
        """What symbols stand for.

        known: symbol -> number, or expression of other symbols.
        logarithmic: unknowns that occur in exponents only.
        """
        self._symbols = dict(known)
        for kind, symbols in (("u", unknowns), ("p", parameters)):
            for k, symbol in enumerate(symbols):
                i = self.add(Argument(kind, k), kind == "u")
                self._symbols[symbol] = (1.0, i)
                if symbol in logarithmic:
                    self._logarithmic.add(i)

    def stand_for(self, symbols: Sequence[sympy.Symbol], nodes: Sequence[int]) -> None:
        """Declare more symbols, which stand for nodes."""
        self._symbols.update(zip(symbols, ((1.0, i) for i in nodes)))

    def value(self, expression: sympy.Basic) -> Value:
        """A sympy expression of declared symbols as a value."""
        if expression not in self._values:
            self._values[expression] = self._converted(expression)
        return self._values[expression]

    def _converted(self, e: sympy.Basic) -> Value:
        if isinstance(e, sympy.Symbol):
            meaning = self._symbols[e]
            return meaning if isinstance(meaning, tuple) else self.value(sympy.sympify(meaning))
        if not e.args or e.is_Number:
            return float(e), ONE
        if e.is_Add:
            return self.sum(map(self.value, e.args))
        if e.is_Mul:
            return self.product(map(self.value, e.args))
        if e.is_Pow:
            base, exponent = e.args
            if exponent.is_number:
                return self.power(self.value(base), float(exponent))
            return self.exp(self.product([self.value(exponent), self.log(self.value(base))]))
        if isinstance(e, sympy.exp):
            return self.exp(self.value(e.args[0]))
        if isinstance(e, sympy.log):
            return self.log(self.value(e.args[0]))
        if isinstance(e, sympy.Piecewise):
            return self._choice(e)
        if isinstance(e, (sympy.Min, sympy.Max)):
            name = "minimum" if isinstance(e, sympy.Min) else "maximum"
            return 1.0, self._chained(name, (self.node(self.value(a)) for a in e.args))
        return 1.0, self.add(Call(e.func, tuple(self.node(self.value(a)) for a in e.args)))

    def _choice(self, e: sympy.Piecewise) -> Value:
        cases, otherwise = branches(e)
        value = self.value(otherwise)
        for inside, condition in reversed(cases):
            value = self.where(self._condition(condition), self.value(inside), value)
        return value

    def _condition(self, e: sympy.Basic) -> int:
        if isinstance(e, Relational):
            name = COMPARISONS[e.rel_op]
            return self.operation(name, tuple(self.node(self.value(a)) for a in e.args))
        logical = {sympy.And: "logical_and", sympy.Or: "logical_or"}.get(e.func)
        if logical is None:
            raise ValueError(f"a condition that cannot be computed: {e}")
        return self._chained(logical, map(self._condition, e.args))

    def _chained(self, name: str, nodes: Iterable[int]) -> int:
        """An operation of two operands applied to many, from the first on."""
        first, *others = nodes
        for other in others:
            first = self.operation(name, (first, other))
        return first

    # -- values ------------------------------------------------------------------------------------------

    def node(self, value: Value) -> int:
        """A node that is the value itself."""
        c, i = value
        return i if c == 1.0 else self.add(Sum(((i, c),)))

    def sum(self, terms: Iterable[Value]) -> Value:
        """Sum of values, equal terms collected; what does not move is one term."""
        collected: dict[int, float] = {}
        for c, i in terms:
            collected[i] = collected.get(i, 0.0) + c
        total = {i: collected[i] for i in sorted(collected) if collected[i] != 0.0}
        still = {i: c for i, c in total.items() if not self.moving[i]}
        if still and len(still) < len(total) and set(still) != {ONE}:
            total = {i: c for i, c in total.items() if i not in still}
            total[self.node(self.sum((c, i) for i, c in still.items()))] = 1.0
        if not total:
            return ZERO
        if len(total) == 1:
            ((i, c),) = total.items()
            return c, i
        if self.lowered:
            return 1.0, self.add(Sum(tuple(total.items())))
        sizes = [abs(c) for i, c in total.items() if not self.scalable(i)] or [abs(c) for c in total.values()]
        common = max(sizes, key=lambda size: (sizes.count(size), size == 1.0))
        if all(c < 0 for c in total.values()):
            common = -common
        return common, self.add(Sum(tuple((i, c / common) for i, c in total.items())))

    def scalable(self, i: int) -> bool:
        """Whether a number can be combined with a factor that does not move."""
        node = self.nodes[i]
        return isinstance(node, Product) and any(not self.moving[k] for k, _ in node.factors)

    def scaled_factors(self, i: int, number: float) -> Product:
        """A scalable product times a number, which is combined with the factors that do not move."""
        factors = [(k, e) if self.moving[k] else (self.node((number, k)), e) for k, e in self._factors(i)]
        return Product(tuple(factors))

    def product(self, values: Iterable[Value]) -> Value:
        """Product of values as powers of nodes; what does not move is one factor."""
        number = 1.0
        factors: dict[int, float] = {}
        for c, i in values:
            number *= c
            for k, e in self._factors(i):
                factors[k] = factors.get(k, 0.0) + e
        return self._powers(number, factors)

    def _factors(self, i: int) -> Terms:
        if i == ONE:
            return ()
        node = self.nodes[i]
        return node.factors if isinstance(node, Product) else ((i, 1.0),)

    def _powers(self, number: float, exponents: Mapping[int, float]) -> Value:
        """number * product of i**e over i: e."""
        if number == 0.0:
            return ZERO
        factors = {i: exponents[i] for i in sorted(exponents) if exponents[i] != 0.0}
        still = {i: e for i, e in factors.items() if not self.moving[i]}
        if still and len(still) < len(factors):
            constant = self.node(self._powers(1.0, still))
            factors = {i: e for i, e in factors.items() if i not in still} | {constant: 1.0}
        if not factors:
            return number, ONE
        if len(factors) == 1 and 1.0 in factors.values():
            return number, next(iter(factors))
        return number, self.add(Product(tuple(sorted(factors.items()))))

    def power(self, value: Value, exponent: float) -> Value:
        """value**exponent; powers of powers are multiplied where that is right for every real number."""
        c, i = value
        whole = exponent == int(exponent)
        if i == ONE:
            return c**exponent, ONE
        if not whole and (c < 0 or not all(self._positive(k) for k, _ in self._factors(i))):
            return self._powers(1.0, {self.node(value): exponent})
        return self._powers(c**exponent, {k: e * exponent for k, e in self._factors(i)})

    def _positive(self, i: int) -> bool:
        """Whether a node is positive for every real argument."""
        node = self.nodes[i]
        if isinstance(node, Sum):
            return all(self._positive(k) and c > 0 for k, c in node.terms)
        if isinstance(node, Product):
            return all(self._positive(k) for k, _ in node.factors)
        return isinstance(node, (One, Exp))

    def exp(self, value: Value) -> Value:
        """exp(value): powers of one exponential per logarithmic unknown, and further factors."""
        powers: dict[int, float] = {}
        moving: list[Value] = []
        still: list[Value] = []
        for c, i in self._terms(value):
            if i in self._logarithmic:
                base = self.add(Exp(i, 1.0))
                powers[base] = powers.get(base, 0.0) + c
            elif self.moving[i]:
                moving.append((c, i))
            else:
                still.append((c, i))
        c, i = self.sum(moving)
        if self.scalable(i):  # its number is combined with what does not move
            c, i = 1.0, self.add(self.scaled_factors(i, c))
        if c != 0.0:
            powers[self.add(Exp(i, 1.0))] = c
        rest = self.sum(still)
        if rest[1] == ONE and abs(rest[0]) < LARGEST_EXPONENT:
            return self._powers(math.exp(rest[0]), powers)
        return self._powers(1.0, powers | {self.add(Exp(self.node(rest), 1.0)): 1.0})

    def _terms(self, value: Value) -> list[Value]:
        """The terms of a value, with sums inside sums opened."""
        c, i = value
        node = self.nodes[i]
        if not isinstance(node, Sum):
            return [value]
        return [(c * d, k) for j, b in node.terms for d, k in self._terms((b, j))]

    def log(self, value: Value) -> Value:
        """Natural logarithm of a value."""
        c, i = value
        return (math.log(c), ONE) if i == ONE else (1.0, self.add(Log(self.node(value))))

    def where(self, condition: int, chosen: Value, other: Value) -> Value:
        """`chosen` where the condition is true, else `other`."""
        if chosen == other:
            return chosen
        return 1.0, self.operation("where", (condition, self.node(chosen), self.node(other)))

    def operation(self, name: str, inputs: tuple[int, ...]) -> int:
        """Node of an operation, by its name in numpy."""
        return self.add(Operation(name, inputs))

    def pair(self, a: int, b: int) -> int:
        """Node of a product of two nodes."""
        return self.add(Times(min(a, b), max(a, b)))

    def times(self, a: Value, b: Value) -> Value:
        """Product of two values as one multiplication."""
        c = a[0] * b[0]
        if c == 0.0:
            return ZERO
        if a[1] == ONE or b[1] == ONE:
            return c, a[1] + b[1]
        for factor, other in ((a[1], b[1]), (b[1], a[1])):
            if c != 1.0 and not self.moving[factor] and self.moving[other]:
                return 1.0, self.pair(self.node((c, factor)), other)
        return c, self.pair(a[1], b[1])

    def inverse(self, a: Value) -> Value:
        """1 / a."""
        return (1.0 / a[0], ONE) if a[1] == ONE else (1.0 / a[0], self.add(Inverse(a[1])))

    # -- nodes -------------------------------------------------------------------------------------------

    def same(self, i: int) -> int:
        """The node that a node only repeats."""
        while True:
            node = self.nodes[i]
            if not isinstance(node, Sum) or len(node.terms) != 1 or node.terms[0][1] != 1.0:
                return i
            i = node.terms[0][0]

    def order(self, roots: Iterable[int], known: Container[int] = (), branches: bool = True) -> list[int]:
        """The nodes that the roots need, each after those that it needs; nodes used together stay close.

        known: nodes that need nothing. branches=False: without what only the outcome of a choice needs.
        """
        ordered: dict[int, None] = {}
        for root in roots:
            stack = [(root, False)]
            while stack:
                i, ready = stack.pop()
                if i in ordered:
                    continue
                if ready:
                    ordered[i] = None
                    continue
                stack.append((i, True))
                if i not in known:
                    node = self.nodes[i]
                    inputs = node.inputs
                    if not branches and isinstance(node, Operation) and node.name == "where":
                        inputs = inputs[:1]
                    stack += [(a, False) for a in reversed(inputs) if a not in ordered]
        return list(ordered)

    def border(self, roots: Iterable[int]) -> list[int]:
        """What does not move and is used by something that moves, or is a root itself."""
        roots = list(roots)
        moving = [i for i in self.order(roots) if self.moving[i]]
        needed = [a for i in moving for a in self.nodes[i].inputs] + roots
        return list(dict.fromkeys(self.same(i) for i in needed if not self.moving[i]))

    def redefine(self, i: int, node: Node) -> None:
        """Give number i another node with another meaning; the former one is forgotten."""
        if self._known.get(self.nodes[i]) == i:
            del self._known[self.nodes[i]]
        self.nodes[i] = node
        self._known.setdefault(node, i)

    def replace(self, i: int, node: Node) -> None:
        """Compute number i in another way, with the same meaning."""
        self.nodes[i] = node
        self._known.setdefault(node, i)
        if self._known[node] != i:  # the node exists: refer to it
            self.nodes[i] = Sum(((self._known[node], 1.0),))
