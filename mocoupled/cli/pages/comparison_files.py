"""The files of `mocoupled compare --output`: figures, a CSV of the numbers, and a CSV of the notes."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...comparison.answers import Comparison
from ...comparison.result_dataset import dataset
from ...constants import BAR
from ...files import write_text
from ...plots import draw_comparison, draw_residuals

if TYPE_CHECKING:
    import xarray

HEAD = (
    "record",
    "program",
    "temperature [K]",
    "species",
    "printed [bar]",
    "half of last digit [bar]",
    "solver",
    "computed [bar]",
    "difference [dex]",
)


def write_comparison(comparisons: Sequence[Comparison], folder: Path, name: str, format: str) -> list[Path]:
    """Write the figures, a CSV of the numbers, and a CSV of notes where there are some; the paths.

    The first CSV has a line for each record, species and solver. format: of the figures.
    """
    result = dataset(comparisons)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    if result.sizes["species"]:
        files += draw_comparison(result, folder, name, format)
        files += draw_residuals(result, folder, f"{name}-residuals", format)
    files.append(_write_rows(folder / f"{name}.csv", [HEAD, *_numbers(result)]))
    notes = [(c.record.name, "note", note) for c in comparisons for note in c.notes]
    for comparison in comparisons:
        for what, why in comparison.passed.items():
            notes.append((comparison.record.name, f"passed over: {what}", why))
    if notes:
        files.append(_write_rows(folder / f"{name}-notes.csv", [("record", "what", "text"), *notes]))
    return files


def _numbers(result: xarray.Dataset) -> Iterator[tuple[str, ...]]:
    """A row for each record, species and solver that has a value."""
    for k in range(result.sizes["record"]):
        head = (str(result.record.values[k]), str(result.program.values[k]))
        temperature = float(result.temperature.values[k])
        for j, species in enumerate(result.species.values):
            theirs, half = (float(result[name].values[k, j]) / BAR for name in ("theirs", "rounding"))
            for m, solver in enumerate(result.solver.values):
                computed = float(result.pressure.values[k, m, j]) / BAR
                difference = float(result.difference.values[k, m, j])
                if math.isfinite(computed):
                    yield (
                        *head,
                        f"{temperature:.10g}",
                        str(species),
                        f"{theirs:.10g}",
                        f"{half:.3g}",
                        str(solver),
                        f"{computed:.10g}",
                        f"{difference:.6f}",
                    )


def _write_rows(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    """Write the rows as a CSV file, whole or not at all; its path."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write_text(path, text.getvalue())
    return path
