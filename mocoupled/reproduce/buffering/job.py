"""The command `mocoupled reproduce buffering`: the claims of arXiv 2605.04840 judged, its figures drawn
again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ...files import write_text
from ...schema.buffering_case import BufferingCase
from ...version import __version__
from ..claims import paper_claims
from ..paper import (
    Pressed,
    Progress,
    Result,
    never_pressed,
    no_progress,
    pictures,
    requested_figures,
)
from .energy import energy_csv, energy_markdown
from .figures import FIGURES, draw_figure
from .values import VALUES
from .verdicts import KINDS, claims_csv, claims_markdown, evaluate

TITLE = "Buffered magma oceans: the claims of arXiv 2605.04840 beside ours"
POINTS, FEWER = 40, 12  # of a line of a figure


def chosen(figures: Iterable[int]) -> tuple[int, ...]:
    """The requested figures, all where none is requested; InputError, with the known ones, for another
    number."""
    return requested_figures(figures, FIGURES, "this figure is not made from results.")


def reproduce(
    output: Path,
    figures: Iterable[int] = (),
    quick: bool = False,
    workers: int = 1,
    progress: Progress = no_progress,
    pressed: Pressed = never_pressed,
) -> Result:
    """Draw output/figures and, where no figure is named, judge the claims into output/claims.csv and
    claims.md, with the growth at prescribed and at conserved energy (energy.csv).

    quick: 12 points a line in place of 40. workers: not used, as the whole takes half a minute.
    progress: called with the share done and a text before each piece of work. pressed: whether to stop.
    """
    only = tuple(figures)
    requested = chosen(only)
    output.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for k, figure in enumerate(requested):
        progress(0.5 * k / len(requested), f"figure {figure}")
        if pressed():
            return Result(files=tuple(files), interrupted=True)
        files.append(draw_figure(figure, FEWER if quick else POINTS, output))
    if only:
        return Result(files=tuple(files))
    judged = evaluate(
        paper_claims("buffering", KINDS), VALUES, lambda share, text: progress(0.5 + 0.5 * share, text)
    )
    table = claims_markdown(judged, TITLE, _about(), pictures(requested, FIGURES), energy_markdown())
    written = (("claims.csv", claims_csv(judged)), ("energy.csv", energy_csv()), ("claims.md", table))
    for name, content in written:
        write_text(output / name, content)
        files.append(output / name)
    return Result(judged=tuple(judged), files=tuple(files))


def _about() -> list[str]:
    """Sentences above the table of claims."""
    attributes = {case: BufferingCase.read(case).attributes for case in ("earth", "mars")}
    earth = attributes["earth"]
    return [
        f"Made by `mocoupled reproduce buffering`, mocoupled {__version__}.",
        f'{earth["calibration"]}: {earth["calibration_provenance"]}. A verdict marked "calibrated" therefore '
        'proves nothing, one marked "selected a reading" little.',
        "Fe# with the same readings and other plausible values: "
        f"{_of_each(attributes, 'calibration_spread')}. With these values and other readings: "
        f"{_of_each(attributes, 'calibration_readings')}.",
    ]


def _of_each(attributes: Mapping[str, Mapping[str, str]], name: str) -> str:
    """An attribute of each case, as text."""
    return "; ".join(f"{case} {of_case[name]}" for case, of_case in attributes.items())
