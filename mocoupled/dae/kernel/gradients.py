"""Derivatives of the nodes of a lowered tape: forward, each node once, multiples of a node kept as such."""

from __future__ import annotations

from collections.abc import Iterable

import sympy

from .lowering import lower
from .operations import ONE, ZERO, Tape, Value, arguments


class Gradients:
    """gradients(node): position of the unknown -> derivative, of a node of `tape`; zeros are left out.

    The exponent of an exponential that several operations use is differentiated by as an unknown of its own, at the
    position -1 - node, and the chain rule is applied to the whole: what is proportional to the exponential stays so.
    """

    def __init__(self, tape: Tape, roots: Iterable[int]):
        self.tape = tape
        self._known: dict[int, dict[int, Value]] = {}
        users: dict[int, int] = {}
        for i in tape.order(roots):
            for a in dict.fromkeys(map(tape.same, arguments(tape.nodes[i]))):
                users[a] = users.get(a, 0) + (tape.same(i) == i)
        exponentials = (
            tape.nodes[i] for i, count in users.items() if count > 1 and tape.nodes[i][0] == "exp"
        )
        self._exponents = {a for _, a, _ in exponentials if tape.moving[a] and tape.nodes[a][0] != "symbol"}

    def __call__(self, i: int) -> dict[int, Value]:
        """Derivatives of a lowered node: position of the unknown -> value. Zeros are left out."""
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
        found = {j: self.tape.sum(parts) for j, parts in sorted(total.items())}
        return {j: v for j, v in found.items() if v[0] != 0.0}

    def _inner(self, i) -> dict[int, Value]:
        """The same with the exponents as unknowns."""
        for k in self.tape.order([i]):
            if k not in self._known:
                made = self._gradient(k) if self.tape.moving[k] else {}
                self._known[k] = {j: v for j, v in made.items() if v[0] != 0.0}
        return self._known[i]

    def _gradient(self, i) -> dict[int, Value]:
        content, held = self.tape.nodes[i], self._known
        kind = content[0]
        if kind == "symbol":
            return {content[2]: (1.0, ONE)}
        if kind == "sum":
            return self._combined([((c, ONE), held[k]) for k, c in content[1]])
        if kind == "mul":
            a, b = content[1:]
            if self.tape.nodes[a][0] == "inv":
                a, b = b, a
            if self.tape.nodes[b][0] == "inv" and not self._proportional(b):  # a/x: (a' - (a/x) x')/x
                x = self.tape.nodes[b][1]
                whole = self._combined([((1.0, ONE), held[a]), ((-1.0, i), held[x])])
                return {j: self.tape.times((1.0, b), v) for j, v in whole.items()}
            logs = [(1.0, self._logarithmic_gradient(k)) for k in (a, b)]
            if all(g is not None for _, g in logs):
                return self._chained((1.0, i), logs)
            return self._combined([((1.0, b), held[a]), ((1.0, a), held[b])])
        if kind == "inv":
            (a,) = content[1:]
            log = self._logarithmic_gradient(a)
            if log is not None:
                return self._chained((-1.0, i), [(1.0, log)])
            return {j: self.tape.times((-1.0, i), self.tape.times((1.0, i), v)) for j, v in held[a].items()}
        if kind == "exp" and content[1] in self._exponents:
            return {-1 - content[1]: (content[2], i)}
        if kind == "exp":
            return {j: self.tape.times((content[2], i), v) for j, v in held[content[1]].items()}
        if kind == "pow":
            _, a, e = content
            log = self._logarithmic_gradient(a)
            if log is not None:
                return self._chained((e, i), [(1.0, log)])
            slope = (
                self.tape.inverse((1.0, i))
                if e == 0.5
                else self.tape.times((1.0, i), self.tape.inverse((1.0, a)))
            )
            return {j: self.tape.times((e * slope[0], slope[1]), v) for j, v in held[a].items()}
        if kind == "log":
            return {
                j: self.tape.times(self.tape.inverse((1.0, content[1])), v)
                for j, v in held[content[1]].items()
            }
        return self._called_gradient(content)

    def _logarithmic_gradient(self, i):
        """d ln(i) as numbers, where the derivatives of i are multiples of i; {} for what does not move; else None."""
        gradient, scale, root = self._known[i], 1.0, i
        while self.tape.nodes[root][0] == "sum" and len(self.tape.nodes[root][1]) == 1:
            ((root, c),) = self.tape.nodes[root][1]
            scale *= c
        return (
            {j: c / scale for j, (c, k) in gradient.items()}
            if all(k in (i, root) for _, k in gradient.values())
            else None
        )

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
                terms.setdefault(j, []).append(self.tape.times(factor, v))
        return {j: self.tape.sum(found) for j, found in terms.items()}

    def _called_gradient(self, content) -> dict[int, Value]:
        _, function, inside = content
        held = self._known
        if function in ("where", "minimum", "maximum"):
            if function != "where":
                inside = (self.tape.call("less" if function == "minimum" else "greater", inside), *inside)
            condition, a, b = inside
            columns = sorted(set(held[a]) | set(held[b]))
            return {
                j: self.tape.where(condition, held[a].get(j, ZERO), held[b].get(j, ZERO)) for j in columns
            }
        if isinstance(function, str):
            return {}
        dummies = [sympy.Dummy(real=True) for _ in inside]
        self.tape.stand_for(dummies, inside)
        parts = []
        for k, a in enumerate(inside):
            if held[a]:
                slope = self.tape.value(function(*dummies).diff(dummies[k]))
                lower(self.tape, [slope[1]])
                parts.append((slope, held[a]))
        return self._combined(parts)
