"""The command `mocoupled reproduce bower2022`: cases run, claims judged, figures drawn again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ...case import Case
from ...files import write_text
from ...version import __version__
from ..claims import Claim, Judged, evaluate, paper_claims
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
from ..runs import SAME, Outcome, run_all
from ..runs_table import runs_csv
from ..value_sources import Equilibria, Runs, Source
from .cases import FIGURES, collect, of_figure
from .figures import draw
from .values import VALUES

RUNS = "runs"
TITLE = "Bower et al. 2022: the claims of the paper beside ours"
LUMPED = "run with the lumped mantle, in which melt and crystals do not separate: E and F are the same"


def chosen(figures: Iterable[int]) -> tuple[int, ...]:
    """The requested figures, all where none is requested; InputError, with the known ones, for another
    number."""
    return requested_figures(figures, FIGURES, "this figure is not made from runs.")


def reproduce(
    output: Path,
    figures: Iterable[int] = (),
    quick: bool = False,
    workers: int = 2,
    progress: Progress = no_progress,
    pressed: Pressed = never_pressed,
    cases: Mapping[str, Case] | None = None,
) -> Result:
    """Run the cases into output/runs, draw output/figures and, where no figure is named, judge the claims.

    figures: numbers; () for all figures and the claims. quick: 50 cells, inventories 1, 3 and 10.
    cases: in place of those of the paper (for tests). progress and pressed: as in `runs.run_all`.
    Cases that compute the same share a run.
    """
    only = tuple(figures)
    requested = chosen(only)
    published = () if only else paper_claims("bower2022")
    if cases is None:
        cases = collect(_names(requested, published, quick), quick)
    first_of = _distinct(_needed(requested, published, quick), cases)
    output.mkdir(parents=True, exist_ok=True)
    distinct = {name: cases[name] for name in dict.fromkeys(first_of.values())}
    done = run_all(distinct, output / RUNS, workers, progress, pressed)
    outcomes = {name: _outcome(name, first, done[first]) for name, first in first_of.items()}
    problems = tuple(f"{name}: {o.status}: {o.reason}" for name, o in outcomes.items() if not o.usable)
    if pressed():
        return Result(outcomes=outcomes, problems=problems, interrupted=True)
    usable = {name: first for name, first in first_of.items() if done[first].usable}
    runs = Runs(output / RUNS, usable, Equilibria(cases))
    files = [_write(output / "runs.csv", runs_csv(outcomes, runs.run))]
    for k, figure in enumerate(requested):
        progress(k / len(requested), f"figure {figure}")
        if pressed():
            return Result(outcomes=outcomes, files=tuple(files), problems=problems, interrupted=True)
        files.append(draw(figure, runs, output, quick))
    judged: list[Judged] = []
    if not only:
        progress(1.0, "claims")
        judged = judge_all(published, runs)
        table = claims_markdown(judged, TITLE, _about(cases, quick), pictures(requested, FIGURES))
        files.append(_write(output / "claims.csv", claims_csv(judged)))
        files.append(_write(output / "claims.md", table))
    return Result(outcomes=outcomes, judged=tuple(judged), files=tuple(files), problems=problems)


def _names(figures: Iterable[int], published: Iterable[Claim], quick: bool) -> list[str]:
    """Names of the cases of figures and claims."""
    names = [name for figure in figures for name in of_figure(figure, quick)]
    for claim in published:
        if claim.kind in ("run", "equilibrium", "input"):
            names += claim.cases
    return names


def _needed(figures: Iterable[int], published: Iterable[Claim], quick: bool) -> set[str]:
    """Names of the cases that must be run. quick: of those, only the cases that a quick figure draws."""
    needed = {name for figure in figures for name in of_figure(figure, quick)}
    for claim in published:
        if claim.kind == "run":
            needed |= set(claim.cases)
    if quick:
        needed &= {name for figure in FIGURES for name in of_figure(figure, True)}
    return needed


def _distinct(needed: set[str], cases: Mapping[str, Case]) -> dict[str, str]:
    """Name of each needed case -> name of the first case that computes the same, in the order of the
    cases."""
    first_of_checksum: dict[str, str] = {}
    return {
        name: first_of_checksum.setdefault(case.checksum, name)
        for name, case in cases.items()
        if name in needed
    }


def _outcome(name: str, first: str, outcome: Outcome) -> Outcome:
    """The outcome of a case whose run is that of `first`."""
    if name != first and outcome.usable:
        return Outcome(SAME, f"as {first}")
    return outcome


def _write(path: Path, text: str) -> Path:
    """Write a file whole or not at all."""
    write_text(path, text)
    return path


def judge_all(published: Iterable[Claim], runs: Runs) -> list[Judged]:
    """Every claim judged from the stored runs."""
    lumped = any(case.mantle.model == "lumped" for case in runs.equilibria.cases.values())
    along_runs: Source = runs
    without_run: Source = runs.equilibria
    return evaluate(published, VALUES, along_runs, without_run, LUMPED if lumped else "")


def _mantle(case: Case) -> str:
    """The model of the mantle, with its number of cells where it has cells."""
    if case.mantle.model == "lumped" or not hasattr(case.mantle, "cells"):
        return case.mantle.model
    return f"{case.mantle.model}, {case.mantle.cells} cells"


def _about(cases: Mapping[str, Case], quick: bool) -> list[str]:
    """Sentences above the table of claims."""
    mantles = "; ".join(sorted({_mantle(case) for case in cases.values()}))
    command = "mocoupled reproduce bower2022 --quick" if quick else "mocoupled reproduce bower2022"
    subset = " Inventories 1, 3 and 10 alone (--quick)." if quick else ""
    return [
        "Bower, Hakim, Sossi & Sanan 2022, Planet. Sci. J. 3, 93, arXiv 2110.08029. Made by "
        f"`{command}`, mocoupled {__version__}; mantle: {mantles}.{subset}",
        '"agrees": within what the printed number leaves open, by rounding or by its wording; "within N %": '
        "outside of that by no more than N % of its nearer end, which is less than what is argued in "
        "`validation/published/bower2022_claims.csv` for numerical reasons; "
        '"without a run": the same quantity by equilibrium alone, molten at the initial temperature, partly '
        "molten at 1650 K with the melt fraction named (at the lid: 30 % for crystals of 1 mm, 2 % for 5 "
        "cm), "
        "where it does not depend on the mantle's model.",
    ]
