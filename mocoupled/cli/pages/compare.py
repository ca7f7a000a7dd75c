"""What `mocoupled compare` prints and writes: other programs' equilibria beside ours, species by species."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ...comparison.answers import Comparison
from ...comparison.factsage import Record, read_table, shipped_tables
from ...comparison.modelled import modelled
from ...comparison.side_by_side import METHODS, Answer, Entry, compare, dataset, independent
from ...constants import BAR
from ...errors import InputError
from ...files import new_folder, write_text
from ...planet.species_of_case import GRAPHITE
from .pages import rows, table

HEADS = {"ours": "few gases", "full": "all gases", "oracle": "Cantera", "cea": "CEA"}
CEA = "NASA CEA"
NEAR = 0.03  # dex
SMALL = 1e-2  # bar; pressures below are printed with three digits and a power of ten
TRACE = 1e-9  # of the carbon; less graphite than this is the tail of the smooth switch, and there is none


def compare_factsage(
    paths: Iterable[str | os.PathLike], console: Console, output: str | os.PathLike | None = None, *, mechanism: str | None = None,
    format: str = "png", fugacity: str | None = None,
) -> list[Path]:  # fmt: skip
    """Compare the equilibria of tables with ours; print them, and write figures and a CSV for each table.

    paths: tables, workbooks or Equilib texts, the shipped tables when empty. output: folder for the files (a figure of
    the pressures, a bar chart of the differences, the numbers, and the notes where there are some), none written
    without. mechanism: for "all gases" and Cantera, by default the smallest shipped one that has all gases of the
    elements. fugacity: law for tables of a real gas. The files written. InputError, before anything is computed, for a
    table that cannot be read.
    """
    folder = None if output is None else new_folder(output)
    read = [(Path(p).stem, read_table(p)) for p in (list(paths) or shipped_tables())]
    files: list[Path] = []
    for name, records in _named(read):
        found = compare(records, mechanism=mechanism, fugacity=fugacity)
        _table(found, console)
        if folder is not None:
            files += _write(found, folder, name, format)
    return files


def compare_cea(
    paths: Iterable[str | os.PathLike],
    console: Console,
    output: str | os.PathLike | None = None,
    *,
    format: str = "png",
) -> list[Path]:
    """Compare our kernel with NASA's CEA on the problems of tables (the shipped ones when empty).

    Prints and writes as `compare_factsage`, with CEA in the place of the table. InputError where the package is not installed.
    """
    folder = None if output is None else new_folder(output)
    read = [(Path(p).stem, read_table(p)) for p in (list(paths) or shipped_tables())]
    files: list[Path] = []
    for name, records in _named(read):
        found, silent = [], {}
        for record in (modelled(r, None) for r in _once(records)):
            answer = (
                independent(record)
                if any(n > 0 for n in record.moles.values()) or record.case
                else Answer({}, {}, "", "nothing can be compared")
            )
            if answer.silent:
                silent[record.name] = answer.silent
            else:
                found += compare([_of_cea(record, answer)], cea=False)
        if silent and all(why.startswith("not installed") for why in silent.values()):
            raise InputError(
                "compare cea",
                "the package `cea` is not installed, so nothing is compared.",
                cure="pip install 'mocoupled[cea]'",
            )
        for why in dict.fromkeys(silent.values()):
            which = ", ".join(n for n, text in silent.items() if text == why)
            console.print(_text(f"NASA CEA: {why} ({which})", "yellow"))
        if found:
            _table(tuple(found), console)
            if folder is not None:
                files += _write(found, folder, f"cea-{name}", format)
    return files


def _named(read: Sequence[tuple[str, tuple[Record, ...]]]):
    """Tables with a name of their own each, for the files."""
    used: dict[str, int] = {}
    for name, records in read:
        used[name] = used.get(name, 0) + 1
        yield (f"{name}-{used[name]}" if used[name] > 1 else name), records


def _once(records):
    """Records whose problem stands several times in a table (of several programs) only once."""
    seen = set()
    for record in records:
        conditions = (record.temperature, record.pressure, record.melt_fraction, record.log10_fO2)
        key = (*conditions, *sorted(record.moles.items()), *sorted(record.case.items()))
        if key not in seen:
            seen.add(key)
            yield record


def _of_cea(record: Record, answer: Answer) -> Record:
    """The record with CEA's pressures of its species in place of the printed ones."""
    shown = [s for s in record.pressures if answer.pressures.get(s, 0.0) > 0]
    source = replace(
        record.table,
        name=f"{record.table.name}, by {CEA}",
        program=CEA,
        standard_pressure="1 bar",
        source=answer.what,
    )
    own = record.log10_fO2 if source.oxygen == "own" else None
    return replace(
        record, program=CEA, table=source, pressures={s: answer.pressures[s] for s in shown}, rounding=dict.fromkeys(shown, 0.0),
        log10_fO2=own, condensates={s: n for s, n in answer.condensates.items() if s == GRAPHITE}, activities={}, phases={}, fugacities={}, gas_moles=None, volume=None,
    )  # fmt: skip


# ---- printing


def _table(found: Sequence[Comparison], console: Console):
    """The comparisons of one table: its head, a block for each record, and the largest differences at the end."""
    head = found[0].record.table
    console.print(_text(f"\n{head.name}", "bold"))
    rows([(label, text) for label, text in _head(head) if text], console)
    methods = [m for m in METHODS if any(m in c.methods for c in found)]
    console.print()
    rows([(HEADS[m], next(c.methods[m] for c in found if m in c.methods)) for m in methods], console)
    for name, why in dict.fromkeys((m, why) for c in found for m, why in c.silent.items()):
        rows([(HEADS[name], why)], console)
    for comparison in found:
        _record(comparison, methods, console)
    _shared(found, console)
    _farthest(found, methods, console)


def _head(head) -> list[tuple[str, str]]:
    """What the head of a table says."""
    said = [
        ("source", head.source),
        ("version", head.version),
        ("species", head.species),
        ("gas", "real" if head.gas == "real" else ""),
    ]
    said += [("a printed 0", "" if head.zero == "not stated" else head.zero), ("sheet", head.sheet)]
    return said + [("note", note) for note in head.notes]


def _record(comparison: Comparison, methods, console):
    record, state = comparison.record, comparison.state
    body = []
    for entry in sorted(comparison.entries, key=lambda e: -e.theirs):
        cells = [entry.species, _bar(entry.theirs)]
        for method in methods:
            cells += [_bar(entry.computed.get(method, math.nan)), _apart(entry, method)]
        body.append(tuple(cells))
    graphite = _graphite(comparison, methods) + _quantities(comparison, methods)
    fugacity = comparison.log10_fO2.get("full", math.nan) if state.case is None else state.log10_fO2
    oxygen = f", log10 fO2 {fugacity:.4f}" if math.isfinite(fugacity) else ""
    title = (
        f"{record.name}, {record.program}: {record.temperature:g} K, {state.pressure / BAR:.6g} bar{oxygen}"
    )
    head = ["bar", "CEA" if record.program == CEA else "printed"]
    for method in methods:
        head += [HEADS[method], "dex"]
    if body or graphite:
        table(title, tuple(head), body + graphite, console)
    else:
        console.print(_text(f"\n{title}", "bold"))
    for note in comparison.notes:
        console.print(_text(f"note: {note}", "yellow"))
    for name, why in comparison.passed.items():
        console.print(_text(f"{name}: not modelled, passed over ({why})", "yellow"))


def _quantities(comparison, methods) -> list[tuple]:
    """Rows of what a record has besides pressures and graphite."""
    body = []
    for quantity in comparison.quantities:
        cells = [quantity.name, f"{quantity.theirs:.5g}"]
        for method in methods:
            value, dex = quantity.computed.get(method, math.nan), quantity.dex(method)
            cells += [
                f"{value:.5g}" if math.isfinite(value) else "-",
                f"{dex:+.4f}" if math.isfinite(dex) else "-",
            ]
        body.append(tuple(cells))
    return body


def _graphite(comparison, methods) -> list[tuple]:
    printed = comparison.record.condensates.get(GRAPHITE)
    amounts = {
        m: comparison.condensates[m].get(GRAPHITE, 0.0) for m in methods if m in comparison.condensates
    }
    carbon = comparison.state.moles.get("C", 0.0)
    printed = None if printed is None or math.isnan(printed) else printed
    if not printed and not any(n > TRACE * carbon for n in amounts.values()):
        return []
    cells = [f"{GRAPHITE}, mol", "-" if printed is None else f"{printed:.5g}"]
    for method in methods:
        n = amounts.get(method, math.nan)
        entry = Entry(GRAPHITE, printed or 0.0, 0.0, {method: n})
        cells += [f"{n:.5g}" if n > TRACE * carbon else "-", _apart(entry, method)]
    return [tuple(cells)]


def _shared(found, console):
    """Known offsets: those of every record once, the others by record."""
    common = [r for r in found[0].reasons if all(r in c.reasons for c in found)]
    groups: dict[str, list[str]] = {}
    for comparison in found:
        rest = "\n".join(r for r in comparison.reasons if r not in common)
        if rest:
            groups.setdefault(rest, []).append(f"{comparison.record.name}, {comparison.record.program}")
    if not common and not groups:
        return
    console.print(_text("\nknown offsets", "bold"))
    if common:
        rows([("of all", "\n".join(common))], console)
    rows([("; ".join(names), text) for text, names in groups.items()], console)


def _farthest(found, methods, console):
    body = []
    for method in methods:
        entries = [(c, c.farthest(method)) for c in found]
        entries = [(c, e) for c, e in entries if e is not None]
        if entries:
            comparison, entry = max(entries, key=lambda pair: abs(pair[1].dex(method)))
            near = [abs(e.dex(method)) <= NEAR or e.rounds(method) for c in found for e in c.shared(method)]
            where = f"{entry.species} of {comparison.record.name}, {comparison.record.program}"
            within = f"{sum(near)} of {len(near)}"
            body.append(
                (HEADS[method], _apart(entry, method), f"{entry.percent(method):+.2f}", where, within)
            )
    if body:
        table(
            "largest difference",
            ("", "dex", "%", "where", f"within {NEAR:g} dex, or as printed"),
            body,
            console,
        )


def _bar(pressure: float) -> str:
    value = pressure / BAR
    return (
        "-"
        if math.isnan(value)
        else "0"
        if value == 0
        else f"{value:.5g}"
        if value >= SMALL
        else f"{value:.2e}"
    )


def _apart(entry: Entry, method: str) -> str:
    value = entry.dex(method)
    return f"{round(value, 4) + 0.0:+.4f}" if math.isfinite(value) else "-"


def _write(found: Sequence[Comparison], folder: Path, name: str, format: str) -> list[Path]:
    """The figures, a CSV with one line for each record, species and solver, and a CSV of notes where there are some."""
    from ...plots import draw_comparison, draw_residuals

    result = dataset(found)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = bool(result.sizes["species"])
    files = draw_comparison(result, folder, name, format) if drawn else []
    files += draw_residuals(result, folder, f"{name}-residuals", format) if drawn else []
    lines = [
        "record,program,temperature [K],species,printed [bar],half of last digit [bar],solver,computed [bar],difference [dex]"
    ]
    for k in range(result.sizes["record"]):
        for j, species in enumerate(result.species.values):
            theirs, half = (float(result[v].values[k, j]) / BAR for v in ("theirs", "rounding"))
            for m, solver in enumerate(result.solver.values):
                computed = float(result.pressure.values[k, m, j]) / BAR
                numbers = f"{theirs:.10g},{half:.3g},{solver},{computed:.10g},{float(result.difference.values[k, m, j]):.6f}"
                if math.isfinite(computed):
                    head = (result.record.values[k], result.program.values[k])
                    lines.append(
                        f"{','.join(map(_quoted, head))},{float(result.temperature.values[k]):.10g},{species},{numbers}"
                    )
    files.append(_lines(folder / f"{name}.csv", lines))
    notes = [(c.record.name, "note", note) for c in found for note in c.notes]
    notes += [(c.record.name, f"passed over: {what}", why) for c in found for what, why in c.passed.items()]
    if notes:
        files.append(
            _lines(
                folder / f"{name}-notes.csv",
                ["record,what,text", *(",".join(map(_quoted, row)) for row in notes)],
            )
        )
    return files


def _lines(path: Path, lines: Sequence[str]) -> Path:
    """The lines as a file, written whole or not at all."""
    write_text(path, "\n".join(lines) + "\n")
    return path


def _quoted(value) -> str:
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n') else text


def _text(value: str, style: str = "") -> Text:
    return Text(
        "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in value),
        style=style,
    )
