"""The page of `mocoupled compare`: a block for each record, known offsets, and the largest differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...comparison.answers import METHODS, Comparison, Entry
from ...constants import BAR
from ...planet.species_of_case import GRAPHITE
from .text import plain, rows, table

if TYPE_CHECKING:
    from rich.console import Console

    from ...comparison.factsage import Table

HEADS = {"ours": "few gases", "full": "all gases", "oracle": "Cantera", "cea": "CEA"}
CEA = "NASA CEA"
NEAR = 0.03  # dex
SMALL = 1e-2  # bar; pressures below are printed with three digits and a power of ten
TRACE = 1e-9  # of the carbon; less graphite than this is the tail of the smooth switch, and there is none


def print_comparison(comparisons: Sequence[Comparison], console: Console) -> None:
    """Print the comparisons of one table: head, a block for each record, and the largest differences."""
    head = comparisons[0].record.table
    console.print(plain(f"\n{head.name}", "bold"))
    rows([(label, text) for label, text in _head(head) if text], console)
    methods = [m for m in METHODS if any(m in c.methods for c in comparisons)]
    console.print()
    rows([(HEADS[m], next(c.methods[m] for c in comparisons if m in c.methods)) for m in methods], console)
    reasons = dict.fromkeys(reason for c in comparisons for reason in c.silent.items())
    for method, why in reasons:
        rows([(HEADS[method], why)], console)
    for comparison in comparisons:
        _print_record(comparison, methods, console)
    _print_offsets(comparisons, console)
    _print_farthest(comparisons, methods, console)


def _head(head: Table) -> list[tuple[str, str]]:
    """What the head of a table says."""
    return [
        ("source", head.source),
        ("version", head.version),
        ("species", head.species),
        ("gas", "real" if head.gas == "real" else ""),
        ("a printed 0", "" if head.zero == "not stated" else head.zero),
        ("sheet", head.sheet),
        *(("note", note) for note in head.notes),
    ]


def _print_record(comparison: Comparison, methods: Sequence[str], console: Console) -> None:
    """Pressures of a record as printed and as computed, graphite, other quantities, and notes."""
    record, state = comparison.record, comparison.state
    body = []
    for entry in sorted(comparison.entries, key=lambda e: -e.theirs):
        cells = [entry.species, _bar(entry.theirs)]
        for method in methods:
            cells += [_bar(entry.computed.get(method, math.nan)), _apart(entry, method)]
        body.append(cells)
    body += _graphite(comparison, methods) + _quantities(comparison, methods)
    fugacity = comparison.log10_fO2.get("full", math.nan) if state.case is None else state.log10_fO2
    oxygen = f", log10 fO2 {fugacity:.4f}" if math.isfinite(fugacity) else ""
    title = (
        f"{record.name}, {record.program}: {record.temperature:g} K, {state.pressure / BAR:.6g} bar{oxygen}"
    )
    head = ["bar", "CEA" if record.program == CEA else "printed"]
    for method in methods:
        head += [HEADS[method], "dex"]
    if body:
        table(title, head, body, console)
    else:
        console.print(plain(f"\n{title}", "bold"))
    for note in comparison.notes:
        console.print(plain(f"note: {note}", "yellow"))
    for name, why in comparison.passed.items():
        console.print(plain(f"{name}: not modelled, passed over ({why})", "yellow"))


def _quantities(comparison: Comparison, methods: Sequence[str]) -> list[list[str]]:
    """Rows of what a record has besides pressures and graphite."""
    body = []
    for quantity in comparison.quantities:
        cells = [quantity.name, f"{quantity.theirs:.5g}"]
        for method in methods:
            value, dex = quantity.computed.get(method, math.nan), quantity.dex(method)
            cells.append(f"{value:.5g}" if math.isfinite(value) else "-")
            cells.append(f"{dex:+.4f}" if math.isfinite(dex) else "-")
        body.append(cells)
    return body


def _graphite(comparison: Comparison, methods: Sequence[str]) -> list[list[str]]:
    """The row of graphite; no row where neither the table nor a method has some."""
    amounts = {
        method: comparison.condensates[method].get(GRAPHITE, 0.0)
        for method in methods
        if method in comparison.condensates
    }
    trace = TRACE * comparison.state.moles.get("C", 0.0)
    printed = comparison.record.condensates.get(GRAPHITE)
    if printed is not None and math.isnan(printed):
        printed = None
    if not printed and not any(n > trace for n in amounts.values()):
        return []
    cells = [f"{GRAPHITE}, mol", "-" if printed is None else f"{printed:.5g}"]
    for method in methods:
        n = amounts.get(method, math.nan)
        entry = Entry(GRAPHITE, printed or 0.0, 0.0, {method: n})
        cells += [f"{n:.5g}" if n > trace else "-", _apart(entry, method)]
    return [cells]


def _print_offsets(comparisons: Sequence[Comparison], console: Console) -> None:
    """Known offsets: those of every record once, the others by record."""
    common = [r for r in comparisons[0].reasons if all(r in c.reasons for c in comparisons)]
    groups: dict[str, list[str]] = {}
    for comparison in comparisons:
        rest = "\n".join(r for r in comparison.reasons if r not in common)
        if rest:
            groups.setdefault(rest, []).append(f"{comparison.record.name}, {comparison.record.program}")
    if not common and not groups:
        return
    console.print(plain("\nknown offsets", "bold"))
    if common:
        rows([("of all", "\n".join(common))], console)
    rows([("; ".join(names), text) for text, names in groups.items()], console)


def _print_farthest(comparisons: Sequence[Comparison], methods: Sequence[str], console: Console) -> None:
    """The largest difference of each method, and how many of the values are near to the printed ones."""
    body = []
    for method in methods:
        pairs = []
        for comparison in comparisons:
            entry = comparison.farthest(method)
            if entry is not None:
                pairs.append((comparison, entry))
        if not pairs:
            continue
        farthest, entry = max(pairs, key=lambda pair: abs(pair[1].dex(method)))
        shared = [e for comparison in comparisons for e in comparison.shared(method)]
        near = [abs(e.dex(method)) <= NEAR or e.rounds(method) for e in shared]
        body.append(
            (
                HEADS[method],
                _apart(entry, method),
                f"{entry.percent(method):+.2f}",
                f"{entry.species} of {farthest.record.name}, {farthest.record.program}",
                f"{sum(near)} of {len(near)}",
            )
        )
    if body:
        head = ("", "dex", "%", "where", f"within {NEAR:g} dex, or as printed")
        table("largest difference", head, body, console)


def _bar(pressure: float) -> str:
    value = pressure / BAR
    if math.isnan(value):
        return "-"
    if value == 0:
        return "0"
    return f"{value:.5g}" if value >= SMALL else f"{value:.2e}"


def _apart(entry: Entry, method: str) -> str:
    value = entry.dex(method)
    return f"{round(value, 4) + 0.0:+.4f}" if math.isfinite(value) else "-"
