"""Derivatives of the nodes of a lowered tape: forward, each node once, multiples of a node kept as such."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy

from .lowering import lower
from .nodes import Argument, Call, Exp, Inverse, Log, Node, One, Operation, Power, Product, Sum, Times
from .operations import ONE, ZERO, Tape, Value

Gradient = dict[int, Value]  # position of the unknown -> derivative; zeros are left out


class Gradients:
    """gradients(node): position of the unknown -> derivative, of a node of `tape`; zeros are left out.

    The exponent of an exponential that several operations use is treated as a further unknown.
    Its position is -1 - node, and the chain rule is applied to the whole.
    What is proportional to the exponential stays so.
    """

    def __init__(self, tape: Tape, roots: Iterable[int]) -> None:
        self.tape = tape
        self._known: dict[int, Gradient] = {}
        users: dict[int, int] = {}
        for i in tape.order(roots):
            for a in dict.fromkeys(map(tape.same, tape.nodes[i].inputs)):
                users[a] = users.get(a, 0) + (tape.same(i) == i)
        self._exponents: set[int] = set()
        for i, count in users.items():
            node = tape.nodes[i]
            if count < 2 or not isinstance(node, Exp):
                continue
            if tape.moving[node.a] and not isinstance(tape.nodes[node.a], Argument):
                self._exponents.add(node.a)

    def __call__(self, i: int) -> Gradient:
        total: dict[int, list[Value]] = {}
        pending = [((1.0, ONE), self._inner(i))]
        while pending:
            factor, gradient = pending.pop()
            inner: dict[int, Value] = {}
            for j, v in gradient.items():
                if j >= 0:
                    total.setdefault(j, []).append(self.tape.times(factor, v))
                else:
                    inner[-1 - j] = self.tape.times(factor, v)
            pending += [(v, self._inner(k)) for k, v in inner.items()]
        sums = {j: self.tape.sum(parts) for j, parts in sorted(total.items())}
        return {j: v for j, v in sums.items() if v[0] != 0.0}

    def _inner(self, i: int) -> Gradient:
        """The derivatives with the shared exponents as unknowns."""
        for k in self.tape.order([i]):
            if k not in self._known:
                gradient = self._gradient(k, self.tape.nodes[k]) if self.tape.moving[k] else {}
                self._known[k] = {j: v for j, v in gradient.items() if v[0] != 0.0}
        return self._known[i]

    def _gradient(self, i: int, node: Node) -> Gradient:
        """The rules of differentiation, from the derivatives of the inputs."""
        known = self._known
        match node:
            case Argument():
                return {node.position: (1.0, ONE)}
            case Sum():
                return self._combined([((c, ONE), known[k]) for k, c in node.terms])
            case Times():
                return self._of_product(i, node)
            case Inverse():
                log = self._logarithmic(node.a)
                if log is not None:
                    return _chained((-1.0, i), [log])
                times = self.tape.times  # d(1/a) = -(1/a) ((1/a) da)
                return {j: times((-1.0, i), times((1.0, i), v)) for j, v in known[node.a].items()}
            case Exp():
                if node.a in self._exponents:
                    return {-1 - node.a: (node.factor, i)}
                return self._times((node.factor, i), known[node.a])
            case Power():
                return self._of_power(i, node)
            case Log():
                return self._by(node.a, known[node.a])
            case Operation():
                return self._of_operation(node)
            case Call():
                return self._of_call(node)
            case One() | Product():
                raise ValueError(f"a node that is no operation of a lowered tape: {node}")

    def _times(self, factor: Value, gradient: Gradient) -> Gradient:
        return {j: self.tape.times(factor, v) for j, v in gradient.items()}

    def _by(self, divisor: int, gradient: Gradient) -> Gradient:
        return {j: self.tape.times(self.tape.inverse((1.0, divisor)), v) for j, v in gradient.items()}

    def _of_product(self, i: int, node: Times) -> Gradient:
        a, b = node.a, node.b
        if isinstance(self.tape.nodes[a], Inverse):
            a, b = b, a
        divisor = self.tape.nodes[b]
        if isinstance(divisor, Inverse) and self._logarithmic(b) is None:  # a/x: (a' - (a/x) x')/x
            parts = [((1.0, ONE), self._known[a]), ((-1.0, i), self._known[divisor.a])]
            return self._times((1.0, b), self._combined(parts))
        of_a, of_b = self._logarithmic(a), self._logarithmic(b)
        if of_a is not None and of_b is not None:
            return _chained((1.0, i), [of_a, of_b])
        return self._combined([((1.0, b), self._known[a]), ((1.0, a), self._known[b])])

    def _of_power(self, i: int, node: Power) -> Gradient:
        e = node.exponent
        log = self._logarithmic(node.a)
        if log is not None:
            return _chained((e, i), [log])
        if e == 0.5:
            slope = self.tape.inverse((1.0, i))
        else:
            slope = self.tape.times((1.0, i), self.tape.inverse((1.0, node.a)))
        return self._times((e * slope[0], slope[1]), self._known[node.a])

    def _of_operation(self, node: Operation) -> Gradient:
        """Of a choice or an extremum; other operations (comparisons) have no derivative."""
        if node.name not in ("where", "minimum", "maximum"):
            return {}
        inputs = node.inputs
        if node.name != "where":
            comparison = "less" if node.name == "minimum" else "greater"
            inputs = (self.tape.operation(comparison, inputs), *inputs)
        condition, a, b = inputs
        of_a, of_b = self._known[a], self._known[b]
        columns = sorted(set(of_a) | set(of_b))
        return {j: self.tape.where(condition, of_a.get(j, ZERO), of_b.get(j, ZERO)) for j in columns}

    def _of_call(self, node: Call) -> Gradient:
        """Of a function of sympy's or a leaf: sympy differentiates it."""
        dummies = [sympy.Dummy(real=True) for _ in node.inputs]
        self.tape.stand_for(dummies, node.inputs)
        parts = []
        for k, a in enumerate(node.inputs):
            if self._known[a]:
                slope = self.tape.value(node.function(*dummies).diff(dummies[k]))
                lower(self.tape, [slope[1]])
                parts.append((slope, self._known[a]))
        return self._combined(parts)

    def _logarithmic(self, i: int) -> dict[int, float] | None:
        """d ln(i) as numbers, where the derivatives of i are multiples of i; else None.

        {} for what does not move.
        """
        gradient, scale, root = self._known[i], 1.0, i
        while True:
            node = self.tape.nodes[root]
            if not isinstance(node, Sum) or len(node.terms) != 1:
                break
            ((root, c),) = node.terms
            scale *= c
        if all(k in (i, root) for _, k in gradient.values()):
            return {j: c / scale for j, (c, k) in gradient.items()}
        return None

    def _combined(self, parts: Iterable[tuple[Value, Gradient]]) -> Gradient:
        """Sum of factor * gradient."""
        terms: dict[int, list[Value]] = {}
        for factor, gradient in parts:
            for j, v in gradient.items():
                terms.setdefault(j, []).append(self.tape.times(factor, v))
        return {j: self.tape.sum(of_j) for j, of_j in terms.items()}


def _chained(whole: Value, logs: Iterable[Mapping[int, float]]) -> Gradient:
    """whole * sum of the logarithmic derivatives."""
    total: dict[int, float] = {}
    for log in logs:
        for j, c in log.items():
            total[j] = total.get(j, 0.0) + c
    return {j: (whole[0] * c, whole[1]) for j, c in total.items()}
