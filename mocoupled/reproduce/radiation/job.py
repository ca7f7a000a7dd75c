"""The command `mocoupled reproduce radiation`: fluxes beside published ones, as figures and tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ...files import atomically
from ..paper import PICTURES, Pressed, Progress, Result, never_pressed, no_progress, requested_figures
from .figures import FIGURES, draw
from .report import page_of
from .values import published, with_ours

POINTS, FEWER = 109, 28  # of each line of a figure


def chosen(figures: Iterable[int]) -> tuple[int, ...]:
    """The requested figures, all where none is requested; InputError for another number."""
    return requested_figures(figures, FIGURES, "there is no such figure.")


def reproduce(
    output: Path,
    figures: Iterable[int] = (),
    quick: bool = False,
    workers: int = 1,
    progress: Progress = no_progress,
    pressed: Pressed = never_pressed,
) -> Result:
    """Write radiation.md, with every published flux beside ours, and the figures.

    quick: lines of fewer points. workers: of no effect, the work takes some seconds. progress: called with
    the share done and a text. pressed: whether to stop.
    """
    requested = tuple(figures)
    (output / PICTURES).mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    rows = published()
    if not requested:
        progress(0.0, "tables")
        text = page_of(with_ours(rows))
        files.append(output / "radiation.md")
        atomically(files[-1], lambda temporary: temporary.write_text(text, encoding="utf-8"))
    for k, figure in enumerate(chosen(requested)):
        if pressed():
            break
        progress(0.3 + 0.7 * k / len(FIGURES), FIGURES[figure])
        files.append(draw(figure, rows, output, FEWER if quick else POINTS))
    return Result(files=tuple(files), interrupted=pressed())
