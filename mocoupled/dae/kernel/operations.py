"""Expressions as a tape of small operations, each kept once: from sympy, with derivatives and what varies when told apart.

sympy holds the declaration; the batch kernel needs it with few operations and at once. A value is (c, i): the number c
times node i. Nodes that depend on an unknown are `moving`; the others are computed once per point. Exponentials of sums
of logarithms become products of powers of one exponential per unknown, and their derivatives are multiples of
themselves.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence

import sympy
from sympy.core.relational import Relational

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


def arguments(content: tuple) -> tuple[int, ...]:
    """The nodes that a node is computed from."""
    kind = content[0]
    if kind in ("one", "symbol"):
        return ()
    if kind in ("sum", "product"):
        return tuple(i for i, _ in content[1])
    if kind == "call":
        return content[2]
    return content[1:3] if kind == "mul" else content[1:2]


class Tape:
    """The nodes, by content:

    ("one",)  ("symbol", kind, position): kind "u" or "p"  ("sum", ((i, c), ...)): sum of c i
    ("product", ((i, e), ...)): of i**e, replaced by `lowering`  ("mul", a, b)  ("inv", a)  ("pow", a, e)
    ("exp", a, q): exp(q a)  ("log", a)  ("call", function, (a, ...)): a name of numpy's, or a sympy function
    """

    def __init__(self):
        self.nodes: list[tuple] = []
        self.moving: list[bool] = []
        self._known: dict[tuple, int] = {}
        self._values: dict[sympy.Basic, Value] = {}
        self._symbols: dict[sympy.Symbol, Value | sympy.Expr] = {}
        self._logarithmic: set[int] = set()
        self.lowered = False
        self.add(("one",), False)

    def add(self, content, moving=None) -> int:
        """The node of a content."""
        if content not in self._known:
            self._known[content] = len(self.nodes)
            self.nodes.append(content)
            self.moving.append(any(self.moving[a] for a in arguments(content)) if moving is None else moving)
        return self._known[content]

    # -- declaration -------------------------------------------------------------------------------------------------

    def declare(
        self,
        unknowns: Sequence[sympy.Symbol],
        parameters: Sequence[sympy.Symbol],
        known: Mapping,
        logarithmic: Sequence,
    ):
        """What symbols stand for; known: symbol -> number, or expression of other symbols. logarithmic: unknowns that
        occur in exponents only."""
        self._symbols = dict(known)
        for kind, symbols in (("u", unknowns), ("p", parameters)):
            for k, symbol in enumerate(symbols):
                node = self.add(("symbol", kind, k), kind == "u")
                self._symbols[symbol] = (1.0, node)
                if symbol in logarithmic:
                    self._logarithmic.add(node)

    def stand_for(self, symbols: Sequence[sympy.Symbol], nodes: Sequence[int]):
        """More symbols, that stand for nodes."""
        self._symbols.update(zip(symbols, ((1.0, i) for i in nodes)))

    def value(self, expression: sympy.Basic) -> Value:
        """A sympy expression of declared symbols as a value."""
        if expression not in self._values:
            self._values[expression] = self._converted(expression)
        return self._values[expression]

    def _converted(self, e) -> Value:
        if isinstance(e, sympy.Symbol):
            held = self._symbols[e]
            return held if isinstance(held, tuple) else self.value(sympy.sympify(held))
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
            *cases, (last, always) = e.args
            if always != True:  # noqa: E712  (sympy's true)
                raise ValueError(f"a Piecewise without an 'otherwise' cannot be computed: {e}")
            found = self.value(last)
            for inside, condition in reversed(cases):
                found = self.where(self._condition(condition), self.value(inside), found)
            return found
        if isinstance(e, (sympy.Min, sympy.Max)):
            name = "minimum" if isinstance(e, sympy.Min) else "maximum"
            first, *others = (self.node(self.value(a)) for a in e.args)
            for other in others:
                first = self.add(("call", name, (first, other)))
            return 1.0, first
        return 1.0, self.add(("call", e.func, tuple(self.node(self.value(a)) for a in e.args)))

    def _condition(self, e) -> int:
        if isinstance(e, Relational):
            return self.add(("call", COMPARISONS[e.rel_op], tuple(self.node(self.value(a)) for a in e.args)))
        name = {sympy.And: "logical_and", sympy.Or: "logical_or"}.get(e.func)
        if name is None:
            raise ValueError(f"a condition that cannot be computed: {e}")
        first, *others = map(self._condition, e.args)
        for other in others:
            first = self.add(("call", name, (first, other)))
        return first

    # -- values ------------------------------------------------------------------------------------------------------

    def node(self, value: Value) -> int:
        """A node that is the value itself."""
        c, i = value
        return i if c == 1.0 else self.add(("sum", ((i, c),)))

    def sum(self, terms: Iterable[Value]) -> Value:
        """Sum of values, equal terms collected; what does not move is one term."""
        total: dict[int, float] = {}
        for c, i in terms:
            total[i] = total.get(i, 0.0) + c
        total = {i: total[i] for i in sorted(total) if total[i] != 0.0}
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
            return 1.0, self.add(("sum", tuple(total.items())))
        sizes = [abs(c) for i, c in total.items() if not self.scalable(i)] or [abs(c) for c in total.values()]
        common = max(sizes, key=lambda size: (sizes.count(size), size == 1.0))
        if all(c < 0 for c in total.values()):
            common = -common
        return common, self.add(("sum", tuple((i, c / common) for i, c in total.items())))

    def scalable(self, i):
        """Whether a number can be put with a factor that does not move."""
        return self.nodes[i][0] == "product" and any(not self.moving[k] for k, _ in self.nodes[i][1])

    def product(self, values: Iterable[Value]) -> Value:
        """Product of values as powers of nodes; what does not move is one factor."""
        number, factors = 1.0, {}
        for c, i in values:
            number *= c
            for k, e in self._factors(i):
                factors[k] = factors.get(k, 0.0) + e
        return self._powers(number, factors)

    def _factors(self, i):
        if i == ONE:
            return ()
        return self.nodes[i][1] if self.nodes[i][0] == "product" else ((i, 1.0),)

    def _powers(self, number, factors) -> Value:
        if number == 0.0:
            return ZERO
        factors = {i: factors[i] for i in sorted(factors) if factors[i] != 0.0}
        still = {i: e for i, e in factors.items() if not self.moving[i]}
        if still and len(still) < len(factors):
            held = self.node(self._powers(1.0, still))
            factors = {i: e for i, e in factors.items() if i not in still} | {held: 1.0}
        if not factors:
            return number, ONE
        if len(factors) == 1 and 1.0 in factors.values():
            return number, next(iter(factors))
        return number, self.add(("product", tuple(sorted(factors.items()))))

    def power(self, value: Value, exponent: float) -> Value:
        """value**exponent; powers of powers are multiplied where that is right for every real number."""
        c, i = value
        whole = exponent == int(exponent)
        if i == ONE:
            return c**exponent, ONE
        if not whole and (c < 0 or not all(self._positive(k) for k, _ in self._factors(i))):
            return self._powers(1.0, {self.node(value): exponent})
        return self._powers(c**exponent, {k: e * exponent for k, e in self._factors(i)})

    def _positive(self, i):
        content = self.nodes[i]
        if content[0] in ("sum", "product"):
            return all(self._positive(k) and (c > 0 or content[0] == "product") for k, c in content[1])
        return content[0] in ("one", "exp")

    def exp(self, value: Value) -> Value:
        """exp(value): powers of one exponential per logarithmic unknown, times what else moves, times what does not."""
        powers, moving, still = {}, [], []
        for c, i in self._terms(value):
            if i in self._logarithmic:
                base = self.add(("exp", i, 1.0))
                powers[base] = powers.get(base, 0.0) + c
            else:
                (moving if self.moving[i] else still).append((c, i))
        c, i = self.sum(moving)
        if self.scalable(i):  # its number is put with what does not move
            c, i = (
                1.0,
                self.add(
                    (
                        "product",
                        tuple(
                            (k, e) if self.moving[k] else (self.node((c, k)), e) for k, e in self.nodes[i][1]
                        ),
                    )
                ),
            )
        if c != 0.0:
            powers[self.add(("exp", i, 1.0))] = c
        rest = self.sum(still)
        if rest[1] == ONE and abs(rest[0]) < LARGEST_EXPONENT:
            return self._powers(math.exp(rest[0]), powers)
        return self._powers(1.0, powers | {self.add(("exp", self.node(rest), 1.0)): 1.0})

    def _terms(self, value):
        c, i = value
        if self.nodes[i][0] != "sum":
            return [value]
        return [(c * d, k) for j, b in self.nodes[i][1] for d, k in self._terms((b, j))]

    def log(self, value: Value) -> Value:
        c, i = value
        return (math.log(c), ONE) if i == ONE else (1.0, self.add(("log", self.node(value))))

    def where(self, condition: int, one: Value, other: Value) -> Value:
        if one == other:
            return one
        return 1.0, self.add(("call", "where", (condition, self.node(one), self.node(other))))

    def same(self, i: int) -> int:
        """The node that a node only repeats."""
        while self.nodes[i][0] == "sum" and len(self.nodes[i][1]) == 1 and self.nodes[i][1][0][1] == 1.0:
            i = self.nodes[i][1][0][0]
        return i

    def order(self, roots: Iterable[int], given: Container[int] = (), branches: bool = True) -> list[int]:
        """The nodes behind the roots, each after what it needs, those near to each other that are used together.

        given: nodes that need nothing; branches=False: without what only the outcome of a choice needs.
        """
        found: dict[int, None] = {}
        for root in roots:
            stack = [(root, False)]
            while stack:
                i, ready = stack.pop()
                if i in found:
                    continue
                if ready:
                    found[i] = None
                    continue
                stack.append((i, True))
                if i not in given:
                    inside = arguments(self.nodes[i])
                    if not branches and self.nodes[i][:2] == ("call", "where"):
                        inside = inside[:1]
                    stack += [(a, False) for a in reversed(inside) if a not in found]
        return list(found)

    def border(self, roots: Iterable[int]) -> list[int]:
        """What does not move and is used by something that moves, or is a root itself."""
        roots = list(roots)
        moving = [i for i in self.order(roots) if self.moving[i]]
        needed = [a for i in moving for a in arguments(self.nodes[i])] + roots
        return list(dict.fromkeys(self.same(i) for i in needed if not self.moving[i]))

    def call(self, function, inside: tuple[int, ...]) -> int:
        """Node of a function of nodes: a name of numpy's, or a sympy function."""
        return self.add(("call", function, inside))

    def pair(self, a, b) -> int:
        """Node of a product of two nodes."""
        return self.add(("mul", *sorted((a, b))))

    def redefine(self, i, content):
        """Another content for a node; what it was known by may mean something else now."""
        if self._known.get(self.nodes[i]) == i:
            del self._known[self.nodes[i]]
        self.nodes[i] = content
        self._known.setdefault(content, i)

    def replace(self, i, content):
        """The same node computed in another way."""
        self.nodes[i] = content
        self._known.setdefault(content, i)
        if self._known[content] != i:  # it exists: point to it
            self.nodes[i] = ("sum", ((self._known[content], 1.0),))

    def times(self, a: Value, b: Value) -> Value:
        """Product of two values as one multiplication."""
        c = a[0] * b[0]
        if c == 0.0:
            return ZERO
        if a[1] == ONE or b[1] == ONE:
            return c, a[1] + b[1]
        for one, other in ((a[1], b[1]), (b[1], a[1])):
            if c != 1.0 and not self.moving[one] and self.moving[other]:
                return 1.0, self.pair(self.node((c, one)), other)
        return c, self.pair(a[1], b[1])

    def inverse(self, a: Value) -> Value:
        return (1.0 / a[0], ONE) if a[1] == ONE else (1.0 / a[0], self.add(("inv", a[1])))
