"""The work of `mocoupled compare`: other programs' equilibria beside ours, for each table."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from ...comparison.answers import Answer, Comparison
from ...comparison.factsage import Record, read_table, shipped_tables
from ...comparison.modelled_parts import modelled
from ...comparison.side_by_side import compare, independent
from ...errors import InputError
from ...files import new_folder
from ...planet.species_of_case import GRAPHITE
from .comparison_files import write_comparison
from .comparison_table import CEA, print_comparison
from .text import plain

Paths = Iterable[str | os.PathLike[str]]
NOTHING = Answer({}, {}, "", "nothing can be compared")


def compare_factsage(
    paths: Paths,
    console: Console,
    output: str | os.PathLike[str] | None = None,
    *,
    mechanism: str | None = None,
    format: str = "png",
    fugacity: str | None = None,
) -> list[Path]:
    """Compare the equilibria of tables with ours; print them, and write figures and a CSV for each table.

    paths: tables, workbooks or Equilib texts; the shipped tables when empty.
    output: folder for the files (a figure of the pressures, a bar chart of the differences, the numbers, and
    the notes where there are some); None: no files.
    mechanism: for "all gases" and Cantera; by default the smallest shipped one that has all gases of the
    elements.
    fugacity: law for tables of a real gas.
    Returns the paths written. InputError, before anything is computed, for a table that cannot be read.
    """
    folder = None if output is None else new_folder(output)
    files: list[Path] = []
    for name, records in _named_tables(paths):
        comparisons = compare(records, mechanism=mechanism, fugacity=fugacity)
        print_comparison(comparisons, console)
        if folder is not None:
            files += write_comparison(comparisons, folder, name, format)
    return files


def compare_cea(
    paths: Paths,
    console: Console,
    output: str | os.PathLike[str] | None = None,
    *,
    format: str = "png",
) -> list[Path]:
    """Compare our kernel with NASA's CEA on the problems of tables (the shipped ones when empty).

    Prints and writes as `compare_factsage`, with CEA in the place of the table.
    InputError where the package is not installed.
    """
    folder = None if output is None else new_folder(output)
    files: list[Path] = []
    for name, records in _named_tables(paths):
        comparisons, silent = _with_cea(records)
        if silent and all(why.startswith("not installed") for why in silent.values()):
            raise InputError(
                "compare cea",
                "the package `cea` is not installed, so nothing is compared.",
                cure="pip install 'mocoupled[cea]'",
            )
        for why in dict.fromkeys(silent.values()):
            which = ", ".join(record for record, text in silent.items() if text == why)
            console.print(plain(f"NASA CEA: {why} ({which})", "yellow"))
        if comparisons:
            print_comparison(comparisons, console)
            if folder is not None:
                files += write_comparison(comparisons, folder, f"cea-{name}", format)
    return files


def _with_cea(records: Iterable[Record]) -> tuple[list[Comparison], dict[str, str]]:
    """Our kernel beside CEA for each problem; and record -> why CEA gave no answer."""
    comparisons: list[Comparison] = []
    silent: dict[str, str] = {}
    for whole in _without_repetition(records):
        record = modelled(whole, None)
        comparable = bool(record.case) or any(n > 0 for n in record.moles.values())
        answer = independent(record) if comparable else NOTHING
        if answer.silent:
            silent[record.name] = answer.silent
        else:
            comparisons += compare([_of_cea(record, answer)], cea=False)
    return comparisons, silent


def _named_tables(paths: Paths) -> Iterator[tuple[str, tuple[Record, ...]]]:
    """(name for the files, records) of each table, after all are read; a repeated name gets a number."""
    tables = [(Path(path).stem, read_table(path)) for path in (list(paths) or shipped_tables())]
    used: dict[str, int] = {}
    for name, records in tables:
        used[name] = used.get(name, 0) + 1
        yield (f"{name}-{used[name]}" if used[name] > 1 else name), records


def _without_repetition(records: Iterable[Record]) -> Iterator[Record]:
    """Records without repetition: a table may have the same problem from several programs."""
    seen = set()
    for record in records:
        key = (
            (record.temperature, record.pressure, record.melt_fraction, record.log10_fO2),
            tuple(sorted(record.moles.items())),
            tuple(sorted(record.case.items())),
        )
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
    return replace(
        record,
        program=CEA,
        table=source,
        pressures={s: answer.pressures[s] for s in shown},
        rounding=dict.fromkeys(shown, 0.0),
        log10_fO2=record.log10_fO2 if source.oxygen == "own" else None,
        condensates={s: n for s, n in answer.condensates.items() if s == GRAPHITE},
        activities={},
        phases={},
        fugacities={},
        gas_moles=None,
        volume=None,
    )
