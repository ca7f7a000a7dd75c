"""From sums and products on a tape to operations of one or two operands, with shared parts computed once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from .nodes import Exp, Inverse, Power, Product, Sum, Terms, Times
from .operations import ONE, Tape

LARGEST_DENOMINATOR = 12  # of the exponents that are powers of one exponential
ROUNDING = 1e-11  # of an exponent, of which nothing else is left: 2000.3 - 2000.1 - 0.2 is 2e-13


def lower(tape: Tape, roots: Iterable[int]) -> None:
    """Replace the products behind the roots by multiplications of two.

    Shared parts of products and of sums are taken out first.
    """
    roots = list(roots)
    reached = tape.order(roots)
    _scale_products(tape, reached, set(roots))
    share_sums(tape, [i for i in reached if tape.moving[i] and len(_terms(tape, i)) > 1])
    products: dict[int, dict[int, float]] = {}
    for i in reached:
        node = tape.nodes[i]
        if isinstance(node, Product):
            products[i] = dict(node.factors)
    chains = _chains(tape, reached, products)
    for chain in chains.values():  # divisions, then what does not move, come last: derivatives see them so
        chain.sort(key=lambda i: (not tape.moving[i], isinstance(tape.nodes[i], Inverse)))
    _share_pairs(tape, chains)
    for i, (first, *others) in chains.items():
        while len(others) > 1:
            first = tape.pair(first, others.pop(0))
        if others:
            tape.replace(i, Times(min(first, others[0]), max(first, others[0])))
        else:
            tape.replace(i, Sum(((first, 1.0),)))
    tape.lowered = True


def _terms(tape: Tape, i: int) -> Terms:
    """The terms of a sum; none of another node."""
    node = tape.nodes[i]
    return node.terms if isinstance(node, Sum) else ()


def _chains(
    tape: Tape, reached: Sequence[int], products: Mapping[int, Mapping[int, float]]
) -> dict[int, list[int]]:
    """Node -> nodes whose product it is.

    These are the products, and the exponentials that are whole powers of a common root.
    """
    arguments: dict[int, int] = {}  # moving exponential -> its argument
    for i in reached:
        node = tape.nodes[i]
        if isinstance(node, Exp) and tape.moving[i]:
            arguments[i] = node.a
    exponents: dict[int, set[float]] = {i: {1.0} for i in arguments}
    for factors in products.values():
        for i, e in factors.items():
            exponents.get(i, set()).add(e)
    roots: dict[int, tuple[int, float]] = {}
    for i, powers in exponents.items():
        unit = _unit(powers)
        roots[i] = (i if unit == 1.0 else tape.add(Exp(arguments[i], unit)), unit)

    def chain_of(i: int, e: float) -> list[int]:
        """Nodes whose product is i**e."""
        if i not in roots:
            return _whole_powers(tape, i, e)
        root, unit = roots[i]
        times = e / unit
        whole = float(round(times))
        if not whole and abs(times) < ROUNDING:
            return []
        return _whole_powers(tape, root, whole if whole and abs(times - whole) < 1e-9 else times)

    chains = {
        i: [node for k, e in factors.items() for node in chain_of(k, e)] or [ONE]
        for i, factors in products.items()
    }
    return chains | {i: chain_of(i, 1.0) for i, (root, _) in roots.items() if root != i}


def _scale_products(tape: Tape, reached: Sequence[int], roots: set[int]) -> None:
    """Combine numbers with factors that do not move, where a product is used as a term of sums only."""
    uses: dict[int, list[float]] = {}
    inside: dict[int, list[int]] = {}
    for i in reached:
        node = tape.nodes[i]
        if isinstance(node, Sum):
            for k, c in node.terms:
                uses.setdefault(k, []).append(c)
                inside.setdefault(k, []).append(i)
        else:
            for k in node.inputs:
                uses.setdefault(k, []).append(0.0)
    for i in reached:
        if i in roots or not tape.moving[i] or not tape.scalable(i) or 0.0 in uses[i]:
            continue
        size = max(map(abs, uses[i]), key=[abs(c) for c in uses[i]].count)
        if size == 1.0:
            continue
        tape.redefine(i, tape.scaled_factors(i, size))
        for k in set(inside[i]):
            tape.redefine(k, Sum(tuple((j, c / size if j == i else c) for j, c in _terms(tape, k))))


def _whole_powers(tape: Tape, i: int, e: float) -> list[int]:
    """Nodes whose product is i**e."""
    node = tape.nodes[i]
    if isinstance(node, Exp) and e != int(e):  # an exponent that is no multiple of the unit
        return [tape.add(Exp(node.a, e * node.factor))]
    if e != int(e) or abs(e) > 64:
        return [tape.add(Power(i, e))]
    if e < 0:
        first, *others = _whole_powers(tape, i, -e)
        for other in others:
            first = tape.pair(first, other)
        return [tape.add(Inverse(first))]
    if e == 1:
        return [i]
    half = i
    for _ in range(int(math.log2(e))):
        half = tape.pair(half, half)
    rest = e - 2 ** int(math.log2(e))
    return [half, *(_whole_powers(tape, i, rest) if rest else [])]


def _share_pairs(tape: Tape, chains: Mapping[int, list[int]]) -> None:
    """Multiply first those pairs of factors that several products have; the chains are changed in place."""
    while True:
        counts: dict[tuple[int, int], int] = {}
        for chain in chains.values():
            pairs = {(min(a, b), max(a, b)) for k, a in enumerate(chain) for b in chain[k + 1 :]}
            for pair in pairs:
                counts[pair] = counts.get(pair, 0) + 1
        if not counts:
            return
        low, high = max(counts, key=lambda p: (counts[p], -p[0], -p[1]))
        if counts[low, high] < 2:
            return
        made = tape.pair(low, high)
        for chain in chains.values():
            if low in chain and high in chain and (low != high or chain.count(low) > 1):
                chain.remove(low)
                chain.remove(high)
                chain.append(made)


def share_sums(tape: Tape, sums: Sequence[int]) -> None:
    """Take out parts that two sums have in common up to a factor, the largest first.

    It ends when no common part has two moving terms.
    """
    terms = {i: _collected(tape, i) for i in sums}
    while True:
        shared = _largest_shared(tape, terms)
        if shared is None:
            break
        source, common = shared
        _, part = tape.sum((terms[source][i], i) for i in common)
        inside = dict(_terms(tape, part))
        for i in list(terms):
            if i != part and all(k in terms[i] for k in inside):
                shares = {float(f"{terms[i][k] / c:.14g}") for k, c in inside.items()}
                if len(shares) == 1:
                    share = terms[i][common[0]] / inside[common[0]]
                    terms[i] = {k: c for k, c in terms[i].items() if k not in inside} | {part: share}
        terms.setdefault(part, inside)
    for i, total in terms.items():
        tape.replace(i, Sum(tuple(sorted(total.items()))))


def _collected(tape: Tape, i: int) -> dict[int, float]:
    """The terms of a sum, equal nodes collected."""
    total: dict[int, float] = {}
    for k, c in _terms(tape, i):
        total[tape.same(k)] = total.get(tape.same(k), 0.0) + c
    return total


def _largest_shared(tape: Tape, terms: Mapping[int, Mapping[int, float]]) -> tuple[int, list[int]] | None:
    """A sum and those of its terms that another sum has too, up to a factor.

    The largest such part, of at least two terms, or None.
    """
    best: tuple[int, list[int]] | None = None
    keys = list(terms)
    for k, first in enumerate(keys):
        for other in keys[k + 1 :]:
            ratios: dict[float, list[int]] = {}
            for i, c in terms[first].items():
                if i in terms[other] and tape.moving[i]:
                    ratios.setdefault(float(f"{terms[other][i] / c:.14g}"), []).append(i)
            for common in ratios.values():
                if len(common) > (1 if best is None else len(best[1])):
                    best = first, common
    return best


def _unit(exponents: Iterable[float]) -> float:
    """1 over the common denominator of the exponents: all are whole multiples of it, or else 1."""
    fractions = [Fraction(e).limit_denominator(LARGEST_DENOMINATOR) for e in exponents]
    if any(abs(float(f) - e) > 1e-12 for f, e in zip(fractions, exponents)):
        return 1.0
    return 1.0 / math.lcm(*(f.denominator for f in fractions))
