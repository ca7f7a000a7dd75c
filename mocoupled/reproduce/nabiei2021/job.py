"""The command `mocoupled reproduce nabiei2021`: claims judged by the melting model, figures 3 and 4 drawn
again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ...files import write_text
from ...version import __version__
from ..claims import evaluate, paper_claims
from ..claims_table import claims_csv, claims_markdown
from ..paper import (
    Pressed,
    Progress,
    Result,
    never_pressed,
    no_progress,
    pictures,
    requested_figures,
)
from .figures import FIGURES, draw
from .values import VALUES, Melts

TITLE = "Nabiei et al. 2021: the claims of the paper beside ours"


def chosen(figures: Iterable[int]) -> tuple[int, ...]:
    """The requested figures, all where none is requested; InputError, with the known ones, for another
    number."""
    return requested_figures(figures, FIGURES, "this figure is not made by the model.")


def reproduce(
    output: Path,
    figures: Iterable[int] = (),
    quick: bool = False,
    workers: int = 1,
    progress: Progress = no_progress,
    pressed: Pressed = never_pressed,
) -> Result:
    """Draw output/figures and, where no figure is named, judge the claims into output/claims.csv and
    claims.md.

    The whole takes seconds: `quick` and `workers`, which other papers need, change nothing.
    progress: called with the share done and the next piece of work. pressed: whether to stop.
    """
    only = tuple(figures)
    requested, melts = chosen(only), Melts()
    files: list[Path] = []
    output.mkdir(parents=True, exist_ok=True)
    for k, figure in enumerate(requested):
        progress(0.5 * k / len(requested), f"figure {figure}")
        if pressed():
            return Result(files=tuple(files), interrupted=True)
        files.append(draw(figure, melts, output))
    if only:
        return Result(files=tuple(files))
    progress(0.5, "claims")
    judged = evaluate(paper_claims("nabiei2021"), VALUES, melts, melts)
    table = claims_markdown(judged, TITLE, _about(melts), pictures(requested, FIGURES))
    for name, text in (("claims.csv", claims_csv(judged)), ("claims.md", table)):
        write_text(output / name, text)
        files.append(output / name)
    return Result(judged=tuple(judged), files=tuple(files))


def _about(melts: Melts) -> list[str]:
    """Sentences above the table of claims."""
    return [
        "Nabiei et al. 2021, Geophys. Res. Lett., doi 10.1029/2021GL092446, on the thermodynamic model of "
        "Boukaré, Ricard & Fiquet 2015. Made by `mocoupled reproduce nabiei2021`, "
        f"mocoupled {__version__}.",
        melts.olivine.attrs["uncertainty"],
        "Tables S1-S3 were not at hand: olivine is taken as (Mg0.9Fe0.1)2SiO4, pyrolite as 7 mol% FeO, "
        "42.5 mol% SiO2. Agreement in claims 3, 5 and 7 is partly by selection of the mixing law; claims "
        "4, 8, 16 and 19 are independent of it.",
    ]
