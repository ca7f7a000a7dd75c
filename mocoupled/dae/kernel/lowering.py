"""From sums and products on a tape to operations of one or two operands, with what they share computed once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

from .operations import Tape, arguments

LARGEST_DENOMINATOR = 12  # of the exponents that are powers of one exponential


def lower(tape: Tape, roots: Iterable[int]):
    """Replace the products behind the roots by multiplications of two, with shared parts of products and of sums
    taken out."""
    roots = list(roots)
    reached = tape.order(roots)
    _scale_products(tape, reached, set(roots))
    share_sums(
        tape,
        [i for i in reached if tape.moving[i] and tape.nodes[i][0] == "sum" and len(tape.nodes[i][1]) > 1],
    )
    products = {i: dict(tape.nodes[i][1]) for i in reached if tape.nodes[i][0] == "product"}
    exponents: dict[int, set[float]] = {
        i: {1.0} for i in reached if tape.nodes[i][0] == "exp" and tape.moving[i]
    }
    for factors in products.values():
        for i, e in factors.items():
            exponents.get(i, set()).add(e)
    units = {i: _unit(found) for i, found in exponents.items()}
    roots = {
        i: (i if unit == 1.0 else tape.add(("exp", tape.nodes[i][1], unit)), unit)
        for i, unit in units.items()
    }

    def chain_of(i, e):
        if i not in roots:
            return _whole_powers(tape, i, e)
        root, unit = roots[i]
        times = e / unit
        return _whole_powers(tape, root, float(round(times)) if abs(times - round(times)) < 1e-9 else times)

    chains = {
        i: [node for k, e in factors.items() for node in chain_of(k, e)] for i, factors in products.items()
    }
    chains |= {i: chain_of(i, 1.0) for i, (root, _) in roots.items() if root != i}
    for chain in chains.values():  # divisions, then what does not move, come last: derivatives see them so
        chain.sort(key=lambda i: (not tape.moving[i], tape.nodes[i][0] == "inv"))
    _share_pairs(tape, chains)
    for i, (first, *others) in chains.items():
        while len(others) > 1:
            first = tape.pair(first, others.pop(0))
        tape.replace(i, ("mul", *sorted((first, *others))) if others else ("sum", ((first, 1.0),)))
    tape.lowered = True


def _scale_products(tape, reached, roots):
    """Put numbers into factors that do not move, where a product is used as a term of sums only."""
    uses: dict[int, list[float]] = {}
    inside: dict[int, list[int]] = {}
    for i in reached:
        if tape.nodes[i][0] == "sum":
            for k, c in tape.nodes[i][1]:
                uses.setdefault(k, []).append(c)
                inside.setdefault(k, []).append(i)
        else:
            for k in arguments(tape.nodes[i]):
                uses.setdefault(k, []).append(0.0)
    for i in reached:
        if i in roots or not tape.moving[i] or not tape.scalable(i) or 0.0 in uses[i]:
            continue
        size = max(map(abs, uses[i]), key=[abs(c) for c in uses[i]].count)
        if size == 1.0:
            continue
        factors = [(k, e) if tape.moving[k] else (tape.node((size, k)), e) for k, e in tape.nodes[i][1]]
        tape.redefine(i, ("product", tuple(factors)))
        for k in set(inside[i]):
            tape.redefine(k, ("sum", tuple((j, c / size if j == i else c) for j, c in tape.nodes[k][1])))


def _whole_powers(tape, i, e):
    """Nodes whose product is i**e."""
    if tape.nodes[i][0] == "exp" and e != int(e):  # an odd exponent of an exponential
        return [tape.add(("exp", tape.nodes[i][1], e * tape.nodes[i][2]))]
    if e != int(e) or abs(e) > 64:
        return [tape.add(("pow", i, e))]
    if e < 0:
        first, *others = _whole_powers(tape, i, -e)
        for node in others:
            first = tape.pair(first, node)
        return [tape.add(("inv", first))]
    if e == 1:
        return [i]
    half = i
    for _ in range(int(math.log2(e))):
        half = tape.pair(half, half)
    rest = e - 2 ** int(math.log2(e))
    return [half, *(_whole_powers(tape, i, rest) if rest else [])]


def _share_pairs(tape, chains):
    """Multiply first those pairs of factors that several products have."""
    while True:
        counts: dict[tuple[int, int], int] = {}
        for chain in chains.values():
            for pair in {tuple(sorted((a, b))) for k, a in enumerate(chain) for b in chain[k + 1 :]}:
                counts[pair] = counts.get(pair, 0) + 1
        pair = max(counts, key=lambda p: (counts[p], -p[0], -p[1]), default=None)
        if pair is None or counts[pair] < 2:
            return
        made = tape.pair(*pair)
        for chain in chains.values():
            if pair[0] in chain and pair[1] in chain and (pair[0] != pair[1] or chain.count(pair[0]) > 1):
                chain.remove(pair[0])
                chain.remove(pair[1])
                chain.append(made)


def share_sums(tape: Tape, sums: Sequence[int]):
    """Take out the largest part that two sums have in common up to a factor, until none has two moving terms."""
    terms: dict[int, dict[int, float]] = {}
    for i in sums:
        total: dict[int, float] = {}
        for k, c in tape.nodes[i][1]:
            total[tape.same(k)] = total.get(tape.same(k), 0.0) + c
        terms[i] = total
    while True:
        best, where = 1, None
        keys = list(terms)
        for k, one in enumerate(keys):
            for other in keys[k + 1 :]:
                ratios: dict[float, list[int]] = {}
                for i, c in terms[one].items():
                    if i in terms[other] and tape.moving[i]:
                        ratios.setdefault(float(f"{terms[other][i] / c:.14g}"), []).append(i)
                for ratio, common in ratios.items():
                    if len(common) > best:
                        best, where = len(common), (one, common)
        if where is None:
            break
        one, common = where
        factor, part = tape.sum((terms[one][i], i) for i in common)
        inside = dict(tape.nodes[part][1])
        for i in keys:
            if i != part and all(k in terms[i] for k in inside):
                shares = {float(f"{terms[i][k] / c:.14g}") for k, c in inside.items()}
                if len(shares) == 1:
                    share = terms[i][common[0]] / inside[common[0]]
                    terms[i] = {k: c for k, c in terms[i].items() if k not in inside} | {part: share}
        terms.setdefault(part, inside)
    for i, found in terms.items():
        tape.replace(i, ("sum", tuple(sorted(found.items()))))


def _unit(exponents: Iterable[float]) -> float:
    """1 over the common denominator of the exponents of an exponential, of whose root they are whole powers."""
    fractions = [Fraction(e).limit_denominator(LARGEST_DENOMINATOR) for e in exponents]
    if any(abs(float(f) - e) > 1e-12 for f, e in zip(fractions, exponents)):
        return 1.0
    return 1.0 / math.lcm(*(f.denominator for f in fractions))
