"""Expressions as a tape of small operations, each kept once: from sympy, with derivatives and what varies when told apart.

sympy holds the declaration; the batch kernel needs it with few operations and at once. A value is (c, i): the number c
times node i. Nodes that depend on an unknown are `moving`; the others are computed once per point. Exponentials of sums
of logarithms become products of powers of one exponential per unknown, and their derivatives are multiples of
themselves.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from fractions import Fraction

import sympy
from sympy.core.relational import Relational

Value = tuple[float, int]
ONE = 0
ZERO: Value = (0.0, ONE)
COMPARISONS = {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal", "==": "equal", "!=": "not_equal"}
LARGEST_DENOMINATOR = 12  # of the exponents that are powers of one exponential


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


def _unit(exponents: Iterable[float]) -> float:
    """1 over the common denominator of the exponents of an exponential, of whose root they are whole powers."""
    fractions = [Fraction(e).limit_denominator(LARGEST_DENOMINATOR) for e in exponents]
    if any(abs(float(f) - e) > 1e-12 for f, e in zip(fractions, exponents)):
        return 1.0
    return 1.0 / math.lcm(*(f.denominator for f in fractions))


class Tape:
    """The nodes, by content:

    ("one",)  ("symbol", kind, position): kind "u" or "p"  ("sum", ((i, c), ...)): sum of c i
    ("product", ((i, e), ...)): of i**e, replaced by `lower`  ("mul", a, b)  ("inv", a)  ("pow", a, e)
    ("exp", a, q): exp(q a)  ("log", a)  ("call", function, (a, ...)): a name of numpy's, or a sympy function
    """

    def __init__(self):
        self.nodes: list[tuple] = []
        self.moving: list[bool] = []
        self._known: dict[tuple, int] = {}
        self._values: dict[sympy.Basic, Value] = {}
        self._symbols: dict[sympy.Symbol, Value | sympy.Expr] = {}
        self._logarithmic: set[int] = set()
        self._gradients: dict[int, dict[int, Value]] = {}
        self._lowered = False
        self._add(("one",), False)

    def _add(self, content, moving=None) -> int:
        if content not in self._known:
            self._known[content] = len(self.nodes)
            self.nodes.append(content)
            self.moving.append(any(self.moving[a] for a in arguments(content)) if moving is None else moving)
        return self._known[content]

    # -- declaration -------------------------------------------------------------------------------------------------

    def declare(self, unknowns: Sequence[sympy.Symbol], parameters: Sequence[sympy.Symbol], known: Mapping, logarithmic: Sequence):
        """What symbols stand for; known: symbol -> number, or expression of other symbols. logarithmic: unknowns that
        occur in exponents only."""
        self._symbols = dict(known)
        for kind, symbols in (("u", unknowns), ("p", parameters)):
            for k, symbol in enumerate(symbols):
                node = self._add(("symbol", kind, k), kind == "u")
                self._symbols[symbol] = (1.0, node)
                if symbol in logarithmic:
                    self._logarithmic.add(node)

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
                first = self._add(("call", name, (first, other)))
            return 1.0, first
        return 1.0, self._add(("call", e.func, tuple(self.node(self.value(a)) for a in e.args)))

    def _condition(self, e) -> int:
        if isinstance(e, Relational):
            return self._add(("call", COMPARISONS[e.rel_op], tuple(self.node(self.value(a)) for a in e.args)))
        name = {sympy.And: "logical_and", sympy.Or: "logical_or"}.get(e.func)
        if name is None:
            raise ValueError(f"a condition that cannot be computed: {e}")
        first, *others = map(self._condition, e.args)
        for other in others:
            first = self._add(("call", name, (first, other)))
        return first

    # -- values ------------------------------------------------------------------------------------------------------

    def node(self, value: Value) -> int:
        """A node that is the value itself."""
        c, i = value
        return i if c == 1.0 else self._add(("sum", ((i, c),)))

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
        if self._lowered:
            return 1.0, self._add(("sum", tuple(total.items())))
        sizes = [abs(c) for i, c in total.items() if not self._scalable(i)] or [abs(c) for c in total.values()]
        common = max(sizes, key=sizes.count)
        if all(c < 0 for c in total.values()):
            common = -common
        return common, self._add(("sum", tuple((i, c / common) for i, c in total.items())))

    def _scalable(self, i):
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
        return number, self._add(("product", tuple(sorted(factors.items()))))

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
                base = self._add(("exp", i, 1.0))
                powers[base] = powers.get(base, 0.0) + c
            else:
                (moving if self.moving[i] else still).append((c, i))
        c, i = self.sum(moving)
        if c != 0.0:
            powers[self._add(("exp", i, 1.0))] = c
        rest = self.sum(still)
        if rest[1] == ONE:
            return self._powers(math.exp(rest[0]), powers)
        return self._powers(1.0, powers | {self._add(("exp", self.node(rest), 1.0)): 1.0})

    def _terms(self, value):
        c, i = value
        if self.nodes[i][0] != "sum":
            return [value]
        return [(c * d, k) for j, b in self.nodes[i][1] for d, k in self._terms((b, j))]

    def log(self, value: Value) -> Value:
        c, i = value
        return (math.log(c), ONE) if i == ONE else (1.0, self._add(("log", self.node(value))))

    def where(self, condition: int, one: Value, other: Value) -> Value:
        if one == other:
            return one
        return 1.0, self._add(("call", "where", (condition, self.node(one), self.node(other))))

    # -- operations ----------------------------------------------------------------------------------------------------

    def lower(self, roots: Iterable[int]):
        """Replace the products behind the roots by multiplications of two, with shared parts of products and of sums
        taken out."""
        roots = list(roots)
        reached = self.order(roots)
        self._scale_products(reached, set(roots))
        self.share_sums([i for i in reached if self.moving[i] and self.nodes[i][0] == "sum" and len(self.nodes[i][1]) > 1])
        products = {i: dict(self.nodes[i][1]) for i in reached if self.nodes[i][0] == "product"}
        exponents: dict[int, set[float]] = {i: {1.0} for i in reached if self.nodes[i][0] == "exp" and self.moving[i]}
        for factors in products.values():
            for i, e in factors.items():
                exponents.get(i, set()).add(e)
        units = {i: _unit(found) for i, found in exponents.items()}
        roots = {i: (i if unit == 1.0 else self._add(("exp", self.nodes[i][1], unit)), unit) for i, unit in units.items()}

        def chain_of(i, e):
            if i not in roots:
                return self._whole_powers(i, e)
            root, unit = roots[i]
            return self._whole_powers(root, float(f"{e / unit:.12g}"))

        chains = {i: [node for k, e in factors.items() for node in chain_of(k, e)] for i, factors in products.items()}
        chains |= {i: chain_of(i, 1.0) for i, (root, _) in roots.items() if root != i}
        for chain in chains.values():  # divisions, then what does not move, come last: derivatives see them so
            chain.sort(key=lambda i: (not self.moving[i], self.nodes[i][0] == "inv"))
        self._share_pairs(chains)
        for i, (first, *others) in chains.items():
            while len(others) > 1:
                first = self._pair(first, others.pop(0))
            self._replace(i, ("mul", *sorted((first, *others))) if others else ("sum", ((first, 1.0),)))
        self._lowered = True

    def _scale_products(self, reached, roots):
        """Put numbers into factors that do not move, where a product is used as a term of sums only."""
        uses: dict[int, list[float]] = {}
        inside: dict[int, list[int]] = {}
        for i in reached:
            if self.nodes[i][0] == "sum":
                for k, c in self.nodes[i][1]:
                    uses.setdefault(k, []).append(c)
                    inside.setdefault(k, []).append(i)
            else:
                for k in arguments(self.nodes[i]):
                    uses.setdefault(k, []).append(0.0)
        for i in reached:
            if i in roots or not self.moving[i] or not self._scalable(i) or 0.0 in uses[i]:
                continue
            size = max(map(abs, uses[i]), key=[abs(c) for c in uses[i]].count)
            if size == 1.0:
                continue
            factors = [(k, e) if self.moving[k] else (self.node((size, k)), e) for k, e in self.nodes[i][1]]
            self.nodes[i] = ("product", tuple(factors))
            for k in set(inside[i]):
                self.nodes[k] = ("sum", tuple((j, c / size if j == i else c) for j, c in self.nodes[k][1]))

    def _replace(self, i, content):
        self.nodes[i] = content
        self._known.setdefault(content, i)
        if self._known[content] != i:  # it exists: point to it
            self.nodes[i] = ("sum", ((self._known[content], 1.0),))

    def _pair(self, a, b):
        return self._add(("mul", *sorted((a, b))))

    def _whole_powers(self, i, e):
        """Nodes whose product is i**e."""
        if self.nodes[i][0] == "exp" and e != int(e):  # an odd exponent of an exponential
            return [self._add(("exp", self.nodes[i][1], e * self.nodes[i][2]))]
        if e != int(e) or abs(e) > 64:
            return [self._add(("pow", i, e))]
        if e < 0:
            first, *others = self._whole_powers(i, -e)
            for node in others:
                first = self._pair(first, node)
            return [self._add(("inv", first))]
        if e == 1:
            return [i]
        half = i
        for _ in range(int(math.log2(e))):
            half = self._pair(half, half)
        rest = e - 2 ** int(math.log2(e))
        return [half, *(self._whole_powers(i, rest) if rest else [])]

    def _share_pairs(self, chains):
        """Multiply first those pairs of factors that several products have."""
        while True:
            counts: dict[tuple[int, int], int] = {}
            for chain in chains.values():
                for pair in {tuple(sorted((a, b))) for k, a in enumerate(chain) for b in chain[k + 1 :]}:
                    counts[pair] = counts.get(pair, 0) + 1
            pair = max(counts, key=lambda p: (counts[p], -p[0], -p[1]), default=None)
            if pair is None or counts[pair] < 2:
                return
            made = self._pair(*pair)
            for chain in chains.values():
                if pair[0] in chain and pair[1] in chain and (pair[0] != pair[1] or chain.count(pair[0]) > 1):
                    chain.remove(pair[0])
                    chain.remove(pair[1])
                    chain.append(made)

    def same(self, i: int) -> int:
        """The node that a node only repeats."""
        while self.nodes[i][0] == "sum" and len(self.nodes[i][1]) == 1 and self.nodes[i][1][0][1] == 1.0:
            i = self.nodes[i][1][0][0]
        return i

    def share_sums(self, sums: Sequence[int]):
        """Take out the largest part that two sums have in common up to a factor, until none has two moving terms."""
        terms = {i: dict(self.nodes[i][1]) for i in sums}
        while True:
            best, where = 1, None
            keys = list(terms)
            for k, one in enumerate(keys):
                for other in keys[k + 1 :]:
                    ratios: dict[float, list[int]] = {}
                    for i, c in terms[one].items():
                        if i in terms[other] and self.moving[i]:
                            ratios.setdefault(float(f"{terms[other][i] / c:.14g}"), []).append(i)
                    for ratio, common in ratios.items():
                        if len(common) > best:
                            best, where = len(common), (one, common)
            if where is None:
                break
            one, common = where
            factor, part = self.sum((terms[one][i], i) for i in common)
            inside = dict(self.nodes[part][1])
            for i in keys:
                if i != part and all(k in terms[i] for k in inside):
                    shares = {float(f"{terms[i][k] / c:.14g}") for k, c in inside.items()}
                    if len(shares) == 1:
                        share = terms[i][common[0]] / inside[common[0]]
                        terms[i] = {k: c for k, c in terms[i].items() if k not in inside} | {part: share}
            terms.setdefault(part, inside)
        for i, found in terms.items():
            self._replace(i, ("sum", tuple(sorted(found.items()))))

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
        return self._add(("call", function, inside))

    def times(self, a: Value, b: Value) -> Value:
        """Product of two values as one multiplication."""
        c = a[0] * b[0]
        if c == 0.0:
            return ZERO
        if a[1] == ONE or b[1] == ONE:
            return c, a[1] + b[1]
        for one, other in ((a[1], b[1]), (b[1], a[1])):
            if c != 1.0 and not self.moving[one] and self.moving[other]:
                return 1.0, self._pair(self.node((c, one)), other)
        return c, self._pair(a[1], b[1])

    def inverse(self, a: Value) -> Value:
        return (1.0 / a[0], ONE) if a[1] == ONE else (1.0 / a[0], self._add(("inv", a[1])))

    # -- derivatives ---------------------------------------------------------------------------------------------------

    def gradient(self, i: int) -> dict[int, Value]:
        """Derivatives of a lowered node: position of the unknown -> value. Zeros are left out."""
        for k in self.order([i]):
            if k not in self._gradients:
                made = self._gradient(k) if self.moving[k] else {}
                self._gradients[k] = {j: v for j, v in made.items() if v[0] != 0.0}
        return self._gradients[i]

    def _gradient(self, i) -> dict[int, Value]:
        content, held = self.nodes[i], self._gradients
        kind = content[0]
        if kind == "symbol":
            return {content[2]: (1.0, ONE)}
        if kind == "sum":
            return self._combined([((c, ONE), held[k]) for k, c in content[1]])
        if kind == "mul":
            a, b = content[1:]
            if self.nodes[a][0] == "inv":
                a, b = b, a
            if self.nodes[b][0] == "inv" and not self._proportional(b):  # a/x: (a' - (a/x) x')/x
                x = self.nodes[b][1]
                whole = self._combined([((1.0, ONE), held[a]), ((-1.0, i), held[x])])
                return {j: self.times((1.0, b), v) for j, v in whole.items()}
            logs = [(1.0, self._logarithmic_gradient(k)) for k in (a, b)]
            if all(g is not None for _, g in logs):
                return self._chained((1.0, i), logs)
            return self._combined([((1.0, b), held[a]), ((1.0, a), held[b])])
        if kind == "inv":
            (a,) = content[1:]
            log = self._logarithmic_gradient(a)
            if log is not None:
                return self._chained((-1.0, i), [(1.0, log)])
            return {j: self.times((-1.0, i), self.times((1.0, i), v)) for j, v in held[a].items()}
        if kind == "exp":
            return {j: self.times((content[2], i), v) for j, v in held[content[1]].items()}
        if kind == "pow":
            _, a, e = content
            log = self._logarithmic_gradient(a)
            if log is not None:
                return self._chained((e, i), [(1.0, log)])
            slope = self.inverse((1.0, i)) if e == 0.5 else self.times((1.0, i), self.inverse((1.0, a)))
            return {j: self.times((e * slope[0], slope[1]), v) for j, v in held[a].items()}
        if kind == "log":
            return {j: self.times(self.inverse((1.0, content[1])), v) for j, v in held[content[1]].items()}
        return self._called_gradient(content)

    def _logarithmic_gradient(self, i):
        """d ln(i) as numbers, where the derivatives of i are multiples of i; {} for what does not move; else None."""
        gradient, scale, root = self._gradients[i], 1.0, i
        while self.nodes[root][0] == "sum" and len(self.nodes[root][1]) == 1:
            ((root, c),) = self.nodes[root][1]
            scale *= c
        return {j: c / scale for j, (c, k) in gradient.items()} if all(k in (i, root) for _, k in gradient.values()) else None

    def _proportional(self, i):
        return self._logarithmic_gradient(i) is not None

    @staticmethod
    def _chained(whole: Value, logs) -> dict[int, Value]:
        total: dict[int, float] = {}
        for factor, log in logs:
            for j, c in log.items():
                total[j] = total.get(j, 0.0) + factor * c
        return {j: (whole[0] * c, whole[1]) for j, c in total.items()}

    def _combined(self, parts) -> dict[int, Value]:
        """Sum of factor * gradient."""
        terms: dict[int, list[Value]] = {}
        for factor, gradient in parts:
            for j, v in gradient.items():
                terms.setdefault(j, []).append(self.times(factor, v))
        return {j: self.sum(found) for j, found in terms.items()}

    def _called_gradient(self, content) -> dict[int, Value]:
        _, function, inside = content
        held = self._gradients
        if function in ("where", "minimum", "maximum"):
            condition, a, b = inside if function == "where" else (self._add(("call", "less" if function == "minimum" else "greater", inside)), *inside)
            columns = sorted(set(held[a]) | set(held[b]))
            return {j: self.where(condition, held[a].get(j, ZERO), held[b].get(j, ZERO)) for j in columns}
        if isinstance(function, str):
            return {}
        dummies = [sympy.Dummy(real=True) for _ in inside]
        self._symbols.update(zip(dummies, ((1.0, i) for i in inside)))
        parts = []
        for k, a in enumerate(inside):
            if held[a]:
                slope = self.value(function(*dummies).diff(dummies[k]))
                self.lower([slope[1]])
                parts.append((slope, held[a]))
        return self._combined(parts)
